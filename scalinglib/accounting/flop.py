"""Flop: the compute of a training run, by 6 N D and by counting."""

import numpy as np
from numpy.typing import ArrayLike

from ..arguments import real
from .amounts import whole_numbers
from .shape import TransformerShape

__all__ = ["count_and_cost", "exact_training_flop", "hoffmann_flop", "training_flop"]


def count_and_cost(*, layers: ArrayLike, width: ArrayLike, context: ArrayLike, vocabulary: ArrayLike) -> dict:
    """Count a transformer's parameters and the training FLOP of a token, beside 6 N.

    Parameters
    ----------
    layers, width, context, vocabulary : int or array of int
        As in `TransformerShape`, whose defaults hold; arrays broadcast.

    Returns
    -------
    dict
        "parameters", "parameters_without_embeddings", "flop_per_token"; "ratio_with_embeddings"
        and "ratio_without_embeddings", the FLOP over 6 N; "parameter_shares" and "flop_shares",
        each a dict of part to share.

    Raises
    ------
    ValueError
        Naming the argument and the rows that are not whole numbers above zero.

    Examples
    --------
    >>> import scalinglib as sl
    >>> counted = sl.accounting.count_and_cost(layers=10, width=640, context=2048, vocabulary=32000)
    >>> round(counted["ratio_without_embeddings"], 5), round(counted["ratio_with_embeddings"], 5)
    (1.95, 1.37647)
    """
    L, d, T, V = np.broadcast_arrays(
        *(
            whole_numbers(name, value)
            for name, value in (("layers", layers), ("width", width), ("context", context), ("vocabulary", vocabulary))
        )
    )
    parameters = {"attention": 4.0 * L * d**2, "feed-forward": 8.0 * L * d**2, "embedding": V * d}
    flop = {
        "attention matrices": 6 * parameters["attention"],
        "feed-forward": 6 * parameters["feed-forward"],
        "attention over the context": 12 * L * d * T,
        "output layer": 6 * parameters["embedding"],
    }
    total, cost = sum(parameters.values()), sum(flop.values())
    layered = total - parameters["embedding"]
    counted = {
        "parameters": total,
        "parameters_without_embeddings": layered,
        "flop_per_token": cost,
        "ratio_with_embeddings": cost / (6 * total),
        "ratio_without_embeddings": cost / (6 * layered),
    }
    counted = {name: _plain(value) for name, value in counted.items()}
    counted["parameter_shares"] = {part: _plain(value / total) for part, value in parameters.items()}
    counted["flop_shares"] = {part: _plain(value / cost) for part, value in flop.items()}
    return counted


def training_flop(N: ArrayLike, D: ArrayLike) -> float | np.ndarray:
    """Return the training compute 6 N D, in FLOP.

    Parameters
    ----------
    N, D : float or array
        Parameters and tokens seen; arrays broadcast.

    Examples
    --------
    >>> import scalinglib as sl
    >>> f"{sl.accounting.training_flop(70e9, 1.4e12):.3g}"
    '5.88e+23'
    """
    return 6 * real("N", N, positive=True) * real("D", D, positive=True)


def exact_training_flop(shape: TransformerShape, D: ArrayLike) -> float | np.ndarray:
    """Return the training FLOP of a shape on D tokens, each matrix and the attention counted.

    Parameters
    ----------
    shape : TransformerShape
    D : float or array
        Tokens seen.

    Returns
    -------
    float or array
        `shape.flop_per_token()` times D.

    Examples
    --------
    >>> import scalinglib as sl
    >>> shape = sl.TransformerShape(layers=10, width=640, context=2048, vocabulary=32000)
    >>> f"{sl.accounting.exact_training_flop(shape, 1e9):.6g}"
    '5.75078e+17'
    """
    return _shape(shape).flop_per_token() * real("D", D, positive=True)


def hoffmann_flop(shape: TransformerShape, D: ArrayLike, *, vocabulary_terms: bool = True) -> float | np.ndarray:
    """Return the training FLOP of a shape on D tokens as Hoffmann et al. 2022 count, Appendix F.

    Forward, for a sequence: embeddings 2 T V d; for each layer the projections 6 T d a, scores
    2 T T a, softmax 3 h T T, weighted values 2 T T a, output projection 2 T a d and the dense block
    4 T d f; final logits 2 T d V. (T context, V vocabulary, d width, a heads times key size, h
    heads, f feed-forward width.) The backward pass is twice the forward one.

    Parameters
    ----------
    shape : TransformerShape
        With `heads` given: the softmax is counted by head.
    D : float or array
        Tokens seen.
    vocabulary_terms : bool
        Whether embeddings and final logits count. The appendix lists both, yet the ratios to 6 N D
        printed in its Table A4 come out only without them: 1.03, 1.10, 1.08, 1.04, 1.03, 0.99 with
        `relative_positions=True` in N, against 1.58, 1.32, 1.23, 1.15, 1.12, 1.03 with them.

    Returns
    -------
    float or array

    Raises
    ------
    ValueError
        Where the shape has no head count, or D is not above zero.

    Examples
    --------
    >>> import scalinglib as sl
    >>> shape = sl.TransformerShape(layers=20, width=1024, context=2048, vocabulary=32000,
    ...                             heads=16, key_size=64, relative_positions=True)
    >>> exact = sl.accounting.hoffmann_flop(shape, 1e9, vocabulary_terms=False)
    >>> round(float(exact / sl.accounting.training_flop(shape.parameters, 1e9)), 2)
    1.1
    """
    if _shape(shape).heads is None:
        raise ValueError("shape must have heads: this count takes the softmax by head")
    T, V, d, a = shape.context, shape.vocabulary, shape.width, shape.attention_width
    layer = (
        6 * T * d * a  # query, key and value
        + 2 * T * T * a  # scores
        + 3 * shape.heads * T * T  # softmax
        + 2 * T * T * a  # weighted values
        + 2 * T * a * d  # output projection
        + 2 * T * shape._feedforward_parameters()
    )
    ends = 4 * T * V * d if vocabulary_terms else 0
    # forward and twice that backward, for a sequence of T tokens
    return 3 * (ends + shape.layers * layer) / T * real("D", D, positive=True)


def _shape(shape):
    if not isinstance(shape, TransformerShape):
        raise ValueError(f"shape must be a TransformerShape; got {type(shape).__name__}")
    return shape


def _plain(value):
    """A Python float for a single number, the array otherwise."""
    return float(value) if np.ndim(value) == 0 else value
