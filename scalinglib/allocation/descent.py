"""Descent: the lowest point of a Landscape on each budget: a grid, then ever finer patterns, then Newton's steps."""

import itertools

import numpy as np

from .landscape import Landscape

__all__ = ["INFEASIBLE", "descend"]

INFEASIBLE, _FLAT, _BASINS = -2, -1, 5
_POINTS, _SPACING = 4000, 0.5  # of the grid; in the logarithm of a variable
_SAVED = np.array([0.0, 1.0, 3.0, 9.0, 27.0])  # in ln cost: a law that rises somewhere may want less than the budget
_TOGETHER = 400_000  # values in one batch of arrays: they should stay in the cache
_NOTHING = 1e-12  # of the law's value: what e times less spending may cost
_NEAR = 1e-4  # of a bound: whether a point belongs on it is for its slope to say


def descend(land: Landscape, theta: dict, level: np.ndarray, mine: np.ndarray):
    """Minimise the law where the logarithm of the cost is at most `level`, from several starts each.

    Parameters
    ----------
    land : Landscape
    theta : dict
        Constant -> (S, 1) or a number.
    level : numpy.ndarray, shape (1, B) or (S, B)
    mine : numpy.ndarray, shape (k, 2)
        Which of the lower and upper ends are bounds that somebody meant. At the others no answer is looked for:
        inner minima come first.

    Returns
    -------
    u : numpy.ndarray, shape (S, B, k)
    lower : numpy.ndarray of bool, shape (S, B)
        Whether the law is lower still at an end that nobody gave.
    ends : numpy.ndarray of int, shape (S, B)
        0 where `u` is a lowest point; 2 j + 1 and 2 j + 2 where it runs away to the lower and upper end of variable
        j; -1 where the law is flat, -2 where no point costs as little.
    """
    S = max((np.shape(value)[0] for value in theta.values() if np.ndim(value)), default=1)
    problem, z = _starts(land, theta, level, S)
    level = np.broadcast_to(level, (S, level.shape[1]))
    rows = {name: np.broadcast_to(value, (S, 1))[problem // level.shape[1]] for name, value in theta.items()}
    aim = level.ravel()[problem]
    u, free = np.empty((len(z), len(land.over))), z[:, -1] > 0
    step = np.append(_spacing(land), 1.0)
    for slack in (False, True):
        some = np.flatnonzero(free == slack)
        if not some.size:
            continue
        own = {name: value[some] for name, value in rows.items()}
        u[some], z[some], wants = _settle(land, own, aim[some], z[some], step, slack)
        free[some[wants]] = True  # less than the budget would be better: once more, with that open
    return _best(land, rows, aim, problem, u, z, mine, level.shape)


def _axes(land):
    count = int(_POINTS ** (1.0 / max(len(land.rest), 1)))
    reach = land.high[land.rest] - land.low[land.rest]
    return [
        np.linspace(land.low[place], land.high[place], min(count, 5 + int(width / _SPACING)))
        for place, width in zip(land.rest, reach, strict=True)
    ]


def _spacing(land):
    return np.array([axis[1] - axis[0] for axis in _axes(land)])


def _starts(land, theta, level, S):
    """Lowest points of their neighbourhoods on the grid, the leading ones of each problem: (Q,) and (Q, k)."""
    axes = [*_axes(land), _SAVED]
    shape = tuple(map(len, axes))
    z = np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)
    budgets = level.shape[1]
    batch = max(1, _TOGETHER // (len(z) * budgets))
    found, u = [], land.complete(z[:, :-1], level[:1, :, None] - z[:, -1])
    for first in range(0, S, batch):
        if len(level) > 1:
            u = land.complete(z[:, :-1], level[first : first + batch, :, None] - z[:, -1])
        part = {
            name: value[first : first + batch, :, None] if np.ndim(value) else value for name, value in theta.items()
        }
        f = land.value(u, part)
        f = np.broadcast_to(f, (min(batch, S - first), *f.shape[-2:])).reshape(-1, *shape)
        lowest = np.isfinite(f)
        for axis in range(1, f.ndim):
            less = np.full((*f.shape[:axis], 1, *f.shape[axis + 1 :]), np.inf)
            here = np.concatenate([less, f, less], axis=axis)
            count = f.shape[axis]
            lowest &= f < here.take(range(count), axis)
            lowest &= f <= here.take(range(2, count + 2), axis)
        problem, place = np.nonzero(lowest.reshape(len(f), -1))
        order = np.lexsort((f.reshape(len(f), -1)[problem, place], problem))
        problem, place = problem[order], place[order]
        rank = np.arange(len(problem)) - np.searchsorted(problem, problem)
        kept = rank < _BASINS
        found.append((problem[kept] + first * budgets, place[kept]))
    problem, place = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return problem, z[place]


def _settle(land, theta, aim, z, step, slack):
    """Points, their coordinates, and which of them would rather spend less."""
    z = _pattern(land, theta, aim, z, np.broadcast_to(step, z.shape), slack, 1e-6)
    u, exact, wants = _polish(land, theta, aim, land.complete(z[:, :-1], aim - z[:, -1]))
    rough = np.flatnonzero(~exact)
    if rough.size:  # at a kink the value itself tells the place
        own = {name: value[rough] for name, value in theta.items()}
        z[rough] = _pattern(land, own, aim[rough], z[rough], np.full((rough.size, z.shape[1]), 1e-6), slack, 1e-13)
        u[rough] = land.complete(z[rough, :-1], aim[rough] - z[rough, -1])
    z[:, :-1] = u[:, land.rest]
    if not slack:
        f, less = (_value(land, point, theta) for point in (u, land.complete(z[:, :-1], aim - 1.0)))
        wants |= less <= f + _NOTHING * np.abs(f)
    return u, z, wants


def _pattern(land, theta, aim, z, step, slack, least):
    """Go to the lowest of the neighbours in every direction; where none is lower, make the pattern smaller.

    Of points as low as each other the cheapest is taken.
    """
    z, size = z.copy(), np.ones(len(z))
    low = np.append(land.low[land.rest], 0.0)
    high = np.append(land.high[land.rest], np.inf)
    moves = [(0.0, -1.0, 1.0)] * len(land.rest) + [(0.0, -1.0, 1.0) if slack else (0.0,)]
    moves = np.array(list(itertools.product(*moves)))  # the first is to stay
    live = np.arange(len(z)) if len(moves) > 1 else np.empty(0, dtype=int)
    for _ in range(400):
        if not live.size:
            break
        trial = np.clip(z[live, None] + (size[live, None] * step[live])[:, None] * moves, low, high)
        own = {name: value[live] for name, value in theta.items()}
        f = land.value(land.complete(trial[..., :-1], aim[live, None] - trial[..., -1]), own)
        best = (f - f[:, :1] - _NOTHING * np.abs(f[:, :1]) * (trial[..., -1] - z[live, -1:])).argmin(1)
        z[live] = trial[np.arange(len(live)), best]
        size[live] *= np.where(best == 0, 0.4, 1.0)
        live = live[(size[live, None] * step[live]).max(1) > least]
    return z


def _polish(land, theta, aim, u):
    """Newton's steps on the conditions of Karush, Kuhn and Tucker; which ended, and where spending less is better."""
    k = len(land.over)
    u0, (M, eye) = u, (len(u), np.eye(k + 1))
    at_low, at_high = u < land.low + _NEAR, u > land.high - _NEAR
    u = np.where(at_low, land.low, np.where(at_high, land.high, u))
    (f, g, _), (price, slope, _) = land.jets(u0, theta)
    spent = price - aim > -_NEAR
    free = ~(at_low | at_high)
    multiplier = -(np.where(free, g * slope, 0.0)).sum(1) / np.maximum((free * slope**2).sum(1), 1e-300)
    wants = spent & free.any(1) & ~(multiplier >= 0)
    multiplier = np.where(spent, multiplier, 0.0)
    pull = g + multiplier[:, None] * slope
    held = (at_low & (pull > 0)) | (at_high & (pull < 0))
    still = np.concatenate([held, ~spent[:, None]], axis=1)
    blocked = still[:, :, None] | still[:, None, :]
    ending = np.full(M, np.inf)
    for _ in range(10):
        (_, g, H), (price, slope, K) = land.jets(u, theta)
        matrix, right = np.zeros((M, k + 1, k + 1)), np.zeros((M, k + 1))
        matrix[:, :k, :k] = H + multiplier[:, None, None] * K
        matrix[:, :k, k] = matrix[:, k, :k] = slope
        right[:, :k], right[:, k] = g + multiplier[:, None] * slope, price - aim
        # The law's slopes may be tiny beside the cost's: both in one unit.
        unit = np.abs(g).max(1) + np.abs(H).max((1, 2)) + 1e-300
        matrix[:, :k, :k] /= unit[:, None, None]
        right[:, :k] /= unit[:, None]
        matrix, right = np.where(blocked, eye, matrix), np.where(still, 0.0, right)
        bad = ~(np.isfinite(matrix).all((1, 2)) & np.isfinite(right).all(1))
        matrix[bad], right[bad] = eye, 0.0
        bad |= np.abs(np.linalg.det(matrix)) < 1e-14
        matrix[bad], right[bad] = eye, 0.0
        move = np.linalg.solve(matrix, right[..., None])[..., 0]
        ending = np.where(bad, np.inf, np.abs(move[:, :k]).max(1))
        move[ending > 2.0] = 0.0  # not from so near
        u = u - move[:, :k]
        multiplier = multiplier - unit * move[:, k]
    inside = ((u >= land.low - 1e-12) & (u <= land.high + 1e-12)).all(1) & (land.cost(u) <= aim + 1e-12)
    exact = (ending < 1e-9) & inside & (_value(land, u, theta) <= f + 1e-13 * np.abs(f)) & ~wants
    u = np.clip(u, land.low, land.high)
    return np.where(exact[:, None], u, u0), exact, wants


def _best(land, theta, aim, problem, u, z, mine, shape):
    """Of each problem the best end, those that are lowest points before those that are not."""
    f = _value(land, u, theta)
    ends = np.zeros(len(u), dtype=int)
    low, high = np.append(land.low[land.rest], 0.0), np.append(land.high[land.rest], np.inf)
    for place in range(len(land.rest)):  # a law that does not rise on either side has no lowest point
        for sign in (-1.0, 1.0):
            away = z.copy()
            away[:, place] += sign
            away = np.clip(away, low, high)
            there = _value(land, land.complete(away[:, :-1], aim - away[:, -1]), theta)
            moved = np.abs(away[:, place] - z[:, place]) > 1e-3
            ends[moved & ~(there > f + 0.1 * _NOTHING * np.abs(f))] = _FLAT
    for place in range(len(land.over)):
        for side, bound in enumerate((land.low[place], land.high[place])):
            if not mine[place, side]:
                ends[np.abs(u[:, place] - bound) < _NEAR] = 2 * place + 1 + side
    order = np.lexsort((f, ends != 0, problem))
    first = order[np.unique(problem[order], return_index=True)[1]]
    where = np.unravel_index(problem[first], shape)
    best, how, lower = np.full((*shape, u.shape[1]), np.nan), np.full(shape, INFEASIBLE), np.zeros(shape, dtype=bool)
    best[where], how[where] = u[first], ends[first]
    least = np.full(how.size, np.inf)
    np.minimum.at(least, problem, f)
    lower[where] = (ends[first] == 0) & (least[problem[first]] < f[first] - 1e-9 * np.abs(f[first]))
    return best, lower, how


def _value(land, u, theta):
    """The law at one point (M, k) for each theta (M, 1)."""
    return land.value(u[:, None], theta)[:, 0]
