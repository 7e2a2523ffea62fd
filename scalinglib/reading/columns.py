"""Columns: what a cell of a quantity becomes, which numbers it may hold, and the column in words."""

import math
import re
from dataclasses import dataclass

from .cells import LARGEST, SMALLEST, TableError, is_broken, number, plain_number, short
from .quantities import meaning
from .units import OWN_UNITS

__all__ = ["Column", "check_readable", "reading", "said", "seems", "shown", "value_of", "wrong"]

_TO_NATS = {"nats": 1.0, "bits": math.log(2.0)} | dict.fromkeys(OWN_UNITS, 1.0)
_DIGITS = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Column:
    """A column to be read: where it stands, what makes a number of its text, and which numbers it may hold.

    parse : takes the text of a cell and the decimal mark of the file
    kind : "positive", "not negative" or "any"
    """

    place: int
    parse: object
    kind: str = "positive"


def reading(quantity, scale, loss_unit, bytes_per_token=None):
    """What makes a number of the text of a cell of this quantity."""
    parse = plain_number if quantity in ("loss", "y") else number
    factor = scale.get(quantity, 1.0)
    if quantity == "loss":
        if loss_unit == "perplexity":
            # at 1 or below it is no perplexity: zero is refused with the rest
            return lambda text, decimal=".": math.log(max(parse(text, decimal) * factor, 1.0))
        factor *= _TO_NATS[loss_unit] if bytes_per_token is None else math.log(2.0) * bytes_per_token
    return lambda text, decimal=".": parse(text, decimal) * factor


def said(got, quantity, scale, loss_unit, bytes_per_token=None):
    """The column of a quantity in words, or the formula of one that is computed."""
    heading = got.headings[quantity]
    words = heading if quantity in got.computed else f"column {short(heading, 60)}{meaning(heading, quantity)}"
    if scale.get(quantity, 1.0) != 1.0:
        words += f" times {scale[quantity]:g}"
    if other := got.computed.get(quantity):
        words += f", {other}"
    if quantity != "loss" or loss_unit == "nats":
        return words
    if loss_unit not in OWN_UNITS:
        return f"{words}, from {loss_unit} to nats"
    if bytes_per_token is None:
        return f"{words}, in {OWN_UNITS[loss_unit]}"
    return f"{words}, from bits per byte to nats per token, {bytes_per_token:g} bytes a token"


def value_of(column, cells, header, decimal):
    """The number in the cell of a column of a row; raises ValueError with the header and the cell."""
    cell = cells[column.place]
    try:
        value = column.parse(cell) if decimal == "." else column.parse(cell, decimal)
        why = wrong(value, column.kind)
    except ValueError as error:
        why = str(error)
    if why:
        check_readable(cell, header[column.place])
        if not cell.strip():
            raise ValueError(f"{short(header[column.place])} is empty") from None
        raise ValueError(f"{short(header[column.place])} {short(cell.strip(), 24)} {why}") from None
    return value


def wrong(value, kind):
    """What is wrong with a number of a kind, or nothing."""
    if kind != "positive":
        if not abs(value) < LARGEST:
            return f"is not between {-LARGEST:g} and {LARGEST:g}"
        return "is below zero" if kind == "not negative" and value < 0.0 else ""
    if SMALLEST < value < LARGEST:
        return ""
    return f"is not between {f'{SMALLEST:g} and {LARGEST:g}' if 0.0 < value < math.inf else 'zero and infinity'}"


def check_readable(cell, name):
    """Raise TableError for a cell with bytes that its encoding could not read."""
    if is_broken(cell):
        raise TableError(
            f"column {short(name)} holds {short(shown(cell))}, which is no UTF-8: name the encoding, as "
            "--encoding latin-1"
        )


def shown(cell):
    """The text of a cell, with the bytes that could not be read written out."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if is_broken(cell) else cell


def seems(cells, column, decimal):
    """The number in a bad row's cell, or the first digits in it; NaN where there are none."""
    cell = cells[column.place] if column.place < len(cells) else ""
    try:
        return column.parse(cell, decimal)
    except ValueError:
        match = _DIGITS.search(cell[:200])
        return column.parse(match[0]) if match else math.nan
