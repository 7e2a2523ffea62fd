"""The course's measured tables, checked without training anything: cells, counts, seeds, and what must hold."""

import numpy as np
import pytest

import scalinglib as sl

LANGUAGE = (
    "learning-rates", "language-model", "known-entropy", "repeated-data", "schedules", "schedules-again",
    "learning-rates-by-cell",
)  # fmt: skip
OWN = (*LANGUAGE, "language-model-prediction", "column-addition", "sparse-parity", "many-parities")
UNIQUE = 26_957_632  # training characters of the corpus in whole windows of 64
WIDTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128)
BUDGETS = [1.25e10 * 2**k for k in range(7)]


@pytest.fixture(scope="module")
def tables():
    """All of the course's own tables by name."""
    return {name: sl.runs.load(name) for name in OWN}


@pytest.fixture(scope="module")
def fit(tables):
    """The law fitted to the rows that are for fitting."""
    known = tables["language-model"].query("role == 'fit'")
    return sl.fit_chinchilla(known["N"], known["D"], known["loss"])


def test_every_promised_table_is_there(tables):
    """Each study has its table and a card that says what was asked, what was tuned and what is wrong."""
    assert set(OWN) <= set(sl.runs.names())
    for name in OWN:
        card = sl.runs.card(name)
        assert card.known_mistakes and "study/" in card.source and len(card.preprocessing) > 100
        assert tables[name]["loss"].between(0, 5).all()  # what is learned by heart goes beyond ln 27


@pytest.mark.parametrize("name", LANGUAGE)
def test_counts_follow_from_the_shape(tables, name):
    """N, 6ND and exact FLOP are those of two layers of the row's width, counted here by hand."""
    table, V = tables[name], 27
    d = table["width"].to_numpy().astype(float)
    layers = 2 * (4 * d * d + 2 * d * 4 * d)
    assert np.array_equal(table["N"], layers)
    assert np.array_equal(table["N_total"], layers + 2 * V * d)
    assert np.array_equal(table["C"], 6 * table["N"] * table["D"])
    # Forward, two FLOP a multiply-add: every matrix, then scores and weighted values over 64 places; times 3.
    forward = 2 * layers + 2 * V * d + 2 * (2 * 64 * d + 2 * 64 * d)
    assert np.array_equal(table["flop"], 3 * forward * table["D"])
    assert np.array_equal(table["D"], 512 * table["steps"])


@pytest.mark.parametrize("name", LANGUAGE)
def test_no_token_is_seen_twice_but_where_that_is_the_question(tables, name):
    """D is U everywhere except in the study of repetition, where U times the epochs is D; none exceeds the corpus."""
    table = tables[name]
    if name == "repeated-data":
        assert np.array_equal(table["U"] * table["epochs"], table["D"])
    else:
        assert np.array_equal(table["U"], table["D"])
    assert (table["U"] <= UNIQUE).all()
    assert set(table["source"]) == {"markov" if name == "known-entropy" else "gcide"}


def test_the_grid_has_every_cell(tables):
    """Nine widths by seven budgets, without the cells whose D would exceed the corpus;
    three seeds, one at the largest budget.
    """
    table = tables["language-model"]
    promised = {
        (budget, d) for budget in BUDGETS for d in WIDTHS if round(budget / (6 * 24 * d * d) / 512) * 512 <= UNIQUE
    }
    seeds = table.groupby(["budget", "width"])["seed"].nunique()
    assert set(seeds.index) == promised and len(promised) == 60
    assert all(count == (1 if budget == BUDGETS[-1] else 3) for (budget, _), count in seeds.items())
    assert abs(table["C"] / table["budget"] - 1).max() < 0.05
    assert not table["seed"].duplicated().any()
    late = table["budget"] >= BUDGETS[-2]
    assert set(table[late]["role"]) == {"held-out"} and "held-out" not in set(table[~late]["role"])
    assert np.array_equal(table["role"] == "short", table["steps"] < 128)


def test_losses_fall_with_data_and_seeds_agree(tables):
    """At each width the mean loss falls with every doubling of D, beyond twice the error of the seeds."""
    table = tables["language-model"]
    spread = table.groupby(["budget", "width"])["loss"].std().dropna()
    assert 0.0005 < np.sqrt((spread**2).mean()) < 0.02  # nats
    means = table.groupby(["width", "D"])["loss"].mean()
    for _, some in means.groupby("width"):
        assert (np.diff(some) < 0.004).all()


def test_the_bowls_turn_up_on_both_sides(tables):
    """At each fitted budget the lowest width is neither the smallest nor the largest, and moves up with the budget."""
    known = tables["language-model"].query("role == 'fit'")
    best = []
    for _, some in known.groupby("budget"):
        cells = some.groupby("N")["loss"].mean()
        assert cells.index.min() < cells.idxmin() < cells.index.max()
        best.append(cells.idxmin())
    assert best == sorted(best) and best[-1] > best[0]


def test_learning_rates_were_tuned(tables):
    """Each width's sweep has its lowest loss inside, and its runs use a rate within a factor of 1.6 of it."""
    sweep, runs = tables["learning-rates"], tables["language-model"]
    for width in WIDTHS:
        some = sweep[sweep["width"] == width]
        main = some[some["D"] == (2**19 if width <= 32 else 2**18)].sort_values("learning_rate")
        lowest = int(main["loss"].to_numpy().argmin())
        assert 0 < lowest < len(main) - 1 and len(main) == 7
        (used,) = runs[runs["width"] == width]["learning_rate"].unique()
        assert 1 / 1.6 < used / main["learning_rate"].iloc[lowest] < 1.6


def test_the_prediction_used_no_held_out_run(tables, fit):
    """The committed prediction is what the rows with role fit alone give:
    the law, and its 80% interval for a new run.
    """
    known, told = tables["language-model"].query("role == 'fit'"), tables["language-model-prediction"]
    assert np.allclose(told["loss"], fit.law(told["N"], told["D"]), atol=2e-5)
    groups = [f"{n:.0f}-{d:.0f}" for n, d in zip(known["N"], known["D"], strict=True)]
    draws = fit.bootstrap(seed=2026, groups=groups)
    # One cell at a time, as it was made: the scatter of a run is drawn anew at each call.
    bands = [draws.predict(N, D, level=0.8, new_run=True) for N, D in zip(told["N"], told["D"], strict=True)]
    assert np.allclose(told["low_80"], [band.low for band in bands], atol=2e-5)
    assert np.allclose(told["high_80"], [band.high for band in bands], atol=2e-5)
    held = tables["language-model"].query("role == 'held-out'")
    assert set(zip(told["budget"], told["width"], strict=True)) == set(zip(held["budget"], held["width"], strict=True))
    assert ((told["low_95"] < told["low_80"]) & (told["high_80"] < told["high_95"])).all()


def test_no_model_beats_the_known_entropy(tables):
    """Losses on the chain stay above its entropy rate, and so above what windows allow
    but for the noise of 262,144 symbols.
    """
    table = tables["known-entropy"]
    (rate,), (reachable,) = table["entropy_rate"].unique(), table["reachable"].unique()
    assert rate < reachable < rate + 0.01
    assert (table["loss"] > reachable - 3 * 1.0 / np.sqrt(262_144)).all()
    assert table.groupby(["width", "D"])["seed"].nunique().eq(3).all()


def test_repetition_costs_more_the_more_often(tables):
    """At each size and length, 32 epochs are worse than 4,
    and one pass is no worse than 4 beyond seed noise; three seeds each.
    """
    table = tables["repeated-data"]
    seeds = table.groupby(["width", "D", "epochs"])["seed"].nunique()
    assert seeds.eq(3).all() and len(seeds) == 3 * 3 * 6
    means = table.groupby(["width", "D", "epochs"])["loss"].mean().unstack()
    assert (means[32] > means[4]).all() and (means[1] < means[4] + 0.006).all()


def test_schedules_vary_one_thing(tables):
    """Every variant has the same sizes and lengths; the long run's readings share their seed,
    the others do not decay elsewhere.
    """
    table = tables["schedules"]
    cells = {name: set(zip(some["N"], some["D"], strict=True)) for name, some in table.groupby("variant")}
    assert set(cells) == {"tuned", "one-rate", "long-warmup", "one-long-run"}
    assert len(set(map(frozenset, cells.values()))) == 1 and len(cells["tuned"]) == 25
    tuned, long = table.query("variant == 'tuned'"), table.query("variant == 'one-long-run'")
    assert (tuned["horizon"] == tuned["D"]).all() and (long["horizon"] == 2**20).all()
    assert table.query("variant == 'one-rate'")["learning_rate"].nunique() == 1


def test_the_schedules_run_again_have_no_sign_built_in(tables):
    """Three seeds in the same 25 cells for every variant; the warm-up ends before the shortest run does, the one rate
    comes from both ends and the middle, and no reading of the long run is below half of its peak rate.
    """
    table = tables["schedules-again"]
    cells = {name: some.groupby(["width", "D"])["seed"].nunique() for name, some in table.groupby("variant")}
    assert set(cells) == {"tuned", "long-warmup", "rate-of-8", "rate-of-16", "rate-of-32", "one-long-run"}
    assert all(len(count) == 25 and count.eq(3).all() for count in cells.values())
    tuned, rates = table.query("variant == 'tuned'"), table.groupby(["variant", "width"])["learning_rate"].unique()
    assert (tuned["horizon"] == tuned["D"]).all() and (tuned["warmup"] == -1).all()
    assert (table.query("variant == 'long-warmup'")["warmup"] == table["D"].min() // 2).all()
    long = table.query("variant == 'one-long-run'")
    assert (long["horizon"] == 2 * table["D"].max()).all() and (long["rate_now"] >= 0.49 * long["learning_rate"]).all()
    for width in (8, 16, 32):
        (own,) = rates["tuned", width]
        assert all(set(rates[f"rate-of-{width}", other]) == {own} for other in (8, 12, 16, 24, 32))
        same = table[(table["width"] == width) & table["variant"].isin(["tuned", f"rate-of-{width}"])]
        assert same.groupby(["D", "seed"])["loss"].nunique().eq(1).all()
    assert not tuned["seed"].duplicated().any() and not set(long["seed"]) & set(tuned["seed"])


def test_rates_by_cell_are_runs_of_the_grid_at_other_rates(tables):
    """Each row is a run of the grid, same cell and seed, at half to twice its rate."""
    table, keys = tables["learning-rates-by-cell"], ["N", "D", "seed"]
    pairs = table.merge(tables["language-model"].query("role == 'fit'"), on=keys, suffixes=("", "_grid"))
    assert len(pairs) == len(table) and not table.duplicated([*keys, "factor"]).any()
    assert table.groupby(["N", "D"])["factor"].unique().map(sorted).map(tuple).nunique() == 1
    assert np.allclose(pairs["learning_rate"], pairs["factor"] * pairs["learning_rate_grid"], rtol=0.01)
    assert abs(pairs["loss"] / pairs["loss_grid"] - 1).max() < 0.05


def test_addition_is_judged_on_enough_items(tables):
    """20,000 items at least; shares fall with the number of digits;
    the loss falls over training while exact match waits.
    """
    table = tables["column-addition"]
    assert (table["test_items"] >= 20_000).all()
    exact = table[[f"exact_{k}" for k in range(1, 11)]].to_numpy()
    assert (np.diff(exact, axis=1) <= 0).all() and (exact >= 0).all() and (exact <= 1).all()
    assert table["width"].nunique() >= 6 and table.groupby("width")["seed"].nunique().min() >= 3
    wide = table[table["width"] == 16].groupby("step")[["loss", "exact_10"]].mean()
    early = wide[wide["exact_10"] < 0.05]
    assert early["loss"].iloc[0] - early["loss"].iloc[-1] > 0.5 * (wide["loss"].iloc[0] - wide["loss"].iloc[-1])


def test_a_single_parity_is_a_threshold_in_the_loss(tables):
    """Each seed of (40, 3) waits within 5% of ln 2 for 100 steps or more and then falls below a tenth of it."""
    table = tables["sparse-parity"].query("n == 40 and k == 3 and hidden == 256")
    assert table["seed"].nunique() >= 5
    for _, run in table.groupby("seed"):
        loss = run.set_index("step")["loss"]
        assert abs(loss[loss.index <= 100] / np.log(2) - 1).max() < 0.05
        assert loss.iloc[-1] < 0.1 * np.log(2)


def test_many_parities_add_up(tables):
    """The loss is the mean of the tasks' losses in the shares of a power law,
    and falls smoothly as single tasks drop.
    """
    table = tables["many-parities"]
    tasks = table[[f"task_{k:02d}" for k in range(32)]].to_numpy()
    share = np.arange(1.0, 33.0) ** -(1 + table["alpha"].iloc[0])
    assert np.allclose(tasks @ (share / share.sum()), table["loss"], atol=2e-4)
    ends = table[table["step"] == table["step"].max()]
    assert (ends["loss"] < 0.2 * np.log(2)).all() and (ends["task_00"] < 0.01).all()
