"""The live figure of a line-up: what a law leaves of its runs, among three tables where it leaves scatter only."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import runs
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, level, mark, points
from scalinglib.fitting import fit_chinchilla

PLACES = (2, 0, 3, 1)
"""In which of the four frames our own runs stand, a case each."""

_FRAMES = "1234"
_TOKENS = axis("tokens D", 5e4, 3e7, scale="log", ticks=[1e5, 1e6, 1e7])
_OFF = axis("off the law", -2.0, 2.0, unit="%", form="f1", ticks=[(-1.0, "−1"), (0.0, "0"), (1.0, "+1")])


@functools.cache
def _ours():
    """The runs that are for fitting, their law, and how far cells and seeds of a cell lie apart, in logarithms."""
    table = runs.load("language-model")
    table = table[table["role"] == "fit"].reset_index(drop=True)
    law = fit_chinchilla(table["N"], table["D"], table["loss"]).law
    cell = table.groupby(["N", "D"]).ngroup().to_numpy()
    off = np.log(table["loss"] / law(table["N"], table["D"])).to_numpy()
    means = np.bincount(cell, off) / np.bincount(cell)
    seeds = np.sqrt(np.sum((off - means[cell]) ** 2) / (len(cell) - len(means)))
    return table, law, cell, means.std(ddof=1), seeds


def _left(table, losses) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and misses in percent of each cell, sizes in order with a gap between two of them."""
    law = fit_chinchilla(table["N"], table["D"], losses).law
    off = 100.0 * np.log(losses / law(table["N"], table["D"]))
    rows = table.assign(off=off).groupby(["N", "D"], as_index=False)["off"].mean()
    D, means = [], []
    for _, one in rows.groupby("N"):
        D += [*one["D"], np.nan]
        means += [*one["off"], np.nan]
    return np.array(D[:-1]), np.array(means[:-1])


@functools.cache
def _case(place: int):
    """What stands in the four frames of a case."""
    table, law, cell, between, within = _ours()
    rng = np.random.default_rng(place)
    frames = []
    for _ in range(3):
        errors = rng.normal(0.0, between, cell.max() + 1)[cell] + rng.normal(0.0, within, len(cell))
        frames.append(_left(table, law(table["N"], table["D"]) * np.exp(errors)))
    frames.insert(PLACES[place], _left(table, table["loss"]))
    return frames


@described(
    controls={
        "case": Slider.steps("Case", *range(1, len(PLACES) + 1), form="f0"),
        "names": Choice(label="Which is ours", options={"hidden": "not shown", "shown": "shown"}),
    },
    predict=Predict(
        ask="One frame shows by how much our runs miss their law; a line joins the lengths of one size. The other "
        "three are tables made from the law with errors as large, drawn anew for each cell. Which one is ours?",
        why="The misses are as large in all four. In ours several sizes rise and fall together, which errors that know "
        "nothing of each other do not do: the law has no place for something that the runs share.",
        answer="ours",
        options=((1.0, "1"), (2.0, "2"), (3.0, "3"), (4.0, "4")),
        form="f0",
    ),
)
def pattern_or_scatter(*, case: float = 1, names: str = "hidden") -> dict:
    """Which of the four is no scatter?

    What a law leaves of its runs in four frames: ours, and three tables whose errors have no pattern.

    Parameters
    ----------
    case : int
        1 to 4: other draws, and another frame for ours.
    names : {"hidden", "shown"}
        Whether the answer is shown.

    Returns
    -------
    dict
        A picture; its value is the number of the frame with our runs.

    Notes
    -----
    Means over the seeds of a cell. The made tables have the cells, the seeds and the sizes of error of ours, and their
    law is fitted anew. The strip is what seeds of one cell scatter by. Such a line-up is a test
    that is read by eye: Buja et al. 2009.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.pattern_or_scatter(names="shown")["say"])
    Case 1: frame 3 is ours. In the other three the errors know nothing of each other.
    """
    place = int(case) - 1
    where, shown = PLACES[place], names == "shown"
    numbers = {
        "ours": number(where + 1, "f0", label="frame with our runs" if shown else ""),
        "case": number(case, "f0"),
    }
    said = (
        "Case {case}: frame *{ours}* is ours. In the other three the errors know nothing of each other."
        if shown
        else "Case {case}: look for the frame whose lines move together, then show the answer."
    )
    ends, seeds = [_TOKENS["low"], _TOKENS["high"]], 100.0 * _ours()[4]
    axes, strips, cells, lines, letters = [], {}, {}, {}, {}
    for frame, (letter, (D, off)) in enumerate(zip(_FRAMES, _case(place), strict=True)):
        last = frame == len(_FRAMES) - 1
        told = shown and frame == where
        axes.append(panel(_TOKENS, _OFF, height=4.6 if last else 3.4, x_label=last))
        strips[letter] = band(ends, [-seeds] * 2, [seeds] * 2, "quiet", panel=frame, after=True)
        lines[f"{letter}-law"] = level(_TOKENS, 0.0, "reference", panel=frame, thin=True, read=False)
        lines[letter] = curve(D, off, "rival" if told else "data", panel=frame, thin=True, read=False)
        cells[letter] = points(D, off, "rival" if told else "data", size=3, panel=frame)
        letters[letter] = mark(
            1.6e7, 1.6, letter + (", ours" if told else ""), "ink", panel=frame, side="left", bold=True
        )
    return {
        "axes": axes,
        "bands": strips,
        "curves": lines,
        "points": cells,
        "marks": letters,
        "numbers": numbers,
        "value": float(where + 1),
        "say": say(said, numbers),
    }
