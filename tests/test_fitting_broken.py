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
