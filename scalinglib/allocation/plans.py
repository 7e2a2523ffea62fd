"""Plans: what a size costs at a budget, off the frontier, and once the model is in use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw

__all__ = ["InferencePlan", "inference_optimum", "isoflop_curve", "overtraining_cost"]


def check_law(law):
    """Refuse what has no frontier to compare with."""
    if not isinstance(law, ChinchillaLaw):
        raise ValueError(f"law must be a ChinchillaLaw, which has a frontier; got {type(law).__name__}")


def isoflop_curve(law: ChinchillaLaw, C: ArrayLike, *, N: ArrayLike) -> float | np.ndarray:
    """Loss at sizes `N` when the budget is `C`: ``law(N, C / (6 N))`` (broadcast).

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> sl.isoflop_curve(law, 1e21, N=[1e9, 2.778e9, 8e9]).round(4).tolist()
    [2.3381, 2.3055, 2.3409]
    """
    C = arguments.real("C", C, positive=True)
    N = arguments.real("N", N, positive=True)
    return law(N, C / (6.0 * N))


def overtraining_cost(law: ChinchillaLaw, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
    """Compute spent on (N, D) over the compute a best-split run needs for the same loss (broadcast).

    It is 1 on the frontier and above 1 off it, for models that are too large as for those trained
    for longer than their size asks.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.overtraining_cost(sl.published["besiroglu2024"], 175e9, 300e9)), 2)
    1.64
    """
    N = arguments.real("N", N, positive=True)
    D = arguments.real("D", D, positive=True)
    arguments.together(N=N, D=D)
    check_law(law)
    return 6.0 * N * D / law.compute_for(law(N, D))


@dataclass(frozen=True)
class InferencePlan:
    """The cheapest model of a given loss once it has served its tokens.

    Attributes
    ----------
    N, D : float
        Parameters and training tokens.
    loss : float
        The loss asked for.
    total_flop, training_flop : float
        All compute, and the part spent on training.
    compute_optimal_N : float
        Size of the model of that loss with the cheapest training.
    saved : float
        Share of all compute that is saved against that model.
    """

    N: float
    D: float
    loss: float
    total_flop: float
    training_flop: float
    compute_optimal_N: float
    saved: float

    def report(self) -> str:
        """A paragraph a person can read."""
        return (
            f"N = {self.N:.4g}, D = {self.D:.4g} ({self.D / self.N:.4g} tokens a parameter), loss {self.loss:.4f}\n"
            f"{self.total_flop:.4g} FLOP in all, {self.training_flop:.4g} of them training\n"
            f"{self.saved:.1%} less than the compute-optimal model of that loss (N = {self.compute_optimal_N:.4g})"
        )


def inference_optimum(law: ChinchillaLaw, *, loss: float, served: float, price: float = 1.0) -> InferencePlan:
    """The model of a given loss that is cheapest to train and to serve.

    It minimises ``6 N D + 2 price N served`` with D = ``law.tokens_for(N, loss)``, as Sardana et al.
    2024 (arXiv 2401.00448), equation 3.

    Parameters
    ----------
    law : ChinchillaLaw
    loss : float
        Loss to reach, above the law's E.
    served : float
        Tokens the model will process in use, zero or above.
    price : float, default 1.0
        Cost of a served FLOP against a training FLOP.

    Returns
    -------
    InferencePlan

    Raises
    ------
    ValueError
        If the loss cannot be reached or an argument is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["harms-law"]
    >>> loss = law.frontier(law.compute_for_size(13e9))
    >>> print(sl.inference_optimum(law, loss=loss, served=2e12).report())
    N = 6.969e+09, D = 1.248e+12 (179.1 tokens a parameter), loss 2.0453
    8.005e+22 FLOP in all, 5.217e+22 of them training
    17.4% less than the compute-optimal model of that loss (N = 1.3e+10)
    """
    from scipy.optimize import minimize_scalar

    check_law(law)
    loss = arguments.scalar("loss", loss, positive=True)
    served = arguments.scalar("served", served, non_negative=True)
    price = arguments.scalar("price", price, positive=True)
    best = law.optimum(law.compute_for(loss))
    smallest = (law.A / (loss - law.E)) ** (1.0 / law.alpha)

    def total(log_N):
        N = np.exp(log_N)
        return np.log(6.0 * N * law.tokens_for(N, loss) + 2.0 * price * N * served)

    # Serving only ever asks for less than the compute-optimal size, and more than the smallest.
    low, high = np.log(smallest), np.log(best.N)
    found = minimize_scalar(total, bounds=(low + 1e-9 * (high - low), high), method="bounded", options={"xatol": 1e-10})
    log_N = found.x if total(found.x) < total(high) else high
    N = float(np.exp(log_N))
    D = float(law.tokens_for(N, loss))
    everything = 6.0 * N * D + 2.0 * price * N * served
    reference = 6.0 * best.N * best.D + 2.0 * price * best.N * served
    return InferencePlan(
        N=N,
        D=D,
        loss=loss,
        total_flop=float(everything),
        training_flop=6.0 * N * D,
        compute_optimal_N=float(best.N),
        saved=float(1.0 - everything / reference),
    )
