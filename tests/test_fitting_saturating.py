"""Fits of laws with a bend, and of Kaplan's joint law: known truth, published constants, hostile tables."""

import warnings
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scalinglib as sl

SHIFTED = sl.ShiftedPowerLaw(a=4.0, b=0.4, c=0.5, d=30.0)
SATURATING = sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.0, alpha=0.7, beta=30.0, c=-0.5)


def noisy(y, *, noise=0.005, seed=0):
    return y * np.exp(noise * np.random.default_rng(seed).standard_normal(np.shape(y)))


def quiet(function, *data, **options):
    """Call a fit without its warnings: hostile tables deserve them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*data, **options)


@pytest.mark.parametrize("space", ["log", "log1p"])
@pytest.mark.parametrize(
    "truth", [SHIFTED, sl.ShiftedPowerLaw(a=4.0, b=0.9, c=0.0, d=500.0), sl.ShiftedPowerLaw(a=2.0, b=0.3, c=1.7, d=0.7)]
)
def test_zhais_constants_come_back(truth, space):
    """Points without noise give back all four constants."""
    x = np.geomspace(1, 1e5, 20)
    fit = sl.fit_shifted_power_law(x, truth(x), space=space)
    assert astuple(fit.law) == pytest.approx(astuple(truth), rel=1e-6, abs=1e-9)
    assert fit.converged and not fit.undetermined


@pytest.mark.parametrize("space", ["log", "log1p"])
@pytest.mark.parametrize("given_top", [True, False])
@pytest.mark.parametrize(
    "truth",
    [
        SATURATING,
        sl.SaturatingPowerLaw(eps_inf=0.5, eps_0=10.8, alpha=2.0, beta=30.0, c=-0.5),
        sl.SaturatingPowerLaw(eps_inf=0.0, eps_0=1.0, alpha=1.0, beta=30.0, c=-0.3),
    ],
)
def test_m4_constants_come_back(truth, given_top, space):
    """Points without noise from the guess down to near the floor give back all constants."""
    x = np.geomspace(1e-1, 1e6, 24)
    options = {"eps_0": truth.eps_0} if given_top else {}
    fit = sl.fit_saturating_power_law(x, truth(x), space=space, **options)
    assert astuple(fit.law) == pytest.approx(astuple(truth), rel=1e-6, abs=1e-9)
    assert fit.converged


@pytest.mark.parametrize("unit_x, unit_y", [(1e6, 1.0), (1.0, 1e6), (1e-6, 1e-6)])
def test_units_do_not_matter(unit_x, unit_y):
    """In other units of x and y the same curve is found, with the shift in the unit of x."""
    x = np.geomspace(1, 1e5, 20)
    y = noisy(SHIFTED(x))
    plain = sl.fit_shifted_power_law(x, y).law
    fit = sl.fit_shifted_power_law(x * unit_x, y * unit_y).law
    assert fit.b == pytest.approx(plain.b, rel=1e-6)
    assert fit.d == pytest.approx(plain.d * unit_x, rel=1e-6)
    assert fit.c == pytest.approx(plain.c * unit_y, rel=1e-6)
    bent, moved = sl.fit_saturating_power_law(x, y), sl.fit_saturating_power_law(x * unit_x, y * unit_y)
    assert moved.law(x * unit_x) == pytest.approx(bent.law(x) * unit_y, rel=1e-6)


def test_noise_moves_the_exponents_by_no_more_than_expected():
    """Over twenty draws of 0.5% noise the exponents centre on the truth within three standard errors."""
    x = np.geomspace(1, 1e5, 24)
    b = [quiet(sl.fit_shifted_power_law, x, noisy(SHIFTED(x), seed=seed)).law.b for seed in range(20)]
    c = [quiet(sl.fit_saturating_power_law, x, noisy(SATURATING(x), seed=seed), eps_0=2.0).law.c for seed in range(20)]
    for found, truth in ((b, 0.4), (c, -0.5)):
        assert np.std(found) < 0.1 * abs(truth)
        assert abs(np.mean(found) - truth) < 3 * np.std(found) / np.sqrt(20)


@pytest.mark.parametrize("seed", range(4))
def test_noise_may_put_points_below_the_floor(seed):
    """With eps_0 given the fit is no worse than the truth's own constants refined by scipy."""
    from scipy.optimize import least_squares

    truth = sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.5, alpha=0.5, beta=30.0, c=-0.8)
    x = np.geomspace(10, 1e6, 40)
    y = noisy(truth(x), noise=0.01, seed=seed)

    def misfit(theta):
        floor, log_alpha, log_beta, c = theta
        law = sl.SaturatingPowerLaw(eps_inf=floor, eps_0=2.5, alpha=np.exp(log_alpha), beta=np.exp(log_beta), c=c)
        return np.log(y / law(x))

    found = quiet(sl.fit_saturating_power_law, x, y, eps_0=2.5)
    end = least_squares(misfit, [0.2, np.log(0.5), np.log(30.0), -0.8], x_scale="jac", xtol=1e-14, ftol=1e-14)
    assert found.law.eps_inf > y.min()
    assert (found.residuals**2).sum() <= 2 * end.cost * (1 + 1e-6)


def test_a_bend_that_is_not_there_is_left_out():
    """Points of a power law with a floor give d = 0, alpha = 0 and that power law."""
    truth = sl.PowerLaw(coefficient=4.0, exponent=0.4, floor=0.5)
    x = np.geomspace(1, 1e5, 16)
    with pytest.warns(sl.IdentifiabilityWarning, match="do not determine d"):
        shifted = sl.fit_shifted_power_law(x, truth(x)).law
    with pytest.warns(sl.IdentifiabilityWarning, match="do not determine eps_0"):
        bent = sl.fit_saturating_power_law(x, truth(x)).law
    assert (shifted.d, bent.alpha) == (0.0, 0.0)
    assert (shifted.a, shifted.b, shifted.c) == pytest.approx((4.0, 0.4, 0.5), rel=1e-7)
    assert (bent.beta, -bent.c, bent.eps_inf) == pytest.approx((4.0, 0.4, 0.5), rel=1e-7)


@pytest.mark.parametrize("fit", [sl.fit_shifted_power_law, sl.fit_saturating_power_law])
@pytest.mark.parametrize("seed", range(6))
def test_never_worse_than_the_power_law_with_a_floor(fit, seed):
    """The larger form has no larger sum of squares than the one it contains."""
    x = np.geomspace(10, 1e5, 12)
    y = noisy(sl.PowerLaw(coefficient=5.0, exponent=0.3, floor=0.4)(x), noise=0.02, seed=seed)
    floored = quiet(sl.fit_power_law, x, y)
    found = quiet(fit, x, y)
    assert (found.residuals**2).sum() <= (floored.residuals**2).sum() * (1 + 1e-8)


@pytest.mark.parametrize("unit", [1.0, 1e6, 1e-6])
def test_kaplans_published_constants_come_back(unit):
    """Runs on Kaplan's joint law give its exponents and scales; the unit of loss moves only the scales."""
    truth = sl.published["kaplan2020"]
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e6, 1e9, 6), np.geomspace(1e8, 2e10, 6)))
    law = sl.fit_kaplan(N, D, truth(N, D) * unit).law
    assert (law.alpha_N, law.alpha_D) == pytest.approx((0.076, 0.103), rel=1e-8)
    # multiplying the loss by u multiplies N_c by u^(1/alpha_N) and D_c by u^(1/alpha_D)
    assert np.log(law.N_c) == pytest.approx(np.log(6.4e13) + np.log(unit) / 0.076, rel=1e-8)
    assert np.log(law.D_c) == pytest.approx(np.log(1.8e13) + np.log(unit) / 0.103, rel=1e-8)


def test_kaplan_with_noise_and_on_one_line():
    """Noise moves the exponents a little; with D = 20 N the fit says what stays open."""
    truth = sl.published["kaplan2020"]
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e6, 1e9, 6), np.geomspace(1e8, 2e10, 6)))
    fit = sl.fit_kaplan(N, D, noisy(truth(N, D)))
    assert (fit.law.alpha_N, fit.law.alpha_D) == pytest.approx((0.076, 0.103), rel=0.03)
    assert fit.converged and fit.rms == pytest.approx(0.005, rel=0.3)
    assert "no embeddings" in fit.report()
    line = np.geomspace(1e6, 1e9, 12)
    with pytest.warns(sl.IdentifiabilityWarning, match="Kaplan"):
        fit = sl.fit_kaplan(line, 20 * line, noisy(truth(line, 20 * line), noise=0.01))
    assert fit.undetermined and "not determined" in fit.report()


def test_hubers_sum_shrugs_off_a_wild_point():
    """With one point ten times too high Huber's fits stay with the rest, and squares do not."""
    x = np.geomspace(1e-1, 1e6, 24)
    wild = np.where(np.arange(24) == 9, 10.0, 1.0)
    for function, truth, options in (
        (sl.fit_shifted_power_law, SHIFTED, {}),
        (sl.fit_saturating_power_law, SATURATING, {"eps_0": 2.0}),
    ):
        y = noisy(truth(x), noise=0.002)
        huber = quiet(function, x, y * wild, objective="huber", **options)
        squares = quiet(function, x, y * wild, **options)
        miss = [np.abs(np.log(fit.law(x) / truth(x))).max() for fit in (huber, squares)]
        assert miss[0] < 0.01 < 0.1 < miss[1]
    truth = sl.published["kaplan2020"]
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e6, 1e9, 6), np.geomspace(1e8, 2e10, 6)))
    loss = noisy(truth(N, D), noise=0.002) * np.where(np.arange(36) == 7, 3.0, 1.0)
    law = sl.fit_kaplan(N, D, loss, objective="huber").law
    assert (law.alpha_N, law.alpha_D) == pytest.approx((0.076, 0.103), rel=0.02)


columns = st.integers(5, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(1e2, 1e13), min_size=n, max_size=n),
        st.lists(st.floats(1e2, 1e13), min_size=n, max_size=n),
        st.lists(st.floats(0.5, 20.0), min_size=n, max_size=n),
        st.sampled_from([1e-6, 1.0, 1e6]),
    )
)


@given(table=columns)
@settings(max_examples=10)
def test_hostile_tables_end_in_numbers_or_in_a_sentence(table):
    """Any table gives a law with finite values and a report, or a ValueError of one line."""
    N, D, y = (np.array(part) for part in table[:3])
    y = y * table[3]
    curves = (sl.fit_shifted_power_law, sl.fit_saturating_power_law)
    for function, data in [*((curve, (N,)) for curve in curves), (sl.fit_kaplan, (N, D))]:
        try:
            fit = quiet(function, *data, y)
        except ValueError as error:
            assert "\n" not in str(error) and len(str(error)) > 20
        else:
            assert np.all(np.isfinite(fit.law(*data))) and np.isfinite(fit.rms)
            assert max(map(len, fit.report().splitlines())) <= 88


@pytest.mark.parametrize(
    "function, data, options, words",
    [
        (sl.fit_shifted_power_law, ([1, 2, 3], [3, 2, 1]), {}, ["3 runs", "4 constants"]),
        (sl.fit_shifted_power_law, ([1, 1, 1, 2], [3, 2, 1, 1]), {}, ["x has 2 different values"]),
        (sl.fit_shifted_power_law, ([1, 2, 3, 4], [3, 2, 1, 0]), {}, ["y must be", "row 3"]),
        (sl.fit_shifted_power_law, ([1, 2, 3, 4], [3, 2, 1, 1]), {"space": "linear"}, ["space", "'log1p'"]),
        (sl.fit_saturating_power_law, ([1, 2, 3, 4], [5, 4, 3, 2]), {"eps_0": 1.0}, ["eps_0", "smallest y"]),
        (sl.fit_saturating_power_law, ([1, 2, 3, 4], [5, 4, 3, 2]), {"eps_0": "no"}, ["eps_0", "'fit'"]),
        (sl.fit_shifted_power_law, ([1, 2, 3, 4], [3, 2, 1, 1]), {"objective": "lad"}, ["objective"]),
        (sl.fit_kaplan, ([1e8] * 3, [1e9] * 3, [3.0] * 3), {}, ["3 runs", "4 constants"]),
        (sl.fit_kaplan, ([1e8, -1], [1e9] * 2, [3.0] * 2), {}, ["N must be", "row 1"]),
    ],
)
def test_bad_input_is_named(function, data, options, words):
    """The message names the argument, the rows and what is allowed."""
    with pytest.raises(ValueError) as caught:
        function(*data, **options)
    for word in words:
        assert word in str(caught.value)
