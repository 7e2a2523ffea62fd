"""Figures of the course's own language models: curves, bowls, residuals, and the prediction with its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scalinglib.explore import axis, band, curve, level, mark, panel, points, reach, written
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import plain

if TYPE_CHECKING:
    import pandas

    from scalinglib.laws import ChinchillaLaw


def _cells(table):
    """Mean, lowest and highest loss of each cell over its seeds."""
    cells = table.groupby(["budget", "width", "N", "D"], as_index=False)
    return cells.agg(
        loss=("loss", "mean"), low=("loss", "min"), high=("loss", "max"), C=("C", "first"), seeds=("seed", "size")
    )


SIZES, TOKENS, COMPUTE = (2e3, 1e4, 5e4, 2e5), (1e5, 1e6, 1e7), (1e10, 5e10, 2e11)
"""What is written along the axes."""


def _losses(*values):
    return axis("loss", *reach(*values, air=0.06), unit="nats per token")


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
    C = np.geomspace(cells["C"].min() / 1.3, cells["C"].max() * 1.3, 41)
    widths, lines, words = sorted(cells["width"].unique()), {}, {}
    for width in widths:
        some = cells[cells["width"] == width].sort_values("D")
        D = np.geomspace(some["D"].min(), some["D"].max(), 31)
        lines[f"{width}"] = curve(D, law(some["N"].iloc[0], D), "law", thin=True)
        if width in (widths[0], widths[2], widths[4]):
            last = some.iloc[-1]
            side = "right" if width == widths[4] else "above"
            words[f"{width}"] = mark(last["D"], last["loss"], f"d = {width}", "data", side=side)
    losses = _losses(cells["loss"])
    picture = {
        "axes": [
            panel(axis("tokens D", *reach(cells["D"], scale="log", air=0.08), scale="log", ticks=TOKENS), losses),
            panel(
                axis("compute C = 6ND", *reach(C, scale="log", air=0.02), unit="FLOP", scale="log", ticks=COMPUTE),
                losses,
            ),
        ],
        "curves": {**lines, "frontier": curve(C, law.frontier(C), "law", panel=1)},
        "points": {
            "tokens": points(cells["D"], cells["loss"], size=3),
            "compute": points(cells["C"], cells["loss"], size=3, panel=1),
        },
        "marks": {**words, "frontier": mark(C[6], law.frontier(C[6]), "best split", "law", side="below", panel=1)},
        "layout": "beside",
    }
    return Figure(
        picture,
        name="fig-measured-curves",
        alt=(
            f"Two panels. First, loss against tokens for {len(widths)} widths from {widths[0]} to {widths[-1]}: each "
            f"curve falls and flattens, wider models lie lower, from {cells['loss'].max():.2f} at the upper left to "
            f"{cells['loss'].min():.2f} at the lower right, and the fitted law runs through the points. Second, "
            "the same runs against compute: a wedge of points whose lower edge follows the law's best split from "
            f"{law.frontier(C[0]):.2f} to {law.frontier(C[-1]):.2f}."
        ),
        caption=(
            "Every cell, mean of its seeds (dots), and the law fitted to them (lines): against the tokens seen, one "
            "line a width, and against compute, with the law's best split. At the largest budget some cells lie below "
            "it."
        ),
        data={"widths": widths, "loss": cells["loss"].to_numpy()},
    )


def measured_bowls(table: pandas.DataFrame, law: ChinchillaLaw) -> Figure:
    """Loss against size at each budget, with the fitted law's bowls and their lowest points."""
    cells = _cells(table)
    budgets = sorted(cells["budget"].unique())
    bowls, words, lowest = {}, {}, []
    # A line from the lowest to the highest seed of every cell, with a gap after each.
    gaps = np.full(len(cells), np.nan)
    seeds = (
        np.stack([cells["N"], cells["N"], gaps], 1).ravel(),
        np.stack([cells["low"], cells["high"], gaps], 1).ravel(),
    )
    for budget in budgets:
        some = cells[cells["budget"] == budget].sort_values("N")
        N = np.geomspace(some["N"].min(), some["N"].max(), 41)
        bowls[f"{budget:g}"] = curve(N, law(N, budget / (6 * N)), "law", thin=True)
        least, last = some.loc[some["loss"].idxmin()], some.iloc[-1]
        lowest.append((budget, int(least["N"]), float(least["loss"])))
        words[f"{budget:g}"] = mark(
            last["N"],
            last["loss"],
            written(budget, "e2"),
            "quiet",
            side="above",
            phone=budget in (budgets[0], budgets[-1]),
        )
    path = law.optimum(np.array([budgets[0], budgets[-1]]))
    picture = {
        "axes": panel(
            axis(
                "parameters N, without embeddings", *reach(cells["N"], scale="log", air=0.06), scale="log", ticks=SIZES
            ),
            _losses(cells["low"], cells["high"]),
        ),
        "curves": {
            **bowls,
            "seeds": curve(*seeds, "data", dashed="solid", thin=True),
            "path": curve(path.N, path.loss, "reference"),
        },
        "points": {
            "cells": points(cells["N"], cells["loss"], size=3.5),
            "lowest": points(
                [size for _, size, _ in lowest], [loss for *_, loss in lowest], "reference", shape="diamond", size=4.5
            ),
        },
        "marks": words,
        "tall": 1.09,
    }
    where = "; ".join(f"{plain(c)} FLOP, {n:,} parameters, {x:.3f}" for c, n, x in lowest)
    return Figure(
        picture,
        name="fig-measured-bowls",
        alt=(
            f"Loss against parameters, {len(budgets)} bowls, one a budget, the larger budgets lower and further right. "
            f"Lowest measured cell of each: {where}. Lines of the fitted law run close to the points; its best splits "
            "lie on a falling dashed line."
        ),
        caption=(
            "The measured bowls, one a budget in FLOP: mean of the seeds (dots, with a line from the lowest to the "
            "highest), the fitted law (blue), the lowest measured cell (diamond) and the law's best split (dashed). "
            "Each bowl turns up on both sides."
        ),
        data={"lowest": lowest},
    )


def measured_residuals(table: pandas.DataFrame, law: ChinchillaLaw) -> Figure:
    """How far each run lies from the law, in percent, against tokens and against size."""
    off = 100 * np.log(table["loss"] / law(table["N"], table["D"]))
    spread = 100 * np.log(table["loss"]).groupby([table["budget"], table["width"]]).std(ddof=1)
    noise = float(np.sqrt((spread.dropna() ** 2).mean()))
    away = axis("loss over the law", *reach(off, air=0.06), unit="%")
    axes, bands, levels, dots = [], {}, {}, {}
    for place, (column, title, ticks) in enumerate((("D", "tokens D", TOKENS), ("N", "parameters N", SIZES))):
        across = axis(title, *reach(table[column], scale="log", air=0.06), scale="log", ticks=ticks)
        ends = [across["low"], across["high"]]
        axes.append(panel(across, away))
        bands[column] = band(ends, [-2 * noise] * 2, [2 * noise] * 2, "reference", panel=place)
        levels[column] = level(across, 0.0, panel=place)
        dots[column] = points(table[column], off, size=2.5, panel=place)
    picture = {"axes": axes, "bands": bands, "curves": levels, "points": dots, "layout": "beside"}
    rms = float(np.sqrt((off**2).mean()))
    return Figure(
        picture,
        name="fig-measured-residuals",
        alt=(
            f"Two panels: how far the {len(table)} runs lie from the fitted law, in percent, against tokens and "
            f"against parameters, from {off.min():.1f} to {off.max():.1f}, root mean square {rms:.2f}. A shaded band "
            f"of plus and minus two seed deviations, {2 * noise:.2f}, is narrower than the cloud, and the points wave "
            "about zero in a pattern."
        ),
        caption=(
            "Residuals of the fitted law. The band is twice the deviation between seeds of one cell: what lies outside "
            "it in a pattern is not noise but the form of the law."
        ),
        data={"off": off.to_numpy(), "rms": rms, "noise": noise},
    )


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
    losses, axes = _losses(cells["loss"], cells["low_95"], cells["high_95"]), []
    bands, lines, dots, words = {}, {}, {}, {}
    for place, budget in enumerate(sorted(cells["budget"].unique())):
        some, name = cells[cells["budget"] == budget].sort_values("N"), f"{budget:g}"
        axes.append(
            panel(axis("parameters N", *reach(some["N"], scale="log", air=0.08), scale="log", ticks=SIZES[1:]), losses)
        )
        bands[name] = band(
            some["N"], some["low_95"], some["high_95"], panel=place, label="" if place else "predicted, 95%"
        )
        lines[name] = curve(some["N"], some["loss_predicted"], "law", panel=place)
        dots[name] = points(some["N"], some["loss"], panel=place, label="" if place else "measured", side="below")
        words[name] = mark(
            some["N"].min(), losses["high"], f"{written(budget, 'e2')} FLOP", panel=place, side="right", bold=True
        )
    picture = {"axes": axes, "bands": bands, "curves": lines, "points": dots, "marks": words, "layout": "beside"}
    inside = {
        held: int(((cells["loss"] >= cells[f"low_{held}"]) & (cells["loss"] <= cells[f"high_{held}"])).sum())
        for held in (80, 95)
    }
    off = 100 * np.log(cells["loss"] / cells["loss_predicted"])
    return Figure(
        picture,
        name="fig-prediction-outcome",
        alt=(
            "Two panels, one for each held-out budget: predicted loss against parameters as a bowl with its 95% band, "
            f"and the measured cells. Of {len(cells)} cells {inside[80]} lie within the 80% interval and {inside[95]} "
            f"within the 95% interval; measured over predicted is from {off.min():.1f}% to {off.max():.1f}%."
        ),
        caption=(
            "The prediction that was committed before these runs were trained (line, with its 95% band) and what was "
            "measured (dots). Where they part, the runs are better than foretold."
        ),
        data={"inside": inside, "off": off.to_numpy(), "cells": len(cells)},
    )
