"""The stock of text: its printed numbers come out, a year is where two lines meet, and what generations lose."""

import numpy as np
import pytest

from scalinglib.limits import TEXT_2024, compute_trend, text_stock, tokens_read
from scalinglib.simulate import collapse


def test_the_printed_stock_comes_out():
    """The source prints 300 trillion tokens, 90% from 100 to 1,000: the product's median to 5%, its ends to 25%."""
    low, middle, high = text_stock().quantile([0.05, 0.5, 0.95], 2024)
    assert middle == pytest.approx(300e12, rel=0.05)
    assert low == pytest.approx(100e12, rel=0.25) and high == pytest.approx(1000e12, rel=0.25)


def test_draws_of_the_factors_agree():
    """200,000 products of drawn factors have the median and the spread, to their own error."""
    rng, logs = np.random.default_rng(4), np.zeros(200_000)
    for name, (low, middle, high) in TEXT_2024.items():
        sign = -1 if name == "bytes a token" else 1
        logs += sign * (np.log(middle) + np.log(high / low) / (2 * 1.96) * rng.standard_normal(len(logs)))
    stock = text_stock()
    assert np.median(logs) == pytest.approx(np.log(stock.tokens), abs=0.01)
    assert logs.std() == pytest.approx(stock.spread, rel=0.01)


def test_the_stock_is_used_up_where_a_run_reads_all_of_it():
    """In the median year the tokens that the trend reads are the stock's median."""
    for growth, ratio in ((4.0, 20.0), (3.0, 100.0), (6.0, 2000.0)):
        year = text_stock().used_up(0.5, growth=growth, ratio=ratio)
        assert tokens_read(year, growth=growth, ratio=ratio) == pytest.approx(
            text_stock().quantile(0.5, year), rel=1e-9
        )


def test_ten_times_the_text_is_the_same_number_of_years_anywhere():
    """The year moves with the logarithm: by ln 10 over the difference of the two growth rates."""
    once, ten = text_stock(repetition=1), text_stock(repetition=10)
    later = ten.used_up([0.1, 0.5, 0.9]) - once.used_up([0.1, 0.5, 0.9])
    assert later == pytest.approx(np.log(10) / (np.log(2) - np.log(once.growth)))


def test_tokens_read_are_those_of_balanced_compute():
    """At 20 tokens a parameter C = 6 N D gives back the trend's compute."""
    D = tokens_read([2024.6, 2030.6])
    assert 6 * D**2 / 20 == pytest.approx([compute_trend(4, year=2024.6), compute_trend(4)])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: text_stock(repetition=0), ["repetition", "above"]),
        (lambda: text_stock().quantile(1.0, 2024), ["probability", "below 1"]),
        (lambda: text_stock().used_up(0.5, growth=1.1), ["growth", "1.17", "outgrows"]),
        (lambda: collapse(3, np.random.default_rng(0), keep="half"), ["keep", "replace", "tenth"]),
        (lambda: collapse(0, np.random.default_rng(0), keep="replace"), ["generations"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


def test_what_is_kept_is_not_forgotten():
    """Where all text is kept nothing is lost; replaced text loses more each time; a tenth of real text stops it."""
    lost = {keep: collapse(60, np.random.default_rng(1), keep=keep) for keep in ("replace", "accumulate", "tenth")}
    assert (lost["accumulate"] == lost["accumulate"][0]).all()
    assert (np.diff(lost["replace"]) >= 0).all() and lost["replace"][-1] > 2 * lost["tenth"][-1]
    assert abs(lost["tenth"][60] - lost["tenth"][30]) < 0.01


def test_a_first_model_misses_what_a_sample_misses():
    """The expected share of words that n draws never show is the sum of p (1 - p)**n."""
    p = 1 / np.arange(1, 2001)
    p /= p.sum()
    lost = [collapse(1, np.random.default_rng(seed), keep="replace", words=2000, tokens=3000)[0] for seed in range(40)]
    assert np.mean(lost) == pytest.approx((p * (1 - p) ** 3000).sum(), rel=0.03)
