"""Several tries: the estimate of pass@k, coverage over unlike problems, and what a checker lets through."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from scalinglib.emergence import beta_coverage, checked_accuracy, pass_at_k


def test_pass_at_k_is_the_share_of_all_choices_that_hold_a_right_one():
    """Every choice of k of seven samples, counted one by one, and the product that Chen et al. print as code."""
    for right, k in itertools.product(range(8), range(1, 8)):
        samples = [True] * right + [False] * (7 - right)
        counted = np.mean([any(chosen) for chosen in itertools.combinations(samples, k)])
        assert pass_at_k(7, right, k) == pytest.approx(counted, abs=1e-12)
    wrong = 200 - 13
    printed = 1.0 - np.prod(1.0 - 100 / np.arange(wrong + 1, 200 + 1))
    assert pass_at_k(200, 13, 100) == pytest.approx(printed, rel=1e-12)


def test_pass_at_k_is_right_on_average_where_the_plug_in_is_low():
    """Over all outcomes of 20 samples the estimate's mean is the truth; that of 1 - (1 - c/n)^k lies below it."""
    p, n, k = 0.1, 20, 10
    right = np.arange(n + 1)
    weight = stats.binom.pmf(right, n, p)
    truth = 1 - (1 - p) ** k
    assert weight @ pass_at_k(n, right, k) == pytest.approx(truth, rel=1e-12)
    assert weight @ (1 - (1 - right / n) ** k) < truth - 0.05
    assert pass_at_k(20, 2, 10) == pytest.approx(1 - math.comb(18, 10) / math.comb(20, 10), rel=1e-12)


@pytest.mark.parametrize("a, b", [(0.3, 5.0), (0.5, 9.5), (2.0, 3.0)])
def test_coverage_is_the_mean_over_the_distribution(a, b):
    """The closed form is the integral of 1 - (1 - p)^k over the density, and one try gives its mean."""
    assert beta_coverage(1, a=a, b=b) == pytest.approx(a / (a + b), rel=1e-12)
    for k in (2, 17, 100):
        # p = u**(1/a) takes the corner of the density at zero away.
        found, _ = integrate.quad(
            lambda u, k=k: (1 - (1 - u ** (1 / a)) ** k) * (1 - u ** (1 / a)) ** (b - 1) / a, 0, 1, limit=200
        )
        assert beta_coverage(k, a=a, b=b) == pytest.approx(
            found / math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)), rel=1e-6
        )


def test_what_is_left_falls_with_the_power_a():
    """From 100 to 10,000 tries the unsolved share has slope -0.30 for a = 0.3, and about -0.19 from 1 to 100."""
    k = np.array([1, 100, 10_000])
    slopes = np.diff(np.log(1 - beta_coverage(k, a=0.3, b=5.0))) / np.diff(np.log(k))
    assert slopes == pytest.approx([-0.19, -0.30], abs=0.005)


def test_a_checker_that_passes_wrong_answers_sets_a_ceiling():
    """A simulation of tries until one passes agrees, a perfect checker gives pass@k, and endless tries the ceiling."""
    rng = np.random.default_rng(5)
    p, q, k, trials = 0.05, 0.1, 12, 200_000
    right = rng.random((trials, k)) < p
    passed = right | (rng.random((trials, k)) < q)
    first = passed.argmax(axis=1)
    handed_in_right = (passed.any(axis=1) & right[np.arange(trials), first]).mean()
    assert checked_accuracy(k, p, false_pass=q) == pytest.approx(handed_in_right, abs=4 * math.sqrt(0.25 / trials))
    assert checked_accuracy(k, p, false_pass=0.0) == pytest.approx(1 - (1 - p) ** k, rel=1e-12)
    assert checked_accuracy(np.inf, p, false_pass=q) == pytest.approx(p / (p + (1 - p) * q), rel=1e-12)
    assert checked_accuracy([3, np.inf], 0.0, false_pass=0.0).tolist() == [0.0, 0.0]
    assert checked_accuracy(1, [0.0, 0.3, 1.0], false_pass=0.2).tolist() == pytest.approx([0.0, 0.3, 1.0])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: pass_at_k(10, 11, 3), "right"),
        (lambda: pass_at_k(10, 1.5, 3), "right"),
        (lambda: pass_at_k(10, 2, 11), "k"),
        (lambda: beta_coverage(0, a=1, b=1), "k"),
        (lambda: beta_coverage(1, a=-1, b=1), "a"),
        (lambda: beta_coverage(1, a=1e12, b=9e12), "a"),
        (lambda: pass_at_k(1e12, 1, 5e11), "samples"),
        (lambda: checked_accuracy(True, 0.2, false_pass=0.1), "k"),
        (lambda: checked_accuracy(1j, 0.2, false_pass=0.1), "k"),
        (lambda: checked_accuracy([1, "x"], 0.2, false_pass=0.1), "k"),
        (lambda: checked_accuracy([-np.inf, 1], 0.2, false_pass=0.1), "k"),
        (lambda: checked_accuracy(10**400, 0.2, false_pass=0.1), "k"),
        (lambda: checked_accuracy(1, 1.2, false_pass=0.1), "chance"),
        (lambda: checked_accuracy(1, 0.2, false_pass=-0.1), "false_pass"),
    ],
    ids=itertools.count(),  # a function's own name would hold its address
)
def test_what_is_out_of_range_is_named(call, words):
    """The message names the argument."""
    with pytest.raises(ValueError, match=rf"\b{words}\b"):
        call()


def test_at_the_largest_numbers_that_are_taken_rounding_is_small():
    """One right of a billion and half of them tried; a Beta about 0.1 of which nothing spreads: known by hand."""
    assert pass_at_k(1e9, 1, 5e8) == pytest.approx(0.5, abs=1e-4)
    assert beta_coverage([1, 10], a=1e6, b=9e6) == pytest.approx([0.1, 1 - 0.9**10], abs=1e-5)
