"""Figures of intervals: what they promise, how often they keep it, how they grow beyond the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.coverage.measure import QUANTITIES, failing
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import plain, spoken

if TYPE_CHECKING:
    import pandas

    from scalinglib.fitting import ChinchillaFit
    from scalinglib.laws import ChinchillaLaw
    from scalinglib.uncertainty import Bootstrap, Profile

_CALLED = {
    "runs": "runs",
    "groups": "groups",
    "residual": "residual",
    "wild": "wild",
    "profile": "profile",
    "profile-equal": "equal profile",
}
_LETTERS = {"alpha": "\N{GREEK SMALL LETTER ALPHA}", "beta": "\N{GREEK SMALL LETTER BETA}", "N_opt": "N opt"}
_FITS = {"huber": "Huber", "log_least_squares": "log least squares"}
_ROW, _TITLE = 17, 28  # CSS pixels of a method's row, and between two designs


def repeated_studies(low: ArrayLike, high: ArrayLike, *, truth: float, level: float = 0.8) -> Figure:
    """Intervals of the allocation exponent a from studies that differ in their noise alone.

    Seen: upright lines scatter around the truth; some miss it, and hollow ends mark those.

    Parameters
    ----------
    low, high : array_like, shape (studies,)
        Ends of the intervals.
    truth : float
        The exponent of the law that the studies were drawn from.
    level : float, default 0.8
        What the intervals promise.
    """
    low, high = arguments.columns(low=low, high=high)
    missed = (low > truth) | (high < truth)
    number = np.arange(1, len(low) + 1)
    canvas, ax = style.new_figure(height=340, left=70)
    style.level(ax, truth)
    for role, these in (("law", ~missed), ("data", missed)):
        colour = style.ROLES[role].colour
        ax.vlines(number[these], low[these], high[these], color=colour, linewidth=2.0, zorder=3)
    for ends in (low, high):
        style.points(ax, number[missed], ends[missed], role="data", size=4, hollow=True)
    room = 0.22 * (high.max() - low.min())
    ax.set_ylim(low.min() - 0.2 * room, high.max() + room)
    ax.set_xlim(0, len(low) + 1)
    said = f"{missed.sum()} of {len(low)} miss the truth, {truth:.4f} (dotted)"
    style.label(ax, said, 1, high.max() + 0.55 * room, role="data", dx=0, ha="left")
    style.axis_titles(ax, x="study", y="interval of a")
    length = high - low
    alt = (
        f"{len(low)} upright lines, the {100 * level:g} percent intervals of the exponent a in as many studies, around "
        f"a level line at the truth, {truth:.4f}. {missed.sum()} do not reach it: {(low > truth).sum()} lie above and "
        f"{(high < truth).sum()} below. The lines are between {length.min():.3f} and {length.max():.3f} long."
    )
    caption = (
        f"{len(low)} studies of the same design around the same law, and the interval of each. The promise is about "
        f"the collection: of many such lines {100 - 100 * level:.3g}% may miss the dotted truth (hollow ends)."
    )
    data = {"low": low, "high": high, "missed": missed, "truth": truth}
    return Figure(canvas, alt=alt, caption=caption, name="fig-repeated-studies", data=data)


def coverage_by_design(table: pandas.DataFrame, *, objective: str = "huber") -> Figure:
    """How often intervals held the truth, by design (blocks), method (rows) and quantity (dots).

    Seen: dots in the grey strip cannot be told from the promise; hollow squares fall short of it.

    Parameters
    ----------
    table : pandas.DataFrame
        As `measured_coverage` returns it, with two levels.
    objective : str, default "huber"
        Whose rows are drawn.
    """
    arguments.one_of("objective", objective, tuple(table.objective.unique()))
    table = table[table.objective == objective]
    levels, designs = sorted(table.level.unique()), list(dict.fromkeys(table.design))
    if len(levels) != 2:
        raise ValueError(f"table: must hold two levels, such as 0.8 and 0.95; it holds {len(levels)}")
    short = failing(table)
    rows = [[m for m in _CALLED if m in set(table[table.design == d].method)] for d in designs]
    inner = _ROW * sum(map(len, rows)) + _TITLE * (len(designs) - 1)
    canvas, axes = style.new_figure(
        rows=len(designs), columns=2, height=inner + 100, heights=[len(each) for each in rows],
        left=112, right=22, top=44, bottom=56, gap=_TITLE,
    )  # fmt: skip
    for place, (design, methods) in enumerate(zip(designs, rows, strict=True)):
        for column, level in enumerate(levels):
            ax = axes[2 * place + column]
            part = table[(table.design == design) & (table.level == level)]
            _block(ax, part, short, methods, level)
            ax.tick_params(axis="y", labelleft=column == 0)
            if place == len(designs) - 1:
                style.axis_titles(ax, x=f"held the truth, % ({100 * level:g}% promised)")
        runs = int(table[table.design == design].runs.iloc[0])
        title = f"{design}, {runs} runs"
        style.label(axes[2 * place], title, 23, -0.5, role="ink", dx=0, dy=12, ha="left", bold=True)
    studies = int(table.studies.min())
    caption = (
        f"Measured coverage, {_FITS.get(objective, objective)} fits: a dot for each of {_listed(QUANTITIES)}, on "
        f"{studies} studies a design. Dashed lines are the promise; a sound method's dot falls into the grey strip, "
        "two binomial errors wide to each side, about 19 times in 20. Hollow squares fall short by more than three "
        "errors and four points; the worst is named."
    )
    data = {"table": table, "short": short, "designs": designs}
    return Figure(canvas, alt=_told(table, short, designs), caption=caption, name="fig-coverage", data=data)


def _block(ax, part, short, methods, level):
    """Rows of dots of one design at one level."""
    error = 200 * np.sqrt(level * (1 - level) / part.studies.min())
    style.shade(ax, 100 * level - error, 100 * level + error)
    style.level(ax, 100 * level, axis="x", role="reference")
    for row, method in enumerate(methods):
        mine = part[part.method == method]
        failed = mine.index.isin(short.index)
        good, bad = 100 * mine.coverage[~failed], 100 * mine.coverage[failed]
        style.points(ax, good, np.full(len(good), row), role="law", size=3.5)
        style.points(ax, bad, np.full(len(bad), row), role="rival", size=3.5, hollow=True)
        if failed.any():
            worst = mine.loc[mine.coverage.idxmin()]
            text = f"{_LETTERS.get(worst.quantity, worst.quantity)} {100 * worst.coverage:.0f}%"
            right = worst.coverage < 0.55
            at = mine.coverage.max() if right else worst.coverage
            style.label(ax, text, 100 * at, row, role="rival", dx=9 if right else -9)
    ax.set_yticks(range(len(methods)), [_CALLED[m] for m in methods])
    ax.set_ylim(len(methods) - 0.5, -0.5)
    ax.set_xlim(23, 102)
    ax.set_xticks([40, 60, 80, 100])
    ax.tick_params(axis="y", length=0)


def _told(table, short, designs):
    """The alt text: for each design which methods keep the promise, and by how much the others miss it."""
    said = []
    for design in designs:
        mine, bad = table[table.design == design], short[short.design == design]
        words = []
        for method in (m for m in _CALLED if m in set(bad.method)):
            cells = bad[bad.method == method]
            worst = cells.loc[(cells.level - cells.coverage).idxmax()]
            words.append(
                f"{_CALLED[method]} {100 * worst.coverage:.0f} percent for {worst.quantity} "
                f"where {100 * worst.level:g} was promised"
            )
        sound = mine[~mine.method.isin(bad.method)]
        kept = "no method keeps it"
        if len(sound):
            least = [f"{100 * share:.0f}" for share in sound.groupby("level").coverage.min()]
            names = _listed([_CALLED[m] for m in _CALLED if m in set(sound.method)])
            kept = f"kept by {names}, at least {_listed(least)} percent at the two levels"
        missed = f"; short are {'; '.join(words)}" if words else ""
        said.append(f"{design}, {int(mine.runs.iloc[0])} runs: {kept}{missed}")
    first, second = sorted(table.level.unique())
    return (
        f"Blocks of dots, a block a design, a row a method: how often intervals that promise {100 * first:g} and "
        f"{100 * second:g} percent held the truth. {'. '.join(said)}."
    )


def _listed(words):
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def interval_growth(
    fit: ChinchillaFit,
    *,
    C: ArrayLike | None = None,
    result: Bootstrap | Profile | None = None,
    truth: ChinchillaLaw | None = None,
    level: float = 0.8,
) -> Figure:
    """Tokens per parameter of the best split against the budget, with its interval, also beyond the runs.

    Seen: a band that is narrow where there are runs and opens like a fan beyond the largest.

    Parameters
    ----------
    fit : ChinchillaFit
    C : array_like, shape (m,), optional
        Budgets in FLOP, rising, at which the interval is written; the axis goes from the first to the last.
        Powers of ten from below the least run to over three decades beyond the largest, without it.
    result : Bootstrap or Profile, optional
        Whose intervals are drawn; those of ``fit.profile()`` without it.
    truth : ChinchillaLaw, optional
        What the runs were drawn from.
    level : float, default 0.8
    """
    budgets = 6.0 * np.asarray(fit.N) * np.asarray(fit.D)
    seen = float(budgets.max())
    if C is None:
        C = 10.0 ** np.arange(np.floor(np.log10(budgets.min())), np.ceil(np.log10(seen)) + 4)
    C = np.asarray(C, dtype=float)
    result = fit.profile() if result is None else result
    grid = np.geomspace(C[0], C[-1], 81)
    found, marks = (result.optimum(at, level=level) for at in (grid, C))
    best, low, high = (getattr(found, end).tokens_per_parameter for end in ("value", "low", "high"))
    ends = np.array([getattr(marks, end).tokens_per_parameter for end in ("low", "high")])
    canvas, ax = style.new_figure(right=84, top=22)
    style.log_axis(ax, "x", ticks=C)
    steps = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 100, 200, 500, 1000)
    style.log_axis(ax, "y", ticks=[t for t in steps if low.min() / 1.2 <= t <= high.max() * 1.2])
    style.shade(ax, seen, grid[-1])
    style.band(ax, grid, low, high)
    style.curve(ax, grid, best)
    for at, (bottom, top) in zip(C[1:], ends.T[1:], strict=True):
        style.curve(ax, [at, at], [bottom, top], width=1.25)
        style.label(ax, f"{top:.1f}", at, top, dy=12, ha="center")
        style.label(ax, f"{bottom:.1f}", at, bottom, dy=-12, ha="center")
    true, side = None, 0.0
    if truth is not None:
        true = truth.optimum(grid).tokens_per_parameter
        side = 9.0 if best[-1] > true[-1] else -9.0  # the two curves may end close to each other
        style.curve(ax, grid, true, role="ink")
        style.label(ax, "truth", grid[-1], true[-1], role="ink", dy=-side)
    style.label(ax, "fitted law", grid[-1], best[-1], dy=side)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_ylim(low.min() / 1.22, high.max() * 1.22)
    middle = float(np.sqrt(seen * grid[-1]))
    style.label(ax, "no runs here", middle, high.max() * 1.12, role="quiet", ha="center")
    style.axis_titles(ax, x="budget C, FLOP", y="tokens per parameter")
    factors = ends[1] / ends[0]
    words = "; ".join(f"{a:.1f} to {b:.1f} at {spoken(c)} FLOP" for c, (a, b) in zip(C, ends.T, strict=True))
    line = "" if true is None else f" The true law goes from {true[0]:.1f} to {true[-1]:.1f}."
    alt = (
        f"Tokens per parameter of the best split against budget, with intervals of {100 * level:g} percent that open "
        f"beyond the largest run at {spoken(seen)} FLOP: {words}. The fitted law goes from {best[0]:.1f} to "
        f"{best[-1]:.1f}.{line}"
    )
    caption = (
        f"The {100 * level:g}% interval of $D/N$ on the frontier. Its ends differ by a factor of {factors.min():.2f} "
        f"at the narrowest marked budget and by {factors[-1]:.2f} at {plain(C[-1])} FLOP, {C[-1] / seen:,.0f} times "
        "the largest run."
    )
    data = {"C": C, "ends": ends, "factors": factors, "truth": true}
    data |= {"grid": grid, "low": low, "high": high, "best": best}
    return Figure(canvas, alt=alt, caption=caption, name="fig-interval-growth", data=data)
