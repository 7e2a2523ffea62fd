"""The live figure of two stories, and the record that tells them apart."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import mark, points

LEAST = 1e-4  # shares of answers below this are not drawn
_TICKS = [(1e-4, "0.01%"), (1e-3, "0.1%"), (1e-2, "1%"), (1e-1, "10%"), (1.0, "100%")]
_SHARES = axis("share of answers", LEAST, 20.0, scale="log", form="p1", ticks=_TICKS)
_COUNTS = axis("share of the digits right", -0.06, 1.06, ticks=[(k / 4, f"{25 * k}%") for k in range(5)], form="p0")
_VERDICT = axis("what is written down", -0.6, 1.6, ticks=[(0, "wrong"), (1, "right")], form="f0")


@functools.lru_cache(maxsize=4096)
def _stories(digits: int, p: float, share: float):
    """Two stories, their evidence and the answers they take: the page asks for each with every record."""
    from scalinglib.emergence import two_stories

    stories = two_stories(digits=digits, p=p, share=share)
    return stories, stories.evidence(), stories.answers_for(1000.0)


@described(
    controls={
        "digits": Slider.steps("Digits in the answer", 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, form="f0"),
        "p": Slider.steps("Chance that a digit is right", *(0.5 + 0.02 * step for step in range(25)), 0.99, form="f2"),
        "share": Slider.steps(
            "Answers that are all or nothing", 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, form="p0"
        ),
        "record": Choice(
            label="Written down", options={"digits": "number of digits right", "right-or-wrong": "right or wrong"}
        ),
    },
    predict=Predict(
        ask="Ten digits, each right with chance 0.9 and failing by itself; or the same share of answers right, but a "
        "fifth of the answers known whole or guessed. If the right digits are counted, how many answers give "
        "odds of 1,000 to 1?",
        why="An answer with few right digits speaks for guessing and soon settles it; if digits fail one by one, the "
        "sign is only that such answers stay away, and each answer without one says a little.",
        answer="answers",
        low=1,
        high=10000,
        scale="log",
        form="c0",
        unit="answers",
    ),
)
def all_at_once(*, digits: int = 10, p: float = 0.9, share: float = 0.2, record: str = "digits") -> dict:
    """Can exact match ever tell the two stories apart?

    How many digits of an answer are right, if digits fail one by one and if some answers are all or nothing.

    Parameters
    ----------
    digits : int
        Places in an answer, up to 20.
    p : float
        Chance that a digit is right, from 0.1 to below 1.
    share : float
        Share of answers that are all or nothing, above 0 and up to 1.
    record : {"digits", "right-or-wrong"}
        What is written down of an answer.

    Returns
    -------
    dict
        The picture; ``value`` is the number of answers for odds of 1,000 to 1, infinite for "right-or-wrong".

    Notes
    -----
    Two stories of many. In the second, an answer that is not known is guessed digit by digit, each right with chance
    0.1. Answers are those after which the odds reach 1,000 to 1 on average, whichever story is true.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.all_at_once()
    >>> round(picture["value"], 2)
    47.75
    >>> print(picture["say"])
    Right or wrong: both stories say 34.9%, and no number of answers can decide. Counting digits decides after 48.
    """
    stories, (first, second), answers = _stories(int(digits), float(p), float(share))
    counting = record == "digits"
    numbers = {
        "exact": number(stories.exact_match, "p1", label="answers right, either story"),
        "answers": number(answers, "c0", scale="log", label="answers needed when digits are counted"),
        "first": number(first, "g3", scale="log", label="evidence of an answer if digits fail one by one", unit="nats"),
        "second": number(second, "g3", scale="log", label="evidence if some are all or nothing", unit="nats"),
        "mean": number(stories.mean_share, "p1", label="digits right where some are all or nothing"),
        "p": number(p, "p0", label="digits right where they fail one by one"),
        "share": number(share, "p0"),
    }
    # As shares of the answer, so that any number of digits fills the frame.
    places = np.arange(21.0) / digits if counting else np.r_[0.0, 1.0, np.full(19, np.nan)]

    def drawn(shares):
        shown = shares if counting else [1.0 - shares[-1], shares[-1]]
        padded = np.full(21, np.nan)
        padded[: len(shown)] = shown
        return np.where(padded >= LEAST, padded, np.nan)

    aside, left = (0.17 / digits, -0.045) if counting else (0.05, -0.55)
    exact, enough = ("{exact}", "*{answers}*") if counting else ("*{exact}*", "{answers}")
    second_story = {"role": "rival", "after": True}
    return {
        "axes": panel(_COUNTS if counting else _VERDICT, _SHARES),
        "points": {
            "one-by-one": points(places - aside, drawn(stories.one_by_one), "law", stem=LEAST),
            "mixed": points(places + aside, drawn(stories.mixed), shape="square", stem=LEAST, **second_story),
        },
        "marks": {
            "circles": mark(left, 10.0, "circles: every digit fails by itself", "law"),
            "squares": mark(left, 3.6, "squares: {share} of answers are all or nothing", **second_story),
        },
        "numbers": numbers,
        "value": answers if counting else stories.answers_for(1000.0, record=record),
        "say": say(
            f"Right or wrong: both stories say {exact}, and no number of answers can decide. Counting digits decides "
            f"after {enough}.",
            numbers,
        ),
    }
