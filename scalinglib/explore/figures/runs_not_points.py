"""A live figure on fitting: runs that are counted as points."""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from scalinglib import published
from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, level, mark, points, region
from scalinglib.simulate import fixed_scatter

_SIZE = 1e9
_POINT_SCATTER = 0.002
_DRAWN = 5
_MOST_RUNS = 40
_SEEDS_AT = -3.3
_TOKENS = axis("training tokens", 8e8, 1e12, scale="log", ticks=[1e9, 1e10, 1e11, 1e12])
_TICKS = [(-4.0, "−4"), (-2.0, "−2"), (0.0, "0"), (2.0, "+2"), (4.0, "+4")]
_OFF = axis("loss against the true law", -4.0, 4.0, unit="%", form="+f2", ticks=_TICKS)

MANY = (
    "{points} points are worth {effective} independent ones. The interval from points has to be "
    "*{ratio}* times as wide: as it stands, a 90% interval holds the truth {coverage} of the time."
)
SINGLE = (
    "{points} points from as many runs are {effective} independent ones. The interval from points is as "
    "wide as it should be (*{ratio}* times): a 90% interval holds the truth {coverage} of the time."
)


@lru_cache(maxsize=1)
def _seed_scatter() -> float:
    """Standard deviation of ln loss between seeds of one cell of the course's own fitted language models."""
    from scalinglib import runs

    table = runs.load("language-model")
    table = table[table["role"] == "fit"]
    spread = np.log(table["loss"]).groupby([table["budget"], table["width"]]).std(ddof=1)
    return float(np.sqrt((spread.dropna() ** 2).mean()))


def _clusters(runs: int, checkpoints: int, run_scatter: float):
    """Tokens and ln loss off the law of the drawn checkpoints, (200,) each, NaN where there are fewer."""
    drawn = min(checkpoints, _DRAWN)
    off, tokens = np.full((2, _MOST_RUNS, 1), np.nan)
    off[:runs, 0] = run_scatter * fixed_scatter(runs)
    tokens[:runs, 0] = np.logspace(9, 11, runs)
    within = np.full(_DRAWN, np.nan)
    within[:drawn] = _POINT_SCATTER * np.sort(fixed_scatter(drawn))
    # Side by side by a few pixels, so that equal losses do not hide one another.
    beside = 10.0 ** (0.008 * (2 * np.arange(_DRAWN) % _DRAWN - 2.0))
    return (tokens * beside).ravel(), (off + within).ravel()


@described(
    controls={
        "runs": Slider.steps("Runs", 4, 6, 8, 10, 15, 20, 30, 40, form="f0"),
        "checkpoints": Slider.steps("Checkpoints of each run", 1, 2, 5, 10, 25, 50, form="f0"),
        # Logarithmic, so that the ratio is smooth enough to be interpolated; hence no zero.
        "run_scatter": Slider.over("Scatter from run to run", 0.0002, 0.01, 21, scale="log", form="p2"),
    },
    predict=Predict(
        ask="10 runs with 25 checkpoints each; runs scatter by 0.5%, the checkpoints of a run by 0.2% "
        "about it. You take the 250 points for independent. How often does your 90% interval hold the "
        "truth?",
        why="Checkpoints of one run share its luck. There are ten pieces of luck here and not 250, and an interval "
        "that does not know it is several times too short.",
        answer="coverage",
        low=0.0,
        high=1.0,
        form="p0",
    ),
)
def runs_not_points(*, runs: int = 10, checkpoints: int = 25, run_scatter: float = 0.005) -> dict:
    """How many measurements do you have?

    Checkpoints share the luck of their run: the interval that overlooks it, and one that does not.

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

    Notes
    -----
    Up to five checkpoints of a run are drawn. Those of one run share its error and its number of tokens; real ones
    drift. A checkpoint's own scatter is set to 0.2%. The scatter is a fixed pattern, not a sample, and the bands are
    linearised about the true law.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.runs_not_points()["say"][:44])
    250 points are worth 12 independent ones. Th
    """
    from scalinglib.planning import slice_precision
    from scalinglib.uncertainty import effective_runs

    runs, checkpoints, law = int(runs), int(checkpoints), published["besiroglu2024"]
    worth = effective_runs(runs, checkpoints, run_scatter=run_scatter, point_scatter=_POINT_SCATTER)
    honest = slice_precision(law, _SIZE, np.logspace(9, 11, runs), error=worth.error)
    far = np.logspace(9, 12, 19)
    wide = 100.0 * NormalDist().inv_cdf(0.95) * honest.loss_sd(far)
    narrow = wide / worth.ratio
    tokens, off = _clusters(runs, checkpoints, run_scatter)
    seeds = 100.0 * _seed_scatter()
    numbers = {
        "ratio": number(worth.ratio, "f1", scale="log", label="times too narrow"),
        "coverage": number(worth.coverage(0.9), "p0", label="coverage of the 90% interval"),
        "points": number(worth.points, "c0", label="points"),
        "effective": number(worth.effective, "g2", scale="log", label="independent points of the same worth"),
        "beta": number(honest.sd["beta"], "g2", scale="log", label="standard deviation of β"),
        "seeds": number(seeds / 100.0, "p2", label="measured between seeds of our own models"),
    }
    by_runs = {"edge": "dashed", "label": "90%, by runs", "label_at": 0.9, "after": True}
    return {
        "axes": panel(_TOKENS, _OFF),
        "regions": {"beyond": region(x=(1.1e11, 1e12), label="beyond the runs")},
        "bands": {
            "honest": band(far, -wide, wide, "reference", **by_runs),
            "claimed": band(far, -narrow, narrow, "law", label="90%, by points", label_at=0.9),
        },
        "curves": {
            "law": level(_TOKENS, 0.0, dashed="dotted"),
            "seeds": curve([1e9, 1e9], [_SEEDS_AT - seeds, _SEEDS_AT + seeds], "rival", dashed="solid"),
        },
        "points": {"checkpoints": points(tokens, 100.0 * off, size=2.5)},
        "marks": {"seeds": mark(1.05e9, _SEEDS_AT, "measured between seeds: ±{seeds}", "rival")},
        "numbers": numbers,
        "value": worth.ratio,
        "say": say(SINGLE if checkpoints == 1 else MANY, numbers),
    }
