"""A live figure on planning: runs bought from a purse in a world that is to be found, and the size that follows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalinglib.explore import Pick, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points
from scalinglib.explore.numbers import written
from scalinglib.simulate import Laboratory, draw_world

_SEED, _WORLD, _PURSE = 5, "far-from-twenty", 2e20
_TARGET = 100 * _PURSE
_BUDGETS = tuple(6e17 * 3.0**step for step in range(5))
_SIZES = 9  # at each budget, a factor 2 apart
_TWENTY = float(np.sqrt(_TARGET / 120.0))
_COMPUTE = axis("training compute", 3e17, 1e23, unit="FLOP", scale="log", ticks=[1e18, 1e19, 1e20, 1e21, 1e22])
_PARAMETERS = axis("parameters", 3e6, 2e11, scale="log", ticks=[1e7, 1e8, 1e9, 1e10, 1e11])
_LOSS = axis("loss", 2.3, 4.0, unit="nats", ticks=[2.5, 3.0, 3.5, 4.0])


@lru_cache(maxsize=1)
def _shop():
    """Parameters, FLOP and losses of the runs for sale, budget by budget."""
    C = np.repeat(_BUDGETS, _SIZES)
    N = np.sqrt(C / 120.0) * 2.0 ** np.tile(np.arange(_SIZES) - 4.0, len(_BUDGETS))
    N = np.array([float(f"{size:.2g}") for size in N])
    # A purse for each, since all together cost four times what there is; a run's loss does not hang on the others.
    loss = [
        Laboratory(_SEED, _PURSE, world=_WORLD).buy(size, flop / (6.0 * size)) for size, flop in zip(N, C, strict=True)
    ]
    return N, C, np.array(loss)


@lru_cache(maxsize=256)
def _waste(N):
    return draw_world(_SEED, _PURSE, kind=_WORLD).wasted(N, _TARGET)


def _paid(bought) -> list[int]:
    """Those that the purse pays, the cheapest first."""
    C, paid, spent = _shop()[1], [], 0.0
    for row in bought:  # rows are in order of their cost
        if spent + C[row] <= _PURSE:
            paid.append(row)
            spent += C[row]
    return paid


def _bottoms(paid) -> np.ndarray:
    """ln N of the lowest point of a parabola through the runs of each budget; NaN without three or a bowl."""
    N, _, loss = _shop()
    found = np.full(len(_BUDGETS), np.nan)
    for place in range(len(_BUDGETS)):
        own = [row for row in paid if row // _SIZES == place and np.isfinite(loss[row])]
        if len(own) < 3:
            continue
        x = np.log(N[own])
        bend, tilt, _ = np.polyfit(x - x.mean(), loss[own], 2)
        if bend > 1e-9:
            found[place] = x.mean() + np.clip(-0.5 * tilt / bend, -3.0, 3.0)
    return found


def _line(bottoms, C) -> np.ndarray:
    """N at budgets by the line through the bottoms; NaN with fewer than two."""
    known = np.isfinite(bottoms)
    if known.sum() < 2:
        return np.full(len(C), np.nan)
    x = np.log(np.array(_BUDGETS)[known])
    slope = ((x - x.mean()) @ bottoms[known]) / ((x - x.mean()) @ (x - x.mean()))
    return np.exp(bottoms[known].mean() + slope * (np.log(C) - x.mean()))


_PICK = Pick(
    label="Runs bought",
    more="Buy the next run of a plan",
    rows=_SIZES * len(_BUDGETS),
    most=30,
    default=(),
    leave="press to buy it",
    back="bought, press to give it back",
)


@described(
    controls={
        "bought": _PICK,
        "size": Slider.over(
            "Size to submit", 1e9, 1.6e11, 45, default=_TWENTY, scale="log", between=1, form="w2", unit="parameters"
        ),
    },
    predict=Predict(
        ask="Somebody buys nothing and submits 20 tokens a parameter for the target, as the rule of thumb says. How "
        "much of the target's compute is wasted in this world?",
        why="The rule is the best ratio of one set of runs. Worlds, and recipes, differ; a purse is there to find out "
        "about this one.",
        answer="twenty",
        form="f0",
        unit="%",
        options=[(0.0, "none"), (5.0, "5%"), (20.0, "20%"), (60.0, "60%")],
    ),
)
def buy_runs(*, bought: tuple[int, ...] = (), size: float = _TWENTY) -> dict:
    """Which runs would you buy, and which size do they say?

    A public world: 45 runs for sale, a purse that pays about a quarter of them, and a run at a hundred times the purse.

    Parameters
    ----------
    bought : tuple of int
        Rows that are bought: nine sizes at each of five budgets, the smallest first.
    size : float
        Parameters that are submitted for the target.

    Returns
    -------
    dict
        The picture; ``value`` is the share of the target's compute that is wasted.

    Notes
    -----
    Rings are for sale, squares are bought; what the purse cannot pay, the dearest first, is not trained and shows no
    loss. With three runs a budget has a parabola and a bottom (diamond), with two bottoms a line. A laboratory tells
    the waste once, when the purse is closed; here it is told at every size.

    Examples
    --------
    >>> from scalinglib.explore import buy_runs
    >>> picture = buy_runs(bought=(2, 3, 4, 11, 12, 13))
    >>> print(picture["say"][:38])
    6 runs bought, 96% of the purse left.
    """
    bought = _PICK.at(bought)
    N, C, loss = _shop()
    paid = _paid(bought)
    taken, trained = np.isin(np.arange(N.size), bought), np.isin(np.arange(N.size), paid)
    bottoms = _bottoms(paid)
    ends = np.array([_BUDGETS[0], _TARGET])
    numbers = {
        "runs": number(float(len(paid)), "f0", label="runs trained"),
        "left": number(100.0 * (1.0 - C[paid].sum() / _PURSE), "f0", label="of the purse left", unit="%"),
        "size": number(size, "w2", label="parameters submitted"),
        "ratio": number(_TARGET / (6.0 * size**2), "g2", label="tokens a parameter"),
        "wasted": number(100.0 * _waste(size), "f0", label="of the compute wasted", unit="%"),
        "twenty": number(100.0 * _waste(_TWENTY), "f0", label="wasted at 20 tokens a parameter", unit="%"),
    }
    return {
        "axes": [panel(_COMPUTE, _PARAMETERS, height=3), panel(_PARAMETERS, _LOSS, height=2)],
        "curves": {
            "line": curve(ends, _line(bottoms, ends), "law", dashed="dashed", read=False),
            "target": level(_PARAMETERS, _TARGET, "axis", upright=True, thin=True, read=False),
        },
        "points": {
            "for sale": points(np.where(taken, np.nan, C), N, "quiet", hollow=True, size=3.5),
            "bought": points(np.where(taken, C, np.nan), N, "rival", shape="square", size=3.5),
            "bottoms": points(_BUDGETS, np.exp(bottoms), "law", shape="diamond", size=6),
            "submitted": points(_TARGET, size, "data", size=6, after=True),
            "losses": points(N, np.where(trained, loss, np.nan), "rival", shape="square", size=3.5, panel=1),
        },
        "marks": {
            "submitted": mark(_TARGET, size, "{wasted}% wasted", "data", side="left", bold=True, after=True),
            "target": mark(_TARGET, 5e6, "target", "quiet", side="left"),
        },
        "numbers": numbers,
        "pick": {
            "kept": "for sale",
            "left_out": "bought",
            "names": [_named(*row) for row in zip(N, C, strict=True)],
            "order": _order(),
            "given": {
                "logN": [float(f"{value:.12g}") for value in np.log(N)],
                "C": [float(f"{value:.12g}") for value in C],
                "loss": [None if np.isnan(value) else float(value) for value in loss],
                "sizes": _SIZES,
                "budgets": [float(f"{value:.12g}") for value in _BUDGETS],
                "ends": ends.tolist(),
                "purse": _PURSE,
            },
        },
        "value": float(_waste(size)),
        "say": say(
            "{runs} runs bought, {left}% of the purse left. {size} parameters at 2 × 10^22 FLOP, {ratio} tokens each, "
            "waste *{wasted}*% of that compute.",
            numbers,
        ),
    }


def _named(N, C) -> str:
    return f"{written(N, 'w2')} parameters, {written(C, 'g2')} FLOP, {100 * C / _PURSE:.2g}% of the purse"


def _order() -> list[int]:
    """The plan of the button: the middle sizes of each budget first, the cheap budgets before the dear ones."""
    places = [4, 2, 3, 5, 1, 6, 0, 7, 8]
    return [
        budget * _SIZES + place
        for part in (places[:5], places[5:])
        for budget in range(len(_BUDGETS))
        for place in part
    ]
