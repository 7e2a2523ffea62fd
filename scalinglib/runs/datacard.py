"""Datacard: what a table holds, where it is from, in which units and with which mistakes."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from ..text import WIDTH
from .failures import TableLayoutError

__all__ = ["Card", "read_card"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """The card of one table of runs.

    Attributes
    ----------
    name, title : str
        The name `runs.load` takes, and what the table is in one line.
    source : str
        Citation, then ``repository@commit:path``, then the address it is fetched from.
    licence : str
        The licence at the source, or that there is none.
    rows : int
        Number of rows.
    columns : mapping of str to str
        Column name to meaning, in the order of the table.
    units : mapping of str to str
        Column name to unit.
    counts : str
        What N counts: with embeddings, without, or unknown.
    known_mistakes : tuple of str
        Mistakes of the source that the table keeps.
    corrected : mapping of str to str
        "row: column" to the value that other sources give. Nothing is changed in the table.
    preprocessing : str
        What was done to the source, and what a user is expected to do.
    sha256 : str
        SHA-256 of the CSV text.
    address : str
        Where the table or its source is fetched from; empty for a table that is shipped or typed.
    file : str
        The file name looked for in the folder of `SCALINGLIB_DATA` and in the cache.
    """

    name: str
    title: str
    source: str
    licence: str
    rows: int
    columns: Mapping
    units: Mapping
    counts: str
    sha256: str
    known_mistakes: tuple = ()
    corrected: Mapping = field(default_factory=dict)
    preprocessing: str = "none"
    address: str = ""
    file: str = ""

    def __post_init__(self):
        if set(self.columns) != set(self.units):
            odd = sorted(set(self.columns) ^ set(self.units))
            raise ValueError(f"card {self.name!r}: columns and units must name the same columns; differ in {odd}")
        # read-only views: a card is shared between callers
        for name in ("columns", "units", "corrected"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        object.__setattr__(self, "known_mistakes", tuple(self.known_mistakes))

    def __hash__(self):
        return hash((self.name, self.sha256))

    def __reduce__(self):
        # read-only views do not pickle; a worker process builds its own from the plain values
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _rebuild, ({name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()},)

    def report(self) -> str:
        """Return the card as text of at most 80 columns.

        Returns
        -------
        str

        Examples
        --------
        >>> from scalinglib import runs
        >>> print(runs.card("chinchilla").report().splitlines()[0])
        chinchilla: training runs of Hoffmann et al. 2022, read off their Figure 4 (245
        """
        lines = [_wrapped(f"{self.name}: {self.title} ({self.rows} rows)", "")]
        for label, text in self._facts():
            lines.append(_wrapped(f"{label}: {text}", "  "))
        for label, items in (("known mistakes", self.known_mistakes), ("corrected elsewhere", self._corrections())):
            if items:
                lines.append(f"  {label}:")
                lines.extend(_wrapped(f"- {item}", "    ") for item in items)
        lines.append("  columns:")
        lines.extend(_wrapped(f"{name} [{self.units[name]}]: {text}", "    ") for name, text in self.columns.items())
        return "\n".join(lines)

    def __str__(self):
        return self.report()

    def _facts(self):
        return (
            ("source", self.source),
            ("licence", self.licence),
            ("N counts", self.counts),
            ("preprocessing", self.preprocessing),
            ("SHA-256", self.sha256),
        )

    def _corrections(self):
        return [f"{where}: {value}" for where, value in self.corrected.items()]

    def _repr_markdown_(self):
        lines = [f"**{self.name}**: {self.title} ({self.rows} rows)", ""]
        lines += [f"- **{label}**: {text}" for label, text in self._facts()]
        lines += [f"- **known mistake**: {text}" for text in self.known_mistakes]
        lines += [f"- **corrected elsewhere**: {text}" for text in self._corrections()]
        lines += ["", "| column | unit | meaning |", "|---|---|---|"]
        lines += [
            f"| {_cell(name)} | {_cell(self.units[name])} | {_cell(text)} |" for name, text in self.columns.items()
        ]
        return "\n".join(lines)


def _wrapped(text, indent):
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)


def _cell(text):
    """Text fit for a cell of a Markdown table."""
    return text.replace("|", "\\|")


def _rebuild(values):
    return Card(**values)


def read_card(name, path, **known):
    """Return the card in a JSON file, with the fields that are `known` without it.

    Raises
    ------
    TableLayoutError
        When it cannot be read, or has a field too many or too few; the message names the file.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise TableLayoutError(f"{path} is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise TableLayoutError(f"{path} must hold one JSON object, a card")
    allowed = {field.name for field in fields(Card)} - {"name", *known}
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise TableLayoutError(f"{path} has unknown fields {unknown}; allowed: {sorted(allowed)}")
    try:
        return Card(name=name, **known, **given)
    except (TypeError, ValueError) as error:
        raise TableLayoutError(f"{path}: {error}") from None
