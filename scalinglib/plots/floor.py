"""Figures of the floor under a power law: forgotten, assumed, fitted, and how well it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scalinglib import arguments
from scalinglib.explore import axis, curve, level, mark, panel, points, reach, region
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import spoken

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
    grid, at = np.geomspace(C.min() / 2, horizon * 2, 81), 3e23 if forgotten else 3e22
    across = axis("compute C", grid[0], grid[-1], unit="FLOP", scale="log", ticks=[1e18, 1e20, 1e22, 1e24, 1e26])
    beyond = {"x": (C.max() * 1.3, grid[-1]), "role": "quiet"}
    picture = {
        "axes": [
            panel(across, axis("loss", 0.9, 3.7, unit="nats per token"), height=2.4, x_label=False),
            panel(across, axis("residual", -5, 5, unit="%", ticks=[-4, 0, 4])),
        ],
        "regions": {"beyond": region(**beyond, label="not measured"), "below": region(**beyond, panel=1)},
        "curves": {
            "floor": level(across, truth.floor, label=f"true floor {truth.floor:g}", label_at=0.0),
            "fit": curve(grid, law(grid), "law"),
            "truth": curve(grid, truth(grid), "ink"),
            "zero": level(across, 0.0, panel=1),
        },
        "points": {
            "runs": points(C, loss),
            "promised": points(horizon, promised, "law", size=5.5, side="below", label=f"{promised:.2f}"),
            "residuals": points(C, residuals, size=4, stem=0.0, panel=1),
        },
        "marks": {
            "truth": mark(horizon, true, f"truth {true:.2f}", "ink", side="end"),
            "fit": mark(at, float(law(at)), kind, "law", side="below" if forgotten else "above", bold=True),
            "r_squared": mark(
                np.sqrt(C.max() * grid[-1]), 2.4, f"R squared {fit.r_squared:.4f}", "quiet", side="middle", panel=1
            ),
        },
        "tall": 1.05,
    }
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
    data = {
        "residuals": residuals,
        "promised": promised,
        "truth": true,
        "r_squared": fit.r_squared,
        "sign_changes": turns,
    }
    return Figure(
        picture,
        name="fig-forgotten-floor" if forgotten else "fig-fitted-floor",
        caption=caption,
        alt=(
            f"Upper panel: {len(C)} losses from {spoken(C.min())} to {spoken(C.max())} FLOP and a {kind}, which reads "
            f"{promised:.2f} nats at {spoken(horizon)}, where the truth is {true:.2f}.{crossing} Lower panel: "
            f"residuals, {residuals[0]:+.1f} percent at the first point, {residuals.min():+.1f} at the lowest, "
            f"{residuals[-1]:+.1f} at the last; they change sign {turns} times. R squared is {fit.r_squared:.4f}."
        ),
        data=data,
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
    best, ends = int(r_squared.argmax()), [0, -1]
    across = axis("assumed floor", *reach(floors), unit="nats per token")
    quality = axis("R squared", 0.0, 1.15, ticks=[0, 0.5, 1])
    promise = axis("promised loss", predictions.min() - 0.15, predictions.max() + 0.25, unit="nats")
    mine = {"role": "law", "size": 3.5}
    picture = {
        "axes": [panel(across, quality, x_label=False), panel(across, promise, height=1.5)],
        "curves": {
            "truth": level(quality, truth, upright=True),
            "truth-below": level(promise, truth, upright=True, panel=1, label=f"true floor {truth:g}", label_at=0.0),
            "r_squared": curve(floors, r_squared, "law"),
            "prediction": level(across, prediction, panel=1, label=f"true loss {prediction:.2f}", label_at=0.0),
            "predictions": curve(floors, predictions, "law", panel=1),
        },
        "points": {
            "r_squared": points(
                floors[[0, best]],
                r_squared[[0, best]],
                side="below",
                labels=[f"{r_squared[0]:.3f}", f"{r_squared.max():.4f}"],
                **mine,
            ),
            "ends": points(
                floors[ends],
                predictions[ends],
                side="above",
                panel=1,
                labels=[f"{loss:.2f}" for loss in predictions[ends]],
                **mine,
            ),
        },
    }
    return Figure(
        picture,
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
    slopes, grid = law.local_exponent(C), np.geomspace(C[0], C[-1], 61)
    across = axis("compute C", *reach(C, scale="log", air=0.04), unit="FLOP", scale="log", ticks=C)
    held = {
        "above": level(
            across, law.exponent, "reference", label=f"of L − E: {law.exponent:.3f} everywhere", label_at=0.0
        )
    }
    if published is not None:
        held["published"] = level(
            across, published, "rival", label=f"Kaplan 2020, no floor: {published:.3f}", label_at=1.0
        )
    picture = {
        "axes": panel(across, axis("local exponent", 0.0, 1.2 * law.exponent)),
        "curves": {**held, "law": curve(grid, law.local_exponent(grid), "law")},
        "points": {
            "slopes": points(C, slopes, "law", size=5.5, side="start", labels=[f"{slope:.3f}" for slope in slopes])
        },
        "marks": {
            "law": mark(grid[7], float(law.local_exponent(grid[7])), "of L itself", "law", side="below", bold=True)
        },
    }
    words = ", ".join(f"{slope:.3f} at {spoken(place)}" for place, slope in zip(C, slopes, strict=True))
    line = "" if published is None else f" A level line marks the published {published:.3f}."
    return Figure(
        picture,
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
    across = axis("decades of compute measured", decades[0] - 0.5, decades[-1] + 0.5, ticks=decades)
    end = {"role": "law", "size": 0}
    picture = {
        "axes": panel(across, axis("fitted floor", *reach(low, high, air=0.12), unit="nats per token")),
        "curves": {
            "truth": level(across, truth, label=f"true floor {truth:g}", label_at=1.0),
            **{f"{place:g}": curve([place] * 2, ends, "law") for place, *ends in zip(decades, low, high, strict=True)},
        },
        "points": {
            "median": points(decades, middle, "law", size=5.5),
            "high": points(decades, high, side="above", labels=[f"{each:.2f}" for each in high], **end),
            "low": points(decades, low, side="below", labels=[f"{each:.2f}" for each in low], **end),
        },
    }
    words = "; ".join(f"{place:g} decades, {a:.2f} to {b:.2f}" for place, a, b in zip(decades, low, high, strict=True))
    return Figure(
        picture,
        name="fig-floor-ranges",
        alt=f"Ranges that hold 90 percent of {floors.shape[1]} fitted floors around the true {truth:g}: {words}.",
        caption=(
            "Median (mark) and 5 to 95% range (line) of the fitted floor: 20 points from $10^{18}$ FLOP on, 1% "
            "noise. The points are as many in each design; only their reach differs."
        ),
        data={"decades": decades, "low": low, "median": middle, "high": high},
    )
