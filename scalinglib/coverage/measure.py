"""Coverage: how often the intervals of each method hold the truth, measured on runs drawn around a known law."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import arguments
from ..laws import ChinchillaLaw
from ..notices import quiet
from ..parallel import run_pieces
from .designs import DESIGNS, FEW_GROUPS, draw_runs

if TYPE_CHECKING:
    import pandas

__all__ = ["METHODS", "QUANTITIES", "advice", "measure_coverage", "measured_coverage"]

METHODS = ("runs", "groups", "residual", "wild", "profile", "profile-equal")
QUANTITIES = ("E", "alpha", "beta", "a", "N_opt")
_PIECE = 10  # draws: a second or so of work


def measure_coverage(
    design: str,
    *,
    methods: Sequence[str] = ("runs", "profile"),
    objective: str = "huber",
    studies: int = 500,
    resamples: int = 1000,
    seed: int,
    levels: Sequence[float] = (0.8, 0.95),
) -> "pandas.DataFrame":
    """Draw runs around a known law again and again, and count how often each interval holds it.

    Parameters
    ----------
    design : str
        A name in ``designs.DESIGNS`` or ``designs.FEW_GROUPS``.
    methods : sequence of str
        Of "runs" (bootstrap over runs), "groups" (over whole groups), "residual", "wild" (one sign a
        group where the design has groups) and "profile".
    objective : str
        Of `fit_chinchilla`.
    studies, resamples : int
        How many draws of the design, and how many resamples each for the methods that draw.
    seed : int
        Draw i depends on `seed` and i alone: more draws leave the first ones as they are, and all
        methods see the same runs.
    levels : sequence of float

    Returns
    -------
    pandas.DataFrame
        One row for each method, level and quantity (E, alpha, beta, a, and N_opt at ten times the
        largest budget): ``design, runs, method, objective, level, quantity, studies, held, coverage,
        error`` (binomial standard error), ``width`` (median of (high - low) / truth), ``failed``
        (draws in which the method gave no interval; they count as not held), ``resamples``, ``seed``,
        and ``first``, a + for each of the first ten draws in which the truth was held, else a -.

    Raises
    ------
    ValueError
        For an unknown design, method or objective, a level outside 0 to 1, or "groups" in a design
        without groups.

    Examples
    --------
    >>> import scalinglib as sl
    >>> options = {"methods": ["profile"], "objective": "log_least_squares", "studies": 20}
    >>> table = sl.coverage.measure_coverage("few-20", **options, seed=0)
    >>> row = table[(table.level == 0.8) & (table.quantity == "a")].iloc[0]
    >>> print(row.held, "of", row.studies)
    17 of 20
    """
    from ..fitting.chinchilla import OBJECTIVES

    arguments.one_of("design", design, tuple(DESIGNS | FEW_GROUPS))
    arguments.one_of("objective", objective, OBJECTIVES)
    methods = [arguments.one_of("methods", method, METHODS) for method in methods]
    for level in levels:
        if not 0.0 < arguments.scalar("levels", level) < 1.0:
            raise ValueError(f"levels must lie between 0 and 1, such as 0.8; got {level:g}")
    for name, count in (("studies", studies), ("resamples", resamples)):
        if arguments.scalar(name, count, positive=True) != int(count):
            raise ValueError(f"{name} must be a whole number; got {count:g}")
    example = draw_runs(design, seed=seed)
    if "groups" in methods and example.groups is None:
        raise ValueError(f"design {design!r} has no groups; leave 'groups' out of methods")
    given = (design, tuple(methods), objective, resamples, seed, tuple(levels))
    pieces = [(*given, first, min(first + _PIECE, studies)) for first in range(0, studies, _PIECE)]
    found = run_pieces(_piece, pieces, label=f"coverage, {design}, {objective}")
    ends, truth = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _table(ends, truth, design, len(example.N), methods, objective, levels, resamples, seed)


def _piece(design, methods, objective, resamples, seed, levels, first, last):
    """Ends (studies, methods, levels, quantities, 2) and truths (studies, quantities) of a few draws."""
    from ..fitting import fit_chinchilla

    ends = np.full((last - first, len(methods), len(levels), len(QUANTITIES), 2), np.nan)
    truth = np.empty((last - first, len(QUANTITIES)))
    for row, index in enumerate(range(first, last)):
        data, draws = np.random.SeedSequence(seed, spawn_key=(index,)).spawn(2)
        drawn = draw_runs(design, seed=data)
        budget, law = 10.0 * drawn.largest_budget, drawn.law
        truth[row] = law.E, law.alpha, law.beta, law.allocation_exponents[0], law.optimum(budget).N
        with quiet():  # what a result says of itself is not asked here: the intervals are judged as they come
            fit = fit_chinchilla(drawn.N, drawn.D, drawn.loss, objective=objective)
            for column, method in enumerate(methods):
                result = _intervals(fit, method, drawn.groups, resamples, int(draws.generate_state(1)[0]))
                ends[row, column] = [_ends(result, budget, level) for level in levels]
    return ends, truth


def _intervals(fit, method, groups, resamples, seed):
    if method == "profile":
        return fit.profile(groups=groups)
    if method == "profile-equal":
        return fit.profile(scatter="equal")
    if method == "runs":
        return fit.bootstrap(resamples, seed=seed)
    if method == "groups":
        return fit.bootstrap(resamples, seed=seed, groups=groups)
    groups = groups if method == "wild" else None  # the residual bootstrap mixes runs and takes none
    return fit.bootstrap(resamples, seed=seed, groups=groups, method=method)


def _ends(result, budget, level):
    pairs = result.interval(level)
    size = result.optimum(budget, level=level)
    return [pairs[name] for name in QUANTITIES[:-1]] + [(float(size.low.N), float(size.high.N))]


def _table(ends, truth, design, runs, methods, objective, levels, resamples, seed):
    import pandas

    low, high = ends[..., 0], ends[..., 1]
    true = truth[:, None, None, :]
    failed = np.isnan(low) | np.isnan(high)
    held = ~failed & (low <= true) & (true <= high)
    width = np.where(failed, np.inf, (high - low) / true)
    rows = []
    for m, method in enumerate(methods):
        for k, level in enumerate(levels):
            for q, quantity in enumerate(QUANTITIES):
                share = float(held[:, m, k, q].mean())
                rows.append(
                    {
                        "design": design,
                        "runs": runs,
                        "method": method,
                        "objective": objective,
                        "level": level,
                        "quantity": quantity,
                        "studies": len(held),
                        "held": int(held[:, m, k, q].sum()),
                        "coverage": share,
                        "error": float(np.sqrt(share * (1.0 - share) / len(held))),
                        "width": float(np.median(width[:, m, k, q])),
                        "failed": int(failed[:, m, k, q].sum()),
                        "resamples": 0 if method.startswith("profile") else resamples,
                        "seed": seed,
                        "first": "".join("-+"[int(hit)] for hit in held[:10, m, k, q]),
                    }
                )
    return pandas.DataFrame(rows)


@functools.cache
def _committed(name="coverage"):
    import pandas

    return pandas.read_csv(Path(__file__).with_name(f"{name}.csv"))


def measured_coverage(*, few_groups: bool = False) -> "pandas.DataFrame":
    """The table that stands with the library, as `measure_coverage` returns it, for all designs.

    ``benchmarks/coverage.py`` makes it.

    Parameters
    ----------
    few_groups : bool, default False
        That of ``designs.FEW_GROUPS`` instead: checkpoints of 6, 8 and 12 runs.

    Returns
    -------
    pandas.DataFrame
        A copy.
    """
    return _committed("few_groups" if few_groups else "coverage").copy()


_GROUPED = ("checkpoints",)  # designs in which runs belong together
_FEW_GROUPS = 16  # nearer, in logarithms, to 12 than to 24
_ALIKE = {"lad": "huber", "least_squares": "log_least_squares"}
_CALLED = {
    "runs": "the bootstrap over runs",
    "groups": "the bootstrap over groups",
    "residual": "the residual bootstrap",
    "wild": "the wild bootstrap",
    "profile": "profile intervals",
    "profile-equal": "profile intervals for equal scatter",
}


def advice(method, *, runs, groups=False, objective="huber", pieces=None, table=None, law=None):
    """What the measured coverage says against a method, or "" where it held.

    The designs nearest in number of runs are looked up (with groups, those that have groups). A method
    fails there if the coverage of some quantity lies below its nominal level by more than four points
    and by more than three binomial errors. Of up to 16 groups (`pieces`) the design of nearly as many is looked up, and
    what is told is how much too often, or too seldom, intervals held the truth there.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    runs : int
        How many runs were fitted.
    groups : bool, default False
        Whether runs belong together, such as checkpoints of one training run.
    objective : str, default "huber"
        "lad" is judged by "huber", and "least_squares" by "log_least_squares", where not measured.
    pieces : int, optional
        How many groups there are.
    table : pandas.DataFrame, optional
        A table of `measure_coverage`; the committed one by default.
    law : object, optional
        What was fitted: of any but a ChinchillaLaw the sentence says that it was that one which was measured.

    Returns
    -------
    str
        One sentence.

    Raises
    ------
    ValueError
        For an unknown method.

    Examples
    --------
    >>> print(advice("runs", runs=200, groups=True)[:58])
    In simulated studies nearest in size (checkpoints, 192 run
    """
    arguments.one_of("method", method, METHODS)
    few = table is None and groups and pieces is not None and pieces <= _FEW_GROUPS
    table = _committed("few_groups" if few else "coverage") if table is None else table
    if objective not in set(table.objective):
        objective = _ALIKE.get(objective, objective)
    if few:
        return _of_few_groups(table[(table.objective == objective) & (table.method == method)], method, pieces)
    near = table[(table.objective == objective) & (table.design.isin(_GROUPED) == bool(groups))]
    if near.empty:
        return ""
    distance = np.abs(np.log(near.runs / float(runs)))
    near = near[distance <= distance.min() + 0.1]  # isoFLOP and ragged grids of about one size go together
    short = failing(near)
    own = short[short.method == method]
    if own.empty:
        return ""
    whose = "" if law is None or isinstance(law, ChinchillaLaw) else " of Chinchilla's law"
    worst = own.loc[(own.level - own.coverage).idxmax()]
    held = near[~near.method.isin(short.method)]
    if held.empty:
        then = "no method that was measured held there: more runs are needed"
    else:
        narrowest = held.groupby("method").width.median().idxmin()
        least = held[(held.method == narrowest) & (held.level == worst.level)].coverage.min()
        then = f"{_CALLED[narrowest]} held it in {least:.0%} or more"
    return (
        f"In simulated studies nearest in size ({worst.design}, {worst.runs} runs) the {worst.level:.0%} interval of "
        f"{worst.quantity}{whose} by {_CALLED[method]} held the truth in {worst.coverage:.0%} of {worst.studies}; "
        f"{then}."
    )


def _of_few_groups(table, method, pieces):
    """How far off intervals were in the design of nearly as many groups, in a sentence; "" where they held."""
    from scipy.stats import norm

    measured = table.design.str.rpartition("-")[2].astype(int)
    distance = np.abs(np.log(measured / pieces))
    near = table[distance == distance.min()]
    near = near[near.level == near.level.min()]
    if near.empty:
        return ""
    low, middle, high = near.coverage.min(), float(near.coverage.median()), near.coverage.max()
    level, error = float(near.level.iloc[0]), float(near.error.max())
    if max(level - low, high - level) <= max(0.04, 3.0 * error):
        return ""
    # of a normal estimate an interval this many times as wide as it should be holds as much
    times = norm.ppf(0.5 + 0.5 * middle) / norm.ppf(0.5 + 0.5 * level)
    off = f"about {times:.2g} times too wide" if times > 1.0 else f"about {1.0 / times:.2g} times too narrow"
    return (
        f"With few groups such intervals are off: in {near.studies.iloc[0]} simulated studies of "
        f"{measured[near.index[0]]} groups {level:.0%} intervals by {_CALLED[method]} held the truth in {low:.0%} to "
        f"{high:.0%}, {off} in the middle; more groups are needed, not more checkpoints."
    )


def failing(table):
    """Rows whose coverage lies more than four points and three binomial errors below the level."""
    short = table.level - table.coverage
    return table[(short > 0.04) & (short > 3.0 * table.error)]
