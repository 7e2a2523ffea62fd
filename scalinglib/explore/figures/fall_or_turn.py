"""The live figure of a score that falls, and may turn up again."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region

CHOICES, STEEP = 4, 3.0
PULL, THROUGH = 1.2, 3.0
"""What the distractor takes from the advantage of the right answer in the end, and what seeing through it gives."""

LAST = 6.0
SCALE = np.linspace(0.0, LAST, 49)
STUDIES = np.arange(0.0, LAST + 0.1, 0.5)
_SCALE = axis("decades of scale", -0.15, 6.3, ticks=[0, 1, 2, 3, 4, 5, 6], form="f1")
_RIGHT = axis("share right", 0.0, 1.03, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(5)])
_SKILL = axis("advantage", -2.3, 3.6, ticks=[-2, 0, 2], form="f1")


def skills(scale, pull, turn):
    """What the two skills add to the advantage of the right answer; `turn` is where the second is half way.

    Examples
    --------
    >>> away, through = skills(3.0, 1.2, 4.0)
    >>> print(f"{away:.2f} {through:.2f}")
    -1.20 0.14
    """
    scale = np.asarray(scale, dtype=float)
    return -pull / (1 + np.exp(-STEEP * (scale - 1))), THROUGH / (1 + np.exp(-STEEP * (scale - turn)))


@described(
    controls={
        "end": Slider.steps("The study ends after", *np.arange(2.0, 6.1, 0.5), form="f1", unit="decades"),
        "turn": Slider.steps(
            "Seeing through it is half learned at", *np.arange(3.5, 9.1, 0.5), form="f1", unit="decades"
        ),
        "pull": Slider.steps("Pull of the distractor", *(k / 5 for k in range(1, 11)), form="f1"),
    },
    predict=Predict(
        ask="Four answers to choose from, so guessing gets a quarter. Over three decades of scale the score falls, as "
        "drawn. What will it be after three more?",
        why="Here the second skill came. Had it come later, the drawn part would look the same and the score "
        "would still be low. Nothing in the first three decades tells one from the other.",
        answer="last",
        low=0.0,
        high=1.0,
        form="p0",
    ),
)
def fall_or_turn(*, end: float = 3.0, turn: float = 4.0, pull: float = PULL) -> dict:
    """Will a falling score turn up again?

    The share of questions right of a made task, with the part that a study sees and the part that it does not.

    Parameters
    ----------
    end : float
        Decades of scale that the study has.
    turn : float
        Decades at which the skill that sees through the distractor is half learned.
    pull : float
        What the distractor takes from the advantage of the right answer.

    Returns
    -------
    dict
        A picture; its value is the share right after six decades.

    Notes
    -----
    A made task: two skills that each grow along a sigmoid, one before the other. A second skill need not exist.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.fall_or_turn()["say"])
    A study of 3.0 decades sees the score go from 24% to 6%; after six decades it is 78%.
    """
    from scalinglib.emergence import accuracy_from_advantage

    away, through = skills(SCALE, pull, turn)
    right = accuracy_from_advantage(away + through, CHOICES)
    seen = SCALE <= end + 1e-9
    at_end = float(np.interp(end, SCALE, right))
    studied = np.interp(STUDIES, SCALE, right)
    numbers = {
        "end": number(end, "f1"),
        "start": number(right[0], "p0", label="share right at the start"),
        "seen": number(at_end, "p0", label="share right where the study ends"),
        "lowest": number(right.min(), "p0", label="lowest share right"),
        "last": number(right[-1], "p0", label="share right after six decades"),
    }
    low = 1.0 / CHOICES
    return {
        "axes": [panel(_SCALE, _RIGHT, height=5, x_label=False), panel(_SCALE, _SKILL, height=4)],
        "regions": {"unseen": region(x=(end, _SCALE["high"]), role="quiet", panel=0)},
        "curves": {
            "guess": level(_SCALE, low, "reference", read=False),
            "seen": curve(SCALE, np.where(seen, right, np.nan), "data", read=False),
            "right": curve(SCALE, right, "law", read=True, after=True),
            "away": curve(SCALE, away, "rival", panel=1, read=False, after=True),
            "through": curve(SCALE, through, "law", panel=1, read=False, after=True),
            "none": level(
                _SKILL | {"low": _SCALE["low"], "high": _SCALE["high"]}, 0.0, "axis", thin=True, panel=1, read=False
            ),
        },
        "points": {
            "seen": points(STUDIES, np.where(STUDIES <= end + 1e-9, studied, np.nan), "data"),
            "last": points(LAST, right[-1], "law", size=5.5, after=True),
        },
        "marks": {
            "guess": mark(0.0, low, "guessing", "reference", side="above"),
            "away": mark(0.0, 1.3, "drawn to the distractor", "rival", panel=1, after=True),
            "through": mark(0.0, 2.8, "sees through it", "law", panel=1, after=True),
        },
        "numbers": numbers,
        "value": float(right[-1]),
        "say": say(
            "A study of {end} decades sees the score go from {start} to {seen}; after six decades it is *{last}*.",
            numbers,
        ),
    }
