"""Planned runs: what a design would fix of a law, before anything is trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..audit.precision import efficiency
from ..fitting.chinchilla import OBJECTIVES
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS
from ..text import wrapped
from ..uncertainty.interval import tails
from ..uncertainty.quantities import BestSize, LossAt

__all__ = ["PlannedPrecision", "planned_precision", "planned_runs"]

PATTERNS = ("isoflop", "optimal-path", "ratio")

# A direction this much weaker than the strongest is rounding, not a measurement.
_LOST = 1e-10
# Beyond these the sign of an exponent, the order of magnitude of a coefficient, or that of N_opt is open.
_OPEN = {"E": 1.0, "A": np.log(100.0), "B": np.log(100.0), "alpha": 1.0, "beta": 1.0}
_OPEN_FACTOR = 100.0
# What linearisation says of wider spreads than this share of the constant is too small.
_LINEAR = 0.3


@dataclass(frozen=True, eq=False)
class PlannedPrecision:
    """What runs with independent errors of one size would say of the constants and of the best size.

    Attributes
    ----------
    runs : int
    noise : float
        Standard deviation of ln loss, run by run.
    budget, level : float
        FLOP at which N_opt is asked for, and the level of `factor`.
    singular_values : tuple of float
        Of d ln L / d (E, ln A, ln B, alpha, beta), largest first.
    rank : int
        How many of them are above 1e-10 of the largest.
    sd : dict
        Constant -> its standard deviation: in nats for E, of the logarithm for A and B; infinite where
        the runs do not see the constant at all. In proportion to `noise`.
    relative_sd : dict
        The same as a share of the constant for E, alpha and beta.
    factor : float
        N_opt at the budget is within this factor, up or down, at the level; infinite where it is not seen.
    objective : str
        What the runs will be fitted by.
    efficiency : float
        Variance over that of squares, which the objective's corner costs.
    """

    runs: int
    noise: float
    budget: float
    level: float
    singular_values: tuple
    rank: int
    sd: dict
    relative_sd: dict
    factor: float
    objective: str
    efficiency: float

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Constants whose sign, or for A and B whose order of magnitude, these runs leave open."""
        return tuple(name for name in CONSTANTS if not self.relative_sd[name] <= _OPEN[name])

    @property
    def settles_size(self) -> bool:
        """Whether N_opt at the budget is known to within a factor of 100."""
        return self.factor <= _OPEN_FACTOR

    def report(self) -> str:
        """What the runs would fix, in sentences."""
        lines = [f"{self.runs} runs with errors of {self.noise:.2%} see {self.rank} of 5 directions in the constants."]
        if self.efficiency > 1.005:
            lines.append(f"Fitted by {self.objective!r} they give {self.efficiency:.2f} times the variance of squares.")
        told = [name for name in CONSTANTS if name not in self.undetermined]
        if told:
            spreads = [
                f"ln {name} {sd:.2g}" if name in "AB" else f"{name} {sd:.2g} of itself"
                for name, sd in self.relative_sd.items()
                if name in told
            ]
            lines.append(f"Standard deviations: {', '.join(spreads)}.")
        if any(_LINEAR < self.relative_sd[name] for name in told if name not in "AB"):
            lines.append("Those above 0.3 of the constant come from linearisation and are too small.")
        if self.undetermined:
            lines.append(
                f"Not determined: {', '.join(self.undetermined)}. Add runs off this line: several sizes "
                "at each of several budgets."
            )
        if self.settles_size:
            lines.append(
                f"They fix N_opt at {self.budget:.3g} FLOP to within a factor {self.factor:.3g}, up or down, "
                f"at the {self.level:.0%} level."
            )
        else:
            lines.append(f"They do not fix N_opt at {self.budget:.3g} FLOP.")
        return wrapped(lines)


def planned_runs(
    law: ChinchillaLaw,
    pattern: str,
    *,
    decades: float,
    width: float = 4.0,
    start: float = 6e18,
    budgets: int = 9,
    sizes: int = 7,
    ratio: float = 20.0,
) -> tuple[np.ndarray, np.ndarray]:
    """N and D of runs laid out in one of three patterns.

    Parameters
    ----------
    law : ChinchillaLaw
        Says which sizes are best.
    pattern : {"isoflop", "optimal-path", "ratio"}
        At each budget `sizes` sizes, evenly in ln N from the best one over `width` to the best one times
        `width`; or ``budgets * sizes`` budgets, each at its best size, or with `ratio` tokens a parameter.
    decades : float
        Budgets reach from `start` to ``start 10**decades`` FLOP, evenly in the logarithm.
    width : float, default 4.0
        1 or more; only for "isoflop".
    start : float, default 6e18
    budgets, sizes : int, default 9 and 7
    ratio : float, default 20.0
        Only for "ratio".

    Returns
    -------
    N, D : numpy.ndarray, shape (budgets * sizes,)

    Raises
    ------
    ValueError
        Naming the argument that is out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> N, D = sl.planning.planned_runs(sl.published["besiroglu2024"], "isoflop", decades=3, width=4)
    >>> len(N), f"{N.min():.3g} to {N.max():.3g}"
    (63, '5.04e+07 to 2.78e+10')
    """
    arguments.one_of("pattern", pattern, PATTERNS)
    decades = arguments.scalar("decades", decades, positive=True)
    width = arguments.scalar("width", width, positive=True)
    arguments.refuse("width", np.asarray(width), width < 1.0, "1 or more")
    start = arguments.scalar("start", start, positive=True)
    ratio = arguments.scalar("ratio", ratio, positive=True)
    budgets, sizes = arguments.seed("budgets", budgets), arguments.seed("sizes", sizes)
    arguments.refuse("budgets", np.asarray(budgets), budgets < 1, "1 or more")
    arguments.refuse("sizes", np.asarray(sizes), sizes < 1, "1 or more")
    if pattern == "isoflop":
        C, shift = np.meshgrid(
            np.geomspace(start, start * 10.0**decades, budgets),
            np.geomspace(1.0 / width, width, sizes) if sizes > 1 else np.ones(1),
            indexing="ij",
        )
        C = C.ravel()
        N = law.optimum(C).N * shift.ravel()
    else:
        C = np.geomspace(start, start * 10.0**decades, budgets * sizes)
        N = law.optimum(C).N if pattern == "optimal-path" else np.sqrt(C / (6.0 * ratio))
    return N, C / (6.0 * N)


def planned_precision(
    law: ChinchillaLaw,
    N: ArrayLike,
    D: ArrayLike,
    *,
    noise: float = 0.005,
    budget: float = 1e25,
    level: float = 0.8,
    objective: str = "huber",
    delta: float = 1e-3,
) -> PlannedPrecision:
    """What runs at `N` and `D` would fix of `law`, if that is the truth.

    The covariance of (E, ln A, ln B, alpha, beta) is ``e noise**2 (J'J)**-1`` with J = d ln L / d constants,
    by singular values; directions below 1e-10 of the strongest count as lost. e is 1 for squares of
    ln(loss / law), and what the corner of another objective costs where errors are normal: see
    audit.efficiency. It takes the form of the law as right and errors as independent: ``fit.bootstrap``
    and ``fit.audit`` speak of runs that exist.

    Parameters
    ----------
    law : ChinchillaLaw
    N, D : array_like, shape (n,)
        Parameters and tokens of the runs, above zero; five runs or more.
    noise : float, default 0.005
        Standard deviation of ln loss.
    budget : float, default 1e25
        FLOP at which N_opt is asked for.
    level : float, default 0.8
    objective : {"huber", "lad", "least_squares", "log_least_squares"}
        What the runs will be fitted by; the first is what ``fit_chinchilla`` does by itself.
    delta : float, default 1e-3
        Corner of "huber".

    Returns
    -------
    PlannedPrecision

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> N, D = sl.planning.planned_runs(law, "isoflop", decades=3, width=4)
    >>> print(sl.planning.planned_precision(law, N, D).report())
    63 runs with errors of 0.50% see 5 of 5 directions in the constants.
    Fitted by 'huber' they give 1.42 times the variance of squares.
    Standard deviations: E 0.013 of itself, ln A 0.23, ln B 0.29, alpha 0.039 of itself,
    beta 0.039 of itself.
    They fix N_opt at 1e+25 FLOP to within a factor 1.2, up or down, at the 80% level.
    """
    from scipy.stats import norm

    N, D = arguments.columns(N=N, D=D)
    arguments.enough_runs(len(N), 5, "the law")
    noise = arguments.scalar("noise", noise, positive=True)
    budget = arguments.scalar("budget", budget, positive=True)
    arguments.one_of("objective", objective, OBJECTIVES)
    delta = arguments.scalar("delta", delta, positive=True)
    reach = norm.ppf(tails(level)[1])
    theta = np.array([[law.E, np.log(law.A), np.log(law.B), law.alpha, law.beta]])
    rows, origin = np.arange(len(N)), np.zeros(2)
    loss, slope, _ = LossAt(origin, N, D)(np.repeat(theta, len(N), axis=0), rows)
    left, values, vectors = np.linalg.svd(slope / loss[:, None], full_matrices=False)
    seen = values > _LOST * values[0]
    costs = {"huber": efficiency(delta / noise), "lad": efficiency(0.0)}.get(objective, 1.0)
    # how the fit answers to each error of ln loss, along the directions that the runs see
    answer = np.sqrt(costs) * left[:, seen].T / values[seen, None]
    if objective == "least_squares":
        answer = np.linalg.pinv(slope @ vectors[seen].T) * loss
    gradient = BestSize(origin, np.array([budget]))(theta, np.zeros(1, dtype=int))[1]
    wanted = np.vstack([np.eye(5), gradient / np.linalg.norm(gradient)])
    along = wanted @ vectors.T
    sd = noise * np.linalg.norm(along[:, seen] @ answer, axis=1)
    # Unit vectors with more than rounding along a lost direction: nothing bounds them.
    sd[(along[:, ~seen] ** 2).sum(1) > 1e-12] = np.inf
    with np.errstate(over="ignore"):
        factor = float(np.exp(reach * sd[5] * np.linalg.norm(gradient)))
    size = {"E": law.E, "A": 1.0, "B": 1.0, "alpha": law.alpha, "beta": law.beta}
    spread = dict(zip(CONSTANTS, map(float, sd), strict=False))
    return PlannedPrecision(
        runs=len(N),
        noise=noise,
        budget=budget,
        level=float(level),
        singular_values=tuple(map(float, values)),
        rank=int(seen.sum()),
        sd=spread,
        relative_sd={name: spread[name] / size[name] if size[name] else np.inf for name in CONSTANTS},
        factor=factor,
        objective=objective,
        efficiency=costs,
    )
