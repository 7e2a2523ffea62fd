"""Scouts: where a form's constants may lie, strewn evenly over what the runs make likely."""

import numpy as np

from ..forms.tape import Tape
from .blueprint import LOG, exponent, users

__all__ = ["moved", "scouts"]

_EXPONENTS = 0.05, 8.0  # over half the range of what they multiply
_LEAST = 1e-6  # of the runs' size: a coefficient that may not vanish
_COUNTS = {0: 1, 1: 64, 2: 144, 3: 512, 4: 1024}  # sets for so many constants that are searched
_MANY = 2048
_JUMPS, _KEPT = 24, 3  # places that a constant of an end is put to, and how many of the sets are kept


def scouts(problem, plan, columns, held, bounds, start):
    """Sets of constants as theta (S, P), best first, and what each leaves, the sum of absolute residuals (S,).

    Constants in which the formula, or the logarithm of its only term, is not linear lie evenly in what their places in
    the formula make likely: an exponent over the range of the logarithm that it multiplies, an addend among what it is
    added to. The others are solved for. `problem` has one family, and few enough runs for all sets at once.
    """
    data, found = {**columns, **held}, []
    with np.errstate(all="ignore"):  # what is no number loses
        for solved, solve in _ways(plan):
            searched = [p for p in range(len(plan.open)) if p not in solved]
            constants = np.zeros((_COUNTS.get(len(searched), _MANY), len(plan.open)))
            _strew(problem, plan, data, constants, searched, bounds, start)
            solve(problem, plan, data, constants, bounds, start)
            found.append(constants)
        theta = problem.coordinates.theta(np.concatenate(found))
        theta = np.clip(theta, problem.lower, problem.upper)
        left = np.abs(problem.residuals(theta)).sum(1)
    left = np.where(np.isfinite(left) & np.isfinite(theta).all(1), left, np.inf)
    order = np.argsort(left, kind="stable")
    return theta[order], left[order]


def moved(problem, plan, columns, held, bounds, ends, strewn):
    """`ends` (E, P) with one constant put elsewhere, among those of sets `strewn`, and those that can be solved anew.

    Where a descent cannot go, a jump may: a break narrower than the gap between runs feels no slope along its place.
    Returns the best few of each end and constant, (S, P).
    """
    data, found = {**columns, **held}, []
    with np.errstate(all="ignore"):
        for solved, solve in _ways(plan):
            searched = [p for p in range(len(plan.open)) if p not in solved]
            for p in searched:
                values = np.quantile(strewn[:, p], (np.arange(_JUMPS) + 0.5) / _JUMPS)
                jumped = np.repeat(ends, _JUMPS, axis=0)
                jumped[:, p] = np.tile(values, len(ends))
                again = problem.coordinates.constants(jumped)
                solve(problem, plan, data, again, bounds, {})
                again = np.clip(problem.coordinates.theta(again), problem.lower, problem.upper)
                both = np.stack([jumped, again], axis=1).reshape(len(ends), -1, ends.shape[1])
                value = problem.penalty(problem.residuals(both.reshape(-1, ends.shape[1]))).reshape(both.shape[:2])
                value = np.where(np.isfinite(both).all(2), value, np.inf)
                best = np.argsort(value, axis=1, kind="stable")[:, :_KEPT]
                found.append(
                    np.take_along_axis(both, best[:, :, None], axis=1)[np.take_along_axis(value, best, 1) < np.inf]
                )
    return np.concatenate(found) if found else ends[:0]


def _ways(plan):
    """Pairs of places of constants that are solved for, and how."""
    yield (*plan.linear, *plan.amplitudes), _solve
    if plan.straight is not None:
        yield (*plan.straight.linear, *plan.straight.coefficients), _solve_logarithms


def _sequence(count, dimensions):
    """Evenly strewn points (count, dimensions): multiples of powers of the generalised golden ratio."""
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1.0))
    step = ratio ** -np.arange(1.0, dimensions + 1.0)
    return (0.5 + np.arange(1, count + 1)[:, None] * step) % 1.0


def _strew(problem, plan, data, constants, searched, bounds, start):
    """Fill in the constants that are searched, each after those that its place depends on."""
    graph, takers = plan.graph, users(plan.graph, plan.last)
    count, floors = len(constants), _floors(plan, data, searched)
    points = _sequence(count, 2 * max(len(searched), 1))
    places = {p: _place(graph, takers, graph.name(plan.open[p]), set(data)) for p in searched}
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
        if place in floors:
            found = _floor(np.min(problem.y - floors[place]), np.ptp(problem.y), low, high, u, v)
        if name in start:  # a third of the sets has it, and a third is near
            found[1::3], found[2::3] = start[name], start[name] * np.exp(0.3 * (u[2::3] - 0.5))
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


def _floors(plan, data, searched):
    """Places of searched constants that are added to the only term, and what else is added to it."""
    if plan.straight is None:
        return {}
    graph, rest = plan.graph, plan.straight.rest
    names = [p for p in searched if plan.open[p] in graph.names(rest)]
    if len(names) != 1 or graph.value(graph.slope(rest, plan.open[names[0]])) != 1.0:
        return {}
    return {names[0]: Tape(graph, [rest], data)({plan.open[names[0]]: 0.0})[0]}


def _floor(lowest, height, low, high, u, v):
    """Values (S,) below the `lowest` of runs that differ by `height`, some at a bound."""
    depth = lowest - low if np.isfinite(low) else 30.0 * height
    found = lowest - depth * 10.0 ** (-5.0 * u)
    return np.where(v < 0.2, low, found) if np.isfinite(low) else found


def _other(graph, step, part):
    _, a, b = graph.steps[step]
    return b if a == part else a


def _place(graph, takers, own, variables):
    """How a constant stands in the formula: (kind, what it goes with, what that is added to or compared with)."""
    found = []
    for taker in takers.get(own, ()):
        operation = graph.steps[taker][0]
        if operation == "multiply":
            X = _other(graph, taker, own)
            if exponent(graph, takers, taker):
                found.append((1, "exponent", X, None))
            else:
                above = next(
                    (t for t in takers.get(taker, ()) if graph.steps[t][0] in ("add", "minimum", "maximum")), None
                )
                found.append((3, "factor", X, None if above is None else _other(graph, above, taker)))
        elif operation == "add":
            X, inside = _other(graph, taker, own), any(graph.steps[t][0] == "log" for t in takers.get(taker, ()))
            kind = "exponent addend" if exponent(graph, takers, taker) and not inside else "addend"
            found.append((4, "shift" if inside else kind, X, None))
        elif operation == "log":
            found.append(_scale(graph, takers, taker))
        elif operation == "exp":
            found.append((5, "exponent addend", graph.number(0.0), None))
        elif operation == "whole_power":
            above = next((t for t in takers.get(taker, ()) if graph.steps[t][0] == "multiply"), None)
            X = None if above is None else _other(graph, above, taker)
            width = X is not None and graph.names(X) & variables
            found.append((0 if width else 2, "divisor", X, None))
        else:
            found.append((6, "addend", _other(graph, taker, own), None))
    return min(found)[1:] if found else ("addend", None, None)


def _scale(graph, takers, step):
    """The place of a constant whose logarithm is `step`: what that is added to, or taken from."""
    kind = "scale"
    for above in takers.get(step, ()):
        operation, *parts = graph.steps[above]
        if operation == "multiply" and graph.value(parts[0]) is not None:
            kind = "scale" if graph.value(parts[0]) > 0 else "inverse scale"
            above = next((t for t in takers.get(above, ()) if graph.steps[t][0] == "add"), above)
            step = graph.multiply(*parts)
        if graph.steps[above][0] == "add":
            return (2, kind, _other(graph, above, step), None)
    return (2, kind, None, None)


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
        case "scale" | "inverse scale":  # half of them among the runs, the others far and wide
            middle, half = -0.5 * (low + high), 0.5 * (high - low)
            found = middle + np.where(v < 0.5, half * wave, (half + 2.0) * wave + 18.0 * wave**5)
            return np.exp(found if kind == "scale" else -found)
        case "shift":  # from minus the lowest, at which the logarithm ends, to ten times the highest
            least = np.where(low > 0, low, 0.03 * (high - low))
            found = 1e-2 * least * (1e3 * np.maximum(high, high - low) / least) ** u
            return found if np.all(positive) else np.where(v < 0.6, found - low, found)
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
    first, G = _with_slopes(plan, data, constants, [plan.last, *(plan.slopes[p] for p in wanted)], problem.runs)
    # At exp(0) each amplitude is one: the rest is what they leave.
    rest = problem.y - first + G[:, len(plan.linear) :].sum(1)
    weight = 1.0 / (
        (problem.y + problem.lift) * problem.sd if problem.log else np.broadcast_to(problem.sd, (problem.runs,))
    )
    amplitude = np.arange(len(wanted)) >= len(plan.linear)
    low, high = _ends(plan, wanted, bounds)
    strict = amplitude | (low == 0) & np.array([plan.kinds[p].startswith("log") for p in wanted])
    low, high = np.where(amplitude, 0.0, low), np.where(amplitude, np.inf, high)
    found = _least_squares(G * weight, rest * weight, low, high, strict)
    _fill(plan, constants, wanted, np.where(amplitude, np.log(found), found), start)


def _solve_logarithms(problem, plan, data, constants, bounds, start):
    """Fill in the constants in which the logarithm of the formula's only term is linear, likewise."""
    straight = plan.straight
    wanted = [*straight.linear, *straight.coefficients]
    constants[:, list(straight.coefficients)] = 1.0
    both = _with_slopes(plan, data, constants, [straight.rest, straight.logarithm, *straight.slopes], problem.runs)
    beside, G = both[0], both[1][:, 1:]
    above = np.maximum(problem.y - beside, 1e-6 * np.abs(problem.y).max())
    weight = above / ((problem.y + problem.lift) * problem.sd if problem.log else problem.sd)
    low, high = _ends(plan, wanted, bounds)
    logs = np.arange(len(wanted)) >= len(straight.linear)
    low, high = (np.where(logs, np.log(np.maximum(end, 0.0)), end) for end in (low, high))
    rest = np.log(above) - both[1][:, 0]
    found = _least_squares(G * weight[:, None], rest * weight, low, high, np.zeros(len(wanted), dtype=bool))
    _fill(plan, constants, wanted, np.where(logs, np.exp(found), found), start)


def _with_slopes(plan, data, constants, steps, n):
    """The first of some steps at the runs, (S, n), and the others, (S, p, n)."""
    values = Tape(plan.graph, steps, data)({name: constants[:, p, None] for p, name in enumerate(plan.open)})
    first, *others = (np.broadcast_to(value, (len(constants), n)) for value in values)
    return first, np.stack(others, axis=1)


def _ends(plan, wanted, bounds):
    """Bounds (p,) of constants, lowest and highest."""
    pairs = [bounds.get(plan.open[p], (-np.inf, np.inf)) for p in wanted]
    return np.array(pairs, dtype=float).T


def _fill(plan, constants, wanted, found, start):
    for column, p in enumerate(wanted):
        constants[:, p] = found[:, column]
        if plan.open[p] in start:
            constants[::2, p] = start[plan.open[p]]


def _least_squares(G, rest, low, high, strict):
    """Coefficients (S, p) of rows G (S, p, n) that come closest to `rest` (S, n), within bounds; `strict` ones not at
    the lower.
    """
    p = G.shape[1]
    size = np.sqrt(np.einsum("spn,spn->sp", G, G)) + 1e-300
    G = G / size[..., None]
    square, right = G @ G.transpose(0, 2, 1), (G @ rest[..., None])[..., 0]
    good = np.isfinite(square).all((1, 2)) & np.isfinite(right).all(1)
    square, right = np.where(good[:, None, None], square, np.eye(p)), np.where(good[:, None], right, 1.0)
    least = _LEAST * np.sqrt((rest**2).sum(1))[:, None] / size
    bottom = low + np.where(strict, least, 0.0)
    fixed, value = np.zeros(size.shape, dtype=bool), np.zeros(size.shape)
    for _ in range(p + 1):
        matrix = np.where(fixed[:, :, None] | fixed[:, None, :], np.eye(p), square)
        side = np.where(fixed, value, right - (square @ np.where(fixed, value, 0.0)[..., None])[..., 0])
        matrix = matrix + 1e-12 * np.eye(p)
        solved = np.linalg.solve(matrix, side[..., None])[..., 0]
        plain = solved / size
        clipped = np.clip(plain, bottom, high)
        crossing = ~fixed & (clipped != plain)
        if not crossing.any():
            break
        fixed |= crossing
        value = np.where(fixed, clipped * size, 0.0)
    return np.clip(np.where(fixed, value, solved) / size, bottom, high)
