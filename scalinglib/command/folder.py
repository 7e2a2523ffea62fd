"""Folder: the files of one fit, written whole or not at all."""

import contextlib
import os
import shutil
from pathlib import Path

__all__ = ["Folder"]


class Folder:
    """Where the files of a fit go.

    A folder that does not exist yet appears with all its files at once. In one that exists each file
    is replaced whole, and only where `force` allows it.

    Parameters
    ----------
    path : str
    names : sequence of str
        The files that will be written, in this order.
    force : bool
        Replace files of these names.

    Raises
    ------
    FileExistsError
        If one of the files exists and `force` is not set: nothing has been computed or lost by then.
    """

    def __init__(self, path, names, *, force=False):
        self.path, self.names = Path(path), tuple(names)
        there = [name for name in self.names if os.path.lexists(self.path / name)]
        if there and not force:
            raise FileExistsError(f"{self.path / there[0]} exists; --force replaces it, --out DIR writes elsewhere")
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise NotADirectoryError(f"{self.path} is a file, and --out names a folder")
        # A place that cannot be written to should be known before the work is done.
        nearest = next(place for place in (self.path, *self.path.absolute().parents) if place.is_dir())
        if not os.access(nearest, os.W_OK):
            raise PermissionError(f"{nearest} cannot be written to; --out DIR writes elsewhere")

    def write(self, contents):
        """Write `contents`, a dict of name -> bytes with the names announced, and return their paths."""
        if tuple(contents) != self.names:
            raise ValueError(f"contents must hold {self.names}; got {tuple(contents)}")
        try:
            return self._written(contents)
        except OSError as error:
            if error.filename is None or ".part" not in str(error.filename):
                raise
            # the draft's own name would tell nobody anything
            raise type(error)(error.errno, error.strerror, str(self.path)) from None

    def _written(self, contents):
        if self.path.is_dir():
            for name, content in contents.items():
                self._replace(self.path / name, content)
        else:
            self._appear(contents)
        return [self.path / name for name in contents]

    def _appear(self, contents):
        self.path.absolute().parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            draft.mkdir()
            for name, content in contents.items():
                (draft / name).write_bytes(content)
            os.rename(draft, self.path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    @staticmethod
    def _replace(path, content):
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            draft.write_bytes(content)
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
