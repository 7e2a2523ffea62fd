"""Covariance: how far the constants of a fit would move with other errors of the runs, linearised at the optimum."""

import math
from dataclasses import dataclass

import numpy as np

from .sandwich import slopes, without_leverage

__all__ = ["Covariance", "covariance", "efficiency"]

_CLOSED = 1e-6  # a corner so small beside the scatter is that of absolute values
_LOST = 1e-9  # a direction this much weaker than the strongest is rounding, not a measurement


@dataclass(frozen=True, eq=False)
class Covariance:
    """Of theta.

    root : (P, r), root @ root.T is the covariance; scatter : of the residuals; free : (P,) which constants are not
    held;
    lost : (P, k), directions that the runs do not see at all, each constant in a unit of its own; condition : strongest
    direction over the weakest.
    """

    root: np.ndarray
    scatter: float
    free: np.ndarray
    lost: np.ndarray
    condition: float

    @property
    def matrix(self):
        """The covariance (P, P)."""
        return self.root @ self.root.T

    def sd(self, slope):
        """Standard deviations (S,) of quantities with slopes (S, P) by theta."""
        with np.errstate(all="ignore"):  # what the runs leave open may leave the range of a float
            return np.sqrt(((slope @ self.root) ** 2).sum(-1))


def efficiency(corner: float) -> float:
    """Variance of constants fitted with Huber's penalty over that by least squares, for normal errors.

    Parameters
    ----------
    corner : float
        Huber's corner in standard deviations of the errors: 0 for absolute values, infinite for squares.

    Returns
    -------
    float
        ``E psi**2 / (E psi')**2`` (Huber 1964), from 1 for squares to pi / 2 for absolute values.

    Examples
    --------
    >>> round(efficiency(0.2), 3), round(efficiency(1.345), 3), efficiency(float("inf"))
    (1.423, 1.053, 1.0)
    """
    from scipy.special import ndtr

    if corner <= _CLOSED:
        return np.pi / 2.0
    if np.isinf(corner):
        return 1.0
    inside = 2.0 * ndtr(corner) - 1.0
    density = np.exp(-0.5 * corner**2) / np.sqrt(2.0 * np.pi)
    return float((inside - 2.0 * corner * density + corner**2 * (1.0 - inside)) / inside**2)


def covariance(problem, theta, *, absolute=False, known=False, groups=None):
    """The Covariance at an optimum `theta` (P,) of a problem.

    Parameters
    ----------
    absolute : bool
        Whether the sum of absolute residuals was minimised.
    known : bool
        Whether residuals have sd one beforehand; otherwise their scatter says it, on n - p degrees of freedom.
    groups : numpy.ndarray of int, shape (n,), optional
        Runs that may err together (the sandwich of White 1980, residuals as without their group).
    """
    with np.errstate(all="ignore"):
        return _covariance(problem, theta, absolute, known, groups)


def _covariance(problem, theta, absolute, known, groups):
    free = (problem.lower < problem.upper) & (theta > problem.lower) & (theta < problem.upper)
    slope, r = slopes(problem, theta), problem.residuals(theta[None])[0]
    counts = problem.counts()
    counts = np.ones_like(r) if counts is None else counts
    rows = (slope * np.sqrt(counts)).T[:, free]
    if getattr(problem, "prior", None) is not None:
        prior, (_, turn, _) = problem.prior, problem.coordinates.derivatives(theta[None])
        more = turn[0][prior.places] * (np.sqrt(prior.strength) / prior.sd)[:, None]
        rows = np.concatenate([rows, more[:, free]])
    unit = np.linalg.norm(rows, axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    _, values, across = np.linalg.svd(np.nan_to_num(rows / unit), full_matrices=False)
    seen = values > _LOST * max(values[0], 1e-300) if values.size else values
    lost = np.zeros((len(theta), len(across) - int(seen.sum())))
    lost[free] = across[~seen].T
    solved = across.T / np.maximum(values, 1e-3 * _LOST * max(values[0], 1e-300)) / unit[:, None]
    spare = max(len(r) - int(seen.sum()), 0)
    scatter, share = _scatter(problem, r, counts, spare, absolute, known)
    root = np.zeros((len(theta), len(values)))
    root[free] = solved * (scatter / share)
    if groups is not None:
        number = int(groups.max()) + 1
        psi = np.clip(without_leverage(r, slope[free], groups), -problem.delta, problem.delta)
        score = np.zeros((number, int(free.sum())))
        np.add.at(score, groups, (slope[free] * psi * counts).T)
        root = np.zeros((len(theta), number))
        root[free] = solved @ (solved.T @ score.T) / share
    condition = float(values[0] / max(values[-1], 1e-300)) if values.size else 1.0
    return Covariance(root, scatter, free, lost, condition)


def _scatter(problem, r, counts, spare, absolute, known):
    """The root mean square of the penalty's slope, and its mean curvature."""
    if spare == 0:
        return np.nan, 1.0
    sizes = np.sort(np.abs(r))[-spare:]
    half = (spare + 1) // 2
    window = sizes[half - 1]
    if absolute or window >= problem.delta:
        # The density of errors at zero by the nearer half; as many residuals as constants vanish whatever the errors.
        return window, half / spare
    if known:
        return math.sqrt(efficiency(problem.delta)), 1.0
    psi = np.clip(r, -problem.delta, problem.delta)
    inside = max(int((np.abs(r) < problem.delta).sum()) - (len(r) - spare), 1) / spare
    return float(np.sqrt((counts * psi * psi).sum() / spare)), 1.0 if np.isinf(problem.delta) else inside
