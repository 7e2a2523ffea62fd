"""Precision: parameters that count in few bits, and the bits that cost least."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

import scalinglib as sl
from scalinglib.limits import cheapest_bits, effective_share, relative_cost


@pytest.mark.parametrize("bits, share", [(3, 0.674), (4, 0.776), (8, 0.950)])
def test_shares_of_the_weights_are_those_in_print(bits, share):
    """With Kumar's sensitivity of weights, 3, 4 and 8 bits keep what a text that cites table 2 prints."""
    assert effective_share(bits, sensitivity=2.6745) == pytest.approx(share, abs=6e-4)


@pytest.mark.parametrize("parts", [2, 3, 4, 7])
def test_the_cheapest_bits_solve_their_equation(parts):
    """With k parts of one sensitivity they are x times it, exp(x) - 1 = k x; the root comes from another method."""
    x = brentq(lambda x: np.expm1(x) - parts * x, 0.1, 10)
    assert cheapest_bits(sensitivity=[2.5] * parts) == pytest.approx(2.5 * x, rel=1e-6)


def test_the_cheapest_bits_are_where_the_cost_is_least():
    """For unequal parts and a fixed cost a minimiser of scipy ends at the same bits."""
    for fixed in (0.0, 0.2, 0.6):
        best = minimize_scalar(lambda P, fixed=fixed: relative_cost(P, fixed=fixed), bounds=(1, 20), method="bounded").x
        assert cheapest_bits(fixed=fixed) == pytest.approx(best, rel=1e-4)


def test_the_cost_of_bits_is_that_of_the_whole_law():
    """A law with the shares in it, at the same loss, costs what relative_cost says, with any exponents."""
    law = sl.published["besiroglu2024"]
    for bits in (3.0, 5.0, 9.0):
        N = 1e9 * effective_share(16) / effective_share(bits)
        assert law(N * effective_share(bits), 2e10) == pytest.approx(law(1e9 * effective_share(16), 2e10))
        assert N * bits / (1e9 * 16) == pytest.approx(relative_cost(bits))


def test_weights_alone_have_no_cheapest_bits():
    """With one part fewer bits are always cheaper, down to the least that is tried."""
    costs = relative_cost(np.geomspace(0.05, 16, 50), sensitivity=2.6745)
    assert (np.diff(costs) > 0).all() and cheapest_bits(sensitivity=2.6745) == pytest.approx(0.05)


@pytest.mark.parametrize("given", [{"fixed": 1.0}, {"fixed": -0.1}, {"sensitivity": [2.0, 0.0]}, {"bits": 0.0}])
def test_what_has_no_cost_is_refused(given):
    """A cost that is all fixed, a sensitivity of zero and no bits are named."""
    with pytest.raises(ValueError, match=next(iter(given))):
        relative_cost(**{"bits": 4.0} | given)


@pytest.mark.parametrize("sensitivity", [0.5, 20.0, 100.0, 1e4])
def test_the_cheapest_bits_scale_with_the_sensitivity(sensitivity):
    """They are a multiple of it wherever it lies, and not the end of what is tried."""
    assert cheapest_bits(sensitivity=[sensitivity] * 3) == pytest.approx(1.9038 * sensitivity, rel=1e-4)
