"""Fits of a power law with a floor and a shift."""

import numpy as np
from numpy.typing import ArrayLike

from ..laws import ShiftedPowerLaw
from .curve import CurveFit, read_points

__all__ = ["fit_shifted_power_law"]


def fit_shifted_power_law(
    x: ArrayLike, y: ArrayLike, *, space: str = "log", objective: str = "least_squares", delta: float = 1e-3
) -> CurveFit:
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
    CurveFit
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
    points = read_points(x, y, space=space, objective=objective, delta=delta, count=4, what="a shifted power law")
    reach = max(0.5 * np.ptp(np.log(points.x)), 1e-3)
    least = min(1e-6 / reach, 1e-3 * points.steepest)
    bounds = {"b": (least, points.steepest), "d": (0.0, 1e3 * points.x.max())}
    plain = points.fit("shifted-power-law", bounds=bounds, fixed={"d": 0.0})
    found = points.fit("shifted-power-law", bounds=bounds)
    if points.gains(found, plain):
        return points.finish(ShiftedPowerLaw(**found.constants), found)
    return points.finish(ShiftedPowerLaw(**plain.constants), plain, open_=("d",))
