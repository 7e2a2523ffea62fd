"""Live figures on new axes: their numbers, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

from scalinglib.emergence import beta_coverage
from scalinglib.explore.figures.sample_more import MEAN, MOST, TRIES, handed_in, sample_more, spread

FIGURES = (sample_more,)


def settings(function):
    """Every setting of the controls' ends, and some between them."""
    controls = function.live.controls
    draw = np.random.default_rng(8)
    chosen = list(itertools.product(*((0, control.last) for control in controls.values())))
    chosen += [[draw.integers(control.last + 1) for control in controls.values()] for _ in range(25)]
    return [
        {name: control.at(int(at)) for (name, control), at in zip(controls.items(), position, strict=True)}
        for position in chosen
    ]


@pytest.mark.parametrize("function", FIGURES, ids=lambda f: f.__name__)
def test_layers_keep_their_names_lengths_and_axes(function):
    """No setting adds, drops or lengthens a layer or moves an axis."""
    shapes, axes = set(), function()["axes"]
    for setting in settings(function):
        picture = function(**setting)
        groups = ("bands", "curves", "points", "marks")
        shapes.add(tuple((g, name, len(layer["x"])) for g in groups for name, layer in picture.get(g, {}).items()))
        assert picture["axes"] == axes
    assert len(shapes) == 1


def test_tries_solve_what_the_closed_form_says():
    """The curve is the closed form, never above problems that are alike, and the check never adds to it."""
    for setting in settings(sample_more):
        picture = sample_more(**setting)
        curves = picture["curves"]
        exact = beta_coverage(TRIES, a=setting["a"], b=setting["a"] * (1 - MEAN) / MEAN)
        assert curves["solved"]["y"] == pytest.approx(exact, rel=1e-12)
        assert (curves["solved"]["y"] <= curves["alike"]["y"] + 1e-12).all()
        assert (curves["right"]["y"] <= curves["solved"]["y"] + 2e-4).all()


@pytest.mark.parametrize("a", [0.2, 0.3, 1.0, 3.0])
def test_the_mean_over_chances_is_close_enough_to_draw(a):
    """Two hundred nodes give the mean to 2e-4 at any number of tries, a tenth of a pixel, and the average exactly."""
    chance, weight = spread(a)
    assert weight @ chance == pytest.approx(MEAN, rel=1e-10)
    tries = np.array([1, 100, MOST])
    exact = beta_coverage(tries, a=a, b=a * (1 - MEAN) / MEAN)
    assert handed_in(tries, a=a, false_pass=0.0) == pytest.approx(exact, abs=2e-4)


def test_many_tries_say_what_they_solve():
    """The sentence at the default is the specified one, with the share solved as its number."""
    said = sample_more()["say"]
    assert said == (
        "100 tries solve 59% of the problems, 99% if all were equally hard. Handed in by the checker, 37% are right."
    )
    assert "*{solved}*" in said.template
