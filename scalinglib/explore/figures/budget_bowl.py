"""The live figure of one budget: what the wrong size costs."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from scalinglib import arguments, published
from scalinglib.allocation import isoflop_curve, overtraining_cost
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, mark, points

SETS = {
    "besiroglu2024": "refit, 2024",
    "hoffmann2022": "Hoffmann, unrounded",
    "hoffmann2022-rounded": "Hoffmann, as printed",
}
"""Published constants of one law, and the words for them."""

SEEN_RATIOS = (0.456, 341.0)
"""Tokens per parameter of the 240 runs behind the refit."""

LARGEST_RUN = 1.3e22
"""FLOP of the largest of those runs."""

_SIZES = axis("parameters N", 3e6, 2e13, scale="log")
_FRAME = panel(
    _SIZES,
    axis(
        "loss above the floor",
        0.04,
        4.0,
        unit="nats per token",
        scale="log",
        ticks=[0.05, 0.1, 0.2, 0.5, 1, 2, 4],
        form="g3",
    ),
)


# Curves that many settings share; the ends of a bowl are ratios of tokens to parameters.
@lru_cache(maxsize=64)
def _bowl(law: str, budget: float, most: float, least: float, count: int):
    N = np.sqrt(budget / 6.0 / np.geomspace(most, least, count))
    return N, isoflop_curve(published[law], budget, N=N) - published[law].E


@lru_cache(maxsize=8)
def _path(law: str):
    return published[law].optimum(np.geomspace(1e17, 1e27, 41))


@described(
    controls={
        "compute": Slider.over("Compute budget", 1e18, 1e26, 41, scale="log", between=2, form="e3", unit="FLOP"),
        "tokens_per_parameter": Slider.over("Tokens per parameter", 0.1, 1e4, 36, scale="log", between=3, form="g2"),
        "law": Choice(label="Constants", options=SETS),
    },
    predict=Predict(
        ask="With Gopher's budget and 1.7 tokens per parameter in place of the best ratio: how many times "
        "the compute that its loss needs does the run spend?",
        why="The bowl is flat about its lowest point, where one term gains nearly what the other loses: a ratio that "
        "is off tenfold costs less than twice the compute.",
        answer="factor",
        low=1.0,
        high=100.0,
        scale="log",
        form="g3",
    ),
)
def budget_bowl(*, compute: float = 5.76e23, tokens_per_parameter: float = 1.7, law: str = "besiroglu2024") -> dict:
    """What does the wrong size cost?

    The loss along one budget, and how much less compute a best-split run needs for the loss of yours.

    Parameters
    ----------
    compute : float
        Budget in FLOP, 6 N D.
    tokens_per_parameter : float
        D / N of the run.
    law : {"besiroglu2024", "hoffmann2022", "hoffmann2022-rounded"}
        Whose constants.

    Notes
    -----
    The public runs behind these laws have 0.46 to 341 tokens per parameter (thick line) and at most 1.3 × 10^22 FLOP;
    the rest is extrapolation. N counts embeddings, C is 6ND.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.budget_bowl(compute=5.76e23, tokens_per_parameter=1.7)["value"], 2)
    1.64
    """
    surface = published[arguments.one_of("law", law, SETS)]
    low, high = SEEN_RATIOS
    N = math.sqrt(compute / 6.0 / tokens_per_parameter)
    D = tokens_per_parameter * N
    loss, factor = float(surface(N, D)), max(1.0, float(overtraining_cost(surface, N, D)))
    best, same, path, above = surface.optimum(compute), surface.optimum(compute / factor), _path(law), loss - surface.E
    numbers = {
        "factor": number(factor, "g3", scale="root", label="compute spent over compute needed"),
        "needed": number(compute / factor, "e2", scale="log", label="compute a best-split run needs", unit="FLOP"),
        "N": number(N, "w3", scale="log", label="parameters of the run"),
        "D": number(D, "w3", scale="log", label="tokens of the run"),
        "loss": number(loss, "f2", scale="log", label="its loss", unit="nats per token"),
        "best_N": number(best.N, "w2", scale="log", label="best size at this budget"),
        "best_ratio": number(best.tokens_per_parameter, "g3", scale="log", label="best tokens per parameter"),
        "best_loss": number(best.loss, "f3", scale="log", label="best loss", unit="nats per token"),
        "beyond": number(compute / LARGEST_RUN, "g2", scale="log", label="budget over that of the largest run"),
        "compute": number(compute, "e3", scale="log"),
        "ratio": number(tokens_per_parameter, "g2", scale="log"),
        "floor": number(surface.E, "f2"),
    }
    idle = {"thin": True, "dashed": "solid"}
    return {
        "axes": _FRAME,
        "curves": {
            **{
                f"idle_{power}": curve(
                    *_bowl(law, 10.0**power, 1e5, 1e-3, 41), "axis", phone=power == 21, label=f"10^{power} FLOP", **idle
                )
                for power in (19, 21, 26)
            },
            "path": curve(path.N, path.loss - surface.E, "reference", label="best size of each budget", label_at=0.12),
            "many_tokens": curve(*_bowl(law, compute, 1e6, high, 17), "law", thin=True, read=False),
            "few_tokens": curve(
                *_bowl(law, compute, low, 1e-3, 13), "law", thin=True, read=False, label="beyond the data"
            ),
            "bowl": curve(*_bowl(law, compute, high, low, 31), "law", read=True),
            "same_loss": curve([same.N, N], [above, above], "data", thin=True, dashed="dotted", after=True),
        },
        "points": {
            "best": points(best.N, best.loss - surface.E, "reference", shape="diamond"),
            "same": points(same.N, above, "reference", shape="diamond", hollow=True, after=True),
            "run": points(N, above, "data", size=6),
        },
        "marks": {
            "price": mark(N, above, "{factor} times the compute", "data", side="above", after=True),
            "floor": mark(3e6, 0.047, "floor {floor}, below this axis"),
        },
        "numbers": numbers,
        "value": factor,
        "say": say(
            "At {compute} FLOP and {ratio} tokens per parameter the run costs *{factor}* times the compute of "
            "the best run with its loss. Best at this budget: {best_N} parameters, {best_ratio} tokens each. The "
            "budget is {beyond} times that of the largest run behind the law.",
            numbers,
        ),
    }
