"""Serving: what every size of model of one quality costs, trained and in use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw
from .plans import InferencePlan, inference_optimum

__all__ = ["ServingCost", "serving_cost"]


@dataclass(frozen=True)
class ServingCost:
    """The cost of every size of model that has one loss and serves so many tokens.

    Attributes
    ----------
    law : ChinchillaLaw
    loss : float
        Nats per token that every size is trained to.
    served : float
        Tokens processed in use.
    price : float
        Cost of a served FLOP against a training FLOP.
    smallest_N : float
        Parameters that would need endless data for the loss; smaller ones cannot reach it.
    best : InferencePlan
        The cheapest size.
    """

    law: ChinchillaLaw
    loss: float
    served: float
    price: float
    smallest_N: float
    best: InferencePlan

    def training(self, N: ArrayLike) -> float | np.ndarray:
        """FLOP to train `N` parameters to the loss, 6 N D; infinite where out of reach (any shape)."""
        N = arguments.real("N", N, positive=True)
        left = self.loss - self.law.E - self.law.A * N**-self.law.alpha
        with np.errstate(divide="ignore", invalid="ignore"):
            D = np.where(left > 0.0, (self.law.B / left) ** (1.0 / self.law.beta), np.inf)
        return 6.0 * N * D

    def serving(self, N: ArrayLike) -> float | np.ndarray:
        """Cost of serving with `N` parameters, 2 price N served, in training FLOP (any shape)."""
        return 2.0 * self.price * arguments.real("N", N, positive=True) * self.served

    def total(self, N: ArrayLike) -> float | np.ndarray:
        """Training and serving together, in training FLOP (any shape)."""
        return self.training(N) + self.serving(N)

    def relative(self, N: ArrayLike) -> float | np.ndarray:
        """Total cost over that of the cheapest size (any shape)."""
        return self.total(N) / self.best.total_flop

    def report(self) -> str:
        """A paragraph a person can read."""
        return (
            f"Loss {self.loss:.4f} needs more than {self.smallest_N:.4g} parameters.\n"
            f"Cheapest with {self.served:.4g} tokens served at price {self.price:g}:\n{self.best.report()}"
        )


def serving_cost(law: ChinchillaLaw, *, loss: float, served: float, price: float = 1.0) -> ServingCost:
    """What every size of model of one loss costs to train and to serve, and the cheapest.

    Cost is ``6 N D + 2 price N served`` with D = ``law.tokens_for(N, loss)``: Sardana et al. 2024
    (arXiv 2401.00448), equation 3, with a price for a served FLOP. The loss of a compute-optimal model of
    N parameters is ``law.frontier(law.compute_for_size(N))``.

    Parameters
    ----------
    law : ChinchillaLaw
    loss : float
        Loss to reach, above the law's E.
    served : float
        Tokens processed in use, zero or above.
    price : float, default 1.0
        Cost of a served FLOP against a training FLOP.

    Returns
    -------
    ServingCost

    Raises
    ------
    ValueError
        If the loss cannot be reached or an argument is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> cost = sl.allocation.serving_cost(law, loss=law.frontier(law.compute_for_size(70e9)), served=1e13)
    >>> print(cost.report())
    Loss 1.9762 needs more than 1.025e+10 parameters.
    Cheapest with 1e+13 tokens served at price 1:
    N = 3.277e+10, D = 3.668e+12 (111.9 tokens a parameter), loss 1.9762
    1.376e+24 FLOP in all, 7.211e+23 of them training
    29.1% less than the compute-optimal model of that loss (N = 7e+10)
    >>> cost.relative([1e10, 70e9]).round(4).tolist()
    [inf, 1.4106]
    """
    best = inference_optimum(law, loss=loss, served=served, price=price)
    return ServingCost(
        law=law,
        loss=best.loss,
        served=float(served),
        price=float(price),
        smallest_N=float((law.A / (best.loss - law.E)) ** (1.0 / law.alpha)),
        best=best,
    )
