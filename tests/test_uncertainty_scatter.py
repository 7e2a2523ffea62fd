"""Tests of the scatter of single runs: where small runs are noisier, intervals for a new run know it."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.uncertainty.scatter import Scatter, scatter_of

LAW = sl.published["besiroglu2024"]


def design():
    """80 runs of eight budgets, ten sizes each, and the noise of each: 1.1% at the smallest, 0.2% at the largest."""
    C, shift = np.meshgrid(np.geomspace(1e18, 1e22, 8), np.geomspace(0.3, 3.0, 10))
    N = (LAW.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    loss = LAW(N, D)
    share = (np.log(loss) - np.log(loss).min()) / np.ptp(np.log(loss))
    return N, D, loss, 0.002 * 5.5**share


@pytest.mark.parametrize("method", ["profile", "bootstrap"])
def test_a_new_run_is_held_at_both_ends(method):
    """With noise from 1.1% to 0.2% the 80% interval holds 80% within 8 points at either end, pooled it would not."""
    N, D, loss, noise = design()
    ends = np.argmax(loss), np.argmin(loss)
    held = np.zeros(2)
    for seed in range(150):
        rng = np.random.default_rng(seed)
        fit = sl.fit_chinchilla(N, D, loss * np.exp(noise * rng.standard_normal(80)), objective="log_least_squares")
        how = fit.profile() if method == "profile" else fit.bootstrap(100, seed=seed)
        for place, row in enumerate(ends):
            new = loss[row] * np.exp(noise[row] * rng.standard_normal())
            found = how.predict(N[row], D[row], level=0.8, new_run=True)
            held[place] += found.low <= new <= found.high
    assert np.all(np.abs(held / 150 - 0.8) < 0.1), held / 150


def test_runs_that_scatter_alike_show_no_trend():
    """Of 400 draws of equal noise fewer than 1% show a trend, which then is none of the interval's business."""
    _, _, loss, _ = design()
    shown = [scatter_of(np.random.default_rng(seed).standard_normal(80), loss).slope != 0.0 for seed in range(400)]
    assert np.mean(shown) < 0.01


def test_beyond_the_runs_the_trend_stops():
    """Strays at values beyond those of the runs are as large as at their end."""
    trend = Scatter(2.0, 1.0, (0.5, 2.0))
    assert trend.at(np.array([0.1, 0.5, 1.0, 2.0, 9.0])) == pytest.approx([0.25, 0.25, 1.0, 4.0, 4.0])
