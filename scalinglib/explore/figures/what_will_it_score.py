"""The live figure of a score foretold in two steps."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, points

_COMPUTE = axis("training compute", 1e19, 2e24, unit="FLOP", scale="log", ticks=[1e20, 1e21, 1e22, 1e23, 1e24])
_LOSS = axis("loss of the right answer", 0.45, 2.35, unit="bits per byte")
_SCORE = axis("share right", 0.1, 1.0, form="p0", ticks=[(k / 5, f"{20 * k}%") for k in range(1, 6)])
GRID = np.linspace(_LOSS["low"], _LOSS["high"], 41)
CHECKPOINTS = 160
"""Rows of the sixteen runs that the link is fitted to."""


def _tasks():
    from scalinglib.emergence import LADDER_TASKS

    return {task.key: task for task in LADDER_TASKS}


@functools.cache
def _rungs():
    from scalinglib.emergence import ladder

    return ladder()


@functools.cache
def _fit(key: str):
    from scalinglib.emergence import fit_two_step
    from scalinglib.notices import quiet

    task, rungs = _tasks()[key], _rungs()
    with quiet():
        return fit_two_step(rungs.runs, rungs.checkpoints, loss=task.loss, score=task.score)


@functools.cache
def _forecast(key: str, target: int):
    row = _rungs().targets.loc[f"{target}B"]
    return _fit(key).predict(row["N"], row["D"], seed=0, resamples=200)


@described(
    layout="beside",
    controls={
        "task": Choice(
            label="Task",
            options={
                "mmlu": "MMLU",
                "hellaswag": "HellaSwag",
                "arc_challenge": "ARC-Challenge",
                "arc_easy": "ARC-Easy",
                "piqa": "PIQA",
                "csqa": "CommonsenseQA",
                "socialiqa": "Social IQa",
                "openbookqa": "OpenBookQA",
            },
        ),
        "target": Slider.steps("Parameters of the model to foretell", 7, 13, form="f0", unit="billion"),
    },
    predict=Predict(
        ask="ARC-Challenge: guessing gives 25%, the sixteen small models get 24% to 39%. What does the model of "
        "13 billion parameters get, with 177 times the compute of the largest of them?",
        why="The small models have only just left the level of guessing, where accuracy says little and loss goes on "
        "falling. The slope beyond is read off a few models and a form.",
        answer="actual",
        low=0.2,
        high=1.0,
        form="p0",
    ),
)
def what_will_it_score(*, task: str = "arc_challenge", target: float = 13) -> dict:
    """What will the larger model score?

    Step one takes the loss of the right answers from parameters and tokens, step two the score from that loss.

    Parameters
    ----------
    task : str
        One of the eight tasks of the ladder, by its key.
    target : {7, 13}
        The model that is foretold, in billions of parameters.

    Returns
    -------
    dict
        A picture; its value is the score foretold.

    Notes
    -----
    Fitted to sixteen runs of 190 million to 1.3 billion parameters alone. The interval holds what redrawn residuals and
    runs drawn with another sign would change; that a form may be wrong is not in it, and 5 of these 16 intervals miss.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.what_will_it_score()["say"])
    Foretold: 55%, 80% interval 50% to 60%. It got 64%: 8.8 points more. The loss was foretold at 0.76 and came out at
    0.72.
    """
    about, rungs, fit = _tasks()[task], _rungs(), _fit(task)
    row, found = rungs.targets.loc[f"{int(target)}B"], _forecast(task, int(target))
    actual, loss = float(row[about.score]), float(row[about.loss])
    numbers = {
        "value": number(found.value, "p0", label="score foretold"),
        "low": number(found.low, "p0", label="80% interval from"),
        "high": number(found.high, "p0", label="80% interval to"),
        "actual": number(actual, "p0", label="score that came out"),
        "off": number(100 * abs(actual - found.value), "f1", label="apart by", unit="points"),
        "foretold_loss": number(found.loss, "f2", label="loss foretold", unit="bits per byte"),
        "loss": number(loss, "f2", label="loss that came out", unit="bits per byte"),
        "chance": number(about.chance, "p0", label="guessing scores"),
    }
    way = "more" if actual > found.value else "less"
    said = (
        f"Foretold: *{{value}}*, 80% interval {{low}} to {{high}}. It got {{actual}}: {{off}} points {way}. "
        "The loss was foretold at {foretold_loss} and came out at {loss}."
    )
    seen = rungs.checkpoints
    after = {"after": True}
    return {
        "axes": [panel(_COMPUTE, _LOSS), panel(_LOSS, _SCORE)],
        "curves": {
            "chance": level(_LOSS, about.chance, "reference", label="guessing {chance}", label_at=0.85, panel=1),
            "spread": curve([found.loss] * 2, [found.low, found.high], "law", panel=1, read=False, **after),
            "spread_loss": curve([row["C"]] * 2, [found.loss_low, found.loss_high], "law", read=False, **after),
            "link": curve(GRID, fit.score_fit.law(L=GRID), "law", panel=1, read=True, **after),
        },
        "points": {
            "runs": points(rungs.runs["C"], rungs.runs[about.loss], "data"),
            "checkpoints": points(seen[about.loss], seen[about.score], "data", size=2, panel=1),
            "foretold": points(
                row["C"], found.loss, "law", size=5.5, hollow=True, labels=["foretold"], side="left", **after
            ),
            "came_out": points(row["C"], loss, "rival", shape="diamond", size=5.5, **after),
            "score": points(found.loss, found.value, "law", size=5.5, hollow=True, panel=1, **after),
            "actual": points(
                loss, actual, "rival", shape="diamond", size=5.5, panel=1, labels=["came out"], side="right", **after
            ),
        },
        "numbers": numbers,
        "value": float(found.value),
        "say": say(said, numbers),
    }
