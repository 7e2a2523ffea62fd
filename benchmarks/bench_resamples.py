"""4,000 resamples of 240 runs: ours, the customary loop's one start each, and scipy's least squares."""

from dataclasses import replace

import numpy as np
import pytest

import scalinglib as sl
from benchmarks.bench_fit import constants, huber_from
from benchmarks.reference import fit_from
from benchmarks.study import resamples, runs, value
from scalinglib.engine.newton import minimise

COUNT, MEASURED = 4000, 200


@pytest.fixture(scope="module")
def study():
    """N, D and loss."""
    return runs()[1:]


@pytest.fixture(scope="module")
def fit(study):
    """Our fit of all runs."""
    return sl.fit_chinchilla(*study)


@pytest.fixture(scope="module")
def drawn(study):
    """The resamples that every row below solves."""
    return [tuple(column[row] for column in study) for row in resamples(MEASURED)]


@pytest.fixture(scope="module")
def lowest(fit, drawn):
    """The objective of each resample at the engine's optimum."""
    counts = np.stack([np.bincount(row, minlength=240) for row in resamples(MEASURED)]).astype(float)
    problem, theta = fit.posed.problem, fit.posed.theta
    end = minimise(replace(problem, weights=counts), np.repeat(theta[None], MEASURED, axis=0))
    found = fit.posed.constants(end.theta)
    laws = np.column_stack([found[name] for name in ("E", "A", "B", "alpha", "beta")])
    return np.array([value("huber", law, *each) for law, each in zip(laws, drawn, strict=True)])


def note(benchmark, who, how, laws, drawn, lowest):
    """Keep how many ended within 1e-8 of the lower of this and the engine's objective, how many below it."""
    values = np.array([value("huber", law, *each) for law, each in zip(laws, drawn, strict=True)])
    at = int((values <= np.minimum(values, lowest) * (1 + 1e-8)).sum())
    lower = int((values < lowest * (1 - 1e-12)).sum())
    benchmark.extra_info.update(
        who=who, how=f"{how}one start each, {MEASURED} timed", objective="huber", times=COUNT / MEASURED
    )
    benchmark.extra_info.update(at_optimum=at, of=len(values), lower=lower)


@pytest.mark.parametrize("objective", ["huber", "least_squares"])
def test_ours(benchmark, study, objective):
    """fit.bootstrap, which draws and solves 4,000 resamples."""
    fit = sl.fit_chinchilla(*study, objective=objective)
    sample = benchmark.pedantic(fit.bootstrap, kwargs={"resamples": COUNT, "seed": 0}, rounds=3, warmup_rounds=1)
    benchmark.extra_info.update(who="scalinglib", objective=objective, converged=sample.converged)


@pytest.mark.parametrize("objective", ["huber", "least_squares"])
def test_ours_by_text(benchmark, study, objective):
    """The same resamples of the law as text."""
    table = dict(zip(("N", "D", "loss"), study, strict=True))
    fit = sl.fit("E + A / N**alpha + B / D**beta", table, objective=objective, delta=1e-3)
    sample = benchmark.pedantic(fit.bootstrap, kwargs={"resamples": COUNT, "seed": 0}, rounds=3, warmup_rounds=1)
    benchmark.extra_info.update(who="scalinglib, as text", objective=objective, converged=sample.converged)


@pytest.mark.parametrize("tight", [False, True], ids=["customary", "tight"])
def test_loop(benchmark, fit, drawn, lowest, tight):
    """L-BFGS once from the constants of all runs, as customary and at its best."""
    law = fit.law
    start = [np.log(law.A), np.log(law.B), np.log(law.E), law.alpha, law.beta]
    ends = benchmark.pedantic(lambda: [fit_from(start, *each, tight=tight)[0] for each in drawn], rounds=3)
    note(benchmark, "reference loop", "tight, " if tight else "", map(constants, ends), drawn, lowest)


def test_least_squares(benchmark, fit, drawn, lowest):
    """scipy.optimize.least_squares from the constants of all runs."""
    law = fit.law
    start = [np.log(law.A), np.log(law.B), np.log(law.E), law.alpha, law.beta]
    ends = benchmark.pedantic(lambda: [huber_from(start, *each) for each in drawn], rounds=3)
    note(benchmark, "scipy least_squares", "", map(constants, ends), drawn, lowest)
