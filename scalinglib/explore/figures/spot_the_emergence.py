"""The live figure of a blind test: one measured curve among three that were made smooth."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, mark, points

ROUNDS = (
    ("squad", "SQuAD", 2),
    ("jeopardy", "Jeopardy", 0),
    ("arc_challenge", "ARC-Challenge", 3),
    ("winogrande", "Winogrande", 1),
    ("hellaswag", "HellaSwag", 3),
    ("bigbench_qa_wikidata", "QA from Wikidata", 0),
)
"""Column, name, and in which of the four frames the measured scores stand."""

TRAINED_ON = "rpj"
FRAMES = "1234"
_COMPUTE = axis("training compute", 2e15, 1.3e22, unit="FLOP", scale="log", ticks=[1e16, 1e18, 1e20, 1e22], form="e2")
_SCORE = axis("share right", -0.05, 0.78, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(4)])


@functools.cache
def _round(place: int):
    """Compute, the four rows of scores, and the smooth curve that three of them are drawn from."""
    from scalinglib import fit, runs
    from scalinglib.notices import quiet

    column, _, where = ROUNDS[place]
    table = runs.load("overtraining")
    table = table[table["dataset"] == TRAINED_ON].sort_values("C")
    x, y = np.log10(table["C"].to_numpy()) - 18.0, table[f"icl_{column}"].to_numpy()
    with quiet():
        found = fit(
            "b + t / (1 + exp(-a * (x - m)))",
            {"x": x, "y": y},
            y="y",
            objective="least_squares",
            bounds={"b": (0.0, 1.0), "t": (0.0, 1.0), "a": (0.0, 20.0)},
        )
    smooth = np.clip(found.law(x=x), 1e-6, 1.0 - 1e-6)
    # as many items as give the scatter that the measured scores have about the curve
    items = max(int(1.0 / np.mean((y - smooth) ** 2 / (smooth * (1.0 - smooth)))), 10)
    draw = np.random.default_rng(place)
    rows = [draw.binomial(items, smooth) / items for _ in range(3)]
    rows.insert(where, y)
    return table["C"].to_numpy(), rows, smooth


@described(
    controls={
        "case": Slider.steps("Case", *range(1, len(ROUNDS) + 1), form="f0"),
        "names": Choice(label="Which is measured", options={"hidden": "not shown", "shown": "shown"}),
    },
    predict=Predict(
        ask="One of the four frames shows measured scores of 35 models, from 10 million to 6.9 billion parameters. The "
        "other three are draws from one smooth curve. Which one is measured?",
        why="A smooth curve, seen through a logarithmic axis and the scatter of a test, looks as sudden as what was "
        "measured. If the four look alike, the shape alone speaks for no jump that a smooth curve does not have.",
        answer="measured",
        options=((1.0, "1"), (2.0, "2"), (3.0, "3"), (4.0, "4")),
        form="f0",
    ),
)
def spot_the_emergence(*, case: float = 1, names: str = "hidden") -> dict:
    """Which of the four is measured?

    A score against compute in four frames: one row of measured scores, three drawn from a smooth curve.

    Parameters
    ----------
    case : int
        1 to 6: which task.
    names : {"hidden", "shown"}
        Whether the answer is shown.

    Returns
    -------
    dict
        A picture; its value is the number of the frame with the measured scores.

    Notes
    -----
    The smooth curve is a sigmoid in the logarithm of compute, fitted to the measured scores; draws are binomial, with
    as many items as give the same scatter. Runs of one amount of compute differ in size, which the curve does not know.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.spot_the_emergence(names="shown")["say"])
    Case 1, SQuAD: frame 3 is measured. The other three are draws from a smooth curve.
    """
    place = int(case) - 1
    C, rows, smooth = _round(place)
    _, name, where = ROUNDS[place]
    shown = names == "shown"
    numbers = {
        "measured": number(where + 1, "f0", label="frame with the measured scores" if shown else ""),
        "case": number(case, "f0"),
    }
    said = (
        f"Case {{case}}, {name}: frame *{{measured}}* is measured. The other three are draws from a smooth curve."
        if shown
        else "Case {case}: look for the frame that jumps in a way the others do not, then show the answer."
    )
    axes, scores, lines, letters = [], {}, {}, {}
    for frame, (letter, row) in enumerate(zip(FRAMES, rows, strict=True)):
        last = frame == len(rows) - 1
        axes.append(panel(_COMPUTE, _SCORE, height=4.4 if last else 3, x_label=last))
        told = shown and frame == where
        scores[letter] = points(C, row, "rival" if told else "data", size=3, panel=frame)
        lines[letter] = curve(C, smooth, "reference", thin=True, panel=frame, read=False, after=True)
        letters[letter] = mark(4e15, 0.6, letter + (", measured" if told else ""), "ink", panel=frame, bold=True)
    return {
        "axes": axes,
        "curves": lines,
        "points": scores,
        "marks": letters,
        "numbers": numbers,
        "value": float(where + 1),
        "say": say(said, numbers),
    }
