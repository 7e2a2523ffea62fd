"""The engine: damped Newton steps on sums of power terms, many starts at once.

Every law it fits is ``M = E + sum_k exp(a_k - p_k x_k)`` with one logarithm x_k a term: one term is a
power law with a floor, two are the Chinchilla law. The logarithms are centred by the caller, which
takes the condition number of the Hessian from millions to thousands, and derivatives are exact.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Problem", "Solution", "minimise"]

_ROUNDING = np.finfo(float).eps


@dataclass(frozen=True)
class Problem:
    """What is minimised: the runs, the residual and its penalty.

    x : (K, n) centred logarithms; y : (n,) losses; log : residual of logarithms or of values;
    delta : Huber's corner (np.inf for half squares); lower, upper : (1 + 2K,) bounds of
    (E, a_1..a_K, p_1..p_K), equal where a constant is held.
    """

    x: np.ndarray
    y: np.ndarray
    log: bool
    delta: float
    lower: np.ndarray
    upper: np.ndarray

    @property
    def terms(self):
        return len(self.x)

    def model(self, theta):
        """Terms (S, K, n) and model values (S, n) at `theta` (S, 1 + 2K)."""
        K = self.terms
        exponent = theta[:, 1 : 1 + K, None] - theta[:, 1 + K :, None] * self.x
        terms = np.exp(np.minimum(exponent, 300.0))  # a wild trial step must not overflow
        return terms, theta[:, :1] + terms.sum(1)

    def residuals(self, theta):
        """Residuals (S, n): ln y - ln M, or y - M."""
        return self._residuals(self.model(theta)[1])

    def _residuals(self, M):
        if not self.log:
            return self.y - M
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(self.y / M)  # NaN or inf where a trial step makes M <= 0: refused by value

    def penalty(self, r):
        """Sum of the penalty over runs, (S,); inf where a residual is not a number."""
        size = np.abs(r)
        inner = np.minimum(size, self.delta)
        with np.errstate(invalid="ignore", over="ignore"):
            value = (inner * (size - 0.5 * inner)).sum(-1)
        return np.where(np.isfinite(value), value, np.inf)

    def derivatives(self, theta):
        """Penalty (S,), its gradient (S, P) and Hessian (S, P, P), exact, and a majorant (S, P, P).

        The majorant weighs the squares of the residuals' slopes by psi(r) / r, as reweighted least
        squares does. It has a scale where Huber's own Hessian has none, with no run inside the corner.
        """
        terms, M = self.model(theta)
        r = self._residuals(M)
        psi = np.clip(r, -self.delta, self.delta)
        inside = np.abs(r) < self.delta
        G = self._basis(terms)
        scale = 1.0 / M if self.log else 1.0
        slope = psi * scale
        gradient = -np.einsum("spn,sn->sp", G, slope)
        curvature = (inside + psi) * scale * scale if self.log else inside * 1.0
        hessian = (G * curvature[:, None, :]) @ G.transpose(0, 2, 1)
        self._add_second(hessian, terms, -slope)
        pull = np.minimum(1.0, self.delta / np.maximum(np.abs(r), 1e-300)) * scale * scale
        majorant = (G * pull[:, None, :]) @ G.transpose(0, 2, 1)
        return self.penalty(r), gradient, hessian, majorant

    def _basis(self, terms):
        """dM/dtheta, (S, P, n): 1, the terms, and the terms times -x."""
        return np.concatenate([np.ones_like(terms[:, :1]), terms, -self.x * terms], axis=1)

    def _add_second(self, hessian, terms, weight):
        """Add ``sum_n weight * d2M/dtheta2`` in place; weight is (S, n)."""
        K = self.terms
        for k in range(K):
            t = terms[:, k] * weight
            tx = t * self.x[k]
            a, p = 1 + k, 1 + K + k
            hessian[:, a, a] += t.sum(-1)
            cross = tx.sum(-1)
            hessian[:, a, p] -= cross
            hessian[:, p, a] -= cross
            hessian[:, p, p] += (tx * self.x[k]).sum(-1)


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


def _held(problem, theta, gradient):
    """Which constants stay where they are: at a bound, with the slope pointing outwards."""
    at_lower = (theta <= problem.lower) & (gradient > 0)
    at_upper = (theta >= problem.upper) & (gradient < 0)
    return at_lower | at_upper | (problem.lower == problem.upper)


def _step(gradient, hessian, majorant, damping):
    """Newton step (S, P) on the absolute eigenvalues, plus the damped majorant."""
    values, vectors = np.linalg.eigh(hessian)
    positive = (vectors * np.abs(values)[:, None, :]) @ vectors.transpose(0, 2, 1)
    matrix = positive + damping[:, None, None] * majorant
    diagonal = np.einsum("sii->si", matrix)
    diagonal += 1e-14 * diagonal.max(-1, keepdims=True) + 1e-300
    return -np.linalg.solve(matrix, gradient[..., None])[..., 0]


def _abandon(value, promise, noise, damping, converged, running, live):
    """Stop the starts that twenty more such steps would not bring below a finished one."""
    best = value[converged].min()
    above = value[live] - 20.0 * promise > best * (1.0 + 1e-9) + noise
    slow = above & (damping[live] <= 1e-3)
    running[live[slow]] = False


def minimise(problem, starts, *, iterations=200):
    """Minimise from every row of `starts` (S, P) at once and return a Solution.

    A start is done when its step promises less than rounding can show. Steps that do not lower the
    value raise that start's damping; nothing is accepted that is higher than before. Once one start is
    done, those that crawl above it are given up and say so (converged is False).
    """
    theta = np.clip(np.array(starts, dtype=float), problem.lower, problem.upper)
    S = len(theta)
    value, gradient, hessian, majorant = problem.derivatives(theta)
    norm = np.linalg.norm(np.where(_held(problem, theta, gradient), 0.0, gradient), axis=1)
    damping = np.full(S, 1e-3)
    count = np.zeros(S, dtype=int)
    converged = np.zeros(S, dtype=bool)
    running = np.isfinite(value)
    noise = len(problem.y) * (32.0 * _ROUNDING) ** 2  # what rounding leaves of perfect runs
    for _ in range(iterations):
        live = np.flatnonzero(running)
        if not live.size:
            break
        here, g, H, W = theta[live], gradient[live], hessian[live], majorant[live]
        held = _held(problem, here, g)
        g = np.where(held, 0.0, g)
        crossed = held[:, :, None] | held[:, None, :]
        H, W = np.where(crossed, 0.0, H), np.where(crossed, 0.0, W)
        step = np.clip(here + _step(g, H, W, damping[live]), problem.lower, problem.upper) - here
        promise = -(g * step).sum(1) - 0.5 * np.einsum("si,sij,sj->s", step, H, step)
        trial = here + step
        new_value, new_g, new_H, new_W = problem.derivatives(trial)
        count[live] += 1
        gain = value[live] - new_value
        small = np.abs(promise) <= 1e-13 * value[live] + noise
        # Below rounding the value cannot judge a step; the gradient still can.
        new_norm = np.linalg.norm(np.where(_held(problem, trial, new_g), 0.0, new_g), axis=1)
        accept = np.where(small, new_norm < norm[live], gain > 0) & np.isfinite(new_value)
        moved = live[accept]
        theta[moved], value[moved] = trial[accept], new_value[accept]
        gradient[moved], hessian[moved], majorant[moved] = new_g[accept], new_H[accept], new_W[accept]
        norm[moved] = new_norm[accept]
        good = accept & (gain > 0.25 * promise)
        change = np.where(good, 0.1, np.where(accept, 1.0, 8.0))
        damping[live] = np.clip(damping[live] * change, 1e-12, 1e8)
        done = (small & ~accept) | (norm[live] <= 1e-300)
        stuck = ~accept & (damping[live] >= 1e8)
        converged[live[done]] = True
        running[live[done | stuck]] = False
        if converged.any() and running.any():
            _abandon(value, promise, noise, damping, converged, running, live)
    return Solution(theta, value, norm, count, converged)
