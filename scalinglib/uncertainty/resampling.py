"""The bootstrap of a fit: all resamples solved together, each to its own optimum."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS, log_best_size
from ..notices import warn
from ..parallel import run_pieces
from ..text import brief, wrapped
from .interval import Interval, OptimumBounds, tails
from .predictions import asked_at, predictions
from .refitting import TOGETHER, believed, draw, refit_resamples, rival_optima, strata, weighed
from .scatter import ALIKE, Scatter
from .strays import of_new_runs, strays

if TYPE_CHECKING:
    from ..fitting import ChinchillaFit, FormFit

__all__ = ["Bootstrap", "bootstrap"]

_METHODS = ("runs", "residual", "wild")
_TOO_FEW = "too few different runs, sizes or token counts to fix the constants"
_ENOUGH = 0.99  # with more than one in a hundred lost, the others are another population
_LARGEST = 700.0  # the logarithm of what a float holds
_SAYS = {"runs": "resamples of", "residual": "redraws of the residuals of", "wild": "sign changes of the residuals of"}


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Laws fitted to resamples of the runs.

    Attributes
    ----------
    law
        The law of the fit itself.
    samples : pandas.DataFrame
        One row a resample, a column a constant; of a ChinchillaLaw the allocation exponent a, too.
    degenerate, unfinished : int, int
        How many resamples hold too few different runs to fix a law (or of a ChinchillaLaw fewer than three sizes or
        token counts), and how many of the others ended at no optimum.
    undetermined : tuple of str
        Constants that the runs of the fit leave open. Where their resamples end is no estimate: they have
        rows in `samples`, and NaN for a standard error and an interval.
    method, seed, runs, groups : str, int, int, int
        How the draws were made, from what seed, from how many runs in how many independent groups.
    scatter : numpy.ndarray
        Equally likely strays of a new run from the law, as ln(loss / law), or loss - law for "least_squares": residuals
        of the fit, corrected for what the fit took from them, quantiles of those of fewer than 100 runs, or of a
        normal variable where the noise of runs is known.
    objective : str
        That of the fit.
    additive : bool
        Whether `scatter` adds to the law; otherwise it multiplies it.
    lift : float
        What is added to the law before it is multiplied: minus a floor that was given, or one for ln(1 + y).
    trend : Scatter
        How strays change with what the law predicts; `scatter` is theirs over it.
    """

    law: object
    samples: object = field(repr=False)
    degenerate: int
    unfinished: int
    undetermined: tuple
    method: str
    seed: int
    runs: int
    groups: int
    scatter: np.ndarray = field(repr=False)
    objective: str
    additive: bool = False
    lift: float = 0.0
    trend: Scatter = ALIKE

    def __repr__(self):
        return brief(self, f"{len(self.samples):,} {_SAYS[self.method]} {self.runs} runs", self.shortfall)

    @property
    def converged(self) -> float:
        """Share of the resamples that are neither degenerate nor unfinished."""
        return 1.0 - (self.degenerate + self.unfinished) / len(self.samples)

    @property
    def sound(self) -> bool:
        """Whether so few resamples say nothing that the intervals may be quoted."""
        return self.converged >= _ENOUGH

    @property
    def remedy(self) -> str:
        """What to do about resamples that say nothing, in sentences."""
        if self.method == "runs" and self.degenerate:
            how = "wild" if self.groups < self.runs else "residual"
            held = "; in simulated studies of 12 and 20 runs its intervals held about as often as they say"
            return (
                f"So few runs can spare none: --bootstrap {how} (in Python method={how!r}) keeps all of them and draws "
                f"their residuals{held if how == 'residual' else ''}."
            )
        return "Hold or tie a constant, or add runs."

    @property
    def _open(self):
        """Columns of `samples` that the runs leave open."""
        rests = "a" in self.samples and {"alpha", "beta"} & set(self.undetermined)
        return (*self.undetermined, *(("a",) if rests else ()))

    @property
    def stderr(self) -> dict[str, float]:
        """Standard deviation over the resamples of each column of `samples`, as a dict; NaN for open ones."""
        with np.errstate(over="ignore"):  # A and B may span the range of a float
            spread = {name: float(self.samples[name].std(ddof=1)) for name in self.samples}
        return spread | dict.fromkeys(self._open, np.nan)

    def interval(self, level: float) -> dict[str, tuple[float, float]]:
        """Percentile interval of each column of `samples` that holds `level` of the resamples.

        Parameters
        ----------
        level : float
            Between 0 and 1, such as 0.8.

        Returns
        -------
        dict
            Name -> (low, high); NaN where the runs leave the constant open.
        """
        ends = {name: tuple(map(float, np.quantile(self.samples[name], tails(level)))) for name in self.samples}
        return ends | dict.fromkeys(self._open, (np.nan, np.nan))

    def predict(self, *values: ArrayLike, level: float, new_run: bool = False, **named: ArrayLike) -> Interval:
        """The law at its variables (broadcast), such as `N` and `D`, with its interval.

        Parameters
        ----------
        values, named : array_like
            The variables, in their order or by name.
        level : float
        new_run : bool, default False
            The interval of the law itself, or of the loss that one new run would show: the scatter
            of single runs comes on top.

        Returns
        -------
        Interval
            ``.value``, ``.low``, ``.high`` in the shape of the arguments.
        """
        given, value = asked_at(self.law, values, named)
        losses = predictions(self.law, self.samples, given)
        if new_run:
            stray = np.random.default_rng([self.seed, 1]).choice(self.scatter, size=losses.shape)
            stray *= self.trend.at(value + self.lift)
            losses = losses + stray if self.additive else (losses + self.lift) * np.exp(stray) - self.lift
        low, high = np.quantile(losses, tails(level), axis=0)
        return Interval(value, low[()], high[()])

    def optimum(self, C: ArrayLike, *, level: float) -> Interval:
        """Best N, D, loss and tokens per parameter at budgets of `C` FLOP, with their intervals.

        Returns
        -------
        Interval
            ``.value`` is the law's Optimum; ``.low`` and ``.high`` have the same quantities, each
            with an interval of its own: NaN where the runs leave the split open.
        """
        if not isinstance(self.law, ChinchillaLaw):
            raise TypeError(
                "only a ChinchillaLaw has a best split in closed form; ask the fit: fit.optimum(budget, cost=...)"
            )
        best = self.law.optimum(C)
        E, A, B, alpha, beta = self._columns(np.ndim(best.N))
        C = np.asarray(C, dtype=float)
        log_N = log_best_size(np.log(A), np.log(B), alpha, beta, C)
        log_D = np.log(C / 6.0) - log_N
        terms = np.log(A) - alpha * log_N, np.log(B) - beta * log_D
        # single resamples may propose what no float holds
        N, D, ratio, size, data = (np.exp(np.minimum(z, _LARGEST)) for z in (log_N, log_D, log_D - log_N, *terms))
        found = (N, D, E + size + data, ratio)
        known = np.nan if set(self.undetermined) - {"E"} else 1.0
        ends = zip(*(known * np.quantile(z, tails(level), axis=0) for z in found), strict=True)
        low, high = (OptimumBounds(best.C, *(z[()] for z in end)) for end in ends)
        return Interval(best, low, high)

    def _columns(self, dimensions):
        """The five constants, each (resamples, 1, ..., 1), to broadcast against arguments."""
        shape = (-1,) + (1,) * dimensions
        return (self.samples[name].to_numpy().reshape(shape) for name in CONSTANTS)

    @property
    def shortfall(self) -> str:
        """How many resamples say nothing, and why: a sentence, empty where all are sound."""
        said = []
        if self.degenerate:
            have = "has" if self.degenerate == 1 else "have"
            said.append(f"{self.degenerate:,} of {len(self.samples):,} resamples {have} {_TOO_FEW}")
        if self.unfinished:
            said.append(f"{self.unfinished:,} of {len(self.samples):,} resamples reached no optimum")
        doubt = "" if self.sound else ": do not quote these intervals"
        return f"{'; '.join(said)}{doubt}." if said else ""

    @property
    def caution(self) -> str:
        """What the measured coverage of such intervals says against them; empty when nothing."""
        from ..coverage.measure import advice

        runs, grouped = self.runs, self.groups < self.runs
        method = "groups" if grouped and self.method == "runs" else self.method
        return advice(method, runs=runs, groups=grouped, pieces=self.groups, objective=self.objective, law=self.law)

    def report(self) -> str:
        """Standard errors and 80% intervals, a line a constant, and the caution."""
        lines = [f"{len(self.samples):,} {_SAYS[self.method]} {self.groups} runs or groups"]
        if self.shortfall:
            lines.append(wrapped([self.shortfall if self.sound else f"{self.shortfall} {self.remedy}"]))
        interval, stderr = self.interval(0.8), self.stderr
        for name in self.samples:
            low, high = interval[name]
            said = f"+- {stderr[name]:<10.4g} 80%: {low:.6g} to {high:.6g}"
            lines.append(f"  {name:<6} {'not determined by these runs' if name in self._open else said}")
        if self.caution:
            lines += ["", wrapped([self.caution])]
        return "\n".join(lines)


def resampled_problem(posed, method, member, seed, size):
    """The problem of `size` resamples, and whether each has enough different runs to fix a law."""
    rng, problem, runs = np.random.default_rng(seed), posed.problem, posed.runs
    groups = int(member.max()) + 1
    if method == "runs":
        problem, enough = weighed(posed, draw(rng, size, strata(posed, member))[:, member])
        return believed(problem, size, rng), enough
    drawn, signed = strays(problem, posed.theta, member, posed.absolute)
    if method == "residual":
        stray = rng.choice(drawn, size=(size, runs))
    else:
        stray = signed * rng.choice([-1.0, 1.0], size=(size, groups))[:, member]
    stray = stray * problem.sd
    fitted = problem.values(posed.theta[None])[0]
    lift = problem.lift
    losses = (fitted + lift) * np.exp(stray) - lift if problem.log else fitted + stray
    return believed(replace(problem, y=losses), size, rng), np.ones(size, dtype=bool)


def _solve(posed, rivals, method, member, seed, size):
    """Constants (size, P) of the resamples that `seed` draws, which have an optimum, and which are rich enough."""
    resampled, enough = resampled_problem(posed, method, member, seed, size)
    return (*refit_resamples(resampled, posed.theta, rivals, posed.absolute), enough)


def bootstrap(
    fit: "ChinchillaFit | FormFit",
    resamples: int = 4000,
    *,
    seed: int,
    groups: ArrayLike | None = None,
    method: str = "runs",
) -> Bootstrap:
    """Draw the runs again and again, fit each draw, and keep the laws.

    Parameters
    ----------
    fit
        Any fit.
    resamples : int, default 4000
        How many, 2 to 1,000,000.
    seed : int
        To be named: the same seed gives the same answer, for any number of workers.
    groups : array_like, shape (n,), optional
        Labels of runs that belong together, such as checkpoints of one training run: whole groups
        are drawn. Without them each run counts as independent.
    method : {"runs", "residual", "wild"}
        "runs" draws runs (or groups) with replacement. The other two keep the design, which few runs
        cannot spare: "residual" gives every run the residual of another, drawn with replacement;
        "wild" keeps each residual at its run and draws its sign, one sign a group. Residuals are
        corrected for what the fit took from them (Davison and Hinkley 1997, chapter 6; Wu 1986; for
        Huber's objective and "lad" Feng, He and Hu 2011).

    Returns
    -------
    Bootstrap

    Raises
    ------
    ValueError
        Fewer than two groups, labels of another length, groups with "residual", or an unknown method.

    Warns
    -----
    RuntimeWarning
        If resamples have too few runs or reached no optimum; how many is on the result.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
    >>> N = (law.optimum(C).N * shift).ravel()
    >>> D = C.ravel() / (6 * N)
    >>> loss = law(N, D) * np.exp(0.002 * np.random.default_rng(0).standard_normal(36))
    >>> sample = sl.fit_chinchilla(N, D, loss).bootstrap(resamples=200, seed=1)
    >>> low, high = sample.interval(0.8)["alpha"]
    >>> print(f"standard error {sample.stderr['alpha']:.3f}, 80% interval {low:.2f} to {high:.2f}")
    standard error 0.006, 80% interval 0.35 to 0.37
    """
    import pandas

    resamples = arguments.whole("resamples", resamples, least=2)
    arguments.one_of("method", method, _METHODS)
    seed = arguments.seed("seed", seed)
    posed = fit.posed
    member = np.arange(posed.runs)
    if groups is not None:
        member = arguments.labels("groups", groups, posed.runs)[1]
        if method == "residual":
            raise ValueError("groups go with method 'runs' or 'wild'; 'residual' mixes runs across groups")
    pieces = int(member.max()) + 1
    member = posed.member(member)
    if pieces < 2:
        raise ValueError("groups has one label only; resampling needs at least two")
    if posed.runs <= posed.free:
        raise ValueError(
            f"{posed.runs} runs are met exactly by {posed.free} constants; "
            f"intervals need at least {posed.free + 1} runs"
        )

    rivals = rival_optima(posed)
    batch = max(1, TOGETHER // posed.runs)
    sizes = [min(batch, int(resamples) - start) for start in range(0, int(resamples), batch)]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    pieces_of_work = [(posed, rivals, method, member, *piece) for piece in zip(seeds, sizes, strict=True)]
    solved = run_pieces(_solve, pieces_of_work, label="resamples")
    theta, reached, enough = (np.concatenate(column) for column in zip(*solved, strict=True))
    scatter, trend = of_new_runs(fit, member)
    sample = Bootstrap(
        law=fit.law,
        samples=pandas.DataFrame(posed.constants(theta)),
        degenerate=int((~enough).sum()),
        unfinished=int((enough & ~reached).sum()),
        undetermined=tuple(fit.undetermined),
        method=method,
        seed=seed,
        runs=posed.runs,
        groups=pieces,
        scatter=scatter,
        trend=trend,
        objective=fit.objective,
        additive=not posed.problem.log,
        lift=posed.lift,
    )
    if sample.shortfall:
        warn(sample.shortfall, RuntimeWarning, stacklevel=2)
    return sample
