"""Weights, known noise and beliefs: standard errors, profiles, resamples and predictions say the same of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import curve_fit
from scipy.stats import norm, t

import scalinglib as sl
from scalinglib.engine.covariance import efficiency

POWER, LINE = "E + A / N**alpha", "a + b * x"
LINEAR = {"space": "linear", "objective": "least_squares"}


def law(N):
    return 1.8 + 480.0 / N**0.34


def study(seed, rows=30):
    """Runs whose standard deviations, known to the column `sd`, differ by up to ten times."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"N": np.geomspace(1e6, 1e10, rows), "sd": 0.004 * 10.0 ** rng.uniform(-0.5, 0.5, rows)})
    table["loss"] = law(table.N) * np.exp(table.sd * rng.standard_normal(rows))
    return table


def line(seed=2, rows=40):
    """A straight line about one with errors of a hundredth, twice as large in every other run."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"x": np.linspace(-1, 1, rows), "sd": np.resize([0.01, 0.02], rows)})
    table["loss"] = 3.0 + 0.5 * table.x + table.sd * rng.standard_normal(rows)
    return table


def test_weighted_squares_have_the_errors_of_scipy():
    """Constants and standard errors are curve_fit's with sigma 1 / root of the weight, its scale left open."""
    table = study(0)
    fit = sl.fit(POWER, table, weights=1.0 / table.sd**2, objective="log_least_squares")
    values, spread = curve_fit(
        lambda N, E, a, alpha: np.log(E + np.exp(a - alpha * np.log(N / 1e8))),
        table.N,
        np.log(table.loss),
        [1.8, 0.0, 0.34],
        sigma=table.sd,
    )
    assert [fit.constants["E"], fit.constants["alpha"]] == pytest.approx(values[[0, 2]], rel=1e-5)
    assert [fit.stderr["E"], fit.stderr["alpha"]] == pytest.approx(np.sqrt(np.diag(spread))[[0, 2]], rel=1e-3)


@pytest.mark.parametrize("objective", ["huber", "least_squares", "lad"])
def test_a_common_factor_of_weights_changes_nothing(objective):
    """Weights a thousand times larger give the same constants, errors, intervals and predictions."""
    table, found = study(1), []
    for factor in (1.0, 1e3):
        fit = sl.fit(POWER, table, weights=factor / table.sd**2, objective=objective)
        how = [fit.bootstrap(50, seed=0), *([] if objective == "lad" else [fit.profile()])]
        ends = [each.predict(1e11, level=0.8, new_run=new) for each in how for new in (False, True)]
        ends = [*(pair for each in how for pair in each.interval(0.8).values()), *((e.low, e.high) for e in ends)]
        found.append([*fit.constants.values(), *fit.stderr.values(), *np.ravel(ends)])
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_weighted_intervals_hold_the_truth():
    """With weights of one over the variance 80% intervals of all kinds hold it in about 80% of 100 studies, and new
    runs as noisy as those of the fit, too."""
    held = []
    for seed in range(100):
        table, rng = study(seed), np.random.default_rng([seed, 1])
        fit = sl.fit(POWER, table, weights=1e4 / table.sd**2)
        reach, (value, sd) = t.ppf(0.9, fit.spare), (fit.constants["alpha"], fit.stderr["alpha"])
        new = law(1e8) * np.exp(rng.choice(table.sd) * rng.standard_normal())
        ends = [(value - reach * sd, value + reach * sd, 0.34)]
        for each in (fit.profile(), fit.bootstrap(100, seed=seed)):
            for point, is_new, truth in ((1e11, False, law(1e11)), (1e8, True, new)):
                found = each.predict(point, level=0.8, new_run=is_new)
                ends.append((found.low, found.high, truth))
            ends.append((*each.interval(0.8)["alpha"], 0.34))
        held.append([low <= truth <= high for low, high, truth in ends])
    assert np.all(np.abs(np.mean(held, axis=0) - 0.8) < 0.12), np.mean(held, axis=0)


def test_known_noise_is_asked_of_nothing_else():
    """Of a straight line with known noise the profile and the interval of a new run are those of the normal."""
    table = line()
    fit = sl.fit(LINE, table, noise=table.sd / table.loss, **LINEAR)
    X = np.stack([np.ones(40), table.x], axis=1)
    spread = np.linalg.inv(X.T @ (X / table.sd.to_numpy()[:, None] ** 2))
    assert list(fit.stderr.values()) == pytest.approx(np.sqrt(np.diag(spread)), rel=1e-8)
    low, high = fit.profile().interval(0.8)["b"]
    assert [low, high] == pytest.approx(fit.constants["b"] + norm.ppf([0.1, 0.9]) * np.sqrt(spread[1, 1]), rel=1e-7)
    even = sl.fit(LINE, table, noise=0.01 / table.loss, **LINEAR)  # one sd for all, if not the right one
    here = np.hypot(norm.ppf(0.9) * 0.01, norm.ppf(0.9) * 0.01 * np.sqrt([1, 0.3] @ np.linalg.inv(X.T @ X) @ [1, 0.3]))
    for how, close in ((even.profile(), 2e-3), (even.bootstrap(2000, seed=0), 0.06)):
        found = how.predict(0.3, level=0.8, new_run=True)
        assert found.high - found.low == pytest.approx(2.0 * here, rel=close)


def test_each_objective_pays_for_known_noise_what_it_costs():
    """With known noise Huber's errors are those of squares over the root of its efficiency, absolute values' too."""
    table = study(3)
    squares = sl.fit(POWER, table, noise="sd", objective="log_least_squares").stderr
    for how, cost in (({}, efficiency(1.345)), ({"delta": 0.3}, efficiency(0.3)), ({"objective": "lad"}, np.pi / 2)):
        fit = sl.fit(POWER, table, noise="sd", **how)
        assert fit.stderr["alpha"] / squares["alpha"] == pytest.approx(np.sqrt(cost), rel=0.05)


def test_noise_that_is_not_that_of_the_runs_is_named():
    """Told half of their standard deviation runs are said to stray twice as far; told it, nothing is said."""
    table = study(5, rows=60)
    assert "stray" not in sl.fit(POWER, table, noise="sd").caution
    wide, narrow = (sl.fit(POWER, table, noise=times * table.sd) for times in (0.5, 2.0))
    assert "too small" in wide.caution and "too large" in narrow.caution
    said = float(" ".join(wide.report().split()).split("stray ")[1].split()[0])
    assert said == pytest.approx(2.0, rel=0.2)


def test_differences_of_families_with_known_noise_are_normal():
    """With one run more than constants the p-value of a difference is the normal one of its known error."""
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 0.0, 1.0], "kind": list("aaabb")})
    table["loss"] = [1.0, 1.52, 2.01, 1.0, 1.7]
    fit = sl.fit(LINE, table, by="kind", noise=0.02 / table.loss, **LINEAR)
    apart = fit.differs("b")
    sd = 0.02 * np.sqrt(1.0 / 2.0 + 2.0)  # of the slopes: over the sums of squares about the middles
    assert apart.value == pytest.approx(0.7 - 0.505) and apart.table.stderr[0] == pytest.approx(sd)
    assert apart.p == pytest.approx(2.0 * norm.sf(apart.value / sd)) and apart.table.p[0] == pytest.approx(apart.p)


@pytest.mark.parametrize("objective", ["huber", "log_least_squares"])
def test_a_strong_belief_errs_in_all_intervals(objective):
    """Where a prior tells most of an exponent its sd is in the standard error, the resamples and the profile alike."""
    rng = np.random.default_rng(4)
    N = np.geomspace(1e7, 1e9, 40)
    table = pd.DataFrame({"N": N, "loss": law(N) * np.exp(0.01 * rng.standard_normal(40))})
    fit = sl.fit(POWER, table, prior={"alpha": (0.35, 0.005)}, objective=objective)
    sd = fit.stderr["alpha"]
    assert 0.9 * 0.005 < sd < 0.005  # the runs alone know it no better than to 0.018
    low, high = fit.profile().interval(0.8)["alpha"]
    assert (high - low) / 2.0 / t.ppf(0.9, fit.spare) == pytest.approx(sd, rel=0.05)
    for method in ("runs", "wild"):
        assert fit.bootstrap(500, seed=0, method=method).stderr["alpha"] == pytest.approx(sd, rel=0.1)


def test_a_belief_counts_as_much_as_the_scatter_of_the_runs_says():
    """Of a straight line with unknown noise the law is that of mixed estimation with the residuals' own variance."""
    table = line()
    fit = sl.fit(LINE, table, prior={"b": (0.48, 0.004)}, **LINEAR)
    X, y = np.stack([np.ones(40), table.x], axis=1), table.loss.to_numpy()
    belief = np.diag([0.0, 1 / 0.004**2])
    variance = 1e-4
    for _ in range(50):
        precision = X.T @ X / variance + belief
        mean = np.linalg.solve(precision, X.T @ y / variance + belief @ [0.0, 0.48])
        taken = np.trace(np.linalg.solve(precision, X.T @ X / variance))
        variance = ((y - X @ mean) ** 2).sum() / round(40 - taken)
    sd = np.sqrt(np.diag(np.linalg.inv(precision)))
    assert np.abs(list(fit.constants.values()) - mean).max() < 0.03 * sd.min()  # read again until it moves by a percent
    assert list(fit.stderr.values()) == pytest.approx(sd, rel=0.01)


def test_families_begin_where_beliefs_would_have_them():
    """Each family too short to tell an exponent by itself, the belief leads the starts to the lowest optimum."""
    rng, parts = np.random.default_rng(1), []
    for label in "ab":
        N = np.geomspace(1e7, 1e9, 5)
        parts.append(pd.DataFrame({"N": N, "kind": label, "loss": law(N) * np.exp(0.01 * rng.standard_normal(5))}))
    table = pd.concat(parts, ignore_index=True)
    how = {"by": "kind", "prior": {"alpha": (0.34, 0.003)}, "objective": "log_least_squares"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sl.fit(POWER, table, **how)
        led = sl.fit(POWER, table, **how, start={"E": 1.8, "A": 480.0, "alpha": 0.34})
    assert fit.constants == pytest.approx(led.constants, rel=1e-5)
    assert fit.constants["alpha[a]"] == pytest.approx(0.34, abs=0.003)


@pytest.mark.parametrize("rows", [8, 14])
def test_few_runs_do_not_make_the_interval_of_a_new_run_narrow(rows):
    """Of 150 studies of so few runs about 80% of new ones fall within 80% intervals, by profile and by resamples."""
    held = np.zeros(2)
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x = np.linspace(-1, 1, rows)
        fit = sl.fit(LINE, {"x": x, "loss": 3.0 + 0.5 * x + 0.01 * rng.standard_normal(rows)}, **LINEAR)
        new = 3.0 + 0.5 * 0.2 + 0.01 * rng.standard_normal()
        for place, how in enumerate((fit.profile(), fit.bootstrap(100, seed=seed, method="residual"))):
            found = how.predict(0.2, level=0.8, new_run=True)
            held[place] += found.low <= new <= found.high
    assert np.all(np.abs(held / 150 - 0.8) < 0.08), held / 150


@pytest.mark.parametrize("form", ["L + K * (N**alpha * E**beta)**(-gamma)", "A * N**a / (1 + B * E**b) + C * N**c + D"])
def test_a_weak_belief_does_not_lead_the_search_astray(form):
    """With exponents believed to be 0 +- 3 the search of a form of many basins ends as low as from the optimum that it
    finds without, though the residuals, which say how much the belief counts, are not known before the search."""
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"N": np.exp(rng.uniform(16, 20, 60)), "E": 2.0 ** rng.integers(0, 8, 60)})
    runs["loss"] = (1.3 + 24.0 / runs.N**0.15 / runs.E**0.05) * np.exp(0.015 * rng.standard_normal(60))
    names = [name for name in sl.forms.Form(form).names if name in ("alpha", "beta", "gamma", "a", "b", "c")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how = {"objective": "least_squares", "prior": dict.fromkeys(names, (0.0, 3.0))}
        found = sl.fit(form, runs, **how)
        plain = sl.fit(form, runs, objective="least_squares")
        led = sl.fit(form, runs, **how, start=plain.constants)
    assert found.objective_value <= led.objective_value * (1 + 1e-3)
