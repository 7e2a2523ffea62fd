"""`make execute`: the only way outputs change, and a second run leaves no difference."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import scalinglib
from _sphinx.tools import execute

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = execute.chapters(ROOT)

FIGURE = """
from scalinglib.explore import axis, curve, panel
from scalinglib.plots import Figure
line = {"axes": panel(axis("x", 1, 3), axis("y", 1, 3)), "curves": {"line": curve([1, 2, 3], [3, 2, 1])}}
Figure(line, alt="A line that falls from 3 to 1.", caption="A falling line.", name="fig-falling")
"""


def notebook(path, *sources):
    """Write a notebook of code cells as an editor would leave it; return its path."""
    cells = [nbformat.v4.new_markdown_cell("# Title", id="title")]
    cells += [
        nbformat.v4.new_code_cell(source, id=f"cell-{number}", metadata={"execution": {"iopub.status.busy": "x"}})
        for number, source in enumerate(sources)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(*words):
    """Run execute.py; return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "_sphinx.tools.execute", *map(str, words)], capture_output=True, text=True, cwd=ROOT
    )


def test_second_run_leaves_no_difference(tmp_path):
    """A notebook with a figure, printed pieces and non-ASCII text has the same bytes after a second run,
    and passes strict nbval.
    """
    streams = "import sys, time\nfor n in range(3):\n    print('α', n)\n    sys.stdout.flush()\n    time.sleep(0.05)"
    path = notebook(tmp_path / "one.ipynb", FIGURE.strip(), streams)
    assert run(path).returncode == 0
    first = path.read_bytes()
    assert run(path).returncode == 0
    assert path.read_bytes() == first

    held = nbformat.reads(first.decode(), as_version=4)
    assert [cell.id for cell in held.cells] == ["colab", "title", "cell-0", "cell-1"]
    figure, printed = held.cells[2].outputs[0], held.cells[3].outputs
    assert figure.data["text/plain"] == "Figure: A line that falls from 3 to 1."
    assert figure.metadata["image/svg+xml"]["alt"] == "A line that falls from 3 to 1."
    assert [output.text for output in printed] == ["α 0\nα 1\nα 2\n"]
    assert "execution" not in held.cells[2].metadata and "version" not in held.metadata.language_info
    assert "α".encode() in first and first.endswith(b"}\n")

    strict = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    checked = subprocess.run([*strict, str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "3 passed" in checked.stdout


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "failed with ZeroDivisionError"),
        ("import sys; print('warned', file=sys.stderr); object()", "writes to stderr: warned"),
    ],
)
def test_a_cell_that_may_not_be_committed_changes_nothing(tmp_path, source, reason):
    """A cell that fails or warns is named with the reason, and the file stays as it was."""
    path = notebook(tmp_path / "bad.ipynb", "print('fine')", source)
    before = path.read_bytes()
    result = run(path)
    assert result.returncode == 1
    assert "'cell-1'" in result.stderr and reason in result.stderr
    assert "Traceback" not in result.stderr
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["bad.ipynb"]


def test_dry_run_names_the_cells_and_writes_nothing(tmp_path):
    """A dry run lists the cells whose output would change and leaves the file alone."""
    path = notebook(tmp_path / "one.ipynb", "print(1)", "x = 2")
    assert run(path).returncode == 0
    path.write_text(path.read_text().replace("print(1)", "print(7)"))
    before = path.read_bytes()
    result = run("--dry-run", path)
    assert "cells changed: cell-0 (" in result.stdout
    assert path.read_bytes() == before


def test_unknown_notebook_is_one_line(tmp_path):
    """A notebook that is not there, or is none, is named in one line."""
    assert "no such notebook" in run(tmp_path / "absent.ipynb").stderr
    (tmp_path / "text.ipynb").write_text("not json")
    result = run(tmp_path / "text.ipynb")
    assert result.returncode == 1 and "not a notebook" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("printed", "stable"),
    [
        ("<object object at 0x7f3a5c0d1e90>", False),
        (f"read {ROOT / 'scalinglib'}", False),
        ("/tmp/ipykernel_4711/1.py:3: a warning", False),
        ("alpha 0.3473, at 0x1 of 10", True),
    ],
)
def test_addresses_and_paths_are_seen(printed, stable):
    """A memory address or a path of this machine is found in printed text
    and in a shown value; ordinary words are not.
    """
    for output in (
        nbformat.v4.new_output("stream", name="stdout", text=printed),
        nbformat.v4.new_output("execute_result", data={"text/plain": printed}),
    ):
        cell = nbformat.v4.new_code_cell("", outputs=[output])
        assert (execute.unstable_output(cell) is None) == stable


@pytest.mark.parametrize(
    ("setting", "holds"),
    [
        ('repository:\n  url: ""\n', "raise RuntimeError"),
        ("title: x\n", "raise RuntimeError"),
        (
            "repository:\n  url: https://example.org/a/b\n",
            f'%pip install -q "scalinglib @ git+https://example.org/a/b@v{scalinglib.__version__}"',
        ),
    ],
)
def test_colab_cell_follows_the_one_setting(tmp_path, setting, holds):
    """The Colab cell carries repository.url, stands first, is hidden, and is replaced rather than repeated."""
    (tmp_path / "_config.yml").write_text(setting)
    held = nbformat.read(notebook(tmp_path / "one.ipynb", "1"), as_version=4)
    for _ in range(2):
        execute.stamp_colab(held, execute.repository_url(tmp_path / "_config.yml"))
    assert [cell.id for cell in held.cells] == ["colab", "title", "cell-0"]
    assert held.cells[0].source.startswith('import sys\nif "google.colab" in sys.modules:\n    ')
    assert holds in held.cells[0].source
    assert held.cells[0].metadata == {"tags": ["remove-cell"]}


def test_the_address_is_stamped_and_nothing_is_run(tmp_path):
    """With --address the Colab cell has the address, cells that would fail are not run, and outputs stay."""
    (tmp_path / "_config.yml").write_text("repository:\n  url: https://example.org/a/b\n")
    path = notebook(tmp_path / "one.ipynb", "print(1)")
    assert run(path).returncode == 0
    before = nbformat.reads(path.read_text().replace("print(1)", "1 / 0"), as_version=4)
    nbformat.write(before, path)
    result = run("--address", "--config", tmp_path / "_config.yml", path)
    assert result.returncode == 0 and "cells changed: colab" in result.stdout
    after = nbformat.read(path, as_version=4)
    assert "git+https://example.org/a/b@v" in after.cells[0].source
    assert after.cells[1:] == before.cells[1:] and after.cells[2].outputs[0].text == "1\n"
    text = path.read_bytes()
    assert "no output changed" in run("--address", "--config", tmp_path / "_config.yml", path).stdout
    assert path.read_bytes() == text


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_chapters_stand_as_execute_writes_them(path):
    """Every committed chapter has the form, the Colab cell and the clean outputs that `make execute` gives it."""
    text = path.read_text(encoding="utf-8")
    held = nbformat.reads(text, as_version=4)
    code = [cell for cell in held.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "not run from top to bottom"
    assert [execute.unstable_output(cell) for cell in code] == [None] * len(code)
    execute.stamp_colab(held, execute.repository_url(ROOT / "_config.yml"))
    held.cells[0].execution_count = 1
    execute.settle(held)
    assert nbformat.writes(held, version=4).rstrip("\n") + "\n" == text


def test_a_chapter_run_twice(tmp_path):
    """A whole section with its figures, run twice from its committed text, gives the same bytes both times."""
    section = ROOT / "chapters" / "units" / "size-and-cost.ipynb"
    path = tmp_path / section.name
    path.write_bytes(section.read_bytes())
    texts = []
    for _ in range(2):
        assert run(path).returncode == 0
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]
