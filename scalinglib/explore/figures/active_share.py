"""The live figure of experts: the loss at given compute and memory, over how many of the parameters are active."""

from __future__ import annotations

import functools

import numpy as np

from scalinglib.explore import Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import curve, level, mark, points

EXPERTS = np.geomspace(1, 32, 31)
_TICKS = [(1, "1"), (2, "2"), (4, "4"), (8, "8"), (16, "16"), (32, "32")]
_EXPERTS = axis("experts in a layer, one of them active", 1, 32, scale="log", ticks=_TICKS, form="g2")
_GAIN = axis("loss beside the best dense model's", -0.14, 0.24, unit="nats", ticks=[-0.1, 0, 0.1, 0.2], form="f3")


@functools.cache
def best(compute: float, memory: float):
    """At every number of experts: the loss, the active parameters and those stored, where `memory` holds them.

    Examples
    --------
    >>> loss, active, stored = best(1e20, 1e14)
    >>> f"{loss[0]:.3f} {active[0]:.2g}"
    '2.590 1.7e+09'
    """
    from scalinglib.allocation import MixtureShape, law_of_experts

    shape = MixtureShape()
    rows = []
    for experts in EXPERTS:
        law = law_of_experts(experts)
        active = min(law.optimum(compute).N, float(shape.active(memory, experts=experts)))
        stored = float(shape.stored(active, experts=experts))
        rows.append((float(law(active, compute / 6 / active)), active, stored))
    return np.array(rows).T


@described(
    controls={
        "compute": Slider.steps("Compute of training (FLOP)", 1e20, 3e20, 1e21, 3e21, 1e22, form="e1"),
        "memory": Slider.steps("Parameters that memory holds", 1e9, 3e9, 1e10, 3e10, 1e11, 3e11, form="w2"),
    },
    predict=Predict(
        ask="Training may cost 10²¹ FLOP, and memory holds 3 billion parameters, embeddings and all. Each layer may "
        "have 1 to 32 experts, of which a token uses one. How many give the lowest loss?",
        why="More experts lower the loss at the same compute, as long as they can be stored. Under a limit of memory "
        "each further expert makes all of them smaller, and the compute goes into ever more tokens for a small model.",
        answer="experts",
        low=1.0,
        high=32.0,
        scale="log",
        form="g2",
        unit="experts",
        y=-0.1,
    ),
)
def active_share(*, compute: float = 1e21, memory: float = 3e9) -> dict:
    """How many experts?

    The best loss at given compute and memory, over the number of experts of which one is active.

    Parameters
    ----------
    compute : float
        FLOP of training, 6 times active parameters times tokens.
    memory : float
        Parameters that can be stored.

    Returns
    -------
    dict
        A picture; its value is the best number of experts.

    Notes
    -----
    The law of Ludziejewski et al. 2025, fitted to runs of up to 5 billion stored parameters and 32 experts; beyond
    that, and above 400 tokens an active parameter, it is an extrapolation. Width over layers is taken as 64. Experts
    are whole in a network, here not.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.active_share()
    >>> 3 < picture["value"] < 7
    True
    """
    loss, active, stored = best(float(compute), float(memory))
    free, _, _ = best(float(compute), 1e15)
    dense = free[0]
    at = int(loss.argmin())
    share = active[at] / stored[at]
    numbers = {
        "experts": number(EXPERTS[at], "g2", scale="log", label="experts at the lowest loss"),
        "share": number(share, "p0", label="share of the parameters that is active"),
        "active": number(active[at], "w2", scale="log", label="active parameters"),
        "tokens": number(compute / 6 / active[at], "w2", scale="log", label="tokens"),
        "gain": number(loss[at] - dense, "f3", label="loss beside the best dense model's", unit="nats"),
    }
    after = {"after": True}
    return {
        "axes": panel(_EXPERTS, _GAIN, height=5),
        "curves": {
            "dense": level(_EXPERTS, 0.0, "axis", thin=True, dashed="solid"),
            "free": curve(EXPERTS, free - dense, "reference", **after),
            "held": curve(EXPERTS, np.minimum(loss - dense, 0.4), "law", read=True, **after),
        },
        "points": {"best": points(EXPERTS[at], loss[at] - dense, "law", labels=["{experts}"], side="above", **after)},
        "marks": {
            "free": mark(1.05, 0.22, "dashed: memory without limit", "reference", **after),
            "held": mark(1.05, 0.195, "line: what memory holds", "law", **after),
        },
        "numbers": numbers,
        "value": float(EXPERTS[at]),
        "say": say(
            "The lowest loss has *{experts}* experts: {active} active parameters, {share} of those stored, and "
            "{tokens} tokens. Beside the best dense model without a limit: {gain} nats.",
            numbers,
        ),
    }
