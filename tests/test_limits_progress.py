"""Algorithmic progress: a pace read off dated runs, its interval, and gains in compute."""

import numpy as np
import pytest
from scipy import stats

import scalinglib as sl
from scalinglib.explore.figures.pace_of_methods import EXPONENT, GROWTH, pace_of_methods
from scalinglib.limits import compute_equivalent_gain, fit_progress


def runs(rng, *, n=200, halving=8.0, spread=1.0, scatter=0.1, exponent=EXPONENT):
    year = 2012 + 11 * rng.random(n)
    C = 10**16 * GROWTH ** (year - 2012) * 10 ** (spread * rng.standard_normal(n))
    loss = 20 * (C * 2 ** (12 * (year - 2012) / halving)) ** -exponent
    return year, C, loss * np.exp(scatter * rng.standard_normal(n))


def test_a_pace_without_noise_is_found():
    """Runs that lie on the plane give their halving time and their exponent, to rounding."""
    fitted = fit_progress(*runs(np.random.default_rng(1), n=30, scatter=0.0, halving=9.0))
    assert fitted.halving == pytest.approx(9.0, rel=1e-9) and fitted.exponent == pytest.approx(EXPONENT, rel=1e-9)
    assert fitted.factor == pytest.approx(2 ** (12 / 9)) and fitted.r_squared == pytest.approx(1.0)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Of 1,000 sets of 60 runs, 95% have the true rate in the interval: 930 to 970, three standard errors."""
    rng = np.random.default_rng(3)
    rate = 12 * np.log(2) / 8.0
    held = 0
    for _ in range(1000):
        low, high = fit_progress(*runs(rng, n=60)).rate_interval
        held += low < rate < high
    assert 930 <= held <= 970


def test_the_interval_is_the_set_of_rates_that_a_t_test_keeps():
    """At each end of Fieller's interval the test of exponent times rate against its slope is just at its limit."""
    year, C, loss = runs(np.random.default_rng(4), n=40)
    fitted = fit_progress(year, C, loss, level=0.9)
    for end in fitted.rate_interval:
        # With the rate known, ln loss is a line in ln C + rate * year, and the date adds nothing beyond chance.
        x = np.column_stack([np.ones(40), np.log(C) + end * (year - year.mean()), year - year.mean()])
        found, (rest,), *_ = np.linalg.lstsq(x, np.log(loss), rcond=None)
        error = np.sqrt(rest / 37 * np.linalg.inv(x.T @ x)[2, 2])
        assert abs(found[2] / error) == pytest.approx(stats.t.ppf(0.95, 37), rel=1e-6)


def test_runs_that_do_not_show_compute_have_no_interval():
    """With twelve runs and next to no spread the exponent may be zero, and then any pace is possible."""
    fitted = fit_progress(*runs(np.random.default_rng(5), n=12, spread=0.05, scatter=0.3))
    assert fitted.rate_interval == (-np.inf, np.inf) and fitted.halving_interval[1] == np.inf
    assert "inf" in fitted.report()


@pytest.mark.parametrize(
    "change, said",
    [
        ({"year": [2012.0] * 6}, "cannot be told apart"),
        ({"C": 10 ** (16 + 0.5 * np.arange(6.0))}, "cannot be told apart"),
        ({"loss": [3.0, 2.9, 1.4, 2.7, 2.6, 2.5], "floor": 1.5}, "row 2 holds 1.4"),
        ({"level": 1.0}, "level"),
        ({"loss": [3.0, 2.9]}, "lengths 6, 6, 2"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, said):
    """Dates and compute that go together, losses below the floor and a level of 1 are named."""
    table = {"year": 2012 + np.arange(6.0), "C": [1e16, 1e18, 1e17, 1e19, 1e17, 1e20], "loss": np.linspace(3, 2.5, 6)}
    with pytest.raises(ValueError, match=said):
        fit_progress(**table | change)


def test_a_gain_in_compute_is_what_the_old_method_would_need():
    """With equal exponents it is one factor, with others a power of compute, and infinite below the old floor."""
    old = sl.PowerLaw(coefficient=30, exponent=0.05)
    twice = sl.PowerLaw(coefficient=30 * 2**-0.05, exponent=0.05)
    assert compute_equivalent_gain(twice, old, [1e16, 1e25]) == pytest.approx([2.0, 2.0])
    steeper = sl.PowerLaw(coefficient=30 * 1e16**0.005, exponent=0.055)
    assert compute_equivalent_gain(steeper, old, 1e26) == pytest.approx(10.0)
    assert compute_equivalent_gain(old, sl.PowerLaw(coefficient=1, exponent=0.05, floor=5.0), 1e24) == np.inf


def test_the_main_published_interval_is_about_that_of_independent_runs():
    """231 runs with 10% of scatter give 5 to 14 months in expectation, which is what Ho et al. 2024 print (5 to 14)."""
    numbers = pace_of_methods(halving=8.0, runs=231.0, spread=1.0, scatter=0.1)["numbers"]
    assert numbers["shortest"]["value"] == pytest.approx(5.0, abs=0.3)
    assert numbers["longest"]["value"] == pytest.approx(13.0, abs=1.0)


def test_the_expected_interval_is_that_of_a_typical_draw():
    """The median ends over 300 draws agree with the figure's closed form to 7%, their own scatter."""
    rng = np.random.default_rng(6)
    ends = np.median([fit_progress(*runs(rng)).halving_interval for _ in range(300)], axis=0)
    numbers = pace_of_methods(runs=200.0)["numbers"]
    assert ends == pytest.approx([numbers["shortest"]["value"], numbers["longest"]["value"]], rel=0.07)
