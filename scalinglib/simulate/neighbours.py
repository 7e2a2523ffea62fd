"""Nearest neighbours on a manifold: the loss falls as the gaps between the examples close."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import PowerLaw
from .family import Exponents, sampled_runs, whole, whole_number, wrapped

if TYPE_CHECKING:
    import pandas

__all__ = ["ManifoldNeighbours"]

_LEARNERS = ("nearest", "linear")
_DISTANCES = 4_000_000  # held at a time: 32 MB
_EXAMPLES = 1e6  # of a sampled run; each is compared with every test item


@dataclass(frozen=True, kw_only=True)
class ManifoldNeighbours:
    """Examples on a torus of few dimensions, seen in twice as many; the target is a smooth wave on it.

    A point has `dimension` angles, uniform around the circle; what the learner sees is their cosines and
    sines, 2 x `dimension` numbers. The target is the sum of the sines of the angles times `waves`, scaled to
    variance 1, without noise. The loss is the mean squared error at fresh points. A learner of size N keeps
    the first N examples and forgets the others, so that loss depends on the smaller of N and D.

    Parameters
    ----------
    dimension : int, default 2
        Of the manifold. It sets the exponents; the number of coordinates does not.
    learner : {"nearest", "linear"}
        "nearest" answers with the target of the nearest example: an error in proportion to the gap, which is
        D^(-1/dimension) wide, so a squared error of D^(-2/dimension). "linear" fits a plane to the nearest
        2 (dimension + 1) examples, in the directions in which they spread most: its error goes with the
        square of the gap, so a squared error of D^(-4/dimension).
    waves : int, default 1
        Waves around each circle. The law begins where the gaps are well below a wave.
    test_items : int, default 1000
        Fresh points that a run is tested on.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    4/d is what Sharma and Kaplan 2020 (arXiv 2004.10802) argue for networks that are linear in pieces, under
    squared error and cross-entropy, and what Bahri et al. 2021 (arXiv 2102.06701) find for smooth learners in
    size and in examples; a target that is only Lipschitz gives 2/d. Nothing here is exact but `asymptote`:
    runs are drawn. The higher the dimension, the later the law begins: with "linear", 3 repeats of 256 to
    16,384 examples fit 1.98 for 2 at d = 2, 0.92 for 1 at d = 4, and 0.55 for 0.67 at d = 6. Those 21 runs
    take about 1 s, with "nearest" 0.2 s.

    Examples
    --------
    >>> import scalinglib as sl
    >>> world = sl.simulate.ManifoldNeighbours(dimension=2)
    >>> runs = world.runs([256, 512, 1024, 2048, 4096, 8192], seed=0)
    >>> fit = sl.fit_power_law(runs.D, runs.loss, floor=None)
    >>> print(f"fitted {fit.law.exponent:.2f}, theory {world.theory.beta:.2f}")
    fitted 0.97, theory 1.00
    """

    dimension: int = 2
    learner: str = "nearest"
    waves: int = 1
    test_items: int = 1000

    def __post_init__(self):
        arguments.one_of("learner", self.learner, _LEARNERS)
        for name in ("dimension", "waves", "test_items"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))

    @property
    def theory(self) -> Exponents:
        """Exponents, the same in size and in examples: 2/d for "nearest", 4/d for "linear"."""
        exponent = {"nearest": 2.0, "linear": 4.0}[self.learner] / self.dimension
        source = {
            "nearest": "gap D^(-1/d), an error in proportion, squared; Bahri et al. 2021, arXiv 2102.06701",
            "linear": "Sharma and Kaplan 2020, arXiv 2004.10802; Bahri et al. 2021, arXiv 2102.06701",
        }
        return Exponents(
            alpha=exponent,
            beta=exponent,
            floor=0.0,
            holds="the smaller of N and D alone, where the gaps are well below a wave",
            source=source[self.learner],
        )

    def asymptote(self) -> PowerLaw:
        """The law that the loss of "nearest" tends to as examples grow, its coefficient included.

        With unit length for each circle the mean squared gap is ``Gamma(1 + 2/d) (D V)**(-2/d)``, V the
        volume of the unit ball; a step of that length in a random direction changes the target by its share
        ``1/d`` of the mean squared gradient, ``(2 pi waves)**2``.

        Returns
        -------
        PowerLaw
            In the smaller of N and D.

        Raises
        ------
        ValueError
            For the learner "linear", whose coefficient is not known in closed form.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.simulate.ManifoldNeighbours(dimension=2).asymptote()
        PowerLaw(coefficient=6.283185307179586, exponent=1.0, floor=0.0)
        """
        if self.learner != "nearest":
            raise ValueError("learner 'linear' has a known exponent, but no known coefficient: fit its runs")
        d = self.dimension
        log_ball = 0.5 * d * math.log(math.pi) - math.lgamma(1.0 + 0.5 * d)
        log_gap = math.lgamma(1.0 + 2.0 / d) - 2.0 / d * log_ball
        coefficient = (2.0 * math.pi * self.waves) ** 2 / d * math.exp(log_gap)
        return PowerLaw(coefficient=coefficient, exponent=2.0 / d)

    def runs(self, D: ArrayLike, *, N: ArrayLike | None = None, repeats: int = 1, seed: int) -> "pandas.DataFrame":
        """Sampled runs: each draws its own `D` examples and `test_items` fresh points.

        Parameters
        ----------
        D : array_like
            Examples, whole numbers.
        N : array_like, optional
            Examples kept, whole numbers; `D` if not given. "linear" needs 2 (dimension + 1) at least.
        repeats : int, default 1
            Runs for each (N, D).
        seed : int
            The same seed gives the same table.

        Returns
        -------
        pandas.DataFrame
            ``N, D, loss, repeat``.

        Examples
        --------
        >>> import scalinglib as sl
        >>> runs = sl.simulate.ManifoldNeighbours(dimension=2).runs(4096, N=[256, 4096], seed=0)
        >>> print(runs.round(4).to_string(index=False))
           N    D   loss  repeat
         256 4096 0.0211       0
        4096 4096 0.0015       0
        """
        D = whole("D", D, least=self._kept)
        N = D if N is None else whole("N", N, least=self._kept)
        kept = np.minimum(*arguments.together(N=N, D=D))
        allowed = f"small enough that the smaller of N and D is at most {_EXAMPLES:g} in a sampled run"
        arguments.refuse("D", kept, kept > _EXAMPLES, allowed)
        return sampled_runs(self, N, D, repeats=repeats, seed=seed)

    def report(self) -> str:
        """What the world is, theory's exponents, and what is exact."""
        d = self.dimension
        learner = "nearest example" if self.learner == "nearest" else f"plane through {self._kept} neighbours"
        lines = [
            f"Neighbours on a torus of dimension {d} in {2 * d} coordinates, squared error",
            f"  Learner: {learner}",
            self.theory.report(),
            *wrapped(f"Runs are drawn, and tested on {self.test_items:,} points each."),
        ]
        if self.learner == "nearest":
            coefficient = self.asymptote().coefficient
            lines += wrapped(f"Asymptote: {coefficient:.4g} x^-{2 / d:.4g}, x the smaller of N and D.")
        return "\n".join(lines)

    @property
    def _kept(self):
        """Examples that an answer needs."""
        return 1 if self.learner == "nearest" else 2 * (self.dimension + 1)

    def _target(self, angles):
        return np.sqrt(2.0 / self.dimension) * np.sin(self.waves * angles).sum(-1)

    def _sample(self, N, D, rng):
        angles = 2.0 * np.pi * rng.random((min(N, D), self.dimension))  # those forgotten need not be drawn
        fresh = 2.0 * np.pi * rng.random((self.test_items, self.dimension))
        seen, values = _embedded(angles), self._target(angles)
        answer = self._nearest if self.learner == "nearest" else self._plane
        parts = max(1, math.ceil(self.test_items * len(seen) / _DISTANCES))
        answers = [answer(seen, values, _embedded(points)) for points in np.array_split(fresh, parts)]
        return (np.mean((np.concatenate(answers) - self._target(fresh)) ** 2),)

    def _nearest(self, seen, values, points):
        # All points are equally far from the origin, so the nearest has the largest product.
        return values[(points @ seen.T).argmax(1)]

    def _plane(self, seen, values, points):
        count, d = self._kept, self.dimension
        closeness = points @ seen.T
        near = np.argpartition(closeness, closeness.shape[1] - count, axis=1)[:, -count:]
        offset = seen[near] - points[:, None]
        centre = offset.mean(1, keepdims=True)
        level = values[near].mean(1)
        left, size, along = np.linalg.svd(offset - centre, full_matrices=False)
        # The first d directions lie along the manifold, the others hold its bend alone.
        slopes = np.einsum("tkd,tk->td", left[:, :, :d], values[near] - level[:, None]) / size[:, :d]
        return level - np.einsum("td,tdc,tc->t", slopes, along[:, :d], centre[:, 0])


def _embedded(angles):
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=-1)
