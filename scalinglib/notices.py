"""Notices: warnings that whoever calls can silence for itself, in its own thread, and for nobody else.

The filters of the module `warnings` belong to the whole process: two threads that change them at once leave them
changed. What a fit would say of itself inside a comparison is therefore silenced here, by a context variable.
"""

import contextlib
import contextvars
import warnings

__all__ = ["quiet", "warn"]

_SILENCED = contextvars.ContextVar("silenced", default=())


def warn(message: str, category: type[Warning], *, stacklevel: int = 1):
    """Warn as `warnings.warn` does, unless the caller asked for `quiet`.

    `stacklevel` is counted as there: 1 points at the line that calls `warn`.
    """
    if not issubclass(category, _SILENCED.get()):
        warnings.warn(message, category, stacklevel=stacklevel + 1)


@contextlib.contextmanager
def quiet(*categories: type[Warning]):
    """Give no notice of these categories within the block, in this thread; other threads hear theirs.

    Examples
    --------
    >>> with quiet(UserWarning):
    ...     warn("not heard", UserWarning)
    """
    before = _SILENCED.set((*_SILENCED.get(), *(categories or (Warning,))))
    try:
        yield
    finally:
        _SILENCED.reset(before)
