"""Limits: what happens when a resource runs out: repeated data, and ceilings on compute."""

from .bill import ASSUMED, DEVICES, TrainingBill, training_bill
from .ceilings import CEILINGS_2030, Ceiling
from .inputs import INPUTS_2030, SharedInput
from .lowest import LowestCeiling, lowest_ceiling
from .passes import PassValue, value_of_passes
from .precision import cheapest_bits, effective_share, relative_cost
from .progress import ProgressFit, compute_equivalent_gain, fit_progress
from .repetition import RepetitionFit, fit_repetition
from .stock import TEXT_2024, TextStock, text_stock, tokens_read
from .trend import LARGEST_RUNS, compute_trend

__all__ = [
    "ASSUMED",
    "CEILINGS_2030",
    "DEVICES",
    "INPUTS_2030",
    "LARGEST_RUNS",
    "TEXT_2024",
    "Ceiling",
    "LowestCeiling",
    "PassValue",
    "ProgressFit",
    "RepetitionFit",
    "SharedInput",
    "TextStock",
    "TrainingBill",
    "cheapest_bits",
    "compute_equivalent_gain",
    "compute_trend",
    "effective_share",
    "fit_progress",
    "fit_repetition",
    "lowest_ceiling",
    "relative_cost",
    "text_stock",
    "tokens_read",
    "training_bill",
    "value_of_passes",
]
