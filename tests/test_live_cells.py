"""The comparison of what cells print under WebAssembly with what is stored."""

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


def test_the_same_text_is_no_fault():
    """Printed lines and the text of what is shown are compared; markup is not."""
    same = {"outputs": [{"kind": "stdout", "text": "a 1\nb 2\n"}, SHOWN]}
    assert live_cells.fault(STORED, same) == ""


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"outputs": [{"kind": "stdout", "text": "a 1\nb 3\n"}, SHOWN]}, "differs: 'b 2' is stored, now 'b 3'"),
        (printed("a 1\n"), "differs: 1 lines where 3 are stored"),
        ({"outputs": [{"kind": "error", "type": "E", "said": "m", "code": "c"}]}, "error: E: m in 'c'"),
    ],
)
def test_another_text_and_an_error_are_named(result, said):
    """The first line that is another, another count of lines, and an error's words."""
    assert live_cells.fault(STORED, result) == said


def test_a_cell_that_may_vary_may_not_fail():
    """What is left out of the comparison elsewhere is left out here, and an error is told all the same."""
    loose = cell({"output_type": "stream", "text": "1"}, tags=[live_cells.UNSTABLE])
    assert live_cells.fault(loose, printed("2")) == ""
    assert live_cells.fault(loose, {"outputs": [{"kind": "error", "type": "E", "said": "", "code": ""}]})


def test_without_a_runtime_it_says_so(tmp_path, monkeypatch, capsys):
    """Nothing is run and nothing fails where make live has not been."""
    monkeypatch.setenv("SCALINGLIB_RUNTIME", str(tmp_path))
    assert live_cells.main([]) == 0 and "needs node and what make live fetches" in capsys.readouterr().err
