"""Pictures for programs that read no SVG: the painter's letters on a canvas of matplotlib."""

from __future__ import annotations

import functools
import io
import re
from xml.etree import ElementTree

import matplotlib.style
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path

from scalinglib.explore.picture import SHEET

SETTINGS = {"font.sans-serif": ["DejaVu Sans"], "mathtext.fontset": "dejavusans", "pdf.fonttype": 42}
POINT = 72 / 96
"""Points in one CSS pixel."""

_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_RULE = re.compile(r"\.picture ([^{}]*) \{ ([^{}]*) \}")
_SELECTOR = re.compile(r"(\w+)?((?:\.[\w-]+)*)(?::not\(([.\w, ]+)\))?")
_TURNED = re.compile(r"translate\((\S+) (\S+)\)rotate\(-90\)")
_LIGHT = dict(re.findall(r"--(\w+): (#\w+)", SHEET.partition("}")[0]))


def drawn(svg: str, kind: str, words: dict) -> bytes:
    """A picture as "png", two pixels for a CSS pixel, or "pdf", with metadata; the same bytes at every drawing."""
    root = ElementTree.fromstring(svg)
    width, height = (float(side) for side in root.get("viewBox").split()[2:])
    with matplotlib.style.context(SETTINGS, after_reset=True):
        figure = Figure(figsize=(width / 96, height / 96), dpi=96)
        FigureCanvasAgg(figure)
        sheet = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        sheet.axis("off")
        for place, element in enumerate(root):
            if element.tag != "svg":
                _draw(sheet, element, place)
                continue
            x, y, wide, tall = (float(element.get(name)) for name in ("x", "y", "width", "height"))
            for inner in element:
                _draw(sheet, inner, place, x, y, Rectangle((x, y), wide, tall, transform=sheet.transData))
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=192, metadata=words)
    return stream.getvalue()


@functools.cache
def look(tag: str, classes: str) -> dict:
    """The properties of an element on a light ground: what the rules say that match it, the most exact last."""
    mine, found = set(classes.split()), []
    for order, (selectors, body) in enumerate(_RULE.findall(SHEET)):
        for selector in re.split(r", (?=\.picture)", selectors):
            name, wanted, unwanted = _SELECTOR.fullmatch(selector.removeprefix(".picture ")).groups()
            wanted = set(wanted.split(".")) - {""}
            barred = set(re.findall(r"\w+", unwanted or ""))
            if name in (None, tag) and wanted <= mine and not barred & mine:
                found.append((len(wanted), bool(name), order, body))
    stated = dict(re.findall(r"([\w-]+): ([^;]+)", " ".join(body for *_, body in sorted(found))))
    role = _LIGHT.get(stated.get("--role", "")[6:-1])
    return {
        name: _LIGHT.get(value[6:-1], role) if value.startswith("var(") else value for name, value in stated.items()
    }


def _draw(sheet, element, place, x=0.0, y=0.0, frame=None):
    style = look(element.tag, element.get("class", ""))
    if element.tag == "text":
        _write(sheet, element, style, place)
        return
    wide = float(style.get("stroke-width", 0))
    dashes = [float(each) / wide for each in style.get("stroke-dasharray", "").split() if each != "none"]
    fill, shade = style.get("fill", "none"), element.get("fill-opacity", style.get("fill-opacity", 1))
    at = {name: float(element.get(name, 0)) for name in ("x", "y", "cx", "cy", "r", "width", "height")}
    if element.tag == "circle":
        shape = Circle((x + at["cx"], y + at["cy"]), at["r"])
    elif element.tag == "rect":
        shape = Rectangle((x + at["x"], y + at["y"]), at["width"], at["height"])
    else:
        shape = PathPatch(_outline(element.get("d"), x, y))
    shape.set(facecolor=fill if fill == "none" else (fill, float(shade)), edgecolor=style.get("stroke", "none"))
    shape.set(linewidth=POINT * wide, linestyle=(0, dashes) if dashes else "-", capstyle="butt", zorder=place)
    sheet.add_artist(shape)
    if frame is not None:
        shape.set_clip_path(frame)


def _outline(d: str, x: float, y: float) -> Path:
    """A path whose frame begins at (x, y)."""
    corners, codes, here = [], [], [x, y]
    for letter, rest in _COMMAND.findall(d):
        kind, steps = letter.lower(), [float(step) for step in rest.split()]
        for side, start in enumerate((x, y)):
            if kind != "z" and kind != "vh"[side]:
                here[side] = steps.pop(0) + (here[side] if letter.islower() else start)
        corners.append(tuple(here))
        codes.append({"m": Path.MOVETO, "z": Path.CLOSEPOLY}.get(kind, Path.LINETO))
    return Path(corners, codes)


def _write(sheet, element, style, place):
    turned = _TURNED.fullmatch(element.get("transform", ""))
    x, y = turned.groups() if turned else (element.get("x"), element.get("y"))
    powers = [f"$^{{{part.text}}}$" * ("font-size" in part.attrib) + (part.tail or "") for part in element]
    words = sheet.text(float(x), float(y), (element.text or "") + "".join(powers), color=style["fill"], zorder=place)
    words.set(fontsize=12 * POINT, fontweight=int(style.get("font-weight", 400)), va="baseline", rotation_mode="anchor")
    words.set(
        ha={"middle": "center", "end": "right"}.get(element.get("text-anchor"), "left"), rotation=90 * bool(turned)
    )
    if style.get("stroke", "none") != "none":
        words.set_path_effects([patheffects.withStroke(linewidth=3 * POINT, foreground=style["stroke"])])
