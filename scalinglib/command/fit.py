"""Fit: from a table of runs to a law, its intervals, a picture and a page."""

import shlex
import warnings
from dataclasses import dataclass

import numpy as np

from ..comparison.trials import trend
from ..reading.doubts import doubts
from ..text import WIDTH
from .folder import Folder, default_folder
from .options import ONE_VARIABLE, asks_for_form, how_read, how_read_for
from .terms import as_form, terms
from .text import columns_wide, one_line, put, say, size, working

__all__ = ["run"]

_FILES = ("figure.png", "report.html", "law.json")


@dataclass(frozen=True)
class _Asked:
    """What is to be fitted: the table, notes on it, `fitted` that fits it, and what to plan for afterwards.

    next : a budget, or None, and name -> value that the plan has to be told
    """

    table: object
    notes: list
    fitted: object
    next: tuple


def run(options):
    """Do what ``fit`` asks and return the exit code."""
    form = as_form(options.form) if asks_for_form(options) else None
    if form and options.budget is not None:
        raise ValueError("--budget goes without --form; of another law ask afterwards: plan law.json FLOP")
    files = _FILES[1:] if options.no_figure else _FILES  # a figure as PNG takes matplotlib, which a page waits for
    folder = Folder(options.out or default_folder(options.table), files, force=options.force)
    with working("reading"):
        asked = _form(form, options) if form else _surface(options)
    for note in asked.notes:
        say(note, "note")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with working(f"fitting {len(asked.table):,} runs"):
            fit = asked.fitted()
        card = _card(fit, asked, options)
    _told(card, caught)
    with working("auditing and drawing"):
        contents = _contents(card, options.counts, files)
    written = folder.write(contents)
    put(card.text(min(WIDTH, columns_wide())) + "\n")
    for path in written:
        put(f"wrote {path}")
    if not card.trusted:
        say("; ".join(filter(None, [*card.reasons, card.reach[2]])), "not to be trusted")
        return 1
    budget, given = asked.next
    if budget:
        given = "".join(f" --given {shlex.quote(f'{name}={value}')}" for name, value in given.items())
        put(f"next: python -m scalinglib plan {shlex.quote(str(written[-1]))} {size(budget)}{given}")
    return 0


def _surface(options):
    """The law of N and D of a table."""
    import scalinglib as sl

    from ..reading import read

    table = read(options.table, named=options.columns, **how_read(options))
    runs = [table.values[name] for name in ("N", "D", "loss")]
    how = {"objective": options.objective, "delta": options.delta or 1e-3, "groups": table.groups}
    budget = options.budget or 10.0 * float((6.0 * runs[0] * runs[1]).max())
    return _Asked(table, doubts(table), lambda: sl.fit_chinchilla(*runs, **how), (budget, {}))


def _form(form, options):
    """The law of any form of a table."""
    import scalinglib as sl

    from ..reading.form_table import read_for

    table = read_for(options.table, [form], **how_read_for(options))
    values, families = table.values, table.families
    form, words = terms(table.forms[0], options)
    notes = [*(doubts(table) if {"N", "D", "loss"} <= set(values) else table.notes)]
    if form.name == ONE_VARIABLE and trend(values["x"], values[table.y]) > 0:
        law = "--form 'ceiling - a / x**b' is a law that rises"
        notes.append(f"{table.y} rises with x, and {form.formula()} falls: {law}")
    for name in form.constants:
        near = [variable for variable in values if variable.lower() == name.lower()]
        notes += [f"{name} is a constant of the form; the column is {near[0]}"] if near else []
    columns = values if families is None else {**values, options.by: np.array(families)}
    how = {name: getattr(table, name) for name in ("y", "weights", "noise", "groups")}
    how |= {name: getattr(options, name) for name in ("by", "objective", "space")}
    how |= {"delta": options.delta or "auto", **words}
    return _Asked(table, notes, lambda: sl.fit(form, columns, **how), _next(form, table, options))


def _next(form, table, options):
    """The budget to plan for after a form was fitted, and what else the plan has to be told."""
    values, variables, budget = table.values, form.variables, None
    if {"N", "D"} <= set(values):
        budget = 10.0 * float(6.0 * (values["N"] * values["D"]).max())
    elif len(variables) == 1 and set(variables).isdisjoint("ND"):
        budget = 10.0 * float(values[next(iter(variables))].max())
    others = [name for name in variables if name not in ("N", "D")] if len(variables) > 1 else []
    given = {name: size(np.median(values[name])) for name in others}
    return budget, given | ({} if table.families is None else {options.by: min(table.families)})


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
        elif doubt.kind not in ("errors", "few", "coverage"):  # these stand beside the numbers they are about
            say(doubt, "warning")
    known = (IdentifiabilityWarning, PooledRunsWarning, UnitsWarning)  # doubts, and a note with the command's remedy
    for line in dict.fromkeys(one_line(w.message) for w in caught if not issubclass(w.category, known)):
        if not any(doubt.said == line or doubt.kind == "search" for doubt in card.doubts):
            say(line, "warning")
    if card.reach[1]:
        say(card.reach[1], "warning")


def _contents(card, counts, files):
    """Name -> bytes of the files, in their order."""
    from .lawfile import as_json

    made = {
        "figure.png": lambda: card.figure.png,
        "report.html": lambda: card.html().encode("utf-8"),
        "law.json": lambda: as_json(card, counts=counts).encode("utf-8"),
    }
    return {name: made[name]() for name in files}
