"""Checkpoints: how many independent measurements the points of a few runs are worth."""

from dataclasses import dataclass, field

import numpy as np

from .. import arguments
from .interval import tails
from .quantities import LossAt

__all__ = ["EffectiveRuns", "SlicePrecision", "effective_runs", "slice_precision"]


@dataclass(frozen=True)
class EffectiveRuns:
    """Runs of equally many checkpoints that share an error of their run.

    Attributes
    ----------
    runs, checkpoints : int
        Runs, and points in each.
    run_scatter, point_scatter : float
        Standard deviation of ln loss from run to run, and of a point within its run.
    """

    runs: int
    checkpoints: int
    run_scatter: float
    point_scatter: float

    @property
    def points(self):
        """All points, runs times checkpoints."""
        return self.runs * self.checkpoints

    @property
    def correlation(self):
        """Correlation of two points of one run."""
        return self.run_scatter**2 / (self.run_scatter**2 + self.point_scatter**2)

    @property
    def ratio(self):
        """How many times too narrow an interval is that takes all points as independent."""
        return float(np.sqrt(1.0 + (self.checkpoints - 1) * self.correlation))

    @property
    def effective(self):
        """Independent points that would say as much."""
        return self.points / self.ratio**2

    @property
    def error(self):
        """Standard deviation of the mean ln loss of one run."""
        return float(np.sqrt(self.run_scatter**2 + self.point_scatter**2 / self.checkpoints))

    @property
    def claimed_error(self):
        """The same if points were independent: `error` over `ratio`."""
        return self.error / self.ratio

    def coverage(self, level=0.9):
        """How often an interval of this nominal level from points holds the truth."""
        from scipy.stats import norm

        return float(2.0 * norm.cdf(norm.ppf(tails(level)[1]) / self.ratio) - 1.0)

    def report(self):
        """A paragraph a person can read."""
        lines = [
            f"{self.points} points in {self.runs} runs are worth {self.effective:.3g} independent ones.",
            f"The interval from points is {self.ratio:.3g} times too narrow:",
            f"a 90% interval holds the truth {self.coverage(0.9):.0%} of the time.",
        ]
        if self.ratio > 1.1:
            lines.append("Resample whole runs: fit.bootstrap(seed=..., groups=...).")
        return "\n".join(lines)


def effective_runs(runs, checkpoints, *, run_scatter, point_scatter=0.002):
    """How many independent measurements the checkpoints of some runs are worth.

    Points of a run correlate with rho = s_r**2 / (s_r**2 + s_p**2); a mean of m of them has
    1 + (m - 1) rho times the variance of m independent ones (Kish 1965, the design effect of clusters).
    Real checkpoints also drift along a run, which is not in it.

    Parameters
    ----------
    runs, checkpoints : int
        1 or more each.
    run_scatter : float
        Standard deviation of ln loss from run to run, zero or above.
    point_scatter : float, default 0.002
        Of a point within its run, above zero.

    Returns
    -------
    EffectiveRuns

    Raises
    ------
    ValueError
        Naming the argument that is out of range.

    Examples
    --------
    >>> print(effective_runs(10, 25, run_scatter=0.005).report())
    250 points in 10 runs are worth 11.5 independent ones.
    The interval from points is 4.66 times too narrow:
    a 90% interval holds the truth 28% of the time.
    Resample whole runs: fit.bootstrap(seed=..., groups=...).
    """
    runs, checkpoints = arguments.seed("runs", runs), arguments.seed("checkpoints", checkpoints)
    arguments.refuse("runs", np.asarray(runs), runs < 1, "1 or more")
    arguments.refuse("checkpoints", np.asarray(checkpoints), checkpoints < 1, "1 or more")
    run_scatter = arguments.scalar("run_scatter", run_scatter, non_negative=True)
    point_scatter = arguments.scalar("point_scatter", point_scatter, positive=True)
    return EffectiveRuns(runs, checkpoints, run_scatter, point_scatter)


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
    def floor(self):
        """Loss at N parameters and endless data, E + A / N**alpha."""
        return self.law.E + self.law.A * self.N**-self.law.alpha

    def loss_sd(self, D):
        """Standard deviation of ln loss of the fitted slice at `D` tokens (any shape)."""
        slope = _slope(self.law, self.N, arguments.real("D", D, positive=True))
        return np.sqrt(np.einsum("...i,ij,...j->...", slope, self.covariance, slope))

    def report(self):
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


def slice_precision(law, N, D, *, error):
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
    >>> error = effective_runs(10, 25, run_scatter=0.005).error
    >>> law = sl.published["besiroglu2024"]
    >>> print(slice_precision(law, 1e9, np.logspace(9, 11, 10), error=error).report())
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
