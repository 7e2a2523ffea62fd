"""Runs: measured tables, each with a card that says where it is from and what is wrong with it."""

from ..reading import TableError, read_table
from .datacard import Card
from .failures import TableHashError, TableLayoutError, TableUnavailableError
from .tables import available, card, fetch, load, names

__all__ = [
    "Card",
    "TableError",
    "TableHashError",
    "TableLayoutError",
    "TableUnavailableError",
    "available",
    "card",
    "fetch",
    "load",
    "names",
    "read_table",
]
