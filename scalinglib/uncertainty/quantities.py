"""Quantities: what is asked of a law, as functions of the engine's constants with exact derivatives."""

from dataclasses import dataclass

import numpy as np

from ..engine.coordinates import log_size, log_size_slope
from ..laws.chinchilla import CONSTANTS

__all__ = ["BestLoss", "BestSize", "Constants", "LineAt", "LineConstants", "LossAt"]

NAMES = (*CONSTANTS, "a")

# Each class answers ``quantity(theta, rows)`` with values (S,), gradients (S, 5) and Hessians (S, 5, 5)
# at `theta` (S, 5), the engine's (E, a, b, alpha, beta) in centred logarithms; `rows` says which of the
# quantity's own entries each row of `theta` belongs to.


@dataclass(frozen=True)
class Constants:
    """E, ln A, ln B, alpha, beta and the logit of a = beta / (alpha + beta), one entry each.

    centre : ln N and ln D at which the engine's logarithms are zero. A and B come in the engine's unit.
    """

    centre: np.ndarray

    def __call__(self, theta, rows):
        S = len(theta)
        slopes = np.eye(6, 5)
        slopes[1, 3], slopes[2, 4] = self.centre
        gradient = slopes[rows]
        value = (gradient * theta).sum(1)
        hessian = np.zeros((S, 5, 5))
        share = np.flatnonzero(rows == 5)
        alpha, beta = theta[share, 3], theta[share, 4]
        value[share] = np.log(beta / alpha)
        gradient[share, 3], gradient[share, 4] = -1.0 / alpha, 1.0 / beta
        hessian[share, 3, 3], hessian[share, 4, 4] = alpha**-2.0, -(beta**-2.0)
        return value, gradient, hessian


@dataclass(frozen=True)
class BestSize:
    """ln N of the best split of each budget."""

    centre: np.ndarray
    C: np.ndarray

    def __call__(self, theta, rows):
        alpha, beta = theta[:, 3], theta[:, 4]
        value = log_size(theta, self.centre, self.C[rows])
        gradient = log_size_slope(theta, self.centre, self.C[rows])
        ones = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
        hessian = -(gradient[:, :, None] * ones + ones[:, None] * gradient[:, None, :])
        hessian[:, 3, 3] -= alpha**-2.0
        hessian[:, 4, 4] += beta**-2.0
        return value, gradient, hessian / (alpha + beta)[:, None, None]


@dataclass(frozen=True)
class LossAt:
    """Loss, in the engine's unit, of each N and D."""

    centre: np.ndarray
    N: np.ndarray
    D: np.ndarray

    def __call__(self, theta, rows):
        x = np.log(self.N[rows]) - self.centre[0], np.log(self.D[rows]) - self.centre[1]
        return _surface(theta, *x)


@dataclass(frozen=True)
class BestLoss:
    """Loss, in the engine's unit, of the best split of each budget."""

    centre: np.ndarray
    C: np.ndarray

    def __call__(self, theta, rows):
        alpha, beta = theta[:, 3], theta[:, 4]
        size = BestSize(self.centre, self.C)(theta, rows)[0]
        x = size - self.centre[0]
        y = np.log(self.C[rows] / 6.0) - size - self.centre[1]
        value, gradient, hessian = _surface(theta, x, y)
        # The best size moves with the constants: the loss is flat in ln N there, but curved.
        first, second = gradient[:, 1], gradient[:, 2]  # the two terms
        cross = np.zeros_like(theta)
        cross[:, 1], cross[:, 2] = -alpha * first, beta * second
        cross[:, 3], cross[:, 4] = first * (alpha * x - 1.0), second * (1.0 - beta * y)
        curvature = alpha**2 * first + beta**2 * second
        hessian -= cross[:, :, None] * cross[:, None, :] / curvature[:, None, None]
        return value, gradient, hessian


@dataclass(frozen=True)
class LineConstants:
    """Of one power term: the logarithm of its coefficient, its exponent and, of three `count`, the floor."""

    centre: float
    count: int

    def __call__(self, theta, rows):
        slopes = np.array([[0.0, 1.0, self.centre], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])[: self.count]
        gradient = slopes[rows]
        return (gradient * theta).sum(1), gradient, np.zeros((len(theta), 3, 3))


@dataclass(frozen=True)
class LineAt:
    """One power term and its floor at each x; `shift` is a floor that was given."""

    centre: float
    x: np.ndarray
    shift: float

    def __call__(self, theta, rows):
        floor, size, exponent = theta.T
        z = np.log(self.x[rows]) - self.centre
        term = np.exp(np.minimum(size - exponent * z, 300.0))
        hessian = np.zeros((len(theta), 3, 3))
        hessian[:, 1, 1], hessian[:, 2, 2] = term, z * z * term
        hessian[:, 1, 2] = hessian[:, 2, 1] = -z * term
        return self.shift + floor + term, np.stack([np.ones_like(term), term, -z * term], axis=1), hessian


def _surface(theta, x, y):
    """``E + exp(a - alpha x) + exp(b - beta y)`` with its derivatives."""
    E, a, b, alpha, beta = theta.T
    first = np.exp(np.minimum(a - alpha * x, 300.0))  # a wild trial step must not overflow
    second = np.exp(np.minimum(b - beta * y, 300.0))
    gradient = np.stack([np.ones_like(E), first, second, -x * first, -y * second], axis=1)
    hessian = np.zeros((len(E), 5, 5))
    for i, j, term, z in ((1, 3, first, x), (2, 4, second, y)):
        hessian[:, i, i] = term
        hessian[:, i, j] = hessian[:, j, i] = -z * term
        hessian[:, j, j] = z * z * term
    return E + first + second, gradient, hessian
