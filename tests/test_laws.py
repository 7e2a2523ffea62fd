"""Laws: printed values, closed forms against a search, and properties that hold for all constants."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scalinglib as sl

exponents = st.floats(0.05, 1.5)
coefficients = st.floats(1e-1, 1e5)
budgets = st.floats(1e15, 1e28)


@st.composite
def chinchilla_laws(draw):
    return sl.ChinchillaLaw(
        E=draw(st.floats(0.0, 3.0)),
        A=draw(coefficients),
        B=draw(coefficients),
        alpha=draw(exponents),
        beta=draw(exponents),
    )


# C -> N and D/N of the optimum, as computed for three published sets of constants
OPTIMA = {
    "besiroglu2024": [
        (1e19, 2.622e8, 24.2),
        (2.21e19, 3.937e8, 23.8),
        (1e21, 2.778e9, 21.6),
        (5.76e23, 7.225e10, 18.4),
        (3.8e25, 6.187e11, 16.5),
        (1e27, 3.307e12, 15.2),
    ],
    "hoffmann2022-rounded": [
        (1e19, 2.280e8, 32.1),
        (2.21e19, 3.261e8, 34.6),
        (1e21, 1.824e9, 50.1),
        (5.76e23, 3.219e10, 92.6),
        (3.8e25, 2.135e11, 139.0),
        (1e27, 9.349e11, 190.7),
    ],
    "hoffmann2022": [
        (1e19, 2.708e8, 22.7),
        (2.21e19, 3.890e8, 24.3),
        (1e21, 2.217e9, 33.9),
        (5.76e23, 4.036e10, 58.9),
        (3.8e25, 2.732e11, 84.8),
        (1e27, 1.216e12, 112.7),
    ],
}


@pytest.mark.parametrize("name", OPTIMA)
def test_optima_of_published_constants(name):
    """The closed form gives the known optimum of each published set at six budgets."""
    for C, N, ratio in OPTIMA[name]:
        best = sl.published[name].optimum(C)
        assert best.N == pytest.approx(N, rel=5e-4)
        assert best.tokens_per_parameter == pytest.approx(ratio, abs=0.051)


@pytest.mark.parametrize(
    "name, a, gamma, drift",
    [
        ("hoffmann2022-rounded", 0.4516, 0.1535, 0.0968),
        ("hoffmann2022", 0.4565, 0.1548, 0.0869),
        ("besiroglu2024", 0.5126, 0.1783, -0.0252),
    ],
)
def test_exponents_of_published_constants(name, a, gamma, drift):
    """The allocation and frontier exponents, and the drift of D/N with C, are the known ones."""
    law = sl.published[name]
    assert law.allocation_exponents[0] == pytest.approx(a, abs=5e-5)
    assert law.frontier_exponent == pytest.approx(gamma, abs=5e-5)
    assert 1 - 2 * law.allocation_exponents[0] == pytest.approx(drift, abs=1e-4)


def test_frontier_constant_of_besiroglu():
    """The frontier of Besiroglu's constants is 1967.86 (C/6)^-0.1782865 above E."""
    frontier = sl.published["besiroglu2024"].frontier_law
    assert frontier.exponent == pytest.approx(0.1782865, abs=5e-8)
    assert frontier.coefficient / 6**frontier.exponent == pytest.approx(1967.86, abs=5e-3)


def test_kaplan_single_variable_laws():
    """Kaplan's L(N) gives the known losses, and halving takes the known factors."""
    N = [1e8, 1e9, 1e10, 1.75e11]
    assert sl.published["kaplan2020-N"](N) == pytest.approx([2.830, 2.376, 1.994, 1.604], abs=5e-4)
    factors = {"kaplan2020-N": 9140, "kaplan2020-D": 1470, "kaplan2020-C": 1.05e6}
    for name, factor in factors.items():
        assert sl.published[name].cost_factor(0.5) == pytest.approx(factor, rel=5e-3)


def test_kaplan_joint_law_joins_the_single_ones():
    """With unlimited data the joint law is (N_c/N)^alpha_N, with unlimited size (D_c/D)^alpha_D."""
    law = sl.published["kaplan2020"]
    assert law(1e9, 1e60) == pytest.approx((6.4e13 / 1e9) ** 0.076, rel=1e-12)
    assert law(1e90, 1e9) == pytest.approx((1.8e13 / 1e9) ** 0.103, rel=1e-12)


def test_repeated_data_worked_values():
    """The two values worked in the authors' repository come out to 1e-9."""
    law = sl.published["muennighoff2023"]
    assert law(6.34e9, 242e9, 25e9) == pytest.approx(2.2256440889984477, abs=1e-9)
    assert law(8.67e9, 178e9, 25e9) == pytest.approx(2.2269634075087867, abs=1e-9)


def test_effective_tokens_of_repeated_data():
    """What 1 to 40 epochs are worth, and their limit, are the known numbers."""
    law = sl.published["muennighoff2023"]
    epochs = np.array([1, 2, 4, 8, 16, 40, 1e9])
    expected = [1, 1.968, 3.726, 6.624, 10.582, 15.167, 16.388]
    assert law.effective_tokens(epochs * 1e9, 1e9) / 1e9 == pytest.approx(expected, abs=5e-4)


@given(chinchilla_laws(), budgets)
def test_the_optimum_is_a_minimum(law, C):
    """No size near or far from the optimum does better at the same budget, and 6 N D is the budget."""
    best = law.optimum(C)
    assert 6 * best.N * best.D == pytest.approx(C, rel=1e-9)
    shift = np.array([1e-3, 0.5, 0.99, 1.01, 2.0, 1e3])
    others = law(best.N * shift, C / (6 * best.N * shift))
    assert np.all(others >= best.loss * (1 - 1e-12))
    assert law.frontier(C) == pytest.approx(best.loss, rel=1e-9)


@given(chinchilla_laws())
def test_allocation_exponents_sum_to_one(law):
    """Under C = 6ND the exponents of N and D sum to one, and both lie between 0 and 1."""
    a, b = law.allocation_exponents
    assert a + b == pytest.approx(1.0, abs=1e-12)
    assert 0 < a < 1


@given(chinchilla_laws(), st.floats(1e3, 1e13), st.floats(1e3, 1e14), st.floats(1.01, 1e3))
def test_more_never_hurts(law, N, D, factor):
    """The loss falls, or stays to rounding, when N or D grows, and never goes below E."""
    assert law(N * factor, D) <= law(N, D)
    assert law(N, D * factor) <= law(N, D)
    assert law(N, D) >= law.E


@given(chinchilla_laws(), st.floats(1e17, 1e26), st.floats(0.2, 5.0))
@settings(max_examples=50)
def test_inverses_invert(law, C, shift):
    """compute_for, tokens_for and compute_for_size undo frontier, the law and the optimum."""
    best = law.optimum(C)
    reducible = best.loss - law.E
    if reducible < 1e-3 * max(law.E, 1e-3):
        return  # the difference to E has lost its digits
    assert law.compute_for(best.loss) == pytest.approx(C, rel=1e-6)
    assert law.compute_for_size(best.N) == pytest.approx(C, rel=1e-6)
    N, D = best.N * shift, best.D
    assert law.tokens_for(N, law(N, D)) == pytest.approx(D, rel=1e-5)


@given(st.floats(1e6, 1e13), st.floats(1e6, 1e14), st.floats(1.0, 100.0))
def test_repetition_is_worth_less_than_fresh_data(N, U, epochs):
    """Repeated tokens lie between nothing and fresh ones, and one epoch is fresh."""
    law = sl.published["muennighoff2023"]
    worth = law.effective_tokens(U * epochs, U)
    assert U * (1 - 1e-12) <= worth <= U * epochs * (1 + 1e-12)
    assert law(N, U, 10 * U) == pytest.approx(law(N, U, U), rel=1e-12)


def test_broadcasting():
    """N of shape (3, 1) and D of shape (4,) give a (3, 4) table, for every law of two arguments."""
    N, D = np.array([[1e8], [1e9], [1e10]]), np.geomspace(1e9, 1e12, 4)
    for name in ("besiroglu2024", "kaplan2020"):
        table = sl.published[name](N, D)
        assert table.shape == (3, 4)
        assert table[1, 2] == pytest.approx(sl.published[name](1e9, D[2]), rel=1e-15)
    assert sl.published["muennighoff2023"](N, D, 1e9).shape == (3, 4)


def test_a_broken_law_without_breaks_is_a_power_law():
    """Without breaks, or far below one, it equals the power law of its first segment."""
    plain = sl.PowerLaw(coefficient=2.0, exponent=0.3, floor=0.5)
    x = np.geomspace(1, 1e4, 9)
    bare = sl.BrokenPowerLaw(a=0.5, b=2.0, c0=0.3, c=[], d=[], f=[])
    far = sl.BrokenPowerLaw(a=0.5, b=2.0, c0=0.3, c=[1.0], d=[1e9], f=[0.1])
    assert bare(x) == pytest.approx(plain(x), rel=1e-12)
    assert far(x) == pytest.approx(plain(x), rel=1e-9)


def test_a_narrow_break_does_not_overflow():
    """A break of width 1e-3 far from x gives a finite value on both sides."""
    law = sl.BrokenPowerLaw(a=0.0, b=1.0, c0=0.1, c=[1.0], d=[1e6], f=[1e-3])
    assert np.all(np.isfinite(law([1e-3, 1e6, 1e12])))


def test_power_law_exponents_may_be_negative():
    """DanWood's certified curve, y = 0.769 x^3.860, is a PowerLaw of exponent -3.860."""
    law = sl.PowerLaw(coefficient=0.76886226176, exponent=-3.8604055871)
    assert law(1.309) == pytest.approx(0.76886226176 * 1.309**3.8604055871, rel=1e-13)
    assert law.x_for(law(1.5)) == pytest.approx(1.5, rel=1e-12)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: sl.PowerLaw(coefficient=-1.0, exponent=0.5), ["coefficient", "above zero"]),
        (lambda: sl.PowerLaw(coefficient=1.0, exponent=float("nan")), ["exponent", "finite"]),
        (lambda: sl.ChinchillaLaw(E=-0.1, A=1, B=1, alpha=1, beta=1), ["E", "not negative"]),
        (lambda: sl.ChinchillaLaw(E=1, A=1, B=1, alpha=0, beta=1), ["alpha", "above zero"]),
        (lambda: sl.published["besiroglu2024"](0.0, 1e9), ["N", "above zero"]),
        (lambda: sl.published["besiroglu2024"](1e9, [1e9, float("inf")]), ["D", "row 1"]),
        (lambda: sl.published["besiroglu2024"].optimum([1e20, -1]), ["C", "row 1"]),
        (lambda: sl.published["besiroglu2024"].compute_for(1.5), ["loss", "1.8172"]),
        (lambda: sl.published["besiroglu2024"].tokens_for(1e6, 2.0), ["N = 1e+06", "must be above"]),
        (lambda: sl.published["muennighoff2023"](1e9, 1e9, 0), ["U", "above zero"]),
        (lambda: sl.BrokenPowerLaw(a=0, b=1, c0=0, c=[1], d=[], f=[1]), ["c, d and f", "1, 0 and 1"]),
        (lambda: sl.PowerLaw(coefficient=1, exponent=1, floor=1)("text"), ["x", "numbers"]),
    ],
)
def test_bad_constants_and_arguments_are_named(call, words):
    """The message names the argument, where the fault is, and what is allowed."""
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


def test_unknown_constants_are_refused_by_name():
    """A misspelt constant is named in the error."""
    with pytest.raises(TypeError, match="gamma"):
        sl.ChinchillaLaw(E=1, A=1, B=1, alpha=1, beta=1, gamma=1)


def test_laws_are_frozen():
    """A law cannot be changed after it is made."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        sl.published["besiroglu2024"].alpha = 0.5


@pytest.mark.parametrize("name", list(sl.published))
def test_every_law_has_a_report(name):
    """Each published law says its own form in words."""
    assert len(sl.published[name].report()) > 20
