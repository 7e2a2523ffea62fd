"""The live figure of two jumps: one that the score makes, and one that is in the loss."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, points

GAINS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SAID = {
    "addition": "Sums of ten digits, all right: at {gain} of the gain, *{gone}* of the fall in loss is behind.",
    "parity": "Parity of three bits, right or wrong: at {gain} of the gain, *{gone}* of the fall in loss is behind.",
}
ROWS = 80
"""Readings of a run that are drawn, its last one repeated where it has fewer."""

_TIME = axis("training over the half-way point", 0.08, 10, scale="log", ticks=[0.1, 0.3, 1, 3, 10], form="g2")
_SHARES = [(k / 4, f"{25 * k}%") for k in range(5)]
_GAIN = axis("gain in the score", -0.06, 1.2, form="p0", ticks=_SHARES)
_FALL = axis("fall in the loss", -0.06, 1.2, form="p0", ticks=_SHARES)


@functools.cache
def readings(task: str):
    """Time, gain in the score and fall in the loss of one run, each as a share, ROWS readings.

    Parameters
    ----------
    task : {"addition", "parity"}

    Returns
    -------
    tuple of numpy.ndarray
    """
    from scalinglib import runs

    if task == "addition":
        table, score, guess, start = runs.load("column-addition"), "exact_10", 0.0, np.log(10.0)
        table = table[(table["width"] == 16) & (table["seed"] == 0)]
    else:
        table, score, guess, start = runs.load("sparse-parity"), "accuracy", 0.5, np.log(2.0)
        table = table[(table["n"] == 40) & (table["k"] == 3) & (table["hidden"] == 256) & (table["seed"] == 0)]
    table = table.sort_values("D")
    gain = (table[score].to_numpy() - guess) / (table[score].iloc[-1] - guess)
    fall = (start - table["loss"].to_numpy()) / (start - table["loss"].iloc[-1])
    half = np.interp(0.5, np.maximum.accumulate(gain), table["D"])
    kept = np.minimum(np.arange(ROWS), len(table) - 1)
    return table["D"].to_numpy()[kept] / half, gain[kept], fall[kept]


def _crossing(task, share):
    """Where the score first has this share of its gain: time, and the fall of the loss by then."""
    time, gain, fall = readings(task)
    after = int(np.argmax(gain >= share))
    part = (share - gain[after - 1]) / (gain[after] - gain[after - 1])
    return tuple(row[after - 1] + part * (row[after] - row[after - 1]) for row in (time, fall))


@described(
    controls={
        "gain": Slider.steps("Gain in the score", *GAINS, form="p0"),
        "task": Choice(label="Task", options={"addition": "adding ten digits", "parity": "parity of three bits"}),
    },
    predict=Predict(
        ask="Two networks learn, and each score waits at guessing and then climbs. For the parity of three bits: when "
        "a tenth of the gain in the score is made, how much of the fall in its loss is behind?",
        why="Being nearly right about a parity is no help: with two of the three bits the answer is still a coin's. Of "
        "a sum nine digits in ten are nine tenths of the loss and none of the score.",
        answer="gone",
        low=0.0,
        high=1.0,
        form="p0",
    ),
)
def ruler_or_loss(*, gain: float = 0.1, task: str = "parity") -> dict:
    """Does the loss wait as well?

    Gain in the score and fall in the loss of one run, from the level of guessing to the end of training.

    Parameters
    ----------
    gain : float
        Share of the gain in the score at which the two are compared.
    task : {"addition", "parity"}
        Whose run is shown.

    Returns
    -------
    dict
        A picture; its value is the share of the fall in loss that is behind at that gain.

    Notes
    -----
    One run of each task, over training; the loss starts at that of guessing. What holds over training is not shown for
    scale by this figure.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.ruler_or_loss()["say"])
    Parity of three bits, right or wrong: at 10% of the gain, 1% of the fall in loss is behind.
    """
    time, won, fallen = readings(task)
    at, gone = _crossing(task, gain)
    numbers = {
        "gain": number(gain, "p0", label="of the gain in the score"),
        "gone": number(gone, "p0", label="of the fall in the loss is behind"),
    }
    after = {"panel": 1, "after": True}
    return {
        "axes": [panel(_TIME, _GAIN, height=4, x_label=False), panel(_TIME, _FALL, height=4)],
        "curves": {
            "gain": curve(time, won, "law", read=True),
            "asked": level(_TIME, gain, "axis", thin=True),
            "fall": curve(time, fallen, "rival", **after),
            "here": curve([at, at], [_GAIN["low"], gain], "axis", thin=True, read=False),
            "there": curve([at, at], [gone, _FALL["high"]], "axis", thin=True, read=False, **after),
        },
        "points": {
            "gain": points(at, gain, "law", size=5.5),
            "fall": points(at, gone, "rival", size=5.5, labels=["{gone}"], side="above", **after),
        },
        "numbers": numbers,
        "value": float(gone),
        "say": say(SAID[task], numbers),
    }
