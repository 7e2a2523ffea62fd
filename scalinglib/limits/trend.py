"""Trend: the compute of the largest run, growing from one whose date is known."""

from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["LARGEST_RUNS", "compute_trend"]

# Epoch AI's table of models as committed on 2025-06-20: (year with its fraction, FLOP). Of these four it is confident
# of Llama 3.1 and Grok-3; for GPT-4 it gives a 90% range from 8.2e24 to 4.4e25.
LARGEST_RUNS = MappingProxyType(
    {
        "GPT-4": (2023.2, 2.1e25),
        "Gemini 1.0 Ultra": (2023.9, 5.0e25),
        "Llama 3.1 405B": (2024.6, 3.8e25),
        "Grok-3": (2025.1, 4.64e26),
    }
)


def compute_trend(
    growth: ArrayLike, *, year: float = 2030.6, start: float = 3.8e25, start_year: float = 2024.6
) -> float | np.ndarray:
    """FLOP of the largest run in `year`, growing from `start` in `start_year` by `growth` (any shape) a year.

    The defaults are those of Sevilla et al. 2024: Llama 3.1, and six more years. Other starts are in `LARGEST_RUNS`; a
    trend is as old as its start.

    Examples
    --------
    >>> import scalinglib as sl
    >>> f"{sl.limits.compute_trend(4):.3g}"
    '1.56e+29'
    """
    growth = arguments.real("growth", growth, positive=True)
    start = arguments.scalar("start", start, positive=True)
    years = arguments.scalar("year", year) - arguments.scalar("start_year", start_year)
    with np.errstate(over="ignore"):
        found = start * growth**years
    arguments.refuse("growth", growth, ~np.isfinite(found), f"so that {years:g} years of it stay a number")
    return found
