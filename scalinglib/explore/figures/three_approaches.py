"""Live figure of the three approaches: what a parabola makes of an uneven bowl when there is no noise."""

from __future__ import annotations

import math

import numpy as np

from scalinglib import arguments, published
from scalinglib.allocation import parabola_bias
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import bars, curve, level, points
from scalinglib.laws import ChinchillaLaw

TRUTHS = {
    "unequal": ChinchillaLaw(E=1.8, A=1500.0, B=25.0, alpha=0.46, beta=0.15),
    "besiroglu2024": published["besiroglu2024"],
    "equal": ChinchillaLaw(E=1.8, A=400.0, B=400.0, alpha=0.31, beta=0.31),
}
"""Known truths for the three approaches; the errors depend on alpha and beta alone."""

SIZES = 16
_SHARES = [(1 / 64, "1/64"), (1 / 16, "1/16"), (1 / 4, "1/4"), (1, "1"), (4, "4"), (16, "16"), (64, "64")]
_PERCENTS = [(-0.4, "−40%"), (-0.2, "−20%"), (0, "0"), (0.2, "+20%"), (0.4, "+40%")]
_ROWS = axis("approach", -0.5, 2.5, ticks=[(2, "1"), (1, "2"), (0, "3")])


@described(
    controls={
        "width": Slider.over("Sizes up to", 1.5, 32, 17, scale="log", form="g2", unit="times the middle"),
        "centre": Slider.over(
            "Middle of the grid", 0.25, 4, 29, scale="log", between=2, form="g2", unit="times the best"
        ),
        "truth": Choice(
            label="Truth",
            options={"unequal": "exponents .46 and .15", "besiroglu2024": "refit, .35 and .37", "equal": "equal, .31"},
        ),
    },
    predict=Predict(
        ask="No noise at all, 16 sizes from an eighth of the best to eight times the best, unequal "
        "exponents. How far off is the parabola's forecast of the tokens at 10^24 FLOP?",
        why="With unequal exponents the bowl is steeper on one side. A parabola has no such sides, so its lowest "
        "point lies beside the bowl's, at every budget by the same factor.",
        answer="error",
        form="p1",
        options=[(0.0, "not at all"), (-0.02, "2% too few"), (-0.14, "14% too few"), (-0.4, "40% too few")],
        y=1.0,
        panel=1,
    ),
    layout="beside",
)
def three_approaches(*, width: float = 8.0, centre: float = 1.0, truth: str = "unequal") -> dict:
    """Does a wider grid of sizes help?

    A parabola through a noise-free bowl, and what each of the three approaches then forecasts.

    Parameters
    ----------
    width : float
        The largest size over the middle of the grid; the smallest is as far below.
    centre : float
        Middle of the grid over the best size.
    truth : {"unequal", "besiroglu2024", "equal"}
        Which exponents are true.

    Notes
    -----
    No noise, which would argue for a wide grid, and a truth of the very form that Approach 3 fits. If the grid does not
    hold the best size, the bottom of the parabola is an extrapolation. 16 sizes; other numbers of sizes, other errors.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.three_approaches()["say"])
    Without any noise the parabola misses the tokens at 10^24 FLOP by −13.8%. Its exponent is exact: 0.754.
    """
    law = TRUTHS[arguments.one_of("truth", truth, TRUTHS)]
    found = parabola_bias(law, width=width, centre=centre, sizes=SIZES)
    even = parabola_bias(law, width=128.0, sizes=61)
    across = centre * np.geomspace(width**-1.4, width**1.4, 21)
    half = math.sqrt(found.step)
    numbers = {
        "error": number(found.D_error, "+p1", label="error of Approach 2 in tokens"),
        "error_N": number(found.N_error, "+p1", label="error of Approach 2 in parameters"),
        "step": number(half - 1.0, "p0", label="half a step of the grid, Approach 1"),
        "exponent": number(law.allocation_exponents[1], "f3", label="exponent of the tokens, true and found"),
    }
    square, diamond = {"role": "law", "shape": "square"}, {"role": "reference", "shape": "diamond"}
    row = {"size": 6, "panel": 1, "side": "above"}
    return {
        "axes": [
            panel(
                axis("size over the best size", 1 / 128, 128, scale="log", ticks=_SHARES, form="g2"),
                axis("loss above the floor, best = 1", 0.9, 2.4, scale="log", ticks=[1, 1.2, 1.5, 2], form="g3"),
                height=1.2,
            ),
            panel(axis("error of the tokens at 10^24 FLOP", -0.4, 0.4, ticks=_PERCENTS, form="p1"), _ROWS),
        ],
        "bars": {"envelope": bars([1.0 / half - 1.0], [half - 1.0], [2], "axis", labels=["½ grid step"], panel=1)},
        "curves": {
            "truth": curve(
                even.size, even.loss, "ink", dashed="dotted", thin=True, label="truth", label_at=0.82, read=False
            ),
            "parabola": curve(across, found.parabola(across), "law", after=True, read=True),
            "none": level(_ROWS, 0, upright=True, dashed="dotted", thin=True, panel=1),
        },
        "points": {
            "runs": points(found.size, found.loss, "data", size=3),
            "best": points(1.0, 1.0, **diamond, labels=["best"], side="below"),
            "vertex": points(
                found.vertex, found.vertex_loss, **square, after=True, labels=["its bottom"], side="above"
            ),
            "second": points(found.D_error, 1.0, **square, **row, after=True, labels=["{error}"]),
            "third": points(0.0, 0.0, **diamond, **row, labels=["exact, by its form"]),
        },
        "numbers": numbers,
        "value": found.D_error,
        "say": say(
            "Without any noise the parabola misses the tokens at 10^24 FLOP by *{error}*. Its exponent is "
            "exact: {exponent}.",
            numbers,
        ),
    }
