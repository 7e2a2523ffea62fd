"""Least absolute deviation: Huber's corner is closed step by step, then the vertex is solved exactly."""

from dataclasses import fields, replace

import numpy as np

from .newton import Solution, minimise

__all__ = ["close_corner", "minimise_absolute"]

# Factors on Huber's corner from one stage to the next, one a start: several vertices may lie close to
# each other, and which of them a descent ends in depends on its pace.
_PACES = (8.0, 5.0, 4.0, 2.5)
_EXACT, _POLISHED, _STEPS = 400, 3, 40  # runs that lines are worth, ends that they go on from, and how often
_ROUNDING = 4.0 * np.finfo(float).eps  # a run: all lie on the law
_CLOSED = 2.0**-24  # the last corner over the scatter
_NEARLY_CLOSED = 2.0**-14  # for many resamples at once


def minimise_absolute(problem, starts, *, keep):
    """Minimise the sum of absolute residuals from `starts` (S, P); returns a Solution of `keep` rows.

    `problem` gives runs and bounds; its delta is replaced. Huber's objective with a corner well below
    the scatter has almost the same minimum and a Hessian; the corner is closed by stages. At the end
    the runs that lie on the law are known, and a few Newton steps on "these residuals are zero, the
    rest pull in balance" reach the vertex to rounding.
    """
    starts = np.atleast_2d(starts)
    first = np.median(np.abs(problem.residuals(starts)), axis=1)
    delta = max(float(np.min(first, where=np.isfinite(first), initial=1.0)), 1e-12)
    heat = minimise(replace(problem, delta=delta), starts)
    front = np.argsort(heat.value, kind="stable")[:keep]
    end = Solution(*(getattr(heat, field.name)[front] for field in fields(Solution)))
    pace = np.resize(_PACES, len(front))
    # The scatter about the law, not about the start, tells how small a corner must become.
    delta = np.maximum(np.median(np.abs(problem.residuals(end.theta)), axis=1), 1e-13)
    last, live = delta * _CLOSED, np.arange(len(front))
    while live.size:
        delta[live] /= pace[live]
        solution = minimise(replace(problem, delta=delta[live][:, None]), end.theta[live], iterations=100)
        end.theta[live], end.converged[live] = solution.theta, solution.converged
        end.iterations[live] += solution.iterations
        done = np.array([_settle(problem, end, row, delta[row], final=delta[row] <= last[row]) for row in live])
        live = live[~done]
    if problem.runs <= _EXACT:
        for row in np.argsort(end.value, kind="stable")[:_POLISHED]:
            _polish(problem, end, row)
    return end


def _polish(problem, end, row):
    """Go on from one end, in place, by lines in the law's stead: the least sum that they allow nearby, solved exactly.

    Closing the corner may stop at a vertex whose neighbour is lower by less than the corner shows.
    """
    from scipy.optimize import linprog

    theta, value, reach = end.theta[row], _absolute(problem, end.theta[row]), 0.1
    n, P = problem.runs, len(theta)
    for _ in range(_STEPS):
        if value <= _ROUNDING * n:
            end.converged[row] = True
            return
        r = problem.residuals(theta[None])[0]
        J = _first_and_second(problem, theta, np.zeros_like(r))[0]
        size = np.maximum(np.abs(J).max(1), 1e-300)  # each constant in a unit that moves a residual by one
        if not np.all(np.isfinite(J)):
            return
        slope = (J / size[:, None]).T
        low, high = (np.clip((wall - theta) * size, -reach, reach) for wall in (problem.lower, problem.upper))
        box = [*zip(low, high, strict=True), *[(0.0, None)] * (2 * n)]
        found = linprog(
            np.r_[np.zeros(P), np.ones(2 * n)], A_eq=np.c_[-slope, np.eye(n), -np.eye(n)], b_eq=r, bounds=box
        )
        if found.status != 0:
            return
        trial = np.clip(theta + found.x[:P] / size, problem.lower, problem.upper)
        lower = _absolute(problem, trial)
        if lower < value:
            still = value - lower <= 1e-15 * value
            theta, value, reach = trial, lower, 2.0 * reach
            end.theta[row], end.value[row], end.converged[row] = theta, value, still
            if still:
                return
        else:
            reach *= 0.25
        if value - found.fun <= 1e-12 * value:
            end.converged[row] = True
            return


def _settle(problem, end, row, delta, *, final):
    """Solve one start's vertex, in place; True if that is its end. A `final` start ends as it is."""
    theta = end.theta[row]
    value = _absolute(problem, theta)
    with np.errstate(all="ignore"):  # Newton's steps may be wild; what they leave is checked
        vertex = _vertex(problem, theta, delta)
    if vertex is not None and _absolute(problem, vertex[0]) <= value * (1.0 + 1e-12):
        end.theta[row], end.gradient_norm[row], end.converged[row] = vertex[0], vertex[1], True
        end.value[row] = _absolute(problem, vertex[0])
        return True
    if final:  # no vertex: fewer runs on the law than constants, or ties
        end.value[row], end.gradient_norm[row] = value, _slope_left(problem, theta, delta)
    return final


def close_corner(problem, starts, *, pace=8.0):
    """Minimise sums of absolute residuals from `starts` (S, P) near their optima, all together.

    Huber's corner is closed to 2**-14 of the scatter and no vertex is solved, which leaves the sums
    some 1e-6 of themselves above their minima. Returns a Solution; its values are those sums.
    """
    theta = np.asarray(starts, dtype=float)
    delta = max(float(np.median(np.abs(problem.residuals(theta)))), 1e-13)
    last, taken = delta * _NEARLY_CLOSED, np.zeros(len(theta), dtype=int)
    while delta > last:
        delta /= pace
        solution = minimise(replace(problem, delta=delta), theta)
        theta, taken = solution.theta, taken + solution.iterations
    size = np.abs(problem.residuals(theta))
    value = size.sum(1) if problem.weights is None else (size * problem.weights).sum(1)
    return replace(solution, value=value, iterations=taken)


def _slope_left(problem, theta, delta):
    """Norm of the shortest slope at theta, the runs on the law pulling as they please within -1 and 1."""
    from scipy.optimize import lsq_linear

    r = problem.residuals(theta[None])[0]
    on_law = np.abs(r) <= max(delta, 1e-13)
    J, _ = _first_and_second(problem, theta, np.zeros_like(r))
    J = J[(theta > problem.lower) & (theta < problem.upper)]
    rest = J[:, ~on_law] @ np.sign(r[~on_law])
    if not on_law.any() or not len(J):
        return float(np.linalg.norm(rest))
    pull = lsq_linear(J[:, on_law], -rest, bounds=(-1.0, 1.0))
    return float(np.linalg.norm(J[:, on_law] @ pull.x + rest))


def _absolute(problem, theta):
    value = float(np.abs(problem.residuals(theta[None])).sum())
    return value if np.isfinite(value) else np.inf


def _vertex(problem, theta, delta):
    """Solve for the point where the runs within `delta` have residual zero; None if it is no minimum.

    Returns theta and the norm of what is left of the optimality conditions.
    """
    r = problem.residuals(theta[None])[0]
    active = np.flatnonzero(np.abs(r) <= delta)
    free = (problem.lower < problem.upper) & (theta > problem.lower) & (theta < problem.upper)
    if active.size > free.sum():
        return None
    others = np.setdiff1d(np.arange(r.size), active)
    signs = np.sign(r[others])
    pull = np.clip(r[active] / delta, -1.0, 1.0)
    for _ in range(25):
        weights = np.empty_like(r)
        weights[others], weights[active] = signs, pull
        J, W = _first_and_second(problem, theta, weights)
        J, W = J[free], W[np.ix_(free, free)]
        r = problem.residuals(theta[None])[0]
        if not np.all(np.isfinite(r)):
            return None
        balance = J @ weights
        k = active.size
        matrix = np.block([[W, J[:, active]], [J[:, active].T, np.zeros((k, k))]])
        right = -np.concatenate([balance, r[active]])
        if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(right))):
            return None  # slopes ran over where the residuals had not
        step = np.linalg.lstsq(matrix, right, rcond=1e-15)[0]
        theta = theta.copy()
        theta[free] += step[: free.sum()]
        pull = pull + step[free.sum() :]
        if np.abs(step[: free.sum()]).max(initial=0.0) < 1e-13:
            break
    r = problem.residuals(theta[None])[0]
    inside = np.all(theta >= problem.lower) and np.all(theta <= problem.upper)
    minimum = np.all(np.abs(pull) <= 1.0 + 1e-6) and np.all(np.sign(r[others]) == signs)
    if not (inside and minimum):
        return None
    weights[active] = pull
    J, _ = _first_and_second(problem, theta, weights)
    return theta, float(np.linalg.norm(J[free] @ weights))


def _first_and_second(problem, theta, weights):
    """Residual gradients (P, n), and the weighted sum of the residuals' Hessians (P, P)."""
    M, G = problem.slopes(theta[None])
    scale = (1.0 / (M + problem.lift) if problem.log else np.ones_like(M)) / problem.sd
    J = -(G * scale[:, None])[0]
    W = problem.curvature(theta[None], -(weights * scale))[0]
    if problem.log:  # r = -ln M: its Hessian is J J' - M''/M
        W = W + (J * (weights * problem.sd)) @ J.T
    return J, W
