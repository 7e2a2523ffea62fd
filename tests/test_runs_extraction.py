"""Extraction from a script and from a notebook, on small sources of the same layout."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglib import runs
from scalinglib.runs import extraction

SCRIPT = """
import numpy as np

def law(x, a, b):
    y = a + b * x
    return y

x = np.array([16,  32,
              64])

y = np.array([2.5, 1.25,
              0.125])

if __name__ == "__main__":
    split_point = 2
    raise SystemExit("must not be run")
"""


def notebook(lines, cell="7_T_IE3gj3rR"):
    """A notebook of which one cell printed the lines, as Jupyter stores them."""
    cells = [
        {"cell_type": "markdown", "source": ["# runs"], "metadata": {"id": "a"}},
        {
            "cell_type": "code",
            "source": [],
            "metadata": {"id": "b"},
            "outputs": [{"name": "stdout", "text": ["x 1\n"]}],
        },
        {
            "cell_type": "code",
            "source": ["print()"],
            "metadata": {"id": cell},
            "outputs": [
                {"output_type": "stream", "name": "stderr", "text": ["a warning\n"]},
                {"output_type": "stream", "name": "stdout", "text": [line + "\n" for line in lines]},
            ],
        },
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def test_arrays_of_a_script():
    """The two arrays stand side by side, the split marked, and the script is not run."""
    assert extraction.addition_4_digit(SCRIPT.encode()).splitlines() == [
        "train_size,test_xent,split",
        "16,2.5,train",
        "32,1.25,train",
        "64,0.125,extrapolate",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("x = np", "size = np", "the script assigns nothing to x"),
        ("split_point = 2", "pass", "the script assigns nothing to split_point"),
        ("split_point = 2", "split_point = len(x)", "split_point must be an integer"),
        ("0.125", "float('nan')", "y must be an array of plain numbers"),
        ("1.25,", "", "x has 3 entries and y 2"),
        ("import numpy as np", "import numpy as", "the source is not a Python script"),
    ],
)
def test_a_script_of_another_layout(old, new, message):
    """A script in which something is missing is refused, naming what."""
    assert old in SCRIPT
    with pytest.raises(runs.TableLayoutError, match=message):
        extraction.addition_4_digit(SCRIPT.replace(old, new).encode())


def test_printed_lines_of_a_notebook():
    """The lines of the one cell become rows, billions written out, standard error left alone."""
    text = extraction.repeated_c4(notebook(["7m200m 0.007098752 0.2 0.1 7.36236", "8b7 8.67 178.0 13.0 2.451606"]))
    assert text.splitlines() == [
        "name,params,tokens,unique_tokens,loss",
        "7m200m,7098752.0,200000000.0,100000000.0,7.36236",
        "8b7,8670000000.0,178000000000.0,13000000000.0,2.451606",
    ]


@given(st.lists(st.tuples(*[st.integers(1, 10**13)] * 3, st.floats(0.01, 20)), min_size=1))
def test_counts_survive_being_printed_in_billions(printed):
    """A whole count printed as a float of billions comes back exactly."""
    lines = [f"run{row} {N / 1e9} {D / 1e9} {U / 1e9} {loss}" for row, (N, D, U, loss) in enumerate(printed)]
    rows = extraction.repeated_c4(notebook(lines)).splitlines()[1:]
    assert [tuple(map(float, row.split(",")[1:])) for row in rows] == [tuple(map(float, run)) for run in printed]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"not json", "not a notebook"),
        (b"[]", "not a notebook"),
        (notebook(["a 1 1 1 1"], cell="another"), "no cell '7_T_IE3gj3rR' with printed output"),
        (notebook(["a 1 1 1"]), "expected 'name N D U loss', got 'a 1 1 1'"),
        (notebook(["a 1 1 one 1"]), "expected 'name N D U loss'"),
    ],
)
def test_a_notebook_of_another_layout(source, message):
    """A notebook in which something is missing is refused, naming what."""
    with pytest.raises(runs.TableLayoutError, match=message):
        extraction.repeated_c4(source)


@pytest.mark.published_data("repeated-c4")
def test_the_182_runs_go_through_print_and_back():
    """The published runs, printed as their authors printed them, extract to the very file that is pinned."""
    table = runs.load("repeated-c4")
    lines = [
        f"{run.name} {run.params / 1e9} {run.tokens / 1e9} {run.unique_tokens / 1e9} {run.loss}"
        for run in table.itertuples(index=False)
    ]
    text = extraction.repeated_c4(notebook(lines))
    assert hashlib.sha256(text.encode()).hexdigest() == runs.card("repeated-c4").sha256


@pytest.mark.published_data("addition-4-digit")
def test_the_17_points_go_through_a_script_and_back():
    """The published points, written as a script's arrays, extract to the very file that is pinned."""
    table = runs.load("addition-4-digit")
    script = (
        f"x = np.array({table['train_size'].tolist()})\ny = np.array({table['test_xent'].tolist()})\nsplit_point = 14\n"
    )
    text = extraction.addition_4_digit(script.encode())
    assert hashlib.sha256(text.encode()).hexdigest() == runs.card("addition-4-digit").sha256
