"""Shape: a transformer's dimensions, and the parameters and FLOP that follow from them."""

from dataclasses import dataclass

import numpy as np

from .amounts import whole

__all__ = ["TransformerShape"]


@dataclass(frozen=True, kw_only=True)
class TransformerShape:
    """The shape of a decoder-only transformer, and what follows from it.

    The convention: matrices alone are counted, no biases, norms or positions. A layer has four
    attention matrices (query, key, value, output) and two of the feed-forward block; with the
    defaults that is 12 width^2. The attention matrix is counted in full, without the half that a
    causal mask makes idle. Gated feed-forward blocks and grouped queries have other counts.

    Parameters
    ----------
    layers, width, context, vocabulary : int
        Number of layers, width of the residual stream, tokens in a sequence, tokens in the
        vocabulary.
    feedforward : int, optional
        Width of the feed-forward block; 4 width where it is left out.
    heads, key_size : int, optional
        Attention heads and the size of each; one may be left out, and heads times key size is then
        the width. With both left out, no head count is known and none is needed.
    tied : bool
        Whether the output layer shares the embedding's matrix.
    relative_positions : bool
        Whether each layer has one further matrix, width by heads times key size, that projects
        relative positions (Transformer-XL). With it, and a vocabulary of 32,000, the 50 sizes of
        Hoffmann et al. 2022, Table A9, are met within 0.8 million or 0.1%, whichever is more.

    Raises
    ------
    ValueError
        Where a number is not a whole one above zero, naming it.

    Examples
    --------
    >>> import scalinglib as sl
    >>> shape = sl.TransformerShape(layers=10, width=640, context=2048, vocabulary=32000)
    >>> shape.parameters_without_embeddings, shape.parameters
    (49152000, 69632000)
    >>> shape.flop_per_token()
    575078400
    """

    layers: int
    width: int
    context: int
    vocabulary: int
    feedforward: int | None = None
    heads: int | None = None
    key_size: int | None = None
    tied: bool = True
    relative_positions: bool = False

    def __post_init__(self):
        for name in ("layers", "width", "context", "vocabulary", "feedforward", "heads", "key_size"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, whole(name, value))
        for name, other in (("heads", "key_size"), ("key_size", "heads")):
            count = getattr(self, name)
            if count is not None and getattr(self, other) is None and self.width % count:
                raise ValueError(f"{name} must divide width where {other} is left out; got {count} and {self.width}")
        for name in ("tied", "relative_positions"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ValueError(f"{name} must be True or False; got {getattr(self, name)!r}")

    @property
    def attention_width(self) -> int:
        """Heads times key size."""
        if self.heads is None or self.key_size is None:
            return self.width
        return self.heads * self.key_size

    @property
    def parameters_without_embeddings(self) -> int:
        """Parameters of the layers, which are the attention and feed-forward matrices."""
        return self.layers * (self._attention_parameters() + self._feedforward_parameters())

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the embedding, and of the output layer where it is not tied."""
        return self.vocabulary * self.width * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """All parameters, embeddings included."""
        return self.parameters_without_embeddings + self.embedding_parameters

    def flop_per_token(self, *, context: int | None = None) -> int:
        """Return the training FLOP of one token, backward pass included.

        Six for each parameter of the layers and of the output layer, and 12 context times heads
        times key size a layer for the attention matrix (scores and weighted values, two FLOP a
        multiply-add, backward twice forward). Reading an embedding costs nothing.

        Parameters
        ----------
        context : int, optional
            Another sequence length than the shape's own.

        Returns
        -------
        int
        """
        length = self.context if context is None else whole("context", context)
        return sum(self._flop_parts(length).values())

    def report(self) -> str:
        """Return the counts as text.

        Examples
        --------
        >>> import scalinglib as sl
        >>> shape = sl.TransformerShape(layers=10, width=640, context=2048, vocabulary=32000)
        >>> print(shape.report())
        10 layers, width 640, context 2,048, vocabulary 32,000
          parameters without embeddings      49,152,000
          parameters with embeddings         69,632,000
          training FLOP per token           575,078,400
            over 6 N, N without embeddings        1.950
            over 6 N, N with embeddings           1.376
        """
        cost = self.flop_per_token()
        without, total = self.parameters_without_embeddings, self.parameters
        return "\n".join(
            (
                f"{self.layers} layers, width {self.width:,}, context {self.context:,}, vocabulary {self.vocabulary:,}",
                f"  parameters without embeddings  {without:>14,}",
                f"  parameters with embeddings     {total:>14,}",
                f"  training FLOP per token        {cost:>14,}",
                f"    over 6 N, N without embeddings {cost / (6 * without):>12.3f}",
                f"    over 6 N, N with embeddings    {cost / (6 * total):>12.3f}",
            )
        )

    def _attention_parameters(self):
        return (5 if self.relative_positions else 4) * self.width * self.attention_width

    def _feedforward_parameters(self):
        return 2 * self.width * (self.feedforward or 4 * self.width)

    def _flop_parts(self, context):
        """Training FLOP per token by part, in the order the figure draws them."""
        return {
            "attention matrices": 6 * self.layers * self._attention_parameters(),
            "feed-forward": 6 * self.layers * self._feedforward_parameters(),
            "attention over the context": 12 * self.layers * self.attention_width * context,
            "output layer": 6 * self.vocabulary * self.width,
        }
