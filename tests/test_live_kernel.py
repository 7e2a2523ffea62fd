"""The kernel of a page, in an ordinary Python: what a cell gives, how an error is told, what is fetched when."""

import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

pytest_plugins = ["tests.webassembly"]
ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "chapters/fitting/my-runs.csv"


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """The module, with folders of the test's own."""
    spec = importlib.util.spec_from_file_location("page_kernel", ROOT / "_sphinx/live/kernel.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.chdir(tmp_path)
    made.PLACE, made.SITE = str(tmp_path / "book"), str(tmp_path / "site")
    return made


def outputs(kernel, *cells):
    """The outputs of the last of some cells of one page."""
    page = kernel.Kernel("chapters/units/a-page")
    return [json.loads(page.run(source, number))["outputs"] for number, source in enumerate(cells, 1)][-1]


def test_a_cell_prints_and_shows_in_its_order(kernel):
    """Printed text is joined, standard error kept apart, the last expression shown; a semicolon keeps it back."""
    told = outputs(kernel, "a = 2", "import sys\nprint('x')\nprint(a)\nprint('!', file=sys.stderr)\na * 3")
    assert [each.get("text") for each in told[:2]] == ["x\n2\n", "!\n"] and told[2]["data"] == {"text/plain": "6"}
    assert outputs(kernel, "3;") == [] and outputs(kernel, "None") == []


SETS = """import decimal, os, random, warnings
from pathlib import Path
import numpy as np, pandas as pd, matplotlib.pyplot as plt
kept = 1
warnings.simplefilter("ignore")
os.environ["A_NEW_ONE"] = "1"
np.set_printoptions(precision=2); np.seterr(divide="raise"); np.random.seed(1); random.seed(1)
first = np.random.random(), random.random()
np.random.seed(1); random.seed(1)
pd.set_option("display.max_rows", 4)
plt.rcParams["figure.figsize"] = 1, 1
decimal.getcontext().prec = 3
open("a-file.txt", "w").close(); os.makedirs("folder"); open("folder/another.txt", "w").close()
os.chdir("/")
plt.figure(); raise ValueError(first)"""
SHOWS = """import decimal, os, random, warnings
from pathlib import Path
import numpy as np, pandas as pd, matplotlib as mpl, matplotlib.pyplot as plt
print("kept" in dir(), os.environ.get("A_NEW_ONE"), "PATH" in os.environ, Path.cwd().name)
print(sorted(Path().rglob("a*.txt")))
print(np.float64(1) / np.array([3.0]), np.geterr()["divide"], pd.options.display.max_rows, decimal.getcontext().prec)
print(plt.rcParams["figure.figsize"] == mpl.rcParamsDefault["figure.figsize"], plt.get_fignums())
print(np.random.random() == FIRST[0], random.random() == FIRST[1])
with warnings.catch_warnings(record=True) as said:
    warnings.warn("told", UserWarning)
print(len(said))"""
FORGOTTEN = """False None True {}
[]
[0.33333333] warn 60 28
True []
False False
1
"""


def test_a_fresh_start_forgets_what_cells_have_set(kernel):
    """A kernel that follows one whose cells have set names, warnings, packages, seeds and files sees none of it."""
    [fault] = outputs(kernel, SETS)
    assert fault["type"] == "ValueError"
    shows = f"FIRST = {fault['said']}\n{SHOWS}"
    assert outputs(kernel, shows) == [{"kind": "stdout", "text": FORGOTTEN.format("units")}]


def test_under_webassembly_a_page_sees_nothing_of_the_one_before(python):
    """The same where the chapters are tested, in one Python; a page of another chapter sees none of it, either."""
    for page in ("units/another", "limits/another"):
        [fault] = python.ask({"page": "chapters/units/one", "cells": [SETS]})["results"][0]["outputs"]
        assert fault["type"] == "ValueError"
        cells = [f"FIRST = {fault['said']}\n{SHOWS}"]
        [told] = python.ask({"page": f"chapters/{page}", "cells": cells})["results"][0]["outputs"]
        assert told["text"] == FORGOTTEN.format(page.partition("/")[0])


def test_a_cell_that_only_comes_before_makes_nothing_ready(kernel):
    """Without `shows` the last value is computed, and not turned into what a page shows."""
    page = kernel.Kernel()
    cell = "class Slow:\n    def __repr__(self):\n        1 / 0\nmade = [Slow()]\nmade[0]"
    assert json.loads(page.run(cell, 1, False))["outputs"] == []
    assert json.loads(page.run("len(made)", 2))["outputs"][0]["data"]["text/plain"] == "1"


def test_what_the_book_shows_is_shown(kernel):
    """A table comes as HTML and text, a figure as SVG with its words."""
    [table] = outputs(kernel, "import scalinglib as sl\nsl.table({'N': [1e9]})")
    assert table["data"]["text/html"].startswith("<table") and "1e9" in table["data"]["text/plain"]
    [figure] = outputs(kernel, "import scalinglib as sl\nsl.plots.isoflop_bowls(sl.published['besiroglu2024'])")
    assert figure["data"]["image/svg+xml"].startswith("<svg") and figure["words"]["name"].startswith("fig-")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("x = [1]\nx[5]", ("IndexError", "list index out of range", 2, 2, "x[5]")),
        ("y = 1\ny +", ("SyntaxError", "invalid syntax", 2, 2, "y +")),
        ("f()", ("ZeroDivisionError", "division by zero", 1, 2, "return 1 / 0")),
        ("import sys\nsys.exit(3)", ("SystemExit", "3", 2, 2, "sys.exit(3)")),
    ],
)
def test_an_error_names_the_last_line_of_a_cell(kernel, cell, said):
    """Kind, message, and the cell and line that led to it, also inside a function of an earlier cell."""
    [fault] = outputs(kernel, "def f():\n    return 1 / 0", cell)
    assert tuple(fault[key] for key in ("type", "said", "cell", "line", "code")) == said


def test_output_streams_are_given_back(kernel):
    """After a cell that fails, this process prints as before."""
    before = sys.stdout, sys.stderr
    outputs(kernel, "raise ValueError")
    assert (sys.stdout, sys.stderr) == before


class Bytes(bytes):
    """An array of JavaScript's."""

    def to_bytes(self):
        """Its content."""
        return bytes(self)


def test_a_package_is_fetched_when_it_is_first_imported(kernel, monkeypatch):
    """Nothing is asked for before; then once, with the package in its place; a fetch that fails is tried again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as held:
        held.writestr("page_only/__init__.py", "value = 7")
    asked, answers = [], [OSError("no network"), Bytes(packed.getvalue())]

    def fetch(name):
        asked.append(name)
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.syspath_prepend(kernel.SITE)
    monkeypatch.setattr(sys, "meta_path", [kernel.Packages({"page_only": "page_only-1.whl"}, fetch), *sys.meta_path])
    assert outputs(kernel, "import json")[:1] == [] and asked == []
    assert outputs(kernel, "import page_only")[0]["said"] == "no network"
    assert outputs(kernel, "import page_only\nimport page_only as again\nagain.value")[0]["data"]["text/plain"] == "7"
    assert asked == ["page_only-1.whl"] * 2
    sys.modules.pop("page_only")


def test_a_dropped_table_gives_what_the_command_gives(kernel, tmp_path, capsys):
    """The report and the law file are the command's own, to the last digit; nothing is left behind."""
    from scalinglib.command import main

    words = ["--budget", "1e23", "--where", "status = finished", "--resamples", "20"]
    told = json.loads(
        kernel.report("../my-runs.csv", TABLE.read_bytes(), "--budget 1e23 --where 'status = finished' --resamples 20")
    )
    (tmp_path / "my-runs.csv").write_bytes(TABLE.read_bytes())
    assert main(["fit", "my-runs.csv", "--out", "law", *words]) == told["code"]
    printed = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("wrote ")]
    assert told["said"].splitlines() == printed
    for name in ("law.json", "report.html"):
        assert told["files"][name] == (tmp_path / "law" / name).read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["law", "my-runs.csv"]


@pytest.mark.parametrize(
    ("name", "content", "words", "said"),
    [
        ("a.csv", b"size,loss\n1,2\n", "", "a.csv: no column for D"),
        ("", b"", "", "my-runs.csv"),
        ("--out", b"N,D,loss\n1,2,3\n", "", "1 run cannot fix"),
        ("a.csv", b"N,D,loss\n1,2,3\n", "--where 'x", "No closing quotation"),
        ("a.csv", b"N,D,loss\n1,2,3\n", "--nothing", "--nothing"),
    ],
)
def test_a_table_or_words_that_cannot_be_used_are_told(kernel, name, content, words, said):
    """Code 2 and one line that says why, also of options and of names that no file should have."""
    told = json.loads(kernel.report(name, content, words))
    assert told["code"] == 2 and said in told["notes"] and told["files"] == {}
