"""What a question has to have: a text that could not be asked, or not be answered, is refused."""

from .asked import LETTERS
from .question import Question

__all__ = ["fault"]


def fault(question: Question) -> tuple[int, str] | None:
    """The first thing that is wrong with a question: its line and what to do, or nothing.

    Examples
    --------
    >>> fault(Question("q", 1, "choice", prompt="Which?"))[1]
    "no answers: choices begin with '( )' and '(x)', a set with '[ ]' and '[x]', a number with 'answer:'"
    """
    return next(_faults(question), None)


def _faults(question):
    if not question.prompt:
        yield question.line, "a question without words"
    if not question.options:
        yield (
            question.line,
            "no answers: choices begin with '( )' and '(x)', a set with '[ ]' and '[x]', a number with 'answer:'",
        )
    for option in question.options:
        if not option.said:
            yield option.line, "nothing is said to this answer; say it on a line with '->'"
        if option.credit and not 0 < option.credit < question.points:
            yield option.line, f"a mistake has less than the {question.points:g} points of the right answer"
    right = [option for option in question.options if option.right]
    if len(right) != 1 and question.kind != "choices":
        yield question.line, f"{len(right)} right answers; one has to be"
    plain = question.kind not in ("number", "numbers")
    if (plain and question.unit) or (question.kind != "number" and question.tolerance is not None):
        yield question.line, "'unit:' and 'tolerance:' belong to a question with 'answer:'"
    if question.kind == "number":
        yield from _of_a_number(question, right[0])
    elif len(question.options) > len(LETTERS):
        yield question.line, f"{len(question.options)} choices; there are letters for {len(LETTERS)}"
    elif question.kind not in ("text", "numbers", "laboratories") and len(question.options) < 2:
        yield question.line, "a single choice; two at least"
    elif question.kind == "choices" and not right:
        yield question.line, "a set with nothing in it; one '[x]' at least"


def _of_a_number(question, right):
    if question.tolerance is None:
        yield question.line, "a number needs 'tolerance:', as 2% or as an amount"
        return
    others = [option for option in question.options if option.number is None]
    if len(others) != 1 or question.options[-1] is not others[0]:
        yield question.line, "a number needs one 'else:', at its end, for any other number"
    low, high = question.window(right.number.value)
    if right.number.half_unit > (high - low) / 2:
        yield right.line, f"the tolerance is finer than {right.number.written} is printed"
    seen = []
    for option in question.options:
        if option.number is None:
            continue
        low, high = question.window(option.number.value)
        for other, (start, end) in seen:
            if low <= end and start <= high:
                yield option.line, f"the tolerance does not tell {option.number.written} from {other}"
        seen.append((option.number.written, (low, high)))
