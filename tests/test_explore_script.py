"""The page's script against the library: the same letters of SVG, the same words,
and the function itself between the stops.
"""

import json
import math

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore import check, figures
from scalinglib.explore.coding import encoded
from scalinglib.explore.numbers import written
from scalinglib.explore.picture import paint
from scalinglib.explore.scales import SCALES, blend

HEAVIEST = 60 * 1024


PUBLIC = {"drop_runs": pytest.mark.published_data("chinchilla")}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=PUBLIC.get(name, ())) for name in figures.NAMES])
def live(request):
    """Each of the live figures."""
    return sl.explore.figure(getattr(sl.explore, request.param))


@pytest.fixture(scope="module")
def script():
    """The page's script with a small figure's data."""
    with check.PageScript(sl.explore.figure(sl.explore.surprise).html()) as engine:
        yield engine


def test_the_page_shows_the_function_between_the_stops(live):
    """At random settings the script's picture is within a pixel of the function's and its numbers within a digit.

    For a new figure try thousands by hand: `check.errors(live, 5000).report()`. A thousand each took the suite minutes.
    """
    # Rows that are picked have both sides solve for each setting.
    found = check.errors(live, 60 if live.scene.spec.get("pick") else 200, seed=5)
    assert found.passed, found.report()


def test_python_draws_the_letters_that_the_script_draws(live):
    """The default picture of print and the script's are one text, on a wide screen and on a phone, here, at two
    corners and at twenty random settings; and so is the sentence.
    """
    scene, generator = live.scene, np.random.default_rng(2)
    controls = scene.controls.values()
    corners = [[control.computed[end] for control in controls] for end in (0, -1)]
    places = [scene.start, *corners, *([each.anywhere(generator) for each in controls] for _ in range(20))]
    with check.PageScript(live.html()) as script:
        for position, found in zip(places, script.frames(places), strict=True):
            place = json.dumps(list(position))
            frame = [
                float(content[0]) if slot.kind == "number" else content
                for slot, content in zip(scene.slots, found, strict=True)
            ]
            for width in (720, 350):
                drawn = f"explorer.paint(spec, explorer.frameAt(spec, slots, {place}), {place}, {width}, {{}})"
                assert script.value(drawn) == paint(scene.spec, frame, position, width)
        place = json.dumps(list(scene.start))
        assert script.value(f"explorer.sentence(spec, explorer.frameAt(spec, slots, {place}))") == live.sentence


def test_the_data_of_a_figure_are_light(live):
    """A figure with all its data weighs 60 KB or less after gzip."""
    assert live.weight <= HEAVIEST, f"{live.weight / 1024:.1f} KB"


def test_axes_stand_still(live):
    """No slider moves an axis; only a choice may, and only the three figures that change what is drawn."""
    scene = live.scene
    generator = np.random.default_rng(1)
    seen = {}
    for _ in range(12):
        position = tuple(control.anywhere(generator) for control in scene.controls.values())
        choice = next((str(scene.setting(position)[name]) for name in [scene.choice] if name), "")
        axes = json.dumps(scene.picture(position)["axes"])
        assert seen.setdefault(choice, axes) == axes
    if len(set(seen.values())) > 1:
        assert live.scene.function.__name__ in ("doubling", "metric_switchboard", "all_at_once")


def test_a_figure_asks_first_and_says_what_it_leaves_out(live):
    """Every figure has a question, a guess to make first, why the answer is what it is, a caveat, something to move,
    and at most three sliders and one choice or pick.
    """
    described = live.scene.description
    assert described.question.endswith("?") and described.predict.ask and len(described.caveat) > 20
    assert described.predict.why.endswith(".") and len(described.predict.why) > 60
    sliders = [control for control in described.controls.values() if hasattr(control, "stops")]
    assert described.controls and len(sliders) <= 3 and len(described.controls) - len(sliders) <= 1
    assert any(layer["after"] for layer in live.scene.spec["layers"]), "nothing is kept back until the guess"


@pytest.mark.parametrize("name", ["one_rate", "which_curve", "spot_the_emergence"])
def test_an_answer_among_words_is_said_in_words(name):
    """Where the answer is one of the choices offered, the page says that choice and no number that stands for it."""
    live = sl.explore.figure(getattr(sl.explore, name))
    predict, place = live.scene.description.predict, json.dumps(list(live.scene.start))
    truth = live.scene.picture(live.scene.start)["numbers"][predict.answer]["value"]
    words = {float(value): text for value, text in predict.options}
    other = next(value for value in words if value != truth)
    with check.PageScript(live.html()) as script:
        verdict = f"explorer.guessed(spec, explorer.frameAt(spec, slots, {place}), %s)"
        assert script.value(verdict % truth) == f"You said {words[truth]}, and so it is. {predict.why}"
        assert script.value(verdict % other) == f"You said {words[other]}; it is {words[truth]}. {predict.why}"


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_is_the_same_in_both(scale, script):
    """Python and the script bend numbers alike, take them back alike, and blend them alike on every scale."""
    numbers = np.array([1.5, 2.0, 7.0, 300.0])
    for place, name in enumerate(("bend", "plain")):
        values = numbers if not place else SCALES[scale].bend(numbers)
        there = script.value(f"{json.dumps(values.tolist())}.map(explorer.SCALES[{json.dumps(scale)}][{place}])")
        np.testing.assert_allclose(there, getattr(SCALES[scale], name)(values), rtol=1e-13)
    np.testing.assert_allclose(SCALES[scale].plain(SCALES[scale].bend(numbers)), numbers, rtol=1e-12)
    assert blend(scale, 1.5, 300.0, 0.0) == 1.5 and blend(scale, 1.5, 300.0, 1.0) == pytest.approx(300.0)
    t, step = SCALES[scale].bend(numbers), 1e-6
    slope = (SCALES[scale].plain(t + step) - SCALES[scale].plain(t - step)) / (2 * step)
    np.testing.assert_allclose(SCALES[scale].slope(t), slope, rtol=1e-6)


def test_the_script_has_no_scale_more(script):
    """The scales of the script are those of the library, by name."""
    assert script.value("Object.keys(explorer.SCALES)") == list(SCALES)


@pytest.mark.parametrize("form", ["f2", "c0", "p1", "g3", "e3", "w3", "+f1", "+p0", "g2", "w2"])
def test_numbers_are_written_alike(form, script):
    """Python and the script write the same letters for any number; very long ones in powers of ten or words."""
    generator = np.random.default_rng(3)
    longest = 27 if form[0] in "ew" else 14
    numbers = [
        *(generator.choice([-1, 1], 300) * 10 ** generator.uniform(-6, longest, 300)),
        *(0.0, 999.6e6, 1e6, 9.995e14, 0.5, 1e15, 1.0, 9999.5),
    ]
    there = script.value(f"{json.dumps(numbers)}.map((value) => explorer.written(value, {json.dumps(form)}))")
    assert there == [written(float(value), form) for value in numbers]


def test_the_script_holds_no_law():
    """The script knows names of no law, constant or quantity of the field."""
    text = check.SCRIPT.read_text(encoding="utf-8").lower()
    for word in ("chinchilla", "kaplan", "alpha", "beta", "flop", "nats", "token", "0.3478", "1.8172", "huber"):
        assert word not in text, word


def test_holes_and_halves_survive_the_letters(script):
    """What the script reads from the letters is what Python wrote, to half a step, with holes where they were."""
    generator = np.random.default_rng(8)
    values = np.cumsum(generator.normal(size=(4, 7, 31)), axis=2) * 1e3
    values[generator.random(values.shape) < 0.1] = np.nan
    there = script.value(f"Array.from(explorer.decode({json.dumps(encoded(values, 0.01))}).values)")
    read = np.array([math.nan if value is None else value for value in there]).reshape(values.shape)
    assert np.array_equal(np.isnan(read), np.isnan(values)) and np.nanmax(np.abs(read - values)) <= 0.0051


def test_without_an_engine_it_is_said_what_is_missing(monkeypatch):
    """Where no JavaScript engine is installed, the check names the package that brings one."""
    monkeypatch.setitem(__import__("sys").modules, "py_mini_racer", None)
    with pytest.raises(ModuleNotFoundError, match="pip install mini-racer"):
        sl.explore.errors(sl.explore.figure(sl.explore.surprise), 3)
