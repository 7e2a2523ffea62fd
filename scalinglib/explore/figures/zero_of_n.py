"""The live figure of a test that is too small to see an ability."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, level, points

TOP, AT = 0.3, 1e12
"""The true score at the largest size drawn; below it is in proportion to size."""

SIZES = np.geomspace(1e7, 1e12, 81)
MODELS = np.geomspace(1e7, 1e12, 11)
_TICKS = [(1e7, "10 million"), (1e8, "100 million"), (1e9, "1 billion"), (1e10, "10"), (1e11, "100"), (1e12, "1,000")]
_SIZE = axis("parameters", 8e6, 1.3e12, scale="log", ticks=_TICKS, form="w2")
_SEEN = axis("share right, as tested", -0.012, 0.36, form="p0", ticks=[(k / 10, f"{10 * k}%") for k in range(4)])
_TRUE = axis("true share right", 2e-6, 0.6, scale="log", ticks=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1], form="p2")


def true_score(N):
    """The true share right of a model with N parameters, here TOP * N / AT.

    Examples
    --------
    >>> round(float(true_score(1e11)), 4)
    0.03
    """
    return TOP * np.asarray(N, dtype=float) / AT


@described(
    controls={
        "items": Slider.steps("Questions in the test", *(10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000), form="c0")
    },
    predict=Predict(
        ask="A family of models, from 10 million to a trillion parameters. The true share right is in proportion to "
        "size and reaches 30% at the top. With 100 questions, which size is the first that shows a right answer in 19 "
        "of 20 tests?",
        why="A test of n questions needs about 3/n of them right to show one with that chance. Below that size it "
        "shows nothing, though the ability grows as evenly there as above.",
        answer="first",
        low=1e7,
        high=1e12,
        scale="log",
        form="w2",
        unit="parameters",
    ),
)
def zero_of_n(*, items: float = 100) -> dict:
    """At which size does the ability appear?

    What tests of so many questions show of a score that grows in proportion to size.

    Parameters
    ----------
    items : int
        Questions in the test.

    Returns
    -------
    dict
        A picture; its value is the smallest size that shows a right answer with chance 0.95.

    Notes
    -----
    The family is made up, its scores are a straight line on logarithmic axes. Questions are taken as equally hard;
    where some are easy the first right answer comes sooner.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.zero_of_n()["say"])
    With 100 questions a score of 3.0% is needed to be seen: the ability appears at 98 billion parameters.
    """
    from scalinglib.emergence import score_range

    n = int(items)
    needed = -np.expm1(np.log(0.05) / n)
    first = AT * needed / TOP
    low, high = score_range(true_score(SIZES), n)
    numbers = {
        "items": number(n, "c0"),
        "needed": number(100 * needed, "g2", scale="log", label="score that is seen with chance 0.95", unit="%"),
        "first": number(first, "w2", label="smallest model that has it", unit="parameters"),
    }
    after = {"after": True}
    return {
        "axes": [panel(_SIZE, _SEEN, height=4, x_label=False), panel(_SIZE, _TRUE, height=4)],
        "bands": {"tests": band(SIZES, low, high, **after)},
        "curves": {
            "zero": level(_SIZE, 0.0, "axis", thin=True, dashed="solid"),
            "first": curve([first, first], [_SEEN["low"], _SEEN["high"]], "rival", thin=True, read=False, **after),
            "true": curve(SIZES, true_score(SIZES), "law", panel=1, read=True),
            "needed": level(_SIZE, needed, "rival", label="needed: {needed}%", label_at=0.25, panel=1, **after),
        },
        "points": {
            "models": points(MODELS, np.round(true_score(MODELS) * n) / n, "data", **after),
            "first": points(first, needed, "rival", size=5.5, panel=1, **after),
        },
        "numbers": numbers,
        "value": float(first),
        "say": say(
            "With {items} questions a score of {needed}% is needed to be seen: the ability appears at *{first}* "
            "parameters.",
            numbers,
        ),
    }
