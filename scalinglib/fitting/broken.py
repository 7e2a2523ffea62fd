"""Fits of a smoothly broken power law."""

import numbers

import numpy as np
from numpy.typing import ArrayLike

from ..forms import Form
from ..laws import BrokenPowerLaw
from .curve import CurveFit, read_points

__all__ = ["fit_broken_power_law"]

_WIDTHS = 1e-3, 30.0
_BEYOND = np.exp(3.0)  # a break further from the points than this shows as its near side only


def _form(points, breaks):
    """The law with so many breaks, a at or above zero, or above -1 where one is added to both sides."""
    text = "a + b * x**(-c0)" + "".join(
        f" * (1 + (x / d{k})**(1 / f{k}))**(-c{k} * f{k})" for k in range(1, breaks + 1)
    )
    place = points.x.min() / _BEYOND, points.x.max() * _BEYOND
    bounds = {"a": (-0.999 if points.space == "log1p" else 0.0, np.inf), "b": (0.0, np.inf)}
    for k in range(1, breaks + 1):
        bounds |= {f"d{k}": place, f"f{k}": _WIDTHS}
    return Form(text, variables=("x",), bounds=bounds)


def fit_broken_power_law(x: ArrayLike, y: ArrayLike, *, breaks: int = 1, space: str = "log1p") -> CurveFit:
    """Fit the broken power law of Caballero et al. 2022 to points.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points, x above zero; at least 3 + 3 breaks of them. In "log" space y must be above zero, in
        "log1p" space zero or above.
    breaks : int, default 1
        Number of breaks, 1 to 4; each after the first starts from the fit with one fewer.
    space : {"log1p", "log"}
        Least squares of ln(1 + y), as in Caballero et al.'s own code, or of ln(y).

    Returns
    -------
    CurveFit

    Raises
    ------
    ValueError
        As for fit_power_law, and where the best law is a constant.

    Warns
    -----
    IdentifiabilityWarning
        If the points leave constants undetermined, as those of a break that is not there.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.BrokenPowerLaw(a=0.2, b=2.0, c0=0.05, c=[1.0], d=[300.0], f=[0.2])
    >>> x = np.geomspace(10, 1e4, 15)
    >>> fit = sl.fit_broken_power_law(x, truth(x))
    >>> round(fit.law.d[0], 3), round(fit.law.a, 6)
    (300.0, 0.2)
    """
    if isinstance(breaks, bool) or not isinstance(breaks, numbers.Integral) or not 1 <= breaks <= 4:
        raise ValueError(f"breaks must be a whole number from 1 to 4; got {breaks!r}")
    count, what = 3 + 3 * int(breaks), f"a power law with {breaks} break(s)"
    points = read_points(x, y, space=space, objective="least_squares", delta=1.0, count=count, what=what)
    found = points.fit(_form(points, 1))
    for more in range(2, breaks + 1):
        found = points.fit(_form(points, more), start=found.constants)
    if not 0.0 < found.constants["b"] < np.inf:
        raise ValueError(
            f"no broken power law follows these {len(points.x)} points: the best has b = {found.constants['b']:g}, "
            "which leaves a constant; use a law with fewer constants"
        )
    order = np.argsort([found.constants[f"d{k}"] for k in range(1, breaks + 1)]) + 1
    parts = {letter: [found.constants[f"{letter}{k}"] for k in order] for letter in "cdf"}
    law = BrokenPowerLaw(**{name: found.constants[name] for name in ("a", "b", "c0")}, **parts)
    # A width that ended at the narrowest: any narrower one does as well, on whichever digits the search came to rest.
    sharp = [f"f{k}" for k in range(1, breaks + 1) if not np.isfinite(found.stderr[f"f{k}"])]
    return points.finish(law, found, open_=sharp, advice="use fewer breaks")
