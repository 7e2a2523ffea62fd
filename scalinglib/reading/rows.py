"""Rows: the header of a text and its lines split into cells, whatever marks stand between them."""

import csv
import re
from dataclasses import dataclass
from itertools import chain, islice

from ..text import short_label
from .cells import TableError, has_number, is_broken
from .files import sound

__all__ = ["Rows", "split"]

_LONGEST = 1_000_000  # letters of a line
_AHEAD = 200  # lines that are looked at before a table is read
_SAMPLE = 100
_RULE = "|+-=: \t\r\n"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_POINT = re.compile(r"[+-]?\d*\.\d+", re.ASCII)
_BOLD = re.compile(r"(\*{1,3}|`|__)(.+)\1", re.DOTALL)
_COMMENT = re.compile(r"""["\s]*(?:#+|%+|//)""")


@dataclass(eq=False)
class Rows:
    """The header and the rows of a table.

    Attributes
    ----------
    header : list of str
    rows : iterator of (int, list of str)
        Where each row stands, and its cells.
    mark : str
        What stands between cells.
    counted : {"line", "record"}
        What the places of rows count.
    """

    header: list
    rows: object
    mark: str = ""
    counted: str = "line"

    def __post_init__(self):
        # what cannot be read of a name is shown as its bytes
        self.header = [
            short_label(
                name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if is_broken(name) else name
            )
            for name in self.header
        ]
        self.sample = list(islice(self.rows, _SAMPLE))
        self.rows = chain(self.sample, self.rows)

    def column(self, place):
        """The first cells of a column, less the empty ones."""
        return [cells[place] for _, cells in self.sample if place < len(cells) and cells[place].strip()]

    def has_numbers(self, place):
        """Whether most of the first cells of a column that are not empty are numbers."""
        cells = self.column(place)
        return bool(cells) and 2 * sum(map(has_number, cells)) >= len(cells)

    def decimal(self, used, losses):
        """``,`` where numbers of the columns `used` have decimal commas, else ``.``; `losses` have no thousands."""
        found = False
        for place in used:
            cells = [cell.strip() for cell in self.column(place)]
            if any(map(_POINT.fullmatch, cells)):
                if place in losses:
                    return "."
                continue
            commas = list(filter(_COMMA.fullmatch, cells))
            found = found or (bool(commas) and (place in losses or not all(map(_THOUSANDS.fullmatch, commas))))
        return "," if found else "."


def split(text):
    """The Rows of a text."""
    lines = _lines(text)
    ahead = list(islice(lines, _AHEAD))
    start, hint, ended = _start(ahead)
    following = [line for _, line in ahead[start + 1 :] if not _is_rule(line) and line.strip()]
    lines = chain(ahead[start:], lines)
    if ended:
        lines = _until_end(lines)
    number, first = next(lines, (0, ""))
    first = _COMMENT.sub("", first)
    mark = hint or _mark_of(first, following)
    rows = _records(chain([(number, first)], lines), mark, outer=first.lstrip().startswith("|"))
    _, header = next(rows, (0, None))
    if header is None:
        raise TableError("has no header line")
    header = [cell.strip() for cell in header]
    while header and not header[-1]:
        header.pop()
    if all(map(has_number, header)):
        raise TableError(f"line {number} holds numbers; the first line must name the columns")
    found = Rows(header, rows, mark)
    if mark == " " and found.sample and all(len(cells) == len(header) + 1 for _, cells in found.sample):
        found.header.insert(0, "")  # names of rows, which R and pandas print without a header
    return found


def _lines(text):
    """(number, line) of a stream of text; a line without end is refused."""
    number = 0
    with sound():
        while line := text.readline(_LONGEST + 1):
            number += 1
            if len(line) > _LONGEST:
                raise TableError(f"line {number} has more than {_LONGEST:,} characters")
            yield number, line


def _start(ahead):
    """Where the header stands among the first lines, the mark that Excel's own hint names, and whether the table is
    in a text, and ends where lines stop having marks."""
    for place, (_, line) in enumerate(ahead):
        if place and _is_rule(line) and set(line) & {"|", "+"} and "|" in ahead[place - 1][1]:
            return place - 1, "|", True
    comment = None
    for place, (_, line) in enumerate(ahead):
        if not line.strip(" \t\r\n;,|") or _is_rule(line):
            continue
        if _COMMENT.match(line):
            comment = place
            continue
        if said := re.fullmatch(r'"?sep=(.)"?\s*', line[:20]):
            return place + 1, said[1], False
        if comment is not None and _names(ahead[comment][1], line):
            return comment, None, False
        if _is_title(line, [each for _, each in ahead[place + 1 : place + 9] if each.strip()]):
            continue
        return place, None, False
    raise TableError("is empty" if comment is None else "has comments and no table")


def _names(comment, line):
    """Whether a comment names the columns of the line below it, as numpy.savetxt writes them."""
    comment = _COMMENT.sub("", comment)
    mark = _mark_of(comment, [line])
    names, cells = _cells_of(comment, mark), _cells_of(line, mark)
    return len(names) == len(cells) > 1 and any(map(has_number, cells)) and not any(map(has_number, names))


def _is_title(line, following):
    """Whether a line is no header: one cell, above lines of three or more."""
    if len(following) < 2:
        return False
    mark = _mark_of(following[0], following[1:])
    many = [sum(map(bool, map(str.strip, _cells_of(each, mark)))) for each in following[:2]]
    return mark != " " and min(many) > 2 and sum(map(bool, map(str.strip, _cells_of(line, mark)))) == 1


def _mark_of(header, following):
    """What stands between the names of a header."""
    there = [mark for mark in ",;\t|" if mark in header]
    if there:
        return max(there, key=lambda mark: len(_cells_of(header, mark)))
    words = len(header.split())
    if words > 1 and following and all(len(_cells_of(each, " ")) >= words for each in following[:3]):
        return " "
    return ","


def _cells_of(line, mark):
    try:
        return next(csv.reader([_trimmed(line, mark)], delimiter=mark, skipinitialspace=mark != "\t"), [])
    except csv.Error:
        return []


def _trimmed(line, mark):
    """The line less blanks around it where blanks split cells, and with blanks for tabs."""
    return line.strip().replace("\t", " ") if mark == " " else line


def _until_end(lines):
    """The lines of a table in a text, to the first without its mark; a second table is refused."""
    for number, line in lines:
        if "|" not in line and not _is_rule(line):
            break
        yield number, line
    for number, line in lines:
        if _is_rule(line) and set(line) & {"|", "+"}:
            raise TableError(f"holds a second table, at line {number}; keep one in a file of its own")


def _records(lines, mark, *, outer):
    """(line, cells) of each row, less those without any content and rules such as ``|---|``.

    `outer` : whether lines begin with a mark that splits nothing.
    """
    at = 0

    def fed():
        nonlocal at
        for number, line in lines:
            at = number
            yield _trimmed(line, mark)

    quoting = csv.QUOTE_NONE if mark == "|" else csv.QUOTE_MINIMAL  # in Markdown a quote is a letter
    reader = csv.reader(fed(), delimiter=mark, strict=True, skipinitialspace=mark != "\t", quoting=quoting)
    line = after = 0
    try:
        for cells in reader:
            line, after = (after or at), at + 1
            if not any(cell.strip(_RULE) for cell in cells):
                continue
            yield line, (_without_marks(cells, outer) if mark == "|" else cells)
    except csv.Error as error:
        raise TableError(f"line {after or at} cannot be split into cells ({error}); look for a lone quote") from None


def _without_marks(cells, outer):
    """The cells of a row in Markdown, without what its first mark sets off and without bold."""
    cells = [cell.strip() for cell in (cells[1:] if outer and not cells[0].strip() else cells)]
    return [match[2] if (match := _BOLD.fullmatch(cell)) else cell for cell in cells]


def _is_rule(line):
    """Whether a line only draws a rule, as between a header and its rows."""
    return ("-" in line or "==" in line) and not line.strip(_RULE)
