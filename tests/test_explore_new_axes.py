"""Live figures on new axes: their numbers, and what must hold at every setting."""

import itertools

import numpy as np
import pytest
from scipy import optimize, stats

from scalinglib.allocation import MixtureShape, law_of_experts
from scalinglib.emergence import beta_coverage
from scalinglib.explore.figures.active_share import EXPERTS, active_share, best
from scalinglib.explore.figures.sample_more import MEAN, MOST, TRIES, handed_in, sample_more, spread
from scalinglib.explore.figures.where_it_levels import CEILING, ENDS, HOURS, fitted, measured, rate, where_it_levels

FIGURES = (sample_more, where_it_levels, active_share)


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


@pytest.mark.parametrize("seen, noise", [(9_600, 0.005), (51_200, 0.01)])
def test_the_ends_allowed_are_those_of_a_solver_from_outside(seen, noise):
    """scipy's least squares, end by end, allows the same ends as the figure's own steps."""
    known = seen * 1.001 >= HOURS
    hours, rates = HOURS[known], measured(noise)[known]

    def off(place, end):
        return rate(hours, end=end, middle=np.exp(place[0]), steep=np.exp(place[1])) - rates

    misfits = np.array([2 * optimize.least_squares(off, (9.0, 0.0), args=(end,)).cost for end in ENDS])
    free = known.sum() - 3
    allowed = ENDS[misfits <= misfits.min() * (1 + stats.f.ppf(0.8, 1, free) / free)]
    ends, _, best = fitted(seen, noise)
    assert ends.tolist() == allowed.tolist()
    assert ends[best] == ENDS[misfits.argmin()]


def test_a_longer_run_closes_the_interval_of_the_end():
    """Read to the middle nearly any end is allowed; read to twelve times that, less than three points in a hundred."""
    widths = [where_it_levels(seen=seen)["value"] for seen in (4_800, 19_200, 102_400)]
    assert widths[0] > 0.5 and widths[2] < 0.03 and widths == sorted(widths, reverse=True)
    said = where_it_levels()["say"]
    assert said.startswith("Read to 9,600 device-hours") and "*{high}*" in said.template
    assert where_it_levels()["numbers"]["end"]["value"] == CEILING == pytest.approx(rate(1e15), abs=1e-6)


def test_memory_says_how_many_experts():
    """Plenty of memory asks for all experts, scarce memory for one; no size that fits is better than the one drawn."""
    assert active_share(compute=1e20, memory=3e11)["value"] == pytest.approx(32)
    assert active_share(compute=1e22, memory=1e9)["value"] == pytest.approx(1)
    numbers = [active_share(compute=compute, memory=1e10)["value"] for compute in (1e20, 1e21, 1e22)]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1]
    loss, active, stored = best(1e21, 3e9)
    assert (stored <= 3e9 * (1 + 1e-9)).all()
    for at in (0, 10, 30):
        law, sizes = law_of_experts(EXPERTS[at]), active[at] * np.geomspace(0.1, 1.0, 200)
        assert (MixtureShape().stored(sizes, experts=EXPERTS[at]) <= 3e9 * (1 + 1e-9)).all()
        assert law(sizes, 1e21 / 6 / sizes).min() == pytest.approx(loss[at], rel=1e-12)
