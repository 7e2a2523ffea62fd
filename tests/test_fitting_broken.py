"""The broken power-law fit: published constants, known truth, and bad input."""

import numpy as np
import pytest

import scalinglib as sl


@pytest.mark.published_data("addition-4-digit")
def test_the_published_addition_fit():
    """On the fourteen points of 4-digit addition the published constants come out to five digits."""
    table = sl.runs.load("addition-4-digit")
    seen = table[table.split == "train"]
    fit = sl.fit_broken_power_law(seen.train_size, seen.loss)
    law = fit.law
    found = (law.a, law.b, law.c0, law.c[0], law.d[0], law.f[0])
    published = (0.41388503, 2.27727173, 0.05507736, 5.66290875, 612.583655, 0.05919305)
    assert found == pytest.approx(published, rel=5e-6)


@pytest.mark.published_data("addition-4-digit")
def test_the_published_addition_errors():
    """In ln y the rms error is 0.000598 on the points fitted and 0.0109 on the three held out."""
    table = sl.runs.load("addition-4-digit")
    law = sl.fit_broken_power_law(*table[table.split == "train"][["train_size", "loss"]].T.values).law
    error = np.log(table.loss / law(table.train_size))
    seen = table.split == "train"
    assert np.sqrt((error[seen] ** 2).mean()) == pytest.approx(0.000598, abs=5e-7)
    assert np.sqrt((error[~seen] ** 2).mean()) == pytest.approx(0.0109, abs=5e-5)


@pytest.mark.parametrize("space", ["log1p", "log"])
def test_noise_free_points_give_back_the_law(space):
    """One break without noise is found with its place and width."""
    truth = sl.BrokenPowerLaw(a=0.3, b=4.0, c0=0.1, c=[0.8], d=[2e3], f=[0.15])
    x = np.geomspace(10, 1e6, 24)
    fit = sl.fit_broken_power_law(x, truth(x), space=space)
    assert fit.law(x) == pytest.approx(truth(x), rel=1e-6)
    assert fit.law.d[0] == pytest.approx(2e3, rel=1e-3)
    assert fit.converged


def test_two_breaks_fit_better_than_one():
    """Points made with two breaks are met with two, and not with one; breaks come out in order of x."""
    truth = sl.BrokenPowerLaw(a=0.0, b=4.0, c0=0.05, c=[0.9, -0.7], d=[1e3, 1e5], f=[0.1, 0.1])
    x = np.geomspace(10, 1e7, 40)
    one, two = (sl.fit_broken_power_law(x, truth(x), breaks=count) for count in (1, 2))
    assert two.rms < 1e-4 < one.rms
    assert two.law.d[0] < two.law.d[1]


@pytest.mark.parametrize("exponent, floor, seed", [(0.21, 0.7, 3), (0.35, 0.0, 8)])
def test_a_break_that_is_not_there_is_said_to_be_open(exponent, floor, seed):
    """On a noisy power law the break's place and width are left open, no width stands at its bound as a value, and the
    sum is no higher than that of the power law.
    """
    x = np.geomspace(30, 1e6, 18)
    y = (floor + 6.0 * x**-exponent) * np.exp(0.01 * np.random.default_rng(seed).standard_normal(18))
    with pytest.warns(sl.IdentifiabilityWarning, match="d1"):
        fit = sl.fit_broken_power_law(x, y, space="log")
    plain = sl.fit_power_law(x, y)
    assert (fit.residuals**2).sum() <= (plain.residuals**2).sum() * (1 + 1e-9)
    assert "not determined by these points" in fit.report()
    if fit.law.f[0] <= 1.001e-3:
        assert "f1" in fit.undetermined


@pytest.mark.parametrize("seed", range(3))
def test_no_other_optimiser_ends_lower(seed):
    """scipy's differential evolution over the four searched constants, the other two solved, finds no lower sum."""
    from scipy.optimize import differential_evolution

    rng = np.random.default_rng(seed)
    truth = sl.BrokenPowerLaw(a=0.2, b=3.0, c0=0.1, c=[0.9], d=[4e3], f=[0.2])
    x = np.geomspace(50, 1e6, 20)
    y = truth(x) * np.exp(0.02 * rng.standard_normal(20))

    def left(theta):
        a, log_d, log_f = theta
        f = np.exp(log_f)
        bend = f * np.logaddexp(0.0, (np.log(x) - log_d) / f)
        columns = np.stack([np.ones_like(x), -np.log(x), -bend], axis=1)
        rest = np.linalg.lstsq(columns * ((y - a) / y)[:, None], np.log(y - a) * (y - a) / y, rcond=None)[0]
        return (np.log(y / (a + np.exp(columns @ rest))) ** 2).sum()

    box = [(0.0, 0.99 * y.min()), tuple(np.log([50, 1e6])), tuple(np.log([1e-3, 30.0]))]
    other = differential_evolution(left, box, seed=seed, tol=1e-12, maxiter=300).fun
    fit = sl.fit_broken_power_law(x, y, space="log")
    assert (fit.residuals**2).sum() <= other * (1 + 1e-6)


def test_a_broken_law_has_intervals():
    """The place of a clear break lies in its profile interval, and the report has an error beside it."""
    truth = sl.BrokenPowerLaw(a=0.2, b=3.0, c0=0.1, c=[0.9], d=[4e3], f=[0.2])
    x = np.geomspace(50, 1e6, 40)
    y = truth(x) * np.exp(0.004 * np.random.default_rng(1).standard_normal(40))
    fit = sl.fit_broken_power_law(x, y, space="log")
    low, high = fit.profile().interval(0.95)["d1"]
    assert low < 4e3 < high and "+-" in fit.report()
    found = fit.predict(1e5, level=0.95)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    "x, y, options, words",
    [
        (range(1, 6), range(1, 6), {}, ["5 runs", "6 constants"]),
        (range(1, 9), [1] * 7 + [-1], {}, ["y must be", "row 7"]),
        (range(1, 9), [1] * 8, {"breaks": 0}, ["breaks", "1 to 4"]),
        (range(1, 9), [1] * 8, {"space": "linear"}, ["space", "'log1p'"]),
    ],
)
def test_bad_points_are_named(x, y, options, words):
    """The message names the argument, the rows and what is allowed."""
    with pytest.raises(ValueError) as caught:
        sl.fit_broken_power_law(list(x), list(y), **options)
    for word in words:
        assert word in str(caught.value)
