"""Numbers of a live figure: a value, how it is written, and on what scale it may be interpolated."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

from scalinglib import arguments
from scalinglib.explore.scales import SCALES

_FORM = re.compile(r"(\+?)([fcpgew])(\d)")
_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def number(value: float, form: str = "g3", *, scale: str = "linear", label: str = "", unit: str = "") -> dict:
    """One number of a picture, for its sentence and for the table under it.

    Parameters
    ----------
    value : float
        The number at the current setting; NaN where there is none.
    form : str
        ``"f2"`` two decimals, ``"c0"`` the same with thousands separated, ``"p1"`` a share as percent with one decimal,
        ``"g3"`` three significant digits, ``"e3"`` the same with a power of ten where the number is long,
        ``"w3"`` the same in words (49.2 million). A plus before it writes the sign of positive numbers too.
    scale : {"linear", "log", "loglog", "root"}
        In what it is nearly straight between two stops: itself, its logarithm, the logarithm of that (of numbers
        above 1), or the square root of its logarithm (of numbers from 1 up, with a minimum of 1).
    label, unit : str
        Words for the table; a number without a label is not listed there.

    Raises
    ------
    ValueError
        When `form` or `scale` is unknown.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.explore.written(sl.explore.number(5.76e23, "e3", unit="FLOP")["value"], "e3")
    '5.76 × 10^23'
    """
    if not _FORM.fullmatch(form):
        raise ValueError(f"form: {form!r} is unknown; allowed are a letter of f, c, p, g, e, w and a digit, as in 'f2'")
    arguments.one_of("scale", scale, SCALES)
    return {"value": float(value), "form": form, "scale": scale, "label": label, "unit": unit}


def written(value: float, form: str) -> str:
    """The number as the page writes it; a power of ten as ``10^23``, which is set raised.

    Examples
    --------
    >>> from scalinglib.explore import written
    >>> written(-0.5, "f2"), written(1048576, "g3"), written(0.116, "p1"), written(49152000, "w3")
    ('−0.50', '1,050,000', '11.6%', '49.2 million')
    """
    plus, kind, digits = _FORM.fullmatch(form).groups()
    digits = int(digits)
    if not math.isfinite(value):
        return "none"
    size = abs(value)
    if kind in "fc":
        text = _fixed(size, digits) if kind == "f" else f"{Decimal(_fixed(size, digits)):,f}"
    elif kind == "p":
        text = f"{_fixed(100 * size, digits)}%"
    elif kind == "e":
        text = _power(size, digits)
    elif kind == "w":
        text = _worded(size, digits)
    else:
        text = _significant(size, digits)
    if value < 0 and any(letter in "123456789" for letter in text):
        return "\N{MINUS SIGN}" + text
    return ("+" if plus and value > 0 else "") + text


def _fixed(size: float, digits: int) -> str:
    """Exact halves go up, as JavaScript has it."""
    return str(Decimal(size).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=60)))


def _scientific(size: float, digits: int) -> tuple[str, int]:
    """Mantissa and power of ten to so many digits."""
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(size))
    mantissa, exponent = f"{rounded:.{digits - 1}e}".split("e")
    return mantissa, int(exponent)


def _significant(size: float, digits: int) -> str:
    if size == 0:
        return "0"
    mantissa, exponent = _scientific(size, digits)
    return f"{Decimal(_fixed(float(f'{mantissa}e{exponent}'), max(0, digits - 1 - exponent))):,f}"


def _power(size: float, digits: int) -> str:
    if size == 0 or 1e-3 <= size < 1e4:
        return _significant(size, digits)
    mantissa, exponent = _scientific(size, digits)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"10^{exponent}" if mantissa == "1" else f"{mantissa} × 10^{exponent}"


def _worded(size: float, digits: int) -> str:
    # What rounds up to 1,000 million is written as 1 billion.
    rounded = float("{}e{}".format(*_scientific(size, digits))) if size else 0.0
    for unit, word in _WORDS:
        if rounded >= unit:
            return f"{_significant(size / unit, digits)} {word}" if rounded < 1e15 else _power(size, digits)
    return _significant(size, digits)


def resolution(value: float, form: str) -> float:
    """One unit of the last digit that `written` prints of this value."""
    _, kind, digits = _FORM.fullmatch(form).groups()
    if kind in "fc":
        return 10.0 ** -int(digits)
    if kind == "p":
        return 10.0 ** (-int(digits) - 2)
    return 10.0 ** (math.floor(math.log10(abs(value))) - int(digits) + 1) if value else 0.0
