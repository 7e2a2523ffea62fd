"""Figures of a reader's own table: the runs, the law fitted to them, and what it leaves over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from scalinglib import arguments
from scalinglib.explore import axis, band, curve, level, mark, panel, place, points, reach, region
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import plain

if TYPE_CHECKING:
    from scalinglib.fitting import ChinchillaFit, FormFit
    from scalinglib.uncertainty import Bootstrap

_SPLIT = {"A", "B", "alpha", "beta"}
_DRAWN = 2000  # more marks than this are one blot and a large file


def runs_and_frontier(
    fit: ChinchillaFit,
    *,
    bootstrap: Bootstrap | None = None,
    budget: float | None = None,
    level: float = 0.8,
    loss_unit: str = "nats per token",
) -> Figure:
    """The runs of a fit against compute, the lowest loss its law has at each budget, and the residuals below.

    Seen: runs off their budget's best split lie above the line; the grey strip was not measured. Where the
    runs leave the split open there is no line, since the lowest loss is then open too.

    Parameters
    ----------
    fit : ChinchillaFit
    bootstrap : Bootstrap, optional
        Shades where `level` of the resampled laws put the line.
    budget : float, optional
        FLOP to carry the line to; ten times the largest run without it.
    loss_unit : str
        Of the losses, for the axis.
    """
    C, loss, law = 6.0 * fit.N * fit.D, np.asarray(fit.loss), fit.law
    lined = not _SPLIT & set(fit.undetermined)
    farthest = None if budget is None else arguments.scalar("budget", budget, positive=True)
    last = 1.5 * max(farthest or 0.0, C.max()) if farthest or not lined else 10.0 * C.max()
    residuals = 100.0 * np.log(loss / law(fit.N, fit.D))
    drawn, every, size = _thinned(C)
    grid = np.geomspace(C.min() / 1.5, last, 81)
    best, seen = law.frontier(grid), [loss]
    regions, bands, lines = {}, {}, {}
    # The line falls and flattens, so the lower left corner is free whatever the runs.
    said = "line: lowest loss at each budget" if lined else "no line: the runs leave the best split open"
    if lined:
        beyond = (C.max() * 1.05, last)
        wide = np.log(last / C.max()) > 0.2 * np.log(last / grid[0])
        regions = {"beyond": region(x=beyond, label="not measured" if wide else ""), "below": region(x=beyond, panel=1)}
        lines["frontier"] = curve(grid, best, "law")
        seen.append(best[np.isfinite(best)])
        if bootstrap is not None:
            ends = bootstrap.optimum(grid, level=level)
            bands["frontier"] = band(grid, ends.low.loss, ends.high.loss)
            seen += [ends.low.loss[np.isfinite(ends.low.loss)]]
    bottom, top = min(z.min() for z in seen), max(z.max() for z in seen[:2])
    air = 0.15 * (top - bottom) or 0.025 * top
    across = _scaled("compute C = 6ND", "FLOP", grid[0], last, scale="log")
    picture = {
        "axes": [
            panel(across, _scaled("loss", loss_unit, bottom - air, top + air), height=2.2, x_label=False),
            panel(across, _evenly(residuals, "%")),
        ],
        "regions": regions,
        "bands": bands,
        "curves": {**lines, "zero": _zero(across)},
        "points": {"runs": points(C[drawn], loss[drawn], size=size), **_left_over(C[drawn], residuals[drawn], size)},
        "marks": {"said": mark(grid[0], bottom - 0.6 * air, said, "law")},
        "tall": 1.05,
    }
    share = f"one in {every} of the {len(C)} runs, evenly by compute" if every > 1 else f"{len(C)} runs"
    strayed = float(np.sqrt(np.mean(residuals**2)))
    shaded = f" The band holds {level:.0%} of the resampled laws." if lined and bootstrap is not None else ""
    line = (
        ", over the falling line of the lowest loss that the fitted law has "
        f"at each budget: {best[0]:.4g} at {plain(grid[0])} FLOP, {best[-1]:.4g} at {plain(last)}."
        if lined
        else ". No line of the lowest loss at each budget: the runs leave the best split open."
    )
    above = (
        f"Above: {share}, and the lowest loss that the fitted law has at each budget.{shaded} Runs away from "
        "the best split lie above the line; the grey strip was not measured."
        if lined
        else f"Above: {share}; no line of the lowest loss, since the runs leave the best split open."
    )
    data = {"C": C[drawn], "loss": loss[drawn], "residuals": residuals[drawn]}
    return Figure(
        picture,
        name="fig-own-table",
        alt=(
            f"Loss against compute for {share}, {plain(C.min())} to {plain(C.max())} FLOP and losses "
            f"{loss.min():.4g} to {loss.max():.4g}{line}{shaded} Below, the residuals: "
            f"{residuals.min():.3g} to {residuals.max():.3g} percent, root mean square {strayed:.3g}."
        ),
        caption=f"{above} Below: measured loss against the law at the run's own N and D.",
        data=data | ({"budgets": grid, "frontier": best} if lined else {}),
    )


def measured_and_fitted(fit: FormFit) -> Figure:
    """What each run measured against what its fitted law gives, and the residuals below.

    Seen: where a law holds, runs lie along the line and residuals show no trend.

    Parameters
    ----------
    fit : FormFit
    """
    measured, residuals = fit.given.back(fit.given.y), fit.residuals
    log = fit.space == "log"
    law = measured * np.exp(-residuals) if log else measured - residuals
    left, unit = (100.0 * np.expm1(residuals), "%") if log else (residuals, "")
    drawn, every, size = _thinned(law)
    name = re.sub(r"[$\\\s{}*^]+", " ", fit.given.y_name)[:30].strip() or "value"
    low, high = min(law.min(), measured.min()), max(law.max(), measured.max())
    scale = "log" if low > 0 and high > 8 * low else "linear"
    ends = reach([low, high], scale=scale, air=0.04)
    across, upright = (
        _scaled(title, "", *ends, scale=scale) for title in (f"{name} by the fitted law", f"measured {name}")
    )
    picture = {
        "axes": [panel(across, upright, height=2.2, x_label=False), panel(across, _evenly(left, unit))],
        "curves": {"equal": curve(ends, ends, "law"), "zero": _zero(across)},
        "points": {"runs": points(law[drawn], measured[drawn], size=size), **_left_over(law[drawn], left[drawn], size)},
        "tall": 1.05,
    }
    share = f"one in {every} of the {len(law)} runs" if every > 1 else f"{len(law)} runs"
    unit, strayed = " percent" if log else "", np.sqrt(np.mean(left**2))
    return Figure(
        picture,
        name="fig-measured-and-fitted",
        alt=(
            f"Measured {name} against that of the fitted law for {share}, about the line where both are equal: "
            f"measured {measured.min():.4g} to {measured.max():.4g}, by the law {law.min():.4g} to {law.max():.4g}. "
            f"Below, residuals: {left.min():.3g} to {left.max():.3g}{unit}, root mean square {strayed:.3g}."
        ),
        caption=f"Above: {share}; on the line, what was measured is what the law gives. Below: the difference.",
        data={"law": law[drawn], "measured": measured[drawn], "residuals": left[drawn]},
    )


def _thinned(x):
    """Which runs are drawn, by x and evenly, so that the order of the table does not matter; one in how many; size."""
    every = -(-len(x) // _DRAWN)
    drawn = np.argsort(x, kind="stable")[::every]
    return drawn, every, 4 if len(drawn) < 500 else 2.5


def _scaled(title: str, unit: str, low: float, high: float, *, scale: str = "linear", ticks=None) -> dict:
    """An axis whose numbers are short: what is common to all of them, a power of ten or a base, stands in its title."""
    near = scale == "linear" and high - low < 1e-3 * max(abs(low), abs(high))
    base = float(f"{low:.4g}") if near else 0.0
    power = int(np.floor(np.log10(max(abs(low - base), abs(high - base)))))
    if (scale == "log" and high > 100.0 * low) or -2 <= power < 4:
        power = 0
    size = 10.0**power
    short = axis("", (low - base) / size, (high - base) / size, scale=scale, ticks=ticks and [t / size for t in ticks])
    # Long words at the end of the axis would leave the picture.
    kept = [
        (base + value * size, text) for value, text in short["ticks"] if len(text) < 6 or place(short, value) < 0.96
    ]
    title += f" less {base:g}" if base else ""
    unit = f"10^{power} {unit}".replace("-", "−").strip() if power else unit
    return axis(title, low, high, unit=unit, scale=scale, ticks=kept)


def _evenly(residuals, unit) -> dict:
    """The axis of residuals, as far above zero as below, with a number on each side."""
    far = 1.15 * float(np.abs(residuals).max()) or 1.0
    step = 10.0 ** np.floor(np.log10(far))
    step *= max(mantissa for mantissa in (1, 2, 5) if mantissa * step <= far)
    return _scaled("residual", unit, -far, far, ticks=[-step, 0.0, step])


def _zero(across) -> dict:
    """No residual, in the lower panel."""
    return level(across, 0.0, panel=1)


def _left_over(x, residuals, size) -> dict:
    """The residuals, in the lower panel."""
    return {"residuals": points(x, residuals, size=size, panel=1)}
