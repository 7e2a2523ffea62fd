"""Fits of a power law between a worst and a best value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.bounded import descend, spread
from ..laws import SaturatingPowerLaw
from ..laws.saturating import saturation
from .curve import read_points
from .points import LiftedPoints, SaturatingPowerLawFit, finish, left_open

__all__ = ["fit_saturating_power_law"]

_STARTS = 6
_LEAST_SPAN = 1e-6  # of eps_0: a law with less between floor and eps_0 is a constant


def fit_saturating_power_law(
    x: ArrayLike,
    y: ArrayLike,
    *,
    eps_0: float | str = "fit",
    space: str = "log",
    objective: str = "least_squares",
    delta: float = 1e-3,
) -> SaturatingPowerLawFit:
    """Fit Alabdulmohsin's M4, ``(y - eps_inf) / (eps_0 - y)**alpha = beta x**c``, by least squares of ln y.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points, x above zero, at least five different ones, or four with eps_0 given. In "log" space y must be
        above zero, in "log1p" space zero or above.
    eps_0 : "fit" or float
        The value of a random guess, such as ln(vocabulary) for a loss: fitted, or known.
    space : {"log", "log1p"}
        Residuals of ln(y), as in the paper, or of ln(1 + y).
    objective : {"least_squares", "huber"}
        Sum of squares, or of Huber(delta), of the residuals.
    delta : float, default 1e-3
        Huber's corner in units of the residual; only "huber" uses it.

    Returns
    -------
    SaturatingPowerLawFit
        Its law is a SaturatingPowerLaw with eps_inf at or above zero; alpha is zero, a power law with a
        floor, where a bend gains nothing, and at most 30.

    Raises
    ------
    ValueError
        As for fit_power_law, and if eps_0 is not above the smallest y.

    Warns
    -----
    IdentifiabilityWarning
        If the points leave constants undetermined; without points near eps_0, eps_0 and alpha always are.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.0, alpha=0.7, beta=30.0, c=-0.5)
    >>> x = np.geomspace(10, 1e6, 16)
    >>> fit = sl.fit_saturating_power_law(x, truth(x), eps_0=2.0)
    >>> round(fit.law.alpha, 6), round(fit.law.c, 6)
    (0.7, -0.5)
    """
    given = None if isinstance(eps_0, str) and eps_0 == "fit" else eps_0
    if isinstance(given, (str, bool)):
        raise ValueError(f"eps_0 must be 'fit' or a number; got {eps_0!r}")
    how = {"space": space, "objective": objective, "delta": delta}
    count = 5 if given is None else 4
    points = LiftedPoints(**vars(read_points(x, y, **how, count=count, what="a saturating power law")))
    if given is not None:
        given = arguments.scalar("eps_0", given)
        if given <= points.y.min():
            raise ValueError(f"eps_0 must be above the smallest y, {points.y.min():g}; got {given:g}")
    top = None if given is None else (given + points.offset) / points.unit
    log_x = np.log(points.x)
    centre = float(log_x.mean())
    model = _Model(z=log_x - centre, target=np.log(points.lifted), top=top)
    low, high = _bounds(points, top)
    found = descend(model, np.clip(_starts(points, model), low, high), low, high, corner=points.corner)
    if points.plain_will_do(found.cost):
        (floor, height, b), _, converged, agreeing = points.plain
        eps_inf = points.floor(floor)
        above = max(points.y.max(), given or 0.0, np.nextafter(eps_inf, np.inf))
        log_beta = height + b * centre + np.log(points.unit)
        law = _law(eps_inf, above, 0.0, log_beta, -b)
        undetermined = ("eps_0",) if given is None else ()
    else:
        floor, span, alpha, level, c = model.constants(found.theta)
        eps_inf, width = points.floor(floor), span * points.unit
        log_beta = level - c * centre + np.log(points.unit) - alpha * np.log(width)
        law = _law(eps_inf, eps_inf + width if given is None else given, alpha, log_beta, c)
        converged, agreeing = found.converged, found.starts_agreeing
        undetermined = _undetermined(found, alpha, c, top is None, floored=floor > points.lowest)
    return finish(points, law, converged=converged, starts_agreeing=agreeing, undetermined=undetermined)


@dataclass(frozen=True)
class _Model:
    """Residuals and slopes in (floor, rate, alpha, level, c), level at the centre of ln x.

    rate = alpha / span, span = eps_0 - eps_inf, and level is that of ln(y - eps_inf) far from eps_0: with
    these the two limits that data cannot tell from their neighbours, rate 0 (no bend) and alpha large (a bend
    far below eps_0), are plain ends of an axis. With eps_0 given (`top`, lifted) there is no rate.
    """

    z: np.ndarray
    target: np.ndarray
    top: float | None

    def constants(self, theta):
        """(floor, span, alpha, level, c)."""
        floor, alpha, level, c = map(float, np.delete(theta, 1) if self.top is None else theta)
        return floor, alpha / float(theta[1]) if self.top is None else self.top - floor, alpha, level, c

    def __call__(self, theta):
        floor, span, alpha, level, c = self.constants(theta)
        u = saturation(alpha, level - np.log(span) + c * self.z)
        rising, falling = np.exp(-np.logaddexp(0.0, -u)), np.exp(-np.logaddexp(0.0, u))
        value = np.maximum(floor + span * rising, 1e-300)
        by_level = span * rising * falling / (falling + alpha * rising)
        by_alpha = -by_level * np.logaddexp(0.0, u)
        # d value / d ln span at a given level: by_level times alpha * rising / falling
        by_span = span * rising - by_level
        if self.top is None:
            slopes = [np.ones_like(value), -by_span / theta[1], by_alpha + by_span / alpha]
        else:
            slopes = [1.0 - by_span / span, by_alpha]
        slopes += [by_level, by_level * self.z]
        return self.target - np.log(value), -np.stack(slopes, axis=1) / value[:, None]


def _bounds(points, top):
    """Lowest and highest constants, as _Model has them."""
    lifted = points.lifted
    low = [points.lowest, 1e-6 / lifted.max(), 1e-6, -200.0, -points.steepest]
    high = [np.inf, 1e3 / max(np.ptp(lifted), 1e-6), 30.0, 200.0, -points.power_law(0.0)[0].lower[2]]
    if top is not None:
        del low[1], high[1]
        high[0] = top - _LEAST_SPAN * (top - points.lowest)  # noise puts points below the floor
    return np.array(low), np.array(high)


def _starts(points, model):
    """The best few of a grid over (eps_inf, eps_0), the rest from a weighted straight line.

    ln(y - eps_inf) = alpha ln(eps_0 - y) + ln beta + c ln x is linear in alpha, ln beta and c.
    """
    lifted, z = points.lifted, model.z
    bottom, found = lifted.min() - points.lowest, []
    tops = np.array([1.01, 1.1, 1.4, 2.0, 4.0, 16.0]) * lifted.max() if model.top is None else [model.top]
    for floor in points.lowest + bottom * np.array([0.0, 0.5, 0.8, 0.95, 0.99]):
        for top in tops:
            span = top - floor
            share = np.clip((lifted - floor) / span, 1e-6, 1.0 - 1e-6)
            left, right = np.log(share), np.log1p(-share)
            best = None
            for held in (None, 0.01, 0.3, 1.0, 3.0):
                if held is None:
                    weight = share * (1.0 - share) / lifted
                    columns = np.stack([right, np.ones_like(z), z], axis=1) * weight[:, None]
                    alpha, level, c = np.linalg.lstsq(columns, left * weight, rcond=None)[0]
                else:
                    alpha = held
                    weight = share / (1.0 + alpha * share / (1.0 - share)) / lifted
                    columns = np.stack([np.ones_like(z), z], axis=1) * weight[:, None]
                    level, c = np.linalg.lstsq(columns, (left - alpha * right) * weight, rcond=None)[0]
                alpha = min(max(alpha, 1e-3), 30.0)
                theta = [floor, alpha / span, alpha, level + np.log(span), min(c, -1e-3)]
                if model.top is not None:
                    del theta[1]
                misfit = float((model(np.array(theta))[0] ** 2).sum())
                if best is None or misfit < best[0]:
                    best = misfit, theta
            found.append(best)
    found.sort(key=lambda pair: pair[0])
    return np.array([theta for _, theta in found[:_STARTS]])


def _law(eps_inf, eps_0, alpha, log_beta, c):
    if abs(log_beta) > 700.0:
        raise ValueError(
            f"beta = e^{log_beta:.4g} is no number a float can hold: y falls too steeply in this unit of x"
        )
    return SaturatingPowerLaw(eps_inf=eps_inf, eps_0=eps_0, alpha=alpha, beta=float(np.exp(log_beta)), c=c)


def _undetermined(found, alpha, c, fitted, *, floored):
    """Constants left open: eps_0 by the rate at which it is approached, beta by the level of the curve.

    `floored` is whether the floor is above zero.
    """
    names = ["eps_inf", "eps_0", "alpha", "beta", "c"]
    rate = found.theta[1] if fitted else 1.0
    limits = [1.0, rate, max(alpha, 0.1), np.log(100.0), max(abs(c), 1e-3)]
    if not fitted:
        del names[1], limits[1]
    deviation = spread(found.slopes, found.residuals, np.ones(len(found.theta), dtype=bool))
    # eps_inf at zero is an answer; any other bound is none, and eps_0 is no better known than alpha.
    held = {name for name, at_bound in zip(names, found.held, strict=True) if at_bound}
    if not floored:
        held -= {"eps_inf"}
    if fitted and held & {"alpha"}:
        held |= {"eps_0", "beta"}
    return left_open(names, deviation, limits, held)
