"""Scales: how a quantity is bent before it is drawn, stored or spaced; explorer.js has them under the same names."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Scale(NamedTuple):
    """`bend` takes a quantity to where steps are even, `plain` takes it back, and `slope` is that of `plain`."""

    bend: Callable
    plain: Callable
    slope: Callable


def _log(v):
    return np.log(np.where(np.greater(v, 0.0), v, np.nan))


SCALES = {
    "linear": Scale(np.asarray, np.asarray, np.ones_like),
    "log": Scale(_log, np.exp, np.exp),
    "symlog": Scale(
        lambda v: np.sign(v) * np.log1p(np.abs(v)),
        lambda t: np.sign(t) * np.expm1(np.abs(t)),
        lambda t: np.exp(np.abs(t)),
    ),
    "loglog": Scale(lambda v: _log(_log(v)), lambda t: np.exp(np.exp(t)), lambda t: np.exp(np.exp(t) + t)),
    "root": Scale(
        lambda v: np.sqrt(np.maximum(0.0, _log(v))), lambda t: np.exp(t * t), lambda t: 2.0 * t * np.exp(t * t)
    ),
}
"""Itself; its logarithm; linear near zero and logarithmic beyond 1 on both sides; the logarithm of the logarithm
(above 1); the root of the logarithm (from 1 up, with a minimum of 1).
"""


def blend(scale: str, low: float, high: float, share: float) -> float:
    """The value that lies `share` of the way from `low` to `high`, on a scale.

    Examples
    --------
    >>> round(blend("log", 1.0, 100.0, 0.5), 12)
    10.0
    """
    bend, plain, _ = SCALES[scale]
    first, last = bend(low), bend(high)
    return float(plain(first + (last - first) * share)) if share else float(low)
