"""FormFit: a law of any form fitted to runs, and how it was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.blueprint import Blueprint
from ..engine.covariance import Covariance, covariance
from ..engine.expression import Expression
from ..engine.newton import Solution
from ..engine.posed import Posed
from ..forms import Form, FormLaw
from ..text import brief, wrapped
from .family import Difference, FamilyLaw, difference
from .given import Given
from .openness import left_open, narrow, tied
from .search import ended
from .uncertain import Uncertain

if TYPE_CHECKING:
    from ..allocation import FitOptimum
    from ..audit import FormAudit
    from ..uncertainty import Interval

__all__ = ["FEW", "FormFit"]

_OF_ROWS = "points", "checkpoints", "column"  # doubts whether rows are independent runs of one experiment
_UNLIKELY = 1e-3  # a chance so small speaks against the noise that was given
FEW = 8  # runs a constant, below which linearised errors are rough
_RESIDUALS = {"log": "ln({} / law)", "log1p": "ln(1 + {}) - ln(1 + law)", "linear": "{} - law"}
_SAYS = {
    "huber": "sum of Huber({delta:.3g}) of {residual}",
    "lad": "sum of |{residual}|",
    "least_squares": "sum of ({residual})^2",
    "log_least_squares": "sum of ({residual})^2",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class FormFit(Uncertain):
    """A law fitted to runs.

    Attributes
    ----------
    form : Form
        What was fitted.
    objective, space, delta : str, str, float
        What was minimised; delta is Huber's corner in the unit of the residuals.
    constants, stderr : dict
        Constant -> value, and its linearised standard error: NaN for what is fixed or at a bound. With families a
        constant of one of them is named ``alpha[label]``.
    law : FormLaw or FamilyLaw
        Called with its variables by name; ``.formula()`` has the numbers in it.
    residuals : numpy.ndarray, shape (n,)
        ln(y / law), ln(1 + y) - ln(1 + law) or y - law, in the order of the table.
    undetermined : tuple of str
        Constants that these runs leave open.
    objective_value, gradient_norm, iterations, converged
        How the fit ended; the value is in the unit of the residuals, or of their noise where that is known.
    starts, starts_agreeing : int
        How many starts were followed to the end, and how many ended within 1e-8 (relative) of the best.
    """

    form: Form
    given: Given = field(repr=False)
    objective: str
    space: str
    fixed: Mapping
    prior: Mapping
    shared: tuple
    unit: float = field(repr=False)
    problem: Expression = field(repr=False)
    plan: Blueprint = field(repr=False)
    solution: Solution = field(repr=False)

    def __repr__(self):
        return brief(self, f"{self.given.y_name} = {self.law.formula(digits=4)}", f"{len(self.given.y)} runs")

    @property
    def theta(self) -> np.ndarray:
        """The optimum in the engine's coordinates, (P,)."""
        return self.solution.theta[self.solution.best]

    @property
    def converged(self) -> bool:
        return bool(self.solution.converged[self.solution.best])

    @property
    def iterations(self) -> int:
        return int(self.solution.iterations[self.solution.best])

    @property
    def gradient_norm(self) -> float:
        return float(self._factor * self.solution.gradient_norm[self.solution.best])

    @property
    def starts(self) -> int:
        return len(self.solution.value)

    @property
    def starts_agreeing(self) -> int:
        value = self.solution.value
        return int((value <= value.min() * (1 + 1e-8) + self.problem.rounding).sum())

    @property
    def _factor(self):
        return 2.0 if "squares" in self.objective else 1.0  # the engine halves squares

    @property
    def delta(self) -> float:
        return float(self.problem.delta * (1.0 if self.given.noise is not None else self.unit))

    @cached_property
    def objective_value(self) -> float:
        value = self._factor * float(self.solution.value[self.solution.best])
        return value * (self.unit if self.objective == "lad" else self.unit**2)

    @cached_property
    def _constants(self):
        return self.problem.coordinates.constants(self.theta[None])[0]

    @cached_property
    def constants(self) -> dict:
        found = dict(zip(self.problem.coordinates.names, map(float, self._constants), strict=True))
        return {name: self.fixed.get(name, found.get(name)) for name in self.names}

    @property
    def names(self) -> list[str]:
        """Names of constants in the order of the form, those of families one after another."""
        found = []
        for name in self.form.constants:
            own = [full for full in self.problem.coordinates.names if full.split("[")[0] == name]
            found += own or [name]
        return found

    @cached_property
    def law(self) -> FormLaw | FamilyLaw:
        if not self.given.labels:
            return self.form.law(**self.constants)
        laws = {}
        for label in self.given.labels:
            own = {
                name: self.constants.get(f"{name}[{label}]", self.constants.get(name)) for name in self.form.constants
            }
            laws[label] = self.form.law(**own)
        return FamilyLaw(self.given.by, laws)

    @cached_property
    def residuals(self) -> np.ndarray:
        M = self.problem.values(self.theta[None])[0]
        lift = self.problem.lift
        residuals = self.given.y - M if self.space == "linear" else np.log((self.given.y + lift) / (M + lift))
        return arguments.kept(self.given.back(residuals))

    @cached_property
    def covariance(self) -> Covariance:
        """Of the engine's coordinates, linearised: see engine.covariance."""
        return covariance(
            self.problem,
            self.theta,
            absolute=self.objective == "lad",
            known=self.given.noise is not None,
            groups=self.given.groups,
        )

    @cached_property
    def turn(self) -> np.ndarray:
        """Slopes (P, P) of the constants by the engine's coordinates."""
        return self.problem.coordinates.derivatives(self.theta[None])[1][0]

    @cached_property
    def constant_root(self) -> np.ndarray:
        """(P, r): its product with its transpose is the covariance of the constants."""
        return self.turn @ self.covariance.root

    @property
    def spare(self) -> float:
        """Runs, or groups of them, more than constants; infinite where the noise of each run is known."""
        if self.given.noise is not None and self.given.groups is None:
            return np.inf
        runs = len(self.given.y) if self.given.groups is None else int(self.given.groups.max()) + 1
        return runs - int(self.covariance.free.sum())

    @cached_property
    def stderr(self) -> dict:
        spread, free = self.covariance.sd(self.turn), self.covariance.free
        spread = np.where(free, spread, np.nan)
        found = dict(zip(self.problem.coordinates.names, map(float, spread), strict=True))
        return {name: np.nan if name in self.undetermined else found.get(name, np.nan) for name in self.names}

    @cached_property
    def undetermined(self) -> tuple[str, ...]:
        return left_open(self)

    @property
    def open_sentence(self) -> str:
        """What the runs leave open, in a sentence; empty when nothing."""
        if not self.undetermined:
            return ""
        said = [f"these {len(self.given.y)} runs do not determine {', '.join(self.undetermined)}"]
        said += [f"{' and '.join(group)} cannot be told apart, only together" for group in tied(self) if len(group) > 1]
        said += [f"{name} varies by {much} only" for name, much in narrow(self.given.columns).items()]
        return "; ".join(said) + ". Fix one, give a prior, or add runs that move them apart"

    @property
    def against_errors(self) -> list[str]:
        """What is to be said against the standard errors, in sentences; often nothing."""
        runs, count, what = len(self.given.y), int(self.covariance.free.sum()), "runs"
        if self.given.groups is not None:
            runs, what = int(self.given.groups.max()) + 1, "groups of runs"
        rough = f"{runs} {what} for {count} constants: linearised errors are rough; quote intervals, and their caution"
        return [*([rough] if runs < FEW * count else []), *self._against_noise]

    @property
    def caution(self) -> str:
        """What is to be said against the constants and their standard errors; empty when nothing."""
        return ". ".join(filter(None, [self.open_sentence, *self.against_errors]))

    @cached_property
    def _chi_squared(self):
        """Squares over the known noise, and degrees of freedom."""
        r = self.problem.residuals(self.theta[None])[0]
        return float((r * r).sum()), len(r) - int(self.covariance.free.sum())

    @property
    def _against_noise(self):
        """What the residuals say against the noise that was given: a list of at most one sentence."""
        from scipy.stats import chi2

        if self.given.noise is None or self._chi_squared[1] < 1:
            return []
        squares, spare = self._chi_squared
        wide, times = chi2.sf(squares, spare) < _UNLIKELY, np.sqrt(squares / spare)
        if not wide and not chi2.cdf(squares, spare) < _UNLIKELY:
            return []
        then = "errors and intervals are too small by as much, or the form is wrong" if wide else "errors are too large"
        return [
            f"the runs stray {times:.2g} times as far as the noise= that was given says: {then}; without noise= the "
            "residuals say how far runs stray, with weights= 1 / sd**2 they say only the unit"
        ]

    def report(self) -> str:
        """What a person should know about the fit, warnings included."""
        residual = _RESIDUALS[self.space].format(self.given.y_name)
        if self.given.noise is not None:
            residual = f"{residual} over its noise"
        families = f" in {len(self.given.labels)} families by {self.given.by}" if self.given.labels else ""
        variables = ", ".join(map(self._named, self.form.variables))
        lines = [
            self.form.formula(gives=self.given.y_name),
            f"fitted to {len(self.given.y)} runs{families}; variables {variables}",
            f"  {_SAYS[self.objective].format(delta=self.delta, residual=residual)} = {self.objective_value:.6g}",
            f"  {ended(self)}; {self.iterations} steps",
            "",
        ]
        wide = max(map(len, self.names))
        bounds = dict(zip(self.problem.coordinates.names, self.covariance.free, strict=True))
        for name in self.names:
            if name in self.fixed:
                note = "fixed"
            elif name in self.undetermined:
                note = "not determined by these runs"
            elif not bounds[name]:
                note = "at its bound"
            else:
                note = f"+- {self.stderr[name]:.3g}" if np.isfinite(self.stderr[name]) else "no standard error"
            if name.split("[")[0] in self.prior:
                note += " (prior {:g} +- {:g})".format(*self.prior[name.split("[")[0]])
            lines.append(f"  {name:<{wide}}{self.constants[name]:>14.6g}  {note}")
        scatter = np.sqrt(np.mean(self.residuals**2))
        lines += ["", f"  root mean square of {residual.removesuffix(' over its noise')}: {scatter:.3g}"]
        if self.given.noise is not None:
            squares, spare = self._chi_squared
            if spare > 0:
                lines.append(f"  squares over their noise, a degree of freedom: {squares / spare:.3g} (1 is expected)")
        for name, column in self.given.columns.items():
            lines.append(f"  seen: {self._named(name)} {column.min():.4g} to {column.max():.4g}")
        rows = [str(doubt) for doubt in self.doubts() if doubt.kind in _OF_ROWS]
        if rows:
            lines += ["", wrapped(rows)]
        if self.caution:
            lines += ["", wrapped([self.caution + "."])]
        return "\n".join(lines)

    def _named(self, name):
        """A variable, with the column that it was read from."""
        return f"{name} ({self.form.columns[name]})" if name in self.form.columns else name

    @cached_property
    def posed(self) -> Posed:
        """The engine's view of this fit."""
        families = self.given.families if self.given.labels else ()
        absolute = self.objective == "lad"
        return Posed(
            self.problem,
            self.theta,
            self.problem.coordinates,
            absolute,
            self.given.order,
            families,
            self.solution,
            self.problem.lift,
            self.given.noise is not None,
        )

    @property
    def own_groups(self) -> np.ndarray | None:
        """Labels of the groups that the fit was told, (n,)."""
        return None if self.given.groups is None else self.given.group_labels[self.given.back(self.given.groups)]

    def predict(self, *values: ArrayLike, level: float = 0.8, new_run: bool = False, **named: ArrayLike) -> "Interval":
        """The law at its variables (broadcast) with its profile interval, of "lad" with that of 1,000 resamples.

        Parameters
        ----------
        values : table, optional
            A table with the variables in columns, as that which was fitted; or the only variable of the form.
        named : array_like
            The variables by name, and with families the labels under the name of their column, or as ``family=``.
        level : float, default 0.8
        new_run : bool, default False
            Add the scatter of a single new run.

        Returns
        -------
        Interval
            ``.value``, ``.low`` and ``.high``, and ``.caution`` where that is a hundred times outside of the runs.

        Raises
        ------
        TypeError
            For variables that are missing or unknown, or several without their names.
        ValueError
            For what is no number, or where the law is none.
        """
        at = self.law.called(values, named)
        found = self._predicted(at, level, new_run)
        return replace(found, caution=self.given.beyond(at))

    def _predicted(self, at, level, new_run):
        """The Interval, family by family where there are several."""
        labels = np.asarray(at[self.given.by]).astype(str) if self.given.labels else np.array("")
        if np.unique(labels).size < 2:
            return super().predict(level=level, new_run=new_run, **at)
        self.law(**at)  # says what is wrong with labels and shapes
        *parts, labels = np.broadcast_arrays(*(at[name] for name in self.form.variables), labels)
        ends = np.empty((3, *labels.shape))
        for label in np.unique(labels):
            own = labels == label
            part = {name: z[own] for name, z in zip(self.form.variables, parts, strict=True)}
            found = super().predict(level=level, new_run=new_run, **part, **{self.given.by: label})
            ends[:, own] = found.value, found.low, found.high
        return replace(found, **dict(zip(("value", "low", "high"), ends, strict=True)))

    def audit(self, *, at: Mapping | None = None, groups: ArrayLike | None = None) -> "FormAudit":
        """What these runs can and cannot say, by a prediction at some variables: see audit.audit_form."""
        from ..audit import audit_form

        groups = self.own_groups if groups is None else groups
        return audit_form(self, at=at, groups=groups)

    def optimum(
        self,
        budget: ArrayLike,
        *,
        cost: str = "6 * N * D",
        over: Sequence[str] = ("N", "D"),
        given: Mapping[str, float] | None = None,
        bounds: Mapping[str, tuple[float, float]] | None = None,
        family: str | None = None,
        level: float = 0.8,
        resamples: int = 1000,
        seed: int = 0,
    ) -> "FitOptimum":
        """The best split of a budget with its interval, from so many resamples of a seed: see allocation.optimum_of."""
        from ..allocation import optimum_of

        how = {"cost": cost, "over": over, "given": given, "bounds": bounds}
        draws = self.bootstrap(resamples, seed=seed).samples
        return optimum_of(self, budget, draws=draws, family=family, level=level, **how)

    def differs(self, name: str, *, level: float = 0.95) -> Difference:
        """Whether a constant differs between families: the differences with intervals, and a p-value."""
        return difference(self, name, level)
