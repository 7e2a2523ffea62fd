"""Scouts: where a form's constants may lie, strewn evenly over what the runs make likely."""

import numpy as np

from ..forms.tape import Tape
from .blueprint import LOG, exponent, users

__all__ = ["scouts"]

_EXPONENTS = 0.05, 8.0  # over half the range of what they multiply
_LEAST = 1e-6  # of the runs' size: a coefficient that may not vanish


def scouts(problem, plan, columns, held, bounds, start, count):
    """Sets of constants (S, P), best first, and what each leaves, the sum of absolute residuals (S,).

    Constants in which the formula is not linear lie evenly in what their places in the formula make likely: an exponent
    over the range of the logarithm that it multiplies, an addend among what it is added to. The others are solved for.
    `problem` has one family, and few enough runs for `count` sets at once.
    """
    data = {**columns, **held}
    searched = [p for p in range(len(plan.open)) if p not in plan.linear and p not in plan.amplitudes]
    constants = np.zeros((count if searched else 1, len(plan.open)))
    with np.errstate(all="ignore"):  # what is no number loses
        _strew(plan, data, constants, searched, bounds, start)
        _solve(problem, plan, data, constants, bounds, start)
        theta = np.clip(problem.coordinates.theta(constants), problem.lower, problem.upper)
        left = np.abs(problem.residuals(theta)).sum(1)
    left = np.where(np.isfinite(left) & np.isfinite(theta).all(1), left, np.inf)
    order = np.argsort(left, kind="stable")
    return theta[order], left[order]


def _sequence(count, dimensions):
    """Evenly strewn points (count, dimensions): multiples of powers of the generalised golden ratio."""
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1.0))
    step = ratio ** -np.arange(1.0, dimensions + 1.0)
    return (0.5 + np.arange(1, count + 1)[:, None] * step) % 1.0


def _strew(plan, data, constants, searched, bounds, start):
    """Fill in the constants that are searched, each after those that its place depends on."""
    graph, takers = plan.graph, users(plan.graph, plan.last)
    count = len(constants)
    points = _sequence(count, 2 * max(len(searched), 1))
    places = {p: _place(graph, takers, graph.name(plan.open[p])) for p in searched}
    known, pending = set(data), list(searched)
    solved = {plan.open[p] for p in (*plan.linear, *plan.amplitudes)}
    while pending:

        def waits(p):
            needs = set().union(*(graph.names(step) for step in places[p][1:] if step is not None))
            return len(needs - known - solved - {plan.open[p]})

        place = min(pending, key=waits)
        pending.remove(place)
        name, (kind, X, Y) = plan.open[place], places[place]
        u, v = points[:, 2 * searched.index(place)], points[:, 2 * searched.index(place) + 1]
        given = {**data, **{other: np.ones((count, 1)) for other in plan.open}}
        given |= {plan.open[p]: constants[:, p, None] for p in searched if p not in pending and p != place}
        X, Y = (_values(graph, step, given, count) for step in (X, Y))
        low, high = bounds.get(name, (-np.inf, np.inf))
        found = _likely(kind, X, Y, u, v, positive=low >= 0 or plan.kinds[place] == LOG, negative=high <= 0)
        if name in start:
            found = np.where(v < 0.7, start[name] * np.exp(0.3 * (u - 0.5)), found)
        constants[:, place] = np.clip(np.where(np.isfinite(found), found, u), low, high)
        known.add(name)


def _values(graph, step, given, count):
    """What a step is at the runs, (count, n), for constants given; None for none."""
    if step is None:
        return None
    (value,) = Tape(graph, [step], {})(given)
    value = np.asarray(value, dtype=float)
    value = np.where(np.isfinite(value), value, np.nan)
    return np.broadcast_to(value, (count, value.shape[-1] if value.ndim else 1))


def _other(graph, step, part):
    _, a, b = graph.steps[step]
    return b if a == part else a


def _place(graph, takers, own):
    """How a constant stands in the formula: (kind, what it goes with, what that is added to or compared with)."""
    found = []
    for taker in takers.get(own, ()):
        operation = graph.steps[taker][0]
        if operation == "multiply":
            X = _other(graph, taker, own)
            if exponent(graph, takers, taker):
                found.append((0, "exponent", X, None))
            else:
                above = next(
                    (t for t in takers.get(taker, ()) if graph.steps[t][0] in ("add", "minimum", "maximum")), None
                )
                found.append((2, "factor", X, None if above is None else _other(graph, above, taker)))
        elif operation == "add":
            found.append(
                (3, "exponent addend" if exponent(graph, takers, taker) else "addend", _other(graph, taker, own), None)
            )
        elif operation == "log":
            above = next((t for t in takers.get(taker, ()) if graph.steps[t][0] == "add"), None)
            found.append((1, "logarithm", None if above is None else _other(graph, above, taker), None))
        elif operation == "exp":
            found.append((4, "exponent addend", graph.number(0.0), None))
        elif operation == "whole_power":
            above = next((t for t in takers.get(taker, ()) if graph.steps[t][0] == "multiply"), None)
            found.append((1, "divisor", None if above is None else _other(graph, above, taker), None))
        else:
            found.append((5, "addend", _other(graph, taker, own), None))
    return min(found)[1:] if found else ("addend", None, None)


def _size(values):
    """The middle of the sizes (S, 1) of values (S, n) that are not zero."""
    if values is None:
        return 1.0
    size = np.abs(np.where(values == 0, np.nan, values))
    logs = np.log(size)
    count = np.isfinite(logs).sum(1)
    return np.exp(np.where(np.isfinite(logs), logs, 0.0).sum(1) / np.maximum(count, 1))


def _span(values):
    """Ends (S,) of values (S, n), zero where there are none."""
    if values is None:
        return 0.0, 0.0
    known = np.isfinite(values)
    ends = np.where(known, values, np.inf).min(1), np.where(known, values, -np.inf).max(1)
    return tuple(np.where(known.any(1), end, 0.0) for end in ends)


def _likely(kind, X, Y, u, v, *, positive, negative):
    """A constant (S,) from even points u and v in 0 to 1."""
    sign = np.where(positive, 1.0, np.where(negative, -1.0, np.where(v < 0.5, 1.0, -1.0)))
    low, high = _span(X)
    wave = 2.0 * u - 1.0
    match kind:
        case "exponent":
            half = 0.5 * (high - low)
            half = np.where(half > 1e-9, half, np.maximum(np.abs(high), 1e-9))
            return sign * _EXPONENTS[0] * (_EXPONENTS[1] / _EXPONENTS[0]) ** u / half
        case "factor":
            sign = np.where(positive | (v < 0.8), 1.0, -1.0)
            if Y is None:
                return sign * 10.0**wave / _size(X)
            ratio = _log_span(Y, X)
            return sign * np.exp(ratio[0] - 2.0 + u * (ratio[1] - ratio[0] + 4.0))
        case "logarithm":
            return np.exp(-0.5 * (low + high) + (0.5 * (high - low) + 2.0) * wave + 18.0 * wave**5)
        case "divisor":
            return np.where(positive | (v < 0.8), 1.0, -1.0) * _size(X) * 30.0**wave
        case "exponent addend":
            return -0.5 * (low + high) + 6.0 * wave
    width = high - low
    return -(low + width * (1.2 * u - 0.1)) if np.all(width > 0) else sign * 10.0**wave * _size(X)


def _log_span(Y, X):
    """Ends (S,) of ln |Y / X| over the runs."""
    return _span(np.log(np.abs(Y / X)))


def _solve(problem, plan, data, constants, bounds, start):
    """Fill in the constants in which the formula is linear, by least squares on the runs."""
    wanted = [*plan.linear, *plan.amplitudes]
    if not wanted:
        return
    S, n = len(constants), problem.runs
    tape = Tape(plan.graph, [plan.last, *(plan.slopes[p] for p in wanted)], data)
    first, *slopes = tape({name: constants[:, p, None] for p, name in enumerate(plan.open)})
    G = np.stack([np.broadcast_to(slope, (S, n)) for slope in slopes], axis=1)
    # At exp(0) each amplitude is one: the rest is what they leave.
    rest = problem.y - np.broadcast_to(first, (S, n)) + G[:, len(plan.linear) :].sum(1)
    weight = 1.0 / (problem.y * problem.sd if problem.log else np.broadcast_to(problem.sd, (n,)))
    G, rest = G * weight, rest * weight
    size = np.sqrt(np.einsum("spn,spn->sp", G, G)) + 1e-300
    G = G / size[..., None]
    square, right = G @ G.transpose(0, 2, 1), (G @ rest[..., None])[..., 0]
    good = np.isfinite(square).all((1, 2)) & np.isfinite(right).all(1)
    square, right = np.where(good[:, None, None], square, np.eye(len(wanted))), np.where(good[:, None], right, 1.0)
    names = [plan.open[p] for p in wanted]
    low = np.array([bounds.get(name, (-np.inf, np.inf))[0] for name in names])
    high = np.array([bounds.get(name, (-np.inf, np.inf))[1] for name in names])
    amplitude = np.arange(len(wanted)) >= len(plan.linear)
    least = _LEAST * np.sqrt((rest**2).sum(1))[:, None] / size
    strict = amplitude | (low == 0) & np.array([plan.kinds[p].startswith("log") for p in wanted])
    bottom = np.where(amplitude, 0.0, low) + np.where(strict, least, 0.0)
    top = np.where(amplitude, np.inf, high)
    fixed, value = np.zeros(size.shape, dtype=bool), np.zeros(size.shape)
    for _ in range(len(wanted) + 1):
        matrix = np.where(fixed[:, :, None] | fixed[:, None, :], np.eye(len(wanted)), square)
        side = np.where(fixed, value, right - (square @ np.where(fixed, value, 0.0)[..., None])[..., 0])
        matrix = matrix + 1e-12 * np.eye(len(wanted))
        solved = np.linalg.solve(matrix, side[..., None])[..., 0]
        plain = solved / size
        clipped = np.clip(plain, bottom, top)
        crossing = ~fixed & (clipped != plain)
        if not crossing.any():
            break
        fixed |= crossing
        value = np.where(fixed, clipped * size, 0.0)
    found = np.clip(np.where(fixed, value, solved) / size, bottom, top)
    found = np.where(amplitude, np.log(found), found)
    for column, (p, name) in enumerate(zip(wanted, names, strict=True)):
        constants[:, p] = found[:, column]
        if name in start:
            constants[::2, p] = start[name]
