"""What chapters look like on their pages: which code is open, what the line over the rest says, captions on a phone."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from coursebook import checked
from coursebook.folding import LONGEST, label
from coursebook.printed import in_columns
from tests.browser import CHAPTERS

pytest_plugins = ["tests.browser"]
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "chapters").rglob("*.ipynb"))


@pytest.mark.parametrize(
    ("source", "tags", "line"),
    [
        ("import numpy as np\nfrom scalinglib import plots", (), "Code: the imports"),
        ("plots.lamp_line(x, y, line=line.law)", (), "Code: the call that draws this figure"),
        ("sl.explore.figure(sl.explore.doubling)", (), "Code: the call that draws this figure"),
        ("law = fit()\nplots.surface(law)", (), None),
        ("print(1)\n" * LONGEST, (), None),
        ("print(1)\n" * (LONGEST + 1), (), "Code: 9 lines"),
        ("# How the rows are set\n" + "print(1)\n" * LONGEST, (), "How the rows are set"),
        ("def f(x):\n    return x\n" + "y = f(1)\n" * LONGEST, (), "Code: 10 lines, f"),
        ("a, b = 1, 2\n" * (LONGEST + 1), (), "Code: 9 lines, a, b"),
        ("# The table.\nrows = 1", ("hide-input",), "The table"),
        ("%matplotlib inline\nx", (), None),
    ],
)
def test_what_the_line_over_folded_code_says(source, tags, line):
    """Imports, a lone call of a figure, tagged and long code are folded; a comment in the first line names them."""
    assert label(source, tags) == line


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_folded_code_says_what_it_is(path):
    """What is folded for its length or by its tag says what is in there,."""
    nameless = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and not {"remove-cell", "hide-cell"} & {*tags}:
            given = cell["metadata"].get("mystnb", {}).get("code_prompt_show", "")
            line = label("".join(cell["source"]), tags, given) or ""
            nameless += [cell["id"]] if re.match(r"Code: \d+ lines", line) else []
    assert nameless == []


def test_open_code_is_short_and_a_fold_is_named_by_its_line(built_book):
    """On every built page code outside of a fold has eight lines at most, and a fold has one line and no other name."""
    opened, folds = [], []
    for file in sorted((built_book / "chapters").rglob("*.html")):
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for code in page.select("div.cell_input"):
            lines = code.get_text().strip().splitlines()
            opened += [f"{file.stem}: {lines[0]}"] if len(lines) > LONGEST and not code.find_parent("details") else []
        folds += page.select("details.hide > summary")
    assert opened == [] and len(folds) > 100
    assert [fold for fold in folds if len(fold.find_all("p")) > 1 or fold.has_attr("aria-label")] == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("E 1.8\n" + "a sentence that is longer than a line on a phone\n" * 3, False),
        ("constant     value  80% from      to\n" * 3, False),
        ("N parameters     1.295e11  8.553e10  1.498e11\n", False),
        ("N parameters     1.295e11  8.553e10  1.498e11\n" * 2, True),
    ],
)
def test_what_is_printed_in_columns(text, answer):
    """Two lines that a phone would break, with blanks between words; sentences and short lines are none."""
    assert in_columns(text) is answer


def test_columns_are_kept_on_the_page(built_book):
    """A report card has the class that lets it scroll sideways, and the sentences above it on its page do not."""
    page = BeautifulSoup(
        (built_book / "chapters/claims/reading-a-paper.html").read_text(encoding="utf-8"), "html.parser"
    )
    printed = {output.get_text()[:9]: "columns" in output["class"] for output in page.select(".output.stream")}
    assert printed["80% inter"] and not printed["1. We tra"]


def test_every_page_says_where_to_report_a_mistake(built_book):
    """The foot of each page of the book leads to the errata, which say how."""
    for name in CHAPTERS:
        page = BeautifulSoup((built_book / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        links = [link["href"] for link in page.select("p.say-so a")]
        assert [link.rpartition("/")[2] for link in links] == ([] if name == checked.ERRATA else ["errata.html"]), name


# Panels that stand beside each other on a wide page stand below each other on a telephone.
SIDES = re.compile(r"\b(?:Left|Right)[,:]|\((?:left|right)\b|\b(?:left|right) panel")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_captions_count_their_panels(path):
    """A caption or an alternative text says first and second panel, which both layouts have, and not left and right."""
    said = [
        words
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", ())
        for held in output.get("metadata", {}).values()
        for words in held.values()
        if isinstance(words, str)
    ]
    assert [words for words in said if SIDES.search(words)] == []
