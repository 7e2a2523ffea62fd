"""Machine: what FLOP take in petaFLOP/s-days and device-hours."""

import numpy as np
from numpy.typing import ArrayLike

from ..arguments import real
from .amounts import share

__all__ = ["PF_DAY", "gpu_hours", "mfu", "pf_days"]

PF_DAY = 8.64e19
"""FLOP in a petaFLOP/s-day: 1e15 FLOP/s for 86,400 seconds (Kaplan et al. 2020)."""


def pf_days(flop: ArrayLike) -> float | np.ndarray:
    """Return FLOP as petaFLOP/s-days.

    Examples
    --------
    >>> import scalinglib as sl
    >>> float(sl.accounting.pf_days(8.64e19))
    1.0
    """
    return real("flop", flop, positive=True) / PF_DAY


def gpu_hours(flop: ArrayLike, *, peak_flop_per_second: ArrayLike, utilisation: ArrayLike) -> float | np.ndarray:
    """Return the device-hours that a computation takes.

    Parameters
    ----------
    flop : float or array
        FLOP of the computation.
    peak_flop_per_second : float or array
        What one device can do, at the precision used.
    utilisation : float or array
        The share of the peak reached (MFU), above 0 and at most 1.

    Returns
    -------
    float or array

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.accounting.gpu_hours(5.88e23, peak_flop_per_second=312e12, utilisation=0.4)))
    1308761
    """
    return (
        real("flop", flop, positive=True)
        / (real("peak_flop_per_second", peak_flop_per_second, positive=True) * share("utilisation", utilisation))
        / 3600
    )


def mfu(
    flop: ArrayLike, *, seconds: ArrayLike, devices: ArrayLike, peak_flop_per_second: ArrayLike
) -> float | np.ndarray:
    """Return the model FLOP utilisation: useful FLOP over what the devices could have done.

    Parameters
    ----------
    flop : float or array
        FLOP that the model needed (by 6 N D or exactly: say which).
    seconds, devices, peak_flop_per_second : float or array
        Wall time, number of devices, and the peak of one.

    Returns
    -------
    float or array
        A value above 1 means that one of the four numbers is wrong.

    Examples
    --------
    >>> import scalinglib as sl
    >>> float(sl.accounting.mfu(3.6e18, seconds=3600, devices=8, peak_flop_per_second=312.5e12))
    0.4
    """
    possible = (
        real("seconds", seconds, positive=True)
        * real("devices", devices, positive=True)
        * real("peak_flop_per_second", peak_flop_per_second, positive=True)
    )
    return real("flop", flop, positive=True) / possible
