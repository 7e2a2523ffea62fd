"""A picture as SVG, the same letters that explorer.js writes in a page.

Two painters, for what either can do alone. The script draws in a page without a kernel, at every move; this one draws
where no script runs: on paper, in a notebook's output, in a kernel anywhere. A JavaScript engine in each of those in
its place would be a wheel of 22 MB (mini-racer) that can keep Python from ending; tests hold the two to one text.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scalinglib.explore.numbers import written
from scalinglib.explore.scales import SCALES
from scalinglib.explore.sentence import filled, raised

SHEET = Path(__file__).with_name("picture.css").read_text(encoding="utf-8")
SHEET = " ".join(re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL).split())
"""Colours and lines of all pictures, by class, on one line."""

SIDES = {
    "right": (9, 4, "start"),
    "left": (-9, 4, "end"),
    "above": (0, -10, "middle"),
    "below": (0, 18, "middle"),
    "middle": (0, 4, "middle"),
    "end": (-6, -8, "end"),
    "start": (6, -8, "start"),
}
"""How far from its place a text stands, in CSS pixels, and which of its ends."""


def paint(spec: dict, frame: list, position: Sequence[int], width: int = 720) -> str:
    """Draw one frame at a width in CSS pixels; below 640 as on a phone.

    Parameters
    ----------
    spec : dict
        `Scene.spec`.
    frame : list
        The content of every slot, as `Scene.fill` gives it.
    position : sequence of int
        The position of every control: a choice may change the axes.
    """
    return _Painter(spec, frame, position, width).svg()


def word(spec: dict, frame: list, name: str) -> str:
    """A number of the frame as it is written."""
    entry = spec["numbers"][name]
    return written(float(SCALES[entry["scale"]].plain(float(frame[entry["slot"]]))), entry["form"])


class _Box(NamedTuple):
    """A frame in the picture, CSS pixels."""

    x: float
    y: float
    w: float
    h: float

    def on(self, t, u):
        """Where in the picture a place of the frame is."""
        return self.x + t * self.w, self.y + (1 - u) * self.h


class _Painter:
    def __init__(self, spec, frame, position, width):
        self.spec, self.frame, self.width, self.few = spec, frame, width, width < 640
        choice = next((index for index, control in enumerate(spec["controls"]) if "options" in control), None)
        self.panels = spec["panels"][position[choice] if len(spec["panels"]) > 1 else 0]
        self.height, self.boxes = self._lay_out()
        self.above, self.taken = [], []

    def _lay_out(self):
        """The height of the picture, and the frame of each panel in it."""
        beside, panels, width, few = self.spec["layout"] == "beside", self.panels, self.width, self.few
        # In a still picture no even fraction of a side may fall between two tenths of a pixel: it would be rounded up
        # on one processor and down on another.
        right, odd = (20.0137, 0.0171) if "tall" in self.spec else (20, 0)
        left = self.spec.get("left", 44 if few else 56)
        one = (max(280, width * 0.75) if few else width * 0.5625) * self.spec.get("tall", (1, 1))[few]
        more = 1 if len(panels) < 2 or (beside and not few) else 0.85 * len(panels) if beside else 1.25
        height, boxes, first = math.floor(one * more + 0.5), [], 0.0
        for panel in panels:
            share = panel["height"] / math.fsum(panel["height"] for panel in panels)
            if beside and not few:
                boxes.append(_Box(left + first * width, 12, share * width - left - right, height - 58 - odd))
            else:
                low, top = (46 if panel["x_label"] else 16) + odd, (24 if few and panel["y"]["label"] else 12)
                boxes.append(_Box(left, first * height + top, width - left - right, share * height - top - low))
            first += share
        return height, boxes

    def svg(self) -> str:
        parts = []
        for index, (panel, box) in enumerate(zip(self.panels, self.boxes, strict=True)):
            inside = []
            for layer in self.spec["layers"]:
                if layer["panel"] == index and (layer["phone"] or not self.few):
                    xs, ys = (np.asarray(self.frame[layer[side]], dtype=float).tolist() for side in "xy")
                    draw = getattr(self, f"_{layer['kind']}")
                    draw(layer, xs, ys, self._text(layer["label"]) if "label" in layer else "", box, inside)
            place = f'x="{_f(box.x)}" y="{_f(box.y)}" width="{_f(box.w)}" height="{_f(box.h)}"'
            parts.append(f"{self._axes(panel, box)}<svg {place}>{''.join(inside)}</svg>")
        title = html.escape(self.spec["question"], quote=False).replace('"', "&quot;")
        return (
            f'<svg class="picture" viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{title}">'
            f"{''.join(parts)}{''.join(self.above)}</svg>"
        )

    def _axes(self, panel, box) -> str:
        x, y, w, h = box
        grid, kept = [], "few" if self.few else "ticks"
        for t, text in panel["x"][kept]:
            grid.append(_path("grid", f"M{_f(x + t * w)} {_f(y)}v{_f(h)}"))
            if panel["x_label"]:
                grid.append(_words("tick", x + t * w, y + h + 18, "middle", text))
        for t, text in panel["y"][kept]:
            grid.append(_path("grid", f"M{_f(x)} {_f(y + h - t * h)}h{_f(w)}"))
            grid.append(_words("tick", x - 8, y + h - t * h + 4, "end", text))
        grid.append(_path("axis", f"M{_f(x)} {_f(y)}V{_f(y + h)}H{_f(x + w)}"))
        across, upright = (", ".join(filter(None, [panel[s]["label"], panel[s]["unit"]])) for s in "xy")
        if panel["x_label"]:
            grid.append(_words("title", x + w / 2, y + h + 38, "middle", across))
        left = x - self.spec.get("left", 44 if self.few else 56)
        at = f'x="{_f(left + 8)}" y="{_f(y - 10)}"'
        if not self.few:
            at = f'transform="translate({_f(left + 13)} {_f(y + h / 2)})rotate(-90)" text-anchor="middle"'
        grid.append(f'<text class="title" {at}>{_drawn(upright)}</text>')
        return "".join(grid)

    def _text(self, slot) -> str:
        return filled(self.frame[slot], lambda name: word(self.spec, self.frame, name))

    def _label(self, text, px, py, anchor, role, box, bold=False):
        """A text kept inside its frame and off those that stand already."""
        x, y, w, h = box
        wide = _long(text)
        before = {"end": wide, "middle": wide / 2, "start": 0}[anchor]
        left = max(x + 3, min(px - before, x + w - wide - 1))
        line = max(y + 11, min(py, y + h - 5))
        for tried in (line + step for step in (0, -14, 14, -28, 28, -42, 42)):
            free = not any(left < end and left + wide > begin and abs(tried - t) < 13 for begin, end, t in self.taken)
            if free and y + 8 < tried < y + h:
                line = tried
                break
        self.taken.append((left, left + wide, line))
        self.above.append(_words(role + " bold" * bold, left + before, line, anchor, text))

    def _beside(self, text, px, py, side, role, box, bold=False):
        dx, dy, anchor = SIDES[side]
        self._label(text, px + dx, py + dy, anchor, role, box, bold)

    def _name(self, layer, text, xs, reach, box):
        """The words beside a line, at its last place in the frame or before."""
        share = 1 if layer["label_at"] is None else layer["label_at"]
        i = math.floor(share * (len(xs) - 1) + 0.5)
        while i > 0 and not (_fine(xs[i]) and _fine(reach[i])):
            i -= 1
        if text and _fine(xs[i]) and _fine(reach[i]):
            px, py = box.on(xs[i], reach[i])
            px -= 4 if layer["label_at"] is None else 0
            self._label(text, px, py - 9, "end" if xs[i] > 0.75 else "start", layer["role"], box)

    def _curve(self, layer, xs, ys, text, box, inside):
        more = " thin" * layer["thin"] + (" " + layer["dashed"] if layer["dashed"] else "")
        inside.append(_path(f"{layer['role']} line{more}", _line(xs, ys, box)))
        self._name(layer, text, xs, ys, box)

    def _band(self, layer, xs, ys, text, box, inside):
        high = np.asarray(self.frame[layer["high"]], dtype=float).tolist()
        good = [each for each in zip(xs, ys, high, strict=True) if math.isfinite(sum(each))]
        if good:
            x, low, top = (list(side) for side in zip(*good, strict=True))
            inside.append(_path(f"{layer['role']} band", f"{_line(x + x[::-1], low + top[::-1], box)}z"))
            inside.append(_path(f"{layer['role']} edge {layer['edge']}", _line(xs, ys, box) + _line(xs, high, box)))
            self._name(layer, text, xs, high, box)

    def _region(self, layer, xs, ys, text, box, inside):
        ends = [(0, 1) if math.isnan(sum(pair)) else sorted(pair) for pair in (xs, ys)]
        (left, right), (low, top) = ((max(0, first), min(1, last)) for first, last in ends)
        if right > left and top > low:
            css, (x, y) = f"{layer['role']} region{' hatch' * layer['hatch']}", box.on((left + right) / 2, top)
            inside.append(_rect(css, left * box.w, (1 - top) * box.h, (right - left) * box.w, (top - low) * box.h))
            if text:
                self._label(text, x, y + 16, "middle", "quiet", box)

    def _bars(self, layer, xs, ys, text, box, inside):
        x, y, w, h = box
        rows = self.panels[layer["panel"]]["y"]
        tall = layer["thickness"] * h / (rows["high"] - rows["low"])
        for i, high in enumerate(np.asarray(self.frame[layer["high"]], dtype=float).tolist()):
            if not math.isfinite(xs[i] + high):
                continue
            left, right, top = max(0, xs[i]) * w, min(1, high) * w, (1 - ys[i]) * h - tall / 2
            if right > left:
                inside.append(_rect(f"{layer['roles'][i]} bar", left, top, right - left, tall))
            words = self._text(layer["labels"][i]) if layer.get("labels") else ""
            middle = y + top + tall / 2 + 4
            if words and right - left > _long(words) + 8:
                self.above.append(_words("on-bar", x + (left + right) / 2, middle, "middle", words))
            elif words and left <= 1 and right < w - _long(words):
                self._label(words, x + max(right, 0) + 6, middle, "start", layer["roles"][i], box)
            elif words:
                self._label(words, x + (left + right) / 2, y + top - 5, "middle", layer["roles"][i], box)

    def _points(self, layer, xs, ys, text, box, inside):
        css, fade = f"{layer['role']} dot{' hollow' * layer['hollow']}", layer.get("fade")
        css += f' shaded" fill-opacity="{fade}' if fade else ""
        stems = self.frame[layer["stem"]] if layer.get("stem") is not None else None
        for i, (t, u) in enumerate(zip(xs, ys, strict=True)):
            if not (_fine(t) and _fine(u)):
                continue
            px, py = box.on(t, u)
            if stems is not None:
                foot = f"M{_f(t * box.w)} {_f((1 - float(stems[i])) * box.h)}"
                inside.append(_path(f"{layer['role']} line stem", f"{foot}V{_f((1 - u) * box.h)}"))
            self.above.append(_marker(layer["shape"], px, py, layer["size"], css))
            words = self._text(layer["labels"][i]) if layer.get("labels") else text if i == len(xs) - 1 else ""
            if words:
                self._beside(words, px, py, layer["side"], layer["role"], box)

    def _mark(self, layer, xs, ys, text, box, inside):
        if _fine(xs[0]) and _fine(ys[0]) and text:
            self._beside(text, *box.on(xs[0], ys[0]), layer["side"], layer["role"], box, layer["bold"])


def _path(css, d) -> str:
    return f'<path class="{css}" d="{d}"/>'


def _rect(css, x, y, wide, tall) -> str:
    return f'<rect class="{css}" x="{_f(x)}" y="{_f(y)}" width="{_f(wide)}" height="{_f(tall)}"/>'


def _words(css, x, y, anchor, text) -> str:
    return f'<text class="{css}" x="{_f(x)}" y="{_f(y)}" text-anchor="{anchor}">{_drawn(text)}</text>'


def _marker(kind, px, py, size, css) -> str:
    if kind == "circle":
        return f'<circle class="{css}" cx="{_f(px)}" cy="{_f(py)}" r="{_js(size)}"/>'
    at, r = f"M{_f(px)} {_f(py)}m", 1.3 * size
    back, twice, less = (_js(length) for length in (-size, 2 * size, -2 * size))
    if kind == "cross":
        return _path(f"{css} cross", f"{at}{back} {back}l{twice} {twice}m0 {less}l{less} {twice}")
    if kind == "square":
        return _path(css, f"{at}{back} {back}h{twice}v{twice}h{less}z")
    return _path(css, f"{at}0 {_js(-r)}l{_js(r)} {_js(r)}l{_js(-r)} {_js(r)}l{_js(-r)} {_js(-r)}z")


def _line(xs, ys, box) -> str:
    pieces, pen = [], "M"
    for x, y in zip(xs, ys, strict=True):
        px, py = x * box.w, (1 - y) * box.h
        if math.isfinite(px + py):
            pieces.append(f"{pen}{_f(max(-1e5, min(1e5, px)))} {_f(max(-1e5, min(1e5, py)))}")
            pen = "L"
        else:
            pen = "M"
    return "".join(pieces)


def _fine(t) -> bool:
    return -0.01 < t < 1.01


def _f(value: float) -> str:
    """One decimal, halves upward; what is a half but for a machine's last digits is one."""
    tenths = math.floor(math.floor(1e6 * value + 0.5) / 1e5 + 0.5)
    return f"{tenths / 10:.1f}"


def _js(value: float) -> str:
    """A number as JavaScript writes it."""
    return repr(int(value)) if value == int(value) else repr(float(value))


def _long(text: str) -> float:
    return len(text.replace("^", "")) * 6.7


def _drawn(text: str) -> str:
    return raised(text, '<tspan dy="-5" font-size="9">\\1</tspan><tspan dy="5">\u200b</tspan>')
