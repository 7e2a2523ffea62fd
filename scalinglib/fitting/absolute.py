"""Least absolute deviation: Huber's corner is closed step by step, then the vertex is solved exactly."""

from dataclasses import replace

import numpy as np

from .engine import Solution, minimise

__all__ = ["minimise_absolute"]

_CLOSING = 8.0  # factor on Huber's corner from one stage to the next
_STAGES = 8


def minimise_absolute(problem, starts):
    """Minimise the sum of absolute residuals from `starts` (S, P); returns a one-row Solution.

    `problem` gives runs and bounds; its delta is replaced. Huber's objective with a corner well below
    the scatter has almost the same minimum and a Hessian; the corner is closed by stages. At the end
    the runs that lie on the law are known, and a few Newton steps on "these residuals are zero, the
    rest pull in balance" reach the vertex to rounding.
    """
    first = np.median(np.abs(problem.residuals(np.atleast_2d(starts))), axis=1).min()
    delta = max(float(first), 1e-12)
    solution = minimise(replace(problem, delta=delta), starts)
    theta = solution.theta[[solution.best]]
    iterations = int(solution.iterations[solution.best])
    # The scatter about the law, not about the start, tells how small a corner must become.
    delta = max(float(np.median(np.abs(problem.residuals(theta)))), 1e-13)
    for _ in range(_STAGES):
        delta /= _CLOSING
        solution = minimise(replace(problem, delta=delta), theta, iterations=100)
        theta = solution.theta
        iterations += int(solution.iterations[0])
        value = _absolute(problem, theta[0])
        vertex = _vertex(problem, theta[0], delta)
        if vertex is not None and _absolute(problem, vertex[0]) <= value * (1.0 + 1e-12):
            return _one(vertex[0], _absolute(problem, vertex[0]), vertex[1], iterations, True)
    # No vertex: fewer runs on the law than constants, or ties. The closed corner bounds what is left.
    norm = float(solution.gradient_norm[0]) / delta
    return _one(theta[0], value, norm, iterations, bool(solution.converged[0]))


def _one(theta, value, norm, iterations, converged):
    return Solution(
        theta[None], np.array([value]), np.array([norm]), np.array([iterations]), np.array([converged])
    )


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
    terms, M = problem.model(theta[None])
    scale = 1.0 / M if problem.log else np.ones_like(M)
    G = problem.basis(terms)
    J = -(G * scale[:, None])[0]
    W = np.zeros((1, len(theta), len(theta)))
    problem.add_second(W, terms, -(weights * scale))
    W = W[0]
    if problem.log:  # r = -ln M: its Hessian is J J' - M''/M
        W = W + (J * weights) @ J.T
    return J, W
