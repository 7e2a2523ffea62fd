"""Own: the tables that this course measured, shipped with the library, one card a table."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

from .datacard import Card
from .failures import TableHashError, TableLayoutError

__all__ = ["PLANNED", "cards", "content"]

# what the study is to measure; a name is loadable once its table is in the data folder
PLANNED = (
    "learning-rates",
    "language-model",
    "language-model-prediction",
    "known-entropy",
    "repeated-data",
    "column-addition",
    "sparse-parity",
    "many-parities",
    "schedules",
)

_FOLDER = Path(__file__).parent.parent / "data"


def cards():
    """Return the cards of the tables that exist, by name, in the order of their names.

    Raises
    ------
    TableLayoutError
        When a card cannot be read, has a field too many or too few, or has no table beside it.
    """
    found = {}
    for path in sorted(_FOLDER.glob("*.card.json")):
        name = path.name.removesuffix(".card.json")
        found[name] = _card(name, path)
    return found


def content(card):
    """Return the bytes of an own table, checked against the SHA-256 of its card."""
    path = _FOLDER / card.file
    table = path.read_bytes()
    found = hashlib.sha256(table).hexdigest()
    if found != card.sha256:
        raise TableHashError(
            f"{path} is not the table {card.name!r}: its card says SHA-256 {card.sha256}, this has {found}. "
            "Install scalinglib again, or write table and card anew with the study."
        )
    return table


def _card(name, path):
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise TableLayoutError(f"{path} is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise TableLayoutError(f"{path} must hold one JSON object, a card")
    known = {field.name for field in fields(Card)} - {"name", "file", "address"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise TableLayoutError(f"{path} has unknown fields {unknown}; allowed: {sorted(known)}")
    if not (_FOLDER / f"{name}.csv").is_file():
        raise TableLayoutError(f"{path} has no table beside it: {name}.csv is missing")
    try:
        return Card(name=name, file=f"{name}.csv", **given)
    except (TypeError, ValueError) as error:
        raise TableLayoutError(f"{path}: {error}") from None
