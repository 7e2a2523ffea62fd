"""The live figure of one change at a time: its numbers, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.one_change import CHANGES, LENGTHS, one_change

SETTINGS = [
    {"change": change, "shortest": shortest, "longest": longest}
    for change, shortest, longest in itertools.product(CHANGES, LENGTHS[:2], LENGTHS[-2:])
]


@pytest.fixture(scope="module")
def pictures():
    """The picture at every setting."""
    return [one_change(**setting) for setting in SETTINGS]


def test_the_exponents_are_those_of_the_table():
    """With all lengths kept, the exponent after each change is the one of the surface through its runs."""
    table = sl.runs.load("schedules-again")
    for change in CHANGES:
        variant, count = ("tuned", "N_total") if change == "counting" else (change, "N")
        some = table[table["variant"] == variant]
        found = sl.allocation.best_size_exponent(some[count], some["D"], some["loss"])
        assert one_change(change=change)["value"] == pytest.approx(found, rel=1e-12)


def test_the_sign_of_one_rate_is_that_of_the_width_it_comes_from():
    """Taken from the largest width it moves the exponent up, from the smallest down, both clear of zero at 80%."""
    up, down = (one_change(change=f"rate-of-{width}")["numbers"] for width in (32, 8))
    assert 0.0 < up["low"]["value"] < up["move"]["value"] < up["high"]["value"]
    assert down["low"]["value"] < down["move"]["value"] < down["high"]["value"] < 0.0


def test_counting_changes_no_run():
    """Where only the count changes no loss does, and a width with its own rate is the tuned run."""
    counted, largest = one_change(change="counting")["curves"], one_change(change="rate-of-32")["curves"]
    for D in LENGTHS:
        assert np.array_equal(counted[f"{D:.0f}"]["y"], np.zeros(5))
        assert largest[f"{D:.0f}"]["y"][-1] == 0.0 < largest[f"{D:.0f}"]["y"][0]


def test_nothing_leaves_its_frame_or_moves_it(pictures):
    """Axes and the length of every layer are the same at each setting; what is drawn lies inside, what is left out is
    no number.
    """
    for setting, picture in zip(SETTINGS, pictures, strict=True):
        assert picture["axes"] == pictures[0]["axes"]
        kept = [D for D in LENGTHS if setting["shortest"] <= D <= setting["longest"]]
        for D in LENGTHS:
            y = picture["curves"][f"{D:.0f}"]["y"]
            assert len(y) == 5 and (np.isfinite(y).all() if D in kept else np.isnan(y).all())
            assert D not in kept or (-0.02 < y.min() and y.max() < 0.1)
        assert all(abs(x) < 0.25 for x in picture["curves"]["interval"]["x"])
        assert f"{picture['numbers']['a']['value']:.2f}" in str(picture["say"])


def test_an_unknown_change_is_refused_by_name():
    """A change that was not tried is named with those that were."""
    with pytest.raises(ValueError, match=r"change is one of .*long-warmup.*got 'dropout'"):
        one_change(change="dropout")
