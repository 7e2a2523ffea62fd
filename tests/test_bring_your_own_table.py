"""The page "Bring your own table": its template, its column names and the command that it quotes."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scalinglib.reading.quantities import SYNONYMS

FOLDER = Path(__file__).resolve().parent.parent / "chapters" / "fitting"
TEMPLATE = FOLDER / "my-runs.csv"


@pytest.fixture(scope="module")
def cells():
    notebook = json.loads((FOLDER / "bring-your-own-table.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in notebook["cells"]}


def printed(cell):
    """What a stored cell printed: its command line and the lines below it."""
    lines = "".join(cell["outputs"][0]["text"]).splitlines()
    below = next(place for place, line in enumerate(lines) if place and not line.startswith("    "))
    return " ".join(line.strip() for line in lines[:below]), lines[below:]


def test_template_is_the_table_of_the_page(cells):
    """The file that readers download is what the page's own cells write, to the last byte."""
    names = {}
    for name in ("imports", "draw-lab", "table"):
        exec("".join(cells[name]["source"]), names)
    assert (names["folder"] / "my-runs.csv").read_bytes() == TEMPLATE.read_bytes()
    assert len(TEMPLATE.read_bytes()) < 4096


def test_names_of_columns_are_understood(cells):
    """Each name that the page lists for a quantity is one that the command takes for it."""
    rows = re.findall(r"^\| (\$?\w+\$?) \| (`.*?`) \|", "".join(cells["template"]["source"]), flags=re.M)
    listed = {quantity.strip("$"): re.findall(r"`(\w+)`", names) for quantity, names in rows}
    assert set(listed) == set(SYNONYMS)
    for quantity, names in listed.items():
        assert {name.lower() for name in names} <= set(SYNONYMS[quantity])


def test_commands_print_what_the_page_shows(cells, tmp_path):
    """Typed into a shell, the page's fit and plan print what the page shows they print, and succeed."""
    shutil.copy(TEMPLATE, tmp_path)
    for name in ("command-fit", "plan"):
        line, shown = printed(cells[name])
        called = shlex.split(line.removeprefix("$ python "))
        done = subprocess.run(
            [sys.executable, *called], cwd=tmp_path, env={**os.environ, "COLUMNS": "88"}, capture_output=True, text=True
        )
        said = [each for each in done.stdout.splitlines() if "gradient norm" not in each]
        assert done.stderr == ""
        assert [*said, f"exit code {done.returncode}"] == shown
    written = sorted(path.name for path in (tmp_path / "my-runs-law").iterdir())
    assert written == ["figure.png", "law.json", "report.html"]
