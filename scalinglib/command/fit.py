"""Fit: from a table of runs to a law, its intervals, a picture and a page."""

import warnings

from ..text import WIDTH
from .answers import FormAnswer, SurfaceAnswer
from .folder import Folder, default_folder
from .options import asks_for_form
from .terms import as_form
from .text import columns_wide, one_line, put, say, size, working

__all__ = ["run"]

_FILES = ("figure.png", "report.html", "law.json")


def run(options):
    """Do what ``fit`` asks and return the exit code."""
    form = as_form(options.form) if asks_for_form(options) else None
    if form and options.budget is not None:
        raise ValueError("--budget goes without --form; of another law ask afterwards: plan law.json FLOP")
    folder = Folder(options.out or default_folder(options.table), _FILES, force=options.force)
    with working("reading"):
        asked = FormAnswer(options, form) if form else SurfaceAnswer(options)
    for note in asked.notes:
        say(note, "note")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with working(f"fitting {len(asked.table):,} runs"):
            fit = asked.fitted()
        card = _card(fit, asked, options)
    _told(card, caught)
    with working("auditing and drawing"):
        contents = _contents(card, options.counts)
    written = folder.write(contents)
    put(card.text(min(WIDTH, columns_wide())) + "\n")
    for path in written:
        put(f"wrote {path}")
    if not card.trusted:
        say("; ".join(filter(None, [*card.reasons, card.reach[2]])), "not to be trusted")
        return 1
    if budget := asked.budget_after():
        put(f"next: python -m scalinglib plan {written[-1]} {size(budget)}{asked.given_after(card.fit)}")
    return 0


def _card(fit, asked, options):
    method = None if options.bootstrap == "none" else options.bootstrap
    how = {name: getattr(options, name) for name in ("budget", "level", "resamples", "seed")}
    card = fit.report_card(bootstrap=method, table=asked.table, notes=asked.notes, **how)
    if card.sample is not None and options.resamples is None and len(card.sample.samples) < 4000:
        count = len(card.sample.samples)
        say(f"{count} resamples for {len(asked.table)} rows; --resamples sets another number", "note")
    return card


def _told(card, caught):
    """Print doubts of the fit, and what was warned of beside them, each once; the last line has the grave ones."""
    from ..audit import PooledRunsWarning
    from ..fitting import IdentifiabilityWarning
    from ..fitting.units import UnitsWarning

    for doubt in card.doubts:
        if doubt.grave:
            said = doubt.remedy if doubt.said.rstrip(".").lower() == doubt.brief.lower() else str(doubt)
            if said:
                say(said, "note")
        elif doubt.kind not in ("errors", "coverage"):  # these stand beside the numbers they are about
            say(doubt, "warning")
    known = (IdentifiabilityWarning, PooledRunsWarning, UnitsWarning)  # doubts, and a note with the command's remedy
    for line in dict.fromkeys(one_line(w.message) for w in caught if not issubclass(w.category, known)):
        if not any(doubt.said == line or doubt.kind == "search" for doubt in card.doubts):
            say(line, "warning")
    if card.reach[1]:
        say(card.reach[1], "warning")


def _contents(card, counts):
    """Name -> bytes of the three files."""
    from .lawfile import as_json

    law = as_json(card, counts=counts)
    return {"figure.png": card.figure.png, "report.html": card.html().encode("utf-8"), "law.json": law.encode("utf-8")}
