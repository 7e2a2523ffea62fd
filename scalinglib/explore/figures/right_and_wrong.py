"""The live figure of a multiple-choice task: what the wrong choices do to accuracy."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

RISE = 3.5
"""By how much the log-likelihood of the right choice rises over the scales drawn, nats."""

START = -6.0
SPREAD = 1.0
"""Scatter of a choice's log-likelihood over items, nats."""

SCALE = np.linspace(0.0, 4.0, 41)
_SCALE = axis("decades of scale", -0.1, 4.1, ticks=[0, 1, 2, 3, 4], form="f1")
_NATS = axis("log-likelihood", -6.6, -2.0, unit="nats", ticks=[-6, -5, -4, -3, -2])
_RIGHT = axis("share right", 0.0, 1.03, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(5)])


@described(
    controls={
        "along": Slider.steps("Wrong choices rise along by", *(k / 20 for k in range(21)), form="p0"),
        "late": Slider.steps("They stop rising after", *(k / 4 for k in range(1, 17)), form="f2", unit="decades"),
        "choices": Choice(label="Choices", options={2: "two", 4: "four", 10: "ten"}),
    },
    predict=Predict(
        ask="Over four decades the right answer's log-likelihood rises evenly by 3.5 nats. The three wrong ones rise "
        "half as fast. At the start a quarter is right, which is guessing. What share is right at the end?",
        why="Accuracy knows only who is ahead. What the wrong choices gain is lost to it, and the loss of the right "
        "answer does not show it.",
        answer="end",
        low=0.25,
        high=1.0,
        form="p0",
    ),
)
def right_and_wrong(*, along: float = 0.5, late: float = 4.0, choices: int = 4) -> dict:
    """What do the wrong choices do to accuracy?

    Log-likelihood of the right choice and of the wrong ones against scale, and the share of items right.

    Parameters
    ----------
    along : float
        How much of each nat that the right choice gains the wrong ones gain as well, 0 to 1.
    late : float
        Decades after which the wrong ones rise no more.
    choices : {2, 4, 10}
        Choices an item has.

    Returns
    -------
    dict
        A picture; its value is the share right at the last scale.

    Notes
    -----
    Each choice's log-likelihood scatters over items by one nat, normally and by itself. Real items share their
    difficulty, and choices of one item resemble each other; both change the unit and not the picture.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.right_and_wrong()["say"])
    The right answer gains 3.50 nats, the wrong ones 1.75: 77% right at the end, 17% of the way from guessing to all by
    the first decade.
    """
    from scalinglib.emergence import accuracy_from_advantage

    right = START + RISE * SCALE / SCALE[-1]
    wrong = START + along * RISE * np.minimum(SCALE, late) / SCALE[-1]
    share = accuracy_from_advantage((right - wrong) / SPREAD, int(choices))
    guess = 1.0 / int(choices)
    numbers = {
        "end": number(share[-1], "p0", label="share right at the last scale"),
        "gain": number(right[-1] - right[0], "f2", label="the right choice gains", unit="nats"),
        "wrong": number(wrong[-1] - wrong[0], "f2", label="the wrong ones gain", unit="nats"),
        "first": number((share[10] - guess) / (1.0 - guess), "p0", label="of the way by the first decade"),
    }
    said = (
        "The right answer gains {gain} nats, the wrong ones {wrong}: *{end}* right at the end, {first} of the way from "
        "guessing to all by the first decade."
    )
    after = {"after": True}
    return {
        "axes": [panel(_SCALE, _NATS, height=4, x_label=False), panel(_SCALE, _RIGHT, height=4)],
        "curves": {
            "right": curve(SCALE, right, "law"),
            "wrong": curve(SCALE, wrong, "rival"),
            "guess": level(_SCALE, guess, "reference", panel=1),
            "share": curve(SCALE, share, "law", panel=1, read=True, **after),
        },
        "marks": {
            "right": mark(0.0, -2.5, "right choice", "law"),
            "wrong": mark(0.0, -3.1, "dash-dotted: wrong choices", "rival"),
            "guess": mark(0.35, guess, "guessing", "reference", side="below", panel=1),
        },
        "points": {
            "end": points(SCALE[-1], share[-1], "law", size=5.5, panel=1, labels=["{end}"], side="below", **after)
        },
        "numbers": numbers,
        "value": float(share[-1]),
        "say": say(said, numbers),
    }
