"""Points on a falling curve, and what a fit of a law with bends to them says."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import arguments
from ..engine.bounded import NOTHING
from ..engine.problem import Problem
from ..engine.starts import search
from ..text import brief
from .curve import Points
from .search import ended

__all__ = ["LiftedPoints", "SaturatingPowerLawFit", "finish", "left_open"]

_NO_BETTER = 1e-9  # relative; a bend that gains less than this is left out


@dataclass(frozen=True, eq=False)
class SaturatingPowerLawFit:
    """A power law with a bend at small x, fitted to points.

    Attributes
    ----------
    law : ShiftedPowerLaw or SaturatingPowerLaw
    residuals : numpy.ndarray, shape (n,)
        ln(y / law), or ln(1 + y) - ln(1 + law).
    rms : float
        Root mean square of the residuals.
    space : str
        "log" or "log1p".
    converged : bool
        Whether the start that won met its tolerance.
    starts_agreeing : int
        How many of the refined starts ended within 1e-6 (relative) of the best sum of squares.
    undetermined : tuple of str
        Constants that the points leave open, by the spread that their scatter puts on them.
    x, y : numpy.ndarray
        The points.
    """

    law: object
    residuals: np.ndarray = field(repr=False)
    rms: float
    space: str
    converged: bool
    starts_agreeing: int
    undetermined: tuple
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)

    def __repr__(self):
        return brief(self, self.law.report().split("\n")[0], f"{len(self.x)} points")

    def report(self) -> str:
        """What a person should know about the fit."""
        lines = [
            self.law.report(),
            f"{len(self.x)} points, rms residual {self.rms:.3g} in {self.space} space;",
            f"{ended(self)}.",
        ]
        if self.undetermined:
            lines.append(f"Not determined by these points: {', '.join(self.undetermined)}.")
        return "\n".join(lines)


@dataclass(frozen=True)
class LiftedPoints(Points):
    """Points as the search of M4 wants them: y plus an offset, in the unit of its median."""

    @property
    def corner(self):
        return self.how["delta"] if self.how["objective"] == "huber" else np.inf

    @property
    def unit(self):
        return float(np.median(self.y + self.offset))

    @property
    def lifted(self):
        return (self.y + self.offset) / self.unit

    @property
    def lowest(self):
        """The floor zero in the lifted unit."""
        return self.offset / self.unit

    def power_law(self, shift):
        """The engine's problem for a power law with a floor in x + shift, and the centre of ln(x + shift)."""
        log_x = np.log(self.x + shift)
        centre = float(log_x.mean())
        reach = max(0.5 * np.ptp(log_x), 1e-3)
        problem = Problem(
            x=(log_x - centre)[None],
            y=self.lifted,
            log=True,
            delta=self.corner,
            lower=np.array([self.lowest, -80.0, min(1e-6 / reach, 1e-3 * self.steepest)]),
            upper=np.array([np.inf, 80.0, self.steepest]),
        )
        return problem, centre

    @cached_property
    def plain(self):
        """The power law with a floor: (floor, height, exponent), penalty, converged, agreeing."""
        solution = search(self.power_law(0.0)[0])
        value = solution.value[solution.best]
        agreeing = (solution.value <= value * (1.0 + 1e-6) + NOTHING * len(self.x)).sum()
        converged = bool(solution.converged[solution.best]) or value <= NOTHING * len(self.x)
        return solution.theta[solution.best], float(value), converged, int(agreeing)

    def plain_will_do(self, cost):
        """Whether the bend that ended at `cost` gains nothing over the power law with a floor."""
        return self.plain[1] <= cost * (1.0 + _NO_BETTER) + NOTHING * len(self.x)

    def floor(self, lifted):
        """A floor of the lifted points in the unit of y, at or above zero."""
        return max(float(lifted) * self.unit - self.offset, 0.0)


def left_open(names, deviation, limits, held=()):
    """Names whose standard deviation is above its limit, or that are held on a bound."""
    wide = {name for name, sd, limit in zip(names, deviation, limits, strict=True) if not sd <= limit}
    return tuple(name for name in names if name in wide or name in held)


def finish(points, law, *, converged, starts_agreeing, undetermined):
    """The result for a fitted `law`, with its warnings."""
    residuals = arguments.kept(points.residuals(law))
    rms = float(np.sqrt(np.mean(residuals**2)))
    points.warn(undetermined, converged)
    return SaturatingPowerLawFit(
        law, residuals, rms, points.space, converged, starts_agreeing, undetermined, points.x, points.y
    )
