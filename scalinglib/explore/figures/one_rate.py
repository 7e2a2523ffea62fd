"""The live figure of one learning rate for models of several sizes."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import runs
from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, points

SIZES = (1536.0, 6144.0, 24576.0, 98304.0, 393216.0)
"""Parameters without embeddings of the five models, each four times the last."""

RATES = tuple(0.011 * 2.0 ** (step / 2) for step in range(-4, 5))
_RATE = axis("learning rate at its peak", 6e-4, 0.2, scale="log", ticks=[1e-3, 1e-2, 1e-1])
_MORE = axis("loss above the model's own best", 0.0, 8.0, unit="%")


@functools.lru_cache(maxsize=8)
def tried(size):
    """Rates that a model was trained at, and by how many per cent its loss was above its best.

    Parameters
    ----------
    size : float
        One of SIZES.

    Returns
    -------
    tuple of ndarray
        Rates, rising, and per cent, of the runs with 262,144 or 524,288 characters.

    Examples
    --------
    >>> rates, more = tried(1536.0)
    >>> print(len(rates), float(rates[more.argmin()]))
    7 0.0416
    """
    table = runs.load("learning-rates").query("N == @size and 2e5 < D < 6e5")
    mean = table.groupby("learning_rate")["loss"].mean()
    return mean.index.to_numpy(), 100.0 * (mean.to_numpy() / mean.min() - 1.0)


@described(
    controls={"rate": Slider.steps("One rate for all five", *RATES, form="g2")},
    predict=Predict(
        ask="The rate that suits the model in the middle is used for all five. The smallest has a sixteenth of its "
        "parameters, the largest sixteen times as many. Which of the two pays more for it?",
        why="Larger models want smaller rates. To the largest this one is far too high: its steps overshoot, and it "
        "settles late. To the smallest it is too low: it learns slowly, and has nearly caught up at the end.",
        answer="payer",
        form="f0",
        options=((1, "the largest, by several times"), (0, "both the same"), (-1, "the smallest, by several times")),
    ),
)
def one_rate(*, rate: float = 0.011) -> dict:
    """What does one rate for all sizes cost?

    Loss against the learning rate for five sizes of our own models, and what each pays for a common rate.

    Parameters
    ----------
    rate : float
        The common learning rate.

    Returns
    -------
    dict
        A picture; its value is what the largest pays less what the smallest pays, in per cent of the loss.

    Notes
    -----
    The numbers at the curves are thousands of parameters without embeddings. Each size was tried at rates over a factor
    of 8 to 16 about where its best was expected, two layers, two seeds at most; beyond the rates that were tried what
    it pays is that of the last one, and is at least so much.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.one_rate()["value"], 1)
    2.5
    """
    curves, pays, best = {}, {}, {}
    for place, size in enumerate(SIZES):
        rates, more = tried(size)
        best[size] = float(rates[more.argmin()])
        pays[size] = float(np.interp(np.log(rate), np.log(rates), more))
        curves[f"size{place}"] = curve(
            rates,
            more,
            "law" if place in (0, 4) else "reference",
            label=f"{size / 1e3:.{int(size < 1e4)}f}",
            label_at=0.0 if place > 1 else 0.95,
            read=place == 4,
        )
    gap = pays[SIZES[-1]] - pays[SIZES[0]]
    payer = 1 if pays[SIZES[-1]] > 2 * pays[SIZES[0]] else -1 if pays[SIZES[0]] > 2 * pays[SIZES[-1]] else 0
    numbers = {
        "rate": number(rate, "g2", label="the common rate"),
        "smallest": number(pays[SIZES[0]], "f1", label="the smallest pays", unit="%"),
        "middle": number(pays[SIZES[2]], "f1", label="the middle one pays", unit="%"),
        "largest": number(pays[SIZES[-1]], "f1", label="the largest pays", unit="%"),
        "apart": number(best[SIZES[0]] / best[SIZES[-1]], "f0", label="best rate, smallest over largest", unit="times"),
        "payer": number(payer, "f0"),
    }
    return {
        "axes": [panel(_RATE, _MORE, height=8)],
        "curves": {
            "rate": level(
                _MORE, rate, "quiet", upright=True, read=False, label="\u00a0{rate} for all\u00a0", label_at=1.0
            ),
            **curves,
        },
        "points": {"paid": points([rate] * len(SIZES), list(pays.values()), "data", after=True)},
        "numbers": numbers,
        "value": gap,
        "say": say(
            "At {rate} for all, the smallest pays {smallest}%, the middle one {middle}% and the largest *{largest}*%.",
            numbers,
        ),
    }
