"""Conditions: which rows of a table take part, as ``loss < 4`` or ``status = finished``."""

import operator
import re
from dataclasses import dataclass

from .cells import number, short
from .headers import TableError

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
_FORM = re.compile(r"\s*(.+?)\s*(<=|>=|==|!=|<|>|=)\s*(.+?)\s*", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """A column, a comparison and a value."""

    column: str
    sign: str
    value: str

    def place(self, header, found):
        """Where its column stands: a header's name first, then a quantity such as ``loss``."""
        same = [place for place, name in enumerate(header) if name == self.column]
        same = same or [place for place, name in enumerate(header) if name.lower() == self.column.lower()]
        if len(same) == 1:
            return same[0]
        if self.column in found:
            return found[self.column]
        raise TableError(
            f"--where {short(str(self))} names no single column; there are {', '.join(map(short, header[:8]))}"
        )

    def holds(self, cell):
        """Whether it holds for the text of a cell; raises ValueError where numbers are needed."""
        compare = _COMPARE[self.sign]
        try:
            wanted = number(self.value)
        except ValueError:
            return compare(cell.strip(), self.value)
        if self.sign in ("=", "==", "!="):  # a label may stand where others are numbers
            try:
                return compare(number(cell), wanted)
            except ValueError:
                return compare(cell.strip(), self.value)
        return compare(number(cell), wanted)

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
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise ValueError(f"{short(text)} is no condition; write it as 'loss < 4' or 'status = finished'")
    condition = Condition(*match.groups())
    if condition.sign not in ("=", "==", "!="):
        try:
            number(condition.value)
        except ValueError:
            raise ValueError(f"{short(text)} compares with {short(condition.value)}, which is not a number") from None
    return condition
