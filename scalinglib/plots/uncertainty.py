"""Figures of intervals: what they promise, how often they keep it, how they grow beyond the runs."""

from __future__ import annotations

import numpy as np

from scalinglib import arguments
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import plain, spoken
from scalinglib.uncertainty.coverage import QUANTITIES, _failing

__all__ = ["coverage_by_design", "interval_growth", "repeated_studies"]

_CALLED = {
    "runs": "runs",
    "groups": "groups",
    "residual": "residual",
    "wild": "wild",
    "profile": "profile",
    "profile-equal": "profile, equal",
}
_LETTERS = {"alpha": "\N{GREEK SMALL LETTER ALPHA}", "beta": "\N{GREEK SMALL LETTER BETA}", "N_opt": "N opt"}
_FITS = {"huber": "Huber", "log_least_squares": "log least squares"}
_ROW, _TITLE = 17, 28  # CSS pixels of a method's row, and between two designs


def repeated_studies(low, high, *, truth, level=0.8) -> Figure:
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
        ax.vlines(number[these], low[these], high[these], color=style.ROLES[role].colour, linewidth=2.0, zorder=3)
    for ends in (low, high):
        style.points(ax, number[missed], ends[missed], role="data", size=4, hollow=True)
    room = 0.22 * (high.max() - low.min())
    ax.set_ylim(low.min() - 0.2 * room, high.max() + room)
    ax.set_xlim(0, len(low) + 1)
    said = f"{missed.sum()} of {len(low)} miss the truth, {truth:.4f} (dotted)"
    style.direct_label(ax, said, 1, high.max() + 0.55 * room, role="data", dx=0, ha="left")
    style.axis_titles(ax, x="study", y="interval of a")
    alt = (
        f"{len(low)} upright lines, the {100 * level:g} percent intervals of the exponent a in as many studies, around a level "
        f"line at the truth, {truth:.4f}. {missed.sum()} do not reach it: {(low > truth).sum()} lie above and "
        f"{(high < truth).sum()} below. The lines are between {(high - low).min():.3f} and {(high - low).max():.3f} long."
    )
    caption = (
        f"{len(low)} studies of the same design around the same law, an {100 * level:g}% interval from each. The promise is about "
        "the collection: about one line in five should miss the dotted truth (hollow ends)."
        if level == 0.8
        else f"{len(low)} studies of the same design around the same law, a {100 * level:g}% interval from each. Lines with hollow "
        "ends miss the dotted truth."
    )
    data = {"low": low, "high": high, "missed": missed, "truth": truth}
    return Figure(canvas, alt=alt, caption=caption, name="fig-repeated-studies", data=data)


def coverage_by_design(table, *, objective="huber") -> Figure:
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
    short = _failing(table)
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
        style.direct_label(axes[2 * place], f"{design}, {runs} runs", 23, -0.5, role="ink", dx=0, dy=12, ha="left", bold=True)
    studies = int(table.studies.min())
    caption = (
        f"Measured coverage, {_FITS.get(objective, objective)} fits: a dot for each of {_listed(QUANTITIES)}, on {studies} studies a "
        "design. Dashed lines are the promise; a sound method's dot falls into the grey strip, two binomial errors wide "
        "to each side, about 19 times in 20. Hollow squares fall short by more than three errors and four points, the worst is named."
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
        style.points(ax, 100 * mine.coverage[~failed], np.full((~failed).sum(), row), role="law", size=3.5)
        style.points(ax, 100 * mine.coverage[failed], np.full(failed.sum(), row), role="rival", size=3.5, hollow=True)
        if failed.any():
            worst = mine.loc[mine.coverage.idxmin()]
            text = f"{_LETTERS.get(worst.quantity, worst.quantity)} {100 * worst.coverage:.0f}%"
            right = worst.coverage < 0.55
            at = mine.coverage.max() if right else worst.coverage
            style.direct_label(ax, text, 100 * at, row, role="rival", dx=9 if right else -9)
    ax.set_yticks(range(len(methods)), [_CALLED[m] for m in methods])
    ax.set_ylim(len(methods) - 0.5, -0.5)
    ax.set_xlim(23, 102)
    ax.set_xticks([40, 60, 80, 100])
    ax.tick_params(axis="y", length=0)


def _told(table, short, designs):
    said = []
    for design in designs:
        mine, bad = table[table.design == design], short[short.design == design]
        words = []
        for method in (m for m in _CALLED if m in set(bad.method)):
            worst = bad[bad.method == method]
            worst = worst.loc[(worst.level - worst.coverage).idxmax()]
            words.append(
                f"{_CALLED[method]} {100 * worst.coverage:.0f} percent for {worst.quantity} where {100 * worst.level:g} was promised"
            )
        held = [_CALLED[m] for m in _CALLED if m in set(mine.method) - set(bad.method)]
        lowest = mine[~mine.method.isin(bad.method)].groupby("level").coverage.min()
        kept = f"{_listed(held)} keep it, at least {_listed([f'{100 * c:.0f}' for c in lowest])} percent at the two levels" if held else "no method keeps it"
        said.append(f"{design}, {int(mine.runs.iloc[0])} runs: {kept}" + (f"; short are {'; '.join(words)}" if words else ""))
    first, second = sorted(table.level.unique())
    return (
        f"Blocks of dots, a block a design, a row a method: how often intervals that promise {100 * first:g} and {100 * second:g} "
        f"percent held the truth. {'. '.join(said)}."
    )


def _listed(words):
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def interval_growth(fit, *, C=None, result=None, truth=None, level=0.8) -> Figure:
    """Tokens per parameter of the best split against the budget, with its interval, inside and beyond the runs.

    Seen: a band that is narrow where there are runs and opens like a fan beyond the largest.

    Parameters
    ----------
    fit : ChinchillaFit
    C : array_like, shape (m,), optional
        Budgets in FLOP, rising, at which the interval is written; the first and the last are the ends of the axis.
        Powers of ten from the least run to four decades beyond the largest, without it.
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
    style.log_axis(ax, "y", ticks=[t for t in (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 100, 200) if low.min() / 1.2 <= t <= high.max() * 1.2])
    style.shade(ax, seen, grid[-1])
    style.band(ax, grid, low, high)
    style.curve(ax, grid, best)
    for at, (bottom, top) in zip(C[1:], ends.T[1:], strict=True):
        style.curve(ax, [at, at], [bottom, top], width=1.25)
        style.direct_label(ax, f"{top:.1f}", at, top, dx=0, dy=12, ha="center")
        style.direct_label(ax, f"{bottom:.1f}", at, bottom, dx=0, dy=-12, ha="center")
    style.direct_label(ax, "fitted law", grid[-1], best[-1], dy=-2 if truth is None else 9 * np.sign(best[-1] - truth.optimum(grid[-1]).tokens_per_parameter))
    true = None
    if truth is not None:
        true = truth.optimum(grid).tokens_per_parameter
        style.curve(ax, grid, true, role="ink")
        style.direct_label(ax, "truth", grid[-1], true[-1], role="ink", dy=-9 * np.sign(best[-1] - true[-1]))
    ax.set_xlim(grid[0], grid[-1])
    ax.set_ylim(low.min() / 1.22, high.max() * 1.22)
    style.direct_label(ax, "no runs here", float(np.sqrt(seen * grid[-1])), high.max() * 1.12, role="quiet", dx=0, ha="center")
    style.axis_titles(ax, x="budget C, FLOP", y="tokens per parameter")
    factors = ends[1] / ends[0]
    words = "; ".join(f"{a:.1f} to {b:.1f} at {spoken(c)} FLOP" for c, (a, b) in zip(C, ends.T, strict=True))
    line = "" if true is None else f" The true law goes from {true[0]:.1f} to {true[-1]:.1f}."
    alt = (
        f"Tokens per parameter of the best split against budget, with an {100 * level:g} percent interval that opens beyond the "
        f"largest run at {spoken(seen)} FLOP: {words}. The fitted law goes from {best[0]:.1f} to {best[-1]:.1f}.{line}"
    )
    caption = (
        f"The {100 * level:g}% interval of $D/N$ on the frontier. Its ends differ by a factor of {factors.min():.2f} where it is narrowest among "
        f"the marked budgets and by {factors[-1]:.2f} at {plain(C[-1])} FLOP, {C[-1] / seen:.0f} times the largest run."
    )
    data = {"C": C, "ends": ends, "grid": grid, "low": low, "high": high, "best": best, "truth": true, "factors": factors}
    return Figure(canvas, alt=alt, caption=caption, name="fig-interval-growth", data=data)
