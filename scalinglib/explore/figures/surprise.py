"""The live figure of the loss: what a token costs, and which tokens make the mean."""

from __future__ import annotations

import math

import numpy as np

from scalinglib import arguments
from scalinglib.accounting import perplexity
from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

LEAST = 1e-6
_P = np.geomspace(LEAST, 1.0, 61)
_GIVEN = axis("probability given to the token that came", LEAST, 1.0, scale="log")
_COST = axis("what it costs", 0.0, 14.0, unit="nats")


@described(
    controls={
        "easy": Slider.steps("Probability of the easy ones", 0.5, 0.7, 0.9, 0.95, 0.99, 0.999),
        "hard": Slider.steps(
            "Probability of the hard ones", *(float(f"{p:.1g}") for p in np.geomspace(LEAST, 0.1, 6)), 0.5, form="e1"
        ),
        "share": Slider.over("Share of hard tokens", 0.0, 0.5, 26, between=1, form="p0"),
    },
    predict=Predict(
        ask="A model gives nine tokens in ten a probability of 0.99, and each tenth one a millionth. "
        "Another gives every token 0.5, a loss of 0.69. What is the loss of the first?",
        why="The loss is a mean of logarithms: one token in ten, given a millionth, brings nearly fourteen nats, and "
        "that outweighs the nine that cost next to nothing.",
        answer="loss",
        low=0.0,
        high=4.0,
        form="f2",
        unit="nats per token",
        x=3e-3,
    ),
)
def surprise(*, easy: float = 0.99, hard: float = 1e-6, share: float = 0.1) -> dict:
    """Which tokens make the loss?

    The cost of a token by the probability that a model gave to it, and the mean over two kinds of tokens.

    Parameters
    ----------
    easy, hard : float
        Probability that the model gives to the tokens of each kind when they come.
    share : float
        Share of the hard ones, 0 to 1.

    Notes
    -----
    Two kinds of tokens stand for all; in a real text the probabilities are spread over the whole axis.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(sl.explore.surprise()["value"], 2)
    1.39
    """
    easy, hard = (float(arguments.real(name, value, positive=True)) for name, value in (("easy", easy), ("hard", hard)))
    costs = -math.log(easy), -math.log(hard)
    from_hard = share * costs[1]
    loss = from_hard + (1.0 - share) * costs[0]
    numbers = {
        "loss": number(loss, "f2", label="loss", unit="nats per token"),
        "perplexity": number(float(perplexity(loss)), "g2", scale="log", label="perplexity"),
        "from_hard": number(from_hard / loss if loss else 0.0, "p0", label="share of the loss from hard tokens"),
        "share": number(share, "p0", label="share of hard tokens"),
        "easy_cost": number(costs[0], "g2", scale="log", label="cost of an easy token", unit="nats"),
        "hard_cost": number(costs[1], "g3", scale="log", label="cost of a hard token", unit="nats"),
    }
    return {
        "axes": panel(_GIVEN, _COST),
        "curves": {
            "cost": curve(_P, -np.log(_P), "law", label="−ln p", label_at=0.35, read=True),
            "mean": level(_GIVEN, loss, dashed="dotted", after=True),
        },
        "points": {
            "easy": points(easy, costs[0], "data", size=6),
            "hard": points(hard, costs[1], "rival", shape="square", size=6),
        },
        "marks": {
            "easy": mark(easy, costs[0], "easy", "data", side="above"),
            "hard": mark(hard, costs[1], "hard", "rival", side="right"),
            "mean": mark(3e-6, loss, "mean {loss}", "ink", side="above", bold=True, after=True),
        },
        "numbers": numbers,
        "value": loss,
        "say": say(
            "The loss is *{loss}* nats per token: as unsure as an even choice among {perplexity}. {from_hard} of it "
            "comes from {share} of the tokens.",
            numbers,
        ),
    }
