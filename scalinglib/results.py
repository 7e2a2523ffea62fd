"""Results: numbers that are to be compared, as a quiet table."""

import math
import numbers
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from . import arguments
from .text import align, fitted, one_line, short_exponent

__all__ = ["ResultTable", "table"]

_MISSING = "–"
_WHOLE = 1e6  # numbers below it are written out
_SIGNIFICANT = 3


@dataclass(frozen=True)
class ResultTable:
    """Some results side by side: a table of text in a terminal, of HTML in a notebook; see `table`.

    Attributes
    ----------
    caption : str
    header : tuple of str
        The names of the columns.
    units : tuple of str
        Of each column; empty where it has none.
    rows : tuple of tuple of str
        The cells as they are shown.
    numeric : tuple of bool
        Whether a column holds numbers.
    """

    caption: str
    header: tuple
    units: tuple
    rows: tuple
    numeric: tuple

    def __repr__(self):
        units = [self.units] if any(self.units) else []
        told = [fitted(self.caption)] if self.caption else []
        return "\n".join([*told, align([self.header, *units, *self.rows])])

    def _repr_html_(self):
        return markup(self.header, self.rows, caption=self.caption, units=self.units, numeric=self.numeric)


def table(
    results: Mapping[str, Iterable] | Iterable[Mapping],
    *,
    digits: int | str | Mapping[str, int | str] | None = None,
    units: Mapping[str, str] | None = None,
    caption: str = "",
) -> ResultTable:
    """Results side by side, in a table with units.

    Parameters
    ----------
    results : mapping, DataFrame or iterable of mappings
        Columns by name, or rows that are mappings with the same names. The first column says what a row is about.
    digits : int, str or mapping, optional
        Digits after the decimal point, or a format such as ``".0%"`` or ``".2g"``; for all columns of numbers, or by
        name. Without it whole numbers are shown whole, others in three significant digits.
    units : mapping, optional
        Name of a column -> its unit, which stands below the name.
    caption : str
        What the table shows, in a sentence.

    Returns
    -------
    ResultTable
        As the last expression of a cell it is shown; ``print`` shows it as text.

    Raises
    ------
    ValueError
        For no rows, columns of unequal length or of one name, rows with other names than the first, and digits with
        which a value cannot be shown.
    UnknownNameError
        For digits or units of a column that is not there.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> budgets = [1e21, 1e24]
    >>> best = [law.optimum(C) for C in budgets]
    >>> sl.table(
    ...     {"C": budgets, "N": [one.N for one in best], "loss": [one.loss for one in best]},
    ...     units={"C": "FLOP", "N": "parameters", "loss": "nats per token"},
    ...     digits={"loss": 2},
    ...     caption="The best models by the refit of 2024.",
    ... )
    The best models by the refit of 2024.
      C              N            loss
      FLOP  parameters  nats per token
      1e21      2.78e9            2.31
      1e24     9.59e10            1.96
    """
    columns = _columns(results)
    digits = digits if isinstance(digits, Mapping) else dict.fromkeys(columns, digits)
    units = arguments.mapping("units", units, "columns and their units")
    if not isinstance(caption, str):
        raise ValueError(f"caption must be text; got {arguments.abbreviate(caption)}")
    for name in (*digits, *units):
        if name not in columns:
            raise arguments.unknown_name("column", name, columns)
    shown = [[_shown(name, value, digits.get(name)) for value in column] for name, column in columns.items()]
    return ResultTable(
        caption=caption,
        header=tuple(columns),
        units=tuple(one_line(units.get(name) or "") for name in columns),
        rows=tuple(zip(*shown, strict=True)),
        numeric=tuple(not any(isinstance(value, str) for value in column) for column in columns.values()),
    )


def _columns(results):
    """Name -> the list of a column's values."""
    if isinstance(results, Mapping) or hasattr(results, "columns"):
        names = arguments.names_of("results", results)
        columns = {name: _listed(f"column {name!r}", arguments.column_of("results", results, name)) for name in names}
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise ValueError(f"results must have columns of one length; {said}")
    else:
        rows = _listed("results", results)
        names = list(rows[0]) if rows and isinstance(rows[0], Mapping) else []
        for place, row in enumerate(rows):
            if not isinstance(row, Mapping):
                said = "results must be columns by name, or rows that are mappings"
                raise ValueError(f"{said}; row {place} is {arguments.abbreviate(row)}")
            if set(row) != set(names):
                raise ValueError(
                    f"results must have rows with the names of the first, {names}; row {place} has {list(row)}"
                )
        columns = {name: [row[name] for row in rows] for name in names}
    if not columns or not next(iter(columns.values())):
        raise ValueError("results is empty; at least one row is needed")
    named = {one_line(name): column for name, column in columns.items()}
    if len(named) < len(columns):
        raise ValueError(f"results has two columns of one name among {', '.join(map(repr, columns))}: rename one")
    return named


def _listed(what, values):
    """Values one a row, or ValueError: a text, a number and a table of numbers are none."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) != 1:
        raise ValueError(f"{what} must be a sequence, one entry a row; got {arguments.abbreviate(values)}")
    return list(values)


def _shown(name, value, digits):
    """A cell as text, or ValueError where its digits are none."""
    try:
        text = _cell_text(value, digits)
    except (ValueError, TypeError, OverflowError):
        said = "digits must be a whole number, zero or more, or a format such as '.0%'"
        raise ValueError(f"{said}; {digits!r} does not show {arguments.abbreviate(value)} of column {name!r}") from None
    return one_line(text) if len(text.splitlines()) > 1 else text


def _cell_text(value, digits):
    if value is np.ma.masked:
        return _MISSING
    value = value.item() if getattr(value, "ndim", None) == 0 else value  # what numpy gives for a single number
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or str(value) in ("<NA>", "NaT"):
        return _MISSING
    if not isinstance(value, numbers.Real):
        return str(value)
    if not isinstance(value, numbers.Integral):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return _MISSING if math.isnan(value) else str(value)
    if isinstance(digits, str):
        text = format(value, digits)
        return short_exponent(text if re.search("[1-9]", text) else format(0.0, digits))  # never -0.0%
    if isinstance(digits, bool):
        raise TypeError
    if digits is not None:
        return f"{round(value, digits) + 0.0:,.{digits}f}"  # never -0.00
    if isinstance(value, numbers.Integral):
        return f"{value:,}"
    rounded = float(f"{value:.{_SIGNIFICANT}g}")
    if rounded and not 1e-4 <= abs(rounded) < _WHOLE:
        return short_exponent(f"{value:.{_SIGNIFICANT}g}")
    after = _SIGNIFICANT - 1 - math.floor(math.log10(abs(rounded))) if rounded else 0
    return f"{rounded:,.{max(after, 0)}f}"


def markup(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    units: Sequence[str] = (),
    numeric: Sequence[bool] = (),
) -> str:
    """A table of text cells as HTML: its headers with their scope, powers of ten as such where columns are numeric."""
    units, numeric = units or [""] * len(header), numeric or [None] * len(header)
    head = "".join(_head(name, unit) for name, unit in zip(header, units, strict=True))
    lines = []
    for first, *rest in rows:
        cells = "".join(_cell(cell, number) for cell, number in zip(rest, numeric[1:], strict=True))
        lines.append(f'<tr><th scope="row">{_powers(first) if numeric[0] else escape(first)}</th>{cells}</tr>\n')
    title = f"<caption>{escape(caption)}</caption>\n" if caption else ""
    return f'<table class="results">{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{"".join(lines)}</tbody></table>'


def _head(name, unit):
    # an empty corner is no header to a screen reader
    below = f" <small>{escape(unit)}</small>" if unit else ""
    return f'<th scope="col">{escape(name)}{below}</th>' if name else "<td></td>"


def _cell(cell, number):
    if number:
        return f"<td>{_powers(cell)}</td>"
    return f"<td>{escape(cell)}</td>" if number is None else f'<td class="words">{escape(cell)}</td>'


def _powers(cell):
    """A number as HTML: 4e24 as four times ten to the 24, and a minus that is one."""
    told = re.sub(r"(?<=\d)e(-?\d+)$", r" × 10<sup>\1</sup>", escape(cell)).replace("-", "−")
    return re.sub(r"^1 × (?=10<sup>)", "", told)
