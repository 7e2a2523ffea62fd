"""The capstone: eight laboratories of one's own; points rise with what a strategy is worth."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import scalinglib as sl
from scalinglib import classroom

FOLDER = Path(__file__).resolve().parents[1] / "assignments/capstone"
SECRET = "the secret of a course that is a test"


@pytest.fixture(scope="module")
def source():
    return classroom.read_source(FOLDER)


def variant(source, student):
    return classroom.variant(source.questions, secret=SECRET, assignment="capstone", student=student)


def points(source, own, **answers):
    """Points by question of answers that are given, as grading does."""
    return {name: classroom.mark(source.questions[name], value, own.found).points for name, value in answers.items()}


def play(own, strategy):
    labs = [sl.simulate.Laboratory(int(row.seed), row.budget, world="any") for row in own.data.itertuples()]
    played = [strategy(lab, seed=place) for place, lab in enumerate(labs)]
    return {"sizes": [one.N for one in played], "intervals": [end for one in played for end in one.interval]}


@pytest.mark.parametrize("student", ["s1", "s2", "s3"])
def test_the_reference_beats_the_ladder_and_the_ladder_a_guess(source, student):
    """In sizes and in intervals: most points for isoFLOP with a bootstrap, fewer for 20 to 1, fewest for a guess."""
    own = variant(source, student)
    best, ladder, guess = (
        points(source, own, **play(own, strategy))
        for strategy in (sl.strategies.isoflop_bootstrap, sl.strategies.ladder, sl.strategies.guess)
    )
    assert best["sizes"] > 5 > ladder["sizes"] > guess["sizes"]
    assert best["intervals"] > 3 > ladder["intervals"] and guess["intervals"] == 0


def test_the_truth_has_all_points_and_nothing_else_has(source):
    """The best sizes with narrow intervals about them are worth everything; ten times off is worth next to nothing."""
    own = variant(source, "s1")
    worlds = [sl.simulate.draw_world(int(row.seed), 2e20, kind="any") for row in own.data.itertuples()]
    best = np.array([world.best(2e22)[0] for world in worlds])
    law = worlds[0].law
    ends = np.outer(best, [0.9, 1.1]).ravel()
    exponents = [law.alpha - 0.04, law.alpha + 0.04, law.beta - 0.04, law.beta + 0.04]
    right = points(source, own, sizes=best, intervals=ends, exponents=exponents)
    assert right == {"sizes": 6, "intervals": 6, "exponents": 2}
    wide = [0.0, 1.0, 0.0, 1.0]
    off = points(source, own, sizes=30 * best, intervals=30 * ends, exponents=wide)
    assert off["sizes"] < 0.6 and off["intervals"] == 0 and off["exponents"] == 0


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (None, "missing"),
        ("", "refused"),
        ([1e9] * 7, "refused"),
        ([1e9] * 7 + [float("nan")], "refused"),
        ([1e9] * 7 + ["x"], "refused"),
        (3.0, "refused"),
        ({"a": 1}, "refused"),
        ("__import__('os') " * 8, "refused"),
        ([-1.0] * 8, "wrong"),
        ([0.0] * 8, "wrong"),
        ([1e300] * 8, "wrong"),
    ],
)
def test_what_is_no_answer_has_no_points_and_stops_nothing(source, value, outcome):
    """Nothing, too few, no numbers, numbers that no model has: each has its outcome and no exception."""
    own = variant(source, "s1")
    made = classroom.mark(source.questions["sizes"], value, own.found)
    assert (made.outcome, made.points) == (outcome, 0)


def test_intervals_that_are_no_sizes_have_no_points(source):
    """Zero and below have no logarithm; a length beyond all numbers is too long."""
    own = variant(source, "s1")
    for ends in ([-1.0] * 16, [0.0, 1e10] * 8, [1e-300, 1e300] * 8):
        assert points(source, own, intervals=ends) == {"intervals": 0}


def test_the_solution_runs_as_a_student_would_run_it(source, tmp_path):
    """Beside a table of one's own the solved notebook declares every answer, with most of the points."""
    own = variant(source, "s1")
    files = {**classroom.student_copy(source), **classroom.teacher_copy(source)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    own.data.to_csv(tmp_path / f"capstone-{own.token}.csv", index=False)
    notebook = nbformat.reads(files["capstone-solution.ipynb"].decode(), as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    declared = classroom.read_declared(tmp_path / f"capstone-{own.token}.answers.json").answers
    marks = {one.name: classroom.mark(one, declared.get(one.name), own.found) for one in source.questions.questions}
    assert {one.outcome for one in marks.values()} <= {"right", "partly", "to read"}
    assert sum(one.points for one in marks.values()) > 10


def test_the_students_copy_holds_no_expression_and_needs_no_book(source):
    """Neither worlds nor scores stand in it, and no role or directive."""
    files = classroom.student_copy(source)
    text = b"".join(files.values()).decode()
    assert "lambda" not in text and "draw_world" not in text and "8 numbers (parameters), in order" in text
    notebook = nbformat.reads(files["capstone.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    assert not any(re.search(r"\{[\w:-]+\}`|^```\{|question: ", cell.source, re.MULTILINE) for cell in notebook.cells)


def test_numbers_of_a_file_are_refused_where_none_can_be_asked(tmp_path):
    """How many, and a function of them: anything else is named with its line."""
    path = tmp_path / "x.questions.txt"
    for text in ("numbers: many = sum", "numbers: 0 = sum", "numbers: 8", "numbers: 101 = sum"):
        path.write_text(f"question: q\nWhich?\n{text}\n    -> So.\n")
        with pytest.raises(classroom.QuestionError, match="x.questions.txt:3: numbers"):
            classroom.read_questions(path)
