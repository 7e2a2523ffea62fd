"""The page's data: every slot of a live figure over the stops of the controls it depends on."""

from __future__ import annotations

import math

import numpy as np

from scalinglib.explore.coding import encoded, vlq
from scalinglib.explore.numbers import resolution
from scalinglib.explore.scales import SCALES
from scalinglib.explore.scene import Scene

STEP = 1 / 4096
"""Places are kept to a tenth of a pixel of the tallest frame."""


def tabulated(scene: Scene) -> list:
    """Evaluate the function over its grid and encode every slot.

    Returns
    -------
    list
        One entry a slot: a string for words that never change, else a dict with ``on`` (places of the
        controls) and what `coding.encoded` gives, or the words and which of them stands where.

    Raises
    ------
    ValueError
        When a layer has another number of points at another setting.
    """
    counts = [len(control.computed) for control in scene.controls.values()]
    frames = [scene.fill(scene.picture(position)) for position in scene.positions()]
    return [
        _entry(slot, contents, counts) for slot, contents in zip(scene.slots, zip(*frames, strict=True), strict=True)
    ]


def _entry(slot, contents, counts):
    if slot.kind == "text":
        words = list(dict.fromkeys(contents))
        if len(words) == 1:
            return words[0]
        on, which = _reduced(np.array([words.index(text) for text in contents]).reshape(counts))
        return {"on": on, "n": list(which.shape), "words": words, "s": vlq(which.ravel())}
    lengths = {np.size(content) for content in contents}
    if len(lengths) > 1:
        raise ValueError(
            f"{slot.name}: {min(lengths)} to {max(lengths)} points, by setting; pad with NaN to one number"
        )
    on, values = _reduced(np.array(contents, dtype=float).reshape(*counts, lengths.pop()), along=1)
    return {"on": on, **encoded(values, STEP if slot.kind == "array" else _quantum(slot, values))}


def _reduced(values, along=0):
    """The controls along which something changes, and the values along these; the last `along` directions stay."""
    on = list(range(values.ndim - along))
    for direction in reversed(on):
        first = values.take([0], axis=direction)
        if np.array_equal(np.broadcast_to(first, values.shape), values, equal_nan=values.dtype.kind == "f"):
            values, on = first.squeeze(axis=direction), [place for place in on if place != direction]
    return on, values


def _quantum(slot, values) -> float:
    """A sixteenth of the last printed digit, on the scale on which the number is stored."""
    stored, scale = values[np.isfinite(values)], SCALES[slot.scale]
    if not stored.size:
        return 1.0
    units, steep = np.array([resolution(value, slot.form) for value in scale.plain(stored)]), scale.slope(stored)
    fine = units[(units > 0) & (steep > 0)] / steep[(units > 0) & (steep > 0)]
    smallest = float(fine.min()) if fine.size else 1.0
    # A power of two, so that a last digit of the slope cannot move it.
    return max(
        2.0 ** math.floor(math.log2(smallest / 16)),
        2.0 ** math.floor(math.log2(max(np.abs(stored).max(), 1e-9))) * 2.0**-44,
    )
