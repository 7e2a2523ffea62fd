"""Numbers of a page in few letters: whole steps, differences along every direction, five bits a letter."""

from __future__ import annotations

import numpy as np

OFFSET = 0.29
"""Added before rounding: places that fall on even fractions would else round up on one processor
and down on another.
"""

LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8)
MOST_DIFFERENCES = 3
GAIN = 0.98


def encoded(values: np.ndarray, quantum: float) -> dict:
    """An array of numbers, NaN where there is none, to half a quantum.

    Parameters
    ----------
    values : array of float, any shape
        The last direction is along a curve; the others are the stops of sliders.
    quantum : float
        The step to which values are rounded.

    Returns
    -------
    dict
        ``n`` shape, ``k`` differences taken along each direction, ``q`` quantum, ``s`` letters, and ``m``,
        the same for a mask, where something is missing.

    Examples
    --------
    >>> encoded(np.array([0.2, 0.5, 1.0, np.nan]), 0.1)["s"]
    'EKUU'
    """
    values = np.asarray(values, dtype=float)
    holes = ~np.isfinite(values)
    whole = np.rint(_filled(values, holes) / quantum + OFFSET).astype(np.int64)
    code = _differenced(whole)
    code["q"] = quantum
    if holes.any():
        code["m"] = _differenced(holes.astype(np.int64))
    return code


def vlq(numbers: np.ndarray) -> str:
    """Whole numbers as letters: sign in the lowest bit, five bits a letter, the sixth says that more follow."""
    numbers = np.asarray(numbers, dtype=np.int64).ravel()
    left = np.where(numbers < 0, (-numbers << 1) | 1, numbers << 1)
    pieces, place, owner = [], [], np.arange(len(left))
    order = 0
    while len(left):
        rest = left >> 5
        pieces.append((left & 31) | np.where(rest > 0, 32, 0))
        place.append(owner * 16 + order)
        keep = rest > 0
        left, owner, order = rest[keep], owner[keep], order + 1
    if not pieces:
        return ""
    sequence = np.argsort(np.concatenate(place), kind="stable")
    return LETTERS[np.concatenate(pieces)[sequence]].tobytes().decode("ascii")


def _filled(values, holes):
    """Holes take the value before them, so that differences stay small."""
    if not holes.any():
        return values
    flat = values.reshape(-1)
    places = np.where(holes.reshape(-1), 0, np.arange(flat.size))
    np.maximum.accumulate(places, out=places)
    filled = flat[places]
    return np.where(np.isfinite(filled), filled, 0.0).reshape(values.shape)


def _differenced(whole) -> dict:
    orders = [0] * whole.ndim
    best, cost = whole, _bits(whole)
    for direction in reversed(range(whole.ndim)):
        for order in range(1, MOST_DIFFERENCES + 1):
            tried = np.diff(best, axis=direction, prepend=np.zeros_like(best.take([0], axis=direction)))
            bits = _bits(tried)
            if bits >= GAIN * cost:
                break
            best, cost, orders[direction] = tried, bits, order
    return {"n": list(whole.shape), "k": orders, "s": vlq(best)}


def _bits(whole) -> float:
    """What the numbers would cost an ideal coder, counting how often each occurs."""
    counts = np.unique(whole, return_counts=True)[1]
    return float(-(counts * np.log2(counts / whole.size)).sum()) + 4.0 * counts.size
