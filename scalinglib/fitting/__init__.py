"""Fitting: from runs to a law, with how it was reached and what the runs leave open."""

from .broken import BrokenPowerLawFit, fit_broken_power_law
from .chinchilla import ChinchillaFit, fit_chinchilla
from .design import Audit, IdentifiabilityWarning
from .power_law import PowerLawFit, fit_power_law

__all__ = [
    "Audit",
    "BrokenPowerLawFit",
    "ChinchillaFit",
    "IdentifiabilityWarning",
    "PowerLawFit",
    "fit_broken_power_law",
    "fit_chinchilla",
    "fit_power_law",
]
