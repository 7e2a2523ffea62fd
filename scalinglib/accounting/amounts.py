"""Amounts: whole numbers and shares, refused by name and row where they are not."""

import numpy as np

from ..arguments import real

__all__ = ["refuse_where", "share", "whole", "whole_numbers"]


def whole(name, value):
    """`value` as a Python integer above zero, which cannot overflow."""
    array = whole_numbers(name, value)
    if array.ndim:
        raise ValueError(f"{name} must be one whole number; got shape {array.shape}")
    return int(array)


def whole_numbers(name, value):
    """`value` as an array of whole numbers above zero."""
    array = real(name, value, positive=True)
    refuse_where(array != np.floor(array), name, array, "whole numbers" if array.ndim else "a whole number")
    return array


def share(name, value):
    """`value` as an array of numbers above 0 and at most 1."""
    array = real(name, value, positive=True)
    refuse_where(array > 1, name, array, "at most 1")
    return array


def refuse_where(bad, name, array, allowed):
    """Raise ValueError naming the argument, the offending rows and what is allowed."""
    if not np.any(bad):
        return
    if array.ndim == 0:
        raise ValueError(f"{name} must be {allowed}; got {array:g}")
    rows = np.flatnonzero(np.atleast_1d(bad).reshape(len(array), -1).any(axis=1))
    named = f"rows {', '.join(map(str, rows))} are" if len(rows) > 1 else f"row {rows[0]} is"
    raise ValueError(f"{name} must be {allowed}; {named} not")
