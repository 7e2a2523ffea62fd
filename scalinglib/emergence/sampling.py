"""Sampling: what several tries at a problem are worth, over problems of unlike difficulty and under a checker."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .exact_match import probability, whole

_MOST, _STEADY = 1e9, 1e6  # beyond these a difference of logarithms of factorials is rounding

__all__ = ["beta_coverage", "checked_accuracy", "pass_at_k"]


def pass_at_k(samples: ArrayLike, right: ArrayLike, k: ArrayLike) -> np.ndarray:
    """Chance that `k` tries hold a right one, estimated without bias from `samples` of which `right` were.

    ``1 - C(samples - right, k) / C(samples, k)`` of Chen et al. 2021 (arXiv 2107.03374): the share of all choices of
    `k` of the samples that hold a right one. It is 1 where fewer than `k` were wrong. The mean over problems is the
    coverage.

    Parameters
    ----------
    samples : array_like
        Samples of a problem, whole numbers from 1 to 1e9.
    right : array_like
        How many of them were right, whole numbers from 0 up to `samples`.
    k : array_like
        Tries, whole numbers from 1 up to `samples`. The three broadcast together.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows; no estimate without bias exists for more tries than there are samples.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.emergence.pass_at_k(20, 2, 10)), 4)
    0.7632
    """
    from scipy.special import gammaln

    samples, k = whole("samples", samples), whole("k", k)
    right = arguments.real("right", right, non_negative=True)
    arguments.together(samples=samples, right=right, k=k)
    samples, right, k = np.broadcast_arrays(samples, right, k)
    arguments.refuse("right", right, (right != np.floor(right)) | (right > samples), "a whole number up to samples")
    arguments.refuse("k", k, k > samples, "no more than samples")
    arguments.refuse("samples", samples, samples > _MOST, f"at most {_MOST:g}")
    wrong = samples - right
    left = np.maximum(wrong - k, 0.0)  # where it is cut the chance is one anyway
    with np.errstate(invalid="ignore"):
        none = gammaln(wrong + 1) - gammaln(left + 1) - gammaln(samples + 1) + gammaln(samples - k + 1)
    return np.where(wrong < k, 1.0, -np.expm1(np.where(right == 0, 0.0, none)))


def beta_coverage(k: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Share of problems solved by one of `k` tries where single tries succeed with chances from a Beta(a, b).

    ``1 - B(a, b + k) / B(a, b)``. On each problem failure falls exponentially with `k`; over all of them what is left
    unsolved falls as ``k**-a`` in the end, since `a` says how many are nearly hopeless (Schaeffer et al. 2025, arXiv
    2502.17578, on such tails).

    Parameters
    ----------
    k : array_like
        Tries a problem, whole numbers of 1 or more.
    a, b : array_like
        Above zero, `a` at most 1e6; the mean chance of a single try is ``a / (a + b)``. They broadcast with `k`.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.beta_coverage([1, 100], a=0.3, b=5.7).round(3).tolist()
    [0.05, 0.591]
    """
    from scipy.special import betaln

    k, a, b = whole("k", k), arguments.real("a", a, positive=True), arguments.real("b", b, positive=True)
    arguments.together(k=k, a=a, b=b)
    arguments.refuse("a", a, a > _STEADY, f"at most {_STEADY:g}")
    return -np.expm1(betaln(a, b + k) - betaln(a, b))


def checked_accuracy(k: ArrayLike, chance: ArrayLike, *, false_pass: ArrayLike) -> np.ndarray:
    """Chance that the answer handed in is right, if the first of `k` tries that a checker passes is handed in.

    Each try is right with this `chance`; the checker passes every right one, and a wrong one with chance `false_pass`.
    As `k` grows the result ends at ``chance / (chance + (1 - chance) * false_pass)``. If no try passes, none is handed
    in.

    Parameters
    ----------
    k : array_like
        Tries at most, whole numbers of 1 or more; infinity for any number.
    chance, false_pass : array_like
        From 0 to 1. All three broadcast together.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.checked_accuracy([1, 10, 1000], 0.05, false_pass=0.05).round(3).tolist()
    [0.05, 0.329, 0.513]
    """
    try:
        endless = np.isposinf(np.asarray(k))
    except TypeError:
        endless = False  # no numbers, which is told below
    tries = np.where(endless, np.inf, whole("k", np.where(endless, 1.0, k) if np.any(endless) else k))
    chance, false_pass = probability("chance", chance), probability("false_pass", false_pass)
    arguments.together(k=tries, chance=chance, false_pass=false_pass)
    passes = chance + (1.0 - chance) * false_pass
    with np.errstate(divide="ignore", invalid="ignore"):
        ever = -np.expm1(tries * np.log1p(-passes))
        return np.where(passes > 0.0, chance / passes * np.where(passes > 0.0, ever, 0.0), 0.0)
