"""The grade book: one column of a platform's own export, filled."""

import csv
import io
import re
from collections.abc import Mapping

from .sheets import mark_of, table_of

__all__ = ["fill"]

# some spreadsheets trim, and read the wide signs as well; a sign alone, as Moodle's empty cells have, is a text
_FORMULA = re.compile(r"\s*[=+@＝＋－＠-]\s*\S|[\t\r]")


def fill(export: str, points: Mapping[str, float], *, column: str, key: str) -> str:
    """Fill one column of a CSV that Canvas, Moodle or another platform exported; all else stays as it is.

    Rows whose id has no points, such as Canvas's line of possible points, are left alone. A cell that a spreadsheet
    would take for a formula gets an apostrophe before it, unless it is a number.

    Parameters
    ----------
    export : str
        The platform's own file, as text.
    points : mapping
        Id -> points.
    column, key : str
        The headers of the column that is filled and of the one with the ids.

    Raises
    ------
    ValueError
        For a header that is not there once, and for ids that have points and no row.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.classroom.fill("ID,A1 (7)\\ns1,\\ns2,\\n", {"s1": 2.5, "s2": 7}, column="A1 (7)", key="ID"))
    ID,A1 (7)
    s1,2.5
    s2,7
    <BLANKLINE>
    """
    export = export.removeprefix("\ufeff")
    rows = table_of(export, "the export")
    head = rows[0] if rows else []
    for name, given in (("column", column), ("key", key)):
        if head.count(given) != 1:
            raise ValueError(f"{name} must be one of the export's columns, {', '.join(map(repr, head))}; got {given!r}")
    at, who = head.index(column), head.index(key)
    seen = set()
    for row in rows[1:]:
        student = row[who].strip() if len(row) > max(at, who) else ""
        if student in points:
            row[at] = f"{points[student]:g}"
            seen.add(student)
    if missing := sorted(set(points) - seen):
        raise ValueError(
            f"no row of the export has {key!r} {', '.join(missing[:5])}{' and more' if missing[5:] else ''}"
        )
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=mark_of(export), lineterminator="\n")
    sheet.writerows([[plain_cell(cell) for cell in row] for row in rows])
    return out.getvalue()


def plain_cell(cell):
    """The cell, with an apostrophe before what a spreadsheet would take for a formula, unless it is a number."""
    if not _FORMULA.match(cell):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
