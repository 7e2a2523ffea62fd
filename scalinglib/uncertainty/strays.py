"""Strays: how far runs stray from the law, corrected for what the fit took from their residuals."""

import numpy as np

from ..engine.sandwich import slopes, without_leverage
from .scatter import ALIKE, scatter_of

__all__ = ["of_new_runs", "strays"]

_ENOUGH = 100  # runs whose own strays are drawn from; the ends of fewer lie too far inside
_ROUNDING = 1e-9
_SHARES = (np.arange(999) + 0.5) / 999


def of_new_runs(fit, member):
    """Equally likely strays of a new run, (m,), and the Scatter that multiplies them, in the unit of the residuals.

    A new run is as noisy as runs of the fit for which the law predicts as much, by their `noise` or `weights` where
    those differ. The strays are normal where the noise is known, else those of the runs; of few runs quantiles are
    taken as Weibull 1939 does, at k / (n + 1), which the next run passes as often as it should, and by Student's t
    beyond the outermost.
    """
    from scipy.stats import norm

    posed, problem = fit.posed, fit.posed.problem
    unit = getattr(posed.coordinates, "unit", 1.0)
    met = posed.back(problem.values(posed.theta[None])[0] + problem.lift) * unit
    sd = problem.sd if problem.log else problem.sd * unit
    spare = max(posed.runs - posed.free, 1)
    if np.ptp(sd) > _ROUNDING * np.max(sd):
        sd = posed.back(sd)
        trend = scatter_of(sd, met, known=True)
        sd = sd / trend.at(met)
    else:
        sd, trend = np.array([np.max(sd)]), ALIKE if posed.known else scatter_of(fit.residuals, met)
        if trend.slope:
            return _likely(fit.residuals / trend.at(met) * np.sqrt(posed.runs / spare), spare), trend
    if posed.known:
        drawn = norm.ppf(_SHARES)
    else:
        drawn = _likely(strays(problem, posed.theta, member, posed.absolute)[0], spare)
    if len(sd) > 1:  # a new run is like any of the runs
        return np.quantile(np.outer(drawn, sd), _SHARES), trend
    return drawn * sd[0], trend


def _likely(drawn, spare):
    """Equally likely values of what a few `drawn` are of."""
    from scipy.stats import t

    if len(drawn) >= _ENOUGH:
        return drawn
    found = np.quantile(drawn, _SHARES, method="weibull")
    last = 1.0 / (len(drawn) + 1)
    beyond = np.minimum(t.ppf(np.minimum(_SHARES, 1.0 - _SHARES), spare) - t.ppf(last, spare), 0.0)
    return found + np.sign(_SHARES - 0.5) * -beyond * np.sqrt(np.mean(drawn**2))


def strays(problem, theta, member, absolute):
    """Residuals to draw from, and residuals whose signs to draw, both (n,) or a little fewer.

    For squares they are blown up for what the fit took from them: by sqrt(1 - leverage), and by
    1 - leverage of a run or its group. Where Huber's corner lies inside the scatter, or is closed, five
    residuals vanish whatever the errors are: they are not drawn from, and each sign-drawn residual gets
    what a bounded slope took from it (Feng, He and Hu 2011, with the density of errors at zero from the
    nearer half of the residuals).
    """
    r, slope = problem.residuals(theta[None])[0], slopes(problem, theta)
    slope = slope[(theta > problem.lower) & (theta < problem.upper)]
    spare = len(r) - len(theta)
    if spare < 1:
        return r, r
    order = np.argsort(np.abs(r), kind="stable")
    half = (spare + 1) // 2
    window = np.abs(r[order[len(theta) + half - 1]])
    corner = 0.0 if absolute else problem.delta
    # Runs that leave constants open have slopes in fewer directions: the rest is rounding.
    _, sizes, directions = np.linalg.svd(slope, full_matrices=False)
    leverage = (directions[sizes > 1e-10 * sizes[0]] ** 2).sum(0)
    if window < corner:
        drawn = r / np.sqrt(np.maximum(1.0 - leverage, 0.05))  # a run that the law must meet says little
        return drawn - drawn.mean(), without_leverage(r, slope, member)
    pull = np.sign(r) if corner == 0.0 else np.clip(r / corner, -1.0, 1.0)
    met, others = order[: len(theta)], r[order[len(theta) :]]
    pull[met] = np.sign(r[met])
    return others - np.median(others), r + leverage * pull * window * spare / half
