"""Slices: what runs of one size fix of the loss as a function of tokens."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw
from ..uncertainty.quantities import LossAt

__all__ = ["SlicePrecision", "slice_precision"]


@dataclass(frozen=True, eq=False)
class SlicePrecision:
    """What runs of one size fix of the loss as a function of tokens, floor + B / D**beta.

    Attributes
    ----------
    law : ChinchillaLaw
    N : float
        Parameters of every run.
    D : numpy.ndarray, shape (n,)
        Tokens of the runs.
    error : float
        Standard deviation of ln loss of a run.
    sd : dict
        "floor" (nats), "B" (of its logarithm) and "beta" -> standard deviation.
    covariance : numpy.ndarray, shape (3, 3)
        Of (floor, ln B, beta).
    """

    law: object
    N: float
    D: np.ndarray = field(repr=False)
    error: float
    sd: dict
    covariance: np.ndarray = field(repr=False)

    @property
    def floor(self) -> float:
        """Loss at N parameters and endless data, E + A / N**alpha."""
        return self.law.E + self.law.A * self.N**-self.law.alpha

    def loss_sd(self, D: ArrayLike) -> float | np.ndarray:
        """Standard deviation of ln loss of the fitted slice at `D` tokens (any shape)."""
        slope = _slope(self.law, self.N, arguments.real("D", D, positive=True))
        return np.sqrt(np.einsum("...i,ij,...j->...", slope, self.covariance, slope))

    def report(self) -> str:
        """A paragraph a person can read."""
        return (
            f"{len(self.D)} runs of {self.N:.3g} parameters, errors of {self.error:.2%}: floor "
            f"{self.floor:.4f} +- {self.sd['floor']:.2g},\n"
            f"ln B {np.log(self.law.B):.3f} +- {self.sd['B']:.2g}, "
            f"beta {self.law.beta:.4f} +- {self.sd['beta']:.2g}"
        )


def _slope(law, N, D):
    """d ln L / d (floor, ln B, beta) at one N, (..., 3)."""
    flat = np.ravel(D)
    theta = np.array([[law.E, np.log(law.A), np.log(law.B), law.alpha, law.beta]]).repeat(flat.size, axis=0)
    loss, slope, _ = LossAt(np.zeros(2), np.full_like(flat, N), flat)(theta, np.arange(flat.size))
    return (slope[:, [0, 2, 4]] / loss[:, None]).reshape((*np.shape(D), 3))


def slice_precision(law: ChinchillaLaw, N: float, D: ArrayLike, *, error: float) -> SlicePrecision:
    """What runs of one size at `D` tokens, with independent errors, fix of floor, B and beta.

    Linearised at `law`: the covariance is ``error**2 (J'J)**-1`` with J = d ln L / d (floor, ln B, beta).
    With checkpoints give ``effective_runs(...).error``, once for each run; with ``.claimed_error`` it is what
    points taken as independent would claim.

    Parameters
    ----------
    law : ChinchillaLaw
    N : float
        Parameters of every run.
    D : array_like, shape (n,)
        Tokens, three runs or more of different lengths.
    error : float
        Standard deviation of ln loss of a run.

    Returns
    -------
    SlicePrecision

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range, or if the runs have fewer than three lengths.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> error = sl.uncertainty.effective_runs(10, 25, run_scatter=0.005).error
    >>> law = sl.published["besiroglu2024"]
    >>> print(sl.planning.slice_precision(law, 1e9, np.logspace(9, 11, 10), error=error).report())
    10 runs of 1e+09 parameters, errors of 0.50%: floor 2.1744 +- 0.036,
    ln B 7.643 +- 0.53, beta 0.3658 +- 0.027
    """
    N = arguments.scalar("N", N, positive=True)
    D = arguments.column("D", D, positive=True)
    error = arguments.scalar("error", error, positive=True)
    if len(np.unique(D)) < 3:
        raise ValueError(
            f"D must hold three different lengths or more to fix floor, B and beta; got {len(np.unique(D))}"
        )
    _, values, vectors = np.linalg.svd(_slope(law, N, D), full_matrices=False)
    covariance = error**2 * (vectors.T / values**2) @ vectors
    covariance.setflags(write=False)
    sd = dict(zip(("floor", "B", "beta"), map(float, np.sqrt(np.diag(covariance))), strict=True))
    return SlicePrecision(law=law, N=N, D=D, error=error, sd=sd, covariance=covariance)
