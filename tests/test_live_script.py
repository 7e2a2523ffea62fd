"""The page's own script for cells that run: which cells come before, and the notebook that a reader takes away."""

import json
from pathlib import Path

import nbformat
import pytest
from py_mini_racer import MiniRacer

SOURCES = Path(__file__).resolve().parent.parent / "_sphinx/live"


@pytest.fixture(scope="module")
def engine():
    """The functions that need no page."""
    made = MiniRacer()
    for name in ("session.js", "edits.js"):
        made.eval((SOURCES / name).read_text(encoding="utf-8"))
    return made


@pytest.mark.parametrize(
    ("ran", "texts", "at", "runs"),
    [
        ([], "abcd", 2, [0, 1, 2]),
        (["a", "b"], "abcd", 3, [2, 3]),
        (["a", "b", "c"], "abc", 2, [2]),
        (["a", "b", "c"], "aBc", 2, [1, 2]),
        (["a", "b", "c"], "abc", 0, [0]),
    ],
)
def test_what_has_to_run_before_runs(engine, ran, texts, at, runs):
    """All from the first cell that has not run as it now reads; a cell by itself where those above it have."""
    told = engine.eval(f"JSON.stringify(toRun({json.dumps(ran)}, {json.dumps(list(texts))}, {at}))")
    assert json.loads(told) == runs


def test_the_notebook_of_a_page_is_one(engine):
    """Title, headings and cells make a notebook that Jupyter reads, each line of code as it was."""
    cells = [{"heading": "First", "source": "a = 1\n\nprint('é')"}, {"source": "b = 2"}]
    text = engine.eval(f"notebook('A page', 'http://127.0.0.1/a.html', {json.dumps(cells)})")
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    assert [cell.source for cell in made.cells][1:] == ["## First", "a = 1\n\nprint('é')", "b = 2"]
    assert made.cells[0].source.startswith("# A page")
