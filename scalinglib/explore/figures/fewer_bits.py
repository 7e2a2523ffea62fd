"""The live figure of precision: what bits are worth."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, points, region

LEAST, MOST = 2.0, 16.0
DRAWN = np.geomspace(LEAST, MOST, 43)
TESTED = (3.0, 12.0)
"""Bits that the runs behind the law had."""

_BITS = axis("bits", LEAST, MOST, scale="log", ticks=[2, 3, 4, 6, 8, 12, 16], form="g2")
_FRAMES = [
    panel(
        _BITS, axis("parameters that count", 0, 1, ticks=[0, 0.25, 0.5, 0.75, 1], form="p0"), height=3, x_label=False
    ),
    panel(
        _BITS,
        axis("cost of the same loss", 0.1, 20, unit="of 16 bits", scale="log", ticks=[0.1, 0.3, 1, 3, 10], form="g2"),
        height=3,
    ),
]


@functools.lru_cache(maxsize=4096)
def _priced(sensitivity, fixed):
    """Shares and costs along the axis, and the bits that cost least."""
    from scalinglib.limits import cheapest_bits, effective_share, relative_cost

    parts = (sensitivity,) * 3
    least = max(LEAST, min(MOST, cheapest_bits(sensitivity=parts, fixed=fixed)))
    return (
        effective_share(DRAWN, sensitivity=parts),
        relative_cost(DRAWN, sensitivity=parts, fixed=fixed),
        least,
        float(relative_cost(least, sensitivity=parts, fixed=fixed)),
    )


@described(
    controls={
        "bits": Slider.steps(
            "Bits of weights, activations, keys and values", 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, form="f0"
        ),
        "sensitivity": Slider.over("Sensitivity", 1.2, 4.8, 25, between=1, form="f2", unit="bits"),
        "fixed": Slider.steps("Cost that bits do not lower", 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, form="p0"),
    },
    predict=Predict(
        ask="Three parts of a model each lose exp(-bits / 1.95) of its parameters; a token costs in proportion to "
        "bits. In how many bits does the same loss cost least?",
        why="From 16 bits down, cost falls in proportion while nearly all parameters still count; they go where bits "
        "come near the sensitivity, and the least cost is at 1.9 times it.",
        answer="best",
        low=2,
        high=16,
        scale="log",
        form="f1",
        unit="bits",
        panel=1,
    ),
)
def fewer_bits(*, bits: float = 8.0, sensitivity: float = 1.95, fixed: float = 0.0) -> dict:
    """What are bits worth?

    Parameters that count, and the training cost of the same loss, against the bits a model is trained in.

    Parameters
    ----------
    bits : float
        Of weights, activations, keys and values alike.
    sensitivity : float
        Bits at which each of the three keeps 63% of its parameters.
    fixed : float
        Share of the cost in 16 bits that fewer bits do not lower.

    Returns
    -------
    dict
        The picture; ``value`` is the number of bits at which the same loss costs least, from 2 to 16.

    Notes
    -----
    The form is that of Kumar et al. 2024, equation 4, with one sensitivity for all parts; 1.95 is the mean of the three
    in their table. It was fitted to models of 30 to 220 million parameters in 3 to 12 bits, of integer type.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.fewer_bits()["say"])
    In 8 bits 95% of the parameters count, and the same loss costs 0.53 of what it costs in 16. It costs least in 3.7
    bits.
    """
    from scalinglib.limits import effective_share, relative_cost

    shares, costs, best, least = _priced(float(sensitivity), float(fixed))
    parts = (float(sensitivity),) * 3
    share = float(effective_share(bits, sensitivity=parts))
    cost = float(relative_cost(bits, sensitivity=parts, fixed=float(fixed)))
    numbers = {
        "bits": number(bits, "f0"),
        "share": number(share, "p0", label="parameters that count"),
        "cost": number(cost, "f2", scale="log", label="cost of the same loss, of 16 bits"),
        "best": number(best, "f1", label="cheapest", unit="bits"),
        "least": number(least, "f2", scale="log", label="its cost, of 16 bits"),
    }
    cursor, below = {"role": "data", "size": 6}, {"panel": 1, "after": True}
    return {
        "axes": _FRAMES,
        "regions": {
            "untried": region(x=(LEAST, TESTED[0]), label="not tried"),
            "untried-cost": region(x=(LEAST, TESTED[0]), panel=1),
        },
        "curves": {
            "share": curve(DRAWN, shares, "law"),
            "same": level(_BITS, 1.0, "quiet", panel=1),
            "cost": curve(DRAWN, costs, "law", read=True, **below),
        },
        "points": {
            "share-here": points(bits, share, labels=["{share}"], side="below", **cursor),
            "cost-here": points(bits, cost, labels=["{cost}"], side="above", **cursor, **below),
            "best": points(
                best, least, "reference", shape="diamond", size=6, labels=["{best} bits"], side="below", **below
            ),
        },
        "numbers": numbers,
        "value": best,
        "say": say(
            "In {bits} bits {share} of the parameters count, and the same loss costs {cost} of what it costs in 16. It "
            "costs least in *{best}* bits.",
            numbers,
        ),
    }
