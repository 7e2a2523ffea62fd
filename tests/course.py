"""A course for the tests of classrooms: its secret, a question, and the folder in which a class is taught."""

from scalinglib import classroom
from scalinglib.classroom.__main__ import main

SECRET = "the secret of a course that is a test"
HALF = """draw: x = rng.normal()
draw: data = {"x": [x, 10.0]}

question: half
How much?
points: 2
answer: 0.5 = float(data.x[0])
tolerance: 0.1
    -> Yes.
else:
    -> No.
"""


def founded(folder, monkeypatch, assignments, students):
    """Go to a folder with assignments (name -> questions), a roster, and a place for what is handed in."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SECRET", SECRET)
    for name, text in assignments.items():
        (folder / "assignments" / name).mkdir(parents=True)
        (folder / "assignments" / name / f"{name}.questions.txt").write_text(text)
    (folder / "roster.csv").write_text("\n".join(["id", *students, ""]))
    (folder / "handed").mkdir()
    return folder


def drawn(*more):
    """The exit code of the command that draws the tables of the roster."""
    return main(["class", "--students", "roster.csv", "--out", "class", *more])


def seat(room, student, assignment=None):
    """The first seat of a student, or that in an assignment."""
    seats = classroom.read_class(room / "class")
    return next(one for one in seats if one.student == student and assignment in (None, one.assignment))
