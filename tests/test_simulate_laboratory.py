"""The laboratory: worlds with known truth, a purse that holds, noise and rates that matter, hostile orders, scores."""

import copy
import math
import pickle
import threading

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.simulate import WORLDS, Laboratory, draw_world, interval_score, laboratories, lowest, score

BUDGET = 2e20


# Worlds


@pytest.mark.parametrize("kind", WORLDS)
def test_the_best_size_is_the_best(kind):
    """At the target no size on a fine grid beats the one that counts as best, and wasting nothing is possible."""
    for seed in range(5):
        world = draw_world(seed, BUDGET, kind=kind)
        N, loss = world.best(100 * BUDGET)
        sizes = np.geomspace(N / 100, N * 100, 4001)
        losses = world.loss(sizes, 100 * BUDGET / (6 * sizes))
        assert loss <= losses.min() + 1e-9
        assert sizes[losses.argmin()] == pytest.approx(N, rel=0.01)
        assert world.wasted(N, 100 * BUDGET) < 1e-4  # of bisecting a budget to some 1e-7 of its logarithm


def test_the_best_size_by_search_is_the_closed_form():
    """Where the law has a closed form, the search finds it, and so does the waste by Chinchilla's own formula."""
    for seed in range(5):
        world = draw_world(seed, BUDGET, kind="asymmetric")
        C = 100 * BUDGET
        assert lowest(world.law, C)[0] == pytest.approx(world.law.optimum(C).N, rel=1e-4)
        N = 3 * world.best(C)[0]
        expected = 1 - world.law.compute_for(world.law(N, C / (6 * N))) / C
        assert world.wasted(N, C) == pytest.approx(expected, abs=1e-5)


def test_kinds_are_what_they_say():
    """Over 60 seeds each kind has what its name promises, within the ranges of the docstring."""
    target = 100 * BUDGET
    for seed in range(60):
        worlds = {kind: draw_world(seed, BUDGET, kind=kind) for kind in WORLDS}
        assert worlds["symmetric"].law.alpha == worlds["symmetric"].law.beta
        assert 0.07 < abs(np.subtract(worlds["asymmetric"].law.alpha, worlds["asymmetric"].law.beta)) < 0.13
        ratio = target / (6 * worlds["far-from-twenty"].best(target)[0] ** 2)
        assert 2.99 < max(ratio / 20, 20 / ratio) < 6.01
        short = worlds["short-of-data"]
        wanted = target / (6 * short.law.optimum(target).N)
        assert 2.99 < wanted / short.unique_tokens < 20.01
        assert short.worth(short.unique_tokens) == pytest.approx(short.unique_tokens)
        assert short.worth(1e3 * short.unique_tokens) < 40 * short.unique_tokens
        bend = worlds["break"].bend
        N = np.array([bend.at / 1e3, bend.at * 1e3])
        slope = -np.gradient(np.log(bend.factor(np.outer(N, [1, 1.01]))), np.log(1.01), axis=1)[:, 0]
        assert slope == pytest.approx([0, bend.change], abs=1e-3)
        assert 0.0549 < abs(bend.change) < 0.1201


def test_a_world_is_the_same_for_the_same_seed_and_another_for_others():
    """Seed, budget and kind give the world; a neighbouring seed, also of 256 bits, gives another."""
    large = 2**255 + 1
    assert draw_world(large, BUDGET) == draw_world(large, BUDGET)
    others = [draw_world(seed, BUDGET).law.E for seed in (0, 1, large, large + 1, large + 2)]
    assert len(set(others)) == 5
    assert draw_world(0, 1e20) != draw_world(0, 2e20)
    assert {draw_world(seed, BUDGET, kind="any").kind for seed in range(60)} == set(WORLDS)


def test_numbers_of_worlds_come_from_the_courses_own_runs():
    """Scatter, rates and their costs lie where the tables put them."""
    runs = sl.runs.load("language-model")
    cells = runs[runs.role == "fit"].assign(log=lambda t: np.log(t.loss)).groupby(["budget", "width"]).log
    assert draw_world(0, BUDGET).noise == pytest.approx(np.sqrt(cells.var().mean()), rel=0.01)
    floor = sl.fit_chinchilla(*(runs[runs.role == "fit"][name] for name in ("N", "D", "loss"))).law.E
    found = []
    for _, sweep in sl.runs.load("learning-rates").groupby(["width", "steps"]):
        near = sweep[sweep.loss < sweep.loss.min() + 0.03]  # as the table's card says
        bend, tilt, _ = np.polyfit(np.log(near.learning_rate), near.loss, 2)
        row = (-0.5 * tilt / bend, np.log(sweep.N.iloc[0]), np.log(sweep.D.iloc[0]))
        found.append((*row, bend / (sweep.loss.min() - floor)))
    best, log_N, log_D, cost = np.array(found).T
    _, by_N, by_D = np.linalg.lstsq(np.c_[np.ones(len(best)), log_N, log_D], best, rcond=None)[0]
    tunings = [draw_world(seed, BUDGET).tuning for seed in range(200)]
    for name, value in (("by_N", by_N), ("by_D", by_D)):
        drawn = [getattr(tuning, name) for tuning in tunings]
        assert min(drawn) - 0.01 <= value <= max(drawn), name
    quartiles = np.quantile(cost, [0.25, 0.75])
    drawn = [tuning.cost for tuning in tunings]
    assert [min(drawn), max(drawn)] == pytest.approx(quartiles, rel=0.03)
    again = sl.runs.load("schedules-again").groupby(["variant", "width", "D"]).loss.mean().unstack("variant")
    longer = again[again.index.get_level_values("D") >= 2**18]
    share = ((longer["one-long-run"] - longer.tuned) / (longer.tuned - floor)).median()
    assert share == pytest.approx(0.12, abs=0.005)
    assert min(tuning.constant for tuning in tunings) < share < max(tuning.constant for tuning in tunings)


# Runs


def test_runs_scatter_as_said_and_about_the_truth():
    """Runs of one setting, at the best rate, have the world's mean and noise."""
    lab = Laboratory(5, BUDGET)
    world = draw_world(5, BUDGET)
    N, D = 1e7, 1e8
    losses = np.array([lab.buy(N, D, learning_rate=float(world.tuning.best(N, D))) for _ in range(900)])
    kept = losses[np.isfinite(losses)]
    assert 0.97 < len(kept) / 900 < 1.0  # one in a hundred is lost
    off = np.log(kept / world.loss(N, D))
    assert abs(off.mean()) < 4 * world.noise / 30
    assert off.std() == pytest.approx(world.noise, rel=0.1)


@pytest.mark.parametrize("off", [1e-3, 1e-9, 1e-300])
def test_a_rate_that_trains_nothing_gives_no_fantastic_loss_and_no_better_view(off):
    """It is that of a model without training, and tells no more of what is above the floor than a good run."""
    lab, world = Laboratory(2, BUDGET), draw_world(2, BUDGET)
    N, D = 1e8, 2e9
    above = float(world.loss(N, D)) - world.law.E
    losses = np.array([lab.buy(N, D, learning_rate=off * float(world.tuning.best(N, D))) for _ in range(100)])
    losses = losses[np.isfinite(losses)]
    scatter = world.noise * (2 * 30 - 1.5)  # of ln loss where the rate costs thirty times what is above the floor
    # a hundred runs go beyond four standard deviations three times in a thousand, and beyond three in one of seven
    assert losses.size > 90 and losses.max() < np.exp(4 * scatter) * (world.loss(N, D) + 30 * above)
    good = world.noise * world.loss(N, D) / above
    gap = losses - world.law.E
    assert gap.std() / gap.mean() > 0.8 * good


def test_a_wrong_rate_costs_and_a_far_too_high_one_diverges_and_is_paid_for():
    """Four times too low costs what the world says; thirty times too high gives NaN, a row and a bill."""
    lab, world = Laboratory(2, BUDGET), draw_world(2, BUDGET)
    N, D = 1e8, 2e9
    best = float(world.tuning.best(N, D))
    expected = world.loss(N, D) + world.tuning.cost * np.log(4) ** 2 * (world.loss(N, D) - world.law.E)
    assert lab.buy(N, D, learning_rate=best / 4) == pytest.approx(expected, rel=0.02)
    never = world.loss(N, D) + world.tuning.constant * (world.loss(N, D) - world.law.E)
    assert lab.buy(N, D, learning_rate=best, schedule="constant") == pytest.approx(never, rel=0.02)
    before = lab.left
    assert math.isnan(lab.buy(N, D, learning_rate=30 * best))
    assert lab.left == pytest.approx(before - 6 * N * D)
    assert lab.ledger.diverged.tolist() == [False, False, True]
    with pytest.raises(ValueError, match=r"loss.*row 2"):
        sl.fit_isoflop(lab.ledger.C, lab.ledger.N, lab.ledger.loss)


def test_the_rule_is_near_the_best_rate():
    """Where a laboratory trains, the rule of thumb is within a factor two of the best rate, and not exact."""
    for seed in range(40):
        tuning = draw_world(seed, BUDGET).tuning
        N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e8, 1e11, 5)))
        off = np.log(tuning.rule(N, D) / tuning.best(N, D))
        assert 0 < np.abs(off).max() < np.log(2.2)


def test_the_order_of_orders_does_not_matter_and_a_second_copy_is_another_run():
    """A log replayed in any order gives the same losses; the same order again has scatter of its own."""
    orders = [(1e7, 1e9), (2e7, 2e9), (1e7, 1e9)]
    first, second = Laboratory(9, BUDGET), Laboratory(9, BUDGET)
    there, back = [first.buy(*order) for order in orders], [second.buy(*order) for order in orders[::-1]]
    assert there[0] == back[0] and there[1] == back[1] and there[2] == back[2]
    assert there[0] != there[2]


def test_last_digits_of_a_machine_change_no_draw():
    """N, D, rate and budget a relative 1e-12 off give the same loss; 1% off in N, D or rate, another."""
    N, D, rate, off, other = 1.7e8, 3.1e9, 1.3e-3, 1 + 1e-12, 1.01

    def loss(N, D, rate, budget=BUDGET):
        return Laboratory(5, budget, world="asymmetric").buy(N, D, learning_rate=rate)

    first = loss(N, D, rate)
    assert loss(N * off, D, rate) == loss(N, D / off, rate) == loss(N, D, rate * off) == first
    assert loss(N, D, rate, BUDGET * off) == first
    assert first not in (loss(N * other, D, rate), loss(N, D * other, rate), loss(N, D, rate * other))
    draws = {round(loss(N * end, D, rate) / first - 1, 5) for end in (1.00001, 1.00002, 1.00003)}
    assert len(draws) == 3  # in the sixth digit it is another run


def test_an_order_again_in_other_last_digits_is_another_run_and_paid_for():
    """Neither does the second come for nothing, nor has it the draw of the first; each costs what it was."""
    lab, twice = Laboratory(5, BUDGET), Laboratory(5, BUDGET)
    N, D = 1e9, 1e10
    mine = [lab.buy(N, D), lab.buy(N * (1 + 1e-9), D)]
    assert mine == [twice.buy(N, D), twice.buy(N, D)] and mine[0] != mine[1]
    assert lab.ledger.C.tolist() == [6 * N * D, 6 * N * (1 + 1e-9) * D]
    assert lab.left == BUDGET - math.fsum(lab.ledger.C)


# The purse


def test_the_ledger_is_a_copy():
    """What is done to a ledger does nothing to the laboratory."""
    lab = Laboratory(1, BUDGET)
    lab.buy(1e8, 1e9)
    ledger = lab.ledger
    ledger.loc[:, "C"] = 0.0
    assert len(lab.ledger) == 1 and lab.left == pytest.approx(BUDGET - 6e17)
    assert lab.ledger.left.iloc[0] == lab.left


def test_small_runs_cost_a_thousandth_of_the_budget():
    """A thousand runs are all there is, however small: noise is not averaged away for nothing."""
    lab = Laboratory(1, BUDGET)
    for _ in range(1000):
        lab.buy(1e6, 1e7)
    assert lab.left == pytest.approx(0, abs=1e-6 * BUDGET)
    with pytest.raises(ValueError, match="nothing was charged"):
        lab.buy(1e6, 1e7)


def test_the_whole_purse_can_be_spent_and_not_more():
    """Shares of a budget that add up to it are bought; a run that costs more than is left is refused."""
    lab = Laboratory(1, BUDGET)
    for _ in range(10):
        lab.buy(1e9, BUDGET / 60 / 1e9)
    assert lab.left < 1e-6 * BUDGET and len(lab.ledger) == 10
    with pytest.raises(ValueError, match="cost 2e\\+17 FLOP and"):
        lab.buy(1e7, 1e8)


@pytest.mark.parametrize(
    "arguments, options, named",
    [
        ((math.nan, 1e9), {}, "N must be finite"),
        ((1e8, math.nan), {}, "D must be finite"),
        ((0, 1e9), {}, "N must be"),
        ((-1e8, -1e9), {}, "N must be"),
        ((1e8, math.inf), {}, "D must be finite"),
        ((1, 1e9), {}, "N must be 1e\\+06"),
        ((1e8, 1), {}, "D must be 1e\\+07"),
        (([1e8, 2e8], 1e9), {}, "N must be one number"),
        (("1e8; drop", 1e9), {}, "N must be numbers"),
        ((True, 1e9), {}, "N must be real"),
        ((1e8 + 1j, 1e9), {}, "N must be"),
        ((1e300, 1e300), {}, "cost inf FLOP|overflow|are left"),
        ((1e12, 1e12), {}, "are left"),
        ((1e8, 1e9), {"learning_rate": 0}, "learning_rate must be"),
        ((1e8, 1e9), {"learning_rate": -1e-3}, "learning_rate must be"),
        ((1e8, 1e9), {"learning_rate": math.inf}, "learning_rate must be"),
        ((1e8, 1e9), {"schedule": "cosine"}, "schedule must be one of 'decay', 'constant'"),
        ((1e8, 1e9), {"schedule": ["decay"]}, "schedule must be one of"),
    ],
)
def test_hostile_orders_are_refused_by_name_and_not_charged(arguments, options, named):
    """Nothing that is refused costs anything or leaves a row."""
    lab = Laboratory(1, BUDGET)
    with pytest.raises(ValueError, match=named):
        lab.buy(*arguments, **options)
    assert lab.left == BUDGET and len(lab.ledger) == 0


@pytest.mark.parametrize(
    "given, named",
    [
        ((-1, BUDGET), "seed must be"),
        ((1.5, BUDGET), "seed must be"),
        ((True, BUDGET), "seed must be"),
        (("7", BUDGET), "seed must be"),
        ((2**512, BUDGET), "seed must be"),
        ((1, 0), "budget must be"),
        ((1, math.nan), "budget must be"),
        ((1, 1e30), "budget must be 1e\\+17 to 1e\\+26"),
        ((1, 1e3), "budget must be 1e\\+17 to 1e\\+26"),
    ],
)
def test_hostile_laboratories_are_refused_by_name(given, named):
    """Seeds and budgets that are none."""
    with pytest.raises(ValueError, match=named):
        Laboratory(*given)
    with pytest.raises(ValueError, match="world must be one of 'symmetric'"):
        Laboratory(1, BUDGET, world="flat")


def test_a_laboratory_cannot_be_copied():
    """One instance is one purse: no copy, deep copy or pickle buys twice."""
    lab = Laboratory(1, BUDGET)
    for way in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="one purse"):
            way(lab)


def test_racing_buyers_do_not_overdraw():
    """Twenty threads on a purse for three buy exactly three."""
    lab, refused = Laboratory(1, BUDGET), []

    def buy():
        try:
            lab.buy(1e9, BUDGET / 3.0 / 6e9)
        except ValueError as error:
            refused.append(str(error))

    buyers = [threading.Thread(target=buy) for _ in range(20)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert len(lab.ledger) == 3 and len(refused) == 17 and lab.left >= 0


# The submission


def test_a_submission_says_what_it_was_worth():
    """The best N wastes nothing; the interval's score is that of its logarithms."""
    world = draw_world(4, BUDGET)
    best, _ = world.best(100 * BUDGET)
    perfect = Laboratory(4, BUDGET).submit(best, interval=(best / 1.1, best * 1.1))
    assert perfect.wasted < 1e-5 and perfect.held
    assert perfect.interval_score == pytest.approx(2 * np.log(1.1))
    far = Laboratory(4, BUDGET).submit(10 * best, interval=(9 * best, 11 * best), level=0.5)
    assert far.wasted > 0.2 and not far.held
    assert far.interval_score == pytest.approx(np.log(11 / 9) + 4 * np.log(9))
    assert "wasted" in far.report() and "missed" in far.report()


@pytest.mark.parametrize(
    "N, interval, level, named",
    [
        (0, (1e9, 2e9), 0.8, "N must be"),
        (math.nan, (1e9, 2e9), 0.8, "N must be"),
        (1e15, (1e9, 1e16), 0.8, "or less, or the target buys under"),
        (1e10, (2e10, 3e10), 0.8, "interval must be"),
        (1e10, (2e10, 1e9), 0.8, "interval must be"),
        (1e10, (0, 2e10), 0.8, "interval must be"),
        (1e10, (1e9, math.inf), 0.8, "interval must be"),
        (1e10, (math.nan, 2e10), 0.8, "interval must be"),
        (1e10, 1e10, 0.8, "interval must be two numbers"),
        (1e10, "ab", 0.8, "interval must be two numbers"),
        (1e10, (1e9, 2e10), 1.0, "level must be"),
        (1e10, (1e9, 2e10), 80, "level must be"),
    ],
)
def test_hostile_submissions_are_refused_and_leave_the_laboratory_open(N, interval, level, named):
    """What is refused is not submitted: the right one can follow, and then nothing more."""
    lab = Laboratory(1, BUDGET)
    with pytest.raises(ValueError, match=named):
        lab.submit(N, interval=interval, level=level)
    assert lab.submission is None
    lab.submit(1e10, interval=(5e9, 2e10))
    with pytest.raises(ValueError, match="takes no second submission"):
        lab.submit(1e10, interval=(5e9, 2e10))
    with pytest.raises(ValueError, match="buys nothing more"):
        lab.buy(1e8, 1e9)


def test_the_interval_score_is_lowest_for_the_true_quantiles():
    """For a normal truth, the mean score of Gneiting and Raftery is lowest at the true 10th and 90th percentiles."""
    truth = np.random.default_rng(0).standard_normal(200_000)
    reaches = np.linspace(0.8, 2.0, 13)
    means = [np.mean(interval_score(-reach, reach, truth)) for reach in reaches]
    assert reaches[np.argmin(means)] == pytest.approx(1.28, abs=0.1)
    with pytest.raises(ValueError, match="low must be at most high"):
        interval_score(2.0, 1.0, 0.0)


def test_an_interval_without_an_end_scores_infinity():
    """Where low or high is infinite the score is, on either side of the truth; an end that is no number is refused."""
    assert interval_score([-np.inf, 0.0, -np.inf], [1.0, np.inf, np.inf], [2.0, 3.0, 4.0]).tolist() == [np.inf] * 3
    with pytest.raises(ValueError, match="high must be a number; row 1 holds nan"):
        interval_score([0.0, 0.0], [1.0, np.nan], 0.5)


def test_a_set_is_eight_independent_worlds_and_a_score_their_mean():
    """Worlds of a set differ, come again for its seed, and the score is the mean over them."""
    labs = laboratories(3, BUDGET)
    assert [lab.world for lab in labs] == [*WORLDS, *WORLDS[:3]]
    assert len({draw.buy(1e8, 1e9) for draw in labs}) == 8
    assert laboratories(3, BUDGET)[1].buy(1e8, 1e9) == labs[1].ledger.loss[0]
    each = [lab.submit(1e10, interval=(5e9, 2e10)) for lab in labs]
    found = score(each)
    assert found.wasted == pytest.approx(np.mean([one.wasted for one in each]))
    assert found.held == sum(one.held for one in each) and found.count == 8
    with pytest.raises(ValueError, match="submissions is empty"):
        score([])


def test_a_class_draws_seeds_under_its_secret():
    """Seeds differ by student, assignment and secret, are no function of the token, and need a long secret."""
    from scalinglib.classroom import laboratory_seed, token

    secret = "a secret of the year 2026"
    seeds = {laboratory_seed(*given) for given in ((secret, "capstone", "a"), (secret, "capstone", "b"))}
    seeds.add(laboratory_seed(secret, "other", "a"))
    seeds.add(laboratory_seed(secret + "!", "capstone", "a"))
    assert len(seeds) == 4 and min(seeds) > 2**128
    assert token(secret, "capstone", "a") not in map(str, seeds)
    with pytest.raises(ValueError, match="secret must be 20"):
        laboratory_seed("short", "capstone", "a")
