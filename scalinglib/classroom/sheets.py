"""Sheets: the teacher's own CSV files, read with the columns that are needed."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["mark_of", "read_sheet", "sheet_text", "table_of"]


def read_sheet(path: str | os.PathLike, columns: Iterable[str], said: str) -> list[dict[str, str]]:
    """The rows of a CSV, each with its columns by name; a cell that is not there is empty.

    Capitals and blanks in the headers do not matter, nor do empty rows that a spreadsheet left at the end.

    Parameters
    ----------
    path : str or path
    columns : iterable of str
        Those that it has to have, once each; in small letters.
    said : str
        Words for the error where it has not.

    Raises
    ------
    ValueError
        With the name of the file: for one that is not text in UTF-8, is no CSV, or lacks a column.
    """
    rows = table_of(sheet_text(path), Path(path).name)
    while rows and not any(map(str.strip, rows[-1])):
        rows.pop()
    written, *rows = list(filter(None, rows)) or [[]]
    head = [name.strip().lower() for name in written]
    if any(head.count(column) != 1 for column in columns):
        raise ValueError(f"{Path(path).name}: {said}; there are {', '.join(map(repr, written)) or 'none'}")
    return [dict(zip(head, [*row, *[""] * len(head)], strict=False)) for row in rows]


def sheet_text(path: str | os.PathLike) -> str:
    """The text of a CSV, or ValueError with the file's name where it is not in UTF-8 or is no text at all."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{Path(path).name}: not text in UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    if "\0" in text:  # a workbook
        raise ValueError(f"{Path(path).name}: no text; save it as CSV UTF-8")
    return text


def mark_of(text: str) -> str:
    """What stands between the cells: a comma, or the semicolon of spreadsheets where the comma is in numbers.

    Examples
    --------
    >>> mark_of("id;n\\ns1;2,5\\n")
    ';'
    """
    head = text.partition("\n")[0]
    return ";" if ";" in head and "," not in head else ","


def table_of(text: str, name: str) -> list[list[str]]:
    """The cells of a CSV, or ValueError with the name it has.

    Examples
    --------
    >>> table_of("id,n\\ns1,2\\n", "roster.csv")
    [['id', 'n'], ['s1', '2']]
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark_of(text))
    try:
        return list(reader)
    except csv.Error as error:
        raise ValueError(f"{name}: no CSV, {error} in line {reader.line_num}") from None
