"""Pinned: a public table with its card, its fixed address and how its file becomes rows."""

from collections.abc import Callable
from dataclasses import dataclass

from .datacard import Card

__all__ = ["Table", "described", "pinned_card"]

_RAW = "https://raw.githubusercontent.com"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A public table: its card, and how its file becomes rows.

    Attributes
    ----------
    card : Card
    quantities : callable
        Data frame of the source to a dict with those of N, D, C, loss that the source has.
    extract : callable or None
        Bytes of the file at the address to the CSV text; None where that file is the table.
    rows : callable or None
        Builds the data frame of a table that needs no file.
    """

    card: Card
    quantities: Callable
    extract: Callable | None = None
    rows: Callable | None = None


def pinned_card(*, repository, commit, path, citation, columns, **about):
    """Return a card whose source line and address follow from repository, commit and path."""
    address = f"{_RAW}/{repository}/{commit}/{path}"
    return Card(
        source=f"{citation}; {repository}@{commit}:{path}; {address}", address=address, **described(columns), **about
    )


def described(columns):
    """Return `columns` and `units` of a card from a mapping of column to (meaning, unit)."""
    return {
        "columns": {name: meaning for name, (meaning, _) in columns.items()},
        "units": {name: unit for name, (_, unit) in columns.items()},
    }
