"""A picture of intervals: a row each, its name above it, and upright lines at what they are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalinglib.explore import axis, curve, level, mark, panel, points, reach

SHAPES = {"law": "circle", "data": "circle", "reference": "diamond", "rival": "square"}


def interval_rows(
    x: str,
    names: Sequence[str],
    low: ArrayLike,
    value: ArrayLike,
    high: ArrayLike,
    *,
    roles: Sequence[str] | None = None,
    held: Iterable[tuple[str, float, str]] = (),
) -> dict:
    """The picture of a `Figure`.

    Parameters
    ----------
    x : str
        Title of the axis.
    names : sequence of str, length n
        What stands above each row, from above.
    low, value, high : array_like, shape (n,)
    roles : sequence of str, optional
        One a row; "data" without them.
    held : iterable of (str, float, str)
        Upright lines: what stands at them, where, their role.
    """
    roles, held = roles or ["data"] * len(names), list(held)
    upright = axis("", 0.4, len(names) + 1.0, ticks=())
    rows = list(zip(names, roles, np.arange(len(names), 0, -1.0), low, value, high, strict=True))
    across = axis(x, *reach(low, high, [at for _, at, _ in held], air=0.15))
    return {
        "axes": panel(across, upright),
        "curves": {
            **{text: level(upright, at, role, upright=True, label=text, label_at=1.0) for text, at, role in held},
            **{
                name: curve([first, last], [row] * 2, role, dashed="" if role == "rival" else "solid")
                for name, role, row, first, _, last in rows
            },
        },
        "points": {
            name: points(middle, row, role, shape=SHAPES[role], size=5) for name, role, row, _, middle, _ in rows
        },
        "marks": {name: mark(across["low"], row + 0.33, name, role) for name, role, row, *_ in rows},
        "left": 24,
        "tall": ((44 * len(names) + 70) / 405, (42 * len(names) + 80) / 280),
    }
