"""Express: a form and columns of runs become an Expression, the problem that the engine minimises."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..forms.form import Form
from ..forms.tape import Tape
from .blueprint import LOG, LOG_SCALED, Blueprint, blueprint
from .expression import Coordinates, Expression, Family

__all__ = ["express"]

_WIDE = 60.0  # logarithm of a coefficient beside what suits the runs, beyond which its term is nothing or everything


def express(
    form: Form,
    columns: Mapping[str, np.ndarray],
    y: np.ndarray,
    *,
    held: Mapping[str, float],
    bounds: Mapping[str, tuple],
    log: bool,
    sd: float | np.ndarray,
    lift: float = 0.0,
    families: Sequence[slice] = (),
    labels: Sequence[str] = (),
    shared: Sequence[str] = (),
) -> tuple[Expression, Blueprint]:
    """The problem of a form on runs.

    Parameters
    ----------
    form : Form
    columns, y : dict and numpy.ndarray, (n,) each
        Its variables and what it should give; runs of one family stand together.
    held : dict
        Constants that are not searched for.
    bounds : dict
        Constant -> (lowest, highest).
    log, sd, lift : bool, float or (n,), float
        See Penalised.
    families, labels, shared
        Slices of the runs and names of each family; constants that all have in common.
    """
    families = families or (slice(0, len(y)),)
    open_ = tuple(name for name in form.constants if name not in held)
    positive = {name for name, column in columns.items() if (column > 0).all()}
    positive |= {name for name, value in held.items() if value > 0}
    signed = {name for name in open_ if bounds.get(name, (-np.inf,))[0] >= 0}
    # What is bounded by other numbers than zero has to be a coordinate itself.
    plain = {name for name, (low, high) in bounds.items() if low not in (0, -np.inf) or high not in (0, np.inf)}
    plan = blueprint(
        form.text, tuple(form.variables), open_, frozenset(positive | signed), frozenset(signed), frozenset(plain)
    )
    if len(families) > 1:
        plan = _apart(plan, form, shared, positive, signed, plain)
    names, places = _names(open_, labels, shared)
    middle = {f"at:{name}": _middle(column) for name, column in columns.items()}
    given = {name: float(value) for name, value in held.items()}
    parts, members = [], []
    for rows, own in zip(families, places, strict=True):
        data = {name: column[rows] for name, column in columns.items()} | given
        jet = [plan.last, *plan.slopes, *(step for *_, step in plan.bends)]
        members.append(
            Family(
                rows=slice(rows.start, rows.stop),
                names=open_,
                places=own,
                value=Tape(plan.graph, [plan.last], data),
                jet=Tape(plan.graph, jet, data),
                bends=tuple((j, k) for j, k, _ in plan.bends),
            )
        )
        parts.append(_part(plan, own, middle | given))
    lower, upper = _box(plan, bounds)
    low, high, kinds = np.empty(len(names)), np.empty(len(names)), np.empty(len(names), dtype=object)
    for own in places:
        low[own], high[own], kinds[own] = lower, upper, plan.kinds
    problem = Expression(
        y=y,
        log=log,
        delta=np.inf,
        lower=low,
        upper=high,
        sd=sd,
        lift=lift,
        families=tuple(members),
        smooth=not any(plan.graph.steps[step][0] in ("minimum", "maximum") for step in plan.graph.needed([plan.last])),
        coordinates=Coordinates(names, tuple(kinds), tuple(parts)),
    )
    return problem, plan


def _apart(plan, form, shared, positive, signed, plain):
    """The blueprint for several families: a shared coefficient is not scaled by what differs between them."""
    mixed = {
        plan.open[place]
        for place, step in plan.scales.items()
        if plan.open[place] in shared and not plan.middle.names(step) & set(plan.open) <= set(shared)
    }
    if not mixed:
        return plan
    variables, plain = tuple(form.variables), frozenset(plain | mixed)
    return blueprint(form.text, variables, plan.open, frozenset(positive | signed), frozenset(signed), plain)


def _names(open_, labels, shared):
    """Names of all constants, and for each family the places of its own."""
    if not labels:
        return open_, [np.arange(len(open_))]
    names = [name for name in open_ if name in shared]
    places = []
    for label in labels:
        own = []
        for name in open_:
            if name in shared:
                own.append(names.index(name))
            else:
                own.append(len(names))
                names.append(f"{name}[{label}]")
        places.append(np.array(own))
    return tuple(names), places


def _middle(column):
    return float(np.exp(np.log(column).mean()) if (column > 0).all() else np.median(column))


def _part(plan, places, data):
    """Tapes from the coordinates of one family to its constants, with slopes and bends."""
    graph, steps = plan.middle, plan.constants
    first, second, wanted, more = [], [], [], []
    for i, step in enumerate(steps):
        for k, name in enumerate(plan.open):
            slope = graph.slope(step, name)
            if graph.value(slope) == 0.0:
                continue
            first.append((i, k))
            wanted.append(slope)
            for m in range(k, len(plan.open)):
                bend = graph.slope(slope, plan.open[m])
                if graph.value(bend) != 0.0:
                    second.append((i, k, m))
                    more.append(bend)
    short, whole = Tape(graph, steps, data), Tape(graph, [*steps, *wanted, *more], data)
    return plan.open, places, short, whole, tuple(first), tuple(second)


def _box(plan, bounds):
    """Bounds of theta, (p,) each."""
    lower, upper = np.full(len(plan.open), -np.inf), np.full(len(plan.open), np.inf)
    for place, (name, kind) in enumerate(zip(plan.open, plan.kinds, strict=True)):
        low, high = bounds.get(name, (-np.inf, np.inf))
        if kind == LOG_SCALED:
            low, high = -_WIDE, _WIDE
        elif kind == LOG:
            low, high = (np.log(z) if z > 0 else -np.inf for z in (low, high))
        lower[place], upper[place] = low, high
    return lower, upper
