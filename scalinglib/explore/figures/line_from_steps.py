"""The live figure of a straight line that is a sum of steps."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, mark, points
from scalinglib.simulate import ZipfMemoriser

ALPHAS = tuple(step / 20 for step in range(6, 41))
KINDS = (300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
EXAMPLES = tuple(float(round(10 ** (1 + step / 8))) for step in range(41))
"""The stops of the slider, and the points of the curve."""
RANKS = (1, 3, 10, 30, 100, 300)
ON_A_PHONE = (10, 30, 100)
HUNDRED, EARLIER, LATER = (EXAMPLES.index(seen) for seen in (1e2, 1e3, 1e5))
SMALLEST = 1e-8
"""Far below the frame; an error of 1e-80 is drawn here."""
FALL = np.concatenate([[1e-9], np.geomspace(0.02, 12, 25)])
"""Examples times the rate of a fact, along its step: the step is the same for every fact, and shifted."""

USUAL = "At {examples} examples the error falls with slope *{slope}*; theory for endless facts says {theory}."
RUN_OUT = (
    "At {examples} examples the error falls with slope *{slope}*, not {theory}: of {kinds} kinds of "
    "fact, few are left to learn."
)


@functools.lru_cache(maxsize=512)
def expected(alpha, kinds):
    """Expected error and its slope at EXAMPLES, and how fast each of RANKS is learned, for a Zipf memoriser.

    These are the sums of ``ZipfMemoriser.loss`` and ``.slope``, with the kinds beyond rank 1,000 taken
    together in blocks of a thousandth of their rank: milliseconds in place of seconds, and the same to 1e-6.

    Parameters
    ----------
    alpha : float
    kinds : int

    Returns
    -------
    tuple of numpy.ndarray
        Errors and slopes, shape (41,), and rates an example, shape (6,).

    Examples
    --------
    >>> errors, slopes, _ = expected(1.0, 1_000_000)
    >>> print(errors[16].round(7), slopes[16].round(5))
    0.0218422 -0.49964
    """
    p = ZipfMemoriser(alpha=alpha, kinds=kinds).probability
    rate = -np.log1p(-p)
    blocks = np.unique(np.geomspace(1000, 1_000_000, 6909).astype(int))
    starts = np.concatenate([np.arange(min(1000, kinds)), blocks[blocks < kinds]])
    weight = np.add.reduceat(p, starts)
    pace = np.add.reduceat(p * rate, starts) / weight
    left = weight * np.exp(-np.outer(EXAMPLES, pace))
    errors = left.sum(axis=1)
    return errors, -np.array(EXAMPLES) * (left @ pace) / errors, rate[np.array(RANKS) - 1]


@described(
    controls={
        "alpha": Slider.steps("Zipf's exponent less one", *ALPHAS, form="f2"),
        "kinds": Slider.steps("Kinds of fact", *KINDS, form="c0"),
        "examples": Slider.steps("Examples seen", *EXAMPLES, form="c0"),
    },
    predict=Predict(
        ask="Each fact is learned in one step, when it is first seen. From 1,000 to 100,000 examples, what is left "
        "of the error, averaged over all facts?",
        why="Facts are met as often as a power law says: after any number of examples those not yet met are many and "
        "rare, and their shares add up to a power of that number.",
        answer="left",
        form="f2",
        options=((0.9, "nearly all"), (0.5, "half"), (0.1, "a tenth"), (0.01, "a hundredth")),
    ),
)
def line_from_steps(*, alpha: float = 1.0, kinds: int = 1_000_000, examples: float = 1000) -> dict:
    """Where does a straight line come from?

    Many facts, each learned in one step, and the average over all.

    Parameters
    ----------
    alpha : float
        Zipf's exponent less one.
    kinds : int
        How many kinds of fact there are, 300 or more.
    examples : float
        Examples seen; the nearest stop is taken, an eighth of a decade from its neighbours.

    Returns
    -------
    dict
        A picture; its value is the slope of the error on log-log axes.

    Notes
    -----
    Assumed: the facts come by Zipf's law, with chances as rank to the power −(1 + slider), and one sight is enough. All
    are expectations; nothing is drawn at random. This shows how a line can arise; it does not derive the exponent of
    any language model.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.line_from_steps()["say"])
    At 1,000 examples the error falls with slope −0.500; theory for endless facts says −0.500.
    """
    world = ZipfMemoriser(alpha=alpha, kinds=int(kinds))
    errors, slopes, rates = expected(world.alpha, world.kinds)
    at = int(np.abs(np.log(np.array(EXAMPLES) / examples)).argmin())
    seen, error, slope, theory = EXAMPLES[at], float(errors[at]), float(slopes[at]), -world.theory.beta
    numbers = {
        "examples": number(seen, "c0"),
        "kinds": number(kinds, "c0"),
        "error": number(error, "e3", scale="log", label="chance of an error"),
        "slope": number(slope, "g3", label="slope of the error"),
        "theory": number(theory, "f3", label="slope for endless facts"),
        "left": number(
            errors[LATER] / errors[EARLIER], "f2", label="left of the error, from 1,000 to 100,000 examples"
        ),
    }
    # Theory gives a slope and no height: its line goes through the error at 100 examples.
    ends = np.array([10.0, 1e5, 1e6])
    line = errors[HUNDRED] * (ends / 100.0) ** theory
    # A tangent of the same length on the page for every slope: a factor e is 0.66 times as long upwards.
    reach = np.array([-0.55, 0.55]) / np.hypot(1.0, 0.66 * slope)
    touching = np.maximum(error * np.exp(slope * reach), SMALLEST)
    return {
        "axes": panel(axis("examples seen", 10, 1e6, scale="log"), axis("chance of an error", 1e-4, 1, scale="log")),
        "curves": {
            **{f"fact_{rank}": _step(rank, rate) for rank, rate in zip(RANKS, rates, strict=True)},
            "theory": curve(ends, line, "reference", after=True),
            "error": curve(
                EXAMPLES, np.maximum(errors, SMALLEST), "law", label="average over all facts", label_at=0.3, after=True
            ),
            "tangent": curve(seen * np.exp(reach), touching, "data", dashed="solid", after=True),
        },
        "points": {
            "here": points(
                seen, max(error, SMALLEST), "data", size=6, labels=("slope {slope}",), side="start", after=True
            )
        },
        "marks": {
            "theory": mark(ends[1], line[1] / 1.7, "endless facts: {theory}", "reference", side="left", after=True)
        },
        "numbers": numbers,
        "value": slope,
        "say": say(USUAL if slope > theory - 0.1 else RUN_OUT, numbers),
    }


def _step(rank, rate):
    """Chance that one fact is still unknown, against examples seen."""
    return curve(
        FALL / rate,
        np.exp(-FALL),
        "axis",
        thin=True,
        dashed="solid",
        label_at=0.62,
        label=f"fact {rank}" if rank <= 10 else f"{rank}",
        phone=rank in ON_A_PHONE,
    )
