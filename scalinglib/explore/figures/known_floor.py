"""The live figure of a fitted floor on a source whose entropy rate is known."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib import runs
from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, mark, points
from scalinglib.fitting import fit_chinchilla

SHORTEST = (2**16, 2**17, 2**18)
SMALLEST = (1536, 3456, 6144)
_RUNS = panel(axis("tokens D", 5e4, 3e6, scale="log"), axis("loss", 1.95, 2.5, unit="nats per character", form="f2"))


@lru_cache(maxsize=16)
def _chain(shortest: float, smallest: float):
    table = runs.load("known-entropy")
    kept = (table["D"] >= shortest) & (table["N"] >= smallest)
    some = table[kept]
    fit = fit_chinchilla(some["N"], some["D"], some["loss"])
    cell = (some["N"].astype("int64").astype(str) + "-" + some["D"].astype("int64").astype(str)).to_list()
    low, high = fit.profile(groups=cell).interval(0.95)["E"]
    cells = table.groupby(["N", "D"], as_index=False)["loss"].mean()
    inside = (cells["D"] >= shortest) & (cells["N"] >= smallest)
    return fit, low, high, cells, inside


@described(
    controls={
        "shortest": Slider.steps("Shortest run that is kept", *SHORTEST, form="c0", unit="tokens"),
        "smallest": Slider.steps("Smallest size that is kept", *SMALLEST, form="c0", unit="parameters"),
    },
    predict=Predict(
        ask="The law fits these runs to 0.4%. Their source is known: no model can come below 2.073 nats, and the best "
        "run stands 0.028 above what windows allow. Where does the fit put the floor?",
        why="The floor is what two power laws leave when both are taken to the end. Where the loss is not quite a "
        "sum of two, the floor takes up the difference, and its interval does not know.",
        answer="E",
        low=1.95,
        high=2.15,
        form="f3",
        unit="nats",
        x=6e4,
    ),
)
def known_floor(*, shortest: float = 2**16, smallest: float = 1536) -> dict:
    """Does a fitted floor find the truth?

    The floor of a law fitted to runs on a source whose entropy rate is known, by the runs that are kept.

    Parameters
    ----------
    shortest : float
        Tokens of the shortest run that is kept.
    smallest : float
        Parameters, without embeddings, of the smallest model that is kept.

    Notes
    -----
    Means of three seeds; the interval is a profile by cells, at 95%, from the runs that are kept. Filled: kept. Hollow:
    left out.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.known_floor()["value"], 4)
    2.0506
    """
    fit, low, high, cells, inside = _chain(float(shortest), float(smallest))
    table = runs.load("known-entropy")
    rate, reachable = float(table["entropy_rate"].iloc[0]), float(table["reachable"].iloc[0])
    E = float(fit.law.E)
    ends = np.array([5e4, 3e6])
    numbers = {
        "E": number(E, "f3", label="fitted floor", unit="nats per character"),
        "low": number(low, "f3", label="its interval, from"),
        "high": number(high, "f3", label="to"),
        "rate": number(rate, "f3", label="entropy rate of the source"),
        "reachable": number(reachable, "f3", label="lowest loss that windows allow"),
        "below": number(rate - E, "f3", label="how far below the entropy rate"),
        "kept": number(float(inside.sum()), "g2", label="cells that are kept"),
    }
    return {
        "axes": _RUNS,
        "bands": {"interval": band(ends, [low, low], [high, high], "law", after=True)},
        "curves": {
            "rate": curve(ends, [rate, rate], "ink", dashed="dotted", label="entropy rate {rate}", label_at=1.0),
            "E": curve(ends, [E, E], "law", after=True),
        },
        "points": {
            "kept": points(cells["D"].where(inside), cells["loss"].where(inside), "data"),
            "out": points(cells["D"].where(~inside), cells["loss"].where(~inside), "data", hollow=True),
        },
        "marks": {"E": mark(6e4, E, "E {E}", "law", side="below", bold=True, after=True)},
        "numbers": numbers,
        "value": E,
        "say": say(
            "From {kept} cells the floor is *{E}*, {low} to {high} at 95%. The entropy rate is {rate}: the fit is "
            "{below} below it.",
            numbers,
        ),
    }
