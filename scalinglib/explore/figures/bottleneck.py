"""The live figure of Kaplan's joint law: the scarcer of size and data decides."""

from __future__ import annotations

import numpy as np

from scalinglib import published
from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, points, region

LAW = published["kaplan2020"]
LARGER = 8.0
"""How many times larger the second model is; Kaplan et al. tell their rule with this factor."""

_SIZES, _TOKENS = ([float(f"{x:.4g}") for x in np.logspace(*ends)] for ends in ((5, 11, 13), (7, 12, 11)))
_N = axis("parameters N, without embeddings", 1e5, 1e12, scale="log", ticks=[1e6, 1e8, 1e10, 1e12])
_L = axis("loss", 1.2, 5.6, unit="nats", form="f1")
_GRID = np.logspace(5, 12, 43)
_ENDLESS = 1e40  # tokens: the second term is gone


@described(
    controls={
        "N": Slider.steps("Parameters, without embeddings", *_SIZES, form="w2"),
        "D": Slider.steps("Tokens to learn from", *_TOKENS, form="w2"),
    },
    predict=Predict(
        ask="A model of 10^8 parameters has 10^9 tokens to learn from. With endless text a model eight times larger "
        "would be 0.40 nats better. How much of that arrives with these tokens?",
        why="The law adds two shortages, of size and of data, before it takes a root. Once the text is the larger "
        "shortage, a larger model hardly makes the sum smaller.",
        answer="share",
        form="f0",
        unit="%",
        options=((100, "all of it"), (75, "three quarters"), (38, "two fifths"), (5, "next to nothing")),
    ),
)
def bottleneck(*, N: float = 1e8, D: float = 1e9) -> dict:
    """Is it the size or the text that holds the loss up?

    Kaplan's joint law against size, for a given amount of text, between its two limits.

    Parameters
    ----------
    N : float
        Parameters without embeddings.
    D : float
        Tokens there are to learn from; training stops before it over-fits.

    Returns
    -------
    dict
        A picture; its value is how much, in per cent, of the improvement that endless text would give to a model eight
        times larger arrives with D tokens.

    Notes
    -----
    The law was fitted to 768 to 1.5 billion parameters and 22 million to 23 billion tokens; beyond, it is a formula. It
    has no floor, and D is what there is to read, not what was read.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.bottleneck()["value"])
    38
    """
    endless = LAW(N, _ENDLESS) - LAW(LARGER * N, _ENDLESS)
    gain = LAW(N, D) - LAW(LARGER * N, D)
    numbers = {
        "loss": number(float(LAW(N, D)), "f2", label="loss", unit="nats"),
        "size_alone": number(float(LAW(N, _ENDLESS)), "f2", label="the same size, endless text", unit="nats"),
        "text_alone": number(float(LAW(1e40, D)), "f2", label="the same text, endless size", unit="nats"),
        "gain": number(float(gain), "f2", label="gain of a model eight times larger", unit="nats"),
        "share": number(float(100 * gain / endless), "f0", label="of the gain with endless text", unit="%"),
        "needed": number(float(5e3 * N**0.74), "w2", scale="log", label="tokens that size asks for", unit="tokens"),
    }
    return {
        "axes": [panel(_N, _L, height=8)],
        "regions": {"beyond": region(x=(1.5e9, 1e12), label="larger than any that was fitted")},
        "curves": {
            "endless": curve(_GRID, LAW(_GRID, _ENDLESS), "reference", label="endless text", label_at=0.1),
            "text": level(_N, float(LAW(1e40, D)), "rival", label="endless size {text_alone}", label_at=0.05),
            "law": curve(_GRID, LAW(_GRID, D), "law", label="this text", label_at=0.95, after=True),
        },
        "points": {
            "model": points(N, float(LAW(N, D)), "data"),
            "larger": points(LARGER * N, float(LAW(LARGER * N, D)), "data", shape="diamond", after=True),
        },
        "numbers": numbers,
        "value": float(100 * gain / endless),
        "say": say(
            "At {loss} nats, a model eight times larger gains {gain}, *{share}*% of what it would with endless text. "
            "A model of this size asks for {needed} tokens.",
            numbers,
        ),
    }
