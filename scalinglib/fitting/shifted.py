"""Fits of a power law with a floor and a shift."""

import numpy as np
from numpy.typing import ArrayLike

from ..engine.bounded import descend, spread
from ..engine.newton import minimise
from ..laws import ShiftedPowerLaw
from .points import SaturatingPowerLawFit, finish, left_open, read_points

__all__ = ["fit_shifted_power_law"]

_STARTS = 4


def fit_shifted_power_law(
    x: ArrayLike, y: ArrayLike, *, space: str = "log", objective: str = "least_squares", delta: float = 1e-3
) -> SaturatingPowerLawFit:
    """Fit Zhai's ``y = a (x + d)**-b + c`` to points by least squares of ln y.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points, x above zero, at least four different ones. In "log" space y must be above zero, in "log1p"
        space zero or above.
    space : {"log", "log1p"}
        Residuals of ln(y) or of ln(1 + y).
    objective : {"least_squares", "huber"}
        Sum of squares, or of Huber(delta), of the residuals.
    delta : float, default 1e-3
        Huber's corner in units of the residual; only "huber" uses it.

    Returns
    -------
    SaturatingPowerLawFit
        Its law is a ShiftedPowerLaw with c and d at or above zero; d is zero, a power law with a floor, where
        a shift gains nothing.

    Raises
    ------
    ValueError
        As for fit_power_law.

    Warns
    -----
    IdentifiabilityWarning
        If the points leave constants undetermined.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> x = np.geomspace(1, 1e5, 16)
    >>> fit = sl.fit_shifted_power_law(x, sl.ShiftedPowerLaw(a=4.0, b=0.4, c=0.5, d=30.0)(x))
    >>> round(fit.law.b, 6), round(fit.law.d, 4)
    (0.4, 30.0)
    """
    points = read_points(x, y, space, objective, delta, 4, "a shifted power law")
    x, target = points.x, np.log(points.lifted)
    middle = float(np.exp(np.log(x).mean()))

    def model(theta):
        """Residuals and slopes in (c, height, b, ln(d / middle)): height is ln of the power at the middle."""
        c, height, b, log_shift = theta
        ratio = np.exp(log_shift)
        distance = np.log((x / middle + ratio) / (1.0 + ratio))
        power = np.exp(np.minimum(height - b * distance, 300.0))
        value = np.maximum(c + power, 1e-300)
        by_shift = -b * power * (ratio / (x / middle + ratio) - ratio / (1.0 + ratio))
        slopes = np.stack([np.ones_like(power), power, -power * distance, by_shift], axis=1)
        return target - np.log(value), -slopes / value[:, None]

    problem, centre = points.power_law(0.0)
    low = np.append(problem.lower, np.log(1e-4 * x.min() / middle))
    high = np.append(problem.upper, np.log(1e3 * x.max() / middle))
    found = descend(model, np.clip(_starts(points, middle), low, high), low, high, corner=points.corner)
    if points.plain_will_do(found.cost):
        (c, height, b), _, converged, agreeing = points.plain
        law, undetermined = _law(points, c, height + b * centre, b, 0.0), ("d",)
    else:
        c, height, b, log_shift = found.theta
        shift = middle * float(np.exp(log_shift))
        log_scale = np.log(middle + shift)
        law = _law(points, c, height + b * log_scale, b, shift)
        converged, agreeing = found.converged, found.starts_agreeing
        # from (c, height, b, ln d) to (c, ln a, b, ln d), ln a = height + b ln(middle + d)
        turn = np.eye(4)
        turn[1, 2:] = log_scale, b * shift / (middle + shift)
        deviation = spread(found.slopes @ np.linalg.inv(turn), found.residuals, np.ones(4, dtype=bool))
        limits = [1.0, np.log(100.0), max(b, 1e-3), np.log(100.0)]
        undetermined = left_open(["c", "a", "b", "d"], deviation, limits, ["d"] if found.held[3] else [])
    return finish(points, law, space, converged=converged, starts_agreeing=agreeing, undetermined=undetermined)


def _starts(points, middle):
    """Starts with a shift: for a given one the rest is the engine's, each from where the last ended."""
    plain = points.plain[0]
    theta, along = plain, []
    for shift in np.geomspace(1e-2 * points.x.min(), 1e2 * points.x.max(), 24):
        problem, centre = points.power_law(shift)
        level = [0.5 * problem.y.min(), np.log(0.5 * np.median(problem.y)), plain[2]]
        ends = minimise(problem, np.stack([theta, level]), iterations=60)
        theta = ends.theta[ends.best]
        height = theta[1] + theta[2] * (centre - np.log(middle + shift))
        along.append((float(ends.value[ends.best]), [theta[0], height, theta[2], np.log(shift / middle)]))
    # Neighbours lead to the same end: each low place along the walk is one start.
    values = np.array([value for value, _ in along])
    around = np.pad(values, 1, constant_values=np.inf)
    low = np.flatnonzero((values <= around[:-2]) & (values <= around[2:]))
    low = low[np.argsort(values[low], kind="stable")][:_STARTS]
    low = np.union1d(low, np.argsort(values, kind="stable")[:2])
    return np.array([along[place][1] for place in low])


def _law(points, c, log_a, b, shift):
    """The law from constants of the lifted points."""
    log_a = float(log_a) + np.log(points.unit)
    if abs(log_a) > 700.0:
        raise ValueError(f"a = e^{log_a:.4g} is no number a float can hold: y falls too steeply in this unit of x")
    return ShiftedPowerLaw(a=float(np.exp(log_a)), b=float(b), c=points.floor(c), d=shift)
