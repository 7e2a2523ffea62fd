"""Trials: a candidate fitted to the runs that are seen, and asked about those that are held out."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..notices import quiet
from ..uncertainty.readers import reader_of
from .candidates import Candidate, How

__all__ = ["LEVEL", "Trial", "lever_of", "log_slopes", "trend", "try_out"]

LEVEL = 0.8  # of the intervals that are scored
_ENDS = 50_000  # seen runs times held-out ones whose intervals are found, each by a search over the seen
_STEP = 1e-5  # relative, of numeric slopes: their error is about 1e-10
_CHANCE = 0.05  # five runs in perfect order have 0.017
_FLAT = 0.99  # of the scatter of ln y: a law that leaves more of it does not follow the runs


@dataclass(frozen=True, eq=False)
class Trial:
    """A candidate's fit and what it says of the held-out runs, or the reason why there is none.

    predicted, low, high : (held,) values of the law and the ends of its interval for a new run, NaN where it has none;
    seen_error, held_error : ln(y / law); lever : (seen, k) and (k, held), whose product says how far the scatter of
    each seen run moved ln of each prediction, linearised; NaN where that cannot be told.
    """

    fit: object = None
    reason: str = ""
    note: str = ""
    predicted: np.ndarray = field(default=None, repr=False)
    low: np.ndarray = field(default=None, repr=False)
    high: np.ndarray = field(default=None, repr=False)
    seen_error: np.ndarray = field(default=None, repr=False)
    held_error: np.ndarray = field(default=None, repr=False)
    lever: tuple = field(default=None, repr=False)


def try_out(candidate: Candidate, how: How, seen, y, held, measured, scale, groups) -> Trial:
    """Fit a candidate to columns `seen` of runs with `y` (n,); predict `measured` (m,) from columns `held`.

    scale : (n,), what is large; groups : labels of the seen runs, (n,), or None.
    """
    if len(y) <= candidate.constants:
        return Trial(reason=f"{len(y)} fitted runs are too few to test {candidate.constants} constants")
    seen, held = ({name: columns[name] for name in candidate.variables} for columns in (seen, held))
    try:
        with quiet(), np.errstate(all="ignore"):  # what they would say is in the note
            fit = candidate.fit(seen, y, groups, how)
            at_seen, at_held = (_law_at(fit.law, columns) for columns in (seen, held))
            low, high = _interval(fit, held, len(measured))
    except ValueError as error:
        return Trial(reason=str(error))
    if not (np.all(np.isfinite(at_held) & (at_held > 0)) and np.all(at_seen > 0)):
        return Trial(fit=fit, reason="the fitted law is not above zero at every run")
    seen_error, held_error = np.log(y / at_seen), np.log(measured / at_held)
    if (way := trend(scale, y)) and np.mean(seen_error**2) > _FLAT * np.log(y).var():
        runs = "rise" if way > 0 else "fall"
        return Trial(fit=fit, reason=f"these runs {runs} and the law does not: the best that it can be is a constant")
    residuals = np.log(y + how.offset) - np.log(at_seen + how.offset)
    with np.errstate(all="ignore"):  # what is no number is answered with NaN
        J, P = (log_slopes(fit, columns, at) for columns, at in ((seen, at_seen), (held, at_held)))
    return Trial(
        fit=fit,
        note=_note(fit),
        predicted=at_held,
        low=low,
        high=high,
        seen_error=seen_error,
        held_error=held_error,
        lever=lever_of(J * (at_seen / (at_seen + how.offset))[:, None], P, residuals, how.corner),
    )


def _law_at(law, columns):
    """What a law gives at columns: one with variables by their names, any other at the only one."""
    return law(**columns) if hasattr(law, "variables") else law(*columns.values())


def _note(fit):
    if not fit.converged:
        return "did not converge"
    left_open = getattr(fit, "undetermined", ())
    return f"undetermined: {', '.join(left_open)}" if left_open else ""


def _interval(fit, held, count):
    """Ends (2, m) of the interval for a new run at each held-out one, or evenly at some of very many; else NaN."""
    ends = np.full((2, count), np.nan)
    if hasattr(fit, "predict"):
        some = np.unique(np.linspace(0, count - 1, max(20, _ENDS // len(fit.residuals))).astype(int))
        try:
            found = fit.predict(**{name: column[some] for name, column in held.items()}, level=LEVEL, new_run=True)
            ends[:, some] = found.low, found.high
        except ValueError:  # too few runs over the constants
            pass
    return ends


def trend(scale, y) -> int:
    """1 where y rises with the scale beyond chance, -1 where it falls, else 0."""
    from scipy.stats import kendalltau

    found = kendalltau(scale, y)
    return int(np.sign(found.statistic)) if found.pvalue < _CHANCE else 0


def log_slopes(fit, columns, at) -> np.ndarray:
    """d ln law / d constant, (n, k), where the law is `at` (n,): exact where the engine posed the fit.

    Constants at a bound are left out.
    """

    posed = getattr(fit, "posed", None)
    if posed is not None:
        free = (posed.problem.lower < posed.theta) & (posed.theta < posed.problem.upper)
        theta = np.repeat(posed.theta[None], len(at), axis=0)
        slopes = reader_of(fit).value_at(columns)(theta, np.arange(len(at)))[1]
        return slopes[:, free] / at[:, None]
    return _differences(fit.law, tuple(columns.values()))


def _differences(law, columns):
    """d ln law / d ln constant by central differences; constants that are zero are at a bound."""
    slopes = []
    for name, value in vars(law).items():
        for place in range(np.size(value)):
            ends = []
            for step in (1.0 + _STEP, 1.0 - _STEP):
                changed = np.array(value, dtype=float)
                changed.flat[place] *= step
                try:
                    ends.append(np.log(replace(law, **{name: changed[()]})(*columns)))
                except ValueError:  # so close to its limit that it cannot be moved
                    ends.append(np.full(len(columns[0]), np.nan))
            slopes.append((ends[0] - ends[1]) / (2.0 * _STEP))
    return np.stack(slopes, axis=1)


def lever_of(J, P, residuals, corner):
    """How far each seen run's residual moved ln of each prediction: P (J'J)^-1 J' r as two factors, (n, k) and (k, m).

    J (n, k) and P (m, k) are the slopes of what was fitted and of ln of the predictions in the constants. For Huber's
    penalty r is cut at the corner, over the share of runs inside.
    """
    unknown = np.full((len(J), 1), np.nan), np.full((1, len(P)), np.nan)
    if not (np.all(np.isfinite(J)) and np.all(np.isfinite(P))):
        return unknown
    size = np.linalg.norm(J, axis=0)
    free = size > 1e-9 * size.max(initial=1e-300)
    spare, inside = len(residuals) - int(free.sum()), np.mean(np.abs(residuals) <= corner)
    if spare < 1 or inside == 0:
        return unknown
    left, values, right = np.linalg.svd(J[:, free] / size[free], full_matrices=False)
    values = np.maximum(values, 1e-9 * values[:1])  # a direction the runs do not see: its lever is long
    # n / (n - k): residuals of the fit are smaller than the scatter they came from
    scatter = np.clip(residuals, -corner, corner) / inside * np.sqrt(len(residuals) / spare)
    return left * scatter[:, None], (right / values[:, None]) @ (P[:, free] / size[free]).T
