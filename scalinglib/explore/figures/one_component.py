"""The live figure of a large first component: how many abilities, or how many tests of each."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import level, mark, points

TESTS = 8
MEASURED = (0.84, 0.10, 0.03)
"""Shares of the first three components of eight scores of 124 public models, as the section prints them."""

_NUMBER = np.arange(1, TESTS + 1)
_COMPONENT = axis("component", 0.5, TESTS + 0.5, ticks=list(range(1, TESTS + 1)), form="f0")
_SHARE = axis("of the variance", 0.0, 1.05, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(5)])
_TEST = axis("test", 0.5, TESTS + 0.5, ticks=list(range(1, TESTS + 1)), form="f0")
_WEIGHT = axis("weight in the first", 0.0, 0.75, ticks=[0, 0.25, 0.5, 0.75], form="f2")


def components(first, together, noise):
    """Shares of the variance, and the weights of the tests in the first component.

    Parameters
    ----------
    first : int
        Tests of the first ability; the others measure the second.
    together : float
        Correlation of the two abilities over models.
    noise : float
        Standard deviation of what a test adds of its own, where an ability has 1.

    Returns
    -------
    tuple of ndarray, shape (TESTS,)
        Shares, falling, and weights.

    Examples
    --------
    >>> shares, weights = components(6, 0.0, 0.3)
    >>> [round(float(share), 2) for share in shares[:3]], round(float(weights[7]), 2)
    ([0.7, 0.24, 0.01], 0.0)
    """
    sizes = np.array([first, TESTS - first], dtype=float)
    # In the plane of the two sums of tests: their variances, and what they share.
    shared = together * np.sqrt(sizes.prod())
    half, middle = (sizes[0] - sizes[1]) / 2, sizes.mean()
    reach = np.hypot(half, shared)
    lead = (middle + reach, middle - reach)
    angle = np.arctan2(shared, half) / 2 if reach else np.pi / 4
    weights = np.repeat([np.cos(angle), np.sin(angle)] / np.sqrt(sizes), sizes.astype(int))
    variances = np.array([*lead, *([0.0] * (TESTS - 2))]) + noise**2
    return variances / variances.sum(), np.abs(weights)


@described(
    controls={
        "first": Slider.steps("Tests of the first ability", *range(4, TESTS), form="f0", unit="of 8"),
        "together": Slider.steps("The two abilities correlate by", *(k / 10 for k in range(10)), form="f1"),
        "noise": Slider.steps("A test's own scatter (an ability has 1)", 0.1, 0.3, 0.5, 0.7, form="f1"),
    },
    predict=Predict(
        ask="Models differ in two abilities that have nothing to do with each other, as much in one as in the other. "
        "Six of eight tests measure the first, two the second. Which share of the scores' variance has the first "
        "component?",
        why="Six tests that say the same make six eighths of the variance, and all of it lies along one direction. The "
        "share counts tests, not abilities.",
        answer="share",
        low=0.0,
        high=1.0,
        form="p0",
    ),
)
def one_component(*, first: int = 6, together: float = 0.0, noise: float = 0.3) -> dict:
    """Does a large first component mean one ability?

    Shares of the components of eight made scores, behind which two abilities stand, beside those of the public table.

    Parameters
    ----------
    first : int
        Tests of the first ability.
    together : float
        Correlation of the abilities.
    noise : float
        Standard deviation of a test's own scatter, where an ability varies by 1.

    Returns
    -------
    dict
        A picture; its value is the share of the first component.

    Notes
    -----
    Two abilities with equal variance over models, and tests of equal noise, many models. Scores of public models are
    neither so even nor so many; the circles are their shares, from the table of this section.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.one_component()["say"])
    6 tests of one ability, 2 of another, correlated by 0.0: the first component has 70% of the variance, the second
    24%, and a test of the other ability weighs 0.00 in the first.
    """
    n = int(first)
    shares, weights = components(n, together, noise)
    numbers = {
        "first": number(n, "f0", label="tests of the first ability"),
        "others": number(TESTS - n, "f0", label="tests of the second"),
        "together": number(together, "f1", label="correlation of the abilities"),
        "share": number(shares[0], "p0", label="the first component has"),
        "second": number(shares[1], "p0", label="the second has"),
        "rest": number(shares[2:].sum(), "p0", label="the other six have"),
        "weight": number(weights[-1], "f2", label="weight of a test of the second ability"),
        "own": number(weights[0], "f2", label="weight of a test of the first ability"),
    }
    mine = _NUMBER <= n
    return {
        "axes": [panel(_COMPONENT, _SHARE, height=4), panel(_TEST, _WEIGHT, height=3)],
        "curves": {"zero": level(_COMPONENT, 0.0, "axis", thin=True, dashed="solid", read=False)},
        "points": {
            "table": points(_NUMBER[:3] + 0.18, MEASURED, "reference", hollow=True, size=5.5),
            "shares": points(_NUMBER - 0.1, shares, "law", size=5.5, stem=np.zeros(TESTS), after=True),
            "first": points(
                _NUMBER, np.where(mine, weights, np.nan), "data", stem=np.zeros(TESTS), size=5.5, panel=1, after=True
            ),
            "second": points(
                _NUMBER,
                np.where(mine, np.nan, weights),
                "rival",
                shape="square",
                stem=np.zeros(TESTS),
                size=5.5,
                panel=1,
                after=True,
            ),
        },
        "marks": {
            "table": mark(2.6, 0.88, "hollow: the public table", "reference"),
            "shares": mark(2.6, 0.7, "with a stem: made scores", "law", after=True),
            "first": mark(0.7, 0.68, "circles: first ability", "data", panel=1, after=True),
            "second": mark(4.9, 0.68, "squares: second", "rival", panel=1, after=True),
        },
        "numbers": numbers,
        "value": float(shares[0]),
        "say": say(
            "{first} tests of one ability, {others} of another, correlated by {together}: the first component has "
            "*{share}* of the variance, the second {second}, and a test of the other ability weighs {weight} in the "
            "first.",
            numbers,
        ),
    }
