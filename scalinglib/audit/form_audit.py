"""FormAudit: what the runs of a fit of any form can and cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..fitting import FormFit
from ..forms.domain import check_domain
from ..text import brief, wrapped
from .doubts import pooled_of
from .influence import Influence
from .optima import Optima
from .pooled import Pooled
from .question import PredictionAt
from .survey import refitted

if TYPE_CHECKING:
    import pandas

__all__ = ["FormAudit", "audit_form"]

_BLIND = 1e3  # relative; only what no run sees is so little known
_LEVEL, _AHEAD, _NARROW, _TOO_WIDE = 0.8, 10.0, 3.0, 0.5
_TOGETHER, _PAIRS = 0.95, 5


@dataclass(frozen=True, eq=False, kw_only=True)
class FormAudit:
    """What the runs say of a law of any form.

    Attributes
    ----------
    runs, groups : int, int or None
    undetermined : tuple of str
        Constants that these runs leave open.
    open_sentence : str
        The same in words, with those that cannot be told apart; empty where none is open.
    condition : float
        Strongest over weakest direction that the runs see, each constant in a unit of its own.
    correlations : pandas.DataFrame
        Of the free constants' errors, linearised.
    reach : pandas.DataFrame
        A row a variable: ``lowest``, ``highest``, ``factor`` between them, and what the law gives at ten times the
        highest, all else as at the run where it is lowest: ``prediction`` and ``error``, half of its 80% interval as a
        share of what lies above the floor; NaN where the law does not fall that way.
    point : dict
        Where a prediction was asked.
    prediction, error : float
        What the law gives there, and half of its 80% interval as a share of what lies above the floor: infinite where
        that rests on constants that the runs leave open, NaN where they are as few as the constants.
    given : bool
        Whether the caller named the point; otherwise it is the run where the law is lowest, with ten times the product
        of the variables in which the law falls.
    starting : Optima
    leverage : Influence
    pooled : Pooled
        What speaks against taking the rows as independent runs of one experiment.
    """

    runs: int
    groups: int | None
    undetermined: tuple
    open_sentence: str
    condition: float
    correlations: "pandas.DataFrame"
    reach: "pandas.DataFrame"
    point: Mapping
    prediction: float
    error: float
    given: bool
    starting: Optima
    leverage: Influence
    pooled: Pooled

    def __repr__(self):
        return brief(self, f"{self.runs} runs", f"prediction {self.prediction:.5g}")

    @property
    def influence(self) -> "pandas.DataFrame | None":
        """Table of what leaving out each run, or group, changes: see Influence.table."""
        return self.leverage.table

    @property
    def optima(self) -> "pandas.DataFrame":
        """Table of the different optima that starts end in: see Optima.table."""
        return self.starting.table

    @property
    def deciding(self) -> tuple:
        """Rows, or groups, up to five, whose joint removal moves the prediction far: see Influence."""
        return self.leverage.deciding

    def report(self) -> str:
        """The audit in sentences."""
        where = "" if self.groups is None else f" in {self.groups} groups"
        condition = f"{self.condition:.3g}" if self.condition < 1e12 else "beyond what can be told"
        lines = [f"{self.runs} runs{where}; condition number {condition}."]
        if self.undetermined:
            lines.append(f"{self.open_sentence[0].upper()}{self.open_sentence[1:]}.")
        lines += self._together()
        lines += [self._range(row) for row in self.reach.itertuples()]
        place = ", ".join(f"{n} = {v if isinstance(v, str) else format(v, '.4g')}" for n, v in self.point.items())
        how = "" if self.given else ", ten times beyond the run where the law is lowest"
        known = _known(self.error, self.undetermined)
        lines.append(f"The prediction is asked at {place}{how}: {self.prediction:.5g}{known}.")
        lines += [*self.starting.sentences(), *self.leverage.sentences(), *self.pooled.sentences()]
        return wrapped(lines)

    def _together(self):
        names, values = list(self.correlations), self.correlations.to_numpy()
        pairs = [
            (abs(values[i, k]), f"{names[i]} and {names[k]} ({values[i, k]:+.3f})")
            for i in range(len(names))
            for k in range(i + 1, len(names))
            if abs(values[i, k]) > _TOGETHER
        ]
        if not pairs:
            return []
        said = [words for _, words in sorted(pairs, reverse=True)[:_PAIRS]]
        more = f" and {len(pairs) - _PAIRS} more pairs" if len(pairs) > _PAIRS else ""
        return [
            f"Errors that go together, by their correlation: {', '.join(said)}{more}: quote these constants together."
        ]

    def _range(self, row):
        said = f"{row.Index} was seen from {row.lowest:.4g} to {row.highest:.4g}"
        said += f", a factor of {row.factor:.3g}" if np.isfinite(row.factor) else ""
        said += ": too little to tell its part from a constant" if row.factor < _NARROW else ""
        if np.isfinite(row.prediction):
            said += f"; at ten times the most the law gives {row.prediction:.5g}{_known(row.error, self.undetermined)}"
        return said + "."


def _known(error, open_):
    """How well a prediction is known, and whether that is too little."""
    if np.isposinf(error):
        return f", which rests on {', '.join(open_)}: the runs leave it open"
    if not np.isfinite(error):
        return ", and nothing says how well that is known"
    doubt = ", no better than to a factor of two: do not plan by it" if error > _TOO_WIDE else ""
    return f" +- {error:.1%} of what lies above the floor at {_LEVEL:.0%}{doubt}"


def audit_form(fit: FormFit, *, at: Mapping | None = None, groups: ArrayLike | None = None) -> FormAudit:
    """Audit the runs of a fit of any form.

    Parameters
    ----------
    fit : FormFit
    at : dict, optional
        Variable -> number, and with families their column -> label, where a prediction is asked: influences and other
        optima are told by it. Without it ten times beyond the run where the law is lowest.
    groups : array_like, shape (n,), optional
        Labels of runs that belong together; whole groups are then left out.

    Returns
    -------
    FormAudit
        It takes some hundred refits.

    Raises
    ------
    ValueError
        If `at` lacks a variable or names another, or a run has no label.

    Examples
    --------
    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> rng = np.random.default_rng(0)
    >>> runs = pd.DataFrame({"C": np.geomspace(1e18, 1e21, 30)})
    >>> runs["loss"] = (1.8 + 500 / runs.C**0.15) * np.exp(0.002 * rng.standard_normal(30))
    >>> runs.loc[29, "loss"] *= 1.1  # a run that went wrong
    >>> audit = sl.fit("E + A / C**a", runs, objective="log_least_squares").audit(at={"C": 1e22})
    >>> int(audit.influence.change_log_prediction.abs().idxmax()), audit.point
    (29, {'C': 1e+22})
    """
    import pandas

    posed, given = fit.posed, fit.given
    if groups is not None:
        groups = arguments.labels("groups", groups, posed.runs)
    point = _named(fit, at) if at else _ahead(fit)
    question = PredictionAt(fit, point)
    order = np.argsort(given.order)
    columns = {name: column[order] for name, column in given.columns.items()}
    columns |= {given.y_name: given.y[order], "residual": fit.residuals}
    starting, leverage = refitted(posed, question, columns, False, groups)
    names, free = np.array(posed.coordinates.names), fit.covariance.free
    matrix = fit.constant_root @ fit.constant_root.T
    with np.errstate(all="ignore"):
        sd = np.sqrt(np.diag(matrix))
        correlations = np.clip((matrix / sd / sd[:, None])[np.ix_(free, free)], -1.0, 1.0)
    by_name = dict(zip(names[free], correlations.T, strict=True))
    return FormAudit(
        runs=posed.runs,
        groups=None if groups is None else len(groups[0]),
        undetermined=fit.undetermined,
        open_sentence=fit.open_sentence,
        condition=fit.covariance.condition,
        correlations=pandas.DataFrame(by_name, index=names[free]),
        reach=_reach(fit),
        point=point,
        prediction=question.own,
        error=_error(fit, question),
        given=bool(at),
        starting=starting,
        leverage=leverage,
        pooled=pooled_of(fit, groups=None if groups is None else groups[0][groups[1]]),
    )


def _named(fit, at):
    wanted, at = fit.law.variables, arguments.mapping("at", at, "variables and numbers")
    own = {column: name for name, column in fit.form.columns.items() if column not in wanted and name not in at}
    at = {own.get(name, name): value for name, value in at.items()}
    if set(at) != set(wanted):
        raise ValueError(f"at must have a number for {', '.join(wanted)} and no more; got {', '.join(map(str, at))}")
    families = getattr(fit.law, "laws", {})
    point = {}
    for name, value in at.items():
        if families and name == fit.law.by:
            if str(value) not in families:
                raise arguments.unknown_name(f"family of {name}", str(value), families)
            point[name] = str(value)
        else:
            point[name] = arguments.scalar(f"at[{name!r}]", value)
    check_domain(fit.form, {name: np.asarray(point[name]) for name in fit.form.variables})
    if not np.isfinite(fit.law(**point)):
        raise ValueError(f"at: the law is no number at {', '.join(f'{n} = {z}' for n, z in point.items())}")
    return point


def _lowest(fit):
    """Variables, and the family, of the run where the law is lowest."""
    row = int(np.argmin(fit.problem.values(fit.theta[None])[0]))
    point = {name: float(column[row]) for name, column in fit.given.columns.items()}
    for label, rows in zip(fit.given.labels, fit.given.families, strict=False):
        if rows.start <= row < rows.stop:
            point[fit.given.by] = label
    return point


def _falls(fit, point, name, times):
    """Whether the law goes on falling where a variable is some times its value."""
    if not point[name] > 0.0:
        return False
    here, there = float(fit.law(**point)), float(fit.law(**point | {name: times * point[name]}))
    return there < here


def _times(fit, name):
    """How many times its value a variable may be asked at: a share, which lies from 0 to 1, at no other."""
    column = fit.given.columns[name]
    return 1.0 if 0.0 <= column.min() and column.max() <= 1.0 else _AHEAD


def _ahead(fit):
    point = _lowest(fit)
    falling = [name for name in fit.given.columns if _times(fit, name) > 1.0 and _falls(fit, point, name, _AHEAD)]
    times = _AHEAD ** (1.0 / max(len(falling), 1))
    return point | {name: times * point[name] for name in falling}


def _error(fit, question):
    """Half of the 80% interval of a prediction, as a share of what lies above the floor.

    Infinite where it rests on what the runs do not see at all, NaN where no run is left to say.
    """
    from scipy.stats import t

    if fit.spare < 1:
        return float("nan")
    half = float(t.ppf(0.5 + 0.5 * _LEVEL, fit.spare)) * float(np.linalg.norm(question.gradient @ fit.covariance.root))
    above = abs(question.own - question.floor)
    if fit.covariance.lost.size and not half < _BLIND * abs(question.own):
        return float("inf")
    return half / above if above > 0.0 else float("nan")


def _reach(fit):
    """Range of each variable, and the prediction at ten times its highest."""
    import pandas

    rows, lowest = {}, _lowest(fit)
    for name, column in fit.given.columns.items():
        low, high = float(column.min()), float(column.max())
        row = {"lowest": low, "highest": high, "factor": high / low if low > 0.0 else np.nan}
        row |= {"prediction": np.nan, "error": np.nan}
        if low > 0.0 and _times(fit, name) > 1.0 and _falls(fit, lowest | {name: high}, name, _AHEAD):
            with np.errstate(all="ignore"):  # far out a law may be no number
                there = PredictionAt(fit, lowest | {name: _AHEAD * high})
                row |= {"prediction": there.own, "error": _error(fit, there)}
        rows[name] = row
    return pandas.DataFrame.from_dict(rows, orient="index")
