"""The bill of a run: the steps by hand, ranges of products, and what is printed about two runs."""

import numpy as np
import pytest

from scalinglib.limits import ASSUMED, DEVICES, training_bill


def test_known_inputs_give_the_bill_by_hand():
    """With every input a number there is no range, and each field is the product of the steps."""
    bill = training_bill(1e24, device="A100", devices=512, utilisation=0.4, beside=1.5, around=2.0, price=1.2)
    hours = 1e24 / (312e12 * 0.4) / 3600
    expected = {
        "hours": hours * 1.5,
        "days": hours / 512 / 24,
        "energy": hours * 1.5 * 0.4 * 2.0,
        "power": 512 * 0.4 * 2.0,
        "dollars": hours * 1.5 * 1.2,
    }
    for name, value in expected.items():
        assert getattr(bill, name) == pytest.approx((value, value, value)), name


def test_draws_of_the_inputs_agree():
    """200,000 bills with drawn inputs have the 10th and 90th percentile that the bill says, to 1%."""
    rng, bill, z = np.random.default_rng(2), training_bill(1e24), 1.2815515655446004
    drawn = {
        name: middle * np.exp(np.log(high / low) / (2 * z) * rng.standard_normal(200_000))
        for name, (low, middle, high) in ASSUMED.items()
    }
    hours = 1e24 / (DEVICES["H100"][0] * drawn["utilisation"]) / 3600 * drawn["beside"]
    for name, values in {
        "hours": hours,
        "dollars": hours * drawn["price"],
        "energy": hours * 0.7 * drawn["around"],
    }.items():
        assert getattr(bill, name) == pytest.approx(tuple(np.quantile(values, [0.1, 0.5, 0.9])), rel=0.01), name


@pytest.mark.parametrize("C, devices, megawatts", [(3.8e25, 16_384, 22.6), (4.64e26, 100_000, 137)])
def test_the_power_of_two_runs_comes_out(C, devices, megawatts):
    """Epoch AI's estimates of the power of Llama 3.1 405B and Grok-3 lie in the 80% range."""
    low, _, high = training_bill(C, devices=devices).power
    assert low < 1e3 * megawatts < high


def test_the_hours_on_llama_s_card_lie_in_the_range():
    """30.84 million chip-hours are printed for Llama 3.1 405B."""
    low, _, high = training_bill(3.8e25).hours
    assert low < 30.84e6 < high


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: training_bill(1e24, device="TPU"), ["device", "H100"]),
        (lambda: training_bill(1e24, devices=0), ["devices"]),
        (lambda: training_bill(0), ["C", "above"]),
        (lambda: training_bill(1e24, price=(2.0, 1.0, 3.0)), ["price", "rise"]),
        (lambda: training_bill(1e24, price=(2.0, 3.0)), ["price", "rise"]),
        (lambda: training_bill(1e24, utilisation=1.5), ["utilisation", "at most 1"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)
