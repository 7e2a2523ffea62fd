"""Planned runs: what a design would fix, against fits to simulated runs and numbers worked out before."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.planning import planned_precision, planned_runs

LAW = sl.published["besiroglu2024"]


def precision(pattern="isoflop", *, decades=3, width=4, noise=0.005, **options):
    N, D = planned_runs(LAW, pattern, decades=decades, width=width)
    return planned_precision(LAW, N, D, noise=noise, **options)


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


def test_fits_to_simulated_runs_scatter_as_said():
    """Least-squares fits to 150 simulated studies scatter as much as the linearised standard deviations."""
    N, D = planned_runs(LAW, "isoflop", decades=3, width=4)
    said = planned_precision(LAW, N, D, noise=0.002)
    rng = np.random.default_rng(3)
    fits = [
        sl.fit_chinchilla(N, D, LAW(N, D) * np.exp(errors), objective="log_least_squares").law
        for errors in 0.002 * rng.standard_normal((150, 63))
    ]
    # A standard deviation from 150 draws has a standard error of 6%.
    for name in ("E", "alpha", "beta"):
        assert np.std([getattr(law, name) for law in fits]) == pytest.approx(said.sd[name], rel=0.2)
    sizes = np.log([law.optimum(1e25).N for law in fits])
    assert np.exp(1.2815516 * sizes.std()) == pytest.approx(said.factor, rel=0.2 * np.log(said.factor))


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
