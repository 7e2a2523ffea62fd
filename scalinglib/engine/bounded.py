"""Bounded least squares, or Huber's sum, from several starts: constants that reach a bound are held on it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["NOTHING", "Descent", "descend", "spread"]

NOTHING = 1e-26  # a square of log residuals that is rounding

_NO_ANSWER = 1e-6  # cosine of the angle between the residuals and a constant's slope
_AT_BOUND = 1e-6  # of one plus the bound's size: trust-region steps come this close, and never touch
_LEAST_NOISE = 1e-3  # of log y; no measured loss is better than this


@dataclass(frozen=True, eq=False)
class Descent:
    """The best end of several descents.

    theta : (P,); residuals : (n,); slopes : (n, P), of the residuals; cost : the penalty;
    held : (P,), which constants ended on a bound; converged; starts_agreeing : how many descents ended
    within 1e-6 (relative) of the best.
    """

    theta: np.ndarray
    residuals: np.ndarray
    slopes: np.ndarray
    cost: float
    held: np.ndarray
    converged: bool
    starts_agreeing: int

    @property
    def rms(self):
        """Root mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residuals**2)))


def descend(model, starts, low, high, *, corner=np.inf):
    """Minimise the penalty of the residuals within bounds, from every row of `starts`.

    ``model(theta)`` gives residuals (n,) and their slopes (n, P); the penalty is half the squares, or Huber's
    with its `corner`. scipy's trust-region steps stay strictly inside the bounds; a constant that ends
    close to one is put on it and the rest are solved again, which is kept unless the penalty is higher.
    """
    options = {"loss": "huber", "f_scale": corner} if np.isfinite(corner) else {}
    nothing = np.zeros(low.size, dtype=bool)
    ends = [_one(model, start, nothing, low, high, 80, options) for start in starts]
    best = min(ends, key=lambda end: end.cost)
    if best.status == 0:  # slow but leading: it alone is worth the wait
        best = _one(model, best.x, nothing, low, high, 300, options)
    agreeing = sum(end.cost <= best.cost * (1.0 + 1e-6) + NOTHING * len(best.fun) for end in ends)
    theta, held = best.x, np.zeros(low.size, dtype=bool)
    for bound in (low, high):
        with np.errstate(invalid="ignore"):
            near = np.isfinite(bound) & (np.abs(theta - bound) <= _AT_BOUND * (1.0 + np.abs(bound)))
        for place in np.flatnonzero(near):
            trial, holds = theta.copy(), held.copy()
            trial[place], holds[place] = bound[place], True
            if holds.all():
                continue
            end = _one(model, trial, holds, low, high, 300, options)
            if end.cost <= best.cost * (1.0 + 1e-9) + NOTHING * len(end.fun):
                best, held, theta = end, holds, end.x
    residuals, slopes = model(theta)
    return Descent(
        theta=theta,
        residuals=residuals,
        slopes=slopes,
        cost=float(best.cost),
        held=held,
        converged=bool(best.status > 0) or _flat(np.clip(residuals, -corner, corner), slopes[:, ~held]),
        starts_agreeing=int(agreeing),
    )


def _flat(residuals, slopes):
    """Whether nothing is left to gain: no residuals, or none that a constant's slope could answer."""
    size = np.linalg.norm(residuals)
    if size**2 <= 2.0 * NOTHING * len(residuals):
        return True
    pull = np.abs(slopes.T @ residuals)
    return bool(np.all(pull <= _NO_ANSWER * size * np.linalg.norm(slopes, axis=0)))


def _one(model, start, held, low, high, steps, options):
    """One descent in the constants that are not held; the end has all of them in ``.x``."""
    from scipy.optimize import least_squares

    free = ~held
    seen = [None, None]  # scipy asks for residuals and slopes of the same point in two calls

    def at(part):
        if seen[0] is None or not np.array_equal(seen[0], part):
            theta = start.copy()
            theta[free] = part
            seen[:] = part.copy(), model(theta)
        return seen[1]

    inner = np.where(np.isfinite(high - low), 1e-9 * (high - low), 1e-9)
    inside = np.clip(start, low + inner, high - inner)[free]
    end = least_squares(
        lambda part: at(part)[0],
        inside,
        jac=lambda part: at(part)[1][:, free],
        bounds=(low[free], high[free]),
        x_scale="jac",
        xtol=1e-15,
        ftol=1e-13,
        gtol=1e-15,
        max_nfev=steps,
        **options,
    )
    theta = start.copy()
    theta[free] = end.x
    end.x = theta
    return end


def spread(slopes, residuals, free):
    """Standard deviation (P,) of the constants for the scatter of the residuals; zero where not free.

    Linearised, with a scatter of at least 0.001.
    """
    spare = len(residuals) - int(free.sum())
    # The median does not let a few wild points hide that the rest agree.
    scatter = 1.4826 * np.median(np.abs(residuals)) * np.sqrt(len(residuals) / max(spare, 1))
    noise = max(scatter, _LEAST_NOISE)
    found = np.where(free, np.inf, 0.0)
    scale = np.linalg.norm(slopes, axis=0)
    seen = free & np.isfinite(scale) & (scale > 1e-150)  # the points do not feel the others at all
    if seen.any():
        _, values, vectors = np.linalg.svd(slopes[:, seen] / scale[seen], full_matrices=False)
        values = np.maximum(values, 1e-12 * values[0])
        found[seen] = noise * np.sqrt(((vectors / values[:, None]) ** 2).sum(0)) / scale[seen]
    return found
