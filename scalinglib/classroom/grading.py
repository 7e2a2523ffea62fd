"""Grading: a folder of declared answers against a class, without running anything of a student's."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .declared import Declared, plan_mark, read_declared
from .handed import found_files
from .market import Market
from .marking import Mark, mark
from .notebooks import declares, found_notebooks
from .question import Question
from .reading import Questions
from .roster import Seat, read_class
from .rubric import Rubric
from .values import values

__all__ = ["NOTHING", "Grades", "Paper", "answers_of", "grade", "marker"]

NOTHING = "nothing was handed in"
_LEDGER = "the ledger alone"

_WAITING = ("to read", "waits")  # outcomes whose points are open
_PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")


@dataclass(frozen=True)
class Paper:
    """What one student handed in, marked.

    Attributes
    ----------
    seat : Seat
    marks : tuple of Mark
        One a question, in order.
    file : str
        What was marked; empty where nothing was handed in.
    notes : tuple of str
        What the teacher should know: a second file, answers under names that are not asked for.
    answers : dict
        As they were declared.
    kept : float
        The share of its points that a late paper keeps.
    reproduced : str
        What running the notebook again said: "yes", "no: " and a word for why, or empty where that was not asked.
    """

    seat: Seat
    marks: tuple[Mark, ...]
    file: str = ""
    notes: tuple[str, ...] = ()
    answers: Mapping[str, object] = field(default_factory=dict)
    kept: float = 1.0
    reproduced: str = ""

    @property
    def points(self) -> float:
        """The points so far; texts have none until they are read."""
        return self.kept * sum(one.points for one in self.marks)

    @property
    def of(self) -> float:
        """The most points there are, without texts that are to be read and what waits for a ledger."""
        return sum(one.of for one in self.marks if one.outcome not in _WAITING)


@dataclass(frozen=True)
class Grades:
    """All papers of a class.

    Attributes
    ----------
    papers : tuple of Paper
        One a seat, in the order of the class.
    strays : tuple of str
        Files that belong to no seat, each with why.
    """

    papers: tuple[Paper, ...]
    strays: tuple[str, ...]


def grade(
    submissions: str | os.PathLike,
    room: str | os.PathLike,
    assignments: Mapping[str, Questions],
    *,
    rubric: Rubric | None = None,
    times: Mapping[tuple[str, str], float] | None = None,
    market: Market | None = None,
) -> Grades:
    """Mark every file of answers under a folder.

    A file says by its token whose it is, whatever its name. Of several with one token the newest counts, or the one
    that the rubric says, and the paper says so. A file that cannot be read is told among the strays and stops nothing.
    Where no answers came, a note says whether nothing did or a notebook, and whether an answer is declared in it.

    Parameters
    ----------
    submissions : str or path
        Searched for ``*.json`` at any depth; links are not followed.
    room : str or path
        The folder of `write_class`.
    assignments : mapping
        Name -> questions.
    rubric : Rubric, optional
        What late papers keep, and which of several counts.
    times : mapping, optional
        (assignment, student) -> when the paper came, of `read_times`; where left out the time of the file, or of the
        last row in the ledger.
    market : Market, optional
        Whose ledger has what was submitted in laboratories. Without it all but the texts of such an assignment waits;
        with it who submitted and handed nothing in is marked by it.

    Raises
    ------
    ValueError
        For a date of the rubric, or a time, of an assignment or a student that the class does not have.
    """
    room, rubric, times = Path(room), rubric or Rubric(), times or {}
    everybody = {(seat.assignment, seat.token): seat for seat in read_class(room)}
    _known(everybody.values(), [*rubric.due, *times])
    seats = {key: seat for key, seat in everybody.items() if seat.assignment in assignments}
    handed, strays = _collected(submissions, everybody)
    marks, last, papers = marker(room, market), market.last() if market else {}, []
    plans = market.plans() if market else {}
    for key, seat in seats.items():
        questions = assignments[seat.assignment]
        played = last.get(seat.student, 0.0) if questions.played else 0.0
        files = handed.get(key, ()) or ([(_LEDGER, {}, played)] if played else ())
        one = marks(seat, questions) if files else None
        plan = plans.get(seat.student) if questions.played else None
        came = times.get((seat.assignment, seat.student))
        each = [
            _marked(seat, questions, name, answers, one, rubric, max(time, played) if came is None else came, plan)
            for name, answers, time in files
        ]
        papers.append(_chosen(each, rubric.several) if each else _absent(seat, questions))
    # of the whole class, or with one assignment a notebook of another one would be nobody's
    found, nobodys = found_notebooks(submissions, {**dict.fromkeys(everybody, ""), **answers_of(papers)})
    papers = [_with_notebooks(paper, found, submissions) for paper in papers]
    answered = {Path(name).parent for files in handed.values() for name, *_ in files}
    # one that lies beside answers is nobody's only for who runs notebooks again
    strays += [f"{name}: {why}" for name, why in nobodys if Path(name).parent not in answered]
    return Grades(tuple(papers), tuple(sorted(strays)))


def answers_of(papers: Iterable[Paper]) -> dict[tuple[str, str], str]:
    """(assignment, token) -> the name of the file of answers, empty where none came."""
    return {(one.seat.assignment, one.seat.token): one.file if one.file != _LEDGER else "" for one in papers}


def marker(room: str | os.PathLike, market: Market | None) -> Callable[[Seat, Questions], Callable]:
    """A function from a seat and its questions to one that marks: from a question and all that was declared."""
    import pandas

    played = market.submissions() if market else {}

    def of(seat: Seat, questions: Questions) -> Callable[[Question, Mapping[str, object]], Mark]:
        own = played.get(seat.student)
        found = values(questions, data=pandas.read_csv(Path(room) / "tables" / seat.table), played=own)

        def marked(question, answers):
            if questions.played and own is None and question.kind != "text":
                said = "There is no ledger of the laboratories yet."
                return Mark(question.name, "waits", 0.0, question.points, said=said)
            return mark(question, own if question.kind == "laboratories" else answers.get(question.name), found)

        return marked

    return of


def _known(seats, named):
    """Refuse (assignment, student) that are nobody's: a rule for a name with a slip would hold for nobody."""
    there = {(seat.assignment, student) for seat in seats for student in ("", seat.student)}
    for one in named:
        if one not in there:
            said = ", ".join(filter(None, one))
            raise ValueError(f"a date or a time is for {said}, and the class has no table of that name")


def _collected(folder, seats):
    """(assignment, token) -> (name, answers, time) of its files, the newest first; and what belongs to nobody."""
    handed, strays = {}, [f"{name}: packed; unpack it" for _, name, _ in found_files(folder, *_PACKED)]
    for path, name, time in sorted(found_files(folder, ".json", ".txt"), key=lambda one: (-one[2], one[1])):
        if path.suffix.lower() == ".txt" and ".answers" not in path.name:  # some systems put .txt behind a name
            continue
        try:
            declared = read_declared(path)
        except (OSError, ValueError) as error:
            # who hands in the whole folder hands in the form as well
            if ".form" not in path.name:
                strays.append(f"{name}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        key = declared.assignment, declared.token
        if key in seats:
            handed.setdefault(key, []).append((name, declared.answers, time))
        else:
            practised = (
                "answers to the practice table" if declared.token == "practice" else "a token of nobody in this class"
            )
            strays.append(f"{name}: {practised}")
    return handed, sorted(strays)


def _marked(seat, questions, name, answers, one, rubric, time, plan):
    unknown = sorted(set(answers) - {question.name for question in questions.questions})
    kept, late = rubric.kept(seat.assignment, seat.student, time)
    notes = [late] if late else []
    if plan is not None and plan_mark(answers.get("plan")) != plan:
        notes.append("the plan is not the one that stood when the first run was bought")
    notes += [f"answers under names that are not asked for: {len(unknown)}"] if unknown else []
    marks = tuple(one(question, answers) for question in questions.questions)
    return Paper(seat, marks, name, tuple(notes), answers, kept)


def _chosen(papers, several):
    """Of the papers of one seat, the newest first, the one that counts; and which were left aside."""
    place = {"newest": 0, "first": len(papers) - 1, "best": max(range(len(papers)), key=lambda k: papers[k].points)}[
        several
    ]
    why = {"best": "has no more points"}
    aside = [
        f"{one.file} {why.get(several, 'is older' if at > place else 'is newer')} and was left aside"
        for at, one in enumerate(papers)
        if at != place
    ]
    return replace(papers[place], notes=(*aside, *papers[place].notes))


def _absent(seat, questions):
    # what is right for their table is not said: it may still come
    marks = tuple(replace(mark(question, None), right="") for question in questions.questions)
    return Paper(seat, marks, notes=(NOTHING,))


def _with_notebooks(paper, found, folder):
    """A paper without a file of answers, with what the notebooks of its student say without being run."""
    seat = paper.seat
    paths = found.get((seat.assignment, seat.token), ())
    if not paths or paper.file not in ("", _LEDGER):
        return paper
    came = ", ".join(str(path.relative_to(folder)) for path in paths)
    said = {declares(path) for path in paths}
    if said == {False}:
        why = "a notebook came in which no cell declares an answer"
    else:
        why = f"a notebook came without {Declared(seat.assignment, seat.token).file}, the file that is marked"
    return replace(paper, notes=(*(one for one in paper.notes if one != NOTHING), f"{why} ({came})"))
