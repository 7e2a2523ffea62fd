"""One's own table under WebAssembly against the command; skipped where make live has not been run."""

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from scalinglib.command import main

pytest_plugins = ["tests.webassembly"]
TABLE = Path(__file__).resolve().parents[1] / "chapters/fitting/my-runs.csv"
# How the minimiser came to its optimum: the last bits of powers and logarithms decide, and no number of the law does.
PATH = {"iterations", "gradient_norm"}


def numbers(law, path=()):
    """Each number of a law file with the names that lead to it; of two files the same, in one order."""
    if isinstance(law, dict):
        for name in law:
            if name not in PATH:
                yield from numbers(law[name], (*path, name))
    elif isinstance(law, list):
        for place, one in enumerate(law):
            yield from numbers(one, (*path, place))
    else:
        yield path, law


@pytest.mark.parametrize(
    "words", ["--budget 1e23", "--form 'E + A / N**alpha + B / D**beta' --where 'status = finished'"]
)
def test_a_page_gives_the_commands_numbers(python, tmp_path, monkeypatch, capsys, words):
    """Of the lines only the minimiser's steps may be others; no number of the law is off by more than 1e-10 of it."""
    shutil.copy(TABLE, tmp_path)
    monkeypatch.chdir(tmp_path)
    code = main(["fit", TABLE.name, "--out", "law", "--no-figure", *shlex.split(words)])
    said, notes = capsys.readouterr()
    here = [line for line in said.splitlines() if not line.startswith("wrote ")]
    there = python.ask({"table": TABLE.read_text(encoding="utf-8"), "words": words})
    assert there["code"] == code == 0 and there["notes"] == notes
    for ours, other in [
        (here, there["said"].splitlines()),
        (Path("law/report.html").read_text(encoding="utf-8").splitlines(), there["files"]["report.html"].splitlines()),
    ]:
        changed = [pair for pair in zip(ours, other, strict=True) if pair[0] != pair[1]]
        assert all(a.split(";")[0] == b.split(";")[0] and "gradient norm" in a for a, b in changed), changed

    ours = list(numbers(json.loads(Path("law/law.json").read_text(encoding="utf-8"))))
    other = list(numbers(json.loads(there["files"]["law.json"])))
    assert [path for path, _ in ours] == [path for path, _ in other]
    for (path, a), (_, b) in zip(ours, other, strict=True):
        if isinstance(a, float):
            assert np.isclose(a, b, rtol=1e-10, atol=1e-12), path
        else:
            assert a == b, path
