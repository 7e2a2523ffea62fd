"""Doubts: what speaks against using a fit as it is, each said once, and whether it may be relied on at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..text import wrapped
from .pooled import pooled

if TYPE_CHECKING:
    import pandas

    from ..fitting.uncertain import Uncertain
    from ..uncertainty import Bootstrap

_WORDS = "no one two three four five six seven eight nine".split()
_FEW_SPARE = 5  # runs more than constants, below which residuals say too little of how far runs stray

__all__ = ["Doubt", "Doubts", "doubts_of", "of_constants", "of_exact", "of_rows", "of_search", "pooled_of"]


@dataclass(frozen=True)
class Doubt:
    """One thing that speaks against using a fit as it is.

    Attributes
    ----------
    kind : {"search", "constants", "plan", "errors", "points", "checkpoints", "column", "resamples", "few", "coverage"}
        What it is about.
    brief : str
        What is wrong, as a clause.
    said : str
        The same in sentences, with its numbers.
    remedy : str
        What to do, in sentences; may be empty.
    grave : bool
        Whether the fit should not be relied on; otherwise it is to be weighed.
    """

    kind: str
    brief: str
    said: str
    remedy: str
    grave: bool

    def __str__(self):
        return f"{self.said} {self.remedy}".strip()


@dataclass(frozen=True)
class Doubts:
    """All doubts of a fit, the grave ones first; often none.

    Attributes
    ----------
    all : tuple of Doubt
    """

    all: tuple

    def __iter__(self) -> Iterator[Doubt]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @property
    def grave(self) -> tuple:
        """Those for which the fit should not be relied on."""
        return tuple(doubt for doubt in self.all if doubt.grave)

    @property
    def cautions(self) -> tuple:
        """The others, which are to be weighed."""
        return tuple(doubt for doubt in self.all if not doubt.grave)

    @property
    def trusted(self) -> bool:
        """Whether none is grave."""
        return not self.grave

    def report(self) -> str:
        """A paragraph a doubt, or that there is none."""
        if not self.all:
            return "Nothing speaks against using this fit within its runs."
        head = {True: "Do not rely on this fit:", False: "To be weighed:"}
        lines = []
        for grave, some in ((True, self.grave), (False, self.cautions)):
            lines += [head[grave], *(f"- {doubt}" for doubt in some)] if some else []
        return wrapped(lines)


def doubts_of(fit: "Uncertain", sample: "Bootstrap | None" = None, others: "pandas.DataFrame | None" = None) -> Doubts:
    """The Doubts of a fit, of its resamples, and of the table's other columns: see ``fit.doubts``."""
    standing = getattr(fit, "standing", None)
    own = standing.doubts(others) if standing is not None else _of_form(fit, others)
    if sample is not None:
        own = [*own, *_of_sample(sample, fit.undetermined), *_of_few(fit, sample)]
    found = list(own)
    return Doubts(tuple(sorted(found, key=lambda doubt: not doubt.grave)))


def _of_form(fit, others):
    """Doubts of a fit of any form, or of points."""
    yield from of_search(fit)
    runs, constants = fit.posed.runs, fit.posed.free
    form = fit.asked
    if not hasattr(form, "given"):
        yield from of_constants(fit.undetermined, "", "")
        yield from of_exact(runs, constants)
        return
    if fit.undetermined:
        brief = f"the runs do not determine {', '.join(fit.undetermined)}"
        said = form.open_sentence or f"these {runs} points do not determine {', '.join(fit.undetermined)}"
        yield Doubt("constants", brief, f"{said[0].upper()}{said[1:]}.", "", True)
    exact = list(of_exact(runs, constants))
    yield from exact
    for sentence in () if exact else form.against_errors:
        yield Doubt("errors", sentence, f"{sentence[0].upper()}{sentence[1:]}.", "", False)
    yield from of_rows(pooled_of(form, others, form.own_groups))


def pooled_of(fit, others=None, groups=None):
    """What speaks against taking the rows of a FormFit as independent runs of one experiment."""
    given, off = fit.given, fit.residuals
    if fit.space == "linear":
        off = off / np.median(np.abs(fit.problem.values(fit.theta[None])[0]))
    columns = {name: given.back(column) for name, column in given.columns.items()}
    return pooled(off, columns, given.others if others is None else others, groups=groups)


def of_search(fit):
    """That a search ended before its optimum."""
    if not fit.converged:
        said, remedy = "The fit did not converge.", "Look at the audit, and for duplicated or mistyped runs."
        yield Doubt("search", "the fit did not converge", said, remedy, True)


def of_constants(undetermined, why, remedy):
    """That runs leave constants open; `why` is a sentence without its stop, or empty."""
    if undetermined:
        why = f": {why.replace('All', 'all', 1)}" if why else ""
        brief = f"the runs do not determine {', '.join(undetermined)}{why}"
        yield Doubt("constants", brief, f"T{brief[1:]}.", remedy, True)


def of_exact(runs, constants):
    """That as many constants meet the runs exactly."""
    if runs <= constants:
        words = [_WORDS[z] if z < len(_WORDS) else str(z) for z in (constants, runs)]
        brief = "{} constants meet {} runs exactly: nothing says how far off they are".format(*words)
        yield Doubt(
            "errors", brief, f"{brief[0].upper()}{brief[1:]}.", f"Intervals need {constants + 1} runs or more.", True
        )


def of_rows(pooled):
    """What was found against taking rows as independent runs of one experiment."""
    for finding in pooled.findings:
        brief = {
            "points": f"rows of the same {finding.column} differ by {finding.size:.1%}",
            "checkpoints": f"rows of one {finding.column} go together",
            "column": f"residuals split by column {finding.column!r}",
        }[finding.kind]
        yield Doubt(finding.kind, brief, finding.said, finding.remedy, finding.grave)


def _of_sample(sample, undetermined):
    """What the resamples show: lost ones, and what was measured of such intervals."""
    if sample.shortfall:
        remedy = "" if undetermined or sample.sound else sample.remedy
        yield Doubt("resamples", sample.shortfall.rstrip("."), sample.shortfall, remedy, not sample.sound)
    if sample.caution:
        yield Doubt("coverage", sample.caution.rstrip("."), sample.caution, "", False)


def _of_few(fit, sample):
    """That redrawn residuals of hardly more runs than constants say too little: measured, see tests/test_doubts.py."""
    constants, given = fit.posed.free, getattr(fit.asked, "given", None)
    known = sample.groups < sample.runs or (given is not None and given.noise is not None)
    if known or sample.method == "runs" or sample.runs - constants >= _FEW_SPARE:
        return
    grave = sample.runs - constants < 2
    held = "one to five" if grave else "about six"
    brief = (
        f"{sample.runs} runs for {constants} constants: intervals of redrawn residuals were seen to hold the truth in "
        f"{held} of ten studies where they say eight"
    )
    remedy = "Those of fit.profile() held; more runs, or a form with fewer constants, would do."
    yield Doubt("few", brief, f"{brief}.", remedy, grave)
