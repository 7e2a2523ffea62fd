"""Plan: learning rates for the larger models on code; for a GPU."""

from . import learning_rates
from .learning_rates import sweep

NAME = "learning-rates-code"
AFTER = ()
DEVICES = ("cuda",)
WIDTHS = (32, 48, 64, 96, 128, 192, 256, 384, 512)
COLUMNS = learning_rates.COLUMNS
finish = learning_rates.finish


def jobs(tables, *, smoke, device):
    """One job a size."""
    if smoke:
        return sweep(NAME, [(4, 2**13), (8, 2**13)], on="toy", device=device)
    return sweep(NAME, [(d, 2**21) for d in WIDTHS], on="go", device=device)
