"""Files: what a file holds by its first bytes, its hash, and its text, unpacked and decoded."""

import bz2
import codecs
import contextlib
import errno
import gzip
import hashlib
import io
import lzma
import os
import re
import struct
import sys
import zipfile
import zlib

from .cells import TableError

__all__ = ["File", "opened"]

_PICKLE = "a pickle, which is never opened here, since opening one runs what is in it; write the table as CSV"
_ARRAY = "an array of numpy, which has no names of columns; write it as CSV with a header line"
_REFUSED = {
    b"(\xb5/\xfd": "compressed with Zstandard; unpack it first, as with zstd -d",
    b'\x04"M\x18': "compressed with LZ4; unpack it first, as with lz4 -d",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook (.xls); save the sheet as CSV or .xlsx",
    b"\x93NUMPY": _ARRAY,
    b"\x89HDF": "an HDF5 file; write the table as CSV",
    b"ARROW1": "a Feather file; write the table as CSV or Parquet",
    b"SQLite format 3": "a SQLite database; write the table as CSV",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"%PDF": "a PDF; copy the table into a CSV file",
    b"\x89PNG": "a picture; type the table into a CSV file",
}
_PICKLED = re.compile(rb"\x80[\x01-\x05]")
_PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt")
_UNPACK = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:!doctype\s+html|html|table)", re.IGNORECASE)
_JSON = re.compile(r"\ufeff?\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")
_FIRST = 4096  # bytes that tell what a file is
_MOST = 1 << 30  # bytes of what is not read line by line
_DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error, NotImplementedError)


class File:
    """An open file.

    Attributes
    ----------
    name : str
        Without its folder.
    sha256 : str
        Of the bytes as they are stored.
    kind : {"text", "json", "parquet", "xlsx"}
    encoding : str
        Of its text.
    """

    def __init__(self, name, sha256, stream, encoding, stack):
        self.name, self.sha256 = name, sha256
        first = _first(stream)
        self._stream, self._stack, self.encoding = stream, stack, encoding or _encoding(first)
        if first.startswith(b"PAR1"):
            self.kind = "parquet"
        elif first.startswith(b"PK\x03\x04"):  # an archive that is not unpacked is a workbook
            self.kind = "xlsx"
        else:
            start = first.decode(self.encoding, "ignore")
            self.kind = "json" if _JSON.match(start) else "text"

    def text(self):
        """The text as a stream; bytes that cannot be read are marked (`cells.is_broken`)."""
        text = io.TextIOWrapper(self._stream, encoding=self.encoding, errors="surrogateescape", newline="")
        return self._stack.enter_context(text)

    def content(self):
        """All bytes, unpacked."""
        with sound():
            content = self._stream.read(_MOST + 1)
        if len(content) > _MOST:
            raise TableError(f"holds more than {_MOST >> 20} MB")
        return content


@contextlib.contextmanager
def sound():
    """Say in one line that a file cannot be unpacked or decoded."""
    try:
        yield
    except (*_DAMAGED, OSError) as error:
        if getattr(error, "errno", None) not in (None, errno.EINVAL):  # of the disk, and not of the unpacking
            raise
        raise TableError(f"is damaged or cut short ({' '.join(str(error).split())})") from None
    except UnicodeError as error:
        raise TableError(f"cannot be read as {getattr(error, 'encoding', 'text')}") from None


@contextlib.contextmanager
def opened(path, encoding=None):
    """A File to read from; ``-`` is standard input. Errors inside name the file.

    Parameters
    ----------
    path : str
    encoding : str, optional
        Of text; UTF-8 when not given, or UTF-16 where the bytes look like it.
    """
    if encoding is not None:
        _known(encoding)
    with contextlib.ExitStack() as stack:
        if path == "-":
            name, stream = "standard input", io.BytesIO(sys.stdin.buffer.read())
        else:
            name = os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
            stream = stack.enter_context(open(path, "rb"))
            if not stream.seekable():  # a pipe
                stream = io.BytesIO(stream.read())
        try:
            if name.lower().endswith(_PICKLE_NAMES):
                raise TableError(f"is {_PICKLE}")
            _refuse(_first(stream))  # before the whole is read, which of a device has no end
            digest = hashlib.sha256()
            while block := stream.read(1 << 18):
                digest.update(block)
            stream.seek(0)
            yield File(name, digest.hexdigest(), _unpacked(stream, stack), encoding, stack)
        except TableError as error:
            raise TableError(f"{name}: {error}") from None


def _first(stream):
    """The first bytes, which stay to be read."""
    with sound():
        if hasattr(stream, "peek"):
            return stream.peek(_FIRST)[:_FIRST]
        first = stream.read(_FIRST)
        stream.seek(0)
        return first


def _refuse(first):
    """Raise TableError for what no table is read from."""
    for mark, what in _REFUSED.items():
        if first.startswith(mark):
            raise TableError(f"is {what}")
    if _PICKLED.match(first):
        raise TableError(f"is {_PICKLE}")
    if first[257:262] == b"ustar":
        raise TableError("is a tar archive; unpack it first")
    if _PAGE.match(first):
        raise TableError("is a web page; copy the table into a CSV file")
    packed = first.startswith((b"PK\x03\x04", b"PAR1", *_UNPACK))
    if not packed and b"\0" in first and _encoding(first) == "utf-8-sig":
        raise TableError("is no text: it holds zero bytes")


def _unpacked(stream, stack):
    """The stream of what is packed into a file, if it is."""
    for _ in range(2):  # a zip of a .gz
        first = _first(stream)
        _refuse(first)
        if first.startswith(b"PK\x03\x04"):
            member = _member(stream, stack)
            if member is None:
                return stream
            stream = member
        else:
            unpack = next((unpack for mark, unpack in _UNPACK.items() if first.startswith(mark)), None)
            if unpack is None:
                return stream
            stream = stack.enter_context(unpack(stream, "rb"))
    _refuse(_first(stream))
    return stream


def _member(stream, stack):
    """The one file in a zip archive; None for a workbook, which is a zip archive itself."""
    with sound():
        archive = stack.enter_context(zipfile.ZipFile(stream))
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if "xl/workbook.xml" in names:
            stream.seek(0)
            return None
        if "content.xml" in names:
            raise TableError("is an OpenDocument sheet; save it as CSV")
        if any(name.endswith((".pkl", "data.pkl")) for name in names):
            raise TableError(f"is {_PICKLE}")
        if names and all(name.endswith(".npy") for name in names):
            raise TableError(f"is {_ARRAY}")
        if len(names) != 1:
            raise TableError(f"is an archive of {len(names)} files; unpack the one with the table")
        try:
            return stack.enter_context(archive.open(names[0]))
        except RuntimeError:  # as zipfile has it
            raise TableError("is a zip archive with a password; unpack it first") from None


def _encoding(first):
    """The encoding of text that begins with these bytes."""
    if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = len(first) // 2
    if pairs and first[: 2 * pairs : 2].count(0) == 0 and first[1 : 2 * pairs : 2].count(0) > 0.7 * pairs:
        return "utf-16-le"
    if pairs and first[1 : 2 * pairs : 2].count(0) == 0 and first[: 2 * pairs : 2].count(0) > 0.7 * pairs:
        return "utf-16-be"
    return "utf-8-sig"


def _known(encoding):
    """Raise ValueError for a name of no encoding of text."""
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        raise ValueError(f"encoding {encoding[:40]!r} is not known; usual ones are utf-8, latin-1 and cp1252") from None
