"""Audits of printed tables: does every row obey C = 6 N D?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import arguments
from ..text import fitted
from .tables import TABLES, table

if TYPE_CHECKING:
    import pandas

__all__ = ["TableAudit", "audit", "audit_table"]


@dataclass(frozen=True)
class TableAudit:
    """Rows of a table whose C is not 6 N D.

    Attributes
    ----------
    findings : pandas.DataFrame
        The offending rows as printed, with `ratio` = 6 N D / C and `remark`.
    rows, skipped : int
        How many rows were looked at, and how many lack N, D or C.
    tolerance : float
        The relative difference that was let pass.
    source : str
        Where the table stands.
    """

    findings: object
    rows: int
    skipped: int
    tolerance: float
    source: str

    def report(self) -> str:
        """The findings in sentences."""
        lines = [self.source, f"  {self.rows} rows, {len(self.findings)} off C = 6ND by more than {self.tolerance:.0%}"]
        for row, entry in self.findings.iterrows():
            approach = f"approach {int(entry.approach)}, " if "approach" in entry else ""
            lines.append(
                f"  row {row} ({approach}N = {entry.N:.4g}): C is printed as {entry.C:.3g}, "
                f"6ND = {6 * entry.N * entry.D:.3g}"
            )
            lines.append(f"    ratio {entry.ratio:.3f}{entry.remark and ': '}{entry.remark}")
        return fitted("\n".join(lines))


def _remark(ratio, tolerance):
    """Say so when the ratio is a power of ten, which a slip of the pen makes."""
    power = round(np.log10(ratio))
    if power and abs(ratio / 10.0**power - 1.0) <= tolerance:
        return f"a slip of a factor {10.0 ** abs(power):g}, C too {'small' if power > 0 else 'large'}"
    return ""


def audit_table(frame: "pandas.DataFrame", *, tolerance: float = 0.05) -> TableAudit:
    """Find the rows of a table that do not obey ``C = 6 N D``.

    Parameters
    ----------
    frame : pandas.DataFrame
        With columns N (parameters), D (tokens) and C (FLOP).
    tolerance : float, default 0.05
        Relative difference to let pass: printed tables round.

    Returns
    -------
    TableAudit
        ``.findings`` (a table) and ``.report()``.

    Raises
    ------
    ValueError
        If a column is missing or holds what cannot be, named with its rows.

    Examples
    --------
    >>> import scalinglib as sl
    >>> found = sl.audit_table(sl.published.table("hoffmann2022-A3")).findings
    >>> found[["approach", "N", "C"]].values.tolist()
    [[3.0, 175000000000.0, 1.26e+24]]
    >>> print(found.remark.iloc[0])
    a slip of a factor 10, C too small
    """
    if not hasattr(frame, "columns"):
        raise ValueError(f"frame must be a pandas table with columns N, D and C; got {type(frame).__name__}")
    missing = [name for name in ("N", "D", "C") if name not in frame.columns]
    if missing:
        raise ValueError(
            f"the table has no column {', '.join(missing)}; it needs N, D and C, "
            f"and has {', '.join(map(str, frame.columns))}"
        )
    tolerance = arguments.scalar("tolerance", tolerance, positive=True)
    frame, every = frame.dropna(subset=["N", "D", "C"]), len(frame)
    N, D, C = arguments.columns(N=frame["N"], D=frame["D"], C=frame["C"])
    ratio = 6.0 * N * D / C
    off = np.abs(np.log(ratio)) > np.log1p(tolerance)
    findings = frame[off].copy()
    findings["ratio"] = ratio[off]
    findings["remark"] = [_remark(r, tolerance) for r in ratio[off]]
    return TableAudit(
        findings=findings,
        rows=len(frame),
        skipped=every - len(frame),
        tolerance=tolerance,
        source=frame.attrs.get("source", "a table"),
    )


def audit(*, tolerance: float = 0.05) -> dict:
    """Audit every printed table that gives N, D and C.

    Returns
    -------
    dict
        Table name -> TableAudit.

    Examples
    --------
    >>> import scalinglib as sl
    >>> {name: len(found.findings) for name, found in sl.published.audit().items()}
    {'hoffmann2022-3': 0, 'hoffmann2022-A3': 1}
    """
    printed = {name: table(name) for name in TABLES}
    whole = {name: frame for name, frame in printed.items() if {"N", "D", "C"} <= set(frame)}
    return {name: audit_table(frame, tolerance=tolerance) for name, frame in whole.items()}
