"""Figures of a reader's own table: the runs, the law fitted to them, and what it leaves over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from scalinglib import arguments
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import plain

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
    C, loss = 6.0 * fit.N * fit.D, np.asarray(fit.loss)
    law = fit.law
    lined = not _SPLIT & set(fit.undetermined)
    farthest = None if budget is None else arguments.scalar("budget", budget, positive=True)
    last = 10.0 * C.max() if farthest is None else 1.5 * max(farthest, C.max())
    if not lined:
        last = 1.5 * C.max()
    residuals = 100.0 * np.log(loss / law(fit.N, fit.D))
    drawn, every, size = _thinned(C)
    grid = np.geomspace(C.min() / 1.5, last, 121)
    best = law.frontier(grid)
    reach = 1.15 * np.abs(residuals).max() or 1.0
    left = 70 if reach >= 1.0 else 84  # numbers such as -0.25 need room before the titles
    canvas, (ax, below) = style.new_figure(rows=2, height=540, left=left, right=30, top=24, heights=(2.2, 1))
    style.log_axis(ax, "x")
    ax.set_xlim(grid[0], last)
    seen = [loss]
    if lined:
        for panel in (ax, below):
            style.shade(panel, C.max() * 1.05, last)
        seen.append(best[np.isfinite(best)])
    if lined and bootstrap is not None:
        ends = bootstrap.optimum(grid, level=level)
        low, high = ends.low.loss, ends.high.loss
        style.band(ax, grid, low, high)
        seen += [low[np.isfinite(low)]]
    bottom, top = min(z.min() for z in seen), max(z.max() for z in seen[:2])
    air = 0.06 * (top - bottom) or 0.01 * top
    ax.set_ylim(bottom - 2.5 * air, top + 2.5 * air)
    if lined:
        style.curve(ax, grid, best, zorder=5)
    style.points(ax, C[drawn], loss[drawn], size=size)
    _left_over(below, C[drawn], residuals[drawn], reach, size)
    width = np.log(last / grid[0])
    # The line falls and flattens, so the lower left corner is free whatever the runs.
    said = "line: lowest loss at each budget" if lined else "no line: the runs leave the best split open"
    style.label(ax, said, grid[0], bottom - 1.4 * air, dx=10)
    if lined and np.log(last / C.max()) > 0.2 * width:
        style.label(ax, "not measured", np.sqrt(C.max() * last), top + 1.2 * air, role="quiet", ha="center")
    with style.context():
        ax.ticklabel_format(axis="y", scilimits=(-2, 3), useMathText=True)  # long numbers would run into the title
    style.axis_titles(ax, y=f"loss, {loss_unit}")
    style.axis_titles(below, x="compute C = 6ND, FLOP", y="residual, %")
    for panel in (ax, below):
        wide = panel.get_position().width * style.WIDTH
        panel.yaxis.set_label_coords((26 - left) / wide, 0.5)

    share = f"one in {every} of the {len(C)} runs, evenly by compute" if every > 1 else f"{len(C)} runs"
    strayed = float(np.sqrt(np.mean(residuals**2)))
    shaded = f" The band holds {level:.0%} of the resampled laws." if lined and bootstrap is not None else ""
    line = (
        ", over the falling line of the lowest loss that the fitted law has "
        f"at each budget: {best[0]:.4g} at {plain(grid[0])} FLOP, {best[-1]:.4g} at {plain(last)}."
        if lined
        else ". No line of the lowest loss at each budget: the runs leave the best split open."
    )
    alt = (
        f"Loss against compute for {share}, {plain(C.min())} to {plain(C.max())} FLOP and losses "
        f"{loss.min():.4g} to {loss.max():.4g}{line}{shaded} Below, the residuals: "
        f"{residuals.min():.3g} to {residuals.max():.3g} percent, root mean square {strayed:.3g}."
    )
    above = (
        f"Above: {share}, and the lowest loss that the fitted law has at each budget.{shaded} Runs away from "
        "the best split lie above the line; the grey strip was not measured."
        if lined
        else f"Above: {share}; no line of the lowest loss, since the runs leave the best split open."
    )
    caption = f"{above} Below: measured loss against the law at the run's own N and D."
    data = {"C": C[drawn], "loss": loss[drawn], "residuals": residuals[drawn]}
    if lined:
        data |= {"budgets": grid, "frontier": best}
    return Figure(canvas, alt=alt, caption=caption, name="fig-own-table", data=data)


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
    left = 100.0 * np.expm1(residuals) if log else residuals
    drawn, every, size = _thinned(law)
    name = re.sub(r"[$\\\s]+", " ", fit.given.y_name)[:30].strip() or "value"
    canvas, (ax, below) = style.new_figure(rows=2, height=540, left=84, right=30, top=24, heights=(2.2, 1))
    ends = np.array([min(law.min(), measured.min()), max(law.max(), measured.max())])
    if ends[0] > 0 and ends[1] > 8 * ends[0]:
        style.log_axis(ax, "both")
        ends *= (ends[1] / ends[0]) ** np.array([-0.04, 0.04])
    else:
        ends += (0.04 * np.ptp(ends) or 0.01 * abs(ends[0]) or 1.0) * np.array([-1.0, 1.0])
    style.curve(ax, ends, ends)
    style.points(ax, law[drawn], measured[drawn], size=size)
    _left_over(below, law[drawn], left[drawn], 1.15 * np.abs(left).max() or 1.0, size)
    ax.set(xlim=ends, ylim=ends)
    with style.context():
        for panel in (ax, below):
            if panel.get_yscale() == "linear":  # long numbers would run into the title
                panel.ticklabel_format(axis="y", scilimits=(-2, 3), useMathText=True)
        if ax.get_xscale() == "linear":
            below.ticklabel_format(axis="x", scilimits=(-2, 4), useMathText=True)
    style.axis_titles(ax, y=f"measured {name}")
    style.axis_titles(below, x=f"{name} by the fitted law", y="residual, %" if log else "residual")
    for panel in (ax, below):
        panel.yaxis.set_label_coords(-58 / (panel.get_position().width * style.WIDTH), 0.5)

    share = f"one in {every} of the {len(law)} runs" if every > 1 else f"{len(law)} runs"
    unit, strayed = " percent" if log else "", np.sqrt(np.mean(left**2))
    alt = (
        f"Measured {name} against that of the fitted law for {share}, about the line where both are equal: measured "
        f"{measured.min():.4g} to {measured.max():.4g}, by the law {law.min():.4g} to {law.max():.4g}. "
        f"Below, residuals: {left.min():.3g} to {left.max():.3g}{unit}, root mean square {strayed:.3g}."
    )
    caption = f"Above: {share}; on the line, what was measured is what the law gives. Below: the difference."
    data = {"law": law[drawn], "measured": measured[drawn], "residuals": left[drawn]}
    return Figure(canvas, alt=alt, caption=caption, name="fig-measured-and-fitted", data=data)


def _thinned(x):
    """Which runs are drawn, by x and evenly, so that the order of the table does not matter; one in how many; size."""
    every = -(-len(x) // _DRAWN)
    drawn = np.argsort(x, kind="stable")[::every]
    return drawn, every, 4 if len(drawn) < 500 else 2.5


def _left_over(below, x, residuals, reach, size):
    """The lower panel: residuals about zero."""
    style.level(below, 0.0)
    style.points(below, x, residuals, size=size)
    below.set_ylim(-reach, reach)
