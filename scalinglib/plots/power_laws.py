"""Figures of straight lines on log-log axes: two ways to fit one, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import spoken

if TYPE_CHECKING:
    from scalinglib.laws import PowerLaw


def lamp_line(x: ArrayLike, y: ArrayLike, *, line: PowerLaw) -> Figure:
    """Six measurements on log-log axes and the straight line through their logarithms.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Measurements, above zero.
    line : PowerLaw
        The law whose logarithm is the straight line.
    """
    x, y = arguments.columns(x=x, y=y)
    slope = -line.exponent
    gap = 100 * np.abs(y / line(x) - 1).max()
    canvas, ax = style.new_figure()
    reach = np.array([x.min() / 1.02, x.max() * 1.02])
    style.log_axis(ax, "both")
    style.curve(ax, reach, line(reach))
    style.points(ax, x, y, size=5.5)
    middle = float(np.sqrt(x.min() * x.max()))
    style.label(ax, f"straight line, slope {slope:.3f}", middle, float(line(middle)), dx=26, dy=-22)
    style.label(ax, "measured", float(x[0]), float(y[0]), role="data", dx=14, dy=-2)
    style.axis_titles(ax, x="temperature x, thousand kelvin (log axis)", y="radiated energy y (log axis)")
    return Figure(
        canvas,
        name="fig-lamp-line",
        alt=(
            f"Log-log plot of {len(x)} measurements. x runs from {x.min():.3f} to {x.max():.3f}, y from {y.min():.3f} "
            f"to {y.max():.3f}. A straight line of slope {slope:.3f} passes within {gap:.1f} percent of each point."
        ),
        caption=(
            "The lamp data of {cite:t}`nist-danwood` on log-log axes. The points look like a line, over little more "
            "than a tenth of a decade."
        ),
        data={"x": x, "y": y, "line": line(reach), "slope": slope, "largest_gap_percent": gap},
    )


def lamp_fits(
    x: ArrayLike, y: ArrayLike, *, line: PowerLaw, curve: PowerLaw, marks: Sequence[float] = (3.0, 10.0)
) -> Figure:
    """How far the line through the logarithms departs from the curve fitted on plain axes, in and beyond the data.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Measurements, above zero.
    line, curve : PowerLaw
        The fits on log-log and on plain axes.
    marks : sequence of float
        Values of x beyond the data at which the departure is written.
    """
    x, y = arguments.columns(x=x, y=y)
    marks = np.asarray(marks, dtype=float)
    grid = np.geomspace(0.5, 1.04 * marks.max(), 121)
    departure = 100 * (line(grid) / curve(grid) - 1)
    at_marks = 100 * (line(marks) / curve(marks) - 1)
    inside = 100 * np.abs(line(x) / curve(x) - 1).max()
    canvas, ax = style.new_figure(right=72)
    style.log_axis(ax, "x", ticks=[0.5, 1, 2, 3, 5, 10])
    style.shade(ax, x.min(), x.max())
    style.level(ax, 0.0)
    style.curve(ax, grid, departure)
    style.points(ax, x, 100 * (y / curve(x) - 1), size=4)
    style.points(ax, marks, at_marks, role="reference")
    for mark, value in zip(marks, at_marks, strict=True):
        style.label(ax, f"{value:+.1f}%", mark, value, dx=-10, dy=12, ha="right")
    style.label(ax, "curve on plain axes = 0", 5.0, 0.0, role="ink", dy=-14, ha="center")
    style.label(
        ax, "measured range", float(np.sqrt(x.min() * x.max())), departure.min(), role="data", dy=6, ha="center"
    )
    above = float(line(5.0) / curve(5.0) - 1) * 100
    style.label(ax, "line through the logarithms", 5.0, above, dx=-8, dy=20, bold=True, ha="right")
    ax.set_xlim(grid[0], grid[-1])
    style.axis_titles(ax, x="temperature x, thousand kelvin", y="difference from the plain fit, %")
    words = " and ".join(f"{value:+.1f} percent at x = {mark:g}" for mark, value in zip(marks, at_marks, strict=True))
    return Figure(
        canvas,
        name="fig-lamp-fits",
        alt=(
            f"Difference between two fits of the same {len(x)} points, in percent, against x from 0.5 to "
            f"{marks.max():g}. Within the measured range, {x.min():.2f} to {x.max():.2f}, the two agree within "
            f"{inside:.1f} percent; beyond it the line through the logarithms departs: {words}."
        ),
        caption=(
            "The line through the logarithms, as a difference from the curve fitted on plain axes. The grey strip "
            "is the measured range; outside it the two part without bound."
        ),
        data={"x": grid, "departure": departure, "at_marks": at_marks, "largest_inside": inside},
    )


def estimator_spread(exponents: Mapping[str, Mapping[str, ArrayLike]], *, truth: float) -> Figure:
    """Where the fitted exponents fall, for each kind of noise and each way to fit.

    Parameters
    ----------
    exponents : mapping of str to mapping of str to array_like, shape (repeats,)
        Kind of noise, then name of the fit, to the exponents found.
    truth : float
        The exponent the points were made with.
    """
    rows, names, drawn = [], [], []
    canvas, ax = style.new_figure(height=310, left=196, right=92)
    style.level(ax, truth, axis="x")
    for block, (noise, fits) in enumerate(exponents.items()):
        spreads = {name: float(np.std(values, ddof=1)) for name, values in fits.items()}
        for name, values in fits.items():
            row, values = -len(rows) - 0.6 * block, np.asarray(values, dtype=float)
            low, high = np.quantile(values, [0.05, 0.95])
            role = "law" if spreads[name] == min(spreads.values()) else "rival"
            style.curve(ax, [low, high], [row, row], role=role)
            style.points(ax, [values.mean()], [row], role=role, size=5.5)
            style.label(ax, f"sd {spreads[name]:.3f}", high, row, role=role, dx=10)
            rows.append(row)
            names.append(f"{noise}, {name}")
            drawn.append({"mean": float(values.mean()), "low": low, "high": high, "sd": spreads[name]})
    ax.set_yticks(rows, names)
    ax.set_ylim(rows[-1] - 0.6, 0.6)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.grid(axis="y", visible=False)
    style.axis_titles(ax, x=f"fitted exponent (true: {truth:g})")
    words = "; ".join(
        f"{name}: mean {d['mean']:.3f}, range {d['low']:.3f} to {d['high']:.3f}"
        for name, d in zip(names, drawn, strict=True)
    )
    return Figure(
        canvas,
        name="fig-estimator-spread",
        alt=f"Ranges that hold 90 percent of {values.size} fitted exponents around the true {truth:g}. {words}.",
        caption=(
            "Mean (mark) and 5 to 95% range (line) of the fitted exponent. For each kind of noise the tighter fit is "
            "drawn solid, the wider one dash-dotted."
        ),
        data={"rows": dict(zip(names, drawn, strict=True))},
    )


def decade_steps(law: PowerLaw, x: ArrayLike) -> Figure:
    """A falling power law on a plain loss axis, with the amount each step in x removes.

    Parameters
    ----------
    law : PowerLaw
        Without a floor, so that each step is the same ratio.
    x : array_like, shape (n,)
        Where the steps begin and end, increasing by one factor.
    """
    x = np.asarray(x, dtype=float)
    loss = law(x)
    drops, ratio = -np.diff(loss), loss[1] / loss[0]
    canvas, ax = style.new_figure(right=40)
    style.log_axis(ax, "x", ticks=x)
    grid = np.geomspace(x[0], x[-1], 81)
    style.curve(ax, grid, law(grid))
    for left, right, high, low in zip(x[:-1], x[1:], loss[:-1], loss[1:], strict=True):
        style.curve(ax, [left, right, right], [high, high, low], role="reference")
        style.label(ax, f"-{high - low:.3f}", right, (high + low) / 2, role="reference", dx=-8, ha="right", bold=True)
        style.label(ax, rf"$\times${low / high:.4f}", right, high, role="quiet", dx=0, dy=13, ha="right")
    style.points(ax, x, loss, role="law", size=5.5)
    ax.set_xlim(x[0] / 1.25, x[-1] * 1.6)
    ax.set_ylim(0.9 * loss[-1], 1.06 * loss[0])
    style.axis_titles(ax, x="parameters N, without embeddings", y="loss, nats per token")
    return Figure(
        canvas,
        name="fig-decade-steps",
        alt=f"Loss against parameters on a log axis, {spoken(x[0])} to {spoken(x[-1])}. It falls from {loss[0]:.3f} to "
        f"{loss[-1]:.3f} nats in {len(drops)} steps of the same ratio, {ratio:.4f}, and of shrinking size: "
        f"{', '.join(f'{drop:.3f}' for drop in drops)}.",
        caption=(
            "The law $L(N)$ of {cite:t}`kaplan2020`, with the loss on a plain axis. Each decade multiplies the loss "
            "by the same number and so removes less than the one before; beyond 1.5 billion, early in the second "
            "step, no model was trained."
        ),
        data={"x": x, "loss": loss, "drops": drops, "ratio": ratio},
    )


def target_cost(law: PowerLaw, targets: ArrayLike) -> Figure:
    """The compute each loss target costs, beside a cost that is exponential in the loss.

    Parameters
    ----------
    law : PowerLaw
        Loss at a compute in FLOP, with its floor.
    targets : array_like, shape (n,)
        Losses in nats per token, falling in equal steps, above the floor.
    """
    targets = np.asarray(targets, dtype=float)
    cost = law.x_for(targets)
    factors = cost[1:] / cost[:-1]
    exponential = cost[0] * factors[0] ** ((targets[0] - targets) / (targets[0] - targets[1]))
    grid = np.linspace(targets[0], targets[-1], 161)
    canvas, ax = style.new_figure(right=70)
    style.log_axis(ax, "y")
    style.level(ax, law.floor, axis="x")
    style.curve(ax, grid, law.x_for(grid))
    style.curve(ax, targets, exponential, role="rival")
    style.points(ax, targets, cost, role="law", size=5.5)
    for place, factor in enumerate(factors):
        style.label(ax, rf"$\times${factor:.3g}", targets[place + 1], cost[place + 1], dx=-10, dy=10, ha="right")
    style.label(ax, "exponential in the loss", targets[-2], exponential[-2], role="rival", dx=26, dy=-26, ha="center")
    style.label(ax, f"floor {law.floor:g}", law.floor, cost[0], role="ink", dx=-8, dy=4, ha="right")
    ax.set_xlim(targets[0] + 0.03, law.floor - 0.02)
    ax.set_ylim(cost[0] / 3, cost[-1] * 6)
    style.axis_titles(ax, x="loss aimed at, nats per token (falling to the right)", y="compute, FLOP")
    return Figure(
        canvas,
        name="fig-target-cost",
        alt=(
            f"Compute on a log axis against the loss aimed at, from {targets[0]:.1f} down to {targets[-1]:.1f} nats. "
            f"Each step of {targets[0] - targets[1]:.1f} multiplies the cost by "
            f"{', '.join(f'{f:.3g}' for f in factors)}. A straight line, which would be exponential cost, stays "
            f"below: the curve turns upward towards the floor at {law.floor:g}."
        ),
        caption=(
            "What each next 0.1 nat costs on the frontier of {cite:t}`besiroglu2024`. An exponential cost would be "
            "the straight dash-dotted line; the law bends above it as the floor comes near."
        ),
        data={"targets": targets, "cost": cost, "factors": factors, "exponential": exponential},
    )
