"""Lowest: the lowest of several uncertain ceilings, which may share luck."""

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .ceilings import Ceiling, checked_share
from .inputs import SharedInput

__all__ = ["LowestCeiling", "lowest_ceiling"]

_NODES = {0: 1, 1: 81, 2: 41, 3: 17}
"""Nodes of the Gauss-Hermite rule along each direction of shared luck, by the number of directions."""


@dataclass(frozen=True)
class LowestCeiling:
    """The lowest of several uncertain ceilings.

    Attributes
    ----------
    ceilings : tuple of Ceiling
    share : float
        Share of outcomes that each range is taken to hold: an assumption where the source gives none.
    shared : float
        Correlation of the logarithms of any two ceilings, beside what they share as `inputs`.
    inputs : tuple of SharedInput
    known : dict
        Input -> the value at which it is held.
    binds : dict
        Name -> chance that this ceiling is the lowest.
    """

    ceilings: tuple
    share: float
    shared: float
    inputs: tuple
    known: dict
    binds: dict
    _means: np.ndarray = field(repr=False)  # of log10 of the ceilings, (J,)
    _own: np.ndarray = field(repr=False)  # standard deviations of what each has for itself, (J,)
    _loads: np.ndarray = field(repr=False)  # of each direction of shared luck on the ceilings, (K, J)

    @property
    def _normal(self):
        return self._means, self._own, self._loads

    def sds(self) -> np.ndarray:
        """Standard deviations of log10 FLOP of the ceilings, (J,)."""
        return np.sqrt(self._own**2 + (self._loads**2).sum(0))

    def correlation(self) -> np.ndarray:
        """Correlations of the logarithms of the ceilings, (J, J)."""
        sds = self.sds()
        return (self._loads.T @ self._loads + np.diag(self._own**2)) / np.outer(sds, sds)

    def survival(self, C: ArrayLike) -> float | np.ndarray:
        """Chance that all ceilings lie above `C` FLOP (any shape)."""
        return _above(_log10(C), *self._normal)

    def density(self, C: ArrayLike) -> float | np.ndarray:
        """Density of the lowest at `C` FLOP, per factor of ten (any shape)."""
        return _parts(_log10(C), *self._normal).sum(0)

    def each_density(self, C: ArrayLike) -> np.ndarray:
        """Density of each ceiling by itself at `C` FLOP (any shape), per factor of ten, (J, ...)."""
        sds, z = self.sds(), _log10(C)
        shape = (-1,) + (1,) * np.ndim(z)
        sds, means = sds.reshape(shape), self._means.reshape(shape)
        return np.exp(-0.5 * ((z - means) / sds) ** 2) / (sds * np.sqrt(2.0 * np.pi))

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
        sds = self.sds()

        def solve(q):
            # The lowest is below a point no less often than any one ceiling, and no more often than all of them
            # added up: that leaves little to search. The margin is for the rule that averages over shared luck.
            low, high = ((self._means + sds * ndtri(chance)).min() for chance in (q / len(sds), q))
            return brentq(lambda z: _above(np.float64(z), *self._normal) - (1.0 - q), low - 0.05, high + 0.05)

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
        luck = [f"shared luck {self.shared:g}"] if self.shared or not self.inputs else []
        luck += [f"{len(self.inputs)} inputs shared"] if self.inputs else []
        lines = [
            f"Lowest of {len(self.ceilings)} ceilings, each log-normal with {self.share:.0%} in its range, "
            + ", ".join(luck),
            *(f"  {name} held at {value:.3g}" for name, value in self.known.items()),
            f"  median {self.median:.3g} FLOP, 80% from {low:.3g} to {high:.3g}",
            f"  lowest of the single middles {10 ** self._means.min():.3g} FLOP",
            "  which binds: " + ", ".join(f"{name} {chance:.1%}" for name, chance in self.binds.items()),
            "  The shape of the ranges is assumed; who would pay is not asked.",
        ]
        return "\n".join(lines)


def lowest_ceiling(
    ceilings: Sequence[Ceiling],
    *,
    share: float = 0.8,
    shared: float = 0.0,
    inputs: Sequence[SharedInput] = (),
    known: Mapping[str, float] | None = None,
) -> LowestCeiling:
    """The lowest of several log-normal ceilings that may share luck.

    Each range is taken to hold `share` of the outcomes of a log-normal ceiling. An input that several ceilings are
    made of moves them together, each by a power of it; one standard normal factor more gives every pair the
    correlation `shared`. Given what is shared the ceilings are independent, and a Gauss-Hermite rule averages over
    it. No random numbers.

    Parameters
    ----------
    ceilings : sequence of Ceiling
        One or more, of different names.
    share : float, default 0.8
        Between 0.001 and 0.9999.
    shared : float, default 0.0
        From 0 to 0.95. Nearer to 1 the rule does not resolve the average any more.
    inputs : sequence of SharedInput
        What ceilings have in common, as ``INPUTS_2030.values()``. Those on ceilings that are not here do nothing.
    known : mapping of str to float, optional
        Input -> value: held there. The ceilings it is part of move, and are more certain.

    Returns
    -------
    LowestCeiling

    Raises
    ------
    ValueError
        Naming the argument that is out of range, and for inputs that vary more than a ceiling's range allows.

    Examples
    --------
    >>> from scalinglib.limits import CEILINGS_2030, INPUTS_2030, compute_trend, lowest_ceiling
    >>> names = ("power", "chips", "data", "latency")
    >>> lowest = lowest_ceiling([CEILINGS_2030[name] for name in names], inputs=INPUTS_2030.values())
    >>> print(lowest.report())
    Lowest of 4 ceilings, each log-normal with 80% in its range, 4 inputs shared
      median 1.12e+29 FLOP, 80% from 1.25e+28 to 7.86e+29
      lowest of the single middles 2e+29 FLOP
      which binds: power 61.7%, chips 19.4%, data 18.7%, latency 0.1%
      The shape of the ranges is assumed; who would pay is not asked.
    >>> round(float(lowest.survival(compute_trend(4))), 3)
    0.419
    """
    ceilings, inputs = _all("ceilings", ceilings, Ceiling), _all("inputs", inputs, SharedInput)
    known = arguments.mapping("known", known, "inputs and their values")
    names = [ceiling.name for ceiling in ceilings]
    if not ceilings or len(set(names)) < len(names):
        given = ", ".join(names) or "none"
        raise ValueError(f"ceilings must be one or more, of different names; got {given}")
    twice = [each.name for each in inputs]
    if len(set(twice)) < len(twice):
        raise ValueError(f"inputs must have different names, or their luck would count twice; got {', '.join(twice)}")
    share, shared = checked_share(share), arguments.scalar("shared", shared, non_negative=True)
    arguments.refuse("shared", np.asarray(shared), shared > 0.95, "from 0 to 0.95")
    for name in known:
        arguments.one_of("known", name, [each.name for each in inputs])
        known[name] = arguments.scalar(f"known[{name!r}]", known[name], positive=True)
    means, own, loads = _normal(ceilings, share, shared, inputs, known)
    binds = _binds(means, own, loads)
    named = {name: float(chance) for name, chance in zip(names, binds, strict=True)}
    return LowestCeiling(ceilings, share, shared, inputs, known, named, means, own, loads)


def _all(name, given, kind):
    """A tuple of what was given, or ValueError where one is of another kind; a mapping stands for its values."""
    given = given.values() if isinstance(given, Mapping) else given
    found = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    wrong = next((place for place, each in enumerate(found) if not isinstance(each, kind)), None)
    if wrong is not None:
        said = f"{name} must each be a {kind.__name__}"
        raise ValueError(f"{said}; row {wrong} is {arguments.abbreviate(found[wrong])}")
    return found


def _log10(C):
    return np.log10(arguments.real("C", C, positive=True))


def _normal(ceilings, share, shared, inputs, known):
    """Means and own standard deviations of log10 of the ceilings, (J,) each, and what they share, (K, J)."""
    means = np.array([np.log10(ceiling.middle) for ceiling in ceilings])
    sds = np.array([ceiling.sd(share) for ceiling in ceilings])
    loads = []
    for each in inputs:
        powers = np.array([each.on.get(ceiling.name, 0.0) for ceiling in ceilings])
        if each.name in known:
            means += powers * np.log10(known[each.name] / each.middle)
            sds = np.sqrt(np.maximum(sds**2 - (powers * each.sd) ** 2, 0.0))
        elif powers.any():
            loads.append(powers * each.sd)
    # Inputs that move the ceilings in the same proportions are one direction of luck.
    loads = _joined(loads)
    if shared:
        loads.append(np.sqrt(shared) * sds)
    loads = np.array(loads).reshape(-1, len(ceilings))
    arguments.refuse("inputs", np.asarray(len(loads)), len(loads) > max(_NODES), f"of {max(_NODES)} kinds at most")
    left = sds**2 - (loads**2).sum(0)
    for ceiling, rest, sd in zip(ceilings, left, sds, strict=True):
        if rest < 1e-6 * sd**2:
            raise ValueError(f"inputs vary more than the range of {ceiling.name} allows")
    return means, np.sqrt(left), loads


def _joined(loads):
    joined = []
    for load in loads:
        for place, other in enumerate(joined):
            if np.allclose(load * np.linalg.norm(other), other * np.linalg.norm(load), rtol=1e-9):
                joined[place] = other * np.hypot(1.0, np.linalg.norm(load) / np.linalg.norm(other))
                break
        else:
            joined.append(load)
    return joined


def _given_luck(z, means, own, loads):
    """Weights of the nodes of what is shared, standard values (J, node, ...) of `z` (...) given it, and their scale."""
    points, weights = _nodes(len(loads))
    shape = (-1,) + (1,) * (np.ndim(z) + 1)  # axes: ceiling, node, those of z
    moved = (means[:, None] + loads.T @ points).reshape(len(means), -1, *shape[2:])  # one node where nothing is shared
    own = own.reshape(shape)
    return weights, (z - moved) / own, own


def _above(z, means, own, loads):
    """Chance that the lowest lies above log10 FLOP `z` (...)."""
    from scipy.special import log_ndtr

    weights, standard, _ = _given_luck(z, means, own, loads)
    return np.tensordot(weights, np.exp(log_ndtr(-standard).sum(0)), 1)


def _parts(z, means, own, loads):
    """Each ceiling's part of the density of the lowest at log10 FLOP `z` (...), (J, ...)."""
    from scipy.special import log_ndtr

    weights, standard, scale = _given_luck(z, means, own, loads)
    log_above = log_ndtr(-standard)
    density = np.exp(log_above.sum(0) - log_above - 0.5 * standard**2) / (scale * np.sqrt(2.0 * np.pi))
    return np.tensordot(weights, np.moveaxis(density, 1, 0), 1)


@functools.cache
def _nodes(directions):
    """Nodes (K, node) and weights of the rule over so many standard normal directions."""
    points, weights = np.polynomial.hermite_e.hermegauss(_NODES[directions])
    grid = np.array(list(itertools.product(points, repeat=directions))).reshape(len(points) ** directions, directions).T
    each = np.array([np.prod(some) for some in itertools.product(weights, repeat=directions)])
    return grid, each / each.sum()


def _binds(means, own, loads):
    """Chance that each ceiling is the lowest, (J,): its part of the density, by Gauss-Legendre in panels."""
    sds = np.sqrt(own**2 + (loads**2).sum(0))
    ends = np.unique(means[:, None] + sds[:, None] * np.linspace(-9.0, 9.0, 19))  # a width of each apart
    points, weights = np.polynomial.legendre.leggauss(12)
    half = 0.5 * np.diff(ends)[:, None]
    z = (ends[:-1, None] + half * (1.0 + points)).ravel()
    chances = _parts(z, means, own, loads) @ (half * weights).ravel()
    return chances / chances.sum()
