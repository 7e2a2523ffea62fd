"""Whole numbers where numpy's own are 32 bits wide, as in a page: counts of parameters, tokens and FLOP are wider."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
NARROW = ("int", "np.int_", "np.intp", "'int'")
# What counts parameters, tokens or FLOP, by its name in the library and in the chapters.
COUNTS = re.compile(r"\b([NDCU]|(?i:params|parameters|tokens|flop|compute|budgets?|examples))\b")


def narrowed(source):
    """The casts of a source to a whole number of the machine's own width, of what counts something."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "astype"
            and node.args
        ):
            kinds, told = (
                ast.unparse(node.args[0]),
                re.sub(r"(np\.size|len)\([^)]*\)", "", ast.unparse(node.func.value)),
            )
            pairs = re.findall(r"'(\w+)': (\S+?)[,}]", kinds) if kinds.startswith("{") else [(told, kinds)]
            yield from (ast.unparse(node) for what, kind in pairs if kind in NARROW and COUNTS.search(what))


def code_of(notebook):
    """The code of a notebook that is Python."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_no_count_is_kept_in_a_narrow_whole_number():
    """No code of the library or of a chapter casts parameters, tokens or FLOP to numpy's default whole number."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "scalinglib").rglob("*.py")}
    sources |= {path: code_of(path) for path in (ROOT / "chapters").rglob("*.ipynb")}
    assert [f"{path.relative_to(ROOT)}: {one}" for path, text in sources.items() for one in narrowed(text)] == []


@pytest.mark.parametrize(
    "text", ["runs.N.astype(int)", "runs.astype({'tokens': int})", "np.round(C / 6).astype(np.int_)"]
)
def test_the_scan_finds_what_it_looks_for(text):
    """A column of counts, a table's column by name and an expression of a count are found; rows are not."""
    assert list(narrowed(text)) and not list(narrowed("np.linspace(0, n - 1, 8).astype(int)"))


def test_places_between_kinds_may_be_narrow():
    """The sums of the memoriser take their places in the machine's width, which a page's numpy insists on."""
    from scalinglib.simulate import ZipfMemoriser

    world = ZipfMemoriser(alpha=0.5, kinds=1000)
    add = np.add

    class Narrow:
        """numpy's sum over slices as a machine of 32 bits has it: it takes no wider places."""

        @staticmethod
        def reduceat(values, places):
            assert places.dtype == np.intp
            return add.reduceat(values, places)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "add", Narrow)
        assert world.loss([10.0, 1e10], N=[5, 50]).shape == (2,)


def test_numpy_alone_serves_a_table_of_results():
    """What a chapter of formulas uses loads neither scipy nor pandas nor matplotlib, which a page would wait for."""
    code = (
        "import sys, scalinglib as sl; sl.published['besiroglu2024'].optimum(1e21); sl.table({'N': [1e9]}); "
        "sl.accounting, sl.emergence, sl.limits; from scalinglib import parallel; sys.platform = 'emscripten'; "
        "parallel.run_pieces(pow, [(2, 3)], label=''); "
        "print(sorted({'scipy', 'pandas', 'matplotlib', 'joblib', 'pooch'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
