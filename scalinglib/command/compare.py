"""Compare: which form of law, fitted to the smaller runs, predicts the larger ones."""

import math

from ..reading import read
from ..reading.doubts import doubts
from .options import how_read, how_read_for
from .text import columns_wide, fitted, put, put_json, say

__all__ = ["run"]


def run(options):
    """Do what ``compare`` asks and return the exit code."""
    from ..comparison import compare_forms

    points = options.x is not None
    asked = {} if points else _asked(options)
    if points != (options.y is not None) and not asked:
        raise ValueError("--x and --y go together: name both columns")
    if asked:
        table, data, named = _for_forms(asked, options)
    else:
        wanted = ("x", "y") if points else ("N", "D", "loss")
        table = read(
            options.table,
            named={"x": options.x, "y": options.y} if points else options.columns,
            wanted=wanted,
            **how_read(options),
        )
        data, named = [table.values[name] for name in wanted], {"forms": options.forms}
    if {"N", "D", "loss"} <= set(table.values):
        for note in doubts(table):
            say(note, "note")
    comparison = compare_forms(
        *data,
        **named,
        held_out=options.held_out,
        largest=options.largest,
        beyond=options.beyond,
        splits=options.splits,
        scale=options.large,
        groups=table.groups,
    )
    if options.json:
        rows = [{name: _plain(value) for name, value in row.items()} for row in comparison.scores.to_dict("records")]
        put_json({"best": comparison.best, "tied": list(comparison.tied), "scores": rows})
    else:
        put(fitted(f"{table.report()}\n\n{comparison.report(width=columns_wide())}"))
    if comparison.best is None:
        say("no form could be scored", "not to be trusted")
        return 1
    return 0


def _asked(options):
    """Text -> Form of what --form names, where it is more than the names of runs of N and D; else nothing."""
    from ..arguments import UnknownNameError
    from ..comparison.candidates import SURFACES
    from ..forms import Form
    from .terms import as_form

    found, more = {}, False
    for text in options.forms or ():
        if text in SURFACES:
            names = SURFACES[text].variables
            found[text] = Form(" + ".join(names), variables=names)
            continue
        try:
            found[text], more = as_form(text), True
        except UnknownNameError:
            return {}  # whoever compares has the whole list
    return found if more or options.y is not None else {}


def _for_forms(asked, options):
    """The table of any forms, and what `compare_forms` takes of it."""
    from ..comparison.candidates import SURFACES
    from ..forms import Form
    from ..reading.form_table import read_for
    from .terms import as_form

    size = [] if options.large == "C" else [Form(options.large, variables=as_form(options.large, "--by").names)]
    table = read_for(options.table, [*asked.values(), *size], **how_read_for(options))
    forms = {text: text if text in SURFACES else form for text, form in zip(asked, table.forms, strict=False)}
    return table, [table.values], {"forms": forms, "y": table.y}


def _plain(value):
    """A cell of the scores as JSON has it: no number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value
