"""Figures of intervals: what they promise, how often they keep it, how they grow beyond the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.coverage.measure import QUANTITIES, failing
from scalinglib.explore import axis, band, curve, layers, mark, panel, points, region
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import plain, spoken

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
    number, length = np.arange(1.0, len(low) + 1), high - low
    across = axis("study", 0, len(low) + 1)
    room = 0.22 * (high.max() - low.min())
    upright = np.stack([low, high, np.full(len(low), np.nan)], 1)

    def lines(these, role):
        return curve(np.repeat(number[these], 3), upright[these].ravel(), role, dashed="solid")

    ends = {"role": "data", "size": 4, "hollow": True}
    said = f"{missed.sum()} of {len(low)} miss the truth, {truth:.4f} (dotted)"
    picture = {
        "axes": panel(across, axis("interval of a", low.min() - 0.2 * room, high.max() + room)),
        "curves": {"truth": layers.level(across, truth), "hold": lines(~missed, "law"), "miss": lines(missed, "data")},
        "points": {
            "low": points(number[missed], low[missed], **ends),
            "high": points(number[missed], high[missed], **ends),
        },
        "marks": {"said": mark(0.5, high.max() + 0.55 * room, said, "data")},
        "tall": 0.85,
    }
    return Figure(
        picture,
        name="fig-repeated-studies",
        alt=(
            f"{len(low)} upright lines, the {100 * level:g} percent intervals of the exponent a in as many studies, "
            f"around a level line at the truth, {truth:.4f}. {missed.sum()} do not reach it: {(low > truth).sum()} lie "
            f"above and {(high < truth).sum()} below. The lines are between {length.min():.3f} and "
            f"{length.max():.3f} long."
        ),
        caption=(
            f"{len(low)} studies of the same design around the same law, and the interval of each. The promise is "
            f"about the collection: of many such lines {100 - 100 * level:.3g}% may miss the dotted truth (hollow "
            "ends)."
        ),
        data={"low": low, "high": high, "missed": missed, "truth": truth},
    )


def coverage_by_design(table: pandas.DataFrame, *, objective: str = "huber", name: str = "fig-coverage") -> Figure:
    """How often intervals held the truth, by design (blocks), method (rows) and quantity (dots).

    Seen: dots in the grey strip cannot be told from the promise; hollow squares fall short of it.

    Parameters
    ----------
    table : pandas.DataFrame
        As `measured_coverage` returns it, with two levels.
    objective : str, default "huber"
        Whose rows are drawn.
    name : str
        By which a page refers to the figure.
    """
    arguments.one_of("objective", objective, tuple(table.objective.unique()))
    table = table[table.objective == objective]
    levels, designs = sorted(table.level.unique()), list(dict.fromkeys(table.design))
    if len(levels) != 2:
        raise ValueError(f"table: must hold two levels, such as 0.8 and 0.95; it holds {len(levels)}")
    short, studies = failing(table), int(table.studies.min())
    rows, titles, height = {}, {}, 0.0
    for design in designs:
        part = table[table.design == design]
        titles[f"{design}, {int(part.runs.iloc[0])} runs"] = height
        for method in (method for method in _CALLED if method in set(part.method)):
            height -= 1.0
            rows[design, method] = height
        height -= 1.6
    upright = axis("", height + 1.2, 1.0, ticks=[(row, _CALLED[method]) for (_, method), row in rows.items()])
    heights = np.array([rows[each] for each in zip(table.design, table.method, strict=True)])
    failed = table.index.isin(short.index)
    axes, regions, curves, dots, words = [], {}, {}, {}, {}
    for place, level in enumerate(levels):
        mine, error = (table.level == level).to_numpy(), 200 * np.sqrt(level * (1 - level) / studies)
        title = f"held the truth, % ({100 * level:g}% promised)"
        axes.append(panel(axis(title, 23, 102, ticks=[40, 60, 80, 100]), upright))
        regions[f"{level}"] = region(x=(100 * level - error, 100 * level + error), panel=place)
        curves[f"{level}"] = layers.level(upright, 100 * level, "reference", upright=True, panel=place)
        for bad in (False, True):
            look = {"role": "rival", "shape": "square", "hollow": True} if bad else {"role": "law"}
            these = mine & (failed == bad)
            dots[f"{level}-{bad}"] = points(100 * table.coverage[these], heights[these], size=3.5, panel=place, **look)
        words |= {
            f"{level}-{title}": mark(23, row, title, bold=True, panel=place, phone=True)
            for title, row in titles.items()
        }
        for (design, method), row in rows.items():
            there = table[mine & (heights == row)]
            if there.index.isin(short.index).any():
                worst = there.loc[there.coverage.idxmin()]
                text = f"{_LETTERS.get(worst.quantity, worst.quantity)} {100 * worst.coverage:.0f}%"
                right = worst.coverage < 0.55
                at = 100 * (there.coverage.max() if right else worst.coverage)
                side = "right" if right else "left"
                words[f"{level}-{design}-{method}"] = mark(at, row, text, "rival", side=side, panel=place)
    picture = {"axes": axes, "regions": regions, "curves": curves, "points": dots, "marks": words}
    picture |= {
        "layout": "beside",
        "left": 102,
        "rows": True,
        "tall": ((16 * (1.0 - height) + 90) / 405, (17 * (1.0 - height) + 90) / 238),
    }

    caption = (
        f"Measured coverage, {_FITS.get(objective, objective)} fits: a dot for each of {_listed(QUANTITIES)}, on "
        f"{studies} studies a design. Dashed lines are the promise; a sound method's dot falls into the grey strip, "
        "two binomial errors wide to each side, about 19 times in 20. Hollow squares fall short by more than three "
        "errors and four points; the worst is named."
    )
    data = {"table": table, "short": short, "designs": designs}
    return Figure(picture, alt=_told(table, short, designs), caption=caption, name=name, data=data)


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
    across = axis("budget C", grid[0], grid[-1], unit="FLOP", scale="log", ticks=C)
    steps = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 100, 200, 500, 1000)
    bottom, top = low.min() / 1.3, high.max() * 1.3
    upright = axis("tokens per parameter", bottom, top, scale="log", ticks=[t for t in steps if bottom <= t <= top])
    true, truths = None, {}
    if truth is not None:
        true = truth.optimum(grid).tokens_per_parameter
        truths["truth"] = curve(grid, true, "ink", label="truth")
    gaps = np.full(len(C) - 1, np.nan)
    end = {"role": "law", "size": 0}
    picture = {
        "axes": panel(across, upright),
        "regions": {"beyond": region(x=(seen, grid[-1]), label="no runs here")},
        "bands": {"interval": band(grid, low, high)},
        "curves": {
            **truths,
            "best": curve(grid, best, "law", label="fitted law"),
            "marked": curve(np.repeat(C[1:], 3), np.stack([*ends[:, 1:], gaps], 1).ravel(), "law", thin=True),
        },
        "points": {
            "high": points(C[1:], ends[1, 1:], side="above", labels=[f"{each:.1f}" for each in ends[1, 1:]], **end),
            "low": points(C[1:], ends[0, 1:], side="below", labels=[f"{each:.1f}" for each in ends[0, 1:]], **end),
        },
    }
    factors = ends[1] / ends[0]
    words = "; ".join(f"{a:.1f} to {b:.1f} at {spoken(c)} FLOP" for c, (a, b) in zip(C, ends.T, strict=True))
    line = "" if true is None else f" The true law goes from {true[0]:.1f} to {true[-1]:.1f}."
    data = {"C": C, "ends": ends, "factors": factors, "truth": true}
    data |= {"grid": grid, "low": low, "high": high, "best": best}
    return Figure(
        picture,
        name="fig-interval-growth",
        alt=(
            f"Tokens per parameter of the best split against budget, with intervals of {100 * level:g} percent that "
            f"open beyond the largest run at {spoken(seen)} FLOP: {words}. The fitted law goes from {best[0]:.1f} to "
            f"{best[-1]:.1f}.{line}"
        ),
        caption=(
            f"The {100 * level:g}% interval of $D/N$ on the frontier. Its ends differ by a factor of "
            f"{factors.min():.2f} at the narrowest marked budget and by {factors[-1]:.2f} at {plain(C[-1])} FLOP, "
            f"{C[-1] / seen:,.0f} times the largest run."
        ),
        data=data,
    )
