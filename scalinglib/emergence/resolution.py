"""Resolution: what a test of so many items can show of a true score."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .exact_match import probability, whole

__all__ = ["chance_of_none", "items_to_see", "score_range"]


def chance_of_none(score: ArrayLike, items: ArrayLike) -> np.ndarray:
    """Chance ``(1 - score)**items`` that a test shows no right answer at all.

    Parameters
    ----------
    score : array_like
        True share of right answers, from 0 to 1.
    items : array_like
        Items in the test, whole numbers of 1 or more; broadcasts with `score`.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> [round(float(sl.emergence.chance_of_none(0.005, n)), 6) for n in (100, 1000)]
    [0.60577, 0.006654]
    """
    score, items = probability("score", score), whole("items", items)
    arguments.together(score=score, items=items)
    with np.errstate(divide="ignore"):  # the logarithm of a sure miss is minus infinity, its power zero
        return np.exp(items * np.log1p(-score))


def items_to_see(score: ArrayLike, *, chance: float = 0.95) -> np.ndarray:
    """Items a test needs to show at least one right answer with this `chance`.

    Parameters
    ----------
    score : array_like
        True share of right answers, above 0 and up to 1.
    chance : float, default 0.95
        Between 0 and 1.

    Returns
    -------
    numpy.ndarray
        Whole numbers, as floats.

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.items_to_see([0.5, 0.005]).tolist()
    [5.0, 598.0]
    """
    score = probability("score", score)
    arguments.refuse("score", score, score == 0.0, "above zero: what never happens is never seen")
    chance = arguments.scalar("chance", chance, positive=True)
    arguments.refuse("chance", np.asarray(chance), chance >= 1.0, "below 1")
    with np.errstate(divide="ignore"):
        return np.maximum(np.ceil(np.log1p(-chance) / np.log1p(-score)), 1.0)


def score_range(score: ArrayLike, items: ArrayLike, *, level: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """Central range of scores that tests of `items` items show when the true score is `score`.

    Quantiles of the binomial count over `items`: the 5% and 95% ones for the default level. With few items
    they are staircases in `score`. It is the scatter of tests of one model, not between models, and no
    interval for a true score.

    Parameters
    ----------
    score : array_like
        True share of right answers, from 0 to 1.
    items : array_like
        Items in the test, whole numbers of 1 or more; broadcasts with `score`.
    level : float, default 0.9

    Returns
    -------
    low, high : numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> low, high = sl.emergence.score_range([0.005, 0.595], 100)
    >>> low.tolist(), high.tolist()
    ([0.0, 0.51], [0.02, 0.68])
    """
    from scipy.stats import binom

    from ..uncertainty.interval import tails

    score, items = probability("score", score), whole("items", items)
    arguments.together(score=score, items=items)
    below, above = tails(level)
    return binom.ppf(below, items, score) / items, binom.ppf(above, items, score) / items
