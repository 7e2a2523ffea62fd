"""The live figures of the part on power laws."""

from __future__ import annotations

import functools
from statistics import NormalDist

import numpy as np

import scalinglib as sl
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, mark, points, region

START = 1e18
"""FLOP at which all exponents of `doubling` agree, and at which `drag_the_floor` begins to measure."""

EXPONENTS = tuple(float(f"{0.178 * (0.03 / 0.178) ** (step / 36):.6g}") for step in range(36, -22, -1))
"""From 0.03 to 0.503, even on a log scale: what halving costs depends on ratios of exponents."""

FLOORS = (
    *(step / 20 for step in range(30)),
    *(step / 50 for step in range(75, 91)),
    *(1.8172, 1.84, 1.86, 1.87, 1.88, 1.89, 1.9),
)
"""The true floor among them; closer together where the floor nears the losses and everything bends."""

BEGIN, HORIZON, END = 10**17.8, 1e26, 10**26.2


@described(
    question="What does the next doubling buy?",
    controls={
        "exponent": Slider(label="Exponent", stops=EXPONENTS, default=0.178, scale="log", form="f3"),
        "compute": Slider.over(
            "Compute now", 1e18, 1e26, 33, default=1e21, scale="log", between=1, form="e3", unit="FLOP"
        ),
        # Loss and drawing are straight in the floor, so two stops are exact.
        "floor": Slider(label="Floor", stops=(0.0, 1.8172), default=1.8172, between=36, form="f2", unit="nats"),
        "view": Choice(label="Drawn", options={"linear": "the loss", "log": "above the floor, on a log axis"}),
    },
    predict=Predict(
        ask="By what factor must compute grow to halve the loss above the floor?",
        answer="factor",
        low=2,
        high=1e6,
        scale="log",
        form="g2",
        unit="times",
    ),
    caveat="Assumed: whatever the exponent, 1.67 nats are left above the floor at 10^18 FLOP, as in the "
    "refitted Chinchilla law (floor 1.8172). The exponent is that of the loss above the floor, not of the loss; "
    "unrounded it is .178286, and a halving takes 48.8 times the compute.",
)
def doubling(*, exponent: float = 0.178, compute: float = 1e21, floor: float = 1.8172, view: str = "linear") -> dict:
    """What does the next doubling of compute buy, on a power law with a floor?

    Parameters
    ----------
    exponent : float
        Of the loss above the floor, in compute.
    compute : float
        FLOP spent now.
    floor : float
        Nats per token.
    view : {"linear", "log"}
        Draw the loss, or what is above the floor on a logarithmic axis.

    Returns
    -------
    dict
        A picture; its value is what the next doubling takes off the loss, in nats.

    Examples
    --------
    >>> print(doubling()["say"][:79])
    From 10^21 FLOP the next doubling buys 0.0568 nats, 11.6% of what is left above
    """
    shared = float(_truth().reducible(START))
    law = sl.PowerLaw(coefficient=shared * START**exponent, exponent=exponent, floor=floor)
    left, gain, factor = float(law.reducible(compute)), float(law.gain(compute)), law.cost_factor(0.5)
    numbers = {
        "compute": number(compute, "e3", scale="log"),
        "gain": number(gain, "g3", scale="log", label="bought by the next doubling", unit="nats"),
        "share": number(1.0 - 2.0**-exponent, "p1", label="of what is left above the floor"),
        "factor": number(factor, "w3", scale="loglog", label="compute that halves what is left", unit="times"),
        "loss": number(floor + left, "f3", label="loss now", unit="nats"),
        "floor": number(floor, "f2", label="floor", unit="nats"),
    }
    linear = view == "linear"
    base, bottom = (floor, floor) if linear else (0.0, np.nan)
    x, grid = axis("training compute", START, 1e27, unit="FLOP", scale="log"), np.geomspace(START, 1e27, 61)
    y = (
        axis("loss", 0, 3.6344, unit="nats")
        if linear
        else axis("above the floor", 0.01, 2, unit="nats", scale="log", ticks=[0.01, 0.1, 1])
    )
    # A drop of the loss is a few pixels, so the drops have a panel of their own.
    before = compute * 2.0 ** np.arange(10)
    after, drops = 2 * before, law.gain(before)
    return {
        "axes": [
            panel(x, y, height=1.8, x_label=False),
            panel(x, axis("each doubling", 0.001, 1, unit="nats", scale="log", ticks=[0.001, 0.03, 1])),
        ],
        "curves": {
            "floor": curve([START, 1e27], [bottom, bottom], "ink", label="floor {floor}", label_at=0.0),
            "law": curve(grid, base + law.reducible(grid), "law"),
            "halving": curve(
                compute * np.array([1, factor, factor]), base + left * np.array([1, 1, 0.5]), "reference", after=True
            ),
        },
        "points": {
            "now": points(compute, base + left, "data", size=6, labels=("now",), side="below"),
            "half": points(compute * factor, base + left / 2, "reference", shape="diamond", after=True),
            "next": points(after[0], gain, "data", stem=0.001, labels=("{gain}",), side="left", panel=1, after=True),
            "soon": _drops(after[1:5], drops[1:5]),
            "later": _drops(after[5:], drops[5:], phone=False),
        },
        "marks": {
            "half": mark(
                compute * factor, base + left, "half is left: {factor} times", "reference", side="above", after=True
            )
        },
        "numbers": numbers,
        "value": gain,
        "say": say(
            "From {compute} FLOP the next doubling buys *{gain}* nats, {share} of what is left above "
            "the floor. Halving what is left takes {factor} times the compute, every time.",
            numbers,
        ),
    }


def _drops(x, y, *, phone=True):
    """What later doublings buy, as thin stems."""
    return points(x, y, "reference", shape="diamond", size=3, stem=0.001, panel=1, after=True, phone=phone)


@functools.cache
def _truth():
    """The best loss at a budget by the refitted Chinchilla law."""
    return sl.published["besiroglu2024"].frontier_law


@functools.lru_cache(maxsize=4096)
def fitted_line(floor, decades, noise):
    """The 20 losses that `drag_the_floor` measures, and the straight line fitted to ln(loss - floor).

    Parameters
    ----------
    floor, decades, noise : float
        As in `drag_the_floor`.

    Returns
    -------
    PowerLawFit

    Examples
    --------
    >>> fit = fitted_line(0.0, 4, 0.005)
    >>> print(f"{fit.law.exponent:.7f}, {fit.law.x_for(1.8172):.6g} FLOP")
    0.0517662, 1.16269e+23 FLOP
    """
    count = 20
    # The quantiles of a normal distribution in a fixed order: a pattern, the same everywhere, not a sample.
    pattern = np.array([NormalDist().inv_cdf((7 * rank % count + 0.5) / count) for rank in range(count)])
    C = START * np.logspace(0, decades, count)
    return sl.fit_power_law(C, _truth()(C) * np.exp(noise * pattern), floor=floor, space="log")


@described(
    question="Who notices a forgotten floor?",
    controls={
        "floor": Slider(label="Assumed floor", stops=FLOORS, default=0.0, between=5, form="f2", unit="nats"),
        "decades": Slider.steps("Decades measured", 2, 3, 4, 5, 6, default=4, form="f0"),
        "noise": Choice(label="Noise", options={0.0: "none", 0.005: "0.5%", 0.01: "1%"}, default=0.005),
    },
    predict=Predict(
        ask="A straight line on log-log paper through these 20 losses, no floor: which loss does "
        "it promise at 10^26 FLOP?",
        answer="promise",
        low=0.5,
        high=2.5,
        form="f2",
        unit="nats",
        x=HORIZON,
    ),
    caveat="The losses are made from a law with floor 1.8172, and the noise is a fixed pattern, not a "
    "sample. R squared is that of ln(loss − floor). The floor with the highest R squared is not the true one: "
    "a floor is an extrapolation.",
)
def drag_the_floor(*, floor: float = 0.0, decades: float = 4, noise: float = 0.005) -> dict:
    """Who notices a forgotten floor? A line with an assumed floor, its residuals, and what it promises.

    Parameters
    ----------
    floor : float
        Assumed floor in nats, below the smallest loss.
    decades : float
        Decades of compute measured, from 1e18 FLOP.
    noise : float
        Scatter of ln loss.

    Returns
    -------
    dict
        A picture; its value is the loss that the fit promises at 1e26 FLOP.

    Examples
    --------
    >>> print(drag_the_floor()["say"])
    With the floor at 0.00 the fit promises 1.28 nats at 10^26 FLOP; the truth is 1.88. R squared is 0.977.
    """
    fit, truth = fitted_line(floor, decades, noise), _truth()
    residuals, promise = 100 * np.log(fit.y / fit.law(fit.x)), float(fit.law(HORIZON))
    numbers = {
        "floor": number(floor, "f2"),
        "promise": number(promise, "f2", label="promised at 10^26 FLOP", unit="nats"),
        "truth": number(float(truth(HORIZON)), "f2", label="truth at 10^26 FLOP", unit="nats"),
        "exponent": number(fit.law.exponent, "f3", label="fitted exponent"),
        "r_squared": number(fit.r_squared, "f3", label="R squared of the line"),
        "scatter": number(np.sqrt((residuals**2).mean()), "f1", label="root mean square of the residuals", unit="%"),
        "first": number(residuals[0], "+f1", label="first residual", unit="%"),
        "last": number(residuals[-1], "+f1", label="last residual", unit="%"),
    }
    x = axis("training compute", BEGIN, END, unit="FLOP", scale="log", ticks=[1e18, 1e20, 1e22, 1e24, 1e26])
    grid, edge, whole = np.geomspace(BEGIN, END, 41), START * 10.0**decades, [BEGIN, END]
    return {
        "axes": [
            panel(x, axis("loss", 0, 3.6, unit="nats"), height=7, x_label=False),
            panel(x, axis("residual", -10, 10, unit="%", ticks=[-10, 0, 10]), height=4),
        ],
        "regions": {"beyond": region(x=(edge, END), label="never measured"), "below": region(x=(edge, END), panel=1)},
        "curves": {
            "zero": curve(whole, [0, 0], "axis", thin=True, dashed="solid", panel=1),
            "floor": curve(whole, [floor, floor], "reference", label="assumed floor {floor}", label_at=0.0),
            "truth": curve(grid, truth(grid), "ink", label="truth {truth}", label_at=0.82, after=True),
            "fit": curve(grid, fit.law(grid), "law", after=True),
        },
        "points": {
            "runs": points(fit.x, fit.y, "data"),
            "residuals": points(fit.x, residuals, "data", stem=0.0, size=3.5, panel=1, after=True),
            "promise": points(HORIZON, promise, "law", size=6, labels=("fit {promise}",), side="below", after=True),
        },
        "marks": {"r_squared": mark(edge, -6, "R squared {r_squared}", "ink", panel=1, after=True, bold=True)},
        "numbers": numbers,
        "value": promise,
        "say": say(
            "With the floor at {floor} the fit promises *{promise}* nats at 10^26 FLOP; the truth "
            "is {truth}. R squared is {r_squared}.",
            numbers,
        ),
    }
