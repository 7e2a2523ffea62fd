"""The record of a grading: every paper with its marks, so that one question can be marked again and nothing else."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from .grading import Grades, Paper, marker
from .market import Market
from .marking import Mark
from .reading import Questions
from .roster import Seat

__all__ = ["read_record", "record_of", "regraded"]


def record_of(grades: Grades) -> bytes:
    """The grades as they are kept."""
    return json.dumps({"papers": [asdict(one) for one in grades.papers], "strays": grades.strays}, indent=1).encode()


def read_record(path: str | os.PathLike) -> Grades:
    """The grades that were kept.

    Raises
    ------
    FileNotFoundError, ValueError
        Where nothing was marked yet, or the file is damaged; the message says to mark the whole first.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no {path}: mark the whole class first, then one question of it again")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        papers = [
            Paper(
                **{
                    **one,
                    "seat": Seat(**one["seat"]),
                    "marks": tuple(Mark(**each) for each in one["marks"]),
                    "notes": tuple(one["notes"]),
                }
            )
            for one in held["papers"]
        ]
        return Grades(tuple(papers), tuple(held["strays"]))
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{path.name} was damaged: mark the whole class anew") from None


def unchanged(paper, assignments):
    """Refuse a paper of one of these assignments that was marked when it had other questions."""
    asked = assignments.get(paper.seat.assignment)
    if asked and [one.name for one in paper.marks] != [one.name for one in asked.questions]:
        raise ValueError(f"{paper.seat.assignment} had other questions when it was marked: mark the class anew")


def regraded(
    grades: Grades,
    room: str | os.PathLike,
    assignments: Mapping[str, Questions],
    question: str,
    *,
    market: Market | None = None,
) -> tuple[Grades, int]:
    """Mark one question again, by the answers that were marked before; every other mark stays as it was.

    Parameters
    ----------
    grades : Grades
        Of `read_record`.
    room : str or path
        The folder of the class.
    assignments : mapping
        Name -> questions as they are now.
    question : str
        Its name, in one of the assignments.
    market : Market, optional
        As for `grade`.

    Returns
    -------
    tuple
        The grades, and how many marks have changed.

    Raises
    ------
    ValueError
        For a question that is in none or in several of the assignments, or that were other questions when marked.
    """
    having = [name for name, questions in assignments.items() if question in [one.name for one in questions.questions]]
    if len(having) != 1:
        where = ", ".join(having) or f"none of {', '.join(assignments)}"
        raise ValueError(f"the question {question!r} is in {where}; one assignment is named with --only")
    questions, changed, papers = assignments[having[0]], 0, []
    place, marks = [one.name for one in questions.questions].index(question), marker(room, market)
    for paper in grades.papers:
        unchanged(paper, assignments)
        if paper.file and paper.seat.assignment == having[0]:
            new = marks(paper.seat, questions)(questions.questions[place], paper.answers)
            changed += (new.outcome, new.points) != (paper.marks[place].outcome, paper.marks[place].points)
            paper = replace(paper, marks=(*paper.marks[:place], new, *paper.marks[place + 1 :]))
        papers.append(paper)
    return Grades(tuple(papers), grades.strays), changed
