"""Figures of what is paid off the frontier: by models that exist, and for models that will be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scalinglib.allocation import inference_optimum, overtraining_cost
from scalinglib.plots import style
from scalinglib.plots.chinchilla import GOPHER, SEEN
from scalinglib.plots.figure import Figure
from scalinglib.plots.labels import amount, plain

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
    >>> figure = overtraining(sl.published["besiroglu2024"], {"Gopher": (280e9, 300e9)})
    >>> [round(x, 2) for x in figure.data["costs"]["Gopher"]]
    [1.07, 2.01]
    """
    inside = {name: SEEN["D/N"][0] <= D / N <= SEEN["D/N"][1] for name, (N, D) in models.items()}
    canvas, ax = style.new_figure()
    style.log_axis(ax)
    style.log_axis(ax, "y", ticks=(1, 1.5, 2, 3, 5, 8))
    ax.set(xlim=(0.2, 5000), ylim=(0.9, 8))
    style.shade(ax, *SEEN["D/N"])
    middle = float(np.sqrt(np.prod(SEEN["D/N"])))
    style.label(ax, "tokens per parameter of the runs", middle, 7.1, role="quiet", ha="center")
    ratio = np.geomspace(0.2, 5000, 301)
    N = np.sqrt(budget / 6 / ratio)
    style.curve(ax, ratio, overtraining_cost(law, N, N * ratio))
    costs = {name: (D / N, float(overtraining_cost(law, N, D))) for name, (N, D) in models.items()}
    for name, (x, y) in costs.items():
        style.points(ax, [x], [y], role="data", size=5, hollow=not inside[name])
        side, up = (0, 20) if y < 1.05 else (10 if x < 20 else -10, 8)
        style.label(ax, f"{name}  ×{y:.2f}", x, y, role="data", dx=side, dy=up, ha=None if side else "center")
    style.axis_titles(ax, x="tokens per parameter D/N", y="compute spent over needed")
    said = ", ".join(f"{name} {y:.2f} at {x:.4g}" for name, (x, y) in costs.items())
    alt = (
        "Compute spent over compute needed for the same loss, against tokens per parameter from 0.2 to 5000, both "
        f"logarithmic. A flat-bottomed curve touches 1 near {float(law.optimum(budget).tokens_per_parameter):.1f} and "
        f"rises on both sides. Models lie on or near it: {said}. A shaded strip from {SEEN['D/N'][0]:.2f} to "
        f"{SEEN['D/N'][1]:.0f} is where runs were measured; hollow marks lie outside it: "
        f"{', '.join(name for name in models if not inside[name]) or 'none'}."
    )
    caption = (
        f"What a run pays for standing off the best split, by the law. The curve is for {style.power(budget)} FLOP. "
        "Hollow marks lie beyond the measured tokens per parameter, and all of these models beyond the measured "
        "compute."
    )
    return Figure(canvas, alt=alt, caption=caption, name="fig-overtraining", data={"budget": budget, "costs": costs})


def serving_cost(law: ChinchillaLaw, *, loss: float, served: float) -> Figure:
    """All compute of a model of a given loss, training and serving, against its size.

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
    >>> figure = serving_cost(law, loss=loss, served=2e12)
    >>> f"{figure.data['N']:.4g}"
    '6.969e+09'
    """
    plan = inference_optimum(law, loss=loss, served=served)
    canvas, ax = style.new_figure(right=84)
    smallest = (law.A / (loss - law.E)) ** (1 / law.alpha)
    N = np.geomspace(max(0.62 * plan.N, 1.02 * smallest), 2.2 * plan.compute_optimal_N, 301)
    training, serving = 6 * N * law.tokens_for(N, loss), 2 * N * served
    drawn = (("quiet", "training", training), ("rival", "serving", serving), ("law", "both", training + serving))
    for role, label, total in drawn:
        style.curve(ax, N / 1e9, total / 1e22, role=role)
        style.label(ax, label, N[-1] / 1e9, total[-1] / 1e22, role=role, dx=6)
    ax.set(xlim=(0, N[-1] / 1e9), ylim=(0, 1.1 * total.max() / 1e22))
    optimal = plan.compute_optimal_N
    cheapest = 6 * optimal * float(law.tokens_for(optimal, loss))
    marked = (("data", "to train", optimal, cheapest), ("reference", "in all", plan.N, plan.total_flop))
    for role, what, size, total in marked:
        style.points(ax, [size / 1e9], [total / 1e22], role=role, size=6)
        style.label(ax, f"cheapest {what}: {size / 1e9:.3g}B", size / 1e9, total / 1e22, role=role, dx=4, dy=-18)
    style.axis_titles(ax, x="parameters N, billions", y="compute, $10^{22}$ FLOP")
    alt = (
        f"Compute against parameters for models of loss {loss:.3f}: training, serving {amount(served)} tokens, and "
        f"their sum. Training is cheapest at {amount(optimal)} parameters, {plain(cheapest)} FLOP; the sum at "
        f"{amount(plan.N)} parameters, {plain(plan.total_flop)} FLOP, which is {plan.saved:.1%} less than at the "
        "first size."
    )
    caption = (
        "Models of one loss. Serving costs in proportion to size, which moves the cheapest model to the left of the "
        "one that is cheapest to train."
    )
    data = {
        "N": plan.N,
        "compute_optimal_N": optimal,
        "saved": plan.saved,
        "total": plan.total_flop,
        "training": cheapest,
    }
    return Figure(canvas, alt=alt, caption=caption, name="fig-serving-cost", data=data)
