"""A live figure on design: which runs make the law knowable."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region

_BUDGET = 1e25
_LEAST = 0.001
_CONSTANTS = {"E": "E", "alpha": "α", "beta": "β", "A": "A", "B": "B"}
_HEIGHTS = np.arange(4.0, -1.0, -1.0)
_SIZES = axis("parameters", 10**6.5, 10**12.5, scale="log", ticks=[1e7, 1e8, 1e9, 1e10, 1e11, 1e12])
_TOKENS = axis("tokens", 1e8, 1e14, scale="log", ticks=[1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14])
_SPREAD = axis(
    "standard deviation",
    0.05,
    1000.0,
    unit="% of the constant",
    scale="log",
    ticks=[(0.1, "0.1"), (1.0, "1"), (10.0, "10"), (100.0, "100"), (1000.0, "1,000")],
)
_ROWS = axis("", -0.7, 4.7, ticks=list(zip(_HEIGHTS.tolist(), _CONSTANTS.values(), strict=True)))

SETTLED = (
    "These 63 runs fix the best size at 10^25 FLOP to within a factor *{factor}*, up or down, in four cases "
    "of five. On the optimal path they would give {path_rank} facts about the five constants."
)
OPEN = {
    "optimal-path": "These 63 runs are the best for their budgets, and give *{rank}* facts about the five constants: "
    "they do not say what another size would have cost, so the best size at 10^25 FLOP stays open.",
    "ratio": "On paper these 63 runs give *{rank}* facts about the five constants. The weakest is lost in "
    "the noise, and the best size at 10^25 FLOP stays open.",
}
OPEN["isoflop"] = OPEN["ratio"]


@lru_cache(maxsize=4096)
def _planned(pattern: str, decades: float, width: float, noise: float):
    """Where the runs stand, and what they would fix."""
    from scalinglib.planning import planned_precision, planned_runs

    law = published["besiroglu2024"]
    # The width of the grid means nothing to runs on a line.
    N, D = planned_runs(law, pattern, decades=decades, width=width if pattern == "isoflop" else 1.0)
    return N, D, planned_precision(law, N, D, noise=noise, budget=_BUDGET, level=0.8, objective="log_least_squares")


@described(
    controls={
        "decades": Slider.over("Decades of compute, from 6 × 10^18 FLOP", 1.0, 5.0, 9, between=1, form="f1"),
        "width": Slider.over(
            "Largest size of a budget (the smallest as far below)",
            1.2,
            16.0,
            25,
            scale="log",
            between=1,
            unit="times the best",
        ),
        "noise": Slider(label="Noise of a loss", stops=(_LEAST, 0.005, 0.02), between=8, scale="log", form="p2"),
        "pattern": Choice(
            label="Where the 63 runs stand",
            options={
                "optimal-path": "all on the optimal path",
                "isoflop": "several sizes at each of 9 budgets",
                "ratio": "all at 20 tokens per parameter",
            },
        ),
    },
    predict=Predict(
        ask="63 runs, every one exactly at the best size for its budget. A law has five constants. How "
        "many independent facts about them do these runs give?",
        answer="rank",
        why="Along the best sizes N and D are tied to one another: the runs trace one curve of loss against compute, "
        "with a floor, a height and a slope, and say nothing of how two terms share them.",
        form="f0",
        options=[(5.0, "five: all of them"), (4.0, "four"), (3.0, "three"), (1.0, "one")],
    ),
    layout="beside",
)
def design_studio(
    *, decades: float = 3.0, width: float = 4.0, noise: float = 0.005, pattern: str = "optimal-path"
) -> dict:
    """Which runs make the law knowable?

    Sixty-three runs in the plane of parameters and tokens, and how well they would fix the five constants.

    Parameters
    ----------
    decades : float
        Budgets reach from 6e18 FLOP over this many decades.
    width : float
        Sizes at a budget reach from the best one over `width` to the best one times `width`; only for
        "isoflop".
    noise : float
        Standard deviation of ln loss.
    pattern : {"isoflop", "optimal-path", "ratio"}

    Returns
    -------
    dict
        The picture; ``value`` is the factor within which the best size at 1e25 FLOP is known at 80%, infinite
        where it is not.

    Notes
    -----
    The truth is taken to be the replication's law, its form right and errors independent. Spreads are linearised: on
    shaded ground they are understated. The width is of use only to several sizes a budget.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.design_studio()
    >>> print(picture["say"][:54])
    These 63 runs are the best for their budgets, and give
    """
    decades, width, noise = float(decades), float(width), float(noise)
    N, D, known = _planned(pattern, decades, width, noise)
    # What is open is decided at the least noise of the slider, so that no word changes while noise does.
    least = _planned(pattern, decades, width, _LEAST)[2]
    path = _planned("optimal-path", decades, 1.0, _LEAST)[2]
    settled = [name not in least.undetermined for name in _CONSTANTS]
    spread = np.where(settled, [100.0 * known.relative_sd[name] for name in _CONSTANTS], np.nan)
    law, grid = published["besiroglu2024"], pattern == "isoflop"
    best, target = law.optimum(np.array([1e16, 1e17, 4e26])), law.optimum(_BUDGET)
    plane = [side if grid else np.full_like(side, np.nan) for side in (N, D)]
    # Sixty-three markers on so short a line would hide one another: nine, and the line below them.
    line = [np.full(9, np.nan) if grid else side[np.linspace(0, 62, 9).astype(int)] for side in (N, D)]
    numbers = {
        "factor": number(
            known.factor if least.settles_size else np.nan,
            "g3",
            scale="loglog",
            label="80% factor on the best size at 10^25 FLOP",
        ),
        "rank": number(known.rank, "f0", label="independent facts about the five constants"),
        "path_rank": number(path.rank, "f0", label="the same, on the optimal path"),
        **{
            f"sd_{name}": number(sd, "g2", scale="log", unit="%", label=f"standard deviation of {sign}")
            for (name, sign), sd in zip(_CONSTANTS.items(), spread, strict=True)
        },
    }
    rows = {"panel": 1, "after": True}
    return {
        "axes": [panel(_SIZES, _TOKENS), panel(_SPREAD, _ROWS)],
        "regions": {"wide": region(x=(30.0, 1000.0), panel=1, label="understated")},
        "curves": {
            "line": curve(line[0][[0, -1]], line[1][[0, -1]], "data"),
            "path": curve(best.N, best.D, "reference"),
            "tenth": level(_ROWS, 10.0, "quiet", upright=True, dashed="dotted", thin=True, panel=1),
        },
        "points": {
            "grid": points(*plane, size=3),
            "line": points(*line, size=3, label="63 runs"),
            "target": points(target.N, target.D, "reference", shape="diamond", side="left", label="10^25 FLOP"),
            "spread": points(
                spread, _HEIGHTS, "law", size=6, labels=[f"{{sd_{name}}}%" for name in _CONSTANTS], **rows
            ),
            "open": points(
                np.where(settled, np.nan, 0.07), _HEIGHTS, "ink", size=0, labels=["not determined"] * 5, **rows
            ),
        },
        "marks": {"path": mark(best.N[1], best.D[1], "optimal path", "reference")},
        "numbers": numbers,
        "value": known.factor,
        "say": say(SETTLED if least.settles_size else OPEN[pattern], numbers),
    }
