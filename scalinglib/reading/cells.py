"""Cells: numbers as people write them in tables and on command lines."""

import re

__all__ = ["LARGEST", "SMALLEST", "number", "plain_number", "short"]

SMALLEST, LARGEST = 1e-100, 1e100
"""Ends of what is taken as a quantity: beyond them products of two leave the range of a float."""

_THOUSANDS = re.compile(r"([+-]?\d{1,3}(?:,\d{3})+)(\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_SUFFIXED = re.compile(r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*([kmbgt])", re.ASCII | re.IGNORECASE)
_POWER = re.compile(r"(?:(\d+(?:\.\d+)?)\s*[x*×·]\s*)?10\s*\^\s*([+-]?\d{1,3})", re.ASCII | re.IGNORECASE)
_TIMES = {"k": 3, "m": 6, "b": 9, "g": 9, "t": 12}


def number(text):
    """Read a count: ``1e21``, ``1.3B``, ``300M``, ``1,000,000`` or ``6.4 x 10^21``.

    Parameters
    ----------
    text : str
        K, M, B (or G) and T stand for 1e3, 1e6, 1e9 and 1e12, in either case; commas only between
        groups of three digits.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Saying what is wrong with it, as the end of a sentence that begins with the text.

    Examples
    --------
    >>> [number(text) for text in ("1.3B", "1,000,000", "3.2 T", "6.4 x 10^21")]
    [1300000000.0, 1000000.0, 3200000000000.0, 6.4e+21]
    >>> number("1,3")
    Traceback (most recent call last):
    ValueError: has a decimal comma; write a decimal point
    """
    try:
        return float(text)
    except ValueError:
        text = text.strip()
    if match := _THOUSANDS.fullmatch(text):
        return float(match[1].replace(",", "") + (match[2] or ""))
    if match := _SUFFIXED.fullmatch(text):
        # decimal exponents in the text keep 1.3B exactly 1.3e9
        return float(f"{match[1]}e{_TIMES[match[2].lower()]}")
    if match := _POWER.fullmatch(text):
        return float(f"{match[1] or 1}e{match[2]}")
    return plain_number(text)


def plain_number(text):
    """Read a number that has no suffix and no commas, such as a loss; raise as `number` does.

    Examples
    --------
    >>> plain_number("2.31")
    2.31
    >>> plain_number("diverged")
    Traceback (most recent call last):
    ValueError: is not a number
    """
    try:
        return float(text)
    except ValueError:
        pass
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    if _DECIMAL_COMMA.fullmatch(text):
        raise ValueError("has a decimal comma; write a decimal point")
    raise ValueError("is not a number")


def short(text, width=30):
    """The text as it may stand in a one-line message: printable, quoted, and not long.

    Examples
    --------
    >>> short("val_loss"), short("line" + chr(10) + "break")
    ("'val_loss'", "'line\\\\nbreak'")
    """
    text = str(text)
    return repr(text if len(text) <= width else text[: width - 3] + "...")
