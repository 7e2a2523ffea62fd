"""Parallel: independent pieces of work, on one core or on whatever joblib is told to use, and a clock beside it."""

import functools
import sys
import threading
from contextlib import contextmanager

__all__ = ["run_pieces", "ticking"]


def run_pieces(function, pieces, *, label):
    """Call ``function(*piece)`` for every piece and return the results in order.

    The pieces go through joblib: ``joblib.parallel_config(n_jobs=2)`` or ``backend="dask"`` around the
    caller moves them elsewhere. What a piece is must not depend on how many workers there are; then
    neither do the results, since each piece runs with one thread of linear algebra.

    Parameters
    ----------
    function : callable
        Defined at the top of a module, so that another process can find it.
    pieces : sequence of tuple
        Arguments, one tuple a call.
    label : str
        What the progress bar says; it shows on a terminal, after two seconds.

    Returns
    -------
    list

    Examples
    --------
    >>> run_pieces(pow, [(2, 3), (3, 2)], label="powers")
    [8, 9]
    """
    pieces = list(pieces)
    if sys.platform == "emscripten":  # in a page there are no threads and no other processes
        return [function(*piece) for piece in pieces]
    import joblib
    from tqdm import tqdm

    calls = (joblib.delayed(_single_threaded)(function, piece) for piece in pieces)
    results = joblib.Parallel(return_as="generator")(calls)
    # disable=None: no bar where standard error is not a terminal
    return list(tqdm(results, total=len(pieces), desc=label, delay=2, disable=None, file=sys.stderr, leave=False))


@contextmanager
def ticking(tick, *, after=1.0):
    """Call `tick` every second, first `after` some, while work is done that somebody at a terminal waits for."""
    over = threading.Event()

    def run():
        wait = after
        while not over.wait(wait):
            tick()
            wait = 1.0

    clock = threading.Thread(target=run, daemon=True)
    if sys.stderr.isatty():
        clock.start()
    try:
        yield
    finally:
        over.set()
        if clock.is_alive():
            clock.join()


class _OneThread:
    """Linear algebra on one thread while any piece of this process is at work; then as it was before the first.

    The number of threads belongs to the process: pieces on threads of their own that each put back what they found
    would leave what another had set.
    """

    def __init__(self):
        self._lock, self._inside, self._limiter = threading.Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._limiter = _thread_pools().limit(limits=1)
            self._inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()


_ONE_THREAD = _OneThread()


@functools.cache
def _thread_pools():
    import scipy.linalg  # noqa: F401  # numpy and scipy each bring a library; one not yet loaded is not seen
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _single_threaded(function, piece):
    with _ONE_THREAD:
        return function(*piece)
