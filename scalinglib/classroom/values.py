"""Values: what the expressions in a file of questions come to, and the tables that are drawn for students."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..notices import quiet
from .question import Number
from .reading import QuestionError, Questions

if TYPE_CHECKING:
    import pandas

__all__ = ["drawn", "said", "values"]

_BRACES = re.compile(r"\{[^{}]+\}")
_DIGITS = 6  # significant ones in a student's table


def values(questions: Questions, **given: object) -> dict[Number, float]:
    """Compute every number of a file of questions: its answers, its named mistakes and its checks.

    The expressions are Python and are run: only for files of one's own. They know ``np``, ``pd``, ``sl`` and
    ``stats`` (scipy.stats), what the file defines with ``with:``, and what is given.

    Parameters
    ----------
    questions : Questions
    **given : object
        What the expressions know besides, by name.

    Returns
    -------
    dict
        Number -> what its expression gives; of "numbers" and "laboratories" a function.

    Raises
    ------
    QuestionError
        For an expression that fails or gives no single number; says the file and the line.
    """
    known = {**_libraries(), **given}
    _define(questions.name, questions.definitions, known)
    found = {}
    for number in (number for question in questions.questions for number in question.numbers):
        value = _run(questions.name, number.line, number.expression, known)
        try:
            found[number] = value if callable(value) else float(value)
        except (TypeError, ValueError, OverflowError):
            raise QuestionError(questions.name, number.line, f"{number.expression}: no single number") from None
    return found


def said(files: Iterable[Questions], texts: Iterable[tuple[int, str]], **given: object) -> list[str]:
    """Texts with what their expressions in braces come to for a table, written as asked for, such as ``{x:.2f}``.

    Parameters
    ----------
    files : iterable of Questions
        Whose definitions the expressions know, each those of the files before it; the texts stand in the last one.
    texts : iterable of (int, str)
        Line and text.
    **given : object
        What the expressions know besides, by name.
    """
    known, name = {**_libraries(), **given}, ""
    for one in files:
        name = one.name
        _define(name, one.definitions, known)
    return [
        _BRACES.sub(lambda found, line=line: _run(name, line, f"f{found[0]!r}", known), text) for line, text in texts
    ]


def drawn(questions: Questions, rng: np.random.Generator) -> "pandas.DataFrame":
    """Draw the table that one student gets, as it is written: to six significant digits.

    Parameters
    ----------
    questions : Questions
        Of an assignment, with ``draw:`` lines.
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    QuestionError
        For an expression that fails, or columns that make no table of numbers.
    """
    known = {**_libraries(), "rng": rng}
    _define(questions.name, questions.draws, known)
    line = questions.draws[-1][0]
    try:
        table = known["pd"].DataFrame(known["data"], dtype=float)
        table = table.map(lambda value: float(f"{value:.{_DIGITS}g}"))
    except (TypeError, ValueError, OverflowError) as error:
        raise QuestionError(questions.name, line, f"data: columns of numbers, as long as each other; {error}") from None
    if table.empty or not np.isfinite(table).all(axis=None) or not table.columns.is_unique:
        raise QuestionError(questions.name, line, "data: one row or more, finite numbers, a name for each column")
    return table


def _libraries():
    import pandas
    from scipy import stats

    import scalinglib

    return {"np": np, "pd": pandas, "sl": scalinglib, "stats": stats}


def _define(name, definitions, known):
    for line, text in definitions:
        defined, _, expression = text.partition("=")
        known[defined.strip()] = _run(name, line, expression, known)


def _run(name, line, expression, known):
    try:
        with quiet():  # what a fit says of a student's table is for the student
            return eval(expression.strip(), known)  # the author's own file
    except Exception as error:
        raise QuestionError(name, line, f"{expression.strip()}: {type(error).__name__}: {error}") from error
