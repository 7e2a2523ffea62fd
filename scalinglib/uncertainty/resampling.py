"""The bootstrap of a Chinchilla fit: all resamples solved together, each to its own optimum."""

import textwrap
import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from .. import arguments
from ..fitting.constants import constants_of
from ..laws import ChinchillaLaw
from ..laws.chinchilla import log_best_size, surface
from ..parallel import run_pieces
from .interval import Interval, OptimumBounds, tails
from .refitting import can_fix_law, refit_resamples, rival_optima
from .strays import strays

__all__ = ["Bootstrap", "bootstrap"]

_METHODS = ("runs", "residual", "wild")
_TOGETHER = 60_000  # runs times resamples in one batch of arrays: they should stay in the cache
_TOO_FEW = "too few different runs, sizes or token counts to fix five constants"
_ENOUGH = 0.99  # with more than one in a hundred lost, the others are another population
_SAYS = {"runs": "resamples of", "residual": "redraws of the residuals of", "wild": "sign changes of the residuals of"}


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Laws fitted to resamples of the runs.

    Attributes
    ----------
    law : ChinchillaLaw
        The law of the fit itself.
    samples : pandas.DataFrame
        One row a resample: E, A, B, alpha, beta and the allocation exponent a.
    degenerate, unfinished : int, int
        How many resamples hold too few different runs, sizes or token counts to fix a law (fewer than 6, 3
        and 3), and how many of the others ended at no optimum.
    undetermined : tuple of str
        Constants that the runs of the fit leave open. Where their resamples end is no estimate: they have
        rows in `samples`, and NaN for a standard error and an interval.
    method, seed, runs, groups : str, int, int, int
        How the draws were made, from what seed, from how many runs in how many independent groups.
    scatter : numpy.ndarray
        How far single runs stray from the law, as ln(loss / law), or loss - law for "least_squares":
        residuals of the fit, corrected for what the fit took from them.
    objective : str
        That of the fit.
    """

    law: ChinchillaLaw
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

    @property
    def converged(self):
        """Share of the resamples that are neither degenerate nor unfinished."""
        return 1.0 - (self.degenerate + self.unfinished) / len(self.samples)

    @property
    def _open(self):
        """Columns of `samples` that the runs leave open."""
        return (*self.undetermined, *(("a",) if {"alpha", "beta"} & set(self.undetermined) else ()))

    @property
    def stderr(self):
        """Standard deviation over the resamples of each column of `samples`, as a dict; NaN for open ones."""
        with np.errstate(over="ignore"):  # A and B may span the range of a float
            spread = {name: float(self.samples[name].std(ddof=1)) for name in self.samples}
        return spread | dict.fromkeys(self._open, np.nan)

    def interval(self, level):
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

    def predict(self, N, D, *, level, new_run=False):
        """Loss at `N` and `D` (broadcast) with its interval.

        Parameters
        ----------
        N, D : array_like
        level : float
        new_run : bool, default False
            The interval of the law itself, or of the loss that one new run would show: the scatter
            of single runs comes on top.

        Returns
        -------
        Interval
            ``.value``, ``.low``, ``.high`` in the shape of the arguments.
        """
        N, D = (np.asarray(z, dtype=float) for z in (N, D))
        value = self.law(N, D)
        losses = surface(*self._columns(np.ndim(value)), N, D)
        if new_run:
            stray = np.random.default_rng([self.seed, 1]).choice(self.scatter, size=losses.shape)
            losses = losses + stray if self.objective == "least_squares" else losses * np.exp(stray)
        low, high = np.quantile(losses, tails(level), axis=0)
        return Interval(value, low[()], high[()])

    def optimum(self, C, *, level):
        """Best N, D, loss and tokens per parameter at budgets of `C` FLOP, with their intervals.

        Returns
        -------
        Interval
            ``.value`` is the law's Optimum; ``.low`` and ``.high`` have the same quantities, each
            with an interval of its own: NaN where the runs leave the split open.
        """
        best = self.law.optimum(C)
        E, A, B, alpha, beta = self._columns(np.ndim(best.N))
        C = np.asarray(C, dtype=float)
        with np.errstate(over="ignore"):  # single resamples may propose what no float holds
            N = np.exp(log_best_size(A, B, alpha, beta, C))
            D = C / (6.0 * N)
            found = (N, D, surface(E, A, B, alpha, beta, N, D), np.minimum(D / N, np.finfo(float).max))
        known = np.nan if set(self.undetermined) - {"E"} else 1.0
        ends = zip(*(known * np.quantile(z, tails(level), axis=0) for z in found), strict=True)
        low, high = (OptimumBounds(best.C, *(z[()] for z in end)) for end in ends)
        return Interval(best, low, high)

    def _columns(self, dimensions):
        """The five constants, each (resamples, 1, ..., 1), to broadcast against arguments."""
        shape = (-1,) + (1,) * dimensions
        return (self.samples[name].to_numpy().reshape(shape) for name in ("E", "A", "B", "alpha", "beta"))

    @property
    def shortfall(self):
        """How many resamples say nothing, and why: a sentence, empty where all are sound."""
        said = []
        if self.degenerate:
            have = "has" if self.degenerate == 1 else "have"
            said.append(f"{self.degenerate:,} of {len(self.samples):,} resamples {have} {_TOO_FEW}")
        if self.unfinished:
            said.append(f"{self.unfinished:,} of {len(self.samples):,} resamples reached no optimum")
        doubt = ": do not quote these intervals" if self.converged < _ENOUGH else ""
        return f"{'; '.join(said)}{doubt}." if said else ""

    @property
    def caution(self):
        """What the measured coverage of such intervals says against them; empty when nothing."""
        from .coverage import advice

        runs, grouped = self.runs, self.groups < self.runs
        method = "groups" if grouped and self.method == "runs" else self.method
        return advice(method, runs=runs, groups=grouped, objective=self.objective)

    def report(self):
        """Standard errors and 80% intervals, a line a constant, and the caution."""
        lines = [f"{len(self.samples):,} {_SAYS[self.method]} {self.groups} runs or groups"]
        lines += textwrap.wrap(self.shortfall, 88)
        interval, stderr = self.interval(0.8), self.stderr
        for name in self.samples:
            low, high = interval[name]
            said = f"+- {stderr[name]:<10.4g} 80%: {low:.6g} to {high:.6g}"
            lines.append(f"  {name:<6} {'not determined by these runs' if name in self._open else said}")
        if self.caution:
            lines += ["", *textwrap.wrap(self.caution, 88)]
        return "\n".join(lines)


def _resampled(problem, theta, method, member, absolute, seed, size):
    """The problem of `size` resamples, and whether each has enough different runs and sizes to fix a law."""
    rng = np.random.default_rng(seed)
    runs = len(member)
    groups = int(member.max()) + 1
    if method == "runs":
        drawn = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=size)
        counts = drawn[:, member]
        return replace(problem, weights=counts.astype(float)), can_fix_law(problem.x, counts)
    drawn, signed = strays(problem, theta, member, absolute)
    if method == "residual":
        stray = rng.choice(drawn, size=(size, runs))
    else:
        stray = signed * rng.choice([-1.0, 1.0], size=(size, groups))[:, member]
    fitted = problem.model(theta[None])[1][0]
    losses = fitted * np.exp(stray) if problem.log else fitted + stray
    return replace(problem, y=losses), np.ones(size, dtype=bool)


def _solve(problem, theta, rivals, method, member, absolute, seed, size):
    """Constants (size, 5) of the resamples that `seed` draws, which are rich enough, and which have an optimum."""
    resampled, enough = _resampled(problem, theta, method, member, absolute, seed, size)
    return (*refit_resamples(resampled, theta, rivals, absolute), enough)


def bootstrap(fit, resamples=4000, *, seed, groups=None, method="runs"):
    """Draw the study again and again, fit each draw, and keep the laws.

    Parameters
    ----------
    fit : ChinchillaFit
    resamples : int, default 4000
        How many.
    seed : int
        The same seed gives the same answer, for any number of workers.
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

    resamples = arguments.scalar("resamples", resamples, positive=True)
    if resamples != int(resamples):
        raise ValueError(f"resamples must be a whole number; got {resamples:g}")
    arguments.one_of("method", method, _METHODS)
    seed = arguments.seed("seed", seed)
    member = np.arange(fit.N.size)
    if groups is not None:
        member = arguments.labels("groups", groups, fit.N.size)[1]
        if method == "residual":
            raise ValueError("groups go with method 'runs' or 'wild'; 'residual' mixes runs across groups")
    pieces = int(member.max()) + 1
    if pieces < 2:
        raise ValueError("groups has one label only; resampling needs at least two")
    if fit.N.size < 6:
        raise ValueError(f"{fit.N.size} runs are met exactly by five constants; intervals need at least 6 runs")

    problem, centre, unit, theta = fit.problem()
    absolute = fit.objective == "lad"
    rivals = rival_optima(problem, theta, absolute)
    batch = max(1, _TOGETHER // fit.N.size)
    sizes = [min(batch, int(resamples) - start) for start in range(0, int(resamples), batch)]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    solved = run_pieces(
        _solve,
        [(problem, theta, rivals, method, member, absolute, *piece) for piece in zip(seeds, sizes, strict=True)],
        label="resamples",
    )
    thetas, reached, enough = (np.concatenate(parts) for parts in zip(*solved, strict=True))
    sample = Bootstrap(
        law=fit.law,
        samples=pandas.DataFrame(constants_of(thetas, centre, unit)),
        degenerate=int((~enough).sum()),
        unfinished=int((enough & ~reached).sum()),
        undetermined=fit.undetermined,
        method=method,
        seed=seed,
        runs=len(member),
        groups=pieces,
        scatter=strays(problem, theta, member, absolute)[0] * (1.0 if problem.log else unit),
        objective=fit.objective,
    )
    if sample.shortfall:
        warnings.warn(sample.shortfall, RuntimeWarning, stacklevel=2)
    return sample
