"""The live figure of a bend: when a break can be told from a floor."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib import BrokenPowerLaw, published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region

BREAK, BEFORE, MOST_AFTER = 1e22, 4.0, 5.0
"""FLOP at which the exponent changes, decades of runs below it, and the most decades above it."""

UNBROKEN, SHARPNESS = published["besiroglu2024"].frontier_law, 0.3
AFTER = np.linspace(0.0, MOST_AFTER, 41)
SURE = 0.95
_START = BREAK / 10**BEFORE
_HORIZON = 1e28
_DRAWN = np.geomspace(_START, _HORIZON, 45)
_FRAMES = [
    panel(
        axis(
            "training compute",
            _START,
            _HORIZON,
            unit="FLOP",
            scale="log",
            form="e2",
            ticks=[1e18, 1e20, 1e22, 1e24, 1e26, 1e28],
        ),
        axis("loss", 1.7, 3.6, unit="nats", ticks=[2.0, 2.5, 3.0, 3.5], form="f1"),
        height=4,
    ),
    panel(
        axis("decades of runs beyond the break", 0, MOST_AFTER, ticks=[0, 1, 2, 3, 4, 5], form="f1"),
        axis("chance to tell", 0.45, 1.02, ticks=[0.5, 0.75, 0.95], form="p0"),
        height=3,
    ),
]


def broken(left: float) -> BrokenPowerLaw:
    """The truth of this figure: beyond the break `left` of the exponent is left; the floor is where it was.

    Examples
    --------
    >>> f"{broken(0.5)(1e18):.3f}, {broken(0.5)(1e28):.3f}"
    '3.490, 1.912'
    """
    return BrokenPowerLaw(
        a=UNBROKEN.floor,
        b=UNBROKEN.coefficient,
        c0=UNBROKEN.exponent,
        c=[(left - 1.0) * UNBROKEN.exponent],
        d=[BREAK],
        f=[SHARPNESS],
    )


@functools.cache
def nearest_floor(left: float, after: float):
    """The power law with a floor that comes nearest to `broken`, and how far off it stays.

    Parameters
    ----------
    left, after : float
        As in `floor_or_break`.

    Returns
    -------
    tuple
        A `PowerLaw`, and the root mean square of the differences of ln loss over the runs' range.

    Examples
    --------
    >>> law, off = nearest_floor(0.5, 2.0)
    >>> f"{law.floor:.2f}, {off:.2%}"
    '1.93, 0.46%'
    """
    from scalinglib import fit_power_law

    C = np.geomspace(_START, BREAK * 10.0**after, 121)
    truth = broken(left)(C)
    law = fit_power_law(C, truth).law
    return law, float(np.sqrt((np.log(truth / law(C)) ** 2).mean()))


def chance(left: float, after: float, per_decade: float, noise: float) -> float:
    """Chance that of the two curves the true one fits the noisy runs better."""
    from scipy.special import ndtr

    runs = per_decade * (BEFORE + after)
    return float(ndtr(0.5 * nearest_floor(left, after)[1] * np.sqrt(runs) / noise))


@functools.lru_cache(maxsize=4096)
def _chances(left, per_decade, noise):
    """The chance along the second axis, and the first number of decades at which it is 95%."""
    along = np.array([chance(left, float(after), per_decade, noise) for after in AFTER])
    if along[-1] < SURE:
        return along, MOST_AFTER
    first = int(np.argmax(along >= SURE))
    if first == 0:
        return along, 0.0
    # From the last point below to the first above, on a straight line.
    low, high = along[first - 1], along[first]
    return along, float(AFTER[first - 1] + (SURE - low) / (high - low) * (AFTER[first] - AFTER[first - 1]))


@described(
    controls={
        "after": Slider.steps("Decades beyond the break", *(float(step) / 4 for step in range(21)), form="f2"),
        "noise": Slider.steps("Scatter of the loss", 0.001, 0.002, 0.003, 0.004, 0.005, 0.007, 0.01, form="p1"),
        "per_decade": Slider.steps("Runs a decade", 2, 3, 5, 8, 12, form="f0"),
        "left": Choice(
            label="Exponent beyond", options={0.5: "a half of it", 0.25: "a quarter", 0.75: "three quarters"}
        ),
    },
    predict=Predict(
        ask="At 10^22 FLOP the loss above the floor loses half of its exponent. Runs reach down to 10^18, five a "
        "decade, with a scatter of 0.5%. How many decades beyond the break until the true curve beats a higher floor "
        "without a break in 95 of 100 cases?",
        why="A higher floor bends as well, and has three constants to bend where the runs do. Over any range the two "
        "differ by half a percent at most: cleaner runs tell them apart, and longer ones soon stop helping.",
        answer="needed",
        low=0.0,
        high=5.0,
        form="f1",
        unit="decades",
        panel=1,
    ),
)
def floor_or_break(*, after: float = 1.0, noise: float = 0.005, per_decade: float = 5, left: float = 0.5) -> dict:
    """Is it a floor or a break?

    A law whose exponent falls at 10^22 FLOP, the nearest law without a break, and the chance to tell them apart.

    Parameters
    ----------
    after : float
        Decades of compute that runs reach beyond the break.
    noise : float
        Standard deviation of ln loss.
    per_decade : float
        Runs a decade of compute, from 1e18 FLOP.
    left : {0.5, 0.25, 0.75}
        Share of the exponent that is left beyond the break.

    Returns
    -------
    dict
        The picture; ``value`` is the number of decades beyond the break at which the chance is 95%, at most 5.

    Notes
    -----
    Both curves are taken as known but for their constants, and nothing else as possible: with more forms to choose from
    it takes more. A chance of 50% is a coin.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.floor_or_break()["say"].split(". ")[0])
    With 1.00 decades beyond the break the true curve fits better in 96% of cases
    """
    law, off = nearest_floor(left, float(after))
    along, needed = _chances(left, float(per_decade), float(noise))
    here = chance(left, float(after), float(per_decade), float(noise))
    truth, edge = broken(left), BREAK * 10.0 ** float(after)
    numbers = {
        "after": number(after, "f2"),
        "chance": number(here, "p0", label="the true curve fits better in"),
        "needed": number(needed, "f1", label="for 95%", unit="decades beyond the break"),
        "off": number(100 * off, "f2", label="the curves differ over the runs by", unit="%"),
        "broken": number(float(truth(_HORIZON)), "f2", label="at 10^28 FLOP, truth"),
        "floor": number(float(law(_HORIZON)), "f2", label="at 10^28 FLOP, no break"),
    }
    below = {"panel": 1, "after": True}
    beyond = "more than " if along[-1] < SURE else ""
    return {
        "axes": _FRAMES,
        "regions": {"unseen": region(x=(edge, _HORIZON), label="not measured")},
        "curves": {
            "truth": curve(_DRAWN, truth(_DRAWN), "ink", label="broken {broken}", label_at=0.92),
            "floor": curve(_DRAWN, law(_DRAWN), "law", label="no break {floor}", label_at=0.55),
            "sure": level(_FRAMES[1]["x"], SURE, "quiet", panel=1),
            "chance": curve(AFTER, along, "law", read=True, **below),
        },
        "points": {
            "break": points(BREAK, float(truth(BREAK)), "ink", shape="diamond", size=5),
            "here": points(after, here, "data", size=6, labels=["{chance}"], side="below", **below),
        },
        "marks": {"coin": mark(0.05, 0.475, "a coin", "quiet", panel=1)},
        "numbers": numbers,
        "value": needed,
        "say": say(
            "With {after} decades beyond the break the true curve fits better in {chance} of cases. At 10^28 FLOP it "
            f"is at {{broken}} and the other at {{floor}}. For 95% it takes {beyond}*{{needed}}* decades.",
            numbers,
        ),
    }
