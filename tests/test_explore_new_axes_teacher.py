"""The live figure of a teacher: its crossing, its question, and what must hold at every setting."""

import itertools

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.explore.figures.worth_a_teacher import worth_a_teacher

CONTROLS = worth_a_teacher.live.controls
STOPS = [[control.at(i) for i in range(control.last + 1)] for control in CONTROLS.values()]
SETTINGS = [dict(zip(CONTROLS, values, strict=True)) for values in itertools.product(*STOPS)]


def test_the_curves_cross_where_the_sentence_says():
    """At the printed crossing labels and teacher are equal, before it the teacher is better, at every setting."""
    world = sl.simulate.LinearTeaching()
    for setting in SETTINGS:
        N, pair = int(setting["student"]), {"teacher": int(setting["teacher"])}
        pair["teacher_examples"] = setting["examples"]
        crossing = worth_a_teacher(**setting)["value"]
        if crossing > N + 2:
            assert world.labelled(N, crossing) == pytest.approx(world.taught(N, crossing, **pair), rel=1e-9)
            assert world.labelled(N, crossing + 10) < world.taught(N, crossing + 10, **pair)
        else:
            assert world.labelled(N, N + 2) < world.taught(N, N + 2, **pair)


def test_the_best_perfect_teacher_is_the_students_size():
    """The answer to the question is 64 at every setting."""
    assert {worth_a_teacher(**setting)["numbers"]["best"]["value"] for setting in SETTINGS} == {64}


def test_everything_stays_inside_its_frame():
    """At any setting the curves lie inside the fixed ranges, and everything drawn is a number."""
    for setting in SETTINGS:
        picture = worth_a_teacher(**setting)
        (frame,) = picture["axes"] if isinstance(picture["axes"], list) else [picture["axes"]]
        for group in ("curves", "points"):
            for layer in picture[group].values():
                assert np.isfinite(layer["x"]).all()
                assert ((layer["y"] >= frame["y"]["low"]) & (layer["y"] <= frame["y"]["high"])).all(), setting
