"""The live figures on fitting: their numbers, their sentences, and that nothing moves that must stand still."""

import itertools
import math

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import explore
from scalinglib.explore.controls import Slider
from scalinglib.explore.figures.good_looking_tables import TABLES

FIGURES = (explore.one_bad_run, explore.runs_not_points, explore.design_studio)
GROUPS = ("regions", "bands", "bars", "curves", "points", "marks")

ROWS = [
    (
        explore.one_bad_run,
        {"delta": 1e-3, "error": 0.2, "run": 15},
        {"exponent": (0.3655999, 2e-7), "far": (0.036697, 2e-5)},
    ),
    (
        explore.one_bad_run,
        {"delta": 1.0, "error": 0.2, "run": 15},
        {"exponent": (0.3558321, 2e-7), "far": (0.040223, 2e-5)},
    ),
    (
        explore.one_bad_run,
        {"delta": 1.0, "error": 0.2, "run": 8},
        {"exponent": (0.3659656, 2e-7), "far": (0.037069, 2e-5)},
    ),
    (
        explore.one_bad_run,
        {"delta": 1e-2, "error": 0.2, "run": 15},
        {"exponent": (0.3653693, 2e-7), "far": (0.036783, 2e-5)},
    ),
    (explore.one_bad_run, {}, {"far_truth": (0.0366265, 2e-6), "plain": (0.3558321, 2e-7)}),
    (
        explore.runs_not_points,
        {"runs": 10, "checkpoints": 25, "run_scatter": 0.005},
        {
            "ratio": (4.65722, 1e-5),
            "effective": (11.5262, 1e-5),
            "beta": (0.0265289, 1e-5),
            "coverage": (0.276049, 1e-5),
        },
    ),
    (
        explore.runs_not_points,
        {"runs": 10, "checkpoints": 1, "run_scatter": 0.005},
        {"ratio": (1.0, 1e-9), "effective": (10.0, 1e-9), "beta": (0.0284815, 1e-5), "coverage": (0.9, 1e-6)},
    ),
    (
        explore.runs_not_points,
        {"runs": 10, "checkpoints": 50, "run_scatter": 0.01},
        {
            "ratio": (6.93653, 1e-5),
            "effective": (10.3917, 1e-5),
            "beta": (0.0529100, 1e-5),
            "coverage": (0.187444, 1e-5),
        },
    ),
    (
        explore.runs_not_points,
        {"runs": 10, "checkpoints": 25, "run_scatter": 0.002},
        {
            "ratio": (3.60555, 1e-5),
            "effective": (19.2308, 1e-5),
            "beta": (0.0107873, 1e-5),
            "coverage": (0.351754, 1e-5),
        },
    ),
    # Spreads as shares in percent; printed are absolute ones of E, alpha and beta.
    (
        explore.design_studio,
        {"pattern": "isoflop", "decades": 3, "width": 4, "noise": 0.005},
        {
            "rank": (5, 0),
            "sd_E": (100 * 0.019204 / 1.8172, 5e-5),
            "sd_alpha": (100 * 0.011245 / 0.3478, 1e-4),
            "sd_beta": (100 * 0.011849 / 0.3658, 1e-4),
            "factor": (1.16243, 1e-5),
        },
    ),
    (
        explore.design_studio,
        {"pattern": "isoflop", "decades": 3, "width": 1.5, "noise": 0.005},
        {
            "rank": (5, 0),
            "sd_E": (100 * 0.023476 / 1.8172, 5e-5),
            "sd_alpha": (100 * 0.024972 / 0.3478, 5e-5),
            "sd_beta": (100 * 0.027292 / 0.3658, 5e-5),
            "factor": (1.65904, 1e-5),
        },
    ),
    (
        explore.design_studio,
        {"pattern": "isoflop", "decades": 1, "width": 4, "noise": 0.005},
        {
            "rank": (5, 0),
            "sd_E": (100 * 0.048822 / 1.8172, 5e-5),
            "sd_alpha": (100 * 0.020303 / 0.3478, 5e-5),
            "sd_beta": (100 * 0.020806 / 0.3658, 5e-5),
            "factor": (1.42552, 1e-5),
        },
    ),
    (
        explore.design_studio,
        {"pattern": "optimal-path", "decades": 3, "width": 4, "noise": 0.005},
        {"rank": (3, 0), "path_rank": (3, 0), "sd_E": (100 * 0.027752 / 1.8172, 5e-5)},
    ),
    (explore.design_studio, {"pattern": "ratio", "decades": 3, "width": 4, "noise": 0.005}, {"rank": (5, 0)}),
]

SAID = {
    explore.one_bad_run: "With delta 0.001 the fitted exponent is 0.3656; the truth is 0.3658. With the same runs and "
    "delta 1 it would be 0.3558.",
    explore.runs_not_points: (
        "250 points are worth 12 independent ones. The interval from points has to be 4.7 times as wide: as it "
        "stands, a 90% interval holds the truth 28% of the time."
    ),
    explore.design_studio: "These 63 runs are the best for their budgets, and give 3 facts about the five constants: "
    "they do not say what another size would have cost, so the best size at 10^25 FLOP stays open.",
}


def corners(figure):
    """Every combination of the ends of the sliders and the options of the choice."""
    ends = {
        name: [control.at(0), control.at(control.last)] if isinstance(control, Slider) else list(control.options)
        for name, control in figure.live.controls.items()
    }
    return [dict(zip(ends, values, strict=True)) for values in itertools.product(*ends.values())]


def shape(picture):
    """Names of layers and numbers, and the length of every array."""
    lengths = {
        (group, name, side): np.size(layer[side])
        for group in GROUPS
        for name, layer in picture.get(group, {}).items()
        for side in ("x", "y", "high")
        if side in layer
    }
    return lengths, tuple(picture["numbers"])


@pytest.mark.parametrize(("figure", "setting", "expected"), ROWS)
def test_numbers(figure, setting, expected):
    """The numbers of a picture are those of the specification, to the digits it prints."""
    numbers = figure(**setting)["numbers"]
    for name, (value, tolerance) in expected.items():
        assert numbers[name]["value"] == pytest.approx(value, rel=tolerance, abs=1e-12), name


@pytest.mark.parametrize("figure", FIGURES)
def test_sentence_and_number_at_the_default(figure):
    """The default picture says its sentence, and its one number is the one set in the sentence."""
    picture = figure()
    assert picture["say"] == SAID[figure]
    assert figure(**figure.live.defaults)["say"] == picture["say"]
    if figure is explore.design_studio:  # its number is the factor, where there is one
        assert picture["value"] == math.inf
        picture = figure(pattern="isoflop")
        assert picture["say"].startswith("These 63 runs fix the best size at 10^25 FLOP to within a factor 1.16, up or")
    (name,) = [name for name in picture["numbers"] if f"*{{{name}}}*" in picture["say"].template]
    assert picture["value"] == picture["numbers"][name]["value"]


@pytest.mark.parametrize("figure", FIGURES)
def test_axes_and_layers_stand_still(figure):
    """No setting changes an axis, the set of layers or numbers, or the length of an array."""
    first = figure()
    for setting in corners(figure):
        picture = figure(**setting)
        assert picture["axes"] == first["axes"], setting
        assert shape(picture) == shape(first), setting


@pytest.mark.parametrize("figure", FIGURES)
def test_the_guess_is_about_a_number(figure):
    """The question asked first is answered by a number of the default picture, within what may be guessed."""
    predict = figure.live.predict
    answer = figure()["numbers"][predict.answer]["value"]
    allowed = [value for value, _ in predict.options]
    assert answer in allowed if allowed else predict.low < answer < predict.high


def test_a_large_delta_is_least_squares():
    """With delta 1 the fit is the straight line of least squares through ln tokens and ln loss."""
    tokens = np.logspace(8, 11, 15)
    for run, error in ((1, -0.3), (8, 0.1), (15, 0.2)):
        picture = explore.one_bad_run(delta=1.0, error=error, run=run)
        off = np.where(np.arange(15) == run - 1, picture["points"]["bad"]["y"], picture["points"]["runs"]["y"]) / 100
        slope = np.polyfit(np.log(tokens), off, 1)[0]
        assert picture["value"] == pytest.approx(0.3658 - slope, abs=1e-9)
        assert picture["numbers"]["plain"]["value"] == picture["value"]


def test_leverage_not_size():
    """A bad run at an end moves the exponent by 1%, one in the middle not at all; a small delta stops both."""
    clean = explore.one_bad_run(delta=1.0, error=0.0, run=15)["value"]
    end, middle = (explore.one_bad_run(delta=1.0, error=0.2, run=run)["value"] for run in (15, 8))
    assert abs(end - clean) > 0.0099 and abs(middle - clean) < 1e-9
    assert abs(explore.one_bad_run(delta=1e-4, error=0.2, run=15)["value"] - 0.3658) < 0.0003


def test_beyond_delta_a_run_pulls_no_more():
    """Once its residual is beyond delta, a run may be as far off as it likes: the fit stays where it is."""
    near, far = (explore.one_bad_run(delta=1e-3, error=error, run=15)["value"] for error in (0.1, 0.3))
    assert near == pytest.approx(far, abs=1e-8)


def test_checkpoints_are_hardly_news():
    """More checkpoints narrow the claim and hardly the honest band; more runs narrow both."""
    few, many = (explore.runs_not_points(runs=10, checkpoints=m, run_scatter=0.005)["bands"] for m in (5, 50))
    honest, claimed = (many[name]["high"] / few[name]["high"] for name in ("honest", "claimed"))
    assert np.all(honest > 0.98) and np.all(claimed < 0.4)
    wider = explore.runs_not_points(runs=40, checkpoints=5, run_scatter=0.005)["bands"]["honest"]
    assert np.all(wider["high"] < few["honest"]["high"])


def test_coverage_is_that_of_the_narrow_band():
    """The coverage in the sentence is the chance that a normal error of the honest size stays in the claimed band."""
    for checkpoints, scatter in ((5, 0.001), (25, 0.005), (50, 0.01)):
        picture = explore.runs_not_points(runs=8, checkpoints=checkpoints, run_scatter=scatter)
        share = picture["bands"]["claimed"]["high"] / picture["bands"]["honest"]["high"]
        chance = [math.erf(1.6448536 * part / math.sqrt(2)) for part in share]
        assert chance == pytest.approx([picture["numbers"]["coverage"]["value"]] * len(share), rel=1e-6)


def test_drawn_checkpoints_are_those_of_the_setting():
    """As many clusters stand in the picture as there are runs, with up to five points each."""
    for runs, checkpoints in ((4, 1), (10, 2), (40, 50)):
        drawn = explore.runs_not_points(runs=runs, checkpoints=checkpoints, run_scatter=0.005)["points"]["checkpoints"]
        assert np.isfinite(drawn["y"]).sum() == runs * min(checkpoints, 5)
        assert np.array_equal(np.isfinite(drawn["x"] + drawn["y"]), np.isfinite(drawn["y"]))


def test_measured_scatter_of_seeds():
    """The mark of measured seeds is the root mean square over cells of the deviation between three seeds."""
    import scalinglib as sl

    table = sl.runs.load("language-model").query("role == 'fit'")
    squares = [np.log(cell["loss"]).to_numpy() for _, cell in table.groupby(["N", "D"])]
    assert all(len(logs) == 3 for logs in squares)
    variance = np.mean([((logs - logs.mean()) ** 2).sum() / 2 for logs in squares])
    mark = explore.runs_not_points()["curves"]["seeds"]
    assert np.ptp(mark["y"]) / 200 == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert 0.001 < math.sqrt(variance) < 0.004


def test_noise_scales_every_spread():
    """Twice the noise is twice every spread and twice the logarithm of the factor."""
    one, two = (explore.design_studio(noise=noise, pattern="isoflop")["numbers"] for noise in (0.004, 0.008))
    for name in one:
        if name.startswith("sd_"):
            assert two[name]["value"] == pytest.approx(2 * one[name]["value"], rel=1e-9)
    assert math.log(two["factor"]["value"]) == pytest.approx(2 * math.log(one["factor"]["value"]), rel=1e-9)


def test_runs_on_a_line_leave_the_law_open():
    """On the optimal path, or at one ratio, no setting fixes an exponent or the best size; the grid always does."""
    for setting in corners(explore.design_studio):
        picture = explore.design_studio(**setting)
        open_rows = np.isfinite(picture["points"]["open"]["x"])
        assert np.array_equal(open_rows, np.isnan(picture["points"]["spread"]["x"]))
        on_grid = setting["pattern"] == "isoflop"
        assert open_rows[1:].all() != on_grid and open_rows[1:].any() != on_grid
        assert math.isfinite(picture["numbers"]["factor"]["value"]) == on_grid
        assert ("stays open" in picture["say"]) != on_grid


def test_sixty_three_runs_within_the_frame():
    """Every pattern has 63 runs, drawn within the frame; those of a grid share nine budgets."""
    for setting in corners(explore.design_studio):
        picture = explore.design_studio(**setting)
        grid, line = picture["points"]["grid"], picture["points"]["line"]
        drawn, other = (grid, line) if setting["pattern"] == "isoflop" else (line, grid)
        assert np.isfinite(drawn["x"] + drawn["y"]).all() and not np.isfinite(other["x"]).any()
        ends = [(picture["axes"][0][side]["low"], picture["axes"][0][side]["high"]) for side in "xy"]
        for (low, high), side in zip(ends, "xy", strict=True):
            assert (drawn[side] > low).all() and (drawn[side] < high).all()
        budgets = 6 * drawn["x"] * drawn["y"]
        assert len(np.unique(np.round(np.log(budgets), 6))) == 9
        assert budgets.min() == pytest.approx(6e18) and math.log10(budgets.max() / 6e18) == pytest.approx(
            setting["decades"]
        )
    assert np.size(explore.design_studio()["points"]["grid"]["x"]) == 63


def test_the_prediction_made_in_advance_is_the_figure_s_default():
    """The figure's law of five budgets is the one of the committed table: the drawn bowl passes through its losses."""
    told = sl.runs.load("language-model-prediction")
    told = told[told["budget"] == 8e11]
    picture = sl.explore.told_in_advance()
    bowl = picture["curves"]["law"]
    # The bowl is drawn at D = C / 6N, the table's lengths are whole steps; between drawn sizes a line stands for it.
    drawn = np.interp(np.log(told["N"]), np.log(bowl["x"]), bowl["y"])
    assert np.abs(drawn - told["loss"]).max() < 2e-3
    assert picture["numbers"]["worst"]["value"] == pytest.approx(4.3, abs=0.05)
    assert picture["numbers"]["found_N"]["value"] == 55296


def test_a_known_floor_is_not_held_by_all_runs():
    """The interval of all runs lies below the entropy rate; without the shortest runs it holds it."""
    everything, longer = (sl.explore.known_floor(shortest=length)["numbers"] for length in (2**16, 2**17))
    assert everything["high"]["value"] < everything["rate"]["value"] < longer["high"]["value"]
    assert everything["E"]["value"] == pytest.approx(2.0506, abs=5e-5)


def test_a_table_at_one_ratio_gives_no_best_size_and_a_unit_moves_none():
    """Runs at one ratio lie nearest their law and have no interval; bits give the interval of nats; checkpoints as runs
    a narrower one than the runs; least squares loses the size to one lost zero, Huber's penalty does not.
    """
    tables = {name: number for number, name in enumerate(TABLES, 1)}
    huber = {name: sl.explore.good_looking_tables(table=number)["value"] for name, number in tables.items()}
    squares = sl.explore.good_looking_tables(table=tables["zero"], penalty="log_least_squares")
    assert huber["ratio"] == 0.0 and "not determined" in sl.explore.good_looking_tables(table=tables["ratio"])["say"]
    assert huber["bits"] == pytest.approx(huber["clean"], rel=1e-6)
    assert 1.0 < huber["checkpoints"] < huber["clean"] < huber["zero"] < 2.0 < squares["value"]
    assert squares["numbers"]["best"]["value"] > 5.0 * squares["numbers"]["truth"]["value"]
    assert sl.explore.good_looking_tables()["numbers"]["widest"]["value"] == tables["ratio"] - 1
