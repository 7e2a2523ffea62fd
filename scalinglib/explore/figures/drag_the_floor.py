"""The live figure of a forgotten floor."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region
from scalinglib.fitting import fit_power_law
from scalinglib.simulate import fixed_scatter

TRUTH = published["besiroglu2024"].frontier_law
"""The best loss at a budget by the refitted Chinchilla law."""

FLOORS = (
    *(step / 20 for step in range(30)),
    *(step / 50 for step in range(75, 91)),
    *(1.8172, 1.84, 1.86, 1.87, 1.88, 1.89, 1.9),
)
"""The true floor among them; closer together where the floor nears the losses and everything bends."""

START, HORIZON = 1e18, 1e26
_COMPUTE = axis("training compute", 10**17.8, 10**26.2, unit="FLOP", scale="log", ticks=[1e18, 1e20, 1e22, 1e24, 1e26])
_LOSS, _RESIDUAL = axis("loss", 0, 3.6, unit="nats"), axis("residual", -10, 10, unit="%", ticks=[-10, 0, 10])


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
    C = START * np.logspace(0, decades, 20)
    return fit_power_law(C, TRUTH(C) * np.exp(noise * fixed_scatter(20)), floor=floor, space="log")


@described(
    controls={
        "floor": Slider(label="Assumed floor", stops=FLOORS, between=5, form="f2", unit="nats"),
        "decades": Slider.steps("Decades measured", 2, 3, 4, 5, 6, form="f0"),
        "noise": Choice(label="Noise", options={0.0: "none", 0.005: "0.5%", 0.01: "1%"}),
    },
    predict=Predict(
        ask="A straight line on log-log axes through these 20 losses, no floor: which loss does "
        "it promise at 10^26 FLOP?",
        why="A power law without a floor goes down by the same ratio for ever. The truth levels off, and over the "
        "four measured decades a slightly smaller exponent hides that.",
        answer="promise",
        low=0.5,
        high=2.5,
        form="f2",
        unit="nats",
        x=HORIZON,
    ),
)
def drag_the_floor(*, floor: float = 0.0, decades: float = 4, noise: float = 0.005) -> dict:
    """Who notices a forgotten floor?

    A line with an assumed floor, its residuals, and what it promises.

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

    Notes
    -----
    The losses are made from a law with floor 1.8172, and the noise is a fixed pattern, not a sample. R squared is that
    of ln(loss − floor). The floor with the highest R squared is not the true one: a floor is an extrapolation.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.drag_the_floor()["say"])
    With the floor at 0.00 the fit promises 1.28 nats at 10^26 FLOP; the truth is 1.88. R squared is 0.977.
    """
    fit = fitted_line(floor, decades, noise)
    residuals, promise = 100 * np.log(fit.y / fit.law(fit.x)), float(fit.law(HORIZON))
    numbers = {
        "floor": number(floor, "f2"),
        "promise": number(promise, "f2", label="promised at 10^26 FLOP", unit="nats"),
        "truth": number(float(TRUTH(HORIZON)), "f2", label="truth at 10^26 FLOP", unit="nats"),
        "exponent": number(fit.law.exponent, "f3", label="fitted exponent"),
        "r_squared": number(fit.r_squared, "f3", label="R squared of the line"),
        "scatter": number(np.sqrt((residuals**2).mean()), "f1", label="root mean square of the residuals", unit="%"),
        "first": number(residuals[0], "+f1", label="first residual", unit="%"),
        "last": number(residuals[-1], "+f1", label="last residual", unit="%"),
    }
    end = _COMPUTE["high"]
    grid, edge = np.geomspace(_COMPUTE["low"], end, 41), START * 10.0**decades
    below = {"panel": 1, "after": True}
    return {
        "axes": [panel(_COMPUTE, _LOSS, height=7, x_label=False), panel(_COMPUTE, _RESIDUAL, height=4)],
        "regions": {"beyond": region(x=(edge, end), label="never measured"), "below": region(x=(edge, end), panel=1)},
        "curves": {
            "zero": level(_COMPUTE, 0, "axis", thin=True, dashed="solid", panel=1),
            "floor": level(_COMPUTE, floor, "reference", label="assumed floor {floor}", label_at=0.0),
            "truth": curve(grid, TRUTH(grid), "ink", label="truth {truth}", label_at=0.82, after=True),
            "fit": curve(grid, fit.law(grid), "law", after=True),
        },
        "points": {
            "runs": points(fit.x, fit.y, "data"),
            "residuals": points(fit.x, residuals, "data", stem=0.0, size=3.5, **below),
            "promise": points(HORIZON, promise, "law", size=6, labels=("fit {promise}",), side="below", after=True),
        },
        "marks": {"r_squared": mark(edge, -6, "R squared {r_squared}", "ink", bold=True, **below)},
        "numbers": numbers,
        "value": promise,
        "say": say(
            "With the floor at {floor} the fit promises *{promise}* nats at 10^26 FLOP; the truth "
            "is {truth}. R squared is {r_squared}.",
            numbers,
        ),
    }
