"""Planned runs: what a design would fix, against fits to simulated runs and numbers worked out before."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.planning import planned_precision, planned_runs

LAW = sl.published["besiroglu2024"]


def precision(pattern="isoflop", *, decades=3, width=4, noise=0.005, objective="log_least_squares", **options):
    """Numbers worked out before are those of least squares, which is not the default."""
    N, D = planned_runs(LAW, pattern, decades=decades, width=width)
    return planned_precision(LAW, N, D, noise=noise, objective=objective, **options)


@pytest.mark.parametrize(
    "decades, width, E, alpha, beta, factor",
    [
        (3, 4, 0.019204, 0.011245, 0.011849, 1.16243),
        (3, 1.5, 0.023476, 0.024972, 0.027292, 1.65904),
        (1, 4, 0.048822, 0.020303, 0.020806, 1.42552),
    ],
)
def test_the_specified_numbers_come_out(decades, width, E, alpha, beta, factor):
    """Standard deviations and the factor on N_opt are those worked out before, to the digits given."""
    result = precision(decades=decades, width=width)
    assert result.rank == 5 and result.undetermined == ()
    # Half a unit of the last digit printed is up to 4.5e-5 of the smallest of these.
    found = [result.sd[name] for name in ("E", "alpha", "beta")]
    assert found == pytest.approx([E, alpha, beta], rel=5e-5)
    assert result.factor == pytest.approx(factor, rel=1e-5)


def test_the_optimal_path_fixes_three_of_five():
    """Runs on the optimal path see three directions: the floor, and no exponent."""
    result = precision("optimal-path")
    assert result.rank == 3 and result.sd["E"] == pytest.approx(0.027752, rel=2e-5)
    assert all(np.isinf(result.sd[name]) for name in ("A", "B", "alpha", "beta"))
    assert np.isinf(result.factor) and not result.settles_size
    assert "do not fix N_opt" in result.report() and "several sizes" in result.report()


def test_a_fixed_ratio_is_of_full_rank_on_paper_alone():
    """At 20 tokens a parameter the rank is five, the weakest direction 2.3e-8, and no exponent determined."""
    result = precision("ratio")
    assert result.rank == 5
    assert result.singular_values[0] == pytest.approx(34.8, abs=0.05)
    assert result.singular_values[-1] == pytest.approx(2.3e-8, rel=0.03)
    assert result.sd["alpha"] > 1000 and not result.settles_size
    assert {"A", "B", "alpha", "beta"} <= set(result.undetermined)


def test_the_published_grid_has_its_condition_number():
    """9 by 7 runs over 1e18 to 1e22 with ln E: condition 1224.8; on the path 37.9, 2.19 and .056 are left."""

    def in_log_floor(pattern):
        N, D = planned_runs(LAW, pattern, decades=4, start=1e18)
        return np.array(sl.audit.design.audit_design(LAW, N, D, noise=0.005).singular_values)

    grid = in_log_floor("isoflop")
    assert grid[0] / grid[-1] == pytest.approx(1224.8, rel=1e-4)
    assert in_log_floor("optimal-path")[:3] == pytest.approx([37.9, 2.19, 0.056], rel=0.01)


@pytest.mark.parametrize(
    "objective, delta, noise",
    [("huber", 1e-3, 0.005), ("huber", 1e-4, 0.005), ("least_squares", 1.0, 0.01), ("log_least_squares", 1.0, 0.002)],
)
def test_fits_to_simulated_runs_scatter_as_said(objective, delta, noise):
    """Fits of each objective to 200 simulated studies scatter as planned, and as their own audits say."""
    N, D = planned_runs(LAW, "isoflop", decades=3, width=4)
    options = {"objective": objective, "delta": delta}
    said = planned_precision(LAW, N, D, noise=noise, **options)
    errors = noise * np.random.default_rng(3).standard_normal((200, 63))
    fits = [sl.fit_chinchilla(N, D, LAW(N, D) * np.exp(each), **options) for each in errors]
    # A standard deviation from 200 draws has a standard error of 5%, and fits strain linearity.
    for name in ("E", "alpha", "beta"):
        spread = np.std([getattr(fit.law, name) for fit in fits])
        assert spread == pytest.approx(said.sd[name], rel=0.13)
        audited = np.median([fit.standing.design.spread[name] for fit in fits]) * getattr(LAW, name)
        assert spread == pytest.approx(audited, rel=0.15)
    sizes = np.log([fit.law.optimum(1e25).N for fit in fits])
    assert 1.2815516 * sizes.std() == pytest.approx(np.log(said.factor), rel=0.13)


def test_the_corner_has_its_price():
    """The default's corner of 0.001 costs 42% of variance at 0.5% noise, 11% at 0.1%; a wide one nothing."""
    squares = precision().sd["alpha"]
    for noise, corner, price in ((0.005, 1e-3, 1.423), (0.001, 1e-3, 1.107), (0.005, 0.5, 1.0)):
        found = precision(noise=noise, objective="huber", delta=corner)
        assert (found.sd["alpha"] / squares * 0.005 / noise) ** 2 == pytest.approx(price, abs=5e-4)
        assert found.efficiency == pytest.approx(price, abs=5e-4)
    assert precision(objective="lad").efficiency == pytest.approx(np.pi / 2)
    default = planned_precision(LAW, *planned_runs(LAW, "isoflop", decades=3))
    assert default.sd == precision(objective="huber").sd and "'huber'" in default.report()


def test_noise_scales_every_deviation():
    """Twice the noise is twice every standard deviation, and the square of the factor."""
    one, two = precision(noise=0.005), precision(noise=0.010)
    assert list(two.sd.values()) == pytest.approx([2 * sd for sd in one.sd.values()])
    assert two.factor == pytest.approx(one.factor**2)


def test_layouts_are_as_told():
    """Every pattern keeps C = 6 N D within its decades; the ratio is kept; a width of 1 is the path."""
    for pattern in ("isoflop", "optimal-path", "ratio"):
        N, D = planned_runs(LAW, pattern, decades=2, width=8)
        C = 6 * N * D
        assert len(N) == 63 and C.min() == pytest.approx(6e18) and C.max() == pytest.approx(6e20)
    assert D / N == pytest.approx(np.full(63, 20.0))
    N, D = planned_runs(LAW, "isoflop", decades=2, width=1)
    assert N == pytest.approx(LAW.optimum(6 * N * D).N)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: planned_runs(LAW, "random", decades=3), ["pattern", "isoflop"]),
        (lambda: planned_runs(LAW, "isoflop", decades=3, width=0.5), ["width", "1 or more"]),
        (lambda: planned_runs(LAW, "isoflop", decades=0), ["decades", "above zero"]),
        (lambda: planned_runs(LAW, "isoflop", decades=3, budgets=0), ["budgets", "1 or more"]),
        (lambda: planned_precision(LAW, [1e8] * 4, [1e9] * 4), ["4 runs", "5"]),
        (lambda: planned_precision(LAW, [1e8] * 6, [1e9] * 5 + [0]), ["D", "row 5"]),
        (lambda: precision(noise=0), ["noise"]),
        (lambda: precision(level=1.0), ["level"]),
        (lambda: precision(objective="l2"), ["objective", "'lad'"]),
        (lambda: precision(objective="huber", delta=0), ["delta", "above zero"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument, the rows, and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


def test_the_report_says_how_sure():
    """The report gives the factor and level, warns where linearisation fails, and fits 88 columns."""
    text = precision().report()
    assert "within a factor 1.16" in text and "80%" in text
    wide = precision(decades=1, width=1.2, noise=0.02)
    assert max(wide.relative_sd[name] for name in ("E", "alpha", "beta")) > 0.3
    assert "too small" in wide.report() or wide.undetermined
    assert max(map(len, (text + "\n" + wide.report()).splitlines())) <= 88
