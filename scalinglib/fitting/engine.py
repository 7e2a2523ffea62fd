"""The engine: damped Newton steps on sums of power terms, many starts at once.

Every law it fits is ``M = E + sum_k exp(a_k - p_k x_k)`` with one logarithm x_k a term: one term is a
power law with a floor, two are the Chinchilla law. The logarithms are centred by the caller, which
takes the condition number of the Hessian from millions to thousands, and derivatives are exact.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Problem", "Solution", "minimise"]

_ROUNDING = np.finfo(float).eps


@dataclass(frozen=True)
class Problem:
    """What is minimised: the runs, the residual and its penalty.

    x : (K, n) centred logarithms; y : (n,) losses; log : residual of logarithms or of values;
    delta : Huber's corner (np.inf for half squares); lower, upper : (1 + 2K,) bounds of
    (E, a_1..a_K, p_1..p_K), equal where a constant is held; weights : None or (S, n), how often each
    run counts for each start, so that resamples are solved together.
    """

    x: np.ndarray
    y: np.ndarray
    log: bool
    delta: float
    lower: np.ndarray
    upper: np.ndarray
    weights: np.ndarray | None = None

    @property
    def terms(self):
        return len(self.x)

    @property
    def rounding(self):
        """What rounding leaves of the penalty of perfect runs."""
        return len(self.y) * (32.0 * _ROUNDING) ** 2

    @cached_property
    def _powers(self):
        """1, x and x^2 of each term, (K, n, 3): the weights of the second derivatives."""
        return np.stack([np.ones_like(self.x), self.x, self.x**2], axis=2)

    def model(self, theta):
        """Terms (S, K, n) and model values (S, n) at `theta` (S, 1 + 2K)."""
        K = self.terms
        exponent = theta[:, 1 : 1 + K, None] - theta[:, 1 + K :, None] * self.x
        terms = np.exp(np.minimum(exponent, 300.0))  # a wild trial step must not overflow
        return terms, theta[:, :1] + terms.sum(1)

    def residuals(self, theta):
        """Residuals (S, n): ln y - ln M, or y - M; NaN where M is not above zero and logarithms count."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._residuals(self.model(theta)[1])

    def _residuals(self, M):
        return np.log(self.y / M) if self.log else self.y - M

    def penalty(self, r, rows=slice(None)):
        """Sum over runs of the penalty of residuals `r` (S, n); inf where one is not a number."""
        size = np.abs(r)
        inner = np.minimum(size, self.delta)
        each = inner * (size - 0.5 * inner)
        value = each.sum(-1) if self.weights is None else (each * self.weights[rows]).sum(-1)
        return np.where(np.isfinite(value), value, np.inf)

    def derivatives(self, theta, rows=slice(None)):
        """Penalty (S,), its gradient (S, P) and, (S, P, P) each, its exact Hessian and a majorant.

        The majorant weighs the squares of the residuals' slopes by psi(r) / r, as reweighted least
        squares does. It has a scale where Huber's own Hessian has none, with no run inside the corner.
        `rows` names the starts that `theta` holds, where runs are weighted.
        """
        terms, M = self.model(theta)
        r = self._residuals(M)
        size = np.abs(r)
        psi = np.minimum(np.maximum(r, -self.delta), self.delta)
        weights = np.empty((len(r), 2, r.shape[1]))  # of the Hessian's and the majorant's squares
        weights[:, 0] = size < self.delta
        weights[:, 1] = np.minimum(1.0, self.delta / np.maximum(size, 1e-300))
        slope = psi
        if self.log:
            scale = 1.0 / M
            slope = psi * scale
            weights[:, 0] += psi
            weights *= (scale * scale)[:, None]
        if self.weights is not None:
            counts = self.weights[rows]
            slope = slope * counts
            weights *= counts[:, None]
        G = self.basis(terms)
        gradient = -(G @ slope[..., None])[..., 0]
        squares = (G[:, None] * weights[:, :, None]) @ G.transpose(0, 2, 1)[:, None]
        hessian = squares[:, 0]
        self.add_second(hessian, terms, -slope)
        return self.penalty(r, rows), gradient, hessian, squares[:, 1]

    def basis(self, terms):
        """dM/dtheta, (S, P, n): 1, the terms, and the terms times -x."""
        K = self.terms
        G = np.empty((len(terms), 1 + 2 * K, terms.shape[2]))
        G[:, 0] = 1.0
        G[:, 1 : 1 + K] = terms
        np.multiply(terms, -self.x, out=G[:, 1 + K :])
        return G

    def add_second(self, hessian, terms, weight):
        """Add ``sum_n weight * d2M/dtheta2`` to `hessian` in place; weight is (S, n)."""
        K = self.terms
        sums = ((terms * weight[:, None])[:, :, None, :] @ self._powers)[:, :, 0]
        for k in range(K):
            a, p = 1 + k, 1 + K + k
            hessian[:, a, a] += sums[:, k, 0]
            hessian[:, a, p] -= sums[:, k, 1]
            hessian[:, p, a] -= sums[:, k, 1]
            hessian[:, p, p] += sums[:, k, 2]


@dataclass(frozen=True)
class Solution:
    """Where each start ended: theta (S, P), value, gradient_norm, iterations, converged (S,)."""

    theta: np.ndarray
    value: np.ndarray
    gradient_norm: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray

    @property
    def best(self):
        """Index of the lowest value."""
        return int(np.argmin(self.value))


def _reduced(problem, theta, gradient):
    """Which constants stay (at a bound with the slope pointing outwards), the rest's gradient, its norm."""
    held = ((theta <= problem.lower) & (gradient >= 0)) | ((theta >= problem.upper) & (gradient <= 0))
    rest = np.where(held, 0.0, gradient)
    return held, rest, np.sqrt((rest * rest).sum(1))


def _step(problem, theta, gradient, hessian, majorant, damping):
    """Newton step (S, P) on the absolute eigenvalues, plus the damped majorant, within the bounds."""
    values, vectors = np.linalg.eigh(hessian)
    matrix = (vectors * np.abs(values)[:, None, :]) @ vectors.transpose(0, 2, 1)
    matrix += damping[:, None, None] * majorant
    diagonal = np.einsum("sii->si", matrix)
    diagonal += 1e-14 * diagonal.max(-1, keepdims=True) + 1e-300
    step = -np.linalg.solve(matrix, gradient[..., None])[..., 0]
    trial = theta + step
    bounded = np.minimum(np.maximum(trial, problem.lower), problem.upper)
    crossing = trial != bounded
    if not crossing.any():
        return step
    # Those that would cross go to their bound, and the others take the step that suits that.
    fixed = np.where(crossing, bounded - theta, 0.0)
    rest = np.where(crossing, 0.0, gradient + (matrix @ fixed[..., None])[..., 0])
    either = crossing[:, :, None] | crossing[:, None, :]
    matrix = np.where(either, np.eye(theta.shape[1]), matrix)
    return fixed - np.linalg.solve(matrix, rest[..., None])[..., 0]


def minimise(problem, starts, *, iterations=200):
    """Minimise from every row of `starts` (S, P) at once and return a Solution.

    A start is done when its step promises less than rounding can show. Steps that do not lower the
    value raise that start's damping; nothing is accepted that is higher than before.
    """
    theta = np.minimum(np.maximum(np.asarray(starts, dtype=float), problem.lower), problem.upper)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # trial steps may be wild
        return _minimise(problem, theta, iterations)


def _minimise(problem, theta, iterations):
    S = len(theta)
    value, g, H, W = problem.derivatives(theta)
    held, g, norm = _reduced(problem, theta, g)
    end = Solution(theta.copy(), value.copy(), norm.copy(), np.zeros(S, dtype=int), np.zeros(S, dtype=bool))
    live = np.flatnonzero(np.isfinite(value))
    damping = np.full(S, 1e-3)
    noise = problem.rounding
    theta, value, g, H, W, held, norm, damping = (
        z[live] for z in (theta, value, g, H, W, held, norm, damping)
    )
    for count in range(1, iterations + 1):
        if not live.size:
            break
        if held.any():
            crossed = held[:, :, None] | held[:, None, :]
            H, W = np.where(crossed, 0.0, H), np.where(crossed, 0.0, W)
        trial = theta + _step(problem, theta, g, H, W, damping)
        trial = np.minimum(np.maximum(trial, problem.lower), problem.upper)
        step = trial - theta
        promise = -(step * (g + 0.5 * (H @ step[..., None])[..., 0])).sum(1)
        new_value, new_g, new_H, new_W = problem.derivatives(trial, live)
        new_held, new_g, new_norm = _reduced(problem, trial, new_g)
        gain = value - new_value
        # Below rounding the value cannot judge a step; the gradient still can.
        small = np.abs(promise) <= 1e-13 * value + noise
        accept = np.where(small, new_norm < norm, gain > 0) & np.isfinite(new_value)
        change = np.where(accept, np.where(gain > 0.25 * promise, 0.1, 1.0), 8.0)
        damping = np.minimum(np.maximum(damping * change, 1e-12), 1e8)
        stuck = ~accept & (damping >= 1e8)
        # A slope that is nothing beside what the runs could pull is the end, too.
        level = 1e-9 * np.sqrt(value * np.einsum("sii->s", W))
        done = (small & ~accept) | (norm <= 1e-300) | (stuck & (norm <= level))
        row = accept[:, None]
        theta, g, held = np.where(row, trial, theta), np.where(row, new_g, g), np.where(row, new_held, held)
        H, W = np.where(row[..., None], new_H, H), np.where(row[..., None], new_W, W)
        value, norm = np.where(accept, new_value, value), np.where(accept, new_norm, norm)
        end.theta[live], end.value[live], end.gradient_norm[live] = theta, value, norm
        end.iterations[live], end.converged[live] = count, done
        stopped = done | stuck
        if stopped.any():
            on = ~stopped
            live = live[on]
            theta, value, g, H, W, held, norm, damping = (
                z[on] for z in (theta, value, g, H, W, held, norm, damping)
            )
    return end
