"""Compare: which form of law, fitted to the smaller runs, predicts the larger ones."""

import json
import math
import sys

from .doubts import doubts
from .table import read
from .text import fitted

__all__ = ["run"]


def run(options):
    """Do what ``compare`` asks and return the exit code."""
    from ..comparison import compare_forms

    points = options.x is not None or options.y is not None
    if points and None in (options.x, options.y):
        raise ValueError("--x and --y go together: name both columns")
    wanted = ("x", "y") if points else ("N", "D", "loss")
    named = {"x": options.x, "y": options.y} if points else options.columns
    table = read(
        options.table,
        named=named,
        wanted=wanted,
        group=options.group,
        where=options.where,
        scale=options.scale,
        loss_unit=options.loss_unit,
        drop_bad=options.drop_bad,
    )
    if not points:
        for note in doubts(table):
            print(f"scalinglib: note: {note}", file=sys.stderr)
    comparison = compare_forms(
        *(table.values[name] for name in wanted),
        forms=options.forms,
        held_out=options.held_out,
        largest=options.largest,
        beyond=options.beyond,
        splits=options.splits,
        scale=options.by,
        groups=table.groups,
    )
    if options.json:
        rows = [{name: _plain(value) for name, value in row.items()} for row in comparison.scores.to_dict("records")]
        print(json.dumps({"best": comparison.best, "tied": list(comparison.tied), "scores": rows}, indent=2))
    else:
        print(fitted(f"{table.report()}\n\n{comparison.report()}"))
    if comparison.best is None:
        print("scalinglib: not to be trusted: no form could be scored", file=sys.stderr)
        return 1
    return 0


def _plain(value):
    """A cell of the scores as JSON has it: no number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value
