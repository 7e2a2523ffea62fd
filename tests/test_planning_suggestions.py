"""Which runs to buy next: against designs worked out by hand, scipy, and spending without a plan."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit, minimize

import scalinglib as sl
from scalinglib.planning.shares import Model, best_shares

TRUTH = sl.published["besiroglu2024"]
TARGET = {"N": 3e10, "D": 1e12}


def pool(seed, noise=0.003):
    """A grid of runs that could be bought, with their losses."""
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 3e9, 10), np.geomspace(1e9, 1e11, 9)))
    errors = np.random.default_rng(seed).normal(0, noise, N.size)
    return pd.DataFrame({"N": N, "D": D, "loss": TRUTH(N, D) * np.exp(errors)})


def test_a_line_is_continued_from_three_runs_at_the_near_end_for_one_at_the_far_end():
    """Hoel and Levine 1964: seen on [-1, 1], wanted at 2, a straight line puts shares 3/4 and 1/4 on the two ends."""
    x = np.linspace(-1, 1, 41)
    model = Model(np.stack([np.ones(41), x], 1), np.array([[1.0, 2.0]]), 1e-9 * np.eye(2))
    shares = best_shares([model], np.ones(41), 1.0)
    assert shares[-1] == pytest.approx(0.75, abs=0.01)
    assert shares[0] == pytest.approx(0.25, abs=0.01)


def test_shares_are_those_of_a_general_solver():
    """With prices and several opinions the criterion is as low as scipy's constrained descent gets it."""
    rng = np.random.default_rng(4)
    price = rng.uniform(0.5, 3.0, 14)
    models = [
        Model(rng.normal(size=(14, p)), rng.normal(size=(3, p)) * 3, 0.1 * np.eye(p), w)
        for p, w in ((3, 1.0), (4, 0.5))
    ]

    def criterion(shares):
        return sum(m.weight * np.log(m.variance(m.information(shares))) for m in models)

    found = best_shares(models, price, 6.0)
    limit = {"type": "ineq", "fun": lambda w: 6.0 - price @ w}
    oracle = minimize(criterion, np.full(14, 0.2), bounds=[(0, 1)] * 14, constraints=[limit], method="SLSQP")
    assert price @ found <= 6.0 * (1 + 1e-12)
    assert criterion(found) <= oracle.fun + 0.01


@pytest.mark.parametrize("seed", range(6))
def test_the_budget_holds_and_no_run_is_bought_twice(seed):
    """Whatever the budget, with a form or with a fit: prices add up, rows differ, no run takes over its share."""
    runs, rng = pool(seed), np.random.default_rng(seed)
    first = sl.suggest_runs("chinchilla", runs, budget=10 ** rng.uniform(19.5, 21), target=TARGET)
    fit = sl.fit("chinchilla", runs.iloc[first.rows])
    rest = runs.drop(runs.index[first.rows])
    more = sl.suggest_runs(fit, rest, budget=10 ** rng.uniform(20, 21), target=TARGET, most=0.5)
    for found, table, most in ((first, runs, 0.1), (more, rest, 0.5)):
        assert found.spent <= found.budget
        assert len(set(found.rows)) == len(found.rows) > 0
        assert found.price.max() <= most * found.budget
        np.testing.assert_allclose(found.price, (6 * table["N"] * table["D"]).to_numpy()[found.rows], rtol=1e-14)
        assert f"buy {len(found.rows)} runs" in found.report()


def test_the_standard_error_at_the_target_is_that_of_a_general_least_squares():
    """Now: slopes by scipy's curve_fit, its covariance, the law at the target; with more runs it falls."""
    runs = pool(1)
    fit = sl.fit("chinchilla", runs, objective="log_least_squares")
    rest = {"N": np.geomspace(1e9, 1e10, 8), "D": np.geomspace(1e11, 1e10, 8)}
    found = sl.suggest_runs(fit, rest, budget=1e22, target=TARGET, most=1.0)

    def log_law(x, E, a, b, alpha, beta):
        return np.log(E + np.exp(a - alpha * np.log(x[0])) + np.exp(b - beta * np.log(x[1])))

    c = fit.constants
    start = [c["E"], np.log(c["A"]), np.log(c["B"]), c["alpha"], c["beta"]]
    best, spread = curve_fit(log_law, (runs["N"], runs["D"]), np.log(runs["loss"]), p0=start)
    there, step = (TARGET["N"], TARGET["D"]), 1e-5
    slope = [(log_law(there, *(best + step * e)) - log_law(there, *(best - step * e))) / (2 * step) for e in np.eye(5)]
    assert found.sd_before == pytest.approx(np.sqrt(slope @ spread @ slope), rel=0.01)
    assert found.sd_after < found.sd_before


@pytest.mark.parametrize("told", ["noise", "weights"])
def test_runs_count_by_their_noise_or_their_weights(told):
    """Of a straight line the errors at the target are those of weighted squares, a new run as noisy as those there."""
    rng = np.random.default_rng(0)
    x, sd = np.linspace(0, 1, 40), np.resize([0.01, 0.03], 40)
    runs = {"x": x, "loss": 3.0 - x + sd * rng.standard_normal(40)}
    how = {"noise": sd / runs["loss"]} if told == "noise" else {"weights": 5.0 / sd**2}
    fit = sl.fit("a + b * x", runs, space="linear", objective="least_squares", **how)
    found = sl.suggest_runs(fit, {"x": [0.9, 1.0]}, budget=2.0, price=[1.0, 1.0], target={"x": 1.5}, most=1.0)
    X, at, new = np.stack([np.ones(40), x], 1), np.array([1.0, 1.5]), np.array([[1.0, 0.9], [1.0, 1.0]])
    known = X.T @ (X / sd[:, None] ** 2)
    after = known + new.T @ new / np.mean(sd**2)
    r = (runs["loss"] - fit.law(x=x)) / sd
    scale = 1.0 if told == "noise" else np.sqrt(r @ r / 38)
    assert found.sd_before == pytest.approx(scale * np.sqrt(at @ np.linalg.solve(known, at)), rel=1e-3)
    assert found.sd_after == pytest.approx(scale * np.sqrt(at @ np.linalg.solve(after, at)), rel=0.03)


def test_a_planned_purse_foretells_better_than_the_cheapest_runs():
    """Fit, suggest, buy, fit: over twelve pools the target is met more closely than by the cheapest runs."""
    errors = {"planned": [], "cheapest": []}
    for seed in range(12):
        runs, budget = pool(seed), 2e20
        price = 6 * runs["N"] * runs["D"]
        first = sl.suggest_runs("chinchilla", runs, budget=0.5 * budget, target=TARGET)
        bought = runs.iloc[first.rows]
        rest = runs.drop(bought.index)
        fit = sl.fit("chinchilla", bought)
        more = sl.suggest_runs(fit, rest, budget=budget - first.spent, target=TARGET, most=0.5)
        planned = pd.concat([bought, rest.iloc[more.rows]])
        order = price.sort_values().index
        cheapest = runs.loc[order[(price[order].cumsum() <= budget).to_numpy()]]
        for name, table in (("planned", planned), ("cheapest", cheapest)):
            law = sl.fit("chinchilla", table).law
            errors[name].append(np.log(law(**TARGET) / TRUTH(*TARGET.values())))
    rms = {name: np.sqrt(np.mean(np.square(found))) for name, found in errors.items()}
    assert rms["planned"] < rms["cheapest"]


def test_a_price_may_be_any_text_or_numbers():
    """A price of other columns is read as a text; numbers that say the same choose the same runs."""
    runs = pool(0).assign(hours=lambda t: t["N"] * t["D"] / 1e18)
    text = sl.suggest_runs("chinchilla", runs, budget=100, target=TARGET, price="2 * hours + 0.1")
    numbers = sl.suggest_runs("chinchilla", runs, budget=100, target=TARGET, price=2 * runs["hours"] + 0.1)
    assert np.array_equal(text.rows, numbers.rows)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"budget": 1.0}, "buys no candidate: the cheapest costs 6e\\+16"),
        ({"budget": 1e17}, "most= allows a run a larger share"),
        ({"budget": -1.0}, "budget must be finite and above zero"),
        ({"most": 2.0}, "most must be"),
        ({"target": {"N": 1e10}}, "target has no 'D'"),
        ({"price": "6 * N * Q"}, "candidates has no 'Q'"),
        ({"price": "6 * N *"}, "price"),
        ({"price": [1.0, 2.0]}, "one entry a candidate, 90; got 2"),
        ({"target": {"N": "big", "D": 1e12}}, "target\\['N'\\]"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changed, said):
    """The message names the argument and what is allowed."""
    with pytest.raises(ValueError, match=said):
        sl.suggest_runs("chinchilla", pool(0), **{"budget": 1e20, "target": TARGET, **changed})


def test_a_fit_of_families_is_refused():
    """Which family is to foretell is the user's to say."""
    runs = pool(0).assign(kind=["a", "b"] * 45)
    fit = sl.fit("chinchilla", runs, by="kind", shared=("E",))
    with pytest.raises(ValueError, match="several families"):
        sl.suggest_runs(fit, runs, budget=1e20, target=TARGET)
