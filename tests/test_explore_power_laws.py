"""The live figures of the part on power laws: their numbers, their words, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures import line_from_steps as steps
from scalinglib.explore.figures.bottleneck import bottleneck
from scalinglib.explore.figures.doubling import EXPONENTS, doubling
from scalinglib.explore.figures.drag_the_floor import FLOORS, drag_the_floor, fitted_line
from scalinglib.explore.figures.line_from_steps import line_from_steps
from scalinglib.explore.figures.which_curve import DECADES, FORMS, TRUTHS, fitted, which_curve

TRUE_FLOOR = 1.8172
ASSUMED = (0, 1.0, 1.7, TRUE_FLOOR, 1.9)
FIGURES = {
    bottleneck: {"N": (1e5, 1e11), "D": (1e7, 1e12)},
    doubling: {"exponent": (0.03, 0.5), "compute": (1e18, 1e26), "floor": (0.0, 2.0), "view": ("linear", "log")},
    drag_the_floor: {"floor": (0.0, 1.9), "decades": (2, 6), "noise": (0.0, 0.01)},
    line_from_steps: {"alpha": (0.3, 2.0), "kinds": (300, 1_000_000), "examples": (10, 1_000_000)},
    which_curve: {"truth": ("floor", "break"), "decades": (2, 5)},
}
# Exponent, FLOP, floor: loss, what the next doubling buys, as a share of what is left, the factor that halves it.
DOUBLING = [
    ((0.178, 1e21, TRUE_FLOOR), (2.306496, 0.05679379, 0.1160725, 49.11111)),
    ((0.178, 1e25, TRUE_FLOOR), (1.912167, 0.01102303, 0.1160725, 49.11111)),
    ((0.05, 1e21, TRUE_FLOOR), (3.001800, 0.04035181, 0.03406367, 1_048_576)),
    ((0.30, 1e21, 0.0), (0.2106549, 0.03954996, 0.1877476, 10.07937)),
]
# Floor, decades, noise: promised at 1e26, fitted exponent, R squared, where the true floor is crossed.
DRAG = [
    ((0.0, 4, 0.005), (1.28083, 0.0517662, 0.977131), 1.16269e23),
    ((1.0, 4, 0.005), (1.50558, 0.0834710, 0.986822), 3.17466e23),
    ((1.7, 4, 0.005), (1.80854, 0.150457, 0.997964), 6.00287e25),
    ((TRUE_FLOOR, 4, 0.0), (1.8799018, 0.1782865, 1.0), None),
]
# Alpha, kinds, examples: error, slope, slope in theory.
STEPS = [
    ((1.0, 1_000_000, 1e3), (0.0218422, -0.49964, -0.5)),
    ((0.5, 1_000_000, 1e3), (0.0934169, -0.33584, -1 / 3)),
    ((2.0, 1_000_000, 1e3), (0.00424279, -0.66611, -2 / 3)),
    ((1.0, 1_000, 1e6), (0.00018681, -1.38624, -0.5)),
]


def kinds_run_out(setting):
    """Whether most kinds have been seen after 100,000 examples, so that the line has ended."""
    return 1e5 ** (1 / (1 + setting[0])) > 0.1 * setting[1]


def values(picture, *names):
    return [picture["numbers"][name]["value"] for name in names]


@pytest.mark.parametrize(("setting", "expected"), DOUBLING)
def test_doubling_numbers(setting, expected):
    """Loss, gain, share and factor are those of the closed form r 2^-g and 2^(1/g)."""
    picture = doubling(exponent=setting[0], compute=setting[1], floor=setting[2])
    assert values(picture, "loss", "gain", "share", "factor") == pytest.approx(expected, rel=1e-5)
    assert picture["value"] == pytest.approx(expected[1], rel=1e-5)


@pytest.mark.parametrize(("setting", "expected", "crossing"), DRAG)
def test_drag_the_floor_numbers(setting, expected, crossing):
    """Promise, exponent and R squared of the line, and where it crosses the true floor,
    are those of a plain least-squares line.
    """
    picture = drag_the_floor(floor=setting[0], decades=setting[1], noise=setting[2])
    assert values(picture, "promise", "exponent", "r_squared") == pytest.approx(expected, rel=1e-5)
    law = fitted_line(*setting).law
    if crossing is None:
        assert law.floor == TRUE_FLOOR  # and so it never gets below
    else:
        assert law.x_for(TRUE_FLOOR) == pytest.approx(crossing, rel=1e-5)


@pytest.mark.parametrize(("setting", "expected"), STEPS)
def test_line_from_steps_numbers(setting, expected):
    """Error and slope are the sums over all kinds, and theory says -alpha / (1 + alpha)."""
    picture = line_from_steps(alpha=setting[0], kinds=setting[1], examples=setting[2])
    # Of the slopes five digits are known and of the smallest error five, 2.7e-5 of it, so half a unit is allowed.
    error, slope, theory, left = values(picture, "error", "slope", "theory", "left")
    assert error == pytest.approx(expected[0], rel=3e-5)
    assert kinds_run_out(setting) or left == pytest.approx(100 ** expected[2], rel=0.06)
    assert (slope, theory) == pytest.approx(expected[1:], abs=5.1e-6)


@pytest.mark.parametrize("truth", TRUTHS)
def test_which_curve_closest_is_the_freest(truth):
    """At every cut the broken law, which holds the others but the logarithm, has the smallest scatter, the logarithm's
    fit is numpy's, and the value is the formula that misses 10^25 FLOP least.
    """
    for decades in DECADES:
        C, loss, laws = fitted(truth, float(decades))
        picture = which_curve(truth=truth, decades=decades)
        scatter = dict(zip(FORMS, values(picture, *(f"fit_{name}" for name in FORMS)), strict=True))
        assert scatter["broken"] <= min(scatter.values()) * (1 + 1e-6)
        assert scatter["floor"] <= scatter["line"] * (1 + 1e-9)
        line = np.polyfit(np.log(C), np.log(loss), 1)
        assert laws["line"](C) == pytest.approx(np.exp(np.polyval(line, np.log(C))), rel=1e-7)
        off = np.abs(values(picture, *(f"off_{name}" for name in FORMS)))
        assert picture["value"] == np.argmin(off)


def test_which_curve_foretells_a_break_only_when_seen():
    """With a break at 1e21 FLOP, two decades of runs leave every power law above the truth by half of it and more;
    five decades give it to the broken law within a percent, and to no other within a tenth.
    """
    early = which_curve(truth="break", decades=2)
    assert min(values(early, "off_line", "off_floor", "off_broken")) > 50
    late = which_curve(truth="break", decades=5)
    assert abs(values(late, "off_broken")[0]) < 1
    assert min(np.abs(values(late, "off_line", "off_floor", "off_logarithm"))) > 10


@pytest.mark.parametrize(("N", "D"), [(1e8, 1e9), (1e5, 1e12), (1e11, 1e7)])
def test_bottleneck_numbers(N, D):
    """Loss and gain are equation 1.5 of Kaplan et al. with Table 2; with text to spare the gain arrives, with
    text short next to none of it; the tokens a size asks for are equation 4.4.
    """
    law = lambda n, d: ((6.4e13 / n) ** (0.076 / 0.103) + 1.8e13 / d) ** 0.103
    loss, gain, share, needed = values(bottleneck(N=N, D=D), "loss", "gain", "share", "needed")
    assert loss == pytest.approx(law(N, D), rel=1e-12)
    assert gain == pytest.approx(law(N, D) - law(8 * N, D), rel=1e-9)
    assert share == pytest.approx(100 * gain / (law(N, np.inf) - law(8 * N, np.inf)), rel=1e-9)
    assert needed == pytest.approx(5e3 * N**0.74, rel=1e-12)
    assert {1e8: 35 < share < 40, 1e5: share > 99, 1e11: share < 2}[N]


def test_sentences():
    """At the start each figure says its number."""
    assert str(doubling()["say"]) == (
        "From 10^21 FLOP the next doubling buys 0.0568 nats, 11.6% of what is left above the floor. "
        "Halving what is left takes 49.1 times the compute, every time."
    )
    assert str(drag_the_floor()["say"]) == (
        "With the floor at 0.00 the fit promises 1.28 nats at 10^26 FLOP; the truth is 1.88. R squared is 0.977."
    )
    assert str(which_curve()["say"]) == (
        "Closest to the fitted losses is the broken law; closest at 10^25 FLOP, the truth being 1.91 nats, is the law "
        "with a floor. The broken law is off there by \N{MINUS SIGN}4.4%, the law with a floor by \N{MINUS SIGN}1.6%."
    )
    assert str(bottleneck()["say"]) == (
        "At 2.96 nats, a model eight times larger gains 0.15, 38% of what it would with endless text. A model of this "
        "size asks for 4.2 billion tokens."
    )
    assert str(line_from_steps()["say"]) == (
        "At 1,000 examples the error falls with slope \N{MINUS SIGN}0.500; theory for endless facts says "
        "\N{MINUS SIGN}0.500."
    )


@pytest.mark.parametrize("function", FIGURES, ids=lambda f: f.__name__)
def test_corners_have_the_same_layers(function):
    """At every corner the axes stay (by view), and each layer keeps its name and its number of points."""
    ranges = FIGURES[function]
    for corner in itertools.product(*ranges.values()):
        setting = dict(zip(ranges, corner, strict=True))
        first, picture = function(**{k: v for k, v in setting.items() if k == "view"}), function(**setting)
        assert picture["axes"] == first["axes"]
        for group in ("regions", "curves", "points", "marks"):
            assert {n: np.shape(layer["y"]) for n, layer in picture.get(group, {}).items()} == {
                n: np.shape(layer["y"]) for n, layer in first.get(group, {}).items()
            }


def test_the_factor_to_halve_is_the_same_everywhere():
    """From any compute and above any floor, the factor that halves what is left leaves half of it."""
    for compute, floor in itertools.product((1e18, 3e22), (0.0, 1.0, TRUE_FLOOR)):
        picture = doubling(exponent=0.12, compute=compute, floor=floor)
        loss, factor = values(picture, "loss", "factor")
        later = doubling(exponent=0.12, compute=compute * factor, floor=floor)["numbers"]["loss"]["value"]
        assert later - floor == pytest.approx((loss - floor) / 2)


def test_drops_are_what_the_loss_loses():
    """The stems of the lower panel add up to the fall of the loss over ten doublings."""
    points = doubling(compute=1e20)["points"]
    drops = np.concatenate([points[name]["y"] for name in ("next", "soon", "later")])
    fall = values(doubling(compute=1e20), "loss")[0] - values(doubling(compute=1e20 * 2**10), "loss")[0]
    assert drops.sum() == pytest.approx(fall) and drops.size == 10


def test_all_exponents_start_from_one_loss():
    """As the caveat says, the exponent does not move the loss at 1e18 FLOP, 1.6732915 above the floor."""
    starts = [doubling(exponent=exponent, floor=0.0)["curves"]["law"]["y"][0] for exponent in EXPONENTS]
    assert starts == pytest.approx([1.6732915] * len(EXPONENTS), rel=1e-7)


def test_assumed_floors_stay_below_the_losses():
    """The highest floor of the slider is below the smallest loss of every setting,
    1.9597, and the true floor is among the stops.
    """
    smallest = min(fitted_line(0.0, decades, noise).y.min() for decades in range(2, 7) for noise in (0.0, 0.005, 0.01))
    assert smallest == pytest.approx(1.9597, abs=5e-5)
    assert max(FLOORS) == 1.9 < smallest and TRUE_FLOOR in FLOORS and list(FLOORS) == sorted(FLOORS)


def test_residuals_stay_in_their_frame():
    """At no setting does a residual leave the fixed axis of 10%; the largest is 8.9%."""
    worst = 0.0
    for floor, decades, noise in itertools.product(ASSUMED, (2, 4, 6), (0.0, 0.005, 0.01)):
        worst = max(
            worst, np.abs(drag_the_floor(floor=floor, decades=decades, noise=noise)["points"]["residuals"]["y"]).max()
        )
    assert worst == pytest.approx(8.9, abs=0.05)


def test_a_forgotten_floor_bows_and_a_known_one_does_not():
    """Without a floor the residuals are high at both ends; with the true one
    and no noise there are none; R squared hardly tells.
    """
    bowed, straight = drag_the_floor(), drag_the_floor(floor=TRUE_FLOOR, noise=0.0)
    y = bowed["points"]["residuals"]["y"]
    assert y[0] > 3 and y[-1] > 3 and y[8:12].max() < -1
    assert np.abs(straight["points"]["residuals"]["y"]).max() < 1e-9
    better, worse = (drag_the_floor(floor=floor)["numbers"]["r_squared"]["value"] for floor in (1.82, 1.9))
    assert (better, worse) == pytest.approx((0.998767, 0.997649), abs=1e-6)


@pytest.mark.parametrize(("alpha", "kinds"), [(0.3, 300), (0.3, 1_000_000), (1.0, 30_000), (2.0, 3_000)])
def test_blocks_of_kinds_are_exact_enough(alpha, kinds):
    """Errors and slopes of the figure are those of ZipfMemoriser, whose sums go over each kind by itself."""
    world = sl.simulate.ZipfMemoriser(alpha=alpha, kinds=kinds)
    errors, slopes, rates = steps.expected(alpha, kinds)
    some = [0, 16, 24, 40]
    D = np.array(steps.EXAMPLES)[some]
    assert errors[some] == pytest.approx(world.loss(D), rel=1e-6)
    assert slopes[some] == pytest.approx(world.slope(D), rel=1e-6)
    assert np.exp(-100 * rates) == pytest.approx(world.unlearned(steps.RANKS, 100.0))


def test_steps_stand_where_their_facts_are_learned():
    """A fact is unknown with chance 1/e where its step is at 1/e, and rarer facts are learned later."""
    curves = line_from_steps(alpha=0.7, kinds=30_000)["curves"]
    world, learned = sl.simulate.ZipfMemoriser(alpha=0.7, kinds=30_000), []
    for rank in steps.RANKS:
        step = curves[f"fact_{rank}"]
        learned.append(float(np.exp(np.interp(1.0, -np.log(step["y"]), np.log(step["x"])))))
        # A step is drawn through 26 points, and read between two of them.
        assert world.unlearned(rank, learned[-1]) == pytest.approx(np.exp(-1), abs=0.01)
    assert learned == sorted(learned)


def test_when_facts_run_out_the_sentence_says_so():
    """With 300 kinds and many examples the line bends down, and another sentence stands there."""
    few, many = line_from_steps(kinds=300, examples=100_000), line_from_steps(examples=100_000)
    assert "few are left" in few["say"] and "few are left" not in many["say"]
    assert few["value"] < -1 < many["value"]
