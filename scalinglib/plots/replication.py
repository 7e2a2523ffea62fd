"""Figures of the replication: the points read off a figure, and what the constants fitted to them hang on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colors
from numpy.typing import ArrayLike

from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import plain

if TYPE_CHECKING:
    import pandas

    from scalinglib.fitting import ChinchillaFit
    from scalinglib.laws import ChinchillaLaw


def chinchilla_points(runs: pandas.DataFrame, left_out: ArrayLike) -> Figure:
    """The runs on the plane of N and D, darker for a lower loss; those of `left_out` (boolean, n) as hollow squares.

    Seen: a cloud along 20 tokens per parameter, and a few points that continue its lower edge, one far off.
    """
    N, D, loss = (np.asarray(runs[name], dtype=float) for name in ("N", "D", "loss"))
    out, ratio = np.asarray(left_out, dtype=bool), D / N
    canvas, ax = style.new_figure(right=30)
    style.log_axis(ax, "x", ticks=(1e8, 1e9, 1e10))
    style.log_axis(ax, "y", ticks=(1e9, 1e10, 1e11))
    ax.set_xlim(4e7, 3e10)
    ax.set_ylim(1.5e8, 6e11)
    lines = (
        (1, 4e8, "axis", 8, "1 token per parameter"),
        (20, 5e7, "reference", 8, "20 tokens per parameter"),
        (300, 6e8, "axis", -8, "300 tokens per parameter"),
    )
    for each, x, role, dx, text in lines:
        sizes = np.array([4e7, 3e10])
        style.curve(ax, sizes, each * sizes, role=role, width=1.25, zorder=2)
        style.label(ax, text, x, each * x, role="quiet" if role == "axis" else role, dx=dx, dy=-6 if dx > 0 else 4)
    # six shades: more would not be told apart, and the file would be larger
    shade = np.round(5 * (loss[~out].max() - loss[~out]) / np.ptp(loss[~out])) / 5
    deep = np.array(colors.to_rgb(style.LIGHT["law"]))
    face = 1 - (0.12 + 0.88 * shade[:, None]) * (1 - deep)
    ax.scatter(N[~out], D[~out], s=34, c=face, edgecolors=style.LIGHT["ink"], linewidths=0.45, zorder=4)
    style.points(ax, N[out], D[out], role="rival", size=6, hollow=True)
    low, high = int(np.argmin(loss)), int(np.argmax(loss))
    style.label(ax, f"loss {loss[low]:.2f}", N[low], D[low], dx=9 if N[low] < 9e9 else -9)
    style.label(ax, f"loss {loss[high]:.2f}", N[high], D[high], role="rival", dx=10)
    style.axis_titles(ax, x="parameters N", y="tokens D = C / (6N)")
    alt = (
        f"{len(N)} runs on logarithmic axes of parameters, {plain(N.min())} to {plain(N.max())}, and tokens, "
        f"{plain(D.min())} to {plain(D.max())}. Losses go from {loss.min():.2f} to {loss.max():.2f}. {out.sum()} "
        "hollow squares continue the lowest-token runs to the lower right, one of them far off: "
        f"{plain(N[out].min())} to {plain(N[out].max())} parameters with {ratio[out].min():.2f} to "
        f"{ratio[out].max():.2f} tokens per parameter and losses from {loss[out].min():.2f} up; the other "
        f"{(~out).sum()} have {ratio[~out].min():.2f} to {ratio[~out].max():.0f}."
    )
    caption = (
        f"The {len(N)} points. The darker, the lower the loss; the {out.sum()} hollow squares are the runs that the "
        "replication leaves out. They are large models that saw fewer tokens than half their parameters."
    )
    data = {"N": N, "D": D, "loss": loss, "left_out": out}
    return Figure(canvas, alt=alt, caption=caption, name="fig-chinchilla-points", data=data)


def residual_corner(fit: ChinchillaFit) -> Figure:
    """Log residuals of a Huber fit as a histogram, with the part inside the corner marked.

    Seen: most runs lie outside the corner, where Huber's penalty is a straight line.
    """
    r = np.asarray(fit.residuals)
    # ten bins a percent, so that the corner of the usual delta lies on an edge
    edges = np.arange(np.floor(1000 * r.min()), np.ceil(1000 * r.max()) + 1) / 1000
    counts, _ = np.histogram(r, edges)
    inside = int((np.abs(r) < fit.delta).sum())
    canvas, ax = style.new_figure()
    for side in (-1, 1):
        style.level(ax, 100 * side * fit.delta, axis="x")
    near = np.abs(edges[:-1] + 5e-4) < fit.delta
    face = np.where(near, style.LIGHT["data"], style.LIGHT["law"])
    gap = {"edgecolor": style.LIGHT["ground"], "linewidth": 0.75}
    ax.bar(100 * edges[:-1], counts, width=0.1, align="edge", color=face, zorder=3, **gap)
    ax.set_ylim(0, 1.18 * counts.max())
    style.label(ax, f"inside the corner: {inside} of {len(r)} runs", 100 * fit.delta, 1.1 * counts.max(), role="data")
    style.axis_titles(ax, x="log residual, in percent: ln(loss / law)", y="runs")
    alt = (
        f"Histogram of {len(r)} log residuals from {100 * r.min():.1f} to {100 * r.max():.1f} percent, with its peak "
        f"near zero. Two vertical lines at plus and minus {100 * fit.delta:.1g} percent hold {inside} runs between "
        f"them; {len(r) - inside} lie outside."
    )
    caption = (
        "Residuals of the Huber fit. Inside the dotted lines a residual counts by its square, outside by its size "
        f"alone: with delta at {fit.delta:g} only {inside} of {len(r)} runs count by the square."
    )
    data = {"residuals": r, "edges": edges, "counts": counts, "inside": inside}
    return Figure(canvas, alt=alt, caption=caption, name="fig-residual-corner", data=data)


def two_optima(huber: ChinchillaFit, lad: ChinchillaFit) -> Figure:
    """Both objectives along the straight line from one optimum to the other, each against its own lowest value.

    The line runs in (E, ln A, ln B, alpha, beta). Seen: two valleys a little apart, one round and one with a kink.
    """
    ends = [np.array([f.law.E, np.log(f.law.A), np.log(f.law.B), f.law.alpha, f.law.beta]) for f in (huber, lad)]
    t = np.linspace(-1.0, 2.0, 301)
    theta = ends[0] + t[:, None] * (ends[1] - ends[0])
    E, a, b, alpha, beta = theta.T[..., None]
    law = E + np.exp(a - alpha * np.log(huber.N)) + np.exp(b - beta * np.log(huber.D))
    r = np.log(huber.loss / law)
    slope = np.clip(r, -huber.delta, huber.delta)
    values = {"huber": (slope * (r - slope / 2)).sum(1), "lad": np.abs(r).sum(1)}
    best = {"huber": huber.objective_value, "lad": lad.objective_value}
    excess = {name: 100 * (values[name] / best[name] - 1) for name in values}
    cost = {"huber at lad": excess["huber"][200], "lad at huber": excess["lad"][100]}
    canvas, ax = style.new_figure(right=34)
    style.curve(ax, t, excess["huber"])
    style.curve(ax, t, excess["lad"], role="rival")
    style.points(ax, [0], [0], role="law", size=6)
    style.points(ax, [1], [0], role="rival", size=6)
    ax.set_xlim(-1, 2)
    top = max(e.max() for e in excess.values())
    ax.set_ylim(-0.06 * top, 1.05 * top)
    ax.set_xticks([0, 1], [f"Huber optimum\nA = {huber.law.A:.2f}", f"LAD optimum\nA = {lad.law.A:.2f}"])
    style.label(ax, "Huber objective", -0.72, float(excess["huber"][28]), dx=10, dy=4)
    style.label(ax, "sum of absolute residuals", -0.6, float(excess["lad"][40]), role="rival", dx=10, dy=6)
    style.axis_titles(ax, y="percent above its own lowest value")
    alt = (
        "Two curves along the line between two sets of constants. Huber's objective is a smooth valley with its "
        f"bottom at A = {huber.law.A:.2f}; the sum of absolute residuals has a kink at its bottom, A = "
        f"{lad.law.A:.2f}. At the other's bottom Huber's objective is {cost['huber at lad']:.3f} percent above its "
        f"lowest value, the absolute sum {cost['lad at huber']:.3f} percent."
    )
    caption = (
        "Two penalties, two lowest points. The valleys are so flat that either answer costs the other penalty at most "
        f"{max(cost.values()):.2f} percent, and yet A differs by {100 * abs(lad.law.A / huber.law.A - 1):.1f} percent."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-two-optima", data={"t": t, **excess, **cost})


def corner_sweep(deltas: ArrayLike, kept: ArrayLike, every: ArrayLike) -> Figure:
    """The allocation exponent a against Huber's corner, for the kept runs and for every run.

    Parameters
    ----------
    deltas : array_like, shape (n,)
        Corners in units of log loss.
    kept, every : array_like, shape (n,)
        The fitted exponent a = beta / (alpha + beta) with outliers left out and with all runs.
    """
    deltas, kept, every = (np.asarray(x, dtype=float) for x in (deltas, kept, every))
    canvas, ax = style.new_figure(right=30)
    style.log_axis(ax, "x")
    for values, role, text in ((every, "rival", "all 245 runs"), (kept, "law", "240 runs")):
        style.curve(ax, deltas, values, role=role)
        style.points(ax, deltas, values, role=role)
        style.label(ax, text, deltas[0], values[0], role=role, dx=2, dy=14, ha="left")
    ax.set_ylim(0.49, 0.64)
    style.label(ax, "nearly absolute", deltas[0], 0.498, role="quiet", dx=0, ha="left")
    style.label(ax, "nearly squares", deltas[-1], 0.498, role="quiet", dx=0, ha="right")
    style.axis_titles(ax, x="Huber's corner delta, log loss", y="allocation exponent a")
    alt = (
        f"The fitted exponent a against Huber's delta from {deltas[0]:g} to {deltas[-1]:g}. With 240 runs it goes "
        f"from {kept[0]:.3f} to {kept[-1]:.3f}; with all 245 from {every[0]:.3f} to {every[-1]:.3f}. Below {1e-3:g} "
        "both are flat."
    )
    caption = (
        "What delta does to the answer. Below the scatter of the runs it hardly matters; above it the fit turns into "
        "least squares, and the five outliers pull with all their weight."
    )
    data = {"delta": deltas, "kept": kept, "every": every}
    return Figure(canvas, alt=alt, caption=caption, name="fig-corner-sweep", data=data)


def dropped_points(dropped: ArrayLike, exponents: ArrayLike) -> Figure:
    """The allocation exponent a as the runs of highest loss are dropped one after the other.

    Parameters
    ----------
    dropped : array_like of int, shape (n,)
        How many were dropped, from 0 on and with 5 among them.
    exponents : array_like, shape (n,)
        The exponent fitted to the rest.
    """
    dropped, exponents = np.asarray(dropped), np.asarray(exponents, dtype=float)
    five = int(np.flatnonzero(dropped == 5)[0])
    canvas, ax = style.new_figure()
    style.curve(ax, dropped, exponents, role="axis")
    style.points(ax, dropped, exponents)
    style.points(ax, [5], [exponents[five]], role="reference", size=7)
    style.label(ax, f"none dropped: {exponents[0]:.3f}", 0, exponents[0], role="data", dx=12)
    style.label(ax, f"five dropped: {exponents[five]:.3f}", 5, exponents[five], role="reference", dx=8, dy=16)
    said = f"{dropped[-1]} dropped: {exponents[-1]:.3f}"
    style.label(ax, said, dropped[-1], exponents[-1], role="data", dx=8, dy=-18, ha="right")
    ax.set_ylim(exponents.min() - 0.012, exponents.max() + 0.005)
    ax.set_xticks(range(0, int(dropped[-1]) + 1, 5))
    style.axis_titles(ax, x="runs dropped, highest loss first", y="allocation exponent a")
    alt = (
        f"The exponent a falls from {exponents[0]:.3f} with no run dropped to {exponents[five]:.3f} with five, then "
        f"more slowly to {exponents[-1]:.3f} with {dropped[-1]}."
    )
    caption = (
        f"How many to drop? The first five dropped move a by {exponents[0] - exponents[five]:.3f}, the next "
        f"{dropped[-1] - 5} by {exponents[five] - exponents[-1]:.3f}. There is no step that says where to stop."
    )
    data = {"dropped": dropped, "exponents": exponents}
    return Figure(canvas, alt=alt, caption=caption, name="fig-dropped-points", data=data)


def token_paths(laws: Mapping[str, ChinchillaLaw], *, seen: float, budget: float = 5.76e23) -> Figure:
    """The best number of tokens per parameter against the budget, for several laws.

    Parameters
    ----------
    laws : mapping of str to ChinchillaLaw
        Label and law, at most four: two fits, then a reference and its rival.
    seen : float
        Compute of the largest run behind the fits, FLOP.
    budget : float
        Where the values are written, FLOP.
    """
    C = np.geomspace(1e18, 1e26, 121)
    roles = ("law", "ink", "reference", "rival")
    canvas, ax = style.new_figure(right=92)
    style.log_axis(ax, "both")
    style.shade(ax, C[0], seen)
    style.label(ax, "budgets of the runs", 1.6e18, 165, role="quiet", dx=0, ha="left")
    paths, at = {}, {}
    for role, (label, law) in zip(roles, laws.items(), strict=False):
        paths[label] = law.optimum(C).tokens_per_parameter
        at[label] = float(law.optimum(budget).tokens_per_parameter)
        style.curve(ax, C, paths[label], role=role)
        style.points(ax, [budget], [at[label]], role=role)
        side = -8 if paths[label][-1] > paths[label][0] else 8  # above the mark, on the side where the line falls away
        style.label(ax, f"{at[label]:.1f}", budget, at[label], role=role, dx=side, dy=12)
        style.label(ax, label, C[-1], paths[label][-1], role=role, dx=6)
    style.level(ax, budget, axis="x", role="axis")
    style.label(ax, f"{style.power(budget)} FLOP", budget, 185, role="quiet", dx=6)
    ax.set_xlim(C[0], C[-1])
    ax.set_ylim(3, 220)
    style.axis_titles(ax, x="budget C, FLOP", y="tokens per parameter at the optimum")
    said = "; ".join(f"{label} {value:.1f}" for label, value in at.items())
    alt = (
        "Best tokens per parameter against budgets from 1e18 to 1e26 FLOP, one curve a set of constants. At "
        f"{plain(budget)} FLOP: {said}. The largest run behind the fits had {plain(seen)} FLOP."
    )
    caption = (
        f"What each set of constants would have you do. The numbers are those at {plain(budget)} FLOP, the vertical "
        f"line; the runs end at {plain(seen)} FLOP."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-token-paths", data={"C": C, "paths": paths, "at": at})


def stopping_points(ends: Mapping[str, ArrayLike]) -> Figure:
    """Where an optimiser stopped, start by start: objective over the optimum minus one, a row a setting.

    Parameters
    ----------
    ends : mapping of str to array_like
        Label of the setting and the relative excess of each start's end, zero or above up to rounding.

    Notes
    -----
    How many starts arrive differs by one or two between processors, so it is said as a range: none, under a quarter, up
    to three quarters, more.
    """
    canvas, ax = style.new_figure(height=330, left=150, right=120)
    style.log_axis(ax, "x")
    floor, shares = 1e-10, {}
    for row, (label, values) in enumerate(ends.items()):
        values = np.maximum(np.asarray(values, dtype=float), floor)
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        y = -row + 0.26 * np.sin(2.4 * rank)  # spread so that marks do not hide each other
        style.points(ax, values, y, role="law" if row < 1 else "data", size=4)
        shares[label] = float((values < 0.01).mean())
        style.label(ax, _share(shares[label])[0], 300, -row, role="ink", dx=4)
    style.level(ax, 0.01, axis="x")
    style.label(ax, "within 1 percent", 0.01, 0.62, role="ink", dx=-6)
    ax.set_yticks([-row for row in range(len(ends))], [label.replace(", ", ",\n") for label in ends])
    ax.set_xlim(3e-11, 300)
    ax.set_ylim(0.45 - len(ends), 0.85)
    style.axis_titles(ax, x="objective over its optimum, minus 1 (marks at the left edge: below $10^{-10}$)")
    said = "; ".join(f"{label}: {_share(share)[1]}" for label, share in shares.items())
    count = len(next(iter(ends.values())))
    alt = (
        f"Where {count} starts ended in {len(ends)} settings, as the objective's excess over its optimum. Within 1 "
        f"percent of it: {said}."
    )
    caption = (
        f"The same {count} starts, four times. Each mark is where one of them stopped; averaged and with default "
        "tolerances, none comes near the optimum."
    )
    if next(iter(shares.values())) > 0:
        raise ValueError("ends: the first setting must be the one that no start solves, as the caption says")
    data = {"shares": shares, "ends": dict(ends)}
    return Figure(canvas, alt=alt, caption=caption, name="fig-stopping-points", data=data)


def _share(share: float) -> tuple[str, str]:
    # The range a share lies in, short for the picture and in words.
    if share == 0:
        return "none", "none"
    if share < 0.25:
        return "under 1/4", "fewer than a quarter"
    return ("1/4 to 3/4", "a quarter to three quarters") if share <= 0.75 else ("over 3/4", "more than three quarters")
