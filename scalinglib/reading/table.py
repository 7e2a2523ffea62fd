"""Table: a practitioner's own runs, read from a text file with its columns found and its cells checked."""

import contextlib
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..audit.split import POINT, places
from .cells import TableError, number, short
from .columns import Column, reading, said
from .formulas import place_of, recipe
from .gathering import gather, listed
from .headers import absent, find_columns, units_of
from .notes import of_conditions, of_dropped, of_passes, of_state
from .quantities import meaning
from .units import OWN_UNITS

if TYPE_CHECKING:
    pass

__all__ = ["LOSS_UNITS", "SIZES", "Table", "lowest", "read"]

LOSS_UNITS = ("nats", "bits", "perplexity", *OWN_UNITS)
"""What a column of loss may hold; the first three become nats per token."""

SIZES = {
    "N": ("C / (6 D)", lambda values: values["C"] / (6.0 * values["D"])),
    "D": ("C / (6 N)", lambda values: values["C"] / (6.0 * values["N"])),
    "C": ("6 N D", lambda values: 6.0 * values["N"] * values["D"]),
}
"""How each of the three comes from the two others, in words and as a function of them."""


_COMPUTE = re.compile("budget|comput|flop|flos|pf.?day")  # what tells of compute in a header


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of a table that were asked for, as numbers, and what was done to get them.

    Attributes
    ----------
    name, sha256 : str
        The file's name without its folder, and the hash of its bytes.
    values : dict
        Quantity -> numpy.ndarray, one entry a row; N, D and loss (or x and y).
    columns : dict
        Quantity -> the header it came from, or how it was computed.
    given_C : numpy.ndarray or None
        The column of compute, where there is one beside N and D.
    groups : list of str or None
        Labels of the rows that belong together.
    lines : numpy.ndarray
        Line of the file that each row begins on, counted from one; in JSON and Parquet its record.
    counted : {"line", "record"}
        What `lines` has.
    filtered, conditions : int, tuple of str
        Rows that a condition left out, and the conditions as they were given.
    bad : tuple of str
        Rows that could not be read and were left out, described.
    run_column : str or None
        A column that seems to name runs, where rows share its labels and no groups were asked for.
    others : dict
        Header -> (different cells as text, the place of each row's among them), of columns that were not asked
        for and do not name rows one by one.
    loss_unit : str
        What the losses are in: nats per token, or one of `OWN_UNITS`.
    N_counts : str
        What the header says that N counts, as "without embeddings"; often nothing.
    worse : int or None
        Rows that ``best_of_pair`` left out, where it was asked for.
    notes, reasons : tuple of str
        What to weigh about the rows, and why no law of them is to be trusted; often none.
    forms, y : list of Form, str
        Forms with their variables, and the name of what they give.
    weights, noise, families : of `sl.fit`
    """

    name: str
    sha256: str
    values: dict = field(repr=False)
    columns: dict
    given_C: object = field(repr=False)
    groups: object = field(repr=False)
    lines: object = field(repr=False)
    counted: str = "line"
    filtered: int = 0
    conditions: tuple = ()
    bad: tuple = ()
    run_column: str | None = None
    others: dict = field(default_factory=dict, repr=False)
    loss_unit: str = "nats per token"
    N_counts: str = ""
    worse: int | None = None
    notes: tuple = ()
    reasons: tuple = ()
    forms: list = field(default_factory=list, repr=False)
    y: str = "loss"
    weights: object = field(default=None, repr=False)
    noise: object = field(default=None, repr=False)
    families: object = field(default=None, repr=False)

    @classmethod
    def of(cls, got, over, y, *, scale, unit, bytes_per_token, best_of_pair, where, noise=None, **more):
        """The table of what was gathered.

        Parameters
        ----------
        got : Gathered
        over, y : tuple of str, str
            Names of the variables, and of what is explained by them. N, D and C come from each other.
        scale, unit, bytes_per_token
            As of `headers.units_of`.
        best_of_pair, where : of `read`
        noise : float, optional
            Of all rows, where no column has it.
        more : further attributes
        """
        reason, note = of_dropped(got)
        notes = (*of_state(got.others), *of_passes(got.headings, got.others), *of_conditions(got.by_loss), note)
        words = {key: said(got, key, scale, unit, bytes_per_token) for key in got.values}
        kept, values = got, dict(got.values)
        for name in over:
            if name not in values:
                words[name], compute = SIZES[name]
                values[name] = compute(values)
        if best_of_pair:
            keep = lowest([values[name] for name in over], values[y])
            kept, values = got.only(keep), {name: column[keep] for name, column in values.items()}
        for key, labels in kept.labels.items():
            words[key] = f"column {short(got.headings[key])}, {len(set(labels))} different labels"
        columns = {name: words[name] for name in dict.fromkeys((*over, y, "C")) if name in words}
        columns |= {key.lstrip("-"): words[key] for key in ("--weights", "--noise", "group", "by") if key in words}
        return cls(
            **{name: getattr(kept, name) for name in ("lines", "others")},
            **{name: getattr(got, name) for name in ("name", "sha256", "counted", "filtered", "bad", "run_column")},
            values={name: values[name] for name in (*over, y)},
            columns=columns,
            given_C=values["C"] if "C" in got.values and {"N", "D"} <= set(got.values) and "C" not in over else None,
            groups=kept.labels.get("group"),
            families=kept.labels.get("by"),
            weights=values.get("--weights"),
            noise=values.get("--noise", noise),
            conditions=tuple(map(str, where)),
            loss_unit=OWN_UNITS[unit] if unit in OWN_UNITS and not bytes_per_token else "nats per token",
            N_counts=meaning(got.headings["N"], "N").strip(" ()") if "N" in got.headings else "",
            worse=len(got.lines) - len(kept.lines) if best_of_pair else None,
            notes=tuple(filter(None, notes)),
            reasons=(reason,) if reason else (),
            y=y,
            **more,
        )

    def __len__(self):
        return len(self.lines)

    def frame(self):
        """The other columns as a pandas.DataFrame: numbers where all cells are, gaps where one is empty."""
        import pandas

        columns = {}
        for name, (cells, codes) in self.others.items():
            try:
                values = np.array([number(cell) for cell in cells])
            except ValueError:
                values = np.array([cell or None for cell in cells], dtype=object)
            columns[name] = values[codes]
        return pandas.DataFrame(columns, index=range(len(self)))

    def report(self):
        """Which columns were used, and which rows were left out."""
        rows = f"{len(self)} row{'s' if len(self) != 1 else ''}"
        lines = [f"{self.name}: {rows} used"]
        wide = max(5, *map(len, self.columns)) + 1
        lines += [f"  {quantity:<{wide}}{words}" for quantity, words in self.columns.items()]
        if self.filtered:
            lines.append(f"  {self.filtered} left out by the condition {' and '.join(self.conditions)}")
        if self.bad:
            lines.append(f"  {len(self.bad)} left out as bad: {listed(self.bad)}")
        if self.worse is not None:
            lines.append(
                f"  {self.worse} left out by --best-of-pair, which keeps the lowest loss of each N, D: right where "
                "rows differ by a setting such as the learning rate; of repeats with other seeds it is too low"
            )
        return "\n".join(lines)


def read(
    path,
    *,
    named,
    wanted=("N", "D", "loss"),
    group=None,
    where=(),
    scale=None,
    loss_unit=None,
    bytes_per_token=None,
    best_of_pair=False,
    drop_bad=False,
    encoding=None,
    **more,
):
    """Read a table of runs.

    Parameters
    ----------
    path : str
        A file, see `read_table`; ``-`` is standard input.
    named : dict
        Quantity -> column name or a formula of columns, or None to find it by its synonyms.
    wanted : tuple of str
        Quantities to return. One of N and D may come from C = 6 N D.
    group : str, optional
        Column of labels of rows that belong together.
    where : sequence of Condition
        Rows where one of them fails are left out before their cells are looked at.
    scale : dict, optional
        Quantity -> factor, for columns in thousands or billions.
    loss_unit : one of `LOSS_UNITS`, optional
        What the loss column holds; it is returned in nats per token, but for bits per byte. Without it nats,
        unless the header says otherwise, which is refused, as is a header of N, D or C in millions without its
        `scale`; a header that says bits per byte is believed.
    bytes_per_token : float, optional
        Bytes of text a token: turns bits per byte into nats per token.
    best_of_pair : bool
        Keep of rows that share N and D the one with the lowest loss.
    drop_bad : bool
        Leave out rows with bad cells, in place of refusing the table.
    encoding : str, optional
        Of the text; UTF-8 when not given.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns.
    OSError
        If the file cannot be read.
    """
    scale, unit = scale or {}, ""
    unknown = [quantity for quantity in scale if quantity not in named]
    if unknown:
        raise TableError(f"--scale names {short(unknown[0])}, and not one of {', '.join(named)}")

    def choose(header):
        nonlocal unit
        found = _choose(header, named, wanted)
        # compute beside N and D is only compared with them, and a note says where it is in other units
        used = {q: place for q, place in found.items() if q != "C" or not {"N", "D"} <= set(found)}
        unit = units_of(header, used, scale, loss_unit, bytes_per_token)
        parsers = {q: Column(place, reading(q, scale, unit, bytes_per_token)) for q, place in found.items()}
        return parsers, {} if group is None else {"group": place_of(header, group, "--group")}

    got = gather(path, choose, where=where, drop_bad=drop_bad, encoding=encoding, **more)
    how = {"scale": scale, "unit": unit, "bytes_per_token": bytes_per_token}
    return Table.of(got, wanted[:-1], wanted[-1], best_of_pair=best_of_pair, where=where, **how)


def _choose(header, named, wanted):
    """Columns of N, D and loss, or of C in place of one of N and D."""
    if "N" not in wanted:
        return find_columns(header, named, required=wanted)
    guessed = named.get("C", "") is None
    found = find_columns(header, {q: name for q, name in named.items() if q != "C" or not guessed}, required=["loss"])
    sizes = {"N", "D"} & set(found)
    if guessed:
        # that two columns may be compute is no matter where it is only compared
        with contextlib.suppress(TableError) if len(sizes) == 2 else contextlib.nullcontext():
            found |= find_columns(header, {"C": None}, required=())
    if len(sizes) + ("C" in found) < 2:
        missing = "D" if "N" in sizes else "N"
        remedy = recipe(header, missing, found)
        if not remedy and sizes and guessed and len(header) > 2:
            likely = next((name for name in header if _COMPUTE.search(name.lower())), "COLUMN")
            remedy = f"or name compute with --C {shlex.quote(likely)}"
        raise absent(header, missing, remedy)
    return found


def lowest(variables, loss):
    """The places, in order, of the rows with the lowest loss (n,) of those that share all `variables` (n,)."""
    pair = places(*variables, within=POINT)
    order = np.lexsort((loss, pair))
    return np.sort(order[np.diff(pair[order], prepend=-1) > 0])
