"""Live figure of counting: what leaving out embeddings does to the exponent of the best size."""

from __future__ import annotations

import numpy as np

from scalinglib import published
from scalinglib.allocation import best_by_count
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

MODELS = 40
"""Sizes through which the line is put."""

KAPLAN = 0.73
_COMPUTE = axis("compute as counted", 1e10, 1e28, unit="FLOP", scale="log")
_SIZES = axis("parameters as counted", 1e2, 1e13, scale="log", ticks=[1e2, 1e4, 1e6, 1e8, 1e10, 1e12])
_SLOPES = axis("local exponent", 0.4, 1.0, ticks=[0.4, 0.6, 0.8, 1.0], form="f3")


@described(
    controls={
        "smallest": Slider.over("Smallest model", 1e2, 1e9, 29, scale="log", between=1, form="w3"),
        "largest": Slider.over("Largest model", 1e6, 1e13, 29, scale="log", between=1, form="w3"),
        "embeddings": Choice(
            label="Parameters counted", options={False: "without embeddings", True: "with embeddings"}
        ),
    },
    predict=Predict(
        ask="By the law, the best size grows as C^.513. Count without embeddings over Kaplan's sizes, 768 "
        "to 1.5 billion: what exponent will a straight line find?",
        why="Leaving embeddings out makes the smallest models look smaller than they are and the large ones hardly, "
        "so best sizes seem to grow faster than they do.",
        answer="slope",
        low=0.4,
        high=1.0,
        form="f2",
        x=1e16,
        panel=1,
    ),
)
def kaplan_by_counting(*, smallest: float = 768.0, largest: float = 1.5e9, embeddings: bool = False) -> dict:
    """Can counting alone turn .51 into .73?

    Best sizes against compute, both as counted, and the one straight line through them.

    Parameters
    ----------
    smallest, largest : float
        Sizes between which the line is fitted, as counted; the largest is ten times the smallest or more.
    embeddings : bool
        Whether embeddings are counted.

    Notes
    -----
    Exact optima of the refit of 2024; nothing was trained. Embeddings are taken as 47,491 times the cube root of N,
    which belongs to one vocabulary and one family of shapes. Counting is not all: FLOP of the last layer, warm-up and
    tuning matter, too.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.kaplan_by_counting(embeddings=True)["say"].split(". ")[0])
    Counting embeddings, between 768 and 1.50 billion parameters, the line finds 0.513
    """
    law = published["besiroglu2024"]
    largest = max(float(largest), 10.0 * float(smallest))
    whole = best_by_count(law, np.geomspace(1e2, 1e13, 61), embeddings=embeddings)
    ruled = best_by_count(law, np.geomspace(smallest, largest, MODELS), embeddings=embeddings)
    shown = best_by_count(law, np.geomspace(smallest, largest, 8), embeddings=embeddings)
    slope, x, y = ruled.slope, np.log(ruled.C), np.log(ruled.N)
    ends, true = ruled.C[[0, -1]], law.allocation_exponents[0]
    line = np.exp(y.mean() + slope * (np.log(ends) - x.mean()))
    numbers = {
        "slope": number(slope, "f3", label="exponent the line finds"),
        "low": number(smallest, "w3", scale="log", label="smallest model", unit="parameters"),
        "high": number(largest, "w3", scale="log", label="largest model", unit="parameters"),
        "start": number(ruled.exponent[0], "f3", label="exponent at the smallest model"),
        "end": number(ruled.exponent[-1], "f3", label="exponent at the largest model"),
        "law": number(true, "f3", label="exponent of the law"),
        "kaplan": number(KAPLAN, "f2", label="exponent Kaplan printed"),
    }
    wedge = np.array([1e19, 1e25])
    steep, flat = (3e3 * (wedge / 1e19) ** exponent for exponent in (KAPLAN, true))
    quiet = {"thin": True, "dashed": "solid", "phone": False}
    fitted = {"role": "data", "dashed": "dashed", "after": True}
    how = "Counting embeddings" if embeddings else "Without embeddings"
    return {
        "axes": [panel(_COMPUTE, _SIZES, height=1.6, x_label=False), panel(_COMPUTE, _SLOPES)],
        "curves": {
            "steep": curve(wedge, steep, "quiet", **quiet),
            "flat": curve(wedge, flat, "quiet", **quiet),
            "path": curve(whole.C, whole.N, "law", label="best size", label_at=0.8),
            "line": curve(ends, line, **fitted),
            "kaplan": level(_COMPUTE, KAPLAN, "rival", thin=True, panel=1, label="Kaplan {kaplan}", label_at=1),
            "true": level(_COMPUTE, true, dashed="dotted", thin=True, panel=1, label="the law {law}", label_at=1),
            "local": curve(whole.C, whole.exponent, "law", panel=1, after=True, read=False),
            "found": curve(ends, [slope] * 2, **fitted, panel=1, label="line {slope}", label_at=0),
        },
        "points": {"models": points(shown.C, shown.N, "data")},
        "marks": {
            "steep": mark(1e25, steep[1], "slope {kaplan}", "quiet", phone=False),
            "flat": mark(1e25, flat[1], "slope {law}", "quiet", phone=False),
        },
        "numbers": numbers,
        "value": slope,
        "say": say(
            how + ", between {low} and {high} parameters, the line finds *{slope}*. Kaplan printed {kaplan}; "
            "the law behind these sizes has {law}.",
            numbers,
        ),
    }
