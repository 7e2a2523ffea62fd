"""Sandwich: what the residuals say of the spread of an estimate, with equal or unequal scatter."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Sandwich", "moments", "sandwich", "slopes", "without_leverage"]


@dataclass(frozen=True, eq=False)
class Sandwich:
    """Bread, the inverse of the objective's expected Hessian, and filling, the covariance of its gradient.

    scale : the filling over the inverse bread where all runs scatter alike, one number.
    """

    bread: np.ndarray
    filling: np.ndarray
    scale: float

    def along(self, gradient):
        """Variance of quantities over what the bread alone gives them; `gradient` (S, P), result (S,)."""
        move = gradient @ self.bread
        plain = (move * gradient).sum(1)
        spread = np.einsum("si,ij,sj->s", move, self.filling, move)
        # What the runs do not see at all has no variance to compare; its interval is open whatever the scale.
        return np.where(plain > 0.0, spread / np.where(plain > 0.0, plain, 1.0), self.scale)


def moments(corner):
    """Mean square, and mean curvature, of Huber's slope for normal errors of variance one and a `corner` in them."""
    from scipy.special import ndtr

    if np.isinf(corner):
        return 1.0, 1.0
    inside = 2.0 * ndtr(corner) - 1.0
    density = np.exp(-0.5 * corner**2) / np.sqrt(2.0 * np.pi)
    return float(inside - 2.0 * corner * density + corner**2 * (1.0 - inside)), float(inside)


def sandwich(problem, theta, member, *, known=False):
    """The Sandwich of `problem` at its optimum `theta`.

    Parameters
    ----------
    problem : Problem
    theta : numpy.ndarray, shape (5,)
    member : numpy.ndarray of int, shape (n,)
        Group of each run, numbered from 0; runs of one group may err together.
    known : bool
        Whether residuals are normal with variance one beforehand: then no residual is asked, unless runs go together.

    Notes
    -----
    For squares the filling is that of White 1980 with residuals over 1 - leverage (MacKinnon and White
    1985, HC3; Bell and McCaffrey 2002 for groups). For a corner inside the scatter the bread needs the
    density of errors at zero, run by run: that of Powell 1991, with the nearer half of the residuals as
    window. Five constants make about five residuals vanish whatever the errors are; they are left out of
    the density, and count in the filling with the full slope.
    """
    slope = slopes(problem, theta)
    signed = problem.residuals(theta[None])[0]
    r = np.abs(signed)
    spare, groups = len(r) - len(theta), int(member.max()) + 1
    beliefs, strength = problem.beliefs(theta)
    penalty, pull = strength * beliefs.T @ beliefs, strength**2 * beliefs.T @ beliefs
    if known and groups == len(r):
        square, curve = moments(problem.delta)
        seen = slope @ slope.T
        return Sandwich(np.linalg.pinv(curve * seen + penalty), square * seen + pull, square / curve)
    corrected = without_leverage(signed, slope, member)
    psi = np.minimum(np.maximum(corrected, -problem.delta), problem.delta)
    order = np.argsort(r, kind="stable")
    window = r[order[len(theta) :]][(spare + 1) // 2 - 1]
    if window < problem.delta:
        inside = r < problem.delta
        weight = inside.astype(float)
        share = max(inside.sum() - len(theta), 1) / spare
    else:
        met = order[: len(theta)]
        psi[met] = np.copysign(problem.delta, signed[met])
        inside = r <= window
        weight = inside * (problem.delta / window) * ((spare + 1) // 2 / inside.sum()) * (len(r) / spare)
        share = (spare + 1) // 2 / spare * problem.delta / window
        if groups < len(r):  # slopes at the corner do not show what the constants took from a group
            psi = psi * np.sqrt(groups / max(groups - len(theta), 1))
    score = np.zeros((groups, len(theta)))
    np.add.at(score, member, (slope * psi).T)
    plain = np.minimum(r, problem.delta)
    return Sandwich(
        bread=np.linalg.pinv((slope * weight) @ slope.T + penalty),
        filling=score.T @ score + pull,
        scale=float((plain * plain).sum()) / spare / share,
    )


def slopes(problem, theta):
    """How the law, or its logarithm, over the run's sd moves at each run with each constant, (P, n)."""
    M, slope = problem.slopes(theta[None])
    return slope[0] / ((M[0] + problem.lift) * problem.sd if problem.log else problem.sd)


def without_leverage(r, slope, member):
    """Residuals as they would be about a fit without the run, or without its whole group."""
    bread = np.linalg.pinv(slope @ slope.T)
    if len(np.unique(member)) == len(r):
        leverage = np.einsum("in,ij,jn->n", slope, bread, slope)
        return r / np.maximum(1.0 - leverage, 0.05)  # a run that the law must meet says little
    corrected = np.empty_like(r)
    for group in np.unique(member):
        rows = np.flatnonzero(member == group)
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - slope[:, rows].T @ bread @ slope[:, rows])
        corrected[rows] = vectors @ ((vectors.T @ r[rows]) / np.maximum(values, 0.05))
    return corrected
