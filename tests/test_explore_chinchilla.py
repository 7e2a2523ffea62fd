"""Tests of the live figures of the Chinchilla part: their numbers, their sentences, and what no setting may change."""

import inspect

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import explore, plots
from scalinglib.allocation import best_by_count, parabola_bias
from scalinglib.explore.figures import budget_bowl, three_approaches, total_cost
from scalinglib.explore.figures.late_decay import BATCH, KEPT, PEAKS, SHOWN, START, STEEPNESS, STEPS, along, rate_at
from scalinglib.plots.chinchilla import SEEN

REFIT = sl.published["besiroglu2024"]
FIGURES = [
    explore.budget_bowl,
    explore.three_approaches,
    explore.kaplan_by_counting,
    explore.total_cost,
    explore.gophers_bet,
]
NAMES = [function.__name__ for function in FIGURES]


def gopher_by_hand():
    """Best size of Gopher's budget and the share of it that bought nothing, with scipy and the printed constants."""
    from scipy.optimize import brentq

    E, A, B, alpha, beta = 1.8172, 482.01, 2085.43, 0.3478, 0.3658
    budget = 6 * 280e9 * 300e9

    def best(C):
        N = (alpha * A / beta / B) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta))
        return N, E + A / N**alpha + B / (C / 6 / N) ** beta

    loss = E + A / 280e9**alpha + B / 300e9**beta
    needed = np.exp(brentq(lambda log_C: best(np.exp(log_C))[1] - loss, np.log(1e22), np.log(budget)))
    return best(budget)[0], 1 - needed / budget


BETS = gopher_by_hand()

# (function, setting, numbers): the tables of the figures' specification.
TABLE = [
    (
        "budget_bowl",
        dict(compute=5.76e23, tokens_per_parameter=1.7, law="besiroglu2024"),
        dict(best_N=7.22487e10, best_ratio=18.3912, best_loss=1.97444, factor=1.63996),
    ),
    (
        "budget_bowl",
        dict(compute=5.76e23, tokens_per_parameter=20, law="besiroglu2024"),
        dict(best_N=7.22487e10, best_ratio=18.3912, best_loss=1.97444, factor=1.00063),
    ),
    (
        "budget_bowl",
        dict(compute=5.76e23, tokens_per_parameter=20, law="hoffmann2022"),
        dict(best_N=4.03609e10, best_ratio=58.9317, best_loss=1.91841, factor=1.09396),
    ),
    (
        "budget_bowl",
        dict(compute=5.76e23, tokens_per_parameter=20, law="hoffmann2022-rounded"),
        dict(best_N=3.21899e10, best_ratio=92.6474, best_loss=1.93075, factor=1.19456),
    ),
    (
        "three_approaches",
        dict(width=8, centre=1, truth="unequal"),
        dict(error=-0.138134, error_N=0.160273, exponent=0.754098),
    ),
    (
        "three_approaches",
        dict(width=16, centre=1, truth="unequal"),
        dict(error=-0.229658, error_N=0.298124, exponent=0.754098),
    ),
    (
        "three_approaches",
        dict(width=8, centre=1, truth="besiroglu2024"),
        dict(error=0.00881414, error_N=-0.00873713, exponent=0.487388),
    ),
    (
        "three_approaches",
        dict(width=8, centre=3, truth="besiroglu2024"),
        dict(error=-0.0357669, error_N=0.0370936, exponent=0.487388),
    ),
    ("kaplan_by_counting", dict(smallest=768, largest=1.5e9, embeddings=False), dict(slope=0.790460)),
    ("kaplan_by_counting", dict(smallest=768, largest=1.5e9, embeddings=True), dict(slope=0.512612)),
    ("kaplan_by_counting", dict(smallest=1e6, largest=1.5e9, embeddings=False), dict(slope=0.687517)),
    ("kaplan_by_counting", dict(smallest=1e9, largest=1e13, embeddings=False), dict(slope=0.515153)),
    (
        "total_cost",
        dict(quality=7e10, served=1e13, price=1, law="besiroglu2024"),
        dict(best_N=3.27651e10, best_D=3.66797e12, saved=0.291085),
    ),
    (
        "total_cost",
        dict(quality=7e10, served=1e12, price=1, law="besiroglu2024"),
        dict(best_N=5.49606e10, best_D=1.68023e12, saved=0.0257417),
    ),
    (
        "total_cost",
        dict(quality=1.3e10, served=2e12, price=1, law="besiroglu2024"),
        dict(best_N=6.09791e9, best_D=7.37034e11, saved=0.289568),
    ),
    # The best split by the closed form of the constants as printed, the share by a search for the same loss.
    ("gophers_bet", dict(N=2.8e11, law="besiroglu2024"), dict(best_N=BETS[0], wasted=BETS[1], ratio=15 / 14)),
]

SENTENCES = {
    "budget_bowl": (
        "At 5.76 × 10^23 FLOP and 1.7 tokens per parameter the run costs 1.64 times the compute of the best run with "
        "its loss. Best at this budget: 72 billion parameters, 18.4 tokens each. The budget is 44 times that of the "
        "largest run behind the law."
    ),
    "three_approaches": (
        "Without any noise the parabola misses the tokens at 10^24 FLOP by −13.8%. Its exponent is exact: 0.754."
    ),
    "kaplan_by_counting": "Without embeddings, between 768 and 1.50 billion parameters, the line finds 0.790. "
    "Kaplan printed 0.73; the law behind these sizes has 0.513.",
    "total_cost": (
        "Serving 10 trillion tokens, 33 billion parameters on 3.7 trillion tokens do the work of 70 billion and save "
        "29% of the cost. That is about 110 training tokens per parameter; the runs behind the law had at most 341."
    ),
    "gophers_bet": (
        "At 280 billion parameters each of them sees 1.1 tokens, where the best split has about 18: 50% of the compute "
        "buys nothing. Best by these constants: 67 billion parameters on 1.2 trillion tokens."
    ),
}


def some_settings(function, count=12, seed=1):
    """Random positions of the controls, and every corner of them."""
    controls = function.live.controls
    generator = np.random.default_rng(seed)
    inside = [[int(generator.integers(control.last + 1)) for control in controls.values()] for _ in range(count)]
    corners = np.stack(np.meshgrid(*[[0, control.last] for control in controls.values()]), -1).reshape(
        -1, len(controls)
    )
    return [
        {name: control.at(step) for (name, control), step in zip(controls.items(), position, strict=True)}
        for position in (*inside, *corners.tolist())
    ]


def layers(picture):
    return {
        (group, name): layer
        for group in ("regions", "bands", "bars", "curves", "points", "marks")
        for name, layer in picture.get(group, {}).items()
    }


@pytest.mark.parametrize(("name", "setting", "expected"), TABLE)
def test_numbers_of_the_tables(name, setting, expected):
    """Every row of the specification's tables comes out, to the digits it prints."""
    numbers = getattr(explore, name)(**setting)["numbers"]
    for key, value in expected.items():
        # A loss given to six digits, a share to six decimals: half a unit of the last digit is above 1e-5 of small
        # ones.
        assert numbers[key]["value"] == pytest.approx(value, rel=1e-5, abs=6e-7), key


def test_extra_loss_at_the_default_budget():
    """The loss above the best one is .0144975, .0000175806, .00315095 and .00666220 nats in the table's four rows."""
    rows = [
        ("besiroglu2024", 1.7, 0.0144975),
        ("besiroglu2024", 20, 1.75806e-5),
        ("hoffmann2022", 20, 0.00315095),
        ("hoffmann2022-rounded", 20, 0.00666220),
    ]
    for law, ratio, extra in rows:
        numbers = explore.budget_bowl(tokens_per_parameter=ratio, law=law)["numbers"]
        assert numbers["loss"]["value"] - numbers["best_loss"]["value"] == pytest.approx(extra, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_sentence_at_the_default(name):
    """The sentence at the default setting says the specification's number, and `value` is that number."""
    function = getattr(explore, name)
    picture = function()
    assert picture["say"] == SENTENCES[name]
    main = {
        "budget_bowl": "factor",
        "three_approaches": "error",
        "kaplan_by_counting": "slope",
        "total_cost": "saved",
        "gophers_bet": "wasted",
    }[name]
    assert picture["value"] == picture["numbers"][main]["value"]
    assert "*{" + main + "}*" in picture["say"].template
    defaults = {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}
    assert defaults == function.live.defaults


@pytest.mark.parametrize("function", FIGURES, ids=NAMES)
def test_axes_and_layers_stay(function):
    """At random and at extreme settings the axes are the default's, and every layer is there with its length."""
    first = function()
    for setting in some_settings(function):
        picture = function(**setting)
        assert picture["axes"] == first["axes"]
        assert layers(picture).keys() == layers(first).keys()
        for key, layer in layers(picture).items():
            for side in ("x", "y"):
                assert np.shape(layer[side]) == np.shape(layers(first)[key][side]), (key, side)
        assert picture["numbers"].keys() == first["numbers"].keys()
        assert all(np.isfinite(entry["value"]) for entry in picture["numbers"].values()), setting


@pytest.mark.parametrize("ratio", [0.1, 1.7, 340, 1e4])
@pytest.mark.parametrize("law", list(budget_bowl.SETS))
def test_the_hollow_diamond_has_the_loss_of_the_run(law, ratio):
    """The best-split run for the same loss has that loss by the law, and costs the run's compute over the factor."""
    picture = explore.budget_bowl(tokens_per_parameter=ratio, law=law)
    (N,), (above,) = picture["points"]["same"]["x"], picture["points"]["same"]["y"]
    needed = picture["numbers"]["needed"]["value"]
    # The axis shows what is above the floor.
    assert float(sl.published[law](N, needed / 6 / N)) == pytest.approx(above + sl.published[law].E, rel=1e-12)
    assert picture["numbers"]["loss"]["value"] == pytest.approx(above + sl.published[law].E, rel=1e-12)
    assert needed * picture["value"] == pytest.approx(5.76e23, rel=1e-12)


def test_a_factor_of_ten_in_the_ratio_costs_a_factor_1_6():
    """A tenth of the best ratio costs 1.589 times the compute, ten times the best 1.580; the best itself costs 1."""
    best = float(REFIT.optimum(5.76e23).tokens_per_parameter)
    found = [explore.budget_bowl(tokens_per_parameter=best * off)["value"] for off in (0.1, 1, 10)]
    assert [round(value, 3) for value in found] == [1.589, 1.0, 1.58]


def test_the_thick_part_of_the_bowl_is_where_runs_were_measured():
    """The solid part spans the tokens per parameter of the 240 runs, and the thin parts take up where it ends."""
    assert budget_bowl.SEEN_RATIOS == plots.chinchilla.SEEN["D/N"] == SEEN["D/N"]
    assert budget_bowl.LARGEST_RUN == SEEN["C"][1] and total_cost.MOST_SEEN == SEEN["D/N"][1]
    curves = explore.budget_bowl(compute=1e20)["curves"]
    N = curves["bowl"]["x"]
    assert 1e20 / 6 / N[[-1, 0]] ** 2 == pytest.approx(SEEN["D/N"])
    assert curves["many_tokens"]["x"][-1] == pytest.approx(N[0]) and curves["few_tokens"]["x"][0] == pytest.approx(
        N[-1]
    )


@pytest.mark.parametrize("truth", list(three_approaches.TRUTHS))
@pytest.mark.parametrize(("width", "centre"), [(2, 1), (8, 1), (8, 3), (32, 0.5)])
def test_the_parabola_is_that_of_fit_isoflop(truth, width, centre):
    """The drawn error is what fit_isoflop makes of noise-free runs at five budgets,
    and its exponent is the true one.
    """
    law = three_approaches.TRUTHS[truth]
    C, shift = (
        grid.ravel() for grid in np.meshgrid(np.geomspace(1e17, 1e21, 5), centre * np.geomspace(1 / width, width, 16))
    )
    N = law.optimum(C).N * shift
    fit = sl.fit_isoflop(C, N, sl.isoflop_curve(law, C, N=N))
    numbers = explore.three_approaches(width=width, centre=centre, truth=truth)["numbers"]
    assert fit.law_D(1e24) / law.optimum(1e24).D - 1 == pytest.approx(numbers["error"]["value"], abs=1e-9)
    assert fit.law_N(1e24) / law.optimum(1e24).N - 1 == pytest.approx(numbers["error_N"]["value"], abs=1e-9)
    assert fit.allocation_exponents[1] == pytest.approx(numbers["exponent"]["value"], abs=1e-10)


def test_the_third_approach_is_exact():
    """Approach 3 recovers the truth from the same runs, so that its mark stands at 0."""
    law = three_approaches.TRUTHS["unequal"]
    C, shift = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e17, 1e21, 5), np.geomspace(1 / 8, 8, 16)))
    N = law.optimum(C).N * shift
    fit = sl.fit_chinchilla(N, C / 6 / N, sl.isoflop_curve(law, C, N=N))
    assert fit.law.optimum(1e24).D == pytest.approx(law.optimum(1e24).D, rel=1e-4)


def test_errors_of_the_parabola_by_width_and_by_number_of_sizes():
    """Published series for sizes within 2, 4, 8 and 16 of the best; seven sizes err more and 31 less than sixteen."""

    def percent(law, width, sizes=16):
        return round(100 * parabola_bias(law, width=width, sizes=sizes).D_error, 2)

    uneven = three_approaches.TRUTHS["unequal"]
    assert [percent(uneven, width) for width in (2, 4, 8, 16)] == [-1.66, -6.45, -13.81, -22.97]
    assert [percent(REFIT, width) for width in (2, 4, 8, 16)] == [0.10, 0.39, 0.88, 1.57]
    assert [round(percent(uneven, 8, sizes), 1) for sizes in (7, 31)] == [-15.7, -13.1]


def test_the_parabola_error_knows_no_floor_and_no_coefficient():
    """E, A and B change nothing; equal exponents and a grid around the best size give no error at all."""
    one, other = (sl.ChinchillaLaw(E=E, A=A, B=B, alpha=0.46, beta=0.15) for E, A, B in ((0, 1, 1e4), (2, 900, 3)))
    assert parabola_bias(one, width=5, centre=2).vertex == parabola_bias(other, width=5, centre=2).vertex
    assert explore.three_approaches(width=32, truth="equal")["value"] == pytest.approx(0, abs=1e-12)


def test_a_vertex_outside_the_grid_says_so():
    """A grid that does not hold the best size is an extrapolation, which fit_isoflop leaves out."""
    outside = parabola_bias(REFIT, width=1.5, centre=4)
    assert not outside.inside and "extrapolation" in outside.report()
    assert parabola_bias(REFIT, width=8, centre=4).inside


@pytest.mark.parametrize(
    "options",
    [dict(width=1), dict(width=0.5), dict(width=8, centre=0), dict(width=8, sizes=2), dict(width=8, sizes=4.5)],
)
def test_parabola_bias_refuses(options):
    """A grid of no width, a centre at zero and fewer than three sizes are refused by name."""
    with pytest.raises(ValueError, match=list(options)[-1]):
        parabola_bias(REFIT, **options)


def test_local_exponent_of_sizes_without_embeddings():
    """It is .762 at 768 parameters, climbs to .981 near 1.93 million and falls to .530 at 1.5 billion."""
    sizes = [768, 1e4, 1e5, 1e6, 1.93e6, 1e7, 1e8, 1.5e9]
    found = best_by_count(REFIT, sizes).exponent.round(3).tolist()
    assert found == [0.762, 0.776, 0.830, 0.963, 0.981, 0.853, 0.613, 0.530]
    fine = best_by_count(REFIT, np.geomspace(1e5, 1e8, 2001))
    assert fine.N[fine.exponent.argmax()] == pytest.approx(1.93e6, rel=0.01)
    assert best_by_count(REFIT, [1e-6]).exponent[0] == pytest.approx(
        REFIT.beta / (REFIT.alpha / 3 + REFIT.beta), abs=1e-3
    )


def test_best_by_count_is_the_lowest_loss_of_its_compute():
    """No other size with the same counted compute has a lower loss, tried directly."""
    path = best_by_count(REFIT, np.geomspace(768, 1.5e9, 7))
    for N, C, loss in zip(path.N, path.C, path.loss, strict=True):
        others = N * np.geomspace(0.5, 2, 401)
        tried = REFIT(others + 47491 * np.cbrt(others), C / 6 / others)
        assert tried.argmin() == 200 and tried.min() == pytest.approx(loss, rel=1e-12)


def test_best_by_count_with_embeddings_is_the_laws_optimum():
    """Counting everything gives the law's own optimum, and the local exponent is the slope of the path itself."""
    path = best_by_count(REFIT, np.geomspace(1e3, 1e12, 5), embeddings=True)
    assert path.N == pytest.approx(REFIT.optimum(path.C).N) and path.loss == pytest.approx(REFIT.frontier(path.C))
    N = np.array([3e6 * 0.999, 3e6, 3e6 * 1.001])
    near = best_by_count(REFIT, N)
    assert near.slope == pytest.approx(near.exponent[1], abs=1e-4)
    assert near.report().endswith(f"one line through 3 sizes: N ~ C^{near.exponent[1]:.3f}")


def test_best_by_count_refuses():
    """Sizes that are not above zero, a negative k and a law without a frontier are refused by name."""
    for bad in ({"N": [1e6, -1]}, {"N": 1e6, "k": -1}):
        with pytest.raises(ValueError, match=list(bad)[-1]):
            best_by_count(REFIT, **bad)
    with pytest.raises(ValueError, match="law"):
        best_by_count(sl.published["kaplan2020"], 1e6)


def test_the_largest_model_is_kept_ten_times_the_smallest():
    """A largest model below ten times the smallest counts as ten times the smallest, in the sentence too."""
    picture = explore.kaplan_by_counting(smallest=1e9, largest=1e6)
    assert picture["value"] == explore.kaplan_by_counting(smallest=1e9, largest=1e10)["value"]
    assert "between 1.00 billion and 10.0 billion" in picture["say"]


def test_the_drawn_minimum_is_the_lowest_point_of_the_drawn_total():
    """No size on the curve costs less than the diamond, and the compute-optimal size costs 1 by definition."""
    for setting in some_settings(explore.total_cost, count=20):
        picture = explore.total_cost(**setting)
        (low,) = picture["points"]["best"]["y"]
        assert low <= picture["curves"]["total"]["y"].min() * (1 + 1e-9)
        assert 1 - low == pytest.approx(picture["value"], abs=1e-9)
        assert 0 <= picture["value"] < 1


def test_price_and_tokens_served_act_together():
    """Ten times the price is ten times the tokens served, in every number but those two."""
    dear, many = explore.total_cost(price=10), explore.total_cost(served=1e14)
    for name in ("saved", "best_N", "best_D", "ratio", "trained"):
        assert dear["numbers"][name]["value"] == pytest.approx(many["numbers"][name]["value"], rel=1e-7), name


def test_every_token_served_makes_the_best_model_smaller():
    """The best size falls, its tokens and the saving rise, with the tokens served."""
    found = [explore.total_cost(served=served)["numbers"] for served in np.logspace(10, 15, 11)]
    N, D, saved = (np.array([numbers[name]["value"] for numbers in found]) for name in ("best_N", "best_D", "saved"))
    assert (np.diff(N) < 0).all() and (np.diff(D) > 0).all() and (np.diff(saved) > 0).all()
    chinchillas = explore.total_cost(
        quality=float(REFIT.optimum(REFIT.compute_for(REFIT(70e9, 1.4e12))).N), served=1e15
    )
    assert chinchillas["numbers"]["ratio"]["value"] == pytest.approx(3703, abs=0.5)


def test_the_hatched_stretch_ends_at_341_tokens_per_parameter():
    """At the end of the hatched region the loss takes 341 tokens per parameter, at its start endless data."""
    for quality in (1e9, 7e10, 1e12):
        low, high = explore.total_cost(quality=quality)["regions"]["unseen"]["x"]
        loss = REFIT.frontier(REFIT.compute_for_size(quality))
        assert REFIT.tokens_for(high, loss) / high == pytest.approx(341, rel=1e-9)
        assert REFIT.E + REFIT.A / low**REFIT.alpha == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("budget_bowl", {"law": "chinchilla"}),
        ("three_approaches", {"truth": "besiroglu"}),
        ("total_cost", {"law": "kaplan2020"}),
    ],
)
def test_an_unknown_choice_is_refused_by_name(name, setting):
    """A choice that is not on the list is refused, and the message names the argument and the list."""
    with pytest.raises(ValueError, match=f"{next(iter(setting))} must be one of"):
        getattr(explore, name)(**setting)


def test_one_rate_reads_its_table():
    """What each size pays at a common rate is the table's loss over its own lowest one, where that rate was tried, and
    the middle model pays nothing at its own best.
    """
    table = sl.runs.load("learning-rates").query("2e5 < D < 6e5").groupby(["N", "learning_rate"])["loss"].mean()
    best = float(table[24576.0].idxmin())
    picture = explore.one_rate(rate=best)
    assert picture["numbers"]["middle"]["value"] == 0.0
    for size, more in zip((1536.0, 393216.0), ("smallest", "largest"), strict=True):
        rates = table[size].index.to_numpy()
        expected = np.interp(np.log(best), np.log(rates), 100 * (table[size] / table[size].min() - 1))
        assert picture["numbers"][more]["value"] == pytest.approx(expected, rel=1e-12)
    assert picture["numbers"]["apart"]["value"] == pytest.approx(table[1536.0].idxmin() / table[393216.0].idxmin())
    assert picture["value"] > 2


@pytest.mark.parametrize(("model", "times"), [("Gopher", 2.01), ("Chinchilla", 1.00), ("Llama 3 8B", 5.51)])
def test_who_overtrained_numbers(model, times):
    """The compute over that of the frontier at the loss of the refit, and the frontier's point has that loss."""
    picture = explore.who_overtrained(model=model)
    assert picture["value"] == pytest.approx(times, abs=0.005)
    same = picture["points"]["same"]
    row = sl.published.table("language-models").set_index("model").loc[model]
    assert REFIT(same["x"], same["y"]) == pytest.approx(REFIT(row.N, row.D), rel=1e-9)


def test_the_risk_of_a_schedule_is_what_drawn_runs_have():
    """The risk along the run is the mean of runs whose inputs, answers and steps are drawn: over the last quarter at a
    constant rate, and at the end after a decay.
    """
    rng, kept, peak, runs = np.random.default_rng(4), (1.0, 0.8), PEAKS[7], 8
    weights = np.broadcast_to(np.sqrt(START), (2, runs, len(START))).copy()
    spread = np.sqrt(STEEPNESS).astype(np.float32)
    late = []
    for step in range(STEPS):
        x = rng.standard_normal((runs, BATCH, len(START)), dtype=np.float32) * spread
        noise = rng.standard_normal((runs, BATCH))
        for place, share in enumerate(kept):
            off = np.einsum("rbi,ri->rb", x, weights[place]) + noise
            gradient = np.einsum("rbi,rb->ri", x, off) / BATCH
            weights[place] -= peak * rate_at((step + 0.5) / STEPS, share) * gradient
        if step >= 0.75 * STEPS:
            late.append((weights[0] ** 2 @ STEEPNESS).mean())
    risk, _ = along(peak)
    assert np.mean(late) == pytest.approx(risk[SHOWN >= 0.75, KEPT.index(1.0)].mean(), rel=0.1)
    drawn = weights[1] ** 2 @ STEEPNESS
    assert abs(drawn.mean() - risk[-1, KEPT.index(0.8)]) < 4 * drawn.std(ddof=1) / np.sqrt(runs)


def test_a_constant_rate_ends_with_shaking_and_a_decay_takes_it_away():
    """With the default peak nearly all of the risk at a constant rate is shaking; what is still to learn is no less
    after a decay, and the risk is.
    """
    constant, decayed = (explore.late_decay(kept=kept)["numbers"] for kept in (1.0, 0.8))
    assert constant["shaking"]["value"] > 0.8 and decayed["end"]["value"] < 0.5 * constant["end"]["value"]
    assert decayed["learn"]["value"] >= constant["learn"]["value"]
