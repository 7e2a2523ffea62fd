"""Bounded least squares, or Huber's sum, from several starts: constants that reach a bound are held on it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["NOTHING", "Descent", "descend", "descend_together", "settle", "spread"]

NOTHING = 1e-26  # a square of log residuals that is rounding

_NO_ANSWER = 1e-6  # cosine of the angle between the residuals and a constant's slope
_AT_BOUND = 1e-6  # of one plus the bound's size: trust-region steps come this close, and never touch
_STILL = 1e-13  # relative; a step that promises less is the last
_STUCK = 1e12  # damping at which no step is left to try
_FORGETS = 0.5  # of the largest slope met, a step: a wild start must not shorten all later steps
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


def descend_together(model, starts, low, high, *, steps):
    """Least squares within bounds from every row of `starts` (S, P) at once: ends (S, P) and costs (S,).

    ``model(thetas)`` gives residuals (S, n) and slopes (S, n, P); a cost is half the squares. Damped
    Gauss-Newton steps (Marquardt's units, Nielsen's damping) in all starts together cost little more than
    in one. They tell which starts lead; the leaders should go on through `descend`.
    """
    theta = np.clip(np.asarray(starts, dtype=float), low, high)
    P = theta.shape[1]
    with np.errstate(all="ignore"):  # trial steps may be wild
        residuals, slopes = model(theta)
        cost = _costs(residuals)
        ends, costs = theta.copy(), cost.copy()
        live = np.flatnonzero(np.isfinite(cost))
        theta, residuals, slopes, cost = theta[live], residuals[live], slopes[live], cost[live]
        damping, growth, unit = np.full(len(live), 1e-2), np.full(len(live), 2.0), np.zeros((len(live), P))
        for _ in range(steps):
            if not live.size:
                break
            across = slopes.transpose(0, 2, 1)
            gradient, square = (across @ residuals[..., None])[..., 0], across @ slopes
            unit = np.maximum(_FORGETS * unit, np.sqrt(np.einsum("spp->sp", square)))
            scale = 1.0 / np.where(unit > 0, unit, 1.0)
            held = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0))
            gradient = np.where(held, 0.0, gradient)
            square = np.where(held[:, :, None] | held[:, None, :], 0.0, square)
            matrix = square * (scale[:, :, None] * scale[:, None, :])
            np.einsum("spp->sp", matrix)[...] += damping[:, None] + 1e-15
            step = -scale * np.linalg.solve(matrix, (scale * gradient)[..., None])[..., 0]
            trial = np.clip(theta + step, low, high)
            step = trial - theta
            promise = -(step * (gradient + 0.5 * (square @ step[..., None])[..., 0])).sum(1)
            new_residuals, new_slopes = model(trial)
            new_cost = _costs(new_residuals)
            gain = cost - new_cost
            better = gain > 0
            share = np.clip(gain / np.maximum(promise, 1e-300), -1.0, 2.0)
            damping *= np.where(better, np.maximum(1.0 / 3.0, 1.0 - (2.0 * share - 1.0) ** 3), growth)
            damping, growth = np.maximum(damping, 1e-15), np.where(better, 2.0, 2.0 * growth)
            row = better[:, None]
            theta, cost = np.where(row, trial, theta), np.where(better, new_cost, cost)
            residuals = np.where(row, new_residuals, residuals)
            slopes = np.where(row[..., None], new_slopes, slopes)
            ends[live], costs[live] = theta, cost
            # A promise not kept may be a step too long: only a short one that promises nothing is the last.
            still = (np.abs(promise) <= _STILL * cost) | (cost <= NOTHING * residuals.shape[1])
            on = ~(still | (damping > _STUCK))
            if not on.all():
                live, theta, cost, damping = live[on], theta[on], cost[on], damping[on]
                residuals, slopes, growth, unit = residuals[on], slopes[on], growth[on], unit[on]
    return ends, costs


def settle(model, theta, low, high, *, steps=400):
    """The Descent from one end of `descend_together`: to the last digit, with constants on bounds held there.

    ``model(theta)`` gives residuals (n,) and slopes (n, P).
    """
    held = (theta <= low) | (theta >= high)
    while True:
        end = _one(model, theta, held, low, high, steps, {}) if not held.all() else None
        residuals, slopes = model(theta)
        if end is not None and end.cost <= 0.5 * (residuals @ residuals):
            theta = end.x
            residuals, slopes = model(theta)
        gradient = slopes.T @ residuals
        inward = held & np.where(theta <= low, gradient < 0, gradient > 0)
        inward &= np.abs(gradient) > _NO_ANSWER * np.linalg.norm(residuals) * np.linalg.norm(slopes, axis=0)
        if not inward.any():
            break
        held &= ~inward
    return Descent(
        theta=theta,
        residuals=residuals,
        slopes=slopes,
        cost=float(0.5 * (residuals @ residuals)),
        held=held,
        converged=bool(end is not None and end.status > 0) or _flat(residuals, slopes[:, ~held]),
        starts_agreeing=1,
    )


def _costs(residuals):
    cost = 0.5 * np.einsum("sn,sn->s", residuals, residuals)
    return np.where(np.isfinite(cost), cost, np.inf)


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
