"""Values: what the expressions in a file of questions come to."""

from .question import Number
from .reading import QuestionError, Questions

__all__ = ["values"]


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
        Number -> what its expression gives.

    Raises
    ------
    QuestionError
        For an expression that fails or gives no single number; says the file and the line.
    """
    import numpy
    import pandas
    from scipy import stats

    import scalinglib

    known = {"np": numpy, "pd": pandas, "sl": scalinglib, "stats": stats, **given}
    for line, text in questions.definitions:
        name, _, expression = text.partition("=")
        known[name.strip()] = _run(questions, line, expression, known)
    found = {}
    for number in (number for question in questions.questions for number in question.numbers):
        try:
            found[number] = float(_run(questions, number.line, number.expression, known))
        except (TypeError, ValueError) as error:
            if isinstance(error, QuestionError):
                raise
            raise QuestionError(questions.name, number.line, f"{number.expression}: no single number") from error
    return found


def _run(questions, line, expression, known):
    try:
        return eval(expression.strip(), known)  # the author's own file
    except Exception as error:
        raise QuestionError(questions.name, line, f"{expression.strip()}: {type(error).__name__}: {error}") from error
