"""World: a truth to be found by buying runs: losses at every N and D, the best size, what a wrong one wastes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw, RepeatedDataLaw
from .tuning import Tuning

__all__ = ["SMALLEST_D", "SMALLEST_N", "Bend", "World", "lowest"]

SMALLEST_N, SMALLEST_D = 1e6, 1e7  # nothing smaller is trained: additive laws mean nothing there
_LOOKS, _ROUNDS = 31, 7  # looks a round: to some 1e-7 of a range in the end


@dataclass(frozen=True, kw_only=True)
class Bend:
    """Where the exponent of N changes: the size term is divided by ``(1 + (N / at)**(1 / width))**(change width)``.

    It is one break of Caballero et al. 2022 (arXiv 2210.14891, equation 1).

    Attributes
    ----------
    at : float
        Parameters at the break.
    change : float
        What the exponent gains beyond it.
    width : float
        Of the break, in factors of e.
    """

    at: float
    change: float
    width: float

    def factor(self, N: np.ndarray) -> np.ndarray:
        """What the size term is multiplied with at `N` parameters."""
        return np.exp(-self.change * self.width * np.logaddexp(0.0, np.log(N / self.at) / self.width))


@dataclass(frozen=True, kw_only=True)
class World:
    """What is true in a laboratory.

    Attributes
    ----------
    kind : str
        One of `WORLDS`.
    law : ChinchillaLaw
        Of runs at their best learning rate on fresh text; below the break, where there is one.
    unique_tokens : float
        Tokens of text that there are; infinite where they do not run out.
    R_D : float
        How many repetitions it takes for a token to lose most of its worth, as in RepeatedDataLaw.
    bend : Bend or None
        Where the exponent of N changes.
    tuning : Tuning
        The best learning rate of each run, and what another one costs.
    noise : float
        Standard deviation of ln loss between runs that differ in their seed alone.
    """

    kind: str
    law: ChinchillaLaw
    unique_tokens: float
    R_D: float
    bend: Bend | None
    tuning: Tuning = field(repr=False)
    noise: float

    def loss(self, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """Loss in nats per token of a run at its best learning rate, without noise (broadcast)."""
        N = arguments.real("N", N, positive=True)
        D = arguments.real("D", D, positive=True)
        arguments.together(N=N, D=D)
        law = self.law
        size_term = law.A * N**-law.alpha * (1.0 if self.bend is None else self.bend.factor(N))
        return law.E + size_term + law.B * self.worth(D) ** -law.beta

    def worth(self, D: ArrayLike) -> float | np.ndarray:
        """What `D` tokens seen are worth in tokens that are new (any shape)."""
        if not np.isfinite(self.unique_tokens):
            return arguments.real("D", D, positive=True)
        constants = {name: getattr(self.law, name) for name in ("E", "A", "B", "alpha", "beta")}
        return RepeatedDataLaw(**constants, R_D=self.R_D, R_N=1.0).effective_tokens(D, self.unique_tokens)

    def best(self, C: float) -> tuple[float, float]:
        """The N with the lowest loss at ``6 N D = C``, and that loss."""
        if self.bend is None and not np.isfinite(self.unique_tokens):
            best = self.law.optimum(arguments.scalar("C", C, positive=True))
            return float(best.N), float(best.loss)
        return lowest(self.loss, C)

    def compute_for(self, loss: float, most: float) -> float:
        """FLOP that a run of the best size needs for `loss`, at most `most`."""
        low, high = np.log(6.0 * SMALLEST_N), np.log(most)
        for _ in range(_ROUNDS):
            budgets = np.linspace(low, high, _LOOKS)
            first = int(np.argmax(_lowest(self.loss, np.exp(budgets))[1] <= loss)) or _LOOKS - 1
            low, high = budgets[first - 1], budgets[first]
        return float(np.exp(high))

    def wasted(self, N: float, C: float) -> float:
        """The share of `C` that could have been saved: a run of the best size reaches with the rest what `N` does."""
        return float(max(0.0, 1.0 - self.compute_for(float(self.loss(N, C / (6.0 * N))), C) / C))

    def report(self) -> str:
        """The truth, a line each."""
        return "\n".join([f"World, {self.kind}", *self._lines()])

    def _lines(self):
        law = self.law
        yield f"  L = {law.E:.4g} + {law.A:.4g} / N^{law.alpha:.4g} + {law.B:.4g} / D^{law.beta:.4g}"
        if self.bend is not None:
            yield f"  beyond {self.bend.at:.3g} parameters the exponent of N becomes {law.alpha + self.bend.change:.4g}"
        if np.isfinite(self.unique_tokens):
            yield f"  {self.unique_tokens:.3g} unique tokens, whose repeats fade with R_D = {self.R_D:.3g}"
        yield f"  runs of one setting scatter by {self.noise:.2%}"
        yield from self.tuning.report().split("\n")


def lowest(loss: Callable[[np.ndarray, np.ndarray], np.ndarray], C: float) -> tuple[float, float]:
    """The N with the lowest loss at ``6 N D = C``, and that loss, for any law in N and D with one valley.

    Parameters
    ----------
    loss : callable
        From arrays N and D to losses.
    C : float
        FLOP.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> N, loss = sl.simulate.lowest(law, 5.76e23)
    >>> f"{N:.4g}", round(loss, 4)
    ('7.225e+10', 1.9744)
    """
    sizes, losses = _lowest(loss, np.array([arguments.scalar("C", C, positive=True)]))
    return float(sizes[0]), float(losses[0])


def _lowest(loss, C):
    """Sizes and losses at the bottom for budgets (n,): each round looks between the neighbours of the lowest one."""
    low, high, share, rows = np.zeros_like(C), np.log(C / 6.0), np.linspace(0.0, 1.0, _LOOKS), np.arange(len(C))
    for _ in range(_ROUNDS):
        log_N = low[:, None] + (high - low)[:, None] * share
        sizes = np.exp(log_N)
        found = np.asarray(loss(sizes, C[:, None] / (6.0 * sizes)))
        at = found.argmin(1)
        low, high = log_N[rows, np.maximum(at - 1, 0)], log_N[rows, np.minimum(at + 1, _LOOKS - 1)]
    return sizes[rows, at], found[rows, at]
