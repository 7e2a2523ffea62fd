"""The course's figures: one tested function a figure, a module a part."""

import importlib

MODULES = {
    "figure": ("Figure",),
    "power_laws": ("decade_steps", "estimator_spread", "lamp_fits", "lamp_line", "target_cost"),
    "floor": ("assumed_floors", "fit_and_residuals", "floor_ranges", "local_exponents"),
    "chinchilla": ("approach_2_bias", "isoflop_bowls", "loss_surface", "tokens_per_parameter"),
    "frontier": ("overtraining", "serving_cost"),
    "own_table": ("measured_and_fitted", "runs_and_frontier"),
    "measured": ("measured_bowls", "measured_curves", "measured_residuals", "prediction_outcome"),
    "studies": (
        "addition_training",
        "fitted_floors",
        "parity_thresholds",
        "rate_sweeps",
        "repeated_losses",
        "repetition_profile",
    ),
    "repetition": ("collapse", "repetition_residuals", "turning_runs"),
    "uncertainty": ("coverage_by_design", "interval_growth", "repeated_studies"),
    "replication": (
        "chinchilla_points",
        "corner_sweep",
        "dropped_points",
        "residual_corner",
        "stopping_points",
        "token_paths",
        "two_optima",
    ),
}
"""The figures of each module, which need not list them again; it is loaded when the first of them is used."""

_HOME = {name: module for module, names in MODULES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no figure {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return sorted({*__all__, *MODULES})
