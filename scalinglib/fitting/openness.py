"""Openness: which constants of a form the runs leave open."""

from dataclasses import replace

import numpy as np

from ..engine.blueprint import LOG, PLAIN
from ..engine.covariance import covariance
from ..engine.newton import minimise

__all__ = ["left_open", "narrow", "tied"]

_LEAST_NOISE = 1e-3  # relative; no measured loss is better known
_OPEN_SIZE = np.log(100.0)  # a coefficient whose order of magnitude is open
_PART = 0.03  # of a direction that the runs do not see
_NARROW = 0.1  # of a column, above which its term may be told from a constant
_USUAL = 1.64  # the square of a normal variable stays below it in 80%


def narrow(columns: dict) -> dict[str, str]:
    """Columns above zero whose ends lie less than a tenth apart -> by how much, as "0.5%".

    Examples
    --------
    >>> narrow({"N": np.array([2.15e9, 2.161e9]), "D": np.array([2e9, 2e10])})
    {'N': '0.5%'}
    """
    found = {}
    for name, column in columns.items():
        share = column.max() / column.min() - 1.0 if column.min() > 0.0 else _NARROW
        if share < _NARROW:
            found[name] = f"{share:.1%}" if share >= 5e-4 else f"{100.0 * share:.1g}%"
    return found


def tied(fit) -> list[tuple]:
    """Constants of each direction that the runs do not see at all."""
    names = np.array(fit.problem.coordinates.names)
    return [tuple(names[np.abs(column) > _PART]) for column in fit.covariance.lost.T]


def left_open(fit) -> tuple[str, ...]:
    """Names of constants whose sign, or of coefficients the order of magnitude, the runs leave open.

    Linearised, for a scatter no smaller than that of any measured loss; and of constants that cannot be below zero
    whether a hundred times more or less would be as good.
    """
    with np.errstate(over="ignore"):  # what is open may leave the range of a float
        return _left_open(fit)


def _left_open(fit):
    problem, plan, names = fit.problem, fit.plan, fit.problem.coordinates.names
    found = {name for group in tied(fit) for name in group}
    spread = _spread(fit)
    reach = float(np.ptp(fit.given.y))
    values = np.abs([fit.constants[name] for name in names])
    at_wall = (fit.theta <= problem.lower) | (fit.theta >= problem.upper)
    for place, (name, kind) in enumerate(zip(names, problem.coordinates.kinds, strict=True)):
        form_place = plan.open.index(name.split("[")[0])
        if kind != PLAIN:
            limit = _OPEN_SIZE * values[place]
        elif form_place in plan.linear:  # a floor may be zero
            limit = max(values[place], 0.5 * reach)
        else:
            limit = values[place]
        wall = at_wall[place] and kind != PLAIN  # the end of the search, no estimate
        if wall or (fit.covariance.free[place] and not spread[place] <= limit):
            found.add(name)
    for place, kind in enumerate(problem.coordinates.kinds):
        if kind == LOG and names[place] not in found and _flat(fit, place):
            found.add(names[place])
    return tuple(name for name in fit.names if name in found)


def _spread(fit):
    """Standard deviations (P,) of the constants, for the least noise at least."""
    known = fit.given.noise is not None
    scatter = fit.covariance.scatter
    least = 0.0 if known else _LEAST_NOISE
    if not scatter > 0.0:  # the law meets all runs
        return covariance(fit.problem, fit.theta, known=True).sd(fit.turn) * (1.0 if known else least)
    return fit.covariance.sd(fit.turn) * max(1.0, least / scatter)


def _flat(fit, place):
    """Whether runs hardly object to a hundred times more, or less, of a constant, the others following."""
    problem, theta = fit.problem, fit.theta
    best = float(problem.derivatives(theta[None])[0][0])
    noise = fit.covariance.scatter if np.isfinite(fit.covariance.scatter) else 0.0
    allowed = 0.5 * _USUAL * max(noise, _LEAST_NOISE if fit.given.noise is None else 0.0) ** 2
    for step in (-_OPEN_SIZE, _OPEN_SIZE):
        lower, upper = problem.lower.copy(), problem.upper.copy()
        lower[place] = upper[place] = theta[place] + step
        held = minimise(replace(problem, lower=lower, upper=upper), theta[None], iterations=30)
        if held.value[0] - best < allowed:
            return True
    return False
