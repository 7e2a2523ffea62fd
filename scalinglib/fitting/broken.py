"""Fits of a smoothly broken power law."""

import numbers
import warnings
from dataclasses import dataclass, field

import numpy as np

from .. import arguments
from ..laws import BrokenPowerLaw

__all__ = ["BrokenPowerLawFit", "fit_broken_power_law"]

_SPACES = ("log1p", "log")
_KEPT = 24  # starts that are refined


@dataclass(frozen=True, eq=False)
class BrokenPowerLawFit:
    """A broken power law fitted to points.

    Attributes
    ----------
    law : BrokenPowerLaw
    residuals : numpy.ndarray, shape (n,)
        ln(1 + y) - ln(1 + law), or ln(y / law).
    rms : float
        Root mean square of the residuals: of ln(1 + y) in "log1p" space, not of ln(y).
    space : str
        "log1p" or "log".
    converged : bool
        Whether the start that won met its tolerance.
    starts_agreeing : int
        How many of the refined starts ended within 1e-6 (relative) of the best sum of squares.
    x, y : numpy.ndarray
        The points.
    """

    law: BrokenPowerLaw
    residuals: np.ndarray = field(repr=False)
    rms: float
    space: str
    converged: bool
    starts_agreeing: int
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)

    def report(self):
        """What a person should know about the fit."""
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        return (
            f"{self.law.report()}\n"
            f"{len(self.x)} points, rms residual {self.rms:.3g} in {self.space} space; {ended}; "
            f"{self.starts_agreeing} starts agree.\n"
            "A break beyond the last point cannot be seen in advance."
        )


def _unpack(theta, breaks):
    """(a, ln b, c0, c, ln d, ln f) from a flat vector."""
    a, log_b, c0 = theta[:3]
    return a, log_b, c0, *np.reshape(theta[3:], (3, breaks))


def _model(theta, log_x, breaks):
    """Values (n,) and their derivatives (n, 3 + 3 breaks)."""
    a, log_b, c0, c, log_d, log_f = _unpack(theta, breaks)
    f = np.exp(log_f)
    u = (log_x[:, None] - log_d) / f
    softplus = np.logaddexp(0.0, u)
    rising = np.exp(u - softplus)  # the logistic function, without overflow
    S = np.exp(np.clip(log_b - c0 * log_x - (c * f * softplus).sum(1), -600.0, 600.0))
    slopes = np.concatenate(
        [
            np.stack([np.ones_like(log_x), S, -S * log_x], axis=1),
            S[:, None] * (-f * softplus),
            S[:, None] * (c * rising),
            S[:, None] * (-c * f * (softplus - u * rising)),
        ],
        axis=1,
    )
    return a + S, slopes


def _starts(x, y, target, offset, previous):
    """Coarse starts with one more break than `previous` (a theta, or None), best first."""
    log_x = np.log(x)
    span = np.ptp(log_x)
    places = log_x.min() + span * np.linspace(0.1, 0.9, 9)
    found = []
    if previous is not None:
        breaks = (len(previous) - 3) // 3
        for place in places:
            for change in (-0.5, 0.5):
                parts = np.reshape(previous[3:], (3, breaks))
                parts = np.column_stack([parts, [change, place, np.log(0.1)]])
                found.append(np.concatenate([previous[:3], parts.ravel()]))
    else:
        for c0 in np.array([-1.0, 0.0, 0.2, 1.0]) / max(span / 4, 0.25):
            for change in np.array([-4.0, -1.0, 1.0, 4.0, 12.0]) / max(span / 4, 0.25):
                for place in places:
                    for width in (0.05, 0.3):
                        shape = np.exp(-c0 * log_x - change * width * np.logaddexp(0, (log_x - place) / width))
                        basis = np.stack([np.ones_like(shape), shape], axis=1) / (y + offset)[:, None]
                        a, b = np.linalg.lstsq(basis, y / (y + offset), rcond=None)[0]
                        if b > 0 and a > -offset:
                            found.append([a, np.log(b), c0, change, place, np.log(width)])
    found = [np.asarray(theta, dtype=float) for theta in found]
    breaks = (len(found[0]) - 3) // 3 if found else 0
    return sorted(found, key=lambda theta: _misfit(theta, log_x, target, offset, breaks))[:_KEPT]


def _misfit(theta, log_x, target, offset, breaks):
    value = _model(theta, log_x, breaks)[0] + offset
    if np.any(value <= 0):
        return np.inf
    return float(((target - np.log(value)) ** 2).sum())


def fit_broken_power_law(x, y, *, breaks=1, space="log1p"):
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
    BrokenPowerLawFit

    Raises
    ------
    ValueError
        As for fit_power_law.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.BrokenPowerLaw(a=0.2, b=2.0, c0=0.05, c=[1.0], d=[300.0], f=[0.2])
    >>> x = np.geomspace(10, 1e4, 15)
    >>> fit = sl.fit_broken_power_law(x, truth(x))
    >>> round(fit.law.d[0], 3), round(fit.law.a, 6)
    (300.0, 0.2)
    """
    from scipy.optimize import least_squares

    arguments.one_of("space", space, _SPACES)
    if isinstance(breaks, bool) or not isinstance(breaks, numbers.Integral) or not 1 <= breaks <= 4:
        raise ValueError(f"breaks must be a whole number from 1 to 4; got {breaks!r}")
    (x,) = arguments.columns(x=x)
    x, y = arguments.columns(x=x, y=y, positive=False)
    arguments.real("y", y, positive=space == "log", non_negative=True)
    arguments.enough_runs(len(x), 3 + 3 * breaks, f"a power law with {breaks} break(s)")
    different = np.unique(x).size
    if different < 3 + 3 * breaks:
        raise ValueError(f"x has {different} different values; {3 + 3 * breaks} are needed for {breaks} break(s)")
    offset = 1.0 if space == "log1p" else 0.0
    target, log_x = np.log(y + offset), np.log(x)

    previous = None
    for count in range(1, breaks + 1):
        ends = []
        # a stays below every point; widths and places stay where the points could show them
        low = np.concatenate([[-0.999 * offset], [-np.inf] * 2, [-np.inf] * count])
        low = np.concatenate([low, [log_x.min() - 3.0] * count, [np.log(1e-3)] * count])
        high = np.concatenate([[np.inf] * 3, [np.inf] * count, [log_x.max() + 3.0] * count, [np.log(30.0)] * count])

        def residual(theta, count=count):
            value = _model(theta, log_x, count)[0] + offset
            return target - np.log(np.maximum(value, 1e-12))

        def slope(theta, count=count):
            value, slopes = _model(theta, log_x, count)
            return -slopes / np.maximum(value + offset, 1e-12)[:, None]

        for start in _starts(x, y, target, offset, previous):
            start = np.clip(start, low + 1e-9, high - 1e-9)
            ends.append(
                least_squares(
                    residual, start, jac=slope, bounds=(low, high), x_scale="jac",
                    xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=400,
                )
            )
        if not ends:
            raise ValueError("no broken power law goes through these points: b would not be above zero")
        best = min(ends, key=lambda end: end.cost)
        previous = best.x

    a, log_b, c0, c, log_d, log_f = _unpack(best.x, breaks)
    order = np.argsort(log_d)
    law = BrokenPowerLaw(
        a=a, b=float(np.exp(log_b)), c0=c0, c=c[order], d=np.exp(log_d[order]), f=np.exp(log_f[order])
    )
    fit = BrokenPowerLawFit(
        law=law,
        residuals=best.fun,
        rms=float(np.sqrt(np.mean(best.fun**2))),
        space=space,
        converged=best.status > 0,
        starts_agreeing=sum(end.cost <= best.cost * (1 + 1e-6) + 1e-30 for end in ends),
        x=x,
        y=y,
    )
    if not fit.converged:
        warnings.warn("the fit stopped before its optimum; do not use it", RuntimeWarning, stacklevel=2)
    return fit
