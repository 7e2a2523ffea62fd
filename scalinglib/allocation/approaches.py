"""Approaches 1 and 2 of Hoffmann et al. 2022: the best size at each budget, and laws through those."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..fitting import PowerLawFit, fit_power_law
from ..laws import PowerLaw
from ..notices import warn
from ..text import fitted
from ..uncertainty.interval import Interval, tails

__all__ = ["AllocationFit", "fit_envelope", "fit_isoflop"]

_JAGGED = 0.01  # a training curve of one run goes up by less than this in ln loss
_ENVELOPE = "+- by the scatter of budgets about a line"
_DRAWS = 1000  # of the runs within each budget
_SAME_BUDGET = 0.05  # budgets closer than this (relative) are one: tables print rounded FLOP


@dataclass(frozen=True, eq=False)
class AllocationFit:
    """Best sizes found budget by budget, and the power laws through them.

    Attributes
    ----------
    optima : pandas.DataFrame
        One row a budget: C, N, D = C / (6 N), loss.
    fit_N, fit_D : PowerLawFit
        N_opt and D_opt as ``coefficient * C**-exponent``: the exponents are negative, since both grow. Their errors,
        ``.profile()`` and ``.bootstrap()`` take budgets as the runs.
    left_out : tuple of str
        Budgets without an optimum inside their runs, and why.
    redrawn : numpy.ndarray or None
        The exponent a of 1,000 redraws of the runs within each budget, NaN where one has no bowl; None of an envelope,
        and of three sizes each.
    spare : int
        Runs more than constants of the parabolas.
    """

    optima: object = field(repr=False)
    fit_N: PowerLawFit = field(repr=False)
    fit_D: PowerLawFit = field(repr=False)
    left_out: tuple
    redrawn: np.ndarray | None = field(repr=False, default=None)
    spare: int = 0

    @property
    def law_N(self) -> PowerLaw:
        """N_opt of a budget."""
        return self.fit_N.law

    @property
    def law_D(self) -> PowerLaw:
        """D_opt of a budget."""
        return self.fit_D.law

    @property
    def allocation_exponents(self) -> tuple[float, float]:
        """The pair (a, b) with N_opt ~ C**a and D_opt ~ C**b."""
        return -self.law_N.exponent, -self.law_D.exponent

    def exponent(self, level: float = 0.8, *, by: str = "runs") -> Interval:
        """The exponent a with its interval; that of b = 1 - a is as wide.

        Parameters
        ----------
        level : float, default 0.8
        by : {"runs", "budgets"}
            From redraws of the runs within each budget, which count the error of each parabola (Student's t about the
            fit, with the degrees of freedom that the parabolas leave), or from the scatter of the budgets' optima about
            the line, n - 2 degrees of freedom. Where runs cannot be redrawn, as of an envelope, it is "budgets" anyway.

        Returns
        -------
        Interval
            NaN where nothing says how sure it is.

        Notes
        -----
        Of 400 simulated studies each, of 4 to 9 budgets of 5 to 9 sizes with errors of 0.3 and 0.5%, 80% intervals by
        runs held the truth in 82 to 86%, by budgets in 75 to 80%; of 200 each of envelopes with errors of 0.2% in 80%
        where points err each for itself and 89 to 98% where curves do: a best size jumps from one that was run to the
        next, and the scatter of these jumps counts as error.
        """
        from scipy.stats import t

        arguments.one_of("by", by, ("runs", "budgets"))
        sd, spare = self._spread(by)
        reach = float(t.ppf(tails(level)[1], spare)) * sd if spare > 0 else np.nan
        a = self.allocation_exponents[0]
        return Interval(a, a - reach, a + reach)

    def _spread(self, by):
        """Standard deviation of a, and its degrees of freedom."""
        if by == "runs" and self.redrawn is not None:
            return float(np.nanstd(self.redrawn)), self.spare
        return self.fit_N.stderr["exponent"], len(self.optima) - 2

    def optimum(self, C: ArrayLike) -> tuple[float | np.ndarray, float | np.ndarray]:
        """(N, D) by the fitted laws at a budget of `C` FLOP (any shape)."""
        return self.law_N(C), self.law_D(C)

    def report(self) -> str:
        """What a person should know about the fit."""
        a, b = self.allocation_exponents
        low, high = self.optima.C.min(), self.optima.C.max()
        runs, line = self._spread("runs")[0], self._spread("budgets")[0]
        lines = [
            f"N_opt ~ C^{a:.4f} +- {runs:.2g}, D_opt ~ C^{b:.4f} +- {runs:.2g} "
            f"from {len(self.optima)} budgets, {low:.3g} to {high:.3g} FLOP"
        ]
        if self.redrawn is None:
            lines.append(_ENVELOPE)
        else:
            lines.append(
                f"+- by redrawing the runs within each budget; by the scatter of budgets about a line {line:.2g}"
            )
            lost = np.isnan(self.redrawn).mean()
            lines += [f"{lost:.1%} of the redraws have no bowl at some budget"] if lost > 0.01 else []
        lines += [f"left out: {reason}" for reason in self.left_out]
        return fitted("\n".join(lines))


def _redrawn(bowls, spare):
    """Exponents a (draws,) with residuals of each bowl drawn from those of all, in parts of the loss, and its vertices.

    `bowls` are (budget, middle, x, y): of the logarithms of sizes, and those about it, and losses.
    """
    solved = [np.linalg.pinv(np.vander(x, 3)) for _, _, x, _ in bowls]
    fitted = [np.vander(x, 3) @ (solve @ y) for (_, _, x, y), solve in zip(bowls, solved, strict=True)]
    parts = [y / fit - 1.0 for (*_, y), fit in zip(bowls, fitted, strict=True)]
    pool = np.concatenate(parts)
    pool = (pool - pool.mean()) * np.sqrt(len(pool) / spare)
    rng, vertices = np.random.default_rng(0), []
    for (_, middle, x, _), solve, fit in zip(bowls, solved, fitted, strict=True):
        bend, tilt, _ = solve @ (fit * (1.0 + rng.choice(pool, size=(_DRAWS, len(x))))).T
        with np.errstate(divide="ignore", invalid="ignore"):
            best = np.clip(-0.5 * tilt / bend, x.min(), x.max())
        vertices.append(middle + np.where(bend > 0, best, np.nan))
    log_C = np.log([budget for budget, *_ in bowls])
    apart = log_C - log_C.mean()
    return apart @ np.array(vertices) / (apart @ apart)


def _allocation(rows, left_out, bowls=()):
    """Laws through the optima (C, N, loss) of the budgets."""
    import pandas

    if len(rows) < 2:
        raise ValueError(
            f"C has {len(rows)} budget{'s' if len(rows) != 1 else ''} with an optimum inside its runs; "
            f"at least 2 are needed{': ' if left_out else ''}{'; '.join(left_out)}"
        )
    if left_out:
        warn("left out: " + "; ".join(left_out), UserWarning, stacklevel=3)
    optima = pandas.DataFrame(rows, columns=["C", "N", "loss"])
    optima.insert(2, "D", optima.C / (6.0 * optima.N))
    fit_N, fit_D = (fit_power_law(optima.C, optima[column], floor=None) for column in ("N", "D"))
    spare = sum(len(y) - 3 for *_, y in bowls)
    redrawn = _redrawn(bowls, spare) if spare > 0 else None
    return AllocationFit(optima, fit_N, fit_D, tuple(left_out), redrawn, spare)


def _count(number, noun):
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _group_budgets(C):
    """Rows of each budget, smallest budget first; a gap above _SAME_BUDGET begins a new one."""
    order = np.argsort(C, kind="stable")
    breaks = np.flatnonzero(np.diff(np.log(C[order])) > np.log1p(_SAME_BUDGET)) + 1
    return np.split(order, breaks)


def fit_isoflop(C: ArrayLike, N: ArrayLike, loss: ArrayLike) -> AllocationFit:
    """Approach 2 of Hoffmann et al. 2022: a parabola in ln N at each budget, laws through the minima.

    Parameters
    ----------
    C, N, loss : array_like, shape (n,)
        Training FLOP, parameters and final loss of each run; runs whose C differ by less than 5%
        from the next are one budget. At least three sizes a budget.

    Returns
    -------
    AllocationFit
        ``.optima`` (C, N, D, loss), ``.law_N``, ``.law_D``; D = C / (6 N).

    Raises
    ------
    ValueError
        Unequal lengths, entries that are not finite and above zero, fewer than two budgets with
        an optimum inside their runs.

    Warns
    -----
    UserWarning
        For each budget left out: fewer than three sizes, no minimum, or a minimum outside its runs.

    Notes
    -----
    A bowl is steeper on one side where alpha and beta differ, so the parabola's minimum is off by an
    amount that grows with the width of the grid, even without noise: the exponent stays right, the
    coefficient does not (Czech et al. 2026, arXiv 2603.22339).

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> C, shift = np.meshgrid([1e18, 1e19, 1e20, 1e21], np.geomspace(0.5, 2, 7))
    >>> N = law.optimum(C).N * shift
    >>> fit = sl.fit_isoflop(C.ravel(), N.ravel(), law(N, C / (6 * N)).ravel())
    >>> [round(x, 3) for x in fit.allocation_exponents]
    [0.513, 0.487]
    """
    C, N, loss = arguments.columns(C=C, N=N, loss=loss)
    rows, left_out, bowls = [], [], []
    for members in _group_budgets(C):
        budget = float(np.exp(np.log(C[members]).mean()))
        x, y = np.log(N[members]), loss[members]
        if np.ptp(np.log(C[members])) > 3 * _SAME_BUDGET:
            left_out.append(
                f"C from {C[members].min():.3g} to {C[members].max():.3g} runs on without a gap, so no budgets can be "
                "told apart: give each run the C of its budget"
            )
            continue
        if np.unique(x).size < 3:
            left_out.append(f"C = {budget:.3g} has {_count(np.unique(x).size, 'size')}, three are needed")
            continue
        centre = x.mean()
        bend, tilt, _ = parabola = np.polyfit(x - centre, y, 2)
        if bend <= 0:
            left_out.append(f"C = {budget:.3g} has no minimum: its losses do not form a bowl")
            continue
        best = -0.5 * tilt / bend
        if not x.min() - centre <= best <= x.max() - centre:
            left_out.append(f"C = {budget:.3g} has its minimum outside the sizes that were run")
            continue
        rows.append((budget, float(np.exp(centre + best)), float(np.polyval(parabola, best))))
        bowls.append((budget, centre, x - centre, y))
    return _allocation(rows, left_out, bowls)


def fit_envelope(
    N: ArrayLike, D: ArrayLike, loss: ArrayLike, *, budgets: ArrayLike, runs: ArrayLike | None = None
) -> AllocationFit:
    """Approach 1 of Hoffmann et al. 2022: the lowest training curve at each budget.

    Parameters
    ----------
    N, D, loss : array_like, shape (n,)
        Points of training curves in D, read between points in ln D. A curve is never read beyond its ends; points
        of one curve with equal D are averaged.
    budgets : array_like, shape (m,)
        FLOP at which the curves are compared, at least two.
    runs : array_like, shape (n,), optional
        The training run of each point: each is a curve of its own, and of several of one size the lowest counts at
        each budget. Without it points of equal N are one curve.

    Returns
    -------
    AllocationFit
        ``.optima`` (C, N, D, loss), ``.law_N``, ``.law_D``; the N of an optimum is one of the sizes
        that were run.

    Raises
    ------
    ValueError
        As fit_isoflop.

    Warns
    -----
    UserWarning
        For each budget that fewer than three sizes reach, or whose lowest curve is the smallest
        or largest of those: the optimum may lie outside. Without `runs` also where the points of one N do not
        make one curve.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> law = sl.published["besiroglu2024"]
    >>> N, D = np.meshgrid(np.geomspace(1e7, 1e11, 41), np.geomspace(1e8, 1e13, 60))
    >>> fit = sl.fit_envelope(N.ravel(), D.ravel(), law(N, D).ravel(), budgets=np.geomspace(1e18, 1e22, 9))
    >>> round(fit.allocation_exponents[0], 2)
    0.51
    """
    N, D, loss = arguments.columns(N=N, D=D, loss=loss)
    budgets = np.unique(arguments.column("budgets", budgets, positive=True))
    sizes, size_of = np.unique(N, return_inverse=True)
    member = size_of if runs is None else arguments.labels("runs", runs, len(N))[1]
    rows, left_out, curves, jagged = [], [], [[] for _ in sizes], []
    for run in range(member.max() + 1):
        members = np.flatnonzero(member == run)
        if len(np.unique(size_of[members])) > 1:
            raise ValueError(f"runs must name points of one N each; those of row {members[0]} have several")
        tokens, place = np.unique(D[members], return_inverse=True)
        mean = np.bincount(place, weights=loss[members]) / np.bincount(place)
        curves[size_of[members[0]]].append((np.log(tokens), mean))
        apart = np.abs(np.log(loss[members] / mean[place])).max()
        if runs is None and max(apart, np.diff(np.log(mean)).max(initial=0.0)) > _JAGGED and mean.size > 2:
            jagged.append(sizes[run])
    if jagged:
        warn(
            f"points of N = {jagged[0]:.4g}{f' and {len(jagged) - 1} other sizes' if len(jagged) > 1 else ''} "
            f"do not make one curve: the loss goes up along D by over {_JAGGED:.0%}, or differs at one D. If they are "
            "of several training runs, name the run of each point: runs=",
            UserWarning,
            stacklevel=2,
        )
    for budget in budgets:
        at = [
            min(np.interp(np.log(budget / (6.0 * size)), *curve, left=np.inf, right=np.inf) for curve in own)
            for size, own in zip(sizes, curves, strict=True)
        ]
        reached = np.flatnonzero(np.isfinite(at))
        if reached.size < 3:
            left_out.append(f"C = {budget:.3g} is reached by {_count(reached.size, 'curve')}, three are needed")
            continue
        best = reached[np.argmin(np.asarray(at)[reached])]
        if best in (reached[0], reached[-1]):
            left_out.append(f"C = {budget:.3g} has its lowest curve at the end of the sizes that reach it")
            continue
        rows.append((float(budget), float(sizes[best]), float(at[best])))
    return _allocation(rows, left_out)
