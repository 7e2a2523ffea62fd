"""Standing: how sure a Chinchilla fit is of its constants, and what speaks against it."""

from functools import cached_property

import numpy as np

from ..engine.coordinates import constants_slope
from ..engine.sandwich import slopes
from ..laws.chinchilla import CONSTANTS
from .design import LEAST_NOISE, audit_design
from .doubts import Doubt, of_constants, of_exact, of_rows, of_search
from .headline import headline
from .pooled import pooled
from .precision import efficiency, precision_of
from .reach import default_budget
from .strays import usual_scatter

__all__ = ["Standing"]


class Standing:
    """What a ChinchillaFit's runs say of themselves, worked out when asked for, without refits.

    Parameters
    ----------
    fit : ChinchillaFit
    """

    def __init__(self, fit):
        self._fit = fit
        posed = fit.posed
        self._problem, self._theta = posed.problem, posed.theta
        self._centre, self._unit = posed.coordinates.centre, posed.coordinates.unit
        self._off = np.log(fit.loss / fit.law(fit.N, fit.D))

    def _precise(self, member=None):
        problem, theta = self._problem, self._theta
        corner = 0.0 if self._fit.objective == "lad" else problem.delta
        sizes = None if problem.log else problem.model(theta[None])[1][0]  # errors of losses are relative
        return precision_of(slopes(problem, theta), problem.residuals(theta[None])[0], corner, member, sizes)

    @cached_property
    def precision(self):
        """The Precision of the constants, with errors that rows of one group may share."""
        groups = self._fit.groups
        return self._precise(None if groups is None else np.unique(groups, return_inverse=True)[1])

    @cached_property
    def stderr(self):
        """Standard error of each constant, a dict."""
        law = self._fit.law
        sd = self.precision.sd(constants_slope(self._centre)) * [self._unit, law.A, law.B, 1.0, 1.0]
        return dict(zip(CONSTANTS, map(float, sd), strict=True))

    @cached_property
    def design(self):
        """The Audit of the design, with the spread that independent errors of the fit's size put on each constant."""
        fit = self._fit
        sizes = np.abs(self._off)
        noise = usual_scatter(sizes, len(CONSTANTS), met=False)
        if fit.objective == "lad" or (fit.objective == "huber" and noise > fit.delta):
            noise = usual_scatter(sizes, len(CONSTANTS), met=True)
        precise = self.precision if fit.groups is None else self._precise()
        sd = np.linalg.norm(constants_slope(self._centre) @ precise.root, axis=1)
        scale = max(precise.scale, LEAST_NOISE) if np.isfinite(precise.scale) else LEAST_NOISE
        sd *= scale
        # a floor of zero has a direction, too
        sd[0] *= self._unit / max(fit.law.E, 1e-3 * fit.law(fit.N, fit.D).min())
        # no corner takes more than absolute values do; what is beyond is the doing of wild runs
        usual = np.sqrt(efficiency(0.0)) * max(noise, LEAST_NOISE)
        return audit_design(fit.law, fit.N, fit.D, noise=noise, sd=sd, wild=max(scale / usual, 1.0))

    @cached_property
    def headline(self):
        """The Headline at ten times the largest budget."""
        budget = default_budget(self._fit.N, self._fit.D)
        return headline(self._problem, self._centre, self._theta, self.precision, budget)

    @cached_property
    def pooled(self):
        """What speaks against taking the rows as independent runs of one experiment."""
        return self._pooled(None)

    def _pooled(self, others):
        fit = self._fit
        return pooled(self._off, {"N": fit.N, "D": fit.D}, others, groups=fit.groups)

    @cached_property
    def own_doubts(self):
        """Doubts of the fit itself: what speaks against using it as it is; often none."""
        return tuple(self.doubts(None))

    def doubts(self, others):
        """The same, and doubts of other columns of the table, a pandas.DataFrame or None."""
        fit, design = self._fit, self.design
        yield from of_search(fit)
        yield from of_constants(design.undetermined, "; ".join(design.reasons), design.remedy)
        exact = list(of_exact(len(fit.N), len(CONSTANTS)))
        yield from exact
        if not exact and not design.undetermined:
            yield from self.headline.doubts()
        if fit.law.E == 0.0:
            brief = "E ended at its bound 0: these runs show no floor"
            yield Doubt("constants", brief, f"{brief}.", "", False)
        yield from of_rows(self.pooled if others is None else self._pooled(others))
