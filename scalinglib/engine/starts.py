"""Starts: a grid over the exponents, the other constants solved linearly, and the search from them."""

from dataclasses import replace
from functools import cache

import numpy as np

from .absolute import minimise_absolute
from .newton import Solution, minimise

__all__ = ["grid", "search", "solve_rest", "straight"]

_ROWS = 160  # a grid needs no more runs than these to find its basins (checked against all refined)
_FEW_RUNS = 80  # below this the best grid point misses the best basin too often
_VERY_FEW_RUNS = 16  # and below this any point of the grid may lead to it
_BLOCKS = 4
_HEAT = 8
_FRONT, _FRONT_FEW, _FRONT_VERY_FEW = 2, 4, 24
_FRONT_ABSOLUTE = 16  # several vertices of few runs may be nearly as low
_RUN = 40
_SOLUTION = ("theta", "value", "gradient_norm", "damping", "iterations", "converged")


@cache
def _steps(steps):
    return np.geomspace(0.05, 12.0, steps)


def grid(problem, x, steps):
    """Exponent combinations (steps**K, K), even in ln(exponent times half the range of ln x)."""
    K = problem.terms
    axes = []
    for k in range(K):
        reach = 0.5 * (x[k].max() - x[k].min()) or 1.0
        axis = _steps(steps) / reach
        if problem.lower[1 + K + k] < 0:  # a rising law is allowed too
            axis = np.concatenate([-axis[::-1], axis])
        axes.append(np.minimum(np.maximum(axis, problem.lower[1 + K + k]), problem.upper[1 + K + k]))
    return np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1), len(axes[0])


def _normal_equations(problem, exponents, weights):
    """Sums that least squares of y on 1 and the terms needs: (G, m, m), (G, m) and the terms' heights (G, K).

    Every exponent of a grid belongs to many of its points, so terms and their products are summed once
    an exponent, or a pair of them.
    """
    K, G = problem.terms, len(exponents)
    matrix, right = np.empty((G, 1 + K, 1 + K)), np.empty((G, 1 + K))
    matrix[:, 0, 0], right[:, 0] = weights.sum(), weights @ problem.y
    heights, axes = np.empty((G, K)), []
    for k in range(K):
        values, place = np.unique(exponents[:, k], return_inverse=True)
        terms = np.exp(-values[:, None] * problem.x[k])
        height = np.abs(terms).max(-1, keepdims=True)
        terms /= height  # equal heights make the equations well scaled
        heights[:, k] = height[place, 0]
        matrix[:, 0, 1 + k] = matrix[:, 1 + k, 0] = (terms @ weights)[place]
        right[:, 1 + k] = (terms @ (weights * problem.y))[place]
        axes.append((terms, place))
    for k in range(K):
        for m in range(k, K):
            (left, here), (other, there) = axes[k], axes[m]
            matrix[:, 1 + k, 1 + m] = matrix[:, 1 + m, 1 + k] = ((left * weights) @ other.T)[here, there]
    return matrix, right, heights


def _solve_equations(matrix, right):
    m = right.shape[-1]
    trace = np.trace(matrix, axis1=1, axis2=2)[:, None, None]
    # Equal columns (one N, one D) must not stop the search.
    return np.linalg.solve(matrix + 1e-12 * trace * np.eye(m), right[..., None])[..., 0]


def solve_rest(problem, exponents):
    """Full starts (G, 1 + 2K) with E and the coefficients that suit each row of exponents."""
    y = problem.y
    weights = y**-2.0 if problem.log else np.ones_like(y)
    weights = weights / weights.mean()
    matrix, right, heights = _normal_equations(problem, exponents, weights)
    low, high = problem.lower[0], problem.upper[0]
    solved = _solve_equations(matrix, right)
    E, coefficients = np.minimum(np.maximum(solved[:, 0], low), high), solved[:, 1:]
    out = E != solved[:, 0]
    if out.any():
        rest = right[out, 1:] - E[out, None] * matrix[out, 1:, 0]
        coefficients[out] = _solve_equations(matrix[out, 1:, 1:], rest)
    smallest = 1e-3 * (y.max() - y.min()) or 1e-3 * np.abs(y).max() or 1e-12
    coefficients = np.maximum(coefficients, smallest) / heights
    return np.column_stack([E, np.log(coefficients), exponents])


def _scores(problem, starts, absolute):
    """What each start of a grid (G, 1 + 2K) leaves: the penalty, or the sum of absolute residuals.

    Exponentials are taken once an exponent, not once a point: they would cost as much as all else here.
    """
    K = problem.terms
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what is not a number loses
        M = np.repeat(starts[:, :1], problem.x.shape[1], axis=1)
        for k in range(K):
            exponents, place = np.unique(starts[:, 1 + K + k], return_inverse=True)
            M += np.exp(starts[:, 1 + k, None]) * np.exp(-exponents[:, None] * problem.x[k])[place]
        residuals = problem.residuals_of(M)
    return np.abs(residuals).sum(1) if absolute else problem.penalty(residuals)


@cache
def _blocks(shape):
    """The places of a grid of `shape`, (blocks, places): each axis is cut into equal parts."""
    places = np.arange(np.prod(shape)).reshape([n for side in shape for n in (_BLOCKS, side // _BLOCKS)])
    order = [*range(0, 2 * len(shape), 2), *range(1, 2 * len(shape), 2)]
    return places.transpose(order).reshape(_BLOCKS ** len(shape), -1)


def _choose(values, shape):
    """The best row of each block of the grid, best first: starts that are good and lie apart."""
    blocks = _blocks(shape)
    values = np.where(np.isfinite(values), values, np.inf)
    best = blocks[np.arange(len(blocks)), values[blocks].argmin(1)]
    return best[np.argsort(values[best], kind="stable")]


def search(problem, *, absolute=False, steps=12):
    """Minimise `problem` from a few chosen starts and return the Solution of all of them.

    With `absolute` the sum of absolute residuals is minimised.
    """
    n = len(problem.y)
    rows = slice(None) if n <= _ROWS else np.linspace(0, n - 1, _ROWS).astype(int)
    thinned = replace(problem, x=problem.x[:, rows], y=problem.y[rows])
    exponents, side = grid(problem, thinned.x, steps if problem.terms > 1 else 3 * steps)
    starts = solve_rest(thinned, exponents)
    values = _scores(thinned, starts, absolute)
    if n < _VERY_FEW_RUNS:
        chosen, kept = np.argsort(values, kind="stable"), _FRONT_VERY_FEW
    elif n < _FEW_RUNS:
        chosen, kept = _choose(values, (side,) * problem.terms), _FRONT_FEW
    else:
        chosen, kept = _choose(values, (side,) * problem.terms)[: 2 * _FRONT], _FRONT
    chosen = starts[chosen]
    if absolute:
        return minimise_absolute(problem, chosen, keep=kept if n >= _FEW_RUNS else max(kept, _FRONT_ABSOLUTE))
    # A heat of a few steps tells the basins apart; only the front runners go on to the end.
    heat = minimise(problem, chosen, iterations=_HEAT)
    front = np.argsort(heat.value, kind="stable")[:kept]
    run = Solution(*(getattr(heat, name)[front] for name in _SOLUTION))
    on = np.flatnonzero(~run.converged)
    _go_on(problem, run, on, _RUN)
    if not run.converged[run.best]:  # slow but leading: it alone is worth the wait
        _go_on(problem, run, np.array([run.best]), 1000)
    # The damping that tells basins apart leaves a little slope; full steps take it to rounding.
    _go_on(problem, run, np.array([run.best]), 3, near=True)
    return run


def straight(problem):
    """Minimise a line through logarithms, one term and no floor, from its least-squares line.

    Squares and Huber's penalty are convex there, so no other start can end lower.
    """
    x, y = problem.x[0], np.log(problem.y)
    middle, apart = x.mean(), x - x.mean()
    spread = apart @ apart
    exponent = -(apart @ y) / spread if spread > 0 else 0.0
    run = minimise(problem, np.array([[0.0, y.mean() + exponent * middle, exponent]]), iterations=1000)
    _go_on(problem, run, np.array([0]), 3, near=True)
    return run


def _go_on(problem, run, rows, iterations, *, near=False):
    """Take some rows of a Solution further, in place."""
    if not rows.size:
        return
    more = minimise(problem, run.theta[rows], iterations=iterations, near=near, damping=run.damping[rows])
    run.iterations[rows] += more.iterations
    run.converged[rows] |= more.converged
    for name in ("theta", "value", "gradient_norm", "damping"):
        getattr(run, name)[rows] = getattr(more, name)
