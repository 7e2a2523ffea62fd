"""The live figure of many tries: coverage over unlike problems, and what a checker hands in."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

MOST = 10_000
MEAN = 0.05
"""Share of single tries that is right, over all problems."""

TRIES = np.unique(np.round(np.geomspace(1, MOST, 41)))
LEAST = 2e-3
_TICKS = [1, 10, 100, 1000, (MOST, "10,000")]
_TRIES = axis("tries a problem", 1, MOST, scale="log", ticks=_TICKS, form="c0")
_SHARE = axis("share of problems", 0.0, 1.03, form="p0", ticks=[(k / 4, f"{25 * k}%") for k in range(5)])
_LEFT = axis("share unsolved", LEAST, 1.2, scale="log", ticks=[(0.01, "1%"), (0.1, "10%"), (1.0, "100%")], form="p1")


@functools.cache
def spread(a: float):
    """Chances of a single try over problems, and the share of problems at each: a Beta of mean MEAN, 200 nodes.

    Examples
    --------
    >>> chance, weight = spread(0.3)
    >>> round(float(weight @ chance), 6)
    0.05
    """
    from scipy.special import roots_jacobi

    nodes, weight = roots_jacobi(200, a * (1.0 - MEAN) / MEAN - 1.0, a - 1.0)
    return (1.0 + nodes) / 2.0, weight / weight.sum()


def handed_in(tries, *, a: float, false_pass: float):
    """Share of problems whose answer handed in is right, for each number of tries.

    Examples
    --------
    >>> handed_in([1, 100], a=0.3, false_pass=0.03).round(3).tolist()
    [0.05, 0.374]
    """
    from scalinglib.emergence import checked_accuracy

    chance, weight = spread(a)
    return weight @ checked_accuracy(np.asarray(tries), chance[:, None], false_pass=false_pass)


@described(
    controls={
        "tries": Slider.steps("Tries a problem", 1, 3, 10, 30, 100, 300, 1000, 3000, MOST, form="c0"),
        "a": Slider.steps("a (small: many nearly hopeless problems)", 0.2, 0.3, 0.5, 1.0, 3.0, form="g2"),
        "false_pass": Slider.steps("Wrong answers that pass the check", 0.0, 0.001, 0.01, 0.03, 0.1, 0.3, form="p1"),
    },
    predict=Predict(
        ask="On average 5% of single tries are right. Were all problems equally hard, 100 tries would solve 99% of "
        "them. They are not: many are nearly hopeless, a few are easy (a = 0.3). Which share do 100 tries solve?",
        why="The same average comes from few easy problems and many that hardly ever succeed. The easy ones are solved "
        "at once, and each further factor of tries reaches only the next few of the others.",
        answer="solved",
        low=0.05,
        high=1.0,
        form="p0",
        x=100.0,
    ),
)
def sample_more(*, tries: float = 100, a: float = 0.3, false_pass: float = 0.03) -> dict:
    """What do more tries solve?

    Problems whose chance of a single try follows a Beta distribution of mean 0.05: the share that some try solves, and
    the share whose answer handed in is right, where the first try that a checker passes is handed in.

    Parameters
    ----------
    tries : int
        Tries a problem, up to 10,000.
    a : float
        First parameter of the Beta distribution; the second follows from the mean, 0.05.
    false_pass : float
        Chance that the checker passes a wrong answer.

    Returns
    -------
    dict
        A picture; its value is the share that some try solves.

    Notes
    -----
    Made up: real suites have their own distributions. The checker passes every right answer and lets wrong ones through
    at one rate for all problems; measured rates are higher for weaker models, which lowers the second curve further.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.sample_more()["say"])
    100 tries solve 59% of the problems, 99% if all were equally hard. Handed in by the checker, 37% are right.
    """
    from scalinglib.emergence import beta_coverage

    b, k = a * (1.0 - MEAN) / MEAN, int(tries)
    solved, alike = float(beta_coverage(k, a=a, b=b)), float(-np.expm1(k * np.log1p(-MEAN)))
    checked = {"a": a, "false_pass": false_pass}
    right = float(handed_in([k], **checked)[0])
    coverage = beta_coverage(TRIES, a=a, b=b)
    unsolved = np.exp(TRIES * np.log1p(-MEAN))
    numbers = {
        "tries": number(k, "c0", scale="log"),
        "solved": number(solved, "p0", label="solved by some try"),
        "alike": number(alike, "p0", label="if all problems were equally hard"),
        "right": number(right, "p0", label="right as handed in"),
        "slope": number(-a, "g2", label="slope of the unsolved share, in the end"),
    }
    after = {"after": True}
    return {
        "axes": [panel(_TRIES, _SHARE, height=4, x_label=False), panel(_TRIES, _LEFT, height=3)],
        "curves": {
            "alike": curve(TRIES, 1.0 - unsolved, "reference", **after),
            "solved": curve(TRIES, coverage, "law", read=True, **after),
            "right": curve(TRIES, handed_in(TRIES, **checked), "rival", **after),
            "whole": level(_TRIES, 1.0, "axis", thin=True, dashed="solid"),
            "alike-left": curve(
                TRIES, np.where(unsolved >= LEAST / 3, unsolved, np.nan), "reference", panel=1, **after
            ),
            "left": curve(TRIES, 1.0 - coverage, "law", panel=1, **after),
        },
        "points": {
            "solved": points(k, solved, "law", labels=["{solved}"], side="above", **after),
            "right": points(k, right, "rival", labels=["{right}"], side="below", shape="square", **after),
            "left": points(k, 1.0 - solved, "law", panel=1, **after),
        },
        "marks": {
            "alike": mark(1.15, 0.06, "dashed: all alike", "reference", panel=1, **after),
            "solved": mark(1.15, 0.018, "circle: some try", "law", panel=1, **after),
            "right": mark(1.15, 0.0055, "square: handed in", "rival", panel=1, **after),
        },
        "numbers": numbers,
        "value": solved,
        "say": say(
            "{tries} tries solve *{solved}* of the problems, {alike} if all were equally hard. Handed in by the "
            "checker, {right} are right.",
            numbers,
        ),
    }
