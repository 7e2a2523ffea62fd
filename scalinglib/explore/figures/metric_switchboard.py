"""The live figure of one task and three rulers."""

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
_TICKS = [(count, f"{count:,}") for count in (500, 1000, 2000, 4000, 8000, 16000)]
_SEEN = axis("training examples", 480, 16500, scale="log", ticks=_TICKS, form="c0")
_SHARE, _NATS = axis("share right", 0, 1, form="p0"), axis("cross-entropy", 0, 2.4, unit="nats per digit")

SAID = {
    "exact-match": (
        "{asked} right: *{{exact}}* of answers. A test of {{items}} questions would show "
        "none with probability {{none}}. Single digits right: {{single}}."
    ),
    "digits": (
        "Single digits right: *{{single}}*. A test of {{items}} questions, ten digits each, would show {{low}} "
        "to {{high}}. Answers with {asked} right: {{exact}}."
    ),
    "cross-entropy": (
        "Cross-entropy: *{{loss}}* nats per digit, where a guess costs {{guess}}. Answers with {asked} right: "
        "{{exact}}."
    ),
}


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


@described(
    controls={
        "digits": Slider.steps("Digits that must be right", *range(1, 11), form="f0"),
        "items": Slider.steps("Questions in the test", *ITEMS, form="c0"),
        "examples": Slider.steps("Training examples", *EXAMPLES, form="c0"),
        "metric": Choice(
            label="Score",
            options={"exact-match": "exact match", "digits": "digits right", "cross-entropy": "cross-entropy"},
        ),
    },
    predict=Predict(
        ask="After 1,024 examples the model of width 16 gets 52% of single digits right. In how many of its answers "
        "are all ten right?",
        why="All ten must be right in the same answer: the chance of one right digit is multiplied by itself ten "
        "times.",
        answer="exact",
        scale="log",
        form="p1",
        options=((0.5, "50%"), (0.05, "5%"), (0.0016, "0.2%")),
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
    """Did the model jump, or the ruler?

    The same runs through three rulers: exact match of the first digits, digits right, cross-entropy.

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

    Notes
    -----
    One task whose digits are nearly independent by construction, five widths, means over seeds. It shows that a ruler
    can make a jump, not that every reported jump is one. The band takes questions, and single digits, as independent
    draws.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.metric_switchboard()["say"])
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
    after = {"after": True}
    models, names = {}, {}
    for width, place in NAMED.items():
        name, shown = f"width-{width}", {"after": True, "phone": width in PHONE}
        models[name] = curve(EXAMPLES, means[width], "axis", thin=True, **shown)
        side = "above" if width == 2 else "right"
        names[name] = mark(EXAMPLES[place], means[width][place], f"width {width}", "quiet", side=side, **shown)
    asked = "the first digit" if last == 0 else f"{'all' if last == 9 else 'the first'} {COUNTED[last]} digits"
    here = ["{loss}" if smooth else "{exact}" if exact else "{single}"]
    said = SAID[metric].format(asked=asked[0].upper() + asked[1:] if exact else asked)
    return {
        "axes": panel(_SEEN, _NATS if smooth else _SHARE),
        "bands": {"test": band(FINE_EXAMPLES, low, high, **after)},
        "curves": {
            **models,
            "given": curve(EXAMPLES, given, "rival"),
            "apart": curve(EXAMPLES, apart, "reference", phone=False, **after),
            "score": curve(EXAMPLES, score, "law", **after),
        },
        "marks": {
            **names,
            "main": mark(EXAMPLES[5], score[5], f"width {MAIN}", "law", side="left", **after),
            "given": mark(EXAMPLES[5], given[5], "single digits right", "rival", side="left"),
        },
        "points": {
            "seeds": points(np.tile(EXAMPLES, len(seeds)), seeds.ravel(), "data", size=2.5, phone=False, **after),
            "cursor": points(examples, score[at], "data", size=6, side="above", labels=here, **after),
        },
        "numbers": numbers,
        "value": float(score[at]),
        "say": say(said, numbers),
    }
