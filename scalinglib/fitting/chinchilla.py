"""Fits of the Chinchilla law to runs."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.coordinates import Terms, constants_of
from ..engine.posed import Posed
from ..engine.problem import Problem
from ..engine.starts import search
from ..laws.chinchilla import CONSTANTS, ChinchillaLaw
from ..notices import warn
from ..text import brief
from .identifiability import IdentifiabilityWarning
from .uncertain import Uncertain
from .units import doubt_units

if TYPE_CHECKING:
    from ..audit import Audit
    from ..audit.standing import Standing

__all__ = ["OBJECTIVES", "ChinchillaFit", "fit_chinchilla"]

OBJECTIVES = ("huber", "lad", "least_squares", "log_least_squares")


@dataclass(frozen=True, eq=False)
class ChinchillaFit(Uncertain):
    """A Chinchilla law fitted to runs, and how it was reached.

    Attributes
    ----------
    law : ChinchillaLaw
        The fitted law; N counts what the runs' N counts.
    objective, delta : str, float
        What was minimised.
    objective_value : float
        Its value at the law.
    gradient_norm : float
        Norm of its gradient in (E, ln A, ln B, alpha, beta) with ln N and ln D centred, constants
        at a bound left out; for "lad" the norm of what its optimality conditions leave over.
    iterations : int
        Newton steps of the start that won.
    converged : bool
        Whether that start ended because no step could lower the objective.
    starts, starts_agreeing : int, int
        How many starts were refined, and how many ended within 1e-8 (relative) of the best.
    residuals : numpy.ndarray
        ln(loss / law), or loss - law for "least_squares"; one a run, in the order given.
    N, D, loss : numpy.ndarray
        The runs.
    groups : numpy.ndarray or None
        Labels of rows that belong together, if they were given: the default of what takes groups.
    """

    law: ChinchillaLaw
    objective: str
    delta: float
    objective_value: float
    gradient_norm: float
    iterations: int
    converged: bool
    starts: int
    starts_agreeing: int
    residuals: np.ndarray = field(repr=False)
    N: np.ndarray = field(repr=False)
    D: np.ndarray = field(repr=False)
    loss: np.ndarray = field(repr=False)
    groups: np.ndarray | None = field(repr=False, default=None)

    def __repr__(self):
        return brief(self, self.law.report().split("\n")[0], f"{len(self.N)} runs")

    @cached_property
    def standing(self) -> "Standing":
        """How sure the fit is, worked out when asked for: see audit.standing."""
        from ..audit.standing import Standing

        return Standing(self)

    @cached_property
    def _audits(self):
        return {}

    def audit(self, *, budget: float | None = None, groups: ArrayLike | None = None) -> "Audit":
        """What these runs can and cannot say: an Audit, with ``.report()`` in sentences.

        Parameters
        ----------
        budget : float, optional
            FLOP (C = 6ND) at which N_opt is the headline; without it 10 times the largest run's.
        groups : array_like, shape (n,), optional
            Labels of runs that belong together, such as checkpoints of one training run: influence then
            leaves out whole groups, and names five of them.

        Returns
        -------
        Audit
            Rank and condition of the design, constants left open, the reach of the runs, where other
            starts end, the influence of each run and five that together move the headline far. It takes a few
            hundred refits: a fraction of a second for hundreds of runs. Kept for each budget and groups.

        Raises
        ------
        ValueError
            If the budget is not one finite number above zero, or a run has no label.

        Examples
        --------
        >>> import numpy as np, scalinglib as sl
        >>> law = sl.published["besiroglu2024"]
        >>> C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
        >>> N = (law.optimum(C).N * shift).ravel()
        >>> D = C.ravel() / (6 * N)
        >>> loss = law(N, D) * np.exp(0.002 * np.random.default_rng(0).standard_normal(36))
        >>> loss[5] *= 1.2  # a run that went wrong
        >>> audit = sl.fit_chinchilla(N, D, loss, objective="log_least_squares").audit(budget=1e24)
        >>> audit.deciding[0], round(audit.reach.times)
        (5, 100)
        """
        if budget is not None:
            budget = arguments.scalar("budget", budget, positive=True)
        groups = self.groups if groups is None else groups
        if groups is not None:
            groups = arguments.labels("groups", groups, len(self.N))
        key = budget, groups and (tuple(groups[0].tolist()), groups[1].tobytes())
        if key not in self._audits:
            from ..audit.survey import survey

            self._audits[key] = survey(self, self.standing.design, budget, groups)
        return self._audits[key]

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Names of the constants that these runs leave open; empty when all is well."""
        return self.standing.design.undetermined

    @property
    def stderr(self) -> dict[str, float]:
        """Standard error of each constant, a dict: linearised, for the objective in use.

        Errors count as independent, or with `groups` as shared within them. NaN where five runs meet five
        constants. Of constants that are open it means nothing.
        """
        return self.standing.stderr

    @property
    def caution(self) -> str:
        """What speaks against using the fit as it is, in sentences; empty when nothing."""
        return "\n".join(map(str, self.standing.own_doubts))

    @property
    def own_groups(self) -> np.ndarray | None:
        """Labels of runs that belong together, as the fit was told."""
        return self.groups

    @cached_property
    def posed(self) -> Posed:
        """The engine's view of this fit."""
        problem, centre, unit = chinchilla_problem(self.N, self.D, self.loss, self.objective, self.delta)
        law = self.law
        size, data = np.log(law.A / unit) - law.alpha * centre[0], np.log(law.B / unit) - law.beta * centre[1]
        theta = np.array([law.E / unit, size, data, law.alpha, law.beta])
        return Posed(problem, theta, Terms(centre, unit), absolute=self.objective == "lad")

    def report(self) -> str:
        """What a person should know about the fit, warnings included."""
        from ..audit.report import report

        return report(self, self.standing)


def chinchilla_problem(N, D, loss, objective, delta):
    """The engine's view of the runs, with the centres of ln N and ln D and the unit of loss taken out."""
    x = np.log(np.stack([N, D]))
    centre = x.mean(1)
    x = x - centre[:, None]
    reach = np.maximum(0.5 * np.ptp(x, axis=1), 1e-3)
    # Steeper than this a term is a wall between two sizes, and A or B leaves the range of a float.
    steepest = np.minimum(25.0 / reach, 600.0 / np.maximum(np.abs(centre), 1.0))
    lower = np.concatenate([[0.0, -60.0, -60.0], 1e-6 / reach])
    upper = np.concatenate([[np.inf, 60.0, 60.0], steepest])
    unit = float(np.median(loss))  # the engine works on numbers near one
    corner = delta if objective == "huber" else np.inf
    log = objective != "least_squares"
    return Problem(x=x, y=loss / unit, log=log, delta=corner, lower=lower, upper=upper), centre, unit


def fit_chinchilla(
    N: ArrayLike,
    D: ArrayLike,
    loss: ArrayLike,
    *,
    objective: str = "huber",
    delta: float = 1e-3,
    groups: ArrayLike | None = None,
) -> ChinchillaFit:
    """Fit ``L = E + A / N**alpha + B / D**beta`` to runs.

    The constants come from a few starts on a grid of exponents, refined by damped Newton steps with
    exact derivatives; it takes milliseconds for hundreds of runs, and the same runs always give the
    same answer.

    Parameters
    ----------
    N, D, loss : array_like, shape (n,)
        Parameters, training tokens and final loss (nats per token) of each run, all above zero,
        at least five runs.
    objective : {"huber", "lad", "least_squares", "log_least_squares"}
        "huber" is the sum over runs of Huber(delta) of ln(loss / law), as in Hoffmann et al. 2022,
        appendix D.2; "lad" the sum of absolute log residuals; "least_squares" is on the loss
        itself, "log_least_squares" on its logarithm.
    delta : float, default 1e-3
        Huber's corner in units of log loss; only "huber" uses it. Well above the scatter of the runs
        it is least squares under another name.
    groups : array_like, shape (n,), optional
        Labels of rows that belong together, such as checkpoints of one training run. The law is the same
        without them; standard errors, intervals and the audit then count groups.

    Returns
    -------
    ChinchillaFit
        ``.law``, ``.stderr``, ``.objective_value``, ``.gradient_norm``, ``.iterations``, ``.converged``,
        ``.residuals``, ``.undetermined``, ``.caution``, ``.audit()`` and ``.report()``.

    Raises
    ------
    ValueError
        Unequal lengths, entries that are not finite and above zero, fewer than five runs or an
        unknown objective: the message names the argument and the rows.

    Warns
    -----
    IdentifiabilityWarning
        If the runs leave constants undetermined; ``.undetermined`` names them. Also if they fix N_opt, or
        the loss, at ten times the largest budget no better than to a factor of two, at 80%.
    UserWarning
        If the tokens a parameter say that N or D is in millions or billions.
    PooledRunsWarning
        If rows look like checkpoints of fewer runs and no `groups` were given, or like runs of different
        recipes.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.published["besiroglu2024"]
    >>> C, shift = np.meshgrid([1e19, 1e20, 1e21, 1e22], [0.3, 0.6, 1.0, 1.7, 3.0])
    >>> N = (truth.optimum(C).N * shift).ravel()
    >>> D = C.ravel() / (6 * N)
    >>> fit = sl.fit_chinchilla(N, D, truth(N, D))
    >>> round(fit.law.alpha, 6), round(fit.law.beta, 6), fit.converged
    (0.3478, 0.3658, True)
    """
    from ..audit.pooled import PooledRunsWarning

    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    arguments.one_of("objective", objective, OBJECTIVES)
    delta = arguments.scalar("delta", delta, positive=True)
    arguments.enough_runs(len(N), 5, "the Chinchilla law")
    doubt_units(N, D)
    if groups is not None:
        labels, member = arguments.labels("groups", groups, len(N))
        groups = labels[member]

    problem, centre, unit = chinchilla_problem(N, D, loss, objective, delta)
    solution = search(problem, absolute=objective == "lad")

    best = solution.best
    theta = solution.theta[best]
    constants = constants_of(theta[None], centre, unit)
    law = ChinchillaLaw(**{name: float(constants[name][0]) for name in CONSTANTS})
    # The engine halves squares; the reported objective is their sum.
    factor = 2.0 if "squares" in objective else 1.0
    value, scale = solution.value[best], 1.0 if problem.log else unit
    rounding = np.sqrt(problem.rounding) if objective == "lad" else problem.rounding
    with np.errstate(over="ignore"):  # the square of a unit may leave the range of a float
        value_in_units = float(factor * value * np.square(scale))
    fit = ChinchillaFit(
        law=law,
        objective=objective,
        delta=delta,
        objective_value=value_in_units,
        gradient_norm=float(factor * solution.gradient_norm[best]),
        iterations=int(solution.iterations[best]),
        converged=bool(solution.converged[best]),
        starts=len(solution.value),
        starts_agreeing=int((solution.value <= value * (1 + 1e-8) + rounding).sum()),
        residuals=arguments.kept(problem.residuals(theta[None])[0] * scale),
        N=N,
        D=D,
        loss=loss,
        groups=groups,
    )
    standing = fit.standing
    said = standing.design.report() if fit.undetermined else standing.headline.doubt
    if said:
        warn(said, IdentifiabilityWarning, stacklevel=2)
    if standing.pooled.findings:
        warn("\n".join(standing.pooled.sentences()), PooledRunsWarning, stacklevel=2)
    if not fit.converged:
        warn(
            f"the fit stopped before its optimum (gradient norm {fit.gradient_norm:.1e}); do not use it: "
            "look at the audit, and for duplicated or mistyped runs",
            RuntimeWarning,
            stacklevel=2,
        )
    return fit
