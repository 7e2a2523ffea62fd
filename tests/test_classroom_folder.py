"""The student's folder: a file that was damaged is named with what to do, and no answer is lost silently."""

from pathlib import Path

import pytest

from scalinglib import classroom

SOURCE = Path(__file__).resolve().parents[1] / "assignments/power-laws"


@pytest.fixture(scope="module")
def given():
    """What a student gets."""
    return classroom.student_copy(classroom.read_source(SOURCE))


@pytest.fixture
def folder(tmp_path, given):
    for name, content in given.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"assignment": "power-laws", "questions": 3, "practice": {}}']
)
def test_a_form_that_was_damaged_is_named(folder, content):
    """It says which file to copy anew."""
    (folder / "power-laws.form.json").write_text(content)
    with pytest.raises(ValueError, match=r"^power-laws.form.json is not as it was given out"):
        classroom.open_assignment(folder)


@pytest.mark.parametrize("content", [b"", b"<html>", b"x,y\na,b\n", b"x,y\n", b"x,y\n1,\n", b"\xff\xfe"])
def test_a_table_that_was_damaged_is_named(folder, content):
    """Nobody works on a page of a server's error in place of numbers."""
    (folder / "power-laws-practice.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"^power-laws-practice.csv is no table of the course"):
        classroom.open_assignment(folder)


def test_answers_that_cannot_be_read_are_named_and_stay(folder):
    """Neither are they overwritten."""
    opened, path = classroom.open_assignment(folder), folder / "power-laws-practice.answers.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"^power-laws-practice.answers.json cannot be read .* move it away"):
        opened.answer("slope", 1.0)
    assert path.read_text() == "{"


def test_half_a_letter_is_no_text(folder):
    """What no file can hold is refused at once."""
    with pytest.raises(ValueError, match="is-it-real must be a text"):
        classroom.open_assignment(folder).answer("is-it-real", "so \ud800")
