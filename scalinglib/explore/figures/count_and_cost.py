"""The live figure of the part on units: what a model's size is, and what a token costs."""

from __future__ import annotations

import numpy as np

from scalinglib import accounting
from scalinglib.explore import Choice, Predict, Slider, axis, described, number, panel, say
from scalinglib.explore.layers import bars, level, mark, points

WIDTHS = (64, 128, 256, 384, 512, 640, 768, 1024, 2048, 4096, 8192, 12288, 16384)
CONTEXTS = tuple(2**power for power in range(8, 18))
LAYERS = (2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 80, 96)
PARTS = {
    "attention": ("attention matrices", "attention", "law"),
    "feed_forward": ("feed-forward", "feed-forward", "reference"),
    "context": ("attention over the context", "context", "rival"),
    "output": ("output layer", "output", "data"),
}
"""The FLOP of a token by part: what scalinglib calls it, what the bar says, its role."""

# The axis begins a little below 0, so that the words of a narrow first part stand above it.
_SHARE = axis("share of the whole", -0.6, 100.6, unit="%", ticks=[0, 20, 40, 60, 80, 100])
_TIMES = axis("FLOP of a token over 6N", 0.9, 500, scale="log", ticks=[1, 2, 5, 10, 30, 100, 300], form="g3")
_COUNTS = axis("", -0.6, 1.6, ticks=())


@described(
    # Whole numbers all, and shares bend within a doubling: every slider stands on its stops.
    controls={
        "layers": Slider.steps("Layers", *LAYERS, form="c0"),
        "width": Slider.steps("Width", *WIDTHS, form="c0"),
        "context": Slider.steps("Context", *CONTEXTS, form="c0", unit="tokens"),
        "vocabulary": Choice(label="Vocabulary", options={32000: "32,000", 50257: "50,257", 128256: "128,256"}),
    },
    predict=Predict(
        ask="Ten layers of width 640, a context of 2,048 tokens: how many times 6N does a token cost, N "
        "counted without embeddings?",
        why="In a model this narrow, attention over the context and the output layer, which 6N without embeddings "
        "leaves out, cost nearly as much again as the matrices of the layers.",
        answer="without",
        form="f2",
        options=((1.0, "1.0 times"), (1.4, "1.4 times"), (2.0, "nearly 2 times")),
    ),
)
def count_and_cost(*, layers: int = 10, width: int = 640, context: int = 2048, vocabulary: int = 32000) -> dict:
    """How far is 6N from the FLOP a token really costs?

    Parameters and FLOP of a token by part, and over 6N by two ways of counting N.

    Parameters
    ----------
    layers, width : int
        Number of layers, width of the residual stream.
    context : int
        Tokens in a sequence.
    vocabulary : int
        Tokens in the vocabulary.

    Returns
    -------
    dict
        A picture; its value is the FLOP of a token over 6N, N without embeddings.

    Notes
    -----
    Counted: four attention matrices and two of the feed-forward block a layer, the whole attention matrix, one matrix
    for input and output embedding; no biases, norms or positions. Causal attention may be counted at half; gated
    blocks, grouped queries and a separate output matrix have other constants.

    Examples
    --------
    >>> import scalinglib as sl
    >>> picture = sl.explore.count_and_cost()
    >>> round(picture["value"], 5)
    1.95
    >>> print(picture["say"][:86])
    10 layers of width 640: 49.2 million parameters without embeddings, 69.6 million with.
    """
    counted = accounting.count_and_cost(layers=layers, width=width, context=context, vocabulary=vocabulary)
    held, spent = counted["parameter_shares"], counted["flop_shares"]
    without, including = counted["ratio_without_embeddings"], counted["ratio_with_embeddings"]
    numbers = {
        "layers": number(layers, "c0"),
        "width": number(width, "c0"),
        "n": number(counted["parameters_without_embeddings"], "w3", scale="log", label="parameters without embeddings"),
        "all": number(counted["parameters"], "w3", scale="log", label="parameters with embeddings"),
        "flop": number(counted["flop_per_token"], "e3", scale="log", label="training FLOP of a token"),
        "without": number(without, "g3", scale="log", label="FLOP over 6N, N without embeddings"),
        "with": number(including, "g3", scale="log", label="FLOP over 6N, N with embeddings"),
        "held": number(held["embedding"], "p0", label="share of the embedding in the parameters"),
        **{name: number(spent[part], "p0", label=f"share of the FLOP: {part}") for name, (part, _, _) in PARTS.items()},
    }
    kept, edges = _ends(held.values()), _ends(spent[part] for part, _, _ in PARTS.values())
    mine = {"size": 6, "panel": 1, "after": True}
    return {
        "axes": [panel(_SHARE, axis("", -1.0, 1.95, ticks=()), height=2.3), panel(_TIMES, _COUNTS)],
        "bars": {
            "parameters": bars(
                kept[:-1],
                kept[1:],
                np.full(3, 1.0),
                role=("law", "reference", "data"),
                thickness=0.55,
                labels=("attention", "feed-forward", "embedding {held}"),
            ),
            "flop": bars(
                edges[:-1],
                edges[1:],
                np.full(4, -0.55),
                role=tuple(role for _, _, role in PARTS.values()),
                labels=tuple(f"{short} {{{name}}}" for name, (_, short, _) in PARTS.items()),
                thickness=0.55,
                after=True,
            ),
        },
        "curves": {"right": level(_COUNTS, 1, "reference", upright=True, panel=1, read=False)},
        "points": {
            "without": points(without, 1.05, "data", labels=("N without embeddings: {without}",), **mine),
            "with": points(including, -0.05, "law", shape="diamond", labels=("N with embeddings: {with}",), **mine),
        },
        "marks": {
            "parameters": mark(0, 1.55, "parameters", side="start", bold=True),
            "flop": mark(0, 0.12, "FLOP of a token in training", side="start", bold=True),
            "right": mark(1, 0.5, "6N", "reference", panel=1),
        },
        "numbers": numbers,
        "value": without,
        "say": say(
            "{layers} layers of width {width}: {n} parameters without embeddings, {all} with. A token "
            "costs *{without}* times 6N counted without embeddings, {with} times 6N with them.",
            numbers,
        ),
    }


def _ends(shares):
    """Where stacked shares begin and end, in percent."""
    return 100 * np.concatenate([[0.0], np.cumsum(list(shares))])
