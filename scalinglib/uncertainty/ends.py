"""Ends: the largest value of a quantity among all laws whose objective stays below a level."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Ends", "find_ends"]

_ITERATIONS = 150
_CLOSE = 1e-9  # how near the level an end must lie, in parts of the level's height above the optimum


@dataclass(frozen=True)
class Ends:
    """Where the searches ended: theta (S, P), value (S,) of the quantity, and how.

    settled : no step promised more. bounded : the objective is at the level there; where it is not, the
    quantity goes on until a bound of the engine stops it, and the runs do not limit it. Where neither
    holds no end was found.
    """

    theta: np.ndarray
    value: np.ndarray
    settled: np.ndarray
    bounded: np.ndarray


def find_ends(problem, theta, height, quantity, rows, sign):
    """Maximise ``sign * quantity`` over the laws with objective at most `height` above that of `theta`.

    The conditions at an end are those of Venzon and Moolgavkar 1988: the objective is at its level and
    its gradient is parallel to the quantity's. Each step maximises the linearised quantity on an
    ellipsoid, the level set of the objective's second-order expansion with the quantity's curvature
    taken along, and is damped with the majorant of the objective, so that it always ends.

    Parameters
    ----------
    problem : Problem
    theta : numpy.ndarray, shape (P,)
        The optimum.
    height : numpy.ndarray, shape (S,)
        Level less the optimum's objective, above zero, of each search.
    quantity : callable
        ``quantity(theta, rows)`` -> value (S,), gradient (S, P), Hessian (S, P, P).
    rows, sign : numpy.ndarray, shape (S,)
        Entry of the quantity that each search is about, and +1 for its upper end or -1 for its lower.

    Returns
    -------
    Ends
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # trial steps may be wild
        level = float(problem.derivatives(theta[None])[0][0]) + height
        start = quantity(np.repeat(theta[None], len(rows), axis=0), rows)[0]
        ends = _search(problem, theta, level, height, quantity, rows, sign)
        lost = np.flatnonzero(~(sign * ends.value >= sign * start))
        if lost.size:  # the first steps led it away: shorter ones
            part = (level[lost], height[lost], quantity, rows[lost], sign[lost])
            _put(ends, lost, _search(problem, theta, *part, damping=1e3))
            lost = ~(sign * ends.value >= sign * start)
            ends.theta[lost], ends.value[lost] = theta, start[lost]
            ends.settled[lost] = ends.bounded[lost] = False
        # A law found for one quantity may be better for another than that one's own: a second basin.
        better = _better(ends, quantity, rows, sign, height)
        if better is None:
            return ends
        redo, starts = better
        second = _search(problem, theta, level[redo], height[redo], quantity, rows[redo], sign[redo], starts=starts)
        gain = sign[redo] * (second.value - ends.value[redo]) > 0
        kept = (z[gain] for z in (second.theta, second.value, second.settled, second.bounded))
        _put(ends, redo[gain], Ends(*kept))
        return ends


def _search(problem, theta, level, height, quantity, rows, sign, *, starts=None, damping=1e-2):
    starts = np.repeat(theta[None], len(rows), axis=0) if starts is None else starts
    found = _climb(problem, starts, level, height, quantity, rows, sign, damping)
    return _pull(problem, theta, level, height, quantity, rows, found)


def _put(ends, where, others):
    for name in ("theta", "value", "settled", "bounded"):
        getattr(ends, name)[where] = getattr(others, name)


def _better(ends, quantity, rows, sign, height):
    """Which searches a law of another search beats, and that law; None where none."""
    S = len(rows)
    if S > 64:  # many points of one surface: their ends resemble each other
        return None
    every = np.repeat(np.arange(S), S)
    values = quantity(np.tile(ends.theta, (S, 1)), rows[every])[0].reshape(S, S)
    allowed = np.isfinite(values) & (height <= height[:, None])  # found on a level that is no higher
    values = np.where(allowed, sign[:, None] * values, -np.inf)
    own = sign * ends.value
    best = values.argmax(1)
    redo = np.flatnonzero(values[np.arange(S), best] > own + 1e-7 * (1.0 + np.abs(own)))
    return (redo, ends.theta[best[redo]]) if redo.size else None


def _climb(problem, theta, level, height, quantity, rows, sign, damping):
    """The damped steps. Returns theta, and which searches settled."""
    S = len(theta)
    result, settled = theta.copy(), np.zeros(S, dtype=bool)
    live = np.arange(S)
    Q, G, H, M = problem.derivatives(theta)
    g, slope, curve = _signed(quantity, theta, rows, sign)
    damping, price = np.full(S, damping), np.zeros(S)
    for _ in range(_ITERATIONS):
        pull = np.linalg.solve(_regular(M), slope[..., None])[..., 0]
        # 1 / multiplier, in the majorant's metric; zero at the optimum, where the objective is flat
        inverse = np.maximum((G * pull).sum(1) / np.maximum((slope * pull).sum(1), 1e-300), 0.0)
        values, vectors = np.linalg.eigh(H - inverse[:, None, None] * curve)
        W = (vectors * np.abs(values)[:, None, :]) @ vectors.transpose(0, 2, 1) + damping[:, None, None] * M
        step, price = _step(problem, theta, _regular(W), Q - level, G, slope, price)
        trial = np.minimum(np.maximum(theta + step, problem.lower), problem.upper)
        step = trial - theta
        new_Q, new_G, new_H, new_M = problem.derivatives(trial)
        new_g, new_slope, new_curve = _signed(quantity, trial, rows[live], sign[live])
        over = np.maximum(Q - level, 0.0)
        promise = (step * slope).sum(1) + 0.5 * np.einsum("si,sij,sj->s", step, curve, step) + price * over
        gain = new_g - g + price * (over - np.maximum(new_Q - level, 0.0))
        # Half the way over the level at once is a jump that the expansion cannot judge.
        accept = (gain > 1e-3 * np.abs(promise)) & (new_Q < level + height)
        small = np.abs(promise) <= 1e-13 * np.abs(g) + 1e-11 * height * price
        done = small & (np.abs(over) <= _CLOSE * height)
        stuck = (~accept & (damping >= 1e8)) | ~np.isfinite(promise)
        change = np.where(accept, np.where(gain > 0.5 * promise, 0.1, 1.0), 8.0)
        damping = np.minimum(np.maximum(damping * change, 1e-12), 1e8)
        row = accept[:, None]
        theta, G = np.where(row, trial, theta), np.where(row, new_G, G)
        slope = np.where(row, new_slope, slope)
        cube = row[..., None]
        H, M, curve = np.where(cube, new_H, H), np.where(cube, new_M, M), np.where(cube, new_curve, curve)
        Q, g = np.where(accept, new_Q, Q), np.where(accept, new_g, g)
        result[live], settled[live] = theta, done
        on = ~(done | stuck)
        if not on.all():
            live = live[on]
            if not live.size:
                break
            theta, Q, G, H, M, g, slope, curve, damping, price, level, height = (
                z[on] for z in (theta, Q, G, H, M, g, slope, curve, damping, price, level, height)
            )
    return result, settled


def _signed(quantity, theta, rows, sign):
    value, slope, curve = quantity(theta, rows)
    return sign * value, sign[:, None] * slope, sign[:, None, None] * curve


def _regular(matrix):
    """Symmetric matrices made safe to invert."""
    diagonal = np.einsum("sii->si", matrix)
    extra = 1e-14 * diagonal.max(-1) + 1e-300
    return matrix + extra[:, None, None] * np.eye(matrix.shape[-1])


def _step(problem, theta, W, excess, G, slope, price):
    """Best step of the linearised quantity on the ellipsoid, within the bounds, and the price of excess.

    Of ``slope.d`` under ``excess + G.d + d.W.d / 2 <= 0`` the solution is a step to the ellipsoid's centre
    and one from there to its rim.
    """
    fixed = np.zeros_like(theta)
    held = np.zeros(theta.shape, dtype=bool)
    free = None
    for _ in range(theta.shape[1]):  # a second constant may cross once the first is held
        matrix = np.where(held[:, :, None] | held[:, None, :], np.eye(theta.shape[1]), W)
        moved = (W @ fixed[..., None])[..., 0]
        rest = np.where(held, 0.0, G + moved)
        rise = np.where(held, 0.0, slope)
        solved = np.linalg.solve(matrix, np.stack([rest, rise], axis=2))
        centre, along = solved[..., 0], solved[..., 1]
        base = excess + (fixed * (G + 0.5 * moved)).sum(1)
        room = np.maximum(0.5 * (rest * centre).sum(1) - base, 0.0)
        scale = (rise * along).sum(1)
        length = np.where(scale > 0, np.sqrt(2.0 * room / np.where(scale > 0, scale, 1.0)), 0.0)
        free = length if free is None else free
        step = fixed - centre + length[:, None] * along
        trial = theta + step
        bounded = np.minimum(np.maximum(trial, problem.lower), problem.upper)
        crossing = (trial != bounded) & ~held
        if not crossing.any():
            break
        fixed = np.where(crossing, bounded - theta, fixed)
        held |= crossing
    length = np.where(length > 0, length, free)
    return step, np.where(length > 0, 2.0 / np.where(length > 0, length, 1.0), price)


def _pull(problem, optimum, level, height, quantity, rows, found):
    """Put each end on the level, along the ray from the optimum, unless a bound stopped it inside."""
    theta, settled = found
    at_bound = ((theta <= problem.lower) | (theta >= problem.upper)).any(1)
    Q = problem.derivatives(theta)[0]
    bounded = np.abs(Q - level) <= _CLOSE * height
    inside = at_bound & (Q < level) & ~bounded
    off = np.flatnonzero(~bounded & ~inside)
    if off.size:
        ray = theta[off] - optimum
        low, high = np.zeros(off.size), np.ones(off.size)
        for _ in range(60):  # first outwards until the level is passed, then halving
            short = problem.derivatives(_within(problem, optimum + high[:, None] * ray))[0] < level[off]
            if not short.any() or high.max() > 1e3:
                break
            low, high = np.where(short, high, low), np.where(short, 1.25 * high, high)
        for _ in range(60):
            middle = 0.5 * (low + high)
            short = problem.derivatives(_within(problem, optimum + middle[:, None] * ray))[0] < level[off]
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        theta[off] = _within(problem, optimum + low[:, None] * ray)
        Q = problem.derivatives(theta)[0]
        bounded = np.abs(Q - level) <= 10 * _CLOSE * height
    return Ends(theta, quantity(theta, rows)[0], settled, bounded)


def _within(problem, theta):
    return np.minimum(np.maximum(theta, problem.lower), problem.upper)
