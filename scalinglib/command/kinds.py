"""Kinds: how options are taken, what text they may hold, and what it becomes."""

import argparse
import math

from ..reading.cells import LARGEST, SMALLEST, number, short
from .text import put, say

__all__ = ["Group", "Parser", "assigned", "compute", "condition", "corner", "finite", "level", "names", "positive",
           "span", "spread", "typed", "whole"]  # fmt: skip


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        say(f"{message} (see {self.prog} --help)")
        self.exit(2)

    def _print_message(self, message, file=None):
        put(message.removesuffix("\n"))  # argparse itself says nothing of a full disk


class Group:
    """A group of options: `add` takes one in a line, what it holds, its help, and the rest as argparse has it."""

    def __init__(self, group):
        self.add_argument = group.add_argument

    def add(self, option, metavar, words, kind=None, **more):
        """An option that may be given once."""
        self.add_argument(option, metavar=metavar, help=words, type=kind, **more)

    def many(self, option, metavar, words, kind=None):
        """An option that may be repeated."""
        self.add_argument(option, metavar=metavar, help=words, type=kind, action="append", default=[])

    def assign(self, option, metavar, words, kind):
        """An option NAME=VALUE that may be repeated, once for each name: a dict."""
        self.add_argument(option, metavar=metavar, help=words, type=kind, action=_Assign, default={})


class _Assign(argparse.Action):
    """Keeps name -> value, and refuses a second value of a name: the last would win without a word."""

    def __call__(self, parser, namespace, pair, option=None):
        name, value = pair
        kept = getattr(namespace, self.dest)
        if name in kept:
            raise argparse.ArgumentError(None, f"{option} names {name} twice")
        setattr(namespace, self.dest, kept | {name: value})


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
