"""Curves: laws of one variable that are thin calls of `fit`, and what their fits have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..forms import Form
from ..notices import quiet, warn
from ..text import brief
from .fit import fit
from .form_fit import FormFit
from .identifiability import IdentifiabilityWarning
from .search import ended
from .uncertain import Uncertain

__all__ = ["CurveFit", "Points", "read_points"]

_SPACES = ("log", "log1p")
_NO_BETTER = 1e-9  # relative; constants that gain less than this are left out


@dataclass(frozen=True, eq=False)
class CurveFit(Uncertain):
    """A law of one variable fitted to points.

    Attributes
    ----------
    law : ShiftedPowerLaw or BrokenPowerLaw
    residuals : numpy.ndarray, shape (n,)
        ln(y / law), or ln(1 + y) - ln(1 + law).
    rms : float
        Root mean square of the residuals: of ln(1 + y) in space "log1p", not of ln(y).
    space : str
        "log" or "log1p".
    undetermined : tuple of str
        Constants that the points leave open.
    form_fit : FormFit
        The fit itself, with standard errors.
    x, y : numpy.ndarray
        The points.
    """

    law: object
    residuals: np.ndarray = field(repr=False)
    rms: float
    space: str
    undetermined: tuple
    form_fit: FormFit = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)

    def __repr__(self):
        return brief(self, self.law.report().split("\n")[0], f"{len(self.x)} points")

    def __getattr__(self, name):
        if name in ("converged", "starts_agreeing", "constants", "stderr", "objective", "caution"):
            return getattr(self.form_fit, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def asked(self) -> FormFit:
        """What intervals are asked of."""
        return self.form_fit

    def report(self) -> str:
        """What a person should know about the fit."""
        lines = [
            self.law.report(),
            f"{len(self.x)} points, rms residual {self.rms:.3g} in {self.space} space;",
            f"{ended(self)}.",
        ]
        lines += [f"  {name:<8}{value:>14.6g}  {self._note(name)}" for name, value in self.constants.items()]
        if self.undetermined:
            lines.append(f"Not determined by these points: {', '.join(self.undetermined)}.")
        return "\n".join(lines)

    def _note(self, name):
        if name in self.undetermined:
            return "not determined by these points"
        if name in self.form_fit.fixed:
            return "given"
        error = self.stderr[name]
        return f"+- {error:.3g}" if np.isfinite(error) else "at its bound"


@dataclass(frozen=True)
class Points:
    """Points on a curve, and how a law is fitted to them."""

    x: np.ndarray
    y: np.ndarray
    space: str
    how: Mapping

    @property
    def steepest(self) -> float:
        """An exponent beyond which the law is a wall, or its coefficient leaves the range of a float."""
        log_x = np.log(self.x)
        reach = max(0.5 * np.ptp(log_x), 1e-3)
        return min(60.0 / reach, 500.0 / max(np.abs(log_x).max() + 5.0, 1.0))

    @property
    def offset(self) -> float:
        """What is added to y before its logarithm is taken."""
        return 1.0 if self.space == "log1p" else 0.0

    def residuals(self, law) -> np.ndarray:
        """Of a law, (n,): ln(y / law), or ln(1 + y) - ln(1 + law)."""
        with np.errstate(divide="ignore"):
            return np.log(self.y + self.offset) - np.log(law(self.x) + self.offset)

    def fit(self, form: Form | str, **options: object) -> FormFit:
        """The fit of a form of x, without its warnings."""
        with quiet():  # said by `finish`, of this law
            return fit(form, {"x": self.x, "y": self.y}, y="y", **self.how, **options)

    def gains(self, bent: FormFit, plain: FormFit) -> bool:
        """Whether a fit ends lower than that of the law it contains."""
        return bent.objective_value < plain.objective_value * (1.0 - _NO_BETTER) - len(self.x) * 1e-26

    def finish(self, law, found, *, open_=(), advice="use a law with fewer constants") -> CurveFit:
        """The result for a fitted `law`, with its warnings; constants in `open_` are undetermined, too."""
        residuals = arguments.kept(self.residuals(law))
        names = [name for name in found.names if name in found.undetermined or name in open_]
        undetermined = (*names, *(name for name in open_ if name not in names))
        rms = float(np.sqrt(np.mean(residuals**2)))
        result = CurveFit(law, residuals, rms, self.space, undetermined, found, self.x, self.y)
        self.warn(undetermined, found.converged, advice)
        return result

    def warn(self, undetermined, converged, advice="use a law with fewer constants"):
        """Say what the points leave open, and a search that did not end."""
        if undetermined:
            warn(
                f"these {len(self.x)} points do not determine {', '.join(undetermined)}: do not quote them; "
                f"add points at other x, or {advice}",
                IdentifiabilityWarning,
                stacklevel=4,
            )
        if not converged:
            warn("the fit stopped before its optimum; do not use it", RuntimeWarning, stacklevel=4)


def read_points(x: ArrayLike, y: ArrayLike, *, space, objective, delta, count, what) -> Points:
    """Check points, at least `count` different ones, and how they are to be fitted."""
    arguments.one_of("space", space, _SPACES)
    arguments.one_of("objective", objective, ("least_squares", "huber"))
    delta = arguments.scalar("delta", delta, positive=True)
    (x,) = arguments.columns(x=x)
    x, y = arguments.columns(x=x, y=y, positive=False)
    arguments.real("y", y, positive=space == "log", non_negative=True)
    arguments.enough_runs(len(x), count, what)
    different = np.unique(x).size
    if different < count:
        plural = "s" if different != 1 else ""
        raise ValueError(f"x has {different} different value{plural}; {what} needs {count}")
    how = {"objective": objective, "space": space, "delta": delta}
    return Points(x, y, space, how)
