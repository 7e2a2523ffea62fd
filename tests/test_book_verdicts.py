"""The ledger's table: rows below their sources, each marked by its verdict."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import scalinglib as sl
from coursebook import verdicts

LEDGER = Path(__file__).resolve().parents[1] / "chapters/back-matter/ledger.ipynb"
ROWS = [
    {"source": "Kaplan et al.", "number": "a & b", "printed": "0.7", "here": "0.74", "verdict": "reproduced, cut off"},
    {"source": "Kaplan et al.", "number": "c", "printed": "1", "here": "10", "verdict": "cannot be: a factor of 10"},
    {"source": "Llama 3", "number": "d", "printed": "2", "here": "3", "verdict": "off by +50%"},
]


def test_rows_stand_below_their_source_with_their_verdict():
    """A source is the heading of its rows and leads to its section; each row has the kind of its verdict."""
    page = BeautifulSoup(verdicts.grouped(sl.table(ROWS)._repr_html_()), "html.parser")
    assert [link["href"] for link in page.select("th[scope=rowgroup] a")] == ["#kaplan-et-al", "#llama-3"]
    kinds = [[row["data-verdict"] for row in body.select("tr[data-verdict]")] for body in page.find_all("tbody")]
    assert kinds == [["reproduced", "cannot be"], ["off by"]]
    assert [cell.get_text() for cell in page.select("thead th")] == ["number", "printed", "here", "verdict"]
    assert [cell.get_text() for cell in page.select("tbody tr")[1].find_all(["th", "td"])] == [
        "a & b",
        "0.7",
        "0.74",
        "✓ reproduced, cut off",
    ]


def test_the_filter_counts_the_verdicts():
    """The choices of the filter say how many rows each has; they are hidden from a page without the script."""
    page = BeautifulSoup(verdicts.choices(verdicts.grouped(sl.table(ROWS)._repr_html_())), "html.parser")
    assert page.form.has_attr("hidden")
    said = [label.get_text() for label in page.select("fieldset label")]
    assert said == ["all 3", "✓ reproduced: 1", "≈ off by: 1", "✗ cannot be: 1"]


def test_an_unknown_verdict_is_refused():
    """A verdict that no choice of the filter would find is named."""
    with pytest.raises(ValueError, match="'same' has to begin with one of reproduced, off by, cannot be"):
        verdicts.grouped(sl.table([{**ROWS[0], "verdict": "same"}])._repr_html_())


def test_the_ledger_shows_every_row_once():
    """The one table of the ledger has the rows of all its sections' tables, in their order."""
    cells = json.loads(LEDGER.read_text(encoding="utf-8"))["cells"]
    tables = {
        cell["id"]: "".join(out["data"]["text/html"])
        for cell in cells
        for out in cell.get("outputs", ())
        if "text/html" in out.get("data", {})
    }
    whole = BeautifulSoup(verdicts.grouped(tables.pop("all-verdicts")), "html.parser")
    sections = BeautifulSoup("".join(tables.values()), "html.parser")
    assert len(whole.select("tr[data-verdict]")) >= 100
    for one, other in zip(sections.select("tbody tr"), whole.select("tr[data-verdict]"), strict=True):
        assert one.th.get_text() == other.th.get_text()
        assert other.get_text().endswith(one.find_all("td")[-1].get_text())
