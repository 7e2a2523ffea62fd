"""Scatter: how far single runs stray from the law, where that changes with the size of what is predicted."""

from dataclasses import dataclass

import numpy as np

__all__ = ["ALIKE", "Scatter", "scatter_of"]

_SURE = 3.3  # standard errors of a trend, beyond chance
_SPREAD = 1.11  # standard deviation of the logarithm of a normal variable's size
_FEWEST = 16


@dataclass(frozen=True)
class Scatter:
    """Strays of runs are ``(value / centre)**slope`` times those at `centre`, within `ends` of the values."""

    slope: float = 0.0
    centre: float = 1.0
    ends: tuple[float, float] = (0.0, np.inf)

    def at(self, values) -> np.ndarray:
        """How large strays are at predicted `values`; beyond the runs as at their end."""
        if self.slope == 0.0:
            return np.ones_like(np.asarray(values, dtype=float))
        return (np.clip(values, *self.ends) / self.centre) ** self.slope


ALIKE = Scatter()


def scatter_of(residuals: np.ndarray, values: np.ndarray, *, known: bool = False) -> Scatter:
    """The Scatter that `residuals` (n,) of runs show against the law's `values` (n,), or `known` standard deviations.

    A straight line through ln |residual| against ln value; without a trend beyond chance all runs scatter alike.
    """
    size = np.abs(residuals)
    least = 1e-2 * np.median(size)
    if (len(size) < _FEWEST and not known) or not least > 0.0 or not np.all(values > 0.0):
        return ALIKE
    x, y = np.log(values), np.log(np.maximum(size, least))
    centre, apart = x.mean(), x - x.mean()
    spread = apart @ apart
    if not spread > 0.0:
        return ALIKE
    slope = float(apart @ y / spread)
    around = float(np.std(y - slope * apart))
    if abs(slope) * np.sqrt(spread) <= _SURE * (around if known else max(_SPREAD, around)):
        return ALIKE
    return Scatter(slope, float(np.exp(centre)), (float(values.min()), float(values.max())))
