"""Figures of text that runs short: what laws of repetition leave over, runs that turn, and text that models wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib.explore import axis, curve, level, mark, panel, points, reach
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import amount

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas

PASSES = (1, 10, 100, 1000)
"""What is written along the passes."""


def repetition_residuals(passes: ArrayLike, residuals: Mapping[str, ArrayLike]) -> Figure:
    """What laws leave over of runs on repeated text, against passes: one panel a law, on one scale.

    Parameters
    ----------
    passes : array_like, shape (n,)
        Tokens seen over unique tokens.
    residuals : mapping of str to array_like, shape (n,)
        Law -> ln(loss / law) of each run.
    """
    passes = np.asarray(passes, dtype=float)
    off = {name: 100 * np.asarray(some, dtype=float) for name, some in residuals.items()}
    across = axis("passes over the text", *reach(passes, scale="log", air=0.06), scale="log", ticks=PASSES)
    up = axis("measured over law", *reach(*off.values(), air=0.08), unit="%")
    rms = {name: float(np.sqrt(np.mean(some**2))) for name, some in off.items()}
    picture = {
        "axes": [panel(across, up) for _ in off],
        "curves": {f"zero-{at}": level(across, 0.0, "reference", panel=at) for at in range(len(off))},
        "points": {name: points(passes, some, size=2.5, panel=at) for at, (name, some) in enumerate(off.items())},
        "marks": {
            name: mark(across["low"] * 1.2, up["high"], name, panel=at, bold=True) for at, name in enumerate(off)
        },
        "layout": "beside",
    }
    said = "; ".join(
        f"{name}: from {some.min():.0f}% to {some.max():.0f}%, root mean square {rms[name]:.1f}%"
        for name, some in off.items()
    )
    return Figure(
        picture,
        name="fig-repetition-residuals",
        alt=f"Residuals of {len(passes)} runs against passes over their text, one panel a law. {said}.",
        caption=(
            "What each law leaves over, one dot a run, against the passes it made. A dot above the dashed line ended "
            "with more loss than its law says. All panels have one scale."
        ),
        data={"rms": rms},
    )


def turning_runs(runs: pandas.DataFrame, laws: Mapping[str, Callable]) -> Figure:
    """Models that read one text again and again, and two laws: one that levels off, one that can turn.

    Parameters
    ----------
    runs : DataFrame
        Columns N, U and loss, and "passes"; runs of one N, to the nearest million, are joined.
    laws : mapping of str to callable
        Two: name -> loss of (N, D, U). The first is drawn dashed.
    """
    sizes = runs["N"].round(-6)
    passes = np.geomspace(runs["passes"].min(), runs["passes"].max(), 61)
    lines, dots, words, lowest = {}, {}, {}, {}
    across = axis("passes over the text", *reach(passes, scale="log", air=0.05), scale="log", ticks=PASSES)
    for at, (size, some) in enumerate(runs.groupby(sizes)):
        some, name, where = some.sort_values("passes"), amount(size), {"panel": at}
        N, U = some["N"].iloc[0], some["U"].iloc[0]
        for (law, loss), dashed in zip(laws.items(), ("dashed", "solid"), strict=True):
            role = "reference" if dashed == "dashed" else "law"
            lines[f"{name}-{law}"] = curve(passes, loss(N, U * passes, U), role, dashed=dashed, **where)
        dots[name] = points(some["passes"], some["loss"], **where)
        lowest[int(size)] = float(some["passes"].iloc[some["loss"].argmin()])
        words[name] = mark(20, 6.2, name, bold=True, **where)
    up = axis("loss", *reach(runs["loss"], [6.3], air=0.05), unit="nats per token")
    told = ", ".join(f"{amount(size)} after {at:.0f}" for size, at in lowest.items())
    return Figure(
        {
            "axes": [panel(across, up) for _ in lowest],
            "curves": lines,
            "points": dots,
            "marks": words,
            "layout": "beside",
        },
        name="fig-turning-runs",
        alt=(
            f"{len(lowest)} panels, one a size: loss against passes over the same 100 million tokens. The lowest loss "
            f"comes for {told} passes. Larger models turn earlier and rise further. One law levels off in every panel, "
            "the other turns upward."
        ),
        caption=(
            "Models on the same 100 million tokens (dots), the published law (dashed) and the form that can turn "
            "(line), fitted to all 182 runs. The larger the model, the earlier and the higher its loss rises."
        ),
        data={"lowest": lowest},
    )


def collapse(missing: Mapping[str, ArrayLike]) -> Figure:
    """What a model cannot say any more, over generations trained on each other: one line a way of keeping text.

    Parameters
    ----------
    missing : mapping of str to array_like, shape (generations + 1,)
        Name -> share of real text in words that the model of each generation has not seen.
    """
    lost = {name: 100 * np.asarray(some, dtype=float) for name, some in missing.items()}
    last = max(len(some) for some in lost.values()) - 1
    across, up = axis("generations", 0, 1.02 * last, form="f0"), axis("lost", *reach([0.0], *lost.values()), unit="%")
    picture = {
        "axes": panel(across, up),
        "curves": {name: curve(np.arange(len(some)), some, "data") for name, some in lost.items()},
        "marks": {
            name: mark(0.62 * last, some[round(0.62 * last)], name, "data", side="above") for name, some in lost.items()
        },
        "tall": 0.8,
    }
    said = "; ".join(f"{name} from {some[0]:.0f}% to {some[-1]:.0f}%" for name, some in lost.items())
    return Figure(
        picture,
        name="fig-collapse",
        alt=f"Share of real text that a model cannot say, over {last} generations: {said}.",
        caption=(
            "Each generation learns word frequencies from text that the last one wrote: the share of real text in "
            "words it has never seen, by what is kept."
        ),
        data={"last": {name: float(some[-1]) for name, some in lost.items()}},
    )
