"""Checkpoints: what points that share a run's error are worth, by worked numbers and simulation."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.planning import slice_precision
from scalinglib.uncertainty import effective_runs

LAW = sl.published["besiroglu2024"]


@pytest.mark.parametrize(
    "runs, checkpoints, scatter, ratio, effective, sd_beta, coverage",
    [
        (10, 25, 0.005, 4.65722, 11.5262, 0.0265289, 0.276049),
        (10, 1, 0.005, 1.0, 10.0, 0.0284815, 0.900),
        (10, 50, 0.010, 6.93653, 10.3917, 0.0529100, 0.187444),
        (10, 25, 0.002, 3.60555, 19.2308, 0.0107873, 0.351754),
    ],
)
def test_the_specified_numbers_come_out(runs, checkpoints, scatter, ratio, effective, sd_beta, coverage):
    """Ratio, effective number, honest deviation of beta and coverage are those worked out before."""
    result = effective_runs(runs, checkpoints, run_scatter=scatter)
    assert [result.ratio, result.effective] == pytest.approx([ratio, effective], rel=1e-5)
    assert result.coverage(0.9) == pytest.approx(coverage, rel=1e-5)
    honest = slice_precision(LAW, 1e9, np.logspace(9, 11, runs), error=result.error)
    assert honest.sd["beta"] == pytest.approx(sd_beta, rel=1e-5)


def test_simulated_fits_scatter_as_the_honest_deviation_says():
    """Fits to 2,000 simulated tables of checkpoints scatter by the honest deviation, not the claimed one."""
    D, shared = np.logspace(9, 11, 10), effective_runs(10, 25, run_scatter=0.005)
    honest = slice_precision(LAW, 1e9, D, error=shared.error)
    claimed = slice_precision(LAW, 1e9, D, error=shared.claimed_error)
    rng = np.random.default_rng(11)
    errors = 0.005 * rng.standard_normal((2000, 10, 1)) + 0.002 * rng.standard_normal((2000, 10, 25))
    # All checkpoints of a run have one D, so the mean of their errors is all that a fit sees of them.
    logs = np.log(LAW(1e9, D)) + errors.mean(2)
    theta = np.tile([honest.floor, np.log(LAW.B), LAW.beta], (2000, 1))
    for _ in range(50):  # Gauss-Newton, written without the library's derivatives
        term = np.exp(theta[:, 1:2] - theta[:, 2:] * np.log(D))
        loss = theta[:, :1] + term
        slope = np.stack([1 / loss, term / loss, -np.log(D) * term / loss], axis=2)
        theta += np.stack(
            [np.linalg.lstsq(J, r, rcond=None)[0] for J, r in zip(slope, logs - np.log(loss), strict=True)]
        )
        if np.abs(np.swapaxes(slope, 1, 2) @ (logs - np.log(loss))[:, :, None]).max() < 1e-12:
            break
    # A deviation from 2,000 draws has a standard error of 1.6%; 20,000 gave .02659 and .03588.
    assert theta[:, 2].std() == pytest.approx(honest.sd["beta"], rel=0.06)
    assert theta[:, 0].std() == pytest.approx(honest.sd["floor"], rel=0.06)
    assert honest.sd["floor"] == pytest.approx(0.03579, rel=2e-4)
    held = np.abs(theta[:, 2] - LAW.beta) < 1.6448536 * claimed.sd["beta"]
    assert held.mean() == pytest.approx(shared.coverage(0.9), abs=0.04)


def test_checkpoints_of_one_run_cannot_replace_runs():
    """Endless checkpoints are worth the runs over their correlation; without run scatter all points count."""
    many = effective_runs(10, 10_000, run_scatter=0.005)
    assert many.effective == pytest.approx(10 / many.correlation, rel=1e-3)
    alone = effective_runs(10, 25, run_scatter=0.0)
    assert (alone.ratio, alone.effective, alone.coverage(0.8)) == pytest.approx((1.0, 250, 0.8))
    assert "fit.bootstrap" in many.report() and "fit.bootstrap" not in alone.report()


def test_the_band_widens_beyond_the_runs():
    """The deviation of the fitted slice is that of three constants inside the runs and grows beyond them."""
    honest = slice_precision(LAW, 1e9, np.logspace(9, 11, 10), error=0.005)
    inside = honest.loss_sd(honest.D)
    # Fitted values of a linear model have variances that sum to error^2 times the number of constants.
    assert (inside**2).sum() == pytest.approx(3 * 0.005**2)
    assert (np.diff(honest.loss_sd(np.geomspace(1e11, 1e14, 20))) > 0).all()
    assert honest.loss_sd([[1e12], [1e13]]).shape == (2, 1)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: effective_runs(0, 25, run_scatter=0.005), ["runs", "1 or more"]),
        (lambda: effective_runs(10, 2.5, run_scatter=0.005), ["checkpoints", "whole"]),
        (lambda: effective_runs(10, 25, run_scatter=-0.1), ["run_scatter", "not negative"]),
        (lambda: effective_runs(10, 25, run_scatter=0.1, point_scatter=0), ["point_scatter", "above zero"]),
        (lambda: effective_runs(10, 25, run_scatter=0.1).coverage(1.2), ["level"]),
        (lambda: slice_precision(LAW, 1e9, [1e9, 1e9, 1e10], error=0.01), ["D", "three different"]),
        (lambda: slice_precision(LAW, 1e9, [1e9, 2e9, -1], error=0.01), ["D", "row 2"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument, the rows, and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


def test_reports_fit_the_screen():
    """Reports say the worth and the coverage, in lines of 88 columns."""
    text = effective_runs(10, 25, run_scatter=0.005).report()
    assert "11.5 independent" in text and "28% of the time" in text
    other = slice_precision(LAW, 1e9, np.logspace(9, 11, 10), error=0.005).report()
    assert max(map(len, (text + "\n" + other).splitlines())) <= 88
