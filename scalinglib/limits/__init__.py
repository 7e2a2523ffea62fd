"""Limits: what happens when a resource runs out: repeated data, and ceilings on compute."""

from .ceilings import CEILINGS_2030, Ceiling, LowestCeiling, compute_trend, lowest_ceiling
from .passes import PassValue, value_of_passes
from .repetition import RepetitionFit, fit_repetition

__all__ = [
    "CEILINGS_2030",
    "Ceiling",
    "LowestCeiling",
    "PassValue",
    "RepetitionFit",
    "compute_trend",
    "fit_repetition",
    "lowest_ceiling",
    "value_of_passes",
]
