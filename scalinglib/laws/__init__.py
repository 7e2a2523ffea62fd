"""Laws: what the loss is at a size, an amount of data or a budget."""

from .broken import BrokenPowerLaw
from .chinchilla import ChinchillaLaw, Optimum
from .kaplan import KaplanLaw
from .power_law import PowerLaw
from .repeated import RepeatedDataLaw
from .saturating import SaturatingPowerLaw, ShiftedPowerLaw

__all__ = [
    "BrokenPowerLaw",
    "ChinchillaLaw",
    "KaplanLaw",
    "Optimum",
    "PowerLaw",
    "RepeatedDataLaw",
    "SaturatingPowerLaw",
    "ShiftedPowerLaw",
]
