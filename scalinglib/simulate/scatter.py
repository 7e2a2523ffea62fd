"""Scatter that is a pattern: the same numbers on every machine, exactly symmetric, and no sample."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np


def fixed_scatter(count: int) -> np.ndarray:
    """Normal quantiles in a fixed shuffled order.

    Parameters
    ----------
    count : int
        How many, no multiple of 7: the order goes in steps of seven.

    Returns
    -------
    numpy.ndarray, shape (count,)
        Their sum is zero and their spread a little below 1.

    Raises
    ------
    ValueError
        If `count` is below 1 or a multiple of 7.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.simulate.fixed_scatter(4).round(3).tolist()
    [-1.15, 1.15, 0.319, -0.319]
    """
    if count < 1 or count % 7 == 0:
        raise ValueError(f"count: must be a whole number above 0 and no multiple of 7, got {count}")
    return np.array([NormalDist().inv_cdf((7 * i % count + 0.5) / count) for i in range(count)])
