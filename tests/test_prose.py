"""Tests of the prose: every number that a page says is given by something, and a change of one digit is seen."""

import json
import re

import numpy as np
import pytest
from scipy import stats

import scalinglib as sl
from _sphinx.tools import prose


def file(name):
    """What a JSON file of the project holds."""
    return json.loads((prose.ROOT / name).read_text(encoding="utf-8"))


def said(name, pattern):
    """The number that a file of the project says where `pattern` has its group."""
    return float(re.search(pattern, (prose.ROOT / name).read_text(encoding="utf-8"))[1].replace(",", ""))


LIBRARY = {"sl": sl, "np": np, "stats": stats, "file": file, "said": said}
PAGES = prose.pages()
NAMES = [str(path.relative_to(prose.ROOT)) for path in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_every_number_of_a_page_is_what_gives_it(path):
    """Each number of the text is printed by a cell, computed by an expression, or given with a reason."""
    wrong = prose.problems(prose.read(path), library=LIBRARY)
    assert not wrong, "\n".join([*wrong, f"after a change of text: .venv/bin/python -m _sphinx.tools.prose {path}"])


def test_no_list_is_kept_of_a_page_that_is_gone():
    """Each list belongs to a page of the book."""
    assert set(prose.LISTS.rglob("*.txt")) <= {prose.read(path).list for path in PAGES}


def changed(text, number, rng):
    """The text with one digit of a number replaced by another."""
    places = [number.start + place for place, sign in enumerate(text[number.start : number.end]) if sign.isdigit()]
    place = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != text[place]])
    return text[:place] + digit + text[place + 1 :]


@pytest.mark.parametrize("seed", range(6))
def test_a_number_changed_at_random_is_seen(seed):
    """Forty changes of one digit each, drawn over all pages are all found."""
    rng = np.random.default_rng(seed)
    read = [prose.read(path) for path in PAGES]
    there = [(page, name, n) for page in read for name, text in page.pieces.items() for n in prose.numbers(text)]
    for page, name, number in (there[k] for k in rng.choice(len(there), 40, replace=False)):
        pieces = {**page.pieces, name: changed(page.pieces[name], number, rng)}
        wrong = prose.problems(prose.Page(page.path, pieces, page.printed), library=LIBRARY)
        assert any(line.startswith(f"{name}: ") for line in wrong), f"{page.path}: {number.text}"


def test_a_number_changed_in_text_and_list_is_seen_where_a_cell_printed_it(tmp_path, monkeypatch):
    """A list that follows a wrong text does not help: what the cell printed says otherwise."""
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    monkeypatch.setattr(prose, "LISTS", tmp_path)
    cells = [
        {"cell_type": "code", "id": "lost", "outputs": [{"text": "tokens lost -13.81%\n"}]},
        {"cell_type": "markdown", "id": "read", "source": "With 16 sizes 13.8% are lost."},
    ]
    path = tmp_path / "page.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    (tmp_path / "page.txt").write_text("[read]\n16 | given: sizes of the grid\n13.8% | lost 1\n")
    assert prose.problems(prose.read(path)) == []
    path.write_text(path.read_text().replace("13.8% are", "18.3% are"))
    assert "the text says 18.3% where the list has 13.8%" in prose.problems(prose.read(path))[0]
    (tmp_path / "page.txt").write_text("[read]\n16 | given: sizes of the grid\n18.3% | lost 1\n")
    assert "18.3% is -0.1381 in what lost printed" in prose.problems(prose.read(path))[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about $2 \\times 10^{29}$ FLOP, or 5.76e23", ["2 \\times 10^{29}", "5.76e23"]),
        ("GPT-4, Table A3, `x_1`, C4 and L-BFGS-B have none", []),
        ("13.8% of 1,911 runs, 70 billion, -0.48 and 240 kept", ["13.8%", "1,911", "70 billion", "-0.48", "240"]),
        ("see {ref}`sec-8`, {cite}`sevilla2024` and {term}`6ND`; [a link](x/3.html)", []),
        ("```\n3 lines of code\n```\nand 4 of text", ["4"]),
        ("```{figure} a.png\n:width: 720px\n:alt: 245 runs\n\nThe 5 largest.\n```", ["245", "5"]),
        ("0 to 4 have D/N under .41; a factor of 10^3", ["0", "4", ".41", "10^3"]),
        ("between 1e17-1e21, 50-100 times", ["1e17", "1e21", "50", "100"]),
    ],
)
def test_numbers_are_told_from_names_and_keys(text, found):
    """A number in words, formulas and units counts; one in a name, a key, an address or code does not."""
    assert [number.text for number in prose.numbers(text)] == found


@pytest.mark.parametrize(
    ("text", "value", "given"),
    [
        ("13.8%", 0.1381, True),
        ("13.8%", -13.84, True),
        ("13.8%", 13.86, False),
        ("47 billion", 4.712e10, True),
        ("5.04e23", 5.04e23, True),
        ("5.04e23", 5.05e23, False),
        ("2 \\times 10^{29}", 1.6e29, True),
        ("-0.48", 0.48, False),
        ("0.48", -0.48, True),
        ("1,911", 1911, True),
        ("50", float("nan"), False),
    ],
)
def test_a_number_is_given_by_what_rounds_to_it(text, value, given):
    """Rounding to the digits that are written decides, in the unit that is written."""
    (number,) = prose.numbers(text)
    assert number.given_by(value) is given


def test_no_reason_is_empty():
    """A number that is given says where it stands or why it is chosen, in words of its own."""
    for path in prose.LISTS.rglob("*.txt"):
        for line in re.findall(r"\| given: (.*)", path.read_text(encoding="utf-8")):
            assert len(line.split()) > 1, f"{path.name}: {line}"
