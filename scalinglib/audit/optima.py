"""The optima of an objective: where starts all over the range of the exponents end."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.absolute import minimise_absolute
from ..engine.coordinates import Terms
from ..engine.covariance import spread_of
from ..engine.newton import minimise
from ..engine.starts import grid, solve_rest
from ..parallel import run_pieces
from ..text import wrapped

if TYPE_CHECKING:
    import pandas

__all__ = ["Optima", "absolute_corners", "optima_of"]

_STEPS, _STEPS_MANY = 12, 8  # exponents tried a side
_MANY = 64  # so many runs hide fewer basins
_ROWS = 2000  # the basins show on this many runs; their ends are then refined on all
_TOGETHER = 30_000  # runs times starts in one batch of arrays
_STREWN = 64
_REFINED = 8  # ends carried over to all the runs, or to least absolute deviation
_SAME, _SAME_VALUE, _NEAR = 1e-4, 1e-8, 1e-2
_PERFECT = 1e-9  # no loss is known this well: residuals below are rounding's
_ENDS_SHOWN = 5


def absolute_corners(residuals):
    """Corners of Huber's objective, ever smaller, that stand in for absolute values.

    Descents from one to the next find lower vertices than a small corner at once.
    """
    scatter = max(float(np.median(np.abs(residuals))), 1e-9)
    return tuple(scatter / 5.0**k for k in (1, 2, 3, 4))


@dataclass(frozen=True, eq=False)
class Optima:
    """The different optima that starts end in.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an optimum, lowest first: excess (its objective over the lowest, less one), the constants,
        N_opt at the audit's budget (of forms the prediction at its point), and starts, how many ended there.
    starts : int
        How many were refined.
    unfinished : int
        Those that reached no optimum within the steps allowed.
    fit : int
        Row of the optimum that the fit reported.
    likely : float
        An excess below this is no evidence against an optimum: two units of log likelihood by the scatter of the
        runs (of n runs about 4 / n with squares, 2 / n to 3 / n with absolute values), and at least 1%.
    answer, elsewhere : str, float
        The column that the question is about, and how far off in logarithms it is another answer.
    """

    table: object = field(repr=False)
    starts: int
    unfinished: int
    fit: int
    likely: float
    answer: str = "N_opt"
    elsewhere: float = np.log(1.1)

    @property
    def rivals(self) -> "pandas.DataFrame":
        """Rows of `table` that the runs hardly tell from the fit, and whose answer is over 10% off."""
        table, answer = self.table, self.table[self.answer]
        moved = np.abs(np.log(answer / answer[self.fit])) > self.elsewhere
        moved |= answer.isna() != np.isnan(answer[self.fit])
        return table[moved & (table.excess < self.likely)].drop(index=self.fit, errors="ignore")

    def sentences(self) -> list[str]:
        """Whether the optimum depended on the start: a list of sentences."""
        table, own = self.table, self.table.loc[self.fit]
        others = table.drop(index=self.fit)
        lines = [f"{own.starts:.0f} of {self.starts} starts end at the fit's optimum"]
        tied = others[others.excess == own.excess]
        if len(tied):
            places = "another" if len(tied) == 1 else f"{len(tied)} others"
            lines[0] += f", {tied.starts.sum()} at {places} just as low"
        if self.fit > 0 and own.excess > 0.0:
            lines[0] += (
                f", but {table.starts[: self.fit].sum()} end lower: the fit missed the lowest optimum, "
                f"where {self._told(table.iloc[0])}; do not use it before that one was looked at"
            )
        elif len(others) > len(tied):
            following = others[others.excess > own.excess].iloc[0]
            lines[0] += f"; the next best, {_excess(following.excess)}, has {self._told(following)}"
        if self.unfinished:
            lines[0] += f" ({self.unfinished} reached no optimum)"
        lines[0] += "."
        rivals = self.rivals
        if len(rivals) and own.excess == 0.0:
            rival = rivals.iloc[0]
            more = f" It is one of {len(rivals)} such optima." if len(rivals) > 1 else ""
            where = "just as low" if rival.excess == 0.0 else _excess(rival.excess)
            lines.append(
                f"Beware: an optimum {where} has "
                f"{f'a = {rival.a:.3f} in place of {own.a:.3f} and ' if self.answer == 'N_opt' else ''}"
                f"{self.answer} = {_number(rival[self.answer])} in place of {_number(own[self.answer])}; "
                f"these runs hardly tell the two apart.{more}"
            )
        return lines

    def _told(self, row):
        return f"a = {row.a:.3f}" if self.answer == "N_opt" else f"{self.answer} = {_number(row[self.answer])}"

    def report(self) -> str:
        """The sentences and the lowest optima."""
        shown = self.table.head(_ENDS_SHOWN).to_string(float_format=lambda value: f"{value:.4g}")
        return f"{wrapped(self.sentences())}\n{shown}"


def _excess(value):
    if not value < 10.0:
        return "more than ten times higher"
    return f"{value:.2%} higher" if value >= 1e-4 else f"{value:.1g} (relative) higher"


def _number(value):
    return f"{value:.3g}" if np.isfinite(value) else "a number no float holds"


def _ends(problem, starts):
    solution = minimise(problem, starts)
    return solution.theta, solution.converged


def _refined(problem, starts, absolute):
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # a step to a vertex may be wild
        solution = minimise_absolute(problem, starts, keep=len(starts)) if absolute else minimise(problem, starts)
    return solution.theta, solution.converged


def _descend(problem, starts, corners, label):
    """Refine `starts` (S, P) through `corners`: (theta, converged), in batches that run_pieces sends out."""
    together = max(8, _TOGETHER // problem.runs)
    converged = np.ones(len(starts), dtype=bool)
    for corner in corners:
        stage = replace(problem, delta=corner)
        pieces = [(stage, starts[first : first + together]) for first in range(0, len(starts), together)]
        found = run_pieces(_ends, pieces, label=label)
        starts, converged = (np.concatenate(column) for column in zip(*found, strict=True))
    return starts, converged


def _same(one, other, value, other_value, noise, steep):
    """Whether two ends are one: by their constants, or by the objective where the constants are near."""
    distance = np.abs(one - other) / np.maximum(1.0, np.abs(one))
    distance[steep] = np.abs(np.log(one[steep] / other[steep]))
    if np.all(distance < _SAME):
        return True
    return abs(value - other_value) <= _SAME_VALUE * value + noise and bool(np.all(distance < _NEAR))


def _groups(theta, values, converged, counts, noise, steep):
    """Different ends, lowest first: (theta, value, starts that ended there), and how many ended nowhere."""
    ends, nowhere = [], 0
    for row in np.lexsort((values, ~converged)):
        for end in ends:
            if _same(end[0], theta[row], end[1], values[row], noise, steep):
                end[2] += counts[row]
                break
        else:
            if converged[row]:
                ends.append([theta[row], values[row], counts[row]])
            else:
                nowhere += counts[row]
    return sorted(ends, key=lambda end: end[1]), int(nowhere)


def optima_of(posed, question):
    """Where starts end: a grid over the exponents of a law of power terms; for forms those of the fit, strewn wider.

    Returns (theta, value, starts) of each end, lowest first; how many starts there were; how many of
    them ended nowhere; and how small a difference of the objective is none.

    The fit's own optimum is among the ends, whether or not a start found it. With absolute deviations the ends are
    those of their sum.
    """
    problem, theta, absolute, n = posed.problem, posed.theta, posed.absolute, posed.runs
    thinned = problem
    if isinstance(posed.coordinates, Terms):
        rows = slice(None) if n <= _ROWS else np.linspace(0, n - 1, _ROWS).astype(int)
        thinned = replace(problem, x=problem.x[:, rows], y=problem.y[rows])
        exponents, _ = grid(thinned, thinned.x, _STEPS if n < _MANY else _STEPS_MANY)
        starts = solve_rest(thinned, exponents)
    else:
        starts = _strewn(posed)
    corners = absolute_corners(problem.residuals(theta[None])) if absolute else (problem.delta,)
    found, converged = _descend(thinned, starts, corners, "starts")
    counts, nowhere = np.ones(len(found), dtype=int), 0
    if absolute or thinned.runs < n:  # the ends so far are only near those that count
        near, nowhere = _groups(
            found, _values(thinned, found, absolute), converged, counts, problem.rounding, question.steep
        )
        near = near[:_REFINED]
        found = np.array([end[0] for end in near]).reshape(-1, len(theta))
        counts = np.array([end[2] for end in near], dtype=int)
        converged = np.ones(len(near), dtype=bool)
        if len(near):
            pieces = [(problem, row[None], absolute) for row in found]
            refined = run_pieces(_refined, pieces, label="optima")
            found, converged = (np.concatenate(column) for column in zip(*refined, strict=True))
    found, counts = np.vstack([theta, found]), np.append(0, counts)
    values = _values(problem, found, absolute)
    noise = n * _PERFECT if absolute else 0.5 * n * _PERFECT**2
    ends, more = _groups(found, values, np.append(True, converged), counts, noise, question.steep)
    return ends, len(starts), nowhere + more, noise


def _values(problem, theta, absolute):
    with np.errstate(all="ignore"):  # starts may lie where the law is no number
        return np.abs(problem.residuals(theta)).sum(1) if absolute else problem.derivatives(theta)[0]


def _strewn(posed):
    """Starts (S, P) about the ends of the fit: each coordinate up to three times more or less, and by the unit."""
    ends = posed.ends.theta[np.argsort(posed.ends.value, kind="stable")]
    rng = np.random.default_rng(0)  # the same runs always have the same audit
    about = np.resize(ends, (_STREWN, ends.shape[1]))
    away = about * np.exp(rng.uniform(-1.0, 1.0, about.shape) * np.log(3.0)) + 0.3 * rng.standard_normal(about.shape)
    return np.clip(np.concatenate([ends, away]), posed.problem.lower, posed.problem.upper)


def table_of(ends, posed, question, *, starts, nowhere, noise, runs):
    """The Optima of what `optima_of` found, with the answers to a question; `runs` are independent ones."""
    import pandas

    thetas, values = np.array([end[0] for end in ends]), np.array([end[1] for end in ends])
    # what rounding leaves of perfect runs is no difference
    excess = np.maximum(values - values[0] - noise, 0.0) / max(values[0], noise)
    excess = np.where(excess <= _SAME_VALUE, 0.0, excess)
    name = question.name.removeprefix("the ")
    answer = question.value(thetas)
    answer = getattr(question, "own", 1.0) * np.where(
        np.abs(answer) < 700.0, np.exp(np.clip(answer, -700.0, 700.0)), np.nan
    )
    table = pandas.DataFrame(
        {"excess": excess, **posed.constants(thetas), name: answer, "starts": [end[2] for end in ends]}
    )
    row = int(np.argmin(np.abs(thetas - posed.theta).max(1)))
    spread = spread_of(posed.problem, posed.theta, absolute=posed.absolute, known=posed.known)
    likely = 2.0 * spread.strength / max(values[0], noise) * posed.runs / runs
    likely = max(0.01, float(likely)) if np.isfinite(likely) else 0.01
    return Optima(
        table=table,
        starts=starts,
        unfinished=nowhere,
        fit=row,
        likely=likely,
        answer=name,
        elsewhere=question.elsewhere,
    )
