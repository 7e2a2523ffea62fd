"""Running a notebook again: in the sandbox, to say whether it declares what its student handed in, and nothing else."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from ..arguments import unknown_name
from ..files import write_whole
from .asked import Asked
from .bubblewrap import refusal
from .cells import BEGUN, CELLS
from .copies import Source, student_copy
from .declared import LARGEST, Declared, parsed
from .grading import Grades, Paper, answers_of
from .handed import plain_bytes
from .market import Market
from .notebooks import LARGEST_NOTEBOOK, code_cells, found_notebooks
from .reading import Questions
from .roster import read_class
from .sandbox import Limits, SandboxError, run_python

__all__ = ["REASONS", "reproduced", "rerun"]

REASONS = {
    "none": "no notebook was handed in that names your table or lies beside your answers",
    "several": "more than one notebook was handed in; hand in one",
    "link": "what was handed in is a link and no file",
    "notebook": "the file is no notebook: save it from Jupyter and hand in what has the ending .ipynb",
    "kernel": "the notebook is for another language than Python",
    "failed": "a cell raised an error: restart the kernel, run all cells, and mend the first that fails",
    "crashed": "the process ended before the last cell did",
    "time": "it did not end in the time that it had",
    "memory": "it wanted more memory than it had",
    "processes": "it started more processes than it may",
    "output": "it printed more than it may",
    "answers": "run from top to bottom it declares not all of the answers that you handed in",
    "differs": "run from top to bottom it declares other answers than those that you handed in",
}
_NEAR = 0.02  # of several numbers in one answer, as the ends of intervals
_LIMITED = ("time", "memory", "processes", "output")
_START = "import sys; from scalinglib.classroom.cells import main; main(sys.argv[1:])"


def rerun(
    notebook: str | os.PathLike,
    answers: Mapping[str, object],
    questions: Questions,
    files: Mapping[str, bytes],
    *,
    answers_file: str,
    limits: Limits | None = None,
    protected: bool = True,
) -> str:
    """Run one notebook again, and say "yes" where it declares the answers that were handed in, or "no: " and a word.

    Numbers are the same within the tolerance of their question (2% for several in one answer), so that a bootstrap
    without a seed is no fault. What a notebook forges here is only a declaration: marks come from elsewhere.

    Parameters
    ----------
    notebook : str or path
    answers : mapping
        Name -> what was handed in.
    questions : Questions
    files : mapping
        Name -> bytes of what lies beside the notebook: the course's own form, and the student's table.
    answers_file : str
        The name of the file in which answers are declared.
    limits : Limits, optional
    protected : bool
        Whether in the sandbox, see `run_python`.

    Returns
    -------
    str
        "yes", or "no: " with a word for why.

    Raises
    ------
    SandboxError
        Where the sandbox does not start, for which no notebook is to blame.
    """
    cells = code_cells(notebook)
    if isinstance(cells, str):
        return f"no: {cells}"
    held = {"cells": cells, "answers": answers_file, "largest": LARGEST + 1}
    given = {**files, **_fonts(), CELLS: json.dumps(held).encode("utf-8", "replace")}
    ran = run_python(["-c", _START], given, limits=limits, protected=protected)
    before, begun, after = ran.told.partition(BEGUN)
    if not begun and ran.outcome != "time":
        said = before.decode("utf-8", "replace").strip()[:300]
        raise SandboxError(f"the sandbox did not start for {Path(notebook).name}: {said or ran.outcome}")
    if ran.outcome != "ended":
        return f"no: {ran.outcome}"
    outcome, _, content = after.partition(b"\n")
    if outcome != b"ran":
        return f"no: {outcome.decode()}" if outcome in (b"failed", b"memory") else "no: crashed"
    try:
        declared = parsed(content).answers
    except ValueError:
        return "no: answers"
    return _compared(answers, declared, questions)


def reproduced(
    grades: Grades,
    submissions: str | os.PathLike,
    room: str | os.PathLike,
    sources: Mapping[str, Source],
    *,
    kept: str | os.PathLike,
    limits: Limits | None = None,
    protected: bool = True,
    known_only: bool = False,
    workers: int = 1,
    market: Market | None = None,
) -> Grades:
    """Run each notebook of a class again; what has been run before, with the same answers and limits, is not.

    A notebook is that student's whose answers lie alone with it in a folder, or else whose table it names.

    Parameters
    ----------
    grades : Grades
    submissions, room : str or path
        As for `grade`.
    sources : mapping
        Name -> assignment.
    kept : str or path
        Folder for a small file a notebook, written as each ends: after a stop, the rest is run.
    limits, protected :
        As for `rerun`.
    known_only : bool
        Run nothing, and say what is kept.
    workers : int
        How many at a time.
    market : Market, optional
        Whose ledger a notebook finds in the place of the server that it bought from; without it such a notebook is
        not run.

    Raises
    ------
    SandboxError
        Where no sandbox can be had, with what mends that; nothing was run.
    """
    limits, kept, room = limits or Limits(), Path(kept), Path(room)
    if protected and not known_only and (why := refusal()):
        raise SandboxError(f"no notebook is run without a sandbox: {why}")
    everybody = {(seat.assignment, seat.token): "" for seat in read_class(room)}
    found, nobodys = found_notebooks(submissions, {**everybody, **answers_of(grades.papers)})
    strays = {f"{name}: {why}" for name, why in nobodys}
    copies = {name: student_copy(source) for name, source in sources.items()}

    def asked(paper):
        if not paper.file:
            return paper
        places = found.get((paper.seat.assignment, paper.seat.token), ())
        beside = [place for place in places if place.parent == (Path(submissions) / paper.file).parent]
        places = beside if len(beside) == 1 else places  # who handed in twice has another one elsewhere
        if len(places) != 1:
            why = "several" if places else "none"
            return paper if known_only else replace(paper, reproduced=f"no: {why}")
        source = sources.get(paper.seat.assignment)
        if source is None:
            raise unknown_name("assignment", paper.seat.assignment, sources)
        files = {name: content for name, content in copies[source.name].items() if not name.endswith(".ipynb")}
        if source.questions.played:
            if market is None:
                return paper
            content = json.dumps(market.kept(paper.seat.token)).encode()
            files[f"{source.name}-{paper.seat.token}.ledger.json"] = content
        files[paper.seat.table] = (room / "tables" / paper.seat.table).read_bytes()
        return replace(paper, reproduced=_once(paper, places[0], source, files, kept, limits, protected, known_only))

    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting = [pool.submit(asked, paper) for paper in grades.papers]
        try:
            papers = tuple(one.result() for one in waiting)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # those under way end, and are kept
            raise
    return Grades(papers, tuple(sorted({*grades.strays, *strays})))


def _once(paper: Paper, place, source, files, kept, limits, protected, known_only):
    """As it was kept, or run and kept."""
    mark = hashlib.sha256()
    try:
        mark.update(plain_bytes(place, LARGEST_NOTEBOOK))
    except (OSError, ValueError) as error:
        mark.update(str(error).encode())
    said = [paper.answers, {name: _hash(content) for name, content in files.items()}]
    mark.update(json.dumps(said, sort_keys=True).encode("utf-8", "replace"))
    own = Declared(paper.seat.assignment, paper.seat.token).file
    name, allowed = own.replace(".answers", ""), asdict(limits)
    try:
        known = json.loads((kept / name).read_text(encoding="utf-8"))
        # who is given more time, or memory, is tried again
        same = known["limits"] == allowed or known["reproduced"].removeprefix("no: ") not in _LIMITED
        if known["mark"] == mark.hexdigest() and (same or known_only):
            return known["reproduced"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    if known_only:
        return ""
    done = rerun(place, paper.answers, source.questions, files, answers_file=own, limits=limits, protected=protected)
    write_whole(kept, {name: json.dumps({"mark": mark.hexdigest(), "limits": allowed, "reproduced": done}).encode()})
    return done


def _hash(content):
    return hashlib.sha256(content).hexdigest()


def _compared(handed, declared, questions):
    asked = {question.name: question for question in questions.questions if question.name in handed}
    if not set(asked) <= set(declared):
        return "no: answers"
    return (
        "yes"
        if all(_same(question, handed[name], declared[name]) for name, question in asked.items())
        else "no: differs"
    )


def _same(question, one, other):
    try:
        one, other = (Asked.of(question).accepted(value) for value in (one, other))
    except ValueError:
        return one == other
    if question.kind == "numbers":  # they have no tolerance of their own
        pairs = zip(one.split(), other.split(), strict=True)
        return all(math.isclose(float(a), float(b), rel_tol=_NEAR) for a, b in pairs)
    if question.kind != "number":
        return one == other
    low, high = question.window(one)
    return low <= other <= high


def _fonts():
    """matplotlib's own list of fonts, which would take each notebook seconds to make again."""
    try:
        import matplotlib
    except ImportError:
        return {}
    return {path.name: path.read_bytes() for path in Path(matplotlib.get_cachedir()).glob("fontlist-v*.json")}
