"""A live figure as a widget and as a call: what it takes, what it refuses, what it tells others."""

import importlib
import json

import ipywidgets
import numpy as np
import pytest
import traitlets

import scalinglib as sl
from scalinglib import explore

RATE = explore.Slider.over("Rate", 0.1, 1, 10, default=0.5, between=4)
KIND = explore.Choice(label="Kind", options={"half": "by halves", "e": "by e"})


def decay(*, rate=0.5, kind="half"):
    """What is left after some time, by halves or by e."""
    base = 2.0 if kind == "half" else np.e
    time = np.linspace(0, 4, 41)
    numbers = {"left": explore.number(base**-rate, "p1", label="left after one", scale="log")}
    return {
        "axes": explore.panel(explore.axis("time", 0, 4), explore.axis("left", 0.01, 1, scale="log")),
        "curves": {"left": explore.curve(time, base ** (-rate * time), label="left {left}")},
        "bands": {"around": explore.band(time, 0.9 * base ** (-rate * time), 1.1 * base ** (-rate * time))},
        "regions": {"late": explore.region(x=(3, 4), label="late")},
        "points": {"one": explore.points([1.0], [base**-rate], labels=["here"], side="above", hollow=True)},
        "marks": {"note": explore.mark(2, 0.5, "10^2 < 10^3")},
        "numbers": numbers,
        "value": base**-rate,
        "say": explore.say("After one step *{left}* is left.", numbers),
    }


def live(**changes):
    """A figure of `decay`."""
    return explore.figure(decay, **{"question": "How fast?", "controls": {"rate": RATE, "kind": KIND}, **changes})


def test_a_function_of_one_s_own_becomes_a_figure():
    """A plain function and its controls are enough: it draws, it says, it weighs little,
    and its page is right between the stops.
    """
    figure = live()
    assert figure.sentence == "After one step 70.7% is left."
    assert figure.value == pytest.approx(2**-0.5)
    assert figure.svg().startswith("<svg") and "10<tspan" in figure.svg() and "&lt;" in figure.svg()
    assert explore.errors(figure, 300).passed
    assert figure.weight < 12_000


def test_a_setting_moves_the_figure_and_tells_who_listens():
    """Assigning some controls moves it to the nearest position, keeps the others, and observers hear of it."""
    figure, heard = live(), []
    figure.observe(lambda change: heard.append(change["new"]), names="sentence")
    figure.setting = {"kind": "e"}
    assert figure.setting == {"rate": 0.5, "kind": "e"} and figure.value == pytest.approx(np.exp(-0.5))
    figure.setting = {"rate": 0.53}
    assert figure.setting["rate"] == pytest.approx(0.525) and figure.setting["kind"] == "e"
    assert heard == ["After one step 60.7% is left.", "After one step 59.2% is left."]
    figure.position = [0, 0]
    assert figure.setting == {"rate": 0.1, "kind": "half"}


def test_it_stands_beside_other_widgets():
    """It is an ipywidget: boxes hold it, and what is synchronised is JSON, with None for what is not there."""
    figure = live()
    assert ipywidgets.VBox([figure, ipywidgets.Label("beside")]).children[0] is figure
    state = figure.get_state()
    assert set(state) >= {"spec", "markup", "position", "frame"}
    json.dumps([state["spec"], state["frame"], state["position"]], allow_nan=False)
    region = next(layer for layer in figure.spec["layers"] if layer["kind"] == "region")
    assert figure.frame[region["y"]] == [None, None]


@pytest.mark.parametrize(
    ("wrong", "words"), [({"speed": 1}, "speed"), ({"kind": "third"}, "third"), ({"rate": "fast"}, "fast")]
)
def test_a_wrong_setting_is_refused_and_nothing_moves(wrong, words):
    """A setting that is none is refused in words that name it, and the figure stays where it was."""
    figure = live()
    with pytest.raises(traitlets.TraitError, match=words):
        figure.setting = wrong
    with pytest.raises(traitlets.TraitError, match="position"):
        figure.position = [999, 0]
    assert figure.setting == {"rate": 0.5, "kind": "half"} and figure.position == list(figure.scene.start)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"controls": {"speed": RATE, "kind": KIND}}, "no parameter speed"),
        ({"controls": {}}, "controls"),
        ({"question": ""}, "question"),
        ({"controls": {"rate": RATE, "kind": KIND, "other": KIND}}, "at most one choice"),
        ({"layout": "round"}, "layout"),
        ({"predict": explore.Predict(ask="What?", why="So.", answer="right")}, "'right' is not among the numbers"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(changes, words):
    """Controls that are no parameters, no question, too many choices, an answer that is no number: each is named."""
    with pytest.raises(ValueError, match=words):
        live(**changes)


def test_a_docstring_describes_its_figure():
    """Question and caveat are read off the docstring, defaults off the signature; what is said beside it goes first."""

    def halved(*, rate=0.5):
        """How fast
        is not asked here."""
        return decay(rate=rate)

    def asked(*, rate=0.25, kind="e"):
        """How fast?

        Notes
        -----
        Nothing was
        measured.

        Examples
        --------
        None.
        """
        return decay(rate=rate, kind=kind)

    steps = explore.Slider.over("Rate", 0.1, 1, 10)
    with pytest.raises(ValueError, match="question: halved is not described"):
        explore.figure(halved, controls={"rate": steps})
    made = explore.figure(asked, controls={"rate": steps, "kind": KIND}).scene.description
    assert (made.question, made.caveat) == ("How fast?", "Nothing was measured.")
    assert made.defaults == {"rate": 0.25, "kind": "e"} and 0.25 in made.controls["rate"].stops
    assert explore.figure(asked, controls={"rate": steps}, question="Why?").scene.description.question == "Why?"


def test_layers_that_change_their_length_are_refused():
    """A curve with another number of points at another setting cannot be mixed; the message says which."""

    def growing(*, rate=0.5):
        count = 5 if rate < 0.5 else 6
        numbers = {"left": explore.number(1.0, "f0")}
        return {
            "axes": explore.panel(explore.axis("x", 0, 1), explore.axis("y", 0, 1)),
            "numbers": numbers,
            "value": 1.0,
            "curves": {"grown": explore.curve(np.linspace(0, 1, count), np.linspace(0, 1, count))},
            "say": explore.say("{left}", numbers),
        }

    with pytest.raises(ValueError, match=r"curves\.grown\.x: 5 to 6 points"):
        explore.figure(growing, question="How long?", controls={"rate": RATE}).html()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: explore.axis("x", 0, 1, scale="log"), "logarithmic"),
        (lambda: explore.axis("x", 2, 1), "in order"),
        (lambda: explore.curve([0, 1], [0, 1], "hero"), "role"),
        (lambda: explore.points(0, 0, shape="star"), "shape"),
        (lambda: explore.number(1.0, "z9"), "form"),
        (lambda: explore.number(1.0, scale="cubic"), "scale"),
        (lambda: explore.say("{gone}", {}), "gone"),
        (lambda: explore.Slider.steps("S", 2, 1, default=1), "rising"),
        (lambda: explore.Slider.steps("S", 1, 2, default=3), "default"),
        (lambda: explore.Choice(label="C", options={"one": "one"}), "two or more"),
    ],
)
def test_parts_that_cannot_be_are_refused(made, words):
    """Axes, layers, numbers and controls say what is wrong with them."""
    with pytest.raises(ValueError, match=words):
        made()


def test_a_page_holds_the_figure_without_a_script():
    """The output for a page holds the sentence, the picture with its question,
    the setting in words, and data that close no tag.
    """
    page = live(caveat="a </script> in words").html()
    assert "After one step <b>70.7%</b> is left." in page and 'aria-label="How fast?"' in page
    assert "Shown for: Rate 0.500, Kind by halves." in page
    data = page.split('class="explorer-data">')[1]
    assert data.count("</script>") == 1
    data, _, _ = data.partition("</script>")
    assert json.loads(data)["spec"]["question"] == "How fast?"
    assert "http" not in page


def test_the_representation_is_stable():
    """Text and page are the same for two figures of one function,
    so that a second run of a notebook leaves no difference.
    """
    one, other = live(), live()
    first, second = one._repr_mimebundle_()[0], other._repr_mimebundle_()[0]
    assert {key: first[key] for key in ("text/plain", "text/html")} == {
        key: second[key] for key in ("text/plain", "text/html")
    }
    assert first["text/plain"].startswith("LiveFigure(decay: rate=0.5, kind='half'): After one step")


def test_every_live_figure_is_a_public_function():
    """The figures can be called by name with their defaults, and say a sentence with their value's number."""
    assert explore.figures.NAMES == tuple(name for name in explore.__all__ if hasattr(getattr(explore, name), "live"))
    for name in explore.figures.NAMES:
        picture = getattr(sl.explore, name)()
        assert vars(importlib.import_module(f"scalinglib.explore.figures.{name}"))[name] is getattr(explore, name)
        assert isinstance(picture["value"], float) or np.isscalar(picture["value"])
        assert str(picture["say"]).endswith((".", "?"))


@pytest.mark.parametrize("name", ["", "1st", 'a" onclick="b', "a b", "<b>", "é"])
def test_a_name_that_would_end_its_attribute_is_refused(name):
    """The name stands in the page's address and in its HTML: letters, digits, _ and - alone."""
    with pytest.raises(ValueError, match="cannot be used"):
        explore.figure(explore.surprise, name=name)
