"""The live figure of one more doubling on a power law."""

from __future__ import annotations

import numpy as np

from scalinglib import published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points
from scalinglib.laws import PowerLaw

START = 1e18
"""FLOP at which all exponents agree."""

LEFT = float(published["besiroglu2024"].frontier_law.reducible(START))
"""What is then left above the floor."""

EXPONENTS = tuple(float(f"{0.178 * (0.03 / 0.178) ** (step / 36):.6g}") for step in range(36, -22, -1))
"""From 0.03 to 0.503, even on a log scale: what halving costs depends on ratios of exponents."""

GRID = np.geomspace(START, 1e27, 61)
_COMPUTE = axis("training compute", START, 1e27, unit="FLOP", scale="log")
_LOSS = axis("loss", 0, 3.6344, unit="nats")
_ABOVE = axis("above the floor", 0.01, 2, unit="nats", scale="log", ticks=[0.01, 0.1, 1])
_DROPS = axis("each doubling", 0.001, 1, unit="nats", scale="log", ticks=[0.001, 0.03, 1])


@described(
    controls={
        "exponent": Slider(label="Exponent", stops=EXPONENTS, scale="log", form="f3"),
        "compute": Slider.over("Compute now", 1e18, 1e26, 33, scale="log", between=1, form="e3", unit="FLOP"),
        # Loss and drawing are straight in the floor, so two stops are exact.
        "floor": Slider(label="Floor", stops=(0.0, 1.8172), between=36, form="f2", unit="nats"),
        "view": Choice(label="Drawn", options={"linear": "the loss", "log": "above the floor, on a log axis"}),
    },
    predict=Predict(
        ask="By what factor must compute grow to halve the loss above the floor?",
        why="What is left falls as a small power of compute, so halving it takes two to the power of one over that "
        "exponent, however low one starts.",
        answer="factor",
        low=2,
        high=1e6,
        scale="log",
        form="g2",
        unit="times",
    ),
)
def doubling(*, exponent: float = 0.178, compute: float = 1e21, floor: float = 1.8172, view: str = "linear") -> dict:
    """What does the next doubling buy?

    A power law of compute with a floor, and what each doubling from here takes off the loss.

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

    Notes
    -----
    Assumed: whatever the exponent, 1.67 nats are left above the floor at 10^18 FLOP, as in the refitted Chinchilla law
    (floor 1.8172). The exponent is that of the loss above the floor, not of the loss; unrounded it is .178286, and a
    halving takes 48.8 times the compute.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.doubling()["say"][:79])
    From 10^21 FLOP the next doubling buys 0.0568 nats, 11.6% of what is left above
    """
    law = PowerLaw(coefficient=LEFT * START**exponent, exponent=exponent, floor=floor)
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
    there = compute * np.array([1, factor, factor])
    # A drop of the loss is a few pixels, so the drops have a panel of their own.
    before = compute * 2.0 ** np.arange(10)
    after, drops = 2 * before, law.gain(before)
    stems = {"stem": 0.001, "panel": 1, "after": True}
    later = {"role": "reference", "shape": "diamond", "size": 3, **stems}
    return {
        "axes": [panel(_COMPUTE, _LOSS if linear else _ABOVE, height=1.8, x_label=False), panel(_COMPUTE, _DROPS)],
        "curves": {
            "floor": level(_COMPUTE, bottom, label="floor {floor}", label_at=0.0),
            "law": curve(GRID, base + law.reducible(GRID), "law"),
            "halving": curve(there, base + left * np.array([1, 1, 0.5]), "reference", after=True),
        },
        "points": {
            "now": points(compute, base + left, "data", size=6, labels=("now",), side="below"),
            "half": points(there[1], base + left / 2, "reference", shape="diamond", after=True),
            "next": points(after[0], gain, "data", labels=("{gain}",), side="left", **stems),
            "soon": points(after[1:5], drops[1:5], **later),
            "later": points(after[5:], drops[5:], phone=False, **later),
        },
        "marks": {
            "half": mark(there[1], base + left, "half is left: {factor} times", "reference", side="above", after=True)
        },
        "numbers": numbers,
        "value": gain,
        "say": say(
            "From {compute} FLOP the next doubling buys *{gain}* nats, {share} of what is left above "
            "the floor. Halving what is left takes {factor} times the compute, every time.",
            numbers,
        ),
    }
