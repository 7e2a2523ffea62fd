"""Figures of the course's other measurements: rates, floors, repeats, addition and parities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib.explore import axis, curve, level, mark, panel, points, reach
from scalinglib.plots.figure import Figure
from scalinglib.plots.rows import interval_rows

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
    lowest, spread, lines, dots, words = {}, [], {}, {}, {}
    for width, some in table.groupby("width"):
        some = some.sort_values("learning_rate")
        rate, above = some["learning_rate"].to_numpy(), (some["loss"] - some["loss"].min()).to_numpy()
        at = float(np.interp(np.log(chosen[width]), np.log(rate), above))
        lines[f"{width}"] = curve(rate, above, "data", thin=True)
        dots[f"{width}"] = points(rate, above, size=2.5)
        dots[f"chosen-{width}"] = points(chosen[width], at, "reference", shape="diamond")
        lowest[int(width)] = float(rate[above.argmin()])
        spread.append(float(above.max()))
        if width in (table["width"].min(), 32, table["width"].max()):
            words[f"{width}"] = mark(rate[0], above[0], f"width {width}", "data", side="above")
    picture = {
        "axes": panel(
            axis("peak learning rate", *reach(table["learning_rate"], scale="log", air=0.06), scale="log"),
            axis("loss above the lowest", *reach([0.0], spread, air=0.1), unit="nats"),
        ),
        "curves": lines,
        "points": dots,
        "marks": words,
    }
    first, last = min(chosen), max(chosen)
    return Figure(
        picture,
        name="fig-rate-sweeps",
        alt=(
            f"Loss above the lowest of its sweep against the learning rate, one curve a width from {first} to {last}. "
            f"Each is a valley: seven rates over a factor of 16 cost up to {max(spread):.3f} nats at the edges. The "
            f"chosen rates, near the bottoms, fall from {chosen[first]:g} at width {first} to {chosen[last]:g} at "
            f"width {last}."
        ),
        caption=(
            "The sweep behind every run: loss above the best against the peak learning rate, one valley a width, and "
            "the rate that was taken (diamonds)."
        ),
        data={"lowest": lowest, "spread": spread},
    )


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
    floors, low, high = (np.asarray(z, dtype=float) for z in (floors, low, high))
    held = [("entropy rate", truth, "ink"), ("reachable", reachable, "reference")]
    said = "; ".join(f"{n}: {e:.4f}, {a:.4f} to {b:.4f}" for n, e, a, b in zip(names, floors, low, high, strict=True))
    return Figure(
        interval_rows("fitted floor E, nats per token", names, low, floors, high, held=held),
        name="fig-fitted-floors",
        alt=(
            f"Fitted floors with 95% intervals. {said}. The known entropy rate is {truth:.4f}, the lowest reachable "
            f"loss {reachable:.4f}."
        ),
        caption=(
            "What a fit says about the floor, by the runs it was given, with 95% intervals, against what is known: the "
            "entropy rate of the source (dotted) and the lowest loss that windows of 64 symbols allow (dashed). "
            "Only without the shortest runs do intervals reach it."
        ),
        data={"floors": floors, "low": low, "high": high},
    )


def repeated_losses(table: pandas.DataFrame) -> Figure:
    """Loss against epochs at a fixed number of tokens seen, one panel a width."""
    cells = table.groupby(["width", "D", "epochs"], as_index=False)["loss"].mean()
    widths, tokens = sorted(cells["width"].unique()), sorted(cells["D"].unique())
    across = axis("epochs D/U", 0.85, 38, scale="log", ticks=(1, 2, 4, 8, 16, 32))
    losses = axis("loss", *reach(cells["loss"], air=0.07), unit="nats per token")
    rise, lines, dots, words = {}, {}, {}, {}
    for place, width in enumerate(widths):
        words[f"{width}"] = mark(1, losses["high"], f"width {width}", panel=place, bold=True)
        for D, some in cells[cells["width"] == width].groupby("D"):
            some, name = some.sort_values("epochs"), f"{width}-{D}"
            lines[name] = curve(some["epochs"], some["loss"], "data", thin=True, panel=place)
            dots[name] = points(some["epochs"], some["loss"], size=3, panel=place)
            rise[int(width), int(D)] = (some["loss"] - some["loss"].iloc[0]).to_numpy()
            if place == 0 and D in (tokens[0], tokens[-1]):
                side = "above" if D == tokens[0] else "below"
                words[name] = mark(1.6, some["loss"].iloc[0], f"D = {D / 1000:.0f}k", "data", side=side)
    four, most = (max(z[at] for z in rise.values()) for at in (2, -1))
    picture = {
        "axes": [panel(across, losses) for _ in widths],
        "curves": lines,
        "points": dots,
        "marks": words,
        "layout": "beside",
    }
    return Figure(
        picture,
        name="fig-repeated-losses",
        alt=(
            f"Three panels, widths {', '.join(map(str, widths))}: loss against epochs from 1 to 32 at three fixed "
            f"numbers of tokens seen. The curves stay nearly flat to four epochs, where the loss is at most "
            f"{four:.3f} nats above one pass, then rise, by up to {most:.2f} nats at 32 epochs for the widest."
        ),
        caption=(
            "What repeating costs: the same number of tokens seen (one curve each), from fewer and fewer unique ones. "
            "A few passes cost next to nothing, many cost the widest model most. Mean of three seeds."
        ),
        data={"rise": rise},
    )


def repetition_profile(fit: RepetitionFit) -> Figure:
    """The objective of a RepetitionFit against R_D: how weakly the runs hold it."""
    ratio, best = fit.profile_objective / fit.objective_value, fit.law.R_D
    low, high = fit.within(0.01)
    across = axis("R_D", *reach(fit.profile_R_D, scale="log", air=0.0), scale="log")
    picture = {
        "axes": panel(across, axis("objective over its least", 0.96, min(2.0, float(np.nanmax(ratio)) + 0.02))),
        "curves": {
            "objective": curve(fit.profile_R_D, ratio, "law"),
            "one": level(across, 1.01, "reference", label="1% above the best", label_at=0.0),
        },
        "points": {"best": points(best, 1.0, "law", size=5, side="end", label=f"best, {best:.4g}")},
        "tall": 0.8,
    }
    return Figure(
        picture,
        name="fig-repetition-profile",
        alt=(
            f"Objective over its least value against R_D from 0.1 to 1000: lowest at {best:.3g}, and within 1% of that "
            f"from {low:.3g} to {high:.3g}."
        ),
        caption=(
            "How firmly the runs hold $R_D$: the objective at each value, with the best $R_N$ for it, over the lowest "
            "of all. To the right it stays flat: the runs hold it from below only."
        ),
        data={"range": (low, high)},
    )


def addition_training(table: pandas.DataFrame, *, width: int) -> Figure:
    """One width of "column-addition" over training: loss above, shares of right answers below."""
    drawn = {"token_accuracy": "one digit", "exact_5": "5 digits", "exact_10": "all 10 digits"}
    looks = {"token_accuracy": ("data", "circle"), "exact_5": ("rival", "square"), "exact_10": ("reference", "diamond")}
    some = table[table["width"] == width].groupby("step", as_index=False)[["loss", *drawn]].mean()
    step, loss = some["step"].to_numpy(), some["loss"].to_numpy()
    across = axis("training steps", *reach(step, scale="log", air=0.03), scale="log")
    lines, dots, words = {"loss": curve(step, loss, "law")}, {"loss": points(step, loss, "law", size=3)}, {}
    for column, name in drawn.items():
        role, shape = looks[column]
        lines[column] = curve(step, some[column], role, panel=1)
        dots[column] = points(step, some[column], role, shape=shape, size=3, panel=1)
        # Where a curve passes two thirds, its name stands to the left of it.
        at = float(np.exp(np.interp(0.66, some[column], np.log(step))))
        words[column] = mark(
            at,
            {"token_accuracy": 0.72, "exact_5": 0.45, "exact_10": 0.2}[column],
            name,
            role,
            panel=1,
            side="left" if column != "exact_10" else "right",
        )
    picture = {
        "axes": [
            panel(across, axis("loss", 0.0, 1.05 * loss.max(), unit="nats per digit"), x_label=False),
            panel(across, axis("share right", -0.03, 1.05, ticks=[0, 0.5, 1])),
        ],
        "curves": lines,
        "points": dots,
        "marks": words,
    }
    return Figure(
        picture,
        name="fig-addition-training",
        alt=(
            f"Two panels over training steps, width {width}. Above, the loss falls smoothly from "
            f"{loss[0]:.2f} to {loss[-1]:.3f} nats per digit. Below, shares right: one digit rises early and slowly "
            f"from {some['token_accuracy'].iloc[0]:.2f}; all ten digits stay at zero, pass one half between two "
            f"readings and end at {some['exact_10'].iloc[-1]:.2f}."
        ),
        caption=(
            "One width, judged three ways: the loss falls smoothly, ten digits right come late and steeply. Mean of "
            "the seeds, 20,000 test items."
        ),
        data={"exact_10": some["exact_10"].to_numpy(), "loss": loss},
    )


def parity_thresholds(single: pandas.DataFrame, many: pandas.DataFrame) -> Figure:
    """Sparse parity over training, one curve a seed; and the mean of many parities with four of its tasks."""
    runs = {f"{seed}": run for seed, run in single.groupby("seed")}
    falls = [float(run.loc[run["loss"] < 0.35, "step"].min()) for run in runs.values()]
    mean, coin = many.groupby("step").mean(numeric_only=True), float(np.log(2))
    steps = mean.index.to_numpy()
    tasks = {f"task_{task:02d}": mean[f"task_{task:02d}"].to_numpy() for task in (0, 3, 7, 12)}
    left = axis("training steps", *reach(single["step"], air=0.02))
    right = axis("training steps", *reach(steps, scale="log", air=0.02), scale="log")
    middle = len(mean) // 2
    picture = {
        "axes": [
            panel(left, axis("loss", 0.0, 0.8, unit="nats")),
            panel(right, axis("loss", *reach(mean["loss"], *tasks.values(), scale="log"), unit="nats", scale="log")),
        ],
        "curves": {
            **{seed: curve(run["step"], run["loss"], "data", thin=True) for seed, run in runs.items()},
            "coin": level(left, coin, label="ln 2, a coin", label_at=1.0),
            **{task: curve(steps, loss, "axis", panel=1) for task, loss in tasks.items()},
            "mean": curve(steps, mean["loss"], "law", panel=1),
        },
        "marks": {
            "mean": mark(steps[middle], mean["loss"].iloc[middle], "mean of 32", "law", side="above", panel=1),
            "tasks": mark(steps[0], tasks["task_00"][-1], "single tasks", "quiet", side="start", panel=1),
        },
        "layout": "beside",
    }
    return Figure(
        picture,
        name="fig-parity-thresholds",
        alt=(
            f"First panel, loss of a sparse parity over training, {len(falls)} seeds: each stays near ln 2, a coin's "
            f"loss, and falls within some 200 steps, passing half of it at steps {min(falls):.0f} to {max(falls):.0f}. "
            "Second panel, on logarithmic axes, the mean loss of 32 such tasks asked with a power law's frequencies "
            f"falls slowly from {mean['loss'].iloc[0]:.2f} to {mean['loss'].iloc[-1]:.3f}, while single tasks drop one "
            "after the other."
        ),
        caption=(
            "A threshold in the loss itself (first panel, one curve a seed), and many thresholds that add up to "
            "a smooth fall (second panel: the mean, weighted by how often each is asked, and tasks of "
            "rank 1, 4, 8 and 13)."
        ),
        data={"falls": falls, "mean": mean["loss"].to_numpy()},
    )
