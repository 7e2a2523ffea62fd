"""The live figure of the stock of text: when runs would need all of it."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import band, bars, curve, mark, points

YEARS = np.linspace(2020, 2038, 37)
READ = {"GPT-3": (2020.49, 3.74e11), "Falcon-180B": (2023.75, 2.625e12), "Llama 3": (2024.36, 15e12)}
"""Model -> date and tokens it was trained on, as in the code of Villalobos et al."""

REPEATED = {"once": 1.0, "source": None, "forty": 15.2}
RATIOS = (20.0, 40.0, 100.0, 200.0, 500.0, 1000.0)
LOW = 2e11
_FRAME = panel(
    axis("year", 2020, 2038, form="f0", ticks=[(year, str(year)) for year in range(2020, 2037, 4)]),
    axis("tokens", 1e11, 1e19, scale="log", form="e2", ticks=[1e11, 1e13, 1e15, 1e17, 1e19]),
)


@functools.cache
def _stock(repeated: str):
    """The stock, and its 10, 50 and 90% points along the years."""
    from scalinglib.limits import text_stock

    stock = text_stock(repetition=REPEATED[repeated])
    return stock, stock.quantile([[0.1], [0.5], [0.9]], YEARS)


@described(
    controls={
        "growth": Slider.over("Growth of compute a year", 3.0, 5.0, 21, between=1, form="f1", unit="times"),
        "ratio": Slider.steps("Tokens per parameter", *RATIOS, form="f0"),
        "repeated": Choice(
            label="Text is read",
            options={"once": "once", "source": "again, worth 2 to 5 times", "forty": "40 times, worth 15"},
        ),
    },
    predict=Predict(
        ask="Suppose there were ten times as much text as thought. By how many years would it last longer?",
        why="What runs read doubles each year and more text only has to be caught up with: a factor of ten is a little "
        "over three doublings.",
        answer="decade",
        low=0.5,
        high=50,
        scale="log",
        form="f1",
        unit="years",
    ),
)
def text_runs_out(*, growth: float = 4.0, ratio: float = 20.0, repeated: str = "source") -> dict:
    """When does the text run out?

    The stock of public text that people wrote, and what the largest run of each year would read.

    Parameters
    ----------
    growth : float
        Times that the compute of the largest run grows a year.
    ratio : float
        Tokens a parameter that it is trained on.
    repeated : {"once", "source", "forty"}
        What reading the text more than once multiplies it by.

    Returns
    -------
    dict
        The picture; ``value`` is the median year.

    Notes
    -----
    The factors of the stock are the source's, its products ours. What is read is not made more by owning the same text
    twice, and pictures, private text and text that models write are left out.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.text_runs_out()["say"])
    A run on the trend reads the whole stock in 2030.0; 80% of the time between 2028.3 and 2031.7. Ten times as much
    text would last 3.7 years longer.
    """
    from scalinglib.limits import tokens_read

    stock, (low, middle, high) = _stock(repeated)
    early, median, late = stock.used_up([0.1, 0.5, 0.9], growth=growth, ratio=ratio)
    decade = float(np.log(10.0) / (0.5 * np.log(growth) - np.log(stock.growth)))
    now = stock.quantile(0.5, 2024.0)
    read = tokens_read(YEARS, growth=growth, ratio=ratio)
    numbers = {
        "year": number(median, "f1", label="median year in which all of it is read"),
        "early": number(early, "f1", label="10%"),
        "late": number(late, "f1", label="90%"),
        "decade": number(decade, "f1", label="ten times as much text lasts longer by", unit="years"),
        "stock": number(now, "e2", scale="log", label="stock at the start of 2024", unit="tokens"),
        "growth": number(growth, "f1"),
        "ratio": number(ratio, "f0"),
    }
    mine = {"role": "law", "after": True}
    return {
        "axes": _FRAME,
        "bands": {"stock": band(YEARS, low, high, "axis")},
        "bars": {"eighty": bars(early, late, LOW, thickness=0.14, **mine)},
        "curves": {
            "middle": curve(YEARS, middle, "ink", label="text there is", label_at=0.02),
            "read": curve(YEARS, read, "law", after=True),
        },
        "points": {
            "models": points([year for year, _ in READ.values()], [tokens for _, tokens in READ.values()]),
            "median": points(median, LOW, shape="diamond", **mine),
        },
        "marks": {
            **{
                name: mark(year, tokens, name, "data", side="right" if name != "Llama 3" else "left")
                for name, (year, tokens) in READ.items()
            },
            "read": mark(YEARS[4], 2.2 * read[4], "text a run reads", "law", side="above", after=True, phone=False),
        },
        "numbers": numbers,
        "value": float(median),
        "say": say(
            "A run on the trend reads the whole stock in *{year}*; 80% of the time between {early} and {late}. Ten "
            "times as much text would last {decade} years longer.",
            numbers,
        ),
    }
