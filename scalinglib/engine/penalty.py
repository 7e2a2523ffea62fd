"""Penalty: residuals of runs about a law, and what the engine minimises of them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Penalised", "clipped"]

_ROUNDING = np.finfo(float).eps


@dataclass(frozen=True, eq=False, kw_only=True)
class Penalised:
    """What every problem of the engine has: runs, bounds, and the penalty of their residuals.

    y : losses, (n,) or one row a start (S, n); log : residual of logarithms or of values; delta : Huber's corner
    (np.inf for half squares), or one a start (S, 1); lower, upper : (P,) bounds of theta, equal where a constant is
    held; weights : None, (n,) or (S, n), how often each run counts for each start, so that resamples are solved
    together; sd : what residuals are divided by, (n,) or a number; lift : what is added to values before their
    logarithm is taken; smooth : whether the model has no corners.
    """

    y: np.ndarray
    log: bool
    delta: float | np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    weights: np.ndarray | None = None
    sd: float | np.ndarray = 1.0
    lift: float = 0.0
    smooth: bool = True

    @property
    def runs(self):
        """How many runs."""
        return self.y.shape[-1]

    @property
    def theta_size(self):
        """How many constants are free."""
        return int((self.lower < self.upper).sum())

    @property
    def rounding(self):
        """What rounding leaves of the penalty of perfect runs."""
        return self.runs * (32.0 * _ROUNDING / np.min(self.sd)) ** 2

    @cached_property
    def _log_y(self):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(self.y + self.lift)

    def _rows(self, losses, rows):
        return losses if losses.ndim == 1 else losses[rows]

    def beliefs(self, theta):
        """Slopes (k, P) of what priors compare at one `theta` (P,), over their sd, and the strength: none here."""
        return np.zeros((0, len(theta))), 1.0

    def counts(self, rows=slice(None)):
        """The weights of some starts, or None."""
        return self.weights if self.weights is None else self._rows(self.weights, rows)

    def residuals(self, theta, rows=slice(None)):
        """Residuals (S, n): ln y - ln M, each lifted, or y - M, over sd; NaN where there is no logarithm."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return self.residuals_of(self.values(theta), rows)

    def residuals_of(self, M, rows=slice(None)):
        """Residuals of model values `M` (S, n)."""
        if self.log:
            r = self._rows(self._log_y, rows) - np.log(M + self.lift)
        else:
            r = self._rows(self.y, rows) - M
        return r if np.isscalar(self.sd) and self.sd == 1.0 else r / self.sd

    def penalty(self, r, rows=slice(None)):
        """Sum over runs of the penalty of residuals `r` (S, n); inf where one is not a number."""
        psi, counts = clipped(r, self.corner(rows)), self.counts(rows)
        return self.summed(r, psi, psi if counts is None else psi * counts)

    def corner(self, rows):
        """Huber's corner of some starts."""
        return self.delta[rows] if isinstance(self.delta, np.ndarray) else self.delta

    def summed(self, r, psi, pull):
        """The penalty is psi (r - psi / 2), inside the corner and outside; `pull` is psi times the counts."""
        value = np.einsum("sn,sn->s", pull, r) - 0.5 * np.einsum("sn,sn->s", pull, psi)
        return np.where(np.isfinite(value), value, np.inf)


def clipped(r, corner):
    """The slope of the penalty: r, but no further from zero than the corner."""
    return r if np.isscalar(corner) and np.isinf(corner) else np.minimum(np.maximum(r, -corner), corner)
