"""Words of a live figure: texts that hold places for numbers, and the sentence that still knows its numbers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from scalinglib.explore.numbers import written

PLACE = re.compile(r"(\*?)\{(\w+)\}\*?")
POWER = re.compile("\\^([\N{MINUS SIGN}-]?\\d+(?:\\.\\d+)?)")


def filled(template: str, word: Callable[[str], str], loud: str = "{}") -> str:
    """A text with ``word(name)`` at each ``{name}``; ``*{name}*``, the number the figure is about, goes into `loud`."""
    return PLACE.sub(lambda found: (loud if found[1] else "{}").format(word(found[2])), template)


def raised(text: str, power: str = r"<sup>\1</sup>", *, escape: bool = True) -> str:
    """Text with its powers set raised, escaped unless it is HTML already.

    Examples
    --------
    >>> raised("10^21 & more")
    '10<sup>21</sup> &amp; more'
    """
    return POWER.sub(power, html.escape(text, quote=False) if escape else text)


class Sentence(str):
    """A plain string, with the template behind it.

    Attributes
    ----------
    template : str
        The text with ``{name}`` for each number and ``*{name}*`` for the one that the figure is about.
    """

    template: str


def say(template: str, numbers: dict) -> Sentence:
    """Write a sentence from a template and the picture's numbers.

    Parameters
    ----------
    template : str
        Text with ``{name}`` where a number stands and ``*{name}*`` where the number stands that the figure is about.
    numbers : dict of str to dict
        What `number` returned, by name.

    Raises
    ------
    ValueError
        When the template names a number that is not there.

    Examples
    --------
    >>> import scalinglib as sl
    >>> from scalinglib.explore import number
    >>> sl.explore.say("The fit promises *{loss}* nats.", {"loss": number(1.28083, "f2")})
    'The fit promises 1.28 nats.'
    """
    for _, name in PLACE.findall(template):
        if name not in numbers:
            raise ValueError(f"template: {{{name}}} is not among the numbers ({', '.join(numbers) or 'none'})")
    sentence = Sentence(filled(template, lambda name: written(numbers[name]["value"], numbers[name]["form"])))
    sentence.template = template
    return sentence
