"""Marking: an answer beside what counts as right, in a process that runs nothing of a student's."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .asked import Asked
from .question import Number, Option, Question

__all__ = ["Mark", "mark"]


@dataclass(frozen=True)
class Mark:
    """What one answer is worth.

    Attributes
    ----------
    name : str
        Of the question.
    outcome : str
        "right", "partly" (a share of the points), "mistake" (a named one), "wrong", "missing", "refused" (no answer of
        the right type), "to read", "read" by a person, or "waits" (for the ledger of the laboratories).
    points, of : float
        Got, and for the right answer; a text has no points until a person gave them.
    given : float or str or None
        The answer.
    said : str
        Why.
    right : float or str
        What is right for this table; empty for a text.
    """

    name: str
    outcome: str
    points: float
    of: float
    given: float | str | None = None
    said: str = ""
    right: float | str = ""


def mark(question: Question, value: object, found: Mapping[Number, float] | None = None) -> Mark:
    """Mark one answer.

    Parameters
    ----------
    question : Question
    value : object
        As declared; None where nothing was. Of laboratories what `Market.submissions` has.
    found : mapping, optional
        The numbers of the question for this student's table (`Variant.found`); as printed where left out.

    Returns
    -------
    Mark
        A named mistake has its credit. Of a set, each right choice has its share of the points, and each
        wrong one takes one share away, down to none.

    Examples
    --------
    >>> from scalinglib.classroom import Number, Option, Question, mark
    >>> two = Option(1, True, number=Number("2", "1 + 1", 1), said="Yes.")
    >>> question = Question("sum", 1, "number", options=(two,), tolerance=0.01)
    >>> mark(question, 2.01).outcome, mark(question, 3).outcome, mark(question, None).outcome
    ('right', 'wrong', 'missing')
    """

    def made(outcome, points=0.0, given=None, said=""):
        return Mark(question.name, outcome, points, question.points, given, said, _right(question, found or {}))

    if value is None:
        return made("missing", said="No answer was declared.")
    if question.kind == "laboratories":
        return _of_laboratories(question, value, (found or {}).get(question.options[0].number), made)
    try:
        given = Asked.of(question).accepted(value)
    except ValueError as error:
        return made("refused", said=str(error))
    if question.kind == "text":
        return made("to read", given=given, said="A person reads this.")
    if question.kind == "choices":
        return _of_a_set(question, given, made)
    if question.kind == "numbers":
        return _of_several(question, given, (found or {}).get(question.options[0].number), made)
    option = _chosen(question, given) if question.kind == "choice" else _hit(question, given, found or {})
    if option is None:
        return made("wrong", given=given, said="Neither the right number nor a mistake that is known.")
    if option.right:
        return made("right", question.points, given, option.said)
    named = option.number or option.text
    return made("mistake" if named else "wrong", option.credit, given, option.said)


def _right(question, found) -> float | str:
    if question.kind in ("text", "numbers", "laboratories"):
        return ""
    if question.kind == "number":
        number = next(option.number for option in question.options if option.right)
        return found.get(number, number.value)
    return "".join(chr(ord("a") + place) for place, option in enumerate(question.options) if option.right)


def _hit(question, given, found) -> Option | None:
    """The answer or mistake that a number is, or the last option, which stands for any other."""
    for option in question.options:
        if option.number is None:
            return option
        low, high = question.window(found.get(option.number, option.number.value))
        if low <= given <= high:
            return option
    return None


def _chosen(question, letter) -> Option:
    return question.options[ord(letter) - ord("a")]


def _of_a_set(question, letters, made):
    chosen = [_chosen(question, letter) for letter in letters]
    right = [option for option in question.options if option.right]
    hits = sum(option.right for option in chosen)
    share = max(0, hits - (len(chosen) - hits)) / len(right)
    off = [option.said for option in question.options if option.right != (option in chosen)]
    outcome = "right" if not off else "mistake" if share else "wrong"
    return made(outcome, share * question.points, letters, " ".join(off))


def _of_several(question, given, share, made):
    """Points by the share that a function of the numbers gives; none where it gives no number."""
    return _shared(question, np.array(given.split(), dtype=float), share, given, made)


def _of_laboratories(question, played, share, made):
    """Points by the share that a function of the submissions gives; the report says what was best in each world."""
    given = "; ".join(
        f"{place}: {one.N:.3g} in {one.interval[0]:.3g} to {one.interval[1]:.3g} (best {one.best:.3g}, wasted "
        f"{one.wasted:.1%}, interval score {one.interval_score:.2f})"
        if one
        else f"{place}: nothing"
        for place, one in enumerate(played, 1)
    )
    return _shared(question, played, share, given, made) if any(played) else made("missing", said="Nothing submitted.")


def _shared(question, value, share, given, made):
    with np.errstate(all="ignore"):
        try:
            part = float(share(value))
        except (TypeError, ValueError, ArithmeticError):  # numbers that the function has no use for
            part = 0.0
    part = min(max(part, 0.0), 1.0) if part == part else 0.0
    outcome = "right" if part == 1 else "partly" if part else "wrong"
    return made(
        outcome, round(part * question.points, 2), given, f"{part:.0%} of the points. {question.options[0].said}"
    )
