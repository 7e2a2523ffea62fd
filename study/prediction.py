"""Prediction: what the smaller budgets say about the held-out runs, written before those are trained."""

import sys

from scalinglib import fit_chinchilla, runs

from .network import shape_of
from .plans import language_model
from .plans.language_model import BUDGETS, HELD_OUT, WIDTHS, tokens_for
from .sources import CONTEXT, source
from .tables import ship

__all__ = ["predicted"]

NAME = "language-model-prediction"
SEED = 2026


def predicted():
    """A table of the held-out cells: the loss the fitted law gives, with 80% and 95% intervals for a new run.

    Only rows with the role "fit" are used, and none may be held out yet: ValueError where one is.
    """
    import pandas as pd

    table = runs.load(language_model.NAME)
    if (table["role"] == "held-out").any():
        raise ValueError("the held-out runs are in the table already: a prediction would come after the fact")
    known = table[table["role"] == "fit"]
    fit = fit_chinchilla(known["N"], known["D"], known["loss"])
    print(fit.report())
    # Seeds of one cell stray together where the law is wrong: cells are drawn whole.
    draws = fit.bootstrap(seed=SEED, groups=[f"{n:.0f}-{d:.0f}" for n, d in zip(known["N"], known["D"], strict=True)])
    data, rows = source("gcide"), []
    for budget in BUDGETS[-HELD_OUT:]:
        for width in WIDTHS:
            tokens = tokens_for(width, budget, data.vocabulary)
            if tokens > data.unique_tokens:
                continue
            N = shape_of(width, context=CONTEXT, vocabulary=data.vocabulary).parameters_without_embeddings
            row = {"N": N, "D": tokens, "C": 6 * N * tokens, "loss": round(float(fit.law(N, tokens)), 5)}
            for level in (80, 95):
                band = draws.predict(N, tokens, level=level / 100, new_run=True)
                row |= {f"low_{level}": round(float(band.low), 5), f"high_{level}": round(float(band.high), 5)}
            rows.append(row | {"budget": budget, "width": width})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    try:
        ship(NAME, predicted())
    except ValueError as wrong:
        sys.exit(f"study.prediction: {wrong}")
