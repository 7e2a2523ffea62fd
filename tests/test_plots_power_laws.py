"""Tests of the figures of the part on power laws: what is drawn, what is said about it, and that nothing overlaps."""

from statistics import NormalDist

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import plots
from tests.pictures import faults, layers, same

X = np.array([1.309, 1.471, 1.490, 1.565, 1.611, 1.680])
Y = np.array([2.138, 3.421, 3.597, 4.340, 4.882, 5.660])
LINE = sl.fit_power_law(X, Y, floor=None, space="log").law
CURVE = sl.fit_power_law(X, Y, floor=None, space="linear").law
TRUTH = sl.published["besiroglu2024"].frontier_law
KAPLAN = sl.published["kaplan2020-N"]
PATTERN = np.array([NormalDist().inv_cdf((7 * i % 20 + 0.5) / 20) for i in range(20)])
C = np.logspace(18, 22, 20)
LOSS = TRUTH(C) * np.exp(0.005 * PATTERN)
NAIVE = sl.fit_power_law(C, LOSS, floor=None)
FITTED = sl.fit_power_law(C, LOSS)
BUDGETS = [1e18, 1e20, 1e22, 1e24, 1e26]
DECADES = (2, 3, 4, 6, 8)


def exponents():
    """Return made-up exponents with a known mean and spread: the quantiles of a normal distribution."""
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / 300) for i in range(300)])
    return {
        "noise by ratio": {"log fit": 0.5 + 0.03 * quantiles, "plain fit": 0.5 + 0.06 * quantiles},
        "noise by amount": {"log fit": 0.503 + 0.02 * quantiles, "plain fit": 0.5 + 0.01 * quantiles},
    }


def floors():
    """Return made-up floors, a row for each number of decades, evenly spread around the true one."""
    return TRUTH.floor + np.outer([0.4, 0.17, 0.09, 0.04, 0.025], np.linspace(-1, 1, 201))


def assumed():
    """Return the figure of assumed floors for the points of the section."""
    tried = np.arange(0, 1.951, 0.05)
    fits = [sl.fit_power_law(C, LOSS, floor=E) for E in tried]
    return plots.assumed_floors(
        tried, [f.r_squared for f in fits], [f.law(1e26) for f in fits], truth=TRUTH.floor, prediction=TRUTH(1e26)
    )


DRAWN = {
    "lamp_line": lambda: plots.lamp_line(X, Y, line=LINE),
    "lamp_fits": lambda: plots.lamp_fits(X, Y, line=LINE, curve=CURVE),
    "estimator_spread": lambda: plots.estimator_spread(exponents(), truth=0.5),
    "decade_steps": lambda: plots.decade_steps(KAPLAN, np.logspace(8, 12, 5)),
    "target_cost": lambda: plots.target_cost(TRUTH, [2.5, 2.4, 2.3, 2.2, 2.1, 2.0, 1.9]),
    "fit_and_residuals": lambda: plots.fit_and_residuals(C, LOSS, NAIVE, truth=TRUTH),
    "fit_and_residuals, fitted": lambda: plots.fit_and_residuals(C, LOSS, FITTED, truth=TRUTH),
    "assumed_floors": assumed,
    "local_exponents": lambda: plots.local_exponents(TRUTH, BUDGETS, published=0.05),
    "floor_ranges": lambda: plots.floor_ranges(DECADES, floors(), truth=TRUTH.floor),
}


@pytest.fixture(scope="module")
def figures():
    """Return every figure of the part, drawn once."""
    return {name: draw() for name, draw in DRAWN.items()}


def drawn_lines(figure):
    """Return the data of every line of a figure's first panel."""
    return [*layers(figure, "curves").values(), *layers(figure, "points").values()]


# ---- every figure ----------------------------------------------------------------------------------------


def test_each_figure_of_the_part_is_drawn_here():
    """A figure that is added to the table of figures has to be added to these tests."""
    assert {name.partition(",")[0] for name in DRAWN} == {*plots.MODULES["power_laws"], *plots.MODULES["floor"]}


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_is_cut_or_covered(figures, name):
    """No label leaves its picture or lies on another."""
    assert faults(figures[name]) == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_the_same_bytes_when_drawn_again(figures, name):
    """Drawn twice from the same data, a picture and its words are the same."""
    again = DRAWN[name]()
    assert same(again, figures[name])


def test_names_are_different(figures):
    """Each figure can be referred to by a name of its own."""
    assert len({figure.name for figure in figures.values()}) == len(DRAWN)


# ---- a straight line and what it promises ------------------------------------------------------------------


def test_lamp_line_draws_the_points_and_the_slope(figures):
    """The six points are drawn as given, and the alt text has the slope of the line through their logarithms."""
    figure = figures["lamp_line"]
    slope = np.polyfit(np.log(X), np.log(Y), 1)[0]
    assert any(line.shape == (2, 6) and np.allclose(line, [X, Y]) for line in drawn_lines(figure))
    assert f"slope {slope:.3f}" in figure.alt and "slope 3.917" in figure.alt
    assert figure.data["largest_gap_percent"] == pytest.approx(100 * abs(Y / LINE(X) - 1).max())


def test_lamp_fits_says_how_far_the_estimators_part(figures):
    """Against the certified curve the line is 3.8% high at x = 3 and 11.2% at x = 10, and within 1.0% in the data."""
    figure = figures["lamp_fits"]
    ratio = 0.7499453471 / 0.76886226176 * np.array([3.0, 10.0]) ** (3.9172056365 - 3.8604055871)
    np.testing.assert_allclose(figure.data["at_marks"], 100 * (ratio - 1), rtol=1e-6)
    assert "within 1.0 percent" in figure.alt
    assert "+3.8 percent at x = 3 and +11.2 percent at x = 10" in figure.alt


def test_estimator_spread_draws_mean_and_range(figures):
    """A row is the mean and the 5 to 95% range of its exponents; the tighter fit of each noise is drawn as the law."""
    figure = figures["estimator_spread"]
    row = figure.data["rows"]["noise by amount, log fit"]
    assert row["mean"] == pytest.approx(0.503)
    assert [row["low"], row["high"]] == pytest.approx([0.503 - 0.0329, 0.503 + 0.0329], abs=3e-4)
    assert "noise by amount, log fit: mean 0.503, range 0.470 to 0.536" in figure.alt
    roles = {name: layer["role"] for name, layer in figure.picture["points"].items()}
    assert [role for _, role in sorted(roles.items())] == ["rival", "law", "law", "rival"], roles


def test_decade_steps_has_one_ratio_and_shrinking_amounts(figures):
    """Kaplan's law loses 0.454, 0.381, 0.320 and 0.269 nats over four decades, each time by the factor 0.8395."""
    figure = figures["decade_steps"]
    np.testing.assert_allclose(figure.data["drops"], [0.4543, 0.3814, 0.3202, 0.2688], atol=5e-5)
    assert figure.data["ratio"] == pytest.approx(10**-0.076)
    assert "same ratio, 0.8395, and of shrinking size: 0.454, 0.381, 0.320, 0.269" in figure.alt


@pytest.mark.published_data("chinchilla")
def test_two_weightings_of_the_runs_differ_by_a_factor_of_six():
    """The losses of the 245 runs span a factor of 2.4, so weights by ratio and by amount differ by up to 5.8."""
    loss = sl.runs.load("chinchilla").loss
    assert len(loss) == 245
    assert [f"{loss.max():.3f}", f"{loss.min():.3f}"] == ["5.006", "2.077"]
    assert f"{loss.max() / loss.min():.1f} {(loss.max() / loss.min()) ** 2:.1f}" == "2.4 5.8"


def test_target_cost_bends_above_an_exponential(figures):
    """The cost of each next 0.1 nat is what the law inverted gives,
    and beyond two steps it exceeds an exponential one.
    """
    figure = figures["target_cost"]
    np.testing.assert_allclose(TRUTH(figure.data["cost"]), figure.data["targets"], rtol=1e-12)
    np.testing.assert_allclose(figure.data["exponential"][:2], figure.data["cost"][:2], rtol=1e-9)
    assert (figure.data["cost"][2:] > figure.data["exponential"][2:]).all()
    assert "multiplies the cost by 2.43, 2.87, 3.68, 5.46, 11.6, 85" in figure.alt


# ---- the floor ---------------------------------------------------------------------------------------------


def test_the_forgotten_floor_promises_too_little(figures):
    """Without a floor the fit reads 1.28 nats at 1e26 FLOP where the truth is 1.88, and its residuals bow."""
    figure = figures["fit_and_residuals"]
    assert figure.data["promised"] == pytest.approx(1.28083, abs=5e-6)
    assert figure.data["r_squared"] == pytest.approx(0.977131, abs=5e-7)
    residuals = figure.data["residuals"]
    assert residuals[:3].min() > 0 > residuals[8:12].max() and residuals[-3:].min() > 0
    assert figure.data["sign_changes"] == 2
    for words in ("reads 1.28 nats", "the truth is 1.88", "at 1.16 times 10 to the 23 FLOP", "change sign 2 times"):
        assert words in figure.alt
    assert figure.name == "fig-forgotten-floor"


def test_the_fitted_floor_leaves_no_bow(figures):
    """With the floor fitted no residual reaches 1%, and nothing is said of a crossing."""
    figure = figures["fit_and_residuals, fitted"]
    assert abs(figure.data["residuals"]).max() < 1
    assert figure.data["sign_changes"] == 13
    assert "fitted floor 1.814" in figure.alt and "crosses" not in figure.alt
    assert figure.name == "fig-fitted-floor"


def test_assumed_floors_move_the_promise_and_hardly_r_squared(figures):
    """Over floors from 0 to 1.95 R squared moves by 0.022 and the loss promised at 1e26 FLOP by 0.70 nats."""
    figure = figures["assumed_floors"]
    assert np.ptp(figure.data["r_squared"]) == pytest.approx(0.0217, abs=1e-4)
    assert np.ptp(figure.data["predictions"]) == pytest.approx(0.697, abs=1e-3)
    assert "between 0.977 and 0.9988" in figure.alt and "from 1.28 to 1.98" in figure.alt


def test_local_exponents_fall_under_a_level_line(figures):
    """The local exponent of the loss falls from 0.085 to 0.006 between 1e18 and 1e26;
    that above the floor stays 0.178.
    """
    figure = figures["local_exponents"]
    np.testing.assert_allclose(figure.data["slopes"], [0.0855, 0.0514, 0.0270, 0.0130, 0.0059], atol=6e-5)
    step = 1e-5
    measured = -(np.log(TRUTH(np.array(BUDGETS) * (1 + step))) - np.log(TRUTH(BUDGETS))) / np.log1p(step)
    np.testing.assert_allclose(figure.data["slopes"], measured, rtol=1e-4)
    assert "0.178 everywhere" in figure.alt and "0.085 at 10 to the 18" in figure.alt and "0.050" in figure.alt
    assert "published" not in plots.local_exponents(TRUTH, BUDGETS).alt


def test_floor_ranges_are_the_quantiles(figures):
    """Evenly spread floors have their 5 and 95% points at nine tenths of their reach."""
    figure = figures["floor_ranges"]
    np.testing.assert_allclose(figure.data["high"] - TRUTH.floor, 0.9 * np.array([0.4, 0.17, 0.09, 0.04, 0.025]))
    np.testing.assert_allclose(figure.data["median"], TRUTH.floor)
    assert "2 decades, 1.46 to 2.18" in figure.alt and "201 fitted floors" in figure.alt
