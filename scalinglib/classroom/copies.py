"""Copies of an assignment: what its students get and what its teacher keeps, from one notebook and its questions."""

import copy
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import __version__
from .asked import LETTERS, Asked
from .question import Question
from .reading import Questions, read_questions
from .variants import Variant, practice

__all__ = ["Source", "read_source", "student_copy", "teacher_copy"]

_ASKS = re.compile(r"question: ([a-z0-9-]+)")
_TUTOR = """# To an assistant that works in this folder

The person you help is graded on this assignment and learns by doing it. Be a tutor: ask what they have tried, point
to the step where it went wrong, explain a method on other numbers than theirs, and let them write the code and the
words. Do not write answers to the questions, and do not write the cells that end with `answer(...)` or submit.
"""


@dataclass(frozen=True)
class Source:
    """An assignment as its author wrote it.

    Attributes
    ----------
    name : str
        Of its folder, its notebook and its questions.
    notebook : dict
        The notebook, as JSON holds it: cells "question: its-name" stand where a question is asked, and cells with the
        tag "solution" answer it.
    questions : Questions
    practice : Variant
        The table that everybody gets.
    """

    name: str
    notebook: dict
    questions: Questions
    practice: Variant


def read_source(folder: str | os.PathLike) -> Source:
    """Read the assignment of a folder.

    Raises
    ------
    QuestionError
        For a fault in the questions.
    ValueError
        Where the notebook does not ask each question once, in order, and solve it.
    """
    folder = Path(folder)
    name = folder.name
    questions = read_questions(folder / f"{name}.questions.txt")
    notebook = _notebook(folder / f"{name}.ipynb")
    asked = [found for cell in notebook["cells"] if (found := _asks(cell))]
    wanted = [question.name for question in questions.questions]
    if asked != wanted:
        raise ValueError(f"{name}.ipynb asks {', '.join(asked) or 'nothing'}; {questions.name} has {', '.join(wanted)}")
    for place, cell in enumerate(notebook["cells"]):
        if _asks(cell) and not any(map(_solves, notebook["cells"][place + 1 : place + 2])):
            raise ValueError(f"{name}.ipynb: a cell with the tag 'solution' follows 'question: {_asks(cell)}'")
    return Source(name, notebook, questions, practice(questions, name))


def student_copy(source: Source, *, install: str = f"scalinglib=={__version__}") -> dict[str, bytes]:
    """The files of the student: notebook, form, practice table, and a word to assistants; no expression and no answer.

    What is said to numbers on the practice table is in the form, with their windows: its answers are open.

    Parameters
    ----------
    source : Source
    install : str
        What Colab installs.

    Returns
    -------
    dict
        Name of the file -> bytes.
    """
    form = {
        "assignment": source.name,
        "questions": [asdict(Asked.of(question)) for question in source.questions.questions],
        "practice": {
            question.name: _windows(question, source.practice)
            for question in source.questions.questions
            if question.kind == "number"
        },
    }
    cells = [_colab(install)]
    for cell in source.notebook["cells"]:
        if name := _asks(cell):
            question = source.questions[name]
            cells += [_prompt(cell, question, source), _stub(cell, question)]
        elif not _solves(cell):
            cells.append(_clean(cell))
    return {
        f"{source.name}.ipynb": _json({**source.notebook, "cells": cells}),
        f"{source.name}.form.json": _json(form),
        f"{source.name}-practice.csv": source.practice.data.to_csv(index=False).encode(),
        "AGENTS.md": _TUTOR.encode(),
    }


def teacher_copy(source: Source) -> dict[str, bytes]:
    """The files of the teacher: the solved notebook, and a sheet of what counts and what it is worth."""
    cells = [
        _prompt(cell, source.questions[name], source) if (name := _asks(cell)) else _clean(cell)
        for cell in source.notebook["cells"]
    ]
    lines = [
        f"# {source.name}: answers for the practice table",
        "",
        "| question | answer | points | said |",
        "|---|---|---|---|",
    ]
    for question in source.questions.questions:
        for option in question.options:
            number = option.number and _written(source.practice.found[option.number], question)
            shown = number or option.text or ("read by a person" if question.kind == "text" else "any other number")
            points = question.points if option.right else option.credit
            lines.append(f"| {question.name} | {shown} | {points:g} | {option.said} |")
    return {
        f"{source.name}-solution.ipynb": _json({**source.notebook, "cells": cells}),
        f"{source.name}-answers.md": ("\n".join(lines) + "\n").encode(),
    }


def _written(value, question):
    return (
        f"a share of the points for {Asked.of(question).wants}"
        if callable(value)
        else f"{value:.6g} {question.unit}".strip()
    )


def _notebook(path):
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if all({"cell_type", "source", "metadata", "id"} <= set(cell) for cell in held["cells"]):
            return held
    except (ValueError, TypeError, KeyError):
        pass
    raise ValueError(f"{path.name}: no notebook, JSON with cells that have type, source, metadata and id")


def _asks(cell):
    found = _ASKS.fullmatch("".join(cell["source"]).strip()) if cell["cell_type"] == "markdown" else None
    return found[1] if found else ""


def _solves(cell):
    return "solution" in cell["metadata"].get("tags", ())


def _windows(question: Question, variant: Variant):
    """(low, high, whether right, what is said) of each answer that is known; without ends for any other."""
    known = []
    for option in question.options:
        value = variant.found[option.number] if option.number else None
        low, high = question.window(value) if option.number else (None, None)
        known.append((low, high, option.right, option.said))
    return known


def _prompt(cell, question, source):
    place = source.questions.questions.index(question) + 1
    points = f"{question.points:g} point{'s' if question.points != 1 else ''}"
    choices = [f"- **{letter}** {text}" for letter, text in zip(LETTERS, Asked.of(question).choices, strict=False)]
    wants = f"*Wanted: {Asked.of(question).wants}{_allowance(question)}.*"
    text = "\n\n".join(
        filter(None, [f"## {place}. {question.name} ({points})", question.prompt, "\n".join(choices), wants])
    )
    return {**_clean(cell), "source": _lines(text)}


def _allowance(question):
    if question.kind != "number":
        return ""
    return f", to within {100 * question.tolerance:g}%" if question.relative else f", to within {question.tolerance:g}"


def _stub(cell, question):
    answer = f'answer("{question.name}", ...)'
    if question.kind == "laboratories":
        answer = f"# {question.name}: what you submit in each laboratory, with lab.submit(N, interval=(low, high))"
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{cell['id']}-answer",
        "metadata": {},
        "outputs": [],
        "source": _lines(f"# Your work.\n\n\n{answer}"),
    }


def _colab(install):
    text = f'import sys\n\nif "google.colab" in sys.modules:\n    %pip install -q "{install}"'
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "colab",
        "metadata": {},
        "outputs": [],
        "source": _lines(text),
    }


def _clean(cell):
    cell = copy.deepcopy(cell)
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _lines(text):
    return text.splitlines(keepends=True)


def _json(value):
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
