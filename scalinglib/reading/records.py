"""Records: the header and rows of JSON, JSON lines, Parquet files and workbooks."""

import io
import json
import math

from .cells import TableError, short
from .quantities import candidates
from .rows import Rows

__all__ = ["from_frame", "from_json"]

_DEEPEST = 8
_READERS = {"parquet": ("read_parquet", "pyarrow", "a Parquet file"), "xlsx": ("read_excel", "openpyxl", "a workbook")}


def from_json(content, encoding):
    """The Rows of JSON: a list of objects, an object a line, or an object that holds one such list or columns."""
    try:
        text = content.decode(encoding)
    except UnicodeError:
        raise TableError(f"is JSON, and cannot be read as {encoding}") from None
    first, _, rest = text.strip().partition("\n")
    try:
        value = json.loads(first) if rest.strip() else None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):  # an object a line
        places, objects = [], []
        start = text[: len(text) - len(text.lstrip())].count("\n") + 1
        for line, each in enumerate(text.strip().split("\n"), start):
            if each.strip():
                places.append(line)
                objects.append(_loaded(each, f"line {line} is no JSON"))
        return _of_objects(objects, places, "line")
    found = _table(_loaded(text, "is no JSON"))
    if found is None:
        raise TableError("is JSON with no single list of runs; write it as a list of objects, one a run")
    header, rows = found
    if header is None:
        return _of_objects(rows, range(1, len(rows) + 1), "record")
    return Rows([str(name) for name in header], _cells(rows), counted="record")


def _loaded(text, what):
    try:
        return json.loads(text)
    except RecursionError:
        raise TableError("is JSON with too many brackets in each other") from None
    except ValueError as error:
        raise TableError(f"{what} ({error})") from None


def _table(value):
    """(None, list of objects) or (names, list of rows) of a JSON value; None where it holds no single table."""
    if isinstance(value, list):
        if value and all(isinstance(each, dict) for each in value):
            return None, value
        if len(value) > 1 and all(isinstance(each, list) for each in value) and all(map(_is_text, value[0])):
            return value[0], value[1:]
        return None
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):  # pandas, orient="split"
        rows = value["data"]
        return (value["columns"], rows) if all(isinstance(row, list) for row in rows) else None
    columns = list(value.values())
    if columns and all(
        isinstance(each, list) and not any(isinstance(z, dict | list) for z in each) for each in columns
    ):
        if len({len(each) for each in columns}) == 1 and columns[0]:
            return list(value), list(map(list, zip(*columns, strict=True)))
        return None
    objects = len(columns) > 1 and all(isinstance(each, dict) for each in columns)
    if objects and set(columns[0]).intersection(*columns[1:]):  # of one kind
        plain = not any(isinstance(z, dict | list) for each in columns for z in each.values())
        if plain and all(map(str.isdigit, columns[0])):  # pandas: column -> row -> cell
            return list(value), [[each.get(row) for each in columns] for row in columns[0]]
        return None, [{"name": name, **each} for name, each in value.items()]  # name -> run
    found = [each for each in map(_table, columns) if each is not None]
    return found[0] if len(found) == 1 else None


def _is_text(value):
    return isinstance(value, str)


def _of_objects(objects, places, counted):
    if not all(isinstance(each, dict) for each in objects):
        raise TableError("is JSON, and not every line is an object")
    flat = [_flat(each) for each in objects]
    header = list(dict.fromkeys(name for each in flat for name in each))
    rows = ([each.get(name, "") for name in header] for each in flat)
    return Rows(header, zip(places, rows, strict=True), counted=counted)


def _flat(found, before="", depth=0):
    """Name -> cell of an object, the objects inside it unfolded as ``config/lr``; lists are left out."""
    cells = {}
    for name, value in found.items():
        if isinstance(value, dict) and "value" in value and set(value) <= {"value", "desc"}:  # as wandb keeps settings
            value = value["value"]
        if isinstance(value, dict) and depth < _DEEPEST:
            cells |= _flat(value, f"{before}{name}/", depth + 1)
        elif not isinstance(value, dict | list):
            cells[f"{before}{name}"] = _cell(value)
    return cells


def _cells(rows):
    """(record, cells) of rows of values."""
    return ((place, [_cell(value) for value in row]) for place, row in enumerate(rows, 1))


def _cell(value):
    """A value as the text of a cell; of what is missing, the empty text."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "<NA>"):
        return ""
    return str(value)


def from_frame(content, kind):
    """The Rows of a Parquet file or of the sheet of a workbook, where pandas has a reader for it."""
    import pandas

    function, package, what = _READERS[kind]
    more = {"header": None, "dtype": object, "sheet_name": None} if kind == "xlsx" else {}
    try:
        found = getattr(pandas, function)(io.BytesIO(content), **more)
    except ImportError:
        raise TableError(f"is {what}: pip install {package} for it to be read, or save it as CSV") from None
    except Exception as error:  # whatever another project's reader raises for a damaged file
        raise TableError(f"is {what} that {package} cannot read ({' '.join(str(error).split())[:100]})") from None
    if kind == "parquet":
        rows = _cells(found.itertuples(index=False, name=None))
        return Rows([str(name) for name in found.columns], rows, counted="record")
    sheets = {
        name: [row for row in _cells(frame.itertuples(index=False, name=None)) if any(row[1])]
        for name, frame in found.items()
    }
    sheets = {name: rows for name, rows in sheets.items() if rows}
    if len(sheets) > 1:  # notes beside the table
        sheets = {name: rows for name, rows in sheets.items() if candidates(rows[0][1], "loss")} or sheets
    if len(sheets) > 1:
        raise TableError(f"has tables in the sheets {', '.join(map(short, sheets))}: save the one with the runs as CSV")
    if not sheets:
        raise TableError("is empty")
    (_, header), *rows = next(iter(sheets.values()))
    return Rows([cell.strip() for cell in header], iter(rows))
