"""Coordinates: what the engine's numbers say in the units of the runs."""

from dataclasses import dataclass

import numpy as np

from ..laws.chinchilla import CONSTANTS, log_best_size

__all__ = ["Line", "Terms", "constants_of", "constants_slope", "log_size", "log_size_slope"]


@dataclass(frozen=True, eq=False)
class Terms:
    """How theta of two power terms reads: `centre` are the means of ln N and ln D, `unit` that of loss."""

    centre: np.ndarray
    unit: float
    names = (*CONSTANTS, "a")

    def named(self, theta):
        """Constants by name, and the exponent a of the best size."""
        return constants_of(theta, self.centre, self.unit)


@dataclass(frozen=True, eq=False)
class Line:
    """How theta of one power term reads: `centre` is the mean of ln x; `floor` is that given, or None."""

    centre: float
    unit: float
    floor: float | None

    @property
    def names(self):
        """What a fit found."""
        return ("coefficient", "exponent") if self.floor is not None else ("coefficient", "exponent", "floor")

    def named(self, theta):
        """Constants by name."""
        floor, size, exponent = np.asarray(theta, dtype=float).T
        with np.errstate(over="ignore"):
            found = {"coefficient": np.exp(size + exponent * self.centre) * self.unit, "exponent": exponent}
        return found if self.floor is not None else {**found, "floor": floor * self.unit}


def constants_of(theta, centre, unit):
    """E, A, B, alpha, beta and a of engine constants `theta` (S, 5), as a dict of arrays (S,).

    `centre` are the means of ln N and ln D, `unit` the unit of loss: see ChinchillaFit.posed.
    """
    E, size, data, alpha, beta = np.asarray(theta, dtype=float).T
    with np.errstate(over="ignore"):  # a wall between two sizes may have no coefficient in floats
        A, B = np.exp(size + alpha * centre[0]) * unit, np.exp(data + beta * centre[1]) * unit
    return {"E": E * unit, "A": A, "B": B, "alpha": alpha, "beta": beta, "a": beta / (alpha + beta)}


def constants_slope(centre):
    """Derivatives of (E, ln A, ln B, alpha, beta) by the engine's constants, (5, 5), E in the engine's unit."""
    slope = np.eye(5)
    slope[1, 3], slope[2, 4] = centre
    return slope


def log_size(theta, centre, budget):
    """ln N of the best split of `budget` FLOP, (...); in logarithms, where A and B may leave the floats."""
    _, size, data, alpha, beta = np.moveaxis(np.asarray(theta, dtype=float), -1, 0)
    return log_best_size(size + alpha * centre[0], data + beta * centre[1], alpha, beta, budget)


def log_size_slope(theta, centre, budget):
    """Derivatives of `log_size` at `theta` (..., 5), (..., 5)."""
    alpha, beta = theta[..., 3], theta[..., 4]
    best = log_size(theta, centre, budget)
    slope = np.zeros_like(theta)
    slope[..., 1], slope[..., 2] = 1.0, -1.0
    slope[..., 3] = 1.0 / alpha + centre[0] - best
    slope[..., 4] = np.log(budget / 6.0) - 1.0 / beta - centre[1] - best
    return slope / (alpha + beta)[..., None]
