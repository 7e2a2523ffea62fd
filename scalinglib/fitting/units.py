"""Units: sizes and tokens that were not given in ones."""

import numpy as np

from ..notices import warn

__all__ = ["UnitsWarning", "doubt_units"]

_FEWEST, _MOST = 1e-3, 1e5  # tokens a parameter; no experiment lies outside


class UnitsWarning(UserWarning):
    """N or D seems to be in millions or billions."""


def doubt_units(N, D):
    """Warn where the tokens a parameter of runs, N and D (n,), say that one of the two is in millions or billions."""
    ratio = float(np.exp(np.median(np.log(D) - np.log(N))))
    if _FEWEST <= ratio <= _MOST:
        return
    name, values = ("N", N) if ratio > 1.0 else ("D", D)
    warn(
        f"the runs have {ratio:.2g} tokens a parameter (median): {name} from {values.min():.3g} to {values.max():.3g} "
        "looks like millions or billions. Give N and D in ones; in other units coefficients and plans mean others",
        UnitsWarning,
        stacklevel=3,
    )
