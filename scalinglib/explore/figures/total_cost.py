"""Live figure between training and use: how small a much-used model should be."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import arguments, published
from scalinglib.allocation import serving_cost
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region

MOST_SEEN = 341.0
"""Tokens per parameter beyond which no run stands behind the constants."""

# Sizes over the smallest that can reach the loss, less one: close together where training gets dear.
ABOVE_SMALLEST = np.geomspace(0.02, 100.0, 27)
_SIZES = axis("parameters N", 1e8, 1e13, scale="log")
_COSTS = axis("cost over the compute-optimal size's", 0.1, 5.0, scale="log", ticks=[0.1, 0.2, 0.5, 1, 2, 5], form="g2")


@lru_cache(maxsize=128)
def _goal(law: str, quality: float) -> tuple[float, float]:
    """Loss of a compute-optimal model of that size, and the size that needs MOST_SEEN tokens each for it."""
    from scipy.optimize import brentq

    surface = published[law]
    loss = float(surface.frontier(surface.compute_for_size(quality)))

    def beyond(log_N):
        N = np.exp(log_N)
        return np.log(float(surface.tokens_for(N, loss)) / N / MOST_SEEN)

    low, high = (np.log((surface.A / (loss - surface.E)) ** (1.0 / surface.alpha) * (1.0 + 1e-9)), np.log(quality))
    return loss, float(np.exp(brentq(beyond, low, high))) if beyond(high) < 0.0 else quality


@described(
    controls={
        "quality": Slider.over(
            "As good as a compute-optimal", 1e9, 1e12, 17, scale="log", form="w2", unit="parameters"
        ),
        "served": Slider.over("Tokens served", 1e10, 1e15, 11, scale="log", between=1, form="w2"),
        "price": Slider.steps("Price of a served FLOP", 0.3, 1, 3, 10, form="g1", unit="training FLOP"),
        "law": Choice(
            label="Constants", options={"besiroglu2024": "refit, 2024", "hoffmann2022": "Hoffmann, unrounded"}
        ),
    },
    predict=Predict(
        ask="A model as good as a compute-optimal one of 70 billion parameters will serve 10 trillion "
        "tokens. Which size is cheapest, training and serving together?",
        why="A token served costs 2N and a token trained 6N. With so many served a smaller model pays, until the "
        "extra text it needs to be as good costs more than it saves.",
        answer="best_N",
        scale="log",
        form="w2",
        options=[(7e10, "70 billion"), (3.3e10, "33 billion"), (7e9, "7 billion")],
        y=1.0,
    ),
)
def total_cost(*, quality: float = 7e10, served: float = 1e13, price: float = 1.0, law: str = "besiroglu2024") -> dict:
    """How small should a much-used model be?

    The cost of every size that reaches one loss, trained and in use, over the compute-optimal size's.

    Parameters
    ----------
    quality : float
        Parameters of the compute-optimal model whose loss is wanted.
    served : float
        Tokens processed in use.
    price : float
        Cost of a served FLOP against a training FLOP.
    law : {"besiroglu2024", "hoffmann2022"}
        Whose constants.

    Notes
    -----
    6 FLOP a parameter and training token, 2 a served token, quality is the loss and nothing else. Left of the dotted
    vertical line: more than 341 tokens a parameter, where no run stands behind the law and such laws promise too much.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.total_cost()["say"].split(" and ")[0])
    Serving 10 trillion tokens, 33 billion parameters on 3.7 trillion tokens do the work of 70 billion
    """
    surface = published[arguments.one_of("law", law, ("besiroglu2024", "hoffmann2022"))]
    loss, seen_N = _goal(law, quality)
    cost = serving_cost(surface, loss=loss, served=served, price=price)
    best, whole = cost.best, float(cost.total(quality))
    N, ends = cost.smallest_N * (1.0 + ABOVE_SMALLEST), np.array([1e8, 1e13])
    training, serving = cost.training(N) / whole, cost.serving(ends) / whole
    near, cheapest = quality * 1.6, best.total_flop / whole
    numbers = {
        "saved": number(best.saved, "p0", label="saved against the compute-optimal size"),
        "best_N": number(best.N, "w2", scale="log", label="cheapest size", unit="parameters"),
        "best_D": number(best.D, "w2", scale="log", label="its training tokens"),
        "ratio": number(best.D / best.N, "g2", scale="log", label="its training tokens per parameter"),
        "trained": number(best.training_flop / best.total_flop, "p0", label="training, share of its cost"),
        "quality": number(quality, "w2", scale="log", label="compute-optimal size", unit="parameters"),
        "served": number(served, "w2", scale="log", label="tokens served"),
        "price": number(price, "g1", label="price of a served FLOP", unit="training FLOP"),
        "loss": number(loss, "f2", scale="log", label="loss", unit="nats per token"),
    }
    dotted = {"dashed": "dotted", "thin": True}
    return {
        "axes": panel(_SIZES, _COSTS),
        "regions": {
            "too_small": region(x=(1e8, cost.smallest_N), label="cannot reach it"),
            "unseen": region(x=(cost.smallest_N, seen_N), hatch=True),
        },
        "curves": {
            "training": curve(N, training, "reference"),
            "serving": curve(ends, serving, "rival"),
            "total": curve(N, cost.total(N) / whole, "law", after=True, read=True),
            "edge": level(_COSTS, seen_N, "quiet", upright=True, **dotted),
            "same": level(_SIZES, 1.0, **dotted),
        },
        "points": {
            "optimal": points(quality, 1.0, "data", size=6, labels=["compute-optimal"], side="right"),
            "best": points(best.N, cheapest, "reference", shape="diamond", size=6, after=True),
        },
        "marks": {
            "training": mark(N[20], training[20], "training", "reference"),
            "serving": mark(0.15 * ends[0] / serving[0], 0.15, "serving", "rival"),
            "both": mark(near, float(cost.total(near)) / whole, "both", "law", side="left", after=True),
            "saving": mark(best.N, cheapest, "{saved} saved", "reference", side="below", after=True, bold=True),
        },
        "numbers": numbers,
        "value": best.saved,
        "say": say(
            "Serving {served} tokens, {best_N} parameters on {best_D} tokens do the work of {quality} and "
            "save *{saved}* of the cost. That is about {ratio} training tokens per parameter; the runs behind "
            "the law had at most 341.",
            numbers,
        ),
    }
