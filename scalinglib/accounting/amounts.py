"""Amounts: whole numbers and shares, refused by name and row where they are not."""

import numbers

import numpy as np

from ..arguments import real, refuse

__all__ = ["share", "whole", "whole_numbers"]


def whole(name, value):
    """`value` as a Python integer above zero, which cannot overflow."""
    array = whole_numbers(name, value)
    if array.ndim:
        raise ValueError(f"{name} must be one whole number; got shape {array.shape}")
    return int(value) if isinstance(value, numbers.Integral) else int(array)


def whole_numbers(name, value):
    """`value` as an array of whole numbers above zero."""
    array = real(name, value, positive=True)
    refuse(name, array, array != np.floor(array), "whole numbers" if array.ndim else "a whole number")
    return array


def share(name, value):
    """`value` as an array of numbers above 0 and at most 1."""
    array = real(name, value, positive=True)
    refuse(name, array, array > 1, "at most 1")
    return array
