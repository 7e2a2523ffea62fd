"""Live figures on limits: their numbers, their sentences, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.binds_2030 import HEIGHT, binds_2030
from scalinglib.explore.figures.fewer_bits import fewer_bits
from scalinglib.explore.figures.floor_or_break import AFTER, UNBROKEN, broken, floor_or_break, nearest_floor
from scalinglib.explore.figures.pace_of_methods import pace_of_methods
from scalinglib.explore.figures.run_bill import PRINTED, run_bill
from scalinglib.explore.figures.text_runs_out import text_runs_out
from scalinglib.explore.figures.value_of_a_repeat import REFIT, value_of_a_repeat

FIGURES = (value_of_a_repeat, binds_2030, text_runs_out, run_bill, pace_of_methods, fewer_bits, floor_or_break)


def settings(function, *, corners, count=25):
    """The corners of the controls, or some settings at random."""
    controls = function.live.controls
    if corners:
        chosen = itertools.product(*((0, control.last) for control in controls.values()))
    else:
        draw = np.random.default_rng(6)
        chosen = [[draw.integers(control.last + 1) for control in controls.values()] for _ in range(count)]
    return [
        {name: control.at(int(at)) for (name, control), at in zip(controls.items(), position, strict=True)}
        for position in chosen
    ]


@pytest.mark.parametrize(
    "passes, U, N, constants, effective, worth, loss, fresh",
    [
        (4, 2.5e10, 6.34e9, "published", 3.72567, 0.82287, 2.270670, 2.247808),
        (40, 2.5e10, 6.34e9, "published", 15.16746, 0.07930, 2.192009, 2.138286),
        (16, 1e12, 1e11, "published", 10.58246, 0.37727, 1.976919, 1.970726),
        (4, 2.5e10, 6.34e9, "refit", 3.95332, 0.96904, 2.296909, None),
    ],
)
def test_a_repeat_is_worth_what_the_law_says(passes, U, N, constants, effective, worth, loss, fresh):
    """The figure's numbers are those worked out beforehand from the published constants."""
    picture = value_of_a_repeat(passes=passes, unique=U, parameters=N, constants=constants)
    numbers = {name: entry["value"] for name, entry in picture["numbers"].items()}
    # Five digits after the point are printed of the second.
    assert numbers["effective"] == pytest.approx(effective, rel=1e-5)
    assert numbers["next"] == picture["value"] == pytest.approx(worth, abs=5.1e-6)
    assert numbers["loss"] == pytest.approx(loss, rel=1e-6)
    if fresh is not None:
        assert numbers["fresh"] == pytest.approx(fresh, rel=1e-6)


def test_the_worked_value_of_the_authors_is_met():
    """At 6.34e9 parameters and 242e9 tokens of 25e9 the loss is the one their repository prints."""
    picture = value_of_a_repeat(passes=242 / 25, unique=25e9, parameters=6.34e9)
    assert picture["numbers"]["loss"]["value"] == pytest.approx(2.2256440889984477, rel=1e-12)


@pytest.mark.parametrize("passes, effective", [(1, 1), (2, 1.968), (4, 3.726), (8, 6.624), (16, 10.582), (40, 15.167)])
def test_passes_count_as_published(passes, effective):
    """Effective passes of the published constants, three decimals, and 16.388 for any number of them."""
    numbers = value_of_a_repeat(passes=passes)["numbers"]
    assert numbers["effective"]["value"] == pytest.approx(effective, abs=5e-4)
    assert numbers["most"]["value"] == pytest.approx(16.388, abs=5e-4)
    assert numbers["forty"]["value"] == pytest.approx(15.16746, rel=1e-5)


def test_repeats_never_beat_fresh_text_and_never_cross_the_ceiling():
    """At any setting repeated text counts as less than fresh, more passes help,
    and the loss lies above that of fresh text.
    """
    for setting in settings(value_of_a_repeat, corners=False):
        picture = value_of_a_repeat(**setting)
        worth = picture["curves"]["worth"]
        assert (worth["y"] <= worth["x"] * (1 + 1e-12)).all() and (np.diff(worth["y"]) > 0).all()
        assert (worth["y"] < picture["curves"]["most"]["y"][0]).all()
        assert (picture["curves"]["loss"]["y"] >= picture["curves"]["fresh-loss"]["y"] - 1e-12).all()
        assert (np.diff(picture["curves"]["loss"]["y"]) < 0).all()


def test_the_other_constants_are_those_that_fit_the_same_runs():
    """The second choice keeps the law for fresh text and takes the R_D and R_N of the other valley."""
    assert REFIT == {"R_D": 95.4, "R_N": 1.71}
    published, refit = (
        value_of_a_repeat(passes=1.0, parameters=1e8, constants=name) for name in ("published", "refit")
    )
    assert published["numbers"]["loss"]["value"] == refit["numbers"]["loss"]["value"]


def test_a_repeat_says_what_it_is_worth():
    """The sentence at the default is the specified one, with the count of texts as its number."""
    said = value_of_a_repeat()["say"]
    assert said == (
        "After 4.0 passes the text counts as 3.73 texts, and one more token is worth 82% of a fresh one. "
        "Loss 2.271; with fresh data 2.248."
    )
    assert "*{effective}*" in said.template


@pytest.mark.parametrize(
    "start, luck, growth, chance, median, low, high, binds",
    [
        (2024.6, "apart", 4.0, 0.38991, 1.032e29, 1.243e28, 6.159e29, (0.5912, 0.2322, 0.1727, 0.0039)),
        (2024.6, "apart", 5.0, 0.10498, 1.032e29, 1.243e28, 6.159e29, (0.5912, 0.2322, 0.1727, 0.0039)),
        (2024.6, "shared", 4.0, 0.41859, 1.125e29, 1.255e28, 7.864e29, (0.6171, 0.1944, 0.1875, 0.0010)),
        (2025.1, "shared", 4.0, 0.07891, 1.125e29, 1.255e28, 7.864e29, (0.6171, 0.1944, 0.1875, 0.0010)),
    ],
)
def test_the_lowest_ceiling_is_where_it_was_worked_out(start, luck, growth, chance, median, low, high, binds):
    """Chance, median, central 80% and who binds are those computed beforehand, to the digits printed."""
    picture = binds_2030(start=start, luck=luck, growth=growth)
    numbers = {name: entry["value"] for name, entry in picture["numbers"].items()}
    assert picture["value"] == numbers["chance"] == pytest.approx(chance, abs=5.1e-6)
    assert [numbers[name] for name in ("median", "low", "high")] == pytest.approx([median, low, high], rel=6e-4)
    assert [numbers[name] for name in ("power", "chips", "data", "latency")] == pytest.approx(binds, abs=6e-5)


def test_a_longer_run_lifts_what_can_be_done():
    """A run known to take twelve months passes more often than one of three, and both stand beside the open one."""
    chances = [binds_2030(luck=luck)["value"] for luck in ("three", "shared", "twelve")]
    assert chances == sorted(chances)
    chances = [binds_2030(growth=growth)["value"] for growth in (2.0, 3.0, 4.0, 5.0, 6.0)]
    assert all(more < less for less, more in itertools.pairwise(chances))


@pytest.mark.parametrize("luck", ["apart", "shared", "three"])
def test_a_ridge_peaks_at_its_height_over_the_middle(luck):
    """Every ridge is as high as the others, and highest at the median of its ceiling, to a step of the axis."""
    picture = binds_2030(luck=luck)
    for name, ridge in picture["bands"].items():
        assert (ridge["high"] - ridge["y"]).max() == pytest.approx(HEIGHT), name
    power = picture["bands"]["power"]
    middle = 2e29 if luck != "three" else 2e29 * 3 * 365.25 / 12 * 86400 / 1.56e7
    assert np.log10(power["x"][power["high"].argmax()]) == pytest.approx(np.log10(middle), abs=0.06)


def test_the_ceilings_say_which_binds():
    """The sentence at the default is the specified one; it names whichever ceiling is likeliest to be lowest."""
    assert binds_2030()["say"] == (
        "From 3.8 × 10^25 FLOP in 2024.6, growing 4.0 times a year reaches 1.6 × 10^29 FLOP in 2030.6. The lowest "
        "ceiling allows it with probability 39%. Power binds in 59% of cases."
    )
    assert "From 4.6 × 10^26 FLOP in 2025.1, growing 4.0 times a year" in binds_2030(start=2025.1)["say"]


def test_the_text_runs_out_where_the_lines_meet():
    """The median year is where the drawn line of what runs read crosses the drawn stock, and more text comes later."""
    for setting in settings(text_runs_out, corners=False):
        picture = text_runs_out(**setting)
        gap = np.log(picture["curves"]["read"]["y"] / picture["curves"]["middle"]["y"])
        crossing = float(np.interp(0.0, gap, picture["curves"]["read"]["x"]))
        assert picture["value"] == pytest.approx(crossing, abs=1e-6)
    years = [text_runs_out(repeated=name)["value"] for name in ("once", "source", "forty")]
    assert years == sorted(years)


def test_ten_times_the_text_buys_what_the_formula_says():
    """At four times a year it is ln 10 over the difference of ln 2 and the stock's growth: 3.7 years."""
    assert text_runs_out()["numbers"]["decade"]["value"] == pytest.approx(3.738, abs=5e-4)
    assert "*{year}*" in text_runs_out()["say"].template


def test_a_bill_is_in_proportion_to_compute_and_price():
    """Ten times the compute, or twice the price, is ten times or twice the dollars; the point stands on the line."""
    once, ten, twice = (run_bill(compute=C, price=price)["value"] for C, price in ((1e24, 2), (1e25, 2), (1e24, 4)))
    assert ten == pytest.approx(10 * once) and twice == pytest.approx(2 * once)
    picture = run_bill(compute=1e24)
    line = picture["curves"]["price"]
    at = np.exp(np.interp(np.log(1e24), np.log(line["x"]), np.log(line["y"])))
    assert picture["points"]["here"]["y"][0] == pytest.approx(at)
    assert picture["points"]["printed"]["y"].tolist() == [dollars for _, dollars in PRINTED.values()]


def test_a_break_passes_for_a_floor_at_any_length():
    """Half of the exponent gone, the nearest law without a break misses by less than half a percent up to five decades
    on, and its floor is too high; where nothing is broken it misses by nothing.
    """
    fits = [nearest_floor(0.5, float(after)) for after in AFTER]
    assert max(off for _, off in fits) < 0.005
    assert all(law.floor > broken(0.5).a for law, _ in fits)
    law, off = nearest_floor(1.0, 2.0)
    assert off < 1e-6 and law.floor == pytest.approx(UNBROKEN.floor, abs=1e-4)


def test_the_chance_to_tell_is_that_of_draws():
    """Of 4,000 noisy sets of runs the true curve fits better as often as the figure says, to 2.5 standard errors."""
    rng, C = np.random.default_rng(9), np.geomspace(1e18, 1e24, 30)
    gap = np.log(broken(0.5)(C) / nearest_floor(0.5, 2.0)[0](C))
    noise = 0.01 * rng.standard_normal((4000, 30))
    won = ((noise**2).sum(1) < ((noise + gap) ** 2).sum(1)).mean()
    said = floor_or_break(after=2.0, noise=0.01)["numbers"]["chance"]["value"]
    assert won == pytest.approx(said, abs=2.5 * np.sqrt(said * (1 - said) / 4000) + 0.01)  # 30 points for 121


@pytest.mark.parametrize("function", FIGURES)
def test_layers_keep_their_names_and_lengths_and_axes_their_ranges(function):
    """No setting adds, drops or lengthens a layer, or moves an axis, and everything drawn is a number."""
    shapes, axes = set(), function()["axes"]
    for setting in settings(function, corners=True) + settings(function, corners=False):
        picture = function(**setting)
        layers = [
            (group, name, layer)
            for group in ("bands", "bars", "curves", "points", "marks")
            for name, layer in picture.get(group, {}).items()
        ]
        shapes.add(tuple((group, name, len(layer["x"])) for group, name, layer in layers))
        assert all(np.isfinite(layer[side]).all() for _, _, layer in layers for side in ("x", "y"))
        assert picture["axes"] == axes
    assert len(shapes) == 1


@pytest.mark.parametrize("function", FIGURES)
def test_everything_stays_inside_its_frame(function):
    """At any setting points, curves and ridges lie inside the fixed ranges, but for tails that run off the sides."""
    for setting in settings(function, corners=True) + settings(function, corners=False):
        picture = function(**setting)
        frames = picture["axes"] if isinstance(picture["axes"], list) else [picture["axes"]]
        for group in ("bands", "curves", "points"):
            for name, layer in picture.get(group, {}).items():
                frame = frames[layer["panel"]]
                for side in ("y", "high"):
                    if side in layer:
                        assert (layer[side] >= frame["y"]["low"]).all() and (layer[side] <= frame["y"]["high"]).all(), (
                            name,
                            setting,
                        )


def test_the_published_law_is_the_one_drawn():
    """The first choice is the published law itself."""
    law = sl.published["muennighoff2023"]
    picture = value_of_a_repeat(passes=10.0, unique=1e11, parameters=1e10)
    assert picture["numbers"]["loss"]["value"] == pytest.approx(float(law(1e10, 1e12, 1e11)), rel=1e-12)
