"""Tables: results of a study as one CSV, and as a card beside it where it ships with the library."""

import hashlib
import json
from pathlib import Path

from .jobs import write_text

__all__ = ["assembled", "csv_text", "ship", "write"]

SHIPPED = Path(__file__).parent.parent / "scalinglib" / "data"
CARDS = Path(__file__).parent / "cards"


def assembled(plan, jobs, results):
    """All rows of the jobs that have ended, in the order of the plan, as a data frame."""
    import pandas as pd

    rows = [row for job in jobs for row in results.rows(job) or ()]
    if hasattr(plan, "finish"):
        rows = plan.finish(rows)
    return pd.DataFrame(rows, columns=list(plan.COLUMNS))


def csv_text(table):
    """The table as CSV: whole numbers without a point, others as few digits as give the same number back."""
    return table.to_csv(index=False, lineterminator="\n")


def write(table, path):
    """Write the CSV whole."""
    write_text(path, csv_text(table))


def ship(name, table):
    """Put a table and its card where `scalinglib.runs` looks: the hand-written card, rows and hash filled in."""
    text = csv_text(table)
    card = json.loads((CARDS / f"{name}.json").read_text(encoding="utf-8"))
    odd = set(card["columns"]) ^ set(table.columns)
    if odd or list(card["columns"]) != list(table.columns):
        raise ValueError(f"the card of {name} and its table name other columns, or in another order: {sorted(odd)}")
    card |= {"rows": len(table), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    write_text(SHIPPED / f"{name}.csv", text)
    write_text(SHIPPED / f"{name}.card.json", json.dumps(card, indent=1, ensure_ascii=False) + "\n")
