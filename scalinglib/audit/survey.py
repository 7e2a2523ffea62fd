"""The survey behind a full audit: reach, optima and influence of one fit."""

from dataclasses import replace

import numpy as np

from ..engine.coordinates import log_size
from .influence import influence_of
from .optima import optima_of, table_of
from .question import BestSizeOf
from .reach import default_budget, reach_of

__all__ = ["refitted", "survey"]


def survey(fit, audit, budget, groups=None):
    """The `audit` of a ChinchillaFit's design, with its parts that take refits; `budget` in FLOP or None.

    `groups` are labels (g,) and the place of each run's label among them (n,), or None.
    """
    pieces = None if groups is None else len(groups[0])
    given = budget is not None
    if not given:
        budget = default_budget(fit.N, fit.D)
    posed = fit.posed
    centre, theta = posed.coordinates.centre, posed.theta
    reach = reach_of(
        fit.N, fit.D, lambda C: log_size(theta[None], centre, C)[0], audit.undetermined, budget=budget, given=given
    )
    question = BestSizeOf(posed.coordinates, budget)
    columns = {"N": fit.N, "D": fit.D, "loss": fit.loss, "residual": fit.residuals}
    starting, leverage = refitted(posed, question, columns, bool(reach.open), groups)
    return replace(audit, reach=reach, starting=starting, leverage=leverage, groups=pieces)


def refitted(posed, question, columns, open_split, groups=None):
    """The Optima and the Influence of a fit, as far as a question is concerned."""
    ends, starts, nowhere, nothing = optima_of(posed, question)
    runs = posed.runs if groups is None else len(groups[0])  # independent ones: they say how likely another optimum is
    starting = table_of(ends, posed, question, starts=starts, nowhere=nowhere, noise=nothing, runs=runs)
    others = np.array([end[0] for row, end in enumerate(ends) if row != starting.fit]).reshape(-1, len(posed.theta))
    how = {"question": question, "columns": columns, "open_split": open_split, "groups": groups}
    return starting, influence_of(posed, others, **how)
