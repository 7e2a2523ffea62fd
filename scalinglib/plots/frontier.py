"""Figures of what is paid off the frontier: by models that exist, and for models that will be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.allocation import inference_optimum, overtraining_cost
from scalinglib.explore import axis, curve, panel, points, reach, region
from scalinglib.plots.chinchilla import GOPHER, SEEN
from scalinglib.plots.figure import Figure
from scalinglib.plots.words import amount, plain, tex

if TYPE_CHECKING:
    from scalinglib.laws import ChinchillaLaw


def overtraining(law: ChinchillaLaw, models: Mapping, *, budget: float = GOPHER) -> Figure:
    """Compute spent over compute needed, against tokens per parameter: a curve for one budget, and models.

    Parameters
    ----------
    law : ChinchillaLaw
    models : mapping of str to (N, D)
        Parameters and training tokens by name.
    budget : float
        FLOP of the curve.

    Examples
    --------
    >>> import scalinglib as sl
    >>> figure = sl.plots.overtraining(sl.published["besiroglu2024"], {"Gopher": (280e9, 300e9)})
    >>> [round(x, 2) for x in figure.data["costs"]["Gopher"]]
    [1.07, 2.01]
    """
    inside = {name: SEEN["D/N"][0] <= D / N <= SEEN["D/N"][1] for name, (N, D) in models.items()}
    ratio = np.geomspace(0.2, 5000, 121)
    N = np.sqrt(budget / 6 / ratio)
    costs = {name: (D / N, float(overtraining_cost(law, N, D))) for name, (N, D) in models.items()}
    picture = {
        "axes": panel(
            axis("tokens per parameter D/N", 0.2, 5000, scale="log", ticks=[1, 10, 100, 1000]),
            axis("compute spent over needed", 0.9, 8, scale="log", ticks=[1, 1.5, 2, 3, 5, 8]),
        ),
        "regions": {"runs": region(x=SEEN["D/N"], label="tokens per parameter of the runs")},
        "curves": {"law": curve(ratio, overtraining_cost(law, N, N * ratio), "law")},
        "points": {
            name: points(
                x,
                y,
                size=5,
                hollow=not inside[name],
                side="above" if y < 1.05 else "right" if x < 20 else "left",
                label=f"{name}  × {y:.2f}",
            )
            for name, (x, y) in costs.items()
        },
    }
    said = ", ".join(f"{name} {y:.2f} at {x:.4g}" for name, (x, y) in costs.items())
    return Figure(
        picture,
        name="fig-overtraining",
        alt=(
            "Compute spent over compute needed for the same loss, against tokens per parameter from 0.2 to 5000, both "
            "logarithmic. A flat-bottomed curve touches 1 near "
            f"{float(law.optimum(budget).tokens_per_parameter):.1f} and rises on both sides. Models lie on or near it: "
            f"{said}. A shaded strip from {SEEN['D/N'][0]:.2f} to {SEEN['D/N'][1]:.0f} is where runs were measured; "
            f"hollow marks lie outside it: {', '.join(name for name in models if not inside[name]) or 'none'}."
        ),
        caption=(
            f"What a run pays for standing off the best split, by the law. The curve is for {tex(budget)} FLOP. "
            "Hollow marks lie beyond the measured tokens per parameter, and all of these models beyond the measured "
            "compute."
        ),
        data={"budget": budget, "costs": costs},
    )


def serving_cost(law: ChinchillaLaw, *, loss: float, served: float) -> Figure:
    """All compute of a model of a given loss, training and serving, against its size, on logarithmic axes.

    Parameters
    ----------
    law : ChinchillaLaw
    loss : float
        Loss of every model on the line, nats per token.
    served : float
        Tokens each will process in use.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.published["harms-law"]
    >>> loss = law.frontier(law.compute_for_size(13e9))
    >>> figure = sl.plots.serving_cost(law, loss=loss, served=2e12)
    >>> f"{figure.data['N']:.4g}"
    '6.969e+09'
    """
    plan = inference_optimum(law, loss=loss, served=served)
    optimal, smallest = plan.compute_optimal_N, (law.A / (loss - law.E)) ** (1 / law.alpha)
    N = np.geomspace(max(0.62 * plan.N, 1.02 * smallest), 2.2 * optimal, 121)
    training, serving = 6 * N * law.tokens_for(N, loss), 2 * N * served
    cheapest = 6 * optimal * float(law.tokens_for(optimal, loss))
    drawn = training, serving, total = [flop / 1e22 for flop in (training, serving, training + serving)]
    marked = {"to train": (optimal, cheapest, "data"), "in all": (plan.N, plan.total_flop, "reference")}
    picture = {
        "axes": panel(
            axis("parameters N", *reach(N, scale="log", air=0.02), scale="log"),
            axis(
                "compute",
                *reach(*drawn, scale="log", air=0.08),
                unit="10^22 FLOP",
                scale="log",
                ticks=[1, 2, 5, 10, 20],
            ),
        ),
        "curves": {
            "training": curve(N, training, "quiet", label="training", label_at=0.0),
            "serving": curve(N, serving, "rival", label="serving", label_at=0.15),
            "both": curve(N, total, "law", label="both", label_at=1.0),
        },
        "points": {
            what: points(
                size,
                flop / 1e22,
                role,
                shape="circle" if role == "data" else "diamond",
                size=6,
                side="below",
                label=f"cheapest {what}: {size / 1e9:.3g}B",
            )
            for what, (size, flop, role) in marked.items()
        },
    }
    return Figure(
        picture,
        name="fig-serving-cost",
        alt=(
            f"Compute against parameters for models of loss {loss:.3f}: training, serving {amount(served)} tokens, and "
            f"their sum. Training is cheapest at {amount(optimal)} parameters, {plain(cheapest)} FLOP; the sum at "
            f"{amount(plan.N)} parameters, {plain(plan.total_flop)} FLOP, which is {plan.saved:.1%} less than at the "
            "first size."
        ),
        caption=(
            "Models of one loss. Serving costs in proportion to size, which moves the cheapest model to the left of "
            "the one that is cheapest to train."
        ),
        data={
            "N": plan.N,
            "compute_optimal_N": optimal,
            "saved": plan.saved,
            "total": plan.total_flop,
            "training": cheapest,
        },
    )
