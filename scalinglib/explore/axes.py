"""Axes of a live figure: fixed ranges, tick labels, and where a value stands between the ends."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.explore.numbers import written
from scalinglib.explore.scales import SCALES

KINDS = ("linear", "log", "symlog")
_WIDE, _NARROW = 8, 5


def axis(
    label: str,
    low: float,
    high: float,
    *,
    unit: str = "",
    scale: str = "linear",
    ticks: Sequence[float | tuple[float, str]] | None = None,
    form: str = "",
    linear_part: float = 1.0,
) -> dict:
    """One axis with a range that no setting moves.

    Parameters
    ----------
    label, unit : str
        What is drawn and in what unit; an empty unit for a pure number.
    low, high : float
        The ends; positive on a logarithmic axis.
    scale : {"linear", "log", "symlog"}
        "symlog" is linear near zero (within `linear_part`) and logarithmic beyond, on both sides.
    ticks : sequence of float or of (float, str), optional
        Where to write, and what; chosen by the range when not given. An empty sequence writes nothing.
    form : str, optional
        How values are read off, as in `number`; three significant digits when not given.

    Raises
    ------
    ValueError
        When the ends are not in order, or not positive on a logarithmic axis.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.explore.axis("training compute", 1e18, 1e26, unit="FLOP", scale="log")["ticks"][:2]
    [(1e+18, '10^18'), (1e+20, '10^20')]
    """
    if ticks is not None:
        ticks = tuple(tuple(tick) if isinstance(tick, (tuple, list)) else float(tick) for tick in ticks)
    made = _axis(label, float(low), float(high), unit, scale, ticks, form, float(linear_part))
    return {**made, "ticks": list(made["ticks"])}


# A function is called at thousands of settings, and its axes are the same at all of them.
@functools.lru_cache(maxsize=256)
def _axis(label, low, high, unit, scale, ticks, form, linear_part):
    arguments.one_of("scale", scale, KINDS)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low, high: {low} and {high} are not two ends in order")
    if scale == "log" and low <= 0:
        raise ValueError(f"low: {low} cannot stand on a logarithmic axis; allowed is a positive number")
    form = form or ("e3" if scale == "log" else "g3")
    made = {"label": label, "unit": unit, "scale": scale, "low": low, "high": high, "form": form}
    made["linear_part"] = linear_part
    chosen = _ticks(made) if ticks is None else ticks
    named = [tick if isinstance(tick, tuple) else (tick, _tick_label(tick, chosen, scale)) for tick in chosen]
    made["ticks"] = [tick for tick in named if -1e-9 <= place(made, tick[0]) <= 1 + 1e-9]
    return made


def reach(*values: ArrayLike, scale: str = "linear", air: float = 0.05) -> tuple[float, float]:
    """Ends of an axis that hold all values with some air at both ends, a share of their span; even on a scale.

    Examples
    --------
    >>> import scalinglib as sl
    >>> [round(end, 3) for end in sl.explore.reach([1, 100], 10, scale="log", air=0.5)]
    [0.1, 1000.0]
    """
    bend, plain, _ = SCALES[scale]
    held = bend(np.concatenate([np.ravel(each) for each in values]).astype(float))
    low, high = np.nanmin(held), np.nanmax(held)
    more = air * (high - low) or 0.05 * abs(high) or 0.5
    return float(plain(low - more)), float(plain(high + more))


def panel(x: dict, y: dict, *, height: float = 1.0, x_label: bool = True) -> dict:
    """One frame of a figure: its two axes and its share of the height (or of the width, side by side)."""
    return {"x": x, "y": y, "height": float(height), "x_label": x_label}


def place(ax: dict, values: ArrayLike) -> np.ndarray:
    """Where values stand between the low end (0) and the high end (1); NaN where they cannot stand.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.explore.place(sl.explore.axis("loss", 1, 100, scale="log"), [10, 100, -1]).tolist()
    [0.5, 1.0, nan]
    """
    low, high = _ends(ax["scale"], ax["low"], ax["high"], ax["linear_part"])
    return (SCALES[ax["scale"]].bend(np.asarray(values, dtype=float) / ax["linear_part"]) - low) / (high - low)


@functools.lru_cache(maxsize=256)
def _ends(scale, low, high, linear_part):
    return SCALES[scale].bend(np.array([low, high]) / linear_part).tolist()


def _ticks(ax: dict) -> list[float]:
    low, high = ax["low"], ax["high"]
    last = math.floor(math.log10(high) + 1e-9) if ax["scale"] != "linear" else 0
    if ax["scale"] == "log":
        first = math.ceil(math.log10(low) - 1e-9)
        if last - first >= 2:
            return [10.0**power for power in range(first, last + 1, math.ceil((last - first) / (_WIDE - 1)))]
        steps = [mantissa * 10.0**power for power in range(first - 1, last + 1) for mantissa in (1, 2, 5)]
        kept = [step for step in steps if low <= step * (1 + 1e-9) and step <= high * (1 + 1e-9)]
        if len(kept) > 2 or high > 8 * low:
            return kept
    if ax["scale"] == "symlog":
        sides = [10.0**power for power in range(math.ceil(math.log10(ax["linear_part"])), last + 1)]
        return [*(-side for side in reversed(sides) if -side >= low), 0.0, *sides]
    rough = (high - low) / 6
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(mantissa for mantissa in (1, 2, 2.5, 5, 10) if mantissa * size >= rough)
    return [index * step for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _tick_label(value: float, ticks, scale: str) -> str:
    if scale == "log":
        return written(value, "e1") if value >= 1e4 or value < 1e-3 else f"{value:,.12g}"
    steps = [f"{tick:.6g}" for tick in (tick[0] if isinstance(tick, tuple) else tick for tick in ticks)]
    decimals = max((len(step.split(".")[1]) for step in steps if "." in step), default=0) if scale == "linear" else 0
    text = f"{value:,.{decimals}f}" if scale == "linear" else f"{value:g}"
    return text.replace("-", "\N{MINUS SIGN}")


def narrow(ticks: list) -> list:
    """The ticks that a phone has room for: every second or third, the first one kept."""
    return ticks[:: math.ceil(len(ticks) / _NARROW)] if ticks else ticks
