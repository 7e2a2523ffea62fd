"""Precision: parameters of few bits as fewer parameters, and the bits that cost least."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["cheapest_bits", "effective_share", "relative_cost"]

_FULL = 16.0
_FEWEST, _MOST = 0.05, 64.0
_FAR = 20.0  # sensitivities, beyond which nothing is left to win
_COARSE = 2001


def effective_share(bits: ArrayLike, *, sensitivity: ArrayLike = (2.6745, 2.2102, 0.9578)) -> float | np.ndarray:
    """Effective parameters over parameters when a model is trained in so many bits.

    The product over its parts (weights, activations, keys and values) of ``1 - exp(-bits / sensitivity)``.

    Parameters
    ----------
    bits : array_like
        Above zero, any shape; the same for all parts.
    sensitivity : array_like
        One number a part, in bits. The default is Kumar et al. 2024 (arXiv 2411.04330), table 2, whose
        offsets are left out here as they are in the paper's equations.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.limits.effective_share([4, 8], sensitivity=2.6745).round(3).tolist()
    [0.776, 0.95]
    """
    bits = arguments.real("bits", bits, positive=True)
    parts = np.atleast_1d(arguments.real("sensitivity", sensitivity, positive=True))
    with np.errstate(over="ignore"):  # bits far above the sensitivity: the share is 1
        share = np.prod(-np.expm1(-bits[..., None] / parts), axis=-1)
    return share if share.ndim else float(share)


def relative_cost(
    bits: ArrayLike, *, sensitivity: ArrayLike = (2.6745, 2.2102, 0.9578), fixed: float = 0.0
) -> float | np.ndarray:
    """Training cost of the same loss in so many bits, over that in 16.

    With as many effective parameters and tokens, parameters are larger by one over `effective_share`, and a token costs
    ``fixed + (1 - fixed) * bits / 16`` of what it costs in 16 bits.

    Parameters
    ----------
    bits, sensitivity
        As in `effective_share`.
    fixed : float, default 0
        Share of the cost in 16 bits that fewer bits do not lower, 0 up to 1.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.limits.relative_cost([4, 8, 16]).round(2).tolist()
    [0.39, 0.54, 1.0]
    """
    fixed = arguments.scalar("fixed", fixed)
    arguments.refuse("fixed", np.asarray(fixed), not 0.0 <= fixed < 1.0, "from 0 to below 1")
    share = effective_share(bits, sensitivity=sensitivity)
    cost = (fixed + (1.0 - fixed) * np.asarray(bits, float) / _FULL) / share
    return cost * effective_share(_FULL, sensitivity=sensitivity)


def cheapest_bits(*, sensitivity: ArrayLike = (2.6745, 2.2102, 0.9578), fixed: float = 0.0) -> float:
    """The bits at which `relative_cost` is least; it depends on neither compute nor the exponents of the loss.

    With k parts of one sensitivity and a cost in proportion to bits it is x times the sensitivity, where ``exp(x) - 1 =
    k x``; with a single part there is no least cost above zero bits, and the answer is the least that is tried, 0.05.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.limits.cheapest_bits(sensitivity=[2, 2, 2]) / 2, 3)
    1.904
    """
    largest = np.max(arguments.real("sensitivity", sensitivity, positive=True))
    low, high = np.log(_FEWEST), np.log(max(_MOST, _FAR * largest))
    for _ in range(4):
        tried = np.linspace(low, high, _COARSE)
        lowest = int(np.argmin(relative_cost(np.exp(tried), sensitivity=sensitivity, fixed=fixed)))
        low, high = tried[max(lowest - 1, 0)], tried[min(lowest + 1, _COARSE - 1)]
    return float(np.exp(tried[lowest]))
