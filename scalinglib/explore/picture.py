"""The default picture of a live figure as SVG, the same letters that explorer.js writes in a page.

A page shows it to readers without a script and on paper; tests hold the two programs to one text.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from scalinglib.explore.numbers import SCALES, written

_RAISED = re.compile("\\^([\N{MINUS SIGN}-]?\\d+(?:\\.\\d+)?)")
_NAMED = re.compile(r"(\*?)\{(\w+)\}\*?")
SIDES = {
    "right": (9, 4, "start"),
    "left": (-9, 4, "end"),
    "above": (0, -10, "middle"),
    "below": (0, 18, "middle"),
    "middle": (0, 4, "middle"),
    "end": (-6, -8, "end"),
    "start": (6, -8, "start"),
}


def paint(spec: dict, frame: list, position, width: int = 720) -> str:
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


def filled(spec: dict, frame: list, text: str) -> str:
    """A template with its numbers written in."""

    def word(found):
        entry = spec["numbers"][found[2]]
        return written(SCALES[entry["scale"]].plain(float(frame[entry["slot"]])), entry["form"])

    return _NAMED.sub(word, text)


class _Painter:
    def __init__(self, spec, frame, position, width):
        self.spec, self.frame, self.width, self.few = spec, frame, width, width < 640
        choice = next((index for index, control in enumerate(spec["controls"]) if "options" in control), None)
        self.panels = spec["panels"][position[choice] if len(spec["panels"]) > 1 else 0]
        self.above, self.taken = [], []
        self._lay_out()

    def _lay_out(self):
        """Width and height of the picture, and the frame of each panel in it."""
        spec, panels, width, few = self.spec, self.panels, self.width, self.few
        side = spec["layout"] == "beside" and not few
        left, right = (44 if few else 56), 20
        one = max(280, width * 0.75) if few else width * 0.5625
        total = math.fsum(panel["height"] for panel in panels)
        tall = one if len(panels) < 2 or side else one * 1.7 if spec["layout"] == "beside" else one * 1.25
        self.height, self.frames, start = math.floor(tall + 0.5), [], 0.0
        for panel in panels:
            share, first = panel["height"] / total, start
            start += share
            if side:
                self.frames.append((left + first * width, 12, share * width - left - right, self.height - 58))
                continue
            low, top = (46 if panel["x_label"] else 16), (24 if few and panel["y"]["label"] else 12)
            self.frames.append((left, first * self.height + top, width - left - right, share * self.height - top - low))

    def svg(self) -> str:
        parts = []
        for index, panel in enumerate(self.panels):
            grid, inside = self._axes(panel, *self.frames[index]), []
            for layer in self.spec["layers"]:
                if layer["panel"] == index and not (self.few and not layer["phone"]):
                    self._layer(layer, self.frames[index], inside)
            x, y, w, h = self.frames[index]
            parts.append(f'{grid}<svg x="{_f(x)}" y="{_f(y)}" width="{_f(w)}" height="{_f(h)}">{"".join(inside)}</svg>')
        title = _safe(self.spec["question"]).replace('"', "&quot;")
        return (
            f'<svg class="picture" viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{title}">'
            f"{''.join(parts)}{''.join(self.above)}</svg>"
        )

    def _axes(self, panel, x, y, w, h) -> str:
        grid, few = [], "few" if self.few else "ticks"
        for t, text in panel["x"][few]:
            grid.append(_path("grid", f"M{_f(x + t * w)} {_f(y)}v{_f(h)}"))
            if panel["x_label"]:
                grid.append(_words("tick", x + t * w, y + h + 18, "middle", text))
        for t, text in panel["y"][few]:
            grid.append(_path("grid", f"M{_f(x)} {_f(y + h - t * h)}h{_f(w)}"))
            grid.append(_words("tick", x - 8, y + h - t * h + 4, "end", text))
        grid.append(_path("axis", f"M{_f(x)} {_f(y)}V{_f(y + h)}H{_f(x + w)}"))
        titles = {side: ", ".join(filter(None, [panel[side]["label"], panel[side]["unit"]])) for side in "xy"}
        if panel["x_label"]:
            grid.append(_words("title", x + w / 2, y + h + 38, "middle", titles["x"]))
        title = _drawn(titles["y"])
        if self.few:
            grid.append(f'<text class="title" x="{_f(x - 36)}" y="{_f(y - 10)}">{title}</text>')
        else:
            turned = f"translate({_f(x - 43)} {_f(y + h / 2)})rotate(-90)"
            grid.append(f'<text class="title" transform="{turned}" text-anchor="middle">{title}</text>')
        return "".join(grid)

    def _label(self, text, px, py, anchor, role, at, bold=False):
        """A text kept inside its frame and off those that stand already."""
        x, y, w, h = at
        wide = _long(text)
        left = px - wide if anchor == "end" else px - wide / 2 if anchor == "middle" else px
        left = max(x + 3, min(left, x + w - wide - 1))
        line = max(y + 11, min(py, y + h - 5))
        for step in (0, -14, 14, -28, 28, -42, 42):
            tried = line + step
            free = not any(left < end and left + wide > begin and abs(tried - t) < 13 for begin, end, t in self.taken)
            if free and y + 8 < tried < y + h:
                line = tried
                break
        self.taken.append((left, left + wide, line))
        out = left + wide if anchor == "end" else left + wide / 2 if anchor == "middle" else left
        self.above.append(_words(role + " bold" * bold, out, line, anchor, text))

    def _beside(self, text, px, py, side, role, at, bold=False):
        dx, dy, anchor = SIDES[side]
        self._label(text, px + dx, py + dy, anchor, role, at, bold)

    def _text(self, slot) -> str:
        return filled(self.spec, self.frame, self.frame[slot])

    def _layer(self, layer, at, inside):
        draw = getattr(self, f"_{layer['kind']}")
        xs, ys = [[float(value) for value in self.frame[layer[side]]] for side in "xy"]
        draw(layer, xs, ys, self._text(layer["label"]) if "label" in layer else "", at, inside)

    def _name(self, layer, text, xs, reach, at):
        if not text:
            return
        x, y, w, h = at
        share = layer["label_at"]
        i = math.floor((1 if share is None else share) * (len(xs) - 1) + 0.5)
        while i > 0 and not (_fine(xs[i]) and _fine(reach[i])):
            i -= 1
        if _fine(xs[i]) and _fine(reach[i]):
            self._label(
                text,
                x + xs[i] * w - (4 if share is None else 0),
                y + (1 - reach[i]) * h - 9,
                "end" if xs[i] > 0.75 else "start",
                layer["role"],
                at,
            )

    def _curve(self, layer, xs, ys, text, at, inside):
        more = (" thin" if layer["thin"] else "") + (" " + layer["dashed"] if layer["dashed"] else "")
        inside.append(_path(f"{layer['role']} line{more}", _line(xs, ys, at)))
        self._name(layer, text, xs, ys, at)

    def _band(self, layer, xs, ys, text, at, inside):
        high = [float(value) for value in self.frame[layer["high"]]]
        good = [i for i in range(len(xs)) if math.isfinite(xs[i] + ys[i] + high[i])]
        if not good:
            return
        back = good[::-1]
        outline = _line([xs[i] for i in good + back], [ys[i] for i in good] + [high[i] for i in back], at)
        inside.append(_path(f"{layer['role']} band", f"{outline}z"))
        inside.append(_path(f"{layer['role']} edge {layer['edge']}", _line(xs, ys, at) + _line(xs, high, at)))
        self._name(layer, text, xs, high, at)

    def _region(self, layer, xs, ys, text, at, inside):
        x, y, w, h = at
        x0, x1 = (0, 1) if math.isnan(xs[0] + xs[1]) else xs
        y0, y1 = (0, 1) if math.isnan(ys[0] + ys[1]) else ys
        left, right, top, low = max(0, min(x0, x1)), min(1, max(x0, x1)), min(1, max(y0, y1)), max(0, min(y0, y1))
        if right > left and top > low:
            css = f"{layer['role']} region{' hatch' if layer['hatch'] else ''}"
            inside.append(_box(css, left * w, (1 - top) * h, (right - left) * w, (top - low) * h))
            if text:
                self._label(text, x + (left + right) / 2 * w, y + (1 - top) * h + 16, "middle", "quiet", at)

    def _bars(self, layer, xs, ys, text, at, inside):
        x, y, w, h = at
        rows = self.panels[layer["panel"]]["y"]
        tall = layer["thickness"] * h / (rows["high"] - rows["low"])
        for i, high in enumerate(float(value) for value in self.frame[layer["high"]]):
            if not math.isfinite(xs[i] + high):
                continue
            left, right, top = max(0, xs[i]) * w, min(1, high) * w, (1 - ys[i]) * h - tall / 2
            if right > left:
                inside.append(_box(f"{layer['roles'][i]} bar", left, top, right - left, tall))
            words = self._text(layer["labels"][i]) if layer.get("labels") else ""
            if not words:
                continue
            middle = y + top + tall / 2 + 4
            if right - left > _long(words) + 8:
                self.above.append(_words("on-bar", x + (left + right) / 2, middle, "middle", words))
            elif left <= 1 and right < w - _long(words):
                self._label(words, x + max(right, 0) + 6, middle, "start", layer["roles"][i], at)
            else:
                self._label(words, x + (left + right) / 2, y + top - 5, "middle", layer["roles"][i], at)

    def _points(self, layer, xs, ys, text, at, inside):
        x, y, w, h = at
        css = f"{layer['role']} dot{' hollow' if layer['hollow'] else ''}"
        stems = self.frame[layer["stem"]] if layer.get("stem") is not None else None
        for i in range(len(xs)):
            if not (_fine(xs[i]) and _fine(ys[i])):
                continue
            px, py = x + xs[i] * w, y + (1 - ys[i]) * h
            if stems is not None:
                upright = f"M{_f(xs[i] * w)} {_f((1 - float(stems[i])) * h)}V{_f((1 - ys[i]) * h)}"
                inside.append(_path(f"{layer['role']} line stem", upright))
            self.above.append(_marker(layer["shape"], px, py, layer["size"], css))
            words = self._text(layer["labels"][i]) if layer.get("labels") else text if i == len(xs) - 1 else ""
            if words:
                self._beside(words, px, py, layer["side"], layer["role"], at)

    def _mark(self, layer, xs, ys, text, at, inside):
        x, y, w, h = at
        if _fine(xs[0]) and _fine(ys[0]) and text:
            self._beside(text, x + xs[0] * w, y + (1 - ys[0]) * h, layer["side"], layer["role"], at, layer["bold"])


def _path(css, d) -> str:
    return f'<path class="{css}" d="{d}"/>'


def _box(css, x, y, wide, tall) -> str:
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


def _line(xs, ys, at) -> str:
    w, h = at[2], at[3]
    pieces, joined = [], False
    for x, y in zip(xs, ys, strict=True):
        px, py = x * w, (1 - y) * h
        if math.isfinite(px + py):
            pieces.append(f"{'L' if joined else 'M'}{_f(max(-1e5, min(1e5, px)))} {_f(max(-1e5, min(1e5, py)))}")
            joined = True
        else:
            joined = False
    return "".join(pieces)


def _fine(t) -> bool:
    return -0.01 < t < 1.01


def _f(value: float) -> str:
    """One decimal as JavaScript rounds it: exact halves away from zero."""
    text = str(Decimal(value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
    return text if value < 0 else text.lstrip("-")


def _js(value: float) -> str:
    """A number as JavaScript writes it."""
    return repr(int(value)) if value == int(value) else repr(float(value))


def _long(text: str) -> float:
    return len(text.replace("^", "")) * 6.7


def _drawn(text: str) -> str:
    return _RAISED.sub('<tspan dy="-5" font-size="9">\\1</tspan><tspan dy="5">\u200b</tspan>', _safe(text))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
