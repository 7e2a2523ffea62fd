"""Gathering: chosen columns of a text file as numbers and labels, row by row, and what was left out."""

import io
import math
from array import array
from dataclasses import dataclass

import numpy as np

from .cells import LARGEST, SMALLEST, number, plain_number, short
from .headers import TableError, run_column
from .rows import open_table, split

__all__ = ["Column", "Gathered", "gather", "listed", "reading", "said"]

_SHOWN = 4
_MOST_LABELS = 2000  # a column of more names its rows and sorts none
_TO_NATS = {"nats": 1.0, "bits": math.log(2.0)}


@dataclass(frozen=True)
class Column:
    """A column to be read: where it stands, what makes a number of its text, and which numbers it may hold.

    kind : "positive", "not negative" or "any"
    """

    place: int
    parse: object
    kind: str = "positive"


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was read.

    name, sha256 : the file's; headings : key -> header of its column; values : key -> array; labels : key -> list of
    text; lines : of each row, from one; filtered : how many rows a condition left out; bad : rows left out, described;
    run_column : a column that seems to name runs, where rows share its labels; others : header -> (different cells as
    text, the place of each row's among them), of columns that were not asked for and do not name rows one by one.
    """

    name: str
    sha256: str
    headings: dict
    values: dict
    labels: dict
    lines: np.ndarray
    filtered: int
    bad: tuple
    run_column: str | None
    others: dict


def gather(path, choose, *, where=(), drop_bad=False):
    """Read what `choose` picks from the header of a file.

    Parameters
    ----------
    path : str
        ``-`` is standard input.
    choose : callable
        Takes the header, returns key -> Column and key -> place of the columns of labels.
    where, drop_bad
        See `table.read`.
    """
    name, stream, digest = open_table(path)
    with stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        try:
            header, mark, rows = split(text)
            return _gathered(name, digest, header, mark, rows, *choose(header), where, drop_bad)
        except TableError as error:
            raise TableError(f"{name}: {error}") from None


def _gathered(name, digest, header, mark, rows, columns, labels, where, drop_bad):
    places = {key: column.place for key, column in columns.items()}
    conditions = [(condition, condition.place(header, places)) for condition in where]
    hint = run_column(header) if "group" not in labels else None
    values = {key: array("d") for key in columns}
    taken = {*places.values(), *labels.values()}
    others = {place: ({}, array("l")) for place in range(len(header)) if place not in taken}
    lines, named, hints, bad, filtered = array("q"), {key: [] for key in labels}, set(), [], 0
    for line, cells in rows:
        try:
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise ValueError(_too_many(cells, header, mark))
            if not all(_holds(condition, cells, place, header) for condition, place in conditions):
                filtered += 1
                continue
            numbers = [_value(column, cells, header) for column in columns.values()]
            words = [_cell(cells, place, header).strip() for place in labels.values()]
        except ValueError as error:
            bad.append(f"line {line} {error}")
            continue
        for column, value in zip(values.values(), numbers, strict=True):
            column.append(value)
        for column, word in zip(named.values(), words, strict=True):
            column.append(word)
        lines.append(line)
        for place, (seen, codes) in list(others.items()):
            cell = cells[place].strip() if place < len(cells) else ""
            codes.append(seen.setdefault(cell, len(seen)))
            if len(seen) > _MOST_LABELS:
                del others[place]
        if hint is not None and hint < len(cells):
            hints.add(cells[hint])
    if bad and not drop_bad:
        count = f"{len(bad)} bad row{'s' if len(bad) > 1 else ''}"
        raise TableError(f"{count}: {listed(bad)}; correct them, or leave them out with --drop-bad")
    if not lines:
        left = f"has no row left of {filtered + len(bad)}" if filtered or bad else "has a header and no rows"
        raise TableError(left)
    return Gathered(
        name=name,
        sha256=digest,
        headings={key: header[place] for key, place in (places | labels).items()},
        values={key: np.array(column) for key, column in values.items()},
        labels=named,
        lines=np.array(lines),
        filtered=filtered,
        bad=tuple(bad),
        run_column=header[hint] if hint is not None and 1 < len(hints) < len(lines) else None,
        others={header[place]: (list(seen), np.array(codes)) for place, (seen, codes) in others.items()},
    )


def reading(quantity, scale, loss_unit):
    """What makes a number of the text of a cell of this quantity."""
    parse = plain_number if quantity in ("loss", "y") else number
    factor = scale.get(quantity, 1.0)
    if quantity == "loss":
        if loss_unit == "perplexity":
            # at 1 or below it is no perplexity: zero is refused with the rest
            return lambda text: math.log(max(parse(text) * factor, 1.0))
        factor *= _TO_NATS[loss_unit]
    return lambda text: parse(text) * factor


def said(quantity, header, scale, loss_unit):
    """The column of a quantity in words."""
    words = f"column {short(header)}"
    if scale.get(quantity, 1.0) != 1.0:
        words += f" times {scale[quantity]:g}"
    if quantity == "loss" and loss_unit != "nats":
        words += f", from {loss_unit} to nats"
    return words


def listed(bad):
    """The first of the bad rows, and how many more there are."""
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return "; ".join(bad[:_SHOWN]) + more


def _cell(cells, place, header):
    if place >= len(cells) or not cells[place].strip():
        raise ValueError(f"{short(header[place])} is empty")
    return cells[place]


def _value(column, cells, header):
    cell = _cell(cells, column.place, header)
    try:
        value = column.parse(cell)
        wrong = _wrong(value, column.kind)
    except ValueError as error:
        wrong = str(error)
    if wrong:
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


def _holds(condition, cells, place, header):
    cell = cells[place] if place < len(cells) else ""
    try:
        return condition.holds(cell)
    except ValueError as error:
        raise ValueError(f"{short(header[place])} {short(cell.strip(), 24)} {error}, for --where") from None


def _too_many(cells, header, mark):
    words = f"has {len(cells)} cells where the header has {len(header)}"
    return words + ("; numbers such as 1,000,000 need quotes between commas" if mark == "," else "")
