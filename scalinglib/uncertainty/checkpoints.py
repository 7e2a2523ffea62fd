"""Checkpoints: how many independent measurements the points of a few runs are worth."""

from dataclasses import dataclass

import numpy as np

from .. import arguments
from .interval import tails

__all__ = ["EffectiveRuns", "effective_runs"]


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
    def points(self) -> int:
        """All points, runs times checkpoints."""
        return self.runs * self.checkpoints

    @property
    def correlation(self) -> float:
        """Correlation of two points of one run."""
        return self.run_scatter**2 / (self.run_scatter**2 + self.point_scatter**2)

    @property
    def ratio(self) -> float:
        """How many times too narrow an interval is that takes all points as independent."""
        return float(np.sqrt(1.0 + (self.checkpoints - 1) * self.correlation))

    @property
    def effective(self) -> float:
        """Independent points that would say as much."""
        return self.points / self.ratio**2

    @property
    def error(self) -> float:
        """Standard deviation of the mean ln loss of one run."""
        return float(np.sqrt(self.run_scatter**2 + self.point_scatter**2 / self.checkpoints))

    @property
    def claimed_error(self) -> float:
        """The same if points were independent: `error` over `ratio`."""
        return self.error / self.ratio

    def coverage(self, level: float = 0.9) -> float:
        """How often an interval of this nominal level from points holds the truth."""
        from scipy.stats import norm

        return float(2.0 * norm.cdf(norm.ppf(tails(level)[1]) / self.ratio) - 1.0)

    def report(self) -> str:
        """A paragraph a person can read."""
        lines = [
            f"{self.points} points in {self.runs} runs are worth {self.effective:.3g} independent ones.",
            f"The interval from points is {self.ratio:.3g} times too narrow:",
            f"a 90% interval holds the truth {self.coverage(0.9):.0%} of the time.",
        ]
        if self.ratio > 1.1:
            lines.append("Resample whole runs: fit.bootstrap(seed=..., groups=...).")
        return "\n".join(lines)


def effective_runs(runs: int, checkpoints: int, *, run_scatter: float, point_scatter: float = 0.002) -> EffectiveRuns:
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
    >>> import scalinglib as sl
    >>> print(sl.uncertainty.effective_runs(10, 25, run_scatter=0.005).report())
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
