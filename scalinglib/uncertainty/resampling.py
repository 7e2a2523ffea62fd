"""The bootstrap of a Chinchilla fit: all resamples solved together, each to its own optimum."""

import textwrap
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.absolute import close_corner
from ..engine.coordinates import constants_of
from ..engine.newton import minimise
from ..laws import ChinchillaLaw
from ..laws.chinchilla import CONSTANTS, log_best_size, surface
from ..parallel import run_pieces
from .interval import Interval, OptimumBounds, tails
from .strays import strays

if TYPE_CHECKING:
    from ..fitting import ChinchillaFit

__all__ = ["Bootstrap", "bootstrap"]

_METHODS = ("runs", "residual", "wild")
_TOGETHER = 60_000  # runs times resamples in one batch of arrays: they should stay in the cache
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
    converged : float
        Share of the resamples that hold more different runs than the law has constants and that
        reached their optimum.
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
    converged: float
    method: str
    seed: int
    runs: int
    groups: int
    scatter: np.ndarray = field(repr=False)
    objective: str

    @property
    def stderr(self) -> dict[str, float]:
        """Standard deviation over the resamples of each column of `samples`, as a dict."""
        with np.errstate(over="ignore"):  # A and B of open constants may span the range of a float
            return {name: float(self.samples[name].std(ddof=1)) for name in self.samples}

    def interval(self, level: float) -> dict[str, tuple[float, float]]:
        """Percentile interval of each column of `samples` that holds `level` of the resamples.

        Parameters
        ----------
        level : float
            Between 0 and 1, such as 0.8.

        Returns
        -------
        dict
            Name -> (low, high).
        """
        low, high = tails(level)
        return {name: tuple(map(float, np.quantile(self.samples[name], [low, high]))) for name in self.samples}

    def predict(self, N: ArrayLike, D: ArrayLike, *, level: float, new_run: bool = False) -> Interval:
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

    def optimum(self, C: ArrayLike, *, level: float) -> Interval:
        """Best N, D, loss and tokens per parameter at budgets of `C` FLOP, with their intervals.

        Returns
        -------
        Interval
            ``.value`` is the law's Optimum; ``.low`` and ``.high`` have the same quantities, each
            with an interval of its own.
        """
        best = self.law.optimum(C)
        E, A, B, alpha, beta = self._columns(np.ndim(best.N))
        C = np.asarray(C, dtype=float)
        N = np.exp(log_best_size(np.log(A), np.log(B), alpha, beta, C))
        D = C / (6.0 * N)
        found = (N, D, surface(E, A, B, alpha, beta, N, D), D / N)
        ends = zip(*(np.quantile(z, tails(level), axis=0) for z in found), strict=True)
        low, high = (OptimumBounds(best.C, *(z[()] for z in end)) for end in ends)
        return Interval(best, low, high)

    def _columns(self, dimensions):
        """The five constants, each (resamples, 1, ..., 1), to broadcast against arguments."""
        shape = (-1,) + (1,) * dimensions
        return (self.samples[name].to_numpy().reshape(shape) for name in CONSTANTS)

    @property
    def caution(self) -> str:
        """What the measured coverage of such intervals says against them; empty when nothing."""
        from ..coverage.measure import advice

        runs, grouped = self.runs, self.groups < self.runs
        method = "groups" if grouped and self.method == "runs" else self.method
        return advice(method, runs=runs, groups=grouped, objective=self.objective)

    def report(self) -> str:
        """Standard errors and 80% intervals, a line a constant, and the caution."""
        lines = [
            f"{len(self.samples)} {_SAYS[self.method]} {self.groups} runs or groups, {self.converged:.1%} converged"
        ]
        interval, stderr = self.interval(0.8), self.stderr
        for name in self.samples:
            low, high = interval[name]
            lines.append(f"  {name:<6} +- {stderr[name]:<10.4g} 80%: {low:.6g} to {high:.6g}")
        if self.caution:
            lines += ["", *textwrap.wrap(self.caution, 88)]
        return "\n".join(lines)


def resampled_problem(problem, theta, method, member, absolute, seed, size):
    """The problem of `size` resamples, and whether each has more different runs than constants."""
    rng = np.random.default_rng(seed)
    runs = len(member)
    groups = int(member.max()) + 1
    if method == "runs":
        drawn = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=size)
        counts = drawn[:, member]
        # Five runs are met exactly by five constants, whatever they are.
        return replace(problem, weights=counts.astype(float)), (counts > 0).sum(1) > 5
    drawn, signed = strays(problem, theta, member, absolute)
    if method == "residual":
        stray = rng.choice(drawn, size=(size, runs))
    else:
        stray = signed * rng.choice([-1.0, 1.0], size=(size, groups))[:, member]
    fitted = problem.model(theta[None])[1][0]
    losses = fitted * np.exp(stray) if problem.log else fitted + stray
    return replace(problem, y=losses), np.ones(size, dtype=bool)


def _solve(problem, theta, method, member, absolute, seed, size):
    """Constants (size, 5) of the resamples that `seed` draws, and which can be used."""
    resampled, enough = resampled_problem(problem, theta, method, member, absolute, seed, size)
    starts = np.repeat(theta[None], size, axis=0)
    solution = close_corner(resampled, starts) if absolute else minimise(resampled, starts, near=True)
    return solution.theta, solution.converged & enough


def bootstrap(
    fit: "ChinchillaFit", resamples: int = 4000, *, seed: int, groups: ArrayLike | None = None, method: str = "runs"
) -> Bootstrap:
    """Draw the runs again and again, fit each draw, and keep the laws.

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
        If resamples have too few runs or did not reach their optimum; their share is on the result.

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
    batch = max(1, _TOGETHER // fit.N.size)
    sizes = [min(batch, int(resamples) - start) for start in range(0, int(resamples), batch)]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    solved = run_pieces(
        _solve,
        [(problem, theta, method, member, absolute, *piece) for piece in zip(seeds, sizes, strict=True)],
        label="resamples",
    )
    share = float(np.concatenate([usable for _, usable in solved]).mean())
    if share < 1.0:
        warnings.warn(
            f"{1.0 - share:.1%} of the resamples have too few different runs for five constants, or did not "
            "reach their optimum; do not quote these intervals",
            RuntimeWarning,
            stacklevel=2,
        )
    return Bootstrap(
        law=fit.law,
        samples=pandas.DataFrame(constants_of(np.concatenate([thetas for thetas, _ in solved]), centre, unit)),
        converged=share,
        method=method,
        seed=seed,
        runs=len(member),
        groups=pieces,
        scatter=strays(problem, theta, member, absolute)[0] * (1.0 if problem.log else unit),
        objective=fit.objective,
    )
