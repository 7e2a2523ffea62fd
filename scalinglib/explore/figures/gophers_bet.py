"""The live figure of the first page: one budget, one bet, and how much of the compute buys nothing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import arguments, published
from scalinglib.allocation import overtraining_cost
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

GOPHER = 2.8e11
"""Parameters."""

BUDGET = 6 * GOPHER * 3e11
"""FLOP of Gopher's 280 billion parameters on 300 billion tokens, by 6ND."""

SIZES = np.geomspace(2e9, 2e12, 61)

LAWS = {"besiroglu2024": "refit, 2024", "hoffmann2022": "Hoffmann, unrounded"}
"""Published constants of one law, and the words for them."""

_PARAMETERS = axis("parameters N", 2e9, 2e12, scale="log")
_SHARES = axis("share of compute that buys nothing", 0.0, 1.0, form="p0", ticks=[0.0, 0.25, 0.5, 0.75, 1.0])


@lru_cache(maxsize=4)
def _law(name: str):
    """The law, its best split of the budget, and the share of compute wasted at every drawn size."""
    surface = published[name]
    return surface, surface.optimum(BUDGET), _wasted(surface, SIZES)


def _wasted(surface, N):
    """Share of the budget beyond what the best split needs for the loss that it buys at N parameters."""
    return 1.0 - 1.0 / np.maximum(overtraining_cost(surface, N, BUDGET / 6.0 / N), 1.0)


@described(
    controls={
        "N": Slider.over("Parameters", 2e9, 2e12, 121, scale="log", between=1, form="w2", unit="parameters"),
        "law": Choice(label="Constants", options=LAWS),
    },
    predict=Predict(
        ask="A laboratory has 5 × 10^23 FLOP for one language model. In 2021 it was given 280 billion parameters, "
        "and so 300 billion tokens of text. How many parameters would you have given it?",
        why="At one budget, more parameters are fewer tokens, and each of the two brings less and less: the best "
        "split lets both grow about alike.",
        answer="best_N",
        low=2e9,
        high=2e12,
        scale="log",
        form="w2",
        y=0.0,
    ),
)
def gophers_bet(*, N: float = GOPHER, law: str = "besiroglu2024") -> dict:
    """One budget, one model: how large?

    How much of Gopher's compute buys nothing at a size, since a better split reaches the same loss for less.

    Parameters
    ----------
    N : float
        Parameters; the tokens follow from the budget, D = C / 6N.
    law : {"besiroglu2024", "hoffmann2022"}
        Whose constants.

    Notes
    -----
    A law fitted to 240 runs, the largest of them with 1.3 × 10^22 FLOP, a fortieth of this budget. N counts embeddings,
    C is 6ND.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.gophers_bet()["value"], 2)
    0.5
    """
    surface, best, wasted = _law(arguments.one_of("law", law, LAWS))
    share, D = float(_wasted(surface, N)), BUDGET / 6.0 / N
    numbers = {
        "wasted": number(share, "p0", label="compute that buys nothing"),
        "N": number(N, "w2", scale="log", label="parameters of the model"),
        "D": number(D, "w2", scale="log", label="tokens that it reads"),
        "ratio": number(D / N, "g2", scale="log", label="tokens per parameter"),
        "best_N": number(best.N, "w2", scale="log", label="best size by these constants", unit="parameters"),
        "best_D": number(best.D, "w2", scale="log", label="tokens at the best size"),
        "best_ratio": number(best.tokens_per_parameter, "g2", scale="log", label="tokens per parameter there"),
        "loss": number(float(surface(N, D)), "f3", scale="log", label="loss", unit="nats per token"),
        "best_loss": number(float(best.loss), "f3", scale="log", label="best loss of the budget"),
    }
    after = {"after": True}
    return {
        "axes": panel(_PARAMETERS, _SHARES),
        "curves": {
            "gopher": level(_SHARES, GOPHER, upright=True, thin=True, dashed="dotted"),
            "wasted": curve(SIZES, wasted, "law", read=True, **after),
        },
        "points": {
            "best": points(best.N, 0.0, "reference", shape="diamond", size=6, **after),
            "run": points(N, share, "data", size=6, **after),
        },
        "marks": {
            "gopher": mark(GOPHER, 0.92, "Gopher, 2021", "ink", side="right"),
            "best": mark(best.N, 0.06, "best {best_N}", "reference", side="above", **after),
            "run": mark(N, share, "{wasted}", "data", side="left", bold=True, **after),
        },
        "numbers": numbers,
        "value": share,
        "say": say(
            "At {N} parameters each of them sees {ratio} tokens, where the best split has about {best_ratio}: "
            "*{wasted}* of the compute buys nothing. Best by these constants: {best_N} parameters on {best_D} tokens.",
            numbers,
        ),
    }
