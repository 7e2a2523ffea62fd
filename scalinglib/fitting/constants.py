"""Constants: what the engine's numbers say in the units of the runs."""

import numpy as np

__all__ = ["constants_of", "constants_slope", "log_size", "log_size_slope"]


def constants_of(theta, centre, unit):
    """E, A, B, alpha, beta and a of engine constants `theta` (S, 5), as a dict of arrays (S,).

    `centre` are the means of ln N and ln D, `unit` the unit of loss: see ChinchillaFit.problem.
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
    """ln N of the best split of `budget` FLOP, (S,); in logarithms, where A and B may leave the floats."""
    _, size, data, alpha, beta = np.asarray(theta, dtype=float).T
    ratio = np.log(alpha / beta) + size + alpha * centre[0] - data - beta * centre[1]
    return (ratio + beta * np.log(budget / 6.0)) / (alpha + beta)


def log_size_slope(theta, centre, budget):
    """Derivatives of `log_size` at one `theta` (5,), (5,)."""
    alpha, beta = theta[3:]
    best = log_size(theta[None], centre, budget)[0]
    by_alpha = 1.0 / alpha + centre[0] - best
    by_beta = np.log(budget / 6.0) - 1.0 / beta - centre[1] - best
    return np.array([0.0, 1.0, -1.0, by_alpha, by_beta]) / (alpha + beta)
