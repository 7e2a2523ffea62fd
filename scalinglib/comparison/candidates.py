"""Forms that can be compared: what each takes, how many constants it has, how it is fitted."""

import warnings
from dataclasses import dataclass, field, fields, replace

import numpy as np

from ..engine.coordinates import constants_of
from ..engine.starts import search
from ..fitting import (
    fit_broken_power_law,
    fit_chinchilla,
    fit_kaplan,
    fit_power_law,
    fit_saturating_power_law,
    fit_shifted_power_law,
)
from ..fitting.chinchilla import chinchilla_problem
from ..fitting.points import read_points
from ..laws import ChinchillaLaw, PowerLaw
from ..laws.chinchilla import CONSTANTS

__all__ = ["CURVES", "SURFACES", "Fitted", "Form", "HeldFloorFit", "How", "fit_form"]

_STEP = 1e-5  # relative, of numeric slopes: their error is about 1e-10


@dataclass(frozen=True)
class How:
    """How forms are fitted: space "log" or "log1p", objective "least_squares" or "huber", Huber's corner."""

    space: str
    objective: str
    delta: float

    @property
    def of_surfaces(self):
        """The name of the objective in fits of (N, D), whose "least_squares" is of the loss itself."""
        return "huber" if self.objective == "huber" else "log_least_squares"

    @property
    def corner(self):
        return self.delta if self.objective == "huber" else np.inf


@dataclass(frozen=True)
class Form:
    """A form: how many constants it has, which of the data columns it takes, and ``fit(*columns, how)``."""

    constants: int
    takes: tuple
    fit: object


@dataclass(frozen=True, eq=False)
class HeldFloorFit:
    """A law fitted for the comparison by the engine, with or without its floor.

    Attributes
    ----------
    law : PowerLaw or ChinchillaLaw
    rms : float
        Root mean square of the residuals.
    space : str
        "log" or "log1p".
    converged : bool
    """

    law: object
    rms: float
    space: str
    converged: bool

    def report(self):
        """What a person should know about the fit."""
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        return f"{self.law.report()}\nrms residual {self.rms:.3g} in {self.space} space; {ended}."


def _power_law(x, y, how, *, floor):
    if how.space == "log":
        return fit_power_law(x, y, floor=floor, objective=how.objective, delta=how.delta)
    points = read_points(x, y, how.space, how.objective, how.delta, 3 if floor == "fit" else 2, "a power law")
    problem, centre = points.power_law(0.0)
    if floor is None:
        upper = problem.upper.copy()
        upper[0] = problem.lower[0]
        problem = replace(problem, upper=upper)
    solution = search(problem)
    E, height, exponent = solution.theta[solution.best]
    law = PowerLaw(
        coefficient=float(np.exp(height + exponent * centre)) * points.unit,
        exponent=float(exponent),
        floor=0.0 if floor is None else points.floor(E),
    )
    return _held(problem, solution, law, how)


def _without_floor(N, D, loss, how):
    problem, centre, unit = chinchilla_problem(N, D, loss, how.of_surfaces, how.delta)
    upper = problem.upper.copy()
    upper[0] = 0.0
    problem = replace(problem, upper=upper)
    solution = search(problem)
    found = constants_of(solution.theta[[solution.best]], centre, unit)
    law = ChinchillaLaw(**{name: float(found[name][0]) for name in CONSTANTS})
    return _held(problem, solution, law, how)


def _held(problem, solution, law, how):
    residuals = problem.residuals(solution.theta[[solution.best]])
    return HeldFloorFit(
        law=law,
        rms=float(np.sqrt(np.mean(residuals**2))),
        space=how.space,
        converged=bool(solution.converged[solution.best]),
    )


def _plain(x, y, how):
    return _power_law(x, y, how, floor=None)


def _floored(x, y, how):
    return _power_law(x, y, how, floor="fit")


def _shifted(x, y, how):
    return fit_shifted_power_law(x, y, space=how.space, objective=how.objective, delta=how.delta)


def _saturating(x, y, how):
    return fit_saturating_power_law(x, y, space=how.space, objective=how.objective, delta=how.delta)


def _broken(x, y, how, *, breaks=1):
    if how.objective != "least_squares":
        raise ValueError("a broken power law is fitted by least squares only")
    return fit_broken_power_law(x, y, breaks=breaks, space=how.space)


def _twice_broken(x, y, how):
    return _broken(x, y, how, breaks=2)


def _additive(N, D, loss, how):
    return fit_chinchilla(N, D, loss, objective=how.of_surfaces, delta=how.delta)


def _joint(N, D, loss, how):
    return fit_kaplan(N, D, loss, objective=how.of_surfaces, delta=how.delta)


# The columns that a form takes are those of its law: x, or N and D.
CURVES = {
    "power law": Form(2, (0,), _plain),
    "power law with floor": Form(3, (0,), _floored),
    "shifted": Form(4, (0,), _shifted),
    "saturating": Form(5, (0,), _saturating),
    "broken": Form(6, (0,), _broken),
    "broken twice": Form(9, (0,), _twice_broken),
}
SURFACES = {
    "Chinchilla": Form(5, (0, 1), _additive),
    "Chinchilla without floor": Form(4, (0, 1), _without_floor),
    "Kaplan joint": Form(4, (0, 1), _joint),
    "size only": Form(3, (0,), _floored),
    "data only": Form(3, (1,), _floored),
}


@dataclass(frozen=True, eq=False)
class Fitted:
    """A form fitted to the seen runs and asked about the held-out ones, or the reason why it is not.

    predicted : (held,) values of the law; seen_error, held_error : ln(y / law); pull : (seen,), how far the
    scatter of each seen run moved the sum over held-out runs of held_error times ln of the prediction,
    linearised; NaN where that cannot be told.
    """

    fit: object = None
    reason: str = ""
    note: str = ""
    predicted: np.ndarray = field(default=None, repr=False)
    seen_error: np.ndarray = field(default=None, repr=False)
    held_error: np.ndarray = field(default=None, repr=False)
    pull: np.ndarray = field(default=None, repr=False)


def fit_form(form, how, seen, y, held, measured):
    """Fit `form` to columns `seen` (k, n) and `y` (n,); predict `measured` (m,) at columns `held` (k, m)."""
    if len(y) <= form.constants:
        return Fitted(reason=f"{len(y)} fitted runs are too few to test {form.constants} constants")
    seen, held = seen[list(form.takes)], held[list(form.takes)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they would say is in the note
            fit = form.fit(*seen, y, how)
            at_seen, at_held = fit.law(*seen), fit.law(*held)
    except ValueError as error:
        return Fitted(reason=str(error))
    if not (np.all(np.isfinite(at_held) & (at_held > 0)) and np.all(at_seen > 0)):
        return Fitted(fit=fit, reason="the fitted law is not above zero at every run")
    offset = 1.0 if how.space == "log1p" else 0.0
    residuals = np.log(y + offset) - np.log(at_seen + offset)
    error = np.log(measured / at_held)
    return Fitted(
        fit=fit,
        note=_note(fit),
        predicted=at_held,
        seen_error=np.log(y / at_seen),
        held_error=error,
        pull=pull_of(fit.law, seen, at_seen / (at_seen + offset), residuals, how.corner, held, error),
    )


def _note(fit):
    if not fit.converged:
        return "did not converge"
    left_open = getattr(fit, "undetermined", ())
    return f"undetermined: {', '.join(left_open)}" if left_open else ""


def _log_slopes(law, columns):
    """d ln law / d ln constant, (n, k), by central differences; constants that are zero are at a bound."""
    slopes = []
    for entry in fields(law):
        value = getattr(law, entry.name)
        for place in range(np.size(value)):
            ends = []
            for step in (1.0 + _STEP, 1.0 - _STEP):
                if isinstance(value, tuple):
                    changed = (*value[:place], value[place] * step, *value[place + 1 :])
                else:
                    changed = value * step
                ends.append(np.log(replace(law, **{entry.name: changed})(*columns)))
            slopes.append((ends[0] - ends[1]) / (2.0 * _STEP))
    return np.stack(slopes, axis=1)


def pull_of(law, seen, weight, residuals, corner, held, error):
    """How far each seen run's residual moved error @ ln(prediction), (seen,): e' P (J'J)^-1 J' r.

    J and P are the slopes of what was fitted (`weight` turns those of ln y into them) and of ln of the
    predictions in the constants. For Huber's penalty r is cut at the corner, over the share of runs inside.
    """
    unknown = np.full(len(residuals), np.nan)
    try:
        with np.errstate(all="ignore"):  # what is no number afterwards is answered with unknown
            J, P = _log_slopes(law, seen) * weight[:, None], _log_slopes(law, held)
    except ValueError:  # a constant sits so close to its limit that it cannot be moved
        return unknown
    if not (np.all(np.isfinite(J)) and np.all(np.isfinite(P))):
        return unknown
    size = np.linalg.norm(J, axis=0)
    free = size > 1e-9 * size.max(initial=1e-300)
    spare, inside = len(residuals) - int(free.sum()), np.mean(np.abs(residuals) <= corner)
    if spare < 1 or inside == 0:
        return unknown
    J, P = J[:, free] / size[free], P[:, free] / size[free]
    left, values, right = np.linalg.svd(J, full_matrices=False)
    values = np.maximum(values, 1e-9 * values[0])  # a direction the runs do not see: its lever is long
    # n / (n - k): residuals of the fit are smaller than the scatter they came from
    scatter = np.clip(residuals, -corner, corner) / inside * np.sqrt(len(residuals) / spare)
    return left @ (right @ (P.T @ error) / values) * scatter
