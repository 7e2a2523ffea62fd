"""Gathering: chosen columns of a file as numbers and labels, row by row, and what was left out."""

import math
import re
from array import array
from dataclasses import dataclass, replace

import numpy as np

from .cells import LARGEST, SMALLEST, is_broken, number, plain_number, short
from .files import opened
from .formulas import Derived
from .headers import Header, TableError, meaning, run_column
from .records import from_frame, from_json
from .rows import split

__all__ = ["Column", "Gathered", "gather", "listed", "reading", "said"]

_SHOWN = 4
_MOST_LABELS = 2000  # a column of more names its rows and sorts none
_TO_NATS = {"nats": 1.0, "bits": math.log(2.0), "bits-per-byte": 1.0}
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


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was read.

    name, sha256 : the file's; headings : key -> header of its column, or words for one that was computed; values :
    key -> array; labels : key -> list of text; lines : where each row stands, from one, and what is `counted`; filtered
    : how many rows a condition left out; bad : rows left out, described; dropped : key -> what their cells seem to
    hold; run_column : a column that seems to name runs, where rows share its labels; others : header -> (different
    cells as text, the place of each row's among them), of columns that were not asked for and do not name rows one by
    one; computed : keys that have no column of their own.
    """

    name: str
    sha256: str
    headings: dict
    values: dict
    labels: dict
    lines: np.ndarray
    counted: str
    filtered: int
    bad: tuple
    dropped: dict
    run_column: str | None
    others: dict
    computed: tuple = ()

    def only(self, keep):
        """The rows of a mask or of places."""
        rows = np.arange(len(self.lines))[keep]
        return replace(
            self,
            values={key: column[rows] for key, column in self.values.items()},
            labels={key: [words[row] for row in rows] for key, words in self.labels.items()},
            lines=self.lines[rows],
            others={name: (cells, codes[rows]) for name, (cells, codes) in self.others.items()},
        )


def gather(path, choose, *, where=(), drop_bad=False, encoding=None, most_labels=_MOST_LABELS):
    """Read what `choose` picks from the header of a file.

    Parameters
    ----------
    path : str
        ``-`` is standard input.
    choose : callable
        Takes the Header, returns key -> Column or Derived and key -> place of the columns of labels.
    where, drop_bad, encoding
        See `table.read`.
    most_labels : int
        Columns with more different cells are none of the others.
    """
    with opened(path, encoding) as file:
        if file.kind == "text":
            rows = split(file.text())
        elif file.kind == "json":
            rows = from_json(file.content(), file.encoding)
        else:
            rows = from_frame(file.content(), file.kind)
        numeric = {place for place in range(len(rows.header)) if rows.has_numbers(place)}
        header = Header(rows.header, numeric)
        got = _gathered(file, header, rows, *choose(header), where, most_labels)
        bad = got.bad
        if bad and not drop_bad:
            count = f"{len(bad)} bad row{'s' if len(bad) > 1 else ''}"
            raise TableError(f"{count}: {listed(bad)}; correct them, or leave them out with --drop-bad")
        if not len(got.lines):
            left = (
                f"has no row left of {got.filtered + len(bad)}" if got.filtered or bad else "has a header and no rows"
            )
            raise TableError(left)
        return got


def _gathered(file, header, rows, columns, labels, where, most_labels):
    plain = {key: column for key, column in columns.items() if isinstance(column, Column)}
    computed = {key: column for key, column in columns.items() if isinstance(column, Derived)}
    places = {key: column.place for key, column in plain.items()}
    for key, column in computed.items():
        plain |= {(key, name): Column(place, number, "any") for name, place in column.parts.items()}
    conditions = [(condition, condition.place(header, places)) for condition in where]
    decimal = rows.decimal(
        {column.place for column in plain.values()} | {place for _, place in conditions},
        {place for key, place in places.items() if key in ("loss", "y")},
    )
    hint = run_column(header) if "group" not in labels else None
    values = {key: array("d") for key in plain}
    taken = {*places.values(), *labels.values()}
    others = {place: ({}, array("l")) for place in range(len(header)) if place not in taken}
    lines, named, hints, bad, filtered = array("q"), {key: [] for key in labels}, set(), [], 0
    dropped = {key: array("d") for key in plain}
    wide, numbered = len(header), {column.place for column in plain.values()}
    for line, cells in rows.rows:
        if cells[0].startswith("#") and (len(cells) != wide or 0 in numbered):
            continue  # a comment, or a row that is commented out
        if not any(map(str.strip, cells[wide:])):
            cells = cells[:wide]
        try:
            if len(cells) != wide:
                raise ValueError(_other_width(cells, header, rows.mark))
            if not all(_holds(condition, cells[place], header[place], decimal) for condition, place in conditions):
                filtered += 1
                continue
            numbers = [_value(column, cells, header, decimal) for column in plain.values()]
            words = [_label(cells[place], header[place]) for place in labels.values()]
        except TableError:
            raise
        except ValueError as error:
            bad.append(f"{rows.counted} {line} {error}")
            for key, column in plain.items():
                dropped[key].append(_seems(cells, column, decimal))
            continue
        for column, value in zip(values.values(), numbers, strict=True):
            column.append(value)
        for column, word in zip(named.values(), words, strict=True):
            column.append(word)
        lines.append(line)
        for place, (seen, codes) in list(others.items()):
            codes.append(seen.setdefault(cells[place].strip(), len(seen)))
            if len(seen) > most_labels:
                del others[place]
        if hint is not None:
            hints.add(cells[hint])
    got = Gathered(
        name=file.name,
        sha256=file.sha256,
        headings={key: header[place] for key, place in (places | labels).items()}
        | {key: column.words for key, column in computed.items()},
        values={key: np.array(column) for key, column in values.items()},
        labels=named,
        lines=np.array(lines),
        counted=rows.counted,
        filtered=filtered,
        bad=tuple(bad),
        dropped={key: np.array(column) for key, column in dropped.items()},
        run_column=header[hint] if hint is not None and 1 < len(hints) < len(lines) else None,
        others={header[place]: (list(map(_shown, seen)), np.array(codes)) for place, (seen, codes) in others.items()},
        computed=tuple(computed),
    )
    return _computed(got, computed)


def _computed(got, columns):
    """What was gathered with the columns that are computed; rows where one is no number it may hold are bad."""
    for key, column in columns.items():
        numbers = {
            name: got.values[key, name] if (key, name) in got.values else got.values.get(name)
            for name in column.form.names
        }
        missing = next((name for name, each in numbers.items() if each is None), None)
        if missing:
            raise TableError(f"{missing} in {column.words} has no column of its own")
        value = np.broadcast_to(column.form.values(numbers) * column.factor, got.lines.shape).copy()
        got = replace(got, values={k: v for k, v in got.values.items() if not isinstance(k, tuple) or k[0] != key})
        wrong = [_wrong(float(each), column.kind) for each in value]
        got.values[key] = value
        if any(wrong):
            bad = [
                f"{got.counted} {line} {column.words} is {each:g}, which {why}"
                for line, each, why in zip(got.lines, value, wrong, strict=True)
                if why
            ]
            got = replace(got.only([not why for why in wrong]), bad=(*got.bad, *bad))
    return got


def reading(quantity, scale, loss_unit):
    """What makes a number of the text of a cell of this quantity."""
    parse = plain_number if quantity in ("loss", "y") else number
    factor = scale.get(quantity, 1.0)
    if quantity == "loss":
        if loss_unit == "perplexity":
            # at 1 or below it is no perplexity: zero is refused with the rest
            return lambda text, decimal=".": math.log(max(parse(text, decimal) * factor, 1.0))
        factor *= _TO_NATS[loss_unit]
    return lambda text, decimal=".": parse(text, decimal) * factor


def said(quantity, header, scale, loss_unit):
    """The column of a quantity in words."""
    words = f"column {short(header)}{meaning(header, quantity)}"
    if scale.get(quantity, 1.0) != 1.0:
        words += f" times {scale[quantity]:g}"
    if quantity == "loss" and loss_unit != "nats":
        words += f", from {loss_unit} to nats"
    return words


def listed(bad):
    """The first of the bad rows, and how many more there are."""
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return "; ".join(bad[:_SHOWN]) + more


def _value(column, cells, header, decimal):
    cell = cells[column.place]
    try:
        value = column.parse(cell) if decimal == "." else column.parse(cell, decimal)
        wrong = _wrong(value, column.kind)
    except ValueError as error:
        wrong = str(error)
    if wrong:
        if not cell.strip():
            raise ValueError(f"{short(header[column.place])} is empty") from None
        raise ValueError(f"{short(header[column.place])} {short(cell.strip(), 24)} {wrong}") from None
    return value


def _wrong(value, kind):
    """What is wrong with a number of a kind, or nothing."""
    if kind != "positive":
        if not abs(value) < LARGEST:
            return f"is not between {-LARGEST:g} and {LARGEST:g}"
        return "is below zero" if kind == "not negative" and value < 0.0 else ""
    if SMALLEST < value < LARGEST:
        return ""
    return f"is not between {f'{SMALLEST:g} and {LARGEST:g}' if 0.0 < value < math.inf else 'zero and infinity'}"


def _label(cell, name):
    """The text of a cell that sorts rows."""
    label = cell.strip()
    if not label:
        raise ValueError(f"{short(name)} is empty")
    _check_readable(label, name)
    return label


def _check_readable(cell, name):
    if is_broken(cell):
        raise TableError(
            f"column {short(name)} holds {short(_shown(cell))}, which is no UTF-8: name the encoding, as "
            "--encoding latin-1"
        )


def _shown(cell):
    """The text of a cell, with the bytes that could not be read written out."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if is_broken(cell) else cell


def _seems(cells, column, decimal):
    """The number in a bad row's cell, or the first digits in it; NaN where there are none."""
    cell = cells[column.place] if column.place < len(cells) else ""
    try:
        return column.parse(cell, decimal)
    except ValueError:
        match = _DIGITS.search(cell[:200])
        return column.parse(match[0]) if match else math.nan


def _holds(condition, cell, name, decimal):
    _check_readable(cell, name)
    try:
        return condition.holds(cell, decimal)
    except ValueError as error:
        raise ValueError(f"{short(name)} {short(cell.strip(), 24)} {error}, for --where") from None


def _other_width(cells, header, mark):
    words = f"has {len(cells)} cells where the header has {len(header)}"
    return words + (
        "; numbers such as 1,000,000 need quotes between commas" if mark == "," and len(cells) > len(header) else ""
    )
