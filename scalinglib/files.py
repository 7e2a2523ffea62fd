"""Files: written whole, and several that belong together all or none."""

import contextlib
import errno
import glob
import os
from itertools import repeat, starmap
from operator import call
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(folder: str | os.PathLike, contents: dict[str, bytes], *, replace: bool = True) -> list[Path]:
    """Write files into one folder: a reader sees the old ones or the new ones, never a part of one.

    Every file is written under another name first, then all are renamed. Of several the old ones are removed just
    before, so that no kill leaves files of two writes side by side. What a write that was killed left under such
    a name is removed. Two that write into one folder at a time do so one after the other, where the
    system can lock a folder. Who may read the files is as of any new file (the umask).

    Parameters
    ----------
    folder : str or path
        Made if it is not there, and removed again if nothing could be written.
    contents : dict
        Name -> bytes, in the order in which they are put in place.
    replace : bool
        Whether files of these names may be there.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    FileExistsError
        If one is there and `replace` is false; nothing is changed.
    OSError
        Naming the file that could not be written, and no draft of it.

    Examples
    --------
    >>> import tempfile
    >>> place = tempfile.mkdtemp()
    >>> [path.name for path in write_whole(place, {"law.json": b"{}"})]
    ['law.json']
    """
    folder = Path(folder)
    paths, made = [folder / name for name in contents], not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder) as alone:
        try:
            if alone:
                _sweep(paths)
            return _written(paths, contents.values(), replace)
        except BaseException:
            if made:
                with contextlib.suppress(OSError):  # somebody else's file may be in it by now
                    folder.rmdir()
            raise


def _written(paths, contents, replace):
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not replace and os.path.lexists(path):
            raise FileExistsError(f"{path} exists")
    drafts = [path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths]
    try:
        for path, draft, content in zip(paths, drafts, contents, strict=True):
            try:
                draft.write_bytes(content)
            except OSError as error:  # the draft's own name would tell nobody anything
                raise OSError(error.errno, error.strerror, str(path)) from None
        old = [path for path in paths if os.path.lexists(path)] if len(paths) > 1 else []
        steps = [*((os.remove, path) for path in old), *zip(repeat(os.replace), drafts, paths)]
        # one call of the interpreter, so that Ctrl-C cannot come between two files
        list(starmap(call, steps))
    finally:
        for draft in drafts:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
    return paths


def _sweep(paths):
    """Remove what a write that was killed has left."""
    for path in paths:
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            with contextlib.suppress(OSError):
                left.unlink()


@contextlib.contextmanager
def _alone(folder):
    """Wait until no other process writes into the folder; whether that could be made sure of."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            yield False
        else:
            yield True
    finally:
        os.close(handle)
