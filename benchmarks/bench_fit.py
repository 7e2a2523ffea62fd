"""One fit of 240 runs: ours by each objective, the customary loop, scipy's least squares from one start."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import least_squares

import scalinglib as sl
from benchmarks.reference import GRID, PAPER, fit_from_grid
from benchmarks.study import runs

# 81 of the 4,500 starts; what they cost stands for the cost of all.
SHARE = [
    start
    for start in GRID
    if start[0] in (0, 10, 20) and start[1] in (0, 10, 20) and start[2] == 0 and {start[3], start[4]} <= {0, 1, 2}
]


@pytest.fixture(scope="module")
def study():
    """N, D and loss."""
    return runs()[1:]


def constants(theta):
    """E, A, B, alpha, beta from a, b, e, alpha, beta."""
    a, b, e, alpha, beta = theta
    return [float(z) for z in (np.exp(e), np.exp(a), np.exp(b), alpha, beta)]


def huber_from(start, N, D, loss):
    """Descend with scipy.optimize.least_squares, which offers this very penalty, with exact slopes."""
    log_N, log_D, log_loss = np.log(N), np.log(D), np.log(loss)

    def terms(theta):
        a, b, e, alpha, beta = theta
        return np.stack([np.exp(a - alpha * log_N), np.exp(b - beta * log_D), np.full(N.size, np.exp(e))])

    def residuals(theta):
        return log_loss - np.log(terms(theta).sum(0))

    def slopes(theta):
        one, two, floor = all_three = terms(theta)
        return -np.stack([one, two, floor, -one * log_N, -two * log_D], axis=1) / all_three.sum(0)[:, None]

    return least_squares(residuals, start, slopes, loss="huber", f_scale=1e-3, x_scale="jac").x


@pytest.mark.parametrize("objective", ["huber", "lad", "least_squares", "log_least_squares"])
def test_ours(benchmark, study, objective):
    """fit_chinchilla by each objective it offers."""
    fit = benchmark(partial(sl.fit_chinchilla, objective=objective), *study)
    law = fit.law
    theta = [law.E, law.A, law.B, law.alpha, law.beta]
    benchmark.extra_info.update(who="scalinglib", objective=objective, theta=theta)


@pytest.mark.parametrize("objective", ["huber", "lad", "least_squares", "log_least_squares"])
def test_ours_by_text(benchmark, study, objective):
    """sl.fit of the same law as text, the path of every form."""
    table = dict(zip(("N", "D", "loss"), study, strict=True))
    fit = benchmark(partial(sl.fit, objective=objective, delta=1e-3), "E + A / N**alpha + B / D**beta", table)
    theta = [fit.constants[name] for name in ("E", "A", "B", "alpha", "beta")]
    benchmark.extra_info.update(who="scalinglib, as text", objective=objective, theta=theta)


@pytest.mark.parametrize("tight", [False, True], ids=["customary", "tight"])
def test_loop(benchmark, study, tight):
    """The reference loop, 81 of its starts, as customary and at its best."""
    with np.errstate(over="ignore", invalid="ignore"):
        theta, _, _ = benchmark.pedantic(fit_from_grid, args=(*study, SHARE), kwargs={"tight": tight}, rounds=3)
    benchmark.extra_info.update(
        who="reference loop",
        how=f"{'tight, ' if tight else ''}4,500 starts, {len(SHARE)} timed",
        objective="huber",
        theta=constants(theta),
        times=len(GRID) / len(SHARE),
    )


def test_least_squares(benchmark, study):
    """scipy.optimize.least_squares from the constants of Hoffmann et al."""
    theta = benchmark(huber_from, PAPER, *study)
    benchmark.extra_info.update(
        who="scipy least_squares", how="one good start", objective="huber", theta=constants(theta)
    )
