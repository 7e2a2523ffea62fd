"""The live figure of the ceilings: which one comes first."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, bars, level, mark, points

BASE = {"power": 4.0, "chips": 3.0, "data": 2.0, "latency": 1.0}
"""The ground line of each ceiling's row, from above; that of the lowest is 0."""

LEFT = 1.1e26
HEIGHT = 1.25
"""Rows that a density of 1 per factor of ten stands high."""

C = np.geomspace(1e26, 1e33, 61)
GROWTH = Slider(
    label="Growth of compute a year",
    stops=tuple(round(2 + 0.2 * step, 1) for step in range(21)),
    between=2,
    form="f1",
    unit="times",
)
STARTS = {2023: 5e25, 2024: 3.8e25, 2025: 5e26}
"""FLOP of a year's largest run: Epoch's later counts, and between them Llama 3.1, from which the source counts."""

_FRAME = panel(
    axis("training compute", 1e26, 1e33, unit="FLOP", scale="log", form="e2"), axis("", -0.35, 5.1, ticks=[], form="f1")
)


@functools.lru_cache(maxsize=512)
def _lowest(power: str, share: float, shared: float):
    """The lowest ceiling, its 10, 50 and 90% points, its density along the axis, and the chance at every growth."""
    from scalinglib.limits import CEILINGS_2030, compute_trend, lowest_ceiling

    chosen = [CEILINGS_2030["power-one-campus" if name == "power" and power == "one-campus" else name] for name in BASE]
    lowest = lowest_ceiling(chosen, share=share, shared=shared)
    cases = [(year, GROWTH.at(step)) for year in STARTS for step in range(GROWTH.last + 1)]
    trends = [compute_trend(growth, start=STARTS[year], start_year=year) for year, growth in cases]
    chances = dict(zip(cases, lowest.survival(np.array(trends)), strict=True))
    return lowest, lowest.quantile([0.1, 0.5, 0.9]), lowest.density(C), chances


@described(
    controls={
        "shared": Slider.steps("Shared luck", *(round(0.1 * step, 1) for step in range(10)), form="f1"),
        "growth": GROWTH,
        "start": Slider.steps("Largest run of the year", *STARTS, form="f0"),
        "power": Choice(label="Power", options={"spread": "spread over sites", "one-campus": "one campus"}),
    },
    predict=Predict(
        ask="The lowest best guess of the four is 2 × 10^29 FLOP. Where does the lowest of the four ceilings lie, "
        "typically?",
        why="The lowest of four is whichever turns out unlucky, and one of four usually does: it lies below every "
        "one of the four best guesses.",
        answer="median",
        low=1e28,
        high=1e31,
        scale="log",
        form="e2",
        unit="FLOP",
        y=0.3,
    ),
)
def binds_2030(
    *, share: float = 0.8, shared: float = 0.0, growth: float = 4.0, start: int = 2024, power: str = "spread"
) -> dict:
    """Which ceiling comes first?

    Four uncertain ceilings on the largest training run of 2030, the lowest of them, and where the trend would be.

    Parameters
    ----------
    share : float
        Share of outcomes that each printed range is taken to hold, between 0 and 1.
    shared : float
        Correlation of the ceilings' logarithms, 0 to 0.95.
    growth : float
        Times that the compute of the largest run grows a year.
    start : {2023, 2024, 2025}
        Year of the run that the trend starts from: 5e25, 3.8e25 or 5e26 FLOP.
    power : {"spread", "one-campus"}
        Where the power comes from.

    Returns
    -------
    dict
        The picture; ``value`` is the chance that the lowest ceiling lies above the trend.

    Notes
    -----
    The ranges are printed, and hold 80% by the source; their shape (log-normal) is ours. Who would pay is not asked.
    Squares: a second source sees utilisation fall from 2 × 10^28 FLOP and the latency wall at 2 × 10^31.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.binds_2030()
    >>> round(picture["value"], 4)
    0.3899
    >>> print(picture["say"])
    From 3.8 × 10^25 FLOP in 2024, growing 4.0 times a year reaches 1.6 × 10^29 FLOP in 2030. The lowest ceiling allows
    it with probability 39%. Power binds in 59% of cases.
    """
    from scalinglib.limits import compute_trend

    lowest, (low, middle, high), density, chances = _lowest(power, float(share), float(shared))
    trend = float(compute_trend(growth, start=STARTS[start], start_year=start))
    chance = float(chances[start, growth] if (start, growth) in chances else lowest.survival(trend))
    numbers = {
        "chance": number(chance, "p0", label="chance that the lowest ceiling is above the trend"),
        "growth": number(growth, "f1"),
        "start": number(STARTS[start], "e2", label="start of the trend", unit="FLOP"),
        "year": number(start, "f0"),
        "trend": number(trend, "e2", scale="log", label="trend in 2030", unit="FLOP"),
        "median": number(middle, "e2", scale="log", label="lowest ceiling, median", unit="FLOP"),
        "low": number(low, "e2", scale="log", label="lowest ceiling, 10%", unit="FLOP"),
        "high": number(high, "e2", scale="log", label="lowest ceiling, 90%", unit="FLOP"),
        **{name: number(lowest.binds[name], "p0", label=f"{name} is the lowest") for name in BASE},
    }
    most = max(BASE, key=lowest.binds.get)
    mine = {"role": "law", "after": True}
    return {
        "axes": _FRAME,
        "bands": {
            **{
                each.name: band(C, BASE[each.name], BASE[each.name] + HEIGHT * each.density(C, share=share), "axis")
                for each in lowest.ceilings
            },
            "lowest": band(C, 0.0, HEIGHT * density, **mine),
        },
        "bars": {"eighty": bars(low, high, -0.14, thickness=0.1, **mine)},
        "curves": {
            "trend": level({"low": -0.35, "high": 5.0}, trend, upright=True, label="trend in 2030", label_at=1.0)
        },
        "points": {
            "median": points(middle, -0.14, shape="diamond", **mine),
            "other-source": points(
                [2e28, 2e31], [BASE["chips"], BASE["latency"]], "rival", shape="square", size=3.5, phone=False
            ),
        },
        "marks": {
            **{name: mark(LEFT, base + 0.3, f"{name}: lowest in {{{name}}}", "quiet") for name, base in BASE.items()},
            "lowest": mark(LEFT, 0.3, "the lowest", **mine),
        },
        "numbers": numbers,
        "value": chance,
        "say": say(
            "From {start} FLOP in {year}, growing {growth} times a year reaches {trend} FLOP in 2030. The lowest "
            f"ceiling allows it with probability *{{chance}}*. {most.capitalize()} binds in {{{most}}} of cases.",
            numbers,
        ),
    }
