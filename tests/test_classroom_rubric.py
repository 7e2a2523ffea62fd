"""Rules of a course: what a late paper keeps, which of several counts, one question marked again, the grade book."""

import csv
import os
import re
from datetime import datetime

import pandas as pd
import pytest

from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import HALF, drawn, founded, seat

TEXT = f"""{HALF}
question: ten
How much?
points: 2
answer: 10 = float(data.x[1])
tolerance: 1
    -> Yes.
else:
    -> No.
"""
RULES = """# of this course
due laws: 2026-12-04 23:59
due laws, s2: 2026-12-11 23:59
late: 10% a day
until: 5 days
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An assignment, and a class of three."""
    founded(tmp_path, monkeypatch, {"laws": TEXT}, ["s1", "s2", "s3"])
    (tmp_path / "rules.txt").write_text(RULES)
    assert drawn() == 0
    return tmp_path


def hand_in(course, student, day, *, place="", wrong=(), more=()):
    """A file of answers as it came on a day of December 2026, at eight in the morning."""
    own = seat(course, student)
    x = pd.read_csv(course / "class/tables" / own.table).x
    answers = {"half": float(x[0]), "ten": 10.0} | dict.fromkeys(wrong, 99.0) | dict(more)
    folder = course / "handed" / (place or student)
    path = classroom.write_declared(folder, classroom.Declared("laws", own.token, answers))
    came = datetime(2026, 12, day, 8, 0).timestamp()
    os.utime(path, (came, came))
    return path


def graded(course, *more, code=0):
    words = ["grade", "--class", "class", "--out", "out", *more]
    assert main(words) == code
    kept = classroom.read_record(course / "out/record.json") if code == 0 else classroom.Grades((), ())
    return {paper.seat.student: paper for paper in kept.papers}


@pytest.mark.parametrize(
    ("student", "day", "points"),
    [("s1", 4, 4), ("s1", 5, 3.6), ("s1", 6, 3.2), ("s1", 9, 2), ("s1", 10, 0), ("s2", 10, 4), ("s2", 12, 3.6)],
)
def test_a_late_paper_keeps_what_the_rubric_says(course, student, day, points):
    """A tenth for each day begun, nothing after five, a date of one's own; the report and the sheet say so."""
    hand_in(course, student, day)
    paper = graded(course, "--from", "handed", "--rubric", "rules.txt")[student]
    assert paper.points == pytest.approx(points)
    report = (course / f"out/reports/laws/laws-{student}.html").read_text()
    assert ("late" in report) == (points < 4) and f"{points:g} of 4 points" in report
    assert pd.read_csv(course / "out/marks.csv").groupby("id").points.sum()[student] == pytest.approx(points)


@pytest.mark.parametrize(
    ("rules", "rows", "said"),
    [
        ("due lwas: 2026-12-04\n", "", "for lwas, and"),
        ("due laws, s9: 2026-12-04\n", "", "for laws, s9, and"),
        (RULES, "s9,laws,2026-12-05 12:00\n", "for laws, s9, and"),
    ],
)
def test_a_date_for_nobody_is_refused(course, capsys, rules, rows, said):
    """A slip in a name would else mean that no paper is late."""
    hand_in(course, "s1", 5)
    (course / "rules.txt").write_text(rules)
    (course / "times.csv").write_text(f"id,assignment,handed\n{rows}")
    graded(course, "--from", "handed", "--rubric", "rules.txt", "--times", "times.csv", code=2)
    assert said in capsys.readouterr().err


def test_one_assignment_is_marked_and_the_others_stay_as_they_were(course):
    """Another folder of papers, another assignment: marks, reports and points of texts of the first are still there."""
    asked = TEXT.partition("question: ten")[0] + "question: why\nWhy?\npoints: 2\ntext: 9 words\n    -> A reason.\n"
    (course / "assignments/more").mkdir()
    (course / "assignments/more/more.questions.txt").write_text(asked)
    assert drawn() == 0
    token = seat(course, "s1", "more").token
    classroom.write_declared(course / "handed", classroom.Declared("more", token, {"why": "Because."}))
    graded(course, "--from", "handed", "--only", "more")
    sheet = course / "out/texts.csv"
    sheet.write_text(sheet.read_text().replace(",,2", ",1.5,2"))
    (course / "later").mkdir()
    hand_in(course, "s1", 4).rename(course / "later/s1.json")
    graded(course, "--from", "later", "--only", "laws")
    points = pd.read_csv(course / "out/marks.csv").groupby(["id", "assignment"]).points.sum().to_dict()
    assert points["s1", "more"] == 1.5 and points["s1", "laws"] == 4
    page = (course / "out/class.html").read_text()
    assert "laws: 1 of 3 handed in" in page and "more: 1 of 3 handed in" in page
    assert "A good text has this: A reason." in (course / "out/reports/more/more-s1.html").read_text()
    assert ",1.5,2" in sheet.read_text()
    graded(course, "--from", "later")  # all, with the file of the other one away
    assert ",1.5,2" in sheet.read_text()
    sheet.write_text(sheet.read_text().replace(",1.5,2", ",1,2"))
    graded(course, "--from", "handed", "--only", "more")
    graded(course, "--from", "later", "--only", "laws")
    assert pd.read_csv(course / "out/marks.csv").points.sum() == 5


def test_a_sheet_of_times_is_believed_and_not_the_files(course):
    """An unpacked archive has the time at which it was unpacked."""
    hand_in(course, "s1", 31)
    (course / "times.csv").write_text("id,assignment,handed\ns1,laws,2026-12-05 12:00\n")
    words = ["--from", "handed", "--rubric", "rules.txt", "--times", "times.csv"]
    assert graded(course, *words)["s1"].points == pytest.approx(3.6)
    (course / "times.csv").write_text("id,assignment,handed\ns1,laws,on Saturday\n")
    graded(course, *words, code=2)


@pytest.mark.parametrize(("rule", "points"), [("newest", 0), ("first", 2), ("best", 3.6)])
def test_of_several_files_the_one_counts_that_the_rubric_says(course, rule, points):
    """The best is that after lateness; the paper names those left aside."""
    hand_in(course, "s1", 4, place="a", wrong=["half"])
    hand_in(course, "s1", 5, place="b")
    hand_in(course, "s1", 31, place="c")
    (course / "rules.txt").write_text(f"{RULES}several: {rule}\n")
    paper = graded(course, "--from", "handed", "--rubric", "rules.txt")["s1"]
    assert paper.points == pytest.approx(points)
    assert len([note for note in paper.notes if note.endswith("was left aside")]) == 2


@pytest.mark.parametrize(
    "line",
    [
        "due laws: soon",
        "late: 10%",
        "late: 200% a day",
        "until: five days",
        "several: all",
        "due laws: 2026-12-09",
        "grace: 1 day",
        "until",
    ],
)
def test_a_rule_that_is_none_is_refused_with_its_line(tmp_path, line):
    """Neither a word that is not known, nor a second date, is passed over."""
    (tmp_path / "rules.txt").write_text(f"{RULES}{line}\n")
    with pytest.raises(ValueError, match=r"^rules\.txt:6: "):
        classroom.read_rubric(tmp_path / "rules.txt")


def test_one_question_is_marked_again_and_nothing_else_is_touched(course, capsys):
    """Not the other question, though its answer changed in the file; not who handed in since; not the lateness."""
    hand_in(course, "s1", 5, wrong=["ten"])
    hand_in(course, "s2", 4)
    before = graded(course, "--from", "handed", "--rubric", "rules.txt")
    changed = TEXT.replace("tolerance: 1\n", "tolerance: 100\n").replace("float(data.x[0])", "77.0")
    (course / "assignments/laws/laws.questions.txt").write_text(changed)
    hand_in(course, "s3", 4)
    after = graded(course, "--question", "ten")
    assert "1 marks changed" in capsys.readouterr().out
    assert {one: paper.marks[0] for one, paper in before.items()} == {
        one: paper.marks[0] for one, paper in after.items()
    }
    assert [after["s1"].marks[1].outcome, before["s1"].marks[1].outcome] == ["right", "wrong"]
    assert after["s1"].points == pytest.approx(3.6) and after["s2"] == before["s2"] and after["s3"] == before["s3"]
    rows = pd.read_csv(course / "out/marks.csv")
    assert rows[rows.id == "s1"].points.sum() == pytest.approx(3.6)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--question", "ten"], "no out/record.json: mark the whole class first"),
        ([], "--from names the folder"),
        (["--from", "handed", "--column", "A1"], "--gradebook, --column and --key go together"),
        (["--from", "handed", "--gradebook", "e.csv", "--column", "A1", "--key", "ID"], "with the --only assignment"),
        (["--from", "handed", "--times", "t.csv"], "--times goes with the --rubric"),
        (["--question", "ten", "--rerun"], "touches nothing else"),
        (["--from", "handed", "--unprotected", "run them unprotected"], "only with --rerun"),
    ],
)
def test_options_that_say_nothing_together_are_refused(course, capsys, words, said):
    """None is silently left aside, and nothing is written."""
    graded(course, *words, code=2)
    assert said in capsys.readouterr().err
    assert not (course / "out").exists()


def test_a_question_that_is_not_there_or_changed_its_neighbours_is_refused(course, capsys):
    """A name that no assignment has, and a file with other questions than were marked."""
    hand_in(course, "s1", 4)
    graded(course, "--from", "handed")
    graded(course, "--question", "eleven", code=2)
    assert "the question 'eleven' is in none of laws" in capsys.readouterr().err
    text = TEXT.replace("question: half", "question: third")
    (course / "assignments/laws/laws.questions.txt").write_text(text)
    graded(course, "--question", "ten", code=2)
    assert "laws had other questions when it was marked" in capsys.readouterr().err
    (course / "out/record.json").write_text("{")
    graded(course, "--question", "ten", code=2)
    assert "record.json was damaged" in capsys.readouterr().err


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Laws (4711),Final Score
    Points Possible,,,,,4,(read only)
"Lovelace, Ada",1,u1,s1,A,,88
"=HYPERLINK(""http://x"")",2,u2,s2,A,,
"Noether, Emmy",3,u3,s3,A,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments
Participant 1,Ada Lovelace,s1,Submitted,,4.00,-,
Participant 2,+49 170 1234,s2,Submitted,,4.00,-,@SUM(A1)
Participant 3,Emmy Noether,s3,No submission,,4.00,-,-1
"""


@pytest.mark.parametrize(
    ("export", "column", "key", "escaped"),
    [
        (CANVAS, "Laws (4711)", "SIS Login ID", ['\'=HYPERLINK("http://x")']),
        (MOODLE, "Grade", "Email address", ["'+49 170 1234", "'@SUM(A1)"]),
    ],
    ids=["Canvas", "Moodle"],
)
def test_the_platforms_own_export_comes_back_with_one_column_filled(course, export, column, key, escaped):
    """Canvas and Moodle: all else as it was, save that no cell can become a formula; late papers as they count."""
    hand_in(course, "s1", 5)
    hand_in(course, "s2", 4, wrong=["ten"])
    (course / "export.csv").write_text(export)
    words = ["--from", "handed", "--rubric", "rules.txt", "--only", "laws"]
    graded(course, *words, "--gradebook", "export.csv", "--column", column, "--key", key)
    old = list(csv.reader(export.splitlines()))
    new = list(csv.reader((course / "out/gradebook.csv").read_text().splitlines()))
    at = old[0].index(column)
    whose = {row[old[0].index(key)]: row[at] for row in new}
    assert (whose["s1"], whose["s2"], whose["s3"]) == ("3.6", "2", "")
    differ = [
        b
        for one, two in zip(old, new, strict=True)
        for k, (a, b) in enumerate(zip(one, two, strict=True))
        if k != at and a != b
    ]
    assert differ == escaped
    assert not [cell for row in new for cell in row if re.match(r"\s*[=+@]", cell)]


def test_the_class_page_says_the_middle_of_the_class(course):
    """The median, with the spread of the middle half, and how many texts wait."""
    for student, wrong in (("s1", []), ("s2", ["ten"]), ("s3", ["ten", "half"])):
        hand_in(course, student, 4, wrong=wrong)
    (course / "handed/s3").rename(course / "away")
    graded(course, "--from", "handed")
    page = re.sub(r"<[^>]+>", " ", (course / "out/class.html").read_text())
    assert "Nothing came from s3." in page and re.search(r"s1\s+4\s+s2\s+2\s+s3\s+–", page)
    (course / "away").rename(course / "handed/s3")
    graded(course, "--from", "handed")
    page = (course / "out/class.html").read_text()
    assert "Median 2 of 4 points; half of the papers lie from 1 to 3." in page and "Nothing came" not in page
