"""Live figures on limits: what a repeat is worth, and which ceiling comes first."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, bars, curve, mark, points

REFIT = {"R_D": 95.4, "R_N": 1.71}
"""The other valley of the same 182 runs; `fit_repetition` finds it lower by a little."""

PASSES = Slider(
    label="Passes over the text",
    default=4.0,
    between=2,
    scale="log",
    form="g2",
    # Two even stretches, so that four passes stand on a stop.
    stops=tuple(float(f"{stop:.6g}") for stop in (*np.geomspace(1, 4, 13), *np.geomspace(4, 100, 29)[1:])),
)
UNIQUE = (1e9, 3e9, 1e10, 2.5e10, 1e11, 3e11, 1e12, 3e12, 1e13)
SIZES = (1e8, 3e8, 1e9, 3e9, 6.34e9, 2e10, 1e11, 3e11, 1e12)
DRAWN = np.geomspace(1.0, 100.0, 41)


@functools.cache
def _law(constants: str):
    from scalinglib import published

    law = published["muennighoff2023"]
    return law if constants == "published" else dataclasses.replace(law, **REFIT)


@functools.lru_cache(maxsize=256)
def _along(constants: str, unique: float, parameters: float):
    """The worth of passes at every position of the slider and then at those
    of the curve: a page asks for all of them.
    """
    from scalinglib.limits import value_of_passes

    positions = [PASSES.at(step) for step in range(PASSES.last + 1)]
    value = value_of_passes(_law(constants), np.r_[positions, DRAWN], U=unique, N=parameters)
    table = np.array([value.effective_passes, value.next_pass, value.loss, value.fresh_loss])
    return dict(zip(positions, table.T[: len(positions)], strict=True)), table[:, len(positions) :]


def _here(passes: float, constants: str, unique: float, parameters: float):
    """Effective passes, worth of the next, loss and loss with fresh text at any number of passes."""
    from scalinglib.limits import value_of_passes

    known = _along(constants, unique, parameters)[0].get(float(passes))
    if known is not None:
        return known
    value = value_of_passes(_law(constants), passes, U=unique, N=parameters)
    return value.effective_passes, value.next_pass, value.loss, value.fresh_loss


@functools.cache
def _most(constants: str):
    """What 40 passes count as, and any number at most."""
    from scalinglib.limits import value_of_passes

    value = value_of_passes(_law(constants), 40.0, U=1.0, N=1.0)
    return float(value.effective_passes), value.most_passes


@functools.cache
def _frames():
    across = axis("passes over the text", 1, 100, scale="log", ticks=[1, 2, 4, 10, 20, 40, 100], form="g3")
    counted = axis("fresh texts", 1, 100, scale="log", ticks=[1, 2, 5, 10, 20, 50, 100], form="g3")
    losses = axis("loss", 1.8, 3.8, unit="nats", ticks=[2, 2.5, 3, 3.5], form="f2")
    return [panel(across, counted, height=3, x_label=False), panel(across, losses, height=2)]


@described(
    question="What is the fourth pass worth?",
    controls={
        "passes": PASSES,
        "unique": Slider.steps("Unique tokens", *UNIQUE, default=2.5e10, form="e3"),
        "parameters": Slider.steps("Parameters", *SIZES, default=6.34e9, form="w3"),
        "constants": Choice(
            label="Constants", options={"published": "as published, R_D = 15.4", "refit": "the same runs, R_D = 95.4"}
        ),
    },
    predict=Predict(
        ask="A text is read 40 times. As how many fresh texts of its length does that count?",
        answer="forty",
        form="f1",
        unit="texts",
        options=((40.0, "40"), (15.0, "15"), (4.0, "4")),
        x=40.0,
    ),
    caveat=(
        "The law of Muennighoff et al. 2023, fitted to 182 runs. It can only level off: small models that learn "
        "their text by heart get worse with more passes, and no choice of its constants shows that."
    ),
)
def value_of_a_repeat(
    *, passes: float = 4.0, unique: float = 2.5e10, parameters: float = 6.34e9, constants: str = "published"
) -> dict:
    """Passes over the same text, counted in passes over fresh text, and the loss they buy.

    Parameters
    ----------
    passes : float
        Times the text is read, 1 or more.
    unique : float
        Tokens of the text.
    parameters : float
    constants : {"published", "refit"}
        R_D = 15.387756 and R_N = 5.309743 as published, or 95.4 and 1.71, which fit the same runs slightly better.

    Returns
    -------
    dict
        The picture; ``value`` is what the next token is worth, of a fresh one.

    Examples
    --------
    >>> print(value_of_a_repeat()["say"])
    After 4.0 passes the text counts as 3.73 texts, and one more token is worth 82% of a fresh one. Loss 2.271; with
    fresh data 2.248.
    """
    effective, worth, loss, fresh = _here(passes, constants, float(unique), float(parameters))
    curves = _along(constants, float(unique), float(parameters))[1]
    forty, most = _most(constants)
    numbers = {
        "passes": number(passes, "g2", scale="log"),
        "effective": number(effective, "g3", scale="log", label="fresh texts it counts as"),
        "next": number(worth, "p0", label="the next token is worth"),
        "loss": number(loss, "f3", label="loss", unit="nats per token"),
        "fresh": number(fresh, "f3", label="loss with fresh data", unit="nats per token"),
        "forty": number(forty, "f1", label="40 passes count as", unit="texts"),
        "most": number(most, "f1", label="any number of passes counts as at most", unit="texts"),
    }
    return {
        "axes": _frames(),
        "curves": {
            "every-pass-fresh": curve([1, 100], [1, 100], "ink"),
            "most": curve(
                [1, 100], np.full(2, most), "reference", label="no more than {most}", label_at=0.16, after=True
            ),
            "worth": curve(DRAWN, curves[0], "law", after=True),
            "fresh-loss": curve(
                DRAWN[::2], curves[3, ::2], "ink", label="fresh text", label_at=0.98, panel=1, phone=False
            ),
            "loss": curve(DRAWN[::2], curves[2, ::2], "law", panel=1, after=True, read=True),
        },
        "points": {
            "here": points(passes, effective, "data", size=6, labels=["{effective}"], side="below", after=True),
            "loss-here": points(passes, loss, "data", size=6, labels=["{loss}"], side="above", panel=1, after=True),
        },
        "marks": {
            "fresh": mark(50, 50, "fresh text", "ink", side="left"),
            "same": mark(DRAWN[22], curves[0, 22], "the same text", "law", side="right", after=True),
        },
        "numbers": numbers,
        "value": float(worth),
        "say": say(
            "After {passes} passes the text counts as *{effective}* texts, and one more token is worth {next} of a "
            "fresh one. Loss {loss}; with fresh data {fresh}.",
            numbers,
        ),
    }


ROWS = ("power", "chips", "data", "latency")
LEFT = 1.1e26
HEIGHT = 0.75
"""Rows that a density of 1 per factor of ten stands high."""


C = np.geomspace(1e26, 1e33, 61)
GROWTH = Slider(
    label="Growth of compute a year",
    stops=tuple(round(2 + 0.2 * step, 1) for step in range(21)),
    default=4.0,
    between=2,
    form="f1",
    unit="times",
)


STARTS = {2023: 5e25, 2024: 3.8e25, 2025: 5e26}
"""FLOP of a year's largest run: Epoch's later counts, and between them Llama 3.1, from which the source counts."""


@functools.lru_cache(maxsize=512)
def _lowest(power: str, share: float, shared: float):
    """The lowest ceiling, its 10, 50 and 90% points, its density along the axis, and the chance at every growth."""
    from scalinglib.limits import CEILINGS_2030, compute_trend, lowest_ceiling

    chosen = [CEILINGS_2030["power-one-campus" if name == "power" and power == "one-campus" else name] for name in ROWS]
    lowest = lowest_ceiling(chosen, share=share, shared=shared)
    cases = [(year, GROWTH.at(step)) for year in STARTS for step in range(GROWTH.last + 1)]
    trends = [compute_trend(growth, start=STARTS[year], start_year=year) for year, growth in cases]
    chances = dict(zip(cases, lowest.survival(np.array(trends)), strict=True))
    return lowest, lowest.quantile([0.1, 0.5, 0.9]), lowest.density(C), chances


@functools.cache
def _rows():
    """The frame, and the ground line of every row, from above."""
    base = {name: float(len(ROWS) - place) for place, name in enumerate(ROWS)}
    flop = axis("training compute", 1e26, 1e33, unit="FLOP", scale="log", form="e2")
    rows = axis("", -0.35, 5.1, ticks=[], form="f1")
    return panel(flop, rows), base


@described(
    question="Which ceiling comes first?",
    controls={
        "shared": Slider.steps("Shared luck", *(round(0.1 * step, 1) for step in range(10)), default=0, form="f1"),
        "growth": GROWTH,
        "start": Slider.steps("Largest run of the year", *STARTS, default=2024, form="f0"),
        "power": Choice(label="Power", options={"spread": "spread over sites", "one-campus": "one campus"}),
    },
    predict=Predict(
        ask=(
            "The lowest best guess of the four is 2 × 10^29 FLOP. Where does the lowest of the four ceilings lie, "
            "typically?"
        ),
        answer="median",
        low=1e28,
        high=1e31,
        scale="log",
        form="e2",
        unit="FLOP",
        y=0.3,
    ),
    caveat=(
        "The ranges are printed, and hold 80% by the source; their shape (log-normal) is ours. Who would pay is not "
        "asked. Squares: a second source sees utilisation fall from 2 × 10^28 FLOP and the latency wall at 2 × 10^31."
    ),
)
def binds_2030(
    *, share: float = 0.8, shared: float = 0.0, growth: float = 4.0, start: int = 2024, power: str = "spread"
) -> dict:
    """Four uncertain ceilings on the largest training run of 2030, the lowest of them, and where the trend would be.

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

    Examples
    --------
    >>> picture = binds_2030()
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
        **{name: number(lowest.binds[name], "p0", label=f"{name} is the lowest") for name in ROWS},
    }
    frame, base = _rows()
    ridges = {
        ceiling.name: band(
            C, np.full(61, base[ceiling.name]), base[ceiling.name] + HEIGHT * ceiling.density(C, share=share), "axis"
        )
        for ceiling in lowest.ceilings
    }
    ridges["lowest"] = band(C, np.zeros(61), HEIGHT * density, "law", after=True)
    most = max(ROWS, key=lowest.binds.get)
    return {
        "axes": frame,
        "bands": ridges,
        "bars": {"eighty": bars(low, high, -0.14, "law", thickness=0.1, after=True)},
        "curves": {"trend": curve([trend, trend], [-0.35, 5.0], "ink", label="trend in 2030", label_at=1.0)},
        "points": {
            "median": points(middle, -0.14, "law", shape="diamond", after=True),
            "other-source": points(
                [2e28, 2e31], [base["chips"], base["latency"]], "rival", shape="square", size=3.5, phone=False
            ),
        },
        "marks": {
            **{name: mark(LEFT, base[name] + 0.3, f"{name}: lowest in {{{name}}}", "quiet") for name in ROWS},
            "lowest": mark(LEFT, 0.3, "the lowest", "law", after=True),
        },
        "numbers": numbers,
        "value": chance,
        "say": say(
            "From {start} FLOP in {year}, growing {growth} times a year reaches {trend} FLOP in 2030. The lowest "
            "ceiling allows it with "
            f"probability *{{chance}}*. {most.capitalize()} binds in {{{most}}} of cases.",
            numbers,
        ),
    }
