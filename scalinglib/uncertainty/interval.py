"""Interval: a value of the fitted law and the two ends around it."""

from dataclasses import dataclass

import numpy as np

from .. import arguments

__all__ = ["Interval", "OptimumBounds", "tails"]


@dataclass(frozen=True)
class Interval:
    """A value of the fitted law and its interval.

    Attributes
    ----------
    value : float, numpy.ndarray or Optimum
    low, high : float, numpy.ndarray or OptimumBounds
        In the shape of the value.
    """

    value: object
    low: object
    high: object


@dataclass(frozen=True)
class OptimumBounds:
    """One end of the interval of an optimum, quantity by quantity: they are not one law's optimum."""

    C: np.ndarray
    N: np.ndarray
    D: np.ndarray
    loss: np.ndarray
    tokens_per_parameter: np.ndarray


def tails(level):
    """The shares below the two ends of a central interval: 0.1 and 0.9 for a `level` of 0.8."""
    level = arguments.scalar("level", level, positive=True)
    if level >= 1.0:
        raise ValueError(f"level must be between 0 and 1, such as 0.8; got {level:g}")
    return 0.5 - 0.5 * level, 0.5 + 0.5 * level
