"""Tape: wanted steps of a Graph calculated for arrays, many sets of constants at once."""

import numpy as np

from .graph import Graph

__all__ = ["Tape"]


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def _softplus(a):
    return np.logaddexp(0.0, a)


def _log(a):
    return np.log(a + 1e-300)  # 0**c is 0, and its slopes are numbers


def _above(a, b):
    return np.asarray(a > b, dtype=float)


def _whole_power(a, n):
    if n == -1:
        return 1.0 / a
    if n == 2:
        return a * a
    return a**n if n > 0 else 1.0 / a ** (-n)


_FUNCTIONS = {
    "add": np.add,
    "multiply": np.multiply,
    "exp": np.exp,
    "log": _log,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "above": _above,
}


class Tape:
    """Calculates the wanted steps of a graph.

    Parameters
    ----------
    graph : Graph
    wanted : list of int
        Steps to return.
    data : dict
        Name -> what it is for every call, such as a column of runs (n,): what depends on nothing else is
        calculated once.
    """

    def __init__(self, graph: Graph, wanted: list[int], data: dict[str, np.ndarray]):
        self._values, self._wanted = {}, wanted
        live, last = [], {}
        with np.errstate(all="ignore"):  # what is no number is judged where it is used
            for step in graph.needed(wanted):
                operation, *rest = graph.steps[step]
                if operation == "number":
                    self._values[step] = np.float64(rest[0])  # numpy divides by zero where Python raises
                elif operation == "name":
                    if rest[0] in data:
                        self._values[step] = data[rest[0]]
                    else:
                        live.append((step, None, rest[0], ()))
                else:
                    parts = tuple(rest[:1] if operation == "whole_power" else rest)
                    function, more = _FUNCTIONS.get(operation, _whole_power), rest[len(parts) :]
                    if all(part in self._values for part in parts):
                        self._values[step] = function(*(self._values[part] for part in parts), *more)
                    else:
                        live.append((step, function, more, parts))
                        last.update(dict.fromkeys(parts, step))
        # A value is let go after its last use: arrays stay few, and in the cache.
        kept = set(wanted) | set(self._values)
        self._program = [
            (step, function, more, parts, tuple(p for p in dict.fromkeys(parts) if last[p] == step and p not in kept))
            for step, function, more, parts in live
        ]

    def __call__(self, constants: dict[str, np.ndarray]) -> list:
        """The wanted values for constants of one shape, such as (S, 1); shapes as broadcasting makes them."""
        values = dict(self._values)
        for step, function, more, parts, gone in self._program:
            if function is None:
                values[step] = constants[more]
            elif len(parts) == 2:
                values[step] = function(values[parts[0]], values[parts[1]])
            else:
                values[step] = function(values[parts[0]], *more)
            for part in gone:
                del values[part]
        return [values[step] for step in self._wanted]
