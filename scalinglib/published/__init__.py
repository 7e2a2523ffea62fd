"""Published constants and printed tables, each with its source.

``published[name]`` is a law, ``published.source(name)`` says where it stands and in how many
digits, ``published.table(name)`` is a table as the paper prints it, slips included, and
``published.audit()`` looks for those slips.
"""

import sys
import types

from .. import arguments
from .audit import TableAudit, audit, audit_table
from .constants import LAWS, SEEN, Source
from .tables import TABLES, table

__all__ = ["Source", "TableAudit", "audit", "audit_table", "names", "seen", "source", "table", "table_names"]


def names() -> list[str]:
    """Names of the published laws.

    Examples
    --------
    >>> import scalinglib as sl
    >>> "besiroglu2024" in sl.published.names()
    True
    """
    return list(LAWS)


def source(name: str) -> Source:
    """Where the constants of a published law come from.

    Parameters
    ----------
    name : str
        One of ``published.names()``.

    Returns
    -------
    Source
        A named tuple ``(citation, version, digits)``; digits is "printed" (as rounded in the
        paper) or "unrounded" (as in the authors' files).

    Raises
    ------
    UnknownNameError
        If the name is not known; the message gives the nearest ones.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.published.source("hoffmann2022").digits
    'unrounded'
    """
    return _entry(name)[1]


def seen(name: str) -> dict[str, tuple[float, float]]:
    """The range of the runs behind a published law: beyond them it is untested.

    Parameters
    ----------
    name : str
        One of ``published.names()``.

    Returns
    -------
    dict
        "N", "D" and, where the paper's runs tell it, "C" (6 N D, in FLOP) -> (smallest, largest).

    Raises
    ------
    UnknownNameError
        If the name is not known; the message gives the nearest ones.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.published.seen("besiroglu2024")["N"]
    (57300000.0, 16200000000.0)
    """
    _entry(name)
    return dict(SEEN[name])


def table_names() -> list[str]:
    """Names of the printed tables that ``published.table`` knows."""
    return list(TABLES)


def _entry(name):
    if not isinstance(name, str) or name not in LAWS:
        raise arguments.unknown_name("published law", name, LAWS)
    return LAWS[name]


class _PublishedModule(types.ModuleType):
    """The module itself is the mapping, so that ``sl.published["besiroglu2024"]`` reads well."""

    def __getitem__(self, name):
        return _entry(name)[0]

    def __iter__(self):
        return iter(LAWS)

    def __len__(self):
        return len(LAWS)

    def __contains__(self, name):
        return name in LAWS

    def keys(self):
        """Names of the laws."""
        return LAWS.keys()

    def items(self):
        """Pairs of name and law."""
        return [(name, law) for name, (law, _) in LAWS.items()]


sys.modules[__name__].__class__ = _PublishedModule
