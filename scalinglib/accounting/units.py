"""Units: a loss in nats, bits, bits per byte and as perplexity."""

import numpy as np
from numpy.typing import ArrayLike

from ..arguments import real, refuse

__all__ = ["nats_to_bits", "nats_to_bits_per_byte", "perplexity", "perplexity_to_nats"]


def nats_to_bits(loss: ArrayLike) -> float | np.ndarray:
    """Return a loss in bits.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.accounting.nats_to_bits(1.69)), 2)
    2.44
    """
    return real("loss", loss, non_negative=True) / np.log(2)


def nats_to_bits_per_byte(
    loss: ArrayLike, *, tokens_per_byte: ArrayLike | None = None, bytes_per_token: ArrayLike | None = None
) -> float | np.ndarray:
    """Return a loss in nats per token as bits per byte of text, which no tokenizer changes.

    Parameters
    ----------
    loss : float or array
        Nats per token.
    tokens_per_byte, bytes_per_token : float or array
        How the text was tokenized; give one of the two.

    Returns
    -------
    float or array

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.accounting.nats_to_bits_per_byte(1.69, bytes_per_token=4.5)), 2)
    0.54
    """
    if (tokens_per_byte is None) == (bytes_per_token is None):
        raise ValueError("give one of tokens_per_byte and bytes_per_token")
    if bytes_per_token is None:
        return nats_to_bits(loss) * real("tokens_per_byte", tokens_per_byte, positive=True)
    return nats_to_bits(loss) / real("bytes_per_token", bytes_per_token, positive=True)


def perplexity(loss: ArrayLike) -> float | np.ndarray:
    """Return exp of a loss in nats per token.

    Perplexities are not to be averaged: the mean of exp is above exp of the mean.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.accounting.perplexity(3.0)), 3)
    20.086
    """
    return np.exp(real("loss", loss, non_negative=True))


def perplexity_to_nats(perplexity: ArrayLike) -> float | np.ndarray:
    """Return the loss in nats per token of a perplexity, which is above 1.

    Examples
    --------
    >>> import scalinglib as sl
    >>> round(float(sl.accounting.perplexity_to_nats(20.0855369)), 6)
    3.0
    """
    value = real("perplexity", perplexity, positive=True)
    refuse("perplexity", value, value < 1, "at least 1")
    return np.log(value)
