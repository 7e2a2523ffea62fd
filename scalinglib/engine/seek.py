"""Seek: the lowest optimum of a form on runs, from scouts strewn over what is likely."""

from dataclasses import fields, replace

import numpy as np

from .absolute import minimise_absolute
from .newton import Solution, minimise
from .scouts import scouts

__all__ = ["carry_on", "corner_of", "seek"]

_ROWS = 160  # as many runs tell one basin from another
_SCOUTS = {0: 1, 1: 64, 2: 144, 3: 512, 4: 1024}
_MANY = 2048
_HEAT, _FRONT, _LAST = 8, 60, 1000


def corner_of(residuals, spare):
    """Huber's corner for residuals: 1.345 times their scatter, which costs 5% of efficiency where they are normal.

    As many of the smallest as there are constants tell nothing: the constants made them vanish.
    """
    sizes = np.sort(np.abs(residuals))[-max(spare, 1) :]
    return max(1.345 * 1.4826 * float(np.median(sizes)), 1e-9)


def seek(problem, thin, plan, columns, held, bounds, start, *, absolute, auto):
    """The Solution of the leading starts on all runs, and the problem with the corner that was used.

    problem, thin : Expression of all runs and of as many as tell basins apart, with its `columns`; absolute : least
    absolute deviation; auto : Huber's corner follows from the residuals.
    """
    searched = len(plan.open) - len(plan.linear) - len(plan.amplitudes)
    theta, left = scouts(thin, plan, columns, held, bounds, start, _SCOUTS.get(searched, _MANY))
    theta = theta[np.isfinite(left)]
    if not len(theta):
        return None, problem
    simple = searched <= 2 and thin.runs >= 80
    spare = problem.runs - len(plan.open)
    if auto:
        thin = replace(thin, delta=corner_of(thin.residuals(theta[:1])[0], thin.runs - len(plan.open)))
    chosen = _apart(theta, 8 if simple else 64 if searched > 2 else 24)
    heat = minimise(thin, chosen, iterations=_HEAT if simple else _FRONT)
    order = np.argsort(heat.value, kind="stable")
    front = _apart(heat.theta[order], 2 if simple else 10)
    if absolute:
        return minimise_absolute(problem, front, keep=len(front)), problem
    if auto:
        problem = replace(problem, delta=corner_of(problem.residuals(front[:1])[0], spare))
    run = carry_on(problem, front)
    for _ in range(3 if auto else 0):
        delta = corner_of(problem.residuals(run.theta[[run.best]])[0], spare)
        if abs(np.log(delta / problem.delta)) < 0.01:
            break
        problem = replace(problem, delta=delta)
        run = carry_on(problem, run.theta)
    return run, problem


def carry_on(problem, starts):
    """The Solution from starts near optima: damped steps, long ones for the leader, and full steps at the end."""
    run = minimise(problem, starts, iterations=_FRONT)
    if not run.converged[run.best]:
        _go_on(problem, run, run.best, iterations=_LAST)
    _go_on(problem, run, run.best, iterations=3, near=True)
    return run


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
