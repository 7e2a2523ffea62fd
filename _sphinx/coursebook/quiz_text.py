"""Quizzes as plain text: questions, choices, numbers with their expressions, and what is said to each answer.

    with: law = sl.published["besiroglu2024"]

    question: best-size
    How many parameters are best at 1e22 FLOP?

    answer: 9.05 = law.optimum(1e22).N / 1e9
    unit: billion
    tolerance: 2%
        -> Yes: what is said to this answer.
    wrong: 22.7 = law.optimum(6e22).N / 1e9
        -> What is said to this mistake.
    else:
        -> What is said to everything else.

Choices are lines ``( ) text``, one of them ``(x) text``, in place of ``answer:``. A line
``check: 9.05 = expression`` says where a number in the words comes from; tests/prose lists what gives each of them.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from coursebook.quiz_question import NUMBER, Number, Option, Question

HEADS = ("with", "question", "check", "answer", "unit", "tolerance", "wrong", "else")
HEAD = re.compile(r"(?P<word>[A-Za-z]+):(?:\s+(?P<rest>.*))?$")
CHOICE = re.compile(r"\((?P<mark>.?)\)\s+(?P<text>.*)$")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class QuizError(ValueError):
    """What is wrong in a quiz, with its file and line."""

    def __init__(self, path, line, said):
        super().__init__(f"{path}:{line}: {said}")
        self.path, self.line, self.said = path, line, said


@dataclass(frozen=True)
class Quiz:
    """The questions of one file, and the definitions that its expressions share."""

    path: Path
    questions: list[Question]
    definitions: list[tuple[int, str]]


def read_quiz(path) -> Quiz:
    """Read a quiz.

    Raises
    ------
    QuizError
        For text that is not a quiz; says the file, the line and what is allowed there.
    """
    path = Path(path)
    try:
        return _Reader(path).read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise QuizError(path.name, 1, f"not text in UTF-8 ({error.reason} at byte {error.start})") from error


class _Reader:
    def __init__(self, path):
        self.path, self.questions, self.definitions = path, [], []
        self.question = self.option = None
        self.add = None  # where a line that only goes on belongs

    def refuse(self, line, said):
        raise QuizError(self.path.name, line, said)

    def read(self, text):
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith("#"):
                self.take(number, line.rstrip())
        if not self.questions:
            self.refuse(1, "no question; a question begins with a line like 'question: its-name'")
        for question in self.questions:
            self.whole(question)
        return Quiz(self.path, self.questions, self.definitions)

    def take(self, number, line):
        plain = line.strip()
        choice, head = CHOICE.match(line), HEAD.match(line)
        if plain.startswith("->"):
            self.feedback(number, plain[2:].strip())
        elif choice:
            self.choice(number, **choice.groupdict())
        elif head and head["word"] in HEADS:
            getattr(self, "take_" + head["word"])(number, (head["rest"] or "").strip())
        elif self.add == self.go_on_prompt or (self.add and line[:1] in ("", " ", "\t")):
            self.add(number, plain)
        elif head and head["word"].islower():
            allowed = ", ".join(f"{word}:" for word in HEADS)
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
        return Number(written, expression.strip(), line)

    def take_with(self, line, text):
        if self.questions:
            self.refuse(line, "'with:' stands above the first question: all questions share it")
        name, equals, expression = text.partition("=")
        if not equals or not name.strip().isidentifier() or not expression.strip():
            self.refuse(line, f"with: 'name = expression', not {text!r}")
        self.definitions.append((line, text))
        self.add = self.go_on_with

    def go_on_with(self, line, text):
        first, so_far = self.definitions.pop()
        self.definitions.append((first, f"{so_far} {text}".strip()))

    def take_question(self, line, name):
        if not NAME.fullmatch(name):
            self.refuse(line, f"question: a name of small letters, digits and hyphens, not {name!r}")
        if any(question.name == name for question in self.questions):
            self.refuse(line, f"a second question named {name!r}")
        self.question, self.option = Question(name, line), None
        self.questions.append(self.question)
        self.add = self.go_on_prompt

    def go_on_prompt(self, line, text):
        question = self.question
        question.prompt_line = question.prompt_line or (line if text else 0)
        question.prompt = f"{question.prompt}\n{text}".lstrip("\n")

    def new_option(self, line, what, **fields):
        self.option = Option(line, **fields)
        self.inside(line, what).options.append(self.option)
        self.add = None

    def choice(self, line, mark, text):
        if mark not in " x":
            self.refuse(line, f"a choice begins with '( )', the right one with '(x)', not '({mark})'")
        self.new_option(line, "a choice", right=mark == "x", text=text)
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

    def take_answer(self, line, text):
        self.new_option(line, "answer:", right=True, number=self.number(line, text, "answer"))

    def take_wrong(self, line, text):
        self.new_option(line, "wrong:", number=self.number(line, text, "wrong"))

    def take_else(self, line, text):
        if text:
            self.refuse(line, "else: stands alone; what is said follows on a line that begins with '->'")
        self.new_option(line, "else:")

    def take_unit(self, line, text):
        self.inside(line, "unit:").unit = text

    def take_tolerance(self, line, text):
        question = self.inside(line, "tolerance:")
        question.relative = text.endswith("%")
        written = text.removesuffix("%").strip()
        if not NUMBER.fullmatch(written) or not 0 < float(written) < math.inf:
            self.refuse(line, f"tolerance: an amount, or a number with % for a share; not {text!r}")
        question.tolerance = float(written) / (100 if question.relative else 1)

    def whole(self, question):
        """Refuse a question that a page could not ask, or answer."""
        question.prompt = question.prompt.rstrip()
        line, options = question.line, question.options
        if not question.prompt:
            self.refuse(line, "a question without words")
        if not options:
            self.refuse(line, "no answers: choices begin with '( )' and '(x)', a number with 'answer:'")
        for option in options:
            if not option.said:
                self.refuse(option.line, "nothing is said to this answer; say it on a line with '->'")
        chosen = [option for option in options if option.text]
        if chosen and len(chosen) < len(options):
            self.refuse(line, "choices and a typed number in one question; make two of it")
        right = [option for option in options if option.right]
        if len(right) != 1:
            self.refuse(line, f"{len(right)} right answers; one has to be")
        if question.numeric:
            self.whole_number(question, right[0])
        elif len(options) < 2:
            self.refuse(line, "a single choice; two at least")
        elif question.unit or question.tolerance is not None:
            self.refuse(line, "'unit:' and 'tolerance:' belong to a question with 'answer:'")

    def whole_number(self, question, right):
        if question.tolerance is None:
            self.refuse(question.line, "a number needs 'tolerance:', as 2% or as an amount")
        others = [option for option in question.options if option.number is None]
        if len(others) != 1 or question.options[-1] is not others[0]:
            self.refuse(question.line, "a number needs one 'else:', at its end, for any other number")
        low, high = question.window(right.number)
        if right.number.half_unit > (high - low) / 2:
            self.refuse(right.line, f"the tolerance is finer than {right.number.written} is printed")
        seen = []
        for option in question.options[:-1]:
            low, high = question.window(option.number)
            for other, (start, end) in seen:
                if low <= end and start <= high:
                    written = option.number.written
                    self.refuse(option.line, f"the tolerance does not tell {written} from {other}")
            seen.append((option.number.written, (low, high)))
