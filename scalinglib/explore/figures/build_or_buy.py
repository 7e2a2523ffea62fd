"""The live figure of training one's own model against paying for somebody else's."""

from __future__ import annotations

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, points

TOKENS = np.geomspace(1e9, 1e15, 61)
_FRAME = panel(
    axis("tokens answered in all", 1e9, 1e15, scale="log", form="e2", ticks=[1e9, 1e11, 1e13, 1e15]),
    axis("paid in all", 1e3, 1e10, unit="$", scale="log", form="e2", ticks=[1e3, 1e5, 1e7, 1e9]),
)


@described(
    controls={
        "training": Slider.steps(
            "Training, people and failed runs", 1e4, 1e5, 3e5, 1e6, 2e6, 5e6, 1e7, 3e7, 1e8, 1e9, form="e1", unit="$"
        ),
        "bought": Slider.steps("A million tokens, bought", 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, form="g2", unit="$"),
        "own": Slider.steps("A million tokens, own machines", 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, form="g2", unit="$"),
    },
    predict=Predict(
        ask="A model of your own costs 2 million dollars before it answers, and half a dollar a million tokens after. "
        "A bought one costs 2 dollars a million. From how many tokens on is your own one cheaper?",
        why="Each million tokens saves 1.50 dollars, so two million dollars take 1.3 million millions.",
        answer="even",
        low=1e9,
        high=1e15,
        scale="log",
        form="e2",
        unit="tokens",
    ),
)
def build_or_buy(*, training: float = 2e6, bought: float = 2.0, own: float = 0.5) -> dict:
    """From how many tokens on is a model of one's own cheaper?

    What is paid in all against the tokens that are answered, for a bought model and for one that is trained first.

    Parameters
    ----------
    training : float
        Dollars before the first answer.
    bought : float
        Dollars a million tokens for somebody else's model.
    own : float
        Dollars a million tokens on machines of one's own.

    Returns
    -------
    dict
        The picture; ``value`` is the tokens from which on the own model is cheaper, infinite where it never is.

    Notes
    -----
    Both models are taken to be as good as each other, prices to stay as they are, and nothing to be paid a month. All
    three are inputs: the figure knows no price.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.build_or_buy()["say"])
    A million tokens on own machines save 1.5 dollars, so the training is paid back after 1.3 × 10^12 tokens.
    """
    saved = bought - own
    even = training / saved * 1e6 if saved > 0 else np.inf
    shown = even if even < TOKENS[-1] else np.nan
    there = even if np.isfinite(even) else np.nan
    numbers = {
        "training": number(training, "e1", scale="log"),
        "saved": number(max(saved, 0.0), "g2", label="saved a million tokens", unit="$"),
        "even": number(there, "e2", scale="log", label="even after", unit="tokens"),
        "paid": number(there * bought / 1e6, "e2", scale="log", label="paid by then", unit="$"),
    }
    sentence = (
        "A million tokens on own machines save {saved} dollars, so the training is paid back after *{even}* tokens."
        if saved > 0
        else "A million tokens on own machines cost no less than bought ones, so the training is never paid back."
    )
    return {
        "axes": _FRAME,
        "curves": {
            "bought": curve(TOKENS, bought * TOKENS / 1e6, "data", label="bought"),
            "own": curve(TOKENS, training + own * TOKENS / 1e6, "law", label="own", label_at=0.1, after=True),
        },
        "points": {"even": points(shown, shown * bought / 1e6, "reference", shape="diamond", size=6, after=True)},
        "numbers": numbers,
        "value": float(even),
        "say": say(sentence, numbers),
    }
