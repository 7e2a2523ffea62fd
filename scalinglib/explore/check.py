"""How far the page's picture is from the function, at random settings between the stops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.explore.coding import decoded
from scalinglib.explore.grid import tabulated
from scalinglib.explore.numbers import SCALES, resolution
from scalinglib.explore.scene import Scene

if TYPE_CHECKING:
    from scalinglib.explore.widget import LiveFigure

PIXELS = {"x": 720, "y": 405, "high": 405, "stem": 405}
"""The drawn size of a frame, in CSS pixels; a frame is never larger."""


@dataclass(frozen=True, kw_only=True)
class GridErrors:
    """The worst differences between page and function.

    Attributes
    ----------
    pixels : dict of str to float
        By array of a layer: the largest distance within the frame, in CSS pixels.
    digits : dict of str to float
        By number: the largest difference, in units of the last printed digit.
    words : dict of str to int
        By text: at how many settings another text stands.
    settings : int
        How many were tried.
    """

    pixels: dict
    digits: dict
    words: dict
    settings: int

    @property
    def passed(self) -> bool:
        """Whether every picture is right to less than a pixel, every number to its last digit, and every text."""
        sharp = all(value < 1 for value in (*self.pixels.values(), *self.digits.values()))
        return sharp and not any(self.words.values())

    def report(self) -> str:
        """A line for each slot, the worst first."""
        rows = [(value, f"{name:40s} {value:8.3f} px") for name, value in self.pixels.items()]
        rows += [(value, f"{name:40s} {value:8.3f} of the last digit") for name, value in self.digits.items()]
        rows += [(value, f"{name:40s} {value:8d} settings with another text") for name, value in self.words.items()]
        lines = [line for _, line in sorted(rows, key=lambda row: -row[0])]
        verdict = "all within" if self.passed else "NOT within"
        return "\n".join([f"{self.settings} random settings: {verdict} a pixel and a digit", *lines])


def errors(live: LiveFigure, settings: int = 1000, seed: int = 0, *, read: Callable | None = None) -> GridErrors:
    """Compare a live figure's data with its function at random settings.

    Parameters
    ----------
    live : LiveFigure
    settings : int
        How many random positions of the controls.
    seed : int
        Of the positions.
    read : callable, optional
        Another reader of the page's data than ours: takes a list of positions, returns what it finds in every slot at
        each.
    """
    scene: Scene = live.scene
    generator = np.random.default_rng(seed)
    pixels, digits, words = {}, {}, {}
    last = [control.last for control in scene.controls.values()]
    positions = [tuple(int(generator.integers(end + 1)) for end in last) for _ in range(settings)]
    for position, found in zip(positions, read(positions) if read else _read(scene, positions), strict=True):
        exact = scene.fill(scene.picture(position))
        for slot, got, wanted in zip(scene.slots, found, exact, strict=True):
            field = slot.name.split(".")[2]
            if slot.kind == "text":
                words[slot.name] = words.get(slot.name, 0) + (got != wanted)
            elif slot.kind == "number":
                digits[slot.name] = max(digits.get(slot.name, 0.0), _digit_error(slot, float(got[0]), wanted))
            else:
                pixels[slot.name] = max(
                    pixels.get(slot.name, 0.0),
                    _pixel_error(np.asarray(got, dtype=float), np.atleast_1d(wanted), PIXELS[field]),
                )
    return GridErrors(pixels=pixels, digits=digits, words=words, settings=settings)


def _read(scene, positions):
    table = [_opened(entry) for entry in tabulated(scene)]
    return ([interpolated(scene, entry, position) for entry in table] for position in positions)


def interpolated(scene: Scene, entry, position):
    """What the page shows for one slot of `grid.tabulated` at a position."""
    if isinstance(entry, str):
        return entry
    values = entry["values"] if "values" in entry else _opened(entry)["values"]
    steps = [control.between for control in scene.controls.values()]
    places = [divmod(position[index], steps[index]) for index in entry["on"]]
    if "words" in entry:
        nearest = tuple(
            whole + math.floor(part / steps[index] + 0.5)
            for (whole, part), index in zip(places, entry["on"], strict=True)
        )
        return entry["words"][int(values[nearest])]
    total = 0.0
    for corner in itertools.product((0, 1), repeat=len(places)):
        weight, at = 1.0, []
        for side, (whole, part), index in zip(corner, places, entry["on"], strict=True):
            share = part / steps[index]
            weight *= share if side else 1 - share
            at.append(whole + side)
        if weight:
            total = total + weight * values[tuple(at)]
    return np.atleast_1d(total)


def _opened(entry):
    if isinstance(entry, str):
        return entry
    if "words" in entry:
        code = {"n": entry["n"], "k": [0] * len(entry["n"]), "q": 1.0, "s": entry["s"]}
        return {**entry, "values": np.rint(decoded(code) + 0.29).astype(int)}
    return {**entry, "values": decoded(entry)}


def _digit_error(slot, got: float, wanted: float) -> float:
    if math.isnan(got) or math.isnan(wanted):
        return 0.0 if math.isnan(got) and math.isnan(wanted) else math.inf
    plain = SCALES[slot.scale].plain
    unit = resolution(plain(wanted), slot.form)
    return abs(plain(got) - plain(wanted)) / unit if unit else 0.0


def _pixel_error(got, wanted, size: int) -> float:
    inside = (wanted > -0.05) & (wanted < 1.05)
    if (np.isfinite(got) != np.isfinite(wanted))[inside | ~np.isfinite(wanted)].any():
        return math.inf
    return float(np.abs(got - wanted)[inside].max(initial=0.0) * size)
