"""Live figures: a Python function of named parameters becomes a figure that answers back, with a kernel or without."""

import importlib

from scalinglib.explore import figures

MODULES = {
    "axes": ("axis", "panel", "place", "reach"),
    "layers": ("band", "bars", "curve", "level", "mark", "points", "region"),
    "numbers": ("number", "written"),
    "sentence": ("Sentence", "say"),
    "controls": ("Choice", "Pick", "Predict", "Slider"),
    "description": ("Description", "described"),
    "widget": ("LiveFigure", "figure"),
    "own_table": ("OwnTable",),
    "check": ("GridErrors", "errors"),
    **{f"figures.{name}": (name,) for name in figures.NAMES},
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
    return sorted({*__all__, *MODULES, "figures"})
