"""Figures of the floor under a power law: forgotten, assumed, fitted, and how well it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import spoken

if TYPE_CHECKING:
    from scalinglib.fitting import PowerLawFit
    from scalinglib.laws import PowerLaw


def fit_and_residuals(
    C: ArrayLike, loss: ArrayLike, fit: PowerLawFit, *, truth: PowerLaw, horizon: float = 1e26
) -> Figure:
    """A fit of loss against compute carried beyond its data, the truth, and the residuals below.

    Parameters
    ----------
    C, loss : array_like, shape (n,)
        Compute in FLOP and loss in nats per token.
    fit : PowerLawFit
        A fit of these points, with or without a floor.
    truth : PowerLaw
        What the points were made from.
    horizon : float
        Compute at which both are read.
    """
    C, loss = arguments.columns(C=C, loss=loss)
    law = fit.law
    residuals = 100 * np.log(loss / law(C))
    promised, true = float(law(horizon)), float(truth(horizon))
    forgotten = not fit.floor_fitted
    kind = "fit without a floor" if forgotten else f"fitted floor {law.floor:.3f}"
    grid = np.geomspace(C.min() / 2, horizon * 2, 161)
    unseen = float(np.sqrt(C.max() * grid[-1]))
    canvas, (ax, below) = style.new_figure(rows=2, height=540, right=70, heights=(2.4, 1))
    style.log_axis(ax, "x", ticks=[1e18, 1e20, 1e22, 1e24, 1e26])
    for panel in (ax, below):
        style.shade(panel, C.max() * 1.3, grid[-1])
    style.level(ax, truth.floor)
    style.curve(ax, grid, law(grid))
    style.curve(ax, grid, truth(grid), role="ink")
    style.points(ax, C, loss)
    style.label(ax, f"truth {true:.2f}", horizon, true, role="ink", dx=6 if forgotten else -22, dy=15, ha="right")
    style.points(ax, [horizon], [promised], role="law", size=5.5)
    style.label(ax, f"{promised:.2f}", horizon, promised, dx=10, dy=8 if forgotten else 12, bold=True)
    at = 3e23 if forgotten else 3e22
    style.label(ax, kind, at, float(law(at)), dx=-8 if forgotten else 8, dy=-16 if forgotten else 26, bold=True)
    style.label(ax, f"true floor {truth.floor:g}", grid[0], truth.floor, role="ink", dx=8, dy=-12)
    style.label(ax, "not measured", unseen, 3.45, role="quiet", ha="center")
    ax.set_ylim(0.9, 3.7)
    ax.set_xlim(grid[0], grid[-1])
    style.level(below, 0.0)
    below.vlines(C, 0, residuals, color=style.LIGHT["data"], linewidth=1.0, zorder=3)
    style.points(below, C, residuals, size=4)
    style.label(below, f"R squared {fit.r_squared:.4f}", unseen, 2.4, role="quiet", ha="center")
    below.set_ylim(-5, 5)
    style.axis_titles(ax, y="loss, nats per token")
    style.axis_titles(below, x="compute C, FLOP", y="residual, %")
    turns = int((np.diff(np.sign(residuals)) != 0).sum())
    crossing = (
        ""
        if law.floor
        else f" It crosses the true floor, {truth.floor:g}, at {spoken(float(law.x_for(truth.floor)))} FLOP."
    )
    if forgotten:
        caption = (
            "Known truth (dotted), losses with a fixed pattern of scatter, and the straight line of log-log axes "
            "(solid). The residuals below bow: too high at both ends, too low in the middle."
        )
    else:
        caption = (
            "The same losses on the same axes, with the floor fitted. No bow is left in the residuals, and the curve "
            "runs on top of the truth (dotted)."
        )
    return Figure(
        canvas,
        name="fig-forgotten-floor" if forgotten else "fig-fitted-floor",
        caption=caption,
        alt=(
            f"Upper panel: {len(C)} losses from {spoken(C.min())} to {spoken(C.max())} FLOP and a {kind}, which reads "
            f"{promised:.2f} nats at {spoken(horizon)}, where the truth is {true:.2f}.{crossing} Lower panel: "
            f"residuals, {residuals[0]:+.1f} percent at the first point, {residuals.min():+.1f} at the lowest, "
            f"{residuals[-1]:+.1f} at the last; they change sign {turns} times. R squared is {fit.r_squared:.4f}."
        ),
        data={
            "residuals": residuals,
            "promised": promised,
            "truth": true,
            "r_squared": fit.r_squared,
            "sign_changes": turns,
        },
    )


def assumed_floors(
    floors: ArrayLike, r_squared: ArrayLike, predictions: ArrayLike, *, truth: float, prediction: float
) -> Figure:
    """What R squared and the far prediction do when the floor is assumed and not fitted.

    Parameters
    ----------
    floors, r_squared, predictions : array_like, shape (n,)
        Assumed floor in nats, R squared of the straight line through ln(L - floor), and the loss it predicts.
    truth, prediction : float
        The true floor, and the true loss where the prediction is made.
    """
    floors, r_squared, predictions = (np.asarray(v, dtype=float) for v in (floors, r_squared, predictions))
    canvas, (ax, below) = style.new_figure(rows=2, height=480, right=40, heights=(1, 1.4))
    for panel in (ax, below):
        style.level(panel, truth, axis="x")
    style.curve(ax, floors, r_squared)
    ax.set_ylim(0, 1.08)
    style.label(ax, f"{r_squared[0]:.3f}", floors[0], r_squared[0], dx=4, dy=-16, ha="left")
    style.label(ax, f"{r_squared.max():.4f}", floors[r_squared.argmax()], r_squared.max(), dx=-6, dy=-16, ha="right")
    style.curve(below, floors, predictions)
    style.level(below, prediction)
    style.label(below, f"{predictions[0]:.2f}", floors[0], predictions[0], dx=4, dy=15, ha="left", bold=True)
    style.label(below, f"{predictions[-1]:.2f}", floors[-1], predictions[-1], dx=-4, dy=14, ha="right", bold=True)
    style.label(below, f"true loss {prediction:.2f}", floors[0], prediction, role="ink", dx=4, dy=-13, ha="left")
    style.label(below, f"true floor {truth:g}", truth, predictions[0], role="ink", dx=-7, dy=0, ha="right")
    below.set_ylim(predictions.min() - 0.12, predictions.max() + 0.22)
    style.axis_titles(ax, y="R squared")
    style.axis_titles(below, x="assumed floor, nats per token", y="promised loss")
    return Figure(
        canvas,
        name="fig-assumed-floors",
        alt=(
            f"Upper panel: R squared stays between {r_squared.min():.3f} and {r_squared.max():.4f} for assumed floors "
            f"from {floors[0]:.2f} to {floors[-1]:.2f}. Lower panel: the promised loss rises from "
            f"{predictions[0]:.2f} to {predictions[-1]:.2f} over the same floors; the true loss is {prediction:.2f}, "
            f"the true floor {truth:g}."
        ),
        caption=(
            "Assume a floor, draw the straight line, read it at $10^{26}$ FLOP. On the axis where R squared is "
            "usually read, it hardly moves; the promise moves by most of a nat."
        ),
        data={"floors": floors, "r_squared": r_squared, "predictions": predictions},
    )


def local_exponents(law: PowerLaw, C: ArrayLike, *, published: float | None = None) -> Figure:
    """The slope of the loss on log-log axes, and that of the part above the floor, against compute.

    Parameters
    ----------
    law : PowerLaw
        Loss at a compute in FLOP, with its floor.
    C : array_like, shape (n,)
        Where the slope of the loss is written.
    published : float, optional
        An exponent of the loss itself from a paper that fitted no floor.
    """
    C = np.asarray(C, dtype=float)
    slopes = law.local_exponent(C)
    grid = np.geomspace(C[0], C[-1], 121)
    canvas, ax = style.new_figure(right=40)
    style.log_axis(ax, "x", ticks=C)
    style.curve(ax, grid, law.local_exponent(grid))
    style.curve(ax, grid, np.full_like(grid, law.exponent), role="reference")
    style.points(ax, C, slopes, role="law", size=5.5)
    for place, slope in zip(C, slopes, strict=True):
        style.label(ax, f"{slope:.3f}", place, slope, dx=2, dy=15, ha="left")
    style.label(
        ax,
        f"of L \N{MINUS SIGN} E: {law.exponent:.3f} everywhere",
        grid[60],
        law.exponent,
        role="reference",
        dy=13,
        ha="center",
    )
    style.label(
        ax, "of L itself", float(grid[45]), float(law.local_exponent(grid[45])), dx=-14, dy=-20, ha="right", bold=True
    )
    if published is not None:
        style.level(ax, published, role="rival")
        style.label(
            ax, f"Kaplan 2020, no floor: {published:.3f}", C[-1], published, role="rival", dx=0, dy=13, ha="right"
        )
    ax.set_yticks(np.arange(0, law.exponent + 0.05, 0.05))
    ax.set_ylim(0, 1.17 * law.exponent)
    style.axis_titles(ax, x="compute C, FLOP", y="local exponent")
    words = ", ".join(f"{slope:.3f} at {spoken(place)}" for place, slope in zip(C, slopes, strict=True))
    line = "" if published is None else f" A level line marks the published {published:.3f}."
    return Figure(
        canvas,
        name="fig-local-exponents",
        alt=(
            f"Local exponent against compute. That of the loss above the floor is {law.exponent:.3f} everywhere. That "
            f"of the loss itself falls: {words}.{line}"
        ),
        caption=(
            "The slope on log-log axes of the loss and of the loss above its floor, on one and the same law. A "
            "published exponent of the loss is a slope at some compute; an exponent of $L - E$ is a constant."
        ),
        data={"C": C, "slopes": slopes, "exponent": law.exponent},
    )


def floor_ranges(decades: ArrayLike, floors: ArrayLike, *, truth: float) -> Figure:
    """Where the fitted floor falls, against the decades of compute that were measured.

    Parameters
    ----------
    decades : array_like, shape (n,)
        Decades of compute measured.
    floors : array_like, shape (n, repeats)
        Fitted floors in nats, one row for each entry of `decades`.
    truth : float
        The floor the points were made with.
    """
    decades, floors = np.asarray(decades, dtype=float), np.asarray(floors, dtype=float)
    low, middle, high = np.quantile(floors, [0.05, 0.5, 0.95], axis=1)
    canvas, ax = style.new_figure()
    style.level(ax, truth)
    for place, bottom, centre, top in zip(decades, low, middle, high, strict=True):
        style.curve(ax, [place, place], [bottom, top])
        style.points(ax, [place], [centre], role="law", size=5.5)
        style.label(ax, f"{top:.2f}", place, top, dy=12, ha="center")
        style.label(ax, f"{bottom:.2f}", place, bottom, dy=-12, ha="center")
    style.label(ax, f"true floor {truth:g}", float(decades[-2:].mean()), truth, role="ink", dy=12, ha="center")
    ax.set_xticks(decades, [f"{place:g}" for place in decades])
    ax.set_xlim(decades[0] - 0.5, decades[-1] + 0.5)
    ax.margins(y=0.1)
    ax.grid(axis="x", visible=False)
    style.axis_titles(ax, x="decades of compute measured", y="fitted floor, nats per token")
    words = "; ".join(f"{place:g} decades, {a:.2f} to {b:.2f}" for place, a, b in zip(decades, low, high, strict=True))
    return Figure(
        canvas,
        name="fig-floor-ranges",
        alt=f"Ranges that hold 90 percent of {floors.shape[1]} fitted floors around the true {truth:g}: {words}.",
        caption=(
            "Median (mark) and 5 to 95% range (line) of the fitted floor: 20 points from $10^{18}$ FLOP on, 1% "
            "noise. The points are as many in each design; only their reach differs."
        ),
        data={"decades": decades, "low": low, "median": middle, "high": high},
    )
