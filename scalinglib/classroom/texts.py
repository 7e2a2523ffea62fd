"""Texts: the sheet on which a teacher writes the points of what a person has to read."""

import csv
import dataclasses
import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

from .grading import Grades
from .sheets import read_sheet

__all__ = ["read_points", "texts_sheet", "with_points"]

_HEAD = ["id", "assignment", "question", "text", "points", "of"]


def texts_sheet(grades: Grades, points: Mapping[tuple[str, ...], tuple[float, float]] | None = None) -> str:
    """A CSV with a row for each text, its points empty until a person writes them.

    The column "text" is a mark of the text, so that points of one that was handed in anew are not taken for its own.

    Parameters
    ----------
    grades : Grades
    points : mapping, optional
        Of `read_points`. Where the grades have no text at all, since a file is away today, what a person wrote stays.
    """
    there = set()
    out = io.StringIO(newline="")
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(_HEAD)
    for paper in grades.papers:
        for one in paper.marks:
            if one.outcome in ("to read", "read"):
                written = f"{one.points:g}" if one.outcome == "read" else ""
                sheet.writerow([*_key(paper, one), written, f"{one.of:g}"])
                there.add(_key(paper, one)[:3])
    away = {key: both for key, both in (points or {}).items() if key[:3] not in there}
    sheet.writerows([*key, f"{given:g}", f"{of:g}"] for key, (given, of) in away.items())
    return out.getvalue()


def read_points(path: str | os.PathLike) -> dict[tuple[str, ...], tuple[float, float]]:
    """The points that stand on such a sheet and the most there are, by id, assignment, question and mark of the text.

    Raises
    ------
    ValueError
        Naming the row whose points are no number from zero to the most.
    """
    path = Path(path)
    rows = read_sheet(path, _HEAD, f"columns {', '.join(_HEAD)} are needed, as they were written")
    found = {}
    for place, row in enumerate(rows, 2):
        if written := row["points"].strip():
            try:
                points, of = float(written.replace(",", ".")), float(row["of"])
            except ValueError:
                points, of = -1.0, 0.0
            if not 0 <= points <= of:
                raise ValueError(
                    f"{path.name}, row {place}: points are a number from 0 to {row['of']}; got {written!r}"
                )
            found[tuple(row[name] for name in _HEAD[:4])] = points, of
    return found


def with_points(grades: Grades, points: Mapping[tuple[str, ...], tuple[float, float]]) -> Grades:
    """The grades with the texts that were read; a text that is not on the sheet, or was changed since, waits."""

    def read(paper, one):
        if one.outcome not in ("to read", "read"):
            return one
        given = points.get(_key(paper, one))
        outcome, got = ("to read", 0.0) if given is None else ("read", given[0])
        return dataclasses.replace(one, outcome=outcome, points=got)

    papers = tuple(
        dataclasses.replace(paper, marks=tuple(read(paper, one) for one in paper.marks)) for paper in grades.papers
    )
    return dataclasses.replace(grades, papers=papers)


def _key(paper, one):
    mark = hashlib.sha256(str(one.given).encode("utf-8", "replace")).hexdigest()[:8]
    # a letter first: no spreadsheet takes it for a number
    return paper.seat.student, paper.seat.assignment, one.name, f"t{mark}"
