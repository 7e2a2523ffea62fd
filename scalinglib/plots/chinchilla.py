"""Figures of the Chinchilla part: the loss surface, a budget across it and the best split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.allocation import isoflop_curve, parabola_bias
from scalinglib.explore import axis, band, curve, level, mark, panel, points, reach, region, written
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import amount, plain

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
    >>> figure = sl.plots.loss_surface(sl.published["besiroglu2024"])
    >>> [f"{N:.3g}" for N in figure.data["N"]]
    ['2.62e+08', '2.78e+09', '7.22e+10', '1.02e+12']
    """
    N = np.geomspace(*SEEN["N"], 41)
    least = np.maximum.reduce([SEEN["D/N"][0] * N, SEEN["C"][0] / (6 * N), np.full_like(N, SEEN["D"][0])])
    most = np.minimum.reduce([SEEN["D/N"][1] * N, SEEN["C"][1] / (6 * N), np.full_like(N, SEEN["D"][1])])
    path, best = law.optimum(np.array([1e16, 1e30])), law.optimum(np.array(budgets))
    start = law.optimum(law.compute_for_size(1.6e7))
    lines, words = {}, {}
    for C in budgets:
        D = BETWEEN.get(C, min(C / 6.9e7, 5e13))
        lines[f"budget-{C:g}"] = curve([1e7, 1e13], [C / 6e7, C / 6e13], "axis", thin=True)
        words[f"budget-{C:g}"] = mark(
            C / (6 * D),
            D,
            f"{written(C, 'e3')} FLOP",
            "quiet",
            side="end" if C in BETWEEN else "right",
            phone=C in (min(budgets), max(budgets)),
        )
    for loss in levels:
        smallest = (law.A / (loss - law.E)) ** (1 / law.alpha)
        N_there = smallest * (1 + np.geomspace(1e-4, 1e13 / smallest, 81))
        lines[f"loss-{loss:g}"] = curve(
            N_there,
            law.tokens_for(N_there, loss),
            "law",
            thin=True,
            label="loss " * (loss == max(levels)) + f"{loss:.1f}",
        )
    picture = {
        "axes": panel(axis("parameters N", 1e7, 1e13, scale="log"), axis("tokens D", 1e8, 1e14, scale="log")),
        "bands": {"runs": band(N, least, most, "data")},
        "curves": {**lines, "path": curve(path.N, path.D, "reference")},
        "points": {
            "best": points(best.N, best.D, "reference", shape="diamond", size=4.5),
            "models": points([280e9, 70e9], [300e9, 1.4e12], labels=["Gopher", "Chinchilla"], side="end", size=5),
        },
        "marks": {
            "runs": mark(1.0e9, 4.0e9, "240 runs", "data", side="middle"),
            "path": mark(float(start.N), float(start.D), "best split", "reference", side="below"),
            **words,
        },
        "tall": 1.09,
    }
    where = ", ".join(
        f"{amount(n)} parameters on {amount(d)} tokens at {plain(c)} FLOP"
        for c, n, d in zip(budgets, best.N, best.D, strict=True)
    )
    return Figure(
        picture,
        name="fig-loss-surface",
        alt=(
            "Plane of parameters, 1e7 to 1e13, and tokens, 1e8 to 1e14, both logarithmic. Lines of equal loss from "
            f"{max(levels):g} to {min(levels):g} nats per token bend like an L; each line of equal compute falls "
            "straight across them and touches the lowest loss it can reach at the best split: "
            f"{where}. Gopher lies below the line of best splits, Chinchilla close to it. A shaded area at the lower "
            f"left, up to {amount(SEEN['N'][1])} parameters and {plain(SEEN['C'][1])} FLOP, holds the runs that the "
            "law was fitted to."
        ),
        caption=(
            "Loss over size and data: lines of equal loss (blue), lines of equal compute (grey) and the best split of "
            "each budget (dashed). Only the shaded area was measured; the two models lie outside it."
        ),
        data={"levels": tuple(levels), "budgets": tuple(budgets), "N": best.N, "D": best.D},
    )


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
    >>> figure = sl.plots.isoflop_bowls(sl.published["besiroglu2024"])
    >>> figure.data["loss"].round(3).tolist()
    [2.927, 2.306, 1.974, 1.88]
    """
    main, best = budgets[-2], law.optimum(np.array(budgets))
    bowls, names = {}, {}
    for C, centre in zip(budgets, best.N, strict=True):
        N = centre * np.geomspace(1 / 300, 300, 201)
        loss = isoflop_curve(law, C, N=N)
        N, loss = N[(loss < 3.35) & (N < 1e13)], loss[(loss < 3.35) & (N < 1e13)]
        bowls[f"{C:g}"] = curve(N, loss, "law" if C == main else "axis", dashed="solid")
        role = "law" if C == main else "quiet"
        names[f"{C:g}"] = mark(N[-1], loss[-1], f"{written(C, 'e3')} FLOP", role, side="end", phone=C <= main)
    path = law.optimum(np.geomspace(1e17, budgets[-1], 61))
    off = float(isoflop_curve(law, main, N=size))
    across = axis("parameters N", 1e7, 1e13, scale="log")
    held = law.optimum(3e19)
    picture = {
        "axes": panel(across, axis("loss", 1.74, 3.45, unit="nats per token")),
        "curves": {
            **bowls,
            "path": curve(path.N, path.loss, "reference"),
            "floor": level(across, law.E, label=f"floor E = {law.E:.4f}", label_at=0.0),
        },
        "points": {
            "best": points(best.N, best.loss, "reference", shape="diamond", size=4.5),
            "size": points(
                size, off, size=6, side="above", label="280B, Gopher's size" if size == 280e9 else amount(size)
            ),
        },
        "marks": {**names, "path": mark(float(held.N), float(held.loss), "best size", "reference", side="end")},
    }
    where = "; ".join(
        f"{plain(c)} FLOP, {amount(n)} parameters, loss {x:.3f}"
        for c, n, x in zip(budgets, best.N, best.loss, strict=True)
    )
    return Figure(
        picture,
        name="fig-isoflop-bowls",
        alt=(
            "Loss against parameters, one bowl for each budget, wider and flatter as the budget grows. Their lowest "
            f"points: {where}. They lie on a falling line towards the floor {law.E:.4f}. On the bowl of {plain(main)} "
            f"FLOP a model of {amount(size)} parameters stands at {off:.3f}."
        ),
        caption=(
            "A budget cuts the surface in a bowl. The bottom moves to larger models as the budget grows, and the bowl "
            "gets flatter."
        ),
        data={"budgets": tuple(budgets), "N": best.N, "loss": best.loss, "size": size, "loss_at_size": off},
    )


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
    >>> figure = sl.plots.tokens_per_parameter({"refit": sl.published["besiroglu2024"]})
    >>> round(figure.data["ratios"]["refit"], 1)
    18.4
    """
    if len(laws) > 3:
        raise ValueError(f"laws: at most 3 lines can be told apart, got {len(laws)}")
    lowest, ends = SEEN["C"][0], np.array([1e18, 1e28])
    across = axis("compute C", *ends, unit="FLOP", scale="log", ticks=10.0 ** np.arange(18, 29, 2))
    ratios = {label: float(law.optimum(budget).tokens_per_parameter) for label, law in laws.items()}
    at_lowest = {label: float(law.optimum(lowest).tokens_per_parameter) for label, law in laws.items()}
    lines, dots = {"twenty": level(across, 20, label="20", label_at=1.0)}, {}
    for role, shape, (label, law) in zip(
        ("law", "reference", "rival"), ("circle", "diamond", "square"), laws.items(), strict=False
    ):
        lines[label] = curve(ends, law.optimum(ends).tokens_per_parameter, role, label=label)
        side = "below" if role == "law" else "above"
        dots[label] = points(budget, ratios[label], role, shape=shape, side=side, label=f"{ratios[label]:.1f}")
    picture = {
        "axes": panel(across, axis("tokens per parameter, best split", 8, 500, scale="log")),
        "regions": {"runs": region(x=SEEN["C"], label="budgets of the runs")},
        "curves": lines,
        "points": dots,
    }
    said = ", ".join(f"{ratio:.1f} ({label})" for label, ratio in ratios.items())
    slopes = ", ".join(f"{written(1 - 2 * law.allocation_exponents[0], 'f3')} ({label})" for label, law in laws.items())
    return Figure(
        picture,
        name="fig-tokens-per-parameter",
        alt=(
            "Tokens per parameter of the best split against compute from 1e18 to 1e28 FLOP, both axes logarithmic, a "
            f"straight line for each set of constants. At {plain(budget)} FLOP: {said}. Slopes: {slopes}. A dotted "
            f"level marks 20. The runs cover {plain(SEEN['C'][0])} to {plain(SEEN['C'][1])} FLOP, a shaded strip at "
            "the left."
        ),
        caption=(
            "Tokens per parameter of the best split under each set of constants. The lines are close "
            f"({min(at_lowest.values()):.1f} to {max(at_lowest.values()):.1f}) at the low end of the budgets that "
            "were run (shaded) and part from there; none of them is level at 20."
        ),
        data={"budget": budget, "ratios": ratios, "lowest": lowest, "at_lowest": at_lowest},
    )


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
    >>> figure = sl.plots.approach_2_bias({"uneven": uneven, "refit": sl.published["besiroglu2024"]})
    >>> [round(percent, 1) for percent in figure.data["errors"]["uneven"]]
    [-1.7, -6.5, -13.8, -23.0]
    """
    first, width = next(iter(laws.values())), max(widths)
    found, best = parabola_bias(first, width=width), float(first.optimum(1e21).loss)
    fine = np.geomspace(1 / width, width, 61)
    loss, through, low = (
        first.E + (best - first.E) * above for above in (found.loss, found.parabola(fine), found.vertex_loss)
    )
    errors = {
        label: tuple(100 * parabola_bias(law, width=factor).D_error for factor in widths) for label, law in laws.items()
    }
    sizes = axis(
        "size over best size",
        *reach(fine, scale="log", air=0.04),
        scale="log",
        ticks=[(each, f"{each:g}" if each >= 1 else f"1/{1 / each:g}") for each in (1 / 16, 1 / 4, 1, 4, 16)],
    )
    grids = axis("grid: best size ÷ and × this", *reach(widths, scale="log", air=0.1), scale="log", ticks=widths)
    picture = {
        "axes": [
            panel(
                sizes, axis("loss", low - 0.14 * np.ptp(loss), loss.max() + 0.03 * np.ptp(loss), unit="nats per token")
            ),
            panel(
                grids, axis(f"error in tokens at {written(target, 'e3')}", *reach(*errors.values(), air=0.12), unit="%")
            ),
        ],
        "curves": {
            "parabola": curve(fine, through, "rival"),
            "zero": level(grids, 0, panel=1),
            **{
                label: curve(widths, errors[label], role, panel=1, dashed="solid", label=label, label_at=0.5)
                for role, label in zip(("data", "reference"), laws, strict=True)
            },
        },
        "points": {
            "runs": points(found.size, loss),
            "best": points(1, best, "reference", shape="diamond", side="below", label="best", size=5),
            "bottom": points(found.vertex, low, "rival", shape="square", side="below", label="parabola", size=5),
            **{
                f"errors-{label}": points(widths, errors[label], role, shape=shape, panel=1)
                for role, shape, label in zip(("data", "reference"), ("circle", "diamond"), laws, strict=True)
            },
        },
        "layout": "beside",
    }
    said = "; ".join(f"{label}: " + ", ".join(written(e / 100, "p1") for e in row) for label, row in errors.items())
    return Figure(
        picture,
        name="fig-approach-2-bias",
        alt=(
            f"Two panels. First: noise-free losses of 16 sizes from 1/{width:g} to {width:g} times the best one, a "
            "bowl that is steeper on one side, and a parabola through them whose lowest point stands at "
            f"{found.vertex:.2f} times the best size. Second: error of the tokens forecast for {plain(target)} FLOP, "
            f"for grids of width "
            f"{', '.join(f'{w:g}' for w in widths)}: {said}."
        ),
        caption=(
            "First panel: a parabola cannot follow a bowl that is steeper on one side, so its bottom is off. Second "
            "panel: what this does to a forecast from noise-free runs, as the grid of sizes gets wider."
        ),
        data={"widths": tuple(widths), "errors": errors, "bottom": found.vertex},
    )
