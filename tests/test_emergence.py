"""Emergence: metrics of the same runs, what a test can show of them, and what tells two stories apart."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import emergence
from scalinglib.emergence import (
    REPORTED_THRESHOLDS,
    LossThreshold,
    accuracy_from_advantage,
    accuracy_from_loss,
    advantage_from_accuracy,
    chance_of_none,
    column_match,
    exact_match,
    forecast_match,
    items_to_see,
    score_choices,
    score_range,
    two_stories,
)


@pytest.mark.parametrize(
    "p, k, n, match, none",
    [(0.595, 10, 100, 0.00556121, 0.572539), (0.79, 10, 100, 0.0946828, 4.78717e-5), (0.595, 1, 100, 0.595, 5.6e-40)],
)
def test_the_specified_scores_come_out(p, k, n, match, none):
    """Exact match and the chance of seeing none are those worked out before, to the digits given."""
    assert exact_match(p, k) == pytest.approx(match, rel=1e-6)
    # Two digits are printed of the smallest chance.
    assert chance_of_none(exact_match(p, k), n) == pytest.approx(none, rel=1e-2 if none < 1e-30 else 1e-5)


def test_a_small_test_shows_none_of_a_small_score():
    """A true score of half a percent looks like zero in 100 items six times in ten, in 1,000 hardly ever."""
    assert chance_of_none(0.005, [100, 1000]) == pytest.approx([0.605770, 0.00665397], rel=1e-5)
    assert chance_of_none([0.0, 1.0], 50).tolist() == [1.0, 0.0]
    needed = items_to_see([0.5, 0.005, 1e-6, 1.0], chance=0.9)
    assert (chance_of_none([0.5, 0.005, 1e-6, 1.0], needed) <= 0.1).all()
    assert (chance_of_none([0.5, 0.005, 1e-6], needed[:3] - 1) > 0.1).all() and needed[3] == 1


@pytest.mark.parametrize("k, low, high", [(1, 0.57, 0.98), (5, 0.06, 0.89), (10, 0.003, 0.80), (30, 0.000, 0.51)])
def test_one_smooth_loss_gives_every_shape(k, low, high):
    """A loss of (2e7/N)^0.35 nats a token from N 1e8 to 1e12 gives the published ranges of k tokens right."""
    ends = exact_match(accuracy_from_loss((2e7 / np.array([1e8, 1e12])) ** 0.35), k)
    # The ranges are rounded to two places, and the loss behind them is known to two digits.
    assert ends == pytest.approx([low, high], abs=0.006)


def test_the_mean_of_powers_is_above_the_power_of_the_mean():
    """Exact match averaged over runs exceeds that of the averaged run, so it is predicted run by run."""
    accuracy = np.array([0.60, 0.75, 0.84])
    assert exact_match(accuracy, 10).mean() > 1.3 * exact_match(accuracy.mean(), 10)


def test_unlike_columns_multiply():
    """The first k columns are all right with the product of their chances: of equal ones the k-th power."""
    drawn = np.random.default_rng(2).random((40_000, 4)) < [0.95, 0.9, 0.6, 0.8]
    truth = np.cumprod(drawn, axis=1).mean(0)
    assert column_match([0.95, 0.9, 0.6, 0.8]) == pytest.approx(truth, abs=5 * np.sqrt(0.25 / 40_000))
    assert column_match([[0.7] * 3] * 2) == pytest.approx(exact_match(np.full((2, 3), 0.7), [1, 2, 3]))


def test_the_measured_table_is_predicted_as_its_card_says():
    """In our own additions the columns' product meets exact_10 to 1% in the median from .005 up."""
    runs = sl.runs.load("column-addition")
    kept = runs[runs.exact_10 >= 0.005]
    columns = kept[[f"column_{k}" for k in range(1, 11)]].to_numpy()
    predicted = column_match(columns)
    assert np.median(np.abs(predicted[:, 9] / kept.exact_10 - 1)) < 0.01
    assert predicted[:, 0] == pytest.approx(kept.exact_1.to_numpy())
    by_mean = exact_match(kept.token_accuracy, 10)
    assert np.median(np.abs(by_mean / kept.exact_10 - 1)) == pytest.approx(0.005, abs=0.0015)
    assert np.max(np.abs(by_mean / kept.exact_10 - 1)) == pytest.approx(0.44, abs=0.01)


@pytest.mark.parametrize("score, items", [(0.005, 100), (0.3, 10), (0.595, 100), (0.9, 20_000)])
def test_the_range_holds_its_share_of_tests(score, items):
    """Nine tests in ten or a few more fall within the range, at most one in twenty below and one above."""
    low, high = score_range(score, items)
    shown = np.random.default_rng(4).binomial(items, score, 100_000) / items
    error = 5 * np.sqrt(0.05 / 100_000)
    assert (shown < low).mean() < 0.05 + error and (shown > high).mean() < 0.05 + error
    # One step inward and the tail holds more than its twentieth: the range is no wider than it must be.
    assert (shown <= low).mean() > 0.05 - error and (shown >= high).mean() > 0.05 - error


@pytest.mark.parametrize(
    "k, p, share, match, mean, first, second, answers",
    [
        (10, 0.90, 0.20, 0.348678, 0.802762, 0.144659, 1.90915, 47.75),
        (10, 0.90, 0.05, 0.348678, 0.875691, 0.0331190, 0.429779, 208.6),
        (10, 0.70, 0.20, 0.0282475, 0.585085, 0.199368, 1.08010, 34.65),
        (2, 0.90, 0.20, 0.810000, 0.885455, 0.0180972, 0.0266907, 381.7),
    ],
)
def test_the_specified_stories_come_out(k, p, share, match, mean, first, second, answers):
    """Exact match, mean share right, evidence both ways and answers needed are those worked out before."""
    stories = two_stories(digits=k, p=p, share=share)
    assert [stories.exact_match, stories.mean_share] == pytest.approx([match, mean], rel=2e-6)
    assert stories.evidence() == pytest.approx((first, second), rel=5e-6)
    assert stories.answers_for(1000) == pytest.approx(answers, rel=3e-4)  # four digits are printed


@pytest.mark.parametrize(
    "digits, p, share", [(2, 0.5, 0.05), (10, 0.9, 1.0), (20, 0.99, 0.3), (7, 0.11, 0.5), (2000, 0.5, 0.5)]
)
def test_both_stories_are_distributions_of_one_exact_match(digits, p, share):
    """Both sum to 1 and say the same of all places right; only the count of digits tells them apart."""
    stories = two_stories(digits=digits, p=p, share=share)
    assert stories.one_by_one.sum() == pytest.approx(1) and stories.mixed.sum() == pytest.approx(1)
    assert [stories.one_by_one[-1], stories.mixed[-1]] == pytest.approx([p**digits] * 2)
    assert stories.evidence(record="right-or-wrong") == (0.0, 0.0)
    assert stories.answers_for(record="right-or-wrong") == np.inf
    assert min(stories.evidence()) > 0


def test_the_evidence_is_the_mean_of_simulated_log_odds():
    """Answers drawn from either story move the log odds towards it by the evidence, on average."""
    stories, rng, draws = two_stories(digits=10, p=0.9, share=0.2), np.random.default_rng(8), 200_000
    single = rng.binomial(10, 0.9, draws)
    guess = np.where(rng.random(draws) < stories.known, 10, rng.binomial(10, 0.1, draws))
    mixed = np.where(rng.random(draws) < 0.2, guess, rng.binomial(10, 0.9, draws))
    odds = np.log(stories.one_by_one / stories.mixed)
    for drawn, sign, evidence in zip((single, mixed), (1, -1), stories.evidence(), strict=True):
        gained = sign * odds[drawn]
        assert gained.mean() == pytest.approx(evidence, abs=5 * gained.std() / np.sqrt(draws))


def test_stories_that_are_the_same_cannot_be_told_apart():
    """Where a digit is right by chance alone the stories coincide, and the report says so."""
    stories = two_stories(digits=5, p=0.1, share=0.5)
    assert stories.known == 0 and stories.answers_for() == np.inf
    assert "the same" in stories.report()
    assert two_stories(digits=1, p=0.7, share=0.5).answers_for() == np.inf


def test_reported_thresholds_are_six_times_size_times_tokens():
    """Printed FLOP are 6 N D with the tokens of each family, to two digits; Chinchilla's row alone is not."""
    tokens = {"GPT-3": 300e9, "Gopher": 300e9, "PaLM": 780e9, "Chinchilla": 1.4e12}
    off = [(row.family, abs(6 * row.N * tokens[row.family] / row.C - 1)) for row in REPORTED_THRESHOLDS]
    assert [family for family, share in off if share > 0.03] == ["Chinchilla"]
    assert len(REPORTED_THRESHOLDS) == 8
    assert REPORTED_THRESHOLDS[0].report().endswith("2.3e+22 FLOP (GPT-3, 13 billion parameters)")


def test_a_threshold_in_the_loss_is_seen_by_every_ruler():
    """Down to the threshold a score is at chance exactly, then rises at once to its ceiling at the floor."""
    law = LossThreshold(threshold=2.2, floor=1.7, chance=0.25, ceiling=0.95)
    assert law([3.0, 2.2]).tolist() == [0.25, 0.25]
    assert law(2.2 - 1e-6) > 0.25 and law([1.7, 1.0]) == pytest.approx([0.95, 0.95])
    assert "2.2 nats" in law.report()


def test_choices_that_guess_score_as_guesses():
    """Equal choices have share 1/K, accuracy 1/K and Brier score 1 - 1/K, however likely they are."""
    scores = score_choices(np.full((7, 4), np.log(1e-3)), np.arange(7) % 4)
    assert (scores.accuracy, scores.share, scores.brier) == pytest.approx((0.25, 0.25, 0.75))
    assert scores.brier == pytest.approx(scores.guessed_brier) and scores.probability == pytest.approx(1e-3)


def test_a_better_log_likelihood_can_leave_accuracy_where_it_was():
    """Doubling every choice's probability adds ln 2 to the log-likelihood and changes no comparison."""
    rng = np.random.default_rng(6)
    table, right = np.log(rng.random((500, 4)) / 8), rng.integers(0, 4, 500)
    once, twice = score_choices(table, right), score_choices(table + np.log(2), right)
    assert twice.log_likelihood - once.log_likelihood == pytest.approx(np.log(2))
    assert (twice.share, twice.brier) == pytest.approx((once.share, once.brier))
    assert twice.accuracy == once.accuracy


def test_the_brier_score_is_proper():
    """Where the right choice is drawn from the stated shares, no other shares have a lower Brier score."""
    rng, truth = np.random.default_rng(9), np.array([0.5, 0.3, 0.2])
    right = rng.choice(3, size=60_000, p=truth)

    def brier(shares):
        return score_choices(np.log(np.tile(shares, (len(right), 1))), right).brier

    honest = brier(truth)
    assert honest == pytest.approx(1 - (truth**2).sum(), abs=0.01)
    for other in ([0.8, 0.1, 0.1], [0.34, 0.33, 0.33], [0.45, 0.40, 0.15]):
        assert brier(np.array(other)) > honest


def test_certainty_scores_zero_and_two():
    """Sure and right has Brier score 0, sure and wrong 2."""
    sure = np.array([[0.0, -800.0]])
    assert score_choices(sure, [0]).brier == 0 and score_choices(sure, [1]).brier == 2
    assert score_choices(sure, [0]).accuracy == 1 and score_choices(sure, [1]).accuracy == 0


def test_a_jump_is_foretold_from_runs_that_show_none():
    """Runs with less than 8% of ten places right foretell the share at 100 times the largest, near 60%."""
    N = np.geomspace(1e8, 1e9, 6)
    truth = (2e7 / N) ** 0.35
    assert exact_match(accuracy_from_loss(truth), 10).max() < 0.08
    rng = np.random.default_rng(1)
    forecast = forecast_match(N, truth * np.exp(0.01 * rng.standard_normal(6)), k=10, at=[1e10, 1e11])
    expected = exact_match(accuracy_from_loss((2e7 / np.array([1e10, 1e11])) ** 0.35), 10)
    # 1% of scatter over one decade is 3% of the loss two decades on, or .01 of the share: three times that.
    assert forecast.match == pytest.approx(expected, abs=0.03)
    assert "100 times the largest run" in forecast.report()


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: exact_match([0.5, 1.2], 2), ["accuracy", "row 1", "between 0 and 1"]),
        (lambda: exact_match(0.5, [1, 0]), ["k", "row 1"]),
        (lambda: exact_match(0.5, 2.5), ["k", "whole"]),
        (lambda: exact_match([0.5, 0.6], [1, 2, 3]), ["accuracy", "k", "shapes"]),
        (lambda: column_match(0.5), ["columns", "exact_match"]),
        (lambda: accuracy_from_loss([0.1, -0.1]), ["loss", "row 1"]),
        (lambda: chance_of_none(-0.1, 10), ["score"]),
        (lambda: items_to_see([0.1, 0.0]), ["score", "row 1"]),
        (lambda: items_to_see(0.1, chance=1.0), ["chance"]),
        (lambda: score_range(0.1, 10, level=0), ["level"]),
        (lambda: two_stories(digits=0, p=0.5, share=0.5), ["digits"]),
        (lambda: two_stories(digits=5, p=0.05, share=0.5), ["p", "0.1"]),
        (lambda: two_stories(digits=5, p=0.5, share=0.0), ["share"]),
        (lambda: two_stories(digits=5, p=0.5, share=0.5, chance=0.0), ["chance"]),
        (lambda: two_stories(digits=5, p=0.5, share=0.5).evidence(record="bits"), ["record", "digits"]),
        (lambda: two_stories(digits=5, p=0.5, share=0.5).answers_for(1.0), ["odds", "above 1"]),
        (lambda: LossThreshold(threshold=2.0, floor=2.0), ["floor", "threshold"]),
        (lambda: LossThreshold(threshold=2.0, floor=1.0, chance=0.5, ceiling=0.4), ["chance", "ceiling"]),
        (lambda: score_choices([[0.1, -1.0]], [0]), ["log_likelihood", "zero or below"]),
        (lambda: score_choices([-1.0, -2.0], [0]), ["log_likelihood", "shape"]),
        (lambda: score_choices([[-1.0, -2.0]], [2]), ["right", "0 to 1"]),
        (lambda: score_choices([[-1.0, -2.0]], [0, 1]), ["right", "1"]),
        (lambda: forecast_match([1e8, 1e9], [1.0, -0.5], k=10, at=1e10), ["row 1"]),
        (lambda: forecast_match([1e8, 1e9], [1.0, 0.5], k=0, at=1e10), ["k"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument, the rows, and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


def test_unknown_options_are_refused_by_name():
    """An option that does not exist is named in the error."""
    with pytest.raises(TypeError, match="lenght"):
        emergence.two_stories(digits=5, p=0.5, share=0.5, lenght=3)


def test_reports_fit_the_screen():
    """Every report stays within 88 columns."""
    texts = [
        two_stories(digits=20, p=0.99, share=0.05).report(),
        score_choices([[-1.0, -2.0]], [0]).report(),
        LossThreshold(threshold=2.2, floor=1.6).report(),
        forecast_match([1e8, 1e9], [1.0, 0.5], k=10, at=[1e10, 1e11]).report(),
        *(row.report() for row in REPORTED_THRESHOLDS),
    ]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 88


def test_of_two_choices_the_advantage_is_a_normal_quantile():
    """With two choices the right one is ahead with chance Phi(advantage / sqrt 2), to rounding."""
    from scipy.stats import norm

    advantage = np.linspace(-3.0, 3.0, 13)
    assert accuracy_from_advantage(advantage, 2) == pytest.approx(norm.cdf(advantage / np.sqrt(2)), abs=1e-12)


@pytest.mark.parametrize("choices", [2, 3, 4, 5, 10])
def test_accuracy_and_advantage_are_each_others_inverse(choices):
    """No advantage is guessing, drawn items agree, and the way back returns the advantage."""
    assert accuracy_from_advantage(0.0, choices) == pytest.approx(1 / choices, abs=1e-9)  # 61 nodes
    drawn = np.random.default_rng(choices).standard_normal((200_000, choices))
    ahead = (drawn[:, 0] + 0.8 > drawn[:, 1:].max(axis=1)).mean()
    # standard error of 200,000 draws is 0.0011 at most
    assert accuracy_from_advantage(0.8, choices) == pytest.approx(ahead, abs=0.004)
    there = np.array([-1.0, 0.3, 2.5])
    assert advantage_from_accuracy(accuracy_from_advantage(there, choices), choices) == pytest.approx(there, abs=1e-9)


def test_what_is_no_choice_is_refused():
    """One choice, half a choice, and scores with no advantage behind them are named."""
    for choices in (1, 2.5):
        with pytest.raises(ValueError, match="choices must be a whole number of 2 or more"):
            accuracy_from_advantage(0.0, choices)
    with pytest.raises(ValueError, match="accuracy must be above 0 and below 1"):
        advantage_from_accuracy([0.5, 1.0], 4)
