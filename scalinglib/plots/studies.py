"""Figures of the course's other measurements: rates, floors, repeats, schedules, addition and parities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib.plots import style
from scalinglib.plots.figure import Figure

if TYPE_CHECKING:
    import pandas

    from scalinglib.limits import RepetitionFit


def rate_sweeps(table: pandas.DataFrame, chosen: Mapping[int, float]) -> Figure:
    """What the learning rate costs at each width: loss above the lowest of its sweep, against the rate.

    Parameters
    ----------
    table : DataFrame
        Rows of "learning-rates", one length a width.
    chosen : mapping of int to float
        The rate that the runs of each width use.
    """
    canvas, ax = style.new_figure(right=40)
    style.log_axis(ax)
    lowest, spread = {}, []
    for width, some in table.groupby("width"):
        some = some.sort_values("learning_rate")
        above = some["loss"] - some["loss"].min()
        style.curve(ax, some["learning_rate"], above, role="data", width=1.25)
        style.points(ax, some["learning_rate"], above, size=2.5)
        at = float(np.interp(np.log(chosen[width]), np.log(some["learning_rate"]), above))
        style.points(ax, [chosen[width]], [at], role="reference", size=5)
        lowest[int(width)] = float(some.loc[some["loss"].idxmin(), "learning_rate"])
        spread.append(float(above.max()))
        if width in (table["width"].min(), 32, table["width"].max()):
            first = some.iloc[0]
            style.label(ax, f"d = {width}", first["learning_rate"], above.iloc[0], role="data", dy=10, ha="center")
    ax.set(ylim=(-0.006, max(spread) + 0.012))
    style.axis_titles(ax, x="peak learning rate", y="loss above the lowest, nats")
    first, last = min(chosen), max(chosen)
    alt = (
        f"Loss above the lowest of its sweep against the learning rate, one curve a width from {first} to {last}. Each "
        f"is a valley: seven rates over a factor of 16 cost up to {max(spread):.3f} nats at the edges. The chosen "
        f"rates, near the bottoms, fall from {chosen[first]:g} at width {first} to {chosen[last]:g} at width {last}."
    )
    caption = (
        "The sweep behind every run: loss above the best against the peak learning rate, one valley a width, and the "
        "rate that was taken (diamonds)."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-rate-sweeps", data={"lowest": lowest, "spread": spread})


def _intervals(ax, names, values, low, high, marked):
    """A line a name with its value and interval, and upright lines at what is `marked`; the numbers as arrays."""
    values, low, high = (np.asarray(z, dtype=float) for z in (values, low, high))
    place = np.arange(len(names))[::-1]
    ax.hlines(place, low, high, color=style.LIGHT["data"], linewidth=2 * style.POINT, zorder=3)
    style.points(ax, values, place, size=5)
    ax.set(ylim=(-0.7, len(names) - 0.1), yticks=place, yticklabels=list(names))
    for text, at, role, dx in marked:
        style.level(ax, at, axis="x", role=role)
        style.label(ax, text, at, len(names) - 0.3, role=role, dx=dx)
    return values, low, high


def fitted_floors(
    names: Sequence[str], floors: ArrayLike, low: ArrayLike, high: ArrayLike, *, truth: float, reachable: float
) -> Figure:
    """Fitted floors of several fits with their intervals, and the floor that is known.

    Parameters
    ----------
    names : sequence of str
        One line a fit.
    floors, low, high : array_like
        E of each fit and the ends of its interval.
    truth, reachable : float
        The entropy rate, and the lowest loss that windows allow.
    """
    canvas, ax = style.new_figure(left=150, height=130 + 46 * len(names), right=30)
    marked = [("entropy rate", truth, "ink", -5), ("reachable", reachable, "reference", 6)]
    floors, low, high = _intervals(ax, names, floors, low, high, marked)
    edge = 0.12 * (max(high.max(), reachable) - min(low.min(), truth))
    ax.set_xlim(min(low.min(), truth) - edge, max(high.max(), reachable) + 2.5 * edge)
    style.axis_titles(ax, x="fitted floor E, nats per token")
    said = "; ".join(f"{n}: {e:.4f}, {a:.4f} to {b:.4f}" for n, e, a, b in zip(names, floors, low, high, strict=True))
    alt = (
        f"Fitted floors with 95% intervals. {said}. The known entropy rate is {truth:.4f}, the lowest reachable loss "
        f"{reachable:.4f}."
    )
    caption = (
        "What a fit says about the floor, by the runs it was given, with 95% intervals, against what is known: the "
        "entropy rate of the source (dotted) and the lowest loss that windows of 64 symbols allow (dashed)."
    )
    data = {"floors": floors, "low": low, "high": high}
    return Figure(canvas, alt=alt, caption=caption, name="fig-fitted-floors", data=data)


def repeated_losses(table: pandas.DataFrame) -> Figure:
    """Loss against epochs at a fixed number of tokens seen, one panel a width."""
    cells = table.groupby(["width", "D", "epochs"], as_index=False)["loss"].mean()
    widths = sorted(cells["width"].unique())
    canvas, axes = style.new_figure(columns=len(widths), height=340, left=62, right=20)
    top, bottom = cells["loss"].max() + 0.1, cells["loss"].min() - 0.05
    rise = {}
    for ax, width in zip(axes, widths, strict=True):
        style.log_axis(ax, ticks=(1, 2, 4, 8, 16, 32))
        for D, some in cells[cells["width"] == width].groupby("D"):
            some = some.sort_values("epochs")
            style.curve(ax, some["epochs"], some["loss"], role="data", width=1.5)
            style.points(ax, some["epochs"], some["loss"], size=3)
            rise[int(width), int(D)] = (some["loss"] - some["loss"].iloc[0]).to_numpy()
            if width == widths[0] and D in (cells["D"].min(), cells["D"].max()):
                up = 11 if D == cells["D"].min() else -12
                style.label(ax, f"D = {D / 1000:.0f}k", 1, some["loss"].iloc[0], role="data", dx=0, dy=up, ha="left")
        ax.set(ylim=(bottom, top), xlim=(0.85, 38))
        style.label(ax, f"d = {width}", 1, top, role="ink", dx=4, dy=-12, ha="left")
        style.axis_titles(ax, x="epochs D/U", y="loss, nats per token" if ax is axes[0] else None)
    four = max(z[2] for z in rise.values())
    most = max(z[-1] for z in rise.values())
    alt = (
        f"Three panels, widths {', '.join(map(str, widths))}: loss against epochs from 1 to 32 at three fixed numbers "
        f"of tokens seen. The curves stay nearly flat to four epochs, where the loss is at most {four:.3f} nats above "
        f"one pass, then rise, by up to {most:.2f} nats at 32 epochs for the widest."
    )
    caption = (
        "What repeating costs: the same number of tokens seen (one curve each), from fewer and fewer unique ones. "
        "Mean of three seeds."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-repeated-losses", data={"rise": rise})


def repetition_profile(fit: RepetitionFit) -> Figure:
    """The objective of a RepetitionFit against R_D: how weakly the runs hold it."""
    ratio = fit.profile_objective / fit.objective_value
    low, high = fit.within(0.01)
    canvas, ax = style.new_figure(height=320)
    style.log_axis(ax)
    style.curve(ax, fit.profile_R_D, ratio)
    style.level(ax, 1.01, role="reference")
    style.points(ax, [fit.law.R_D], [1.0], role="law", size=5)
    ax.set(ylim=(0.98, min(2.0, float(np.nanmax(ratio)) + 0.02)))
    style.label(ax, "1% above the best", 0.12, 1.01, role="reference", dx=4, dy=9)
    style.label(ax, f"best, {fit.law.R_D:.3g}", fit.law.R_D, 1.0, dy=22, ha="center")
    style.axis_titles(ax, x="$R_D$", y="objective over its least")
    alt = (
        f"Objective over its least value against R_D from 0.1 to 1000: lowest at {fit.law.R_D:.3g}, and within 1% of "
        f"that from {low:.3g} to {high:.3g}."
    )
    caption = (
        "How firmly the runs hold $R_D$: the objective at each value, with the best $R_N$ for it, over the lowest of "
        "all."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-repetition-profile", data={"range": (low, high)})


def schedule_exponents(
    names: Sequence[str], a: ArrayLike, low: ArrayLike, high: ArrayLike, *, kaplan: float = 0.73, hoffmann: float = 0.50
) -> Figure:
    """The allocation exponent under each variant of training and of counting, with its interval."""
    canvas, ax = style.new_figure(left=190, right=24, height=110 + 44 * len(names))
    marked = [(f"Hoffmann {hoffmann:.2f}", hoffmann, "reference", 5), (f"Kaplan {kaplan:.2f}", kaplan, "rival", 5)]
    a, low, high = _intervals(ax, names, a, low, high, marked)
    ax.set_xlim(min(low.min(), hoffmann) - 0.06, max(high.max(), kaplan) + 0.1)
    style.axis_titles(ax, x=r"exponent a of $N_{opt} \propto C^a$")
    said = "; ".join(f"{n}: {v:.2f}, {x:.2f} to {y:.2f}" for n, v, x, y in zip(names, a, low, high, strict=True))
    alt = (
        f"Allocation exponents with 80% intervals. {said}. Marked are Hoffmann's {hoffmann:.2f} and Kaplan's "
        f"{kaplan:.2f}."
    )
    caption = (
        "The exponent of the best size with its 80% interval, after one change at a time. What moves it to the right "
        "pulls towards Kaplan et al."
    )
    data = {"a": a, "low": low, "high": high}
    return Figure(canvas, alt=alt, caption=caption, name="fig-schedule-exponents", data=data)


def addition_training(table: pandas.DataFrame, *, width: int) -> Figure:
    """One width of "column-addition" over training: loss above, shares of right answers below."""
    drawn = ["loss", "token_accuracy", "exact_10", "exact_5"]
    some = table[table["width"] == width].groupby("step", as_index=False)[drawn].mean()
    canvas, (upper, lower) = style.new_figure(rows=2, heights=(1, 1), right=110, height=460)
    style.log_axis(upper)
    style.curve(upper, some["step"], some["loss"])
    style.points(upper, some["step"], some["loss"], role="law", size=3)
    style.axis_titles(upper, y="loss, nats per digit")
    step = some["step"].to_numpy()
    # Labels stand where a curve passes 0.3; that of one digit, which starts there, below its first points.
    for column, name, role, dx, dy in (
        ("token_accuracy", "one digit", "data", 34, -4),
        ("exact_5", "5 digits", "rival", -8, 0),
        ("exact_10", "all 10 digits", "reference", 10, 0),
    ):
        style.curve(lower, step, some[column], role=role)
        style.points(lower, step, some[column], role=role, size=3)
        y = max(0.3, some[column].iloc[0])
        style.label(lower, name, float(np.interp(y, some[column], step)), y, role=role, dx=dx, dy=dy)
    style.axis_titles(lower, x="training steps", y="share right")
    alt = (
        f"Two panels over training steps, width {width}. Above, the loss falls smoothly from "
        f"{some['loss'].iloc[0]:.2f} to {some['loss'].iloc[-1]:.3f} nats per digit. Below, shares right: one digit "
        f"rises early and slowly from {some['token_accuracy'].iloc[0]:.2f}; all ten digits stay at zero, pass one "
        f"half between two readings and end at {some['exact_10'].iloc[-1]:.2f}."
    )
    caption = (
        "One width, judged three ways: the loss falls smoothly, ten digits right come late and steeply. Mean of the "
        "seeds, 20,000 test items."
    )
    data = {"exact_10": some["exact_10"].to_numpy(), "loss": some["loss"].to_numpy()}
    return Figure(canvas, alt=alt, caption=caption, name="fig-addition-training", data=data)


def parity_thresholds(single: pandas.DataFrame, many: pandas.DataFrame) -> Figure:
    """Sparse parity over training, one curve a seed; and the mean of many parities with four of its tasks."""
    canvas, (left, right) = style.new_figure(columns=2, height=360, right=24)
    falls = []
    for _, run in single.groupby("seed"):
        style.curve(left, run["step"], run["loss"], role="data", width=1.25)
        falls.append(float(run.loc[run["loss"] < 0.35, "step"].min()))
    style.level(left, float(np.log(2)))
    style.label(left, "ln 2, a coin", 800, float(np.log(2)), role="ink", dx=-4, dy=-12)
    style.axis_titles(left, x="training steps", y="loss, nats")
    style.log_axis(right, "both")
    mean = many.groupby("step").mean(numeric_only=True)
    for task in (0, 3, 7, 12):
        style.curve(right, mean.index, mean[f"task_{task:02d}"], role="axis", width=1.25)
    style.curve(right, mean.index, mean["loss"])
    middle = mean.index[len(mean) // 2]
    style.label(right, "mean of 32", middle, mean.loc[middle, "loss"], dx=8, dy=14)
    style.label(
        right, "single tasks", mean.index[0], float(mean["task_00"].iloc[-1] + 4e-3), role="quiet", dx=4, ha="left"
    )
    style.axis_titles(right, x="training steps", y="loss, nats")
    alt = (
        f"Left, loss of a sparse parity over training, {len(falls)} seeds: each stays near ln 2, a coin's loss, and "
        f"falls within some 200 steps, passing half of it at steps {min(falls):.0f} to {max(falls):.0f}. Right, on "
        "logarithmic axes, the mean loss of 32 such tasks asked with a power law's frequencies falls slowly from "
        f"{mean['loss'].iloc[0]:.2f} to {mean['loss'].iloc[-1]:.3f}, while single tasks drop one after the other."
    )
    caption = (
        "A threshold in the loss itself (left, one curve a seed), and many thresholds that add up to a smooth fall "
        "(right: the mean, weighted by how often each is asked, and the tasks of rank 1, 4, 8 and 13)."
    )
    data = {"falls": falls, "mean": mean["loss"].to_numpy()}
    return Figure(canvas, alt=alt, caption=caption, name="fig-parity-thresholds", data=data)
