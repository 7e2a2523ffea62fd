"""Figures of the course's own language models: curves, bowls, residuals, and the prediction with its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import plain

if TYPE_CHECKING:
    import pandas

    from scalinglib.laws import ChinchillaLaw


def _cells(table):
    """Mean, lowest and highest loss of each cell over its seeds."""
    cells = table.groupby(["budget", "width", "N", "D"], as_index=False)
    return cells.agg(
        loss=("loss", "mean"), low=("loss", "min"), high=("loss", "max"), C=("C", "first"), seeds=("seed", "size")
    )


def measured_curves(table: pandas.DataFrame, law: ChinchillaLaw) -> Figure:
    """Loss against tokens, one curve a width, and against compute with the law's frontier under it.

    Parameters
    ----------
    table : DataFrame
        Rows of "language-model": N, D, C, loss, budget, width, seed.
    law : ChinchillaLaw
        Fitted to them.
    """
    cells = _cells(table)
    canvas, (left, right) = style.new_figure(columns=2, right=30, height=380)
    for ax in (left, right):
        style.log_axis(ax)
    widths = sorted(cells["width"].unique())
    for width in widths:
        some = cells[cells["width"] == width].sort_values("D")
        N = some["N"].iloc[0]
        D = np.geomspace(some["D"].min(), some["D"].max(), 60)
        style.curve(left, D, law(N, D), role="law", width=1.25)
        style.points(left, some["D"], some["loss"], size=3)
        if width in (widths[0], widths[2]):
            last = some.iloc[-1]
            style.label(left, f"d = {width}", last["D"], last["loss"], role="data", dy=13, ha="center")
        elif width == widths[4]:
            last = some.iloc[-1]
            style.label(left, f"d = {width}", last["D"], last["loss"], role="data", dx=7, dy=-4)
        style.points(right, some["C"], some["loss"], size=3)
    C = np.geomspace(cells["C"].min() / 1.3, cells["C"].max() * 1.3, 60)
    style.curve(right, C, law.frontier(C), role="law")
    style.label(right, "best split", C[8], law.frontier(C[8]), dx=-2, dy=-14, ha="left")
    for ax in (left, right):
        ax.set(ylim=(cells["loss"].min() - 0.05, cells["loss"].max() + 0.06))
    style.axis_titles(left, x="tokens D", y="loss, nats per token")
    style.axis_titles(right, x="compute C = 6ND, FLOP")
    alt = (
        f"Two panels. Left, loss against tokens for {len(widths)} widths from {widths[0]} to {widths[-1]}: each curve "
        f"falls and flattens, wider models lie lower, from {cells['loss'].max():.2f} at the upper left to "
        f"{cells['loss'].min():.2f} at the lower right, and the fitted law runs through the points. Right, the same "
        "runs against compute: a wedge of points whose lower edge follows the law's best split from "
        f"{law.frontier(C[0]):.2f} to {law.frontier(C[-1]):.2f}."
    )
    caption = (
        "Every cell, mean of its seeds (dots), and the law fitted to them (lines): against the tokens seen, one line "
        "a width, and against compute, with the law's best split. At the largest budget some cells lie below it."
    )
    data = {"widths": widths, "loss": cells["loss"].to_numpy()}
    return Figure(canvas, alt=alt, caption=caption, name="fig-measured-curves", data=data)


def measured_bowls(table: pandas.DataFrame, law: ChinchillaLaw) -> Figure:
    """Loss against size at each budget, with the fitted law's bowls and their lowest points."""
    cells = _cells(table)
    budgets = sorted(cells["budget"].unique())
    canvas, ax = style.new_figure(right=36, height=440)
    style.log_axis(ax)
    lowest = []
    for budget in budgets:
        some = cells[cells["budget"] == budget].sort_values("N")
        N = np.geomspace(some["N"].min(), some["N"].max(), 80)
        style.curve(ax, N, law(N, budget / (6 * N)), role="law", width=1.25)
        ax.vlines(some["N"], some["low"], some["high"], color=style.LIGHT["data"], linewidth=style.POINT, zorder=3)
        style.points(ax, some["N"], some["loss"], size=3.5)
        least = some.loc[some["loss"].idxmin()]
        lowest.append((budget, int(least["N"]), float(least["loss"])))
        style.points(ax, [least["N"]], [least["loss"]], role="reference", size=5.5)
        last = some.iloc[-1]
        style.label(ax, style.power(budget), last["N"], last["loss"], role="quiet", dy=14, ha="center")
    path = law.optimum(np.array([budgets[0], budgets[-1]]))
    style.curve(ax, path.N, path.loss, role="reference")
    ax.set(ylim=(cells["loss"].min() - 0.05, cells["loss"].max() + 0.08))
    style.axis_titles(ax, x="parameters N, without embeddings", y="loss, nats per token")
    where = "; ".join(f"{plain(c)} FLOP, {n:,} parameters, {x:.3f}" for c, n, x in lowest)
    alt = (
        f"Loss against parameters, {len(budgets)} bowls, one a budget, the larger budgets lower and further right. "
        f"Lowest measured cell of each: {where}. Lines of the fitted law run close to the points; its best splits lie "
        "on a falling dashed line."
    )
    caption = (
        "The measured bowls, one a budget in FLOP: mean of the seeds (dots, with a line from the lowest to the "
        "highest), the fitted law (blue), the lowest measured cell (diamond) and the law's best split (dashed). Each "
        "bowl turns up on both sides."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-measured-bowls", data={"lowest": lowest})


def measured_residuals(table: pandas.DataFrame, law: ChinchillaLaw) -> Figure:
    """How far each run lies from the law, in percent, against tokens and against size."""
    off = 100 * np.log(table["loss"] / law(table["N"], table["D"]))
    spread = 100 * np.log(table["loss"]).groupby([table["budget"], table["width"]]).std(ddof=1)
    noise = float(np.sqrt((spread.dropna() ** 2).mean()))
    canvas, (left, right) = style.new_figure(columns=2, height=340)
    for ax, column in ((left, "D"), (right, "N")):
        style.log_axis(ax)
        low, high = table[column].min() / 1.4, table[column].max() * 1.4
        style.band(ax, [low, high], [-2 * noise] * 2, [2 * noise] * 2, role="reference")
        style.level(ax, 0.0)
        style.points(ax, table[column], off, size=2.5)
        ax.set(xlim=(low, high))
    style.axis_titles(left, x="tokens D", y="loss over the law, %")
    style.axis_titles(right, x="parameters N")
    rms = float(np.sqrt((off**2).mean()))
    alt = (
        f"Two panels: how far the {len(table)} runs lie from the fitted law, in percent, against tokens and against "
        f"parameters, from {off.min():.1f} to {off.max():.1f}, root mean square {rms:.2f}. A shaded band of plus and "
        f"minus two seed deviations, {2 * noise:.2f}, is narrower than the cloud, and the points wave about zero in a "
        "pattern."
    )
    caption = (
        "Residuals of the fitted law. The band is twice the deviation between seeds of one cell: what lies outside "
        "it in a pattern is not noise but the form of the law."
    )
    data = {"off": off.to_numpy(), "rms": rms, "noise": noise}
    return Figure(canvas, alt=alt, caption=caption, name="fig-measured-residuals", data=data)


def prediction_outcome(prediction: pandas.DataFrame, table: pandas.DataFrame) -> Figure:
    """Each held-out cell: the predicted loss with its intervals, and what came out.

    Parameters
    ----------
    prediction : DataFrame
        "language-model-prediction".
    table : DataFrame
        Held-out rows of "language-model".
    """
    cells = _cells(table).merge(prediction, on=["budget", "width"], suffixes=("", "_predicted"))
    budgets = sorted(cells["budget"].unique())
    canvas, axes = style.new_figure(columns=len(budgets), height=380)
    for ax, budget in zip(axes, budgets, strict=True):
        some = cells[cells["budget"] == budget].sort_values("N")
        style.log_axis(ax)
        style.band(ax, some["N"], some["low_95"], some["high_95"], role="law")
        style.curve(ax, some["N"], some["loss_predicted"], role="law")
        style.points(ax, some["N"], some["loss"], size=4)
        ax.set(ylim=(cells[["loss", "low_95"]].min(axis=None) - 0.02, cells[["loss", "high_95"]].max(axis=None) + 0.02))
        style.label(
            ax, f"{style.power(budget)} FLOP", some["N"].min(), ax.get_ylim()[1], role="ink", dx=4, dy=-12, ha="left"
        )
        style.axis_titles(ax, x="parameters N", y="loss, nats per token" if ax is axes[0] else None)
    last = cells[cells["budget"] == budgets[0]].sort_values("N").iloc[-1]
    style.label(axes[0], "predicted, 95%", last["N"], last["high_95"], dx=-6, dy=12, ha="right")
    style.label(axes[0], "measured", last["N"], last["loss"], role="data", dx=-6, dy=-16, ha="right")
    inside = {
        level: int(((cells["loss"] >= cells[f"low_{level}"]) & (cells["loss"] <= cells[f"high_{level}"])).sum())
        for level in (80, 95)
    }
    off = 100 * np.log(cells["loss"] / cells["loss_predicted"])
    alt = (
        "Two panels, one for each held-out budget: predicted loss against parameters as a bowl with its 95% band, "
        f"and the measured cells. Of {len(cells)} cells {inside[80]} lie within the 80% interval and {inside[95]} "
        f"within the 95% interval; measured over predicted is from {off.min():.1f}% to {off.max():.1f}%."
    )
    caption = (
        "The prediction that was committed before these runs were trained (blue, with its 95% band) and what was "
        "measured (dots)."
    )
    data = {"inside": inside, "off": off.to_numpy(), "cells": len(cells)}
    return Figure(canvas, alt=alt, caption=caption, name="fig-prediction-outcome", data=data)
