"""Fit: any law to a table of runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .. import arguments
from ..engine.express import express
from ..engine.expression import Prior
from ..engine.seek import CORNER, refine, seek
from ..forms import Form, read_form
from ..notices import warn
from .form_fit import FormFit
from .given import read_given
from .identifiability import IdentifiabilityWarning
from .units import doubt_units

__all__ = ["fit"]

_OBJECTIVES = ("huber", "lad", "least_squares", "log_least_squares")
_LEAST = 1e-290  # smaller, or larger than its inverse, constants leave the range of a float
_OF_CONSTANTS = "constants, as {'E': ...}"
_ROWS = 160  # as many runs tell one basin from another


def fit(
    form: str | Form,
    table: Mapping,
    *,
    y: str | None = None,
    columns: Mapping[str, str] | None = None,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    prior: Mapping[str, tuple[float, float]] | None = None,
    start: Mapping[str, float] | None = None,
    weights: str | np.ndarray | None = None,
    noise: str | float | np.ndarray | None = None,
    groups: str | np.ndarray | None = None,
    by: str | np.ndarray | None = None,
    shared: Sequence[str] = (),
    objective: str = "huber",
    space: str | None = None,
    delta: str | float = "auto",
) -> FormFit:
    """Fit a law of any form to a table of runs.

    Parameters
    ----------
    form : str or Form
        A text as ``"E + A / N**alpha + B / D**beta"``, a name of `sl.forms`, or a Form. Names that are columns of the
        table are variables, the others constants; a form of `sl.forms` knows its own variables. A constant that stands
        twice is one: ``"E + A / N**alpha + B / D**alpha"`` ties the exponents.
    table : pandas.DataFrame or mapping of columns
        A row a run.
    y : str, optional
        The column that the law should give: by default "loss", or what the form says it gives where that is a column.
    columns : dict, optional
        Variable -> the column that holds it, where that has another name, as ``columns={"x": "compute"}``.
    fixed : dict, optional
        Constant -> number: not fitted.
    bounds : dict, optional
        Constant -> (lowest, highest).
    prior : dict, optional
        Constant -> (mean, sd): half of ((constant - mean) / sd)**2 is added to the penalty, in the unit in which a
        run's residual has variance one; the scatter of the runs says that unit where `noise` does not.
    start : dict, optional
        Constant -> number: where to begin, beside the starts that the runs suggest.
    weights : str or array_like, optional
        A column, or numbers above zero: how much the square of each run's residual counts beside the others', as in
        weighted least squares. Its variance is taken to be in proportion to 1 / weight, and residuals are multiplied by
        the root of the weight, whatever the objective; how far runs stray is read off them. Only ratios matter.
    noise : str, float or array_like, optional
        A column or numbers above zero: the relative standard deviation of each run, taken as known. Residuals are
        divided by it, and standard errors rest on it.
    groups : str or array_like, optional
        A column or labels of runs that belong together, such as checkpoints of one training run: they may err together.
    by : str or array_like, optional
        A column or labels of families of runs: each has constants of its own, but for those in `shared`.
    shared : sequence of str
        Constants that all families have in common.
    objective : {"huber", "lad", "least_squares", "log_least_squares"}
        Sum of Huber's penalty, of absolute values or of squares of the residuals. "least_squares" is on y itself unless
        `space` says otherwise, "log_least_squares" on its logarithm.
    space : {"log", "linear", "log1p"}, optional
        Residuals ln(y / law), y - law, or ln(1 + y) - ln(1 + law), for which y may be zero.
    delta : "auto" or float
        Huber's corner, in units of the residual (of its noise, where that is known). "auto" takes 1.345 times the
        scatter of the residuals, where Huber's penalty is 95% as sharp as squares for normal errors.

    Returns
    -------
    FormFit
        ``.law``, ``.constants``, ``.stderr``, ``.report()``, ``.undetermined``, ``.bootstrap()``, ``.profile()``,
        ``.predict()``, ``.optimum()``, ``.differs()``, ``.residuals``.

    Raises
    ------
    FormError
        For a text that is no law, with the place and what is allowed.
    ValueError
        For columns that are missing or hold no numbers, fewer runs than constants, options that are unknown or go
        against each other, or a form that gives no number at some run whatever its constants are.

    Warns
    -----
    IdentifiabilityWarning
        If the runs leave constants undetermined; ``.undetermined`` names them.
    UnitsWarning
        If N or D seem to be in millions or billions.
    NamesWarning
        If a constant of a text is spelt nearly as a column.
    RuntimeWarning
        If the fit stopped before its optimum.

    Examples
    --------
    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6)))
    >>> runs = pd.DataFrame({"N": N, "D": D, "loss": 1.8 + 480 / N**0.35 + 2000 / D**0.35})
    >>> found = sl.fit("E + A / N**alpha + B / D**alpha", runs)
    >>> {name: round(value, 4) for name, value in found.constants.items()}
    {'E': 1.8, 'A': 480.0, 'alpha': 0.35, 'B': 2000.0}
    """
    arguments.one_of("objective", objective, _OBJECTIVES)
    space = _space(objective, space)
    absolute, squares = objective == "lad", "squares" in objective
    form = read_form(form)
    given = read_given(
        form, table, y=y, columns=columns, space=space, weights=weights, noise=noise, groups=groups, by=by
    )
    form = given.form
    if {"N", "D"} <= set(form.variables) and (given.columns["N"] > 0).all() and (given.columns["D"] > 0).all():
        doubt_units(given.columns["N"], given.columns["D"])
    held = _numbers("fixed", fixed, form.constants)
    open_ = tuple(name for name in form.constants if name not in held)
    if not open_:
        raise ValueError("fixed names every constant: nothing is left to fit")
    bounds = _pairs(
        "bounds", {**form.bounds, **arguments.mapping("bounds", bounds, _OF_CONSTANTS)}, form.constants, held
    )
    for name, (low, high) in bounds.items():
        if not low < high:
            raise ValueError(f"bounds of {name} must be (lowest, highest); got ({low:g}, {high:g})")
    prior = _pairs("prior", arguments.mapping("prior", prior, _OF_CONSTANTS), form.constants, held)
    for name, (_, sd) in prior.items():
        if not 0 < sd < np.inf:
            raise ValueError(f"prior of {name} must be (mean, sd) with a finite sd above zero; got sd {sd:g}")
    if prior and absolute:
        raise ValueError("prior goes with objective 'huber' or squares; 'lad' has no scatter to weigh it by")
    start = _numbers("start", {**form.start, **arguments.mapping("start", start, _OF_CONSTANTS)}, form.constants)
    shared = _shared(shared, open_, given)
    auto = isinstance(delta, str)
    if auto and delta != "auto":
        raise ValueError(f"delta must be 'auto' or a number above zero; got {delta!r}")
    corner = np.inf if squares else CORNER if auto else arguments.scalar("delta", delta, positive=True)
    auto = auto and objective == "huber" and given.noise is None
    count = len(shared) + len(given.families) * (len(open_) - len(shared))
    known = sum(1 if name in shared else len(given.families) for name in prior)
    arguments.enough_runs(len(given.y) + known, count, form.formula() if len(form.text) <= 200 else "the form")

    how = {"held": held, "bounds": bounds, "log": space != "linear", "lift": 1.0 if space == "log1p" else 0.0}
    problem, plan = _problem(form, given, how, shared)
    unit = (float(np.median(np.abs(given.y))) or 1.0) if space == "linear" and given.noise is None else 1.0
    problem = replace(problem, delta=corner if auto or given.noise is not None else corner / unit)
    problem = replace(problem, prior=_prior(problem, prior, given))
    starts = _starts(form, given, how, start, prior, absolute, auto, problem, plan)
    if not len(starts):
        raise ValueError(_nowhere(form, given, problem))
    solution, problem = refine(problem, starts, absolute=absolute, auto=auto)
    found = FormFit(
        form=form,
        given=given,
        objective=objective,
        space=space,
        fixed=held,
        prior=prior,
        shared=tuple(shared),
        unit=unit,
        problem=problem,
        plan=plan,
        solution=solution,
    )
    if found.undetermined:
        warn(found.open_sentence, IdentifiabilityWarning, stacklevel=2)
    if not found.converged:
        warn(
            f"the fit stopped before its optimum (gradient norm {found.gradient_norm:.1e}); do not use it: "
            f"{_advice(found)}",
            RuntimeWarning,
            stacklevel=2,
        )
    return found


def _advice(found):
    """What to do about a fit that did not end."""
    far = [f"{name} = {value:.1e}" for name, value in found.constants.items() if not _LEAST < abs(value) < 1.0 / _LEAST]
    far = [each for each in far if not each.endswith("0.0e+00")]
    if far:
        return (
            f"{' and '.join(far)} is at the end of what a float holds, where {found.given.y_name} hardly changes with "
            "what stands beside it: take a form with a floor, or without that term"
        )
    return "give start= or bounds=, and look for duplicated or mistyped runs"


def _space(objective, space):
    natural = "linear" if objective == "least_squares" else "log"
    if space is None:
        return natural
    arguments.one_of("space", space, ("log", "linear", "log1p"))
    if objective == "log_least_squares" and space == "linear":
        raise ValueError("objective 'log_least_squares' is in space 'log'; 'least_squares' takes 'linear'")
    return space


def _known(label, given, constants):
    for name in given:
        if name not in constants:
            raise ValueError(f"{label} names {name!r}, which is no constant; they are {', '.join(constants)}")


def _numbers(label, given, constants):
    given = arguments.mapping(label, given, _OF_CONSTANTS)
    _known(label, given, constants)
    return {name: arguments.scalar(f"{label}[{name!r}]", value) for name, value in given.items()}


def _pairs(label, given, constants, held):
    _known(label, given, constants)
    found = {}
    for name, pair in given.items():
        ends = arguments.pair(f"{label} of {name}", pair)
        if name not in held:
            found[name] = ends
        elif label == "prior":
            raise ValueError(f"prior names {name!r}, which is fixed")
    return found


def _shared(shared, open_, given):
    if not isinstance(shared, Iterable):
        raise ValueError(f"shared must be names of constants, as ('E', 'B'); got {shared!r}")
    shared = [shared] if isinstance(shared, str) else list(shared)
    _known("shared", shared, open_)
    if shared and not given.labels:
        raise ValueError("shared goes with by=, a column that says which family a run belongs to")
    return [name for name in open_ if name in shared]


def _problem(form, given, how, shared=()):
    """The Expression and the Blueprint of runs, sorted into their families."""
    sd = given.noise if given.noise is not None else 1.0
    if not how["log"]:  # the engine works on numbers near one
        sd = sd * np.abs(given.y) if given.noise is not None else float(np.median(np.abs(given.y))) or 1.0
    if given.weights is not None:
        sd = sd / np.sqrt(given.weights)
    labels = given.labels
    return express(form, given.columns, given.y, sd=sd, families=given.families, labels=labels, shared=shared, **how)


def _prior(problem, prior, given):
    """The Prior of what is believed, of each family's own constants as well; None where nothing is."""
    of = [prior.get(name.split("[")[0]) for name in problem.coordinates.names]
    places = np.array([place for place, pair in enumerate(of) if pair], dtype=int)
    if not places.size:
        return None
    centre, sd = np.array([of[place] for place in places]).T
    return Prior(places, centre, sd, 1.0, given.noise is None)


def _starts(form, given, how, start, prior, absolute, auto, problem, plan):
    """Leading starts: of one family from scouts, of several from fits of each and of all together."""
    if len(given.families) == 1:
        thin = given.thinned(_ROWS)
        small, small_plan = (problem, plan) if thin is given else _problem(form, thin, how)
        small = replace(small, delta=problem.delta, prior=problem.prior)
        options = {"absolute": absolute, "auto": auto}
        return seek(problem, small, small_plan, thin.columns, how["held"], how["bounds"], start, **options)
    together = given.pooled()
    full_names = problem.coordinates.names
    names = [name.split("[")[0] for name in full_names]
    parts, ends = [together, *(given.only(label) for label in given.labels)], []
    for part in parts:
        own, own_plan = _problem(form, part, how)
        own = replace(own, delta=problem.delta, prior=_prior(own, prior, given))
        if own.runs + len(prior) < len(own_plan.open):
            ends.append(None)
            continue
        found = _starts(form, part, how, start, prior, absolute, auto, own, own_plan)
        solution = refine(own, found, absolute=absolute, auto=auto)[0] if len(found) else None
        best = None if solution is None else own.coordinates.constants(solution.theta[[solution.best]])[0]
        ends.append(best if best is None else dict(zip(own_plan.open, best, strict=True)))
    if ends[0] is None:
        return np.empty((0, len(names)))
    own_of = [ends[0] if end is None else end for end in ends]
    family = np.zeros(len(names), dtype=int)
    for number, members in enumerate(problem.families):
        family[members.places] = number + 1
    whose = [None if full == name else own_of[f] for name, full, f in zip(names, full_names, family, strict=True)]
    rows = [[(own or common)[name] for name, own in zip(names, whose, strict=True)] for common in own_of]
    rows.append([ends[0][name] for name in names])
    theta = problem.coordinates.theta(np.array(rows))
    theta = np.clip(theta, problem.lower, problem.upper)
    return theta[np.isfinite(theta).all(1)]


def _nowhere(form, given, problem):
    text = form.formula() if len(form.text) <= 200 else "the form"
    return (
        f"{text} gives no number{' above zero' if problem.log else ''} at all {len(given.y)} runs together for any "
        "constants that were tried: look for a logarithm or a power of what may be zero or below, for "
        f"{'a law that falls below zero (space=linear), ' if problem.log else ''}or give start="
    )
