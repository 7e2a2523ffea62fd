"""Best splits: closed forms, published plans, scipy and identities of the optimum; what has no best split says why."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize_scalar

import scalinglib as sl
from scalinglib.allocation import best_by_count, best_split, optimum_of
from scalinglib.forms import Form

BESIROGLU = sl.published["besiroglu2024"]
LAW = sl.forms["chinchilla"].law("Besiroglu et al. 2024")
BUDGETS = [1e18, 1e21, 5.76e23, 1e26]


def constants(count, seed=0):
    """Sets of constants about those of Besiroglu et al."""
    rng = np.random.default_rng(seed)
    return {
        "E": 1.8 + 0.1 * rng.standard_normal(count),
        "A": 482.0 * np.exp(rng.standard_normal(count)),
        "B": 2085.0 * np.exp(rng.standard_normal(count)),
        "alpha": rng.uniform(0.2, 0.6, count),
        "beta": rng.uniform(0.2, 0.6, count),
    }


def along(law, cost, budget):
    """The lowest loss where the cost is the budget, by scipy's one-dimensional searches in each other; and its N."""
    spent = Form(cost, variables=("N", "D")).law()

    def tokens(log_N):
        return np.exp(brentq(lambda x: np.log(spent(np.exp(log_N), np.exp(x)) / budget), -5.0, 55.0, xtol=1e-13))

    def loss(log_N):
        affordable = spent(np.exp(log_N), np.exp(-5.0)) < budget
        return float(law(np.exp(log_N), tokens(log_N))) if affordable else 1e9

    grid = np.linspace(np.log(1e3), np.log(1e19), 75)
    best = int(np.argmin([loss(x) for x in grid]))
    ends = grid[max(best - 1, 0)], grid[best + 1]
    found = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-10})
    return found.fun, np.exp(found.x)


def test_the_closed_form_is_that_of_the_law():
    """For a Chinchilla law and 6 N D the split is the law's own optimum, to the last digits."""
    best, known = best_split(LAW, BUDGETS), BESIROGLU.optimum(BUDGETS)
    assert best.value["N"] == pytest.approx(known.N, rel=1e-13)
    assert best.value["D"] == pytest.approx(known.D, rel=1e-13)
    assert best.loss == pytest.approx(known.loss, rel=1e-13) and best.spent == pytest.approx(BUDGETS, rel=1e-12)


@pytest.mark.parametrize("cost", ["6 * N * D", "2.5 * N**1.1 * D**0.9"])
def test_the_general_solver_meets_the_closed_form(cost):
    """One more constant hides the form from the closed solution and changes nothing else."""
    sets = constants(200)
    closed = best_split("E + A / N**alpha + B / D**beta", BUDGETS, cost=cost, constants=sets)
    hidden = "E + (A / N**alpha + B / D**beta)**gamma"
    general = best_split(hidden, BUDGETS, cost=cost, constants={**sets, "gamma": 1.0})
    assert closed.value["N"].shape == general.loss.shape == (200, 4)
    for name in ("N", "D"):
        assert general.value[name] == pytest.approx(closed.value[name], rel=1e-8)
    assert general.loss == pytest.approx(closed.loss, rel=1e-12)


def test_exponents_of_the_best_size():
    """ln N grows with ln C as beta / (alpha + beta), and as one half where the exponents are one constant."""
    C = np.array([1e20, 1e24])
    free = best_split("(A / N**alpha + B / D**beta)**0.5 + E", C, constants=LAW.constants)
    a = np.log(free.value["N"][1] / free.value["N"][0]) / np.log(1e4)
    assert a == pytest.approx(BESIROGLU.allocation_exponents[0], abs=1e-10)
    tied = {name: LAW.constants[name] for name in ("E", "A", "B", "alpha")}
    for text in ("E + A / N**alpha + B / D**alpha", "E + (A / N**alpha + B / D**alpha)**0.7"):
        best = best_split(text, C, constants=tied)
        assert np.log(best.value["N"][1] / best.value["N"][0]) / np.log(1e4) == pytest.approx(0.5, abs=1e-10)
    gadre = sl.forms["gadre2024"].law("trained on C4")
    ratio = (gadre.constants["b"] / gadre.constants["a"]) ** (0.5 / gadre.constants["eta"])
    found = best_split(gadre, C)
    assert found.value["D"] / found.value["N"] == pytest.approx([ratio, ratio], rel=1e-9)


@pytest.mark.parametrize(
    "budget, experts, N, D", [(1e20, 1, 1.73e9, 9.65e9), (1e22, 1, 18.9e9, 88.3e9), (1e22, 32, 12.2e9, 136.9e9)]
)
def test_published_plans_of_mixtures_of_experts(budget, experts, N, D):
    """Table 1 of Ludziejewski et al. 2025 comes from their law: the same number of experts, 6 N D."""
    law = sl.forms["ludziejewski2025"].law("Ludziejewski et al. 2025")
    best = best_split(law, budget, given={"experts": experts})
    assert (best.value["N"], best.value["D"]) == pytest.approx((N, D), rel=0.01)


COSTS = [
    "6 * N * D + 2 * N * 1e12",
    "6 * N * D + 3e4 * N**0.66 * D",
    "6 * N * D + 1e9 * D",
    "6 * N * D * (1 + 1e-11 * N)",
    "6 * N**1.1 * D + 2 * N * 3e11",
    "6 * N * D + 4e-4 * D**2",
    "6 * N * D + 2e15 * sqrt(N)",
    "6 * (N + 47491 * N**(1 / 3)) * D",
    "6 * N * D * log(10 + N / 1e9)",
    "6 * N * D + 1e-3 * N**2 + 12 * D**1.2",
]


@pytest.mark.parametrize("number", range(10))
def test_other_costs_meet_scipy(number):
    """Under ten costs, with constants and budget drawn for each, scipy finds the same loss and the same size."""
    rng = np.random.default_rng(number)
    own = {name: float(value[0]) for name, value in constants(1, number).items()}
    law, budget = Form("E + A / N**alpha + B / D**beta", variables=("N", "D")).law(**own), 10 ** rng.uniform(19, 24)
    best = best_split(law, budget, cost=COSTS[number])
    loss, N = along(law, COSTS[number], budget)
    assert best.loss == pytest.approx(loss, rel=1e-11) and best.loss <= loss * (1 + 1e-14)
    assert best.value["N"] == pytest.approx(N, rel=2e-5)  # as far as values alone can tell a minimum
    assert best.spent == pytest.approx(budget, rel=1e-12)


@pytest.mark.parametrize("served", [1e11, 1e12, 1e13, 1e15])
def test_a_served_model_is_that_of_the_inference_plan(served):
    """The cheapest model of a loss is the best one for what it costs, and the terms stand as 1 + served / (3 D)."""
    plan = sl.inference_optimum(BESIROGLU, loss=2.0, served=served)
    best = best_split(LAW, plan.total_flop, cost="6 * N * D + 2 * N * served", given={"served": served})
    assert best.loss == pytest.approx(2.0, rel=1e-9)
    assert best.value["N"] == pytest.approx(plan.N, rel=1e-5) and best.value["D"] == pytest.approx(plan.D, rel=1e-5)
    N, D = best.value["N"], best.value["D"]
    ratio = BESIROGLU.alpha * BESIROGLU.A * N**-BESIROGLU.alpha / (BESIROGLU.beta * BESIROGLU.B * D**-BESIROGLU.beta)
    assert ratio == pytest.approx(1.0 + served / (3.0 * D), rel=1e-9)


def test_counting_without_embeddings_is_another_law():
    """Where N leaves the embeddings out the split is on the path that Pearce and Song's derivative gives."""
    path = best_by_count(BESIROGLU, np.geomspace(1e4, 1e12, 9))
    best = best_split(
        "E + A / (N + k * N**(1 / 3))**alpha + B / D**beta", path.C, constants={**LAW.constants, "k": 47491.0}
    )
    assert best.value["N"] == pytest.approx(path.N, rel=1e-9) and best.loss == pytest.approx(path.loss, rel=1e-12)


def test_a_cap_on_data_is_a_bound():
    """Where the best D is above the cap it stands on it, all else goes to N, and the split says so."""
    best = best_split(LAW, [1e22, 1e24], bounds={"D": (0, 1e12)})
    assert best.at_bound["D"].tolist() == [False, True] and not best.at_bound["N"].any()
    assert best.value["D"][1] == pytest.approx(1e12, rel=1e-12)
    assert best.value["N"] == pytest.approx([BESIROGLU.optimum(1e22).N, 1e24 / 6e12], rel=1e-9)
    assert best.report().splitlines()[2].endswith("D on a bound")
    low = best_split(LAW, 1e24, bounds={"N": (3e11, np.inf)})
    assert low.value == pytest.approx({"N": 3e11, "D": 1e24 / 18e11}) and low.at_bound == {"N": True, "D": False}


def test_both_caps_leave_some_of_the_budget():
    """With a cap on N and one on D nothing more can be bought, and what is spent is said."""
    best = best_split(LAW, 1e26, bounds={"N": (0, 1e10), "D": (0, 1e12)})
    assert best.value == pytest.approx({"N": 1e10, "D": 1e12}) and best.spent == pytest.approx(6e22)
    assert best.at_bound == {"N": True, "D": True} and "6e+22 of it spent" in best.report()


def test_repeated_data_meet_scipy():
    """With 1e11 unique tokens the law is lowest where scipy finds it on RepeatedDataLaw, or at a cap before that."""
    form, law = sl.forms["muennighoff2023-form"], sl.published["muennighoff2023"]
    own = form.law(**{name: getattr(law, name) for name in form.constants})
    best = best_split(own, 1e23, given={"U": 1e11})
    ends, how = np.log([1e10, 1e14]), {"method": "bounded", "options": {"xatol": 1e-10}}
    found = minimize_scalar(lambda x: law(1e23 / (6.0 * np.exp(x)), np.exp(x), 1e11), bounds=ends, **how)
    assert best.loss == pytest.approx(found.fun, rel=1e-12)
    assert best.value["D"] == pytest.approx(np.exp(found.x), rel=1e-5) and best.value["D"] > 4e11
    capped = best_split(own, 1e23, given={"U": 1e11}, bounds={"D": (0, 4e11)})
    assert capped.value["D"] == pytest.approx(4e11) and capped.at_bound == {"N": False, "D": True}
    assert capped.loss == pytest.approx(law(1e23 / 24e11, 4e11, 1e11), rel=1e-12)


def test_where_more_data_hurt_less_is_spent():
    """A law that rises with epochs is left at its lowest D once N may not grow: beta B / D**(beta + 2) = 2 k / U**2."""
    sets = {"E": 1.8, "A": 482.0, "B": 2085.0, "alpha": 0.35, "beta": 0.37, "k": 1e-4}
    text = "E + A / N**alpha + B / D**beta + k * (D / U)**2"
    best = best_split(text, [1e20, 1e24], given={"U": 1e9}, constants=sets, bounds={"N": (1e6, 1e10)})
    D = (0.37 * 2085.0 * 1e18 / 2e-4) ** (1 / 2.37)
    assert best.value["D"][1] == pytest.approx(D, rel=1e-9) and best.at_bound["N"].tolist() == [False, True]
    assert best.spent == pytest.approx([1e20, 6e10 * D], rel=1e-9)


def test_a_kink_of_the_law_is_found():
    """A law that only counts 20 tokens a parameter at most is lowest at 20 tokens a parameter."""
    text = "E + A / N**alpha + B / minimum(D, 20 * N)**beta"
    sets = {"E": 1.8, "A": 10.0, "B": 2e5, "alpha": 0.4, "beta": 0.3}
    best = best_split(text, 1e22, constants=sets)
    assert best.value["N"] == pytest.approx(np.sqrt(1e22 / 120.0), rel=1e-9)


def test_spending_what_changes_nothing_is_not_asked_for():
    """Where tokens beyond a number are worth nothing and N may not grow, the cheapest of the best is given."""
    sets = {"E": 1.8, "A": 482.0, "B": 2085.0, "alpha": 0.35, "beta": 0.37}
    best = best_split("E + A / N**alpha + B / minimum(D, 1e11)**beta", 1e26, constants=sets, bounds={"N": (1e6, 1e10)})
    assert best.value == pytest.approx({"N": 1e10, "D": 1e11}, rel=1e-9) and best.spent == pytest.approx(6e21)


def test_of_two_valleys_the_lower_is_taken():
    """A dent in the law draws the split to it once it is deeper than the rest of the valley."""
    text = "E + A / N**alpha + B / D**beta - w * exp(-(log(N / 1e8))**2)"
    sets = {name: np.full(2, value) for name, value in LAW.constants.items()}
    best = best_split(text, 1e21, constants={**sets, "w": [0.05, 0.5]})
    for loss, N, w in zip(best.loss, best.value["N"], (0.05, 0.5), strict=True):
        grid = np.geomspace(1e6, 1e13, 200_001)
        losses = BESIROGLU(grid, 1e21 / (6 * grid)) - w * np.exp(-(np.log(grid / 1e8) ** 2))
        assert loss == pytest.approx(losses.min(), rel=1e-9) and N == pytest.approx(grid[losses.argmin()], rel=1e-4)
    assert best.value["N"][0] > 1e9 and best.value["N"][1] < 3e8


@pytest.mark.parametrize(
    "outer", ["E + A / N**alpha + B / D**beta + G / K**gamma", "E + exp(A / N**alpha + B / D**beta + G / K**gamma)"]
)
def test_three_variables(outer):
    """Under a cost N D K all three terms fall as fast at the optimum, and no split near it is better."""
    sets = {"E": 1.0, "A": 482.0, "B": 2085.0, "G": 3.0, "alpha": 0.35, "beta": 0.37, "gamma": 0.8}
    best = best_split(outer, [1e20, 1e24], cost="2 * N * D * K", over=("N", "D", "K"), constants=sets)
    falls = [
        sets[slope] * sets[size] * best.value[name] ** -sets[slope]
        for name, size, slope in (("N", "A", "alpha"), ("D", "B", "beta"), ("K", "G", "gamma"))
    ]
    assert falls[1] == pytest.approx(falls[0], rel=1e-8) and falls[2] == pytest.approx(falls[0], rel=1e-8)
    assert best.spent == pytest.approx([1e20, 1e24], rel=1e-12)


def test_granularity_that_costs_something():
    """Where finer experts cost 2% a step their best number does not depend on the budget: it meets scipy's."""
    law = sl.forms["krajewski2024"].law("Krajewski et al. 2024")
    how = {"cost": "6 * N * D * (1 + 0.02 * G)", "over": ("N", "D", "G")}
    best = best_split(law, [1e19, 1e21, 1e23], bounds={"G": (1, 64)}, **how)

    def worth(log_G):  # what multiplies N**-alpha, at the N that a FLOP then buys
        G = np.exp(log_G)
        return (2.1 / G**0.58 + 18.1) * (1 + 0.02 * G) ** 0.115

    G = np.exp(minimize_scalar(worth, bounds=(0, 4), method="bounded", options={"xatol": 1e-9}).x)
    assert best.value["G"] == pytest.approx(np.full(3, G), rel=1e-5) and not best.at_bound["G"].any()
    assert best_split(law, 1e21, bounds={"G": (1, 4)}, **how).at_bound["G"]


def test_one_variable_is_fixed_by_its_cost():
    """With tokens tied to parameters the cost alone says the size; with D given, too."""
    law = Form("E + A / N**alpha", variables=("N",)).law(E=1.8, A=482.0, alpha=0.35)
    assert best_split(law, 1e21, cost="6 * N * 20 * N", over="N").value["N"] == pytest.approx(np.sqrt(1e21 / 120))
    best = best_split(LAW, 1e21, over=("N",), given={"D": 1e11})
    assert best.value == pytest.approx({"N": 1e21 / 6e11}) and best.loss == pytest.approx(LAW(1e21 / 6e11, 1e11))


def test_sets_of_constants_are_solved_as_one_by_one():
    """Laws solved together give what each gives alone, also where some sit on a bound."""
    sets = constants(12, seed=3)
    how = {"cost": "6 * N * D + 2 * N * 1e12 + 5e8 * D", "bounds": {"D": (0, 5e11)}}
    together = best_split("chinchilla", BUDGETS, constants=sets, **how)
    assert together.at_bound["D"].any() and not together.at_bound["D"].all()
    for row in range(12):
        one = best_split("chinchilla", BUDGETS, constants={name: value[row] for name, value in sets.items()}, **how)
        assert together.value["N"][row] == pytest.approx(one.value["N"], rel=1e-9)
        assert together.loss[row] == pytest.approx(one.loss, rel=1e-12)
        assert together.at_bound["D"][row].tolist() == one.at_bound["D"].tolist()


def test_units_do_not_matter():
    """N and D in billions give the same split in billions."""
    own = LAW.constants
    scaled = {**own, "A": own["A"] / 1e9 ** own["alpha"], "B": own["B"] / 1e9 ** own["beta"]}
    served = best_split("chinchilla", 1e22, cost="6e18*N*D + 2e18*N*T", given={"T": 1e3}, constants=scaled)
    plain = best_split("chinchilla", 1e22, cost="6*N*D + 2*N*T", given={"T": 1e12}, constants=own)
    assert served.value["N"] * 1e9 == pytest.approx(plain.value["N"], rel=1e-9)


def test_a_law_without_a_best_split_says_why():
    """An exponent of zero sends the split to the end of the range: an error, or NaN beside laws that have one."""
    flat = {**LAW.constants, "alpha": 0.0}
    with pytest.raises(ValueError, match="no best split: the law falls as (D goes up|N goes down)"):
        best_split("chinchilla", 1e21, constants=flat)
    sets = {name: np.array([value, flat[name]]) for name, value in LAW.constants.items()}
    best = best_split("chinchilla", 1e21, constants=sets)
    assert best.value["N"][0] == pytest.approx(BESIROGLU.optimum(1e21).N)
    assert np.isnan([best.value["N"][1], best.value["D"][1], best.loss[1]]).all()
    assert list(best.reasons.values()) == [1] and "none for 1" in best.report()


def test_far_outside_of_its_runs_a_law_may_fall_for_ever():
    """Farseer's law has an inner minimum at 1e21 FLOP, though it is lower at N of 1e16, and none at 1e23."""
    law = sl.forms["farseer2025"].law("Li et al. 2025")
    best = best_split(law, [1e21, 1e23])
    N = np.geomspace(1e8, 1e11, 30_001)
    losses = law(N, 1e21 / (6 * N))
    assert best.loss[0] == pytest.approx(losses[:20_000].min(), rel=1e-7) and best.lower_elsewhere.tolist() == [
        True,
        False,
    ]
    assert law(1e16, 1e21 / 6e16) < best.loss[0] and np.isnan(best.loss[1])
    assert np.diff(law(N[10_000:], 1e23 / (6 * N[10_000:]))).max() < 0  # it falls all the way


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: best_split(LAW, 1e21, cost="6 * N * D +"), ["cost", "ends too early"]),
        (lambda: best_split(LAW, 1e21, cost="6 * N * D * layers"), ["cost", "layers", "given"]),
        (lambda: best_split(LAW, 1e21, cost="1 / (N * D)"), ["cost must rise", "N, D"]),
        (lambda: best_split(LAW, 1e21, cost="6 * T", given={"T": 1.0}), ["cost must depend on N or D"]),
        (lambda: best_split(LAW, -1.0), ["budget", "above zero"]),
        (lambda: best_split(LAW, 1e21, over=("N", "P")), ["over", "'P'", "N, D"]),
        (lambda: best_split(LAW, 1e21, over=()), ["over", "one to 4"]),
        (lambda: best_split(LAW, 1e21, over="N"), ["cost has D", "given"]),
        (lambda: best_split(LAW, 1e21, given={"T": 2.0}), ["given", "'T'"]),
        (lambda: best_split(LAW, 1e21, given={"D": 2.0}), ["'D'", "over and in given"]),
        (lambda: best_split(LAW, 1e21, bounds={"D": (2, 1)}), ["bounds of D", "(2, 1)"]),
        (lambda: best_split(LAW, 1e21, bounds={"K": (1, 2)}), ["bounds", "'K'"]),
        (lambda: best_split(LAW, 1e21, bounds={"N": (1e12, 1e14), "D": (1e12, 1e14)}), ["costs as little"]),
        (lambda: best_split("chinchilla", 1e21), ["constants", "E, A, alpha, B, beta"]),
        (lambda: best_split("chinchilla", 1e21, constants={**LAW.constants, "x": 1}), ["constants", "'x'"]),
        (lambda: best_split("chinchilla", 1e21, constants={**LAW.constants, "A": [1, 2], "B": [1] * 3}), ["2, 3"]),
        (lambda: best_split(LAW, 1e21, constants={}), ["constants go with a form"]),
        (lambda: best_split(sl.forms["muennighoff2023-form"].law(1), 1e21), ["1"]),
    ],
)
def test_bad_input_is_named(call, words):
    """The message names the argument, what was given and what is allowed."""
    with pytest.raises((ValueError, KeyError)) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def runs(noise, seed=1, sizes=7):
    """Isoflop runs of the law of Besiroglu et al."""
    C, shift = (z.ravel() for z in np.meshgrid(np.geomspace(1e18, 1e21, 8), np.geomspace(0.2, 5, sizes)))
    N = BESIROGLU.optimum(C).N * shift
    D = C / (6 * N)
    stray = noise * np.random.default_rng(seed).standard_normal(N.size)
    return pd.DataFrame({"N": N, "D": D, "loss": BESIROGLU(N, D) * np.exp(stray)})


def test_the_optimum_of_a_fit_has_percentiles_of_its_resamples():
    """Ends are those of the closed form applied to each resample, also beyond what one law could be."""
    fit = sl.fit("chinchilla", runs(0.004))
    draws = fit.bootstrap(400, seed=3).samples
    best = optimum_of(fit, [1e22, 1e25], draws=draws, level=0.9)
    laws = [sl.ChinchillaLaw(**{name: row[name] for name in fit.constants}) for _, row in draws.iterrows()]
    for name in ("N", "D", "loss"):
        each = [getattr(law.optimum([1e22, 1e25]), name) for law in laws]
        low, high = np.quantile(each, [0.05, 0.95], axis=0)
        assert best.low[name] == pytest.approx(low, rel=1e-9) and best.high[name] == pytest.approx(high, rel=1e-9)
    assert best.value["N"] == pytest.approx(best.split.value["N"])
    assert best.caution.startswith("the budget = 1e+25 is 1e+04 times the largest of the runs")
    assert optimum_of(fit, 1e22, draws=draws).caution == ""
    assert "90% intervals at 1e+25" in best.report()


def test_the_optimum_of_a_fit_under_another_cost():
    """fit.optimum takes cost, given and bounds, gives the same for the same seed, and holds the truth here."""
    fit = sl.fit("chinchilla", runs(0.004))
    how = {"cost": "6 * N * D + 2 * N * T", "given": {"T": 1e12}, "resamples": 200, "level": 0.95}
    best = fit.optimum(1e23, **how)
    truth = best_split(LAW, 1e23, cost=how["cost"], given=how["given"])
    for name in ("N", "D"):
        assert best.low[name] < truth.value[name] < best.high[name]
    assert best.low["loss"] < truth.loss < best.high["loss"]
    assert fit.optimum(1e23, **how).low == best.low
    capped = fit.optimum(1e24, bounds={"D": (0, 1e11)}, resamples=50)
    assert capped.split.at_bound["D"] and capped.low["D"] == pytest.approx(1e11) == capped.high["D"]


def test_what_the_runs_leave_open_has_no_interval():
    """Runs of one size do not hold A and alpha: N and D come without an interval and the caution says why."""
    table = runs(0.003)
    table["N"] = 1e9
    table["loss"] = BESIROGLU(table.N, table.D) * np.exp(0.003 * np.random.default_rng(0).standard_normal(len(table)))
    with pytest.warns(sl.IdentifiabilityWarning):
        fit = sl.fit("chinchilla", table)
    draws = {name: np.full(50, value) for name, value in fit.constants.items()}
    best = optimum_of(fit, 1e22, draws=draws)
    assert np.isnan([*best.low.values(), *best.high.values()]).all()
    assert "alpha" in best.caution and "not determined by these runs" in best.report()


def test_resamples_without_a_best_split_widen_and_then_end_the_interval():
    """A few may lie beyond either end; with more than the tails hold there is no interval."""
    fit = sl.fit("chinchilla", runs(0.004))
    draws = {name: value + np.zeros(100) for name, value in fit.constants.items()}
    draws["alpha"] = fit.constants["alpha"] * np.linspace(0.98, 1.02, 100)
    whole = optimum_of(fit, 1e22, draws=draws)
    draws["alpha"][40:45] = 0.0
    some = optimum_of(fit, 1e22, draws=draws)
    assert some.low["N"] < whole.low["N"] < whole.high["N"] < some.high["N"] and "5.0% of the resamples" in some.caution
    draws["alpha"][40:55] = 0.0
    most = optimum_of(fit, 1e22, draws=draws)
    assert np.isnan([most.low["N"], most.high["N"]]).all() and "15.0%" in most.caution


def test_wide_intervals_are_called_so():
    """Ends a thousand times apart are said to say next to nothing."""
    fit = sl.fit("chinchilla", runs(0.004))
    draws = {name: np.full(50, value) for name, value in fit.constants.items()}
    draws["A"] = np.geomspace(1.0, 1e6, 50)
    assert "times apart" in optimum_of(fit, 1e22, draws=draws).caution


def test_each_family_has_its_own_split():
    """With families the split is that of the family named; without a name the error lists them."""
    table = pd.concat([runs(0.002).assign(kind="a"), runs(0.002, seed=2).assign(kind="b")], ignore_index=True)
    table.loc[table.kind == "b", "loss"] += 0.3 * BESIROGLU.B * table.D[table.kind == "b"] ** -BESIROGLU.beta
    fit = sl.fit("chinchilla", table, by="kind", shared=("E",))
    first, second = (fit.optimum(1e22, family=kind, resamples=100) for kind in "ab")
    assert second.value["D"] > first.value["D"] and second.low["D"] > first.high["D"]
    assert first.low["D"] < BESIROGLU.optimum(1e22).D < first.high["D"]
    with pytest.raises(ValueError, match="family must say whose law: a, b"):
        fit.optimum(1e22, resamples=20)
    with pytest.raises(KeyError, match="unknown family 'c'"):
        fit.optimum(1e22, family="c", resamples=20)
