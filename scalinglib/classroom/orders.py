"""Orders as a sheet: what a student wants to buy, carried out without a server, and what came of each row."""

import csv
import io
import os
import re
from collections import Counter

from .. import arguments
from ..simulate.draws import to_six_digits
from .gradebook import plain_cell
from .handed import found_files, plain_bytes
from .market import Market
from .sheets import table_of

__all__ = ["carry_out"]

_COLUMNS = ("world", "N", "D", "learning_rate", "schedule", "low", "high", "level")
_LARGEST = 1_000_000  # bytes
_TOKEN = re.compile(r"(?<![a-z0-9])[a-z2-7]{16}(?![a-z0-9])")


def carry_out(market: Market, folder: str | os.PathLike) -> tuple[dict[str, bytes], list[str]]:
    """Carry out the sheets of a folder, each named by its student's token, as ``TOKEN.csv``.

    Of several sheets with one token each is carried out, and the rows stand one after the other in one file of results.
    A row with ``world, N, D`` (and learning_rate, schedule) buys; one with ``low`` and ``high`` submits. A sheet may
    grow: a row that was carried out before, to six digits of its numbers, is told again and not bought again, and to
    have another run of the same kind it stands there twice.

    Parameters
    ----------
    market : Market
    folder : str or path

    Returns
    -------
    tuple
        Name of a file -> bytes, for each student what came of each row; and the files that could not be taken.
    """
    results, strays = {}, []  # of results a text each, which grows with each of a student's sheets
    for path, name, _ in found_files(folder, ".csv"):
        whose = [one for one in _TOKEN.findall(path.name) if market.knows(one)]
        try:
            if len(whose) != 1:
                raise ValueError("its name has no token of the class, as TOKEN.csv")
            head, *rows = list(filter(None, table_of(plain_bytes(path, _LARGEST).decode("utf-8-sig"), name))) or [[]]
            if not {"world", "N"} <= set(head) <= set(_COLUMNS) or len(set(head)) < len(head):
                raise ValueError(f"columns world, N, D are needed, and there may be {', '.join(_COLUMNS[3:])}")
        except (OSError, ValueError) as error:
            strays.append(f"{name}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        seen, out = Counter(), results.setdefault(whose[0], io.StringIO(newline=""))
        sheet = csv.writer(out, lineterminator="\n")
        if not out.tell():
            sheet.writerow([*_COLUMNS, "loss", "left", "said"])
        for row in rows:
            given = {key: cell.strip() for key, cell in zip(head, row, strict=False) if cell.strip()}
            order = ",".join(_kind(given.get(key, "")) for key in _COLUMNS)
            seen[order] += 1
            came = _one(market, whose[0], given, f"{order}#{seen[order]}")
            said = [came.get(key, "") for key in ("loss", "left", "said")]
            sheet.writerow([*(plain_cell(given.get(key, "")) for key in _COLUMNS), *said])
    files = {f"{name}.results.csv": out.getvalue().encode("utf-8", "replace") for name, out in results.items()}
    return files, strays


def _kind(cell):
    """A cell as it stands in the name of its order: whoever writes the sheet anew may end a number otherwise."""
    try:
        return to_six_digits(float(cell))
    except ValueError:
        return cell


def _number(key, cell):
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{key} must be a number, as 1e8; got {arguments.abbreviate(cell)}") from None


def _one(market, name, given, order):
    """What came of one row; what is refused costs nothing."""
    try:
        row = {key: cell if key == "schedule" else _number(key, cell) for key, cell in given.items()}
        world = row.pop("world", "")
        if {"low", "high"} & set(row):
            market.submit(name, world, **row, order=order)
            return {"said": "submitted"}
        came = market.buy(name, world, **row, order=order)
        return {**came, "loss": "", "said": "diverged"} if came["loss"] is None else {**came, "said": "bought"}
    except (ValueError, TypeError) as error:
        return {"said": str(error).partition("() ")[2] or str(error)}
