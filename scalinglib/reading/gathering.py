"""Gathering: chosen columns of a file as numbers and labels, row by row, and what was left out."""

from array import array
from dataclasses import dataclass, replace

import numpy as np

from ..text import short_label
from .cells import TableError, number, short
from .columns import Column, check_readable, seems, shown, value_of, wrong
from .files import opened
from .formulas import Header
from .quantities import SYNONYMS, run_column
from .records import from_frame, from_json
from .rows import split

__all__ = ["Gathered", "gather", "listed"]

_SHOWN = 4
_MOST_LABELS = 2000  # a column of more names its rows and sorts none


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was read.

    Attributes
    ----------
    name, sha256 : str
        The file's.
    headings : dict
        Key -> header of its column, or the formula of one that is computed.
    values, labels : dict
        Key -> array, and key -> list of text.
    lines, counted : numpy.ndarray, {"line", "record"}
        Where each row stands, from one, and what that counts.
    filtered, by_loss : int, dict
        How many rows conditions left out; condition on the loss -> how many it did.
    bad, dropped : tuple of str, dict
        Rows that could not be used, described; key -> what their cells seem to hold.
    run_column : str or None
        A column that seems to name runs, where rows share its labels.
    others : dict
        Header -> (different cells as text, the place of each row's among them), of columns that were not asked for
        and do not name rows one by one.
    computed : dict
        Key of a column that is computed -> what names in its formula stand for.
    """

    name: str
    sha256: str
    headings: dict
    values: dict
    labels: dict
    lines: np.ndarray
    counted: str
    filtered: int
    by_loss: dict
    bad: tuple
    dropped: dict
    run_column: str | None
    others: dict
    computed: dict

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
        Takes the Header, returns key -> Column and key -> place of the columns of labels.
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
        header = Header(rows.header, numeric, rows.column(0))
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


def _gathered(file, header, rows, wanted, labels, where, most_labels):
    wide = len(rows.header)
    for key, place in labels.items():
        if place >= wide:
            raise TableError(f"--{key} takes a column, and {short(header[place])} is a formula")
    columns = {key: column for key, column in wanted.items() if column.place < wide}
    for column in wanted.values():  # what others are computed from
        for name, place in header.computed[column.place].parts.items() if column.place >= wide else ():
            if place is not None:
                columns[column.place, name] = Column(place, number, "any")
    places = {key: column.place for key, column in columns.items()}
    conditions = [(each, each.place(header, {key: column.place for key, column in wanted.items()})) for each in where]
    late = [(condition, place) for condition, place in conditions if place >= wide]
    conditions = [(condition, place) for condition, place in conditions if place < wide]
    used = {*places.values(), *(place for _, place in conditions)}
    decimal = rows.decimal(used, {place for key, place in places.items() if key in ("loss", "y")})
    hint = run_column(header) if "group" not in labels else None
    values = {key: array("d") for key in columns}
    taken = {*(column.place for column in wanted.values()), *labels.values()}
    others = {place: ({}, array("l")) for place in range(wide) if place not in taken}
    lines, named, hints, bad, filtered = array("q"), {key: [] for key in labels}, set(), [], []
    dropped, numbered = {key: array("d") for key in columns}, set(places.values())
    for line, cells in rows.rows:
        if cells[0].startswith(("#", "%", "//")) and (len(cells) != wide or 0 in numbered):
            continue  # a comment, or a row that is commented out
        if len(cells) > wide and not any(map(str.strip, cells[wide:])):
            cells = cells[:wide]
        try:
            if len(cells) != wide:
                raise ValueError(_other_width(cells, wide, rows.mark))
            if conditions:
                held = ((each, _holds(each, cells[place], header[place], decimal)) for each, place in conditions)
                if (failed := next((each for each, holds in held if not holds), None)) is not None:
                    filtered.append(failed)
                    continue
            numbers = [value_of(column, cells, header, decimal) for column in columns.values()]
            words = [_label(cells[place], header[place]) for place in labels.values()]
        except TableError:
            raise
        except ValueError as error:
            bad.append(f"{rows.counted} {line} {error}")
            for key, column in columns.items():
                dropped[key].append(seems(cells, column, decimal))
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
        headings={key: header[place] for key, place in ({k: c.place for k, c in wanted.items()} | labels).items()},
        values={key: np.array(column) for key, column in values.items()},
        labels=named,
        lines=np.array(lines),
        counted=rows.counted,
        filtered=len(filtered),
        by_loss={str(each): filtered.count(each) for each, place in conditions if place == places.get("loss")},
        bad=tuple(bad),
        dropped={key: np.array(column) for key, column in dropped.items()},
        run_column=header[hint] if hint is not None and 1 < len(hints) < len(lines) else None,
        others={header[place]: (list(map(shown, seen)), np.array(codes)) for place, (seen, codes) in others.items()},
        computed={key: header.computed[column.place].other for key, column in wanted.items() if column.place >= wide},
    )
    return _computed(got, header, {key: wanted[key] for key in got.computed}, late)


def _computed(got, header, columns, conditions):
    """What was gathered with the columns that are computed; rows where one is no number it may hold are bad."""
    values, bad = {key: column for key, column in got.values.items() if isinstance(key, str)}, {}
    for key, column in columns.items():
        words, derived = header[column.place], header.computed[column.place]
        numbers = {}
        for name in derived.parts:
            # a quantity as it is read, with its unit, before the bare column
            numbers[name] = values.get(name) if name in SYNONYMS else None
            if numbers[name] is None:
                numbers[name] = got.values.get((column.place, name))
            if numbers[name] is None:
                raise TableError(f"{name} in {short(words)} has no single column; name it with --{name}")
        found = np.broadcast_to(derived.form.values(numbers), got.lines.shape).tolist()
        values[key] = np.array([column.parse(repr(each)) for each in found], dtype=float)
        for row, value in enumerate(values[key].tolist()):
            if why := wrong(value, column.kind):
                bad.setdefault(row, f"{got.counted} {got.lines[row]} {words} is {value:g}, which {why}")
    keep = np.ones(len(got.lines), dtype=bool)
    for condition, place in conditions:
        column = next(values[key] for key, each in columns.items() if each.place == place)
        keep &= np.array([condition.holds(repr(value)) for value in column.tolist()], dtype=bool)
    bad = {row: words for row, words in bad.items() if keep[row]}
    filtered = got.filtered + int(np.count_nonzero(~keep))
    keep[list(bad)] = False
    got = replace(got, values=values, bad=(*got.bad, *bad.values()), filtered=filtered)
    return got if keep.all() else got.only(keep)


def listed(bad):
    """The first of the bad rows, and how many more there are."""
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return "; ".join(bad[:_SHOWN]) + more


def _label(cell, name):
    """The text of a cell that sorts rows."""
    label = cell.strip()
    if not label:
        raise ValueError(f"{short(name)} is empty")
    check_readable(label, name)
    return short_label(label)


def _holds(condition, cell, name, decimal):
    check_readable(cell, name)
    try:
        return condition.holds(cell, decimal)
    except ValueError as error:
        raise ValueError(f"{short(name)} {short(cell.strip(), 24)} {error}, for --where") from None


def _other_width(cells, wide, mark):
    words = f"has {len(cells)} cells where the header has {wide}"
    return words + (
        "; numbers such as 1,000,000 need quotes between commas" if mark == "," and len(cells) > wide else ""
    )
