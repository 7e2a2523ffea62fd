"""Table: a practitioner's own runs, read from a text file with its columns found and its cells checked."""

import io
import math
from array import array
from dataclasses import dataclass, field

import numpy as np

from .cells import LARGEST, SMALLEST, number, plain_number, short
from .headers import TableError, find_columns, refuse_units, run_column
from .rows import open_table, split

__all__ = ["Table", "read"]

_SHOWN = 4
_MOST_LABELS = 2000  # a column of more names its rows and sorts none
_TO_NATS = {"nats": 1.0, "bits": math.log(2.0)}


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of a table that were asked for, as numbers, and what was done to get them.

    Attributes
    ----------
    name, sha256 : str
        The file's name without its folder, and the hash of its bytes.
    values : dict
        Quantity -> numpy.ndarray, one entry a row; N, D and loss (or x and y).
    columns : dict
        Quantity -> the header it came from, or how it was computed.
    given_C : numpy.ndarray or None
        The column of compute, where there is one beside N and D.
    groups : list of str or None
        Labels of the rows that belong together.
    lines : numpy.ndarray
        Line of the file that each row begins on, counted from one.
    filtered, conditions : int, tuple of str
        Rows that a condition left out, and the conditions as they were given.
    bad : tuple of str
        Rows that could not be read and were left out, described.
    run_column : str or None
        A column that seems to name runs, where rows share its labels and no groups were asked for.
    others : dict
        Header -> (different cells as text, the place of each row's among them), of columns that were not asked
        for and do not name rows one by one.
    """

    name: str
    sha256: str
    values: dict = field(repr=False)
    columns: dict
    given_C: object = field(repr=False)
    groups: object = field(repr=False)
    lines: object = field(repr=False)
    filtered: int = 0
    conditions: tuple = ()
    bad: tuple = ()
    run_column: str | None = None
    others: dict = field(default_factory=dict, repr=False)

    def __len__(self):
        return len(self.lines)

    def report(self):
        """Which columns were used, and which rows were left out."""
        rows = f"{len(self)} row{'s' if len(self) != 1 else ''}"
        lines = [f"{self.name}: {rows} used"]
        lines += [f"  {quantity:<6}{said}" for quantity, said in self.columns.items()]
        if self.filtered:
            lines.append(f"  {self.filtered} left out by the condition {' and '.join(self.conditions)}")
        if self.bad:
            lines.append(f"  {len(self.bad)} left out as bad: {_listed(self.bad)}")
        return "\n".join(lines)


def read(path, *, named, wanted=("N", "D", "loss"), group=None, where=(), scale=None, loss_unit=None, drop_bad=False):
    """Read a table of runs.

    Parameters
    ----------
    path : str
        A text file with a header line, its columns split by commas, semicolons, tabs or ``|``; ``-``
        is standard input.
    named : dict
        Quantity -> column name, or None to find it by its synonyms.
    wanted : tuple of str
        Quantities to return. One of N and D may come from C = 6 N D.
    group : str, optional
        Column of labels of rows that belong together.
    where : sequence of Condition
        Rows where one of them fails are left out before their cells are looked at.
    scale : dict, optional
        Quantity -> factor, for columns in thousands or billions.
    loss_unit : {"nats", "bits", "perplexity"}, optional
        What the loss column holds; it is returned in nats. Without it nats, unless the header says
        otherwise, which is refused, as is a header of N, D or C in millions without its `scale`.
    drop_bad : bool
        Leave out rows with bad cells, in place of refusing the table.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns.
    OSError
        If the file cannot be read.
    """
    name, stream, digest = open_table(path)
    with stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        try:
            return _read(name, digest, text, named, wanted, group, where, scale or {}, loss_unit, drop_bad)
        except TableError as error:
            raise TableError(f"{name}: {error}") from None


def _read(name, digest, text, named, wanted, group, where, scale, loss_unit, drop_bad):
    header, mark, rows = split(text)
    surface = "N" in wanted
    found = _choose(header, named, wanted) if surface else find_columns(header, named, required=wanted)
    # compute beside N and D is only compared with them, and a note says where it is in other units
    used = {q: place for q, place in found.items() if q != "C" or not {"N", "D"} <= set(found)}
    refuse_units(header, used, scale, loss_unit)
    loss_unit = loss_unit or "nats"
    conditions = [(condition, condition.place(header, found)) for condition in where]
    label = find_columns(header, {"group": group}, required=())["group"] if group is not None else None
    hint = run_column(header) if label is None else None
    readers = {quantity: _cell_reader(quantity, scale, loss_unit) for quantity in found}
    columns = {quantity: array("d") for quantity in found}
    taken = {*found.values(), label}
    others = {place: ({}, array("l")) for place in range(len(header)) if place not in taken}
    lines, labels, hints, bad, filtered = array("q"), [], set(), [], 0
    for line, cells in rows:
        try:
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise ValueError(_too_many(cells, header, mark))
            if not all(_holds(condition, cells, place, header) for condition, place in conditions):
                filtered += 1
                continue
            values = [_value(readers[quantity], cells, place, header) for quantity, place in found.items()]
            if label is not None:
                labels.append(_cell(cells, label, header).strip())
        except ValueError as error:
            bad.append(f"line {line} {error}")
            continue
        for quantity, value in zip(found, values, strict=True):
            columns[quantity].append(value)
        lines.append(line)
        for place, (cells_seen, codes) in list(others.items()):
            cell = cells[place].strip() if place < len(cells) else ""
            codes.append(cells_seen.setdefault(cell, len(cells_seen)))
            if len(cells_seen) > _MOST_LABELS:
                del others[place]
        if hint is not None and hint < len(cells):
            hints.add(cells[hint])
    if bad and not drop_bad:
        count = f"{len(bad)} bad row{'s' if len(bad) > 1 else ''}"
        raise TableError(f"{count}: {_listed(bad)}; correct them, or leave them out with --drop-bad")
    if not lines:
        left = f"has no row left of {filtered + len(bad)}" if filtered or bad else "has a header and no rows"
        raise TableError(left)
    values = {quantity: np.array(column) for quantity, column in columns.items()}
    said = {quantity: _said(quantity, header[place], scale, loss_unit) for quantity, place in found.items()}
    given_C = None
    if surface:
        if "D" not in values:
            values["D"], said["D"] = values["C"] / (6.0 * values["N"]), "C / (6 N)"
        elif "N" not in values:
            values["N"], said["N"] = values["C"] / (6.0 * values["D"]), "C / (6 D)"
        else:
            given_C = values.get("C")
    if label is not None:
        said["group"] = f"{short(header[label])}, {len(set(labels))} different labels"
    return Table(
        name=name,
        sha256=digest,
        values={quantity: values[quantity] for quantity in wanted},
        columns={q: said[q] for q in (*wanted, "C", "group") if q in said},
        given_C=given_C,
        groups=labels if label is not None else None,
        lines=np.array(lines),
        filtered=filtered,
        conditions=tuple(map(str, where)),
        bad=tuple(bad),
        run_column=header[hint] if hint is not None and 1 < len(hints) < len(lines) else None,
        others={header[place]: (list(seen), np.array(codes)) for place, (seen, codes) in others.items()},
    )


def _choose(header, named, wanted):
    """Columns of N, D and loss, or of C in place of one of N and D."""
    found = find_columns(header, named, required=("loss",))
    have = [quantity for quantity in ("N", "D", "C") if quantity in found]
    if len(have) < 2:
        missing = "N" if "N" not in found else "D"
        find_columns(header, named, required=[q for q in wanted if q in (*found, missing)])
    return found


def _cell_reader(quantity, scale, loss_unit):
    parse = plain_number if quantity in ("loss", "y") else number
    factor = scale.get(quantity, 1.0)
    if quantity == "loss":
        if loss_unit == "perplexity":
            # at 1 or below it is no perplexity: zero is refused with the rest
            return lambda text: math.log(max(parse(text) * factor, 1.0))
        factor *= _TO_NATS[loss_unit]
    return lambda text: parse(text) * factor


def _cell(cells, place, header):
    if place >= len(cells) or not cells[place].strip():
        raise ValueError(f"{short(header[place])} is empty")
    return cells[place]


def _value(parse, cells, place, header):
    cell = _cell(cells, place, header)
    try:
        value = parse(cell)
    except ValueError as error:
        raise ValueError(f"{short(header[place])} {short(cell.strip(), 24)} {error}") from None
    if not SMALLEST < value < LARGEST:
        bound = f"{SMALLEST:g} and {LARGEST:g}" if 0.0 < value < math.inf else "zero and infinity"
        raise ValueError(f"{short(header[place])} {short(cell.strip(), 24)} is not between {bound}")
    return value


def _holds(condition, cells, place, header):
    cell = cells[place] if place < len(cells) else ""
    try:
        return condition.holds(cell)
    except ValueError as error:
        raise ValueError(f"{short(header[place])} {short(cell.strip(), 24)} {error}, for --where") from None


def _too_many(cells, header, mark):
    said = f"has {len(cells)} cells where the header has {len(header)}"
    return said + ("; numbers such as 1,000,000 need quotes between commas" if mark == "," else "")


def _said(quantity, header, scale, loss_unit):
    said = f"column {short(header)}"
    if scale.get(quantity, 1.0) != 1.0:
        said += f" times {scale[quantity]:g}"
    if quantity == "loss" and loss_unit != "nats":
        said += f", from {loss_unit} to nats"
    return said


def _listed(bad):
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return "; ".join(bad[:_SHOWN]) + more
