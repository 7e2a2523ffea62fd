"""The live figure of building or buying: where the two lines meet, and what is said where they never do."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.build_or_buy import TOKENS, build_or_buy


@pytest.mark.parametrize("own", [0.1, 0.5, 1.9])
def test_both_cost_the_same_where_training_is_paid_back(own):
    """At the tokens that are named, what was paid for either is the same, and beyond them the own model is cheaper."""
    even = build_or_buy(training=2e6, bought=2.0, own=own)["value"]
    assert 2e6 + own * even / 1e6 == pytest.approx(2.0 * even / 1e6)
    assert 2e6 + own * 2 * even / 1e6 < 2.0 * 2 * even / 1e6


def test_a_saving_that_is_none_never_pays_back():
    """Where own tokens cost as much or more, no number of tokens is named, and the sentence says so."""
    for own in (2.0, 5.0):
        picture = build_or_buy(bought=2.0, own=own)
        assert picture["value"] == np.inf and "never paid back" in picture["say"]
        assert np.isnan(picture["points"]["even"]["x"]).all()


def test_every_setting_has_a_picture():
    """At each corner of the controls the curves are whole and rise."""
    controls = build_or_buy.live.controls
    for place in itertools.product(*((0, control.last) for control in controls.values())):
        values = {n: control.at(int(at)) for (n, control), at in zip(controls.items(), place, strict=True)}
        for line in build_or_buy(**values)["curves"].values():
            assert np.shape(line["y"]) == TOKENS.shape and np.all(np.diff(line["y"]) > 0)
    assert sl.explore.figure(sl.explore.build_or_buy).weight < 60 * 1024
