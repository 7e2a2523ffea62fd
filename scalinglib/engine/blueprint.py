"""Blueprint: what a form's formula says before any run is seen: slopes, linear constants, coordinates."""

from dataclasses import dataclass
from functools import cache

from ..forms.form import Form
from ..forms.graph import Graph

__all__ = ["Blueprint", "Straight", "blueprint", "exponent", "users"]

PLAIN, LOG, SCALED, LOG_SCALED = "plain", "log", "scaled", "log scaled"


@dataclass(frozen=True, eq=False)
class Straight:
    """A formula as ``rest + T``, one term with all variables in it, its logarithm linear in some constants.

    rest, logarithm : steps; linear, coefficients : places of constants in which ln T is linear, and of those in whose
    logarithm it is; slopes : steps of the derivatives of ln T, by the logarithm of the coefficients.
    """

    rest: int
    logarithm: int
    linear: tuple
    coefficients: tuple
    slopes: list


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A form compiled for some open constants.

    Attributes
    ----------
    open : tuple of str
        Constants that are searched for; the others come as data.
    graph, last : Graph, int
        The formula; variables and held constants are names as well.
    slopes : list of int
        Steps of the derivatives by each open constant.
    bends : list of (int, int, int)
        (j, k, step) of the second derivatives that are not zero, j <= k.
    linear : tuple of int
        Places of constants in which, together, the formula is linear.
    amplitudes : tuple of int
        Places of constants c that stand as exp(c) only: in exp(c) the formula is linear, with those.
    kinds : tuple of str
        What each constant's coordinate is, theta: "plain", c = theta; "log", c = exp(theta); "scaled" and "log scaled",
        theta or exp(theta) over what the formula has in its place at the middle of the runs, which takes the
        correlation of a coefficient with its exponent away.
    scales : dict
        Place -> step of that factor in `middle`, of scaled constants.
    middle : Graph
        The formula at one point, its variables named ``at:N``, its open constants by their coordinates.
    constants : list of int
        Steps of the constants in `middle`.
    straight : Straight or None
        For a formula with one term of that kind.
    """

    open: tuple
    graph: Graph
    last: int
    slopes: list
    bends: list
    linear: tuple
    amplitudes: tuple
    kinds: tuple
    scales: dict
    middle: Graph
    constants: list
    straight: Straight | None


def _linear(graph, slopes, open_):
    """Places of constants in which the formula is linear, all together."""
    found = []
    for place, name in enumerate(open_):
        inside = graph.names(slopes[place])
        if name not in inside and not any(open_[other] in inside for other in found):
            found.append(place)
    return tuple(found)


def users(graph, last):
    """Step -> the steps among those of `last` that take it."""
    found = {}
    for step in graph.needed([last]):
        kind, *rest = graph.steps[step]
        if kind not in ("number", "name"):
            for part in rest[:1] if kind == "whole_power" else rest:
                found.setdefault(part, []).append(step)
    return found


def exponent(graph, takers, step):
    """Whether a step leads, through sums and products, into an exponent."""
    return any(
        graph.steps[taker][0] == "exp"
        or (graph.steps[taker][0] in ("add", "multiply") and exponent(graph, takers, taker))
        for taker in takers.get(step, ())
    )


def _amplitude(graph, slopes, bends, place, linear, open_):
    """Whether the formula is linear in exp(c): the slope by c is its own slope, and holds no other such constant."""
    own = [step for j, k, step in bends if j == k == place]
    if own != [slopes[place]]:
        return False
    inside = graph.names(slopes[place])
    return not any(open_[other] in inside for other in linear)


def _addends(graph, step):
    operation, *parts = graph.steps[step]
    return [one for part in parts for one in _addends(graph, part)] if operation == "add" else [step]


def _straight(graph, last, open_, variables):
    """The Straight of a formula, or None."""
    addends = _addends(graph, last)
    terms = [step for step in addends if graph.names(step) & set(variables)]
    if len(terms) != 1 or graph.steps[terms[0]][0] not in ("multiply", "exp", "whole_power"):
        return None
    rest, logarithm = graph.number(0.0), graph.log(terms[0])
    for step in addends:
        rest = graph.add(rest, step) if step != terms[0] else rest
    slopes = {place: graph.slope(logarithm, name) for place, name in enumerate(open_)}
    apart = graph.names(rest)
    coefficients = [
        place
        for place, name in enumerate(open_)
        if slopes[place] == graph.whole_power(graph.name(name), -1) and name not in apart
    ]
    apart |= {open_[place] for place in coefficients}
    linear = []
    for place, name in enumerate(open_):
        inside = graph.names(slopes[place])
        if name not in apart | inside and inside and not inside & {open_[other] for other in linear}:
            linear.append(place)
    wanted = [*(slopes[place] for place in linear), *(graph.number(1.0) for _ in coefficients)]
    return (
        Straight(rest, logarithm, tuple(linear), tuple(coefficients[:1]), wanted[: len(linear) + 1]) if wanted else None
    )


@cache
def blueprint(
    text: str, variables: tuple, open_: tuple, positive: frozenset, kept: frozenset, plain: frozenset
) -> Blueprint:
    """Compile a form.

    Parameters
    ----------
    text, variables : str, tuple of str
        Of the form.
    open_ : tuple of str
        Constants to search for.
    positive : frozenset of str
        Names that are above zero: variables by their columns, constants by their bounds.
    kept : frozenset of str
        Coefficients bounded at zero from below that must not vanish: they get the logarithm for a coordinate.
    plain : frozenset of str
        Constants that must be their own coordinate.
    """
    form, graph = Form(text, variables=variables), Graph()
    last = form.add_to(graph, {})
    slopes = [graph.slope(last, name) for name in open_]
    bends = []
    for j in range(len(open_)):
        for k in range(j, len(open_)):
            step = graph.slope(slopes[j], open_[k])
            if graph.value(step) != 0.0:
                bends.append((j, k, step))
    linear = _linear(graph, slopes, open_)
    amplitudes = []
    for place in range(len(open_)):
        if place not in linear and _amplitude(graph, slopes, bends, place, (*linear, *amplitudes), open_):
            amplitudes.append(place)
    takers, logs = users(graph, last), set()
    for place, name in enumerate(open_):
        own = takers.get(graph.name(name), [])
        only = bool(own) and {graph.steps[step][0] for step in own} == {"log"}
        size = place not in linear and name in kept and not exponent(graph, takers, graph.name(name))
        if (only or size) and (name in positive or name not in plain):
            logs.add(name)
    kinds = []
    for place, name in enumerate(open_):
        if name in logs:
            kinds.append(LOG)
        elif name in plain:
            kinds.append(PLAIN)
        elif place in linear and graph.names(slopes[place]) and graph.positive(slopes[place], set(positive) | logs):
            kinds.append(LOG_SCALED if name in kept else SCALED)
        else:
            kinds.append(PLAIN)
    middle = Graph()
    raw = {name: middle.name(name) for name in open_}
    own = {
        name: middle.exp(raw[name]) if kind in (LOG, LOG_SCALED) else raw[name]
        for name, kind in zip(open_, kinds, strict=True)
    }
    at = {name: middle.name(f"at:{name}") for name in variables}
    whole = form.add_to(middle, {**at, **{n: own[n] for n, k in zip(open_, kinds, strict=True) if k in (PLAIN, LOG)}})
    scales, constants = {}, []
    for place, (name, kind) in enumerate(zip(open_, kinds, strict=True)):
        step = own[name]
        if kind in (SCALED, LOG_SCALED):
            scales[place] = middle.slope(whole, name)
            step = middle.multiply(
                step, middle.exp(middle.negative(middle.log(scales[place])))
            )  # squares would overflow
        constants.append(step)
    return Blueprint(
        open=open_,
        graph=graph,
        last=last,
        slopes=slopes,
        bends=bends,
        linear=linear,
        amplitudes=tuple(amplitudes),
        kinds=tuple(kinds),
        scales=scales,
        middle=middle,
        constants=constants,
        straight=_straight(graph, last, open_, variables),
    )
