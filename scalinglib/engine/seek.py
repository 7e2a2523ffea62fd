"""Seek: the lowest optimum of a form on runs, from scouts strewn over what is likely."""

from dataclasses import fields, replace

import numpy as np

from .absolute import minimise_absolute
from .covariance import spread_of
from .newton import Solution, minimise
from .scouts import moved, scouts

__all__ = ["CORNER", "corner_of", "refine", "seek"]

_HEAT, _FRONT, _JUMP, _LAST = 8, 60, 30, 1000
_ROUNDS, _MOVED, _MOST = 3, 6, 0.3  # of jumps: at most, from so many ends, and the share of starts that need none
_LEAST = 1e-18  # of the strength of a prior: that of runs without errors
CORNER = 1.345  # of the scatter: 95% efficient where errors are normal


def corner_of(residuals, spare):
    """Huber's corner for residuals: 1.345 times their scatter.

    As many of the smallest as there are constants tell nothing: the constants made them vanish.
    """
    sizes = np.sort(np.abs(residuals))[-max(spare, 1) :]
    return max(CORNER * 1.4826 * float(np.median(sizes)), 1e-9)


def seek(problem, thin, plan, columns, held, bounds, start, *, absolute, auto):
    """Leading starts (S, P), best first, of one family; none where the form gives no number at some run.

    problem, thin : Expression of all runs and of as many as tell basins apart, with its `columns`; absolute : least
    absolute deviation; auto : Huber's corner follows from the residuals.
    """
    searched = len(plan.open) - len(plan.linear) - len(plan.amplitudes)
    theta, left = scouts(thin, plan, columns, held, bounds, start)
    theta = theta[np.isfinite(left)]
    if not len(theta):
        return theta
    simple = searched <= 2 and thin.runs >= 80
    if auto or absolute:
        thin = replace(thin, delta=corner_of(thin.residuals(theta[:1])[0], thin.runs - len(plan.open)))
    thin = strengthened(thin, theta[0])
    chosen = _apart(theta, 8 if simple else 64 if searched > 2 else 24)
    heat = minimise(thin, chosen, iterations=_HEAT if simple else _FRONT)
    ends, value = _in_order(heat.theta, heat.value)
    known = strengthened(thin, ends[0])  # a scout strays further than the law that it leads to
    if not _alike(known, thin):
        thin = known
        heat = minimise(thin, np.concatenate([ends, chosen]), iterations=_HEAT if simple else _FRONT)
        ends, value = _in_order(heat.theta, heat.value)
    for _ in range(0 if simple else _ROUNDS):
        if (value <= value[0] * (1.0 + 1e-6) + thin.rounding).mean() > _MOST:  # nearly all lead there
            break
        jumped = moved(thin, plan, columns, held, bounds, _apart(ends, _MOVED), theta)
        heat = minimise(thin, jumped, iterations=_JUMP)
        before = value[0]
        ends, value = _in_order(np.concatenate([ends, heat.theta]), np.concatenate([value, heat.value]))
        if not value[0] < before * (1.0 - 1e-6) - thin.rounding:
            break
    return _apart(ends, 2 if simple else 10)


def strengthened(problem, theta):
    """The problem with its prior as strong as the residuals at `theta` (P,) say, where nothing else says it."""
    if problem.prior is None or not problem.prior.unknown:
        return problem
    with np.errstate(all="ignore"):
        strength = spread_of(problem, theta).strength
    return replace(problem, prior=replace(problem.prior, strength=max(strength, _LEAST))) if strength > 0 else problem


def _in_order(theta, value):
    order = np.argsort(value, kind="stable")
    return theta[order], value[order]


def refine(problem, starts, *, absolute, auto):
    """The Solution from leading starts (S, P), and the problem as it was solved.

    With `auto` Huber's corner, and with a prior its strength, follow from the residuals: both are read again until they
    stand still.
    """
    if absolute:
        with np.errstate(all="ignore"):  # steps to a vertex may be wild; what they leave is checked
            return minimise_absolute(problem, starts, keep=len(starts)), problem
    spare = problem.runs - problem.theta_size
    run = None
    for _ in range(6):
        best = starts[:1] if run is None else run.theta[[run.best]]
        changed = replace(problem, delta=corner_of(problem.residuals(best)[0], spare)) if auto else problem
        changed = strengthened(changed, best[0])
        if run is not None and _alike(changed, problem):
            break
        problem = changed
        run = minimise(problem, starts, iterations=_FRONT) if run is None else _again(problem, run)
    if not run.converged[run.best]:
        _go_on(problem, run, run.best, iterations=_LAST)
    _go_on(problem, run, run.best, iterations=3, near=True)  # what damping leaves of the slope
    return run, problem


def _again(problem, run):
    """From the ends of a run, after a small change of the problem: full steps, or damped ones where they fail."""
    more = minimise(problem, run.theta, iterations=20, near=True)
    more.iterations[:] += run.iterations
    if not more.converged[more.best]:
        more = minimise(problem, run.theta, iterations=_FRONT)
    return more


def _alike(one, other):
    parts = [(one.delta, other.delta)]
    if one.prior is not None:
        parts.append((one.prior.strength, other.prior.strength))
    return all(a == b or abs(np.log(a / b)) < 0.01 for a, b in parts)


def _go_on(problem, run, row, *, iterations, near=False):
    more = minimise(problem, run.theta[[row]], iterations=iterations, near=near, damping=run.damping[[row]])
    run.iterations[row] += more.iterations[0]
    run.converged[row] |= more.converged[0]
    for field in fields(Solution):
        if field.name not in ("iterations", "converged"):
            getattr(run, field.name)[row] = getattr(more, field.name)[0]


def _apart(theta, count):
    """The first `count` that differ from those before."""
    size = np.maximum(np.abs(theta).max(0), 1e-300)
    kept = []
    for row, one in enumerate(theta):
        if all(np.abs((one - theta[other]) / size).max() > 1e-6 for other in kept):
            kept.append(row)
        if len(kept) == count:
            break
    return theta[kept]
