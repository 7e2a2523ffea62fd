"""Frame: one's own table of runs as a data frame."""

import math
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

from .. import arguments
from .conditions import parse
from .table import LOSS_UNITS, SIZES, read

if TYPE_CHECKING:
    import pandas

__all__ = ["read_table"]


def read_table(
    path: str | PathLike,
    *,
    N: str | None = None,
    D: str | None = None,
    C: str | None = None,
    loss: str | None = None,
    where: str | Sequence[str] = (),
    scale: Mapping[str, float] | None = None,
    loss_unit: str | None = None,
    bytes_per_token: float | None = None,
    best_of_pair: bool = False,
    drop_bad: bool = False,
    encoding: str | None = None,
) -> "pandas.DataFrame":
    """Read one's own table of runs, as the command reads it.

    Parameters
    ----------
    path : str or path
        Text with a header line, its cells split by commas, semicolons, tabs, blanks or ``|`` (a table in Markdown);
        JSON or JSON lines; Parquet or .xlsx where pandas has a reader for them; any of them packed by gzip, bzip2, xz
        or alone in a zip archive. Pickles are never opened.
    N, D, C, loss : str, optional
        The header of a column, or a formula of columns such as ``"steps * batch_size * seq_len"``; found by its usual
        names when not given. One of N and D may be missing: it then comes from C = 6 N D.
    where : str or sequence of str
        Conditions such as ``"loss < 4"``: rows where one fails are left out.
    scale : dict, optional
        Quantity -> factor, as ``{"N": 1e9}`` for a column in billions.
    loss_unit : {"nats", "bits", "perplexity", "bits-per-byte"}, optional
        What the column of the loss holds, per token but for the last.
    bytes_per_token : float, optional
        Bytes of text a token, which turns bits per byte into nats per token.
    best_of_pair : bool, default False
        Keep of rows that share N and D the one with the lowest loss.
    drop_bad : bool, default False
        Leave out rows with empty or wrong cells, in place of refusing the table.
    encoding : str, optional
        Of the text, as ``"latin-1"``; UTF-8 (or UTF-16 that looks like it) when not given.

    Returns
    -------
    pandas.DataFrame
        One row a run: N, D, C, loss in nats per token (or in bits per byte, where no `bytes_per_token` is known),
        then the other columns. ``.attrs`` has the ``"report"`` of what was taken and left out, the ``"loss_unit"``,
        and ``"notes"`` on what to weigh.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns, and what to do.
    ValueError
        For a condition, unit or encoding that is none.
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

    if loss_unit is not None:
        arguments.one_of("loss_unit", loss_unit, LOSS_UNITS)
    table = read(
        str(path),
        named={"N": N, "D": D, "C": C, "loss": loss},
        where=[parse(text) for text in ((where,) if isinstance(where, str) else where)],
        scale=dict(scale or {}),
        loss_unit=loss_unit,
        bytes_per_token=bytes_per_token,
        best_of_pair=best_of_pair,
        drop_bad=drop_bad,
        encoding=encoding,
        most_labels=math.inf,
    )
    values = table.values
    compute = table.given_C if table.given_C is not None else SIZES["C"][1](values)
    frame = pandas.DataFrame({"N": values["N"], "D": values["D"], "C": compute, "loss": values["loss"]})
    frame = pandas.concat([frame, table.frame().drop(columns=list(frame), errors="ignore")], axis=1)
    frame.attrs = {"report": table.report(), "loss_unit": table.loss_unit, "notes": [*table.notes, *table.reasons]}
    return frame
