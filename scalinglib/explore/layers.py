"""What is drawn in a live figure: curves, points, bands, regions, bars and marks, in the axes' own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments

ROLES = ("law", "data", "reference", "rival", "ink", "quiet", "axis")
SHAPES = ("circle", "square", "diamond", "cross")
SIDES = ("end", "start", "above", "below", "left", "right", "middle")


class Shown(TypedDict, total=False):
    """What every layer takes: the frame it is drawn in, and when.

    Attributes
    ----------
    panel : int
        The frame; 0 when not given.
    after : bool
        Shown only once the reader has made a guess.
    phone : bool
        Drawn on a narrow screen, too; so it is unless this is False.
    """

    panel: int
    after: bool
    phone: bool


def curve(
    x: ArrayLike,
    y: ArrayLike,
    role: str = "law",
    *,
    label: str = "",
    label_at: float | None = None,
    thin: bool = False,
    dashed: str = "",
    read: bool | None = None,
    **shown: Unpack[Shown],
) -> dict:
    """A line through the points (x, y), in that order; NaN leaves a gap.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        The same n at every setting.
    role : {"law", "data", "reference", "rival", "ink", "quiet", "axis"}
        What the line stands for; decides colour, width and dashes.
    label : str
        Written beside the line, in its colour. It may hold ``{name}`` of a number.
    label_at : float, optional
        Where along the line, 0 to 1; at its last point inside the frame when not given.
    thin, dashed : bool, str
        A thinner line; "solid", "dashed", "dotted" or "dashdot" in place of the role's own.
    read : bool, optional
        Whether values are read off it under the pointer; the first curve of role "law" when nobody says so.
    panel, after, phone
        The frame (0), only once the reader has made a guess (no), and on a narrow screen, too (yes).
    """
    parts = {"x": x, "y": y, "label": label, "label_at": label_at, "thin": thin, "dashed": dashed, "read": read}
    return _layer("curve", role, parts, **shown)


def level(ax: dict, value: float, role: str = "ink", *, upright: bool = False, **options: object) -> dict:
    """A `curve` that is straight across the frame at one value, along the axis `ax`; `upright` where that is y's."""
    ends, there = [ax["low"], ax["high"]], [value, value]
    return curve(*((there, ends) if upright else (ends, there)), role, **options)


def points(
    x: ArrayLike,
    y: ArrayLike,
    role: str = "data",
    *,
    shape: str = "circle",
    hollow: bool = False,
    size: float = 4.5,
    stem: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    side: str = "right",
    label: str = "",
    fade: float = 1.0,
    **shown: Unpack[Shown],
) -> dict:
    """Markers at (x, y), arrays of shape (n,) or numbers; `stem` draws a line to this y, `labels` holds one text a
    marker. In a still picture `fade` below 1 lets the ground shine through.
    """
    arguments.one_of("shape", shape, SHAPES)
    arguments.one_of("side", side, SIDES)
    parts = {"x": x, "y": y, "shape": shape, "hollow": hollow, "size": size, "stem": stem}
    parts |= {"labels": labels, "side": side, "label": label, **({"fade": fade} if fade < 1.0 else {})}
    return _layer("points", role, parts, **shown)


def band(
    x: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    role: str = "law",
    *,
    edge: str = "solid",
    label: str = "",
    label_at: float | None = None,
    **shown: Unpack[Shown],
) -> dict:
    """A filled strip between `low` and `high` over x, with edges ("solid", "dashed" or "dotted")."""
    parts = {"x": x, "y": low, "high": high, "edge": edge, "label": label, "label_at": label_at}
    return _layer("band", role, parts, **shown)


def region(
    *,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    role: str = "quiet",
    label: str = "",
    hatch: bool = False,
    **shown: Unpack[Shown],
) -> dict:
    """A shaded stretch of the frame: between two values of x, of y, or of both; None for the whole length."""
    x, y = ((np.nan, np.nan) if ends is None else ends for ends in (x, y))
    return _layer("region", role, {"x": x, "y": y, "label": label, "hatch": hatch}, **shown)


def bars(
    low: ArrayLike,
    high: ArrayLike,
    row: ArrayLike,
    role: str | Sequence[str] = "law",
    *,
    labels: Sequence[str] | None = None,
    thickness: float = 0.6,
    **shown: Unpack[Shown],
) -> dict:
    """Level bars from `low` to `high` at the heights `row`, arrays of shape (n,); `role` one word or one a bar."""
    roles = [role] * np.size(low) if isinstance(role, str) else list(role)
    for word in roles:
        arguments.one_of("role", word, ROLES)
    parts = {"x": low, "high": high, "y": row, "roles": roles, "labels": labels, "thickness": thickness}
    return _layer("bars", roles[0], parts, **shown)


def mark(
    x: float, y: float, text: str, role: str = "ink", *, side: str = "right", bold: bool = False, **shown: Unpack[Shown]
) -> dict:
    """Words at a place; they may hold ``{name}`` of a number."""
    arguments.one_of("side", side, SIDES)
    return _layer("mark", role, {"x": x, "y": y, "label": text, "side": side, "bold": bold}, **shown)


def _layer(kind, role, parts, *, panel=0, after=False, phone=True) -> dict:
    arguments.one_of("role", role, ROLES)
    places = {name: parts[name] for name in ("x", "y", "high") if name in parts}
    places = {name: np.atleast_1d(np.asarray(values, dtype=float)) for name, values in places.items()}
    if kind != "region":
        places = dict(zip(places, np.broadcast_arrays(*places.values()), strict=True))
    return {"kind": kind, "role": role, "panel": panel, "after": after, "phone": phone, **parts, **places}
