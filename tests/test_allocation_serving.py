"""Serving: the cheapest size of a used model, and what every other size costs."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.allocation import serving_cost

BESIROGLU = sl.published["besiroglu2024"]


def cost_of(law, quality, served, price=1.0):
    return serving_cost(law, loss=law.frontier(law.compute_for_size(quality)), served=served, price=price)


@pytest.mark.parametrize(
    "name, quality, served, N, D, saved",
    [
        ("besiroglu2024", 7e10, 1e13, 3.27651e10, 3.66797e12, 0.291085),
        ("besiroglu2024", 7e10, 1e12, 5.49606e10, 1.68023e12, 0.0257417),
        ("besiroglu2024", 1.3e10, 2e12, 6.09791e9, 7.37034e11, 0.289568),
        ("harms-law", 1.3e10, 2e12, 6.96860e9, 1.24784e12, 0.174467),
    ],
)
def test_the_specified_plans_come_out(name, quality, served, N, D, saved):
    """Best size, tokens and the share saved are those worked out before; the last meets the published 17%."""
    best = cost_of(sl.published[name], quality, served).best
    assert [best.N, best.D, best.saved] == pytest.approx([N, D, saved], rel=1e-5)


def test_savings_depend_on_what_they_are_against():
    """At the loss of a 70B/1.4T run 28.4% is saved against the best-trained model, 26% against that run."""
    loss = BESIROGLU(70e9, 1.4e12)
    for served, against_best, against_real in ((1e13, 0.284, 0.26), (1e14, 0.611, 0.60)):
        cost = serving_cost(BESIROGLU, loss=loss, served=served)
        assert cost.best.saved == pytest.approx(against_best, abs=6e-4)
        assert 1 - 1 / cost.relative(70e9) == pytest.approx(against_real, abs=6e-3)
        assert cost.best.compute_optimal_N == pytest.approx(73.0e9, rel=1e-3)


@pytest.mark.parametrize("served, price", [(0.0, 1.0), (1e11, 1.0), (1e13, 0.3), (1e15, 10.0)])
def test_no_size_is_cheaper(served, price):
    """Over 20,000 sizes none costs less than the best, and the nearest to it costs the same."""
    cost = cost_of(BESIROGLU, 7e10, served, price)
    N = np.geomspace(cost.smallest_N, 1e13, 20_001)[1:]
    relative = cost.relative(N)
    # One step of this grid is 0.03% of N: the minimum is that flat.
    assert relative.min() == pytest.approx(1.0, abs=1e-6) and relative.min() > 1 - 1e-12
    assert N[relative.argmin()] == pytest.approx(cost.best.N, rel=1e-3)


def test_every_size_has_the_same_loss():
    """Training FLOP over 6 N are the tokens with which the law gives that size the loss."""
    cost = cost_of(BESIROGLU, 1.3e10, 2e12)
    N = np.array([3e9, 1.3e10, 1e12])
    assert BESIROGLU(N, cost.training(N) / (6 * N)) == pytest.approx(np.full(3, cost.loss), rel=1e-10)
    assert cost.total(N) == pytest.approx(cost.training(N) + 2 * N * 2e12)


def test_a_size_that_cannot_reach_the_loss_costs_without_end():
    """At and below the smallest size the cost is infinite, above it is not."""
    cost = cost_of(BESIROGLU, 7e10, 1e13)
    assert np.isinf(cost.relative([cost.smallest_N * 0.5, cost.smallest_N * 0.999])).all()
    assert np.isfinite(cost.relative(cost.smallest_N * 1.01))


def test_price_and_tokens_served_act_through_their_product():
    """Ten times the price is ten times the tokens."""
    dear, much = cost_of(BESIROGLU, 7e10, 1e12, 10.0), cost_of(BESIROGLU, 7e10, 1e13)
    assert dear.best.N == pytest.approx(much.best.N, rel=1e-6)


def test_what_is_served_pulls_the_size_down():
    """The best size falls as more is served, from the compute-optimal one."""
    sizes = [cost_of(BESIROGLU, 7e10, served).best.N for served in (0.0, 1e11, 1e12, 1e13, 1e14, 1e15)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == pytest.approx(7e10)
    extreme = serving_cost(BESIROGLU, loss=BESIROGLU(70e9, 1.4e12), served=1e15).best
    assert extreme.D / extreme.N == pytest.approx(3703, rel=1e-3)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: serving_cost(BESIROGLU, loss=1.8, served=1), ["loss", "1.8172"]),
        (lambda: serving_cost(BESIROGLU, loss=2.0, served=-1), ["served", "not negative"]),
        (lambda: serving_cost(BESIROGLU, loss=2.0, served=1, price=0), ["price", "above zero"]),
        (lambda: serving_cost(sl.published["kaplan2020"], loss=2.0, served=1), ["law", "KaplanLaw"]),
        (lambda: cost_of(BESIROGLU, 7e10, 1e13).relative([1e10, -1]), ["N", "row 1"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


def test_the_report_names_the_baseline():
    """The report says what the saving is against, in lines of 88 columns."""
    text = cost_of(BESIROGLU, 7e10, 1e13).report()
    assert "29.1% less than the compute-optimal model of that loss" in text
    assert max(map(len, text.splitlines())) <= 88
