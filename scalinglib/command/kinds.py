"""Kinds: what text an option may hold, and what it becomes."""

import argparse
import math

from ..reading.cells import LARGEST, SMALLEST, number, short

__all__ = ["assigned", "compute", "condition", "corner", "finite", "level", "names", "positive",
           "span", "spread", "typed", "whole"]  # fmt: skip


def typed(check, what):
    """An argparse type: `check` turns text into a value, or refuses it with ValueError, as not being `what`."""

    def convert(text):
        try:
            return check(text)
        except (ValueError, OverflowError):
            raise argparse.ArgumentTypeError(f"{short(text)} is not {what}") from None

    return convert


def positive(text):
    """A number above zero that is small enough to be computed with."""
    value = number(text)
    if not SMALLEST < value < LARGEST:
        raise ValueError(text)
    return value


def compute(text):
    """A positive number with or without the word FLOP behind it."""
    text = text.strip()
    if text.lower().endswith(("flop", "flops")):
        text = text[: -5 if text[-1] in "sS" else -4]
    return positive(text)


def level(text):
    """A share between 0 and 1."""
    value = float(text)
    if not 0.0 < value < 1.0:
        raise ValueError(text)
    return value


def whole(least, most):
    """An argparse type of whole numbers between two."""

    def convert(text):
        value = number(text)
        if value != int(value) or not least <= value <= most:
            raise ValueError(text)
        return int(value)

    return typed(convert, f"a whole number, {least} to {most:,}")


def finite(text):
    """A number of either sign."""
    value = number(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def corner(text):
    """A number above zero, or auto."""
    return text if text == "auto" else positive(text)


def spread(text):
    """A mean and a standard deviation split by a colon."""
    mean, _, sd = text.partition(":")
    return finite(mean), positive(sd)


def span(text):
    """Two numbers split by a colon; one that is left out sets no limit."""
    low, sign, high = text.partition(":")
    ends = finite(low) if low.strip() else -math.inf, finite(high) if high.strip() else math.inf
    if not sign or not ends[0] < ends[1] or ends == (-math.inf, math.inf):
        raise ValueError(text)
    return ends


def assigned(check, what):
    """An argparse type of pairs (name, value) that are written NAME=VALUE, `what` in words with an example."""

    def convert(text):
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or not value:
            raise ValueError(text)
        return name, check(value)

    return typed(convert, what)


def names(text):
    """Names split by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def condition(text):
    """A Condition on rows; its own error says what is wrong."""
    from ..reading.conditions import parse

    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
