"""Figures of the Chinchilla part: the loss surface, a budget across it and the best split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.allocation import fit_isoflop, isoflop_curve
from scalinglib.plots import style
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import amount, plain

if TYPE_CHECKING:
    from scalinglib.laws import ChinchillaLaw

SEEN = {"N": (5.73e7, 1.62e10), "D": (8.19e8, 3.18e11), "C": (1.40e18, 1.30e22), "D/N": (0.456, 341.0)}
"""What the 240 runs behind Besiroglu et al. 2024 cover; a test compares it with the public table."""

GOPHER = 5.76e23
BUDGETS = (1e19, 1e21, GOPHER, 1e26)
BETWEEN = {1e19: 4.4e8, 1e21: 2.6e9, GOPHER: 5.4e10}
"""Tokens at which the label of a budget stands clear of the lines of equal loss."""


def loss_surface(
    law: ChinchillaLaw, *, levels: Sequence[float] = (1.9, 2.0, 2.2, 2.4, 3.0, 4.0), budgets: Sequence[float] = BUDGETS
) -> Figure:
    """The plane of size and data: lines of equal loss, straight lines of equal compute, the best split, the runs'
    range.

    Parameters
    ----------
    law : ChinchillaLaw
    levels : sequence of float
        Losses in nats per token whose lines are drawn.
    budgets : sequence of float
        FLOP of the straight lines.

    Examples
    --------
    >>> import scalinglib as sl
    >>> figure = loss_surface(sl.published["besiroglu2024"])
    >>> [f"{N:.3g}" for N in figure.data["N"]]
    ['2.62e+08', '2.78e+09', '7.22e+10', '1.02e+12']
    """
    canvas, ax = style.new_figure(right=64, height=440)
    style.log_axis(ax, "both")
    ax.set(xlim=(1e7, 1e13), ylim=(1e8, 1e14))
    N = np.geomspace(*SEEN["N"], 200)
    least = np.maximum.reduce([SEEN["D/N"][0] * N, SEEN["C"][0] / (6 * N), np.full_like(N, SEEN["D"][0])])
    most = np.minimum.reduce([SEEN["D/N"][1] * N, SEEN["C"][1] / (6 * N), np.full_like(N, SEEN["D"][1])])
    style.band(ax, N, least, most, role="data")
    low, high = ([line[0], line[-1]] for line in (least, most))
    ax.vlines(SEEN["N"], low, high, color=style.LIGHT["data"], linewidth=style.POINT, zorder=2)
    style.label(ax, "240 runs", 1.0e9, 4.0e9, role="data", ha="center", dx=0)
    for loss in levels:
        smallest = (law.A / (loss - law.E)) ** (1 / law.alpha)
        N = smallest * (1 + np.geomspace(1e-4, 1e13 / smallest, 400))
        style.curve(ax, N, law.tokens_for(N, loss), role="law", width=1.5)
        end = float(law.tokens_for(1e13, loss))
        style.label(ax, "loss " * (loss == max(levels)) + f"{loss:.1f}", 1e13, end, role="law", dx=5)
    for C in budgets:
        style.curve(ax, [1e7, 1e13], [C / 6e7, C / 6e13], role="quiet", width=1.25)
        D = BETWEEN.get(C, min(C / 6.9e7, 5e13))
        side, up = (-17, 0) if C in BETWEEN else (6, 8)
        style.label(ax, f"{style.power(C)} FLOP", C / (6 * D), D, role="quiet", dx=side, dy=up)
    path, best = law.optimum(np.array([1e16, 1e30])), law.optimum(np.array(budgets))
    style.curve(ax, path.N, path.D, role="reference")
    style.points(ax, best.N, best.D, role="reference", size=5.5)
    start = law.optimum(law.compute_for_size(1.6e7))
    style.label(ax, "best split", float(start.N), float(start.D), role="reference", dx=8, dy=-10)
    style.points(ax, [280e9, 70e9], [300e9, 1.4e12], role="data", size=5)
    style.label(ax, "Gopher", 280e9, 300e9, role="data", dx=8, dy=12)
    style.label(ax, "Chinchilla", 70e9, 1.4e12, role="data", dx=-9, dy=12)
    style.axis_titles(ax, x="parameters N", y="tokens D")
    where = ", ".join(
        f"{amount(n)} parameters on {amount(d)} tokens at {plain(c)} FLOP"
        for c, n, d in zip(budgets, best.N, best.D, strict=True)
    )
    alt = (
        "Plane of parameters, 1e7 to 1e13, and tokens, 1e8 to 1e14, both logarithmic. Lines of equal loss from "
        f"{max(levels):g} to {min(levels):g} nats per token bend like an L; each line of equal compute falls straight "
        f"across them and touches the lowest loss it can reach at the best split: {where}. Gopher lies below the line "
        f"of best splits, Chinchilla close to it. A shaded area at the lower left, up to {amount(SEEN['N'][1])} "
        f"parameters and {plain(SEEN['C'][1])} FLOP, holds the runs that the law was fitted to."
    )
    caption = (
        "Loss over size and data: lines of equal loss (blue), lines of equal compute (grey) and the best split of each "
        "budget (dashed). Only the shaded area was measured; the two models lie outside it."
    )
    data = {"levels": tuple(levels), "budgets": tuple(budgets), "N": best.N, "D": best.D}
    return Figure(canvas, alt=alt, caption=caption, name="fig-loss-surface", data=data)


def isoflop_bowls(law: ChinchillaLaw, *, budgets: Sequence[float] = BUDGETS, size: float = 280e9) -> Figure:
    """The loss against size, one bowl a budget, the path of their minima, and one size on the last but one of them.

    Parameters
    ----------
    law : ChinchillaLaw
    budgets : sequence of float
        FLOP, at least two, rising.
    size : float
        Parameters of the model marked on the last but one budget.

    Examples
    --------
    >>> import scalinglib as sl
    >>> figure = isoflop_bowls(sl.published["besiroglu2024"])
    >>> figure.data["loss"].round(3).tolist()
    [2.927, 2.306, 1.974, 1.88]
    """
    canvas, ax = style.new_figure(right=64)
    style.log_axis(ax)
    ax.set(xlim=(1e7, 1e13), ylim=(1.74, 3.35))
    main = budgets[-2]
    best = law.optimum(np.array(budgets))
    for C, centre in zip(budgets, best.N, strict=True):
        N = centre * np.geomspace(1 / 300, 300, 401)
        loss = isoflop_curve(law, C, N=N)
        N, loss = N[(loss < 3.35) & (N < 1e13)], loss[(loss < 3.35) & (N < 1e13)]
        style.curve(ax, N, loss, role="law" if C == main else "axis", width=None if C == main else 1.75)
        if C != main:
            style.label(ax, style.power(C), N[-1], loss[-1], role="quiet", dx=5, dy=-4 if loss[-1] > 3.2 else 0)
    right = float(isoflop_curve(law, main, N=2.5e12))
    style.label(ax, f"{style.power(main)} FLOP", 2.5e12, right, dy=-30, ha="center")
    path = law.optimum(np.geomspace(1e17, budgets[-1], 200))
    style.curve(ax, path.N, path.loss, role="reference")
    style.points(ax, best.N, best.loss, role="reference", size=5.5)
    style.label(ax, "best size", float(law.optimum(3e20).N), law.frontier(3e20), role="reference", dx=10, dy=10)
    off = float(isoflop_curve(law, main, N=size))
    style.points(ax, [size], [off], role="data", size=6)
    name = "280B, Gopher's size" if size == 280e9 else amount(size)
    style.label(ax, name, size, off, role="data", dx=-30, dy=44, arrow=True, ha="center")
    style.level(ax, law.E)
    style.label(ax, f"floor E = {law.E:.4f}", 1e7, law.E, role="ink", dx=8, dy=10)
    style.axis_titles(ax, x="parameters N", y="loss, nats per token")
    where = "; ".join(
        f"{plain(c)} FLOP, {amount(n)} parameters, loss {x:.3f}"
        for c, n, x in zip(budgets, best.N, best.loss, strict=True)
    )
    alt = (
        "Loss against parameters, one bowl for each budget, wider and flatter as the budget grows. Their lowest "
        f"points: {where}. They lie on a falling line towards the floor {law.E:.4f}. On the bowl of {plain(main)} "
        f"FLOP a model of {amount(size)} parameters stands at {off:.3f}."
    )
    caption = (
        "A budget cuts the surface in a bowl. The bottom moves to larger models as the budget grows, and the bowl "
        "gets flatter."
    )
    data = {"budgets": tuple(budgets), "N": best.N, "loss": best.loss, "size": size, "loss_at_size": off}
    return Figure(canvas, alt=alt, caption=caption, name="fig-isoflop-bowls", data=data)


def tokens_per_parameter(laws: Mapping, *, budget: float = GOPHER) -> Figure:
    """Tokens per parameter of the best split against compute, one straight line a set of constants.

    Parameters
    ----------
    laws : mapping of str to ChinchillaLaw
        Up to three, by the label of their line.
    budget : float
        FLOP at which the ratio is written.

    Raises
    ------
    ValueError
        If there are more than three.

    Examples
    --------
    >>> import scalinglib as sl
    >>> figure = tokens_per_parameter({"refit": sl.published["besiroglu2024"]})
    >>> round(figure.data["ratios"]["refit"], 1)
    18.4
    """
    if len(laws) > 3:
        raise ValueError(f"laws: at most 3 lines can be told apart, got {len(laws)}")
    canvas, ax = style.new_figure(right=118)
    style.log_axis(ax, "both")
    ax.set(xlim=(1e18, 1e28), ylim=(8, 500))
    style.shade(ax, *SEEN["C"])
    style.label(ax, "budgets of the runs", float(np.sqrt(np.prod(SEEN["C"]))), 400, role="quiet", ha="center")
    style.level(ax, 20)
    style.label(ax, "20", 1e28, 20, role="ink", dx=5, dy=3)
    C, ratios, ends = np.array([1e18, 1e28]), {}, {}
    lowest = SEEN["C"][0]
    for role, (label, law) in zip(("law", "reference", "rival"), laws.items(), strict=False):
        ratios[label] = float(law.optimum(budget).tokens_per_parameter)
        ends[label] = float(law.optimum(lowest).tokens_per_parameter)
        line = law.optimum(C).tokens_per_parameter
        style.curve(ax, C, line, role=role)
        style.points(ax, [budget], [ratios[label]], role=role, size=5.5)
        up = -15 if role == "law" else 15
        style.label(ax, f"{ratios[label]:.1f}", budget, ratios[label], role=role, dy=up, ha="center")
        style.label(ax, label, 1e28, line[-1], role=role, dx=5, dy=-4 if role == "law" else 0)
    style.axis_titles(ax, x="compute C, FLOP", y="tokens per parameter, best split")
    said = ", ".join(f"{ratio:.1f} ({label})" for label, ratio in ratios.items())
    slopes = ", ".join(
        style.number(f"{1 - 2 * law.allocation_exponents[0]:.3f} ({label})") for label, law in laws.items()
    )
    alt = (
        "Tokens per parameter of the best split against compute from 1e18 to 1e28 FLOP, both axes logarithmic, a "
        f"straight line for each set of constants. At {plain(budget)} FLOP: {said}. Slopes: {slopes}. A dotted level "
        f"marks 20. The runs cover {plain(SEEN['C'][0])} to {plain(SEEN['C'][1])} FLOP, a shaded strip at the left."
    )
    caption = (
        "Tokens per parameter of the best split under each set of constants. The lines are close "
        f"({min(ends.values()):.1f} to {max(ends.values()):.1f}) at the low end of the budgets that were run (shaded) "
        "and part from there; none of them is level at 20."
    )
    data = {"budget": budget, "ratios": ratios, "lowest": lowest, "at_lowest": ends}
    return Figure(canvas, alt=alt, caption=caption, name="fig-tokens-per-parameter", data=data)


def _forecast_error(law, width: float, target: float) -> float:
    """Percent by which Approach 2 misses the best tokens at `target`, from noise-free runs on a grid of that width."""
    C, shift = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e17, 1e21, 5), np.geomspace(1 / width, width, 16)))
    N = law.optimum(C).N * shift
    fit = fit_isoflop(C, N, isoflop_curve(law, C, N=N))
    return float(100 * (fit.law_D(target) / law.optimum(target).D - 1))


def approach_2_bias(laws: Mapping, *, widths: Sequence[float] = (2, 4, 8, 16), target: float = 1e24) -> Figure:
    """A parabola through an uneven bowl, and how far its forecast of the tokens is off for grids of several widths.

    Parameters
    ----------
    laws : mapping of str to ChinchillaLaw
        Two truths by label; the bowl on the left belongs to the first.
    widths : sequence of float
        Sizes run from the best over this factor to the best times it: 16 of them at 5 budgets, 1e17 to 1e21 FLOP.
    target : float
        FLOP of the forecast.

    Examples
    --------
    >>> import scalinglib as sl
    >>> uneven = sl.ChinchillaLaw(E=1.8, A=1500, B=25, alpha=0.46, beta=0.15)
    >>> figure = approach_2_bias({"uneven": uneven, "refit": sl.published["besiroglu2024"]})
    >>> [round(percent, 1) for percent in figure.data["errors"]["uneven"]]
    [-1.7, -6.5, -13.8, -23.0]
    """
    canvas, (bowl, error) = style.new_figure(columns=2, right=24)
    first, width = next(iter(laws.values())), max(widths)
    best = first.optimum(1e21)
    shift, fine = np.geomspace(1 / width, width, 16), np.geomspace(1 / width, width, 201)
    loss = isoflop_curve(first, 1e21, N=best.N * shift)
    parabola = np.polyfit(np.log(shift), loss, 2)
    bottom = float(np.exp(-parabola[1] / (2 * parabola[0])))
    low = float(np.polyval(parabola, np.log(bottom)))
    style.log_axis(bowl, ticks=(1 / 16, 1 / 4, 1, 4, 16))
    bowl.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else f"1/{1 / value:g}")
    bowl.set_ylim(low - 0.14 * np.ptp(loss), loss.max() + 0.03 * np.ptp(loss))
    style.curve(bowl, fine, np.polyval(parabola, np.log(fine)), role="rival")
    style.points(bowl, shift, loss, role="data")
    for role, label, x, y, side in (
        ("reference", "best", 1, float(best.loss), -6),
        ("rival", "parabola", bottom, low, 4),
    ):
        style.points(bowl, [x], [y], role=role, size=6)
        style.label(bowl, label, x, y, role=role, dx=side, dy=-16)
    style.axis_titles(bowl, x="size over best size", y="loss, nats per token")
    errors = {label: tuple(_forecast_error(law, factor, target) for factor in widths) for label, law in laws.items()}
    style.log_axis(error, ticks=widths)
    style.level(error, 0)
    for role, label in zip(("data", "reference"), laws, strict=True):
        style.curve(error, widths, errors[label], role=role)
        style.points(error, widths, errors[label], role=role)
        up = 16 if role == "reference" else -8
        style.label(error, label, widths[-2], errors[label][-2], role=role, dx=-12, dy=up)
    style.axis_titles(error, x="grid: best size ÷ and × this", y=f"error in tokens at {style.power(target)}, %")
    said = "; ".join(f"{label}: " + ", ".join(style.number(f"{e:.1f}%") for e in row) for label, row in errors.items())
    alt = (
        f"Two panels. Left: noise-free losses of 16 sizes from 1/{width:g} to {width:g} times the best one, a bowl "
        f"that is steeper on one side, and a parabola through them whose lowest point stands at {bottom:.2f} times "
        f"the best size. Right: error of the tokens forecast for {plain(target)} FLOP, for grids of width "
        f"{', '.join(f'{w:g}' for w in widths)}: {said}."
    )
    caption = (
        "Left: a parabola cannot follow a bowl that is steeper on one side, so its bottom is off. Right: what this "
        "does to a forecast from noise-free runs, as the grid of sizes gets wider."
    )
    data = {"widths": tuple(widths), "errors": errors, "bottom": bottom}
    return Figure(canvas, alt=alt, caption=caption, name="fig-approach-2-bias", data=data)
