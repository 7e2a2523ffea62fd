"""Counting: the best split of compute when parameters are counted without their embeddings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw
from .plans import check_law

__all__ = ["EMBEDDINGS", "CountedPath", "best_by_count"]

EMBEDDINGS = 47491.0
"""k in ``N + k N**(1/3)``, all parameters of N without embeddings: Pearce and Song 2024, arXiv 2406.12907."""


@dataclass(frozen=True)
class CountedPath:
    """Best splits of compute, in parameters and FLOP as they were counted; every field has one shape.

    Attributes
    ----------
    N : numpy.ndarray
        Parameters as counted.
    all_N : numpy.ndarray
        Parameters with embeddings.
    D : numpy.ndarray
        Tokens.
    C : numpy.ndarray
        FLOP as counted, 6 N D.
    loss : numpy.ndarray
        Nats per token.
    exponent : numpy.ndarray
        Local exponent d ln N / d ln C of the best size.
    """

    N: np.ndarray
    all_N: np.ndarray
    D: np.ndarray
    C: np.ndarray
    loss: np.ndarray
    exponent: np.ndarray

    @property
    def slope(self) -> float:
        """Slope of a least-squares line of ln N on ln C through these sizes."""
        x, y = np.log(np.ravel(self.C)), np.log(np.ravel(self.N))
        arguments.enough_runs(x.size, 2, "a line")
        return float(np.dot(x - x.mean(), y - y.mean()) / np.dot(x - x.mean(), x - x.mean()))

    def report(self) -> str:
        """A line a size, at most eight of them, and the slope of the line."""
        shown = np.unique(np.linspace(0, np.size(self.N) - 1, 8).round().astype(int))
        rows = [
            f"N = {self.N.flat[i]:.4g} ({self.all_N.flat[i]:.4g} with embeddings), "
            f"C = {self.C.flat[i]:.3g} FLOP: exponent {self.exponent.flat[i]:.3f}"
            for i in shown
        ]
        if np.size(self.N) > 1:
            rows.append(f"one line through {np.size(self.N)} sizes: N ~ C^{self.slope:.3f}")
        return "\n".join(rows)


def best_by_count(law: ChinchillaLaw, N: ArrayLike, *, embeddings: bool = False, k: float = EMBEDDINGS) -> CountedPath:
    """For each size, the tokens and the compute at which it is the best size, by the chosen way of counting.

    The law is in all parameters. Counted without embeddings, a model of N has ``N + k N**(1/3)`` in all
    (Pearce and Song 2024, arXiv 2406.12907), and the best split minimises the loss at a fixed 6 N D with N
    without embeddings. Setting the derivative in ln N to zero gives D for each N.

    Parameters
    ----------
    law : ChinchillaLaw
    N : array_like
        Parameters, counted without embeddings or with them as `embeddings` says, above zero; any shape.
    embeddings : bool, default False
        Count embeddings too; then the path is ``law.optimum`` of ``law.compute_for_size(N)``.
    k : float, default EMBEDDINGS
        Of the formula above; it belongs to one vocabulary and one family of shapes.

    Returns
    -------
    CountedPath

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> kaplans_range = np.geomspace(768, 1.5e9, 40)
    >>> round(sl.allocation.best_by_count(law, kaplans_range).slope, 3)
    0.79
    >>> round(sl.allocation.best_by_count(law, kaplans_range, embeddings=True).slope, 3)
    0.513
    """
    check_law(law)
    N = np.atleast_1d(arguments.real("N", N, positive=True))
    k = arguments.scalar("k", k, non_negative=True)
    extra = np.zeros_like(N) if embeddings else k * np.cbrt(N)
    all_N = N + extra
    # d all_N / d ln N, and how fast ln all_N and the logarithm of that derivative grow with ln N.
    rise = N + extra / 3.0
    growth, bend = rise / all_N, (N + extra / 9.0) / rise
    log_size_slope = np.log(law.alpha * law.A * rise) - (law.alpha + 1.0) * np.log(all_N)
    D = np.exp((np.log(law.beta * law.B) - log_size_slope) / law.beta)
    tokens_growth = ((law.alpha + 1.0) * growth - bend) / law.beta
    return CountedPath(N=N, all_N=all_N, D=D, C=6.0 * N * D, loss=law(all_N, D), exponent=1.0 / (1.0 + tokens_growth))
