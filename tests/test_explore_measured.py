"""The live figures of the part on measurements: their numbers, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.one_change import CHANGES, LENGTHS, one_change
from scalinglib.explore.figures.pattern_or_scatter import PLACES, pattern_or_scatter

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


def test_one_frame_of_the_line_up_is_ours_and_the_others_have_no_pattern():
    """In each case the frame that is named holds what the law leaves of the table's cells, and hidden it is not marked;
    neighbours in size agree there, and hardly in the frames that were made.
    """
    table = sl.runs.load("language-model").query("role == 'fit'")
    law = sl.fit_chinchilla(table["N"], table["D"], table["loss"]).law
    off = 100.0 * np.log(table["loss"] / law(table["N"], table["D"]))
    ours = off.groupby([table["N"], table["D"]]).mean()
    assert sorted(PLACES) == [0, 1, 2, 3]
    made = []
    for case, where in enumerate(PLACES, 1):
        hidden, shown = (pattern_or_scatter(case=case, names=names) for names in ("hidden", "shown"))
        frames = [layer["y"][~np.isnan(layer["y"])] for layer in hidden["points"].values()]
        assert frames[where] == pytest.approx(ours.to_numpy(), abs=1e-9)
        assert {layer["role"] for layer in hidden["points"].values()} == {"data"}
        assert f"frame {where + 1} is ours" in shown["say"] and "ours" not in hidden["say"]
        assert all(np.abs(frame).max() < 2.0 for frame in frames)
        # as large as ours, to what a draw of 35 cells allows
        assert all(0.5 < frame.std() / ours.std() < 1.6 for frame in frames)
        made += [_agreement(ours.index, frame) for place, frame in enumerate(frames) if place != where]
    assert _agreement(ours.index, ours.to_numpy()) > 0.4
    assert np.mean(made) < 0.2


def _agreement(cells, off):
    """Correlation of a cell's miss with the next size's, interpolated to the same length of run."""
    sizes = {N: np.array([(D, y) for (n, D), y in zip(cells, off, strict=True) if n == N]).T for N, _ in cells}
    pairs = []
    for (D, y), (next_D, next_y) in zip([*sizes.values()][:-1], [*sizes.values()][1:], strict=True):
        inside = (next_D >= D.min()) & (next_D <= D.max())
        pairs += [*zip(np.interp(np.log(next_D[inside]), np.log(D), y), next_y[inside], strict=True)]
    return np.corrcoef(np.array(pairs).T)[0, 1]
