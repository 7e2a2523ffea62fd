"""Fitting: from runs to a law, with how it was reached and what the runs leave open."""

from .broken import fit_broken_power_law
from .chinchilla import ChinchillaFit, fit_chinchilla
from .curve import CurveFit
from .fit import fit
from .form_fit import FormFit
from .identifiability import IdentifiabilityWarning
from .kaplan import KaplanFit, fit_kaplan
from .points import SaturatingPowerLawFit
from .power_law import PowerLawFit, fit_power_law
from .saturating import fit_saturating_power_law
from .shifted import fit_shifted_power_law

__all__ = [
    "ChinchillaFit",
    "CurveFit",
    "FormFit",
    "IdentifiabilityWarning",
    "KaplanFit",
    "PowerLawFit",
    "SaturatingPowerLawFit",
    "fit",
    "fit_broken_power_law",
    "fit_chinchilla",
    "fit_kaplan",
    "fit_power_law",
    "fit_saturating_power_law",
    "fit_shifted_power_law",
]
