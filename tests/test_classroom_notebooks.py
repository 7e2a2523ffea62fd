"""Notebooks that came without answers, and assignments from which nothing came: what is told without running any."""

import json

import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from scalinglib.classroom.notebooks import declares
from tests.course import HALF, drawn, founded, seat

OPEN = "import scalinglib as sl\nwork = sl.classroom.open_assignment()\nanswer = work.answer"
DOTS = '# Your work.\n\n\nanswer("half", ...)'


def notebook(*cells, names=""):
    """Its bytes; `names` is a token that an output shows, as `work` does."""
    shown = [{"output_type": "execute_result", "data": {"text/plain": f"half: table {names}, 2 rows"}}]
    held = [{"cell_type": "code", "source": one, "metadata": {}, "outputs": shown * bool(names)} for one in cells]
    return json.dumps({"cells": held, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Two assignments, and a class of six."""
    founded(tmp_path, monkeypatch, {"half": HALF, "later": HALF}, [f"s{k}" for k in range(1, 7)])
    assert drawn() == 0
    return tmp_path


def place(course, student, content, name="half.ipynb"):
    folder = course / "handed" / student
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def graded(*more):
    assert main(["grade", "--from", "handed", "--class", "class", "--out", "out", *more]) == 0


def test_no_file_and_a_notebook_without_an_answer_are_told_apart(course):
    """By a table that an output names, or that lies beside it: dots, cells that declare and lack their file, nothing;
    each student reads which, the class page lists them, and nobody is told the answer to what may still come."""
    own = {student: seat(course, student, "half") for student in ("s1", "s2", "s3", "s4")}
    classroom.write_declared(course / "handed/s1", classroom.Declared("half", own["s1"].token, {"half": 1.0}))
    place(course, "s1", notebook(OPEN, 'answer("half", 1.0)'))
    place(course, "s2", notebook(OPEN, DOTS, names=own["s2"].token))
    place(course, "s3", notebook(OPEN, 'answer("half", 3)', names=own["s3"].token))
    place(course, "s4", notebook(OPEN, DOTS))
    place(course, "s4", (course / "class/tables" / own["s4"].table).read_bytes(), own["s4"].table)
    place(course, "s5", notebook(OPEN, DOTS))
    for more in ((), ("--only", "half")):
        graded(*more)
        kept = classroom.read_record(course / "out/record.json")
        notes = {one.seat.student: one.notes for one in kept.papers if one.seat.assignment == "half"}
        dots = "a notebook came in which no cell declares an answer"
        assert notes["s1"] == () and notes["s5"] == notes["s6"] == ("nothing was handed in",)
        assert notes["s2"] == (f"{dots} (s2/half.ipynb)",) and notes["s4"] == (f"{dots} (s4/half.ipynb)",)
        (said,) = notes["s3"]
        assert said.startswith(f"a notebook came without half-{own['s3'].token}.answers.json, the file that is marked")
        assert kept.strays == ("s5/half.ipynb: a notebook that names no table of this class",)
    page = (course / "out/class.html").read_text()
    assert "Nothing came from s5, s6." in page and f"s2, half: {dots}" in page and "half: 1 of 6 handed in" in page
    report = (course / "out/reports/half/half-s2.html").read_text()
    assert dots in report and "0 of 2 points" in report and "For your table it is" not in report


def test_an_assignment_from_which_nothing_came_has_no_reports(course):
    """It is not due yet: no page that says "0 points" lies there to be sent; the class page says how many came."""
    own = seat(course, "s1", "half")
    classroom.write_declared(course / "handed/s1", classroom.Declared("half", own.token, {"half": 1.0}))
    graded()
    assert [path.name for path in (course / "out/reports").iterdir()] == ["half"]
    assert len(list((course / "out/reports/half").iterdir())) == 6
    page = (course / "out/class.html").read_text()
    assert "later: 0 of 6 handed in" in page and page.count("Nothing came from") == 1
    graded("--question", "half", "--only", "half")
    assert [path.name for path in (course / "out/reports").iterdir()] == ["half"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], False),
        ([DOTS, "%pip install x\n!ls", "answer"], False),
        (['answer("half",\n  ...,\n)  # answer("half", 3)'], False),
        (['answer(name="half", value=...)'], False),
        (['work.answer("half", 3)'], True),
        (['answer("half", value=3)'], True),
        (["for name, value in found.items():\n    answer(name, value)"], True),
        (["answer(*one)"], True),
        (["%time\nif True:\n    %time\n    answer('half', 3)"], True),
        (['answer("half", 3'], None),
        (["x = = 3", DOTS], False),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_whether_a_cell_declares_is_known_by_its_text(tmp_path, cells, said):
    """Dots, comments and magics are no answer; loops and stars may be; what does not parse is not said to be none."""
    path = tmp_path / "half.ipynb"
    path.write_bytes(cells if isinstance(cells, bytes) else notebook(*cells))
    assert declares(path) is said
