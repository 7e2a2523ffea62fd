"""What is drawn in a live figure: curves, points, bands, regions, bars and marks, in the axes' own units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments

__all__ = ["band", "bars", "curve", "mark", "points", "region"]

ROLES = ("law", "data", "reference", "rival", "ink", "quiet", "axis")
SHAPES = ("circle", "square", "diamond", "cross")
SIDES = ("end", "start", "above", "below", "left", "right", "middle")


def curve(
    x: ArrayLike,
    y: ArrayLike,
    role: str = "law",
    *,
    label: str = "",
    label_at: float | None = None,
    on: str | None = None,
    panel: int = 0,
    thin: bool = False,
    dashed: str = "",
    after: bool = False,
    phone: bool = True,
    read: bool | None = None,
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
    on : str, optional
        The controls it depends on, with spaces between; all of them when not given, "" for none.
    panel : int
        The frame it is drawn in.
    thin, dashed : bool, str
        A thinner line; "solid", "dashed", "dotted" or "dashdot" in place of the role's own.
    after : bool
        Shown only once the reader has made a guess.
    phone : bool
        Drawn on a narrow screen, too.
    read : bool, optional
        Whether values are read off it under the pointer; the first curve of role "law" when nobody says so.
    """
    return _layer(
        "curve",
        role,
        on,
        panel,
        after,
        phone,
        x=x,
        y=y,
        label=label,
        label_at=label_at,
        thin=thin,
        dashed=dashed,
        read=read,
    )


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
    on: str | None = None,
    panel: int = 0,
    after: bool = False,
    phone: bool = True,
    label: str = "",
) -> dict:
    """Markers at (x, y), arrays of shape (n,) or numbers; `stem` draws a line to this y,
    `labels` holds one text a marker.
    """
    arguments.one_of("shape", shape, SHAPES)
    arguments.one_of("side", side, SIDES)
    return _layer(
        "points",
        role,
        on,
        panel,
        after,
        phone,
        x=x,
        y=y,
        shape=shape,
        hollow=hollow,
        size=size,
        stem=stem,
        labels=labels,
        side=side,
        label=label,
    )


def band(
    x: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    role: str = "law",
    *,
    edge: str = "solid",
    on: str | None = None,
    panel: int = 0,
    after: bool = False,
    phone: bool = True,
    label: str = "",
    label_at: float | None = None,
) -> dict:
    """A filled strip between `low` and `high` over x, with edges ("solid", "dashed" or "dotted")."""
    return _layer(
        "band", role, on, panel, after, phone, x=x, y=low, high=high, edge=edge, label=label, label_at=label_at
    )


def region(
    *,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    role: str = "quiet",
    label: str = "",
    hatch: bool = False,
    on: str | None = None,
    panel: int = 0,
    after: bool = False,
    phone: bool = True,
) -> dict:
    """A shaded stretch of the frame: between two values of x, of y, or of both; None for the whole length."""
    x = (np.nan, np.nan) if x is None else x
    y = (np.nan, np.nan) if y is None else y
    return _layer("region", role, on, panel, after, phone, x=x, y=y, label=label, hatch=hatch)


def bars(
    low: ArrayLike,
    high: ArrayLike,
    row: ArrayLike,
    role: str | Sequence[str] = "law",
    *,
    labels: Sequence[str] | None = None,
    thickness: float = 0.6,
    on: str | None = None,
    panel: int = 0,
    after: bool = False,
    phone: bool = True,
) -> dict:
    """Level bars from `low` to `high` at the heights `row`, arrays of shape (n,); `role` one word or one a bar."""
    roles = [role] * np.size(low) if isinstance(role, str) else list(role)
    for word in roles:
        arguments.one_of("role", word, ROLES)
    return _layer(
        "bars",
        roles[0],
        on,
        panel,
        after,
        phone,
        x=low,
        high=high,
        y=row,
        roles=roles,
        labels=labels,
        thickness=thickness,
    )


def mark(
    x: float,
    y: float,
    text: str,
    role: str = "ink",
    *,
    side: str = "right",
    on: str | None = None,
    panel: int = 0,
    after: bool = False,
    phone: bool = True,
    bold: bool = False,
) -> dict:
    """Words at a place; they may hold ``{name}`` of a number."""
    arguments.one_of("side", side, SIDES)
    return _layer("mark", role, on, panel, after, phone, x=x, y=y, label=text, side=side, bold=bold)


def _layer(kind, role, on, panel, after, phone, **rest) -> dict:
    arguments.one_of("role", role, ROLES)
    for name in ("x", "y", "high"):
        if name in rest:
            rest[name] = np.atleast_1d(np.asarray(rest[name], dtype=float))
    lengths = {name: rest[name].shape for name in ("x", "y", "high") if name in rest}
    if kind != "region" and len(set(lengths.values())) > 1:
        rest.update(zip(lengths, np.broadcast_arrays(*(rest[name] for name in lengths)), strict=True))
    return {"kind": kind, "role": role, "on": on, "panel": panel, "after": after, "phone": phone, **rest}
