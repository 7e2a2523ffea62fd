"""Landscape: a law and the logarithm of a cost over logarithms of their variables, for many sets of constants."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..forms import Form
from ..forms.graph import Graph
from ..forms.tape import Tape
from ..laws.chinchilla import log_best_size

__all__ = ["Landscape"]


class Landscape:
    """A law to be made small where a cost is not above its budget.

    Parameters
    ----------
    law, cost : Form
    over : sequence of str
        Variables that may move; points are their logarithms, (..., k).
    given : dict
        All other names of the cost and variables of the law -> number. What is left is the law's constants.
    low, high : numpy.ndarray, shape (k,)
        Where the logarithms may go.

    Attributes
    ----------
    pivot : int
        The variable that is solved for, so that the cost is what it should be; -1 where the cost rises with none.
    """

    def __init__(
        self, law: Form, cost: Form, over: Sequence[str], given: Mapping[str, float], low: np.ndarray, high: np.ndarray
    ):
        self.over, self.low, self.high = tuple(over), low, high
        self.graph = graph = Graph()
        known = {name: graph.exp(graph.name(name)) for name in over}
        known |= {name: graph.number(value) for name, value in given.items()}
        self.last = law.add_to(graph, known)
        self.price = graph.log(cost.add_to(graph, known))
        slopes = [[graph.slope(step, name) for name in over] for step in (self.last, self.price)]
        bends = [[graph.slope(step, name) for step in row for name in over] for row in slopes]
        self._value, self._cost = Tape(graph, [self.last], {}), Tape(graph, [self.price], {})
        self._slopes = Tape(graph, slopes[1], {})
        wanted = [self.last, *slopes[0], *bends[0], self.price, *slopes[1], *bends[1]]
        self._jet = Tape(graph, wanted, {})
        self.steady, self.pivot = self._find_pivot()
        self.rest = [place for place in range(len(over)) if place != self.pivot]

    def _run(self, tape, u, theta):
        """Values of the tape at points (..., k), each in the shape that points and constants make together."""
        given = {name: u[..., place] for place, name in enumerate(self.over)} | theta
        shape = np.broadcast_shapes(u.shape[:-1], *(np.shape(value) for value in theta.values()))
        return [np.broadcast_to(value, shape) for value in tape(given)]

    def value(self, u, theta):
        """The law, infinite where it is no number."""
        value = self._run(self._value, u, theta)[0]
        return np.where(np.isfinite(value), value, np.inf)

    def cost(self, u):
        """Logarithm of the cost."""
        return self._run(self._cost, u, {})[0]

    def jets(self, u, theta):
        """(value, gradient, Hessian) of the law and of the logarithm of the cost, at points (M, k) for theta (M, 1)."""
        k = len(self.over)
        parts = np.stack(self._run(self._jet, u[:, None], theta), axis=-1)[:, 0]
        for part in np.split(parts, 2, axis=-1):
            yield part[:, 0], part[:, 1 : k + 1], part[:, k + 1 :].reshape(-1, k, k)

    def _find_pivot(self):
        """Powers of the variables in the cost, not numbers where it is no power, and the pivot."""
        axes = [np.linspace(a, b, 7) for a, b in zip(self.low, self.high, strict=True)]
        points = np.stack([z.ravel() for z in np.meshgrid(*axes)], axis=-1)
        slopes = np.stack(self._run(self._slopes, points, {}), axis=-1)
        steady = np.where(np.ptp(slopes, axis=0) < 1e-12, slopes[0], np.nan)
        rises = [(s[np.isfinite(s)] >= 0).all() and (s > 0).any() for s in slopes.T]
        # One that the cost is a power of is solved for at once.
        order = sorted(np.flatnonzero(rises), key=lambda place: (np.isfinite(steady[place]), place))
        return steady, order[-1] if order else -1

    def complete(self, rest, level):
        """Points (..., k) from all coordinates but the pivot's (..., k - 1) and the cost's logarithm (...).

        The pivot's coordinate stops at its upper bound, so that less is spent; where even its lower one costs too
        much the point is not a number.
        """
        p, low, high = self.pivot, self.low[self.pivot], self.high[self.pivot]
        shape = np.broadcast_shapes(rest.shape[:-1], np.shape(level))
        u = np.full((*shape, len(self.over)), low)
        u[..., self.rest] = rest
        steady = self.steady[p]
        x = low + (level - self.cost(u)) / steady if np.isfinite(steady) else self._solve(u, level, low, high)
        u[..., p] = np.where(x < low - 1e-12, np.nan, np.clip(x, low, high))
        return u

    def _solve(self, u, level, low, high):
        """Where the cost is at its level: Newton's steps, halved intervals where they lead astray."""
        p, shape = self.pivot, u.shape[:-1]
        u, level = u.reshape(-1, u.shape[-1]), np.broadcast_to(level, shape).ravel()
        least, most = (self.cost(_with(u, p, end)) for end in (low, high))
        x = np.where(least > level, low - 1.0, np.where(most < level, high, 0.5 * (low + high)))
        x[np.isnan(least + most)] = np.nan
        a, b = np.full(x.shape, low), np.full(x.shape, high)
        todo = np.flatnonzero((least <= level) & (most >= level))
        for _ in range(200):
            if not todo.size:
                break
            here = _with(u[todo], p, x[todo])
            off, slope = self.cost(here) - level[todo], self._run(self._slopes, here, {})[p]
            a[todo], b[todo] = np.where(off <= 0, x[todo], a[todo]), np.where(off >= 0, x[todo], b[todo])
            close = np.abs(off) <= 4e-15 * np.maximum(np.abs(level[todo]), 1.0)
            step = x[todo] - off / slope
            inside = (step >= a[todo]) & (step <= b[todo])
            x[todo] = np.where(close, x[todo], np.where(inside, step, 0.5 * (a[todo] + b[todo])))
            todo = todo[~close & (b[todo] > a[todo])]
        return x.reshape(shape)

    def closed(self, theta, level):
        """The lowest points (S, B, 2) of floor + A / x**alpha + B / z**beta under a cost k x**p z**q, else None.

        Not numbers where they are not within the bounds, or no such points.
        """
        if len(self.over) != 2 or not (self.steady > 0).all():
            return None
        terms, queue, graph = {}, [self.last], self.graph
        while queue:
            step = queue.pop()
            operation, *parts = graph.steps[step]
            if operation == "add":
                queue += parts
                continue
            names = graph.names(step) & set(self.over)
            if len(names) > 1 or (names and names <= terms.keys()):
                return None
            terms |= dict.fromkeys(names, step)
        if len(terms) < 2:
            return None
        slopes = [graph.slope(graph.log(terms[name]), name) for name in self.over]
        if any(graph.names(slope) & set(self.over) for slope in slopes):
            return None
        tape = Tape(graph, [terms[name] for name in self.over] + slopes, {})
        A, B, alpha, beta = self._run(tape, np.zeros(2), theta)
        (p, q), spare = self.steady, level - self.cost(self.low) + self.steady @ self.low
        alpha, beta = -alpha / p, -beta / q
        usable = np.logical_and.reduce([(z > 0) & np.isfinite(z) for z in (A, B, alpha, beta)])
        x = log_best_size(np.log(A), np.log(B), alpha, beta, 6.0 * np.exp(spare))
        u = np.stack([x / p, (spare - x) / q], axis=-1)
        return np.where((usable[..., None] & (u > self.low) & (u < self.high)).all(-1, keepdims=True), u, np.nan)


def _with(u, place, value):
    """Points with one coordinate replaced."""
    u = u.copy()
    u[..., place] = value
    return u
