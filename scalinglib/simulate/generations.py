"""Generations: models trained on what models wrote, one after the other."""

import numpy as np

from .. import arguments

__all__ = ["collapse"]

_KEEPS = ("replace", "accumulate", "tenth")


def collapse(
    generations: int, rng: np.random.Generator, *, keep: str, words: int = 20_000, tokens: int = 100_000
) -> np.ndarray:
    """The share of real text that a model cannot say any more, generation by generation.

    The text is a bag of words whose frequencies follow Zipf's law. A model is the frequencies that it has seen, and
    writes by drawing from them: a word that it has not seen it will never write.

    Parameters
    ----------
    generations : int
        Models after the first.
    rng : numpy.random.Generator
    keep : {"replace", "accumulate", "tenth"}
        What the next model is trained on: the text of the last one alone, all texts so far with the real one, or the
        last one's with a tenth of it real.
    words, tokens : int
        Words of the language, and tokens that each generation writes.

    Returns
    -------
    numpy.ndarray, shape (generations + 1,)
        Probability, in real text, of words that the model of each generation has never seen.

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib.simulate import collapse
    >>> collapse(20, np.random.default_rng(0), keep="replace")[[0, 20]].round(2)
    array([0.06, 0.25])
    """
    arguments.one_of("keep", keep, _KEEPS)
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy Generator, as np.random.default_rng(0); got {arguments.abbreviate(rng)}")
    tokens = arguments.whole("tokens", tokens, most=1_000_000_000)
    real = 1.0 / np.arange(1, arguments.whole("words", words, least=2) + 1)
    real /= real.sum()
    seen = rng.multinomial(tokens, real)
    missing = [real[seen == 0].sum()]
    for _ in range(arguments.whole("generations", generations, least=1)):
        told = seen / seen.sum()
        if keep == "accumulate":
            seen = seen + rng.multinomial(tokens, told)
        elif keep == "tenth":
            seen = rng.multinomial(tokens - tokens // 10, told) + rng.multinomial(tokens // 10, real)
        else:
            seen = rng.multinomial(tokens, told)
        missing.append(real[seen == 0].sum())
    return np.array(missing)
