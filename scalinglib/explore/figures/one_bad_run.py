"""A live figure on fitting: one bad run, and a loss function with a corner."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import published
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points, region
from scalinglib.fitting import fit_power_law
from scalinglib.laws import PowerLaw
from scalinglib.simulate import fixed_scatter

_SCATTER = 0.003
_FAR = 1e13
_LIMIT = 40.0
_DELTAS = (*(first * 10.0**power for power in range(-4, 0) for first in (1, 2, 5)), 1.0)
_TOKENS = axis("training tokens", 5e7, 2e13, scale="log", ticks=[1e8, 1e9, 1e10, 1e11, 1e12, 1e13])
# In percent of the truth: on a log-log picture of the loss a pull of 10% is as wide as the line.
_OFF = [(-30.0, "−30"), (-15.0, "−15"), (0.0, "0"), (15.0, "+15"), (30.0, "+30")]
_FROM_TRUTH = axis("off the true law", -35.0, 35.0, unit="%", form="+f1", ticks=_OFF)
_MISS = [(-10.0, "−10"), (-1.0, "−1"), (0.0, "0"), (1.0, "+1"), (10.0, "+10")]
_FROM_FIT = axis("off the fit", -_LIMIT, _LIMIT, unit="%", scale="symlog", linear_part=0.1, ticks=_MISS)


def _slice():
    law = published["besiroglu2024"]
    return PowerLaw(coefficient=law.B, exponent=law.beta, floor=0.0)


@lru_cache(maxsize=4096)
def _pulled(delta: float, error: float, run: int):
    """Tokens and losses of the runs, one of them off, and the fit with this corner."""
    tokens = np.logspace(8, 11, 15)
    off = _SCATTER * fixed_scatter(15)
    off[run - 1] += error
    loss = _slice()(tokens) * np.exp(off)
    return tokens, loss, fit_power_law(tokens, loss, floor=None, objective="huber", delta=delta)


@described(
    controls={
        "delta": Slider.steps("Corner delta of the Huber loss", *_DELTAS, form="g1"),
        "error": Slider.over("Error of the bad run, in ln loss", -0.3, 0.3, 13, between=1, form="+f2"),
        "run": Choice(
            label="Which of the 15 runs is bad", options={1: "the smallest", 8: "the middle one", 15: "the largest"}
        ),
    },
    predict=Predict(
        ask="The largest of 15 runs is off by 0.20 in ln loss; the others scatter by 0.003. The true "
        "exponent is 0.3658. Which one does a Huber fit with delta 0.001 find?",
        why="Beyond delta a residual pulls no harder, however large it is: to Huber's loss a run off by 0.20 is a "
        "run off by little more than 0.001.",
        answer="exponent",
        low=0.34,
        high=0.39,
        form="f4",
    ),
)
def one_bad_run(*, delta: float = 1e-3, error: float = 0.2, run: int = 15) -> dict:
    """How far can a single run pull the law?

    Fifteen runs of one size, one of them off, and the power law that a Huber fit draws through them.

    Parameters
    ----------
    delta : float
        Huber's corner, in units of ln loss.
    error : float
        Added to ln loss of the bad run.
    run : {1, 8, 15}
        Which of the runs, by tokens.

    Returns
    -------
    dict
        The picture; ``value`` is the fitted exponent.

    Notes
    -----
    Shaded: within delta a run pulls by its distance, beyond it every run pulls alike. Delta stands in units of ln loss;
    the floor is taken as known. The scatter of the other runs is a fixed pattern, not a sample, and moves the fourth
    digit by itself: read differences.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.one_bad_run(delta=1.0)
    >>> print(picture["say"][:58])
    With delta 1 the fitted exponent is 0.3558; the truth is 0
    """
    tokens, loss, fit = _pulled(float(delta), float(error), int(run))
    plain, truth = _pulled(1.0, float(error), int(run))[2], _slice()
    bad = np.arange(15) == run - 1
    ends = np.array([1e8, _FAR])
    off, missed = (100.0 * np.log(loss / law(tokens)) for law in (truth, fit.law))
    pulled = 100.0 * np.log(fit.law(ends) / truth(ends))
    reach = min(100.0 * delta, _LIMIT)
    numbers = {
        "exponent": number(fit.law.exponent, "f4", label="fitted exponent"),
        "truth": number(truth.exponent, "f4", label="true exponent"),
        "plain": number(plain.law.exponent, "f4", label="exponent with delta 1"),
        "far": number(fit.law(_FAR), "f4", label="fit at 10^13 tokens", unit="nats above the floor"),
        "far_truth": number(truth(_FAR), "f4", label="truth there", unit="nats above the floor"),
        "delta": number(delta, "g1"),
    }
    # Least squares where the corner is out of reach of every residual.
    more = (
        "With the same runs and delta 1 it would be {plain}."
        if delta < 1.0
        else "No run is off by that much, so this is least squares under another name."
    )
    odd = {"role": "rival", "shape": "square", "size": 5.5}
    below = {"stem": 0.0, "panel": 1, "after": True}
    return {
        "axes": [panel(_TOKENS, _FROM_TRUTH, height=3, x_label=False), panel(_TOKENS, _FROM_FIT, height=2)],
        "regions": {"corner": region(y=(-reach, reach), panel=1)},
        "curves": {
            "truth": level(_TOKENS, 0.0, dashed="dotted", read=False),
            "fit": curve(ends, pulled, "law", after=True),
            "zero": level(_TOKENS, 0.0, "axis", thin=True, panel=1),
        },
        "points": {
            "runs": points(tokens, np.where(bad, np.nan, off)),
            "bad": points(tokens[bad], off[bad], label="the bad run", **odd),
            "misses": points(tokens, np.where(bad, np.nan, missed), **below),
            "bad miss": points(tokens[bad], missed[bad], **below, **odd),
        },
        "marks": {
            "far": mark(_FAR, pulled[1], "fit: {far} nats, truth: {far_truth}", "law", side="above", after=True),
            "corner": mark(2e11, reach, "shaded: within ±delta", "quiet", panel=1, phone=False),
        },
        "numbers": numbers,
        "value": float(fit.law.exponent),
        "say": say(
            f"With delta {{delta}} the fitted exponent is *{{exponent}}*; the truth is {{truth}}. {more}", numbers
        ),
    }
