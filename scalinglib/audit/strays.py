"""Strays: runs that lie far off the law that was fitted to them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..fitting.uncertain import Uncertain

__all__ = ["Strays", "strays_of", "usual_scatter"]

_FAR, _LEAST, _NAMED = 5.0, 1e-3, 5


@dataclass(frozen=True, eq=False)
class Strays:
    """The runs of a fit that lie more than five times the usual off its law, and more than 0.1%.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (k,)
        Which, the farthest first; often none.
    off : numpy.ndarray, shape (n,)
        Measured over law, less one, of every run in the order given.
    usual : float
        The standard deviation that the middle of the residuals would have if they were normal.
    """

    rows: np.ndarray
    off: np.ndarray = field(repr=False)
    usual: float

    def __len__(self):
        return len(self.rows)

    def sentence(self, named: Callable[[int], str] = "row {}".format) -> str:
        """Which runs they are, in a sentence; empty where there are none. `named` says what a row is called."""
        if not len(self):
            return ""
        worst = ", ".join(f"{named(row)} ({self.off[row]:+.2%})" for row in self.rows[:_NAMED].tolist())
        more = f" and {len(self) - _NAMED} more" if len(self) > _NAMED else ""
        count = f"{len(self)} runs are" if len(self) > 1 else "1 run is"
        usual = f"the usual {self.usual:.2%} off the law"
        return f"{count} more than {_FAR:g} times {usual}: {worst}{more}. Look at their logs."

    def report(self) -> str:
        """The sentence, or that there are none."""
        return self.sentence() or f"No run is more than {_FAR:g} times the usual {self.usual:.2%} off the law."


def strays_of(fit: "Uncertain") -> Strays:
    """The Strays of a fit with ``.posed`` and ``.residuals``.

    Examples
    --------
    >>> import scalinglib as sl
    >>> x = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
    >>> y = [8.02, 3.98, 2.01, 1.2, 0.5, 0.2501]
    >>> sl.fit_power_law(x, y, objective="huber", floor=None).strays().rows.tolist()
    [3]
    """
    posed, residuals = fit.posed, np.asarray(fit.residuals)
    if posed.problem.log:
        size, off = np.abs(residuals), np.expm1(residuals)
    else:
        measured = posed.back(posed.problem.y) * getattr(posed.coordinates, "unit", 1.0)
        off = residuals / np.abs(measured).clip(1e-300)
        size = np.abs(off)
    corner = 0.0 if posed.absolute else posed.problem.delta
    own = np.abs(posed.problem.residuals(posed.theta[None])[0])
    usual = usual_scatter(size, posed.free, met=usual_scatter(own, posed.free, met=False) > corner)
    rows = np.flatnonzero(size > max(_FAR * usual, _LEAST))
    return Strays(rows[np.argsort(-size[rows], kind="stable")], off, usual)


def usual_scatter(sizes: np.ndarray, constants: int, *, met: bool) -> float:
    """Standard deviation of single runs, as the middle of the `sizes` (n,) of their residuals shows it.

    The median does not let a few wild runs hide that the rest agree. With `met`, where a penalty has its corner inside
    the scatter, as many residuals vanish as there are constants: the others say the noise.
    """
    spare = max(len(sizes) - constants, 1)
    if met:
        return 1.4826 * float(np.median(np.sort(sizes)[-spare:]))
    return 1.4826 * float(np.median(sizes)) * float(np.sqrt(len(sizes) / spare))
