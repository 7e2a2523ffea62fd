"""Assignments: a table of one's own for each student, answers as data, and tolerances that tell methods apart."""

import itertools
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from scipy import stats
from scipy.optimize import brentq, curve_fit, least_squares, minimize_scalar

from scalinglib import classroom
from scalinglib.arguments import UnknownNameError
from tests.course import SECRET

ROOT = Path(__file__).resolve().parents[1]
# The capstone has laboratories in place of runs, and tests of its own.
FOLDERS = sorted(
    path.parent for path in (ROOT / "assignments").rglob("*.questions.txt") if path.parent.name != "capstone"
)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda path: path.name)
def source(request):
    return classroom.read_source(request.param)


def power_laws(data):
    """The numbers of "power laws" by another right method: curve_fit on the losses themselves, not on logarithms."""
    x = data.compute / 1e19
    (floor, scale, exponent), _ = curve_fit(
        lambda x, floor, scale, exponent: floor + scale * x**-exponent, x, data.loss, p0=(data.loss.min(), 0.5, 0.25)
    )
    return {
        "slope": np.polyfit(np.log10(data.compute), np.log10(data.loss), 1)[0],
        "exponent": exponent,
        "floor": floor,
        "two-decades-out": floor + scale * (100 * x.max()) ** -exponent,
        "halving": 2 ** (1 / exponent),
    }


def chinchilla(data):
    """The numbers of "chinchilla" by another right method: curve_fit on the losses, and searches for minima."""

    def law(sizes, E, A, alpha, B, beta):
        return E + A * (sizes[0] / 1e9) ** -alpha + B * (sizes[1] / 1e10) ** -beta

    fitted, _ = curve_fit(law, (data.N, data.D), data.loss, p0=(1.7, 0.4, 0.35, 0.4, 0.35), maxfev=50_000)
    E, A, alpha, B, beta = fitted

    def lowest(of, low, high):
        found = minimize_scalar(lambda x: of(np.exp(x)), bounds=(np.log(low), np.log(high)), method="bounded")
        return np.exp(found.x)

    def best(C):
        return lowest(lambda N: law((N, C / (6 * N)), *fitted), 1e6, 1e13)

    N = best(1e22)
    loss = law((N, 1e22 / (6 * N)), *fitted)

    def tokens(N):
        return 1e10 * (B / (loss - E - A * (N / 1e9) ** -alpha)) ** (1 / beta)

    least = 1e9 * (A / (loss - E)) ** (1 / alpha)
    return {
        "best-size": N / 1e9,
        "exponent": np.log(best(1e22) / best(1e20)) / np.log(100),
        "half-the-size": 3 * N * tokens(N / 2) / 1e22,
        "to-be-served": lowest(lambda N: 6 * N * tokens(N) + 2 * N * 1e13, 1.001 * least, N) / 1e9,
    }


def fitting(data):
    """The numbers of "fitting" by another right method: scipy's least_squares, with a soft penalty to find the run."""

    x, y, z = (np.log(data[name].to_numpy()) for name in ("N", "D", "loss"))

    def log_law(p, x, y):
        return np.log(np.exp(p[0]) + np.exp(p[1] - p[2] * (x - 20)) + np.exp(p[3] - p[4] * (y - 23)))

    def fit(chosen, **penalty):
        def residuals(p):
            return log_law(p, x[chosen], y[chosen]) - z[chosen]

        return least_squares(residuals, (0.5, -1, 0.35, -1, 0.35), x_scale="jac", xtol=1e-12, ftol=1e-12, **penalty)

    def best(p):
        top = np.log(1e24 / 6)
        return np.exp(minimize_scalar(lambda n: log_law(p, n, top - n), bounds=np.log([1e7, 1e16]), method="bounded").x)

    everything = np.ones(len(x), bool)
    odd = np.abs(log_law(fit(everything, loss="soft_l1", f_scale=0.005).x, x, y) - z).argmax()
    kept, every = fit(np.arange(len(x)) != odd), fit(everything)
    covariance = 2 * kept.cost / 34 * np.linalg.inv(kept.jac.T @ kept.jac)
    return {
        "which-run": data.run[odd],
        "alpha": kept.x[2],
        "standard-error": covariance[2, 2] ** 0.5,
        "best-size-moved": best(every.x) / best(kept.x),
    }


def emergence(data):
    """The numbers of "emergence" by another right method: curve_fit on the losses themselves, roots by search."""

    def law(x, scale, exponent):
        return scale * x**-exponent

    (scale, exponent), _ = curve_fit(law, data.compute / 1e19, data.loss, p0=(0.5, 0.25))
    k = int(data.digits[0])
    top = data.compute.max() / 1e19
    ten = brentq(lambda x: k * law(np.exp(x), scale, exponent) - np.log(10), np.log(top), np.log(top) + 20)
    share = np.exp(-law(top / 10, scale, exponent)) ** k
    expected = sum(row.questions * np.exp(-row.loss) ** k for row in data.itertuples())
    return {
        "one-digit": np.exp(-law(10 * top, scale, exponent)),
        "all-digits": np.prod([np.exp(-law(10 * top, scale, exponent))] * k),
        "ten-percent": np.exp(ten) / 100,
        "items": next(n for n in itertools.count(1) if stats.binom.pmf(0, n, share) <= 0.05),
        "more-than-expected": data.right.sum() / expected,
    }


def limits(data):
    """The numbers of "limits" by another right method: one fit of all six constants, and products of normals."""
    U, D = data.U.to_numpy() / 1e9, data.D.to_numpy() / 1e9

    def worth(R, D, U):
        return U * (1 + R * (1 - np.exp((1 - D / U) / R)))

    def law(N, worth, E, A, alpha, B, beta):
        return E + A * (N / 1e8) ** -alpha + B * worth**-beta

    def residuals(p):
        return np.log(law(data.N.to_numpy(), worth(np.exp(p[5]), D, U), *p[:5]) / data.loss.to_numpy())

    p = least_squares(residuals, (1.7, 0.7, 0.35, 1.0, 0.35, 2.0), x_scale="jac", xtol=1e-12, ftol=1e-12).x
    R = np.exp(p[5])
    ends = np.log([(data[f"{name}_low"][0], data[f"{name}_high"][0]) for name in ("power", "chips", "data", "latency")])
    each = [stats.norm(low / 2 + high / 2, (high - low) / 2 / stats.norm.ppf(0.9)) for low, high in ends]

    def above(x):
        return np.prod([one.sf(x) for one in each])

    return {
        "four-passes": worth(R, 4, 1),
        "last-worth-having": brentq(lambda n: np.exp((1 - n) / R) - 0.1, 1, 1000),
        "text-runs-out": law(1e8, worth(R, 160, 4), *p[:5]),
        "lowest-below": 1 - above(np.log(1e29)),
        "median-of-the-lowest": np.exp(brentq(lambda x: above(x) - 0.5, 50, 80)) / 1e29,
    }


METHODS = {
    "power-laws": power_laws,
    "chinchilla": chinchilla,
    "fitting": fitting,
    "emergence": emergence,
    "limits": limits,
}


def variant(source, student, secret=SECRET):
    return classroom.variant(source.questions, secret=secret, assignment=source.name, student=student)


def test_every_question_names_a_section_of_the_book():
    """What a report tells a student to read again is the title of a section, word for word."""
    chapters = (ROOT / "chapters").rglob("*.ipynb")
    notebooks = (nbformat.read(path, as_version=4).cells for path in chapters)
    titles = {title for cells in notebooks for cell in cells for title in re.findall(r"(?m)^# (.+)$", cell.source)}
    named = {
        (path.name, question.name): question.section
        for path in (ROOT / "assignments").rglob("*.questions.txt")
        for question in classroom.read_questions(path).questions
    }
    assert len(named) > 30 and {key: title for key, title in named.items() if title not in titles} == {}


def test_the_numbers_printed_are_those_of_the_practice_table(source):
    """What stands in the file of questions before each = is what the practice table gives."""
    wrong = [
        f"line {number.line}: printed {number.written}, the practice table says {got:.6g}"
        for number, got in source.practice.found.items()
        if not number.agrees(got)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_right_method_passes_and_each_named_mistake_does_not(source):
    """On 200 variants, in each question: another right method in 99 of 100, and each named mistake in none."""
    passed = {question.name: 0 for question in source.questions.questions if question.kind == "number"}
    for k in range(200):
        one = variant(source, f"s{k}")
        mine = METHODS[source.name](one.data)
        for name in passed:
            question = source.questions[name]
            passed[name] += classroom.mark(question, mine[name], one.found).outcome == "right"
            for option in question.options:
                if option.number and not option.right:
                    made = classroom.mark(question, one.found[option.number], one.found)
                    assert (made.outcome, made.points) == ("mistake", option.credit), (k, name, option.number)
    assert min(passed.values()) >= 198, passed


def test_a_variant_is_drawn_again_where_a_named_mistake_would_pass(tmp_path):
    """A table whose mistake lies within three tolerances of the answer is not given out, here one in three or so."""
    text = """draw: size = rng.uniform(1, 2)
draw: data = {"x": [size, 1.0]}

question: size
How large?
answer: 1.3 = data.x[0]
tolerance: 0.1
    -> Yes.
wrong: 1.0 = data.x[1]
    -> The other one.
else:
    -> No.
"""
    path = tmp_path / "size.questions.txt"
    path.write_text(text)
    questions = classroom.read_questions(path)
    drawn = [classroom.variant(questions, secret=SECRET, assignment="size", student=f"s{k}") for k in range(100)]
    assert min(one.data.x[0] for one in drawn) >= 1.3
    assert 15 <= sum(one.draws > 1 for one in drawn) <= 45
    path.write_text(text.replace('"x": [size, 1.0]', '"x": [1.1, 1.0]'))
    with pytest.raises(ValueError, match="in 100 draws a named mistake lay near the answer to 'size'"):
        classroom.variant(classroom.read_questions(path), secret=SECRET, assignment="size", student="s")


def test_a_variant_is_its_students_own_and_the_same_every_time(source):
    """Student, assignment and secret each make another table; nothing else does."""
    one, again, other, next_year = (
        variant(source, *given) for given in (("s1",), ("s1",), ("s2",), ("s1", SECRET + " next year"))
    )
    pd.testing.assert_frame_equal(one.data, again.data)
    assert one.token == again.token and one.found == again.found
    assert len({one.token, other.token, next_year.token}) == 3
    assert not np.allclose(one.data.loss, other.data.loss) and not np.allclose(one.data.loss, next_year.data.loss)
    assert re.fullmatch(r"[a-z2-7]{16}", one.token)


def test_the_table_hangs_on_the_secret_and_not_on_the_token(source, monkeypatch):
    """With every token made the same, tables stay what they were: a token and public code do not give a table."""
    before = variant(source, "s1").data
    monkeypatch.setattr("scalinglib.classroom.variants.token", lambda *_: "a" * 16)
    pd.testing.assert_frame_equal(variant(source, "s1").data, before)


@pytest.mark.parametrize("secret", ["", "short", None])
def test_a_secret_that_could_be_guessed_is_refused(source, secret):
    """A token tells when its secret is guessed, so a short one is refused, with a way to make a long one."""
    with pytest.raises(ValueError, match=r"secret must be 20 characters or more.*token_urlsafe"):
        variant(source, "s1", secret)


def code(files):
    return b"\n".join(files.values()).decode()


def test_the_students_copy_holds_no_expression_and_no_solution(source):
    """What gives an answer stands in no file of the student's, and each question has its cell to fill."""
    files = classroom.student_copy(source)
    for question in source.questions.questions:
        for number in question.numbers:
            assert number.expression not in code(files), number
        assert f'answer(\\"{question.name}\\", ...)' in code(files)
    for cell in source.notebook["cells"]:
        if "solution" in cell["metadata"].get("tags", ()):
            assert json.dumps("".join(cell["source"]))[1:-1] not in code(files)
    assert set(files) == {f"{source.name}{end}" for end in (".ipynb", ".form.json", "-practice.csv")} | {"AGENTS.md"}


def test_the_copies_read_well_without_the_book(source):
    """Both notebooks are valid, and nothing in them needs the book's build: no role, no fence with a directive."""
    for files in (classroom.student_copy(source), classroom.teacher_copy(source)):
        (name,) = [name for name in files if name.endswith(".ipynb")]
        notebook = nbformat.reads(files[name].decode(), as_version=4)
        nbformat.validate(notebook)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        for cell in notebook.cells:
            assert not re.search(r"\{[\w:-]+\}`|^```\{|question: ", cell.source, re.MULTILINE), cell.source


def laid_out(folder, source, files, own=None):
    for name, content in {**classroom.student_copy(source), **files}.items():
        (folder / name).write_bytes(content)
    if own:
        own.data.to_csv(folder / f"{source.name}-{own.token}.csv", index=False)
    return folder


def test_the_solution_is_right_when_it_is_run_as_a_student_would(source, tmp_path):
    """In a kernel, beside a table of one's own, the solved notebook declares every answer, and all are right."""
    own = variant(source, "s1")
    files = classroom.teacher_copy(source)
    folder = laid_out(tmp_path, source, files, own)
    notebook = nbformat.reads(files[f"{source.name}-solution.ipynb"].decode(), as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    declared = classroom.read_declared(folder / f"{source.name}-{own.token}.answers.json")
    marks = [
        classroom.mark(question, declared.answers.get(question.name), own.found)
        for question in source.questions.questions
    ]
    assert {one.outcome for one in marks} == {"right", "to read"}, marks


def test_feedback_is_of_value_on_the_practice_table_and_of_form_on_ones_own(source, tmp_path):
    """A mistake is named at once on the practice table; on a table of one's own nothing is said of the value."""
    question = source.questions.questions[1]
    name, first, mistake = question.name, source.questions.questions[0].name, question.options[1]
    work = classroom.open_assignment(laid_out(tmp_path, source, {}))
    assert work.token == "practice"
    right = work.answer(name, source.practice.found[question.options[0].number])
    assert f"On the practice table: right. {question.options[0].said}" in right
    assert f"not this. {mistake.said}" in work.answer(name, source.practice.found[mistake.number])
    assert f"not this. {question.options[-1].said}" in work.answer(name, 1e9)
    work = classroom.open_assignment(laid_out(tmp_path, source, {}, variant(source, "s1")))
    told = [work.answer(name, value) for value in (work.data.loss.min(), 1e9)]
    assert told[0] == told[1] and "practice" not in told[0] and f"still to come: {first}" in told[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("exponent", "0.34", "exponent must be a number; got '0.34'"),
        ("exponent", True, "exponent must be a number; got True"),
        ("exponent", float("nan"), "exponent must be a number; got nan"),
        ("exponent", [0.3, 0.4], "exponent must be a number"),
        ("is-it-real", 3, "is-it-real must be a text of 150 words at most; got 3"),
        ("is-it-real", "word " * 151, "got 151 words"),
        ("is-it-real", "  ", "got 0 words"),
        ("is-it-real", "x" * 5000, "got 1 words, 5000 characters"),
    ],
)
def test_an_answer_of_another_kind_is_refused_at_once(tmp_path, name, value, said):
    """What is no answer of the kind is refused by name, and what was kept before stays."""
    work = classroom.open_assignment(laid_out(tmp_path, classroom.read_source(ROOT / "assignments/power-laws"), {}))
    work.answer("exponent", 0.3)
    with pytest.raises(ValueError, match=re.escape(said)):
        work.answer(name, value)
    assert classroom.read_declared(tmp_path / "power-laws-practice.answers.json").answers == {"exponent": 0.3}


def test_the_students_copy_runs_from_top_to_bottom_as_it_is_given_out(source, tmp_path):
    """Before anything is answered every cell runs, each question says what it wants, and no file is made."""
    folder = laid_out(tmp_path, source, {})
    notebook = nbformat.read(folder / f"{source.name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    said = [
        output.data["text/plain"] for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output
    ]
    for question in source.questions.questions:
        wants = classroom.Asked.of(question).wants
        assert f"{question.name} has no answer yet: put {wants} in place of the dots." in said
    assert not list(folder.glob("*.answers.json"))


def test_a_name_that_is_not_asked_for_is_refused_with_the_nearest(tmp_path):
    """A misspelt name is not kept under that name."""
    work = classroom.open_assignment(laid_out(tmp_path, classroom.read_source(ROOT / "assignments/power-laws"), {}))
    with pytest.raises(UnknownNameError, match="did you mean 'exponent'"):
        work.answer("exponnent", 0.3)


def test_what_lies_beside_the_notebook_is_told_by_name(tmp_path):
    """No form, two tables, or a table that a browser has renamed: each is said, and none is guessed."""
    source = classroom.read_source(ROOT / "assignments/power-laws")
    with pytest.raises(FileNotFoundError, match=r"0 files \*\.form\.json"):
        classroom.open_assignment(tmp_path)
    own = variant(source, "s1")
    laid_out(tmp_path, source, {}, own)
    twin = tmp_path / f"power-laws-{own.token} (1).csv"
    twin.write_bytes(b"compute,loss\n1,2\n")
    with pytest.raises(ValueError, match=r"is no table of the course: its name is power-laws-TOKEN\.csv"):
        classroom.open_assignment(tmp_path)
    twin.rename(tmp_path / f"power-laws-{'a' * 16}.csv")
    with pytest.raises(ValueError, match="several tables of one's own"):
        classroom.open_assignment(tmp_path)


def test_a_notebook_that_does_not_ask_what_the_questions_say_is_refused(tmp_path):
    """An author who adds a question to one of the two files only is told."""
    folder = tmp_path / "power-laws"
    folder.mkdir()
    for path in (ROOT / "assignments/power-laws").iterdir():
        text = (
            path.read_text().replace("question: floor", "question: bottom")
            if path.suffix == ".txt"
            else path.read_text()
        )
        (folder / path.name).write_text(text)
    with pytest.raises(
        ValueError, match=r"power-laws\.ipynb asks slope, exponent, floor.* has slope, exponent, bottom"
    ):
        classroom.read_source(folder)


@pytest.mark.parametrize(
    ("given", "points", "outcome"),
    [
        ("a", 1, "mistake"),
        ("ac", 2, "right"),
        ("abc", 1, "mistake"),
        ("b", 0, "wrong"),
        ("ab", 0, "wrong"),
        ("CA", 2, "right"),
    ],
)
def test_a_set_has_its_share_for_each_right_choice(tmp_path, given, points, outcome):
    """Each right choice has its share, each wrong one takes one away, and why is said of those that are off."""
    path = tmp_path / "set.questions.txt"
    path.write_text("question: q\nWhich?\npoints: 2\n[x] A.\n  -> of a\n[ ] B.\n  -> of b\n[x] C.\n  -> of c\n")
    made = classroom.mark(classroom.read_questions(path).questions[0], given)
    assert (made.points, made.outcome) == (points, outcome)
    off = {"a", "c"} ^ set(given.lower())
    assert made.said == " ".join(f"of {letter}" for letter in sorted(off))
