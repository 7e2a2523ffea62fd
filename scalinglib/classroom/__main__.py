"""``python -m scalinglib.classroom``: copies of the assignments, tables of a class, and its grades.

The secret of a course comes from the environment (SECRET), so that no list of processes shows it.
"""

import argparse
import csv
import io
import os
import sys
from pathlib import Path

from .. import __version__
from ..files import write_whole
from .copies import read_source, student_copy, teacher_copy
from .gradebook import fill
from .grading import grade
from .oral import oral_page, read_oral
from .pages import class_page, student_page, texts_page
from .reading import read_questions
from .roster import read_class, read_roster, write_class
from .sheets import sheet_text
from .texts import read_points, texts_sheet, with_points


def main(words=None) -> int:
    """Carry out one command; 2 for a call that cannot be carried out, with a line that says why."""
    given = _parser().parse_args(words)
    try:
        given.run(given)
    except (OSError, ValueError) as error:
        print(f"classroom: {error}", file=sys.stderr)
        return 2
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m scalinglib.classroom", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="command")
    copies = _command(commands, "copies", _copies, "write what students get, and what the teacher keeps")
    copies.add_argument("--out", type=Path, required=True, help="folder; students/ and teacher/ are made in it")
    copies.add_argument("--install", default=f"scalinglib=={__version__}", help="what pip installs on Colab")
    room = _command(commands, "class", _class, "draw every student's table under the SECRET of the environment")
    room.add_argument("--students", type=Path, required=True, help="CSV with a column id")
    room.add_argument(
        "--out", type=Path, required=True, help="folder of the class; each file of its tables/ goes to its student"
    )
    talks = _command(commands, "oral", _oral, "write sheets for talks, with each student's own numbers")
    talks.add_argument("--class", type=Path, required=True, dest="room", help="folder that 'class' wrote")
    marks = _command(commands, "grade", _grade, "mark what was handed in")
    marks.add_argument("--from", type=Path, required=True, dest="handed", help="folder with the files of answers")
    marks.add_argument("--class", type=Path, required=True, dest="room", help="folder that 'class' wrote")
    marks.add_argument("--out", type=Path, required=True, help="folder for marks.csv, the reports and the class page")
    marks.add_argument(
        "--gradebook", type=Path, help="a platform's own exported CSV, of which a filled copy is written"
    )
    marks.add_argument("--column", help="its column to fill")
    marks.add_argument("--key", help="its column with the ids of the roster")
    return parser


def _command(commands, name, run, said):
    command = commands.add_parser(name, help=said, description=said)
    command.add_argument("--assignments", type=Path, default=Path("assignments"), help="folder with a folder each")
    command.add_argument("--only", help="the name of one assignment")
    command.set_defaults(run=run)
    return command


def _folders(given):
    found = {
        path.name: path
        for path in sorted(given.assignments.glob("*"))
        if (path / f"{path.name}.questions.txt").is_file()
    }
    if given.only:
        found = {name: path for name, path in found.items() if name == given.only}
    if not found:
        raise ValueError(
            f"no assignment {given.only or ''} in {given.assignments}: NAME/NAME.questions.txt is looked for"
        )
    return found


def _questions(given):
    return {name: read_questions(path / f"{name}.questions.txt") for name, path in _folders(given).items()}


def _copies(given):
    for name, path in _folders(given).items():
        source = read_source(path)
        write_whole(given.out / "students" / name, student_copy(source, install=given.install))
        write_whole(given.out / "teacher" / name, teacher_copy(source))
        print(f"{name}: {given.out / 'students' / name} for students, {given.out / 'teacher' / name} for you")


def _class(given):
    secret = os.environ.get("SECRET", "")
    seats = write_class(given.out, _questions(given), read_roster(given.students), secret=secret)
    print(f"{len(seats)} tables in {given.out / 'tables'}; {given.out / 'tokens.csv'} says whose each is")


def _oral(given):
    seats, pages = read_class(given.room), {}
    for name, folder in _folders(given).items():
        own = [seat for seat in seats if seat.assignment == name]
        if own and read_oral(folder):
            pages[f"{name}.html"] = _bytes(oral_page(name, folder, own, given.room / "tables"))
    if not pages:
        raise ValueError(f"{given.room} has no table of an assignment with talks (NAME.oral.txt)")
    write_whole(given.room / "oral", pages)
    print(f"{', '.join(pages)} in {given.room / 'oral'}, a sheet a student; it answers what it asks, so keep it")


def _grade(given):
    assignments = _questions(given)
    given_out = {seat.assignment for seat in read_class(given.room)}
    if not given_out & set(assignments):
        drawn = ", ".join(sorted(given_out)) or "nothing"
        raise ValueError(f"{given.room} has tables for {drawn}, and not for {', '.join(assignments)}")
    assignments = {name: questions for name, questions in assignments.items() if name in given_out}
    sheet = given.out / "texts.csv"
    grades = with_points(grade(given.handed, given.room, assignments), read_points(sheet) if sheet.exists() else {})
    reports = {name: {} for name in assignments}
    for paper in grades.papers:
        name, student = paper.seat.assignment, paper.seat.student
        reports[name][f"{name}-{student}.html"] = _bytes(student_page(paper, assignments[name]))
    pages = {
        "marks.csv": _bytes(_marks(grades)),
        "class.html": _bytes(class_page(grades, assignments)),
        "texts.html": _bytes(texts_page(grades, assignments)),
        "texts.csv": _bytes(texts_sheet(grades)),
    }
    if given.gradebook:
        if len(assignments) > 1 or not given.column or not given.key:
            raise ValueError("--gradebook goes with --column, --key and the --only assignment of that column")
        points = {paper.seat.student: paper.points for paper in grades.papers if paper.file}
        export = sheet_text(given.gradebook)
        pages["gradebook.csv"] = _bytes(fill(export, points, column=given.column, key=given.key))
    for name, own in reports.items():
        # a folder each: "a" of student "b-s1" and "a-b" of "s1" are one name
        write_whole(given.out / "reports" / name, own)
    write_whole(given.out, pages)
    handed = sum(bool(paper.file) for paper in grades.papers)
    unread = sum(one.outcome == "to read" for paper in grades.papers for one in paper.marks)
    rest = f"{len(grades.strays)} files belong to nobody, {unread} texts are to be read"
    print(f"{handed} of {len(grades.papers)} papers marked, {rest}; {given.out / 'class.html'}")


def _marks(grades):
    """A row an answer; a text that nobody has read yet has no points."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["id", "assignment", "question", "outcome", "points", "of"])
    for paper in grades.papers:
        for one in paper.marks:
            points = "" if one.outcome == "to read" else f"{one.points:g}"
            sheet.writerow([paper.seat.student, paper.seat.assignment, one.name, one.outcome, points, f"{one.of:g}"])
    return out.getvalue()


def _bytes(text):
    # half of a pair of code units, which a file of answers may hold, is no text
    return text.encode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
