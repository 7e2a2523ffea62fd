"""Inputs: what several ceilings on a training run are made of, and so have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from .. import arguments

__all__ = ["INPUTS_2030", "SharedInput"]

_80 = 2.0 * 1.2815515655446004  # standard deviations between the 10th and the 90th percentile


@dataclass(frozen=True)
class SharedInput:
    """An uncertain quantity that several ceilings are products of.

    Attributes
    ----------
    name : str
    low, middle, high : float
        Its 10th, 50th and 90th percentile, above zero and in order.
    unit : str
    on : mapping of str to float
        Ceiling -> the power with which it grows with the input.

    Raises
    ------
    ValueError
        If a percentile is not above zero, they are not in order, or a power is no finite number.
    """

    name: str
    low: float
    middle: float
    high: float
    unit: str = ""
    on: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        for end in ("low", "middle", "high"):
            object.__setattr__(self, end, arguments.scalar(end, getattr(self, end), positive=True))
        if not self.low < self.middle < self.high:
            raise ValueError(f"low, middle and high must rise; got {self.low:g}, {self.middle:g}, {self.high:g}")
        on = arguments.mapping("on", self.on, "ceilings and powers")
        on = {name: arguments.scalar(f"on[{name!r}]", power) for name, power in on.items()}
        object.__setattr__(self, "on", MappingProxyType(on))

    @property
    def sd(self) -> float:
        """Standard deviation of log10 of the input, taken as log-normal between its outer percentiles."""
        return float(np.log10(self.high / self.low) / _80)


# Sevilla et al. 2024, "All parameters" under figure 7. Layers grow with the power 0.27 of the parameters and batches
# with 0.36, so the time of a run with tokens in proportion goes as N^(1 + 0.27 - 0.36), and compute as N^2.
_LATENCY = 2.0 / (1.0 + 0.27 - 0.36)
_MACHINES = {"power": 1.0, "chips": 1.0}

INPUTS_2030 = MappingProxyType(
    {
        each.name: each
        for each in (
            SharedInput("duration", 5.18e6, 1.56e7, 2.33e7, "s", _MACHINES | {"latency": _LATENCY}),
            SharedInput("share", 0.16, 0.26, 0.40, "of the largest developer's resources", _MACHINES),
            SharedInput("peak", 1.0e15, 2.0e15, 4.0e15, "FLOP/s per chip", _MACHINES),
            SharedInput("utilisation", 0.20, 0.375, 0.60, "of the peak", _MACHINES),
        )
    }
)
