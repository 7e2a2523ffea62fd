"""The law of Hoffmann et al. 2022 in parameters and tokens, and its closed forms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .power_law import PowerLaw

__all__ = ["ChinchillaLaw", "Optimum"]

CONSTANTS = ("E", "A", "B", "alpha", "beta")


def surface(E, A, B, alpha, beta, N, D):
    """``E + A / N**alpha + B / D**beta`` for arrays of constants as well; nothing is checked."""
    return E + np.exp(np.log(A) - alpha * np.log(N)) + np.exp(np.log(B) - beta * np.log(D))


def log_best_size(log_A, log_B, alpha, beta, C):
    """ln N of the best split of C = 6 N D, for arrays of constants as well; nothing is checked."""
    return (np.log(alpha / beta) + log_A - log_B + beta * np.log(C / 6.0)) / (alpha + beta)


@dataclass(frozen=True)
class Optimum:
    """The best split of a budget: `C` FLOP, `N` parameters, `D` tokens, and the `loss` they give.

    Every field has the shape of the budget that was asked about.
    """

    C: np.ndarray
    N: np.ndarray
    D: np.ndarray
    loss: np.ndarray

    @property
    def tokens_per_parameter(self) -> float | np.ndarray:
        """D / N at the optimum."""
        return self.D / self.N

    def report(self) -> str:
        """A line a budget."""
        rows = np.broadcast(self.C, self.N, self.D, self.loss)
        return "\n".join(
            f"C = {c:.3g} FLOP: N = {n:.4g}, D = {d:.4g} ({d / n:.3g} tokens a parameter), loss {loss:.4f}"
            for c, n, d, loss in rows
        )


@dataclass(frozen=True, kw_only=True)
class ChinchillaLaw:
    """Loss at N parameters and D tokens, ``E + A / N**alpha + B / D**beta``.

    The form is that of Hoffmann et al. 2022 (arXiv 2203.15556), equation 2; N counts what the
    runs it was fitted to counted. Budgets are C = 6 N D.

    Parameters
    ----------
    E : float
        Irreducible loss in nats per token, zero or above.
    A, B : float
        Coefficients of the parameter and the data term, above zero.
    alpha, beta : float
        Exponents of N and of D, above zero.

    Raises
    ------
    ValueError
        If a constant is not finite or out of its range, named.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
    >>> round(float(law(70e9, 1.4e12)), 4)
    1.9739
    >>> best = law.optimum(5.76e23)
    >>> f"{best.N:.4g} parameters, {best.tokens_per_parameter:.1f} tokens each"
    '7.225e+10 parameters, 18.4 tokens each'
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def __post_init__(self):
        for name in CONSTANTS:
            value = arguments.scalar(name, getattr(self, name), positive=name != "E", non_negative=name == "E")
            object.__setattr__(self, name, value)

    def __call__(self, N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
        """Loss in nats per token at `N` parameters and `D` tokens (broadcast)."""
        N = arguments.real("N", N, positive=True)
        D = arguments.real("D", D, positive=True)
        arguments.together(N=N, D=D)
        return surface(self.E, self.A, self.B, self.alpha, self.beta, N, D)

    def _size_term(self, N):
        return np.exp(np.log(self.A) - self.alpha * np.log(N))

    @property
    def allocation_exponents(self) -> tuple[float, float]:
        """The pair (a, b) with N_opt ~ C**a and D_opt ~ C**b, where a = beta / (alpha + beta) and a + b = 1.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> [round(x, 4) for x in law.allocation_exponents]
        [0.5126, 0.4874]
        """
        total = self.alpha + self.beta
        return self.beta / total, self.alpha / total

    @property
    def frontier_exponent(self) -> float:
        """The exponent gamma = alpha beta / (alpha + beta) with which the best reducible loss falls in C."""
        return self.alpha * self.beta / (self.alpha + self.beta)

    @property
    def frontier_law(self) -> PowerLaw:
        """The best loss at a budget as a PowerLaw in C = 6 N D, with the floor E.

        K (C/6)**-gamma above the floor, K = (alpha + beta) (A/beta)**(a) (B/alpha)**(b) with
        (a, b) the allocation exponents.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> frontier = law.frontier_law
        >>> round(frontier.coefficient / 6**frontier.exponent, 2), round(frontier.exponent, 7)
        (1967.86, 0.1782865)
        """
        a, b = self.allocation_exponents
        log_K = np.log(self.alpha + self.beta) + a * np.log(self.A / self.beta) + b * np.log(self.B / self.alpha)
        gamma = self.frontier_exponent
        return PowerLaw(coefficient=float(np.exp(log_K + gamma * np.log(6.0))), exponent=gamma, floor=self.E)

    def optimum(self, C: ArrayLike) -> Optimum:
        """The N and D that give the lowest loss with ``6 N D = C``.

        Parameters
        ----------
        C : array_like
            Budgets in FLOP, above zero, any shape.

        Returns
        -------
        Optimum
            ``.N``, ``.D``, ``.loss``, ``.tokens_per_parameter``, in the shape of `C`.

        Notes
        -----
        With D = C / (6 N) the derivative in ln N vanishes where the two terms stand as beta to
        alpha: N = G (C/6)**a, D = (C/6)**b / G, G = (alpha A / (beta B))**(1 / (alpha + beta)).
        """
        C = arguments.real("C", C, positive=True)
        log_N = self._log_best_size(C)
        log_D = np.log(C / 6.0) - log_N
        outside = np.maximum(np.abs(log_N), np.abs(log_D)) > 700.0
        arguments.refuse("C", C, outside, "such that its best N and D are numbers a float can hold")
        N, D = np.exp(log_N), np.exp(log_D)
        return Optimum(C=C[()], N=N, D=D, loss=self(N, D))

    def _log_best_size(self, C):
        return log_best_size(np.log(self.A), np.log(self.B), self.alpha, self.beta, C)

    def frontier(self, C: ArrayLike) -> float | np.ndarray:
        """Lowest loss at a budget of `C` FLOP (any shape)."""
        return self.frontier_law(arguments.real("C", C, positive=True))

    def compute_for(self, loss: ArrayLike) -> float | np.ndarray:
        """FLOP that a best-split run needs to reach `loss` (any shape).

        Raises
        ------
        ValueError
            If `loss` is not above the floor E.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> f"{law.compute_for(law.frontier(1e21)):.6g}"
        '1e+21'
        """
        return self.frontier_law.x_for(self._above_floor(loss))

    def compute_for_size(self, N: ArrayLike) -> float | np.ndarray:
        """FLOP at which `N` parameters are the best size (any shape).

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> f"{law.optimum(law.compute_for_size(70e9)).N:.6g}"
        '7e+10'
        """
        N = arguments.real("N", N, positive=True)
        a, _ = self.allocation_exponents
        return 6.0 * np.exp((np.log(N) - self._log_best_size(6.0)) / a)

    def tokens_for(self, N: ArrayLike, loss: ArrayLike) -> float | np.ndarray:
        """Tokens that a model of `N` parameters needs to reach `loss` (broadcast).

        Raises
        ------
        ValueError
            If some N cannot reach its loss with any amount of data; the message says which N can.

        Examples
        --------
        >>> import scalinglib as sl
        >>> law = sl.ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)
        >>> f"{law.tokens_for(7e9, law(7e9, 2e12)):.4g}"
        '2e+12'
        """
        N = arguments.real("N", N, positive=True)
        loss = self._above_floor(loss)
        left = loss - self.E - self._size_term(N)
        if np.any(left <= 0):
            N_bad, loss_bad = (x[left <= 0].ravel()[0] for x in np.broadcast_arrays(N, loss))
            smallest = (self.A / (loss_bad - self.E)) ** (1.0 / self.alpha)
            raise ValueError(
                f"N = {N_bad:.4g} cannot reach loss {loss_bad:.6g} with any amount of data; "
                f"N must be above {smallest:.4g}"
            )
        return np.exp((np.log(self.B) - np.log(left)) / self.beta)

    def _above_floor(self, loss):
        loss = arguments.real("loss", loss, positive=True)
        arguments.refuse("loss", loss, loss <= self.E, f"above the irreducible loss E = {self.E:g}")
        return loss

    def report(self) -> str:
        """A paragraph a person can read."""
        a, b = self.allocation_exponents
        return (
            f"L(N, D) = {self.E:.6g} + {self.A:.6g} / N^{self.alpha:.6g} + {self.B:.6g} / D^{self.beta:.6g}\n"
            f"Best split of C = 6ND: N ~ C^{a:.4f}, D ~ C^{b:.4f}; "
            f"the best reducible loss falls as C^-{self.frontier_exponent:.4f}."
        )
