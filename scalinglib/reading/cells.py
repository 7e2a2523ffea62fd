"""Cells: numbers as people write them in tables and on command lines."""

import re

__all__ = ["LARGEST", "SMALLEST", "TableError", "has_number", "is_broken", "number", "plain_number", "short"]

SMALLEST, LARGEST = 1e-100, 1e100
"""Ends of what is taken as a quantity: beyond them products of two leave the range of a float."""

_LONGEST = 200  # characters of a number
_THOUSANDS = re.compile(r"([+-]?\d{1,3}(?:([,'’ \u00a0\u202f])\d{3})(?:\2\d{3})*)(\.\d+)?", re.ASCII)
_DOTTED = re.compile(r"([+-]?\d{1,3}(?:\.\d{3}){2,})(?:,(\d+))?|([+-]?\d{1,3}(?:\.\d{3})+),(\d+)", re.ASCII)
_ONE_DOT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+(?:e[+-]?\d+)?)", re.ASCII | re.IGNORECASE)
_SUFFIXED = re.compile(r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*([kmbgt])", re.ASCII | re.IGNORECASE)
_POWER = re.compile(r"(?:(\d+(?:\.\d+)?)\s*[x*×·]\s*)?10\s*\^\s*([+-]?\d{1,3})", re.ASCII | re.IGNORECASE)
_MARKED = re.compile(r"(\*{1,3}|_{1,3}|`)(.+)\1", re.DOTALL)
_BROKEN = re.compile("[\udc80-\udcff]")
_TIMES = {"k": 3, "m": 6, "b": 9, "g": 9, "t": 12}


class TableError(ValueError):
    """A table that cannot be used as it is; the message is one line and says what to change."""


def number(text, decimal="."):
    """Read a count: ``1e21``, ``1.3B``, ``300M``, ``1,000,000``, ``**7B**`` or ``6.4 x 10^21``.

    Parameters
    ----------
    text : str
        K, M, B (or G) and T stand for 1e3, 1e6, 1e9 and 1e12, in either case; commas (or ' or blanks) only
        between groups of three digits.
    decimal : {".", ","}
        With a comma ``2,7441`` is a number, and points may stand between groups of three digits.

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
    >>> number("1,3B", decimal=",")
    1300000000.0
    """
    return _read(text, decimal, counts=True)


def plain_number(text, decimal="."):
    """Read a number that has no suffix and no groups of digits, such as a loss; raise as `number` does.

    Examples
    --------
    >>> plain_number("2.31"), plain_number("2,31", decimal=",")
    (2.31, 2.31)
    >>> plain_number("diverged")
    Traceback (most recent call last):
    ValueError: is not a number
    """
    return _read(text, decimal, counts=False)


def _read(text, decimal, counts):
    if decimal == ".":
        try:
            return float(text)
        except ValueError:
            pass
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    if len(text) > _LONGEST:
        raise ValueError("is not a number")
    if match := _MARKED.fullmatch(text):  # bold, as Markdown has it
        return _read(match[2], decimal, counts)
    if decimal == ",":
        text = _with_point(text)
    try:
        return float(text)
    except ValueError:
        pass
    if counts:
        if match := _THOUSANDS.fullmatch(text):
            return float(re.sub(r"[^\d+-]", "", match[1]) + (match[3] or ""))
        if match := _SUFFIXED.fullmatch(text):
            # decimal exponents in the text keep 1.3B exactly 1.3e9
            return float(f"{match[1]}e{_TIMES[match[2].lower()]}")
        if match := _POWER.fullmatch(text):
            return float(f"{match[1] or 1}e{match[2]}")
    if _DECIMAL_COMMA.fullmatch(text):
        raise ValueError("has a decimal comma; write a decimal point")
    raise ValueError("is not a number")


def _with_point(text):
    """A number written with a decimal comma, written with a point."""
    if _ONE_DOT.fullmatch(text):
        raise ValueError("has a point where other numbers have a decimal comma")
    if match := _DOTTED.fullmatch(text):
        whole, part = (match[1], match[2]) if match[1] else (match[3], match[4])
        return whole.replace(".", "") + (f".{part}" if part else "")
    return re.sub(r"^([+-]?\d+),(\d+)(?=\D*$|e)", r"\1.\2", text, count=1, flags=re.ASCII | re.IGNORECASE)


def has_number(text, decimal="."):
    """Whether a cell holds a number, written in any way.

    Examples
    --------
    >>> [has_number(text) for text in ("1.3B", "2,31", "small", "")]
    [True, True, False, False]
    """
    try:
        number(text, decimal)
    except ValueError as error:
        return "decimal comma" in str(error)
    return True


def is_broken(text):
    """Whether the text has bytes that its encoding could not read."""
    return not text.isascii() and _BROKEN.search(text) is not None


def short(text, width=30):
    """The text as it may stand in a one-line message: printable, quoted, and not long.

    Examples
    --------
    >>> short("val_loss"), short("line" + chr(10) + "break")
    ("'val_loss'", "'line\\\\nbreak'")
    """
    text = str(text)
    return repr(text if len(text) <= width else text[: width - 3] + "...")
