"""Ceilings: uncertain limits on the largest training run, and the lowest of them."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["CEILINGS_2030", "Ceiling", "LowestCeiling", "compute_trend", "lowest_ceiling"]

_NODES = 81  # of the Gauss-Hermite rule over the shared factor


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
        return float(np.sqrt(self.low * self.high))

    def sd(self, share: float) -> float:
        """Standard deviation of log10 FLOP when the range holds this `share` of outcomes."""
        from scipy.special import ndtri

        return float(0.5 * np.log10(self.high / self.low) / ndtri(0.5 + 0.5 * _share(share)))

    def density(self, C: ArrayLike, *, share: float = 0.8) -> float | np.ndarray:
        """Log-normal density at `C` FLOP, per factor of ten (any shape)."""
        C = arguments.real("C", C, positive=True)
        sd = self.sd(share)
        return np.exp(-0.5 * ((np.log10(C) - np.log10(self.middle)) / sd) ** 2) / (sd * np.sqrt(2.0 * np.pi))

    def report(self) -> str:
        """A line a person can read."""
        return f"{self.name}: {self.low:.3g} to {self.high:.3g} FLOP, middle {self.middle:.3g}"


# Sevilla et al., Epoch AI, "Can AI scaling continue through 2030?", 2024-08-20. Its ranges carry no level in
# common, hence `share`. A second source, arXiv 2411.01137, puts the latency wall at 2e31 FLOP.
CEILINGS_2030 = MappingProxyType(
    {
        "power": Ceiling("power", 2e28, 2e30),
        "power-one-campus": Ceiling("power", 1e28, 3e29),
        "chips": Ceiling("chips", 1e29, 5e30),
        "data": Ceiling("data", 6e28, 2e32),
        "latency": Ceiling("latency", 3e30, 1e32),
    }
)


def _share(share):
    share = arguments.scalar("share", share, positive=True)
    arguments.refuse("share", np.asarray(share), share >= 1.0, "below 1")
    return share


def compute_trend(
    growth: ArrayLike, *, year: int = 2030, start: float = 3.8e25, start_year: int = 2024
) -> float | np.ndarray:
    """FLOP of the largest run in `year`, growing from `start` in `start_year` by `growth` (any shape) a year.

    The default start is Llama 3.1, from which Sevilla et al. 2024 count. Epoch's later counts have 5e25 for December
    2023 and about 5e26 for 2025: a trend is as old as its start.

    Examples
    --------
    >>> import scalinglib as sl
    >>> f"{sl.limits.compute_trend(4):.3g}"
    '1.56e+29'
    """
    growth = arguments.real("growth", growth, positive=True)
    start = arguments.scalar("start", start, positive=True)
    return start * growth ** (arguments.scalar("year", year) - arguments.scalar("start_year", start_year))


@dataclass(frozen=True)
class LowestCeiling:
    """The lowest of several uncertain ceilings.

    Attributes
    ----------
    ceilings : tuple of Ceiling
    share : float
        Share of outcomes that each range is taken to hold: an assumption where the source gives none.
    shared : float
        Correlation of the logarithms of any two ceilings.
    binds : dict
        Name -> chance that this ceiling is the lowest.
    """

    ceilings: tuple
    share: float
    shared: float
    binds: dict

    def survival(self, C: ArrayLike) -> float | np.ndarray:
        """Chance that all ceilings lie above `C` FLOP (any shape)."""
        return _above(_log10(C), *_shape(self.ceilings, self.share), self.shared)

    def density(self, C: ArrayLike) -> float | np.ndarray:
        """Density of the lowest at `C` FLOP, per factor of ten (any shape)."""
        return _parts(_log10(C), *_shape(self.ceilings, self.share), self.shared).sum(0)

    def quantile(self, probability: ArrayLike) -> float | np.ndarray:
        """FLOP below which the lowest lies with this probability (any shape), between 0 and 1.

        Raises
        ------
        ValueError
            If a probability is not between 0 and 1.
        """
        from scipy.optimize import brentq
        from scipy.special import ndtri

        wanted = arguments.real("probability", probability)
        arguments.refuse("probability", wanted, (wanted <= 0.0) | (wanted >= 1.0), "above 0 and below 1")
        means, sds = _shape(self.ceilings, self.share)

        def solve(q):
            # The lowest is below a point no less often than any one ceiling, and no more often than all of them
            # added up: that leaves little to search. The margin is for the rule that averages over shared luck.
            low, high = ((means + sds * ndtri(chance)).min() for chance in (q / len(means), q))
            return brentq(lambda z: _above(np.float64(z), means, sds, self.shared) - (1.0 - q), low - 0.05, high + 0.05)

        return 10.0 ** np.vectorize(solve, otypes=[float])(wanted)

    @property
    def median(self) -> float:
        """FLOP that the lowest ceiling lies above or below with equal chances."""
        return float(self.quantile(0.5))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """The central range, in FLOP, that holds the lowest with probability `level`."""
        from ..uncertainty.interval import tails

        low, high = self.quantile(tails(level))
        return float(low), float(high)

    def report(self) -> str:
        """What a person should know about the lowest ceiling."""
        low, high = self.interval(0.8)
        lines = [
            f"Lowest of {len(self.ceilings)} ceilings, each log-normal with {self.share:.0%} in its range, "
            f"shared luck {self.shared:g}",
            f"  median {self.median:.3g} FLOP, 80% from {low:.3g} to {high:.3g}",
            f"  lowest of the single middles {min(c.middle for c in self.ceilings):.3g} FLOP",
            "  which binds: " + ", ".join(f"{name} {chance:.1%}" for name, chance in self.binds.items()),
            "  The shape of the ranges is assumed; who would pay is not asked.",
        ]
        return "\n".join(lines)


def lowest_ceiling(ceilings: Sequence[Ceiling], *, share: float = 0.8, shared: float = 0.0) -> LowestCeiling:
    """The lowest of several log-normal ceilings that may share luck.

    Each range is taken to hold `share` of the outcomes of a log-normal ceiling. One standard normal factor
    common to all gives every pair of log ceilings the correlation `shared`; given the factor they are
    independent, and an 81-point Gauss-Hermite rule averages over it. No random numbers.

    Parameters
    ----------
    ceilings : sequence of Ceiling
        One or more, of different names.
    share : float, default 0.8
        Between 0 and 1.
    shared : float, default 0.0
        From 0 to 0.95. Nearer to 1 the rule does not resolve the average any more.

    Returns
    -------
    LowestCeiling

    Raises
    ------
    ValueError
        Naming the argument that is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> names = ("power", "chips", "data", "latency")
    >>> lowest = sl.limits.lowest_ceiling([sl.limits.CEILINGS_2030[name] for name in names])
    >>> print(lowest.report())
    Lowest of 4 ceilings, each log-normal with 80% in its range, shared luck 0
      median 1.03e+29 FLOP, 80% from 1.24e+28 to 6.16e+29
      lowest of the single middles 2e+29 FLOP
      which binds: power 59.1%, chips 23.2%, data 17.3%, latency 0.4%
      The shape of the ranges is assumed; who would pay is not asked.
    >>> round(float(lowest.survival(sl.limits.compute_trend(4))), 4)
    0.3899
    """
    ceilings = tuple(ceilings)
    names = [ceiling.name for ceiling in ceilings]
    if not ceilings or len(set(names)) < len(names):
        given = ", ".join(names) or "none"
        raise ValueError(f"ceilings must be one or more, of different names; got {given}")
    share, shared = _share(share), arguments.scalar("shared", shared, non_negative=True)
    arguments.refuse("shared", np.asarray(shared), shared > 0.95, "from 0 to 0.95")
    binds = _binds(*_shape(ceilings, share), shared)
    named = {name: float(chance) for name, chance in zip(names, binds, strict=True)}
    return LowestCeiling(ceilings=ceilings, share=share, shared=shared, binds=named)


def _log10(C):
    return np.log10(arguments.real("C", C, positive=True))


def _shape(ceilings, share):
    """Means and standard deviations of log10 of the ceilings, (J,) each."""
    means = np.array([np.log10(ceiling.middle) for ceiling in ceilings])
    return means, np.array([ceiling.sd(share) for ceiling in ceilings])


def _given_luck(z, means, sds, shared):
    """Weights of the shared factor's nodes, standard values (J, node, ...) of `z` (...) given it, and their scale."""
    points, weights = np.zeros(1), np.ones(1)
    if shared:
        points, weights = _nodes()
    weights = weights / weights.sum()
    own = np.sqrt(1.0 - shared)
    shape = (-1,) + (1,) * (np.ndim(z) + 1)  # axes: ceiling, node, those of z
    means, sds = means.reshape(shape), sds.reshape(shape)
    factor = (np.sqrt(shared) * points).reshape(shape[:-1])
    return weights, ((z - means) / sds - factor) / own, sds * own


def _above(z, means, sds, shared):
    """Chance that the lowest lies above log10 FLOP `z` (...)."""
    from scipy.special import log_ndtr

    weights, standard, _ = _given_luck(z, means, sds, shared)
    return np.tensordot(weights, np.exp(log_ndtr(-standard).sum(0)), 1)


def _parts(z, means, sds, shared):
    """Each ceiling's part of the density of the lowest at log10 FLOP `z` (...), (J, ...)."""
    from scipy.special import log_ndtr

    weights, standard, scale = _given_luck(z, means, sds, shared)
    log_above = log_ndtr(-standard)
    density = np.exp(log_above.sum(0) - log_above - 0.5 * standard**2) / (scale * np.sqrt(2.0 * np.pi))
    return np.tensordot(weights, np.moveaxis(density, 1, 0), 1)


@functools.cache
def _nodes():
    return np.polynomial.hermite_e.hermegauss(_NODES)


def _binds(means, sds, shared):
    """Chance that each ceiling is the lowest, (J,): its part of the density, by Gauss-Legendre in panels."""
    ends = np.unique(means[:, None] + sds[:, None] * np.linspace(-9.0, 9.0, 19))  # a width of each apart
    points, weights = np.polynomial.legendre.leggauss(12)
    half = 0.5 * np.diff(ends)[:, None]
    z = (ends[:-1, None] + half * (1.0 + points)).ravel()
    chances = _parts(z, means, sds, shared) @ (half * weights).ravel()
    return chances / chances.sum()
