"""Refits without runs: one left out at a time, or a group whose joint removal moves the answer to a question far.

Runs may come in groups that go together: `member` (n,) numbers each run's group, its own place where
every run is on its own.
"""

from dataclasses import replace

import numpy as np

from ..engine.absolute import minimise_absolute
from ..engine.newton import minimise
from ..engine.sandwich import slopes
from ..engine.starts import search
from ..parallel import run_pieces

__all__ = ["ALL_EXACT", "LEAST_GROUPS", "decide", "few", "left_out", "refit", "search_without"]

LEAST_GROUPS = 3  # a group often has one size, and a floor with a size term takes three sizes
ALL_EXACT = 1000  # up to here every run is left out and the rest refitted
_EXACT_WORK = 2_000_000  # beyond: as many refits as make this many evaluated runs, 20 to 300
_TOGETHER = 30_000  # runs times refits in one batch of arrays
_FEW = 64  # below this every run is a candidate
_FEW_WORK = 100_000  # but not where candidates times evaluated runs pass this
_CANDIDATES, _SWAPPED = 12, 4


def refit(problem, starts, removed, member, corners=()):
    """Fit without groups: the lowest ends (m, P) from `starts` (m, j, P), and whether each was reached, (m,).

    `removed` (m, k) names the groups that each fit goes without; Huber's corner passes through
    `corners`, where there are any.
    """
    m, j, P = starts.shape
    out = np.zeros((m, member.max() + 1), dtype=bool)
    out[np.arange(m)[:, None], removed] = True
    weights = np.repeat((1.0 - out[:, member]) * _own(problem), j, axis=0)
    theta = starts.reshape(m * j, P)
    for corner in corners or (problem.delta,):
        solution = minimise(replace(problem, delta=corner, weights=weights), theta)
        theta = solution.theta
    best = np.arange(m) * j + np.argmin(solution.value.reshape(m, j), axis=1)
    return theta[best], solution.converged[best] & np.isfinite(solution.value[best])


def _own(problem):
    """How often each run counts by itself."""
    return 1.0 if problem.weights is None else problem.weights


def few(member):
    """Whether there are so few runs or groups that all can be tried, and from several starts."""
    groups = member.max() + 1
    return groups < _FEW and len(member) * groups < _FEW_WORK


def one_step(problem, theta, weights, member):
    """What leaving out each group adds to the optimum `theta` (5,), by one Newton step, (groups, P).

    `weights` (n,) are zero for rows that are out already. The Hessian of the runs left out is taken
    without the second derivatives of the law.
    """
    weights = weights * _own(problem)
    hessian = replace(problem, weights=weights[None]).derivatives(theta[None])[2][0]
    r = problem.residuals(theta[None])[0]
    psi, inside = np.clip(r, -problem.delta, problem.delta), (np.abs(r) < problem.delta).astype(float)
    if problem.log:
        inside = inside + psi * problem.sd
    psi, inside = psi * weights, inside * weights
    free = (theta > problem.lower) & (theta < problem.upper)
    G = slopes(problem, theta)[free]
    step = np.zeros((member.max() + 1, len(theta)))
    if len(step) < len(member):
        step[:, free] = _group_step(hessian[np.ix_(free, free)], G, psi, inside, member)
        return step
    solved = np.linalg.pinv(hessian[np.ix_(free, free)], rcond=1e-14) @ G
    leverage = inside * np.einsum("pn,pn->n", G, solved)
    # a run that alone holds a direction has leverage one, where the step has no bound
    step[np.ix_(member, free)] = -(solved * (psi / np.maximum(1.0 - leverage, 0.05))).T
    return step


def _group_step(hessian, G, pull, curvature, member):
    """The Newton step (groups, f) of each group's removal, from its runs' gradients `G` (f, n).

    `pull` and `curvature` (n,) are the first and second derivatives of each run's penalty.
    """
    values, vectors = np.linalg.eigh(hessian)
    seen = values > 1e-14 * max(values.max(initial=0.0), 1e-300)
    if not seen.any():
        return np.zeros((member.max() + 1, len(values)))
    whiten = vectors[:, seen] / np.sqrt(values[seen])
    Z = whiten.T @ G
    sums = np.stack([np.bincount(member, weights=z * pull) for z in Z], axis=1)
    held = np.stack([np.bincount(member, weights=z * other * curvature) for z in Z for other in Z], axis=1)
    # as for one run: directions that a group alone holds have no bound on their step
    left, axes = np.linalg.eigh(np.eye(len(Z)) - held.reshape(-1, len(Z), len(Z)))
    along = np.einsum("gij,gi->gj", axes, sums) / np.maximum(left, 0.05)
    return -np.einsum("gij,gj->gi", axes, along) @ whiten.T


def _can_go(out, member, least):
    """Groups that can be left out on top of `out` and leave at least `least` runs in enough groups."""
    sizes = np.bincount(member)
    able = len(member) - sizes[out].sum() - sizes >= least
    able &= len(sizes) - len(out) - 1 >= LEAST_GROUPS
    able[out] = False
    return np.flatnonzero(able)


def _moved_without(problem, current, others, out, question, sign, candidates, member):
    """The best group to leave out on top of `out`: the answer times `sign` without it, its number, that end.

    One Newton step from the optimum `current` (P,) without `out` picks the candidates; they are refitted.
    """
    out = np.array(out, dtype=int)
    able = _can_go(out, member, problem.theta_size + 1)
    if not able.size:
        return -np.inf, None, current
    weights = 1.0 - np.isin(member, out)
    step = one_step(problem, current, weights, member)[able]
    guess = sign * (step @ question.slope(current))
    guess = np.where(np.isfinite(guess), guess, -np.inf)
    tried = able[np.argsort(-guess, kind="stable")[:candidates]]
    removed = np.column_stack([np.tile(out, (len(tried), 1)), tried])
    starts = np.tile(np.concatenate([current[None], others]), (len(tried), 1, 1))
    ends, reached = _batches(problem, starts, removed, member)
    moved = sign * question.value(ends)
    moved = np.where(reached & np.isfinite(moved), moved, -np.inf)
    best = int(np.argmax(moved))
    return moved[best], int(tried[best]), ends[best]


def decide(problem, starts, question, sign, count, member):
    """Groups whose joint removal moves the answer far in the direction `sign`, and the optimum without them.

    A greedy search: they are taken one after another; then each in turn is put back and the best of all
    taken in its place, since runs that go together hide behind each other. Another set may move it more.
    """
    candidates = int(np.clip(40_000 // len(member), 2, _CANDIDATES))
    candidates = member.max() + 1 if few(member) else candidates
    theta, others, out, reached = starts[0], starts[1:], [], -np.inf
    for _ in range(count):
        args = (out, question, sign, candidates, member)
        moved, group, end = _moved_without(problem, theta, others, *args)
        if moved == -np.inf:
            break
        out, theta, reached = [*out, group], end, moved
    for place in range(len(out)) if candidates >= _SWAPPED else ():
        rest = out[:place] + out[place + 1 :]
        back, found = refit(problem, theta[None, None], np.array([rest], dtype=int), member)
        if found[0]:
            args = (rest, question, sign, _SWAPPED, member)
            moved, group, end = _moved_without(problem, back[0], others, *args)
            if moved > reached:
                out[place], theta, reached = group, end, moved
    return tuple(out), theta


def _batches(problem, starts, removed, member, corners=(), *, label=None):
    """`refit` in batches; with a label through run_pieces, so that they may go elsewhere."""
    together = max(1, _TOGETHER // (problem.runs * starts.shape[1]))
    pieces = [
        (problem, starts[first : first + together], removed[first : first + together], member, corners)
        for first in range(0, len(starts), together)
    ]
    found = run_pieces(refit, pieces, label=label) if label else [refit(*piece) for piece in pieces]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def left_out(problem, starts, corners, question, member):
    """Changes (groups, P) of the constants without each group, which were refitted, and words on how."""
    n, groups = len(member), member.max() + 1
    what = "runs" if groups == n else "groups"
    theta = starts[0]
    if groups <= ALL_EXACT and n * groups <= _EXACT_WORK:
        rows = np.arange(groups)
        change = np.zeros((groups, len(theta)))
        method = f"Each of the {groups} {what} was left out and the others were refitted."
    else:
        change = one_step(replace(problem, delta=corners[-1]), theta, np.ones(n), member)
        corners = corners[-1:]
        count = min(int(np.clip(_EXACT_WORK // n, 20, 300)), groups)
        size = np.abs(change @ question.slope(theta))
        rows = np.sort(np.argsort(-size, kind="stable")[:count])
        method = (
            f"Influences are one Newton step from the fit; the {count} {what} that move {question.name} most by it "
            "were left out and the others refitted."
        )
    # starts of each refit: where the Newton step leads (no step for few runs) and the other optima;
    # whole groups are too much for the step to be a safe start
    guess = theta + change[rows] if groups == n else np.tile(theta, (len(rows), 1))
    first = np.clip(guess, problem.lower, problem.upper)[:, None]
    known = np.concatenate([first, np.tile(starts[1:], (len(rows), 1, 1))], axis=1)
    ends, reached = _batches(problem, known, rows[:, None], member, corners, label=f"{what} left out")
    change[rows] = np.where(reached[:, None], ends - theta, np.nan)
    change[n - np.bincount(member) < problem.theta_size] = np.nan  # the others are fewer than the constants
    exact = np.zeros(groups, dtype=bool)
    exact[rows] = True
    return change, exact, method


def search_without(problem, starts, removed, warm, absolute, member):
    """The optimum without groups `removed`, by a search of its own, or `warm` where that lies lower.

    Five of very many runs (not of groups) do not move the fit to another basin: there `warm` is only refined. A form
    has no search here: it goes on from `starts` (S, P).
    """
    keep = np.flatnonzero(~np.isin(member, removed))
    search_all = len(keep) <= ALL_EXACT or member.max() + 1 < len(member)
    if not search_all and not absolute:
        return warm
    if hasattr(problem, "x"):
        rest = replace(problem, x=problem.x[:, keep], y=problem.y[keep])
    else:
        weights = np.zeros(problem.runs)
        weights[keep] = 1.0
        rest, search_all = replace(problem, weights=weights * _own(problem)), False
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # a step to a vertex may be wild
        if search_all:
            found = search(rest, absolute=absolute)
        elif absolute:
            found = minimise_absolute(rest, warm[None], keep=1)
        else:
            found = minimise(rest, np.vstack([warm, starts]))
    theta = np.stack([found.theta[found.best], warm])
    own = 1.0 if rest.weights is None else rest.weights
    value = (own * np.abs(rest.residuals(theta))).sum(1) if absolute else rest.derivatives(theta)[0]
    return theta[int(np.argmin(np.nan_to_num(value, nan=np.inf)))]
