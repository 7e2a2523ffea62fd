"""Tests of tables of results: what is shown, how it is read aloud, and what is refused."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import scalinglib as sl

SHAPES = {"shape": ["ours", "<long> & wide"], "N": [49_152_000, 7.2254e10], "over 6ND": [1.95, 5.684]}


def page(table):
    """The table's HTML, parsed."""
    return BeautifulSoup(table._repr_html_(), "html.parser")


def test_columns_and_rows_give_the_same_table():
    """Columns by name, a DataFrame and rows as mappings are three ways to say the same."""
    rows = [{"layers": 2, "loss": 2.5}, {"layers": 10, "loss": 1.9}]
    columns = {"layers": [2, 10], "loss": (2.5, 1.9)}
    assert repr(sl.table(columns)) == repr(sl.table(rows)) == repr(sl.table(pd.DataFrame(rows)))


def test_text_has_the_numbers_with_their_units_in_the_header():
    """In a terminal: the caption, names, units, and a row a line, flush right."""
    table = sl.table(SHAPES, digits={"over 6ND": 2}, units={"N": "parameters"}, caption="Two shapes.")
    assert repr(table) == (
        "Two shapes.\n"
        "  shape                   N  over 6ND\n"
        "                 parameters\n"
        "  ours           49,152,000      1.95\n"
        "  <long> & wide     7.23e10      5.68"
    )


def test_a_screen_reader_hears_caption_and_headers():
    """Every column and every row has its header with a scope, and the unit stands in the column's."""
    table = page(sl.table(SHAPES, units={"N": "parameters"}, caption="Two <shapes>."))
    assert table.caption.text == "Two <shapes>."
    assert [head.text for head in table.thead.find_all("th", scope="col")] == ["shape", "N parameters", "over 6ND"]
    assert [head.text for head in table.tbody.find_all("th", scope="row")] == ["ours", "<long> & wide"]
    assert str(table.find_all("td")[2]) == "<td>7.23 × 10<sup>10</sup></td>"


def test_every_cell_says_the_same_in_both_forms():
    """The page's cells, with powers of ten put back, are the cells of the text: what nbval compares is what is seen."""
    values = [0.0, 1e24, -4e-7, 12345.6, 999_999.9, 0.00123, np.inf]
    shown = sl.table({"value": values, "again": np.asarray(values)})
    assert [row[0] for row in shown.rows] == ["0", "1e24", "-4e-7", "12,300", "1e6", "0.00123", "inf"]
    for row, line in zip(shown.rows, page(shown).tbody.find_all("tr"), strict=True):
        cells = [cell.text.replace("−", "-").replace(" × 10", "e") for cell in line.find_all(["th", "td"])]
        assert row[0] == row[1] and cells[0] == cells[1]
        assert cells[0] == (row[0].replace("1e", "10") if row[0].startswith("1e") else row[0])


def test_truths_and_what_is_missing_are_words():
    """Truth values, of numpy too, are yes and no; None, NaN and pandas' NA are a dash."""
    assert [row[0] for row in sl.table({"a": [True, np.bool_(False)]}).rows] == ["yes", "no"]
    assert {row[0] for row in sl.table({"a": [None, np.nan, pd.NA]}).rows} == {"–"}


def test_single_numbers_of_numpy_are_numbers():
    """An array without dimensions, as laws return, is shown as a number; what rounds to zero has no sign."""
    assert sl.table({"a": [np.asarray(-0.3358), np.asarray(-1e-9)]}, digits=2).rows == (("-0.34",), ("0.00",))
    assert sl.table({"a": [-0.0002, -0.02]}, digits=".1%").rows == (("0.0%",), ("-2.0%",))


@pytest.mark.parametrize("digits, shown", [(1, "0.2"), (".0%", "21%"), (".2e", "2.12e-1"), (None, "0.212")])
def test_digits(digits, shown):
    """Digits are counted after the point, or said by a format, for all columns or for one; words are left alone."""
    assert sl.table({"a": ["x"], "b": [0.212]}, digits=digits).rows == (("x", shown),)
    assert sl.table({"b": [0.212], "c": [0.212]}, digits={"b": digits}).rows == ((shown, "0.212"),)


@pytest.mark.parametrize(
    "results, options, message",
    [
        ({}, {}, "results is empty"),
        ({"a": []}, {}, "results is empty"),
        ([], {}, "results is empty"),
        ({"a": [1], "b": [1, 2]}, {}, "a has 1, b has 2"),
        ([{"a": 1}, {"b": 1}], {}, r"row 1 has \['b'\]"),
        ({"loss": [1.0]}, {"digits": {"los": 2}}, "did you mean 'loss'"),
        ({"loss": [1.0]}, {"units": {"L": "nats"}}, "unknown column 'L'"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "two columns 'a'"),
        ({1: [1], "1": [2]}, {}, "two columns of one name among 1, '1'"),
        ({"a": "abc"}, {}, "column 'a' must be a sequence, one entry a row; got 'abc'"),
        ({"a": 5}, {}, "column 'a' must be a sequence"),
        ({"a": np.eye(2)}, {}, "column 'a' must be a sequence"),
        (None, {}, "results must be a sequence"),
        ([[0, 1], [0, 1]], {}, r"rows that are mappings; row 0 is \[0, 1\]"),
        ([{"a": 1}, None], {}, "rows that are mappings; row 1 is None"),
        ({"a": [1.5]}, {"digits": "zz"}, "digits must be .* 'zz' does not show 1.5 of column 'a'"),
        ({"a": [1.5]}, {"digits": {"a": -1}}, "digits must be .* -1 does not show"),
        ({"a": [1.5]}, {"digits": True}, "digits must be .* True does not show"),
        ({"a": [10**400]}, {"digits": 2}, "digits must be .* 2 does not show 1000"),
        ({"a": [1.5]}, {"units": "FLOP"}, "units must be a dict"),
        ({"a": [1.5]}, {"caption": None}, "caption must be text"),
    ],
)
def test_what_is_refused(results, options, message):
    """No rows, columns of unequal length or one name, rows with other names, digits that cannot be used: by name."""
    with pytest.raises((ValueError, KeyError), match=message):
        sl.table(results, **options)


def test_any_number_is_shown():
    """A fraction, a whole number beyond a double, and what a masked column hides, which is missing and no zero."""
    values = [Fraction(1, 3), 10**400, np.ma.masked, pd.NaT]
    assert [row[0][:5] for row in sl.table({"a": values}).rows] == ["0.333", "10,00", "–", "–"]
    assert [row[0] for row in sl.table({"a": np.ma.array([1.5, 2.0], mask=[False, True])}).rows] == ["1.50", "–"]


def test_a_row_stays_a_line():
    """Line breaks in cells, names and units do not take a table of text apart; the order of names in a row is free."""
    table = sl.table([{"a\nb": "x\ny", "c": 1}, {"c": 2, "a\nb": "z"}], units={"c": "nats\na token"})
    assert repr(table).split("\n")[2:] == ["  x y             1", "  z               2"]
