"""Fitting: from runs to a law, with how it was reached and what the runs leave open."""

from .broken import fit_broken_power_law
from .chinchilla import ChinchillaFit, fit_chinchilla
from .curve import CurveFit
from .family import Difference, FamilyLaw
from .fit import fit
from .form_fit import FormFit
from .given import NamesWarning
from .identifiability import IdentifiabilityWarning
from .kaplan import KaplanFit, fit_kaplan
from .points import SaturatingPowerLawFit
from .power_law import PowerLawFit, fit_power_law
from .saturating import fit_saturating_power_law
from .shifted import fit_shifted_power_law
from .units import UnitsWarning

__all__ = [
    "ChinchillaFit",
    "CurveFit",
    "Difference",
    "FamilyLaw",
    "FormFit",
    "IdentifiabilityWarning",
    "KaplanFit",
    "NamesWarning",
    "PowerLawFit",
    "SaturatingPowerLawFit",
    "UnitsWarning",
    "fit",
    "fit_broken_power_law",
    "fit_chinchilla",
    "fit_kaplan",
    "fit_power_law",
    "fit_saturating_power_law",
    "fit_shifted_power_law",
]
