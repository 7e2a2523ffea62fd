"""One pass: stochastic gradient descent on random features, and the size that is best for a budget."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .family import whole, whole_number

if TYPE_CHECKING:
    import pandas

__all__ = ["OnePassSGD"]


@dataclass(frozen=True, kw_only=True)
class OnePassSGD:
    """Random features of a power-law spectrum, trained by stochastic gradient descent that sees each example once.

    As in `PowerLawRidge`, feature i of the data has variance ``i**-(1 + decay)`` and adds ``i**-(1 + target)`` to the
    variance of the target. The learner of size N sees N random mixtures of them, and takes steps of one fresh example
    each, without label noise, at a constant rate. The loss is the mean squared error on fresh examples, 1 at the start.

    Parameters
    ----------
    decay : float, default 0.5
        How fast the variance of the features falls, above zero.
    target : float, default 1.0
        How fast the target's share of them falls, above zero: large where the target is easy.
    features : int, default 1500
        How many there are, two or more; sizes have to stay well below.
    rate : float, default 0.5
        Learning rate, as a share of 1 / (sum of the variances of the mixtures), up to 1.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    Notes
    -----
    This is the model of Maloney et al. 2022 (arXiv 2210.16859), trained over time as by Bordelon et al. 2024 (arXiv
    2402.01092, gradient flow) and Paquette et al. 2024 (arXiv 2405.15074, stochastic steps). In the directions in which
    the mixtures vary, with variances v, the mean of each squared error r follows ``r <- (1 - rate v)**2 r + (rate v)**2
    loss``: the second term, the noise of single examples, is exact to terms of order v over the sum of all v. What the
    mixtures cannot express stays. `curves` follows that recursion, in blocks of steps over which the loss hardly moves.

    Without that noise the loss falls as N**-target in size and as steps**-(target / (1 + decay)), so that the best size
    for a budget N x steps grows as its power 1 / (2 + decay), while target < decay + 1 holds.

    Examples
    --------
    >>> import scalinglib as sl
    >>> losses = sl.simulate.OnePassSGD().curves([20, 80], [100, 10_000], seed=0)
    >>> losses.round(2).tolist()
    [[0.23, 0.21], [0.09, 0.04]]
    """

    decay: float = 0.5
    target: float = 1.0
    features: int = 1500
    rate: float = 0.5

    def __post_init__(self):
        for name in ("decay", "target", "rate"):
            object.__setattr__(self, name, arguments.scalar(name, getattr(self, name), positive=True))
        if self.rate > 1:
            raise ValueError(f"rate must be at most 1, where training stops being stable; got {self.rate:g}")
        object.__setattr__(self, "features", whole_number("features", self.features, least=2))

    def curves(self, N: ArrayLike, steps: ArrayLike, *, seed: int, noise: bool = True) -> np.ndarray:
        """Mean loss of learners of several sizes after several numbers of steps.

        Parameters
        ----------
        N : array_like
            Sizes, whole numbers below `features`.
        steps : array_like
            Whole numbers.
        seed : int
            Draws the mixtures.
        noise : bool, default True
            Whether each step sees one example; without, it sees them all (gradient descent on the true loss).

        Returns
        -------
        numpy.ndarray, shape (sizes, steps)

        Examples
        --------
        >>> import scalinglib as sl
        >>> world = sl.simulate.OnePassSGD()
        >>> (world.curves(40, 1000, seed=0) > world.curves(40, 1000, seed=0, noise=False)).tolist()
        [[True]]
        """
        sizes, steps = np.atleast_1d(whole("N", N)), np.atleast_1d(whole("steps", steps))
        arguments.refuse("N", sizes, sizes >= self.features, f"below the number of features, {self.features}")
        if not isinstance(noise, bool | np.bool_):
            raise ValueError(f"noise must be True or False; got {arguments.abbreviate(noise)}")
        rng = np.random.default_rng(arguments.seed("seed", seed))
        stops = _stops(int(steps.max()))
        curves = [self._curve(*self._modes(int(size), rng), stops, noise) for size in sizes]
        return np.array([np.exp(np.interp(np.log(steps), np.log(stops[1:]), np.log(curve[1:]))) for curve in curves])

    def best_sizes(self, budgets: ArrayLike, *, sizes: ArrayLike, seed: int, noise: bool = True) -> "pandas.DataFrame":
        """The size with the least loss at each budget N x steps, between the smallest and the largest of `sizes`.

        Parameters
        ----------
        budgets : array_like
            Size times steps.
        sizes : array_like
            Sizes to train, five or more; the best is the foot of a parabola through five neighbours in ln N.
        seed : int
            Draws the mixtures.
        noise : bool, default True
            As in `curves`.

        Returns
        -------
        pandas.DataFrame
            ``C, N, loss``; budgets whose best size is one of the two at either end of `sizes` are left out.

        Examples
        --------
        >>> import numpy as np
        >>> import scalinglib as sl
        >>> world = sl.simulate.OnePassSGD(features=400)
        >>> best = world.best_sizes([1e3, 1e4], sizes=np.geomspace(8, 100, 9).round(), seed=0)
        >>> bool(best.N.is_monotonic_increasing)
        True
        """
        import pandas

        sizes, budgets = np.unique(whole("sizes", sizes)), np.atleast_1d(arguments.real("budgets", budgets))
        if sizes.size < 5:
            raise ValueError(f"sizes must hold five different sizes or more; got {sizes.size}")
        steps = np.unique(np.geomspace(1, budgets.max() / sizes.min() + 1, 400).round())
        curves = np.log(self.curves(sizes, steps, seed=seed, noise=noise))
        rows = []
        for budget in budgets:
            losses = np.array(
                [
                    np.interp(np.log(budget / size), np.log(steps), curve)
                    for size, curve in zip(sizes, curves, strict=True)
                ]
            )
            least = int(losses.argmin())
            if 1 < least < sizes.size - 2:
                near = slice(least - 2, least + 3)
                bend, slope, _ = fit = np.polyfit(np.log(sizes[near]), losses[near], 2)
                foot = -slope / 2 / bend
                rows.append({"C": budget, "N": np.exp(foot), "loss": np.exp(np.polyval(fit, foot))})
        return pandas.DataFrame(rows, columns=["C", "N", "loss"])

    def _modes(self, N, rng):
        """Variances of the mixtures' directions, the target's squared part in each, and the part in none."""
        rank = np.arange(1, self.features + 1, dtype=float)
        share = rank ** -(1.0 + self.target)
        mixed = np.sqrt(rank ** -(1.0 + self.decay))[:, None] * rng.standard_normal((self.features, N)) / np.sqrt(N)
        left, widths, _ = np.linalg.svd(mixed, full_matrices=False)
        parts = (left.T @ np.sqrt(share / share.sum())) ** 2
        return widths**2, parts, 1.0 - parts.sum()

    def _curve(self, variances, parts, rest, stops, noise):
        step = self.rate / variances.sum() * variances
        keep, added = (1.0 - step) ** 2, step**2 * noise
        losses, moves = [parts.sum() + rest], keep < 1.0  # a step may be below what a number can lose
        for block in np.diff(stops):
            kept = keep**block
            each = np.divide(1.0 - kept, 1.0 - keep, out=np.full_like(keep, block), where=moves)
            parts = kept * parts + added * losses[-1] * each
            losses.append(parts.sum() + rest)
        return np.array(losses)


def _stops(last):
    """Steps at which a curve is followed: each of the first, then about 2.5 percent apart."""
    spread = np.geomspace(50, max(last, 51), 20 + int(40 * np.log(max(last, 51) / 50)))
    return np.unique(np.concatenate([np.arange(50), spread.round()]))
