"""Conditions: which rows of a table take part, as ``loss < 4`` or ``status = finished``."""

import operator
from dataclasses import dataclass

from .cells import TableError, number, short
from .formulas import near

__all__ = ["Condition", "parse"]

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_EQUAL = ("=", "==", "!=")
_LONGEST = 1000


@dataclass(frozen=True)
class Condition:
    """A column, a comparison and a value; `wanted` is the value as a number, where it is one."""

    column: str
    sign: str
    value: str
    wanted: float | None

    def place(self, header, found):
        """Where its column stands: a header's name first, then a quantity such as ``loss``."""
        same = [place for place, name in enumerate(header) if name == self.column]
        same = same or [place for place, name in enumerate(header) if name.lower() == self.column.lower()]
        if len(same) == 1:
            return same[0]
        if self.column in found:
            return found[self.column]
        raise TableError(f"--where {short(str(self))} names no single column; there are {near(self.column, header)}")

    def holds(self, cell, decimal="."):
        """Whether it holds for the text of a cell; raises ValueError where numbers are needed."""
        compare = _COMPARE[self.sign]
        if self.wanted is None:
            return compare(cell.strip(), self.value)
        if self.sign in _EQUAL:  # a label may stand where others are numbers
            try:
                return compare(number(cell, decimal), self.wanted)
            except ValueError:
                return compare(cell.strip(), self.value)
        return compare(number(cell, decimal), self.wanted)

    def __str__(self):
        return f"{self.column} {self.sign} {self.value}"


def parse(text):
    """Return the Condition written as COLUMN SIGN VALUE.

    Examples
    --------
    >>> condition = parse("val_loss<4")
    >>> str(condition), condition.holds("3.9"), condition.holds("4.1")
    ('val_loss < 4', True, False)
    >>> parse("status = finished").holds("crashed")
    False
    >>> parse("loss =< 4")
    Traceback (most recent call last):
    ValueError: 'loss =< 4' is no condition: '=<' is none of < <= > >= = == !=
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a condition has {_LONGEST} characters at most; {short(text)} has {len(text)}")
    begin = next((place for place, letter in enumerate(text) if letter in "<>=!"), len(text))
    end = begin
    while text[end : end + 1] and text[end] in "<>=!":
        end += 1
    column, sign, value = text[:begin].strip(), text[begin:end], text[end:].strip()
    if not column or not sign or not value:
        raise ValueError(f"{short(text)} is no condition; write it as 'loss < 4' or 'status = finished'")
    if sign not in _COMPARE or value[0] in "<>=!":
        found = sign if sign not in _COMPARE else f"{sign} {value[0]}"
        raise ValueError(f"{short(text)} is no condition: {short(found)} is none of {' '.join(_COMPARE)}")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    try:
        wanted = number(value)
    except ValueError:
        if sign not in _EQUAL:
            raise ValueError(f"{short(text)} compares with {short(value)}, which is not a number") from None
        wanted = None
    return Condition(column, sign, value, wanted)
