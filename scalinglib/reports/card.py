"""ReportCard: what a fit says and what speaks against it, worked out once and told as text, page and JSON."""

import json
import math
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .. import arguments
from ..audit import Doubts, Strays
from ..audit.distance import of_budget
from ..laws import ChinchillaLaw
from ..text import WIDTH, align, fitted, size, wrapped
from .page import page
from .rows import as_rows, constant_rows, constants_of, optimum

if TYPE_CHECKING:
    from ..fitting.uncertain import Uncertain
    from ..plots import Figure
    from ..reading import Table
    from ..uncertainty import Bootstrap

__all__ = ["ReportCard", "report_card"]

# Runs times resamples: six seconds of one core and 190 MB at 100,000 runs, measured.
_WORK = 20_000_000
_FEWEST, _USUAL = 200, 4000
_BESIDE = ("errors", "coverage")  # of numbers that stand elsewhere: standard errors, and resamples with their caution
_DRAWN = {"runs": "runs", "residual": "residuals", "wild": "residuals, signs drawn"}


@dataclass(frozen=True, eq=False)
class ReportCard:
    """A fit with its intervals, its plan and its doubts: see ``fit.report_card``.

    Attributes
    ----------
    fit
        The fit.
    sample : Bootstrap or None
        Its resamples.
    budget : float or None
        FLOP that are planned for.
    level : float
        Of the intervals.
    table : Table or None
        The file the runs were read from.
    notes : tuple of str
        What is to be weighed about the table.
    """

    fit: object
    _: KW_ONLY
    sample: "Bootstrap | None"
    budget: float | None
    level: float
    table: "Table | None"
    notes: tuple = field(repr=False)

    @cached_property
    def doubts(self) -> Doubts:
        """What speaks against using the fit as it is: of the fit, its resamples and the table's other columns."""
        others = None if self.table is None else self.table.frame()
        return self.fit.doubts(bootstrap=self.sample, others=others)

    @cached_property
    def strays(self) -> Strays:
        """The runs far off the law."""
        return self.fit.strays()

    @cached_property
    def reasons(self) -> tuple:
        """Why the law should not be relied on, a clause each; often none."""
        return (*(doubt.brief for doubt in self.doubts.grave), *(self.table.reasons if self.table else ()))

    @cached_property
    def reach(self) -> tuple:
        """Where the budget lies to the runs in words, a warning, and why it is too far: empty where nothing is said."""
        if self.budget is None:
            return "", "", ""
        C = 6.0 * self.fit.N * self.fit.D
        return of_budget(self.budget, (C.min(), C.max()), intervals=self.sample is not None)

    @property
    def trusted(self) -> bool:
        """Whether nothing says that law and plan should not be relied on."""
        return not self.reasons and not self.reach[2]

    @cached_property
    def constants(self) -> dict:
        """Constant -> a dict of its ``value``, ``stderr``, ``low``, ``high`` (None where not known) and ``note``."""
        return constants_of(self.fit, self.sample, self.level)

    @cached_property
    def plan(self) -> dict:
        """The best split of the budget: quantity -> (value, low, high); empty without a budget."""
        return {} if self.budget is None else optimum(self.fit.law, self.sample, self.budget, self.level)

    @cached_property
    def caution(self) -> str:
        """What is to be weighed about the fit itself: what whoever plans with it has to know."""
        return " ".join(str(doubt) for doubt in self.doubts.cautions if doubt.kind not in _BESIDE)

    @cached_property
    def audit(self) -> tuple:
        """What the runs can and cannot say, in sentences."""
        if not isinstance(self.fit.law, ChinchillaLaw):
            said = [] if self.fit.undetermined else ["The runs determine every constant."]
        else:
            audit = self.fit.audit(budget=self.budget)
            said = audit.sentences()
            if self.table is not None and self.table.groups is None and audit.deciding:
                said.append(_lines(audit, self.table))
        stray = self.strays.sentence(self._row)
        return (*said, *([stray] if stray else []))

    def _row(self, row):
        return f"row {row}" if self.table is None else f"{self.table.counted} {self.table.lines[row]}"

    @cached_property
    def figure(self) -> "Figure | None":
        """The picture; None for fits of points."""
        from .. import plots

        if isinstance(self.fit.law, ChinchillaLaw):
            unit = {} if self.table is None else {"loss_unit": self.table.loss_unit}
            how = {"budget": self.budget, "level": self.level, **unit}
            return plots.runs_and_frontier(self.fit, bootstrap=self.sample, **how)
        return plots.measured_and_fitted(self.fit) if hasattr(self.fit, "given") else None

    @property
    def title(self) -> str:
        """What it is about."""
        return f"A scaling law from {self.table.name if self.table else f'{self.fit.posed.runs} runs'}"

    @cached_property
    def formula(self) -> str:
        """The law in a line: with its numbers where the runs determine them."""
        fit, form = self.fit, getattr(self.fit, "form", None)
        if form:
            return form.formula(gives=fit.given.y_name)
        if fit.undetermined and isinstance(fit.law, ChinchillaLaw):
            return f"L(N, D) = E + A / N^alpha + B / D^beta, where {', '.join(fit.undetermined)} are not determined"
        return fit.law.report().split("\n")[0]

    @cached_property
    def drawn(self) -> str:
        """How the resamples were made; empty without."""
        sample = self.sample
        if sample is None:
            return ""
        of = _DRAWN[sample.method]
        if sample.groups < sample.runs:
            column = self.table.columns.get("group", "").split(",")[0] if self.table is not None else ""
            of = f"groups by {column}" if column else f"{sample.groups} groups"
        return f"{len(sample.samples):,} resamples of {of}, seed {sample.seed}"

    def constant_rows(self) -> list:
        """Constants as rows of text, the first the header."""
        return constant_rows(self.constants, self.level, intervals=self.sample is not None)

    def plan_rows(self) -> list:
        """The plan as rows of text, the first the header; empty without a budget."""
        return as_rows(self.plan, self.level) if self.plan else []

    @property
    def asked(self) -> str:
        """The budget and where it lies; empty without."""
        doubt = " (too far to rely on)" if self.reach[2] else ""
        return "" if self.budget is None else f"At C = {size(self.budget)} FLOP, {self.reach[0]}{doubt}"

    def text(self, width: int = WIDTH) -> str:
        """The report for a terminal of so many columns."""
        own = self.fit.report()
        parts = [self.table.report()] if self.table is not None else []
        told = " ".join(own.split())
        parts += [own, wrapped([line for line in self.audit if line not in told], width)]
        if self.sample is not None:
            parts.append(f"{self.level:.0%} intervals, {self.drawn}:\n{align(self.constant_rows())}")
        if self.plan:
            parts.append(f"{self.asked}:\n{align(self.plan_rows())}")
        parts += [wrapped([str(doubt)], width) for doubt in self.doubts if doubt.said not in told]
        return "\n\n".join(fitted(part, width) for part in parts if part)

    def html(self) -> str:
        """The report as one page that asks nothing of the network, with the figure in it, light and dark."""
        from .. import __version__

        return page(self, made_by=f"scalinglib {__version__}")

    def to_dict(self) -> dict:
        """The report as numbers, texts, lists and dicts alone: what is not known is None."""
        figure = self.figure
        return {
            "title": self.title,
            "formula": self.formula,
            "trusted": self.trusted,
            "reasons": [*self.reasons, *filter(None, [self.reach[2]])],
            "doubts": [vars(doubt) for doubt in self.doubts],
            "notes": list(self.notes),
            "runs": self.fit.posed.runs,
            "constants": self.constants,
            "level": self.level if self.sample is not None else None,
            "intervals": self.drawn,
            "strays": [
                {"row": row, "named": self._row(row), "off": float(self.strays.off[row])}
                for row in self.strays.rows.tolist()
            ],
            "usual_scatter": self.strays.usual,
            "audit": list(self.audit),
            "budget": self.budget,
            "where": self.reach[0],
            "plan": {
                name: {key: _known(each) for key, each in zip(("value", "low", "high"), values, strict=True)}
                for name, values in self.plan.items()
            },
            "figure": {"alt": figure.alt, "caption": figure.caption} if figure else None,
            "table": None if self.table is None else {"name": self.table.name, "sha256": self.table.sha256},
        }

    def json(self) -> str:
        """The same as JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n"


def _known(value):
    return None if value is None or not math.isfinite(value) else value


def _lines(audit, table):
    """Which lines of a file the rows of an audit are."""
    offset = table.lines - np.arange(len(table))
    if (offset == offset[0]).all():
        return f"Rows are counted from 0: row r is {table.counted} r + {offset[0]} of {table.name}."
    alone = audit.influence["change_log_N_opt"].abs()
    rows = dict.fromkeys([*([alone.idxmax()] if alone.notna().any() else []), *audit.deciding])
    lines = ", ".join(f"row {row} is {table.counted} {table.lines[row]}" for row in rows)
    return f"Rows are counted from 0 among those used; in {table.name} {lines}."


def report_card(
    fit: "Uncertain",
    *,
    budget: float | None = None,
    level: float = 0.8,
    bootstrap: "str | Bootstrap | None" = "runs",
    resamples: int | None = None,
    seed: int = 0,
    table: "Table | None" = None,
    notes: Iterable[str] = (),
) -> ReportCard:
    """The report card of a fit.

    Parameters
    ----------
    fit
        Any fit with ``.bootstrap``.
    budget : float, optional
        FLOP to plan for, C = 6 N D; of a ChinchillaLaw alone.
    level : float
        Of the intervals.
    bootstrap : {"runs", "residual", "wild"}, Bootstrap or None
        What is resampled; resamples that are there already; or none. Runs that the constants meet exactly have none.
    resamples : int, optional
        How many: 4,000, fewer above 5,000 runs.
    seed : int
    table : Table, optional
        The file the runs were read from, in their order: its lines are named, its other columns looked at.
    notes : iterable of str
        What else is to be weighed about the table.

    Returns
    -------
    ReportCard
        ``.text()``, ``.html()``, ``.to_dict()``, ``.json()``; ``.trusted``, ``.doubts``, ``.constants``, ``.plan``.

    Raises
    ------
    ValueError
        For a budget or a level out of range, a budget of another law, or an unknown method.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
    >>> N = (law.optimum(C).N * shift).ravel()
    >>> D = C.ravel() / (6 * N)
    >>> loss = law(N, D) * np.exp(0.002 * np.random.default_rng(0).standard_normal(36))
    >>> card = sl.fit_chinchilla(N, D, loss).report_card(budget=1e23, resamples=100)
    >>> card.trusted, round(card.constants["alpha"]["value"], 2), card.reach[0]
    (True, 0.36, '10 times the largest run')
    """
    level = arguments.scalar("level", level, positive=True)
    if level >= 1.0:
        raise ValueError(f"level must be between 0 and 1, such as 0.8; got {level:g}")
    if budget is not None:
        budget = arguments.scalar("budget", budget, positive=True)
        if not isinstance(fit.law, ChinchillaLaw):
            raise ValueError("budget goes with a law of N and D; of another ask fit.optimum(budget, cost=...)")
    sample = bootstrap if not isinstance(bootstrap, str) else None
    if isinstance(bootstrap, str) and fit.asked.posed.runs > fit.asked.posed.free:
        count = resamples or max(_FEWEST, min(_USUAL, _WORK // fit.asked.posed.runs))
        sample = fit.bootstrap(count, seed=seed, method=bootstrap)
    return ReportCard(fit, sample=sample, budget=budget, level=level, table=table, notes=tuple(notes))
