"""The live figure on planning: its numbers, the purse, and what must hold at every setting."""

import itertools
import sys

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.buy_runs import buy_runs

figure = sys.modules["scalinglib.explore.figures.buy_runs"]  # its name leads to the function

CONTROLS = buy_runs.live.controls


def settings():
    """Nothing bought, and purchases at random, at sizes at random."""
    draw = np.random.default_rng(3)
    chosen = [{"bought": (), "size": CONTROLS["size"].at(end)} for end in (0, CONTROLS["size"].last)]
    return chosen + [
        {name: control.at(control.anywhere(draw)) for name, control in CONTROLS.items()} for _ in range(30)
    ]


def test_layers_keep_their_names_lengths_and_axes():
    """No setting adds, drops or lengthens a layer or moves an axis."""
    shapes, axes = set(), buy_runs()["axes"]
    for setting in settings():
        picture = buy_runs(**setting)
        groups = ("curves", "points", "marks")
        shapes.add(tuple((g, name, len(layer["x"])) for g in groups for name, layer in picture[g].items()))
        assert picture["axes"] == axes
    assert len(shapes) == 1


def test_the_purse_is_never_overdrawn_and_pays_the_cheapest_first():
    """What is left is never below zero; a run that shows no loss would have cost more than was left for it."""
    for setting in settings():
        picture = buy_runs(**setting)
        given = picture["pick"]["given"]
        shown = np.flatnonzero(np.isfinite(picture["points"]["losses"]["y"]))
        spent = sum(given["C"][row] for row in shown)
        assert spent <= given["purse"] and picture["numbers"]["left"]["value"] == pytest.approx(
            100 * (1 - spent / 2e20)
        )
        for row in set(setting["bought"]) - set(shown.tolist()):
            cheaper = sum(given["C"][one] for one in shown if one < row)
            assert given["loss"][row] is None or cheaper + given["C"][row] > given["purse"]


def test_waste_is_the_laboratorys_and_least_at_the_best_size():
    """The number is that of a submission in the world's laboratory; no stop of the slider beats the best size."""
    size = CONTROLS["size"].at(20)
    lab = sl.simulate.Laboratory(5, 2e20, world="far-from-twenty")
    told = lab.submit(size, interval=(size / 2, size * 2))
    assert buy_runs(size=size)["value"] == pytest.approx(told.wasted, abs=1e-6)
    stops = CONTROLS["size"].stops
    wasted = [buy_runs(size=stop)["value"] for stop in stops]
    nearest = stops[int(np.argmin(wasted))]
    assert abs(np.log(nearest / told.best)) < np.log(stops[1] / stops[0])


def lines(seed, steps):
    """A world, and ln of the size at which the figure's line ends over the best one: at four budgets the size that is
    nearest to the bottom, and others so many steps away, each a factor 2."""
    world = sl.simulate.draw_world(seed, 2e20, kind="far-from-twenty")
    C, grid, rows = np.repeat(figure._BUDGETS, 9), figure._shop()[0], []
    loss = np.full(C.size, np.nan)
    for budget in range(4):
        own = np.log(grid[9 * budget : 9 * budget + 9] / world.best(figure._BUDGETS[budget])[0])
        middle = 9 * budget + np.clip(np.abs(own).argmin(), 2, 6)
        rows += [int(middle + step) for step in steps]
    for row in rows:
        lab = sl.simulate.Laboratory(seed, 2e20, world="far-from-twenty")
        loss[row] = lab.buy(grid[row], C[row] / (6 * grid[row]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figure, "_shop", lambda: (grid, C, loss))
        end = figure._line(figure._bottoms(rows), np.array([2e22]))[0]
    return np.log(end / world.best(2e22)[0])


def test_three_runs_a_factor_four_apart_say_the_size_and_neighbours_do_not():
    """Of 200 worlds the line's end errs by a fifth at most in about nine of ten; through neighbours, which cost the
    same and whose losses differ by little more than their scatter, in about seven of ten."""
    near, wide = (np.abs([lines(seed, (-step, 0, step)) for seed in range(200)]) for step in (1, 2))
    assert np.mean(wide < np.log(1.2)) > 0.85  # 0.92 over 1,500 worlds, and 0.02 is a standard error of 200
    assert np.mean(near < np.log(1.2)) < 0.8  # 0.68


def test_runs_about_the_bottoms_say_the_size_in_the_public_world():
    """Three runs about each bottom, a factor 4 apart, point to the best size within a fifth, as in nine worlds of ten;
    so do the five of the button's plan. The dearest budget is not paid."""
    best = sl.simulate.draw_world(5, 2e20, kind="far-from-twenty").best(2e22)[0]
    for places in ((1, 3, 5), (1, 2, 3, 4, 5)):
        rows = [budget * 9 + place for budget, place in itertools.product(range(4), places)]
        picture = buy_runs(bought=tuple(rows))
        assert picture["curves"]["line"]["y"][-1] == pytest.approx(best, rel=0.2)
        assert np.isnan(picture["points"]["bottoms"]["y"][-1])
