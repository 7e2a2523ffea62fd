"""The live figure of repetition: what a repeat is worth."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

REFIT = {"R_D": 95.4, "R_N": 1.71}
"""The other valley of the same 182 runs; `fit_repetition` finds it lower by a little."""

PASSES = Slider(
    label="Passes over the text",
    between=2,
    scale="log",
    form="g2",
    # Two even stretches, so that four passes stand on a stop.
    stops=tuple(float(f"{stop:.6g}") for stop in (*np.geomspace(1, 4, 13), *np.geomspace(4, 100, 29)[1:])),
)
UNIQUE = (1e9, 3e9, 1e10, 2.5e10, 1e11, 3e11, 1e12, 3e12, 1e13)
SIZES = (1e8, 3e8, 1e9, 3e9, 6.34e9, 2e10, 1e11, 3e11, 1e12)
DRAWN = np.geomspace(1.0, 100.0, 41)
_PASSES = axis("passes over the text", 1, 100, scale="log", ticks=[1, 2, 4, 10, 20, 40, 100], form="g3")
_COUNTED = axis("fresh texts", 1, 100, scale="log", ticks=[1, 2, 5, 10, 20, 50, 100], form="g3")
_LOSSES = axis("loss", 1.8, 3.8, unit="nats", ticks=[2, 2.5, 3, 3.5], form="f2")


@functools.cache
def _law(constants: str):
    from scalinglib import published

    law = published["muennighoff2023"]
    return law if constants == "published" else dataclasses.replace(law, **REFIT)


@functools.lru_cache(maxsize=256)
def _worth(constants: str, unique: float, parameters: float, passes: tuple[float, ...]):
    """Effective passes, worth of the next, loss and loss with fresh text, (4, n): a page asks for all on the slider."""
    from scalinglib.limits import value_of_passes

    value = value_of_passes(_law(constants), np.array(passes), U=unique, N=parameters)
    return np.array([value.effective_passes, value.next_pass, value.loss, value.fresh_loss])


ON_SLIDER = {PASSES.at(step): step for step in range(PASSES.last + 1)}


@functools.cache
def _most(constants: str):
    """What 40 passes count as, and any number at most."""
    from scalinglib.limits import value_of_passes

    value = value_of_passes(_law(constants), 40.0, U=1.0, N=1.0)
    return float(value.effective_passes), value.most_passes


@described(
    controls={
        "passes": PASSES,
        "unique": Slider.steps("Unique tokens", *UNIQUE, form="e3"),
        "parameters": Slider.steps("Parameters", *SIZES, form="w3"),
        "constants": Choice(
            label="Constants of the repeats",
            options={"published": "as published", "refit": "another fit of the same runs"},
        ),
    },
    predict=Predict(
        ask="A text is read 40 times. As how many fresh texts of its length does that count?",
        why="Each repeat is worth a fixed share of the one before, so their sum levels off: past some number of "
        "passes, reading again adds next to nothing.",
        answer="forty",
        form="f1",
        unit="texts",
        options=((40.0, "40"), (15.0, "15"), (4.0, "4")),
        x=40.0,
    ),
)
def value_of_a_repeat(
    *, passes: float = 4.0, unique: float = 2.5e10, parameters: float = 6.34e9, constants: str = "published"
) -> dict:
    """What is the fourth pass worth?

    Passes over the same text, counted in passes over fresh text, and the loss they buy.

    Parameters
    ----------
    passes : float
        Times the text is read, 1 or more.
    unique : float
        Tokens of the text.
    parameters : float
    constants : {"published", "refit"}
        R_D = 15.387756 and R_N = 5.309743 as published, or 95.4 and 1.71, which fit the same runs slightly better.

    Returns
    -------
    dict
        The picture; ``value`` is what the next token is worth, of a fresh one.

    Notes
    -----
    The law of Muennighoff et al. 2023, fitted to 182 runs. It can only level off: small models that learn their text by
    heart get worse with more passes, and no choice of its constants shows that.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.explore.value_of_a_repeat()["say"])
    After 4.0 passes the text counts as 3.73 texts, and one more token is worth 82% of a fresh one. Loss 2.271; with
    fresh data 2.248.
    """
    given = constants, float(unique), float(parameters)
    step = ON_SLIDER.get(float(passes))
    here = _worth(*given, (float(passes),))[:, 0] if step is None else _worth(*given, tuple(ON_SLIDER))[:, step]
    effective, worth, loss, fresh = here
    counts, _, losses, fresh_losses = _worth(*given, tuple(DRAWN))
    forty, most = _most(constants)
    numbers = {
        "passes": number(passes, "g2", scale="log"),
        "effective": number(effective, "g3", scale="log", label="fresh texts it counts as"),
        "next": number(worth, "p0", label="the next token is worth"),
        "loss": number(loss, "f3", label="loss", unit="nats per token"),
        "fresh": number(fresh, "f3", label="loss with fresh data", unit="nats per token"),
        "forty": number(forty, "f1", label="40 passes count as", unit="texts"),
        "most": number(most, "f1", label="any number of passes counts as at most", unit="texts"),
    }
    cursor, below = {"role": "data", "size": 6, "after": True}, DRAWN[::2]
    return {
        "axes": [panel(_PASSES, _COUNTED, height=3, x_label=False), panel(_PASSES, _LOSSES, height=2)],
        "curves": {
            "every-pass-fresh": curve([1, 100], [1, 100], "ink"),
            "most": level(_PASSES, most, "reference", label="no more than {most}", label_at=0.16, after=True),
            "worth": curve(DRAWN, counts, "law", after=True),
            "fresh-loss": curve(
                below, fresh_losses[::2], "ink", label="fresh text", label_at=0.98, panel=1, phone=False
            ),
            "loss": curve(below, losses[::2], "law", panel=1, after=True, read=True),
        },
        "points": {
            "here": points(passes, effective, labels=["{effective}"], side="below", **cursor),
            "loss-here": points(passes, loss, labels=["{loss}"], side="above", panel=1, **cursor),
        },
        "marks": {
            "fresh": mark(75, 75, "fresh text", "ink", side="left"),
            "same": mark(DRAWN[22], 0.78 * counts[22], "the same text", "law", side="right", after=True),
        },
        "numbers": numbers,
        "value": float(worth),
        "say": say(
            "After {passes} passes the text counts as *{effective}* texts, and one more token is worth {next} of a "
            "fresh one. Loss {loss}; with fresh data {fresh}.",
            numbers,
        ),
    }
