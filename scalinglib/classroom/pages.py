"""Pages: a student's report, the class, and the texts to be read, as HTML that asks nothing of the network."""

from collections import Counter
from collections.abc import Mapping
from html import escape

import numpy as np

from .grading import NOTHING, Grades, Paper
from .hypertext import page, table
from .reading import Questions
from .rerun import REASONS

__all__ = ["class_page", "student_page", "texts_page"]

_SIGNS = {
    "right": "right",
    "partly": "partly right",
    "mistake": "a known mistake",
    "wrong": "not right",
    "missing": "no answer",
    "refused": "no answer of this kind",
    "to read": "to be read by a person",
    "waits": "waits for the ledger of the laboratories",
    "read": "read by a person",
}


def student_page(paper: Paper, questions: Questions) -> str:
    """What one student gets back: each answer, its points and why."""
    parts = [
        f"<h1>{escape(paper.seat.assignment)}: {escape(paper.seat.student)}</h1>",
        f"<p><strong>{paper.points:g} of {paper.of:g} points</strong>{_unread(paper)}</p>",
        *(f"<p>{escape(note)}.</p>" for note in paper.notes),
        _again(paper),
    ]
    if not paper.file:
        return page(f"{paper.seat.assignment}, {paper.seat.student}", parts)
    for question, one in zip(questions.questions, paper.marks, strict=True):
        points = "" if one.outcome in ("to read", "waits") else f", {one.points:g} of {one.of:g}"
        parts.append(f"<h2>{escape(one.name)}: {_SIGNS[one.outcome]}{points}</h2>")
        parts.append(f"<p>{escape(question.prompt)}</p>")
        if one.given is not None:
            parts.append(f"<pre>You answered: {escape(_shown(one.given, question))}</pre>")
        said = f"A good text has this: {question.options[0].said}" if one.outcome == "read" else one.said
        parts.append(f"<p>{escape(said)}</p>")
        if one.outcome != "right" and one.right != "":
            parts.append(f"<p>For your table it is {escape(_shown(one.right, question))}.</p>")
        if question.section and one.outcome not in ("right", "to read", "waits"):
            parts.append(f"<p>To read again in the book: <em>{escape(question.section)}</em>.</p>")
    return page(f"{paper.seat.assignment}, {paper.seat.student}", parts)


def class_page(grades: Grades, assignments: Mapping[str, Questions]) -> str:
    """The class: how points are spread, which questions failed most, which mistakes were made, what needs a look."""
    parts = ["<h1>The class</h1>"]
    for name, questions in assignments.items():
        papers = [paper for paper in grades.papers if paper.seat.assignment == name]
        handed = [paper for paper in papers if paper.file]
        parts.append(f"<h2>{escape(name)}: {len(handed)} of {len(papers)} handed in</h2>")
        missing = [paper.seat.student for paper in papers if NOTHING in paper.notes]
        if 0 < len(missing) < len(papers):
            parts.append(f"<p>Nothing came from {escape(', '.join(missing))}.</p>")
        if handed:
            parts += [_middle(handed), _spread(handed), _failed(handed, questions), _mistakes(handed), _reruns(handed)]
    parts.append(_points(grades, assignments))
    notes = [
        f"{paper.seat.student}, {paper.seat.assignment}: {note}"
        for paper in grades.papers
        for note in paper.notes
        if note != NOTHING
    ]
    parts += _listed("Papers to look at", notes) + _listed("Files that belong to nobody", grades.strays)
    return page("The class", parts)


def texts_page(grades: Grades, assignments: Mapping[str, Questions]) -> str:
    """Every free text, question by question, with what a good one has; names are not on it, ids are."""
    parts = [
        "<h1>Texts to read</h1>",
        "<p>Points are written into texts.csv, column points; mark again to add them.</p>",
    ]
    for name, questions in assignments.items():
        for question in (one for one in questions.questions if one.kind == "text"):
            texts = [
                f"<p><strong>{escape(paper.seat.student)}</strong></p><pre>{escape(one.given)}</pre>"
                for paper in grades.papers
                for one in paper.marks
                if (paper.seat.assignment, one.name) == (name, question.name) and one.outcome in ("to read", "read")
            ]
            if texts:
                parts.append(f"<h2>{escape(name)}, {escape(question.name)} ({question.points:g} points)</h2>")
                parts += [f"<p>{escape(question.prompt)}</p>", f"<p><em>{escape(question.options[0].said)}</em></p>"]
                parts += texts
    return page("Texts to read", parts)


def _shown(answer, question):
    return f"{answer:.4g} {question.unit}".strip() if isinstance(answer, float) else answer


def _unread(paper):
    waiting = {each: sum(one.of for one in paper.marks if one.outcome == each) for each in ("to read", "waits")}
    texts = f", and {waiting['to read']:g} more for texts that a person reads" if waiting["to read"] else ""
    return texts + (f", and {waiting['waits']:g} that wait for the laboratories' ledger" if waiting["waits"] else "")


def _again(paper):
    """What running the notebook again said, and what to do about a no."""
    if not paper.reproduced:
        return ""
    said, _, why = paper.reproduced.partition(": ")
    return f"<p>Reproduced from your notebook: {said}{f'; {REASONS[why]}' if why else ''}.</p>"


def _middle(papers):
    """Half of the papers have so many points or more, and what the middle half has."""
    waiting = sum(one.outcome == "to read" for paper in papers for one in paper.marks)
    rest = f" {waiting} text{'s wait' if waiting > 1 else ' waits'} for a reader." if waiting else ""
    if _open(papers):
        said = "What is submitted in laboratories is not marked: their ledger was not there."
        return f"<p><strong>{said}</strong>{rest}</p>"
    low, middle, high = np.percentile([paper.points for paper in papers], [25, 50, 75])
    return (
        f"<p>Median {middle:g} of {papers[0].of:g} points; half of the papers lie from {low:g} to {high:g}.{rest}</p>"
    )


def _open(papers):
    """Whether all but the texts waits for a ledger: no point is known, and none is lost."""
    return any(one.outcome == "waits" for paper in papers for one in paper.marks)


def _reruns(papers):
    """How many notebooks declared the answers that were handed in, and whose did not, by reason."""
    run = [paper for paper in papers if paper.reproduced]
    if not run:
        return ""
    rows = [("yes", "", sum(paper.reproduced == "yes" for paper in run))]
    for why, said in REASONS.items():
        if ids := [paper.seat.student for paper in run if paper.reproduced == f"no: {why}"]:
            rows.append((f"no: {why}", f"{said} ({', '.join(ids)})", len(ids)))
    return table("Reproduced from the notebook", ("reproduced", "why, and whose", "papers"), rows)


def _spread(papers):
    """How many papers have how many points, in ten steps."""
    if _open(papers):
        return ""
    steps = Counter(min(int(10 * paper.points / paper.of) if paper.of else 0, 9) for paper in papers)
    most = max(steps.values())
    rows = [
        (
            f"{10 * step} to {10 * step + 10}%",
            f'<span class="bar" style="width: {12 * steps[step] / most:.2f}rem"></span>',
            steps[step],
        )
        for step in range(10)
    ]
    return table("How the points are spread", ("points", "", "papers"), rows, raw=1)


def _failed(papers, questions):
    """Each question with the share of its points that was got, the hardest first."""
    if _open(papers):
        return ""
    rows = []
    for place, question in enumerate(questions.questions):
        marks = [paper.marks[place] for paper in papers]
        if question.kind != "text":
            got = sum(one.points for one in marks) / sum(one.of for one in marks)
            outcomes = Counter(one.outcome for one in marks)
            rows.append(
                (
                    got,
                    (
                        question.name,
                        *(outcomes[each] for each in ("right", "mistake")),
                        sum(outcomes[each] for each in ("partly", "wrong", "refused")),
                        outcomes["missing"],
                        f"{got:.0%}",
                    ),
                )
            )
    head = ("question", "right", "known mistake", "other", "none", "points got")
    return table("What failed most", head, [row for _, row in sorted(rows)])


def _points(grades, assignments):
    """A row a student: the points in each assignment so far, with a dash where nothing came."""
    got = {(paper.seat.student, paper.seat.assignment): paper for paper in grades.papers if paper.file}
    names = [name for name in assignments if any(name == one for _, one in got)]
    students = dict.fromkeys(paper.seat.student for paper in grades.papers)
    rows = [
        (student, *(f"{got[student, name].points:g}" if (student, name) in got else "–" for name in names))
        for student in students
    ]
    return table("Points so far", ("id", *names), rows) if names else ""


def _mistakes(papers):
    """The named mistakes, the commonest first, in the words that their makers get."""
    made = Counter((one.name, one.said) for paper in papers for one in paper.marks if one.outcome == "mistake")
    rows = [(name, said, count) for (name, said), count in made.most_common(10)]
    return table("Which mistakes were made", ("question", "likely misconception", "papers"), rows) if rows else ""


def _listed(title, lines):
    if not lines:
        return []
    return [f"<h2>{title}</h2>", "<ul>", *(f"<li>{escape(line)}</li>" for line in lines), "</ul>"]
