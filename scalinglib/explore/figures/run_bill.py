"""The live figure of a run's bill: from FLOP to days and dollars."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, mark, points

COMPUTE = np.geomspace(1e19, 1e27, 9)
PRINTED = {
    "PaLM 540B": (2.53e24, 3.4e6),
    "Llama 3.1 405B": (3.8e25, 73e6),
    "GPT-4": (2.1e25, 69e6),
    "Grok-3": (4.64e26, 507e6),
}
"""Run -> FLOP and dollars as Epoch AI's cost study prints them (model_costs_updated.csv, July 2025)."""

USED = {"low": 0.25, "usual": 0.4, "high": 0.5}
_FRAME = panel(
    axis("training compute", 1e19, 3e28, unit="FLOP", scale="log", form="e2", ticks=[1e19, 1e21, 1e23, 1e25, 1e27]),
    axis("price", 1, 1e11, unit="$", scale="log", form="e2", ticks=[1, 1e3, 1e6, 1e9]),
)


@described(
    controls={
        "compute": Slider.over("Compute", 1e19, 1e27, 41, scale="log", between=1, form="e2", unit="FLOP"),
        "price": Slider.steps("An hour of one H100", 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, form="f2", unit="$"),
        "devices": Slider.steps("H100 at once", 1, 8, 64, 512, 4096, 16384, 100000, 300000, form="w3"),
        "utilisation": Choice(label="Utilisation", options={"low": "25%", "usual": "40%", "high": "50%"}),
    },
    predict=Predict(
        ask="A run of 4 × 10^25 FLOP. An H100 makes some 4 × 10^14 useful FLOP a second and rents for 2.50 dollars an "
        "hour. What does the run cost?",
        why="Divide by what a chip does in an hour: some thirty million hours of a chip come out, and each costs a few "
        "dollars.",
        answer="dollars",
        low=1e5,
        high=1e11,
        scale="log",
        form="w2",
        unit="$",
    ),
)
def run_bill(
    *, compute: float = 10**25.6, utilisation: str = "usual", price: float = 2.5, devices: float = 16384
) -> dict:
    """What does a run cost?

    The price of a run against its compute, with what is left uncertain when price and utilisation are known.

    Parameters
    ----------
    compute : float
        FLOP.
    utilisation : {"low", "usual", "high"}
        Share of the dense 16-bit peak of an H100: 25, 40 or 50%.
    price : float
        Dollars for an hour of one H100.
    devices : float
        How many run at once.

    Returns
    -------
    dict
        The picture; ``value`` is the price in dollars.

    Notes
    -----
    Prices are inputs with a date. Staff, failed runs, data and evaluation are not in it. Points are the costs that one
    study prints, by a method of its own.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.run_bill()["say"])
    4 × 10^25 FLOP take 34 million hours of H100: 71 days on 16,000 of them, 24 megawatts while it runs, and 84
    million dollars.
    """
    from scalinglib.limits import training_bill

    known = {"utilisation": USED[utilisation], "price": float(price)}
    bill = training_bill(compute, devices=int(devices), **known)
    # In proportion to compute: one bill gives the line and its range.
    low, middle, high = (COMPUTE / compute * end for end in bill.dollars)
    numbers = {
        "compute": number(compute, "e2", scale="log"),
        "hours": number(bill.hours[1], "w2", scale="log", label="hours of H100"),
        "days": number(bill.days[1], "g2", scale="log", label="days", unit="days"),
        "devices": number(devices, "w2"),
        "energy": number(bill.energy[1] / 1e3, "g3", scale="log", label="energy", unit="MWh"),
        "power": number(bill.power[1] / 1e3, "g2", scale="log", label="power while it runs", unit="MW"),
        "dollars": number(bill.dollars[1], "w2", scale="log", label="price", unit="$"),
        "low": number(bill.dollars[0], "w2", scale="log", label="price, 10%", unit="$"),
        "high": number(bill.dollars[2], "w2", scale="log", label="price, 90%", unit="$"),
    }
    sides = {"PaLM 540B": "below", "Llama 3.1 405B": "below", "GPT-4": "above", "Grok-3": "right"}
    return {
        "axes": _FRAME,
        "bands": {"price": band(COMPUTE, low, high, "law", after=True)},
        "curves": {"price": curve(COMPUTE, middle, "law", after=True)},
        "points": {
            "printed": points(
                [C for C, _ in PRINTED.values()], [dollars for _, dollars in PRINTED.values()], size=3.5, after=True
            ),
            "here": points(compute, bill.dollars[1], "reference", shape="diamond", size=6, after=True),
        },
        "marks": {
            name: mark(C, dollars, name.partition(" ")[0], "data", side=sides[name], phone=name != "GPT-4", after=True)
            for name, (C, dollars) in PRINTED.items()
        },
        "numbers": numbers,
        "value": float(bill.dollars[1]),
        "say": say(
            "{compute} FLOP take {hours} hours of H100: {days} days on {devices} of them, {power} megawatts while it "
            "runs, and *{dollars}* dollars.",
            numbers,
        ),
    }
