"""Repeated data: known constants come back, and the published table's two valleys are found."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.limits import fit_repetition


def design(truth):
    epochs, N, U = (z.ravel() for z in np.meshgrid([1.0, 2, 4, 8, 16, 32], [3e7, 3e8, 3e9], [1e8, 1e9]))
    return N, epochs * U, U


@pytest.mark.parametrize(("R_D", "R_N"), [(15.39, 5.31), (4.0, 20.0), (60.0, 1.5)])
def test_known_constants_come_back(R_D, R_N):
    """Without noise the fit returns the two constants that made the runs."""
    fresh = sl.published["muennighoff2023"].fresh
    truth = sl.RepeatedDataLaw(E=fresh.E, A=fresh.A, B=fresh.B, alpha=fresh.alpha, beta=fresh.beta, R_D=R_D, R_N=R_N)
    N, D, U = design(truth)
    fit = fit_repetition(N, D, U, truth(N, D, U), law=fresh)
    assert fit.law.R_D == pytest.approx(R_D, rel=1e-3) and fit.law.R_N == pytest.approx(R_N, rel=1e-3)
    low, high = fit.within(1.0)
    assert low <= R_D * (1 + 1e-9) and R_D <= high * (1 + 1e-9)


@pytest.mark.published_data("repeated-c4")
def test_the_published_runs_hold_R_D_weakly():
    """On the 182 published runs the published constants are one valley, a lower one lies at R_D 95,
    and everything from 7.8 up fits within 1%.
    """
    runs = sl.runs.load("repeated-c4")
    truth = sl.published["muennighoff2023"]
    fit = fit_repetition(runs.N, runs.D, runs.unique_tokens, runs.loss, law=truth.fresh)
    assert fit.objective_value == pytest.approx(0.0158047, abs=5e-8)
    assert fit.law.R_D == pytest.approx(95.4, abs=0.1) and fit.law.R_N == pytest.approx(1.71, abs=0.01)
    low, high = fit.within(0.01)
    # The profile's steps are 12%; its upper end is the grid's, so nothing bounds R_D from above.
    assert low == pytest.approx(7.8, rel=0.12) and high == pytest.approx(1000.0)
    assert "within 1% of the best" in fit.report()


@pytest.mark.published_data("repeated-c4")
def test_runs_of_few_passes_leave_R_D_without_a_finite_best_value():
    """With all constants free, the published runs of at most 60 passes push R_D beyond any number of passes."""
    runs = sl.runs.load("repeated-c4").rename(columns={"unique_tokens": "U"})
    runs["U"] = runs[["U", "D"]].min(axis=1)
    fit = sl.fit("muennighoff2023-form", runs[runs.D / runs.U <= 60])
    assert fit.constants["R_D"] > 1e6


def test_runs_without_repetition_are_refused():
    """One pass everywhere cannot fix R_D, and the error says so."""
    law = sl.published["muennighoff2023"].fresh
    with pytest.raises(ValueError, match="nothing was repeated"):
        fit_repetition([1e8, 2e8, 3e8], [1e9] * 3, [1e9] * 3, [3.0, 2.9, 2.8], law=law)


def test_few_parameters_leave_R_N_open():
    """Where every model is small for its data, the report says that R_N is not determined."""
    truth = sl.published["muennighoff2023"]
    U = np.full(4, 1e9)
    D = U * [1, 4, 16, 64]
    N = np.full(4, 1e6)
    fit = fit_repetition(N, D, U, truth(N, D, U), law=truth.fresh)
    assert fit.excess_parameters == 0 and "R_N is not determined" in fit.report()
