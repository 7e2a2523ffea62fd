"""Covariance: how far the constants of a fit would move with other errors of the runs, linearised at the optimum."""

import math
from dataclasses import dataclass

import numpy as np

from .sandwich import moments, slopes, without_leverage

__all__ = ["Covariance", "Spread", "covariance", "efficiency", "spread_of"]

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
    >>> from scalinglib.audit import efficiency
    >>> round(efficiency(0.2), 3), round(efficiency(1.345), 3), efficiency(float("inf"))
    (1.423, 1.053, 1.0)
    """
    if corner <= _CLOSED:
        return np.pi / 2.0
    square, curve = moments(corner)
    return square / curve**2


@dataclass(frozen=True)
class Spread:
    """What residuals say of the penalty's slope: its root mean square and its mean curvature.

    scatter, share : sd of an estimate is scatter / share times that for residuals of variance one by squares; spare :
    runs beyond what the constants take from them; unit : what slopes of the penalty are over those that scatter is of.
    """

    scatter: float
    share: float
    spare: int
    unit: float = 1.0

    @property
    def strength(self):
        """Of a prior that counts as one more measurement beside these residuals."""
        return self.unit * self.scatter**2 / self.share


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


def _free(problem, theta):
    return (problem.lower < problem.upper) & (theta > problem.lower) & (theta < problem.upper)


def _directions(rows):
    """The singular value decomposition of rows (n, p), each constant in a unit of its own, and what is not rounding."""
    unit = np.linalg.norm(rows, axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    left, values, across = np.linalg.svd(np.nan_to_num(rows / unit), full_matrices=False)
    seen = values > _LOST * max(values[0], 1e-300) if values.size else values > 0
    return left, values, across, unit, seen


def spread_of(problem, theta, *, absolute=False, known=False) -> Spread:
    """The Spread of the residuals at an optimum `theta` (P,); arguments as of `covariance`."""
    slope, r = slopes(problem, theta), problem.residuals(theta[None])[0]
    beliefs, strength = problem.beliefs(theta)
    free = _free(problem, theta)
    left, *_, seen = _directions(np.concatenate([slope.T, np.sqrt(strength) * beliefs])[:, free])
    taken = float((left[: len(r), seen] ** 2).sum())  # by priors constants take less than their number
    spare = max(round(len(r) - taken), 0)
    if known:
        square, curve = (1.0, np.sqrt(2.0 / np.pi)) if absolute else moments(problem.delta)
        return Spread(math.sqrt(square), curve, spare)
    if spare == 0:
        return Spread(np.nan, 1.0, spare)
    sizes = np.sort(np.abs(r))[-spare:]
    half = (spare + 1) // 2
    window = float(sizes[half - 1])
    if absolute or window >= problem.delta:
        # The density of errors at zero by the nearer half; as many residuals as constants vanish whatever the errors.
        return Spread(window, half / spare, spare, (1.0 if absolute else problem.delta) / max(window, 1e-300))
    psi = np.clip(r, -problem.delta, problem.delta)
    inside = max(int((np.abs(r) < problem.delta).sum()) - (len(r) - spare), 1) / spare
    return Spread(math.sqrt((psi * psi).sum() / spare), 1.0 if np.isinf(problem.delta) else inside, spare)


def _covariance(problem, theta, absolute, known, groups):
    free = _free(problem, theta)
    slope, r = slopes(problem, theta), problem.residuals(theta[None])[0]
    beliefs, strength = problem.beliefs(theta)
    spread = spread_of(problem, theta, absolute=absolute, known=known)
    scatter, share, strength = spread.scatter, spread.share, strength / spread.unit
    rows = np.concatenate([np.sqrt(share) * slope.T, np.sqrt(strength) * beliefs])[:, free]
    left, values, across, unit, seen = _directions(rows)
    lost = np.zeros((len(theta), len(across) - int(seen.sum())))
    lost[free] = across[~seen].T
    solved = across.T / np.maximum(values, 1e-3 * _LOST * max(values[0], 1e-300)) / unit[:, None]
    # The mean of a prior errs by its sd, as a run does by its scatter.
    errs = np.r_[np.full(len(r), scatter**2 / share), np.full(len(beliefs), strength)]
    filling = (left.T * errs) @ left if len(beliefs) else np.eye(len(values)) * scatter**2 / share
    if groups is not None:
        bound = 0.0 if absolute else problem.delta
        psi = without_leverage(r, slope[free], groups)
        inside = spread.unit == 1.0 and not absolute
        psi = np.clip(psi, -bound, bound) if inside else scatter * np.clip(psi / max(bound, 1e-300), -1.0, 1.0)
        score = np.zeros((int(groups.max()) + 1, int(free.sum())))
        np.add.at(score, groups, (slope[free] * psi).T)
        score = np.concatenate([score, strength * beliefs[:, free]]) @ solved
        filling = score.T @ score
    sizes, turned = np.linalg.eigh(filling) if np.isfinite(filling).all() else (np.full(len(values), np.nan), 1.0)
    root = np.zeros((len(theta), len(values)))
    root[free] = solved @ (turned * np.sqrt(np.maximum(sizes, 0.0)))
    condition = float(values[0] / max(values[-1], 1e-300)) if values.size else 1.0
    return Covariance(root, scatter, free, lost, condition)
