"""Questions of quizzes and assignments: one grammar, read into plain data that does not change."""

import dataclasses
import json

import numpy as np
import pytest

from scalinglib.classroom import QuestionError, drawn, read_questions, read_source, student_copy, token, values

WORK = r"""with: slope = -np.polyfit(np.log(data["x"]), np.log(data["y"]), 1)[0]

question: exponent
Which exponent?

points: 3
answer: 0.50 = slope
tolerance: 2%
    -> Yes.
wrong: -0.50 = -slope
credit: 1.5
    -> The sign.
else:
    -> No.

question: which-hold
Which of these hold?

points: 2
[x] This.
    -> It does.
[ ] That.
    -> It does not.
[x] The third.
    -> It does.

question: why
What would show it?

text: 120 words
    -> Names a measurement that could come out otherwise.
"""


def written(folder, text):
    path = folder / "work.questions.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_points_credit_sets_and_texts_are_read(tmp_path):
    """What assignments need beside quizzes stands in the same grammar; without points a question has one."""
    number, chosen, text = read_questions(written(tmp_path, WORK)).questions
    assert (number.kind, number.points, [option.credit for option in number.options]) == ("number", 3, [0, 1.5, 0])
    assert (chosen.kind, [option.right for option in chosen.options]) == ("choices", [True, False, True])
    assert (text.kind, text.words, text.points) == ("text", 120, 1)
    assert text.options[0].said == "Names a measurement that could come out otherwise."


def test_numbers_follow_the_data_that_are_given(tmp_path):
    """The same text gives each table its own answers, and the named mistake goes along."""
    questions = read_questions(written(tmp_path, WORK))
    for exponent in (0.5, 0.7):
        x = [1.0, 10.0, 100.0]
        found = values(questions, data={"x": x, "y": [one**-exponent for one in x]})
        assert list(found.values()) == pytest.approx([exponent, -exponent])


def test_what_was_read_does_not_change(tmp_path):
    """Questions and answers are frozen, and lists of them are tuples."""
    questions = read_questions(written(tmp_path, WORK))
    question = questions.questions[0]
    for held, name in ((questions, "name"), (question, "points"), (question.options[0], "right")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(held, name, 1)
    assert {type(questions.questions), type(question.options), type(question.checks)} == {tuple}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("credit: 1.5", "credit: 3", 10, "a mistake has less than the 3 points"),
        ("credit: 1.5", "credit: 0", 11, "credit: points above zero; not '0'"),
        ("tolerance: 2%\n", "tolerance: 2%\ncredit: 1\n", 9, "credit: stands under 'wrong:'"),
        ("points: 3", "points: many", 6, "points: a number above zero; not 'many'"),
        ("[x]", "[ ]", 16, "a set with nothing in it"),
        ("[ ] That.", "( ) That.", 16, "a choices and a choice in one question"),
        ("120 words", "short", 30, "the most words, as '150 words'; not 'short'"),
        ("points: 2", "section:", 19, "section: the title of a section of the book"),
    ],
)
def test_what_is_refused(tmp_path, old, new, line, said):
    """A fault in points, credit, sets and texts is named with its line."""
    with pytest.raises(QuestionError) as caught:
        read_questions(written(tmp_path, WORK.replace(old, new)))
    assert caught.value.line == line, caught.value
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [("slop", "NameError"), ("[1, 2]", "no single number"), ("1 / 0", "ZeroDivisionError"), ("1 +", "SyntaxError")],
)
def test_an_expression_that_fails_is_named(tmp_path, expression, said):
    """What goes wrong in an expression is told with file and line."""
    questions = read_questions(written(tmp_path, WORK.replace("0.50 = slope", f"0.50 = {expression}", 1)))
    with pytest.raises(QuestionError, match=r"work\.questions\.txt:7: ") as caught:
        values(questions, data={"x": [1.0, 2.0], "y": [2.0, 1.0]})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("answer: 0.50", "answer: ٠.٥", "answer: a number, '=' and what gives it"),
        ("answer: 0.50", "answer: 1e999", "answer: 1e999 is too large"),
        ("tolerance: 2%", "tolerance: ٢%", "tolerance: an amount"),
        ("120 words", "١٢٠ words", "the most words"),
        (
            "[ ] That.\n",
            "[ ] That.\n" + "".join(f"    -> No.\n[ ] C{place}.\n" for place in range(30)),
            "33 choices; there are letters",
        ),
    ],
)
def test_numbers_that_a_page_could_not_compare_are_refused(tmp_path, old, new, said):
    """Digits of other scripts, numbers beyond a double, more choices than letters."""
    with pytest.raises(QuestionError) as caught:
        read_questions(written(tmp_path, WORK.replace(old, new)))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        "{}",
        "{'x': []}",
        "{'x': [np.nan]}",
        "{'x': [np.inf]}",
        "{'x': [10**400]}",
        "{'x': [[1, 2]]}",
        "None",
        "{'x': ['a']}",
    ],
)
def test_what_is_no_table_for_a_student_is_refused(tmp_path, data):
    """Every student gets one row or more of finite numbers, or nobody gets a table."""
    questions = read_questions(written(tmp_path, f"draw: data = {data}\n{WORK}"))
    with pytest.raises(QuestionError, match="1: data: "):
        drawn(questions, np.random.default_rng(0))


@pytest.mark.parametrize("notebook", ["", "{", "[]", "{}", '{"cells": null}', '{"cells": [{}]}', '{"cells": [1]}'])
def test_what_is_no_notebook_is_named(tmp_path, notebook):
    """A file that Jupyter would not open either is named, without a traceback."""
    folder = tmp_path / "work"
    folder.mkdir()
    written(folder, "draw: data = {'x': [1.0, 2.0], 'y': [2.0, 1.0]}\n" + WORK)
    (folder / "work.ipynb").write_text(notebook)
    with pytest.raises(ValueError, match=r"^work.ipynb: no notebook"):
        read_source(folder)


def test_a_question_at_the_end_of_a_notebook_wants_its_solution(tmp_path):
    """As one in its middle does."""
    folder = tmp_path / "work"
    folder.mkdir()
    cells = [
        {"cell_type": "markdown", "id": name, "metadata": {}, "source": [f"question: {name}"]}
        for name in ("exponent", "which-hold", "why")
    ]
    solved = {"cell_type": "code", "id": "s", "metadata": {"tags": ["solution"]}, "source": ["1"], "outputs": []}
    written(folder, "draw: data = {'x': [1.0, 2.0], 'y': [2.0, 1.0]}\n" + WORK)
    (folder / "work.ipynb").write_text(json.dumps({"cells": [cells[0], solved, cells[1], solved, cells[2]]}))
    with pytest.raises(ValueError, match="the tag 'solution' follows 'question: why'"):
        read_source(folder)


def test_every_choice_has_its_letter_on_the_page(tmp_path):
    """Twelve choices are shown with twelve letters."""
    choices = "[ ] That.\n" + "".join(f"    -> No.\n[ ] C{place}.\n" for place in range(10))
    question = read_questions(written(tmp_path, WORK.replace("[ ] That.\n", choices))).questions[1]
    cell = {"cell_type": "markdown", "id": "x", "metadata": {}, "source": ["question: which-hold"]}
    solved = {"cell_type": "code", "id": "s", "metadata": {"tags": ["solution"]}, "source": ["1"], "outputs": []}
    folder = tmp_path / "work"
    folder.mkdir()
    text = "draw: data = {'x': [1.0, 2.0], 'y': [2.0, 1.0]}\nquestion: which-hold\n"
    written(
        folder,
        text
        + WORK.partition("question: which-hold\n")[2].partition("question: why")[0].replace("[ ] That.\n", choices),
    )
    (folder / "work.ipynb").write_text(json.dumps({"cells": [cell, solved]}))
    page = json.loads(student_copy(read_source(folder))["work.ipynb"])["cells"][1]["source"]
    assert sum(line.startswith("- **") for line in page) == len(question.options) == 13


@pytest.mark.parametrize("student", [7, None, b"s1"])
def test_a_token_is_of_text(student):
    """A number for a student would be another student than its text."""
    with pytest.raises(ValueError, match="assignment and student must be text"):
        token("the secret of a course that is a test", "laws", student)
