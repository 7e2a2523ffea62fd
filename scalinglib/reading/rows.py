"""Rows: a text file as bytes with their hash, its header, and its lines split into cells."""

import contextlib
import csv
import hashlib
import io
import os
import re
import sys

from .cells import number
from .headers import TableError

__all__ = ["open_table", "split"]

_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or another archive; save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"PAR1": "a Parquet file; save it as CSV",
    b"\xff\xfe": "UTF-16 text; save it as CSV in UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as CSV in UTF-8",
}
_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*(\[\s*[\[{]|\{\s*["}])')


def open_table(path):
    """The name of a file, a seekable stream of its bytes and their SHA-256; ``-`` is standard input."""
    if path == "-":
        name, stream = "standard input", io.BytesIO(sys.stdin.buffer.read())
    else:
        name = os.fsencode(os.path.basename(path)).decode("utf-8", "replace")
        stream = open(path, "rb")  # noqa: SIM115  # the caller closes it
        if not stream.seekable():  # a pipe
            with stream:
                stream = io.BytesIO(stream.read())
    digest = hashlib.sha256()
    while block := stream.read(1 << 18):
        digest.update(block)
    stream.seek(0)
    start = stream.read(64)
    stream.seek(0)
    for mark, what in _NOT_TEXT.items():
        if start.startswith(mark):
            stream.close()
            raise TableError(f"{name} is {what}")
    if _JSON.match(start):
        stream.close()
        raise TableError(f"{name} is JSON; save it as CSV, one line a run")
    return name, stream, digest.hexdigest()


def split(text):
    """The header, the mark between cells, and an iterator of (line, cells), blank lines left out."""
    skipped, first = 0, text.readline()
    while first and not first.strip(" \t\r\n;,|"):
        skipped, first = skipped + 1, text.readline()
    if not first:
        raise TableError("is empty")
    said = re.fullmatch(r'"?sep=(.)"?\s*', first)  # Excel's own hint
    if said:
        skipped, first = skipped + 1, text.readline()
    mark = said[1] if said else max(",;\t|", key=lambda mark: len(next(csv.reader([first], delimiter=mark))))

    def chained():
        yield first
        yield from text

    reader = csv.reader(chained(), delimiter=mark, strict=True, skipinitialspace=mark != "\t")

    def numbered():
        line = skipped + 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = skipped + 1 + reader.line_num
        except csv.Error as error:
            raise TableError(f"line {line} cannot be split into cells ({error}); look for a lone quote") from None

    rows = numbered()
    _, header = next(rows, (0, None))
    if header is None:
        raise TableError("has no header line")
    header = [cell.strip() for cell in header]
    while header and not header[-1]:
        header.pop()
    if all(_is_number(cell) for cell in header):
        raise TableError(f"line {skipped + 1} holds numbers; the first line must name the columns")
    return header, mark, rows


def _is_number(cell):
    with contextlib.suppress(ValueError):
        number(cell)
        return True
    return False
