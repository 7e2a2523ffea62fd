"""Grading: the graders are graded, with answers that are right, wrong, empty or hostile."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import SECRET, seat

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = {"power-laws": classroom.read_questions(ROOT / "assignments/power-laws/power-laws.questions.txt")}


@pytest.fixture
def room(tmp_path):
    """A class of four, with a roster that holds names."""
    roster = tmp_path / "roster.csv"
    roster.write_text("name,id\nAda Lovelace,s1\nAlan Turing,s2\nEmmy Noether,s3\nEvelyn Fox,s4\n")
    classroom.write_class(tmp_path / "class", QUESTIONS, classroom.read_roster(roster), secret=SECRET)
    (tmp_path / "handed").mkdir()
    return tmp_path


def right(room, student):
    """The right answers of a student."""
    table = pd.read_csv(room / "class/tables" / seat(room, student).table)
    found = classroom.values(QUESTIONS["power-laws"], data=table)
    return {
        question.name: found[question.options[0].number] if question.kind == "number" else "Runs further out."
        for question in QUESTIONS["power-laws"].questions
    }


def hand_in(room, student, answers, place=""):
    folder = room / "handed" / (place or student)
    return classroom.write_declared(folder, classroom.Declared("power-laws", seat(room, student).token, answers))


def graded(room):
    grades = classroom.grade(room / "handed", room / "class", QUESTIONS)
    return {paper.seat.student: paper for paper in grades.papers}, grades.strays


def test_right_wrong_partial_and_nothing(room):
    """Right answers have all points, a named mistake has its credit, other numbers and silence none."""
    answers = right(room, "s1")
    hand_in(room, "s1", answers)
    hand_in(room, "s2", {name: 1e9 if name != "is-it-real" else "" for name in answers})
    hand_in(room, "s3", {"slope": -right(room, "s3")["slope"]})
    papers, strays = graded(room)
    assert strays == ()
    assert {student: paper.points for student, paper in papers.items()} == {"s1": 11, "s2": 0, "s3": 1, "s4": 0}
    outcomes = {student: [one.outcome for one in paper.marks] for student, paper in papers.items()}
    assert outcomes["s1"] == ["right"] * 5 + ["to read"]
    assert outcomes["s2"] == ["wrong"] * 5 + ["refused"]
    assert outcomes["s3"] == ["mistake"] + ["missing"] * 5
    assert papers["s4"].notes == ("nothing was handed in",) and papers["s4"].file == ""


def test_the_answers_of_another_student_are_wrong(room):
    """Numbers that are right for one table are wrong for another, apart from chance."""
    hand_in(room, "s1", right(room, "s2"))
    papers, _ = graded(room)
    assert papers["s1"].points <= 4


HOSTILE = {
    "not JSON": b"answers = 1",
    "no text": b"\xff\xfe\x00\x01",
    "empty": b"",
    "a list": b"[1, 2]",
    "other keys": b'{"assignment": "power-laws", "answers": {}}',
    "more keys": b'{"assignment": "power-laws", "token": "aaaaaaaaaaaaaaaa", "answers": {}, "points": 99}',
    "a path for a token": b'{"assignment": "power-laws", "token": "../../class/tokens", "answers": {}}',
    "a list for an assignment": b'{"assignment": ["power-laws"], "token": "aaaaaaaaaaaaaaaa", "answers": {}}',
    "a guessed token": b'{"assignment": "power-laws", "token": "aaaaaaaaaaaaaaaa", "answers": {}}',
    "another assignment": b'{"assignment": "../power-laws", "token": "practice", "answers": {}}',
    "deep": b"[" * 100_000,
    "not a number": b'{"assignment": "power-laws", "token": "practice", "answers": {"slope": NaN}}',
    "a long number": b'{"assignment": "power-laws", "token": "practice", "answers": {"slope": ' + b"9" * 10_000 + b"}}",
    "an answer twice": b'{"assignment": "power-laws", "token": "practice", "answers": {"slope": 1, "slope": 2}}',
    "all twice": b'{"assignment": "power-laws", "token": "practice", "answers": {"slope": 1}, "answers": {"slope": 2}}',
    "huge": b" " * 3_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_is_none_is_told_and_stops_nothing(room, kind):
    """Each is listed with why, and the others are marked."""
    hand_in(room, "s1", right(room, "s1"))
    (room / "handed" / "bad.json").write_bytes(HOSTILE[kind])
    papers, strays = graded(room)
    assert papers["s1"].points == 11
    assert len(strays) == 1 and strays[0].startswith("bad.json: ")


def test_links_pipes_and_folders_are_not_followed(room):
    """A link to a good file, a pipe that nobody writes to, a circle of folders: none is read, and none waits."""
    path = hand_in(room, "s1", right(room, "s1"), "elsewhere")
    elsewhere = room / "kept.json"
    path.rename(elsewhere)
    (room / "handed/link.json").symlink_to(elsewhere)
    (room / "handed/round").symlink_to(room / "handed")
    (room / "handed/folder.json").mkdir()
    os.mkfifo(room / "handed/pipe.json")
    papers, strays = graded(room)
    assert papers["s1"].points == 0
    assert [one.partition(":")[0] for one in strays] == ["link.json", "pipe.json"]


VALUES = [True, None, [], {}, [[1]], "0.2", "", 1e308, -0.0, 10**300, "\ud800", "=1+1", "<script>", "\x00", ["a"] * 100]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_no_value_earns_a_point_or_stops_the_marking(room, value):
    """Whatever stands for an answer is right, wrong or refused; and the pages and the table can be written."""
    names = [question.name for question in QUESTIONS["power-laws"].questions]
    path = room / "handed/s1.json"
    held = {"assignment": "power-laws", "token": seat(room, "s1").token, "answers": dict.fromkeys(names, value)}
    path.write_text(json.dumps({**held, "answers": {**held["answers"], "total": 99, "__proto__": {}}}))
    papers, strays = graded(room)
    assert strays == () and papers["s1"].points == 0
    assert papers["s1"].notes == ("answers under names that are not asked for: 2",)
    words = [
        "--from",
        room / "handed",
        "--class",
        room / "class",
        "--out",
        room / "out",
        "--assignments",
        ROOT / "assignments",
    ]
    assert main(["grade", *map(str, words)]) == 0
    report = (room / "out/reports/power-laws/power-laws-s1.html").read_text(encoding="utf-8")
    assert "<script" not in report


def test_of_several_files_the_newest_counts_and_the_teacher_is_told(room):
    """A second hand-in replaces the first, wherever it lies, and the paper names the one left aside."""
    old = hand_in(room, "s1", {}, "first")
    new = hand_in(room, "s1", right(room, "s1"), "second")
    now = time.time()
    os.utime(old, (now - 100, now - 100))
    os.utime(new, (now, now))
    papers, _ = graded(room)
    assert papers["s1"].points == 11 and papers["s1"].file.startswith("second")
    assert papers["s1"].notes == (f"{old.relative_to(room / 'handed')} is older and was left aside",)


def test_a_name_that_a_platform_gave_the_file_does_not_matter(room):
    """Whose a file is stands in it: Canvas puts a name and numbers before it."""
    path = hand_in(room, "s1", right(room, "s1"))
    path.rename(room / "handed" / "lovelaceada_12345_678_power-laws.answers.json")
    assert graded(room)[0]["s1"].points == 11


@pytest.mark.parametrize("name", ["S1.JSON", "my.form.answers.json", "power-laws.form (1).json"])
def test_no_file_of_answers_is_passed_over(room, name):
    """Capital letters of a file system, or a name that looks like the form's, hide no answers."""
    path = hand_in(room, "s1", right(room, "s1"))
    path.rename(room / "handed" / name)
    assert graded(room)[0]["s1"].points == 11


@pytest.mark.parametrize("name", ["s1.answers.json.txt", "s1.answers.txt"])
def test_an_ending_that_a_system_put_behind_the_name_is_no_fault(room, name):
    """Notepad saves as .txt, and Explorer hides it."""
    path = hand_in(room, "s1", right(room, "s1"))
    path.rename(room / "handed" / name)
    assert graded(room)[0]["s1"].points == 11


def test_what_is_packed_is_told_and_not_opened(room):
    """A folder that a student has zipped, as some systems do by themselves, would else be passed over in silence."""
    (room / "handed/s1.ZIP").write_bytes(b"PK")
    (room / "handed/readme.txt").write_text("Hello.")
    assert graded(room)[1] == ("s1.ZIP: packed; unpack it",)


def test_a_mark_that_an_editor_puts_before_the_text_is_no_fault(room):
    """Notepad saves UTF-8 with three bytes before it."""
    path = hand_in(room, "s1", right(room, "s1"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert graded(room)[0]["s1"].points == 11


def test_the_path_from_a_roster_to_the_marks(room, capsys, monkeypatch):
    """Copies, class and grade as commands: ids and no names in what they write, and one column of the export filled."""
    out, handed = room / "run", room / "handed"
    monkeypatch.setenv("SECRET", SECRET)
    common = ["--assignments", str(ROOT / "assignments")]
    assert main(["copies", "--out", str(out / "copies"), *common]) == 0
    words = [
        "class",
        "--students",
        str(room / "roster.csv"),
        "--out",
        str(out / "class"),
        "--only",
        "power-laws",
        *common,
    ]
    assert main(words) == 0
    again = {path.name: path.read_bytes() for path in (room / "class/tables").iterdir()}
    assert {path.name: path.read_bytes() for path in (out / "class/tables").iterdir()} == again
    hand_in(room, "s1", {**right(room, "s1"), "is-it-real": "<img src=x onerror=alert(1)>"})
    hand_in(room, "s2", {"slope": -right(room, "s2")["slope"]})
    export = room / "export.csv"
    export.write_text(
        'Student,ID,A1 (11)\n    Points Possible,,11\n"Lovelace, Ada",s1,\n=cmd(),s2,\n"Noether, E",s3,\n'
    )
    options = ["--gradebook", str(export), "--column", "A1 (11)", "--key", "ID", "--only", "power-laws"]
    words = [
        "grade",
        "--from",
        str(handed),
        "--class",
        str(out / "class"),
        "--out",
        str(out / "grades"),
        *common,
        *options,
    ]
    assert main(words) == 0
    assert "2 of 4 papers marked, 0 files belong to nobody" in capsys.readouterr().out
    filled = list(csv.reader(io.StringIO((out / "grades/gradebook.csv").read_text())))
    assert [row[2] for row in filled] == ["A1 (11)", "11", "11", "1", ""]
    assert filled[3][0] == "'=cmd()" and filled[2][0] == "Lovelace, Ada"
    rows = pd.read_csv(out / "grades/marks.csv")
    assert rows.groupby("id").points.sum().to_dict() == {"s1": 11, "s2": 1, "s3": 0, "s4": 0}
    texts = (out / "grades/texts.html").read_text()
    assert "&lt;img src=x" in texts and "<img" not in texts
    shown = (out / "grades/class.html").read_text()
    assert "The line falls, so its slope has a minus." in shown and "2 of 4 handed in" in shown
    assert "chinchilla" not in shown
    written = "".join(path.read_text() for path in out.rglob("*") if path.is_file() and path.name != "gradebook.csv")
    assert not re.search("Lovelace|Turing|Noether", written) and SECRET not in written


def test_points_of_texts_are_kept_until_the_text_changes(room):
    """What a person writes on the sheet counts in the next marking and stays there; a new text waits to be read."""
    words = [
        "--from",
        room / "handed",
        "--class",
        room / "class",
        "--out",
        room / "out",
        "--assignments",
        ROOT / "assignments",
    ]
    words = ["grade", *map(str, words)]
    hand_in(room, "s1", right(room, "s1"))
    hand_in(room, "s2", right(room, "s2"))
    assert main(words) == 0
    sheet = room / "out/texts.csv"
    lines = sheet.read_text().splitlines()
    assert len(lines) == 3 and lines[1].startswith("s1,power-laws,is-it-real,t") and lines[1].endswith(",,2")
    for written, code in (("1.5", 0), ("3", 2), ("much", 2), ("-1", 2), ("nan", 2)):
        sheet.write_text("\n".join([lines[0], lines[1].replace(",,2", f",{written},2"), lines[2]]))
        assert main(words) == code, written
    sheet.write_text("\n".join([lines[0], lines[1].replace(",,2", ",1.5,2"), lines[2].replace(",,2", ",2,2")]))
    hand_in(room, "s2", {**right(room, "s2"), "is-it-real": "Another text."})
    assert main(words) == 0
    points = pd.read_csv(room / "out/marks.csv").groupby("id").points.sum().to_dict()
    assert points == {"s1": 12.5, "s2": 11, "s3": 0, "s4": 0}
    assert [line.split(",")[4] for line in sheet.read_text().splitlines()[1:]] == ["1.5", ""]
    report = (room / "out/reports/power-laws/power-laws-s1.html").read_text()
    assert "12.5 of 13 points" in report and "is-it-real: read by a person, 1.5 of 2" in report


def test_a_whole_folder_may_be_handed_in(room):
    """The form and the notebook beside the answers are no faults."""
    source = classroom.read_source(ROOT / "assignments/power-laws")
    path = hand_in(room, "s1", right(room, "s1"))
    for name, content in classroom.student_copy(source).items():
        (path.parent / name).write_bytes(content)
    papers, strays = graded(room)
    assert papers["s1"].points == 11 and strays == ()


def test_a_report_says_what_was_right(room):
    """A student reads what the answer was for their own table, and why theirs is not it."""
    hand_in(room, "s2", {"slope": -right(room, "s2")["slope"]})
    page = classroom.student_page(graded(room)[0]["s2"], QUESTIONS["power-laws"])
    assert "slope: a known mistake, 1 of 2" in page and "The line falls, so its slope has a minus." in page
    assert f"For your table it is {right(room, 's2')['slope']:.4g}." in page
    assert "To read again in the book: <em>A straight line and what it promises</em>." in page
    hand_in(room, "s3", right(room, "s3"))
    assert "To read again" not in classroom.student_page(graded(room)[0]["s3"], QUESTIONS["power-laws"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nAda\n", "a column 'id' is needed"),
        ("", "a column 'id' is needed"),
        ("id\ns1\n../x\n", "row 3: an id is of letters"),
        ("id\n=1+1\n", "row 2: an id is of letters"),
        ("id\ns1\nS1\n", "row 3: a second 'S1'"),
        ("id,x\n,1\n", "row 2: an id is of letters"),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused(tmp_path, text, said):
    """An id that is missing, doubled, a path or a formula is named with its row."""
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ValueError, match=re.escape(said)):
        classroom.read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["class", "--students", "roster.csv"], "secret must be 20 characters or more"),
        (["class", "--students", ""], "no roster .: STUDENTS names a CSV"),
        (["grade", "--from", "nowhere", "--class", "class"], "no folder nowhere"),
        (["grade", "--from", ".", "--class", "nowhere"], "no tokens.csv in nowhere"),
        (["copies", "--only", "magic"], "assignments: there are capstone, chinchilla"),
    ],
)
def test_a_call_that_cannot_be_carried_out_says_why(room, words, said, capsys, monkeypatch):
    """Exit code 2 and one line, and nothing is written."""
    monkeypatch.chdir(room)
    monkeypatch.delenv("SECRET", raising=False)
    assert main([*words, "--out", "out", "--assignments", str(ROOT / "assignments")]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (room / "out").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict(column="A2"), "column must be one of the export's columns, 'ID', 'A1'; got 'A2'"),
        (dict(points={"s9": 1}), "no row of the export has 'ID' s9"),
    ],
)
def test_an_export_that_does_not_fit_is_refused(change, said):
    """A column that would be made anew by the platform, and points that would be lost, are refused."""
    given = {"points": {"s1": 1.0}, "column": "A1", "key": "ID", **change}
    with pytest.raises(ValueError, match=re.escape(said)):
        classroom.fill("ID,A1\ns1,\n", given.pop("points"), **given)


def test_the_command_is_a_module(tmp_path):
    """`python -m scalinglib.classroom` is what the Makefile calls."""
    done = subprocess.run(
        [sys.executable, "-m", "scalinglib.classroom", "--help"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert all(word in done.stdout for word in ("copies", "class", "grade"))
