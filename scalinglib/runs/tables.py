"""Tables: from a name to a data frame, whatever the place the rows come from."""

import io
from typing import TYPE_CHECKING

from ..arguments import UnknownNameError, unknown_name
from . import own, store
from .datacard import Card
from .failures import TableLayoutError, TableUnavailableError
from .public import PUBLIC

if TYPE_CHECKING:
    import pandas

__all__ = ["available", "card", "fetch", "load", "names"]

_QUANTITIES = ("N", "D", "C", "loss")


def names() -> list[str]:
    """Return the names of the tables that exist: the course's own, then the public ones.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from scalinglib import runs
    >>> "chinchilla" in runs.names()
    True
    """
    return [*own.cards(), *PUBLIC]


def card(name: str) -> Card:
    """Return the card of a table: source, licence, columns, units, known mistakes.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    Card

    Raises
    ------
    UnknownNameError
        With the nearest names; for a table of the course that is not measured yet, says so.

    Examples
    --------
    >>> from scalinglib import runs
    >>> runs.card("chinchilla").units["loss"]
    'nats per token'
    """
    if isinstance(name, str) and name in PUBLIC:
        return PUBLIC[name].card
    measured = own.cards()
    if not isinstance(name, str):
        raise unknown_name("table", name, [*measured, *PUBLIC])
    if name in measured:
        return measured[name]
    if name in own.PLANNED:
        existing = ", ".join(map(repr, [*measured, *PUBLIC]))
        raise UnknownNameError(
            f"{name!r} is a table of this course's own study, which has not been run yet; tables that exist: {existing}"
        )
    raise unknown_name("table", name, [*measured, *PUBLIC])


def load(name: str) -> "pandas.DataFrame":
    """Return a table of runs as a data frame: N, D, C, loss first, then the source's columns.

    The four quantities are floats in parameters, tokens, FLOP and nats per token; one that the
    source does not have is NaN throughout. The source's own columns follow under their own names,
    values untouched, except that a column already named N, D, C or loss stands once, in front.
    Rows keep the order of the source.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    pandas.DataFrame
        A fresh one at each call.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    TableHashError
        When the file found or downloaded is not the one whose SHA-256 is known.
    TableUnavailableError
        When the table is not on this machine and cannot be downloaded.

    Examples
    --------
    >>> from scalinglib import runs
    >>> list(runs.load("chinchilla-models"))[:5]
    ['N', 'D', 'C', 'loss', 'params']
    """
    about = card(name)
    if name in PUBLIC:
        table = PUBLIC[name]
        frame = table.rows() if table.rows is not None else _read(_content(table))
        quantities = table.quantities(frame)
    else:
        frame = _read(own.content(about))
        quantities = {key: frame[key] for key in _QUANTITIES if key in frame}
    return _arranged(about, frame, quantities)


def available(name: str) -> bool:
    """Say whether a table can be had here: shipped, in a folder, in the cache, or by network.

    A file that is there and is the wrong one is an error, not an absence.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    bool

    Raises
    ------
    UnknownNameError, TableHashError, NotADirectoryError
        As `load` does; no network never raises.

    Examples
    --------
    >>> from scalinglib import runs
    >>> runs.available("chinchilla-models")
    True
    """
    try:
        fetch(name)
    except TableUnavailableError:
        return False
    return True


def fetch(*chosen: str) -> dict:
    """Download tables into the cache, so that later loads need no network.

    Tables found in the folder of `SCALINGLIB_DATA` or in the cache are checked, not downloaded.

    Parameters
    ----------
    *chosen : str
        Names; with none, every public table.

    Returns
    -------
    dict
        Name to the path of the file, or None for a table that needs none.

    Raises
    ------
    UnknownNameError, TableHashError, TableUnavailableError
        As `load` does.

    Examples
    --------
    >>> from scalinglib import runs
    >>> runs.fetch("chinchilla-models")
    {'chinchilla-models': None}
    """
    paths = {}
    for name in chosen or PUBLIC:
        about = card(name)
        if name not in PUBLIC:
            own.content(about)
            paths[name] = None
        elif not PUBLIC[name].fetched:
            paths[name] = None
        else:
            store.obtain(PUBLIC[name])
            paths[name] = store.locate(PUBLIC[name])
    return paths


def _content(table):
    """The bytes of a public table: of one that ships from its folder, of another from wherever it is."""
    return own.content(table.card, table.folder) if table.shipped else store.obtain(table)


def _read(content):
    """The CSV as a data frame; every number is the nearest double to what is printed."""
    import pandas

    # from 3.1 on this is the only way that pandas reads, and naming it is deprecated
    before = tuple(map(int, pandas.__version__.split(".")[:2])) < (3, 1)
    return pandas.read_csv(io.BytesIO(content), **({"float_precision": "round_trip"} if before else {}))


def _arranged(about, frame, quantities):
    """The quantities first, then the columns of the source; checked against the card."""
    import pandas

    first = pandas.DataFrame(
        {key: quantities.get(key, float("nan")) for key in _QUANTITIES}, index=frame.index, dtype=float
    )
    rest = frame.drop(columns=[key for key in _QUANTITIES if key in frame])
    arranged = pandas.concat([first, rest], axis=1)
    if list(arranged) != list(about.columns) or len(arranged) != about.rows:
        raise TableLayoutError(
            f"table {about.name!r} has {len(arranged)} rows and columns {list(arranged)}; its card says "
            f"{about.rows} rows and columns {list(about.columns)}"
        )
    return arranged
