"""The comparison of what cells print under WebAssembly with what is stored."""

import json
import queue
from types import SimpleNamespace

import pytest

from _sphinx.tools import live_cells


def cell(*outputs, tags=()):
    """A cell of a notebook with outputs."""
    return {"metadata": {"tags": [*tags]}, "outputs": [*outputs]}


def printed(text):
    """What the kernel gives for a printed text."""
    return {"outputs": [{"kind": "stdout", "text": text}]}


STORED = cell(
    {"output_type": "stream", "name": "stdout", "text": ["a 1\n", "b 2\n"]},
    {"output_type": "execute_result", "data": {"text/html": "<p>", "text/plain": ["x"]}},
)
SHOWN = {"kind": "data", "data": {"text/plain": "x", "text/html": "<p>"}, "words": {}}


def test_the_same_outputs_are_no_fault():
    """Printed lines and all texts of what is shown are compared; of a picture its words are, and not its marks."""
    same = {"outputs": [{"kind": "stdout", "text": "a 1\nb 2\n"}, SHOWN]}
    assert live_cells.fault(STORED, same) == ""
    pictures = [{"data": {"image/svg+xml": marks, "text/plain": "A line."}} for marks in ("<svg>", "<svg >")]
    assert live_cells.fault(cell(pictures[0]), {"outputs": [{"kind": "data", **pictures[1]}]}) == ""


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            {"outputs": [{"kind": "stdout", "text": "a 1\nb 3\n"}, SHOWN]},
            "differs in stdout: 'b 2' is stored, now 'b 3'",
        ),
        (
            {
                "outputs": [
                    {"kind": "stdout", "text": "a 1\nb 2\n"},
                    {**SHOWN, "data": {**SHOWN["data"], "text/html": "y"}},
                ]
            },
            "differs in text/html: '<p>' is stored, now 'y'",
        ),
        (printed("a 1\n"), "differs: ['stdout'] where ['stdout', 'text/html', 'text/plain'] are stored"),
        (
            {"outputs": [{"kind": "stderr", "text": "a 1\nb 2\n"}, SHOWN]},
            "differs: ['stderr', 'text/html', 'text/plain'] where ['stdout', 'text/html', 'text/plain'] are stored",
        ),
        ({"outputs": [{"kind": "error", "type": "E", "said": "m", "code": "c"}]}, "error: E: m in 'c'"),
    ],
)
def test_another_output_and_an_error_are_named(result, said):
    """The first line that is another, other kinds of output, and an error's words."""
    assert live_cells.fault(STORED, result) == said


def test_a_known_difference_may_not_be_an_error_nor_be_over():
    """An unlisted difference is told, and so is a listed cell that fails, agrees again or is not there."""
    known = dict.fromkeys(("p:a", "p:b", "p:c", "p:d", "other:e"), "why")
    faults = {"a": "differs in text/plain", "b": "error: E", "c": "", "e": "differs in stdout", "f": ""}
    told = live_cells.verdict("p", faults, known)
    assert told == {
        "b": "error: E",
        "c": "gives the stored outputs again: take it out of _sphinx/live/differs.txt",
        "d": "is listed and there is no such cell",
        "e": "differs in stdout",
    }


def test_each_known_difference_has_a_reason_and_a_cell():
    """The list names cells that are in the notebooks, each with more than a word on why."""
    for name, reason in live_cells.differing().items():
        page, _, wanted = name.partition(":")
        cells = json.loads((live_cells.ROOT / f"{page}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert wanted in {cell["id"] for cell in cells} and len(reason.split()) > 4, name


def test_a_page_without_its_table_is_not_run(tmp_path):
    """What a page loads and cannot be passed on is named by its file; a table of the library is never lacking."""
    cells = [{"source": ['sl.runs.load("chinchilla"); ', 'sl.runs.load("language-model")']}]
    assert live_cells.lacking(cells, tmp_path) == ["chinchilla_runs_epoch.csv"]
    (tmp_path / "chinchilla_runs_epoch.csv").write_text("")
    assert live_cells.lacking(cells, tmp_path) == []


@pytest.mark.parametrize(("data", "wrong"), [("", 0), ("here", 1)])
def test_a_table_that_is_said_to_be_here_may_not_lack(data, wrong, tmp_path, monkeypatch, capsys):
    """Where SCALINGLIB_DATA says that the tables are here, a page that is not run for want of one counts as a fault."""
    monkeypatch.setenv("SCALINGLIB_DATA", data)
    monkeypatch.setattr(live_cells, "Python", lambda *_: SimpleNamespace(end=lambda: None))
    pages = queue.SimpleQueue()
    pages.put(live_cells.ROOT / "chapters/fitting/replication.ipynb")
    assert live_cells.worker(pages, None, tmp_path, tmp_path, {}) == (0, wrong)
    assert "not run, for want of chinchilla_runs_epoch.csv" in capsys.readouterr().out


def test_a_cell_that_may_vary_may_not_fail():
    """What is left out of the comparison elsewhere is left out here, and an error is told all the same."""
    loose = cell({"output_type": "stream", "text": "1"}, tags=[live_cells.UNSTABLE])
    assert live_cells.fault(loose, printed("2")) == ""
    assert live_cells.fault(loose, {"outputs": [{"kind": "error", "type": "E", "said": "", "code": ""}]})


def test_without_a_runtime_it_says_so(tmp_path, monkeypatch, capsys):
    """Nothing is run and nothing fails where make live has not been."""
    monkeypatch.setenv("SCALINGLIB_RUNTIME", str(tmp_path))
    assert live_cells.main([]) == 0 and "needs node and what make live fetches" in capsys.readouterr().err
