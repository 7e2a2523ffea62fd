"""The sentence of a live figure: a text that still knows the numbers it was made of."""

from __future__ import annotations

import re

from scalinglib.explore.numbers import written

_PLACE = re.compile(r"(\*?)\{(\w+)\}(\*?)")


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
    >>> from scalinglib.explore import number
    >>> say("The fit promises *{loss}* nats.", {"loss": number(1.28083, "f2")})
    'The fit promises 1.28 nats.'
    """
    for _, name, _ in _PLACE.findall(template):
        if name not in numbers:
            raise ValueError(f"template: {{{name}}} is not among the numbers ({', '.join(numbers) or 'none'})")
    text = _PLACE.sub(lambda found: written(numbers[found[2]]["value"], numbers[found[2]]["form"]), template)
    sentence = Sentence(text)
    sentence.template = template
    return sentence
