"""The live figure of algorithmic progress: how well dated runs fix its pace."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, level, mark, points
from scalinglib.limits.progress import ratio_interval
from scalinglib.simulate import fixed_scatter

YEARS, GROWTH, EXPONENT = 11.0, 10**0.64, 0.03
"""Span of the dates, growth of compute a year, and exponent of the loss in compute at one date."""

FEWEST, MOST = 50.0, 1600.0
LONGEST = 120.0
"""Months; beyond, or without an end, an interval is said to reach this far."""

DRAWN = 60
_RUNS = np.geomspace(FEWEST, MOST, 25)
_FRAMES = [
    panel(
        axis("year", 2012, 2023, ticks=[(year, str(year)) for year in range(2012, 2024, 3)], form="f0"),
        axis("compute", 1e10, 1e29, unit="FLOP", scale="log", form="e2", ticks=[1e12, 1e16, 1e20, 1e24, 1e28]),
        height=3,
    ),
    panel(
        axis("published runs", FEWEST, MOST, scale="log", ticks=[50, 100, 200, 400, 800, 1600], form="w3"),
        axis("halving time", 1, LONGEST, unit="months", scale="log", ticks=[1, 2, 5, 10, 20, 50, 100], form="g3"),
        height=4,
    ),
]


@functools.lru_cache(maxsize=16384)
def _interval(halving, spread, scatter, runs):
    """Shortest and longest halving time, in months, of the 95% interval that such runs are expected to give."""
    # ln loss = a - b ln C - r t with ln C = m t + s z, and z free of t: the slopes on t and on z are independent.
    m, s, rate = np.log(GROWTH), spread * np.log(10.0), 12.0 * np.log(2.0) / halving
    on_z, on_t = scatter**2 / (runs * s**2), scatter**2 / (runs * YEARS**2 / 12.0)
    both = -m * on_z
    low, high = ratio_interval(EXPONENT * rate, EXPONENT, [[on_t + m**2 * on_z, both], [both, on_z]], 1.96)
    longest = 12.0 * np.log(2.0) / low if low > 0.0 else np.inf
    return 12.0 * np.log(2.0) / high, min(longest, LONGEST)


@described(
    controls={
        "halving": Slider.over("True halving time", 4.0, 24.0, 13, scale="log", between=1, form="g2", unit="months"),
        "runs": Slider.over("Runs", FEWEST, MOST, 21, scale="log", between=1, form="w2"),
        "spread": Slider.steps(
            "Spread of compute in one year", 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, form="g2", unit="decades"
        ),
        "scatter": Choice(label="Scatter of the loss", options={0.02: "2%", 0.05: "5%", 0.1: "10%"}),
    },
    predict=Predict(
        ask="Methods halve the compute for a given loss every 8 months. 200 published runs of 2012 to 2023 scatter by "
        "10% in loss; in one year their compute spreads over a decade either way. What is the longest halving time "
        "that a 95% interval from them still holds?",
        why="Compute grew with the date, so the runs hardly tell the two apart. What does is the spread "
        "of compute within one year, and there the loss moves little.",
        answer="longest",
        low=8,
        high=60,
        scale="log",
        form="g2",
        unit="months",
        x=200.0,
        panel=1,
    ),
)
def pace_of_methods(*, halving: float = 8.0, runs: float = 200.0, spread: float = 1.0, scatter: float = 0.1) -> dict:
    """How fast do methods improve?

    The interval of a halving time that dated runs are expected to give, against their number.

    Parameters
    ----------
    halving : float
        Months in which, in truth, the compute for a given loss halves.
    runs : float
        Independent runs, spread evenly over 2012 to 2023.
    spread : float
        Standard deviation of log10 compute among the runs of one year.
    scatter : float
        Standard deviation of ln loss that neither compute nor date explains.

    Returns
    -------
    dict
        The picture; ``value`` is the longest halving time in the 95% interval, in months.

    Notes
    -----
    Compute grows by 0.64 decades a year, the loss falls with the power 0.03 of it, and the form that is fitted is the
    true one. Runs of one paper are not independent, and a wrong form adds an error that no interval shows. An interval
    without an upper end is drawn to 120 months.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.pace_of_methods()["say"])
    200 runs give a halving time of 8.0 months with a 95% interval from 4.9 to 14 months: 1.8 to 5.4 times a year.
    """
    shortest, longest = _interval(halving, spread, scatter, runs)
    low, high = np.transpose([_interval(halving, spread, scatter, each) for each in _RUNS])
    year = 2012.0 + YEARS * (0.618 * np.arange(DRAWN) % 1.0)
    compute = 10.0 ** (16.0 + np.log10(GROWTH) * (year - 2012.0) + spread * fixed_scatter(DRAWN))
    numbers = {
        "runs": number(runs, "w2", scale="log"),
        "halving": number(halving, "g2", scale="log"),
        "shortest": number(shortest, "g2", scale="log", label="interval from", unit="months"),
        "longest": number(longest, "g2", scale="log", label="interval to", unit="months"),
        "least": number(2.0 ** (12.0 / longest), "g2", scale="log", label="at least", unit="times a year"),
        "most": number(2.0 ** (12.0 / shortest), "g2", scale="log", label="at most", unit="times a year"),
    }
    below = {"panel": 1, "after": True}
    return {
        "axes": _FRAMES,
        "bands": {"interval": band(_RUNS, low, high, "law", **below)},
        "curves": {
            "truth": level(_FRAMES[1]["x"], halving, "ink", label="truth", label_at=0.9, panel=1),
            "trend": curve([2012, 2023], [1e16, 1e16 * GROWTH**11], "quiet"),
        },
        "points": {
            "runs": points(year, compute, "data", size=3),
            "ends": points([runs, runs], [shortest, longest], "law", shape="diamond", size=6, **below),
        },
        "marks": {"interval": mark(_RUNS[2], 1.6, "95% interval", "law", **below)},
        "numbers": numbers,
        "value": float(longest),
        "say": say(
            "{runs} runs give a halving time of {halving} months with a 95% interval from {shortest} to *{longest}* "
            "months: {least} to {most} times a year.",
            numbers,
        ),
    }
