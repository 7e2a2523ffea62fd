"""Grading: a class of 200 generated papers in each assignment, marked in one run; CPU time and memory.

``make grade-bench`` prints the table, ``SAVE=1`` keeps it. Time is of the processor, so that other work on the machine
counts little. Notebooks run again are the teacher's solutions, one an assignment, without the sandbox around them. Its
start is measured alone: what a sandbox's processes use is not told to who waits for it.
"""

import argparse
import csv
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from scalinglib import classroom

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "grading.csv"
SECRET = "the secret of a class that was never held"


def command(*words):
    """Run one command of the classroom in a process of its own: CPU seconds and the most memory in MB."""
    environment = {**os.environ, "SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    call = [sys.executable, "-m", "scalinglib.classroom", *words, "--assignments", str(ROOT / "assignments")]
    started = os.posix_spawn(sys.executable, call, environment)
    _, status, used = os.wait4(started, 0)
    if status:
        raise SystemExit(f"{' '.join(words)}: exit status {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def hand_in(folder, assignments, rng):
    """A file of answers for each seat: right ones, named mistakes, other numbers, and some that are missing."""
    import pandas as pd

    for seat in classroom.read_class(folder / "class"):
        questions = assignments[seat.assignment]
        found = classroom.values(questions, data=pd.read_csv(folder / "class" / "tables" / seat.table))
        answers = {}
        for question in questions.questions:
            kind = rng.choices(("right", "mistake", "other", "none"), (60, 20, 10, 10))[0]
            if kind == "none":
                continue
            if question.kind == "text":
                answers[question.name] = f"A text of student {seat.student}, who has thought about it."
            elif question.kind == "number":
                options = [one.number for one in question.options if one.number]
                chosen = options[0] if kind == "right" else rng.choice(options)
                answers[question.name] = 1e9 if kind == "other" else found[chosen]
            else:
                answers[question.name] = "a"
        declared = classroom.Declared(seat.assignment, seat.token, answers)
        classroom.write_declared(folder / "handed" / seat.student, declared)


def solved(folder, name):
    """CPU seconds of the teacher's solution, run again as a student's notebook, and whether it was reproduced."""
    source = classroom.read_source(ROOT / "assignments" / name)
    seat = next(one for one in classroom.read_class(folder / "class") if one.assignment == name)
    files = {key: content for key, content in classroom.student_copy(source).items() if not key.endswith(".ipynb")}
    files[seat.table] = (folder / "class" / "tables" / seat.table).read_bytes()
    path = folder / f"{name}.ipynb"
    path.write_bytes(classroom.teacher_copy(source)[f"{name}-solution.ipynb"])
    own, before = classroom.Declared(name, seat.token).file, children()
    told = classroom.rerun(path, {}, source.questions, files, answers_file=own, protected=False)
    if told != "yes":
        raise SystemExit(f"{name}: {told}")
    return children() - before


def children():
    """CPU seconds of the processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(count):
    """The rows of the table."""
    assignments = {
        path.parent.name: classroom.read_questions(path)
        for path in sorted((ROOT / "assignments").glob("*/*.questions.txt"))
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "roster.csv").write_text("\n".join(["id", *(f"s{k:03}" for k in range(count))]) + "\n")
        room = ["--class", f"{place}/class", "--out", f"{place}/out"]
        papers = count * len(assignments)
        drawn = command("class", "--students", f"{place}/roster.csv", "--out", f"{place}/class")
        hand_in(folder, assignments, random.Random(1))
        marked = command("grade", "--from", f"{place}/handed", *room)
        again = command("grade", "--question", "slope", *room)
        rows = [
            row(f"tables drawn, {count} students in {len(assignments)} assignments", papers, *drawn),
            row("papers marked, with reports and class page", papers, *marked),
            row("one question marked again", count, *again),
        ]
        # one that buys needs a ledger to run again
        alone = [name for name, questions in assignments.items() if not questions.played]
        rows += [row(f"notebook run again: {name}", 1, solved(folder, name), None) for name in alone]
        if classroom.refusal() == "":
            before = time.process_time() + children()
            for _ in range(10):
                classroom.refusal()
            rows.append(
                row("start of the sandbox, seen from outside", 10, time.process_time() + children() - before, None)
            )
    return rows


def row(what, count, seconds, memory):
    """One row: what, how many, CPU seconds in all and of each, and the most memory."""
    return [what, f"{count:,}", f"{seconds:.3g}", f"{seconds / count:.2g}", "" if memory is None else f"{memory:.0f}"]


def main():
    """Measure, print, and save where asked."""
    parser = argparse.ArgumentParser(prog="make grade-bench", description=__doc__.split("\n")[0])
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/grading.csv")
    parser.add_argument("--students", type=int, default=200)
    given = parser.parse_args()
    rows = [["what", "papers", "CPU seconds", "of each", "memory, MB"], *measure(given.students)]
    machine = describe()
    for one in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(one, (62, 7, 12, 8, 10), strict=True)).rstrip())
    print(f"on {machine['processor']}, Python {machine['python']}")
    if given.save:
        rows.append([f"on {time.strftime('%Y-%m-%d')}, {machine['processor']}, Python {machine['python']}", *[""] * 4])
        with open(RESULTS, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
