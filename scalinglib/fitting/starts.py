"""Starts: a grid over the exponents, the other constants solved linearly, and the search from them."""

from dataclasses import replace

import numpy as np

from .absolute import minimise_absolute
from .engine import minimise

__all__ = ["search"]

_ROWS = 2000  # a grid needs no more runs than this to find its basins
_FEW_RUNS = 64  # below this the best grid point misses the best basin too often
_VERY_FEW_RUNS = 16  # and below this any point of the grid may lead to it
_BLOCKS = 4
_HEAT = 12
_FRONT, _FRONT_FEW, _FRONT_VERY_FEW = 2, 4, 24
_RUN = 40


def _grid(problem, x, steps):
    """Exponent combinations (steps**K, K), even in ln(exponent times half the range of ln x)."""
    K = problem.terms
    axes = []
    for k in range(K):
        reach = 0.5 * np.ptp(x[k]) or 1.0
        axis = np.geomspace(0.05, 12.0, steps) / reach
        if problem.lower[1 + K + k] < 0:  # a rising law is allowed too
            axis = np.concatenate([-axis[::-1], axis])
        axes.append(np.clip(axis, problem.lower[1 + K + k], problem.upper[1 + K + k]))
    return np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1), len(axes[0])


def _linear(columns, y, weights):
    """Weighted least squares of y (n,) or (G, n) on columns (G, m, n): coefficients (G, m)."""
    weighted = columns * weights
    normal = weighted @ columns.transpose(0, 2, 1)
    m = normal.shape[-1]
    trace = np.trace(normal, axis1=1, axis2=2)[:, None, None]
    normal = normal + 1e-12 * trace * np.eye(m)  # equal columns (one N, one D) must not stop the search
    right = weighted @ np.broadcast_to(y, (len(columns), y.shape[-1]))[..., None]
    return np.linalg.solve(normal, right)[..., 0]


def _solve_rest(problem, exponents):
    """Full starts (G, 1 + 2K) with E and the coefficients that suit each row of exponents."""
    x, y = problem.x, problem.y
    weights = y**-2.0 if problem.log else np.ones_like(y)
    weights = weights / weights.mean()
    terms = np.exp(-exponents[:, :, None] * x)
    # Equal heights make the normal equations well scaled.
    height = np.abs(terms).max(-1, keepdims=True)
    terms = terms / height
    low, high = problem.lower[0], problem.upper[0]
    if low == high:
        E = np.full(len(exponents), low)
        coefficients = _linear(terms, y - low, weights)
    else:
        solved = _linear(np.concatenate([np.ones_like(terms[:, :1]), terms], axis=1), y, weights)
        E, coefficients = solved[:, 0], solved[:, 1:]
        out = (E < low) | (E > high)
        if out.any():
            E = np.clip(E, low, high)
            coefficients[out] = _linear(terms[out], y - E[out, None], weights)
    smallest = 1e-3 * np.median(np.abs(y)) or 1e-3 * np.abs(y).max() or 1e-12
    coefficients = np.maximum(coefficients, smallest) / height[..., 0]
    return np.column_stack([E, np.log(coefficients), exponents])


def _choose(values, shape):
    """The best row of each block of the grid, best first: starts that are good and lie apart."""
    blocks = [np.arange(values.size).reshape(shape)]
    for axis in range(len(shape)):
        blocks = [part for block in blocks for part in np.array_split(block, _BLOCKS, axis=axis)]
    values = np.where(np.isfinite(values), values, np.inf)
    best = [block.ravel()[np.argmin(values[block.ravel()])] for block in blocks]
    return sorted(best, key=lambda row: values[row])


def search(problem, *, absolute=False, steps=12):
    """Minimise `problem` from a few chosen starts and return the Solution of all of them.

    With `absolute` the sum of absolute residuals is minimised.
    """
    n = len(problem.y)
    rows = slice(None) if n <= _ROWS else np.linspace(0, n - 1, _ROWS).astype(int)
    thinned = replace(problem, x=problem.x[:, rows], y=problem.y[rows])
    exponents, side = _grid(problem, thinned.x, steps if problem.terms > 1 else 3 * steps)
    starts = _solve_rest(thinned, exponents)
    residuals = thinned.residuals(starts)
    values = np.abs(residuals).sum(1) if absolute else thinned.penalty(residuals)
    if n < _VERY_FEW_RUNS:
        chosen, kept = np.argsort(values, kind="stable"), _FRONT_VERY_FEW
    elif n < _FEW_RUNS:
        chosen, kept = _choose(values, (side,) * problem.terms), _FRONT_FEW
    else:
        chosen, kept = _choose(values, (side,) * problem.terms)[: 2 * _FRONT], _FRONT
    chosen = starts[chosen]
    if absolute:
        return minimise_absolute(problem, chosen, keep=kept)
    # A heat of a few steps tells the basins apart; only the front runners go on to the end.
    heat = minimise(problem, chosen, iterations=_HEAT)
    front = np.argsort(heat.value, kind="stable")[:kept]
    run = minimise(problem, heat.theta[front], iterations=_RUN)
    taken = heat.iterations[front] + run.iterations
    if not run.converged[run.best]:  # slow but leading: it alone is worth the wait
        last = minimise(problem, run.theta[[run.best]])
        for name in ("theta", "value", "gradient_norm", "converged"):
            getattr(run, name)[run.best] = getattr(last, name)[0]
        taken[run.best] += last.iterations[0]
    return replace(run, iterations=taken)
