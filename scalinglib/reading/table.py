"""Table: a practitioner's own runs, read from a text file with its columns found and its cells checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .cells import number, short
from .conditions import parse
from .gathering import Column, gather, listed, reading, said
from .headers import TableError, find_columns, refuse_units

if TYPE_CHECKING:
    import pandas

__all__ = ["SIZES", "Table", "read", "read_table"]

SIZES = {
    "N": ("C / (6 D)", lambda values: values["C"] / (6.0 * values["D"])),
    "D": ("C / (6 N)", lambda values: values["C"] / (6.0 * values["N"])),
    "C": ("6 N D", lambda values: 6.0 * values["N"] * values["D"]),
}
"""How each of the three comes from the two others, in words and as a function of them."""


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
        Line of the file that each row begins on, counted from one.
    filtered, conditions : int, tuple of str
        Rows that a condition left out, and the conditions as they were given.
    bad : tuple of str
        Rows that could not be read and were left out, described.
    run_column : str or None
        A column that seems to name runs, where rows share its labels and no groups were asked for.
    others : dict
        Header -> (different cells as text, the place of each row's among them), of columns that were not asked
        for and do not name rows one by one.
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
    filtered: int = 0
    conditions: tuple = ()
    bad: tuple = ()
    run_column: str | None = None
    others: dict = field(default_factory=dict, repr=False)
    forms: list = field(default_factory=list, repr=False)
    y: str = "loss"
    weights: object = field(default=None, repr=False)
    noise: object = field(default=None, repr=False)
    families: object = field(default=None, repr=False)

    @classmethod
    def of(cls, gathered, **more):
        """The table of what was gathered."""
        names = ("name", "sha256", "lines", "filtered", "bad", "run_column", "others")
        return cls(**{name: getattr(gathered, name) for name in names}, **more)

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
        return "\n".join(lines)


def read(path, *, named, wanted=("N", "D", "loss"), group=None, where=(), scale=None, loss_unit=None, drop_bad=False):
    """Read a table of runs.

    Parameters
    ----------
    path : str
        A text file with a header line, its columns split by commas, semicolons, tabs or ``|``; ``-``
        is standard input.
    named : dict
        Quantity -> column name, or None to find it by its synonyms.
    wanted : tuple of str
        Quantities to return. One of N and D may come from C = 6 N D.
    group : str, optional
        Column of labels of rows that belong together.
    where : sequence of Condition
        Rows where one of them fails are left out before their cells are looked at.
    scale : dict, optional
        Quantity -> factor, for columns in thousands or billions.
    loss_unit : {"nats", "bits", "perplexity"}, optional
        What the loss column holds; it is returned in nats. Without it nats, unless the header says
        otherwise, which is refused, as is a header of N, D or C in millions without its `scale`.
    drop_bad : bool
        Leave out rows with bad cells, in place of refusing the table.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns.
    OSError
        If the file cannot be read.
    """
    scale, surface = scale or {}, "N" in wanted
    unknown = [quantity for quantity in scale if quantity not in named]
    if unknown:
        raise TableError(f"--scale names {short(unknown[0])}, and not one of {', '.join(named)}")

    def choose(header):
        found = _choose(header, named, wanted) if surface else find_columns(header, named, required=wanted)
        # compute beside N and D is only compared with them, and a note says where it is in other units
        used = {q: place for q, place in found.items() if q != "C" or not {"N", "D"} <= set(found)}
        refuse_units(header, used, scale, loss_unit)
        parsers = {q: Column(place, reading(q, scale, loss_unit or "nats")) for q, place in found.items()}
        return parsers, find_columns(header, {"group": group} if group is not None else {}, required=())

    got = gather(path, choose, where=where, drop_bad=drop_bad)
    values, loss_unit = dict(got.values), loss_unit or "nats"
    words = {q: said(q, got.headings[q], scale, loss_unit) for q in values}
    given_C = None
    if surface and {"N", "D"} <= set(values):
        given_C = values.get("C")
    elif surface:
        missing = "N" if "N" not in values else "D"
        words[missing], compute = SIZES[missing]
        values[missing] = compute(values)
    if group is not None:
        words["group"] = f"column {short(got.headings['group'])}, {len(set(got.labels['group']))} different labels"
    return Table.of(
        got,
        values={quantity: values[quantity] for quantity in wanted},
        columns={q: words[q] for q in (*wanted, "C", "group") if q in words},
        given_C=given_C,
        groups=got.labels.get("group"),
        conditions=tuple(map(str, where)),
    )


def _choose(header, named, wanted):
    """Columns of N, D and loss, or of C in place of one of N and D."""
    found = find_columns(header, named, required=("loss",))
    have = [quantity for quantity in ("N", "D", "C") if quantity in found]
    if len(have) < 2:
        missing = "N" if "N" not in found else "D"
        find_columns(header, named, required=[q for q in wanted if q in (*found, missing)])
    return found


def read_table(
    path: str,
    *,
    N: str | None = None,
    D: str | None = None,
    C: str | None = None,
    loss: str | None = None,
    where: str | Sequence[str] = (),
    scale: dict | None = None,
    loss_unit: str | None = None,
    drop_bad: bool = False,
) -> "pandas.DataFrame":
    """Read one's own table of runs, as the command reads it.

    Parameters
    ----------
    path : str or path
        A text file with a header line, its columns split by commas, semicolons, tabs or ``|``.
    N, D, C, loss : str, optional
        The header of a column; found by its usual names when not given. One of N and D may be missing: it
        then comes from C = 6 N D.
    where : str or sequence of str
        Conditions such as ``"loss < 4"``: rows where one fails are left out.
    scale : dict, optional
        Quantity -> factor, as ``{"N": 1e9}`` for a column in billions.
    loss_unit : {"nats", "bits", "perplexity"}, optional
        What the column of the loss holds, per token.
    drop_bad : bool, default False
        Leave out rows with empty or wrong cells, in place of refusing the table.

    Returns
    -------
    pandas.DataFrame
        One row a run: N, D, C, loss in nats per token, then the other columns. ``.attrs["report"]`` says which
        columns were taken and which rows were left out.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns, and what to do.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from scalinglib import runs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "sweep.csv"
    >>> _ = path.write_text("model,n_params,tokens,val_loss" + chr(10) + "small,70M,1.4B,3.61")
    >>> print(runs.read_table(path))
                N             D             C  loss  model
    0  70000000.0  1.400000e+09  5.880000e+17  3.61  small
    """
    import pandas

    conditions = [parse(text) for text in ((where,) if isinstance(where, str) else where)]
    table = read(
        str(path),
        named={"N": N, "D": D, "C": C, "loss": loss},
        where=conditions,
        scale=scale,
        loss_unit=loss_unit,
        drop_bad=drop_bad,
    )
    values = table.values
    compute = table.given_C if table.given_C is not None else SIZES["C"][1](values)
    frame = pandas.DataFrame({"N": values["N"], "D": values["D"], "C": compute, "loss": values["loss"]})
    frame = pandas.concat([frame, table.frame().drop(columns=list(frame), errors="ignore")], axis=1)
    frame.attrs["report"] = table.report()
    return frame
