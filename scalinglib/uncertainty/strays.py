"""Strays: how far runs stray from the law, corrected for what the fit took from their residuals."""

import numpy as np

from ..engine.sandwich import slopes, without_leverage

__all__ = ["strays"]


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
