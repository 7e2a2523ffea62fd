"""Question: what an audit asks of a law, and how its answer moves with the engine's constants."""

from dataclasses import dataclass

import numpy as np

from ..engine.coordinates import Terms, log_size, log_size_slope
from ..fitting.form_at import FormAt
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS

__all__ = ["BestSizeOf", "PredictionAt"]


@dataclass(frozen=True, eq=False)
class BestSizeOf:
    """The logarithm of the best size for `budget` FLOP, by a Chinchilla law in the engine's `terms`."""

    terms: Terms
    budget: float
    name = "N_opt"
    moved = "change_log_N_opt"
    shown = ("E", "alpha", "beta", "a")
    elsewhere = np.log(1.1)  # this far off is another answer
    steep = slice(3, 5)  # constants that are compared by their ratio

    def value(self, theta):
        """Answers (S,) at `theta` (S, 5)."""
        return log_size(theta, self.terms.centre, self.budget)

    def slope(self, theta):
        """Slopes (..., 5) of the answer."""
        return log_size_slope(theta, self.terms.centre, self.budget)

    def law(self, theta):
        """The law at `theta` (5,); None where a float cannot hold it."""
        values = {name: float(self.terms.named(theta[None])[name][0]) for name in CONSTANTS}
        held = all(np.isfinite(value) and (value > 0.0 or name == "E") for name, value in values.items())
        return ChinchillaLaw(**values) if held else None

    def change(self, before, after):
        """How the answer differs between two laws, in words."""
        pairs = zip(self._printed(before), self._printed(after), strict=True)
        a, N_opt, ratio = (f"from {old} to {new}" for old, new in pairs)
        return f"a goes {a}, and at {self.budget:.3g} FLOP N_opt {N_opt} and D/N {ratio}"

    def _printed(self, law):
        """a, N_opt and D/N in print."""
        theta = np.array([[law.E, np.log(law.A), np.log(law.B), law.alpha, law.beta]])
        log_N = float(log_size(theta, (0.0, 0.0), self.budget)[0])
        log_ratio = np.log(self.budget / 6.0) - 2.0 * log_N
        sizes = [f"{np.exp(z):.3g}" if abs(z) < 700.0 else "a number no float holds" for z in (log_N, log_ratio)]
        return [f"{law.allocation_exponents[0]:.3f}", *sizes]


class PredictionAt:
    """The logarithm of what a FormFit's law gives at a point, over what its optimum gives there.

    Parameters
    ----------
    fit : FormFit
    point : dict
        Variable, and with families their column -> number or label.
    """

    name = "the prediction"
    moved = "change_log_prediction"
    steep = slice(0)

    def __init__(self, fit, point):
        self.point, self._at, self._names = point, FormAt(fit, point), fit.posed.coordinates
        self.shown = self._names.names
        self.own = 1.0
        self.own, self.gradient = self._jet(fit.theta)
        self.floor = 0.0
        if fit.form.floor is not None:
            name = fit.form.floor
            self.floor = fit.constants.get(f"{name}[{point.get(fit.given.by)}]", fit.constants.get(name))
        self.elsewhere = np.log1p(0.1 * abs(1.0 - self.floor / self.own))  # a tenth of what lies above the floor

    def _jet(self, theta):
        value, slope, _ = self._at(theta[None], np.zeros(1, dtype=int))
        return float(value[0]), slope[0]

    def value(self, theta):
        """Answers (S,) at `theta` (S, P)."""
        with np.errstate(all="ignore"):
            value = self._at(theta, np.zeros(len(theta), dtype=int))[0] / self.own
            return np.log(np.where(value > 0.0, value, np.nan))

    def slope(self, theta):
        """Slopes (P,) of the answer."""
        value, slope = self._jet(theta)
        return slope / value

    def law(self, theta):
        """Constants by name."""
        return {name: float(value[0]) for name, value in self._names.named(theta[None]).items()}

    def change(self, before, after):
        """How the answer differs between two sets of constants, in words."""
        there = [float(self.value(self._names.theta(np.array([list(law.values())])))[0]) for law in (before, after)]
        old, new = (self.own * np.exp(z) for z in there)
        return f"the prediction goes from {old:.5g} to {new:.5g}"
