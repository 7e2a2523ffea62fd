"""Plan: the isoFLOP design on a larger corpus, Go's source code, with budgets 160 times as large; for a GPU.

A table of its own: losses on two corpora are never fitted together.
"""

from . import language_model
from .language_model import grid
from .learning_rates_code import WIDTHS

NAME = "language-model-code"
AFTER = ("learning-rates-code",)
DEVICES = ("cuda",)
BUDGETS = tuple(2e12 * 2**k for k in range(7))
COLUMNS = language_model.COLUMNS


def jobs(tables, *, smoke, device):
    """One job a cell, eight seeds trained together."""
    rates = tables["learning-rates-code"]
    if smoke:
        return grid(NAME, rates, widths=(4, 8), budgets=(2e7, 4e7), on="toy", seeds=(2, 2), held_out=1, device=device)
    seeds = len(BUDGETS) * (8,)
    return grid(NAME, rates, widths=WIDTHS, budgets=BUDGETS, on="go", seeds=seeds, held_out=2, device=device)
