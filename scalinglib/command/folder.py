"""Folder: where the files of one fit go, looked at before the work is done."""

import os
from pathlib import Path

from ..files import write_whole

__all__ = ["Folder", "default_folder"]


class Folder:
    """Where the files of a fit go: all of them, or none.

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
    OSError
        If the folder cannot be one, or cannot be written to.
    """

    def __init__(self, path, names, *, force=False):
        self.path, self.names, self.force = Path(path), tuple(names), force
        there = [name for name in self.names if os.path.lexists(self.path / name)]
        if there and not force:
            raise FileExistsError(f"{self.path / there[0]} exists; {_WAYS}")
        nearest = next(place for place in (self.path, *self.path.absolute().parents) if os.path.lexists(place))
        if not nearest.is_dir():
            raise NotADirectoryError(f"{nearest} is a file, and --out names a folder")
        # A place that cannot be written to should be known before the work is done.
        if not os.access(nearest, os.W_OK):
            raise PermissionError(f"{nearest} cannot be written to; --out DIR writes elsewhere")

    def write(self, contents):
        """Write `contents`, a dict of name -> bytes with the names announced, and return their paths."""
        if tuple(contents) != self.names:
            raise ValueError(f"contents must hold {self.names}; got {tuple(contents)}")
        try:
            return write_whole(self.path, contents, replace=self.force)
        except FileExistsError as error:
            raise FileExistsError(f"{error}, written by another fit meanwhile; {_WAYS}") from None


_WAYS = "--force replaces it, --out DIR writes elsewhere"


def default_folder(table):
    """The name of the folder for a table's law, here: the table's, after its own folder's where that is another.

    Examples
    --------
    >>> default_folder("runs.csv"), default_folder("a/runs.csv"), default_folder("-")
    ('runs-law', 'a-runs-law', 'runs-law')
    """
    if table == "-":
        return "runs-law"
    path = Path(os.path.abspath(table))
    own = "" if path.parent == Path.cwd() else f"{path.parent.name}-"
    return f"{own}{path.stem}-law".lstrip("-")
