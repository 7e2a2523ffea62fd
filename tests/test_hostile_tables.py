"""Small and hostile tables: no crash, no silent nonsense, whatever the units and however wild the runs."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scalinglib as sl

SETTINGS = settings(max_examples=30, derandomize=True)


@st.composite
def tables(draw):
    """N, D, loss of 5 to 20 runs around a random law, and that law: spoilt as real tables are spoilt."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    runs = draw(st.integers(5, 20))
    low = draw(st.sampled_from([2.0, 5.0, 8.0, 11.0]))  # N from 1e2 to 1e13 over all tables
    N = 10 ** rng.uniform(low, low + draw(st.sampled_from([0.01, 1.0, 2.0])), runs)
    D = N * 10 ** rng.uniform(-1, 2.5, runs)
    if draw(st.booleans()):  # a grid of a few sizes
        N = N[rng.integers(0, 3, runs)]
    law = sl.ChinchillaLaw(
        E=draw(st.sampled_from([0.0, 0.5, 1.8])),
        A=float(N.mean() ** 0.35),
        B=float(D.mean() ** 0.35),
        alpha=draw(st.sampled_from([0.1, 0.35, 0.8])),
        beta=0.35,
    )
    noise = draw(st.sampled_from([0.0, 1e-7, 1e-3, 0.05]))
    loss = law(N, D) * np.exp(noise * rng.standard_normal(runs))
    spoilt = draw(st.sampled_from(["no", "outlier", "duplicates", "constant"]))
    if spoilt == "outlier":
        loss[0] *= draw(st.sampled_from([0.1, 30.0]))
    elif spoilt == "duplicates":
        half = runs // 2
        N[:half], D[:half], loss[:half] = N[half : 2 * half], D[half : 2 * half], loss[half : 2 * half]
    elif spoilt == "constant":  # losses that differ in the seventh digit
        loss = 2.5 * (1.0 + 1e-7 * rng.standard_normal(runs))
    return N, D, loss, law, spoilt


def quiet(function, *arguments, **options):
    """Call with the library's own warnings silenced; numpy's would still be errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sl.IdentifiabilityWarning)
        warnings.filterwarnings("ignore", message="the fit stopped before its optimum")
        warnings.filterwarnings("ignore", message=".* resamples ")
        return function(*arguments, **options)


def cost(objective, law, N, D, loss):
    """The objective of a law, with Huber's corner at 1e-3."""
    if objective == "least_squares":
        return ((loss - law(N, D)) ** 2).sum()
    size = np.abs(np.log(loss / law(N, D)))
    if objective == "log_least_squares":
        return (size**2).sum()
    if objective == "lad":
        return size.sum()
    inner = np.minimum(size, 1e-3)
    return (inner * (size - inner / 2)).sum()


def allowance(objective, loss):
    """A valley may be so flat that residuals of 1e-5, a tenth of what losses are known to, mark its end."""
    scale = loss.max() if objective == "least_squares" else 1.0
    return len(loss) * (1e-5 if objective == "lad" else (1e-5 * scale) ** 2)


def check_against_truth(objective, table):
    """Constants are finite, the report can be read, and the law that made the runs does not score lower."""
    N, D, loss, truth, _ = table
    fit = quiet(sl.fit_chinchilla, N, D, loss, objective=objective)
    constants = [fit.law.E, fit.law.A, fit.law.B, fit.law.alpha, fit.law.beta]
    assert np.all(np.isfinite(constants)) and np.all(np.array(constants) >= 0)
    assert "nan" not in fit.report().lower()
    ours, theirs = (cost(objective, law, N, D, loss) for law in (fit.law, truth))
    slack = allowance(objective, loss)
    assert ours <= theirs * (1 + 1e-6) + slack or not fit.converged
    assert ours == pytest.approx(fit.objective_value, rel=1e-6, abs=slack)


@pytest.mark.parametrize("objective", ["huber", "least_squares", "log_least_squares"])
@SETTINGS
@given(table=tables())
def test_a_fit_is_never_worse_than_the_truth(objective, table):
    """Constants are finite, the report can be read, and the law that made the runs does not score lower."""
    check_against_truth(objective, table)


@settings(SETTINGS, max_examples=10)  # it takes fifty times as long
@given(table=tables())
def test_absolute_deviations_are_never_worse_than_the_truth(table):
    """The same holds for the fit by least absolute deviation."""
    check_against_truth("lad", table)


@SETTINGS
@given(table=tables(), units=st.sampled_from([(1e6, 1.0, 1.0), (1.0, 1e-6, 1.0), (1e-3, 1e9, 1.4427)]))
def test_units_do_not_matter(table, units):
    """In thousands, millions or bits a determined law predicts the same at the runs."""
    N, D, loss, _, _ = table
    n, d, b = units
    one = quiet(sl.fit_chinchilla, N, D, loss, objective="log_least_squares")
    other = quiet(sl.fit_chinchilla, N * n, D * d, loss * b, objective="log_least_squares")
    if not one.undetermined and not other.undetermined:  # else bounds decide, and they are in ln N
        assert other.objective_value == pytest.approx(one.objective_value, rel=1e-5, abs=allowance(None, loss))
        assert other.law(N * n, D * d) / b == pytest.approx(one.law(N, D), rel=1e-3)
    else:
        assert "Not determined by these runs" in one.report() + other.report()


@SETTINGS
@given(table=tables(), method=st.sampled_from(["runs", "residual", "wild"]))
def test_intervals_never_crash(table, method):
    """A bootstrap of any kind gives intervals, none of what the runs leave open, or says that it cannot be used."""
    N, D, loss, _, _ = table
    fit = quiet(sl.fit_chinchilla, N, D, loss)
    if len(N) == 5:
        with pytest.raises(ValueError, match="at least 6 runs"):
            fit.bootstrap(resamples=8, seed=0, method=method)
        return
    sample = quiet(fit.bootstrap, resamples=8, seed=0, method=method)
    assert sample.report()
    open_ones = {*fit.undetermined, *(["a"] if {"alpha", "beta"} & set(fit.undetermined) else [])}
    for name, (low, high) in sample.interval(0.8).items():
        assert low <= high or (name in open_ones and np.isnan([low, high]).all()), name
    if not fit.undetermined:
        found = sample.predict(N, D, level=0.8, new_run=True)
        assert np.all(np.isfinite(found.low) & np.isfinite(found.high))


@SETTINGS
@given(table=tables())
def test_a_table_that_says_nothing_is_not_believed(table):
    """Losses that differ in the seventh digit, or one size only, never pass as a determined law."""
    N, D, loss, _, spoilt = table
    if spoilt == "constant" or np.ptp(np.log(N)) < 1e-9:
        fit = quiet(sl.fit_chinchilla, N, D, loss)
        assert fit.undetermined
        assert "Not determined by these runs" in fit.report()
