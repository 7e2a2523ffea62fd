"""Parallel: independent pieces of work, on one core or on whatever joblib is told to use."""

import functools
import sys

__all__ = ["run_pieces"]


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
    import joblib
    from tqdm import tqdm

    pieces = list(pieces)
    calls = (joblib.delayed(_single_threaded)(function, piece) for piece in pieces)
    results = joblib.Parallel(return_as="generator")(calls)
    # disable=None: no bar where standard error is not a terminal
    return list(tqdm(results, total=len(pieces), desc=label, delay=2, disable=None, file=sys.stderr, leave=False))


@functools.cache
def _thread_pools():
    import scipy.linalg  # noqa: F401  # numpy and scipy each bring a library; one not yet loaded is not seen
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _single_threaded(function, piece):
    with _thread_pools().limit(limits=1):
        return function(*piece)
