"""Oral: sheets for talks about a student's own table: questions with its numbers, and what the table answers."""

import os
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from .hypertext import page
from .market import Market
from .reading import QuestionError, Questions, read_questions
from .roster import Seat
from .values import said

if TYPE_CHECKING:
    import pandas

__all__ = ["oral_page", "oral_questions", "read_oral"]


def read_oral(folder: str | os.PathLike) -> tuple[Questions, Questions] | None:
    """The questions of an assignment and those of its talks; None where it has no talks.

    Talks stand in NAME.oral.txt beside the questions, in the same grammar; what stands in braces is an expression
    that knows the student's table and what both files define, as ``{data.loss.min():.3f}``.
    """
    folder = Path(folder)
    path = folder / f"{folder.name}.oral.txt"
    return (read_questions(folder / f"{folder.name}.questions.txt"), read_questions(path)) if path.is_file() else None


def oral_questions(
    asked: Questions, talks: Questions, data: "pandas.DataFrame", **known: object
) -> list[tuple[str, str]]:
    """Each question of a talk with the numbers of one table, and what that table answers.

    Of laboratories, expressions also know ``played``, the submissions, and ``runs``, the table of the ledger.

    Raises
    ------
    QuestionError
        For an expression in braces that fails; says the file and the line.
    """
    texts = [
        text
        for question in talks.questions
        for text in ((question.prompt_line, question.prompt), (question.options[0].said_line, question.options[0].said))
    ]
    filled = [" ".join(text.split()) for text in said((asked, talks), texts, data=data, **known)]
    return list(zip(filled[::2], filled[1::2], strict=True))


def oral_page(
    name: str,
    folder: str | os.PathLike,
    seats: Iterable[Seat],
    tables: str | os.PathLike,
    *,
    market: Market | None = None,
) -> str:
    """A page with a sheet for each student of an assignment, ids only; for whoever hears them.

    Parameters
    ----------
    name : str
        Of the assignment.
    folder : str or path
        Of the assignment, with its talks.
    seats : iterable of Seat
    tables : str or path
        Folder of the students' tables.
    market : Market, optional
        Where the assignment is played in laboratories.

    Raises
    ------
    QuestionError
        For an assignment that has no talks.
    """
    import pandas

    found = read_oral(folder)
    if found is None:
        raise QuestionError(
            f"{name}.oral.txt", 1, "is not there: the questions of a talk, with {expressions} in braces"
        )
    parts, played = [], market.submissions() if market else {}
    for seat in seats:
        data = pandas.read_csv(Path(tables) / seat.table, dtype=float)
        runs = pandas.DataFrame(market.ledger(seat.token)) if market else None
        parts.append(f"<section><h1>{escape(name)}: {escape(seat.student)}</h1><p>Three questions, eight minutes.</p>")
        for place, (ask, hear) in enumerate(
            oral_questions(*found, data, played=played.get(seat.student), runs=runs), 1
        ):
            parts.append(f"<h2>{place}. {escape(ask)}</h2><p><em>To hear:</em> {escape(hear)}</p>")
        parts.append("</section>")
    return page(f"Talks, {name}", parts)
