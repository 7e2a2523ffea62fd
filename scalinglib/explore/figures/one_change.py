"""The live figure of one change of training at a time: what it costs each run, and what it does to the exponent."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import runs
from scalinglib.allocation import best_size_exponent, exponent_draws
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

CHANGES = {
    "long-warmup": "a long warm-up",
    "rate-of-8": "the rate of the smallest width for all",
    "rate-of-16": "the rate of the middle width for all",
    "rate-of-32": "the rate of the largest width for all",
    "one-long-run": "all lengths read off one long run",
    "counting": "embeddings counted",
}
"""Variants of the table "schedules-again", and their words; counting changes no run."""

LENGTHS = tuple(float(2**k) for k in range(16, 21))

ROLES = {LENGTHS[0]: "reference", LENGTHS[-1]: "rival"}
"""The shortest and the longest runs are told from the others by their colour and their marks."""

_SIZES = axis("parameters N, without embeddings", 1.2e3, 3.2e4, scale="log")
_COST = panel(_SIZES, axis("loss added", -0.02, 0.1, unit="nats", form="f2", ticks=[0.0, 0.05, 0.1]), height=1.3)
_MOVE, _ROW = axis("exponent moves by", -0.25, 0.25, form="f2"), axis("", 0.0, 2.0, ticks=())


@lru_cache(maxsize=64)
def _exponents(variant: str, count: str, shortest: float, longest: float):
    table = runs.load("schedules-again")
    some = table[(table["variant"] == variant) & table["D"].between(shortest, longest)]
    given = some[count], some["D"], some["loss"]
    return best_size_exponent(*given), exponent_draws(*given)


@lru_cache(maxsize=8)
def _losses(variant: str):
    table = runs.load("schedules-again")
    return table[table["variant"] == variant].groupby(["D", "N"])["loss"].mean()


def _runs(D, added):
    role, shape = ROLES.get(D, "data"), {LENGTHS[0]: "diamond", LENGTHS[-1]: "square"}.get(D, "circle")
    return points(added.index, added, role, shape=shape, size=3, after=True)


@described(
    controls={
        "change": Choice(label="What is changed", options=CHANGES),
        "shortest": Slider.steps("Shortest run that is kept", *LENGTHS[:2], form="c0", unit="tokens"),
        "longest": Slider.steps("Longest run that is kept", *LENGTHS[-2:], form="c0", unit="tokens"),
    },
    predict=Predict(
        ask="With a learning rate for each width the surface puts the exponent of the best size at 0.56. Where does it "
        "go when every width trains with the rate of the largest?",
        why="That rate is too low for the small models, which lose most, above all in short runs, so larger ones look "
        "better. With the rate of the smallest the large ones lose.",
        answer="a",
        low=0.3,
        high=0.8,
        form="f2",
    ),
)
def one_change(*, change: str = "rate-of-32", shortest: float = 2**16, longest: float = 2**20) -> dict:
    """What moves the exponent?

    What one change of the training costs at each size and length, and by how much it moves the allocation exponent.

    Parameters
    ----------
    change : str
        One of `CHANGES`.
    shortest, longest : float
        Tokens of the shortest and the longest runs that are kept.

    Notes
    -----
    Five widths, five lengths, three seeds. Exponents of a parabolic surface; 80% of 1,000 resamples of the cells, the
    same cells before and after the change.

    Examples
    --------
    >>> import scalinglib as sl
    >>> [round(sl.explore.one_change(change=rate)["value"], 2) for rate in ("rate-of-8", "rate-of-16", "rate-of-32")]
    [0.45, 0.51, 0.61]
    """
    if change not in CHANGES:
        raise ValueError(f"change is one of {[*CHANGES]}; got {change!r}")
    counting = change == "counting"
    ends = float(shortest), float(longest)
    a0, base = _exponents("tuned", "N", *ends)
    a, draws = _exponents("tuned" if counting else change, "N_total" if counting else "N", *ends)
    low, high = np.nanquantile(draws - base, [0.1, 0.9])
    added = _losses("tuned" if counting else change) - _losses("tuned")
    lines = {D: added[D] if ends[0] <= D <= ends[1] else np.nan * added[D] for D in LENGTHS}
    numbers = {
        "a": number(a, "f2", label="exponent after the change"),
        "before": number(a0, "f2", label="exponent before"),
        "move": number(a - a0, "f2", label="it moves by"),
        "low": number(low, "f3", label="80% interval from"),
        "high": number(high, "f3", label="to"),
    }
    return {
        "axes": [_COST, panel(_MOVE, _ROW, height=0.6)],
        "curves": {
            "none": level(_SIZES, 0.0, "axis", thin=True),
            **{
                f"{D:.0f}": curve(some.index, some, ROLES.get(D, "data"), thin=True, dashed="solid", after=True)
                for D, some in lines.items()
            },
            "zero": level(_ROW, 0.0, "axis", upright=True, thin=True, panel=1),
            "interval": curve([low, high], [1.0, 1.0], "law", after=True, panel=1),
        },
        "points": {
            **{f"{D:.0f}": _runs(D, some) for D, some in lines.items()},
            "move": points(a - a0, 1.0, "law", size=5, after=True, panel=1),
        },
        "marks": {
            "shortest": mark(2.6e3, 0.094, "shortest: diamonds", "reference"),
            "longest": mark(2.6e3, 0.085, "longest: squares", "rival"),
            "move": mark(a - a0, 1.6, "{move}", "law", side="middle", bold=True, after=True, panel=1),
        },
        "numbers": numbers,
        "value": a,
        "say": say(
            "With "
            + CHANGES[change]
            + " the exponent goes from {before} to *{a}*; the difference is {low} to {high} at 80%.",
            numbers,
        ),
    }
