"""Tests of the figures of "How sure is it?"."""

from pathlib import Path

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import plots
from scalinglib.coverage import draw_runs, measured_coverage
from tests.pictures import faults, layers, same

ROOT = Path(__file__).resolve().parents[1]
TABLE = measured_coverage()
LOW, HIGH = np.array([[0.50, 0.54], [0.48, 0.51], [0.52, 0.55], [0.49, 0.53], [0.505, 0.52]]).T
BUDGETS = [1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25]
STUDY = draw_runs("isoflop", seed=1)
FIT = sl.fit_chinchilla(STUDY.N, STUDY.D, STUDY.loss)
DRAWN = {
    "coverage_by_design": lambda: plots.coverage_by_design(TABLE),
    "interval_growth": lambda: plots.interval_growth(FIT, C=BUDGETS, truth=STUDY.law),
    "repeated_studies": lambda: plots.repeated_studies(LOW, HIGH, truth=0.5126),
}


@pytest.fixture(scope="module", params=DRAWN)
def drawn(request):
    """Return (function that draws, figure)."""
    return DRAWN[request.param], DRAWN[request.param]()


# ---- every figure ----------------------------------------------------------------------------------------


def test_no_text_is_cut_or_covered(drawn):
    """No label leaves its picture or lies on another."""
    assert faults(drawn[1]) == []


def test_a_figure_is_the_same_bytes_when_drawn_again(drawn):
    """Drawn twice from the same numbers, a picture and its words are the same."""
    draw, figure = drawn
    again = draw()
    assert same(figure, again)


def test_each_figure_of_the_module_is_drawn_here():
    """A figure that is added to the table of figures has to be added to these tests."""
    assert set(DRAWN) == set(plots.MODULES["uncertainty"])


# ---- one by one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", ["huber", "log_least_squares"])
def test_every_coverage_of_the_table_is_drawn_once(objective):
    """Each panel has the table's percentages in the row of their design and method, hollow where they fall short."""
    figure = plots.coverage_by_design(TABLE, objective=objective)
    assert faults(figure) == []
    rows, ticks = TABLE[TABLE.objective == objective], figure.picture["axes"][0]["y"]["ticks"]
    pairs = rows[rows.level == 0.8].drop_duplicates(["design", "method"])
    called = {"profile-equal": "equal profile"}
    order = ["runs", "groups", "residual", "wild", "profile", "profile-equal"]
    named = [
        (design, method)
        for design in dict.fromkeys(pairs.design)
        for method in sorted(set(pairs[pairs.design == design].method), key=order.index)
    ]
    assert [text for _, text in ticks] == [called.get(method, method) for _, method in named]
    place = dict(zip(named, (row for row, _ in ticks), strict=True))
    for level in (0.8, 0.95):
        part = rows[rows.level == level]
        below = part.level - part.coverage
        short = (below > 0.04) & (below > 3 * part.error)
        for hollow in (False, True):
            these = part[short == hollow]
            wanted = sorted(
                (100 * coverage, place[each])
                for coverage, *each in zip(these.coverage, these.design, these.method, strict=True)
                for each in [tuple(each)]
            )
            layer = figure.picture["points"][f"{level}-{hollow}"]
            assert layer["hollow"] == hollow
            np.testing.assert_allclose(sorted(zip(layer["x"], layer["y"], strict=True)), wanted, rtol=1e-12)


def test_a_method_that_falls_short_is_told_in_words():
    """Checkpoints taken for runs are named with their worst coverage; a sound table names no method."""
    figure = plots.coverage_by_design(TABLE)
    part = TABLE[(TABLE.design == "checkpoints") & (TABLE.method == "runs") & (TABLE.objective == "huber")]
    worst = part.loc[(part.level - part.coverage).idxmax()]
    assert worst.coverage < 0.5
    assert f"runs {100 * worst.coverage:.0f} percent for {worst.quantity} where 80 was promised" in figure.alt
    sound = plots.coverage_by_design(TABLE[TABLE.design == "isoflop"].assign(coverage=0.95))
    assert "short" not in sound.alt and len(sound.data["short"]) == 0


def test_an_objective_that_was_not_measured_is_refused():
    """The error names the argument and what the table holds."""
    with pytest.raises(ValueError, match="objective.*huber.*lad"):
        plots.coverage_by_design(TABLE, objective="lad")


def test_missed_intervals_are_counted_and_marked():
    """Two of the five lie beside the truth, one above and one below; their ends are the hollow marks."""
    figure = plots.repeated_studies(LOW, HIGH, truth=0.5126)
    assert list(figure.data["missed"]) == [False, True, True, False, False]
    assert "2 do not reach it: 1 lie above and 1 below" in figure.alt
    ends = layers(figure, "points")
    assert ends["low"].tolist() == [[2.0, 3.0], [0.48, 0.52]] and ends["high"].tolist() == [[2.0, 3.0], [0.51, 0.55]]


def test_intervals_of_unequal_number_are_refused():
    """Low and high ends of different lengths are refused by name."""
    with pytest.raises(ValueError, match="low|high"):
        plots.repeated_studies(LOW, HIGH[:3], truth=0.5)


def test_the_interval_opens_beyond_the_runs():
    """The ends surround the fitted law, and stand further apart with every budget beyond the runs."""
    data = plots.interval_growth(FIT, C=BUDGETS, truth=STUDY.law).data
    assert np.all(data["low"] < data["best"]) and np.all(data["best"] < data["high"])
    beyond = data["grid"] > STUDY.largest_budget
    assert np.all(np.diff((data["high"] / data["low"])[beyond]) > 0)
    np.testing.assert_allclose(data["truth"], STUDY.law.optimum(data["grid"]).tokens_per_parameter)


def test_the_marked_ends_are_those_of_the_intervals_given():
    """A bootstrap handed in is drawn instead of the profile, and its ends stand in the alt text."""
    sample = FIT.bootstrap(200, seed=3)
    figure = plots.interval_growth(FIT, C=[1e20, 1e23], result=sample)
    ends = sample.optimum(1e23, level=0.8)
    low, high = ends.low.tokens_per_parameter, ends.high.tokens_per_parameter
    np.testing.assert_allclose(figure.data["ends"][:, 1], [low, high])
    assert f"{low:.1f} to {high:.1f} at 10 to the 23 FLOP" in figure.alt
    assert "truth" not in figure.alt and figure.data["truth"] is None
    assert faults(figure) == []


def test_budgets_not_given_reach_well_beyond_the_runs():
    """Without budgets the axis goes from below the smallest run to over three decades past the largest."""
    C, budgets = plots.interval_growth(FIT).data["C"], 6 * STUDY.N * STUDY.D
    assert C[0] <= budgets.min() and C[-1] > 1e3 * budgets.max()
