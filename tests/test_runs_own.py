"""The course's own tables: a CSV and a card in the data folder, checked at every load."""

import hashlib
import json

import numpy as np
import pytest

from scalinglib import runs
from scalinglib.arguments import UnknownNameError
from scalinglib.runs import own

CSV = b"loss,seed,N,D,C\n2.5,0,1e6,1e8,6e14\n2.4,1,1e6,2e8,1.2e15\n"
COLUMNS = {"N": "1", "D": "token", "C": "FLOP", "loss": "nats per token", "seed": "1"}


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty data folder in place of the shipped one."""
    monkeypatch.setattr(own, "_FOLDER", tmp_path)
    return tmp_path


def write(folder, name="language-model", *, csv=CSV, **changes):
    card = {
        "title": "two runs",
        "source": "this course's study",
        "licence": "CC BY 4.0",
        "rows": 2,
        "counts": "without embeddings",
        "columns": {column: f"the {column}" for column in COLUMNS},
        "units": COLUMNS,
        "sha256": hashlib.sha256(csv).hexdigest(),
        "known_mistakes": ["none found yet"],
    } | changes
    (folder / f"{name}.csv").write_bytes(csv)
    (folder / f"{name}.card.json").write_text(json.dumps(card), encoding="utf-8")


def test_an_own_table_loads(folder):
    """A table with its card loads with the four quantities first, and its name is listed first."""
    write(folder)
    table = runs.load("language-model")
    assert list(table) == ["N", "D", "C", "loss", "seed"]
    assert table["loss"].tolist() == [2.5, 2.4]
    assert runs.names()[0] == "language-model"
    assert runs.available("language-model")
    assert runs.fetch("language-model") == {"language-model": None}
    assert "without embeddings" in str(runs.card("language-model"))


def test_a_missing_quantity_is_empty(folder):
    """A quantity that was not measured is NaN, not an error."""
    csv = b"N,loss,seed\n1e6,2.5,0\n1e6,2.4,1\n"
    write(folder, "column-addition", csv=csv)
    table = runs.load("column-addition")
    assert np.isnan(table[["D", "C"]]).all(axis=None)


@pytest.mark.parametrize("name", own.PLANNED)
def test_a_table_not_measured_yet(folder, name):
    """A planned table that is not there is said not to be measured yet, and what exists is listed."""
    with pytest.raises(UnknownNameError, match=f"'{name}' .*has not been run yet.*'chinchilla'"):
        runs.load(name)
    assert name not in runs.names()


def test_a_table_changed_without_its_card(folder):
    """A table whose hash is not its card's is refused with both hashes."""
    write(folder)
    (folder / "language-model.csv").write_bytes(CSV.replace(b"2.4", b"2.3"))
    with pytest.raises(runs.TableHashError) as caught:
        runs.load("language-model")
    assert hashlib.sha256(CSV).hexdigest() in str(caught.value)
    assert hashlib.sha256(CSV.replace(b"2.4", b"2.3")).hexdigest() in str(caught.value)


def test_a_card_with_an_unknown_field(folder):
    """A misspelt field of a card is refused by name with what is allowed."""
    write(folder, license="MIT")
    with pytest.raises(runs.TableLayoutError, match=r"unknown fields \['license'\]; allowed: .*'licence'"):
        runs.names()


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is not JSON"), ("[]", "one JSON object"), ('{"title": "t"}', "missing .* required")]
)
def test_a_card_that_cannot_be_read(folder, text, message):
    """A card that is no card is refused, naming the file."""
    write(folder)
    (folder / "language-model.card.json").write_text(text)
    with pytest.raises(runs.TableLayoutError, match=f"language-model.card.json.*{message}"):
        runs.card("language-model")


def test_a_card_without_a_table(folder):
    """A card alone is refused, naming the file that is missing."""
    write(folder)
    (folder / "language-model.csv").unlink()
    with pytest.raises(runs.TableLayoutError, match="language-model.csv is missing"):
        runs.names()


def test_a_broken_own_card_leaves_public_tables_alone(folder):
    """A public table loads whatever lies in the folder of own tables."""
    (folder / "language-model.card.json").write_text("{")
    assert len(runs.load("chinchilla-models")) == 50


def test_shipped_tables_are_sound():
    """Every table that ships loads and agrees with its card."""
    for name in own.cards():
        assert len(runs.load(name)) == runs.card(name).rows
