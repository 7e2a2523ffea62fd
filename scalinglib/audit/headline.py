"""Headline: how well runs fix the best size and its loss at ten times their largest budget."""

from dataclasses import dataclass, replace

import numpy as np

from ..engine.coordinates import log_size, log_size_slope
from ..engine.sandwich import slopes
from .doubts import Doubt

__all__ = ["Headline", "headline"]

_LEVEL, _TOO_WIDE, _OPEN = 0.8, 2.0, 10.0  # with _OPEN up or down the order of magnitude is open


@dataclass(frozen=True)
class Headline:
    """What a law is most often asked for, and how well it is known.

    Attributes
    ----------
    budget : float
        FLOP.
    factors : dict
        Quantity -> the factor, up or down, within which it is known at 80%, linearised with the objective
        in use; NaN where nothing says so.
    """

    budget: float
    factors: dict

    @property
    def doubt(self) -> str:
        """A sentence on what is known no better than to a factor of two; else empty.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.audit.Headline(6e22, {"N_opt": 1.2, "loss": 1.01}).doubt
        ''
        >>> print(sl.audit.Headline(6e22, {"N_opt": 3.4, "loss": 1.01}).doubt[:60])
        At 6e+22 FLOP, 10 times the largest run, N_opt is known no b
        """
        return " ".join(map(str, self.doubts()))

    def doubts(self) -> list[Doubt]:
        """The same as a Doubt: grave where the order of magnitude is open."""
        wide = {name: factor for name, factor in self.factors.items() if not factor < _TOO_WIDE}
        if not wide:
            return []
        grave = not all(factor < _OPEN for factor in wide.values())
        said = " and ".join(
            f"{name} is known no better than to a factor of {factor:.2g}, up or down, at {_LEVEL:.0%}"
            if factor < 1e6
            else f"{name} is not known at all"
            for name, factor in wide.items()
        )
        then = "do not plan by it" if grave else "plan for that whole range"
        brief = f"at {self.budget:.3g} FLOP, 10 times the largest run, {said}: {then}"
        remedy = (
            "Look at runs far off the law; several sizes at each of several budgets would fix it, or more runs of this "
            "kind."
        )
        return [Doubt("plan", brief, f"{brief[0].upper()}{brief[1:]}.", remedy, grave)]


def headline(problem, centre, theta, precision, budget) -> Headline:
    """The Headline of a Chinchilla fit in the engine's terms, for `budget` FLOP."""
    size = log_size(theta[None], centre, budget)[0]
    best = np.array([[size - centre[0]], [np.log(budget / 6.0) - size - centre[1]]])
    there = replace(problem, x=best, y=np.ones(1), log=True)  # at the best size a change of N moves no loss
    gradients = {"N_opt": lambda at: log_size_slope(at, centre, budget), "loss": lambda at: slopes(there, at)[:, 0]}
    factors = {
        name: precision.factor(theta, lambda at: slopes(problem, at), gradient) for name, gradient in gradients.items()
    }
    return Headline(budget, factors)
