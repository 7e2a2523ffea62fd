"""Store: where a public table is looked for, fetched to, and checked."""

import contextlib
import hashlib
import logging
import os
import sys
import tempfile
import threading
from pathlib import Path

from ..files import write_whole
from ..notices import warn
from .failures import TableHashError, TableUnavailableError

__all__ = ["cache_folder", "locate", "obtain"]

# seconds to wait for a server before saying that the network is not there
_PATIENCE = 30


def obtain(table):
    """Return the bytes of the CSV of a public table, checked against its SHA-256.

    Looked for in the folder of the environment variable `SCALINGLIB_DATA`, then in the cache
    (`SCALINGLIB_CACHE`, or the system's cache folder), then at its pinned address.

    Parameters
    ----------
    table : Table
        What to look for: `.card` (file name, address, SHA-256) and `.extract`.

    Returns
    -------
    bytes

    Raises
    ------
    TableHashError
        When the file found or downloaded is another one.
    TableUnavailableError
        When it is nowhere and cannot be downloaded.
    NotADirectoryError
        When `SCALINGLIB_DATA` is set to something that is not a folder.
    """
    found = locate(table)
    if found is not None:
        content = found.read_bytes()
        if _sha256(content) == table.card.sha256:
            return content
        if found.parent == _data_folder():
            raise TableHashError(
                _difference(table, found, content)
                + " Nothing was changed. Put the right file there, or unset SCALINGLIB_DATA to download it."
            )
    # the cache is ours: a damaged copy in it is no one's work, and is replaced once there is a right one
    try:
        content = _download(table)
    except TableUnavailableError as error:
        if found is None:
            raise
        raise TableUnavailableError(f"{found} is damaged and could not be replaced: {error}") from None
    try:
        write_whole(cache_folder(), {table.card.file: content})
    except OSError as error:
        warn(
            f"{table.card.name!r} could not be kept in {cache_folder()} ({error}); it will be downloaded "
            "again next time. Set SCALINGLIB_CACHE to a folder that can be written.",
            UserWarning,
            stacklevel=4,
        )
    return content


def locate(table):
    """Return the path of the table's file in the data folder or the cache, or None."""
    folders = [folder for folder in (_data_folder(), cache_folder()) if folder is not None]
    paths = (folder / table.card.file for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def cache_folder():
    """Return the folder that downloads are kept in."""
    chosen = os.environ.get("SCALINGLIB_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("scalinglib"))


def _data_folder():
    """The folder of SCALINGLIB_DATA, or None where it is not set."""
    chosen = os.environ.get("SCALINGLIB_DATA")
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(
            f"SCALINGLIB_DATA is set to {chosen!r}, which is not a folder; set it to a folder that holds the "
            "tables, or unset it to download them"
        )
    return folder


def _download(table):
    """The CSV of the table, from its pinned address, checked; nothing of it is kept on a fault."""
    card = table.card
    if sys.platform == "emscripten":
        raise TableUnavailableError(
            f"table {card.name!r} is not among the files of this page (licence: {card.licence}), and a page may ask no "
            "other host. Open this section as a notebook, in Binder or on your own machine: there the cell fetches "
            f"the table by itself, from {card.address}"
        )
    import pooch
    import requests

    with tempfile.TemporaryDirectory() as folder, _quiet(pooch.get_logger()):
        try:
            path = pooch.retrieve(
                card.address,
                # checked below, since of some sources only a part is the table
                known_hash=None,
                fname="source",
                path=folder,
                downloader=pooch.HTTPDownloader(timeout=_PATIENCE),
            )
        except (requests.exceptions.RequestException, OSError) as error:
            raise TableUnavailableError(
                f"table {card.name!r} is not on this machine and could not be downloaded from {card.address} "
                f"({_reason(error)}). Without a network, put the file {card.file} into a folder and set the "
                "environment variable SCALINGLIB_DATA to that folder."
            ) from None  # the kind of fault is told; a page of sockets and retries is not
        content = Path(path).read_bytes()
    if table.extract is not None:
        content = table.extract(content).encode()
    if _sha256(content) != card.sha256:
        raise TableHashError(
            _difference(table, card.address, content)
            + " Nothing was kept. Something between here and there changed it: try another network, or put "
            f"the right {card.file} into a folder and set SCALINGLIB_DATA to that folder."
        )
    return content


def _difference(table, where, content):
    return (
        f"{where} is not the table {table.card.name!r}: {table.card.file} must have SHA-256 "
        f"{table.card.sha256}, this has {_sha256(content)}."
    )


def _reason(error):
    """The kind of fault and, for an answer of the server, its number; the rest is noise."""
    response = getattr(error, "response", None)
    answer = f", the server answered {response.status_code}" if response is not None else ""
    return type(error).__name__ + answer


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def _quiet(logger):
    """Keep a download from printing: a notebook's output must not depend on what is cached."""
    here = threading.get_ident()

    def keep(record):  # a filter of this thread: the logger's level is everybody's
        return record.thread != here or record.levelno >= logging.ERROR

    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)
