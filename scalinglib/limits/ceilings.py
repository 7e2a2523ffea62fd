"""Ceilings: uncertain limits on the largest training run."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["CEILINGS_2030", "Ceiling", "checked_share"]


@dataclass(frozen=True)
class Ceiling:
    """A limit on training compute, as a range.

    Attributes
    ----------
    name : str
    low, high : float
        FLOP, above zero, low below high.

    Raises
    ------
    ValueError
        If an end is not above zero, or they are not in order.
    """

    name: str
    low: float
    high: float

    def __post_init__(self):
        for end in ("low", "high"):
            object.__setattr__(self, end, arguments.scalar(end, getattr(self, end), positive=True))
        if self.low >= self.high:
            raise ValueError(f"low must be below high = {self.high:g}; got {self.low:g} ({self.name})")

    @property
    def middle(self) -> float:
        """Geometric mean of the ends: the median if the ceiling is log-normal."""
        return float(np.sqrt(self.low) * np.sqrt(self.high))

    def sd(self, share: float) -> float:
        """Standard deviation of log10 FLOP when the range holds this `share` of outcomes."""
        from scipy.special import ndtri

        return float(0.5 * np.log10(self.high / self.low) / ndtri(0.5 + 0.5 * checked_share(share)))

    def density(self, C: ArrayLike, *, share: float = 0.8) -> float | np.ndarray:
        """Log-normal density at `C` FLOP, per factor of ten (any shape)."""
        C = arguments.real("C", C, positive=True)
        sd = self.sd(share)
        return np.exp(-0.5 * ((np.log10(C) - np.log10(self.middle)) / sd) ** 2) / (sd * np.sqrt(2.0 * np.pi))

    def report(self) -> str:
        """A line a person can read."""
        return f"{self.name}: {self.low:.3g} to {self.high:.3g} FLOP, middle {self.middle:.3g}"


# Sevilla et al., Epoch AI, "Can AI scaling continue through 2030?", 2024-08-20: 80% intervals by the captions of its
# figures 1 and 7. A second source, arXiv 2411.01137, puts the latency wall at 2e31 FLOP.
CEILINGS_2030 = MappingProxyType(
    {
        "power": Ceiling("power", 2e28, 2e30),
        "power-one-campus": Ceiling("power", 1e28, 3e29),
        "chips": Ceiling("chips", 1e29, 5e30),
        "data": Ceiling("data", 6e28, 2e32),
        "latency": Ceiling("latency", 3e30, 1e32),
    }
)


def checked_share(share: float) -> float:
    """A share between 0 and 1, or an error."""
    share = arguments.scalar("share", share, positive=True)
    # beyond, a range says nothing of the width: its ends are the middle, or as far off as one likes
    arguments.refuse("share", np.asarray(share), not 0.001 <= share <= 0.9999, "below 1: from 0.001 to 0.9999")
    return share
