"""The joint law of Kaplan et al. 2020."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["KaplanLaw"]


@dataclass(frozen=True, kw_only=True)
class KaplanLaw:
    """Loss at N parameters and D tokens, ``[(N_c/N)**(alpha_N/alpha_D) + D_c/D]**alpha_D``.

    Kaplan et al. 2020 (arXiv 2001.08361), equation 1.5; N counts no embeddings. It has no floor:
    with unlimited N and D the loss goes to zero, which text cannot do.

    Parameters
    ----------
    N_c, D_c : float
        Scales in parameters and in tokens, above zero.
    alpha_N, alpha_D : float
        Exponents of N alone and of D alone, above zero.

    Raises
    ------
    ValueError
        If a constant is not finite and above zero, named.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.KaplanLaw(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103)
    >>> round(float(law(1e9, 1e10)), 4)
    2.4197
    """

    N_c: float
    D_c: float
    alpha_N: float
    alpha_D: float

    def __post_init__(self):
        for name in ("N_c", "D_c", "alpha_N", "alpha_D"):
            object.__setattr__(self, name, arguments.scalar(name, getattr(self, name), positive=True))

    def __call__(self, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """Loss in nats per token at `N` parameters without embeddings and `D` tokens (broadcast)."""
        N = arguments.real("N", N, positive=True)
        D = arguments.real("D", D, positive=True)
        arguments.together(N=N, D=D)
        size = np.exp(self.alpha_N / self.alpha_D * np.log(self.N_c / N))
        return (size + self.D_c / D) ** self.alpha_D

    def report(self) -> str:
        """A line a person can read."""
        return (
            f"L(N, D) = [({self.N_c:.4g}/N)^({self.alpha_N:.4g}/{self.alpha_D:.4g}) + "
            f"{self.D_c:.4g}/D]^{self.alpha_D:.4g}, N without embeddings"
        )
