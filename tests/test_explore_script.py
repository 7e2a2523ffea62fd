"""The page's script against the library: the same letters of SVG, the same words,
and the function itself between the stops.
"""

import json
import math

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore import check
from scalinglib.explore.numbers import written
from scalinglib.explore.picture import paint
from tests import explorer_script as script

FIGURES = [
    "surprise",
    "count_and_cost",
    "doubling",
    "drag_the_floor",
    "line_from_steps",
    "one_bad_run",
    "design_studio",
    "runs_not_points",
    "budget_bowl",
    "three_approaches",
    "kaplan_by_counting",
    "total_cost",
    "gophers_bet",
    "metric_switchboard",
    "all_at_once",
    "value_of_a_repeat",
    "binds_2030",
]
HEAVIEST = 60 * 1024


@pytest.fixture(scope="module", params=FIGURES)
def live(request):
    """Each of the fifteen figures, with its page's data in the script's engine."""
    made = sl.explore.figure(getattr(sl.explore, request.param))
    script.load(made.html())
    return made


def test_the_page_shows_the_function_between_the_stops(live):
    """At 1,000 random settings the script's picture is within a pixel
    of the function's and its numbers within a digit.
    """
    found = check.errors(live, 1000, seed=5, read=script.frames)
    assert found.passed, found.report()


def test_python_draws_the_letters_that_the_script_draws(live):
    """The default picture of print and the script's are one text,
    on a wide screen and on a phone, here and at two corners.
    """
    scene = live.scene
    ends = [tuple(control.last for control in scene.controls.values()), tuple(0 for _ in scene.controls)]
    for position in (scene.start, *ends):
        [found] = script.frames([position])
        frame = [
            content[0] if slot.kind == "number" else content for slot, content in zip(scene.slots, found, strict=True)
        ]
        for width in (720, 350):
            assert script.picture(position, width) == paint(scene.spec, frame, position, width)


def test_the_sentence_of_the_page_is_the_function_s(live):
    """At the default setting the script says letter by letter what the function says."""
    assert script.sentence(live.scene.start) == live.sentence


def test_the_data_of_a_figure_are_light(live):
    """A figure with all its data weighs 60 KB or less after gzip."""
    assert live.weight <= HEAVIEST, f"{live.weight / 1024:.1f} KB"


def test_axes_stand_still(live):
    """No slider moves an axis; only a choice may, and only the three figures that change what is drawn."""
    scene = live.scene
    generator = np.random.default_rng(1)
    seen = {}
    for _ in range(12):
        position = tuple(int(generator.integers(control.last + 1)) for control in scene.controls.values())
        choice = next((str(scene.setting(position)[name]) for name in [scene.choice] if name), "")
        axes = json.dumps(scene.picture(position)["axes"])
        assert seen.setdefault(choice, axes) == axes
    if len(set(seen.values())) > 1:
        assert live.scene.function.__name__ in ("doubling", "metric_switchboard", "all_at_once")


def test_a_figure_asks_first_and_says_what_it_leaves_out(live):
    """Every figure has a question, a guess to make first, a caveat, and at most three sliders and one choice."""
    described = live.scene.description
    assert described.question.endswith("?") and described.predict.ask and len(described.caveat) > 20
    sliders = [control for control in described.controls.values() if hasattr(control, "stops")]
    assert 1 <= len(sliders) <= 3 and len(described.controls) - len(sliders) <= 1
    assert any(layer["after"] for layer in live.scene.spec["layers"]), "nothing is kept back until the guess"


@pytest.mark.parametrize("form", ["f2", "c0", "p1", "g3", "e3", "w3", "+f1", "+p0", "g2", "w2"])
def test_numbers_are_written_alike(form):
    """Python and the script write the same letters for any number; very long ones in powers of ten or words."""
    generator = np.random.default_rng(3)
    longest = 27 if form[0] in "ew" else 14
    numbers = [
        *(generator.choice([-1, 1], 300) * 10 ** generator.uniform(-6, longest, 300)),
        0.0,
        999.6e6,
        1e6,
        9.995e14,
        0.5,
        1e15,
        1.0,
        9999.5,
    ]
    assert script.written_all(numbers, form) == [written(float(value), form) for value in numbers]


def test_the_script_holds_no_law():
    """The script knows names of no law, constant or quantity of the field."""
    text = script.SCRIPT.read_text(encoding="utf-8").lower()
    for word in ("chinchilla", "kaplan", "alpha", "beta", "flop", "nats", "token", "0.3478", "1.8172", "huber"):
        assert word not in text, word


def test_holes_and_halves_survive_the_letters():
    """What the script reads from the letters is what Python wrote, to half a step, with holes where they were."""
    from scalinglib.explore.coding import decoded, encoded

    generator = np.random.default_rng(8)
    values = np.cumsum(generator.normal(size=(4, 7, 31)), axis=2) * 1e3
    values[generator.random(values.shape) < 0.1] = np.nan
    code = encoded(values, 0.01)
    there = script.engine().eval(f"JSON.stringify(Array.from(explorer.decode({json.dumps(code)}).values))")
    read = np.array([math.nan if value is None else value for value in json.loads(there)]).reshape(values.shape)
    assert np.array_equal(np.isnan(read), np.isnan(values)) and np.nanmax(np.abs(read - values)) <= 0.0051
    np.testing.assert_allclose(read, decoded(code), rtol=0, atol=1e-9)
