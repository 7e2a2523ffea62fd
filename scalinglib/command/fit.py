"""Fit: from a table of runs to a law, its intervals, a picture and a page."""

import warnings

from .answers import FormAnswer, SurfaceAnswer
from .folder import Folder, default_folder
from .options import asks_for_form
from .quantities import constants
from .terms import as_form
from .text import align, fitted, one_line, put, say, size

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
    answer = FormAnswer(options, form) if form else SurfaceAnswer(options)
    _note(answer.notes)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer.fit = answer.fitted()
        answer.sample, answer.method = _resampled(answer)
    notes, mixed = answer.doubts()
    _note(notes)
    answer.notes += notes
    reasons = _reasons_against(answer.fit, answer.sample) + mixed + list(answer.table.reasons)
    _told(caught, reasons, open_=form is not None or bool(answer.fit.undetermined))
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


def _told(caught, reasons, *, open_):
    """Print what was warned of, each once, but for what the last line has, as with `open_` what is left open."""
    from ..fitting import IdentifiabilityWarning
    from ..fitting.units import UnitsWarning

    said = [w for w in caught if not issubclass(w.category, UnitsWarning)]  # a note names the command's own remedy
    said = [w for w in said if not (open_ and issubclass(w.category, IdentifiabilityWarning))]
    for line in dict.fromkeys(one_line(w.message) for w in said):
        if line.rstrip(".") not in reasons:
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


def _reasons_against(fit, sample):
    """Why a fit is not to be trusted: sentences, often none."""
    reasons = []
    if not fit.converged:
        reasons.append("the fit did not converge")
    if fit.undetermined:
        reasons.append(f"the runs do not determine {', '.join(fit.undetermined)}")
    if sample is not None and sample.converged < 0.99:
        reasons.append(sample.shortfall.rstrip("."))
    return reasons


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
    cautions = [sample.caution] if sample is not None and sample.caution else []
    rows = constants(answer.constants(), fit, sample, answer.options.level)
    html = page(
        answer, notes=[*answer.notes, *cautions], doubts=reasons, constants=rows, figure=figure, made_by=made_by
    )
    law = as_json(answer, doubts=reasons, made_by=made_by)
    return {"figure.png": figure.png, "report.html": html.encode("utf-8"), "law.json": law.encode("utf-8")}
