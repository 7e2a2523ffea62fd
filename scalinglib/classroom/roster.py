"""The class: who is in it, and which table belongs to whom."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..files import write_whole
from .reading import Questions
from .sheets import read_sheet
from .variants import variant

__all__ = ["Seat", "read_class", "read_roster", "write_class"]

# no name of a file outside of its folder, and no formula in a spreadsheet
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_SEATS, _COLUMNS = "tokens.csv", ("id", "assignment", "token")


@dataclass(frozen=True)
class Seat:
    """One student in one assignment.

    Attributes
    ----------
    student : str
        The id of the roster.
    assignment : str
    token : str
        Of the student's table.
    """

    student: str
    assignment: str
    token: str

    @property
    def table(self) -> str:
        """The name of the file with the student's table."""
        return f"{self.assignment}-{self.token}.csv"


def read_roster(path: str | os.PathLike) -> list[str]:
    """The ids of a roster: its column "id"; names and all else are not read.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Naming the row of an id that is missing, used twice, or not of letters, digits and . _ @ -.
    """
    path, said = Path(path), "a column 'id' is needed, with a row a student"
    if not path.is_file():
        raise FileNotFoundError(f"no roster {path}: STUDENTS names a CSV in which {said}")
    rows = read_sheet(path, ["id"], said)
    if not rows:
        raise ValueError(f"{path.name}: {said}; there are no rows")
    ids = [row["id"].strip() for row in rows]
    for place, one in enumerate(ids):
        if not _ID.fullmatch(one):
            said = "letters, digits and . _ @ -, 64 at most, the first a letter or a digit"
            raise ValueError(f"{path.name}, row {place + 2}: an id is of {said}; got {one!r}")
        # file names differ in more than case on some systems only
        if one.casefold() in map(str.casefold, ids[:place]):
            raise ValueError(f"{path.name}, row {place + 2}: a second {one!r}")
    return ids


def write_class(
    folder: str | os.PathLike, assignments: Mapping[str, Questions], students: Iterable[str], *, secret: str
) -> list[Seat]:
    """Draw every student's tables; the list of tokens is the teacher's, each file of "tables" goes to its student.

    A token says whose an answer is, so nobody else should learn it: where the tables lie on a server, their
    folder must not be listed. Who is in the folder's list already stays in it: a later call may bring another
    assignment or who came late.

    Parameters
    ----------
    folder : str or path
        Made if it is not there; tables of the same secret are written as they were.
    assignments : mapping
        Name -> questions.
    students : iterable of str
        Ids, see `read_roster`.
    secret : str
        Of this course and year; 20 characters at least.

    Returns
    -------
    list of Seat
        All that are in the list now.

    Raises
    ------
    ValueError
        For a folder whose tables were drawn under another secret: what was handed in to them would be nobody's.
    """
    folder, tables = Path(folder), {}
    seats = {(one.student, one.assignment): one for one in (read_class(folder) if (folder / _SEATS).exists() else ())}
    for name, questions in assignments.items():
        for student in students:
            drawn = variant(questions, secret=secret, assignment=name, student=student)
            seat = Seat(student, name, drawn.token)
            if seats.setdefault((student, name), seat) != seat:
                raise ValueError(
                    f"{folder} holds a table of {student} for {name} that was drawn under another secret: "
                    "take that secret, or another folder"
                )
            tables[seat.table] = drawn.data.to_csv(index=False).encode()
    lines = [",".join(_COLUMNS), *(f"{one.student},{one.assignment},{one.token}" for one in seats.values())]
    write_whole(folder / "tables", tables)
    write_whole(folder, {_SEATS: ("\n".join(lines) + "\n").encode()})
    return list(seats.values())


def read_class(folder: str | os.PathLike) -> list[Seat]:
    """The seats that `write_class` wrote."""
    path = Path(folder) / _SEATS
    if not path.is_file():
        raise FileNotFoundError(f"no {_SEATS} in {folder}: make class SECRET=... STUDENTS=roster.csv writes it")
    rows = read_sheet(path, _COLUMNS, f"columns {', '.join(_COLUMNS)} are needed, as they were written")
    return [Seat(*(row[name] for name in _COLUMNS)) for row in rows]
