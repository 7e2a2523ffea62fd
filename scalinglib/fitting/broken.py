"""Fits of a smoothly broken power law."""

import numbers
import warnings
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.bounded import NOTHING, descend_together, settle
from ..laws import BrokenPowerLaw
from .breaks import BrokenModel, first_starts, grown, kinked, moved, pairs

__all__ = ["BrokenPowerLawFit", "fit_broken_power_law"]

_SPACES = ("log1p", "log")
_FIRST_HEATS = (400, 10), (80, 50), (30, 100)  # descents that go on, and for how many steps
_MOVED = 12  # leaders of which one break is then moved
_ROUNDS = 3  # of moves, at most: a round that gains nothing is the last
_LAST_HEATS = (160, 10), (40, 60), (12, 150)
_GROWN = 6  # laws with one break fewer, to which one is added


@dataclass(frozen=True, eq=False)
class BrokenPowerLawFit:
    """A broken power law fitted to points.

    Attributes
    ----------
    law : BrokenPowerLaw
    residuals : numpy.ndarray, shape (n,)
        ln(1 + y) - ln(1 + law), or ln(y / law).
    rms : float
        Root mean square of the residuals: of ln(1 + y) in "log1p" space, not of ln(y).
    space : str
        "log1p" or "log".
    converged : bool
        Whether the start that won met its tolerance.
    starts_agreeing : int
        The most descents, in one heat, that ended within 1e-6 (relative) of the best sum of squares.
    x, y : numpy.ndarray
        The points.
    """

    law: BrokenPowerLaw
    residuals: np.ndarray = field(repr=False)
    rms: float
    space: str
    converged: bool
    starts_agreeing: int
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)

    def report(self) -> str:
        """What a person should know about the fit."""
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        return (
            f"{self.law.report()}\n"
            f"{len(self.x)} points, rms residual {self.rms:.3g} in {self.space} space; {ended}; "
            f"{self.starts_agreeing} starts agree.\n"
            "A break beyond the last point cannot be seen in advance."
        )


def _descend(model, ends, heats):
    """Ends in order of cost (E, P), without laggards and doubles, and the costs of each heat."""
    low, high = model.bounds((ends.shape[1] - 3) // 3)
    ends = np.clip(ends[np.isfinite(ends).all(1)], low, high)
    met = [_costs(model, ends)]
    for kept, steps in heats:
        ends, costs = _in_order(ends, met[-1])
        new = np.r_[True, np.diff(costs) > 1e-6 * costs[:-1]]  # ends of one basin have one cost
        ends, costs = descend_together(model, ends[new][:kept], low, high, steps=steps)
        met.append(costs)
    return _in_order(ends, met[-1])[0], met


def _costs(model, ends):
    return 0.5 * (model(ends)[0] ** 2).sum(1)


def _in_order(ends, costs):
    order = np.argsort(costs, kind="stable")
    return ends[order], costs[order]


def _refine(model, starts, long=None):
    """Descend from the starts, and from some to the end: the best's Descent, leading ends (E, P)."""
    ends, met = _descend(model, starts, _FIRST_HEATS)
    if long is not None:
        more, also = _descend(model, long, ((len(long), 150),))
        ends = np.concatenate([ends, more])
        ends, _ = _in_order(ends, _costs(model, ends))
        met += also
    rounding = NOTHING * len(model.target)
    for _ in range(_ROUNDS):
        before = _costs(model, ends[:1])[0]
        ends, costs = _descend(model, np.concatenate([ends, moved(model, ends[:_MOVED])]), _LAST_HEATS)
        met += costs
        if costs[-1].min() >= before * (1.0 - 1e-6) - rounding:
            break
    best = settle(model.one, ends[0], *model.bounds((ends.shape[1] - 3) // 3))
    level = best.cost * (1.0 + 1e-6) + rounding
    return replace(best, starts_agreeing=max(1, *(int((costs <= level).sum()) for costs in met))), ends


def fit_broken_power_law(x: ArrayLike, y: ArrayLike, *, breaks: int = 1, space: str = "log1p") -> BrokenPowerLawFit:
    """Fit the broken power law of Caballero et al. 2022 to points.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points, x above zero; at least 3 + 3 breaks of them. In "log" space y must be above zero, in
        "log1p" space zero or above.
    breaks : int, default 1
        Number of breaks, 1 to 4; each after the first starts from the fit with one fewer.
    space : {"log1p", "log"}
        Least squares of ln(1 + y), as in Caballero et al.'s own code, or of ln(y).

    Returns
    -------
    BrokenPowerLawFit

    Raises
    ------
    ValueError
        As for fit_power_law.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.BrokenPowerLaw(a=0.2, b=2.0, c0=0.05, c=[1.0], d=[300.0], f=[0.2])
    >>> x = np.geomspace(10, 1e4, 15)
    >>> fit = sl.fit_broken_power_law(x, truth(x))
    >>> round(fit.law.d[0], 3), round(fit.law.a, 6)
    (300.0, 0.2)
    """
    arguments.one_of("space", space, _SPACES)
    if isinstance(breaks, bool) or not isinstance(breaks, numbers.Integral) or not 1 <= breaks <= 4:
        raise ValueError(f"breaks must be a whole number from 1 to 4; got {breaks!r}")
    (x,) = arguments.columns(x=x)
    x, y = arguments.columns(x=x, y=y, positive=False)
    arguments.real("y", y, positive=space == "log", non_negative=True)
    arguments.enough_runs(len(x), 3 + 3 * breaks, f"a power law with {breaks} break(s)")
    different = np.unique(x).size
    if different < 3 + 3 * breaks:
        raise ValueError(f"x has {different} different values; {3 + 3 * breaks} are needed for {breaks} break(s)")
    offset = 1.0 if space == "log1p" else 0.0
    model = BrokenModel(np.log(x), np.log(y + offset), offset)

    best, ends = _refine(model, first_starts(model))
    for count in range(2, breaks + 1):
        starts = [grown(model, end) for end in ends[:_GROWN]]
        if count == 2:
            starts.append(pairs(model))
        best, ends = _refine(model, np.concatenate(starts), kinked(model, best.theta))

    a, log_b, c0 = best.theta[:3]
    c, log_d, log_f = best.theta[3:].reshape(3, -1)
    order = np.argsort(log_d)
    law = BrokenPowerLaw(a=a, b=float(np.exp(log_b)), c0=c0, c=c[order], d=np.exp(log_d[order]), f=np.exp(log_f[order]))
    fit = BrokenPowerLawFit(
        law=law,
        residuals=best.residuals,
        rms=best.rms,
        space=space,
        converged=best.converged,
        starts_agreeing=best.starts_agreeing,
        x=x,
        y=y,
    )
    if not fit.converged:
        warnings.warn("the fit stopped before its optimum; do not use it", RuntimeWarning, stacklevel=2)
    return fit
