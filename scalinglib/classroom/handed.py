"""Handed-in files: others made them, so no link is followed, no pipe waited for, and no more read than allowed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

__all__ = ["found_files", "plain_bytes"]


def found_files(folder: str | os.PathLike, *endings: str) -> Iterator[tuple[Path, str, float]]:
    """Each file under a folder with one of these endings, in capitals or not: its path, its name from there, its time.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}: FROM names the one with the files that were handed in")
    for place, inside, names in os.walk(folder):
        inside.sort()
        for name in sorted(names):
            path = Path(place) / name
            if path.suffix.lower() in endings:
                yield path, str(path.relative_to(folder)), path.lstat().st_mtime


def plain_bytes(path: str | os.PathLike, largest: int) -> bytes:
    """What is in a plain file.

    Raises
    ------
    ValueError
        For a pipe, a folder or a device, and for more bytes than are allowed.
    OSError
        For a link, or a file that cannot be read.
    """
    # without following a link, and without waiting for a pipe to be written to
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a plain file")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"larger than {largest:,} bytes")
    return content
