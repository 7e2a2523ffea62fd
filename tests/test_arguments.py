"""Arguments: what is no real number is refused by name and row, and nothing of the caller's is kept."""

import numpy as np
import pytest

import scalinglib as sl

LAW = sl.published["besiroglu2024"]
N = np.geomspace(1e8, 1e10, 8)


@pytest.mark.parametrize(
    "given, words",
    [
        (["1", "2"], "row 0 holds '1'"),
        ([1e8, None], "row 1 holds None"),
        ([1e8, "x"], "row 1 holds 'x'"),
        (np.ma.masked_less(N, 3e8), "rows 0, 1 masked"),
        (N + 1j, "complex"),
        (N > 1e9, "true or false"),
        (True, "true or false"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "dates"),
        (10**400, "must be numbers"),
        ([[1e8, 2e8], [3e8]], "rows of equal length"),
        ([], "empty"),
    ],
)
def test_what_is_no_number_is_refused(given, words):
    """Text, None, masks, complex numbers, truth values, dates and ragged lists give one named ValueError."""
    with pytest.raises(ValueError, match="^N ") as caught:
        LAW(given, 1e9)
    assert words in str(caught.value)


@pytest.mark.parametrize("given", [[1, 2], (1, 2), np.array([1, 2], dtype=np.int8), np.array([1, 2], dtype=object)])
def test_numbers_in_any_dress_are_taken(given):
    """Lists, tuples, small integers and columns of mixed type are numbers."""
    assert LAW(given, 1e9) == pytest.approx(LAW(np.array([1.0, 2.0]), 1e9), rel=0)


def test_shapes_that_do_not_go_together_are_named():
    """Arguments that do not broadcast are named with their shapes, in every law of two or three."""
    for call in (LAW, sl.published["kaplan2020"], lambda n, d: sl.overtraining_cost(LAW, n, d)):
        with pytest.raises(ValueError, match=r"N and D must broadcast; got shapes \(3,\) and \(2,\)"):
            call([1e8, 2e8, 3e8], [1e9, 2e9])
    with pytest.raises(ValueError, match="N, D and U must broadcast"):
        sl.published["muennighoff2023"]([1e8, 2e8], [1e9, 2e9, 3e9], 1e9)


def test_a_fit_keeps_its_own_runs():
    """Changing the caller's arrays after a fit changes nothing in it, and its own cannot be written to."""
    n, d = np.repeat(N, 4), np.tile(np.geomspace(1e9, 1e11, 4), 8)
    loss = LAW(n, d)
    fit, line = sl.fit_chinchilla(n, d, loss), sl.fit_power_law(n, n**-0.3, floor=None)
    report = fit.report(), line.report()
    n[:] = 1e9
    assert (fit.report(), line.report()) == report
    for kept in (fit.N, fit.loss, line.x):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 1.0


def test_a_misspelt_function_gets_the_nearest_name():
    """An attribute that does not exist is answered with the nearest that does."""
    with pytest.raises(AttributeError, match="did you mean 'fit_chinchilla'"):
        _ = sl.fit_chinchila
    assert set(sl.__all__) <= set(dir(sl))
