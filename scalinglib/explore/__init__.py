"""Live figures: a Python function of named parameters becomes a figure that answers back, with a kernel or without."""

import importlib

MODULES = {
    "axes": ("axis", "panel", "place"),
    "layers": ("band", "bars", "curve", "mark", "points", "region"),
    "numbers": ("number", "written"),
    "sentence": ("Sentence", "say"),
    "controls": ("Choice", "Predict", "Slider"),
    "description": ("Description", "described"),
    "widget": ("LiveFigure", "figure"),
    "check": ("GridErrors", "errors"),
    "bet": ("gophers_bet",),
    "loss": ("surprise",),
    "units": ("count_and_cost",),
    "power_laws": ("doubling", "drag_the_floor"),
    "steps": ("line_from_steps",),
    "fitting": ("one_bad_run", "runs_not_points"),
    "design": ("design_studio",),
    "chinchilla": ("budget_bowl",),
    "approaches": ("three_approaches",),
    "counting": ("kaplan_by_counting",),
    "serving": ("total_cost",),
    "emergence": ("all_at_once", "metric_switchboard"),
    "limits": ("binds_2030", "value_of_a_repeat"),
}
"""The names of each module, which need not list them again; it is loaded when the first of them is used."""

_HOME = {name: module for module, names in MODULES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return sorted({*__all__, *MODULES})
