"""One look for every figure: palette, roles, axes and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure as Canvas

from scalinglib.plots.labels import log_axis as log_axis
from scalinglib.plots.labels import number
from scalinglib.plots.labels import power as power

POINT = 72 / 96
"""Points in one CSS pixel: matplotlib counts in points, the pages in CSS pixels."""

WIDTH = 720
HEIGHT = 405
TICK_SIZE = 13
LABEL_SIZE = 13.5

LIGHT = {
    "ground": "#ffffff",
    "law": "#1832d1",
    "data": "#a83e07",
    "reference": "#0a815c",
    "rival": "#774c6b",
    "ink": "#23272e",
    "quiet": "#55606e",
    "axis": "#8a939e",
    "grid": "#dfe3e8",
    "band": "#d5daf7",
}
"""Colours on the white ground, where all pictures are drawn; explorer.css has them and those of `DARK`. No two roles
are told apart by colour alone.
"""

DARK = {
    "ground": "#14181e",
    "law": "#8a7ff0",
    "data": "#e8861f",
    "reference": "#29b896",
    "rival": "#eab0f5",
    "ink": "#eceef1",
    "quiet": "#a9b3bf",
    "axis": "#6b7683",
    "grid": "#2a323c",
    "band": "#292b44",
}
"""The same roles on a dark ground: `Figure.dark` has them."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """How one role is drawn: a colour, and a second sign for readers who do not see it.

    Attributes
    ----------
    colour : str
        Hexadecimal colour on the white ground.
    width : float
        Line width in CSS pixels.
    dashes : tuple of float
        On and off lengths in CSS pixels; empty for a solid line.
    marker : str
        Matplotlib's letter for the marker.
    """

    colour: str
    width: float
    dashes: tuple[float, ...]
    marker: str


ROLES = {
    "law": Role(colour=LIGHT["law"], width=2.5, dashes=(), marker=""),
    "data": Role(colour=LIGHT["data"], width=1.75, dashes=(), marker="o"),
    "reference": Role(colour=LIGHT["reference"], width=1.75, dashes=(6, 4), marker="D"),
    "rival": Role(colour=LIGHT["rival"], width=1.75, dashes=(8, 3, 2, 3), marker="s"),
    "ink": Role(colour=LIGHT["ink"], width=1.5, dashes=(2, 2), marker="x"),
    "quiet": Role(colour=LIGHT["quiet"], width=1.75, dashes=(), marker=""),
    "axis": Role(colour=LIGHT["axis"], width=1.0, dashes=(), marker=""),
    "grid": Role(colour=LIGHT["grid"], width=0.75, dashes=(), marker=""),
}
"""What a line or a mark stands for: the law, the data, a reference, its rival, the truth (ink)."""

SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": LABEL_SIZE * POINT,
    "mathtext.fontset": "dejavusans",
    "axes.unicode_minus": True,
    "axes.edgecolor": LIGHT["axis"],
    "axes.linewidth": 1.0 * POINT,
    "axes.labelcolor": LIGHT["quiet"],
    "axes.labelsize": LABEL_SIZE * POINT,
    "axes.labelpad": 7 * POINT,
    "axes.titlesize": LABEL_SIZE * POINT,
    "axes.titlecolor": LIGHT["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.facecolor": LIGHT["ground"],
    "figure.facecolor": LIGHT["ground"],
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.75 * POINT,
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["axis"],
    "ytick.color": LIGHT["axis"],
    "xtick.labelcolor": LIGHT["quiet"],
    "ytick.labelcolor": LIGHT["quiet"],
    "xtick.labelsize": TICK_SIZE * POINT,
    "ytick.labelsize": TICK_SIZE * POINT,
    "xtick.major.size": 5 * POINT,
    "ytick.major.size": 5 * POINT,
    "xtick.major.width": 1.0 * POINT,
    "ytick.major.width": 1.0 * POINT,
    "svg.hashsalt": "scalinglib",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


def context():
    """Matplotlib's settings for the block: its defaults with ours on top, whatever the reader's own are.

    Examples
    --------
    >>> with context():
    ...     matplotlib.rcParams["axes.spines.top"]
    False
    """
    return matplotlib.style.context(SETTINGS, after_reset=True)


def _role(role: str) -> Role:
    try:
        return ROLES[role]
    except KeyError:
        raise ValueError(f"role: {role!r} is unknown; allowed are {', '.join(ROLES)}") from None


def new_figure(
    *,
    rows: int = 1,
    columns: int = 1,
    height: float | None = None,
    heights: Sequence[float] | None = None,
    left: float = 62,
    right: float = 18,
    bottom: float = 52,
    top: float = 16,
    gap: float | None = None,
):
    """An empty picture at text width, 720 CSS pixels, and its axes.

    Parameters
    ----------
    rows, columns : int
        Panels below each other share the x axis (the tick labels stand under the lowest); panels beside each other do
        not.
    height : float, optional
        CSS pixels; 405 (16:9) for one row, 520 for two or more.
    heights : sequence of float, optional
        Relative heights of the rows, ``(3, 1)`` for two rows where not given.
    left, right, bottom, top, gap : float
        Margins and the gap between panels in CSS pixels. Take ``right=64`` where labels stand at the end of a curve.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not known to pyplot, so nothing has to be closed.
    axes : matplotlib.axes.Axes or tuple of them
        One, or all from left to right and from top to bottom.
    """
    if rows < 1 or columns < 1:
        raise ValueError(f"rows, columns: must be 1 or more, got {rows} and {columns}")
    if heights is None:
        heights = (3, 1) if rows == 2 else (1,) * rows
    if len(heights) != rows:
        raise ValueError(f"heights: must have one entry a row, {rows}, got {len(heights)}")
    height = height or (HEIGHT if rows == 1 else 520)
    across, down = (left + 14, 20) if gap is None else (gap, gap)
    with context():
        figure = Canvas(figsize=(WIDTH / 96, height / 96), dpi=96)
        inner_width = (WIDTH - left - right - (columns - 1) * across) / columns
        inner_height = (height - top - bottom - (rows - 1) * down) / rows
        grid = figure.add_gridspec(
            rows,
            columns,
            height_ratios=heights,
            left=left / WIDTH,
            right=1 - right / WIDTH,
            bottom=bottom / height,
            top=1 - top / height,
            wspace=across / inner_width,
            hspace=down / inner_height,
        )
        axes = []
        for row in range(rows):
            for column in range(columns):
                above = axes[(row - 1) * columns + column] if row else None
                panel = figure.add_subplot(grid[row, column], sharex=above)
                panel.tick_params(axis="x", labelbottom=row == rows - 1)
                axes.append(panel)
    return figure, axes[0] if len(axes) == 1 else tuple(axes)


def curve(ax, x, y, *, role: str = "law", width: float | None = None, **options):
    """Draw a line in its role's colour and dashes; `width` in CSS pixels. Returns the line."""
    look = _role(role)
    width = width or look.width
    dashes = tuple(length / width for length in look.dashes)
    options = {"zorder": 3, "solid_capstyle": "butt", "clip_on": True, **options}
    (line,) = ax.plot(
        x, y, color=look.colour, linewidth=width * POINT, marker="", linestyle=(0, dashes) if dashes else "-", **options
    )
    return line


def points(ax, x, y, *, role: str = "data", size: float = 4.5, hollow: bool = False, **options):
    """Draw marks of radius `size` CSS pixels in their role's shape, each with a ring in the ground colour.

    Roles without a mark of their own get a circle. Returns the line that carries the marks.
    """
    look = _role(role)
    marker = look.marker or "o"
    edge = look.colour if hollow or marker == "x" else LIGHT["ground"]
    side = 2 * size * (0.82 if marker in "Ds" else 1) * POINT
    options = {"zorder": 4, **options}
    (marks,) = ax.plot(
        x,
        y,
        linestyle="none",
        marker=marker,
        markersize=side,
        markerfacecolor=LIGHT["ground"] if hollow else look.colour,
        markeredgecolor=edge,
        markeredgewidth=(1.5 if hollow or marker == "x" else 1) * POINT,
        **options,
    )
    return marks


def band(ax, x, low, high, *, role: str = "law", **options):
    """Shade between two curves at 18 % of the role's colour, with edges, since the shade alone is too faint to see."""
    look = _role(role)
    colour = np.array(matplotlib.colors.to_rgb(look.colour))
    shade = ax.fill_between(x, low, high, facecolor=tuple(1 - 0.18 * (1 - colour)), linewidth=0, zorder=1, **options)
    for edge in (low, high):
        ax.plot(x, np.broadcast_to(edge, np.shape(x)), color=look.colour, linewidth=1.0 * POINT, zorder=2)
    return shade


def shade(ax, low: float, high: float):
    """Shade a strip across the whole panel between two values of x: what was measured, or what was not."""
    ax.axvspan(low, high, facecolor=LIGHT["grid"], alpha=0.6, linewidth=0, zorder=0)


def level(ax, value: float, *, axis: str = "y", role: str = "ink"):
    """Draw a straight line across the whole panel at one value of the y (or x) axis."""
    look = _role(role)
    dashes = tuple(length / look.width for length in look.dashes)
    draw = {"x": ax.axvline, "y": ax.axhline}[axis]
    return draw(
        value, color=look.colour, linewidth=look.width * POINT, linestyle=(0, dashes) if dashes else "-", zorder=2
    )


def label(
    ax,
    text: str,
    x: float,
    y: float,
    *,
    role: str = "law",
    dx: float | None = None,
    dy: float = 0,
    ha: str | None = None,
    va: str = "center",
    bold: bool = False,
    arrow: bool = False,
):
    """Write a label beside what it names, in its colour, with a halo so that a line behind it does not cut it.

    Parameters
    ----------
    text : str
        A hyphen before a digit is set as a minus sign.
    x, y : float
        The place in data coordinates.
    dx, dy : float
        How far from that place, CSS pixels, up and right positive; 8 to the right, or straight for a centred text.
    ha, va : str
        Alignment; without `ha` the text grows away from the point: to the right where ``dx >= 0``.
    arrow : bool
        Draw a thin line from the text to the place.
    """
    look = _role(role)
    dx = (0 if ha == "center" else 8) if dx is None else dx
    ha = ha or ("left" if dx >= 0 else "right")
    line = {"arrowstyle": "-", "color": look.colour, "linewidth": 1.0 * POINT, "shrinkA": 2, "shrinkB": 4}
    with context():
        written = ax.annotate(
            number(text),
            (x, y),
            xytext=(dx * POINT, dy * POINT),
            textcoords="offset points",
            color=look.colour,
            fontsize=LABEL_SIZE * POINT,
            fontweight="bold" if bold else "normal",
            ha=ha,
            va=va,
            arrowprops=line if arrow else None,
            zorder=6,
            annotation_clip=False,
        )
    written.set_path_effects([patheffects.withStroke(linewidth=3 * POINT, foreground=LIGHT["ground"])])
    return written


def axis_titles(ax, *, x: str | None = None, y: str | None = None):
    """Name the quantity and the unit of each axis, as in ``"loss, nats per token"``."""
    if x is not None:
        ax.set_xlabel(number(x), color=LIGHT["quiet"])
    if y is not None:
        ax.set_ylabel(number(y), color=LIGHT["quiet"])
        # The same distance in every panel, so that titles of stacked panels line up.
        ax.yaxis.set_label_coords(-44 / (ax.get_position().width * WIDTH), 0.5)
