"""Repetition: from runs on repeated data to the law of Muennighoff et al., and how weakly they fix it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw, RepeatedDataLaw
from ..laws.chinchilla import CONSTANTS
from ..text import fitted

__all__ = ["RepetitionFit", "fit_repetition"]

_R_D = np.geomspace(0.1, 1000.0, 81)
_STEP = float(_R_D[1] / _R_D[0])
_LOG_R_N = np.log([1e-2, 1e3])
_COARSE = 25


@dataclass(frozen=True)
class RepetitionFit:
    """A fitted RepeatedDataLaw and the profile of its objective over R_D.

    Attributes
    ----------
    law : RepeatedDataLaw
    objective_value : float
        Sum over runs of Huber(delta) of ln(loss / law).
    profile_R_D, profile_R_N, profile_objective : ndarray, shape (81,)
        For each R_D, the best R_N and the objective there.
    N, D, U, loss : ndarray, shape (n,)
        The runs.
    """

    law: RepeatedDataLaw
    objective_value: float
    profile_R_D: np.ndarray = field(repr=False)
    profile_R_N: np.ndarray = field(repr=False)
    profile_objective: np.ndarray = field(repr=False)
    N: np.ndarray = field(repr=False)
    D: np.ndarray = field(repr=False)
    U: np.ndarray = field(repr=False)
    loss: np.ndarray = field(repr=False)

    @property
    def residuals(self) -> np.ndarray:
        """ln(loss / law) of each run, (n,)."""
        return np.log(self.loss / self.law(self.N, self.D, self.U))

    @property
    def excess_parameters(self) -> int:
        """How many runs have more parameters than suit their unique tokens: without any, R_N is open."""
        return int((self.N > self.law.parameters_for(np.minimum(self.U, self.D))).sum())

    def within(self, share: float) -> tuple[float, float]:
        """The lowest and highest R_D of the profile whose objective is at most 1 + `share` times the best.

        Parameters
        ----------
        share : float
            0.01 for one percent.

        Returns
        -------
        tuple of float
            An end at 0.1 or 1000 is where the profile ends, not where the runs do.
        """
        share = arguments.scalar("share", share, positive=True)
        near = self.profile_R_D[self.profile_objective <= (1.0 + share) * self.objective_value]
        ends = np.append(near, self.law.R_D)
        return float(ends.min()), float(ends.max())

    def report(self) -> str:
        """What a person should know about the fit."""
        low, high = self.within(0.01)
        most = (self.D / np.minimum(self.U, self.D)).max()
        lines = [
            f"Repetition law fitted to {len(self.N)} runs of up to {most:.3g} epochs",
            f"  sum of Huber penalties {self.objective_value:.6g}, root mean square residual "
            f"{100 * np.sqrt(np.mean(self.residuals**2)):.2f}%",
            f"  R_D = {self.law.R_D:.4g}; {self._range(low, high)}",
            f"  R_N = {self.law.R_N:.4g}, held by the {self.excess_parameters} runs with parameters to spare",
        ]
        if high >= 0.999 * _R_D[-1]:
            lines.append(f"  {_R_D[-1]:g} is as far as was looked: these runs do not bound R_D from above")
        lines.append("  for fresh data the constants are held as given, without their own error; sl.fit with the form")
        lines.append("  'muennighoff2023-form' fits all seven together, with intervals")
        if self.excess_parameters == 0:
            lines.append("  no run has more parameters than suit its unique tokens: R_N is not determined")
        return fitted("\n".join(lines))

    @staticmethod
    def _range(low, high):
        if high <= _STEP * low:
            return f"values {100 * (_STEP - 1):.0f}% away are more than 1% above the best objective"
        return f"any value from {low:.3g} to {high:.3g} is within 1% of the best objective"


def fit_repetition(
    N: ArrayLike, D: ArrayLike, U: ArrayLike, loss: ArrayLike, *, law: ChinchillaLaw, delta: float = 1e-3
) -> RepetitionFit:
    """Fit R_D and R_N of a RepeatedDataLaw; the constants for fresh data are taken from `law`.

    Muennighoff et al. 2023 (arXiv 2305.16264) fit in the same two steps. The objective has more than one
    valley, so every R_D of a grid gets its best R_N, and the lowest points are refined.

    Parameters
    ----------
    N, D, U, loss : array_like, shape (n,)
        Parameters, tokens seen, unique tokens and final loss, all above zero; at least three runs.
    law : ChinchillaLaw
        Fitted to runs that saw every token once, with the same counting of N.
    delta : float, default 1e-3
        Huber's corner in units of log loss.

    Returns
    -------
    RepetitionFit

    Raises
    ------
    ValueError
        For runs that are not numbers above zero or of unequal lengths, naming rows; or where no run
        repeats its data.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> truth = sl.published["muennighoff2023"]
    >>> epochs, N = (z.ravel() for z in np.meshgrid([1.0, 2, 4, 8, 16, 32, 64], [1e8, 1e9, 4e9]))
    >>> U = np.full(21, 1e9)
    >>> fit = sl.limits.fit_repetition(N, epochs * U, U, truth(N, epochs * U, U), law=truth.fresh)
    >>> round(fit.law.R_D, 2), round(fit.law.R_N, 2)
    (15.39, 5.31)
    """
    from scipy.optimize import minimize

    N, D, U, loss = arguments.columns(N=N, D=D, U=U, loss=loss)
    arguments.enough_runs(len(N), 3, "the law of repetition")
    delta = arguments.scalar("delta", delta, positive=True)
    if not (D > U).any():
        raise ValueError("no run has D above U: nothing was repeated, so R_D cannot be fitted")
    fresh = {name: getattr(law, name) for name in CONSTANTS}
    objective = _objective(RepeatedDataLaw(**fresh, R_D=1.0, R_N=1.0), N, D, np.minimum(U, D), np.log(loss), delta)
    R_N, values = np.array([_best_R_N(objective, R_D) for R_D in _R_D]).T
    valleys = np.r_[True, values[1:] <= values[:-1]] & np.r_[values[:-1] <= values[1:], True]
    options = {"xatol": 1e-10, "fatol": 0.0, "maxiter": 2000}
    bounds = [np.log(_R_D[[0, -1]]), _LOG_R_N]  # beyond them nothing changes that runs could show
    ends = [
        minimize(
            lambda z: objective(*np.exp(z))[0],
            np.log([_R_D[k], R_N[k]]),
            method="Nelder-Mead",
            bounds=bounds,
            options=options,
        )
        for k in np.flatnonzero(valleys)
    ]
    best = min(ends, key=lambda end: end.fun)
    R_D_best, R_N_best = np.exp(best.x)
    return RepetitionFit(
        law=RepeatedDataLaw(**fresh, R_D=float(R_D_best), R_N=float(R_N_best)),
        objective_value=float(best.fun),
        profile_R_D=_R_D.copy(),
        profile_R_N=R_N,
        profile_objective=values,
        N=N,
        D=D,
        U=U,
        loss=loss,
    )


def _objective(law, N, D, U, log_loss, delta):
    """The sum of penalties at one R_D and one R_N or several, (G,); what does not depend on them is worked out once."""
    suited = np.minimum(N, law.parameters_for(U))
    spare, repeats = N / suited - 1.0, D / U - 1.0

    def objective(R_D, R_N):
        tokens = U - U * R_D * np.expm1(-repeats / R_D)
        R_N = np.atleast_1d(R_N)[:, None]
        size = suited - suited * R_N * np.expm1(-spare / R_N)
        off = np.abs(log_loss - np.log(law.E + law.A * size**-law.alpha + law.B * tokens**-law.beta))
        return np.where(off <= delta, 0.5 * off**2, delta * (off - 0.5 * delta)).sum(1)

    return objective


def _best_R_N(objective, R_D):
    """The best R_N at one R_D, and the objective there: a coarse scan, then finer ones about the lowest."""
    low, high = _LOG_R_N
    for _ in range(4):
        scan = np.linspace(low, high, _COARSE)
        values = objective(R_D, np.exp(scan))
        lowest = int(values.argmin())
        low, high = scan[max(lowest - 1, 0)], scan[min(lowest + 1, _COARSE - 1)]
    return np.exp(scan[lowest]), values[lowest]
