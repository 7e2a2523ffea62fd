"""Progress: how fast methods improve, in compute, and how uncertain that rate is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import PowerLaw

__all__ = ["ProgressFit", "compute_equivalent_gain", "fit_progress", "ratio_interval"]

_MONTHS = 12.0 * np.log(2.0)


@dataclass(frozen=True)
class ProgressFit:
    """A rate of progress read off dated runs.

    Attributes
    ----------
    exponent : float
        Of compute: how fast the loss above `floor` falls with it at a given date.
    rate : float
        Natural logarithm of the factor a year by which the compute for a given loss falls.
    rate_interval : tuple of float
        Its interval; infinite on both sides where the runs do not show that compute matters.
    floor, level : float
        As given.
    scatter : float
        Standard deviation of the residuals of ln(loss - floor).
    r_squared : float
    runs : int
    """

    exponent: float
    rate: float
    rate_interval: tuple
    floor: float
    level: float
    scatter: float
    r_squared: float
    runs: int

    @property
    def factor(self) -> float:
        """How many times less compute a loss takes after a year."""
        return float(np.exp(self.rate))

    @property
    def halving(self) -> float:
        """Months in which the compute for a given loss halves; infinite where it does not fall."""
        return _months(self.rate)

    @property
    def halving_interval(self) -> tuple:
        """Its interval in months; the upper end is infinite where no progress at all is not excluded."""
        low, high = self.rate_interval
        return _months(high), _months(low)

    def report(self) -> str:
        """Two lines a person can read."""
        low, high = self.halving_interval
        return (
            f"compute for a given loss halves in {self.halving:.2g} months ({self.level:.0%} from {low:.2g} to "
            f"{high:.2g}), {self.factor:.2g} times a year\n"
            f"from {self.runs} runs, floor {self.floor:g}: exponent {self.exponent:.3g}, scatter {self.scatter:.2g} "
            f"of ln(loss - floor)"
        )


def fit_progress(
    year: ArrayLike, C: ArrayLike, loss: ArrayLike, *, floor: float = 0.0, level: float = 0.95
) -> ProgressFit:
    """How fast the compute for a given loss falls with the date, from runs of different dates and compute.

    Least squares for ``ln(loss - floor) = a - exponent * (ln C + rate * year)``. The rate is a ratio of two
    coefficients; its interval is Fieller's, with errors taken as independent.

    Parameters
    ----------
    year : array_like, shape (n,)
        Date of each run, as a year with its fraction.
    C, loss : array_like, shape (n,)
        FLOP and loss, above zero.
    floor : float, default 0
        Assumed part of the loss that neither compute nor methods remove, below every loss.
    level : float, default 0.95

    Returns
    -------
    ProgressFit

    Raises
    ------
    ValueError
        If there are fewer than five runs, a loss is not above the floor, or dates and compute go together so closely
        that the two cannot be told apart.

    Examples
    --------
    >>> import numpy as np
    >>> import scalinglib as sl
    >>> year, C = 2012 + np.arange(60) % 12, np.geomspace(1e18, 1e22, 60)
    >>> loss = 20 * (C * 2.0 ** ((year - 2012) * 12 / 8))**-0.05 * np.exp(0.02 * sl.simulate.fixed_scatter(60))
    >>> print(sl.limits.fit_progress(year, C, loss).report())
    compute for a given loss halves in 7.9 months (95% from 7.5 to 8.3), 2.9 times a year
    from 60 runs, floor 0: exponent 0.0491, scatter 0.02 of ln(loss - floor)
    """
    year = arguments.column("year", year)
    C, loss = arguments.column("C", C, positive=True), arguments.column("loss", loss, positive=True)
    if not len(year) == len(C) == len(loss):
        raise ValueError(
            f"year, C and loss must have one entry a run each; got lengths {len(year)}, {len(C)}, {len(loss)}"
        )
    if len(year) < 5:
        raise ValueError(f"year must hold at least five runs; got {len(year)}")
    floor = arguments.scalar("floor", floor)
    arguments.refuse("loss", loss, loss <= floor, f"above the floor {floor:g}")
    columns = np.column_stack([np.ones(len(year)), np.log(C), year])
    columns[:, 1:] -= columns[:, 1:].mean(0)
    spans = np.abs(columns[:, 1:]).max(0)
    if spans.min() == 0.0 or np.linalg.cond(columns[:, 1:] / spans) > 1e6:
        raise ValueError("C must vary at a given date, and year at a given C: here the two cannot be told apart")
    v = np.log(loss - floor)
    found = np.linalg.lstsq(columns, v, rcond=None)[0]
    residuals, (_, in_C, in_year) = v - columns @ found, found
    spare = len(year) - 3
    variance = float(residuals @ residuals) / spare
    covariance = variance * np.linalg.inv(columns.T @ columns)[1:, 1:]
    from scipy.special import stdtrit

    interval = ratio_interval(-in_year, -in_C, covariance[::-1, ::-1], float(stdtrit(spare, 0.5 + 0.5 * _level(level))))
    return ProgressFit(
        exponent=float(-in_C),
        rate=float(in_year / in_C),
        rate_interval=interval,
        floor=floor,
        level=_level(level),
        scatter=float(np.sqrt(variance)),
        r_squared=float(1.0 - residuals.var() / v.var()),
        runs=len(year),
    )


def ratio_interval(top: float, bottom: float, covariance: np.ndarray, width: float) -> tuple:
    """Fieller's interval of a ratio of two uncertain numbers.

    Parameters
    ----------
    top, bottom : float
        Estimates.
    covariance : numpy.ndarray, shape (2, 2)
        Of `top` and `bottom`, in this order.
    width : float
        Standard deviations on either side: 1.96 for 95% of a normal distribution.

    Returns
    -------
    tuple of float
        Low and high; minus and plus infinity where `bottom` is not told apart from zero.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = ratio_interval(2.0, 1.0, np.diag([0.01, 0.0]), 1.96)
    >>> round(low, 3), round(high, 3)
    (1.804, 2.196)
    """
    (of_top, both), (_, of_bottom) = np.asarray(covariance, float)
    square = width**2
    a = bottom**2 - square * of_bottom
    if a <= 0.0:
        return -np.inf, np.inf
    half = top * bottom - square * both
    root = np.sqrt(max(half**2 - a * (top**2 - square * of_top), 0.0))
    return float((half - root) / a), float((half + root) / a)


def compute_equivalent_gain(new: PowerLaw, old: PowerLaw, C: ArrayLike) -> float | np.ndarray:
    """How many times the compute `C` the `old` method needs for the loss that the `new` one reaches with `C`.

    Infinite where that loss lies at or below the old method's floor. If the exponents differ, the gain depends on `C`:
    then "so many times more efficient" has no meaning without a scale.

    Examples
    --------
    >>> import scalinglib as sl
    >>> old, new = sl.PowerLaw(coefficient=20, exponent=0.05), sl.PowerLaw(coefficient=25, exponent=0.06)
    >>> sl.limits.compute_equivalent_gain(new, old, [1e18, 1e24]).round(1).tolist()
    [45.9, 727.4]
    """
    C = arguments.real("C", C, positive=True)
    reached = np.asarray(new(C))
    above = reached > old.floor
    gain = np.full(reached.shape, np.inf)
    if above.any():
        gain[above] = old.x_for(reached[above]) / C[above]
    return gain if gain.ndim else float(gain)


def _months(rate):
    return float(_MONTHS / rate) if rate > 0.0 else float("inf")


def _level(level):
    level = arguments.scalar("level", level, positive=True)
    arguments.refuse("level", np.asarray(level), level >= 1.0, "above 0 and below 1")
    return level
