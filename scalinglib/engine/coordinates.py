"""Coordinates: what the engine's numbers say in the units of the runs."""

import numpy as np

from ..laws.chinchilla import log_best_size

__all__ = ["constants_of", "log_size", "log_size_slope"]


def constants_of(theta, centre, unit):
    """E, A, B, alpha, beta and a of engine constants `theta` (S, 5), as a dict of arrays (S,).

    `centre` are the means of ln N and ln D, `unit` the unit of loss: see ChinchillaFit.problem.
    """
    E, size, data, alpha, beta = np.asarray(theta, dtype=float).T
    with np.errstate(over="ignore"):  # a wall between two sizes may have no coefficient in floats
        A, B = np.exp(size + alpha * centre[0]) * unit, np.exp(data + beta * centre[1]) * unit
    return {"E": E * unit, "A": A, "B": B, "alpha": alpha, "beta": beta, "a": beta / (alpha + beta)}


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
