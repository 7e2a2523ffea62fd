"""IsoFLOP: the careful strategy, and the same runs with an interval that forgets most of what can go wrong."""

from typing import TYPE_CHECKING

import numpy as np

from .. import published
from ..allocation import fit_isoflop
from ..fitting import fit_chinchilla
from ..laws import RepeatedDataLaw
from ..notices import quiet
from ..simulate import SMALLEST_D, SMALLEST_N, Laboratory, Submission, lowest

if TYPE_CHECKING:
    import pandas

__all__ = ["buy_isoflop", "isoflop_bootstrap", "isoflop_residuals", "submitted", "surface_optimum"]

_BUDGETS, _SIZES = 5, 7
_APART = 3.0  # between neighbouring budgets
_WIDE, _NARROW = 12.0, 5.0  # half-width of the first two grids of sizes, and of the next ones
_SPENT = 0.95  # of the purse
_GUESS = 20.0  # tokens a parameter, where the first grid is centred
_RESAMPLES = 100
_OPEN = 10.0  # factor to either side, where the runs leave the size open
_SD = 1.2815515655446004  # of a normal error, that 80% lie within


def buy_isoflop(laboratory: Laboratory) -> "pandas.DataFrame":
    """Buy seven sizes at each of five budgets a factor 3 apart; each grid is centred where the ones before point.

    Parameters
    ----------
    laboratory : Laboratory
        Nearly all that is left in it is spent.

    Returns
    -------
    pandas.DataFrame
        The runs that did not diverge, as in the ledger, with the `budget` that each was bought for.

    Examples
    --------
    >>> import scalinglib as sl
    >>> lab = sl.simulate.Laboratory(1, 2e20)
    >>> runs = sl.strategies.buy_isoflop(lab)
    >>> runs.budget.nunique(), 30 < len(runs) <= 35, f"{lab.left / 2e20:.2f}"
    (5, True, '0.05')
    """
    start, paid = len(laboratory.ledger), []
    largest = _SPENT * laboratory.left / _SIZES / sum(_APART**-k for k in range(_BUDGETS))
    for C in largest * _APART ** np.arange(1.0 - _BUDGETS, 1.0):
        centre, width = _centre(laboratory.ledger[start:], paid, C)
        for N in np.geomspace(centre / width, centre * width, _SIZES):
            laboratory.buy(N, C / (6.0 * N))
            paid.append(C)
    return laboratory.ledger[start:].assign(budget=paid).dropna()


def _centre(runs, paid, C):
    """Where the next budget's sizes are centred, and how far they reach to either side."""
    guess = np.sqrt(C / (6.0 * _GUESS)), _WIDE
    runs = runs.assign(budget=paid).dropna()
    if runs.budget.nunique() == 0:
        return guess
    centres = []
    for budget, own in runs.groupby("budget"):
        x = np.log(own.N / np.sqrt(budget))
        bend, tilt, _ = np.polyfit(x, own.loss, 2)
        if bend > 0:
            centres.append(np.clip(-0.5 * tilt / bend, x.min(), x.max()))
    if not centres:
        return guess
    # two budgets give no slope worth following: the centre moves as the root of compute until there are three
    slope = np.clip(np.polyfit(range(len(centres)), centres, 1)[0], -0.25, 0.25) if len(centres) > 2 else 0.0
    return np.sqrt(C) * np.exp(np.mean(centres[-2:]) + 1.5 * slope), _NARROW if len(centres) > 1 else _WIDE


def isoflop_bootstrap(laboratory: Laboratory, *, seed: int = 0) -> Submission:
    """The reference: isoFLOP runs, one surface through all of them, its best size at the target, a bootstrap.

    Where text runs out, the surface is fitted to runs that repeat nothing, and the best size is that of the surface
    with repeats worth what Muennighoff et al. 2023 found, give or take a factor 2. It does not look for a break.

    Parameters
    ----------
    laboratory : Laboratory
    seed : int, default 0
        Of the bootstrap.
    """
    return submitted(laboratory, *surface_optimum(laboratory, buy_isoflop(laboratory), seed=seed))


def surface_optimum(laboratory: Laboratory, runs: "pandas.DataFrame", *, seed: int) -> tuple[float, float, float]:
    """The best size at the target by a surface through `runs`, and the ends of its 80% interval."""
    runs = runs[runs.D <= laboratory.unique_tokens]
    with quiet():
        fit = fit_chinchilla(runs.N, runs.D, runs.loss)
        found = fit.bootstrap(_RESAMPLES, seed=seed).optimum(laboratory.target, level=0.8)
    N, low, high = (float(end.N) for end in (found.value, found.low, found.high))
    if not np.isfinite(low + high):
        low, high = N / _OPEN, N * _OPEN
    if np.isfinite(laboratory.unique_tokens):
        few, best, many = (_repeating(laboratory, fit.law, worth) for worth in (0.5, 1.0, 2.0))
        reach = max(abs(np.log(few / best)), abs(np.log(many / best)))
        low, high = best * np.exp(-np.hypot(np.log(N / low), reach)), best * np.exp(np.hypot(np.log(high / N), reach))
        N = best
    return N, low, high


def _repeating(laboratory, law, worth):
    """The best size at the target where text runs out; `worth` times the printed R_D."""
    constants = {name: getattr(law, name) for name in ("E", "A", "B", "alpha", "beta")}
    repeated = RepeatedDataLaw(**constants, R_D=worth * published["muennighoff2023"].R_D, R_N=1.0)

    def loss(size, tokens):
        return law(size, repeated.effective_tokens(tokens, laboratory.unique_tokens))

    return lowest(loss, laboratory.target)[0]


def isoflop_residuals(laboratory: Laboratory, *, seed: int = 0) -> Submission:
    """The same runs, a line through the five best sizes, and for an interval the scatter of the five about it.

    That scatter is what a sixth budget among the five would show; at a hundred times the budget the line's slope
    is in doubt as well, which this interval forgets. It takes repeats for new text, too.
    """
    runs = buy_isoflop(laboratory)
    with quiet():
        fit = fit_isoflop(runs.budget, runs.N, runs.loss)
    N = float(fit.law_N(laboratory.target))
    off = np.log(fit.optima.N / fit.law_N(fit.optima.C))
    reach = np.exp(_SD * np.sqrt(np.sum(off**2) / max(len(off) - 2, 1)))
    return submitted(laboratory, N, N / reach, N * reach)


def submitted(laboratory: Laboratory, N: float, low: float, high: float) -> Submission:
    """Submit a size and its 80% interval; a size that the target cannot train becomes the nearest that it can."""
    N = float(np.clip(N, SMALLEST_N, laboratory.target / (6.0 * SMALLEST_D)))
    return laboratory.submit(N, interval=(min(low, N), max(high, N)), level=0.8)
