"""Talks: three questions with the numbers of a student's own table, and what that table answers."""

import re
from pathlib import Path

import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import SECRET

ROOT = Path(__file__).resolve().parents[1]
TALKS = sorted(path.parent for path in (ROOT / "assignments").rglob("*.oral.txt"))
# Those of the capstone are about a ledger and have a test beside its own.
TABLES = [path for path in TALKS if path.name != "capstone"]


def test_every_assignment_has_its_talks():
    """Whoever draws tables for an assignment can hear its students, too."""
    assert TALKS == sorted(path.parent for path in (ROOT / "assignments").rglob("*.questions.txt"))


@pytest.mark.parametrize("folder", TABLES, ids=lambda path: path.name)
def test_each_student_is_asked_about_numbers_of_ones_own(folder):
    """Three questions; no brace is left, no number is missing, and another table makes other words of each."""
    asked, talks = classroom.read_oral(folder)
    assert len(talks.questions) == 3
    own = [
        classroom.variant(asked, secret=SECRET, assignment=folder.name, student=student).data for student in ("a", "b")
    ]
    one, other = (classroom.oral_questions(asked, talks, data) for data in own)
    for mine, theirs in zip(one, other, strict=True):
        assert not re.search(r"[{}]|nan|inf\b|None", " ".join(mine)), mine
        assert mine != theirs and all(mine)


def test_a_sheet_has_the_id_and_no_name(tmp_path, monkeypatch, capsys):
    """The command writes a page an assignment, with a sheet for each id of the roster and nothing else of it."""
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada Example\ns2,Grace Example\n")
    monkeypatch.setenv("SECRET", SECRET)
    given = ["--assignments", str(ROOT / "assignments"), "--only", "power-laws"]
    assert main(["class", *given, "--students", str(tmp_path / "roster.csv"), "--out", str(tmp_path / "class")]) == 0
    assert main(["oral", *given, "--class", str(tmp_path / "class")]) == 0
    page = (tmp_path / "class/oral/power-laws.html").read_text()
    assert page.count("<section>") == 2 and "power-laws: s1" in page and "power-laws: s2" in page
    assert "Example" not in page and "keep it" in capsys.readouterr().out
    assert not re.search(r"https?:|<script|src=", page)


def test_an_expression_that_fails_is_named_with_its_line(tmp_path):
    """An author who writes a name that is not there is told where."""
    folder = tmp_path / "small"
    folder.mkdir()
    ask = "question: q\nHow {much}?\ntext: 10 words\n    -> So.\n"
    (folder / "small.oral.txt").write_text(ask)
    (folder / "small.questions.txt").write_text('draw: data = {"x": [1.0]}\n' + ask)
    asked, talks = classroom.read_oral(folder)
    data = classroom.practice(asked, "small").data
    with pytest.raises(classroom.QuestionError, match=r"small.oral.txt:2: .*NameError.*much"):
        classroom.oral_questions(asked, talks, data)
