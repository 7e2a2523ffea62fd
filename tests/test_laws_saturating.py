"""Laws with a bend at small x: the papers' defining equations, their limits, and bad constants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scalinglib as sl


@st.composite
def saturating_laws(draw):
    eps_inf = draw(st.floats(0.0, 3.0))
    return sl.SaturatingPowerLaw(
        eps_inf=eps_inf,
        eps_0=eps_inf + draw(st.floats(0.05, 10.0)),
        alpha=draw(st.one_of(st.floats(1e-4, 20.0), st.just(1.0))),
        beta=draw(st.floats(1e-3, 1e3)),
        c=-draw(st.floats(0.05, 2.0)),
    )


@given(law=saturating_laws(), x=st.floats(1e-3, 1e6))
@settings(max_examples=200)
def test_m4_meets_its_defining_equation(law, x):
    """The value solves (y - eps_inf) / (eps_0 - y)^alpha = beta x^c where floats tell it from its ends."""
    y = law(x)
    assert law.eps_inf <= y <= law.eps_0
    low, high = y - law.eps_inf, law.eps_0 - y
    if min(low, high) > 1e-6 * law.eps_0:
        left = np.log(low) - law.alpha * np.log(high)
        right = np.log(law.beta) + law.c * np.log(x)
        # what one rounding of y does to the left side
        rounding = 4e-16 * law.eps_0 * (1 / low + law.alpha / high)
        assert left == pytest.approx(right, rel=1e-12, abs=1e-12 + 4 * rounding)


@given(law=saturating_laws())
@settings(max_examples=100)
def test_m4_falls_from_the_guess_to_the_floor(law):
    """Values never rise with x, and both ends are at most as far as the other side of the equation allows."""
    x = np.geomspace(1e-100, 1e100, 60)
    y, span = law(x), law.eps_0 - law.eps_inf
    assert np.all(np.diff(y) <= 4e-16 * law.eps_0)
    with np.errstate(over="ignore"):
        power = law.beta * x**law.c
        assert np.all(y - law.eps_inf <= power * span**law.alpha * (1 + 1e-9) + 4e-16 * law.eps_0)
        assert np.all(law.eps_0 - y <= (span / power) ** (1 / law.alpha) * (1 + 1e-9) + 4e-16 * law.eps_0)


def test_m4_in_closed_form_for_alpha_one():
    """With alpha 1 the equation is linear: y = (eps_inf + eps_0 t) / (1 + t), t = beta x^c."""
    law = sl.SaturatingPowerLaw(eps_inf=0.1, eps_0=2.3, alpha=1.0, beta=7.0, c=-0.3)
    x = np.geomspace(1e-6, 1e12, 40)
    t = 7.0 * x**-0.3
    assert law(x) == pytest.approx((0.1 + 2.3 * t) / (1 + t), rel=1e-13)


def test_m4_without_alpha_is_a_power_law_with_a_floor():
    """alpha = 0 is the form M2; far from eps_0 any alpha is one, coefficient beta (eps_0 - eps_inf)^alpha."""
    x = np.geomspace(1, 1e6, 9)
    law = sl.SaturatingPowerLaw(eps_inf=0.4, eps_0=5.0, alpha=0.0, beta=3.0, c=-0.5)
    assert law(x) == pytest.approx(sl.PowerLaw(coefficient=3.0, exponent=0.5, floor=0.4)(x), rel=1e-14)
    bent = sl.SaturatingPowerLaw(eps_inf=0.4, eps_0=5.0, alpha=2.0, beta=3.0, c=-0.5)
    far = np.geomspace(1e12, 1e16, 5)
    assert bent(far) - 0.4 == pytest.approx(3.0 * 4.6**2 * far**-0.5, rel=1e-3)


def test_zhais_law_at_its_ends():
    """At x = 0 the value is a d^-b + c, far above d a power law with floor c, and d = 0 is one everywhere."""
    law = sl.ShiftedPowerLaw(a=0.26, b=0.35, c=0.09, d=0.01)
    assert law(0.0) == pytest.approx(0.09 + 0.26 * 0.01**-0.35, rel=1e-14)
    plain = sl.PowerLaw(coefficient=0.26, exponent=0.35, floor=0.09)
    assert law(1e9) == pytest.approx(plain(1e9), rel=1e-10)
    x = np.geomspace(0.1, 1e5, 7)
    assert sl.ShiftedPowerLaw(a=0.26, b=0.35, c=0.09)(x) == pytest.approx(plain(x), rel=1e-14)


@pytest.mark.parametrize(
    "law",
    [
        sl.ShiftedPowerLaw(a=4.0, b=0.4, c=0.5, d=30.0),
        sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.0, alpha=0.7, beta=30.0, c=-0.5),
        sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.0, alpha=0.0, beta=30.0, c=-0.5),
    ],
)
def test_inverse_and_shapes(law):
    """x_for undoes the law, and shapes are kept."""
    x = np.geomspace(1, 1e4, 6).reshape(2, 3)
    assert law.x_for(law(x)) == pytest.approx(x, rel=1e-9)
    assert law(x).shape == (2, 3)
    assert np.ndim(law(3.0)) == 0
    assert all(len(line) <= 88 for line in law.report().splitlines())


@pytest.mark.parametrize(
    "kind, constants, words",
    [
        ("ShiftedPowerLaw", {"a": 0.0, "b": 1.0}, ["a must be", "above zero"]),
        ("ShiftedPowerLaw", {"a": 1.0, "b": 1.0, "d": -1.0}, ["d must be", "not negative"]),
        (
            "SaturatingPowerLaw",
            {"eps_inf": 2.0, "eps_0": 1.0, "alpha": 1.0, "beta": 1.0, "c": -1.0},
            ["eps_0 must be above eps_inf"],
        ),
        (
            "SaturatingPowerLaw",
            {"eps_inf": 0.0, "eps_0": 1.0, "alpha": 1.0, "beta": 1.0, "c": 0.5},
            ["c must be below zero", "0.5"],
        ),
        (
            "SaturatingPowerLaw",
            {"eps_inf": 0.0, "eps_0": 1.0, "alpha": -1.0, "beta": 1.0, "c": -0.5},
            ["alpha must be", "not negative"],
        ),
    ],
)
def test_bad_constants_are_named(kind, constants, words):
    """The message names the constant and what is allowed."""
    with pytest.raises(ValueError) as caught:
        getattr(sl, kind)(**constants)
    for word in words:
        assert word in str(caught.value)


def test_values_out_of_reach_are_refused():
    """x_for refuses values at or beyond the ends, and x = 0 needs a shift."""
    law = sl.SaturatingPowerLaw(eps_inf=0.2, eps_0=2.0, alpha=0.7, beta=30.0, c=-0.5)
    with pytest.raises(ValueError, match="row 1 holds 2"):
        law.x_for([1.0, 2.0])
    shifted = sl.ShiftedPowerLaw(a=1.0, b=1.0, c=0.5, d=1.0)
    with pytest.raises(ValueError, match="above the floor"):
        shifted.x_for(0.5)
    with pytest.raises(ValueError, match="at x = 0"):
        shifted.x_for(2.0)
    with pytest.raises(ValueError, match="above zero"):
        sl.ShiftedPowerLaw(a=1.0, b=1.0)(0.0)
