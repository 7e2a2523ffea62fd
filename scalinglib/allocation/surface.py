"""Surface: the exponent of the best size without a law, from a parabolic surface through the runs."""

from contextlib import suppress

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["best_size_exponent", "exponent_draws"]


def best_size_exponent(N: ArrayLike, D: ArrayLike, loss: ArrayLike) -> float:
    """Fit ln loss by a parabolic surface in ln N and ln D, and say how its best N grows with N D.

    The surface has six constants and is linear in them, so a few dozen runs hold it where the five of a
    law with a floor stray. At a fixed product N D its lowest point lies at ``ln N = constant + a ln(N D)``,
    and a is returned. It describes the runs between their ends only: beyond them a parabola turns back. A
    law with a floor is no parabola, so the exponent is off by some hundredths (below, where no noise is);
    between sets of runs at the same sizes and lengths that error is much the same, and differences tell.

    Parameters
    ----------
    N, D, loss : array_like, shape (n,)
        Parameters, tokens and loss of each run, all above zero; at least six runs.

    Returns
    -------
    float
        The exponent a of ``N_opt ~ C**a`` for C = 6 N D.

    Raises
    ------
    ValueError
        For runs that are not numbers above zero, unequal lengths or fewer than six runs; where the runs
        do not hold six constants; where no size is best because the surface does not turn up.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.ChinchillaLaw(E=1.7, A=14.5, B=168.0, alpha=0.49, beta=0.53)
    >>> N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1.5e3, 2.5e4, 5), np.geomspace(6e4, 1e6, 5)))
    >>> round(sl.allocation.best_size_exponent(N, D, law(N, D)), 2), round(law.allocation_exponents[0], 2)
    (0.56, 0.52)
    """
    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    arguments.enough_runs(len(N), 6, "a parabolic surface")
    x, y = np.log(N), np.log(D)
    x, y = x - x.mean(), y - y.mean()
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    c, _, rank, _ = np.linalg.lstsq(terms, np.log(loss), rcond=None)
    if rank < 6:
        raise ValueError(f"these runs hold {rank} of the 6 constants of a parabolic surface: add sizes and lengths")
    across = 2 * (c[3] - c[4] + c[5])
    if across <= 0:
        raise ValueError("the surface does not turn up along N D = constant: no size is best among these runs")
    return float((2 * c[5] - c[4]) / across)


def exponent_draws(N: ArrayLike, D: ArrayLike, loss: ArrayLike, *, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Resample cells, and read `best_size_exponent` off the mean losses of each resample.

    A cell is all runs of one N and one D, and is drawn whole: its mean holds the scatter of its seeds already. Calls
    with one `seed` for two recipes on the same cells draw the same ones: take the difference draw by draw, and what
    they share cancels.

    Parameters
    ----------
    N, D, loss : array_like, shape (n,)
        Parameters, tokens and loss of each run, all above zero; at least six cells.
    draws, seed : int
        How many resamples, and where their randomness starts.

    Returns
    -------
    array of float, shape (draws,)
        NaN for a resample whose cells hold no six constants or whose surface has no lowest point.

    Raises
    ------
    ValueError
        For runs that are not numbers above zero, unequal lengths or fewer than six cells.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.ChinchillaLaw(E=1.7, A=14.5, B=168.0, alpha=0.49, beta=0.53)
    >>> grid = np.meshgrid(np.geomspace(1.5e3, 2.5e4, 5), np.geomspace(6e4, 1e6, 5), [1, 2, 3])
    >>> N, D, _ = (z.ravel() for z in grid)
    >>> loss = law(N, D) * np.exp(0.003 * np.random.default_rng(1).standard_normal(75))
    >>> np.nanquantile(sl.allocation.exponent_draws(N, D, loss, draws=200), [0.1, 0.9]).round(2)
    array([0.55, 0.59])
    """
    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    rng, out = np.random.default_rng(arguments.seed("seed", seed)), np.full(arguments.whole("draws", draws), np.nan)
    cells, cell, runs = np.unique(np.stack([N, D]), axis=1, return_inverse=True, return_counts=True)
    mean = np.bincount(cell, weights=loss) / runs
    arguments.enough_runs(len(mean), 6, "a parabolic surface")
    for k in range(len(out)):
        some = rng.integers(len(mean), size=len(mean))
        with suppress(ValueError):
            out[k] = best_size_exponent(*cells[:, some], mean[some])
    return out
