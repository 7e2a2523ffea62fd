"""Tests of the command as it is used: fit, plan, what is written, what is said, and the exit codes."""

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import files
from scalinglib.command import folder, lawfile, main

TRUTH = sl.published["besiroglu2024"]


def study(noise=0.003, seed=0):
    """Thirty-six runs of a known law: N, D, loss."""
    C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
    N = (TRUTH.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    return N, D, TRUTH(N, D) * np.exp(noise * np.random.default_rng(seed).standard_normal(36))


def text(N, D, loss, *more, header="params,tokens,val_loss"):
    """The table as a practitioner keeps it, in full precision."""
    rows = (
        ",".join(str(cell.item() if hasattr(cell, "item") else cell) for cell in row)
        for row in zip(N, D, loss, *more, strict=True)
    )
    return f"{header}\n" + "\n".join(rows) + "\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with a table of 36 runs in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.csv").write_text(text(*study()))
    return tmp_path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """The folder of a fit that no test changes."""
    place = tmp_path_factory.mktemp("fitted")
    (place / "runs.csv").write_text(text(*study()))
    code = main(
        [
            "fit",
            str(place / "runs.csv"),
            "--out",
            str(place / "law"),
            "--resamples",
            "300",
            "--budget",
            "1e24",
            "--counts",
            "without embeddings",
        ]
    )
    assert code == 0
    return place / "law"


def said(capsys, *arguments):
    """Exit code, standard output and standard error of a command."""
    code = main(list(arguments))
    return (code, *capsys.readouterr())


# ---- fit -------------------------------------------------------------------------------------------------


def test_fit_writes_the_law_that_the_library_fits(here, capsys):
    """The constants in law.json are to the last bit those of the library on the same numbers."""
    code, out, err = said(capsys, "fit", "runs.csv", "--resamples", "100")
    assert code == 0, err
    expected = sl.fit_chinchilla(*study())
    assert lawfile.read_law("runs-law/law.json").law == expected.law
    assert sorted(os.listdir("runs-law")) == ["figure.png", "law.json", "report.html"]
    assert f"alpha{expected.law.alpha:>15.7g}" in out
    for name in ("figure.png", "report.html", "law.json"):
        assert f"wrote runs-law/{name}" in out


def test_law_file_says_what_the_law_came_from(fitted):
    """The law file keeps the table's hash, its columns, the runs' ranges, the seed and what N counts."""
    content = json.loads((fitted / "law.json").read_text())
    N, _, _ = study()
    assert content["table"]["sha256"] == hashlib.sha256((fitted.parent / "runs.csv").read_bytes()).hexdigest()
    assert content["table"]["columns"] == {"N": "column 'params'", "D": "column 'tokens'", "loss": "column 'val_loss'"}
    assert content["runs"]["count"] == 36
    assert content["runs"]["N"] == [N.min(), N.max()]
    assert content["runs"]["C"] == pytest.approx([1e19, 1e22])
    assert content["N_counts"] == "without embeddings"
    assert content["fit"]["converged"] is True and content["fit"]["undetermined"] == []
    assert content["resamples"]["seed"] == 0 and len(content["resamples"]["alpha"]) == 300
    assert content["made_by"] == f"scalinglib {sl.__version__}"


def test_law_file_is_read_by_a_person(fitted):
    """No line but those of the resamples is long, and there are few of them."""
    lines = (fitted / "law.json").read_text().splitlines()
    assert len(lines) < 80
    assert sum(len(line) > 200 for line in lines) == 6


def test_scatter_in_the_law_file_is_that_of_the_runs(fitted):
    """The runs were made with 0.3% noise, and what the file has of a new run's stray, its quantiles, spreads so."""
    scatter = json.loads((fitted / "law.json").read_text())["resamples"]["scatter"]
    assert scatter == sorted(scatter) and np.std(scatter) == pytest.approx(0.003, rel=0.4)


def test_the_same_table_gives_the_same_bytes(here):
    """Run twice into two folders, every file is the same to the last byte."""
    for out in ("one", "two"):
        assert main(["fit", "runs.csv", "--out", out, "--resamples", "60", "--seed", "3"]) == 0
    for name in os.listdir("one"):
        assert (here / "one" / name).read_bytes() == (here / "two" / name).read_bytes(), name


def test_groups_widen_the_intervals_of_repeated_rows(here, capsys):
    """Each run entered four times looks like four runs; with --group it counts once."""
    N, D, loss = (np.repeat(z, 4) for z in study())
    (here / "many.csv").write_text(text(N, D, loss, np.repeat(np.arange(36), 4), header="N,D,loss,run"))
    widths = {}
    for name, options in {"alone": [], "grouped": ["--group", "run"]}.items():
        code, _, err = said(capsys, "fit", "many.csv", "--out", name, "--resamples", "200", *options)
        assert code == 0
        assert ("--group 'run' keeps them together" in err) == (not options)
        low, high = lawfile.read_law(f"{name}/law.json").bootstrap.interval(0.8)["alpha"]
        widths[name] = high - low
    assert 1.5 < widths["grouped"] / widths["alone"] < 2.7  # two, but for the draws


def test_runs_that_cannot_fix_the_constants_give_code_one(here, capsys):
    """With one D for all runs all is written, and code, report and page say that it is not to be trusted."""
    N, _, _ = study()
    D = np.full(36, 2e10)
    (here / "one-d.csv").write_text(text(N, D, TRUTH(N, D)))
    code, out, err = said(capsys, "fit", "one-d.csv", "--resamples", "50")
    assert code == 1
    assert re.search(r"scalinglib: not to be trusted: .*do not determine .*beta", err.splitlines()[-1])
    assert "not determined by these runs" in out
    page = (here / "one-d-law" / "report.html").read_text()
    assert "Do not rely on this law." in page
    code, _, err = said(capsys, "plan", "one-d-law/law.json", "1e22")
    assert code == 1 and "not to be trusted" in err


def test_wild_runs_are_named_by_the_lines_of_the_file(here, capsys):
    """A run that went wrong is named with its line, and so is each row of the audit."""
    N, D, loss = study()
    loss[20] *= 1.05
    status = ["crashed" if row in (0, 1, 4) else "ok" for row in range(36)]
    (here / "wild.csv").write_text(text(N, D, loss, status, header="N,D,loss,status"))
    _, out, _ = said(capsys, "fit", "wild.csv", "--where", "status = ok", "--bootstrap", "none")
    words = " ".join(out.split())
    assert re.search(r"more than 5 times the usual 0\.\d\d% off the law: line 22 \(\+[45]\.\d\d%\)", words)
    used = [line for line, each in enumerate(status, start=2) if each == "ok"]
    named = re.findall(r"row (\d+) is line (\d+)", words)
    assert len(named) >= 5
    for row, line in named:
        assert used[int(row)] == int(line)


# ---- the page --------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Tags with their attributes, and what is left open."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_page_asks_nothing_of_the_network(fitted):
    """No tag of the page names an address; the picture is in it, with words for who does not see it."""
    page = (fitted / "report.html").read_text()
    found = _Page(page)
    assert found.open == []
    for tag, attributes in found.tags:
        assert tag not in ("script", "link", "iframe", "object", "base")
        for name in ("src", "href", "action", "poster", "srcset"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?:", page)
    pictures = [held for tag, held in found.tags if tag == "svg" and "picture" in held.get("class", "")]
    assert [held["class"] for held in pictures] == ["picture wide", "picture narrow"]
    assert all("36 runs" in held["aria-label"] and "FLOP" in held["aria-label"] for held in pictures)


def test_page_says_what_a_reader_needs(fitted):
    """Constants with intervals, the plan, the audit, columns, hash and what to report are there."""
    words = " ".join(" ".join(_Page((fitted / "report.html").read_text()).words).split())
    law = lawfile.read_law(str(fitted / "law.json"))
    for name in ("E", "A", "B", "alpha", "beta"):
        assert f"{getattr(law.law, name):.6g}" in words
        for end in law.bootstrap.interval(0.8)[name]:
            assert f"{end:.4g}" in words
    for expected in (
        "300 resamples of runs, seed 0",
        "1e24 FLOP, 100 times the largest run",
        "column 'val_loss'",
        "none was left out",
        "5 of 5 directions",
        law.content["table"]["sha256"],
        "the tokenizer",
    ):
        assert expected in words


def test_words_of_a_table_cannot_become_tags(here):
    """A column named like a tag is shown, not obeyed."""
    (here / "sly<i>.csv").write_text(text(*study(), header='params,tokens,"<script>alert(1)</script>"'))
    assert main(["fit", "sly<i>.csv", "--loss", "<script>alert(1)</script>", "--out", "out", "--resamples", "40"]) == 0
    page = (here / "out" / "report.html").read_text()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "<i>" not in page


# ---- plan ------------------------------------------------------------------------------------------------


def test_plan_gives_the_numbers_of_the_library(fitted, capsys):
    """N, D, loss and their intervals are those of the bootstrap that the fit made."""
    code, out, _ = said(capsys, "plan", str(fitted / "law.json"), "1e23", "1.0 x 10^24", "--json")
    assert code == 0
    answer = json.loads(out)
    sample = sl.fit_chinchilla(*study()).bootstrap(300, seed=0)
    for plan, C in zip(answer["plans"], (1e23, 1e24), strict=True):
        expected = sample.optimum(C, level=0.8)
        for name in ("N", "D", "loss", "tokens_per_parameter"):
            ends = [getattr(part, name) for part in (expected.value, expected.low, expected.high)]
            assert [plan[name][end] for end in ("value", "low", "high")] == pytest.approx(ends, rel=1e-12)
        one = sample.predict(expected.value.N, expected.value.D, level=0.8, new_run=True)
        assert [plan["loss_of_one_run"][end] for end in ("value", "low", "high")] == pytest.approx(
            [one.value, one.low, one.high], rel=1e-12
        )
        assert plan["times_largest_run"] == pytest.approx(C / 1e22)
    assert answer["level"] == 0.8


def test_plan_of_a_published_law_has_no_interval_and_says_so(capsys):
    """At Gopher's budget the refit gives 72.2 billion parameters and 18.4 tokens each, with no interval."""
    code, out, _ = said(capsys, "plan", "besiroglu2024", "5.76e23")
    assert code == 0
    assert "no interval can be given" in out
    assert "7.225e10" in out and "18.39" in out


def test_plan_at_a_given_size(capsys):
    """For 280 billion parameters at Gopher's budget the loss is 1.993, as on the book's first figure."""
    code, out, _ = said(capsys, "plan", "besiroglu2024", "5.76e23", "--N", "280B")
    assert code == 0
    assert "with N = 2.8e11: D = 3.429e11, 1.22 tokens a parameter, loss 1.9933" in " ".join(out.split())


def test_plan_warns_far_beyond_the_runs(fitted, capsys):
    """A budget 10,000 times the largest run is answered, and said to be untested."""
    code, out, err = said(capsys, "plan", str(fitted / "law.json"), "1e26", "1e22")
    assert code == 0
    assert "1e+04 times the largest run" in out
    assert "no run has tested it" in err and err.count("warning") == 1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: "{", "is not JSON"),
        (lambda c: "[1, 2]", "is no law file"),
        (lambda c: json.dumps(c | {"version": 99}), "has version '99'; this scalinglib reads 1"),
        (lambda c: json.dumps(c | {"law": {}}), "is damaged: has no 'E'"),
        (lambda c: json.dumps(c | {"law": c["law"] | {"A": -1}}), "is damaged: A must be finite and above zero"),
        (
            lambda c: json.dumps(c | {"law": c["law"] | {"A": "x"}}),
            "is damaged: law: A must be a finite number; got 'x'",
        ),
        (lambda c: json.dumps(c | {"runs": {}}), "is damaged: has no 'N'"),
        (lambda c: json.dumps(c | {"runs": 3}), "is damaged"),
        (
            lambda c: json.dumps(c | {"resamples": c["resamples"] | {"E": [1.0]}}),
            "is damaged: resamples: count is 300 and E has 1 entries",
        ),
    ],
)
def test_a_damaged_law_file_is_refused_in_one_line(damage, message, fitted, tmp_path, capsys):
    """Whatever is wrong with the file, one line says what, and the code is 3."""
    path = tmp_path / "law.json"
    path.write_text(damage(json.loads((fitted / "law.json").read_text())))
    code, _, err = said(capsys, "plan", str(path), "1e24")
    assert code == 3 and err.count("\n") == 1 and message in err


def test_a_caution_of_the_bootstrap_stands_wherever_its_intervals_do(here, capsys, monkeypatch):
    """Where measured coverage speaks against the intervals, report, page, law file and plan all say so."""
    from scalinglib.uncertainty import Bootstrap

    monkeypatch.setattr(Bootstrap, "caution", "Such intervals were seen to be <too> narrow.")
    code, out, _ = said(capsys, "fit", "runs.csv", "--resamples", "40")
    assert code == 0 and "were seen to be <too> narrow" in out
    assert "were seen to be &lt;too&gt; narrow" in (here / "runs-law" / "report.html").read_text()
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert "were seen to be <too> narrow" in said(capsys, "plan", "runs-law/law.json", "1e23")[1]


@pytest.mark.parametrize("options", [["--bootstrap", "wild"], ["--bootstrap", "residual"], ["--objective", "lad"]])
def test_other_methods_and_objectives_go_through(options, here, capsys):
    """Each resampling method and the absolute objective are the library's with the same seed."""
    code, _, _ = said(capsys, "fit", "runs.csv", "--resamples", "30", "--seed", "2", *options)
    assert code == 0
    found = lawfile.read_law("runs-law/law.json")
    objective = "lad" if "lad" in options else "huber"
    method = "runs" if "lad" in options else options[1]
    expected = sl.fit_chinchilla(*study(), objective=objective).bootstrap(30, seed=2, method=method)
    assert found.bootstrap.samples["alpha"].tolist() == expected.samples["alpha"].tolist()
    assert found.content["fit"]["objective"] == objective and found.content["resamples"]["method"] == method


# ---- compare ---------------------------------------------------------------------------------------------


def test_compare_says_what_the_library_says(here, capsys, monkeypatch):
    """On runs of a known Chinchilla law report and scores are the library's, and the true form wins."""
    monkeypatch.setenv("COLUMNS", "80")  # the width that the library wraps to
    code, out, _ = said(capsys, "compare", "runs.csv", "--largest", "12")
    expected = sl.compare_forms(*study(), largest=12)
    assert code == 0 and expected.best == "Chinchilla"
    assert out.endswith(expected.report() + "\n")
    code, out, _ = said(capsys, "compare", "runs.csv", "--largest", "12", "--json")
    answer = json.loads(out)
    assert answer["best"] == "Chinchilla" and answer["tied"] == list(expected.tied)
    assert [row["rms"] for row in answer["scores"]] == expected.scores["rms"].tolist()


def test_compare_of_points(here, capsys):
    """A curve with a floor, in two columns of other names, is predicted best by the form that has one."""
    x = np.geomspace(1e2, 1e6, 17)
    y = (1.5 + 20 * x**-0.4) * np.exp(0.002 * np.random.default_rng(0).standard_normal(17))
    rows = "\n".join(f"{a!r};{b!r}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    (here / "curve.csv").write_text(f"steps;error\n{rows}\n")
    forms = ["--form", "power law", "--form", "power law with floor"]
    code, out, _ = said(capsys, "compare", "curve.csv", "--x", "steps", "--y", "error", *forms)
    assert code == 0 and "'power law with floor' predicts the held-out points best" in out.replace("runs", "points")
    code, _, err = said(capsys, "compare", "curve.csv", "--x", "steps")
    assert code == 2 and "--x and --y go together" in err
    code, _, err = said(capsys, "compare", "curve.csv", "--x", "steps", "--y", "error", "--form", "cubic")
    assert code == 2 and err.count("\n") == 1 and "'power law with floor'" in err


# ---- exit codes and what is left behind ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "the following arguments are required: COMMAND"),
        (["guess"], 2, "invalid choice: 'guess'"),
        (["fit"], 2, "the following arguments are required: TABLE"),
        (["fit", "runs.csv", "--lvel", "0.8"], 2, "unrecognized arguments: --lvel"),
        (["fit", "runs.csv", "--level", "80"], 2, "argument --level: '80' is not a number between 0 and 1"),
        (["fit", "runs.csv", "--seed", "1.5"], 2, "argument --seed: '1.5' is not a whole number"),
        (["fit", "runs.csv", "--where", "loss"], 2, "'loss' is no condition"),
        (["fit", "runs.csv", "--where", "loss < high"], 2, "which is not a number"),
        (["fit", "runs.csv", "--scale", "N"], 2, "is not N, D, C or loss and a factor"),
        (["fit", "runs.csv", "--loss", "lss"], 2, "no column 'lss' for --loss; there are 'val_loss'"),
        (["fit", "missing.csv"], 3, "missing.csv: No such file or directory"),
        (["fit", "."], 3, "Is a directory"),
        (["fit", "runs.csv", "--out", "runs.csv"], 3, "runs.csv is a file, and --out names a folder"),
        (["fit", "runs.csv", "--out", "runs.csv/x/y"], 3, "runs.csv is a file, and --out names a folder"),
        (["plan", "besiroglu2024"], 2, "the following arguments are required: FLOP"),
        (["plan", "besiroglu2024", "much"], 2, "'much' is not a number of FLOP above zero"),
        (["plan", "kaplan2020", "1e24"], 2, "kaplan2020 is a KaplanLaw"),
        (["plan", "besiroglu", "1e24"], 3, "no published law either: hoffmann2022"),
    ],
)
def test_errors_are_one_line_with_their_code(arguments, code, message, here, capsys):
    """Each wrong use and each file that is not there gives one line that names it, and nothing is written."""
    found, out, err = said(capsys, *arguments)
    assert (found, out) == (code, "")
    assert err.startswith("scalinglib: ") and err.count("\n") == 1
    assert message in err
    assert os.listdir(here) == ["runs.csv"]


def test_an_earlier_fit_is_not_overwritten_unasked(here, capsys):
    """The second fit into a folder is refused before it starts; with --force it replaces all three files."""
    assert main(["fit", "runs.csv", "--bootstrap", "none"]) == 0
    before = {path.name: path.read_bytes() for path in (here / "runs-law").iterdir()}
    (here / "runs.csv").write_text(text(*study(seed=5)))
    capsys.readouterr()
    code, _, err = said(capsys, "fit", "runs.csv", "--bootstrap", "none")
    assert code == 2 and "--force replaces it" in err
    assert before == {path.name: path.read_bytes() for path in (here / "runs-law").iterdir()}
    (here / "runs-law" / "mine.txt").write_text("kept")
    assert main(["fit", "runs.csv", "--bootstrap", "none", "--force"]) == 0
    after = {path.name: path.read_bytes() for path in (here / "runs-law").iterdir()}
    assert after.pop("mine.txt") == b"kept"
    assert after.keys() == before.keys() and all(after[name] != before[name] for name in before)


def test_another_fit_into_the_same_folder_meanwhile_loses_nothing(here, capsys, monkeypatch):
    """What another fit wrote while this one was computing is kept; this one says so and ends with code 2."""
    written = folder.Folder.write

    def late(self, contents):
        files.write_whole(self.path, dict.fromkeys(contents, b"the other fit's"))
        return written(self, contents)

    monkeypatch.setattr(folder.Folder, "write", late)
    code, _, err = said(capsys, "fit", "runs.csv", "--bootstrap", "none")
    assert code == 2 and "figure.png exists, written by another fit meanwhile; --force replaces it" in err
    assert {path.read_bytes() for path in (here / "runs-law").iterdir()} == {b"the other fit's"}


def test_tables_of_one_name_in_two_folders_have_a_folder_each(here, capsys):
    """`a/runs.csv` and `b/runs.csv` are fitted one after the other, and both laws are there."""
    for name, seed in (("a", 3), ("b", 4)):
        (here / name).mkdir()
        (here / name / "runs.csv").write_text(text(*study(seed=seed)))
        assert main(["fit", f"{name}/runs.csv", "--bootstrap", "none"]) == 0
    laws = [lawfile.read_law(f"{name}-runs-law/law.json").law for name in "ab"]
    assert laws == [sl.fit_chinchilla(*study(seed=seed)).law for seed in (3, 4)]


def test_a_full_disk_names_the_file_and_leaves_the_old_ones(here, capsys, monkeypatch):
    """No space for the second file: code 3, its name, and the three files of the earlier fit."""
    assert main(["fit", "runs.csv", "--bootstrap", "none"]) == 0
    before, write = {path.name: path.read_bytes() for path in (here / "runs-law").iterdir()}, Path.write_bytes

    def full(path, content):
        if "report" in path.name:
            raise OSError(28, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    capsys.readouterr()
    code, out, err = said(capsys, "fit", "runs.csv", "--bootstrap", "none", "--force", "--counts", "all")
    assert (code, out) == (3, "")
    assert err == "scalinglib: runs-law/report.html: No space left on device\n"
    assert before == {path.name: path.read_bytes() for path in (here / "runs-law").iterdir()}


# ---- as a program of its own -----------------------------------------------------------------------------


def program(*arguments, **options):
    """Run the command as a reader does."""
    return subprocess.run([sys.executable, "-m", "scalinglib", *arguments], capture_output=True, **options)


@pytest.mark.parametrize("command", [[], ["fit"], ["plan"], ["compare"], ["forms"]], ids=lambda c: c[0] if c else "all")
def test_help_is_complete_and_fits_the_width(command, capsys, monkeypatch):
    """Every option has its words, and no line is wider than 88."""
    monkeypatch.setenv("COLUMNS", "88")
    code, out, _ = said(capsys, *command, "--help")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 88
    lines = out.splitlines()
    options = [place for place, line in enumerate(lines) if re.match("  -", line)]
    assert options
    for place in options:
        words = re.search(r"\S  +(\w.*)", lines[place]) or re.match(r" {20,}(\w.*)", lines[place + 1])
        assert words and len(words[1]) > 8, lines[place]
    if not command:
        assert "exit codes:" in out and "130" in out


def test_help_loads_nothing_heavy():
    """Help and version come without numpy, so at once."""
    code = (
        "import sys; from scalinglib.command import main; "
        "assert main(['--version']) == 0; main(['fit', '--help']); "
        "print([name for name in ('numpy', 'scipy', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith(f"scalinglib {sl.__version__}\n")
    assert done.stdout.splitlines()[-1] == "[]"


def test_table_from_standard_input(here, monkeypatch):
    """The table may come through a pipe: the law is the same as from the file."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((here / "runs.csv").read_bytes())))
    assert main(["fit", "-", "--bootstrap", "none"]) == 0
    assert lawfile.read_law("runs-law/law.json").law == sl.fit_chinchilla(*study()).law


def test_letters_that_the_terminal_has_not_are_written_out(here):
    """In a terminal that knows only ASCII a column of other letters is named all the same."""
    done = program(
        "fit",
        "-",
        cwd=here,
        input="params,tokens,été\n".encode(),
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"scalinglib: standard input: no column for loss") and rb"\xe9t\xe9" in done.stderr


def test_a_reader_that_leaves_early_is_no_error(here):
    """Piped into something that closes at once, the command ends in silence."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scalinglib", "plan", "besiroglu2024", "1e24"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""


def test_stopped_from_the_keyboard_it_says_so_and_writes_nothing(here):
    """Ctrl-C while the table is read from a terminal: one line, code 130, no folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scalinglib", "fit", "-"],
        cwd=here,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # a suite that runs in the background may have been told to ignore the signal
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    process.stdin.write(b"N,D,loss\n" * 20_000)  # more than a pipe holds: it is written once the command reads
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate()
    assert process.returncode == 130
    assert error == b"scalinglib: stopped\n"
    assert os.listdir(here) == ["runs.csv"]


# ---- the width of what is printed ------------------------------------------------------------------------


def narrow(printed):
    """Whether no line has over 80 columns; what can be pasted into a shell, and help of the system, stays whole."""
    return [line for line in printed.splitlines() if len(line) > 80 and not line.startswith(("next: ", "wrote "))] == []


@pytest.mark.parametrize("name", sl.runs.names())
def test_a_card_fits_eighty_columns(name):
    """Titles, sources, addresses and the meaning of columns are broken to the width of a plain terminal."""
    assert narrow(sl.runs.card(name).report())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("chinchilla", [], marks=pytest.mark.published_data("chinchilla")),
        pytest.param(
            "addition-4-digit",
            ["--x", "train_size", "--y", "test_xent"],
            marks=pytest.mark.published_data("addition-4-digit"),
        ),
        ("language-model", []),
        ("sparse-parity", ["--x", "D", "--y", "loss"]),
    ],
)
def test_fit_and_compare_of_published_runs_fit_eighty_columns(name, words, here, capsys, monkeypatch):
    """With no terminal to ask, tables, notes and verdicts are set for 80 columns."""
    monkeypatch.delenv("COLUMNS", raising=False)
    sl.runs.load(name).to_csv("published.csv", index=False)
    for command in (["compare"], ["fit", "--force", "--bootstrap", "none"]):
        code, out, _ = said(capsys, command[0], "published.csv", *command[1:], *words)
        assert code in (0, 1) and out and narrow(out)


@pytest.mark.parametrize("name", [name for name in sl.published if hasattr(sl.published[name], "optimum")])
def test_plans_by_published_laws_fit_eighty_columns(name, capsys, monkeypatch):
    """A plan by each published law that has one."""
    monkeypatch.delenv("COLUMNS", raising=False)
    code, out, _ = said(capsys, "plan", name, "1e21", "1e23", "3.14e23")
    assert code in (0, 1) and out and narrow(out)
