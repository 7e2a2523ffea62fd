"""Laws with breaks as residuals of points, and starts for their fit."""

from dataclasses import dataclass

import numpy as np

__all__ = ["BrokenModel", "first_starts", "grown", "kinked", "moved", "pairs"]

_WIDTHS = 0.02, 0.1, 0.5, 2.0
# exponents before a break and their changes at it, over a quarter of the range of ln x
_FIRST = np.array([-12.0, -4.0, -1.0, 0.0, 0.2, 1.0])
_CHANGES = np.array([-4.0, -1.0, 1.0, 4.0, 12.0, 36.0])


@dataclass(frozen=True)
class BrokenModel:
    """Residuals (S, n) and slopes (S, n, P) of laws (a, ln b, c0, c_i, ln d_i, ln f_i), (S, P)."""

    log_x: np.ndarray
    target: np.ndarray
    offset: float

    def __call__(self, thetas):
        S, P = thetas.shape
        a, log_b, c0 = thetas[:, :3].T[..., None]
        c, log_d, log_f = thetas[:, 3:].reshape(S, 3, -1, 1).transpose(1, 0, 2, 3)  # (S, breaks, 1)
        breaks = c.shape[1]
        f = np.exp(log_f)
        u = (self.log_x - log_d) / f
        small = np.log1p(np.exp(-np.abs(u)))
        softplus = np.maximum(u, 0.0) + small  # ln(1 + e^u), without overflow
        rising = np.exp(np.minimum(u, 0.0) - small)  # the logistic function
        bend = f * softplus
        power = np.exp(np.clip(log_b - c0 * self.log_x - (c * bend).sum(1), -600.0, 600.0))
        value = np.maximum(a + power + self.offset, 1e-300)
        slopes = np.empty((S, P, len(self.log_x)))
        slopes[:, 0] = 1.0
        slopes[:, 1] = power
        slopes[:, 2] = -power * self.log_x
        by = slopes[:, 3:].reshape(S, 3, breaks, -1)
        by[:, 0] = -bend
        by[:, 1] = c * rising
        by[:, 2] = c * (f * u * rising - bend)
        by *= power[:, None, None]
        slopes /= -value[:, None]
        return self.target - np.log(value), slopes.transpose(0, 2, 1)

    def one(self, theta):
        """Residuals (n,) and slopes (n, P) of one law."""
        residuals, slopes = self(theta[None])
        return residuals[0], slopes[0]

    def bounds(self, breaks):
        """a stays below every point; widths and places stay where the points could show them."""
        low = [-0.999 * self.offset] + [-np.inf] * (2 + breaks)
        low += [self.log_x.min() - 3.0] * breaks + [np.log(1e-3)] * breaks
        high = [np.inf] * (3 + breaks) + [self.log_x.max() + 3.0] * breaks + [np.log(30.0)] * breaks
        return np.array(low), np.array(high)


def _projected(model, a, log_d, log_f):
    """Laws (S, 3 + 3 breaks) from a (S,), ln d and ln f (S, breaks): the rest is linear in ln(y - a)."""
    log_x, y = model.log_x, np.exp(model.target) - model.offset
    f = np.exp(log_f)[..., None]
    bend = f * np.logaddexp(0.0, (log_x - log_d[..., None]) / f)
    columns = np.concatenate([np.ones((len(a), 2, len(y))), -bend], axis=1)
    columns[:, 1] = log_x.mean() - log_x
    above = np.maximum(y - a[:, None], 1e-6 * y.max())
    weight = above / (y + model.offset)  # d ln(y + offset) / d ln(y - a)
    columns *= weight[:, None]
    size = np.sqrt(np.einsum("skn,skn->sk", columns, columns)) + 1e-300
    columns /= size[..., None]
    right = columns @ (np.log(above) * weight)[..., None]
    square = columns @ columns.transpose(0, 2, 1) + 1e-10 * np.eye(columns.shape[1])
    level, c0, *c = (np.linalg.solve(square, right)[..., 0] / size).T
    return np.column_stack([a, level + c0 * log_x.mean(), c0, np.stack(c, axis=1), log_d, log_f])


def _levelled(model, c0, c, log_d, log_f):
    """Laws (S, 3 + 3 breaks) from all but a and b, in which y is linear; inf where b or a is too low."""
    y, f = np.exp(model.target) - model.offset, np.exp(log_f)[..., None]
    bend = f * np.logaddexp(0.0, (model.log_x - log_d[..., None]) / f)
    log_shape = -c0[:, None] * model.log_x - (c[..., None] * bend).sum(1)
    top = log_shape.max(1, keepdims=True)
    shape = np.exp(log_shape - top)
    weight = (y + model.offset) ** -2.0
    weight = weight / weight.sum()
    middle, level = shape @ weight, weight @ y
    apart = shape - middle[:, None]
    with np.errstate(all="ignore"):
        b = (apart @ (weight * (y - level))) / (apart**2 @ weight)
        a = level - b * middle
        found = np.column_stack([a, np.log(b) - top[:, 0], c0, c, log_d, log_f])
    return np.where(((b > 0) & (a > -model.offset))[:, None], found, np.inf)


def _mesh(*axes):
    """All combinations of the entries, one flat array an axis."""
    return [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]


def _places(log_x, most=40):
    """Where a break may be: midway between neighbours, so many of them at most."""
    points = np.unique(log_x)
    middle = 0.5 * (points[1:] + points[:-1])
    return middle[np.unique(np.linspace(0, len(middle) - 1, most).round().astype(int))]


def _floors(model):
    """Values of a: the lowest allowed, zero, and some up to the lowest point."""
    bottom = np.exp(model.target.min()) - model.offset
    shares = np.array([0.0, 0.5, 0.8, 0.95, 1.0])
    return np.unique(np.append(bottom * shares, model.offset * np.array([-0.5, -0.9])))


def first_starts(model):
    """Laws with one break."""
    places, quarter = _places(model.log_x), max(np.ptp(model.log_x) / 4, 0.25)
    change, at, c0, width = _mesh(_CHANGES / quarter, places, _FIRST / quarter, np.log([0.05, 0.3]))
    levelled = _levelled(model, c0, change[:, None], at[:, None], width[:, None])
    at, width, a = _mesh(places, np.log(_WIDTHS), _floors(model))
    projected = _projected(model, a, at[:, None], width[:, None])
    return np.concatenate(
        [
            _best_of_each(model, levelled, len(_CHANGES) * len(places)),
            _best_of_each(model, projected, len(_WIDTHS) * len(places)),
        ]
    )


def pairs(model):
    """Laws with two breaks: every pair of places."""
    places = _places(model.log_x, most=16)
    first, second = np.triu_indices(len(places), 1)
    widths = np.log([0.03, 0.3, 1.5])
    pair, two, one, a = _mesh(np.arange(len(first)), widths, widths, _floors(model))
    at = np.column_stack([places[first[pair]], places[second[pair]]])
    projected = _projected(model, a, at, np.column_stack([one, two]))
    return _best_of_each(model, projected, len(first) * len(widths))


def grown(model, end):
    """Laws with one more break than `end` (P,)."""
    places, quarter = _places(model.log_x), max(np.ptp(model.log_x) / 4, 0.25)
    c, log_d, log_f = end[3:].reshape(3, 1, -1)

    def joined(old, new):
        return np.column_stack([np.repeat(old, len(new), axis=0), new])

    at, width = _mesh(places, np.log(_WIDTHS))
    projected = _projected(model, np.full(len(at), end[0]), joined(log_d, at), joined(log_f, width))
    at, change, width = _mesh(places, _CHANGES / quarter, np.log([0.05, 0.3]))
    first = np.full(len(at), end[2])
    levelled = _levelled(model, first, joined(c, change), joined(log_d, at), joined(log_f, width))
    return np.concatenate([_best_of_each(model, found, len(places)) for found in (projected, levelled)])


def kinked(model, end):
    """Laws with one more break than `end` (P,) and else as they were: poor starts that lead far."""
    at, change = _mesh(_places(model.log_x, most=12), [-0.5, 0.5])
    rows = np.repeat(end[None], len(at), axis=0)
    head, (c, log_d, log_f) = rows[:, :3], rows[:, 3:].reshape(len(at), 3, -1).transpose(1, 0, 2)
    return np.column_stack([head, c, change, log_d, at, log_f, np.full(len(at), np.log(0.1))])


def _best_of_each(model, starts, blocks):
    """Of each of so many equal blocks of starts (S, P) the one that fits best: starts that lie apart."""
    low, high = model.bounds((starts.shape[1] - 3) // 3)
    with np.errstate(all="ignore"):
        misfit = (model(np.clip(starts, low, high))[0] ** 2).sum(1)
    misfit = np.where(np.isfinite(starts).all(1) & np.isfinite(misfit), misfit, np.inf).reshape(blocks, -1)
    best = misfit.argmin(1)
    return starts.reshape(blocks, -1, starts.shape[1])[np.arange(blocks), best][np.isfinite(misfit.min(1))]


def moved(model, ends):
    """Ends (E, P) with another a, or one break made wider or moved to a neighbouring place.

    A break narrower than the gap between points feels no slope along its width: only a jump leads away.
    """
    breaks, found, gap = (ends.shape[1] - 3) // 3, [], np.ptp(model.log_x) / (len(model.log_x) - 1)
    for place in range(3 + breaks, 3 + 2 * breaks):
        for shift in (-gap, gap):
            other = ends.copy()
            other[:, place] += shift
            found.append(other)
        for width in _WIDTHS:
            other = ends.copy()
            other[:, place + breaks] = np.log(width)
            found.append(other)
    for floor in _floors(model):  # the longest valleys run along a
        other = ends.copy()
        other[:, 0] = floor
        found.append(other)
    found = np.concatenate(found)
    log_d, log_f = found[:, 3 + breaks : 3 + 2 * breaks], found[:, 3 + 2 * breaks :]
    projected = _projected(model, found[:, 0], log_d, log_f)
    return np.concatenate([_best_of_each(model, each, len(each)) for each in (found, projected)])
