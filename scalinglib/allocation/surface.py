"""Surface: the exponent of the best size without a law, from a parabolic surface through the runs."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["best_size_exponent"]


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
    >>> round(best_size_exponent(N, D, law(N, D)), 2), round(law.allocation_exponents[0], 2)
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
