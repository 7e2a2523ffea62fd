"""Fits of the Chinchilla law to runs."""

import textwrap
import warnings
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import arguments
from ..laws import ChinchillaLaw
from .constants import constants_of, constants_slope
from .design import CONSTANTS, LEAST_NOISE, IdentifiabilityWarning, audit_design
from .engine import Problem
from .reach import default_budget
from .starts import search

__all__ = ["OBJECTIVES", "ChinchillaFit", "fit_chinchilla"]

OBJECTIVES = ("huber", "lad", "least_squares", "log_least_squares")
_SAYS = {
    "huber": "sum of Huber({delta:g}) of ln(loss / law)",
    "lad": "sum of |ln(loss / law)|",
    "least_squares": "sum of (loss - law)^2",
    "log_least_squares": "sum of ln(loss / law)^2",
}


@dataclass(frozen=True, eq=False)
class ChinchillaFit:
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

    @cached_property
    def _audit(self):
        sizes = np.abs(np.log(self.loss / self.law(self.N, self.D)))
        spare = max(len(self.N) - 5, 1)
        # The median does not let a few wild runs hide that the rest agree.
        noise = 1.4826 * np.median(sizes) * np.sqrt(len(self.N) / spare)
        if self.objective == "lad" or (self.objective == "huber" and noise > self.delta):
            # A penalty with a corner inside the scatter makes five residuals vanish; the others say the noise.
            noise = 1.4826 * np.median(np.sort(sizes)[-spare:])
        _, centre, unit, _ = self.problem()
        precise = self._precision
        sd = np.linalg.norm(constants_slope(centre) @ precise.root, axis=1)
        sd *= max(precise.scale, LEAST_NOISE) if np.isfinite(precise.scale) else LEAST_NOISE
        # a floor of zero has a direction, too
        sd[0] *= unit / max(self.law.E, 1e-3 * self.law(self.N, self.D).min())
        return audit_design(self.law, self.N, self.D, noise=noise, sd=sd)

    @cached_property
    def _precision(self):
        from ..audit.precision import precision_of, slopes

        problem, _, _, theta = self.problem()
        corner = 0.0 if self.objective == "lad" else problem.delta
        sizes = None if problem.log else problem.model(theta[None])[1][0]  # errors of losses are relative
        return precision_of(slopes(problem, theta), problem.residuals(theta[None])[0], corner, sizes=sizes)

    @cached_property
    def _audits(self):
        return {}

    def audit(self, *, budget=None, groups=None):
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
            starts end, the influence of each run and the five that decide the headline. It takes a few
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
        if groups is not None:
            groups = arguments.labels("groups", groups, len(self.N))
        key = budget, groups and (tuple(groups[0].tolist()), groups[1].tobytes())
        if key not in self._audits:
            from .survey import survey

            self._audits[key] = survey(self, self._audit, budget, groups)
        return self._audits[key]

    @property
    def undetermined(self):
        """Names of the constants that these runs leave open; empty when all is well."""
        return self._audit.undetermined

    @cached_property
    def stderr(self):
        """Standard error of each constant, a dict: linearised, for the objective in use and independent errors.

        NaN where five runs meet five constants. Constants that are open have one that means nothing.
        """
        _, centre, unit, _ = self.problem()
        sd = self._precision.sd(constants_slope(centre)) * [unit, self.law.A, self.law.B, 1.0, 1.0]
        return dict(zip(CONSTANTS, map(float, sd), strict=True))

    @cached_property
    def _headline(self):
        from ..audit.headline import headline

        problem, centre, _, theta = self.problem()
        return headline(problem, centre, theta, self._precision, default_budget(self.N, self.D))

    @property
    def caution(self):
        """What speaks against using the fit as it is, in sentences; empty when nothing."""
        return "\n".join(self._doubts)

    @cached_property
    def _doubts(self):
        if self.undetermined:
            return [f"Not determined by these runs: {', '.join(self.undetermined)}."]
        return [self._headline.doubt] if self._headline.doubt else []

    def bootstrap(self, resamples=4000, *, seed, groups=None, method="runs"):
        """Laws fitted to resamples of the runs, or of whole groups of them: see uncertainty.bootstrap."""
        from ..uncertainty import bootstrap

        return bootstrap(self, resamples, seed=seed, groups=groups, method=method)

    def profile(self, *, groups=None, scatter="unequal"):
        """Intervals from the level sets of the objective, no draws needed: see uncertainty.profile."""
        from ..uncertainty import profile

        return profile(self, groups=groups, scatter=scatter)

    def problem(self):
        """The engine's view of this fit: its Problem, the centres of ln N and ln D, the unit, its theta."""
        problem, centre, unit = _problem(self.N, self.D, self.loss, self.objective, self.delta)
        law = self.law
        size, data = np.log(law.A / unit) - law.alpha * centre[0], np.log(law.B / unit) - law.beta * centre[1]
        return problem, centre, unit, np.array([law.E / unit, size, data, law.alpha, law.beta])

    def report(self):
        """What a person should know about the fit, warnings included."""
        law, ratio = self.law, self.D / self.N
        ended = "converged" if self.converged else "DID NOT CONVERGE: do not use it"
        lines = [
            f"Chinchilla law fitted to {len(self.N)} runs",
            f"  {_SAYS[self.objective].format(delta=self.delta)} = {self.objective_value:.10g}",
            f"  {ended}; {self.iterations} steps, gradient norm {self.gradient_norm:.1e}, "
            f"{self.starts_agreeing} of {self.starts} starts agree",
            "",
        ]
        for name in CONSTANTS:
            value, stderr = getattr(law, name), self.stderr[name]
            if name in self.undetermined:
                note = "?   not determined by these runs"
            elif not np.isfinite(stderr):
                note = "?"
            else:
                note = f"{stderr:<8.2g}" + (f" (ln {name} +- {stderr / value:.2g})" if name in "AB" else "")
            lines.append(f"  {name:<6}{value:>14.7g} +- {note}".rstrip())
        a, b = law.allocation_exponents
        lines += [
            "",
            f"  N_opt ~ C^{a:.4f}, D_opt ~ C^{b:.4f}, reducible loss ~ C^-{law.frontier_exponent:.4f}",
            f"  seen: N {self.N.min():.3g} to {self.N.max():.3g}, D {self.D.min():.3g} to {self.D.max():.3g},",
            f"        D/N {ratio.min():.3g} to {ratio.max():.3g}, C up to {6 * (self.N * self.D).max():.3g} FLOP",
        ]
        if len(self.N) == 5:
            lines.append("  five constants meet five runs exactly: nothing here says how far off they are")
        if law.E == 0.0:
            lines.append("  E ended at its bound 0: these runs show no floor")
        if self.undetermined:
            lines += ["", self._audit.report()]
        for doubt in self._doubts[1 if self.undetermined else 0 :]:
            lines += ["", textwrap.fill(doubt, 88)]
        return "\n".join(lines)


def _problem(N, D, loss, objective, delta):
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


def fit_chinchilla(N, D, loss, *, objective="huber", delta=1e-3):
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
    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    arguments.one_of("objective", objective, OBJECTIVES)
    delta = arguments.scalar("delta", delta, positive=True)
    arguments.enough_runs(len(N), 5, "the Chinchilla law")

    problem, centre, unit = _problem(N, D, loss, objective, delta)
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
        residuals=problem.residuals(theta[None])[0] * scale,
        N=N,
        D=D,
        loss=loss,
    )
    if fit.undetermined:
        warnings.warn(fit._audit.report(), IdentifiabilityWarning, stacklevel=2)
    elif fit._headline.doubt:
        warnings.warn(fit._headline.doubt, IdentifiabilityWarning, stacklevel=2)
    if not fit.converged:
        warnings.warn(
            f"the fit stopped before its optimum (gradient norm {fit.gradient_norm:.1e}); do not use it: "
            "look at the audit, and for duplicated or mistyped runs",
            RuntimeWarning,
            stacklevel=2,
        )
    return fit
