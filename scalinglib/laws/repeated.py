"""The law of Muennighoff et al. 2023 for data seen more than once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .chinchilla import CONSTANTS, ChinchillaLaw, log_best_size

__all__ = ["RepeatedDataLaw"]


def _saturating(unique, total, R):
    """What `total` units are worth when only `unique` of them are new."""
    return unique + unique * R * -np.expm1(-(total / unique - 1.0) / R)


@dataclass(frozen=True, kw_only=True)
class RepeatedDataLaw:
    """Loss at N parameters and D tokens of which U are unique.

    Muennighoff et al. 2023 (arXiv 2305.16264): the Chinchilla law at effective parameters N' and
    effective tokens D'. With R = D/U - 1 repetitions, ``D' = U + U R_D (1 - exp(-R / R_D))``;
    parameters beyond those that suit U unique tokens decay in the same way with R_N.

    Parameters
    ----------
    E, A, B, alpha, beta : float
        As in ChinchillaLaw.
    R_N, R_D : float
        How many repetitions it takes for excess parameters and for repeated tokens to lose most
        of their worth, above zero.

    Raises
    ------
    ValueError
        If a constant is not finite or out of its range, named.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["muennighoff2023"]
    >>> f"{law(6.34e9, 242e9, 25e9):.9f}"
    '2.225644089'
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float
    R_N: float
    R_D: float

    def __post_init__(self):
        fresh = self.fresh
        for name in CONSTANTS:
            object.__setattr__(self, name, getattr(fresh, name))
        for name in ("R_N", "R_D"):
            object.__setattr__(self, name, arguments.scalar(name, getattr(self, name), positive=True))

    @property
    def fresh(self) -> ChinchillaLaw:
        """The ChinchillaLaw of the same constants, which holds where every token is new."""
        return ChinchillaLaw(E=self.E, A=self.A, B=self.B, alpha=self.alpha, beta=self.beta)

    def __call__(self, N: ArrayLike, D: ArrayLike, U: ArrayLike) -> float | np.ndarray:
        """Loss in nats per token at `N` parameters, `D` tokens seen, `U` of them unique (broadcast).

        Where U exceeds D every token is new.
        """
        arguments.together(N=N, D=D, U=U)
        return self.fresh(self.effective_parameters(N, D, U), self.effective_tokens(D, U))

    def effective_tokens(self, D: ArrayLike, U: ArrayLike) -> float | np.ndarray:
        """What `D` tokens seen are worth in unique tokens, when `U` are unique (broadcast).

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.published["muennighoff2023"]
        >>> [round(float(law.effective_tokens(epochs * 1e9, 1e9)) / 1e9, 3) for epochs in (1, 4, 40)]
        [1.0, 3.726, 15.167]
        """
        D = arguments.real("D", D, positive=True)
        unique = np.minimum(arguments.real("U", U, positive=True), D)
        return _saturating(unique, D, self.R_D)

    def effective_parameters(self, N: ArrayLike, D: ArrayLike, U: ArrayLike) -> float | np.ndarray:
        """What `N` parameters are worth when `U` of the `D` tokens are unique (broadcast)."""
        N = arguments.real("N", N, positive=True)
        D = arguments.real("D", D, positive=True)
        unique = np.minimum(arguments.real("U", U, positive=True), D)
        return _saturating(np.minimum(N, self.parameters_for(unique)), N, self.R_N)

    def parameters_for(self, U: ArrayLike) -> float | np.ndarray:
        """The parameters of the compute-optimal model whose data are `U` unique tokens (any shape)."""
        U = arguments.real("U", U, positive=True)
        a, b = self.fresh.allocation_exponents
        law = self.fresh
        log_G = log_best_size(np.log(law.A), np.log(law.B), law.alpha, law.beta, 6.0)
        return np.exp(log_G + a / b * (np.log(U) + log_G))

    def report(self) -> str:
        """A paragraph a person can read."""
        return (
            f"{self.fresh.report()}\nRepeated tokens decay with R_D = {self.R_D:.6g}, "
            f"excess parameters with R_N = {self.R_N:.6g}."
        )
