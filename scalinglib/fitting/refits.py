"""Refits without runs: one left out at a time, or those whose joint removal moves the best size most."""

from dataclasses import replace

import numpy as np

from ..parallel import run_pieces
from .absolute import minimise_absolute
from .constants import log_size, log_size_slope
from .engine import minimise
from .starts import search

__all__ = ["ALL_EXACT", "decide", "left_out", "refit", "search_without"]

ALL_EXACT = 1000  # up to here every run is left out and the rest refitted
_EXACT_WORK = 2_000_000  # beyond: as many refits as make this many evaluated runs, 20 to 300
_TOGETHER = 30_000  # runs times refits in one batch of arrays
_FEW = 64  # below this every run is a candidate
_CANDIDATES, _SWAPPED = 12, 4


def refit(problem, starts, removed, corners=()):
    """Fit without rows: the lowest ends (m, 5) from `starts` (m, j, 5), and whether each was reached, (m,).

    `removed` (m, k) names the rows that each fit goes without; Huber's corner passes through
    `corners`, where there are any.
    """
    m, j, P = starts.shape
    weights = np.ones((m, problem.x.shape[1]))
    weights[np.arange(m)[:, None], removed] = 0.0
    weights = np.repeat(weights, j, axis=0)
    theta = starts.reshape(m * j, P)
    for corner in corners or (problem.delta,):
        solution = minimise(replace(problem, delta=corner, weights=weights), theta)
        theta = solution.theta
    best = np.arange(m) * j + np.argmin(solution.value.reshape(m, j), axis=1)
    return theta[best], solution.converged[best] & np.isfinite(solution.value[best])


def one_step(problem, theta, weights):
    """What leaving out each run adds to the optimum `theta` (5,), by one Newton step, (n, 5).

    `weights` (n,) are zero for rows that are out already. The Hessian of the run left out is taken
    without the second derivatives of the law.
    """
    weighted = replace(problem, weights=weights[None])
    hessian = weighted.derivatives(theta[None])[2][0]
    terms, M = problem.model(theta[None])
    r = problem.residuals(theta[None])[0]
    psi, inside = np.clip(r, -problem.delta, problem.delta), (np.abs(r) < problem.delta).astype(float)
    scale = np.ones_like(r)
    if problem.log:
        scale, inside = 1.0 / M[0], inside + psi
    free = (theta > problem.lower) & (theta < problem.upper)
    G = problem.basis(terms)[0][free]
    solved = np.linalg.pinv(hessian[np.ix_(free, free)], rcond=1e-14) @ G
    leverage = inside * scale**2 * np.einsum("pn,pn->n", G, solved)
    step = np.zeros((len(r), len(theta)))
    # a run that alone holds a direction has leverage one, where the step has no bound
    step[:, free] = -(solved * (psi * scale / np.maximum(1.0 - leverage, 0.05))).T
    return step


def _moved_without(problem, current, others, out, centre, budget, sign, candidates):
    """The best row to leave out on top of `out`: ln N_opt times `sign` without it, the row, and that end.

    One Newton step from the optimum `current` (5,) without `out` picks the candidates; they are refitted.
    """
    weights = np.ones(problem.x.shape[1])
    weights[out] = 0.0
    guess = sign * (one_step(problem, current, weights) @ log_size_slope(current, centre, budget))
    guess = np.where((weights > 0.0) & np.isfinite(guess), guess, -np.inf)
    tried = np.argsort(-guess, kind="stable")[: min(candidates, len(guess) - len(out))]
    removed = np.column_stack([np.tile(np.array(out, dtype=int), (len(tried), 1)), tried])
    starts = np.tile(np.concatenate([current[None], others]), (len(tried), 1, 1))
    ends, reached = _batches(problem, starts, removed)
    moved = sign * log_size(ends, centre, budget)
    moved = np.where(reached & np.isfinite(moved), moved, -np.inf)
    best = int(np.argmax(moved))
    return moved[best], int(tried[best]), ends[best]


def decide(problem, starts, centre, budget, sign, count):
    """Rows whose joint removal moves ln N_opt most in the direction `sign`, and the optimum without them.

    They are taken one after another; then each in turn is put back and the best of all taken in its
    place, since runs that go together hide behind each other.
    """
    n = problem.x.shape[1]
    candidates = n if n < _FEW else int(np.clip(40_000 // n, 2, _CANDIDATES))
    theta, others, out, reached = starts[0], starts[1:], [], -np.inf
    for _ in range(count):
        moved, row, end = _moved_without(problem, theta, others, out, centre, budget, sign, candidates)
        if moved == -np.inf:
            return tuple(out), theta
        out, theta, reached = [*out, row], end, moved
    for place in range(count) if candidates >= _SWAPPED else ():
        rest = out[:place] + out[place + 1 :]
        back, found = refit(problem, theta[None, None], np.array([rest], dtype=int))
        if found[0]:
            moved, row, end = _moved_without(problem, back[0], others, rest, centre, budget, sign, _SWAPPED)
            if moved > reached:
                out[place], theta, reached = row, end, moved
    return tuple(out), theta


def _batches(problem, starts, removed, corners=(), *, label=None):
    """`refit` in batches; with a label through run_pieces, so that they may go elsewhere."""
    together = max(1, _TOGETHER // (problem.x.shape[1] * starts.shape[1]))
    pieces = [
        (problem, starts[first : first + together], removed[first : first + together], corners)
        for first in range(0, len(starts), together)
    ]
    found = run_pieces(refit, pieces, label=label) if label else [refit(*piece) for piece in pieces]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def left_out(problem, starts, corners, centre, budget):
    """Changes (n, 5) of the constants without each run, which were refitted (n,), and words on how."""
    n = problem.x.shape[1]
    theta = starts[0]
    if n <= ALL_EXACT:
        rows = np.arange(n)
        change = np.zeros((n, 5))
        method = f"Each of the {n} runs was left out and the others were refitted."
    else:
        change = one_step(replace(problem, delta=corners[-1]), theta, np.ones(n))
        corners = corners[-1:]
        count = int(np.clip(_EXACT_WORK // n, 20, 300))
        size = np.abs(change @ log_size_slope(theta, centre, budget))
        rows = np.sort(np.argsort(-size, kind="stable")[:count])
        method = (
            f"Influences are one Newton step from the fit; the {count} runs that move N_opt most by it "
            "were left out and the others refitted."
        )
    # starts of each refit: where the Newton step leads (no step for few runs) and the other optima
    first = np.clip(theta + change[rows], problem.lower, problem.upper)[:, None]
    known = np.concatenate([first, np.tile(starts[1:], (len(rows), 1, 1))], axis=1)
    ends, reached = _batches(problem, known, rows[:, None], corners, label="runs left out")
    change[rows] = np.where(reached[:, None], ends - theta, np.nan)
    exact = np.zeros(n, dtype=bool)
    exact[rows] = True
    return change, exact, method


def search_without(problem, removed, warm, absolute):
    """The optimum without rows `removed`, by a search of its own, or `warm` where that lies lower.

    Five of very many runs do not move the fit to another basin: there `warm` is only refined.
    """
    keep = np.setdiff1d(np.arange(problem.x.shape[1]), removed)
    rest = replace(problem, x=problem.x[:, keep], y=problem.y[keep])
    if len(keep) > ALL_EXACT and not absolute:
        return warm
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # a step to a vertex may be wild
        if len(keep) <= ALL_EXACT:
            found = search(rest, absolute=absolute)
        else:
            found = minimise_absolute(rest, warm[None], keep=1)
    theta = np.stack([found.theta[found.best], warm])
    residuals = rest.residuals(theta)
    value = np.abs(residuals).sum(1) if absolute else rest.penalty(residuals)
    return theta[int(np.argmin(np.nan_to_num(value, nan=np.inf)))]
