"""The live figure of the ceilings: which one comes first."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, bars, level, mark, points

BASE = {"power": 4.0, "chips": 3.0, "data": 2.0, "latency": 1.0}
"""The ground line of each ceiling's row, from above; that of the lowest is 0."""

LEFT = 1.1e26
HEIGHT = 0.85
"""Rows that each ridge stands high at its peak: a ceiling known better is narrower, not taller."""

C = np.geomspace(1e26, 1e33, 61)
GROWTH = Slider(
    label="Growth of compute a year",
    stops=tuple(round(2 + 0.2 * step, 1) for step in range(21)),
    between=2,
    form="f1",
    unit="times",
)
STARTS = {2023.2: "GPT-4", 2023.9: "Gemini 1.0 Ultra", 2024.6: "Llama 3.1 405B", 2025.1: "Grok-3"}
"""Date -> the run of `LARGEST_RUNS` that the trend starts from."""

MONTH = 365.25 / 12 * 86400.0
LENGTHS = {"apart": None, "shared": None, "three": 3.0, "twelve": 12.0}
"""Choice -> months that the run is known to take."""

_FRAME = panel(
    axis("training compute", 1e26, 1e33, unit="FLOP", scale="log", form="e2"),
    axis("ceiling, and how often it is the lowest", -0.35, 5.4, ticks=[], form="f1"),
)


@functools.cache
def _lowest(luck: str):
    """The lowest ceiling, its 10, 50 and 90% points, its density along the axis, and the chance at every growth."""
    from scalinglib.limits import CEILINGS_2030, INPUTS_2030, compute_trend, lowest_ceiling

    months = LENGTHS[luck]
    lowest = lowest_ceiling(
        [CEILINGS_2030[name] for name in BASE],
        inputs=() if luck == "apart" else INPUTS_2030.values(),
        known={"duration": months * MONTH} if months else None,
    )
    cases = [(start, GROWTH.at(step)) for start in STARTS for step in range(GROWTH.last + 1)]
    trends = [compute_trend(growth, **_start(start)) for start, growth in cases]
    chances = dict(zip(cases, lowest.survival(np.array(trends)), strict=True))
    return lowest, lowest.quantile([0.1, 0.5, 0.9]), lowest.density(C), chances


def _start(start: float) -> dict:
    from scalinglib.limits import LARGEST_RUNS

    year, flop = LARGEST_RUNS[STARTS[start]]
    return {"start": flop, "start_year": year}


@described(
    controls={
        "growth": GROWTH,
        "start": Slider.steps("The trend starts in", *STARTS, form="f1"),
        "luck": Choice(
            label="The ceilings have in common",
            options={
                "apart": "nothing",
                "shared": "their inputs",
                "three": "also a run of 3 months",
                "twelve": "also a run of 12 months",
            },
        ),
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
def binds_2030(*, growth: float = 4.0, start: float = 2024.6, luck: str = "apart") -> dict:
    """Which ceiling comes first?

    Four uncertain ceilings on the largest training run of 2030, the lowest of them, and where the trend would be.

    Parameters
    ----------
    growth : float
        Times that the compute of the largest run grows a year.
    start : {2023.2, 2023.9, 2024.6, 2025.1}
        The date of the run that the trend starts from: GPT-4, Gemini 1.0 Ultra, Llama 3.1 or Grok-3.
    luck : {"apart", "shared", "three", "twelve"}
        What the ceilings have in common: nothing, the four inputs that the source prints for several of them, or these
        with a run that is known to take 3 or 12 months.

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
    From 3.8 × 10^25 FLOP in 2024.6, growing 4.0 times a year reaches 1.6 × 10^29 FLOP in 2030.6. The lowest ceiling
    allows it with probability 39%. Power binds in 59% of cases.
    """
    from scalinglib.limits import compute_trend

    lowest, (low, middle, high), density, chances = _lowest(luck)
    trend = float(compute_trend(growth, **_start(start)))
    chance = float(chances[start, growth] if (start, growth) in chances else lowest.survival(trend))
    year, flop = _start(start)["start_year"], _start(start)["start"]
    ridges = dict(zip(BASE, lowest.each_density(C), strict=True))
    numbers = {
        "chance": number(chance, "p0", label="chance that the lowest ceiling is above the trend"),
        "growth": number(growth, "f1"),
        "start": number(flop, "e2", label="start of the trend", unit="FLOP"),
        "year": number(year, "f1"),
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
                name: band(C, BASE[name], BASE[name] + HEIGHT * ridge / ridge.max(), "axis")
                for name, ridge in ridges.items()
            },
            "lowest": band(C, 0.0, HEIGHT * density / density.max(), **mine),
        },
        "bars": {"eighty": bars(low, high, -0.14, thickness=0.1, **mine)},
        "curves": {
            "trend": level({"low": -0.35, "high": 5.3}, trend, upright=True, label="trend in 2030", label_at=1.0)
        },
        "points": {
            "median": points(middle, -0.14, shape="diamond", **mine),
            "other-source": points(
                [2e28, 2e31], [BASE["chips"], BASE["latency"]], "rival", shape="square", size=3.5, phone=False
            ),
        },
        "marks": {
            **{name: mark(LEFT, base + 0.3, f"{name}: {{{name}}}", "quiet") for name, base in BASE.items()},
            "lowest": mark(LEFT, 0.3, "the lowest", **mine),
        },
        "numbers": numbers,
        "value": chance,
        "say": say(
            "From {start} FLOP in {year}, growing {growth} times a year reaches {trend} FLOP in 2030.6. The lowest "
            f"ceiling allows it with probability *{{chance}}*. {most.capitalize()} binds in {{{most}}} of cases.",
            numbers,
        ),
    }
