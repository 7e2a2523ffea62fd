"""Limits: the lowest of four uncertain ceilings, and what another pass over a text is worth."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.limits import (
    CEILINGS_2030,
    INPUTS_2030,
    LARGEST_RUNS,
    Ceiling,
    SharedInput,
    compute_trend,
    lowest_ceiling,
    value_of_passes,
)

MUENNIGHOFF = sl.published["muennighoff2023"]


def lowest(power="power", **options):
    return lowest_ceiling([CEILINGS_2030[name] for name in (power, "chips", "data", "latency")], **options)


@pytest.mark.parametrize(
    "power, shared, growth, above, median, low, high, binds",
    [
        ("power", 0.0, 4, 0.38991, 1.032e29, 1.243e28, 6.159e29, (0.5912, 0.2322, 0.1727, 0.0039)),
        ("power-one-campus", 0.0, 4, 0.15135, 4.404e28, 7.962e27, 2.091e29, (0.8054, 0.0883, 0.1058, 0.0005)),
        ("power", 0.8, 4, 0.53868, 1.853e29, 1.686e28, 1.723e30, (0.8131, 0.1117, 0.0753, 0.0)),
        ("power", 0.0, 5, 0.10498, 1.032e29, 1.243e28, 6.159e29, (0.5912, 0.2322, 0.1727, 0.0039)),
    ],
)
def test_the_specified_numbers_come_out(power, shared, growth, above, median, low, high, binds):
    """Chance above the trend, median, 80% range and what binds are those worked out before."""
    result = lowest(power, shared=shared)
    assert result.survival(compute_trend(growth)) == pytest.approx(above, abs=5.1e-6)
    assert result.median == pytest.approx(median, rel=5e-4)
    assert result.interval() == pytest.approx((low, high), rel=5e-4)
    # The table prints .2322 where the value is .232151: half a unit of its last digit and a little.
    assert list(result.binds.values()) == pytest.approx(binds, abs=6e-5)


@pytest.mark.parametrize(
    "shared, share, power", [(0.0, 0.8, "power"), (0.8, 0.8, "power"), (0.5, 0.6, "power-one-campus")]
)
def test_draws_agree(shared, share, power):
    """400,000 draws with one common factor give the same chances within five binomial errors."""
    result, draws = lowest(power, share=share, shared=shared), 400_000
    rng = np.random.default_rng(5)
    means = np.array([np.log10(c.low * c.high) / 2 for c in result.ceilings])
    sds = np.array([c.sd(share) for c in result.ceilings])
    common, own = rng.standard_normal((draws, 1)), rng.standard_normal((draws, 4))
    logs = means + sds * (np.sqrt(shared) * common + np.sqrt(1 - shared) * own)
    least, which = logs.min(1), np.bincount(logs.argmin(1), minlength=4) / draws
    error = 5 * np.sqrt(0.25 / draws)
    for C in (1e28, 1e29, 1e30):
        assert result.survival(C) == pytest.approx((least > np.log10(C)).mean(), abs=error)
    assert list(result.binds.values()) == pytest.approx(list(which), abs=error)
    assert (least < np.log10(result.median)).mean() == pytest.approx(0.5, abs=error)


@pytest.mark.parametrize("power", ["power", "power-one-campus"])
def test_draws_of_the_inputs_agree(power):
    """400,000 draws in which four inputs are part of several ceilings give the same chances and correlations."""
    result, draws, rng = lowest(power, inputs=INPUTS_2030.values()), 400_000, np.random.default_rng(8)
    logs = np.zeros((draws, 4))
    for each in INPUTS_2030.values():
        powers = [each.on.get(ceiling.name, 0.0) for ceiling in result.ceilings]
        logs += np.outer(each.sd * rng.standard_normal(draws), powers)
    sds = np.array([ceiling.sd(0.8) for ceiling in result.ceilings])
    logs += np.sqrt(sds**2 - logs.var(0)) * rng.standard_normal((draws, 4))
    assert result.correlation() == pytest.approx(np.corrcoef(logs.T), abs=0.01)
    logs += np.log10([ceiling.middle for ceiling in result.ceilings])
    error = 5 * np.sqrt(0.25 / draws)
    for C in (1e28, 1e29, 1e30):
        assert result.survival(C) == pytest.approx((logs.min(1) > np.log10(C)).mean(), abs=error)
    drawn = np.bincount(logs.argmin(1), minlength=4) / draws
    assert list(result.binds.values()) == pytest.approx(list(drawn), abs=error)


def test_an_input_that_is_known_moves_what_it_is_part_of():
    """A run twice as long doubles power and chips, lifts latency by its power and leaves data; its spread is gone."""
    duration = INPUTS_2030["duration"]
    wide = lowest(inputs=INPUTS_2030.values())
    known = lowest(inputs=INPUTS_2030.values(), known={"duration": 2 * duration.middle})
    C = np.geomspace(1e26, 1e34, 80_001)
    peaks = [C[each.each_density(C).argmax(1)] for each in (known, wide)]
    assert peaks[0] / peaks[1] == pytest.approx([2.0, 2.0, 1.0, 2 ** duration.on["latency"]], rel=1e-3)
    assert known.sds()[0] == pytest.approx(np.sqrt(wide.sds()[0] ** 2 - duration.sd**2))
    assert known.sds()[2] == wide.sds()[2] and "duration held at" in known.report()


def test_the_products_give_the_printed_ceilings():
    """The source's own inputs, multiplied, give its power, chips and text ceilings to within a factor of two."""
    seconds, peak, used = (INPUTS_2030[name].middle for name in ("duration", "peak", "utilisation"))
    assert CEILINGS_2030["power"].middle == pytest.approx(8e9 / 1704 * peak * used * seconds * 1.28**6, rel=0.3)
    assert 0.5 < 9e29 / (100e6 * peak * used * seconds) < 2
    assert [0.3 * D**2 for D in (4e14, 2e16)] == pytest.approx([6e28, 2e32], rel=0.45)


def test_the_largest_runs_are_those_of_the_table():
    """Dates rise, and the run that the source counts from is the default start."""
    years, _ = zip(*LARGEST_RUNS.values(), strict=True)
    assert list(years) == sorted(years)
    year, flop = LARGEST_RUNS["Llama 3.1 405B"]
    assert compute_trend(4, start=flop, start_year=year) == compute_trend(4)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_single_ceiling_holds_its_share(share):
    """One ceiling is its own lowest: the printed range holds the share, and the median is the middle."""
    ceiling = Ceiling("chips", 1e29, 5e30)
    result = lowest_ceiling([ceiling], share=share, shared=0.4)
    assert result.survival(1e29) - result.survival(5e30) == pytest.approx(share, abs=1e-9)
    assert result.median == pytest.approx(ceiling.middle) and result.binds == {"chips": 1.0}
    assert result.density(2e30) == pytest.approx(ceiling.density(2e30, share=share), rel=1e-6)


def test_the_density_is_the_slope_of_survival():
    """Density per factor of ten is minus the derivative of survival in log10 FLOP, and sums to 1."""
    result = lowest(shared=0.6)
    z = np.linspace(26, 32, 25)
    slope = (result.survival(10 ** (z - 1e-4)) - result.survival(10 ** (z + 1e-4))) / 2e-4
    assert result.density(10**z) == pytest.approx(slope, rel=1e-5, abs=1e-9)
    fine = np.linspace(20, 40, 4001)
    assert result.density(10**fine).sum() * (fine[1] - fine[0]) == pytest.approx(1.0, abs=1e-9)


def test_the_lowest_lies_below_every_middle_and_shared_luck_lifts_it():
    """Without shared luck the median of the lowest is below the lowest middle; shared luck moves it up."""
    medians = [lowest(shared=shared).median for shared in (0.0, 0.3, 0.6, 0.9)]
    assert medians == sorted(medians)
    least = min(ceiling.middle for ceiling in lowest().ceilings)
    assert least == pytest.approx(2e29) and medians[0] < least


@pytest.mark.parametrize(
    "ceiling, low, high",
    [
        ("power", 2e28, 2e30),
        ("power-one-campus", 1e28, 3e29),
        ("chips", 1e29, 5e30),
        ("data", 6e28, 2e32),
        ("latency", 3e30, 1e32),
    ],
)
def test_ranges_are_those_printed(ceiling, low, high):
    """The ranges for 2030 are those of the source."""
    assert (CEILINGS_2030[ceiling].low, CEILINGS_2030[ceiling].high) == (low, high)


def test_the_trend_starts_where_it_is_said_to():
    """Four-fold a year from 3.8e25 FLOP in 2024 is 4096 times as much in 2030."""
    assert compute_trend(4) == pytest.approx(3.8e25 * 4096)
    assert compute_trend([2, 3], year=2025.6) == pytest.approx([7.6e25, 1.14e26])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: lowest(share=1.0), ["share", "below 1"]),
        (lambda: lowest(shared=0.99), ["shared", "0.95"]),
        (lambda: lowest_ceiling([]), ["ceilings", "none"]),
        (lambda: lowest_ceiling([CEILINGS_2030["power"]] * 2), ["different names", "power, power"]),
        (lambda: Ceiling("chips", 5e30, 1e29), ["low", "high", "chips"]),
        (lambda: SharedInput("x", 2.0, 1.0, 3.0), ["rise", "2", "1", "3"]),
        (lambda: lowest(inputs=INPUTS_2030.values(), known={"lenght": 1e7}), ["known", "duration"]),
        (lambda: lowest(inputs=[SharedInput("x", 1, 2, 1e9, on={"power": 1.0})]), ["inputs", "power", "allows"]),
        (lambda: lowest().quantile([0.5, 1.0]), ["probability", "row 1"]),
        (lambda: lowest().survival([1e29, 0]), ["C", "row 1"]),
        (lambda: value_of_passes(MUENNIGHOFF, [1, 0], U=1e9, N=1e9), ["passes", "row 1"]),
        (lambda: value_of_passes(MUENNIGHOFF.fresh, 1, U=1e9, N=1e9), ["law", "RepeatedDataLaw"]),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(call, words):
    """Errors name the argument, the rows, and what is allowed."""
    with pytest.raises(ValueError) as refused:
        call()
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("narrow", [1e-2, 1e-6])
def test_unequal_ranges_still_bind(narrow):
    """A ceiling known far better than the other is the lowest as often as the normal law says."""
    from scipy.stats import norm

    sharp, wide = Ceiling("sharp", 1e30 * (1 - narrow), 1e30 / (1 - narrow)), Ceiling("wide", 1e29, 1e32)
    gap = np.log10(wide.middle / sharp.middle)
    expected = norm.cdf(gap / np.hypot(sharp.sd(0.8), wide.sd(0.8)))
    assert lowest_ceiling([sharp, wide]).binds["sharp"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "passes, U, N, R_D, R_N, effective, worth, loss, fresh",
    [
        (4, 2.5e10, 6.34e9, 15.387756, 5.309743, 3.72567, 0.82287, 2.270670, 2.247808),
        (40, 2.5e10, 6.34e9, 15.387756, 5.309743, 15.16746, 0.07930, 2.192009, 2.138286),
        (16, 1e12, 1e11, 15.387756, 5.309743, 10.58246, 0.37727, 1.976919, 1.970726),
        (4, 2.5e10, 6.34e9, 95.4, 1.71, 3.95332, 0.96904, 2.296909, None),
    ],
)
def test_passes_are_worth_what_was_worked_out(passes, U, N, R_D, R_N, effective, worth, loss, fresh):
    """Effective passes, the worth of the next one and both losses are those worked out before."""
    fields = {name: getattr(MUENNIGHOFF, name) for name in ("E", "A", "B", "alpha", "beta")}
    value = value_of_passes(sl.RepeatedDataLaw(**fields, R_D=R_D, R_N=R_N), passes, U=U, N=N)
    assert value.effective_passes == pytest.approx(effective, abs=6e-6)
    assert value.next_pass == pytest.approx(worth, abs=6e-6)
    assert value.loss == pytest.approx(loss, abs=6e-7)
    if fresh:
        assert value.fresh_loss == pytest.approx(fresh, abs=6e-7)


def test_the_next_pass_is_the_slope_of_effective_tokens():
    """The next token is worth the derivative of effective tokens in tokens seen; a first pass is all new."""
    passes = np.array([0.25, 2.0, 7.0, 60.0])
    value = value_of_passes(MUENNIGHOFF, passes, U=1e10, N=1e9)
    step = 1e-5
    slope = (
        MUENNIGHOFF.effective_tokens((passes + step) * 1e10, 1e10)
        - MUENNIGHOFF.effective_tokens((passes - step) * 1e10, 1e10)
    ) / (2 * step * 1e10)
    assert value.next_pass == pytest.approx(slope, rel=1e-5)
    assert value.effective_passes[0] == 0.25 and value.next_pass[0] == 1.0
    assert (value.effective_passes < value.most_passes).all()


def test_a_case_has_its_report():
    """Each case is told in words, and arrays broadcast."""
    value = value_of_passes(MUENNIGHOFF, [[1.0], [4.0]], U=[1e9, 1e10, 1e11], N=1e9)
    assert value.loss.shape == (2, 3) and value.report().count("passes over") == 6
    assert "82.3% of a fresh one" in value.report()
    assert all(len(line) <= 88 for line in value.report().splitlines() + lowest().report().splitlines())
    assert "assumed" in lowest().report()
