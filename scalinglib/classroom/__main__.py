"""``python -m scalinglib.classroom``: copies of the assignments, tables of a class, and its grades.

The secret of a course comes from the environment (SECRET), so that no list of processes shows it.
"""

import argparse
import csv
import io
import os
import sys
from dataclasses import replace
from pathlib import Path

from .. import __version__
from ..files import write_whole
from .copies import read_source, student_copy, teacher_copy
from .game import add_commands
from .gradebook import fill
from .grading import NOTHING, grade
from .market import Market
from .oral import oral_page, read_oral
from .pages import class_page, student_page, texts_page
from .reading import read_questions
from .record import read_record, record_of, regraded, unchanged
from .rerun import reproduced
from .roster import read_class, read_roster, write_class
from .rubric import read_rubric, read_times
from .sandbox import UNPROTECTED, Limits, SandboxError
from .sheets import sheet_text
from .texts import read_points, texts_sheet, with_points

RECORD = "record.json"


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
    _options_of_grade(_command(commands, "grade", _grade, "mark what was handed in"))
    add_commands(commands)
    return parser


def _options_of_grade(marks):
    marks.add_argument("--from", type=Path, dest="handed", help="folder with the files of answers")
    marks.add_argument("--class", type=Path, required=True, dest="room", help="folder that 'class' wrote")
    marks.add_argument("--out", type=Path, required=True, help="folder for marks.csv, the reports and the class page")
    marks.add_argument("--rubric", type=Path, help="rules for late papers and for several files of one student")
    marks.add_argument("--times", type=Path, help="CSV with id, assignment, handed: when papers came")
    marks.add_argument("--question", help="mark this one again, by the answers of the last grading, and nothing else")
    marks.add_argument("--rerun", action="store_true", help="run each notebook again, in a sandbox")
    marks.add_argument("--seconds", type=float, default=Limits.seconds, help="for each notebook")
    marks.add_argument("--workers", type=int, default=1, help="notebooks at a time")
    marks.add_argument("--unprotected", metavar="WORDS", help="run notebooks where no sandbox can be had")
    marks.add_argument("--gradebook", type=Path, help="a platform's own exported CSV, to be filled")
    marks.add_argument("--column", help="its column to fill")
    marks.add_argument("--key", help="its column with the ids of the roster")


def _command(commands, name, run, said):
    command = commands.add_parser(name, help=said, description=said)
    command.add_argument("--assignments", type=Path, default=Path("assignments"), help="folder with a folder each")
    command.add_argument("--only", help="the name of one assignment")
    command.set_defaults(run=run)
    return command


def _all(given):
    """Every assignment there is: name -> folder."""
    paths = sorted(given.assignments.glob("*"))
    return {path.name: path for path in paths if (path / f"{path.name}.questions.txt").is_file()}


def _folders(given, names=None):
    """The assignments of these names, or of the one that --only says, or all."""
    there = _all(given)
    wanted = names or ({given.only} if given.only else set(there))
    found = {name: path for name, path in there.items() if name in wanted}
    if not found:
        said = ", ".join(sorted(wanted))
        known = f"there are {', '.join(there)}" if there else "NAME/NAME.questions.txt is looked for"
        raise ValueError(f"no assignment {said} in {given.assignments}: {known}")
    return found


def _questions(given, names=None):
    return {name: read_questions(path / f"{name}.questions.txt") for name, path in _folders(given, names).items()}


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
            asked = read_oral(folder)[0]
            market = _market(given, {name: asked})
            if asked.played:
                own = _who_played(own, market)
            if own:
                pages[f"{name}.html"] = _bytes(oral_page(name, folder, own, given.room / "tables", market=market))
    if not pages:
        raise ValueError(f"{given.room} has no table of an assignment with talks (NAME.oral.txt)")
    write_whole(given.room / "oral", pages)
    print(f"{', '.join(pages)} in {given.room / 'oral'}, a sheet a student; it answers what it asks, so keep it")


def _who_played(seats, market):
    """The seats with a run in the ledger and a submission in every laboratory: a talk is about those."""
    done = market.submissions() if market else {}
    return [one for one in seats if all(done.get(one.student, [None])) and len(market.ledger(one.token)) > market.count]


def _grade(given):
    _agreed(given)
    if given.question:
        # whatever was marked is written again, with one mark a paper that may be another
        kept = read_record(given.out / RECORD)
        assignments = _questions(given, {paper.seat.assignment for paper in kept.papers})
        asked = {given.only: assignments[given.only]} if given.only in assignments else assignments
        having = {name: one for name, one in asked.items() if given.question in [own.name for own in one.questions]}
        market = _market(given, having)
        grades, changed = regraded(kept, given.room, asked, given.question, market=market)
    else:
        assignments = _of_the_class(given)
        rubric = read_rubric(given.rubric) if given.rubric else None
        times = read_times(given.times) if given.times else None
        market = _market(given, assignments)
        grades = grade(given.handed, given.room, assignments, rubric=rubric, times=times, market=market)
        changed = None
    if given.rerun or ((given.out / "reruns").is_dir() and not given.question):
        grades = _run_again(given, grades, market)
    sheet = given.out / "texts.csv"
    points = read_points(sheet) if sheet.exists() else {}
    grades = with_points(grades, points)
    handed = sum(bool(paper.file) for paper in grades.papers)
    unread = sum(one.outcome == "to read" for paper in grades.papers for one in paper.marks)
    rest = f"{len(grades.strays)} files belong to nobody, {unread} texts are to be read"
    again = f"{sum(paper.reproduced == 'yes' for paper in grades.papers)} reproduced, " if given.rerun else ""
    what = f"{handed} of {len(grades.papers)} papers marked" if changed is None else f"{changed} marks changed"
    if given.only and changed is None:
        kept = _marked_before(given)
        assignments = _questions(given, {*assignments, *(paper.seat.assignment for paper in kept)})
        for paper in kept:
            unchanged(paper, assignments)
        grades = with_points(replace(grades, papers=(*grades.papers, *kept)), points)
    _written(given, grades, assignments, points)
    print(f"{what}, {again}{rest}; {given.out / 'class.html'}")


def _marked_before(given):
    """The papers of other assignments than the one that --only names, as they were marked; what is there stays."""
    if not (given.out / RECORD).is_file():
        return []
    seats = {seat for seat in read_class(given.room) if seat.assignment in set(_all(given)) - {given.only}}
    return [paper for paper in read_record(given.out / RECORD).papers if paper.seat in seats]


def _market(given, assignments):
    """The market whose ledger lies in the folder of the class, if one of the assignments is played there."""
    ledger = given.room / "laboratory/ledger.sqlite"
    played = [name for name, questions in assignments.items() if questions.played]
    if not played:
        return None
    if not ledger.is_file():
        print(f"{', '.join(played)}: no {ledger}, so only texts are taken; lab-server or lab-orders writes it")
        return None
    if not (secret := os.environ.get("SECRET", "")):
        raise ValueError(
            f"{', '.join(played)} is marked by {ledger} under the SECRET of the environment; it is not set"
        )
    return Market(ledger, [seat.student for seat in read_class(given.room) if seat.assignment in played], secret=secret)


def _of_the_class(given):
    """The questions of the assignments that the class has tables for."""
    assignments = _questions(given)
    given_out = {seat.assignment for seat in read_class(given.room)}
    if not given_out & set(assignments):
        drawn = ", ".join(sorted(given_out)) or "nothing"
        raise ValueError(f"{given.room} has tables for {drawn}, and not for {', '.join(assignments)}")
    return {name: questions for name, questions in assignments.items() if name in given_out}


def _agreed(given):
    """Refuse options that would say nothing together."""
    fills = [given.gradebook, given.column, given.key]
    if any(fills) and not (all(fills) and given.only):
        raise ValueError("--gradebook, --column and --key go together, with the --only assignment of that column")
    if given.question and (given.rerun or given.rubric or given.times):
        raise ValueError(
            "--question marks one question again and touches nothing else: no --rerun, --rubric or --times"
        )
    if not given.question and not given.handed:
        raise ValueError("--from names the folder with the files that were handed in")
    if given.times and not given.rubric:
        raise ValueError("--times goes with the --rubric that says when papers are due")
    if given.unprotected is not None and (given.unprotected != UNPROTECTED or not given.rerun):
        raise ValueError(
            f"notebooks are run without a sandbox only with --rerun --unprotected '{UNPROTECTED}': they can then read, "
            "change and send whatever you can"
        )


def _run_again(given, grades, market):
    room = {paper.seat.assignment for paper in grades.papers}
    sources = {name: read_source(path) for name, path in _folders(given).items() if name in room}
    protected = given.unprotected is None
    options = {"kept": given.out / "reruns", "protected": protected, "workers": given.workers}
    options |= {"known_only": not given.rerun, "market": market}
    limits = Limits(seconds=given.seconds)
    try:
        return reproduced(grades, given.handed, given.room, sources, limits=limits, **options)
    except SandboxError as error:
        if not protected:
            raise
        raise SandboxError(
            f"{error}\n(or, for notebooks that you have read yourself: --unprotected '{UNPROTECTED}')"
        ) from None


def _written(given, grades, assignments, points):
    # an assignment from which nothing came is not due yet
    reports = {paper.seat.assignment: {} for paper in grades.papers if NOTHING not in paper.notes}
    for paper in grades.papers:
        name, student = paper.seat.assignment, paper.seat.student
        if name in reports:
            reports[name][f"{name}-{student}.html"] = _bytes(student_page(paper, assignments[name]))
    pages = {
        RECORD: record_of(grades),
        "marks.csv": _bytes(_marks(grades)),
        "class.html": _bytes(class_page(grades, assignments)),
        "texts.html": _bytes(texts_page(grades, assignments)),
        "texts.csv": _bytes(texts_sheet(grades, points)),
    }
    if given.gradebook:
        points = {
            paper.seat.student: paper.points
            for paper in grades.papers
            if paper.file and paper.seat.assignment == given.only
        }
        export = sheet_text(given.gradebook)
        pages["gradebook.csv"] = _bytes(fill(export, points, column=given.column, key=given.key))
    for name, own in reports.items():
        # a folder each: "a" of student "b-s1" and "a-b" of "s1" are one name
        write_whole(given.out / "reports" / name, own)
    write_whole(given.out, pages)


def _marks(grades):
    """A row an answer; what waits to be read or for a ledger has no points, a late paper a row of what it lost."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["id", "assignment", "question", "outcome", "points", "of"])
    for paper in grades.papers:
        whose = [paper.seat.student, paper.seat.assignment]
        for one in paper.marks:
            points = "" if one.outcome in ("to read", "waits") else f"{one.points:g}"
            sheet.writerow([*whose, one.name, one.outcome, points, f"{one.of:g}"])
        if paper.kept < 1:
            lost = paper.points - sum(one.points for one in paper.marks)
            sheet.writerow([*whose, "", "late", f"{lost:g}", "0"])
        if paper.reproduced:
            sheet.writerow([*whose, "", f"reproduced {paper.reproduced}", "", "0"])
    return out.getvalue()


def _bytes(text):
    # half of a pair of code units, which a file of answers may hold, is no text
    return text.encode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
