"""Precision: how far off constants and plans of a fit may be, linearised, with the objective in use."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..engine.covariance import efficiency

__all__ = ["Precision", "effective_scatter", "efficiency", "precision_of"]

# Three in four normal errors are smaller than this many standard deviations. Heavy tails lie beyond, and fewer
# errors would say less: their scatter is known as that of so many of them by squares.
_SHARE, _WITHIN, _WORTH = 0.75, 1.1503, 0.6
_EDGE = np.log(1.3)
_CLOSED = 1e-6  # a corner so small beside the scatter is that of absolute values


def effective_scatter(residuals: np.ndarray, constants: int, corner: float) -> float:
    """Standard deviation of errors that would leave a fit by squares as uncertain as these leave this one.

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n,)
        Of a fit of `constants` constants with Huber's penalty.
    corner : float
        Huber's corner; infinite for squares, 0 for absolute values.

    Returns
    -------
    float
        Root of ``mean psi**2 / (mean psi')**2``; NaN where there are no more runs than constants.

    Notes
    -----
    With the corner inside the scatter as many residuals vanish as there are constants, whatever the errors
    are: they are left out. How many errors lie inside is then that of normal errors of which three
    quarters are as small as those of the residuals: the few that do lie there would say it worse.
    """
    from scipy.special import ndtr

    size = np.sort(np.abs(residuals))
    spare = len(size) - constants
    if spare < 1:
        return float("nan")
    most = float(size[constants + int(np.ceil(_SHARE * spare)) - 1])
    if most < corner:
        inside = float(np.mean(size < corner))
        return float(np.sqrt((np.minimum(size, corner) ** 2).sum() / spare)) / inside
    corner = max(corner, _CLOSED * most)
    inside = 2.0 * ndtr(corner * _WITHIN / max(most, 1e-300)) - 1.0
    return float(np.sqrt((np.minimum(size[constants:], corner) ** 2).mean()) / inside)


@dataclass(frozen=True, eq=False)
class Precision:
    """The linearised covariance of a fit's constants.

    Attributes
    ----------
    scale : float
        Standard deviation of single errors, as the objective feels them; 1 where runs come in groups.
    root : numpy.ndarray, shape (P, k)
        ``scale**2 root root'`` is the covariance.
    spare : int
        Degrees of freedom of `scale`: runs, or groups of them, beyond the constants; fewer where a corner
        lies inside the scatter.
    """

    scale: float
    root: np.ndarray
    spare: int

    def sd(self, gradient: np.ndarray) -> np.ndarray:
        """Standard deviations of quantities with this `gradient` (..., P) in the constants."""
        return self.scale * np.linalg.norm(gradient @ self.root, axis=-1)

    def factor(self, theta: np.ndarray, slope_at: Callable, gradient_at: Callable, *, level: float = 0.8) -> float:
        """Factor, up or down, within which a quantity lies at `level`.

        Parameters
        ----------
        theta : numpy.ndarray, shape (P,)
            The constants of the fit.
        slope_at, gradient_at : callable
            From constants (P,) to how the law moves at the runs (P, n), and to the gradient (P,) of the
            quantity's logarithm.
        level : float

        Notes
        -----
        Near the edge of what runs determine the law that was found may leave less open than its neighbours:
        beyond a factor of 1.3 the widest counts of the fit and of those one standard deviation along the
        quantity to either side.
        """
        from scipy.special import stdtrit

        gradient = gradient_at(theta)
        sd, reach = float(self.sd(gradient)), stdtrit(max(self.spare, 1), 0.5 + 0.5 * level)
        if reach * sd > _EDGE:
            own = _plain(slope_at(theta), gradient)
            step = self.scale**2 * self.root @ (gradient @ self.root) / sd
            with np.errstate(all="ignore"):  # neighbours may be no laws
                beside = [_plain(slope_at(at), gradient_at(at)) for at in (theta - step, theta + step)]
            sd *= max([1.0, *(each / own for each in beside if np.isfinite(each))])
        return float(np.exp(np.minimum(reach * sd, 700.0)))


def _root(slope):
    """A root (P, P) of the inverse of ``slope slope'``, and the singular values; what is not seen is wide."""
    _, values, vectors = np.linalg.svd(slope.T, full_matrices=False)
    return vectors.T / np.maximum(values, max(1e-12 * values[0], 1e-300)), values


def _plain(slope, gradient):
    """Standard deviation of a quantity with this gradient for errors of size one, by squares."""
    if not (np.isfinite(slope).all() and np.isfinite(gradient).all()):
        return np.nan
    return float(np.linalg.norm(gradient @ _root(slope)[0]))


def precision_of(slope: np.ndarray, residuals: np.ndarray, corner: float, member=None, sizes=None) -> Precision:
    """The Precision of a fit.

    Parameters
    ----------
    slope : numpy.ndarray, shape (P, n)
        How the law, in the space of the residuals, moves at each run with each constant.
    residuals : numpy.ndarray, shape (n,)
    corner : float
        Huber's corner; infinite for squares, 0 for absolute values.
    member : numpy.ndarray of int, shape (n,), optional
        Group of each run, numbered from 0. Runs of one group may then err together, as in Liang and
        Zeger 1986; else errors count as independent.
    sizes : numpy.ndarray, shape (n,), optional
        What errors are in proportion to; without it they count as alike. For squares: a fit of losses
        themselves whose errors are relative.
    """
    count, runs = slope.shape
    scale = effective_scatter(residuals if sizes is None else residuals / sizes, count, corner)
    root, values = _root(slope)
    groups = runs if member is None else int(member.max()) + 1
    if groups == runs or not scale > 0.0:
        if sizes is not None:
            seen = values > 1e-12 * values[0]
            root = np.hstack([root[:, seen] @ (root[:, seen].T @ slope) * sizes, root[:, ~seen]])
        return Precision(scale, root, runs - count if scale < corner else int(_WORTH * (runs - count)))
    # psi over the mean of psi': what each run adds to the estimate, short of the bread
    end = max(corner, _CLOSED * scale)
    pull = np.clip(residuals, -end, end)
    if end < np.inf:
        pull = pull * scale * np.sqrt((runs - count) / (pull**2).sum())
    score = np.stack([np.bincount(member, weights=row * pull) for row in slope], axis=1)
    spare = max(groups - count, 1)
    return Precision(1.0, root @ (root.T @ score.T) * np.sqrt(groups / spare), spare)
