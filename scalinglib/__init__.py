"""Fit and use neural scaling laws: runs in, a law out, and how far to trust it.

Everything loads on first use: ``import scalinglib`` itself imports no other package.
"""

import difflib
import importlib

__version__ = "0.1.0"

_MODULES = (
    "accounting",
    "laws",
    "forms",
    "published",
    "runs",
    "fitting",
    "audit",
    "uncertainty",
    "coverage",
    "comparison",
    "planning",
    "allocation",
    "emergence",
    "limits",
    "simulate",
    "strategies",
    "plots",
    "explore",
    "results",
    "classroom",
    "reports",
)

# name -> the module it lives in
_NAMES = {
    "TransformerShape": "accounting",
    "BrokenPowerLaw": "laws",
    "ChinchillaLaw": "laws",
    "KaplanLaw": "laws",
    "PowerLaw": "laws",
    "RepeatedDataLaw": "laws",
    "SaturatingPowerLaw": "laws",
    "ShiftedPowerLaw": "laws",
    "audit_table": "published",
    "IdentifiabilityWarning": "fitting",
    "fit": "fitting",
    "PooledRunsWarning": "audit",
    "fit_broken_power_law": "fitting",
    "fit_chinchilla": "fitting",
    "fit_kaplan": "fitting",
    "fit_power_law": "fitting",
    "fit_saturating_power_law": "fitting",
    "fit_shifted_power_law": "fitting",
    "compare_forms": "comparison",
    "fit_envelope": "allocation",
    "fit_isoflop": "allocation",
    "inference_optimum": "allocation",
    "isoflop_curve": "allocation",
    "overtraining_cost": "allocation",
    "suggest_runs": "planning",
    "table": "results",
}

__all__ = sorted([*_MODULES, *_NAMES])


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    near = difflib.get_close_matches(name, __all__, n=1)
    hint = f"; did you mean {near[0]!r}?" if near and not name.startswith("_") else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__():
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
