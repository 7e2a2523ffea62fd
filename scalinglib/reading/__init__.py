"""Reading: people's own tables of runs, their columns found by name and their cells checked."""

import importlib

_PLACES = {"Table": "table", "TableError": "cells", "read": "table", "read_table": "frame"}

__all__ = list(_PLACES)


def __getattr__(name):
    # loaded when used: the command's help takes numbers from here and comes without numpy
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)
