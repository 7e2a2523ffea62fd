"""The engine: damped Newton steps on a Problem, from many starts at once."""

from dataclasses import dataclass

import numpy as np

from .equations import definite, solve
from .problem import Problem

__all__ = ["Problem", "Solution", "minimise"]

_ROUNDING = np.finfo(float).eps
_SHORT, _LITTLE = 10.0, 1e-9


@dataclass(frozen=True)
class Solution:
    """Where each start ended: theta (S, P), value, gradient_norm, damping, iterations, converged (S,)."""

    theta: np.ndarray
    value: np.ndarray
    gradient_norm: np.ndarray
    damping: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray

    @property
    def best(self):
        """Index of the lowest value; among those that differ by rounding alone, of one that converged."""
        lowest = int(np.argmin(self.value))
        level = self.converged & (self.value <= self.value[lowest] * (1.0 + 1e-12))
        return int(np.flatnonzero(level)[np.argmin(self.value[level])]) if level.any() else lowest


def _reduced(problem, theta, gradient):
    """Which constants stay (at a bound with the slope pointing outwards), the rest's gradient, its norm."""
    low, high = theta <= problem.lower, theta >= problem.upper
    held = low | high
    if held.any():
        held = (low & (gradient >= 0)) | (high & (gradient <= 0))
        gradient = np.where(held, 0.0, gradient)
    return held, gradient, np.sqrt(np.einsum("sp,sp->s", gradient, gradient))


def _diagonal(matrices):
    """The diagonals (S, P) of (S, P, P), to read and to write."""
    S, P = matrices.shape[:2]
    return matrices.reshape(S, P * P)[:, :: P + 1]


def _indefinite(matrices):
    """Which of (S, P, P) are not positive definite: elimination meets a pivot that is not above zero."""
    if len(matrices) < 16:  # calls cost more than sums here, and most often none is indefinite
        try:
            np.linalg.cholesky(matrices)
        except np.linalg.LinAlgError:
            finite = np.isfinite(matrices).all((1, 2))[:, None, None]
            return ~(np.linalg.eigvalsh(np.where(finite, matrices, 0.0))[:, 0] > 0)
        return np.zeros(len(matrices), dtype=bool)
    left = matrices.copy()
    bad = ~(left[:, 0, 0] > 0)
    for j in range(matrices.shape[1] - 1):
        pivot = left[:, j, j + 1 :]
        left[:, j + 1 :, j + 1 :] -= pivot[:, :, None] * (pivot / left[:, j, j, None])[:, None, :]
        bad |= ~(left[:, j + 1, j + 1] > 0)
    return bad


def _step(problem, theta, gradient, hessian, majorant, damping):
    """Where a Newton step leads (S, P): absolute eigenvalues, damped by the majorant, within the bounds.

    Without a majorant the damping shortens the step.
    """
    # Constants may differ in what they do to the loss by seven digits: each is put in units of its own.
    weight = np.abs(_diagonal(hessian))
    if majorant is not None:
        weight += damping[:, None] * _diagonal(majorant)
    unit = 1.0 / np.sqrt(np.maximum(weight, 1e-300))
    units = unit[:, :, None] * unit[:, None, :]
    matrix = hessian * units
    bad = _indefinite(matrix)
    if bad.any():
        matrix[bad] = definite(matrix[bad])
    matrix += damping[:, None, None] * (matrix if majorant is None else majorant * units)
    diagonal = _diagonal(matrix)
    diagonal += 1e-14  # of numbers near one, by the choice of units
    trial = theta - unit * solve(matrix, (unit * gradient)[..., None])[..., 0]
    crossing = (trial < problem.lower) | (trial > problem.upper)
    if not crossing.any():
        return trial
    # Those that would cross go to their bound, and the others take the step that suits that.
    bounded = np.minimum(np.maximum(trial, problem.lower), problem.upper)
    fixed = np.where(crossing, (bounded - theta) / unit, 0.0)
    rest = np.where(crossing, 0.0, unit * gradient + (matrix @ fixed[..., None])[..., 0])
    either = crossing[:, :, None] | crossing[:, None, :]
    matrix = np.where(either, np.eye(theta.shape[1]), matrix)
    trial = np.where(crossing, bounded, theta - unit * solve(matrix, rest[..., None])[..., 0])
    return np.minimum(np.maximum(trial, problem.lower), problem.upper)


def _little_left(problem, theta, gradient, hessian, value, noise):
    """Whether even a step that is hardly damped promises next to nothing of the value."""
    step = _step(problem, theta, gradient, hessian, None, np.full(len(theta), 0.01)) - theta
    promise = -(step * (gradient + 0.5 * (hessian @ step[..., None])[..., 0])).sum(1)
    return np.abs(promise) <= _LITTLE * value + noise


def minimise(problem, starts, *, iterations=200, near=False, damping=0.5):
    """Minimise from every row of `starts` (S, P) at once and return a Solution.

    A start is done when a step promises less than rounding can show. Steps that do not lower the
    value raise that start's damping; nothing is accepted that is higher than before. Where the starts
    are `near` their optimum, as those of resamples are, full steps are tried from the first on;
    else each start begins with its `damping`, a number or (S,).
    """
    theta = np.minimum(np.maximum(np.asarray(starts, dtype=float), problem.lower), problem.upper)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # trial steps may be wild
        return _minimise(problem, theta, iterations, near, np.full(len(theta), 0.0 if near else damping))


def _minimise(problem, theta, iterations, near, damping):
    S = len(theta)
    P = theta.shape[1]
    value, g, H, W = problem.derivatives(theta, majorant=not near)
    held, g, norm = _reduced(problem, theta, g)
    none = np.zeros(S, dtype=int)
    end = Solution(theta.copy(), value.copy(), norm.copy(), damping.copy(), none, none.astype(bool))
    live = np.flatnonzero(np.isfinite(value))
    noise, runs = problem.rounding, problem.runs
    # Views below hold the rows of starts that are still at work.
    if live.size < S:
        theta, value, g, H, held, norm, damping = (z[live] for z in (theta, value, g, H, held, norm, damping))
        W = None if W is None else W[live]
    for count in range(1, iterations + 1):
        if not live.size:
            break
        blocked, blocked_W = H, W
        if held.any():
            crossed = held[:, :, None] | held[:, None, :]
            blocked = np.where(crossed, np.eye(P), H)
            blocked_W = None if W is None else np.where(crossed, 0.0, W)
        trial = _step(problem, theta, g, blocked, blocked_W, damping)
        step = trial - theta
        promise = -(step * (g + 0.5 * (blocked @ step[..., None])[..., 0])).sum(1)
        new_value, new_g, new_H, new_W = problem.derivatives(trial, live, majorant=not near)
        new_held, new_g, new_norm = _reduced(problem, trial, new_g)
        gain = value - new_value
        # Below rounding the value cannot judge a step; the gradient still can.
        # A residual is known to some 1e-16, so the value to that times the sum of |psi| < sqrt(2 n value).
        blur = 4.0 * _ROUNDING * np.sqrt(2.0 * runs * value)
        small = np.abs(promise) <= 1e-13 * value + blur + noise
        accept = np.where(small, new_norm < norm, gain > 0) & np.isfinite(new_value)
        if near:
            damping = np.where(accept, np.where(gain > 0.25 * promise, 0.0, damping), 1.0 + 4.0 * damping)
        else:
            damping *= np.where(accept, np.where(gain > 0.25 * promise, 0.1, 1.0), 8.0)
            np.maximum(damping, np.where(accept, 1e-12, 0.5), out=damping)
        # Damping makes any step small: one that would still gain, were it let go, has met a wall and not an end.
        short = np.flatnonzero(small & ~accept & (damping > _SHORT))
        if short.size:
            small[short] = _little_left(problem, theta[short], g[short], blocked[short], value[short], noise)
        stuck = ~accept & (damping >= 1e8)
        done = small | (np.isfinite(new_value) & (new_norm <= 1e-300))  # what is no number has no slope
        if stuck.any() and not problem.smooth:
            done |= stuck  # where two smooth parts meet an optimum may have a slope
        elif stuck.any():
            # A slope that is nothing beside what the runs could pull is the end, too.
            done |= stuck & (norm <= 1e-9 * np.sqrt(value * np.einsum("sii->s", H if near else W)))
        if accept.all():
            theta, value, g, H, held, norm = trial, new_value, new_g, new_H, new_held, new_norm
            W = new_W
        else:
            back = np.flatnonzero(~accept)
            for old, new in ((theta, trial), (value, new_value), (g, new_g), (H, new_H), (held, new_held)):
                new[back] = old[back]
            new_norm[back] = norm[back]
            if not near:
                new_W[back] = W[back]
            theta, value, g, H, W, held, norm = trial, new_value, new_g, new_H, new_W, new_held, new_norm
        stopped = done | stuck
        if stopped.any() or count == iterations:
            end.theta[live], end.value[live], end.gradient_norm[live] = theta, value, norm
            end.damping[live], end.iterations[live], end.converged[live] = damping, count, done
            on = ~stopped
            live = live[on]
            theta, value, g, H, held, norm, damping = (z[on] for z in (theta, value, g, H, held, norm, damping))
            W = None if near else W[on]
    return end
