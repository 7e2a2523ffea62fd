"""Figures of the replication: the points read off a figure, and what the constants fitted to them hang on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib.explore import axis, band, curve, level, mark, panel, points, reach, region, written
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import plain

if TYPE_CHECKING:
    import pandas

    from scalinglib.fitting import ChinchillaFit
    from scalinglib.laws import ChinchillaLaw

SHADES = 6
"""More would not be told apart."""


def chinchilla_points(runs: pandas.DataFrame, left_out: ArrayLike) -> Figure:
    """The runs on the plane of N and D, stronger for a lower loss; those of `left_out` (boolean, n) as hollow squares.

    Seen: a cloud along 20 tokens per parameter, and a few points that continue its lower edge, one far off.
    """
    N, D, loss = (np.asarray(runs[name], dtype=float) for name in ("N", "D", "loss"))
    out, ratio = np.asarray(left_out, dtype=bool), D / N
    sizes = np.array([4e7, 3e10])
    rank = np.round((SHADES - 1) * (loss[~out].max() - loss) / np.ptp(loss[~out]))
    shades = {
        f"shade-{step}": points(N[these], D[these], "law", size=3.5, fade=round(0.15 + 0.84 * step / (SHADES - 1), 2))
        for step in range(SHADES)
        if (these := ~out & (rank == step)).any()
    }
    lines = {1: ("axis", 4e8, "right"), 20: ("reference", 5e7, "right"), 300: ("axis", 6e8, "left")}
    low, high = int(np.argmin(loss)), int(np.argmax(loss))
    picture = {
        "axes": panel(
            axis("parameters N", *sizes, scale="log", ticks=(1e8, 1e9, 1e10)),
            axis("tokens D = C / (6N)", 1.5e8, 6e11, scale="log", ticks=(1e9, 1e10, 1e11)),
        ),
        "curves": {f"{each}": curve(sizes, each * sizes, role, thin=True) for each, (role, _, _) in lines.items()},
        "points": {**shades, "out": points(N[out], D[out], "rival", shape="square", hollow=True)},
        "marks": {
            **{
                f"{each}": mark(x, each * x, f"{each} token{'s' * (each > 1)} per parameter", role, side=side)
                for each, (role, x, side) in lines.items()
            },
            "low": mark(N[low], D[low], f"loss {loss[low]:.2f}", "law", side="above" if N[low] < 9e9 else "end"),
            "high": mark(N[high], D[high], f"loss {loss[high]:.2f}", "rival"),
        },
    }
    return Figure(
        picture,
        name="fig-chinchilla-points",
        alt=(
            f"{len(N)} runs on logarithmic axes of parameters, {plain(N.min())} to {plain(N.max())}, and tokens, "
            f"{plain(D.min())} to {plain(D.max())}. Losses go from {loss.min():.2f} to {loss.max():.2f}. {out.sum()} "
            "hollow squares continue the lowest-token runs to the lower right, one of them far off: "
            f"{plain(N[out].min())} to {plain(N[out].max())} parameters with {ratio[out].min():.2f} to "
            f"{ratio[out].max():.2f} tokens per parameter and losses from {loss[out].min():.2f} up; the other "
            f"{(~out).sum()} have {ratio[~out].min():.2f} to {ratio[~out].max():.0f}."
        ),
        caption=(
            f"The {len(N)} points. The stronger the colour, the lower the loss; the {out.sum()} hollow squares are the "
            "runs that the replication leaves out. They are large models that saw fewer tokens than half their "
            "parameters."
        ),
        data={"N": N, "D": D, "loss": loss, "left_out": out},
    )


def residual_corner(fit: ChinchillaFit) -> Figure:
    """Log residuals of a Huber fit as a histogram, with the part inside the corner marked.

    Seen: most runs lie outside the corner, where Huber's penalty is a straight line.
    """
    r = np.asarray(fit.residuals)
    # ten bins a percent, so that the corner of the usual delta lies on an edge
    edges = np.arange(np.floor(1000 * r.min()), np.ceil(1000 * r.max()) + 1) / 1000
    counts, _ = np.histogram(r, edges)
    inside, most = int((np.abs(r) < fit.delta).sum()), 1.18 * counts.max()
    sides, tops = 100 * np.repeat(edges, 2)[1:-1], np.repeat(counts, 2).astype(float)
    near = np.repeat(np.abs(edges[:-1] + 5e-4) < fit.delta, 2)
    upright = axis("runs", 0, most)
    picture = {
        "axes": panel(axis("log residual, in percent: ln(loss / law)", *reach(100 * edges, air=0.02)), upright),
        "bands": {
            "outside": band(sides, np.zeros(len(sides)), np.where(near, 0.0, tops), "law"),
            "inside": band(sides[near], np.zeros(near.sum()), tops[near], "data"),
        },
        "curves": {f"{side}": level(upright, 100 * side * fit.delta, upright=True) for side in (-1, 1)},
        "marks": {
            "inside": mark(100 * fit.delta, 0.93 * most, f"inside the corner: {inside} of {len(r)} runs", "data")
        },
    }
    return Figure(
        picture,
        name="fig-residual-corner",
        alt=(
            f"Histogram of {len(r)} log residuals from {100 * r.min():.1f} to {100 * r.max():.1f} percent, with its "
            f"peak near zero. Two vertical lines at plus and minus {100 * fit.delta:.1g} percent hold {inside} runs "
            f"between them; {len(r) - inside} lie outside."
        ),
        caption=(
            "Residuals of the Huber fit. Inside the dotted lines a residual counts by its square, outside by its size "
            f"alone: with delta at {fit.delta:g} only {inside} of {len(r)} runs count by the square."
        ),
        data={"residuals": r, "edges": edges, "counts": counts, "inside": inside},
    )


def two_optima(huber: ChinchillaFit, lad: ChinchillaFit) -> Figure:
    """Both objectives along the straight line from one optimum to the other, each against its own lowest value.

    The line runs in (E, ln A, ln B, alpha, beta). Seen: two valleys a little apart, one round and one with a kink.
    """
    ends = [np.array([f.law.E, np.log(f.law.A), np.log(f.law.B), f.law.alpha, f.law.beta]) for f in (huber, lad)]
    t = np.linspace(-1.0, 2.0, 121)
    theta = ends[0] + t[:, None] * (ends[1] - ends[0])
    E, a, b, alpha, beta = theta.T[..., None]
    law = E + np.exp(a - alpha * np.log(huber.N)) + np.exp(b - beta * np.log(huber.D))
    r = np.log(huber.loss / law)
    slope = np.clip(r, -huber.delta, huber.delta)
    values = {"huber": (slope * (r - slope / 2)).sum(1), "lad": np.abs(r).sum(1)}
    best = {"huber": huber.objective_value, "lad": lad.objective_value}
    excess = {name: 100 * (values[name] / best[name] - 1) for name in values}
    cost = {"huber at lad": excess["huber"][80], "lad at huber": excess["lad"][40]}
    top = max(e.max() for e in excess.values())
    picture = {
        "axes": panel(
            axis("from one optimum to the other and beyond", -1, 2, ticks=[(0, "Huber"), (1, "LAD")]),
            axis("percent above its own lowest value", -0.15 * top, 1.05 * top),
        ),
        "curves": {
            "huber": curve(t, excess["huber"], "law", label="Huber objective", label_at=0.12),
            "lad": curve(t, excess["lad"], "rival", label="sum of absolute residuals", label_at=0.14),
        },
        "points": {
            "huber": points(0, 0, "law", size=6, side="below", label=f"A = {huber.law.A:.2f}"),
            "lad": points(1, 0, "rival", shape="square", size=5, side="below", label=f"A = {lad.law.A:.2f}"),
        },
    }
    return Figure(
        picture,
        name="fig-two-optima",
        alt=(
            "Two curves along the line between two sets of constants. Huber's objective is a smooth valley with its "
            f"bottom at A = {huber.law.A:.2f}; the sum of absolute residuals has a kink at its bottom, A = "
            f"{lad.law.A:.2f}. At the other's bottom Huber's objective is {cost['huber at lad']:.3f} percent above its "
            f"lowest value, the absolute sum {cost['lad at huber']:.3f} percent."
        ),
        caption=(
            "Two penalties, two lowest points. The valleys are so flat that either answer costs the other penalty at "
            f"most {max(cost.values()):.2f} percent, and yet A differs by "
            f"{100 * abs(lad.law.A / huber.law.A - 1):.1f} percent."
        ),
        data={"t": t, **excess, **cost},
    )


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
    drawn = {"all 245 runs": (every, "rival", "square"), "240 runs": (kept, "law", "circle")}
    ends = {"nearly absolute": (deltas[0], "start"), "nearly squares": (deltas[-1], "end")}
    picture = {
        "axes": panel(
            axis("Huber's corner delta, log loss", *reach(deltas, scale="log", air=0.03), scale="log"),
            axis("allocation exponent a", 0.49, 0.64),
        ),
        "curves": {
            text: curve(deltas, values, role, label=text, label_at=0.0) for text, (values, role, _) in drawn.items()
        },
        "points": {text: points(deltas, values, role, shape=shape) for text, (values, role, shape) in drawn.items()},
        "marks": {text: mark(x, 0.492, text, "quiet", side=side) for text, (x, side) in ends.items()},
    }
    return Figure(
        picture,
        name="fig-corner-sweep",
        alt=(
            f"The fitted exponent a against Huber's delta from {deltas[0]:g} to {deltas[-1]:g}. With 240 runs it goes "
            f"from {kept[0]:.3f} to {kept[-1]:.3f}; with all 245 from {every[0]:.3f} to {every[-1]:.3f}. Below "
            f"{1e-3:g} both are flat."
        ),
        caption=(
            "What delta does to the answer. Below the scatter of the runs it hardly matters; above it the fit turns "
            "into least squares, and the five outliers pull with all their weight."
        ),
        data={"delta": deltas, "kept": kept, "every": every},
    )


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
    five, last = int(np.flatnonzero(dropped == 5)[0]), len(dropped) - 1
    named = ((0, "none dropped", "data", "right"), (five, "five dropped", "reference", "start"))
    picture = {
        "axes": panel(
            axis("runs dropped, highest loss first", -0.5, dropped[-1] + 0.5, ticks=range(0, int(dropped[-1]) + 1, 5)),
            axis("allocation exponent a", exponents.min() - 0.012, exponents.max() + 0.005),
        ),
        "curves": {"all": curve(dropped, exponents, "axis")},
        "points": {
            "all": points(dropped, exponents),
            "five": points(5, exponents[five], "reference", shape="diamond", size=6),
        },
        "marks": {
            text: mark(dropped[at], exponents[at], f"{text}: {exponents[at]:.3f}", role, side=side)
            for at, text, role, side in (*named, (last, f"{dropped[-1]} dropped", "data", "below"))
        },
    }
    return Figure(
        picture,
        name="fig-dropped-points",
        alt=(
            f"The exponent a falls from {exponents[0]:.3f} with no run dropped to {exponents[five]:.3f} with five, "
            f"then more slowly to {exponents[-1]:.3f} with {dropped[-1]}."
        ),
        caption=(
            f"How many to drop? The first five dropped move a by {exponents[0] - exponents[five]:.3f}, the next "
            f"{dropped[-1] - 5} by {exponents[five] - exponents[-1]:.3f}. There is no step that says where to stop."
        ),
        data={"dropped": dropped, "exponents": exponents},
    )


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
    C = np.geomspace(1e18, 1e26, 41)
    looks = (("law", "circle"), ("ink", "cross"), ("reference", "diamond"), ("rival", "square"))
    paths = {label: law.optimum(C).tokens_per_parameter for label, law in laws.items()}
    at = {label: float(law.optimum(budget).tokens_per_parameter) for label, law in laws.items()}
    upright = axis("tokens per parameter at the optimum", 3, 220, scale="log")
    drawn = list(zip(looks, laws, strict=False))
    picture = {
        "axes": panel(axis("budget C", C[0], C[-1], unit="FLOP", scale="log"), upright),
        "regions": {"seen": region(x=(C[0], seen), label="budgets of the runs")},
        "curves": {
            "budget": level(upright, budget, "axis", upright=True, label=f"{written(budget, 'e3')} FLOP", label_at=1.0),
            **{label: curve(C, paths[label], role, label=label) for (role, _), label in drawn},
        },
        "points": {
            label: points(
                budget,
                at[label],
                role,
                shape=shape,
                # above the mark, on the side where the line falls away
                side="end" if paths[label][-1] > paths[label][0] else "start",
                label=f"{at[label]:.1f}",
            )
            for (role, shape), label in drawn
        },
    }
    said = "; ".join(f"{label} {value:.1f}" for label, value in at.items())
    return Figure(
        picture,
        name="fig-token-paths",
        alt=(
            "Best tokens per parameter against budgets from 1e18 to 1e26 FLOP, one curve a set of constants. At "
            f"{plain(budget)} FLOP: {said}. The largest run behind the fits had {plain(seen)} FLOP."
        ),
        caption=(
            f"What each set of constants would have you do. The numbers are those at {plain(budget)} FLOP, the "
            f"vertical line; the runs end at {plain(seen)} FLOP."
        ),
        data={"C": C, "paths": paths, "at": at},
    )


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
    floor, shares, dots, words = 1e-10, {}, {}, {}
    upright = axis("", 0.3 - len(ends), 1.0, ticks=())
    ticks = [(floor, "≤ 10^−10"), 1e-8, 1e-6, 1e-4, 1e-2, 1, 100]
    for row, (label, values) in enumerate(ends.items()):
        values = np.maximum(np.asarray(values, dtype=float), floor)
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        shares[label] = float((values < 0.01).mean())
        # spread so that marks do not hide each other
        dots[label] = points(values, -row + 0.18 * np.sin(2.4 * rank), "data" if row else "law", size=3.5)
        words[label] = mark(3e-11, 0.42 - row, f"{label}: {_share(shares[label])[0]}", "ink")
    if next(iter(shares.values())) > 0:
        raise ValueError("ends: the first setting must be the one that no start solves, as the caption says")
    picture = {
        "axes": panel(axis("objective over its optimum, minus 1", 3e-11, 300, scale="log", ticks=ticks), upright),
        "curves": {"percent": level(upright, 0.01, upright=True, label="within 1 percent", label_at=1.0)},
        "points": dots,
        "marks": words,
        "left": 24,
        "tall": ((60 * len(ends) + 70) / 405, (52 * len(ends) + 80) / 280),
    }
    said = "; ".join(f"{label}: {_share(share)[1]}" for label, share in shares.items())
    count = len(next(iter(ends.values())))
    return Figure(
        picture,
        name="fig-stopping-points",
        alt=(
            f"Where {count} starts ended in {len(ends)} settings, as the objective's excess over its optimum. Within 1 "
            f"percent of it: {said}."
        ),
        caption=(
            f"The same {count} starts, four times. Each mark is where one of them stopped; averaged and with default "
            "tolerances, none comes near the optimum."
        ),
        data={"shares": shares, "ends": dict(ends)},
    )


def _share(share: float) -> tuple[str, str]:
    # The range a share lies in, short for the picture and in words.
    if share == 0:
        return "none", "none"
    if share < 0.25:
        return "under 1/4", "fewer than a quarter"
    return ("1/4 to 3/4", "a quarter to three quarters") if share <= 0.75 else ("over 3/4", "more than three quarters")
