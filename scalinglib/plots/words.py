"""Numbers in the words around a picture: in an alt text, which is read aloud, and in a caption."""

from __future__ import annotations

import re

from scalinglib.explore import written


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


def tex(value: float) -> str:
    """A number as maths for a caption.

    Examples
    --------
    >>> print(tex(5.76e23), tex(1e24))
    $5.76\\times10^{23}$ $10^{24}$
    """
    powers = re.sub(r"\^(-?\d+)", r"^{\1}", written(value, "e3"))
    return f"${powers}$".replace(" × ", r"\times")
