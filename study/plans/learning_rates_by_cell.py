"""Plan: the learning rate tuned a cell, on a subset of the language models' grid.

Two widths whose residuals about the law go from one sign to the other and back, at the shortest runs and at the
two lengths where they lie above it: a better rate can only lower a loss, so that cells below the law are not
explained by it. Each run is one of the grid with another rate: same cell, same seed, so that the grid itself
holds the factor of one.
"""

from ..jobs import Job
from ..sources import source
from . import language_model
from .language_model import BUDGETS, tokens_for
from .learning_rates import WIDTHS, best, seconds

NAME = "learning-rates-by-cell"
AFTER = ("learning-rates",)
CELLS = {32: range(3), 48: range(1, 4)}  # width: places of the budgets
FACTORS = (0.5, 0.707, 1.41, 2.0)
COLUMNS = (*language_model.COLUMNS[:6], "factor", *language_model.COLUMNS[6:])


def jobs(tables, *, smoke, device):
    """One job a cell, its rates and seeds trained together."""
    cells, budgets, widths, on, seeds = CELLS, BUDGETS, WIDTHS, "gcide", 3
    if smoke:
        cells, budgets, widths, on, seeds = {8: range(2)}, (2e7, 4e7), (4, 8), "toy", 2
    out = []
    for width, places in cells.items():
        rate, w = best(tables["learning-rates"], width), widths.index(width)
        for b in places:
            tokens = tokens_for(width, budgets[b], source(on).vocabulary)
            recipes = [
                {
                    "width": width, "tokens": tokens, "learning_rate": float(f"{rate * factor:.3g}"),
                    "seed": 1000 * b + 10 * w + s, "note": f"{factor}",
                }
                for factor in FACTORS
                for s in range(seeds)
            ]  # fmt: skip
            out.append(
                Job(
                    study=NAME,
                    key=f"b{b}-w{width}",
                    function="study.training:train",
                    arguments={"recipes": recipes, "on": on, "device": device},
                    labels={"budget": budgets[b], "role": "fit"},
                    cost=len(recipes) * seconds(width, tokens),
                )
            )
    return out


def finish(rows):
    """Say by how much each rate differs from the one that the grid's runs of the width use."""
    for row in rows:
        row["factor"] = float(row.pop("note"))
    return rows
