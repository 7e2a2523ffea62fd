"""Questions as plain text: what may stand in a file of them, and how it is read.

::

    with: law = sl.published["besiroglu2024"]

    question: best-size
    How many parameters are best at 1e22 FLOP?

    points: 2
    answer: 9.05 = law.optimum(1e22).N / 1e9
    unit: billion
    tolerance: 2%
        -> Yes: what is said to this answer.
    wrong: 22.7 = law.optimum(6e22).N / 1e9
    credit: 1
        -> What is said to this mistake, which is worth one of the two points.
    else:
        -> What is said to everything else.

In place of ``answer:`` stand lines ``( ) text``, one of them ``(x) text``, of which one is chosen; lines ``[ ] text``
and ``[x] text``, of which all that hold are; ``text: 150 words``, which a person reads; ``numbers: 8 = expression``,
so many numbers, where the expression is a function of their array that gives the share of the points; or
``laboratories: 8 = expression``, which is answered by what was submitted in so many laboratories, and whose function
gets what `Market.submissions` has of the student. Every function of such a file knows that under the name ``played``.
A tolerance without % is an amount. A line ``check: 9.05 = expression`` says where a number in the words comes from;
``section: title`` names what to read again in the book, which a student's report does where the answer was not right.

An assignment has lines ``draw: name = expression`` above its questions. They know ``rng``, numpy's generator for one
student, and end with ``draw: data = ...``, the columns that the student gets; questions know nothing else of the draw.
"""

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from ..arguments import unknown_name
from .question import NUMBER, Number, Option, Question
from .rules import fault

__all__ = ["QuestionError", "Questions", "read_questions"]

_HEADS = tuple(
    "with draw question check points answer numbers laboratories text unit tolerance wrong credit else section".split()
)
_HEAD = re.compile(r"(?P<word>[A-Za-z]+):(?:\s+(?P<rest>.*))?$")
_CHOICE = re.compile(r"(?:\((?P<one>.?)\)|\[(?P<many>.?)\])\s+(?P<text>.*)$")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WORDS = re.compile(r"([0-9]{1,4}) words")


class QuestionError(ValueError):
    """What is wrong in a file of questions, with its name and line."""

    def __init__(self, name: str, line: int, said: str):
        super().__init__(f"{name}:{line}: {said}")
        self.name, self.line, self.said = name, line, said


@dataclass(frozen=True)
class Questions:
    """The questions of one file, and the definitions that its expressions share.

    Attributes
    ----------
    name : str
        Of the file.
    questions : tuple of Question
        In order.
    definitions : tuple of (int, str)
        Line and text, such as "law = sl.published['besiroglu2024']".
    draws : tuple of (int, str)
        The same, for what is drawn for each student; empty for a quiz.
    """

    name: str
    questions: tuple[Question, ...]
    definitions: tuple[tuple[int, str], ...] = ()
    draws: tuple[tuple[int, str], ...] = ()

    @property
    def played(self) -> bool:
        """Whether some are answered by what was submitted in laboratories."""
        return any(question.kind == "laboratories" for question in self.questions)

    def __getitem__(self, name: str) -> Question:
        """The question of that name."""
        found = {question.name: question for question in self.questions}
        if name not in found:
            raise unknown_name("question", name, found)
        return found[name]


def read_questions(path: str | os.PathLike) -> Questions:
    """Read a file of questions; nothing in it is run.

    Raises
    ------
    QuestionError
        For text that no page could ask, or nobody answer; says the file, the line and what is allowed there.

    Examples
    --------
    >>> import pathlib, tempfile, scalinglib as sl
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.quiz.txt"
    >>> _ = path.write_text("question: q\\nWhich?\\n( ) One.\\n  -> No.\\n(x) Two.\\n  -> Yes.")
    >>> sl.classroom.read_questions(path).questions[0].options[1].text
    'Two.'
    """
    path = Path(path)
    try:
        return _Reader(path.name).read(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise QuestionError(path.name, 1, f"not text in UTF-8 ({error.reason} at byte {error.start})") from error


class _Reader:
    def __init__(self, name):
        self.name, self.questions, self.definitions, self.draws = name, [], [], []
        self.question = self.option = None
        self.add = None  # where a line that only goes on belongs

    def refuse(self, line, said):
        raise QuestionError(self.name, line, said)

    def read(self, text):
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith("#"):
                self.take(number, line.rstrip())
        if not self.questions:
            self.refuse(1, "no question; a question begins with a line like 'question: its-name'")
        if self.draws and self.draws[-1][1].partition("=")[0].strip() != "data":
            self.refuse(self.draws[-1][0], "the last 'draw:' is 'data', the columns that a student gets")
        questions = tuple(map(self.whole, self.questions))
        return Questions(self.name, questions, tuple(self.definitions), tuple(self.draws))

    def whole(self, draft):
        """The question that a draft has become, if it can be asked."""
        draft.prompt, draft.checks = draft.prompt.rstrip(), tuple(draft.checks)
        draft.options = tuple(Option(**vars(option)) for option in draft.options)
        question = Question(**{**vars(draft), "kind": draft.kind or "choice"})
        if (wrong := fault(question)) is not None:
            self.refuse(*wrong)
        return question

    def take(self, number, line):
        plain = line.strip()
        choice, head = _CHOICE.match(line), _HEAD.match(line)
        if plain.startswith("->"):
            self.feedback(number, plain[2:].strip())
        elif choice:
            self.choice(number, **choice.groupdict())
        elif head and head["word"] in _HEADS:
            getattr(self, "take_" + head["word"])(number, (head["rest"] or "").strip())
        elif self.add == self.go_on_prompt or (self.add and line[:1] in ("", " ", "\t")):
            self.add(number, plain)
        elif head and head["word"].islower():
            allowed = ", ".join(f"{word}:" for word in _HEADS)
            self.refuse(number, f"'{head['word']}:' is not known here; allowed: {allowed}")
        elif plain:
            self.refuse(
                number,
                "this line belongs to nothing: what goes on is indented, words to an answer "
                "begin with '->', a choice with '( )' or '(x)'",
            )

    def inside(self, number, what):
        if self.question is None:
            self.refuse(number, f"{what} before the first question; a line 'question: its-name' goes above")
        return self.question

    def number(self, line, text, what):
        written, equals, expression = text.partition("=")
        written = written.strip()
        if not equals or not NUMBER.fullmatch(written) or not expression.strip():
            self.refuse(line, f"{what}: a number, '=' and what gives it, as '21.6 = 43.2 / 2'; not {text!r}")
        if not math.isfinite(float(written)):
            self.refuse(line, f"{what}: {written} is too large for a number")
        return Number(written, expression.strip(), line)

    def amount(self, line, text, what):
        if not NUMBER.fullmatch(text) or not 0 < float(text) < math.inf:
            self.refuse(line, f"{what}; not {text!r}")
        return float(text)

    def take_with(self, line, text):
        self.define("with", self.definitions, line, text)

    def take_draw(self, line, text):
        self.define("draw", self.draws, line, text)

    def define(self, head, where, line, text):
        if self.questions:
            self.refuse(line, f"'{head}:' stands above the first question: all questions share it")
        name, equals, expression = text.partition("=")
        if not equals or not name.strip().isidentifier() or not expression.strip():
            self.refuse(line, f"{head}: 'name = expression', not {text!r}")
        where.append((line, text))
        self.add = lambda _, more: where.append((line, f"{where.pop()[1]} {more}".strip()))

    def take_question(self, line, name):
        if not _NAME.fullmatch(name):
            self.refuse(line, f"question: a name of small letters, digits and hyphens, not {name!r}")
        if any(question.name == name for question in self.questions):
            self.refuse(line, f"a second question named {name!r}")
        self.question = SimpleNamespace(name=name, line=line, kind="", prompt="", prompt_line=0, options=[], checks=[])
        self.option = None
        self.questions.append(self.question)
        self.add = self.go_on_prompt

    def go_on_prompt(self, line, text):
        question = self.question
        question.prompt_line = question.prompt_line or (line if text else 0)
        question.prompt = f"{question.prompt}\n{text}".lstrip("\n")

    def new_option(self, line, what, kind, **fields):
        question = self.inside(line, what)
        if question.kind and question.kind != kind:
            self.refuse(question.line, f"a {question.kind} and a {kind} in one question; make two of it")
        self.option = SimpleNamespace(**{"right": False, "line": line, "said": "", **fields})
        question.kind = kind
        question.options.append(self.option)
        self.add = None

    def choice(self, line, one, many, text):
        mark = many if one is None else one
        if mark not in (" ", "x"):
            self.refuse(line, f"a choice begins with '( )', the right one with '(x)', not '({mark})'")
        self.new_option(line, "a choice", "choice" if many is None else "choices", right=mark == "x", text=text)
        self.add = self.go_on_choice

    def go_on_choice(self, line, text):
        self.option.text = f"{self.option.text} {text}".strip()

    def feedback(self, line, text):
        if self.question is None or self.option is None:
            self.refuse(line, "'->' says something to an answer, and there is none above it")
        if self.option.said:
            self.refuse(line, "a second '->' for one answer; go on without it")
        self.option.said, self.option.said_line = text, line
        self.add = self.go_on_feedback

    def go_on_feedback(self, line, text):
        self.option.said = f"{self.option.said} {text}".strip()

    def take_check(self, line, text):
        self.inside(line, "check:").checks.append(self.number(line, text, "check"))
        self.add = None

    def take_points(self, line, text):
        self.inside(line, "points:").points = self.amount(line, text, "points: a number above zero")
        self.add = None

    def take_answer(self, line, text):
        self.new_option(line, "answer:", "number", right=True, number=self.number(line, text, "answer"))

    def take_numbers(self, line, text, kind="numbers"):
        number = self.number(line, text, kind)
        if not number.written.isdigit() or not 1 <= int(number.written) <= 100:
            self.refuse(line, f"{kind}: how many, from 1 to 100, '=' and the share of the points; not {text!r}")
        self.new_option(line, f"{kind}:", kind, right=True, number=number)
        self.question.words = int(number.written)

    def take_laboratories(self, line, text):
        self.take_numbers(line, text, "laboratories")

    def take_text(self, line, text):
        found = _WORDS.fullmatch(text)
        if not found or int(found[1]) < 1:
            self.refuse(line, f"text: the most words, as '150 words'; not {text!r}")
        self.new_option(line, "text:", "text", right=True)
        self.question.words = int(found[1])

    def take_wrong(self, line, text):
        self.new_option(line, "wrong:", "number", number=self.number(line, text, "wrong"))

    def take_credit(self, line, text):
        self.inside(line, "credit:")
        if self.option is None or self.option.right or self.question.kind not in ("number", "choice"):
            self.refuse(line, "credit: stands under 'wrong:' or under a wrong choice")
        self.option.credit = self.amount(line, text, "credit: points above zero")
        self.add = None

    def take_else(self, line, text):
        if text:
            self.refuse(line, "else: stands alone; what is said follows on a line that begins with '->'")
        self.new_option(line, "else:", "number")

    def take_unit(self, line, text):
        self.inside(line, "unit:").unit = text

    def take_section(self, line, text):
        if not text:
            self.refuse(line, "section: the title of a section of the book")
        self.inside(line, "section:").section = text

    def take_tolerance(self, line, text):
        question = self.inside(line, "tolerance:")
        question.relative = text.endswith("%")
        written = self.amount(
            line, text.removesuffix("%").strip(), "tolerance: an amount, or a number with % for a share"
        )
        question.tolerance = written / (100 if question.relative else 1)
