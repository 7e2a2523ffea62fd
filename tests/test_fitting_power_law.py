"""The power-law fit: certified values, known truth, the two spaces, and bad input."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import scalinglib as sl

# NIST StRD DanWood: y = b1 x^b2
DANWOOD_X = [1.309, 1.471, 1.490, 1.565, 1.611, 1.680]
DANWOOD_Y = [2.138, 3.421, 3.597, 4.340, 4.882, 5.660]


def test_danwood_meets_its_certified_values():
    """Least squares on plain axes gives NIST's certified constants and deviations to six digits."""
    fit = sl.fit_power_law(DANWOOD_X, DANWOOD_Y, floor=None, space="linear")
    assert fit.law.coefficient == pytest.approx(0.76886226176, rel=1e-9)
    assert fit.law.exponent == pytest.approx(-3.8604055871, rel=1e-9)
    assert fit.stderr["coefficient"] == pytest.approx(0.018281973860, rel=1e-7)
    assert fit.stderr["exponent"] == pytest.approx(0.051726610913, rel=1e-7)
    assert "floor" not in fit.stderr and fit.law.floor == 0.0


def test_danwood_on_log_paper_is_another_estimator():
    """A straight line through the logarithms gives 0.74995 and 3.91721, as numpy's polyfit does."""
    fit = sl.fit_power_law(DANWOOD_X, DANWOOD_Y, floor=None, space="log")
    slope, level = np.polyfit(np.log(DANWOOD_X), np.log(DANWOOD_Y), 1)
    assert fit.law.exponent == pytest.approx(-slope, rel=1e-10)
    assert fit.law.coefficient == pytest.approx(np.exp(level), rel=1e-10)
    assert (round(fit.law.coefficient, 5), round(fit.law.exponent, 5)) == (0.74995, -3.91721)


@pytest.mark.parametrize("space", ["log", "linear"])
@pytest.mark.parametrize("objective", ["least_squares", "huber", "lad"])
def test_noise_free_points_give_back_the_law(space, objective):
    """Without noise every objective in either space returns coefficient, exponent and floor."""
    law = sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=1.7)
    x = np.geomspace(1.0, 1e6, 25)
    fit = sl.fit_power_law(x, law(x), space=space, objective=objective)
    assert (fit.law.coefficient, fit.law.exponent, fit.law.floor) == pytest.approx((20.0, 0.3, 1.7), rel=1e-6)


@given(st.floats(0.05, 1.5), st.floats(0.0, 3.0), st.floats(1e-3, 1e3), st.floats(1e-6, 1e6))
@settings(max_examples=30)
def test_any_falling_law_is_recovered(exponent, floor, scale, unit):
    """Six decades without noise give back the law, whatever the units of x and y."""
    law = sl.PowerLaw(coefficient=scale, exponent=exponent, floor=floor * scale)
    z = np.geomspace(1.0, 1e6, 20)
    fit = sl.fit_power_law(z * unit, law(z))
    assert fit.law(z * unit) == pytest.approx(law(z), rel=1e-6)
    assert fit.law.exponent == pytest.approx(exponent, rel=1e-3)
    assert fit.converged


FRONTIER = sl.published["besiroglu2024"].frontier_law
BUDGETS = np.geomspace(1e18, 1e22, 20)
PATTERN = norm.ppf(((7 * np.arange(20)) % 20 + 0.5) / 20)
LOSSES = FRONTIER(BUDGETS) * np.exp(0.005 * PATTERN)


@pytest.mark.parametrize(
    "floor, at_1e26, exponent, r_squared",
    [(0, 1.28083, 0.0517662, 0.977131), (1.0, 1.50558, 0.0834710, 0.986822), (1.7, 1.80854, 0.150457, 0.997964)],
)
def test_an_assumed_floor_misleads_by_known_amounts(floor, at_1e26, exponent, r_squared):
    """Four decades fitted with a given floor predict the known losses at 1e26, with a high R squared."""
    fit = sl.fit_power_law(BUDGETS, LOSSES, floor=floor)
    assert fit.law(1e26) == pytest.approx(at_1e26, rel=1e-5)
    assert fit.law.exponent == pytest.approx(exponent, rel=1e-5)
    assert fit.r_squared == pytest.approx(r_squared, abs=1e-6)


def test_a_fitted_floor_finds_the_truth_within_its_error():
    """Fitted to the same points, floor and exponent come within two standard errors of the truth."""
    fit = sl.fit_power_law(BUDGETS, LOSSES)
    assert abs(fit.law.floor - FRONTIER.floor) < 2 * fit.stderr["floor"]
    assert abs(fit.law.exponent - FRONTIER.exponent) < 2 * fit.stderr["exponent"]


def test_standard_errors_match_repeated_sampling():
    """Over 200 repeats the spread of the exponent is the stated standard error, within a sixth."""
    rng = np.random.default_rng(0)
    found = [sl.fit_power_law(BUDGETS, FRONTIER(BUDGETS) * np.exp(0.002 * rng.standard_normal(20))) for _ in range(200)]
    spread = np.std([fit.law.exponent for fit in found])
    stated = np.median([fit.stderr["exponent"] for fit in found])
    assert spread == pytest.approx(stated, rel=1 / 6)


@pytest.mark.parametrize(
    "delta, exponent, at_1e13", [(1e-3, 0.3655999, 0.036697), (1e-2, 0.3653693, 0.036783), (1.0, 0.3558321, 0.040223)]
)
def test_huber_holds_a_wild_last_run(delta, exponent, at_1e13):
    """One of 15 runs is 20% off: the exponent moves by the known amounts as delta grows."""
    D = np.logspace(8, 11, 15)
    log_y = np.log(2085.43) - 0.3658 * np.log(D) + 0.003 * norm.ppf(((7 * np.arange(15)) % 15 + 0.5) / 15)
    log_y[14] += 0.20
    fit = sl.fit_power_law(D, np.exp(log_y), floor=0.0, objective="huber", delta=delta)
    assert fit.law.exponent == pytest.approx(exponent, rel=1e-5)
    assert fit.law(1e13) == pytest.approx(at_1e13, rel=2e-5)
    assert fit.converged


def test_lad_has_no_standard_error_and_says_so():
    """Least absolute deviation returns NaN for errors, and the report says what to do instead."""
    fit = sl.fit_power_law(BUDGETS, LOSSES, objective="lad")
    assert all(np.isnan(value) for value in fit.stderr.values())
    assert "bootstrap" in fit.report()


def test_huber_gives_no_error_where_it_would_mislead():
    """With most points outside the corner the error is NaN; with most inside it is that of least squares."""
    tight = sl.fit_power_law(BUDGETS, LOSSES, objective="huber", delta=1e-4)
    wide = sl.fit_power_law(BUDGETS, LOSSES, objective="huber", delta=0.1)
    plain = sl.fit_power_law(BUDGETS, LOSSES)
    assert np.isnan(tight.stderr["exponent"]) and "bootstrap" in tight.report()
    assert wide.stderr == pytest.approx(plain.stderr, rel=1e-6)


def test_no_floor_and_a_floor_of_zero_are_the_same_fit():
    """floor=None and floor=0 fit the same law and neither reports an error for it."""
    one, other = (sl.fit_power_law(BUDGETS, LOSSES, floor=floor) for floor in (None, 0.0))
    assert one.law == other.law
    assert one.stderr == other.stderr


@pytest.mark.parametrize(
    "x, floor, left_open",
    [
        ([2.0, 2.0, 2.0, 2.0], None, {"coefficient", "exponent"}),
        ([2.0, 2.0, 3.0, 3.0], "fit", {"coefficient", "exponent", "floor"}),
    ],
)
def test_points_that_leave_constants_open_say_which(x, floor, left_open):
    """One x, or two with a floor, warn and name the constants, on the result as well."""
    with pytest.warns(sl.IdentifiabilityWarning, match="do not determine"):
        fit = sl.fit_power_law(x, [5.0, 5.001, 4.0, 4.001], floor=floor)
    assert set(fit.undetermined) == left_open
    assert fit.report().count("not determined") == len(left_open)


@pytest.mark.parametrize(
    "x, y, options, words",
    [
        ([1, 2, 3], [1, 2], {}, ["x and y", "3", "2"]),
        ([1, 0, 3], [1, 2, 3], {}, ["x must be", "row 1", "above zero"]),
        ([1, 2, 3], [1, 2, -3], {}, ["y must be", "row 2"]),
        ([1, 2, 3], [1, 2, float("nan")], {"space": "linear"}, ["y must be finite", "row 2"]),
        ([1, 2], [1, 2], {}, ["2 runs", "3 constants", "floor"]),
        ([1], [1], {"floor": None}, ["1 run ", "2 constants"]),
        ([1, 2, 3], [3, 2, 1], {"floor": 1.0}, ["y must be above the floor 1", "row 2 holds 1"]),
        ([1, 2, 3], [3, 2, 1], {"floor": "none"}, ["floor", "'fit'"]),
        ([1, 2, 3], [3, 2, 1], {"floor": True}, ["floor", "number"]),
        ([1, 2, 3], [3, 2, 1], {"space": "loglog"}, ["space", "'log', 'linear'"]),
        ([1, 2, 3], [3, 2, 1], {"objective": "log_least_squares"}, ["objective", "'huber'"]),
        ([1, 2, 3], [3, 2, 1], {"delta": float("inf")}, ["delta", "finite"]),
    ],
)
def test_bad_points_are_named(x, y, options, words):
    """The message names the argument, the rows and what is allowed."""
    with pytest.raises(ValueError) as caught:
        sl.fit_power_law(x, y, **options)
    for word in words:
        assert word in str(caught.value)


@given(st.integers(3, 12), st.integers(0, 10_000), st.sampled_from(["log", "linear"]))
@settings(max_examples=40)
def test_hostile_points_never_crash(count, seed, space):
    """Random points over many decades give a finite law or a named error."""
    rng = np.random.default_rng(seed)
    x, y = 10 ** rng.uniform(-5, 13, count), 10 ** rng.uniform(-3, 6, count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sl.fit_power_law(x, y, space=space)
    assert np.all(np.isfinite([fit.law.coefficient, fit.law.exponent, fit.law.floor]))
    assert np.all(np.isfinite(fit.law(x)))


def test_a_floor_at_its_bound_is_an_answer():
    """Noisy points of a law without a floor converge each time, and a floor that ends at 0 has no error."""
    law = sl.published["kaplan2020-C"]
    rng = np.random.default_rng(0)
    fits = [sl.fit_power_law(BUDGETS, law(BUDGETS) * np.exp(0.005 * rng.standard_normal(20))) for _ in range(40)]
    assert all(fit.converged for fit in fits)
    at_bound = [fit for fit in fits if fit.law.floor == 0.0]
    assert 5 <= len(at_bound) <= 35
    for fit in at_bound:
        assert np.isnan(fit.stderr["floor"]) and np.isfinite(fit.stderr["exponent"])
        assert "these points show none" in fit.report()


def test_a_new_run_strays_from_the_floor_that_was_given():
    """With a known floor the scatter multiplies the law minus the floor: far out the interval narrows towards it."""
    x = np.geomspace(1, 1e4, 30)
    y = 5.0 + 2.0 * x**-0.5 * np.exp(0.1 * np.random.default_rng(0).standard_normal(30))
    fit = sl.fit_power_law(x, y, floor=5.0)
    beneath = sl.fit_power_law(x, y - 5.0, floor=None)
    for how in ("profile", "bootstrap"):
        pair = [one.profile() if how == "profile" else one.bootstrap(300, seed=1) for one in (fit, beneath)]
        ours, plain = (one.predict(1e4, level=0.8, new_run=True) for one in pair)
        assert [ours.low - 5.0, ours.high - 5.0] == pytest.approx([plain.low, plain.high], rel=1e-6)
