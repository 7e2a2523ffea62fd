"""The capstone: worlds under the secret, points for what was submitted there, and none for a token and public code."""

import base64
import hashlib
import json
import re
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core.inputtransformer2 import TransformerManager

import scalinglib as sl
from scalinglib import classroom
from scalinglib.classroom.__main__ import main
from tests.course import SECRET

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = ["s1", "s2", "s3", "s4"]
REFUSED = classroom.refusal()


@pytest.fixture(scope="module")
def source():
    return classroom.read_source(ROOT / "assignments/capstone")


def laboratories(student):
    """Those of a student: for the teacher, who has the secret."""
    return sl.simulate.laboratories(classroom.laboratory_seed(SECRET, "capstone", student), 2e20)


@pytest.fixture(scope="module")
def room(source, tmp_path_factory):
    """A class: the first plays as the course teaches (with a short bootstrap), then a ladder, a guess, and nothing."""
    room = tmp_path_factory.mktemp("room")
    classroom.write_class(room, {"capstone": source.questions}, STUDENTS, secret=SECRET)
    market = classroom.Market(room / "laboratory/ledger.sqlite", STUDENTS, secret=SECRET)
    strategies = sl.strategies.isoflop_bootstrap, sl.strategies.ladder, sl.strategies.guess
    strategies = sl.strategies.isoflop_bootstrap, sl.strategies.ladder, sl.strategies.guess
    for student, strategy in zip(STUDENTS, strategies, strict=False):
        for place, lab in enumerate(laboratories(student)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("scalinglib.strategies.isoflop._RESAMPLES", 30)
                done = strategy(lab, seed=place)
            for row in lab.ledger.itertuples() if place == 0 else ():
                market.buy(market.tokens[student], place, N=row.N, D=row.D, learning_rate=row.learning_rate)
            market.submit(market.tokens[student], place, N=done.N, low=done.interval[0], high=done.interval[1])
    return room


@pytest.fixture
def handed(room, tmp_path):
    """A folder in which all have declared what is declared: the last two the answers that a forger would try."""
    law = laboratories("s1")[0].submit(1e10, interval=(1e9, 1e11)).world.law
    ends = [law.alpha - 0.01, law.alpha + 0.01, law.beta - 0.01, law.beta + 0.01]
    forged = {"sizes": [1e10] * 8, "intervals": [1e9, 1e11] * 8, "submissions": 8, "exponents": [0, 1, 0, 1]}
    for seat, answers in zip(
        classroom.read_class(room), ({"exponents": ends}, {"memo": "So."}, forged, forged), strict=True
    ):
        classroom.write_declared(tmp_path / seat.student, classroom.Declared("capstone", seat.token, answers))
    return tmp_path


def graded(room, handed, out, *more):
    words = ["grade", "--from", handed, "--class", room, "--out", out, "--assignments", ROOT / "assignments", *more]
    return main([*map(str, words)])


def test_one_mark_comes_from_the_ledger_and_what_was_declared(room, handed, monkeypatch):
    """The reference has all points, the ladder and a guess none; forging changes nothing; a memo is to be read."""
    monkeypatch.setenv("SECRET", SECRET)
    assert graded(room, handed, handed / "out") == 0
    rows = pd.read_csv(handed / "out/marks.csv").set_index(["id", "question"])
    assert rows.loc["s1"].points[["sizes", "intervals", "exponents"]].tolist() == [6, 6, 2]
    for student in STUDENTS[1:]:
        assert rows.loc[student].points[["sizes", "intervals", "exponents"]].sum() == 0
    assert rows.loc[("s2", "memo")].outcome == "to read" and rows.loc[("s4", "sizes")].outcome == "missing"
    report = (handed / "out/reports/capstone/capstone-s1.html").read_text()
    assert "14 of 20 points" in report or "14 of 14 points" in report
    assert re.search(r"You answered: 1: \S+ in \S+ to \S+ \(best \S+, wasted 0\.\d%, interval score 0\.\d\d\);", report)


def test_who_submitted_and_handed_nothing_in_is_marked_by_the_ledger(room, handed, monkeypatch, capsys):
    """As in time as the ledger's last row; and a file is as late as a purchase that came after it."""
    monkeypatch.setenv("SECRET", SECRET)
    next((handed / "s1").iterdir()).unlink()
    (handed / "rules.txt").write_text(
        "due capstone: 2026-01-01 12:00\ndue capstone, s1: 2999-01-01 12:00\nlate: 100% a day\n"
    )
    assert graded(room, handed, handed / "out", "--rubric", handed / "rules.txt") == 0
    kept = {one.seat.student: one for one in classroom.read_record(handed / "out/record.json").papers}
    assert (kept["s1"].file, kept["s1"].points, kept["s1"].kept) == ("the ledger alone", 12, 1)
    assert kept["s2"].kept == 0
    assert graded(room, handed, handed / "out", "--question", "sizes") == 0
    assert "0 marks changed" in capsys.readouterr().out


def test_without_ledger_or_secret_it_is_said(room, handed, source, monkeypatch, capsys):
    """No ledger: texts are taken, the rest waits and counts for nothing yet; no secret, or another: refused."""
    monkeypatch.delenv("SECRET", raising=False)
    assert graded(room, handed, handed / "out") == 2
    assert "under the SECRET of the environment; it is not set" in capsys.readouterr().err
    monkeypatch.setenv("SECRET", SECRET + "!")
    assert graded(room, handed, handed / "out") == 2
    assert "was begun under another secret" in capsys.readouterr().err
    bare = handed / "bare"
    classroom.write_class(bare, {"capstone": source.questions}, STUDENTS, secret=SECRET)
    assert graded(bare, handed, handed / "out") == 0
    assert f"capstone: no {bare / 'laboratory/ledger.sqlite'}, so only texts are taken" in capsys.readouterr().out
    report = (handed / "out/reports/capstone/capstone-s1.html").read_text()
    assert "14 that wait for the laboratories' ledger" in report and "sizes: waits for the ledger" in report
    assert "their ledger was not there" in (handed / "out/class.html").read_text()
    assert pd.read_csv(handed / "out/marks.csv").points.sum() == 0


def worth(source, student, sizes, reach):
    """Points that these sizes, with intervals of a reach in ln N, have in the laboratories of a student."""
    played = [
        lab.submit(N, interval=(N * np.exp(-reach), N * np.exp(reach)))
        for lab, N in zip(laboratories(student), sizes, strict=True)
    ]
    table = classroom.variant(source.questions, secret=SECRET, assignment="capstone", student=student).data
    found = classroom.values(source.questions, data=table, played=played)
    return [classroom.mark(source.questions[name], played, found).points for name in ("sizes", "intervals")]


def best(labs):
    return [lab._world.best(lab.target)[0] for lab in labs]


def test_the_truth_has_all_points(source):
    """The best sizes with narrow intervals about them are worth everything."""
    assert worth(source, "s1", best(laboratories("s1")), 0.1) == [6, 6]


def seeds(token):
    """What somebody with a token and the public code could try."""
    drawn = base64.b32decode(token.upper())
    yield from (0, int.from_bytes(drawn, "big"), int.from_bytes(hashlib.sha256(token.encode()).digest(), "big"))
    for key in (token * 2, "practice" * 3):
        yield from (classroom.laboratory_seed(key, "capstone", name) for name in ("s1", token))


def test_a_token_and_the_public_code_give_no_point(source):
    """Neither worlds of seeds made from the token, nor the middle of all worlds that the code draws, without a run."""
    got = []
    for student in ("a1", "a2"):
        token = classroom.token(SECRET, "capstone", student)
        tried = [(best(sl.simulate.laboratories(seed, 2e20)), 0.1) for seed in seeds(token)]
        tried += [([np.sqrt(2e22 / 120) * by] * 8, reach) for by, reach in ((1, 0.6), (0.9, 0.5), (1.1, 0.7))]
        got += [worth(source, student, *each) for each in tried]
    assert np.mean(got, axis=0).max() < 0.1, got  # of 6; what there is, is luck


def test_the_table_holds_no_seed_and_names_who_buys(source, room):
    """All tables are alike but for their names, and the token of a table's name is the one that buys."""
    tables = {path.read_text() for path in (room / "tables").iterdir()}
    assert tables == {"laboratory,budget\n" + "".join(f"{k}.0,2e+20\n" for k in range(1, 9))}
    market = classroom.Market(room / "laboratory/ledger.sqlite", STUDENTS, secret=SECRET)
    assert {seat.student: seat.token for seat in classroom.read_class(room)} == market.tokens


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (None, "missing"),
        ("", "refused"),
        ([0.3] * 3, "refused"),
        ([0.3] * 3 + [float("nan")], "refused"),
        ([0.3] * 3 + ["x"], "refused"),
        ({"a": 1}, "refused"),
        ("__import__('os') " * 4, "refused"),
        ([1e300] * 4, "wrong"),
        ([0.0, 1.0, 0.0, 1.0], "wrong"),
    ],
)
def test_what_is_no_answer_has_no_points_and_stops_nothing(source, value, outcome):
    """Nothing, too few, no numbers, ends that are no interval: each has its outcome and no exception."""
    played = [laboratories("s1")[0].submit(1e10, interval=(1e9, 1e11))]
    found = classroom.values(source.questions, data=source.practice.data, played=played)
    made = classroom.mark(source.questions["exponents"], value, found)
    assert (made.outcome, made.points) == (outcome, 0)


def test_the_solution_runs_in_laboratories_for_practice(source, tmp_path, monkeypatch, capsys):
    """It declares what is declared, is told the truth about what it submitted, and has the points for its exponents."""
    files = {**classroom.student_copy(source), **classroom.teacher_copy(source)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sl.strategies, "isoflop_bootstrap", quick)
    known = {}
    for cell in json.loads(files["capstone-solution.ipynb"])["cells"]:
        if cell["cell_type"] == "code":
            exec(TransformerManager().transform_cell("".join(cell["source"])), known)
    assert "8 worlds: " in capsys.readouterr().out
    declared = classroom.read_declared(tmp_path / "capstone-practice.answers.json").answers
    assert set(declared) == {"plan", "exponents", "memo"}
    assert str(known["work"].answer("plan", "So.")).endswith("all questions are answered.")
    found = classroom.values(source.questions, data=source.practice.data, played=known["played"])
    assert classroom.mark(source.questions["exponents"], declared["exponents"], found).points > 1
    with pytest.raises(ValueError, match=r"sizes must be a submission in each of 8 laboratories: lab\.submit"):
        known["work"].answer("sizes", [1e9] * 8)


def quick(lab):
    """Bowls without a bootstrap: the points of a good interval are counted elsewhere."""
    sl.strategies.buy_isoflop(lab)
    return lab.submit(1e10, interval=(1e9, 1e11))


def test_ones_own_laboratories_need_an_address(source, room, tmp_path):
    """Beside a table of one's own nothing is played for practice by mistake."""
    seat = classroom.read_class(room)[0]
    for name, content in classroom.student_copy(source).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / seat.table).write_bytes((room / "tables" / seat.table).read_bytes())
    work = classroom.open_assignment(tmp_path)
    with pytest.raises(ValueError, match="stand on the teacher's machine"):
        work.laboratories()
    with pytest.raises(ValueError, match="declare your plan first"):
        work.laboratories("http://x")
    work.answer("plan", "Five budgets.")
    assert [repr(lab) for lab in work.laboratories("http://x")][7] == "<RemoteLaboratory, world 7 of http://x>"


def test_a_plan_that_was_changed_after_the_first_purchase_is_told(source, tmp_path):
    """Blanks do not matter, a change before the first purchase neither; of a sheet nothing is known."""
    classroom.write_class(tmp_path, {"capstone": source.questions}, STUDENTS, secret=SECRET)
    market = classroom.Market(tmp_path / "laboratory/ledger.sqlite", STUDENTS, secret=SECRET)
    seats = {one.student: one for one in classroom.read_class(tmp_path)}
    with classroom.Shop(market, port=0) as shop:
        thread = threading.Thread(target=shop.serve_forever)
        thread.start()
        for student, after in (("s1", "Six  budgets.\n"), ("s2", "Seven budgets."), ("s3", "Six budgets.")):
            folder = tmp_path / student
            folder.mkdir()
            for name, content in classroom.student_copy(source).items():
                (folder / name).write_bytes(content)
            (folder / seats[student].table).write_bytes((tmp_path / "tables" / seats[student].table).read_bytes())
            work = classroom.open_assignment(folder)
            work.answer("plan", "Five budgets.")
            lab = work.laboratories(f"http://127.0.0.1:{shop.server_address[1]}")[0]
            work.answer("plan", "Six budgets.")
            if student == "s3":
                market.buy(seats[student].token, 0, N=1e8, D=2e9)
            lab.buy(1e8, 2e9)
            work.answer("plan", after)
            lab.buy(1e8, 2e9)
        shop.shutdown()
        thread.join()
    grades = classroom.grade(tmp_path, tmp_path, {"capstone": source.questions}, market=market)
    notes = {paper.seat.student: paper.notes for paper in grades.papers}
    assert notes["s2"] == ("the plan is not the one that stood when the first run was bought",)
    assert notes["s1"] == notes["s3"] == ()


@pytest.mark.skipif(bool(REFUSED), reason=f"no sandbox here: {REFUSED.splitlines()[0] if REFUSED else ''}")
def test_a_notebook_that_bought_is_reproduced_from_the_ledger(source, tmp_path):
    """In the sandbox there is no server: what was bought is told from the ledger, and nothing else is sold."""
    classroom.write_class(tmp_path / "room", {"capstone": source.questions}, ["s1"], secret=SECRET)
    market = classroom.Market(tmp_path / "room/laboratory/ledger.sqlite", ["s1"], secret=SECRET)
    (seat,) = classroom.read_class(tmp_path / "room")
    opening = [
        "import scalinglib as sl\nwork = sl.classroom.open_assignment()",
        "lab = work.laboratories('http://x')[0]",
    ]
    cell = (
        "losses = [lab.buy(1e8, 2e9) for _ in range(2)]\nwork.answer('exponents', [*losses, lab.left, len(lab.ledger)])"
    )
    bought = [market.buy(seat.token, 0, N=1e8, D=2e9, order=name) for name in names(2)]
    answers = {"exponents": [*(one["loss"] for one in bought), bought[1]["left"], 2]}
    folder = tmp_path / "handed"
    classroom.write_declared(folder, classroom.Declared("capstone", seat.token, answers))
    cells = [
        {"cell_type": "code", "source": one, "metadata": {}, "id": f"c{k}"} for k, one in enumerate([*opening, cell])
    ]
    held = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "capstone.ipynb").write_text(json.dumps(held))
    grades = classroom.grade(folder, tmp_path / "room", {"capstone": source.questions}, market=market)
    given = [grades, folder, tmp_path / "room", {"capstone": source}]
    assert classroom.reproduced(*given, kept=tmp_path / "a").papers[0].reproduced == ""
    assert classroom.reproduced(*given, kept=tmp_path / "b", market=market).papers[0].reproduced == "yes"


def names(count):
    """Of orders of one kind, as a notebook that is run gives them: the first, the second, ..."""
    asked = json.dumps(["/buy", {"D": "2e+09", "N": "1e+08", "world": 0}])
    return [hashlib.sha256(f"{asked}{k}".encode()).hexdigest() for k in range(1, count + 1)]


def test_talks_are_about_the_ledger(room, monkeypatch, capsys):
    """A sheet for whoever submitted everywhere and bought: the dearest run with its number and its price."""
    monkeypatch.setenv("SECRET", SECRET)
    words = ["oral", "--class", str(room), "--only", "capstone", "--assignments", str(ROOT / "assignments")]
    assert main(words) == 0
    page = (room / "oral/capstone.html").read_text()
    assert page.count("<section>") == 2 and "capstone: s1" in page and "capstone: s2" in page
    assert re.search(r"Your dearest run was number \d+ of \d+, in laboratory 1: ", page)
    assert not re.search("[{}]|nan", page.partition("<body>")[2])


def test_the_students_copy_holds_no_expression_and_needs_no_book(source):
    """Neither worlds nor scores stand in it, and no role or directive."""
    files = classroom.student_copy(source)
    text = b"".join(files.values()).decode()
    assert "lambda" not in text and "draw_world" not in text
    assert "4 numbers, in order" in text and "a submission in each of 8 laboratories" in text
    notebook = json.loads(files["capstone.ipynb"])
    assert not any(
        re.search(r"\{[\w:-]+\}`|^```\{|question: ", "".join(cell["source"]), re.MULTILINE)
        for cell in notebook["cells"]
    )


def test_numbers_of_a_file_are_refused_where_none_can_be_asked(tmp_path):
    """How many, and a function of them: anything else is named with its line."""
    path = tmp_path / "x.questions.txt"
    for text in ("numbers: many = sum", "numbers: 0 = sum", "numbers: 8", "laboratories: 101 = sum"):
        path.write_text(f"question: q\nWhich?\n{text}\n    -> So.\n")
        with pytest.raises(classroom.QuestionError, match="x.questions.txt:3: (numbers|laboratories)"):
            classroom.read_questions(path)
