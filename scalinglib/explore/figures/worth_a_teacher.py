"""The live figure of a student that learns from labels or from a teacher."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, points

SIZES = (16, 32, 64, 128, 256, 512, 1024)
EXAMPLES = np.geomspace(100, 20_000, 49)
ASKED_AT = 128.0
"""Examples of the student at which the best teacher is asked for: twice the size of the default student."""

_SEEN = axis(
    "examples the student sees", 100, 20_000, scale="log", ticks=[100, 200, 500, 1000, 2000, 5000, 10_000], form="g3"
)
_LOSS = axis("loss", 0.008, 1.0, scale="log", ticks=[0.01, 0.03, 0.1, 0.3, 1], form="g2")


@functools.cache
def _world():
    from scalinglib.simulate import LinearTeaching

    return LinearTeaching()


@functools.lru_cache(maxsize=64)
def _from_labels(student: int):
    return np.array([_world().labelled(student, D) for D in EXAMPLES])


@described(
    controls={
        "student": Slider.steps("Features of the student", 8, 16, 32, 48, 64, form="c0"),
        "teacher": Slider.steps("Features of the teacher", *SIZES, form="c0"),
        "examples": Slider.steps("Labels the teacher saw", 2000, 4000, 8000, 16000, 32000, form="c0"),
    },
    predict=Predict(
        ask="A student of 64 features sees 128 examples, with a teacher's answers in place of labels. The teachers are "
        "perfect: each knows its own features exactly. Which one makes the best student?",
        why="A smaller teacher does not know all that the student could learn. A larger one knows more than the "
        "student can express, and to the student that part of the answer is noise.",
        answer="best",
        form="c0",
        unit="features",
        options=((16.0, "16"), (64.0, "64"), (1024.0, "1,024")),
    ),
)
def worth_a_teacher(*, student: float = 64, teacher: float = 256, examples: float = 4000) -> dict:
    """When is a teacher better than labels?

    The loss of a linear student, by the examples that it sees, taught by labels or by a teacher's answers.

    Parameters
    ----------
    student, teacher : int
        Features that each of them sees.
    examples : int
        Labelled examples the teacher was fitted to.

    Returns
    -------
    dict
        The picture; ``value`` is the number of examples from which labels are better, 0 if they always are.

    Notes
    -----
    A world of Gaussian features, a linear target and noisy labels, in which both losses are exact. It shows why the
    curves cross and why a teacher can be too good; its numbers are not those of language models.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.worth_a_teacher()["say"])
    From 3,616 examples on labels are better than this teacher, whose student ends at 0.014.
    """
    world, student, teacher = _world(), int(student), int(teacher)
    pair = {"teacher": teacher, "teacher_examples": float(examples)}
    taught = np.array([world.taught(student, D, **pair) for D in EXAMPLES])
    ends = world.taught(student, np.inf, **pair)
    best = min(SIZES, key=lambda size: world.taught(64, ASKED_AT, teacher=size))
    crossing = _crossing(world, student, pair, ends)
    numbers = {
        "crossing": number(crossing, "g4", label="labels are better from", unit="examples"),
        "ends": number(ends, "g2", scale="log", label="loss with endless answers"),
        "unseen": number(world.unseen(student), "g2", scale="log", label="loss with endless labels"),
        "best": number(best, "c0", label="best perfect teacher at 128 examples", unit="features"),
    }
    at = np.clip(crossing, EXAMPLES[0], EXAMPLES[-1])
    return {
        "axes": [panel(_SEEN, _LOSS, height=5)],
        "curves": {
            "labels": curve(EXAMPLES, _from_labels(student), "ink", label="labels", label_at=0.1, after=True),
            "taught": curve(EXAMPLES, taught, "law", label="teacher", label_at=0.9, after=True, read=True),
        },
        "points": {"crossing": points(at, world.taught(student, at, **pair), "rival", size=6, after=True)},
        "numbers": numbers,
        "value": float(crossing),
        "say": say(
            "From *{crossing}* examples on labels are better than this teacher, whose student ends at {ends}.", numbers
        ),
    }


def _crossing(world, student, pair, ends):
    """Where labels reach the teacher's curve, by the closed form; a smaller teacher's curve is level."""
    if pair["teacher"] >= student:
        return max(pair["teacher_examples"] - 2.0 * (pair["teacher"] - student), student + 2.0)
    left = world.unseen(student)
    return student + 1.0 + (left + world.noise**2) * student / (ends - left)
