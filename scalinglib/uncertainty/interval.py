"""Interval: a value of the fitted law and the two ends around it."""

from dataclasses import dataclass

import numpy as np

from .. import arguments
from ..text import brief, wrapped

__all__ = ["Interval", "OptimumBounds", "tails"]


_SHOWN = 20


@dataclass(frozen=True)
class Interval:
    """A value of the fitted law and its interval.

    Attributes
    ----------
    value : float, numpy.ndarray or Optimum
    low, high : float, numpy.ndarray or OptimumBounds
        In the shape of the value.
    caution : str
        What is to be said against it, such as how far it lies from the runs; empty when nothing.
    """

    value: object
    low: object
    high: object
    caution: str = ""

    def __repr__(self):
        return brief(self, *self.report().split("\n")[:2])

    def report(self) -> str:
        """A line a value, the first twenty, and the caution."""
        if isinstance(self.low, OptimumBounds):
            parts = {
                name: (getattr(self.value, name), low, getattr(self.high, name)) for name, low in vars(self.low).items()
            }
        else:
            parts = {"value": (self.value, self.low, self.high)}
        lines = []
        for name, part in parts.items():
            rows = list(zip(*map(np.ravel, part), strict=True))
            lines += [f"{name} {value:.5g} ({low:.5g} to {high:.5g})" for value, low, high in rows[:_SHOWN]]
            lines += [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
        return "\n".join([*lines, *([wrapped([self.caution])] if self.caution else [])])


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
    level = arguments.share("level", level)
    return 0.5 - 0.5 * level, 0.5 + 0.5 * level
