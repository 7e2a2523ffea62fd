"""The survey behind a full audit: reach, optima and influence of one fit."""

from dataclasses import replace

import numpy as np

from ..engine.coordinates import log_size
from .influence import influence_of
from .optima import optima_of, table_of
from .reach import default_budget, reach_of

__all__ = ["survey"]


def survey(fit, audit, budget, groups=None):
    """The `audit` of a ChinchillaFit's design, with its parts that take refits; `budget` in FLOP or None.

    `groups` are labels (g,) and the place of each run's label among them (n,), or None.
    """
    pieces = None if groups is None else len(groups[0])
    given = budget is not None
    if not given:
        budget = default_budget(fit.N, fit.D)
    posed = fit.posed
    problem, centre, unit, theta = posed.problem, posed.coordinates.centre, posed.coordinates.unit, posed.theta
    reach = reach_of(
        fit.N, fit.D, lambda C: log_size(theta[None], centre, C)[0], audit.undetermined, budget=budget, given=given
    )
    ends, starts, nowhere, nothing = optima_of(problem, theta, absolute=fit.objective == "lad")
    starting = table_of(
        ends,
        starts=starts,
        nowhere=nowhere,
        noise=nothing,
        fit=theta,
        centre=centre,
        unit=unit,
        budget=budget,
        runs=pieces or len(fit.N),  # independent ones: they say how likely another optimum is
    )
    others = np.array([end[0] for row, end in enumerate(ends) if row != starting.fit]).reshape(-1, 5)
    leverage = influence_of(fit, others, budget=budget, open_split=bool(reach.open), groups=groups)
    return replace(audit, reach=reach, starting=starting, leverage=leverage, groups=pieces)
