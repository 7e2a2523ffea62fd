"""Limits and simulations called wrongly: the argument is named, and no number comes out that means nothing."""

import math
import warnings

import numpy as np
import pytest

from scalinglib import limits
from scalinglib.simulate import collapse, width_scan

POWER, SHARE = limits.CEILINGS_2030["power"], limits.INPUTS_2030["share"]
STOCK = limits.text_stock()


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: limits.lowest_ceiling(["power"]), "ceilings must each be a Ceiling; row 0 is 'power'"),
        (lambda: limits.lowest_ceiling(None), "ceilings must each be a Ceiling; row 0 is None"),
        (lambda: limits.lowest_ceiling([POWER], inputs=["share"]), "inputs must each be a SharedInput; row 0"),
        (lambda: limits.lowest_ceiling([POWER], inputs=[SHARE, SHARE]), "inputs must have different names"),
        (lambda: limits.lowest_ceiling([POWER], inputs=[SHARE], known=["share"]), "known must be a dict"),
        (lambda: limits.SharedInput("b", 0.5, 1, 2, on={"power": math.nan}), r"on\['power'\] must be finite"),
        (lambda: limits.SharedInput("b", 0.5, 1, 2, on={"power": "x"}), r"on\['power'\] must be numbers"),
        (lambda: limits.training_bill(1e25, utilisation=(0.5, 0.9, 1.5)), "utilisation must be a share .* got 1.5"),
        (lambda: limits.training_bill(1e25, utilisation=40), "utilisation must be a share .* got 40"),
        (lambda: limits.lowest_ceiling([POWER], share=1e-12), "share must be below 1: from 0.001 to 0.9999; got 1e-12"),
        (lambda: limits.lowest_ceiling([POWER], share=1 - 1e-16), "share must be below 1"),
        (lambda: limits.training_bill(1e25, utilisation=1e-320), "utilisation must be from 1e-9 to 1e9"),
        (lambda: limits.training_bill(1e25, price=1e305), "price must be from 1e-9 to 1e9"),
        (lambda: limits.training_bill(1e25, price=[[1, 2, 3]]), "price must be one number, or low, middle and high"),
        (lambda: limits.text_stock(repetition=0.5), "repetition must be 1, for once, to a million; got 0.5"),
        (lambda: STOCK.quantile(0.5, 1e6), "year must be within 1,000 years of 2024; got 1e"),
        (lambda: STOCK.quantile([0.1, 0.2], [2024, 2025, 2026]), "probability and year must broadcast"),
        (lambda: STOCK.used_up(0.5, start_year="x"), "start_year must be numbers"),
        (lambda: limits.tokens_read(2030, ratio=-1), "ratio must be finite and above zero"),
        (lambda: limits.tokens_read("x"), "year must be numbers"),
        (lambda: limits.compute_trend([4, 1e300]), "growth must be so that 6 years of it stay a number; row 1"),
        (lambda: width_scan([], [0.1]), "widths is empty"),
        (lambda: width_scan([10**5], [0.1]), "widths must be a whole number, 2 to 10,000"),
        (lambda: width_scan([4], [[0.1, 0.2]]), "rates must be one-dimensional"),
        (lambda: width_scan([4], [0.1], seed=-1), "seed must be finite and not negative"),
        (lambda: collapse(2, 0, keep="replace"), "rng must be a numpy Generator"),
        (lambda: collapse(2, rng(), keep="replace", tokens=0), "tokens must be a whole number"),
        (lambda: collapse(2, rng(), keep="tenth", tokens=1.5), "tokens must be a whole number"),
    ],
)
def test_what_means_nothing_is_refused(call, said):
    """In the house's words, before numpy warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=said):
            call()


def test_a_mapping_stands_for_what_it_holds():
    """`INPUTS_2030` may be given as it is."""
    whole = limits.lowest_ceiling({"power": POWER}, inputs=limits.INPUTS_2030)
    listed = limits.lowest_ceiling([POWER], inputs=limits.INPUTS_2030.values())
    assert whole.median == listed.median


def test_the_middle_of_a_ceiling_is_a_number_wherever_its_ends_are():
    """The geometric mean of ends whose product is beyond a double."""
    assert limits.Ceiling("far", 1e200, 1e300).middle == pytest.approx(1e250, rel=1e-12)
    assert limits.Ceiling("small", 1e-300, 1e-200).middle == pytest.approx(1e-250, rel=1e-12)
