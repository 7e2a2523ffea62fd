"""The live figure of published models beside the frontier."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import published
from scalinglib.explore import Choice, Predict, axis, described, number, panel, say
from scalinglib.explore.layers import curve, points, region

LAW, OTHER = published["besiroglu2024"], published["hoffmann2022"]
"""The refit of Hoffmann's runs, and the constants of the authors without rounding."""

SHOWN = ("Gopher", "Chinchilla", "LLaMA-65B", "Llama 3 8B", "Llama 3.1 405B", "DeepSeek-V3")
"""Models that can be asked about."""

_N = axis("parameters N (active, of a mixture of experts)", 1.5e9, 1e12, scale="log", ticks=[1e10, 1e11, 1e12])
_D = axis("training tokens D", 1e11, 5e13, scale="log", ticks=[1e11, 1e12, 1e13])
_GRID = np.geomspace(1.5e9, 1e12, 33)


@functools.lru_cache(maxsize=1)
def disclosed():
    """The published models whose size and tokens are known.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> int((disclosed().D / disclosed().N < 20).sum())
    6
    """
    return published.table("language-models").dropna(subset=["N", "D"]).reset_index(drop=True)


@described(
    controls={"model": Choice(label="Model", options={name: name for name in SHOWN})},
    predict=Predict(
        ask="Llama 3 8B read 15 trillion tokens, 1,875 for each parameter. A model on the frontier reaches the loss "
        "that the refit foretells for it with less compute. How many times less?",
        why="The bowl of a budget is flat at its bottom and not far from it: a model a tenth of the best size costs "
        "several times the compute, not a hundred times.",
        answer="times",
        form="f1",
        options=((1.2, "1.2 times"), (5.5, "5 to 6 times"), (30.0, "30 times"), (94.0, "94 times")),
    ),
)
def who_overtrained(*, model: str = "Llama 3 8B") -> dict:
    """Who is on the frontier?

    Published models by size and tokens, and where the refit would have put them.

    Parameters
    ----------
    model : str
        One of SHOWN.

    Returns
    -------
    dict
        A picture; its value is the compute of the model over that of a model on the frontier with the same loss.

    Notes
    -----
    Nearly all of these models lie beyond the runs that the law was fitted to (16 billion parameters and 320 billion
    tokens at most), each has its own text and tokenizer, and makers count parameters in their own ways: the line is a
    measure, not a verdict. A model that is used much should lie above it.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.who_overtrained()["value"], 1)
    5.5
    """
    if model not in SHOWN:
        raise ValueError(f"model is one of {[*SHOWN]}; got {model!r}")
    table = disclosed()
    one = table.set_index("model").loc[model]
    spent = 6.0 * one["N"] * one["D"]
    enough = float(LAW.compute_for(LAW(one["N"], one["D"])))
    line = LAW.optimum(LAW.compute_for_size(_GRID)).D
    numbers = {
        "ratio": number(float(one["D"] / one["N"]), "g2", label="tokens for each parameter"),
        "best": number(
            float(LAW.optimum(LAW.compute_for_size(one["N"])).D / one["N"]), "g2", label="on the frontier, at this size"
        ),
        "times": number(spent / enough, "f1", label="compute over the frontier's, same loss", unit="times"),
        "others": number(
            spent / float(OTHER.compute_for(OTHER(one["N"], one["D"]))),
            "f1",
            label="the same by Hoffmann's law",
            unit="times",
        ),
        "smaller": number(
            float(LAW.optimum(enough).N / one["N"]), "g2", label="frontier's size over this one, same loss"
        ),
    }
    return {
        "axes": [panel(_N, _D, height=9)],
        "regions": {"seen": region(x=(1.5e9, 1.6e10), y=(1e11, 3.2e11), label="sizes and tokens of the runs")},
        "curves": {"frontier": curve(_GRID, line, "law", label="frontier", label_at=0.75)},
        "points": {
            "all": points(table["N"], table["D"], "data", size=3.5),
            "one": points(one["N"], one["D"], "reference", shape="diamond", size=7, labels=("{ratio} a parameter",)),
            "same": points(float(LAW.optimum(enough).N), float(LAW.optimum(enough).D), "law", hollow=True, after=True),
        },
        "numbers": numbers,
        "value": float(spent / enough),
        "say": say(
            f"{model} has {{ratio}} tokens for each parameter, where the refit's frontier has {{best}}. The same loss "
            "could be had with *{times}* times less compute, by a model {smaller} times its size.",
            numbers,
        ),
    }
