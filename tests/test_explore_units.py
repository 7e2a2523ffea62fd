"""The live figure of the part on units: its numbers, its words, and that every setting can be drawn."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.count_and_cost import CONTEXTS, LAYERS, WIDTHS, count_and_cost
from scalinglib.explore.figures.surprise import surprise

DEFAULT = {"layers": 10, "width": 640, "context": 2048, "vocabulary": 32000}
# Layers, width, context, vocabulary: parameters without and with embeddings, FLOP a token, and that over 6N both ways.
# The second is GPT-2's smallest shape, the third GPT-3's largest.
EXPECTED = [
    ((10, 640, 2048, 32000), (49_152_000, 69_632_000, 5.75078e8, 1.95, 1.37647)),
    ((12, 768, 1024, 50257), (84_934_656, 1.23532e8, 8.54438e8, 1.67666, 1.15279)),
    ((96, 12288, 2048, 50257), (1.73946e11, 1.74564e11, 1.07637e12, 1.03133, 1.02768)),
    ((80, 8192, 131072, 128256), (6.44245e10, 6.54752e10, 1.42364e12, 3.68298, 3.62387)),
]
CORNERS = list(itertools.product((2, 96), (64, 16384), (256, 131072), (32000, 128256)))


def named(setting):
    return dict(zip(DEFAULT, setting, strict=True))


@pytest.mark.parametrize(("setting", "expected"), EXPECTED)
def test_numbers(setting, expected):
    """At four shapes the counts and ratios are those worked out by hand: 12 L d^2, V d and 12 L d T."""
    picture = count_and_cost(**named(setting))
    got = [picture["numbers"][name]["value"] for name in ("n", "all", "flop", "without", "with")]
    assert got == pytest.approx(expected, rel=1e-5)
    assert picture["value"] == picture["numbers"]["without"]["value"]


def test_sentence():
    """At the start the sentence says that the same model is 49 or 70 million parameters,
    and that neither times six is its cost.
    """
    assert str(count_and_cost()["say"]) == (
        "10 layers of width 640: 49.2 million parameters without embeddings, 69.6 million with. "
        "A token costs 1.95 times 6N counted without embeddings, 1.38 times 6N with them."
    )


@pytest.mark.parametrize("setting", CORNERS)
def test_corners_can_be_drawn(setting):
    """At every corner the stacks are full, their parts in order,
    and both ratios on the axis, which is that of the start.
    """
    first, picture = count_and_cost(), count_and_cost(**named(setting))
    assert picture["axes"] == first["axes"]
    for name, layer in picture["bars"].items():
        low, high = layer["x"], layer["high"]
        assert low.shape == first["bars"][name]["x"].shape
        assert low[0] == 0 and high[-1] == pytest.approx(100)
        assert (high >= low).all() and low[1:] == pytest.approx(high[:-1])
    times = picture["axes"][1]["x"]
    for layer in picture["points"].values():
        assert times["low"] < layer["x"][0] < times["high"]


def test_ratio_is_what_6N_leaves_out():
    """Over 6N with embeddings, what is above 1 is the attention over the context alone."""
    for setting in CORNERS:
        numbers = count_and_cost(**named(setting))["numbers"]
        context = numbers["context"]["value"]
        assert numbers["with"]["value"] * (1 - context) == pytest.approx(1.0)


def test_shares_add_up():
    """The four shares of the FLOP are the whole, and the embedding's part of the bar is its share."""
    picture = count_and_cost(layers=4, width=256, context=512, vocabulary=50257)
    numbers = picture["numbers"]
    assert sum(numbers[name]["value"] for name in ("attention", "feed_forward", "context", "output")) == pytest.approx(
        1
    )
    last = picture["bars"]["parameters"]
    assert (last["high"] - last["x"])[-1] == pytest.approx(100 * numbers["held"]["value"])


def test_cost_nears_6N_for_wide_models():
    """With the context held, the ratio falls towards 1 as the model grows wider."""
    ratios = [count_and_cost(layers=48, width=width, context=2048, vocabulary=32000)["value"] for width in WIDTHS]
    assert (np.diff(ratios) < 0).all() and 1 < ratios[-1] < 1.03


def test_stops():
    """Each slider's stops are whole numbers from the smallest to the largest model in question."""
    assert (LAYERS[0], LAYERS[-1], WIDTHS[0], WIDTHS[-1], CONTEXTS[0], CONTEXTS[-1]) == (2, 96, 64, 16384, 256, 131072)
    assert count_and_cost.live.defaults == DEFAULT
    assert sl.explore.count_and_cost is count_and_cost


def test_refusals():
    """A width that is no whole number is refused by name."""
    with pytest.raises(ValueError, match="width"):
        count_and_cost(width=640.5)


@pytest.mark.parametrize(
    ("setting", "loss"),
    [({}, 1.390597), ({"share": 0.0}, 0.01005034), ({"easy": 0.5, "hard": 0.5, "share": 0.5}, 0.693147)],
)
def test_a_mean_of_two_kinds_of_tokens(setting, loss):
    """0.9 x 0.01005 + 0.1 x 13.8155 nats; without hard tokens -ln 0.99; one half everywhere is ln 2."""
    picture = surprise(**setting)
    assert picture["value"] == pytest.approx(loss, rel=1e-6)
    assert picture["numbers"]["perplexity"]["value"] == pytest.approx(np.exp(loss), rel=1e-6)


def test_the_mean_says_whose_it_is():
    """At the start nearly all of the loss comes from the tenth of hard tokens."""
    assert str(surprise()["say"]) == (
        "The loss is 1.39 nats per token: as unsure as an even choice among 4.0. 99% of it comes from 10% of the "
        "tokens."
    )
