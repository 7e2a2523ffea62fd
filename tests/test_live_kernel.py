"""The kernel of a page, in an ordinary Python: what a cell gives, how an error is told, what is fetched when."""

import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

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


def test_a_fresh_start_forgets_what_cells_have_set(kernel):
    """Names, filters of warnings and variables of the environment that cells have set are gone with the next kernel."""
    outputs(kernel, "import os, warnings\nwarnings.simplefilter('ignore')\nos.environ['A_NEW_ONE'] = kept = '1'")
    asked = "import os, warnings\nprint('kept' in dir(), os.environ.get('A_NEW_ONE'), 'PATH' in os.environ)"
    told = (
        "with warnings.catch_warnings(record=True) as said:\n    warnings.warn('told', UserWarning)\nprint(len(said))"
    )
    assert outputs(kernel, f"{asked}\n{told}") == [{"kind": "stdout", "text": "False None True\n1\n"}]


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
