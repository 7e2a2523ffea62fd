"""The page's data: every slot of a live figure over the stops of the controls it depends on."""

from __future__ import annotations

import math

import numpy as np

from scalinglib.explore.coding import encoded, vlq
from scalinglib.explore.controls import Slider
from scalinglib.explore.numbers import resolution
from scalinglib.explore.scene import Scene

__all__ = ["tabulated"]

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
    contents: dict[str, list] = {slot.name: [] for slot in scene.slots}
    seen: dict[tuple[int, ...], dict] = {}
    for on in dict.fromkeys(slot.on for slot in scene.slots):
        slots = [slot for slot in scene.slots if slot.on == on]
        for position in scene.positions(on):
            picture = seen.get(position) or seen.setdefault(position, scene.picture(position))
            for slot in slots:
                contents[slot.name].append(scene.content(slot, picture))
    return [_entry(scene, slot, contents[slot.name]) for slot in scene.slots]


def _entry(scene, slot, contents):
    names = list(scene.controls)
    counts = [
        len(control.stops) if isinstance(control, Slider) else control.last + 1
        for name, control in scene.controls.items()
        if name in slot.on
    ]
    on = [names.index(name) for name in slot.on]
    if slot.kind == "text":
        words = list(dict.fromkeys(contents))
        if len(words) == 1:
            return words[0]
        return {"on": on, "n": counts, "words": words, "s": vlq(np.array([words.index(text) for text in contents]))}
    lengths = {np.size(content) for content in contents}
    if len(lengths) > 1:
        raise ValueError(
            f"{slot.name}: {min(lengths)} to {max(lengths)} points, by setting; pad with NaN to one number"
        )
    values = np.array(contents, dtype=float).reshape(*counts, lengths.pop())
    on, values = _reduced(on, values)
    quantum = STEP if slot.kind == "array" else _quantum(slot, values)
    return {"on": on, **encoded(values, quantum)}


def _reduced(on, values):
    """Leave out controls along which nothing changes after all."""
    for direction in reversed(range(len(on))):
        first = values.take([0], axis=direction)
        if np.array_equal(np.broadcast_to(first, values.shape), values, equal_nan=True):
            values, on = first.squeeze(axis=direction), [place for index, place in enumerate(on) if index != direction]
    return on, values


def _quantum(slot, values) -> float:
    """A sixteenth of the last printed digit, on the scale on which the number is stored."""
    stored = values[np.isfinite(values)]
    if not stored.size:
        return 1.0
    plain = {
        "linear": lambda t: t,
        "log": np.exp,
        "loglog": lambda t: np.exp(np.exp(t)),
        "root": lambda t: np.exp(t * t),
    }[slot.scale]
    slope = {
        "linear": np.ones_like,
        "log": np.exp,
        "loglog": lambda t: np.exp(np.exp(t) + t),
        "root": lambda t: 2 * t * np.exp(t * t),
    }[slot.scale]
    units = np.array([resolution(value, slot.form) for value in plain(stored)])
    steep = slope(stored)
    fine = units[(units > 0) & (steep > 0)] / steep[(units > 0) & (steep > 0)]
    smallest = float(fine.min()) if fine.size else 1.0
    # A power of two, so that a last digit of the slope cannot move it.
    return max(
        2.0 ** math.floor(math.log2(smallest / 16)),
        2.0 ** math.floor(math.log2(max(np.abs(stored).max(), 1e-9))) * 2.0**-44,
    )
