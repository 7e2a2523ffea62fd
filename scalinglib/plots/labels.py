"""Numbers as a reader expects them: powers of ten, minus signs, ticks of a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import ticker


def log_axis(ax, axis: str = "x", *, ticks: Sequence[float] | None = None):
    """Make an axis logarithmic, with true powers of ten over three decades or more and plain numbers below.

    Parameters
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"both"``.
    ticks : sequence of float, optional
        Where to write numbers; chosen by the range when not given.
    """
    if axis not in ("x", "y", "both"):
        raise ValueError(f"axis: {axis!r} is unknown; allowed are x, y, both")
    for name in ("x", "y") if axis == "both" else (axis,):
        getattr(ax, f"set_{name}scale")("log")
        line = getattr(ax, f"{name}axis")
        line.set_major_locator(_LogTicks() if ticks is None else ticker.FixedLocator(list(ticks)))
        line.set_minor_locator(ticker.NullLocator())
        line.set_major_formatter(ticker.FuncFormatter(lambda value, _: power(value, digits=2)))


class _LogTicks(ticker.LogLocator):
    """Decades over a wide range, 1-2-5 over a middle one, even steps over less than a factor of eight."""

    def tick_values(self, vmin, vmax):
        low, high = sorted((vmin, vmax))
        decades = math.log10(high / low)
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        if decades >= 3:
            return 10.0 ** np.arange(first, last + 1, max(1, math.ceil(decades / 7)))
        if decades >= 0.9:
            steps = (1, 2, 5) if decades < 2 else (1, 3)
            return np.array([step * 10.0**whole for whole in range(first, last + 1) for step in steps])
        return np.array([tick for tick in ticker.MaxNLocator(5).tick_values(low, high) if tick > 0])


def power(value: float, *, digits: int = 3) -> str:
    """A number as a label: plain up to five digits, else with a true power of ten.

    Examples
    --------
    >>> power(5.76e23)
    '$5.76\\\\times10^{23}$'
    >>> power(1e9), power(1.8172, digits=5), power(-20)
    ('$10^{9}$', '1.8172', '−20')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return number(f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    tail = f"10^{{{int(exponent)}}}"
    lead = {"1": "", "-1": "-"}.get(mantissa, rf"{mantissa}\times")
    return f"${lead}{tail}$"


def number(text: str) -> str:
    """The text with a minus sign (U+2212) for each hyphen that stands before a digit and after no letter or digit.

    Examples
    --------
    >>> number("slope -0.35, one-third, 10-20")
    'slope −0.35, one-third, 10-20'
    """
    if "$" in text:
        return text
    letters = list(text)
    for place, letter in enumerate(letters[:-1]):
        before = letters[place - 1] if place else " "
        if letter == "-" and (letters[place + 1].isdigit() or letters[place + 1] == ".") and not before.isalnum():
            letters[place] = "\N{MINUS SIGN}"
    return "".join(letters)


def amount(value: float) -> str:
    """A number of parameters or tokens in words.

    Examples
    --------
    >>> amount(72.2e9)
    '72.2 billion'
    """
    size, word = next(pair for pair in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")) if value >= pair[0])
    return f"{value / size:.3g} {word}"


def plain(value: float) -> str:
    """A number as it is written in code.

    Examples
    --------
    >>> plain(5.76e23), plain(1e8)
    ('5.76e23', '1e8')
    """
    return f"{value:.3g}".replace("e+0", "e").replace("e+", "e")


def spoken(value: float, digits: int = 3) -> str:
    """A number for an alt text, its power of ten in words that a screen reader can say.

    Examples
    --------
    >>> spoken(1e26), spoken(5.76e23)
    ('10 to the 26', '5.76 times 10 to the 23')
    """
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    lead = "" if float(mantissa) == 1 else f"{float(mantissa):g} times "
    return f"{lead}10 to the {int(exponent)}"
