"""Fits of a power law, with or without a floor."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.coordinates import Line
from ..engine.posed import Posed
from ..engine.problem import Problem
from ..engine.starts import search, straight
from ..laws import PowerLaw
from ..notices import warn
from ..text import brief
from .identifiability import IdentifiabilityWarning
from .uncertain import Uncertain

__all__ = ["PowerLawFit", "fit_power_law"]

_SPACES = ("log", "linear")
OBJECTIVES = ("least_squares", "huber", "lad")
_LEAST_NOISE = 1e-3  # relative; no measured loss is better than this


@dataclass(frozen=True, eq=False)
class PowerLawFit(Uncertain):
    """A power law fitted to points, with standard errors.

    Attributes
    ----------
    law : PowerLaw
        ``floor + coefficient * x**-exponent``.
    stderr : dict
        Standard error of "coefficient" and "exponent", and of "floor" where it was fitted:
        linearised, with the residuals' own variance on n - p degrees of freedom. NaN where it would
        mislead: for "lad", for "huber" with more than half of the points outside the corner, for a
        floor at its bound, and without degrees of freedom.
    residuals : numpy.ndarray, shape (n,)
        In the space of the fit: ln(y / law), or for a given floor ln((y - floor) / (law - floor)),
        or y - law.
    r_squared : float
        Share of the variance, in the space of the fit, that the law takes up. It is high for
        wrong laws too.
    objective, space, delta : str, str, float
        What was minimised.
    objective_value, gradient_norm, iterations, converged
        How the fit ended, as in ChinchillaFit.
    undetermined : tuple of str
        Constants that the points leave open.
    x, y : numpy.ndarray
        The points.
    posed : Posed
        The engine's view of the fit.
    """

    law: PowerLaw
    stderr: dict
    residuals: np.ndarray = field(repr=False)
    r_squared: float
    objective: str
    space: str
    delta: float
    floor_fitted: bool
    objective_value: float
    gradient_norm: float
    iterations: int
    converged: bool
    undetermined: tuple
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    posed: Posed = field(repr=False)

    def __repr__(self):
        return brief(self, self.law.report().split("\n")[0], f"{len(self.x)} points")

    def report(self) -> str:
        """What a person should know about the fit, warnings included."""
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        lines = [f"Power law fitted to {len(self.x)} points, {self.objective} in {self.space} space; {ended}"]
        for name in ("coefficient", "exponent", "floor"):
            value = getattr(self.law, name)
            if name in self.undetermined:
                note = "not determined by these points"
            elif name == "floor" and not self.floor_fitted:
                note = "given"
            elif np.isfinite(self.stderr[name]):
                note = f"+- {self.stderr[name]:.3g}"
            elif name == "floor" and value == 0.0:
                note = "at its bound: these points show none"
            elif len(self.x) <= 2 + self.floor_fitted:
                note = "no standard error: as many constants as points"
            else:
                note = "no standard error for this fit; bootstrap the points"
            lines.append(f"  {name:<12}{value:>14.7g}  {note}")
        decades = np.log10(self.x.max() / self.x.min())
        lines.append(f"  seen: x {self.x.min():.4g} to {self.x.max():.4g} ({decades:.1f} decades)")
        return "\n".join(lines)


def _standard_errors(problem, theta, centre, residuals, *, free):
    """Covariance of (ln coefficient, exponent[, floor]) for unit noise, its scale, and the noise."""
    M, G = problem.slopes(theta[None])
    J = (G[0] / (M[0] if problem.log else 1.0))[free]
    # ln coefficient = a + exponent * centre: turn the centred constants into the law's
    turn = np.eye(3)
    turn[1, 2] = centre
    turn = turn[np.ix_(free, free)]
    spare = residuals.size - J.shape[0]
    if np.isinf(problem.delta):
        noise = np.sqrt((residuals**2).sum() / spare) if spare > 0 else np.nan
    else:
        psi = np.clip(residuals, -problem.delta, problem.delta)
        inside = np.mean(np.abs(residuals) < problem.delta)
        # With fewer inside the corner the fit nearly interpolates some points, and their share says nothing.
        noise = np.sqrt((psi**2).sum() / spare) / inside if spare > 0 and inside >= 0.5 else np.nan
    _, values, vectors = np.linalg.svd(J.T, full_matrices=False)
    values = np.maximum(values, 1e-12 * values[0])
    root = turn @ (vectors.T / values)
    return np.sqrt((root**2).sum(1)), noise


def _read_floor(floor):
    """(held value or None when fitted)."""
    if isinstance(floor, str) and floor == "fit":
        return None
    if floor is None:
        return 0.0
    if isinstance(floor, (str, bool)):
        raise ValueError(f"floor must be 'fit', None or a number; got {floor!r}")
    return arguments.scalar("floor", floor)


def fit_power_law(
    x: ArrayLike,
    y: ArrayLike,
    *,
    floor: float | str | None = "fit",
    space: str = "log",
    objective: str = "least_squares",
    delta: float = 1e-3,
) -> PowerLawFit:
    """Fit ``y = floor + coefficient * x**-exponent`` to points.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points; x above zero. In log space y must be above zero, and above a given floor.
    floor : "fit", None or float
        Fitted, absent, or known. In log space a fitted floor is kept at or above zero.
    space : {"log", "linear"}
        Residuals of logarithms or of values. They are different estimators: a straight line on
        log-log axes trusts every point by its ratio, a curve on plain axes by its amount. With
        a given floor log space means ln(y - floor), a straight line.
    objective : {"least_squares", "huber", "lad"}
        Sum of squares, of Huber(delta) or of absolute values of the residuals.
    delta : float, default 1e-3
        Huber's corner in units of the residual; only "huber" uses it.

    Returns
    -------
    PowerLawFit
        ``.law``, ``.stderr``, ``.residuals``, ``.undetermined`` and ``.report()``.

    Raises
    ------
    ValueError
        Unequal lengths, entries out of range, too few points, unknown options: the message names
        the argument and the rows.

    Warns
    -----
    IdentifiabilityWarning
        If the points leave constants undetermined.

    Examples
    --------
    >>> import scalinglib as sl
    >>> x = [1, 10, 100, 1000, 10000]
    >>> fit = sl.fit_power_law(x, sl.PowerLaw(coefficient=3.0, exponent=0.5, floor=1.5)(x))
    >>> round(fit.law.exponent, 6), round(fit.law.floor, 6)
    (0.5, 1.5)
    """
    arguments.one_of("space", space, _SPACES)
    arguments.one_of("objective", objective, OBJECTIVES)
    delta = arguments.scalar("delta", delta, positive=True)
    held = _read_floor(floor)
    (x,) = arguments.columns(x=x)
    x, y = arguments.columns(x=x, y=y, positive=False)
    log = space == "log"
    if log:
        arguments.column("y", y, positive=True)
        if held is not None:
            arguments.refuse("y", y, y <= held, f"above the floor {held:g} in log space")
    elif held is not None and y.max() <= held:
        raise ValueError(f"y must be above the floor {held:g} somewhere; its largest value is {y.max():g}")
    arguments.enough_runs(len(x), 3 if held is None else 2, "a power law" + (" with a floor" if held is None else ""))

    shift = held or 0.0
    unit = float(np.median(np.abs(y - shift))) or float(np.abs(y - shift).max()) or 1.0
    corner = (delta if log else delta / unit) if objective == "huber" else np.inf
    centre = float(np.log(x).mean())
    z = np.log(x) - centre
    reach = max(0.5 * np.ptp(z), 1e-3)
    steepest = min(60.0 / reach, 600.0 / max(abs(centre), 1.0))
    lowest = 0.0 if held is not None or log else -1e6
    highest = 0.0 if held is not None else np.inf
    problem = Problem(
        x=z[None],
        y=(y - shift) / unit,
        log=log,
        delta=corner,
        lower=np.array([lowest, -80.0, -steepest]),
        upper=np.array([highest, 80.0, steepest]),
    )
    if log and held is not None and objective != "lad":
        solution = straight(problem)
    else:
        solution = search(problem, absolute=objective == "lad")
    best = solution.best
    theta = solution.theta[best]
    residuals = problem.residuals(theta[None])[0]

    free = np.array([held is None and theta[0] > lowest, True, True])
    spread, noise = _standard_errors(problem, theta, centre, residuals, free=free)
    sd = dict.fromkeys(("floor", "coefficient", "exponent"), np.nan)
    sd.update(zip(np.array(["floor", "coefficient", "exponent"])[free], spread, strict=True))
    coefficient = float(np.exp(theta[1] + theta[2] * centre)) * unit
    target = np.log(problem.y) if log else problem.y
    scatter = ((target - target.mean()) ** 2).sum()
    error = noise if objective != "lad" else np.nan
    stderr = {"coefficient": coefficient * sd["coefficient"] * error, "exponent": sd["exponent"] * error}
    if held is None:
        stderr["floor"] = sd["floor"] * error * unit
    factor = 2.0 if objective == "least_squares" else 1.0
    with np.errstate(over="ignore"):  # the square of a unit may leave the range of a float
        size = 1.0 if log else (np.square(unit) if objective != "lad" else unit)
    fit = PowerLawFit(
        law=PowerLaw(
            coefficient=coefficient,
            exponent=float(theta[2]),
            floor=shift if held is not None else float(theta[0]) * unit,
        ),
        stderr={name: float(value) for name, value in stderr.items()},
        residuals=arguments.kept(residuals if log else residuals * unit),
        r_squared=float(1.0 - (residuals**2).sum() / scatter) if scatter > 0 else np.nan,
        objective=objective,
        space=space,
        delta=delta,
        floor_fitted=held is None,
        objective_value=float(factor * solution.value[best] * size),
        gradient_norm=float(factor * solution.gradient_norm[best]),
        iterations=int(solution.iterations[best]),
        converged=bool(solution.converged[best]),
        undetermined=_undetermined(sd, theta, z, noise, floor_fitted=held is None),
        x=x,
        y=y,
        posed=Posed(problem, theta, Line(centre, unit, held), absolute=objective == "lad", lift=-shift),
    )
    _warn(fit)
    return fit


def _undetermined(sd, theta, z, noise, *, floor_fitted):
    """Constants whose spread, at a noise no measurement beats, leaves them open."""
    fitted = ("coefficient", "exponent", "floor") if floor_fitted else ("coefficient", "exponent")
    if np.unique(z).size < len(fitted):  # wherever along the valley the fit ended
        return fitted
    noise = max(noise if np.isfinite(noise) else 0.0, _LEAST_NOISE)
    limits = {
        "coefficient": np.log(100.0),
        "exponent": max(abs(theta[2]), min(1.0 / max(np.ptp(z), 1e-12), 10.0)),
        "floor": 1.0,  # of the median of y - floor given, the engine's unit
    }
    return tuple(name for name in limits if sd[name] * noise > limits[name])


def _warn(fit):
    if fit.undetermined:
        warn(
            f"these {len(fit.x)} points do not determine {', '.join(fit.undetermined)}: "
            f"x spans a factor {fit.x.max() / fit.x.min():.3g}; add points at other x, or give the floor",
            IdentifiabilityWarning,
            stacklevel=3,
        )
    if not fit.converged:
        warn(
            f"the fit stopped before its optimum (gradient norm {fit.gradient_norm:.1e}); do not use it",
            RuntimeWarning,
            stacklevel=3,
        )
