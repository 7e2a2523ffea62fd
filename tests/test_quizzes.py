"""Quizzes: what the text may say, what it becomes in the page, and whether the book's own answers are true."""

import gzip
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
from py_mini_racer import MiniRacer

from _sphinx.tools import check
from _sphinx.tools.page import read_page
from scalinglib.classroom import Number, QuestionError, read_questions, values

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "chapters").rglob("*.quiz.txt"))
SCRIPT = ROOT / "_sphinx/static/quiz/quiz.js"
STYLE = SCRIPT.with_name("quiz.css")

SMALL = r"""# A note that nobody is shown.
with: two = 1 + 1

question: choose
First some context, with $x^2$.

Which of *these* is it?

( ) The first one.
    -> It is not, because of
       something on two lines.
(x) The second, 2 of them.
    -> It is.

check: 2 = two

question: type
How many at $10^{22}$?

answer: 9.05 = 18.1 / two
unit: billion
tolerance: 2%
    -> Yes.
wrong: 22.7 = 45.4 / two
    -> You forgot the 6.
wrong: 9.05e9 = 18.1e9 / two
    -> In billions, please.
else:
    -> Try again.
"""


def written(folder, text, name="page.quiz.txt"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_quiz_is_read(tmp_path):
    """Questions, answers, what is said to each, and the expressions are found; notes are left out."""
    quiz = read_questions(written(tmp_path, SMALL))
    choose, number = quiz.questions
    assert [question.name for question in quiz.questions] == ["choose", "type"]
    assert quiz.definitions == ((2, "two = 1 + 1"),)
    assert choose.prompt.split("\n\n") == ["First some context, with $x^2$.", "Which of *these* is it?"]
    assert [option.right for option in choose.options] == [False, True]
    assert choose.options[0].said == "It is not, because of something on two lines."
    assert [check.expression for check in choose.checks] == ["two"]
    assert (number.unit, number.tolerance, number.relative) == ("billion", 0.02, True)
    assert [option.number and option.number.value for option in number.options] == [9.05, 22.7, 9.05e9, None]
    assert number.window(number.options[0].number.value) == pytest.approx((8.869, 9.231))


def test_an_absolute_tolerance(tmp_path):
    """A tolerance without % is an amount, the same for a wrong answer of another size."""
    question = read_questions(written(tmp_path, SMALL.replace("tolerance: 2%", "tolerance: 0.1"))).questions[1]
    assert question.window(question.options[1].number.value) == pytest.approx((22.6, 22.8))


def test_the_mark_follows_the_words(tmp_path):
    """Another wording of a choice is another question for what a browser has kept; another feedback is not."""

    def mark(text):
        return read_questions(written(tmp_path, text)).questions[0].mark

    assert mark(SMALL) != mark(SMALL.replace("The first one.", "The third one."))
    assert mark(SMALL) == mark(SMALL.replace("something on two lines", "something else"))


CHOICE = "question: q\nWhich?\n\n( ) One.\n    -> No.\n(x) Two.\n    -> Yes.\n"
TYPED = "question: q\nHow many?\n\nanswer: 21.6 = 43.2 / 2\ntolerance: 2%\n    -> Yes.\nelse:\n    -> No.\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no question"),
        ("Some words.\n", 1, "belongs to nothing"),
        ("question: Two Words\n", 1, "small letters, digits and hyphens, not 'Two Words'"),
        (CHOICE + CHOICE, 8, "a second question named 'q'"),
        (CHOICE.replace("Which?\n", ""), 1, "without words"),
        ("question: q\nWhich?\n", 1, "no answers"),
        (CHOICE.replace("( ) One.\n    -> No.\n", ""), 1, "a single choice"),
        (CHOICE.replace("( )", "(x)"), 1, "2 right answers"),
        (CHOICE.replace("(x)", "( )"), 1, "0 right answers"),
        (CHOICE.replace("(x)", "(y)"), 6, "not '(y)'"),
        (CHOICE.replace("    -> No.\n", ""), 4, "nothing is said"),
        (CHOICE.replace("    -> No.\n", "    -> No.\n    -> No.\n"), 6, "a second '->'"),
        (CHOICE + "Left over.\n", 8, "belongs to nothing"),
        (CHOICE + "tolerence: 2%\n", 8, "'tolerence:' is not known here; allowed: with:, draw:, question:"),
        (CHOICE + "tolerance: 2%\n", 1, "belong to a question with 'answer:'"),
        (CHOICE + "check: 2\n", 8, "a number, '=' and what gives it"),
        (CHOICE + "check: two = 2\n", 8, "a number, '=' and what gives it"),
        (CHOICE + "with: a = 2\n", 8, "above the first question"),
        ("with: a b\n" + CHOICE, 1, "name = expression"),
        ("unit: m\n" + CHOICE, 1, "before the first question"),
        ("    -> Said.\n" + CHOICE, 1, "there is none above it"),
        (CHOICE.replace("Which?\n", "Which?\n    -> Said.\n"), 3, "there is none above it"),
        (TYPED.replace("tolerance: 2%\n", ""), 1, "needs 'tolerance:'"),
        (TYPED.replace("2%", "0%"), 5, "tolerance: an amount"),
        (TYPED.replace("2%", "little"), 5, "tolerance: an amount"),
        (TYPED.replace("2%", "0.1%"), 4, "finer than 21.6 is printed"),
        (TYPED.replace("else:\n    -> No.\n", ""), 1, "one 'else:'"),
        (TYPED.replace("else:", "else: 3"), 7, "stands alone"),
        (TYPED + "wrong: 9 = 3 * 3\n    -> No.\n", 1, "at its end"),
        (TYPED.replace("else:", "wrong: 22 = 11 * 2\n    -> No.\nelse:"), 7, "does not tell 22 from 21.6"),
        (TYPED + "( ) One.\n    -> No.\n", 1, "make two of it"),
    ],
)
def test_what_is_refused(tmp_path, text, line, said):
    """A text that a page could not ask, or could not answer, is refused with its file, its line and what to do."""
    with pytest.raises(QuestionError) as caught:
        read_questions(written(tmp_path, text))
    assert caught.value.line == line, caught.value
    assert said in str(caught.value) and str(caught.value).startswith(f"page.quiz.txt:{line}: ")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """A file in another encoding is refused by name, not read as something else."""
    (tmp_path / "page.quiz.txt").write_bytes("question: q\nWhat is 3 \u00d7 3?".encode("latin-1"))
    with pytest.raises(QuestionError, match="page.quiz.txt:1: not text in UTF-8"):
        read_questions(tmp_path / "page.quiz.txt")


@pytest.mark.parametrize(
    ("shown", "got", "agrees"),
    [
        ("21.6", 21.64, True),
        ("21.6", 21.66, False),
        ("9.98e20", 9.9846e20, True),
        ("9.98e20", 9.9746e20, False),
        ("27", 27, True),
        ("-11.7", -11.67, True),
        ("4e-6", 4.24e-6, True),
        ("0", 0.4, True),
    ],
)
def test_a_printed_number_agrees_when_it_rounds_so(shown, got, agrees):
    """A number is as printed when it comes out so, rounded to the digits that are printed."""
    assert Number(shown, "", 1).agrees(got) is agrees


CONF = """import sys
sys.path.insert(0, {sphinx!r})
extensions = ["myst_parser", "coursebook.maths", "coursebook.quizzes"]
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "katex-at-build"
html_static_path = [{static!r}]
html_favicon = {static!r} + "/favicon.svg"
html_theme = "basic"
"""


def build(folder, **quizzes):
    """A book with a page for each quiz; returns exit code, what was said, and the folder."""
    source = folder / "source"
    source.mkdir()
    sphinx = ROOT / "_sphinx"
    (source / "conf.py").write_text(CONF.format(sphinx=str(sphinx), static=str(sphinx / "static")))
    (source / "index.md").write_text("# Start\n\n```{toctree}\n" + "\n".join(quizzes) + "\n```\n")
    for name, quiz in quizzes.items():
        (source / f"{name}.md").write_text(f"# {name}\n\n```{{quiz}}\nFor notebooks.\n```\n")
        if quiz is not None:
            written(source, quiz, f"{name}.quiz.txt")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-n", "-q", source, folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr, folder / "html"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The small quiz as a page."""
    code, said, folder = build(tmp_path_factory.mktemp("quiz"), page=SMALL)
    assert code == 0, said
    return folder


def test_the_page_asks_in_fieldsets_with_legends(built):
    """Each question is a fieldset whose legend is the question; choices and the number have labels."""
    page = (built / "page.html").read_text()
    fieldsets = re.findall(r"<fieldset>\n<legend>(.*?)</legend>(.*?)</fieldset>", page, re.DOTALL)
    assert len(fieldsets) == 2
    assert fieldsets[0][0] == "Which of <em>these</em> is it?"
    assert (
        len(re.findall(r'<label class="quiz-choice"><input type="radio" name="quiz-choose" value="[ab]">', page)) == 2
    )
    assert re.search(
        r'<label class="quiz-entry">Your answer <input type="text"[^>]*> <span class="quiz-unit">billion', page
    )
    assert page.index("First some context") < page.index("<fieldset>")
    assert "A note that nobody" not in page and "For notebooks." not in page


def test_the_page_can_be_read_without_its_script(built):
    """Every answer and all that is said to it stands in a closed details element, the key in a line for print."""
    page = (built / "page.html").read_text()
    details = re.findall(r'<details class="quiz-answers">(.*?)</details>', page, re.DOTALL)
    assert len(details) == 2 and "<details open" not in page
    assert "something on two lines" in details[0] and "You forgot the 6." in details[1]
    assert "9.05 billion" in details[1] and "9.05 × 10<sup>9</sup> billion" in details[1]
    key = re.search(r'<p class="quiz-key">(.*?)</p>', page)[1]
    assert key == "Answers: 1: b; 2: 9.05 billion."


def test_the_page_passes_the_checks_of_pages(built):
    """No id twice, no maths left as source, nothing from another host."""
    page = read_page(built / "page.html")
    assert page.repeated_ids == set() and page.formula_errors == 0
    assert not check.RAW_TEX.search(page.prose)
    assert check.outside_in_script(SCRIPT.read_text()) == []


def test_a_fault_stops_the_build(tmp_path):
    """What is wrong with a quiz stops the build and names file and line; a quiz that is not there names the page."""
    code, log, _ = build(
        tmp_path,
        short=SMALL.replace("tolerance: 2%\n", ""),
        listed=SMALL.replace("The first one.", "- a list"),
        split=SMALL.replace("Yes.", "$$x$$"),
        several=SMALL.replace("( )", "[ ]").replace("(x)", "[x]"),
        absent=None,
    )
    assert code != 0
    lines = SMALL.splitlines()
    asked, chosen, yes = (lines.index(line) + 1 for line in ("question: type", "( ) The first one.", "    -> Yes."))
    assert f"short.quiz.txt:{asked}: WARNING: a number needs 'tolerance:'" in log, log
    assert f"listed.quiz.txt:{chosen}: WARNING: paragraphs only" in log, log
    assert f"split.quiz.txt:{yes}: WARNING: paragraphs only" in log, log
    assert "several.quiz.txt:4: WARNING: a page asks for one choice or a number" in log, log
    assert re.search(r"absent\.md:3: WARNING: no such quiz beside the chapter: absent\.quiz\.txt", log), log


@pytest.fixture(scope="module")
def script():
    """The page's script in an engine without a page."""
    with MiniRacer() as racer:
        racer.eval(SCRIPT.read_text(encoding="utf-8"))
        yield racer


@pytest.mark.parametrize(
    "kept", ['{"quiz-a": 5}', "5", "null", "", "[1, 2]", '"words"', '{"quiz-a": ["m", 5]}', "{not JSON"]
)
def test_what_others_put_into_the_drawer_is_no_answer(script, kept):
    """Only pairs of a mark and an answer come out of the browser's storage, whatever lies there."""
    assert script.execute(f"remembered({json.dumps(kept)})") == {}
    assert script.execute('remembered(\'{"quiz-a": 5, "quiz-b": ["m", "b"]}\')') == {"quiz-b": ["m", "b"]}


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("21.6", "", 21.6),
        (" .5 ", "", 0.5),
        ("1.2e3", "", 1200),
        ("1.2E+3", "", 1200),
        ("1,200", "", 1200),
        ("1,234,567.5", "", 1234567.5),
        ("1 200", "", 1200),
        ("1\u202f200", "", 1200),
        ("6×10^22", "", 6e22),
        ("6x10^22", "", 6e22),
        ("6 * 10**22", "", 6e22),
        ("6·10²²", "", 6e22),
        ("6 × 10^{22}", "", 6e22),
        ("10^22", "", 1e22),
        ("4×10⁻⁶", "", 4e-6),
        ("−11.7", "", -11.7),
        ("-1.5e-3", "", -0.0015),
        ("13.2%", "%", 13.2),
        ("1600 studies", "studies", 1600),
        ("9 billion", "", 9e9),
        ("9.05 billion", "billion parameters", 9.05),
        ("9.05 billion parameters", "billion parameters", 9.05),
        ("9050 million", "billion parameters", 9.05),
        ("1.4 trillion", "FLOP", 1.4e12),
    ],
)
def test_how_a_number_may_be_written(script, text, unit, value):
    """A number is understood as people write it, with or without its unit."""
    assert script.eval(f"readNumber({json.dumps(text)}, {json.dumps(unit)})") == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["", "many", "1,5", "1,23,456", "1.2.3", "3 or 4 times", "1e", "--2", "6×10", "12%", "alert(1)", "Infinity"]
)
def test_what_is_no_number(script, text):
    """What cannot be read as one number is none, a decimal comma among it, since it could be a thousand."""
    assert script.eval(f"Number.isNaN(readNumber({json.dumps(text)}, ''))") is True


def test_the_script_is_small():
    """The script costs a page at most 3 KB, packed."""
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= 3 * 1024


def test_every_class_of_the_style_is_used():
    """The style names only classes that the page or the script makes."""
    made = SCRIPT.read_text() + (ROOT / "_sphinx/coursebook/quizzes.py").read_text()
    for name in set(re.findall(r"\.(quiz[\w-]*)", STYLE.read_text())):
        assert re.search(rf"[\"' ]{name}[\"' ]", made) or name == "quiz-question", name


# From here on: the book's own quizzes.


def test_every_section_has_its_quiz():
    """Each quiz is shown by its chapter, once, before the line that leads on, and no chapter asks for a missing one."""
    asked = {}
    for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        places = [n for n, source in enumerate(cells) if "```{quiz}" in source]
        if not places:
            continue
        assert len(places) == 1, path
        following = next(n for n, source in enumerate(cells) if re.search(r"^(.*\n)*Next: ", source))
        assert places[0] < following, path
        asked[path.with_name(re.search(r"```\{quiz\} (\S+)", cells[places[0]])[1])] = path
    assert sorted(asked) == FILES
    parts = {path.parent.name for path in asked.values()}
    assert parts >= {"power-laws", "chinchilla", "fitting"}


def marked(path):
    """A quiz with the published tables that its expressions load, without which it is skipped."""
    tables = set(re.findall(r"runs\.load\(\"([\w-]+)\"", path.read_text(encoding="utf-8")))
    return pytest.param(path, marks=pytest.mark.published_data(*sorted(tables)) if tables else ())


@pytest.mark.parametrize("path", [marked(path) for path in FILES], ids=lambda path: path.name.partition(".")[0])
def test_the_numbers_are_the_library_s(path):
    """Every answer, every known mistake and every number quoted is computed again and comes out as printed."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = values(read_questions(path))
    wrong = [
        f"{path.name}:{number.line}: printed {number.written}, the library says {got:.6g}"
        for number, got in found.items()
        if not number.agrees(got)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_quiz_asks_for_words_and_for_a_number():
    """Three or four questions a section: most with choices that teach by being wrong, one with a number to compute."""
    for path in FILES:
        questions = read_questions(path).questions
        assert 3 <= len(questions) <= 4, path
        assert sum(question.kind == "number" for question in questions) == 1, path
        assert all(len(question.options) >= 3 for question in questions), path


def test_the_right_choice_has_no_favourite_place():
    """No letter is right in more than half of the questions, and every place is right at times."""
    places = [
        [option.right for option in question.options].index(True)
        for path in FILES
        for question in read_questions(path).questions
        if question.kind == "choice"
    ]
    counts = np.bincount(places)
    assert counts.max() <= len(places) / 2 and counts.min() >= 1


def test_length_gives_no_choice_away():
    """Choices of one question are of like length, and the right one is neither longest nor shortest by habit."""
    places = []
    for path in FILES:
        for question in read_questions(path).questions:
            if question.kind == "choice":
                lengths = [len(option.text) for option in question.options]
                assert max(lengths) <= 1.6 * min(lengths), (path.name, question.name, lengths)
                right = next(length for length, option in zip(lengths, question.options, strict=True) if option.right)
                others = [length for length, option in zip(lengths, question.options, strict=True) if not option.right]
                places.append((right > max(others), right < min(others)))
    # One in four by chance; 50 questions give a fair draw more than 0.35 one time in 18.
    longest, shortest = np.mean(places, axis=0)
    assert longest <= 0.35 and shortest <= 0.35


def test_every_wrong_answer_is_told_why():
    """What is said to a wrong answer is a reason: some words of its own, about this answer and no other."""
    for path in FILES:
        for question in read_questions(path).questions:
            said = [option.said for option in question.options]
            assert len(set(said)) == len(said), (path.name, question.name)
            for option in question.options:
                words = len(option.said.split())
                assert option.right or words >= 7, (path.name, question.name, option.said)
                assert not re.match(r"(No|Wrong|Too (high|low)\b.*%)[.!]?$", option.said), (path.name, option.said)
