"""Live figures on emergence: the ruler that makes a jump, and the record that tells two stories apart."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, curve, mark, points

if TYPE_CHECKING:
    import pandas

WIDTHS = (2, 3, 4, 8, 16)
"""The models that are drawn; beyond 16 the curves lie on each other."""

MAIN = 16
"""The model that the sentence is about."""

NAMED = {2: 12, 3: 11, 4: 9, 8: 5}
"""The others, and at which reading their names stand."""

PHONE = (2, 4)
EXAMPLES = (512, 768, 1024, 1536, 2048, 2560, 3072, 4096, 5120, 6144, 7680, 10240, 12800, 15360)
ITEMS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FINE = 4
"""Places of the band between two readings, so that its steps show."""

BAND_AT = np.arange((len(EXAMPLES) - 1) * FINE + 1) / FINE
FINE_EXAMPLES = np.exp(np.interp(BAND_AT, range(len(EXAMPLES)), np.log(EXAMPLES)))
LEAST = 1e-4  # shares of answers below this are not drawn


@dataclasses.dataclass(frozen=True, eq=False)
class Readings:
    """A table by width: loss and digit accuracy (seeds, s), exact match and its prediction (seeds, s, 10)."""

    loss: dict
    single: dict
    exact: dict
    apart: dict

    def of(self, metric: str, width: int, last: int):
        """What a ruler reads off every run, (seeds, s)."""
        if metric == "exact-match":
            return self.exact[width][:, :, last]
        return (self.single if metric == "digits" else self.loss)[width]

    @classmethod
    def arranged(cls, table) -> Readings:
        """From the rows of a table."""
        from scalinglib.emergence import column_match

        made = cls({}, {}, {}, {})
        for width in WIDTHS:
            some = table[table["width"] == width].sort_values(["seed", "step"])
            seeds = some["seed"].nunique()
            if not seeds or len(some) != seeds * len(EXAMPLES):
                raise ValueError(
                    f"runs: width {width} has {len(some)} rows; {len(EXAMPLES)} readings of each seed are needed"
                )
            shaped = (seeds, len(EXAMPLES))
            made.loss[width] = some["loss"].to_numpy().reshape(shaped)
            made.single[width] = some["token_accuracy"].to_numpy().reshape(shaped)
            made.exact[width] = some[[f"exact_{k}" for k in range(1, 11)]].to_numpy().reshape(*shaped, 10)
            # Of each run by itself, averaged later: the mean of tenth powers is not the tenth power of the mean.
            columns = some[[f"column_{k}" for k in range(1, 11)]].to_numpy()
            made.apart[width] = column_match(columns).reshape(*shaped, 10)
        return made


@functools.cache
def _shipped() -> Readings:
    from scalinglib import runs

    return Readings.arranged(runs.load("column-addition"))


@functools.lru_cache(maxsize=1024)
def _band(readings: Readings, metric: str, last: int, items: int):
    """Low and high ends of what tests would show, FINE places from one reading to the next."""
    from scalinglib.emergence import score_range

    score = readings.of(metric, MAIN, last).mean(0)
    if metric == "cross-entropy":  # how it scatters between questions is not in the table
        return (np.full(len(BAND_AT), np.nan),) * 2
    return score_range(
        np.interp(BAND_AT, range(len(EXAMPLES)), score), items * (1 if metric == "exact-match" else len(COUNTED))
    )


@functools.cache
def _rulers(smooth: bool):
    """The frame of shares, or that of cross-entropy."""
    ticks = [(count, f"{count:,}") for count in (500, 1000, 2000, 4000, 8000, 16000)]
    score = axis("cross-entropy", 0, 2.4, unit="nats per digit") if smooth else axis("share right", 0, 1, form="p0")
    return panel(axis("training examples", 480, 16500, scale="log", ticks=ticks, form="c0"), score)


@described(
    question="Did the model jump, or the ruler?",
    controls={
        "digits": Slider.steps("Digits that must be right", *range(1, 11), default=10, form="f0"),
        "items": Slider.steps("Questions in the test", *ITEMS, default=100, form="c0"),
        "examples": Slider.steps("Training examples", *EXAMPLES, default=1024, form="c0"),
        "metric": Choice(
            label="Score",
            options={"exact-match": "exact match", "digits": "digits right", "cross-entropy": "cross-entropy"},
        ),
    },
    predict=Predict(
        ask=(
            "After 1,024 examples the model of width 16 gets 52% of single digits right. In how many of its answers "
            "are all ten right?"
        ),
        answer="exact",
        scale="log",
        form="p1",
        options=((0.5, "50%"), (0.05, "5%"), (0.0016, "0.2%")),
    ),
    caveat=(
        "One task whose digits are nearly independent by construction, five widths, means over seeds. It shows that "
        "a ruler can make a jump, not that every reported jump is one. The band takes questions, and single digits, "
        "as independent draws."
    ),
)
def metric_switchboard(
    *,
    digits: int = 10,
    items: int = 100,
    examples: int = 1024,
    metric: str = "exact-match",
    runs: pandas.DataFrame | None = None,
) -> dict:
    """The same runs through three rulers: exact match of the first digits, digits right, cross-entropy.

    Parameters
    ----------
    digits : int
        How many digits, from the least significant, must be right: 1 to 10.
    items : int
        Questions of a test; the band holds 90% of the scores such tests would show.
    examples : int
        Training examples at the cursor, one of the readings of the table.
    metric : {"exact-match", "digits", "cross-entropy"}
        What is drawn.
    runs : DataFrame, optional
        A table with the columns and readings of "column-addition", which is taken when none is given.

    Returns
    -------
    dict
        The picture; ``value`` is the score of width 16 at the cursor.

    Examples
    --------
    >>> print(metric_switchboard()["say"])
    All ten digits right: 0.2% of answers. A test of 100 questions would show none with probability 0.85. Single digits
    right: 52.5%.
    """
    from scalinglib.emergence import chance_of_none

    readings = _shipped() if runs is None else Readings.arranged(runs)
    last, at = int(digits) - 1, EXAMPLES.index(int(examples))
    exact, smooth = metric == "exact-match", metric == "cross-entropy"
    means = {width: readings.of(metric, width, last).mean(0) for width in WIDTHS}
    seeds, score = readings.of(metric, MAIN, last), means[MAIN]
    (low, high), (few, many) = _band(readings, metric, last, int(items)), _band(readings, "digits", 0, int(items))
    whole = readings.exact[MAIN][:, at, last].mean()
    single, loss = readings.single[MAIN][:, at].mean(), readings.loss[MAIN][:, at].mean()
    numbers = {
        "exact": number(whole, "p1", label="answers with the digits asked for right"),
        "none": number(chance_of_none(whole, int(items)), "f2", label="chance that the test shows none"),
        "single": number(single, "p1", label="single digits right"),
        "loss": number(loss, "g3", label="cross-entropy", unit="nats per digit"),
        "low": number(few[at * FINE], "p0", label="a test shows single digits right from (5%)"),
        "high": number(many[at * FINE], "p0", label="a test shows single digits right to (95%)"),
        "items": number(items, "c0"),
        "guess": number(np.log(10.0), "f2"),
    }
    nothing = np.full(len(EXAMPLES), np.nan)
    apart = readings.apart[MAIN][:, :, last].mean(0) if exact else nothing
    given = readings.single[MAIN].mean(0) if exact else nothing
    models = {
        f"width-{width}": curve(EXAMPLES, means[width], "axis", thin=True, after=True, phone=width in PHONE)
        for width in NAMED
    }
    names = {
        f"width-{width}": mark(
            EXAMPLES[place],
            means[width][place],
            f"width {width}",
            "quiet",
            after=True,
            side="above" if width == 2 else "right",
            phone=width in PHONE,
        )
        for width, place in NAMED.items()
    }
    asked = "the first digit" if last == 0 else f"{'all' if last == 9 else 'the first'} {COUNTED[last]} digits"
    words = {
        "exact-match": (
            f"{asked[0].upper()}{asked[1:]} right: *{{exact}}* of answers. A test of {{items}} questions would show "
            f"none with probability {{none}}. Single digits right: {{single}}."
        ),
        "digits": (
            f"Single digits right: *{{single}}*. A test of {{items}} questions, ten digits each, would show {{low}} "
            f"to {{high}}. Answers with {asked} right: {{exact}}."
        ),
        "cross-entropy": (
            f"Cross-entropy: *{{loss}}* nats per digit, where a guess costs {{guess}}. Answers with {asked} right: "
            f"{{exact}}."
        ),
    }
    return {
        "axes": _rulers(smooth),
        "bands": {"test": band(FINE_EXAMPLES, low, high, after=True)},
        "curves": {
            **models,
            "given": curve(EXAMPLES, given, "rival"),
            "apart": curve(EXAMPLES, apart, "reference", after=True, phone=False),
            "score": curve(EXAMPLES, score, "law", after=True),
        },
        "marks": {
            **names,
            "main": mark(EXAMPLES[5], score[5], f"width {MAIN}", "law", side="left", after=True),
            "given": mark(EXAMPLES[5], given[5], "single digits right", "rival", side="left"),
        },
        "points": {
            "seeds": points(np.tile(EXAMPLES, len(seeds)), seeds.ravel(), "data", size=2.5, after=True, phone=False),
            "cursor": points(
                examples,
                score[at],
                "data",
                size=6,
                after=True,
                side="above",
                labels=["{loss}" if smooth else "{exact}" if exact else "{single}"],
            ),
        },
        "numbers": numbers,
        "value": float(score[at]),
        "say": say(words[metric], numbers),
    }


@functools.lru_cache(maxsize=4096)
def _stories(digits: int, p: float, share: float):
    """Two stories, their evidence and the answers they take: the page asks for each with every record."""
    from scalinglib.emergence import two_stories

    stories = two_stories(digits=digits, p=p, share=share)
    return stories, stories.evidence(), stories.answers_for(1000.0)


@functools.cache
def _records(counting: bool):
    """The frame of either record."""
    right = (
        axis("digits right", -0.6, 20.6, ticks=[0, 5, 10, 15, 20], form="f0")
        if counting
        else axis("what is written down", -0.6, 1.6, ticks=[(0, "wrong"), (1, "right")], form="f0")
    )
    shares = axis(
        "share of answers",
        LEAST,
        5.0,
        scale="log",
        form="p1",
        ticks=[(1e-4, "0.01%"), (1e-3, "0.1%"), (1e-2, "1%"), (1e-1, "10%"), (1.0, "100%")],
    )
    return panel(right, shares)


@described(
    question="Can exact match ever tell the two stories apart?",
    controls={
        "digits": Slider.steps("Digits in the answer", 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, default=10, form="f0"),
        "p": Slider.steps(
            "Chance that a digit is right", *(0.5 + 0.02 * step for step in range(25)), 0.99, default=0.9, form="f2"
        ),
        "share": Slider.steps(
            "Answers that are all or nothing", 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, default=0.2, form="p0"
        ),
        "record": Choice(
            label="Written down", options={"digits": "number of digits right", "right-or-wrong": "right or wrong"}
        ),
    },
    predict=Predict(
        ask=(
            "Ten digits, each right with chance 0.9 and failing by itself; or the same share of answers right, but a "
            "fifth of the answers known whole or guessed. If the right digits are counted, how many answers give "
            "odds of 1,000 to 1?"
        ),
        answer="answers",
        low=1,
        high=10000,
        scale="log",
        form="c0",
        unit="answers",
    ),
    caveat=(
        "Two stories of many. In the second, an answer that is not known is guessed digit by digit, each right with "
        "chance 0.1. Answers are those after which the odds reach 1,000 to 1 on average, whichever story is true."
    ),
)
def all_at_once(*, digits: int = 10, p: float = 0.9, share: float = 0.2, record: str = "digits") -> dict:
    """How many digits of an answer are right, if digits fail one by one and if some answers are all or nothing.

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

    Examples
    --------
    >>> picture = all_at_once()
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
    places = np.arange(21.0) if counting else np.r_[0.0, 1.0, np.full(19, np.nan)]

    def drawn(shares):
        shown = shares if counting else [1.0 - shares[-1], shares[-1]]
        padded = np.full(21, np.nan)
        padded[: len(shown)] = shown
        return np.where(padded >= LEAST, padded, np.nan)

    aside = 0.17 if counting else 0.05
    left = -0.3 if counting else -0.55
    exact, enough = ("{exact}", "*{answers}*") if counting else ("*{exact}*", "{answers}")
    template = (
        f"Right or wrong: both stories say {exact}, and no number of answers can decide. Counting digits decides "
        f"after {enough}."
    )
    return {
        "axes": _records(counting),
        "points": {
            "one-by-one": points(places - aside, drawn(stories.one_by_one), "law", stem=LEAST),
            "mixed": points(places + aside, drawn(stories.mixed), "rival", shape="square", stem=LEAST, after=True),
        },
        "marks": {
            "circles": mark(left, 2.9, "circles: every digit fails by itself", "law"),
            "squares": mark(left, 1.6, "squares: {share} of answers are all or nothing", "rival", after=True),
        },
        "numbers": numbers,
        "value": answers if counting else stories.answers_for(1000.0, record=record),
        "say": say(template, numbers),
    }
