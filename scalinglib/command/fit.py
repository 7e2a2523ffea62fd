"""Fit: from a table of runs to a law, its intervals, a picture and a page."""

import warnings

from .answers import FormAnswer, SurfaceAnswer
from .folder import Folder, default_folder
from .options import asks_for_form
from .quantities import constants
from .terms import as_form
from .text import align, fitted, one_line, put, say, size, working

__all__ = ["run"]

_FILES = ("figure.png", "report.html", "law.json")
# Runs times resamples: six seconds of one core and 190 MB at 100,000 runs, measured.
_WORK = 20_000_000
_FEWEST, _USUAL = 200, 4000


def run(options):
    """Do what ``fit`` asks and return the exit code."""
    form = as_form(options.form) if asks_for_form(options) else None
    if form and options.budget is not None:
        raise ValueError("--budget goes without --form; of another law ask afterwards: plan law.json FLOP")
    folder = Folder(options.out or default_folder(options.table), _FILES, force=options.force)
    with working("reading"):
        answer = FormAnswer(options, form) if form else SurfaceAnswer(options)
    _note(answer.notes)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with working(f"fitting {len(answer.table):,} runs"):
            answer.fit = answer.fitted()
        answer.sample, answer.method = _resampled(answer)
    doubts = answer.fit.doubts(bootstrap=answer.sample, others=answer.table.frame())
    _told(doubts, caught)
    reasons = [*(doubt.brief for doubt in doubts.grave), *answer.table.reasons]
    answer.notes += [str(doubt) for doubt in doubts]
    _, warning, too_far = answer.reach()
    if warning:
        say(warning, "warning")
    written = folder.write(_contents(answer, reasons))
    put(fitted(_printed(answer)) + "\n")
    for path in written:
        put(f"wrote {path}")
    reasons += [too_far] if too_far else []
    if reasons:
        say("; ".join(reasons), "not to be trusted")
        return 1
    if budget := answer.budget_after():
        put(f"next: python -m scalinglib plan {written[-1]} {size(budget)}{answer.given_after()}")
    return 0


def _note(notes):
    for note in notes:
        say(note, "note")


def _told(doubts, caught):
    """Print doubts of the fit, and what was warned of beside them, each once; the last line has the grave ones."""
    from ..audit import PooledRunsWarning
    from ..fitting import IdentifiabilityWarning
    from ..fitting.units import UnitsWarning

    for doubt in doubts:
        if doubt.grave:
            said = doubt.remedy if doubt.said.rstrip(".").lower() == doubt.brief.lower() else str(doubt)
            _note([said] if said else [])
        elif doubt.kind not in ("errors", "coverage"):  # these stand beside the numbers they are about
            say(doubt, "warning")
    known = (IdentifiabilityWarning, PooledRunsWarning, UnitsWarning)  # doubts, and a note with the command's remedy
    for line in dict.fromkeys(one_line(w.message) for w in caught if not issubclass(w.category, known)):
        if not any(doubt.said == line or doubt.kind == "search" for doubt in doubts):
            say(line, "warning")


def _resampled(answer):
    """The Bootstrap and how it was made in words, or (None, "")."""
    options, table = answer.options, answer.table
    if options.bootstrap == "none":
        return None, ""
    count = options.resamples
    if count is None:
        count = max(_FEWEST, min(_USUAL, _WORK // len(table)))
        if count < _USUAL:
            _note([f"{count} resamples for {len(table)} rows; --resamples sets another number"])
    sample = answer.fit.bootstrap(count, seed=options.seed, method=options.bootstrap)
    of = {"runs": "runs", "residual": "residuals", "wild": "residuals, signs drawn"}[options.bootstrap]
    drawn = f"groups by {table.columns['group'].split(',')[0]}" if table.groups is not None else of
    return sample, f"{count:,} resamples of {drawn}, seed {options.seed}"


def _printed(answer):
    report, sample, level = answer.fit.report(), answer.sample, answer.options.level
    known = set(report.split("\n"))  # where constants are open the report holds a part of the audit
    audit = [line for line in answer.spoken() if line not in known]
    parts = [answer.table.report(), report, *(["\n".join(audit)] if audit else [])]
    if sample is not None:
        rows = constants(answer.constants(), answer.fit, sample, level)
        parts += [f"{level:.0%} intervals, {answer.method}:\n{align(rows)}", *filter(None, [sample.caution])]
    parts += [f"{sentence}\n{align(rows)}" for sentence, rows in answer.plans()]
    return "\n\n".join(parts)


def _contents(answer, reasons):
    """Name -> bytes of the three files."""
    from .. import __version__
    from .lawfile import as_json
    from .page import page

    made_by, fit, sample, figure = f"scalinglib {__version__}", answer.fit, answer.sample, answer.figure()
    rows = constants(answer.constants(), fit, sample, answer.options.level)
    html = page(answer, notes=answer.notes, doubts=reasons, constants=rows, figure=figure, made_by=made_by)
    law = as_json(answer, doubts=reasons, made_by=made_by)
    return {"figure.png": figure.png, "report.html": html.encode("utf-8"), "law.json": law.encode("utf-8")}
