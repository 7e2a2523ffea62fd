"""Figures of straight lines on log-log axes: two ways to fit one, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.explore import axis, curve, layers, level, mark, panel, points, reach, region, written
from scalinglib.plots.figure import Figure
from scalinglib.plots.rows import interval_rows
from scalinglib.plots.words import spoken

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
    ends = np.array([x.min() / 1.02, x.max() * 1.02])
    middle = float(np.sqrt(x.min() * x.max()))
    picture = {
        "axes": panel(
            axis("temperature x, thousand kelvin (log axis)", *reach(x, scale="log", air=0.1), scale="log"),
            axis("radiated energy y (log axis)", *reach(y, scale="log", air=0.1), scale="log", ticks=[2, 3, 4, 5, 6]),
        ),
        "curves": {"line": curve(ends, line(ends), "law")},
        "points": {"runs": points(x, y, size=5.5)},
        "marks": {
            "line": mark(middle * 1.02, float(line(middle * 0.98)), f"straight line, slope {slope:.3f}", "law"),
            "runs": mark(float(x[0]), float(y[0]), "measured", "data"),
        },
    }
    return Figure(
        picture,
        name="fig-lamp-line",
        alt=(
            f"Log-log plot of {len(x)} measurements. x runs from {x.min():.3f} to {x.max():.3f}, y from {y.min():.3f} "
            f"to {y.max():.3f}. A straight line of slope {slope:.3f} passes within {gap:.1f} percent of each point."
        ),
        caption=(
            "The lamp data of {cite:t}`nist-danwood` on log-log axes. The points look like a line, over little more "
            "than a tenth of a decade."
        ),
        data={"x": x, "y": y, "line": line(ends), "slope": slope, "largest_gap_percent": gap},
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
    marks, plain = np.asarray(marks, dtype=float), curve
    grid = np.geomspace(0.5, 1.04 * marks.max(), 61)
    departure, at_marks = (100 * (line(at) / plain(at) - 1) for at in (grid, marks))
    inside = 100 * np.abs(line(x) / plain(x) - 1).max()
    across = axis("temperature x, thousand kelvin", grid[0], grid[-1], scale="log", ticks=[0.5, 1, 2, 3, 5, 10])
    picture = {
        "axes": panel(across, axis("difference from the plain fit", *reach(departure, air=0.1), unit="%")),
        "regions": {"measured": region(x=(x.min(), x.max()), label="measured range")},
        "curves": {
            "zero": level(across, 0.0, label="curve on plain axes = 0", label_at=0.0),
            "line": layers.curve(grid, departure, "law"),
        },
        "points": {
            "runs": points(x, 100 * (y / plain(x) - 1), size=4),
            "marks": points(
                marks,
                at_marks,
                "reference",
                shape="diamond",
                side="left",
                labels=[f"{each:+.1f}%" for each in at_marks],
            ),
        },
        "marks": {
            "line": mark(
                5.0,
                100 * float(line(5.0) / plain(5.0) - 1),
                "line through the logarithms",
                "law",
                side="end",
                bold=True,
            )
        },
    }
    words = " and ".join(f"{value:+.1f} percent at x = {at:g}" for at, value in zip(marks, at_marks, strict=True))
    return Figure(
        picture,
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
    rows, roles = {}, []
    for noise, fits in exponents.items():
        spreads = {name: float(np.std(values, ddof=1)) for name, values in fits.items()}
        roles += ["law" if spread == min(spreads.values()) else "rival" for spread in spreads.values()]
        for name, values in fits.items():
            low, high = np.quantile(values, [0.05, 0.95])
            mean = float(np.mean(values))
            rows[f"{noise}, {name}"] = {"mean": mean, "low": low, "high": high, "sd": spreads[name]}
    names = [f"{name}: sd {row['sd']:.3f}" for name, row in rows.items()]
    low, mean, high = ([row[part] for row in rows.values()] for part in ("low", "mean", "high"))
    words = "; ".join(
        f"{name}: mean {row['mean']:.3f}, range {row['low']:.3f} to {row['high']:.3f}" for name, row in rows.items()
    )
    return Figure(
        interval_rows(
            f"fitted exponent (true: {truth:g})", names, low, mean, high, roles=roles, held=[("", truth, "ink")]
        ),
        name="fig-estimator-spread",
        alt=f"Ranges that hold 90 percent of {np.size(values)} fitted exponents around the true {truth:g}. {words}.",
        caption=(
            "Mean (mark) and 5 to 95% range (line) of the fitted exponent. For each kind of noise the tighter fit is "
            "drawn solid, the wider one dash-dotted."
        ),
        data={"rows": rows},
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
    loss, grid = law(x), np.geomspace(x[0], x[-1], 41)
    drops, ratio = -np.diff(loss), loss[1] / loss[0]
    left, right, high, low = x[:-1], x[1:], loss[:-1], loss[1:]
    corners = np.stack([left, right, right, np.full_like(left, np.nan)], 1).ravel()
    heights = np.stack([high, high, low, np.full_like(left, np.nan)], 1).ravel()
    stair = {"size": 0, "role": "reference"}
    picture = {
        "axes": panel(
            axis("parameters N, without embeddings", x[0] / 1.6, x[-1] * 6, scale="log", ticks=x),
            axis("loss", 0.9 * loss[-1], 1.06 * loss[0], unit="nats per token"),
        ),
        "curves": {"law": curve(grid, law(grid), "law"), "steps": curve(corners, heights, "reference")},
        "points": {
            "law": points(x, loss, "law", size=5.5),
            "drops": points(right, (high + low) / 2, labels=[written(-drop, "f3") for drop in drops], **stair),
            "ratios": points(
                right, high, "quiet", size=0, side="end", labels=[f"× {ratio:.4f}" for ratio in low / high]
            ),
        },
    }
    return Figure(
        picture,
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
    grid = np.linspace(targets[0], targets[-1], 81)
    # The axis counts down: what is drawn is minus the loss.
    across = axis(
        "loss aimed at, nats per token (falling)",
        -targets[0] - 0.03,
        0.02 - law.floor,
        ticks=[(-loss, f"{loss:.1f}") for loss in targets],
    )
    upright = axis("compute", cost[0] / 3, cost[-1] * 6, unit="FLOP", scale="log")
    picture = {
        "axes": panel(across, upright),
        "curves": {
            "floor": level(upright, -law.floor, upright=True, label=f"floor {law.floor:g}", label_at=0.0),
            "law": curve(-grid, law.x_for(grid), "law"),
            "exponential": curve(-targets, exponential, "rival"),
        },
        "points": {
            "law": points(
                -targets,
                cost,
                "law",
                size=5.5,
                side="end",
                labels=["", *(f"× {written(factor, 'g3')}" for factor in factors)],
            )
        },
        "marks": {"exponential": mark(-targets[-2], exponential[-2], "exponential in the loss", "rival", side="below")},
    }
    return Figure(
        picture,
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
