"""Profile intervals of a fit: how far a quantity can go before the runs object."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..engine.sandwich import sandwich
from ..laws import ChinchillaLaw
from ..text import brief, fitted
from .ends import find_ends
from .interval import Interval, OptimumBounds, tails
from .predictions import asked_at
from .quantities import BestLoss, BestSize
from .readers import reader_of
from .strays import of_new_runs

if TYPE_CHECKING:
    from ..fitting import ChinchillaFit, FormFit

__all__ = ["Profile", "profile"]

_TOGETHER = 30_000  # runs times ends in one batch of arrays: they should stay in the cache


@dataclass(frozen=True, eq=False)
class Profile:
    """Intervals of a fit from its own objective.

    A quantity's interval is its range over all laws whose objective is not too far above the fit's. It
    needs no draws, follows the bend of the valley and respects E >= 0.

    Attributes
    ----------
    law
        The law of the fit.
    objective, runs : str, int
        The fit's objective, and how many runs it had.
    groups, spare : int, float
        How many independent pieces the runs make, and how many more than constants: infinite where the noise of each
        run is known.
    scatter : str
        "unequal" or "equal": whether parts of the design may scatter more than others; "known" where the noise of
        each run was given.
    """

    law: object
    objective: str
    runs: int
    groups: int
    spare: float
    scatter: str
    _fit: object = field(repr=False)
    _sandwich: object = field(repr=False)

    def __repr__(self):
        return brief(self, f"{self.runs} runs, {self.scatter} scatter")

    @cached_property
    def _reader(self):
        return reader_of(self._fit)

    @property
    def caution(self) -> str:
        """What the measured coverage of such intervals says against them; empty when nothing."""
        from ..coverage.measure import advice

        method = "profile-equal" if self.scatter == "equal" else "profile"
        grouped = self.groups < self.runs
        return advice(
            method, runs=self.runs, groups=grouped, pieces=self.groups, objective=self.objective, law=self.law
        )

    def rise(self, level: float) -> float:
        """How far above its minimum the objective may go where runs scatter alike, in the engine's unit."""
        return 0.5 * self._sandwich.scale * self._quantile(level)

    def _quantile(self, level):
        from scipy.stats import t

        return float(t.ppf(tails(level)[1], self.spare)) ** 2

    def _heights(self, gradient, level):
        """How far above its minimum the objective may go, for quantities of this `gradient` (S, 5)."""
        if self.scatter == "equal":
            return np.full(len(gradient), self.rise(level))
        return 0.5 * self._sandwich.along(gradient) * self._quantile(level)

    def _ends(self, quantity, count, level):
        """Values (count, 2) of the quantity at both ends.

        An end that the runs do not limit, or that was not found, is infinite.
        """
        problem, theta = self._fit.posed.problem, self._fit.posed.theta
        best, gradient, _ = quantity(np.repeat(theta[None], count, axis=0), np.arange(count))
        height = self._heights(gradient, level)
        if height.max() <= 1e4 * problem.rounding:  # the law meets the runs exactly
            return np.stack([best, best], axis=1)
        rows, sign, height = np.repeat(np.arange(count), 2), np.tile([-1.0, 1.0], count), np.repeat(height, 2)
        batch = max(12, _TOGETHER // self.runs // 2 * 2)
        found = [
            find_ends(problem, theta, height[part], quantity, rows[part], sign[part])
            for part in (slice(first, first + batch) for first in range(0, len(rows), batch))
        ]
        value = np.concatenate([ends.value for ends in found])
        at = np.concatenate([ends.theta for ends in found])
        bounded = np.concatenate([ends.bounded for ends in found])
        settled = np.concatenate([ends.settled for ends in found])
        # A wall of the engine, other than E = 0, stands for infinity; so does an end that was not found.
        wall = ((at <= problem.lower) | (at >= problem.upper))[:, self._reader.walls].any(1)
        return np.where((wall | ~settled) & ~bounded, sign * np.inf, value).reshape(count, 2)

    def interval(self, level: float) -> dict[str, tuple[float, float]]:
        """Interval of each constant, and of a ChinchillaLaw of the allocation exponent a.

        Parameters
        ----------
        level : float
            Between 0 and 1, such as 0.8.

        Returns
        -------
        dict
            Name -> (low, high). A low end of E at 0 is the bound of the law, and an infinite end (0 for what cannot be
            negative) says that the runs set no limit there. What `undetermined` names has no limit on either side.
        """
        reader = self._reader
        found = reader.read(self._ends(reader.constants, len(reader.names), level))
        return found | {name: self._reader.unlimited(name) for name in self._open}

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Constants that the runs of the fit leave open, as ``fit.undetermined``."""
        return self._fit.undetermined

    @property
    def _open(self):
        """The same, and a of a ChinchillaLaw where it rests on them."""
        rests = "a" in self._reader.names and {"alpha", "beta"} & set(self.undetermined)
        return (*self.undetermined, *(("a",) if rests else ()))

    def predict(self, *values: ArrayLike, level: float, new_run: bool = False, **named: ArrayLike) -> Interval:
        """The law at its variables (broadcast), such as `N` and `D`, with its interval.

        Parameters
        ----------
        values, named : array_like
            The variables, in their order or by name.
        level : float
        new_run : bool, default False
            Add the scatter of a single new run, as large as that of the runs of the fit where the law predicts as
            much: the two parts are added as independent errors are, by the root of the sum of their squares.

        Returns
        -------
        Interval
            ``.value``, ``.low``, ``.high`` in the shape of the arguments.
        """
        given, value = asked_at(self.law, values, named)
        value, quantity = np.asarray(value), self._reader.value_at(given)
        ends = self._reader.unit * self._ends(quantity, value.size, level)
        if self._fit.posed.problem.log:
            ends = np.maximum(ends, 0.0)
        low, high = (end.reshape(value.shape) for end in ends.T)
        if new_run:
            low, high = self._with_scatter(value, low, high, level)
        return Interval(value[()], low[()], high[()])

    def _with_scatter(self, value, low, high, level):
        posed = self._fit.posed
        lift = posed.lift
        strays, trend = of_new_runs(self._fit, np.arange(self.runs))
        down, up = (end * trend.at(value + lift) for end in np.quantile(strays, tails(level)))
        if not posed.problem.log:
            return value - np.hypot(value - low, down), value + np.hypot(high - value, up)
        value = value + lift
        shift = [np.hypot(np.log((end + lift) / value), scatter) for end, scatter in ((low, down), (high, up))]
        return value * np.exp(-shift[0]) - lift, value * np.exp(shift[1]) - lift

    def optimum(self, C: ArrayLike, *, level: float) -> Interval:
        """Best N, D, loss and tokens per parameter at budgets of `C` FLOP, with their intervals.

        Returns
        -------
        Interval
            ``.value`` is the law's Optimum; ``.low`` and ``.high`` have the same quantities, each
            with an interval of its own: 0 to infinity where the runs leave the split open.
        """
        if not isinstance(self.law, ChinchillaLaw):
            raise TypeError(
                "only a ChinchillaLaw has a best split in closed form; ask the fit: fit.optimum(budget, cost=...)"
            )
        best = self.law.optimum(C)
        C = np.asarray(C, dtype=float)
        centre, unit = self._fit.posed.coordinates.centre, self._fit.posed.coordinates.unit
        size = self._ends(BestSize(centre, C.ravel()), C.size, level)
        loss = unit * self._ends(BestLoss(centre, C.ravel()), C.size, level)
        loss = np.maximum(loss, 0.0)
        with np.errstate(over="ignore"):  # with C = 6 N D one size fixes the rest
            N = np.exp(size)
            D = np.exp(np.log(C.ravel() / 6.0)[:, None] - size[:, ::-1])
            ratio = np.exp(np.log(C.ravel() / 6.0)[:, None] - 2.0 * size[:, ::-1])
        if set(self.undetermined) - {"E"}:
            N = D = loss = ratio = np.tile([0.0, np.inf], (C.size, 1))
        low, high = (
            OptimumBounds(best.C, *(z[:, end].reshape(C.shape)[()] for z in (N, D, loss, ratio))) for end in (0, 1)
        )
        return Interval(best, low, high)

    def report(self) -> str:
        """80% and 95% intervals, a line a constant, and what is to be said against them."""
        narrow, wide = self.interval(0.8), self.interval(0.95)
        pieces = "" if self.groups == self.runs else f" in {self.groups} groups"
        lines = [f"Profile intervals of {self.runs} runs{pieces}, for {self.scatter} scatter"]
        lines.append(f"  {'':<6}{'80%':>26}{'95%':>30}")
        for name in self._reader.names:
            pairs = (f"{low:.6g} to {high:.6g}" for low, high in (narrow[name], wide[name]))
            said = "".join(f"{pair:>28}" for pair in pairs)
            lines.append(f"  {name:<6}{'  not determined by these runs' if name in self._open else said}")
        if wide.get("E", (1.0,))[0] == 0.0:
            lines.append("  E goes down to its bound 0: these runs do not show a floor")
        open_ = [name for name in self._reader.names if name != "E" and _is_open(name, wide[name])]
        if open_:
            more = "sizes or token counts" if isinstance(self.law, ChinchillaLaw) else "values of the variables"
            lines.append(f"  the runs set no limit to {', '.join(open_)}: more {more} are needed")
        return "\n".join(lines + _wrapped(self.caution))


def _is_open(name, pair):
    return pair[0] <= 0.0 or not np.isfinite(pair[1]) or (name == "a" and pair[1] >= 1.0)


def _wrapped(text):
    return [fitted(f"  {text}")] if text else []


def profile(fit: "ChinchillaFit | FormFit", *, groups: ArrayLike | None = None, scatter: str = "unequal") -> Profile:
    """Intervals of a fit from the level sets of its objective.

    Parameters
    ----------
    fit
        Any objective but "lad", from more runs than constants.
    groups : array_like, shape (n,), optional
        Labels of runs that belong together, such as checkpoints of one training run: they may err
        together. At least six different ones; only with scatter "unequal".
    scatter : {"unequal", "equal"}
        Whether some parts of the design may scatter more than others. "equal" is the textbook's profile
        interval, sharper where it is true; the published runs scatter unequally.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        A fit by "lad", fewer than six runs or groups, or groups with scatter "equal".

    Notes
    -----
    A quantity's interval is its range over the laws whose objective is at most the fit's plus half an F
    quantile, with 1 and n - p degrees of freedom for p constants, times a scale. The ends are found as Venzon and
    Moolgavkar 1988 define them (Applied Statistics 37, 87).

    With equal scatter the scale is the variance of the residuals for squares, which makes the intervals
    those of Bates and Watts 1988, section 6.1, and ``(sum psi^2 / (n - p)) / mean(psi')`` for Huber's
    penalty with slope psi, as in the likelihood ratio type test of Ronchetti 1982 (Hampel, Ronchetti,
    Rousseeuw and Stahel 1986, section 7.2). With unequal scatter it is, for each quantity, the sandwich
    variance of its estimate over the variance that the curvature of the objective stands for, as in the
    robust adjusted likelihood of Royall and Tsou 2003 (JRSS B 65, 391); `sandwich` says which. Where `noise` was given,
    and runs do not go together, no residual is asked: the scale is that of normal errors of that size, one for squares,
    and the quantile that of chi square.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> C, shift = np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6))
    >>> N = (law.optimum(C).N * shift).ravel()
    >>> D = C.ravel() / (6 * N)
    >>> loss = law(N, D) * np.exp(0.002 * np.random.default_rng(0).standard_normal(36))
    >>> found = sl.fit_chinchilla(N, D, loss, objective="log_least_squares").profile(scatter="equal")
    >>> low, high = found.interval(0.8)["alpha"]
    >>> print(f"alpha: {low:.3f} to {high:.3f}")
    alpha: 0.347 to 0.361
    """
    if fit.objective == "lad":
        raise ValueError(
            "objective 'lad' has no profile intervals, its level sets have corners; "
            "use bootstrap, or fit with objective='huber' and a small delta"
        )
    arguments.one_of("scatter", scatter, ("unequal", "equal"))
    posed = fit.posed
    runs, least = posed.runs, posed.free + 1
    member, pieces = np.arange(runs), runs
    if groups is not None:
        if scatter == "equal":
            raise ValueError("groups go with scatter='unequal'; scatter='equal' takes runs to be independent")
        member = arguments.labels("groups", groups, runs)[1]
        pieces = int(member.max()) + 1
    if pieces < least:
        what = "runs" if groups is None else "groups"
        raise ValueError(
            f"{pieces} {what} leave nothing over {posed.free} constants to judge scatter by; "
            f"at least {least} are needed"
        )
    known = posed.known and groups is None
    return Profile(
        law=fit.law,
        objective=fit.objective,
        runs=runs,
        groups=pieces,
        spare=np.inf if known else pieces - posed.free,
        scatter="known" if known else scatter,
        _fit=fit,
        _sandwich=sandwich(posed.problem, posed.theta, posed.member(member), known=known),
    )
