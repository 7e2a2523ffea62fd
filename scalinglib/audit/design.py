"""Design: which constants the runs can tell apart, whatever the losses were."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..fitting.openness import narrow
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS
from ..text import wrapped

if TYPE_CHECKING:
    import pandas

__all__ = ["LEAST_NOISE", "Audit", "audit_design"]

# A loss is hardly ever known better than to one part in a thousand, however well the fit goes.
LEAST_NOISE = 1e-3
# Runs that stray less than this (rms, in ln D) from one line in ln N are on it but for rounding.
_LINE = 0.1
# Beyond these the sign of an exponent, or the order of magnitude of a coefficient, is open.
_OPEN_RELATIVE = 1.0
_OPEN_LOGARITHM = np.log(100.0)
_REMEDY = "dd runs off this line: several sizes at each of several budgets."


@dataclass(frozen=True, eq=False)
class Audit:
    """What the runs can and cannot say about the constants of a law.

    The parts from `reach` on take refits: ``fit.audit()`` has them; the audit behind ``fit.undetermined``
    has None there.

    Attributes
    ----------
    runs : int
        Number of runs.
    groups : int or None
        Number of groups that the runs were said to come in, if they were.
    rank : int
        How many directions in the space of constants the runs see, of five.
    condition : float
        Largest over smallest singular value of d ln L / d (ln E, ln A, ln B, alpha, beta).
    singular_values : tuple of float
        Those singular values, largest first.
    spread : dict
        Standard deviation of each constant with errors that are independent from run to run: relative
        for E, alpha and beta, of the logarithm for A and B. Linearised at the fitted law, for the
        objective of the fit and its residuals, which count as 0.001 at least. The errors of
        checkpoints of one run are not independent; there it is too small.
    noise : float
        Scatter of log loss, as the middle of the residuals shows it, but at least 0.001.
    undetermined : tuple of str
        Constants that these runs leave open.
    reasons : tuple of str
        What about the design leaves them open, where it is plain.
    reach : Reach or None
        How far the budget lies beyond the runs.
    starting : Optima or None
        Where starts all over the range of the exponents end.
    leverage : Influence or None
        What the fit would say without single runs, and without five that move the headline far together.
    """

    runs: int
    rank: int
    condition: float
    singular_values: tuple
    spread: dict
    noise: float
    undetermined: tuple
    reasons: tuple
    reach: object = None
    starting: object = None
    leverage: object = None
    groups: object = None

    @property
    def remedy(self) -> str:
        """What to do where constants are left open."""
        return f"A{_REMEDY}" if self.undetermined else ""

    @property
    def budget(self) -> float | None:
        """FLOP that the headline is for: that asked about, or 10 times the largest run's."""
        return self.reach and self.reach.budget

    @property
    def influence(self) -> "pandas.DataFrame | None":
        """Table of what leaving out each run, or group, changes: see Influence.table."""
        return self.leverage and self.leverage.table

    @property
    def deciding(self) -> tuple | None:
        """Rows, or groups, up to five, whose joint removal moves N_opt at the budget far: see Influence."""
        return self.leverage and self.leverage.deciding

    @property
    def without_deciding(self) -> ChinchillaLaw | None:
        """The law fitted to the runs other than `deciding`; None where too few are left."""
        return self.leverage and self.leverage.without_deciding

    @property
    def optima(self) -> "pandas.DataFrame | None":
        """Table of the different optima that starts end in: see Optima.table."""
        return self.starting and self.starting.table

    def sentences(self) -> list[str]:
        """What the runs can and cannot say: a list of sentences."""
        where = "" if self.groups is None else f" in {self.groups} groups"
        lines = [
            f"{self.runs} runs{where} see {self.rank} of {len(CONSTANTS)} directions in the constants "
            f"(condition number {self.condition:.3g})."
        ]
        lines += [reason + "." for reason in self.reasons]
        if self.undetermined:
            lines.append(
                f"Not determined by these runs: {', '.join(self.undetermined)}. "
                f"Do not quote or extrapolate them; a{_REMEDY}"
            )
        else:
            spreads = ", ".join(
                f"{'ln ' if name in 'AB' else ''}{name} {self.spread[name]:.2g}{'' if name in 'AB' else ' of itself'}"
                for name in CONSTANTS
            )
            lines.append(
                f"With scatter {self.noise:.2%} in loss, fitted this way, the standard deviations are about: {spreads}."
            )
            if self.groups is not None and self.groups < self.runs:
                lines.append(
                    f"These count all {self.runs} runs as independent: they are too small as far as the runs "
                    "of a group stray together. fit.bootstrap(seed=..., groups=...) keeps groups whole."
                )
        for part in (self.reach, self.starting, self.leverage):
            lines += part.sentences() if part else []
        return lines

    def report(self) -> str:
        """The sentences."""
        return wrapped(self.sentences())


def _jacobian(law, N, D):
    """d ln L / d (ln E, ln A, ln B, alpha, beta), (n, 5)."""
    size = np.exp(np.log(law.A) - law.alpha * np.log(N))
    data = np.exp(np.log(law.B) - law.beta * np.log(D))
    loss = law.E + size + data
    # A floor of exactly zero still has a direction: a small one stands in for it.
    floor = max(law.E, 1e-3 * loss.min())
    columns = [np.full_like(N, floor), size, data, -size * np.log(N), -data * np.log(D)]
    return np.stack(columns, axis=1) / loss[:, None]


def _plain_faults(N, D):
    """Faults that show without a fit: (sentence, constants left open), or (None, ()).

    On such designs noise can pull a term onto one run, where the linearised spread looks small.
    """
    x, y = np.log(N) - np.log(N).mean(), np.log(D) - np.log(D).mean()
    one_N, one_D = np.ptp(x) < 1e-6, np.ptp(y) < 1e-6
    if one_N and one_D:
        return "All runs have the same N and the same D", CONSTANTS
    few = {name: f"{name} varies by {much} only" for name, much in narrow({"N": N, "D": D}).items()}
    few |= {name: f"All runs have the same {name}" for name, one in (("N", one_N), ("D", one_D)) if one}
    if len(few) == 2:
        return " and ".join(few.values()), CONSTANTS
    if "N" in few:
        return f"{few['N']}, so the size term cannot be told from the floor", ("E", "A", "alpha")
    if "D" in few:
        return f"{few['D']}, so the data term cannot be told from the floor", ("E", "B", "beta")
    slope = (x @ y) / (x @ x)
    if np.sqrt(np.mean((y - slope * x) ** 2)) >= min(_LINE, 0.1 * np.std(y)):
        return None, ()
    if np.std(y - x) < 1e-6:
        where = "have the same D/N"
    elif np.std(y + x) < _LINE:
        where = "have the same budget C"
    else:
        path = ", as optimal runs do" if slope > 0 else ""
        where = f"lie on one curve, D ~ N^{slope:.2g}{path}"
    return f"All runs {where}, so the size term cannot be told from the data term", ("A", "B", "alpha", "beta")


def audit_design(law, N, D, *, noise, sd=None, wild=1.0):
    """Audit the runs at `N` and `D` (n,) for a fitted ChinchillaLaw with log-loss scatter `noise`.

    `sd` (5,) are standard deviations of (ln E, ln A, ln B, alpha, beta); without it those of squares. `wild`
    is how many times a few wild runs make them what they would be: no fault of the design, so that
    constants are not open for it.
    """
    noise = max(float(noise), LEAST_NOISE)
    _, values, vectors = np.linalg.svd(_jacobian(law, N, D), full_matrices=False)
    rank = int((values > 1e-10 * values[0]).sum())
    if sd is None:
        floored = np.maximum(values, 1e-12 * values[0])
        sd = noise * np.sqrt(((vectors / floored[:, None]) ** 2).sum(0))
    spread = dict(zip(CONSTANTS, map(float, sd / [1.0, 1.0, 1.0, law.alpha, law.beta]), strict=True))
    fault, left_open = _plain_faults(N, D)
    limit = {name: _OPEN_LOGARITHM if name in "AB" else _OPEN_RELATIVE for name in CONSTANTS}
    return Audit(
        runs=len(N),
        rank=rank,
        condition=float(values[0] / max(values[-1], 1e-300)),
        singular_values=tuple(map(float, values)),
        spread=spread,
        noise=noise,
        undetermined=tuple(n for n in CONSTANTS if spread[n] > wild * limit[n] or n in left_open),
        reasons=(fault,) if fault else (),
    )
