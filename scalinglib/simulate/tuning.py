"""Tuning: which learning rate suits a run, and what another rate or schedule costs it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["SCHEDULES", "Tuning"]

SCHEDULES = ("decay", "constant")
_N, _D = 1e8, 2e9  # where the levels of rates are said
_JITTER = 0.15  # of the logarithm of the rate at which a run diverges, from run to run


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Learning rates of a world: the best one, the rule of the house, and the costs of others.

    Attributes
    ----------
    rate : float
        Best peak learning rate at 1e8 parameters and 2e9 tokens.
    by_N, by_D : float
        Exponents of N and D in the best rate.
    rule_rate, rule_by_N, rule_by_D : float
        The same of the laboratory's rule of thumb, which is near and not exact.
    cost : float
        Share of the loss above its floor that a rate e times too high or too low adds; it grows with the square.
    diverges : float
        How many times the best rate a run bears.
    fails : float
        Share of the runs that are lost whatever their rate.
    constant : float
        Share of the loss above its floor that a rate which never decays adds.
    """

    rate: float
    by_N: float
    by_D: float
    rule_rate: float
    rule_by_N: float
    rule_by_D: float
    cost: float
    diverges: float
    fails: float
    constant: float

    def best(self, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """The learning rate with the lowest loss at `N` parameters and `D` tokens (broadcast)."""
        return self.rate * _scaled(N, D, self.by_N, self.by_D)

    def rule(self, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """What the laboratory's rule of thumb takes at `N` parameters and `D` tokens (broadcast)."""
        return self.rule_rate * _scaled(N, D, self.rule_by_N, self.rule_by_D)

    def extra(self, N: ArrayLike, D: ArrayLike, learning_rate: ArrayLike, schedule: str) -> float | np.ndarray:
        """What a rate and a schedule add to the loss, as a share of it above its floor (broadcast)."""
        off = np.log(arguments.real("learning_rate", learning_rate, positive=True) / self.best(N, D))
        return self.cost * off**2 + (self.constant if schedule == "constant" else 0.0)

    def diverged(self, N: float, D: float, learning_rate: float, rng: np.random.Generator) -> bool:
        """Whether a run is lost: by its rate, or as any may be."""
        fate, jitter = rng.random(), _JITTER * rng.standard_normal()
        return bool(fate < self.fails or np.log(learning_rate / self.best(N, D)) > np.log(self.diverges) + jitter)

    def report(self) -> str:
        """Two lines a person can read."""
        return (
            f"  best learning rate {self.rate:.3g} at {_N:.0e} parameters and {_D:.0e} tokens, "
            f"as N^{self.by_N:.3g} D^{self.by_D:.3g}\n"
            f"  twice or half of it adds {self.cost * np.log(2.0) ** 2:.1%} to the loss above its floor, "
            f"no decay {self.constant:.0%}\n  beyond some {self.diverges:.1f} times the best, runs diverge"
        )


def _scaled(N, D, by_N, by_D):
    return (np.asarray(N, dtype=float) / _N) ** by_N * (np.asarray(D, dtype=float) / _D) ** by_D
