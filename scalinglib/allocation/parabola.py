"""Parabola: where the parabola of Approach 2 puts the best size when there is no noise at all."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw
from .plans import check_law

__all__ = ["ParabolaBias", "parabola_bias"]


@dataclass(frozen=True, eq=False)
class ParabolaBias:
    """A parabola through noise-free losses of one budget; it is the same at every budget.

    Losses are in units of the best one, above the floor: 1 at the best size.

    Attributes
    ----------
    size : numpy.ndarray, shape (sizes,)
        Sizes of the grid over the best size.
    loss : numpy.ndarray, shape (sizes,)
        Their losses.
    vertex : float
        Lowest point of the parabola, over the best size.
    vertex_loss : float
        The parabola there.
    step : float
        Factor between neighbouring sizes.
    inside : bool
        Whether the vertex lies among the sizes; if not, ``fit_isoflop`` leaves the budget out.
    """

    size: np.ndarray = field(repr=False)
    loss: np.ndarray = field(repr=False)
    vertex: float
    vertex_loss: float
    step: float
    inside: bool
    _parabola: np.ndarray = field(repr=False)

    @property
    def N_error(self) -> float:
        """Relative error of the best N, at every budget."""
        return self.vertex - 1.0

    @property
    def D_error(self) -> float:
        """Relative error of the best D, at every budget."""
        return 1.0 / self.vertex - 1.0

    def parabola(self, size: ArrayLike) -> float | np.ndarray:
        """The parabola at a size over the best one (any shape)."""
        return np.polyval(self._parabola, np.log(arguments.real("size", size, positive=True)))

    def report(self) -> str:
        """A line a person can read."""
        where = "" if self.inside else "; outside the sizes, an extrapolation"
        return (
            f"{len(self.size)} sizes from {self.size[0]:.3g} to {self.size[-1]:.3g} times the best: "
            f"N off by {self.N_error:+.1%}, D by {self.D_error:+.1%}{where}"
        )


def parabola_bias(law: ChinchillaLaw, *, width: float, centre: float = 1.0, sizes: int = 16) -> ParabolaBias:
    """The error of Approach 2 without noise: a parabola in ln N through a bowl that is not even.

    At each budget the sizes run from ``centre / width`` to ``centre * width`` times the best one, evenly in
    ln N. Above the floor and in units of the best, the loss at x times the best size is
    ``(beta x**-alpha + alpha x**beta) / (alpha + beta)``, so neither the budget nor E, A or B matter: the
    exponent of Approach 2 is exact and its coefficient off (Czech et al. 2026, arXiv 2603.22339).

    Parameters
    ----------
    law : ChinchillaLaw
    width : float
        Half-width of the grid as a factor, above 1.
    centre : float, default 1.0
        Middle of the grid over the best size.
    sizes : int, default 16
        Sizes a budget, three or more; the error depends on it.

    Returns
    -------
    ParabolaBias

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> uneven = sl.ChinchillaLaw(E=1.8, A=1500, B=25, alpha=0.46, beta=0.15)
    >>> print(sl.allocation.parabola_bias(uneven, width=8).report())
    16 sizes from 0.125 to 8 times the best: N off by +16.0%, D by -13.8%
    """
    check_law(law)
    width = arguments.scalar("width", width, positive=True)
    arguments.refuse("width", np.asarray(width), width <= 1.0, "above 1")
    centre = arguments.scalar("centre", centre, positive=True)
    if sizes != int(sizes) or sizes < 3:
        raise ValueError(f"sizes must be a whole number from 3 up; got {sizes}")
    t = np.log(centre) + np.log(width) * np.linspace(-1.0, 1.0, int(sizes))
    loss = (law.beta * np.exp(-law.alpha * t) + law.alpha * np.exp(law.beta * t)) / (law.alpha + law.beta)
    parabola = np.polyfit(t, loss, 2)
    best = -0.5 * parabola[1] / parabola[0]
    return ParabolaBias(
        size=np.exp(t),
        loss=loss,
        vertex=float(np.exp(best)),
        vertex_loss=float(np.polyval(parabola, best)),
        step=float(width ** (2.0 / (int(sizes) - 1))),
        inside=bool(t[0] <= best <= t[-1]),
        _parabola=parabola,
    )
