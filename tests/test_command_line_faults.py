"""Tests of the command where things go wrong around it: its own faults, streams, imports, slips of the keys."""

import ast
import copy
import functools
import io
import json
import operator
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.command import lawfile, line, main, text

ROOT = Path(__file__).resolve().parent.parent
TRUTH = sl.published["besiroglu2024"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a table of twelve runs, as the place to stand; faults are reported below it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    N, D = np.tile(np.geomspace(1e8, 1e10, 4), 3), np.repeat(np.geomspace(1e9, 1e11, 3), 4)
    rows = "\n".join(f"{n:.6g},{d:.6g},{loss:.6f}" for n, d, loss in zip(N, D, TRUTH(N, D), strict=True))
    (tmp_path / "runs.csv").write_text(f"N,D,loss\n{rows}\n")
    return tmp_path


def said(capsys, *arguments):
    """Exit code, output and errors of a command."""
    capsys.readouterr()
    return main(list(arguments)), *capsys.readouterr()


def program(*arguments, shell="", **options):
    """Run the command as a reader does, `shell` being what is written behind it."""
    words = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-m", "scalinglib", *arguments]
    return subprocess.run(words, capture_output=True, text=True, **options)


# ---- faults of the program itself ------------------------------------------------------------------------


def in_numpy():
    """An error inside numpy: a ValueError that no raise statement of this package made."""
    np.zeros(3) + np.zeros(4)


def in_python():
    """A ValueError of Python itself."""
    int("three")


def in_linear_algebra():
    """An error that is a ValueError by its class, raised by a statement, but not of this package."""
    np.linalg.inv(np.zeros((2, 2)))


def in_a_key():
    """A KeyError of a dict."""
    {}["N"]


def in_recursion():
    """An error that is no ValueError."""
    raise RecursionError("maximum recursion depth exceeded")


@pytest.mark.parametrize("fault", [in_numpy, in_python, in_linear_algebra, in_a_key, in_recursion])
def test_an_error_that_is_not_ours_is_a_fault_with_a_code_of_its_own(fault, here, capsys, monkeypatch):
    """Code 70, one line that says it is a fault and where to report it, and a file with the traceback."""
    monkeypatch.setattr(line, "_run", lambda options: fault())
    code, out, err = said(capsys, "fit", "runs.csv")
    assert (code, out) == (70, "") and err.count("\n") == 1
    assert err.startswith("scalinglib: a fault of scalinglib, not of your table: ") and "Please report it" in err
    report = Path(re.search(r"the file (\S+);", err)[1]).read_text()
    assert f"in {fault.__name__}" in report and "['fit', 'runs.csv']" in report
    assert f"scalinglib {sl.__version__}" in report and f"numpy {np.__version__}" in report


def test_errors_of_ours_keep_their_code_wherever_they_come_from(here, capsys, monkeypatch):
    """What a raise statement of the library says is wrong use, also where numpy's error is behind it."""

    def ours(options):
        try:
            in_numpy()
        finally:
            sl.fit_power_law([1.0, 2.0], [1.0, -2.0])

    monkeypatch.setattr(line, "_run", ours)
    code, _, err = said(capsys, "fit", "runs.csv")
    assert code == 2 and "y must be finite and above zero; row 1 holds -2" in err


def test_a_package_that_is_missing_is_named(here):
    """Without matplotlib, or tqdm, the line says what to install; no traceback, code 70, nothing written."""
    for name in ("matplotlib", "tqdm"):
        hidden = (
            "import importlib.abc, sys\n"
            "class Hiding(importlib.abc.MetaPathFinder):\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name.partition('.')[0] == {name!r}:\n"
            "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
            "sys.meta_path.insert(0, Hiding())\n"
            "from scalinglib.__main__ import program\n"
            "sys.argv[1:] = ['fit', 'runs.csv', '--resamples', '20']\n"
            "sys.exit(program())\n"
        )
        done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True)
        assert done.returncode == 70, done.stderr
        last = done.stderr.splitlines()[-1]
        assert last == f"scalinglib: {name} is needed and not installed; python -m pip install {name}"
        assert "Traceback" not in done.stderr and os.listdir(here) == ["runs.csv"]


# ---- streams ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_fault(shell, here):
    """With its streams closed the command does its work; what is opened next does not take their place."""
    done = program("fit", "runs.csv", "--bootstrap", "none", shell=shell)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert sorted(os.listdir(here / "runs-law")) == ["figure.png", "law.json", "report.html"]
    assert (here / "runs.csv").read_text().startswith("N,D,loss\n1e+08,1e+09,")
    assert (done.stdout == "") == (">&-" in shell.replace("2>&-", ""))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is Linux'")
@pytest.mark.parametrize("arguments", [["plan", "besiroglu2024", "1e24"], ["forms"], ["fit", "--help"]])
def test_output_that_cannot_be_written_is_said(arguments, here):
    """Into a full disk: one line, code 3. Errors that cannot be written change no code."""
    done = program(*arguments, shell="> /dev/full")
    assert (done.returncode, done.stderr) == (3, "scalinglib: standard output: No space left on device\n")
    assert program("fit", "missing.csv", shell="2> /dev/full").returncode == 3


# ---- stopped ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["scalinglib.command.line", "numpy", "scipy.linalg", "matplotlib.figure"])
def test_ctrl_c_while_importing_is_a_stop(module, here):
    """Ctrl-C while the command, or what it stands on, is loading: one line, code 130."""
    code = (
        "import os, signal, sys\n"
        "class Stopping:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stopping())\n"
        "from scalinglib.__main__ import program\n"
        "sys.argv[1:] = ['fit', 'runs.csv', '--bootstrap', 'none']\n"
        "sys.exit(program())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stderr) == (130, "scalinglib: stopped\n")
    assert os.listdir(here) == ["runs.csv"]


def test_a_stop_that_a_package_calls_a_failed_import_is_a_stop(here, capsys, monkeypatch):
    """numpy reports Ctrl-C within its own import as an ImportError."""

    def importing(options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise ImportError("numpy failed to import") from stop

    monkeypatch.setattr(line, "_run", importing)
    assert said(capsys, "fit", "runs.csv") == (130, "", "scalinglib: stopped\n")


def test_modules_of_the_folder_are_not_run(here):
    """A numpy.py and a json.py in the folder of the table are the user's, and not ours."""
    for name in ("numpy", "json", "matplotlib"):
        (here / f"{name}.py").write_text(f"raise SystemExit('{name}.py was run')\n")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = program("fit", "runs.csv", "--bootstrap", "none", env=environment)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_gone_is_one_line(here):
    """Called where the folder was removed: no traceback; a plan of a published law needs none."""
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    for arguments, code in ((["plan", "besiroglu2024", "1e24"], 0), (["fit", "runs.csv"], 3)):
        words = ["sh", "-c", command, "sh", sys.executable, "-m", "scalinglib", *arguments]
        done = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.returncode == code and done.stderr.count("\n") == (code > 0), done.stderr


def test_the_next_command_can_be_pasted(here, capsys):
    """Where the folder has a blank in its name, what is offered next is quoted for a shell."""
    code, out, _ = said(capsys, "fit", "runs.csv", "--out", "my law", "--bootstrap", "none")
    assert code == 0
    words = shlex.split(out.splitlines()[-1].removeprefix("next: python -m scalinglib "))
    assert said(capsys, *words)[0] == 0


# ---- what is printed -------------------------------------------------------------------------------------


def test_everything_is_printed_by_one_module():
    """No module of the command prints or writes to a stream but the one that makes text harmless."""
    for path in (ROOT / "scalinglib" / "command").glob("*.py"):
        tree = ast.parse(path.read_text())
        calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        printing = [call for call in calls if call == "print" or re.fullmatch(r"sys\.std(out|err)\.write", call)]
        assert not printing or path.name == "text.py", path


BAD = "\x1b[2J\x1b]0;owned\x07\x9b\u202e\r\x00"


@pytest.mark.parametrize("place", ["label", "header", "file", "option", "law"])
def test_nothing_that_is_quoted_moves_the_cursor(place, here, capsys):
    """Escape sequences in a label, a header, a file's name, an option or a law file are written out."""
    rows, label = (here / "runs.csv").read_text().splitlines(), BAD.replace("\x00", "").replace("\r", "")
    if place == "header":
        (here / "t.csv").write_text("\n".join([f"N,D,{label}", *rows[1:]]))
        outcome = said(capsys, "fit", "t.csv")
    elif place == "label":
        (here / "t.csv").write_text(
            "\n".join([f"{rows[0]},run", *(f"{row},{label}{n % 3}" for n, row in enumerate(rows[1:]))])
        )
        outcome = said(capsys, "fit", "t.csv", "--form", "E + A / N**alpha", "--by", "run", "--bootstrap", "none")
    elif place == "file":
        (here / f"{label}.csv").write_bytes((here / "runs.csv").read_bytes())
        outcome = said(capsys, "fit", f"{label}.csv", "--bootstrap", "none")
        assert outcome[0] == 0
    elif place == "option":
        outcome = said(capsys, "fit", "runs.csv", "--seed", label)
    else:
        assert main(["fit", "runs.csv", "--bootstrap", "none"]) == 0
        content = (
            (here / "runs-law" / "law.json").read_text().replace('"N_counts": ""', '"N_counts": "\\u001b[2J\\u202e"')
        )
        (here / "law.json").write_text(content)
        outcome = said(capsys, "plan", "law.json", "1e24")
        assert outcome[0] == 0
    printed = "".join(outcome[1:])
    assert "\\x1b[2J" in printed and "\\u202e" in printed
    assert printed.replace("\n", "").isprintable()


def test_a_label_without_end_is_not_printed_whole(here, capsys):
    """A header and a file's name of 100,000 characters do not fill the screen."""
    long = "x" * 100_000
    rows = (here / "runs.csv").read_text().splitlines()
    (here / "header.csv").write_text("\n".join([f"{rows[0]},{long}", *(f"{row},1" for row in rows[1:])]))
    for words in (["fit", "header.csv", "--loss", "los"], ["fit", "runs.csv", "--loss", long], ["plan", long, "1e24"]):
        _, out, err = said(capsys, *words)
        assert len(out) + len(err) < 12_000
        assert max(map(len, (out + err).splitlines())) <= 2000


@pytest.mark.parametrize("how", [[], ["--group", "run"], ["--form", "chinchilla", "--by", "recipe"]])
def test_a_label_without_end_is_cut_where_it_is_read(how, here, capsys):
    """Labels and a header of 100,000 letters stay apart; print, page, figure and law have their beginnings."""
    rng, rows = np.random.default_rng(0), []
    for k in range(48):
        N = 10 ** rng.uniform(7.5, 10)
        D = N * 10 ** rng.uniform(0.3, 2.3)
        loss = TRUTH(N, D) * np.exp(0.03 * (k % 2) + 0.002 * rng.standard_normal())
        rows.append(f"{'y' * 100_000}{k // 4},{N:.6g},{D:.6g},{loss:.6f},{'r' * 100_000}{k % 2},{k % 3}")
    (here / "long.csv").write_text("\n".join([f"run,N,D,loss,recipe,{'h' * 100_000}", *rows]))
    code, out, err = said(capsys, "fit", "long.csv", "--out", "o", "--resamples", "200", *how)
    assert code in (0, 1)
    assert len(out) + len(err) < 12_000
    for name in ("report.html", "law.json", "figure.png"):
        assert (here / "o" / name).stat().st_size < 200_000
    assert not re.search("y{100}|r{100}|h{100}", out + err + (here / "o" / "report.html").read_text(encoding="utf-8"))
    if "--group" in how:
        assert "12 different labels" in out
    if "--by" in how:
        assert "2 different labels" in out and "rrr... (100,001 letters, " in out


def test_shown_leaves_what_is_printable():
    """Letters of any language, blanks and lines stay as they are; the rest is written as Python writes it."""
    for plain in ("été 模型 ±½ — “x”", "two\nlines", "a\u00a0b", ""):
        assert text.shown(plain) == plain
    assert text.shown("a\tb\x7f\u200f\udc80") == "a\\tb\\x7f\\u200f\\udc80"
    assert text.shown(text.shown(BAD)) == text.shown(BAD)


def test_work_that_takes_long_is_shown_on_a_terminal_and_nowhere_else(monkeypatch):
    """A line with seconds, taken away when the work is done; nothing where standard error is no terminal."""
    for terminal in (True, False):
        stream = io.StringIO()
        drawn = threading.Event()
        monkeypatch.setattr(stream, "isatty", lambda terminal=terminal: terminal, raising=False)
        write = stream.write
        monkeypatch.setattr(stream, "write", lambda line, write=write, drawn=drawn: (write(line), drawn.set()))
        monkeypatch.setattr(sys, "stderr", stream)
        with text.working("fitting 36 runs", after=0.001):
            if terminal:
                drawn.wait()
        said = stream.getvalue()
        assert said.startswith("\rfitting 36 runs: 0 s") == terminal
        assert said.endswith("\r") if terminal else said == ""


# ---- slips of the keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "runs.csv", "--seed", "inf"], "argument --seed: 'inf' is not a whole number, 0 to"),
        (["fit", "runs.csv", "--seed", "nan"], "argument --seed: 'nan' is not a whole number"),
        (["fit", "runs.csv", "--seed", "1e300"], "argument --seed: '1e300' is not a whole number"),
        (["fit", "runs.csv", "--resamples", "1e300"], "'1e300' is not a whole number, 20 to 100,000"),
        (["fit", "runs.csv", "--resamples", "inf"], "'inf' is not a whole number, 20 to 100,000"),
        (["compare", "runs.csv", "--largest", "inf"], "argument --largest: 'inf' is not a whole number"),
        (["compare", "runs.csv", "--splits", "1e300"], "argument --splits: '1e300' is not a whole number"),
        (["fit", "runs.csv", "--scale", "N=1", "--scale", "D=1", "--scale", "N=1e9"], "--scale names N twice"),
        (["fit", "runs.csv", "--form", "chinchilla", "--column", "N=a", "--column", "N=b"], "--column names N twice"),
        (["plan", "besiroglu2024", "1e24", "--bound", "D=0:1e12", "--bound", "D=0:2e12"], "--bound names D twice"),
    ],
)
def test_numbers_without_end_and_names_given_twice_are_refused(arguments, message, here, capsys):
    """Code 2 and one line that names the option; no number is too large to be refused."""
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "") and err.count("\n") == 1 and message in err


# ---- law files -------------------------------------------------------------------------------------------


def fields(content, path=()):
    """The path of every field of JSON; of a list its first entry stands for all."""
    if path:
        yield path
    if isinstance(content, dict):
        for name, value in content.items():
            yield from fields(value, (*path, name))
    elif isinstance(content, list) and content:
        yield from fields(content[0], (*path, 0))


@pytest.mark.parametrize("options", [[], ["--form", "chinchilla", "--by", "lab"]], ids=["surface", "families"])
def test_a_law_file_without_any_one_of_its_fields_is_a_plan_or_one_line(options, here, capsys):
    """Whatever is missing, or is nothing, the file is damaged or can do without it; it is never a fault."""
    rows = (here / "runs.csv").read_text().splitlines()
    table = [f"{rows[0]},lab", *(f"{row},{'ab'[place % 2]}" for place, row in enumerate(rows[1:] * 2))]
    (here / "two.csv").write_text("\n".join(table))
    assert main(["fit", "two.csv", "--out", "law", "--resamples", "20", *options]) in (0, 1)
    content, given = json.loads((here / "law" / "law.json").read_text()), ["--given", "lab=a"] if options else []
    for path in fields(content):
        for nothing in (False, True):
            damaged = copy.deepcopy(content)
            around = functools.reduce(operator.getitem, path[:-1], damaged)
            if nothing:
                around[path[-1]] = None
            else:
                del around[path[-1]]
            (here / "law.json").write_text(json.dumps(damaged))
            code, out, err = said(capsys, "plan", "law.json", "1e23", *given)
            assert code in (0, 1, 2, 3), (path, err)
            assert code < 2 or (out == "" and err.count("\n") == 1), (path, err)


@pytest.mark.parametrize(
    "content", [b"{", b'{"a": ' + b"9" * 5000 + b"}", b"[" * 10**6, b"", b"\xff\xfe{\x00}\x00", b"{}x"]
)
def test_what_is_no_law_file_is_said_so(content, here, capsys):
    """Broken JSON, numbers of thousands of digits, brackets without end: code 3 and one line."""
    (here / "law.json").write_bytes(content)
    code, out, err = said(capsys, "plan", "law.json", "1e24")
    assert (code, out) == (3, "") and err.count("\n") == 1 and "law.json is no" in err


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="Unix'")
def test_a_file_without_end_is_not_read_to_its_end(here, capsys, monkeypatch):
    """/dev/zero is no law file, and one that begins as one but does not end is refused for its size."""
    code, _, err = said(capsys, "plan", "/dev/zero", "1e24")
    assert code == 3 and "/dev/zero is not JSON" in err
    monkeypatch.setattr(lawfile, "_LARGEST", 1000)
    (here / "law.json").write_text("{" + " " * 10_000)
    code, _, err = said(capsys, "plan", "law.json", "1e24")
    assert code == 3 and "law.json holds more than" in err
