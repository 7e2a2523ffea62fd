"""Live figures on emergence: their numbers, their sentences, and what must hold at every setting."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.explore.figures.all_at_once import all_at_once
from scalinglib.explore.figures.fall_or_turn import SCALE, fall_or_turn, skills
from scalinglib.explore.figures.metric_switchboard import EXAMPLES, MAIN, WIDTHS, metric_switchboard
from scalinglib.explore.figures.one_component import MEASURED, TESTS, components, one_component
from scalinglib.explore.figures.right_and_wrong import right_and_wrong
from scalinglib.explore.figures.ruler_or_loss import readings, ruler_or_loss
from scalinglib.explore.figures.spot_the_emergence import ROUNDS, spot_the_emergence
from scalinglib.explore.figures.what_will_it_score import what_will_it_score
from scalinglib.explore.figures.zero_of_n import true_score, zero_of_n

FIGURES = (
    metric_switchboard,
    all_at_once,
    what_will_it_score,
    spot_the_emergence,
    right_and_wrong,
    ruler_or_loss,
    zero_of_n,
    one_component,
    fall_or_turn,
)


def made_table(p, seeds=3):
    """Readings in which every digit is right with chance `p`, whatever the others do."""
    rows = []
    for width, seed, (step, examples) in itertools.product(WIDTHS, range(seeds), enumerate(EXAMPLES)):
        columns = {f"column_{k}": p for k in range(1, 11)} | {f"exact_{k}": p**k for k in range(1, 11)}
        rows.append(
            {"width": width, "seed": seed, "step": step, "examples": examples, "loss": 1.0, "token_accuracy": p}
            | columns
        )
    return pd.DataFrame(rows)


def settings(function, *, corners):
    """The corners of the controls, or 40 settings at random."""
    controls = function.live.controls
    if corners:
        chosen = itertools.product(
            *(
                (0, control.last) if hasattr(control, "stops") else range(control.last + 1)
                for control in controls.values()
            )
        )
    else:
        draw = np.random.default_rng(5)
        chosen = [[draw.integers(control.last + 1) for control in controls.values()] for _ in range(40)]
    return [
        {name: control.at(int(at)) for (name, control), at in zip(controls.items(), position, strict=True)}
        for position in chosen
    ]


@pytest.mark.parametrize(
    "p, k, n, exact, none",
    [(0.595, 10, 100, 0.00556121, 0.572539), (0.79, 10, 100, 0.0946828, 4.78717e-5), (0.595, 1, 100, 0.595, 5.6e-40)],
)
def test_exact_match_and_the_chance_of_none_are_powers(p, k, n, exact, none):
    """Where digits are independent the figure shows p to the power k,
    and (1 - that)^n for a test without a right answer.
    """
    picture = metric_switchboard(digits=k, items=n, examples=2048, runs=made_table(p))
    assert picture["value"] == pytest.approx(exact, rel=1e-5)
    assert picture["numbers"]["none"]["value"] == pytest.approx(none, rel=1e-5 if none > 1e-30 else 0.02)
    assert picture["curves"]["apart"]["y"] == pytest.approx(np.full(len(EXAMPLES), exact), rel=1e-5)


def test_the_score_is_the_mean_over_seeds_of_the_committed_table():
    """At a reading the figure shows what the table says, and its three rulers agree on which reading it is."""
    table = sl.runs.load("column-addition")
    for examples, digits in ((1024, 10), (2048, 4), (15360, 1)):
        rows = table[(table.width == MAIN) & (table.examples == examples)]
        for metric, column in (
            ("exact-match", f"exact_{digits}"),
            ("digits", "token_accuracy"),
            ("cross-entropy", "loss"),
        ):
            picture = metric_switchboard(digits=digits, examples=examples, metric=metric)
            assert picture["value"] == pytest.approx(rows[column].mean(), rel=1e-12)
            assert picture["points"]["cursor"]["y"] == pytest.approx([picture["value"]])
            assert len(picture["points"]["seeds"]["y"]) == len(EXAMPLES) * rows.seed.nunique()


def test_the_prediction_is_made_for_each_seed_and_then_averaged():
    """Two halves of a table, digits sure in one and never right in the other:
    ten right in half the answers, not in .5^10.
    """
    table = made_table(0.5, seeds=2)
    for column in [name for name in table if name.startswith(("column_", "exact_")) or name == "token_accuracy"]:
        table[column] = 1.0 - table["seed"]
    picture = metric_switchboard(runs=table)
    assert picture["curves"]["apart"]["y"] == pytest.approx(np.full(len(EXAMPLES), 0.5))


def test_the_band_is_what_tests_would_show():
    """Of 20,000 tests of ten answers each, between 90% and all lie in the band, and it touches only tenths."""
    picture = metric_switchboard(digits=10, items=10, examples=2048)
    band, curve = picture["bands"]["test"], picture["curves"]["score"]
    for column in (band["y"], band["high"]):
        assert 10 * column == pytest.approx(np.rint(10 * column))
    at = int(np.argmin(abs(band["x"] - 2048)))
    assert band["x"][at] == pytest.approx(2048)
    seen = np.random.default_rng(1).binomial(10, curve["y"][EXAMPLES.index(2048)], 20000) / 10
    assert 0.9 < np.mean((seen >= band["y"][at] - 1e-9) & (seen <= band["high"][at] + 1e-9)) < 1.0


def test_more_digits_lower_the_score_and_more_items_narrow_the_band():
    """Asking for one digit more never raises the score; a larger test never widens the band by more than one answer."""
    scores = [metric_switchboard(digits=k)["curves"]["score"]["y"] for k in range(1, 11)]
    assert all((more <= less).all() for less, more in itertools.pairwise(scores))
    wide = [metric_switchboard(items=n)["bands"]["test"] for n in (100, 1000, 10000)]
    spans = [(band["high"] - band["y"]).max() for band in wide]
    assert spans[0] > 2 * spans[1] > 4 * spans[2]


def test_the_switchboard_says_what_the_ruler_shows():
    """Each ruler has its sentence, with the number the figure is about starred."""
    said = {metric: metric_switchboard(metric=metric)["say"] for metric in ("exact-match", "digits", "cross-entropy")}
    assert said["exact-match"] == (
        "All ten digits right: 0.2% of answers. A test of 100 questions would show none with probability "
        "0.85. Single digits right: 52.5%."
    )
    assert said["digits"] == (
        "Single digits right: 52.5%. A test of 100 questions, ten digits each, would show 50% to 55%. "
        "Answers with all ten digits right: 0.2%."
    )
    assert said["cross-entropy"] == (
        "Cross-entropy: 1.02 nats per digit, where a guess costs 2.30. Answers with all ten digits right: 0.2%."
    )
    assert metric_switchboard(digits=1)["say"].startswith("The first digit right: ")
    assert "*{exact}*" in said["exact-match"].template and "*{loss}*" in said["cross-entropy"].template


def test_a_table_without_the_readings_is_refused():
    """A table that lacks a width or a reading is named as such."""
    with pytest.raises(ValueError, match="runs: width 2 has 0 rows"):
        metric_switchboard(runs=made_table(0.5).query("width > 2"))
    with pytest.raises(ValueError, match="14 readings of each seed"):
        metric_switchboard(runs=made_table(0.5).iloc[1:])


@pytest.mark.parametrize(
    "digits, p, share, exact, mean, first, second, answers",
    [
        (10, 0.90, 0.20, 0.348678, 0.802762, 0.144659, 1.90915, 47.75),
        (10, 0.90, 0.05, 0.348678, 0.875691, 0.0331190, 0.429779, 208.6),
        (10, 0.70, 0.20, 0.0282475, 0.585085, 0.199368, 1.08010, 34.65),
        (2, 0.90, 0.20, 0.810000, 0.885455, 0.0180972, 0.0266907, 381.7),
    ],
)
def test_two_stories_have_one_exact_match_and_differ_in_their_digits(
    digits, p, share, exact, mean, first, second, answers
):
    """The numbers of the figure are those worked out beforehand for the two stories."""
    picture = all_at_once(digits=digits, p=p, share=share)
    got = [picture["numbers"][name]["value"] for name in ("exact", "mean", "first", "second")]
    assert got == pytest.approx([exact, mean, first, second], rel=1e-5)
    assert picture["value"] == pytest.approx(answers, rel=2e-4)  # printed to four digits
    assert all_at_once(digits=digits, p=p, share=share, record="right-or-wrong")["value"] == math.inf


def test_what_is_drawn_are_shares_of_all_answers():
    """Both stories' shares add to one but for what is too rare to draw, and agree on wrong and right."""
    for setting in settings(all_at_once, corners=False):
        picture = all_at_once(**setting)
        for story in ("one-by-one", "mixed"):
            assert np.nansum(picture["points"][story]["y"]) == pytest.approx(1.0, abs=21 * 1e-4)
    picture = all_at_once(record="right-or-wrong")
    both = [picture["points"][story]["y"][:2] for story in ("one-by-one", "mixed")]
    assert both[0] == pytest.approx(both[1], rel=1e-12)
    assert both[0] == pytest.approx([1 - 0.9**10, 0.9**10])


def test_the_stories_are_told_apart_in_an_afternoon():
    """The sentence at the default names both records; the starred number follows the record."""
    said = all_at_once()["say"]
    assert said == (
        "Right or wrong: both stories say 34.9%, and no number of answers can decide. Counting digits decides after 48."
    )
    assert all_at_once(record="right-or-wrong")["say"] == said
    assert "*{answers}*" in said.template
    assert "*{exact}*" in all_at_once(record="right-or-wrong")["say"].template


@pytest.mark.parametrize("function", FIGURES)
def test_layers_keep_their_names_and_lengths_and_axes_their_ranges(function):
    """No setting adds, drops or lengthens a layer; only the choice may change an axis."""
    choices = [name for name, control in function.live.controls.items() if hasattr(control, "options")]
    shapes, axes = set(), {}
    for setting in settings(function, corners=True) + settings(function, corners=False):
        picture = function(**setting)
        shapes.add(
            tuple(
                (group, name, len(layer["x"]))
                for group in ("bands", "curves", "points", "marks")
                for name, layer in picture.get(group, {}).items()
            )
        )
        assert set(picture["numbers"]) == set(function()["numbers"])
        assert picture["axes"] == axes.setdefault(tuple(setting[name] for name in choices), picture["axes"])
    assert len(shapes) == 1


def test_the_forecast_and_its_outcome_are_those_of_the_ladder():
    """At every task the figure shows the library's forecast and the authors' score of the 13B model."""
    printed = sl.published.table("bhagia2024-13B").set_index("task")
    for task in what_will_it_score.live.controls["task"].options:
        picture = what_will_it_score(task=task, target=13)
        numbers = picture["numbers"]
        assert numbers["actual"]["value"] == pytest.approx(printed.actual[task], abs=2e-5)
        assert numbers["value"]["value"] == pytest.approx(printed.predicted[task], abs=0.03)
        assert numbers["low"]["value"] < picture["value"] < numbers["high"]["value"]
        assert picture["points"]["actual"]["after"] and picture["points"]["score"]["after"]


def test_one_frame_is_measured_and_the_others_are_drawn_from_its_smooth_curve():
    """In each case exactly the frame named as the answer holds the table's scores, and hidden it is not marked."""
    table = sl.runs.load("overtraining").query("dataset == 'rpj'").sort_values("C")
    for case, (column, name, where) in enumerate(ROUNDS, 1):
        hidden, shown = (spot_the_emergence(case=case, names=names) for names in ("hidden", "shown"))
        same = [np.array_equal(layer["y"], table[f"icl_{column}"]) for layer in hidden["points"].values()]
        assert [frame for frame, one in enumerate(same) if one] == [where]
        assert {layer["role"] for layer in hidden["points"].values()} == {"data"}
        assert name not in hidden["say"] and name in shown["say"]
        made = [layer["y"] for frame, layer in enumerate(hidden["points"].values()) if frame != where]
        smooth = shown["curves"]["1"]["y"]
        assert max(abs((row - smooth).mean()) for row in made) < 0.03


def test_accuracy_knows_only_the_distance_of_right_from_wrong():
    """Where the wrong choices rise along all the way accuracy stays at guessing; where they stay it ends highest."""
    for choices in (2, 4, 10):
        ends = [right_and_wrong(along=along, choices=choices)["value"] for along in (0.0, 0.25, 0.5, 1.0)]
        assert ends == sorted(ends, reverse=True) and ends[-1] == pytest.approx(1 / choices, abs=1e-6)
    picture = right_and_wrong(along=1.0, late=1.0)
    assert picture["curves"]["share"]["y"][:11] == pytest.approx(np.full(11, 0.25), abs=1e-6)
    assert (np.diff(picture["curves"]["share"]["y"][10:]) > 0).all()


def test_the_loss_waits_for_the_parity_and_not_for_the_sums():
    """At a tenth of the gain the sums have lost over seven tenths of their loss, the parity under a twentieth."""
    assert ruler_or_loss(task="addition", gain=0.1)["value"] > 0.7
    assert ruler_or_loss(task="parity", gain=0.1)["value"] < 0.05
    for task in ("addition", "parity"):
        time, gain, fall = readings(task)
        assert gain[-1] == pytest.approx(1.0) and fall[-1] == pytest.approx(1.0) and (np.diff(time) >= 0).all()
        values = [ruler_or_loss(task=task, gain=share)["value"] for share in (0.1, 0.5, 0.9)]
        assert values == sorted(values)


@pytest.mark.parametrize("items", [10, 100, 10_000])
def test_the_onset_is_where_one_right_answer_is_seen_in_nineteen_tests_of_twenty(items):
    """At the size named the chance of a test with no right answer is 0.05, and it falls as one over the questions."""
    first = zero_of_n(items=items)["value"]
    assert sl.emergence.chance_of_none(true_score(first), items) == pytest.approx(0.05, rel=1e-9)
    assert 100 * zero_of_n(items=10_000)["value"] == pytest.approx(zero_of_n(items=100)["value"], rel=0.02)


@pytest.mark.parametrize(("first", "together", "noise"), [(6, 0.0, 0.3), (4, 0.0, 0.1), (5, 0.8, 0.5), (7, 0.4, 0.3)])
def test_components_are_those_of_the_covariance_of_the_made_scores(first, together, noise):
    """Shares and weights are the eigenvalues and the first eigenvector of the scores' covariance, from numpy."""
    ability = np.repeat([[1.0, 0.0], [0.0, 1.0]], [first, TESTS - first], axis=0)
    covariance = ability @ [[1.0, together], [together, 1.0]] @ ability.T + noise**2 * np.eye(TESTS)
    sizes, vectors = np.linalg.eigh(covariance)
    shares, weights = components(first, together, noise)
    np.testing.assert_allclose(shares, sizes[::-1] / sizes.sum(), rtol=1e-9)
    if (first, together) != (4, 0.0):  # there any direction in a plane is a first one
        np.testing.assert_allclose(weights, np.abs(vectors[:, -1]), atol=1e-9)


@pytest.mark.published_data("observational")
def test_the_circles_are_the_shares_of_the_public_table():
    """The shares drawn beside the made ones are those of the eight scores of the public table, to a percent."""
    tests = "MMLU ARC-C HellaSwag Winograd TruthfulQA GSM8K XWinograd HumanEval".split()
    scores = sl.runs.load("observational").dropna(subset=tests)[tests]
    shares = np.linalg.svd(scores - scores.mean(), compute_uv=False) ** 2
    np.testing.assert_allclose(shares[:3] / shares.sum(), MEASURED, atol=0.005)


def test_what_comes_after_the_study_moves_nothing_that_it_sees():
    """Where the second skill comes late the part that was seen is the same to half a percent, and the end is not."""
    early, late = (fall_or_turn(turn=turn) for turn in (5.0, 9.0))
    seen = [picture["points"]["seen"]["y"] for picture in (early, late)]
    np.testing.assert_allclose(*seen, atol=0.005)
    assert early["value"] > 0.7 and late["value"] < 0.1


def test_no_skill_of_the_made_task_ever_shrinks():
    """The pull of the distractor and what sees through it both only grow, and the share right still falls and rises."""
    away, through = skills(SCALE, 1.2, 4.0)
    assert (np.diff(-away) > 0).all() and (np.diff(through) > 0).all()
    right = fall_or_turn()["curves"]["right"]["y"]
    assert right.min() < right[0] < right[-1]
