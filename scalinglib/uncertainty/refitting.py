"""Refitting: every resample taken to an optimum of its own, and to the lowest of several where runs are few."""

from dataclasses import replace

import numpy as np

from ..engine.absolute import close_corner
from ..engine.newton import minimise
from ..engine.starts import search

__all__ = ["TOGETHER", "believed", "draw", "refit_drawn", "refit_resamples", "rival_optima", "strata", "weighed"]

TOGETHER = 60_000  # runs times resamples in one batch of arrays: they should stay in the cache

_FEW_RUNS = 40  # of 12 runs one resample in seventy has a lower optimum elsewhere, of 40 and more none was met
_RIVALS = 4
_APART = 1e-2  # in the engine's constants
_WIDE = 16.0, 4.0, 1.0, 0.5  # corners over the scatter: a wide one shows the way past vertices of few runs
_HEAT = 20
_MANY = 100  # different sizes of which any resample holds three
_LOWER = 1e-9  # relative; less is rounding, and the end nearer to the fit's own stays


def strata(posed, member):
    """Groups, numbered for each run by `member` (n,), of which as many are drawn as there are: those of each family."""
    return [np.unique(member[rows]) for rows in posed.families] or [np.arange(member.max() + 1)]


def draw(rng, size, parts):
    """How often each group is in each of `size` resamples, (size, groups)."""
    drawn = np.zeros((size, 1 + max(int(part.max()) for part in parts)), dtype=int)
    for part in parts:
        drawn[:, part] = rng.multinomial(len(part), np.full(len(part), 1.0 / len(part)), size=size)
    return drawn


def weighed(posed, counts):
    """The problem of resamples with runs drawn `counts` (S, n) times, and which have enough to fix a law."""
    weights = counts if posed.problem.weights is None else counts * posed.problem.weights
    return replace(posed.problem, weights=weights.astype(float)), rich_enough(posed, counts)


def believed(problem, size, rng):
    """The problem of `size` resamples with the means of its priors drawn anew: a belief errs as a measurement does."""
    prior = getattr(problem, "prior", None)
    if prior is None:
        return problem
    drawn = prior.centre + prior.sd * rng.standard_normal((size, len(prior.sd)))
    return replace(problem, prior=replace(prior, centre=drawn))


def refit_drawn(posed, member, drawn, seed):
    """Constants by name (S,) of resamples, groups `drawn` (S, groups) times each; NaN where nothing was found.

    `seed` is that of the means of priors, where there are any.
    """
    rng = np.random.default_rng(seed)
    rivals, batch, found = rival_optima(posed), max(1, TOGETHER // posed.runs), []
    for first in range(0, len(drawn), batch):
        part = drawn[first : first + batch]
        problem, enough = weighed(posed, part[:, member])
        problem = believed(problem, len(part), rng)
        theta, reached = refit_resamples(problem, posed.theta, rivals, posed.absolute)
        found.append(np.where((enough & reached)[:, None], theta, np.nan))
    return posed.constants(np.concatenate(found))


def rich_enough(posed, counts):
    """Which resamples can tell the constants apart, (S,), with runs drawn `counts` (S, n) times.

    As many runs as constants are met exactly, whatever they are; a floor and a power take three places.
    """
    problem = posed.problem
    enough = (counts > 0).sum(1) > posed.free
    places = 3 if problem.lower[0] < problem.upper[0] else 2
    for order, first in posed.different:
        if len(first) <= _MANY:
            enough &= (np.add.reduceat(counts[:, order], first, axis=1) > 0).sum(1) >= places
    return enough


def rival_optima(posed):
    """Other optima (k, P) than the fit's from which resamples of few runs start, too; none for many runs."""
    found, ends = [posed.theta], posed.ends
    if posed.runs < _FEW_RUNS:
        ends = search(posed.problem, absolute=posed.absolute) if ends is None else ends
        order = np.argsort(ends.value, kind="stable")
        for row in order[ends.converged[order]]:
            if all(np.abs(ends.theta[row] - other).max() > _APART for other in found):
                found.append(ends.theta[row])
    return np.array(found[1 : 1 + _RIVALS]).reshape(-1, len(posed.theta))


def refit_resamples(problem, theta, rivals, absolute):
    """The lowest end found for each resample of `problem`, (S, P), and whether it is an optimum, (S,).

    All start at the fit's own `theta` (P,). Those of few runs start from its `rivals` (k, P), too, and from
    the optimum for a wide corner, which is closed by stages.
    """
    count = len(problem.y if problem.y.ndim > 1 else problem.weights)
    own = np.repeat(theta[None], count, axis=0)
    best = _descend(problem, own, absolute)
    if problem.runs < _FEW_RUNS:
        others = [np.repeat(rival[None], count, axis=0) for rival in rivals]
        scatter = max(float(np.median(np.abs(problem.residuals(own)))), 1e-13)
        corners = [factor * scatter for factor in _WIDE if absolute or factor * scatter > problem.delta]
        if corners:
            for corner in corners:
                own = minimise(replace(problem, delta=corner), own, iterations=_HEAT).theta
            others.append(own)
        for starts in others:
            other = _descend(problem, starts, absolute)
            better = other.value < best.value * (1.0 - _LOWER)
            if absolute:  # no other solver takes up what stops short
                better = other.converged & (better | ~best.converged)
            _put(best, better, other, better)
    for near in () if absolute else (False, True):  # where full steps ended nowhere, damped ones go on from there
        lost = np.flatnonzero(~best.converged)
        if lost.size:
            _put(best, lost, minimise(_part(problem, lost), best.theta[lost], near=near), slice(None))
    return best.theta, best.converged


def _descend(problem, starts, absolute):
    return close_corner(problem, starts) if absolute else minimise(problem, starts, near=True)


def _part(problem, rows):
    """The problem of some of the resamples."""
    y, weights = (z[rows] if z is not None and z.ndim > 1 else z for z in (problem.y, problem.weights))
    part, prior = replace(problem, y=y, weights=weights), getattr(problem, "prior", None)
    if prior is not None and prior.centre.ndim > 1:
        part = replace(part, prior=replace(prior, centre=prior.centre[rows]))
    return part


def _put(solution, rows, other, taken):
    for name in ("theta", "value", "converged"):
        getattr(solution, name)[rows] = getattr(other, name)[taken]
