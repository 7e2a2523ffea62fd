"""The bootstrap of a Chinchilla fit: all resamples solved together, each to its own optimum."""

import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from .. import arguments
from ..fitting.engine import minimise
from ..laws import ChinchillaLaw
from ..laws.chinchilla import log_best_size, surface

__all__ = ["Bootstrap", "Interval", "OptimumBounds", "bootstrap"]

_TOGETHER = 30_000  # runs times resamples in one batch of arrays: they should stay in the cache


@dataclass(frozen=True)
class Interval:
    """A value of the fitted law and the percentile interval of the resamples around it."""

    value: object
    low: object
    high: object


@dataclass(frozen=True)
class OptimumBounds:
    """One end of the interval of an optimum, quantity by quantity: they are not one law's optimum."""

    C: np.ndarray
    N: np.ndarray
    D: np.ndarray
    loss: np.ndarray
    tokens_per_parameter: np.ndarray


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
    seed, groups : int, int
        What the draws came from, and how many independent pieces were drawn from.
    """

    law: ChinchillaLaw
    samples: object = field(repr=False)
    converged: float
    seed: int
    groups: int

    @property
    def stderr(self):
        """Standard deviation over the resamples of each column of `samples`, as a dict."""
        return {name: float(self.samples[name].std(ddof=1)) for name in self.samples}

    def interval(self, level):
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
        low, high = _tails(level)
        return {
            name: tuple(map(float, np.quantile(self.samples[name], [low, high]))) for name in self.samples
        }

    def predict(self, N, D, *, level):
        """Loss of the law at `N` and `D` (broadcast) with its interval.

        It is the uncertainty of the law; the scatter of a single new run comes on top.

        Returns
        -------
        Interval
            ``.value``, ``.low``, ``.high`` in the shape of the arguments.
        """
        N, D = (np.asarray(z, dtype=float) for z in (N, D))
        value = self.law(N, D)
        losses = surface(*self._columns(value.ndim), N, D)
        low, high = np.quantile(losses, _tails(level), axis=0)
        return Interval(value, low[()], high[()])

    def optimum(self, C, *, level):
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
        N = np.exp(log_best_size(A, B, alpha, beta, C))
        D = C / (6.0 * N)
        found = (N, D, surface(E, A, B, alpha, beta, N, D), D / N)
        ends = zip(*(np.quantile(z, _tails(level), axis=0) for z in found), strict=True)
        low, high = (OptimumBounds(best.C, *(z[()] for z in end)) for end in ends)
        return Interval(best, low, high)

    def _columns(self, dimensions):
        """The five constants, each (resamples, 1, ..., 1), to broadcast against arguments."""
        shape = (-1,) + (1,) * dimensions
        return (self.samples[name].to_numpy().reshape(shape) for name in ("E", "A", "B", "alpha", "beta"))

    def report(self):
        """Standard errors and 80% intervals, a line a constant."""
        lines = [f"{len(self.samples)} resamples of {self.groups} runs or groups, {self.converged:.1%} converged"]
        interval, stderr = self.interval(0.8), self.stderr
        for name in self.samples:
            low, high = interval[name]
            lines.append(f"  {name:<6} +- {stderr[name]:<10.4g} 80%: {low:.6g} to {high:.6g}")
        return "\n".join(lines)


def _tails(level):
    level = arguments.scalar("level", level, positive=True)
    if level >= 1.0:
        raise ValueError(f"level must be between 0 and 1, such as 0.8; got {level:g}")
    return 0.5 - 0.5 * level, 0.5 + 0.5 * level


def _counts(rng, resamples, groups, runs):
    """How often each run counts in each resample, (resamples, runs)."""
    if groups is None:
        return rng.multinomial(runs, np.full(runs, 1.0 / runs), size=resamples), runs
    names, member = np.unique(groups, return_inverse=True)
    drawn = rng.multinomial(names.size, np.full(names.size, 1.0 / names.size), size=resamples)
    return drawn[:, member], names.size


def bootstrap(fit, resamples=4000, *, seed, groups=None):
    """Draw runs with replacement, fit each resample, and keep the laws.

    Parameters
    ----------
    fit : ChinchillaFit
        Any objective but "lad".
    resamples : int, default 4000
        How many.
    seed : int
        Of numpy's default generator; the same seed gives the same answer.
    groups : array_like, shape (n,), optional
        Labels of runs that belong together, such as checkpoints of one training run: whole groups
        are drawn. Without them each run counts as independent.

    Returns
    -------
    Bootstrap

    Raises
    ------
    ValueError
        Fewer than two groups, labels of another length, or a fit by "lad".

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
    standard error 0.007, 80% interval 0.35 to 0.37
    """
    import pandas

    if fit.objective == "lad":
        raise ValueError("objective 'lad' cannot be resampled yet; fit with objective='huber' and a small delta")
    resamples = arguments.scalar("resamples", resamples, positive=True)
    if resamples != int(resamples):
        raise ValueError(f"resamples must be a whole number; got {resamples:g}")
    if groups is not None and np.shape(groups) != fit.N.shape:
        raise ValueError(f"groups must have one label a run, {fit.N.size}; got shape {np.shape(groups)}")
    counts, pieces = _counts(np.random.default_rng(seed), int(resamples), groups, fit.N.size)
    if pieces < 2:
        raise ValueError("groups has one label only; resampling needs at least two")

    problem, centre, unit, theta = fit.problem()
    batch = max(1, _TOGETHER // fit.N.size)
    thetas, converged = [], []
    for start in range(0, int(resamples), batch):
        weights = counts[start : start + batch].astype(float)
        solution = minimise(replace(problem, weights=weights), np.repeat(theta[None], len(weights), axis=0))
        thetas.append(solution.theta)
        converged.append(solution.converged)
    E, a, b, alpha, beta = np.concatenate(thetas).T
    # Five runs are met exactly by five constants, whatever they are.
    enough = (counts > 0).sum(1) > 5
    share = float((np.concatenate(converged) & enough).mean())
    samples = pandas.DataFrame(
        {
            "E": E * unit,
            "A": np.exp(a + alpha * centre[0]) * unit,
            "B": np.exp(b + beta * centre[1]) * unit,
            "alpha": alpha,
            "beta": beta,
            "a": beta / (alpha + beta),
        }
    )
    if share < 1.0:
        warnings.warn(
            f"{1.0 - share:.1%} of the resamples have too few different runs for five constants, or did not "
            "reach their optimum; do not quote these intervals",
            RuntimeWarning,
            stacklevel=2,
        )
    return Bootstrap(law=fit.law, samples=samples, converged=share, seed=seed, groups=pieces)
