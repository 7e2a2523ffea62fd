"""Own: the tables that this course measured, shipped with the library, one card a table."""

import hashlib
from pathlib import Path

from .datacard import read_card
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
    "schedules-again",
    "learning-rates-by-cell",
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
        if not (_FOLDER / f"{name}.csv").is_file():
            raise TableLayoutError(f"{path} has no table beside it: {name}.csv is missing")
        found[name] = read_card(name, path, file=f"{name}.csv", address="")
    return found


def content(card, folder=None):
    """Return the bytes of a table that ships, checked against the SHA-256 of its card."""
    path = (folder or _FOLDER) / card.file
    table = path.read_bytes()
    found = hashlib.sha256(table).hexdigest()
    if found != card.sha256:
        raise TableHashError(
            f"{path} is not the table {card.name!r}: its card says SHA-256 {card.sha256}, this has {found}. "
            "Install scalinglib again, or write table and card anew with the study."
        )
    return table
