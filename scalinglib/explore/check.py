"""How far the page's picture is from the function, at random settings between the stops."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.explore.numbers import resolution
from scalinglib.explore.scales import SCALES

if TYPE_CHECKING:
    from scalinglib.explore.widget import LiveFigure

SCRIPT = Path(__file__).with_name("explorer.js")
PROGRAMS = SCRIPT.parent / "figures"
"""Where the scripts of figures stand that compute in the page."""

PIXELS = {"x": 720, "y": 405, "high": 405, "stem": 405}
"""The drawn size of a frame, in CSS pixels; a frame is never larger."""


class PageScript:
    """The script of a page with the data of one figure, in a JavaScript engine; a context that closes it.

    Parameters
    ----------
    page : str
        A figure's HTML.

    Raises
    ------
    ModuleNotFoundError
        Where there is no engine; it says which package brings one.
    """

    def __init__(self, page: str):
        try:
            from py_mini_racer import MiniRacer
        except ModuleNotFoundError:
            raise ModuleNotFoundError("the page's script runs in a JavaScript engine: pip install mini-racer") from None
        data = page.split('class="explorer-data">')[1].split("</script>")[0]
        self._racer = MiniRacer()
        self._racer.eval(SCRIPT.read_text(encoding="utf-8").replace("export default explorer;", ""))
        for program in sorted(PROGRAMS.glob("*.js")):
            self._racer.eval(program.read_text(encoding="utf-8"))
        self._racer.eval(f"var {{ spec, slots }} = {data};")

    def __enter__(self) -> PageScript:
        return self

    def __exit__(self, *_):
        # Left open, its thread can keep Python from ending.
        self._racer.close()

    def value(self, code: str) -> object:
        """What an expression of the script gives, by way of JSON."""
        return json.loads(self._racer.eval(f"JSON.stringify({code})"))

    def frames(self, positions: list) -> list:
        """What the page shows in every slot at each position: texts, and arrays of float."""
        places = json.dumps([list(position) for position in positions])
        read = "explorer.frameAt(spec, slots, position).map((v) => typeof v === 'string' ? v : Array.from(v))"
        return [
            [content if isinstance(content, str) else np.array(content, dtype=float) for content in frame]
            for frame in self.value(f"{places}.map((position) => {read})")
        ]


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
        units = ((self.pixels, "px"), (self.digits, "of the last digit"), (self.words, "settings with another text"))
        rows = [(worst, name, unit) for found, unit in units for name, worst in found.items()]
        lines = [f"{name:40s} {worst:8.3f} {unit}" for worst, name, unit in sorted(rows, reverse=True)]
        verdict = "all within" if self.passed else "NOT within"
        return "\n".join([f"{self.settings} random settings: {verdict} a pixel and a digit", *lines])


def errors(live: LiveFigure, settings: int = 1000, seed: int = 0) -> GridErrors:
    """Compare what the page's script makes of a live figure's data with its function, at random settings.

    Parameters
    ----------
    live : LiveFigure
    settings : int
        How many random positions of the controls.
    seed : int
        Of the positions.
    """
    scene, generator = live.scene, np.random.default_rng(seed)
    controls = scene.controls.values()
    positions = [tuple(control.anywhere(generator) for control in controls) for _ in range(settings)]
    with PageScript(live.html()) as script:
        shown = script.frames(positions)
    worst = {"array": {}, "number": {}, "text": {}}
    for position, found in zip(positions, shown, strict=True):
        exact = scene.fill(scene.picture(position))
        for slot, got, wanted in zip(scene.slots, found, exact, strict=True):
            so_far = worst[slot.kind].get(slot.name, 0)
            if slot.kind == "text":
                worst["text"][slot.name] = so_far + (got != wanted)
            elif slot.kind == "number":
                worst["number"][slot.name] = max(so_far, _digit_error(slot, float(got[0]), wanted))
            else:
                size = PIXELS[slot.name.rpartition(".")[2]]
                worst["array"][slot.name] = max(so_far, _pixel_error(got, np.atleast_1d(wanted), size))
    return GridErrors(pixels=worst["array"], digits=worst["number"], words=worst["text"], settings=settings)


def _digit_error(slot, got: float, wanted: float) -> float:
    if math.isnan(got) or math.isnan(wanted):
        return 0.0 if math.isnan(got) and math.isnan(wanted) else math.inf
    plain = SCALES[slot.scale].plain
    unit = resolution(float(plain(wanted)), slot.form)
    return float(abs(plain(got) - plain(wanted)) / unit) if unit else 0.0


def _pixel_error(got, wanted, size: int) -> float:
    inside = (wanted > -0.05) & (wanted < 1.05)
    if (np.isfinite(got) != np.isfinite(wanted))[inside | ~np.isfinite(wanted)].any():
        return math.inf
    return float(np.abs(got - wanted)[inside].max(initial=0.0) * size)
