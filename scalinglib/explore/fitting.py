"""Live figures on fitting: one bad run, and runs that are counted as points."""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

import scalinglib as sl
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, mark, points, region

_MINUS = "\N{MINUS SIGN}"


def _pattern(count: int) -> np.ndarray:
    """Normal quantiles in a fixed shuffled order, not at random; `count` is no multiple of 7."""
    return np.array([NormalDist().inv_cdf((7 * i % count + 0.5) / count) for i in range(count)])


# One bad run ------------------------------------------------------------------------------------

_SCATTER = 0.003
_FAR = 1e13
_LIMIT = 40.0
_DELTAS = (*(first * 10.0**power for power in range(-4, 0) for first in (1, 2, 5)), 1.0)
_TOKENS = axis("training tokens", 5e7, 2e13, scale="log", ticks=[1e8, 1e9, 1e10, 1e11, 1e12, 1e13])
# In percent of the truth: on a log-log picture of the loss a pull of 10% is as wide as the line.
_FROM_TRUTH = axis(
    "off the true law",
    -35.0,
    35.0,
    unit="%",
    form="+f1",
    ticks=[(-30.0, _MINUS + "30"), (-15.0, _MINUS + "15"), (0.0, "0"), (15.0, "+15"), (30.0, "+30")],
)
_FROM_FIT = axis(
    "off the fit",
    -_LIMIT,
    _LIMIT,
    unit="%",
    scale="symlog",
    linear_part=0.1,
    ticks=[(-10.0, _MINUS + "10"), (-1.0, _MINUS + "1"), (0.0, "0"), (1.0, "+1"), (10.0, "+10")],
)


def _slice():
    law = sl.published["besiroglu2024"]
    return sl.PowerLaw(coefficient=law.B, exponent=law.beta, floor=0.0)


@lru_cache(maxsize=4096)
def _pulled(delta: float, error: float, run: int):
    """Tokens and losses of the runs, one of them off, and the fit with this corner."""
    tokens = np.logspace(8, 11, 15)
    off = _SCATTER * _pattern(15)
    off[run - 1] += error
    loss = _slice()(tokens) * np.exp(off)
    return tokens, loss, sl.fit_power_law(tokens, loss, floor=None, objective="huber", delta=delta)


@described(
    question="How far can a single run pull the law?",
    controls={
        "delta": Slider.steps("Corner delta of the Huber loss", *_DELTAS, default=1e-3, form="g1"),
        "error": Slider.over("Error of the bad run, in ln loss", -0.3, 0.3, 13, default=0.2, between=1, form="+f2"),
        "run": Choice(
            label="Which of the 15 runs is bad",
            options={1: "the smallest", 8: "the middle one", 15: "the largest"},
            default=15,
        ),
    },
    predict=Predict(
        ask="The largest of 15 runs is off by 0.20 in ln loss; the others scatter by 0.003. The true "
        "exponent is 0.3658. Which one does a Huber fit with delta 0.001 find?",
        answer="exponent",
        low=0.34,
        high=0.39,
        form="f4",
    ),
    caveat="Shaded: within delta a run pulls by its distance, beyond it every run pulls alike. Delta "
    "stands in units of ln loss; the floor is taken as known. The scatter of the other runs is a "
    "fixed pattern, not a sample, and moves the fourth digit by itself: read differences.",
)
def one_bad_run(*, delta: float = 1e-3, error: float = 0.2, run: int = 15) -> dict:
    """Fifteen runs of one size, one of them off, and the power law that a Huber fit draws through them.

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

    Examples
    --------
    >>> picture = one_bad_run(delta=1.0)
    >>> print(picture["say"][:58])
    With delta 1 the fitted exponent is 0.3558; the truth is 0
    """
    tokens, loss, fit = _pulled(float(delta), float(error), int(run))
    plain = _pulled(1.0, float(error), int(run))[2]
    truth = _slice()
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
    words = "With delta {delta} the fitted exponent is *{exponent}*; the truth is {truth}. "
    # Least squares where the corner is out of reach of every residual.
    words += (
        "With the same runs and delta 1 it would be {plain}."
        if delta < 1.0
        else "No run is off by that much, so this is least squares under another name."
    )
    odd = {"role": "rival", "shape": "square", "size": 5.5}
    return {
        "axes": [panel(_TOKENS, _FROM_TRUTH, height=3, x_label=False), panel(_TOKENS, _FROM_FIT, height=2)],
        "regions": {"corner": region(y=(-reach, reach), panel=1)},
        "curves": {
            "truth": curve([5e7, 2e13], [0.0, 0.0], "ink", dashed="dotted", read=False),
            "fit": curve(ends, pulled, "law", after=True),
            "zero": curve([5e7, 2e13], [0.0, 0.0], "axis", thin=True, panel=1),
        },
        "points": {
            "runs": points(tokens, np.where(bad, np.nan, off)),
            "bad": points(tokens[bad], off[bad], label="the bad run", **odd),
            "misses": points(tokens, np.where(bad, np.nan, missed), stem=0.0, panel=1, after=True),
            "bad miss": points(tokens[bad], missed[bad], stem=0.0, panel=1, after=True, **odd),
        },
        "marks": {
            "far": mark(_FAR, pulled[1], "fit: {far} nats, truth: {far_truth}", "law", side="above", after=True),
            "corner": mark(2e11, reach, "shaded: within ±delta", "quiet", panel=1, phone=False),
        },
        "numbers": numbers,
        "value": float(fit.law.exponent),
        "say": say(words, numbers),
    }


# Runs, not points -------------------------------------------------------------------------------

_SIZE = 1e9
_POINT_SCATTER = 0.002
_DRAWN = 5
_MOST_RUNS = 40
_LONG = axis("training tokens", 8e8, 1e12, scale="log", ticks=[1e9, 1e10, 1e11, 1e12])
_OFF = axis(
    "loss against the true law",
    -4.0,
    4.0,
    unit="%",
    form="+f2",
    ticks=[(-4.0, _MINUS + "4"), (-2.0, _MINUS + "2"), (0.0, "0"), (2.0, "+2"), (4.0, "+4")],
)


@lru_cache(maxsize=1)
def _seed_scatter() -> float:
    """Standard deviation of ln loss between seeds of one cell of the course's own fitted language models."""
    table = sl.runs.load("language-model")
    table = table[table["role"] == "fit"]
    spread = np.log(table["loss"]).groupby([table["budget"], table["width"]]).std(ddof=1)
    return float(np.sqrt((spread.dropna() ** 2).mean()))


def _clusters(runs: int, checkpoints: int, run_scatter: float):
    """Tokens and ln loss off the law of the drawn checkpoints, (200,) each, NaN where there are fewer."""
    drawn = min(checkpoints, _DRAWN)
    level, tokens = np.full((2, _MOST_RUNS, 1), np.nan)
    level[:runs, 0] = run_scatter * _pattern(runs)
    tokens[:runs, 0] = np.logspace(9, 11, runs)
    within = np.full(_DRAWN, np.nan)
    within[:drawn] = _POINT_SCATTER * np.sort(_pattern(drawn))
    # Side by side by a few pixels, so that equal losses do not hide one another.
    beside = 10.0 ** (0.008 * (2 * np.arange(_DRAWN) % _DRAWN - 2.0))
    return (tokens * beside).ravel(), (level + within).ravel()


@described(
    question="How many measurements do you have?",
    controls={
        "runs": Slider.steps("Runs", 4, 6, 8, 10, 15, 20, 30, 40, default=10, form="f0"),
        "checkpoints": Slider.steps("Checkpoints of each run", 1, 2, 5, 10, 25, 50, default=25, form="f0"),
        # Logarithmic, so that the ratio is smooth enough to be interpolated; hence no zero.
        "run_scatter": Slider.over(
            "Scatter from run to run", 0.0002, 0.01, 21, default=0.005, scale="log", between=4, form="p2"
        ),
    },
    predict=Predict(
        ask="10 runs with 25 checkpoints each; runs scatter by 0.5%, the checkpoints of a run by 0.2% "
        "about it. You take the 250 points for independent. How often does your 90% interval hold the "
        "truth?",
        answer="coverage",
        low=0.0,
        high=1.0,
        form="p0",
    ),
    caveat="Up to five checkpoints of a run are drawn. Those of one run share its error and its number of "
    "tokens; real ones drift. A checkpoint's own scatter is set to 0.2%. The scatter is a fixed "
    "pattern, not a sample, and the bands are linearised about the true law.",
)
def runs_not_points(*, runs: int = 10, checkpoints: int = 25, run_scatter: float = 0.005) -> dict:
    """Checkpoints that share the luck of their run: the interval that overlooks it, and one that does not.

    Parameters
    ----------
    runs, checkpoints : int
        Runs of 10^9 parameters with 10^9 to 10^11 tokens, and points in each.
    run_scatter : float
        Standard deviation of ln loss from run to run; of a point within its run it is 0.002.

    Returns
    -------
    dict
        The picture; ``value`` is how many times too narrow the interval from points is.

    Examples
    --------
    >>> print(runs_not_points()["say"][:44])
    250 points are worth 12 independent ones. Th
    """
    from scalinglib.planning import slice_precision
    from scalinglib.uncertainty import effective_runs

    runs, checkpoints = int(runs), int(checkpoints)
    law = sl.published["besiroglu2024"]
    worth = effective_runs(runs, checkpoints, run_scatter=run_scatter, point_scatter=_POINT_SCATTER)
    honest = slice_precision(law, _SIZE, np.logspace(9, 11, runs), error=worth.error)
    far = np.logspace(9, 12, 19)
    wide = 100.0 * NormalDist().inv_cdf(0.95) * honest.loss_sd(far)
    narrow = wide / worth.ratio
    tokens, off = _clusters(runs, checkpoints, run_scatter)
    seeds, seeds_at = 100.0 * _seed_scatter(), -3.3
    numbers = {
        "ratio": number(worth.ratio, "f1", scale="log", label="times too narrow"),
        "coverage": number(worth.coverage(0.9), "p0", label="coverage of the 90% interval"),
        "points": number(worth.points, "c0", label="points"),
        "effective": number(worth.effective, "g2", scale="log", label="independent points of the same worth"),
        "beta": number(honest.sd["beta"], "g2", scale="log", label="standard deviation of β"),
        "seeds": number(seeds / 100.0, "p2", label="measured between seeds of our own models"),
    }
    words = (
        "{points} points are worth {effective} independent ones. The interval from points has to be "
        "*{ratio}* times as wide: as it stands, a 90% interval holds the truth {coverage} of the time."
    )
    if checkpoints == 1:
        words = (
            "{points} points from as many runs are {effective} independent ones. The interval from points is as "
            "wide as it should be (*{ratio}* times): a 90% interval holds the truth {coverage} of the time."
        )
    return {
        "axes": panel(_LONG, _OFF),
        "regions": {"beyond": region(x=(1.1e11, 1e12), label="beyond the runs")},
        "bands": {
            "honest": band(
                far, -wide, wide, "reference", edge="dashed", label="90%, by runs", label_at=0.9, after=True
            ),
            "claimed": band(far, -narrow, narrow, "law", label="90%, by points", label_at=0.9),
        },
        "curves": {
            "law": curve([8e8, 1e12], [0.0, 0.0], "ink", dashed="dotted"),
            "seeds": curve([1e9, 1e9], [seeds_at - seeds, seeds_at + seeds], "rival", dashed="solid"),
        },
        "points": {"checkpoints": points(tokens, 100.0 * off, size=2.5)},
        "marks": {"seeds": mark(1.05e9, seeds_at, "measured between seeds: ±{seeds}", "rival")},
        "numbers": numbers,
        "value": worth.ratio,
        "say": say(words, numbers),
    }
