"""Grading: a folder of declared answers against a class, without running anything of a student's."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .declared import Declared, read_declared
from .marking import Mark, mark
from .reading import Questions
from .roster import Seat, read_class
from .values import values

__all__ = ["Grades", "Paper", "grade"]


@dataclass(frozen=True)
class Paper:
    """What one student handed in, marked.

    Attributes
    ----------
    seat : Seat
    marks : tuple of Mark
        One a question, in order.
    file : str
        What was marked; empty where nothing was handed in.
    notes : tuple of str
        What the teacher should know: a second file, answers under names that are not asked for.
    """

    seat: Seat
    marks: tuple[Mark, ...]
    file: str = ""
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points so far; texts have none until they are read."""
        return sum(one.points for one in self.marks)

    @property
    def of(self) -> float:
        """The most points there are, texts left out."""
        return sum(one.of for one in self.marks if one.outcome != "to read")


@dataclass(frozen=True)
class Grades:
    """All papers of a class.

    Attributes
    ----------
    papers : tuple of Paper
        One a seat, in the order of the class.
    strays : tuple of str
        Files that belong to no seat, each with why.
    """

    papers: tuple[Paper, ...]
    strays: tuple[str, ...]


def grade(submissions: str | os.PathLike, room: str | os.PathLike, assignments: Mapping[str, Questions]) -> Grades:
    """Mark every file of answers under a folder.

    A file says by its token whose it is, whatever its name. Of several with one token the newest counts, and the
    paper says so. A file that cannot be read is told among the strays and stops nothing.

    Parameters
    ----------
    submissions : str or path
        Searched for ``*.json`` at any depth; links are not followed.
    room : str or path
        The folder of `write_class`.
    assignments : mapping
        Name -> questions.
    """
    import pandas

    room = Path(room)
    seats = {(seat.assignment, seat.token): seat for seat in read_class(room) if seat.assignment in assignments}
    handed, strays = _collected(Path(submissions), seats)
    papers = []
    for key, seat in seats.items():
        questions = assignments[seat.assignment]
        found = values(questions, data=pandas.read_csv(room / "tables" / seat.table)) if key in handed else {}
        papers.append(_marked(seat, questions, handed.get(key, ()), found))
    return Grades(tuple(papers), tuple(strays))


def _collected(folder, seats):
    """(assignment, token) -> (name, declared) of its files, the newest first; and what belongs to nobody."""
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}: FROM names the one with the files that were handed in")
    handed, strays = {}, []
    for path, name, _ in sorted(_files(folder), key=lambda one: (-one[2], one[1])):
        try:
            declared = read_declared(path)
        except (OSError, ValueError) as error:
            # who hands in the whole folder hands in the form as well
            if ".form" not in path.name:
                strays.append(f"{name}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        key = declared.assignment, declared.token
        if key in seats:
            handed.setdefault(key, []).append((name, declared))
        else:
            practised = (
                "answers to the practice table" if declared.token == "practice" else "a token of nobody in this class"
            )
            strays.append(f"{name}: {practised}")
    return handed, sorted(strays)


def _files(folder):
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            if path.suffix.lower() == ".json":
                yield path, str(path.relative_to(folder)), path.lstat().st_mtime_ns


def _marked(seat: Seat, questions: Questions, handed: Iterable[tuple[str, Declared]], found) -> Paper:
    if not handed:
        marks = tuple(mark(question, None) for question in questions.questions)
        return Paper(seat, marks, notes=("nothing was handed in",))
    (name, declared), *older = handed
    asked = [question.name for question in questions.questions]
    unknown = sorted(set(declared.answers) - set(asked))
    notes = [f"{other} is older and was left aside" for other, _ in older]
    notes += [f"{len(unknown)} answers under names that are not asked for"] if unknown else []
    marks = tuple(mark(question, declared.answers.get(question.name), found) for question in questions.questions)
    return Paper(seat, marks, name, tuple(notes))
