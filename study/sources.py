"""Sources: where windows of symbols come from, by name: a corpus, a Markov chain, or a toy for tests."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import corpus

__all__ = ["CONTEXT", "Source", "chain", "entropy", "source", "toy_chain"]

CONTEXT = 64
_JUDGED = 4096  # validation windows: 262,144 symbols, the same for every run
_CHAIN_WINDOWS = 2**16  # 4,194,304 symbols


@dataclass(frozen=True)
class Source:
    """Windows (n, T + 1) for training, each with T targets of its own, and the windows all are judged on."""

    name: str
    vocabulary: int
    training: np.ndarray
    validation: np.ndarray

    @property
    def unique_tokens(self):
        """Targets in the training windows: what D may not exceed in one pass."""
        return len(self.training) * CONTEXT

    def order(self, seed, *, unique=None):
        """A random order of windows for `seed`; with `unique` tokens, only so many windows of it."""
        places = np.random.default_rng([seed, 1]).permutation(len(self.training))
        return places if unique is None else places[: unique // CONTEXT]


def windows_of(symbols):
    """Overlapping by one symbol: the last target of a window is what the next one starts from."""
    count = (len(symbols) - 1) // CONTEXT
    return np.lib.stride_tricks.sliding_window_view(symbols, CONTEXT + 1)[: count * CONTEXT : CONTEXT]


@cache
def source(name):
    """The Source called `name`: a corpus of `corpus.CORPORA`, "markov" (of gcide), or "toy"."""
    if name == "toy":
        return _drawn("toy", toy_chain(), windows=4096, judged=64)
    if name == "markov":
        return _drawn("markov", chain("gcide"), windows=_CHAIN_WINDOWS, judged=_JUDGED)
    training, validation = (windows_of(symbols) for symbols in corpus.load(name))
    return Source(name, len(corpus.CORPORA[name].alphabet), training, validation[:_JUDGED])


@cache
def chain(name):
    """Counts (V, V, V) of three symbols in a row in a corpus, its end joined to its beginning.

    Joined, each pair is left as often as it is entered: the pairs' shares are exactly stationary.
    """
    symbols, _ = corpus.load(name)
    V = len(corpus.CORPORA[name].alphabet)
    a, b, c = (np.roll(symbols, -k).astype(np.int64) for k in range(3))
    return np.bincount((a * V + b) * V + c, minlength=V**3).reshape(V, V, V)


def toy_chain():
    """A small chain for tests: twelve symbols, seven likely pairs each."""
    V = 12
    follows = np.random.default_rng(0).integers(1, 9, (V, V)) ** 3
    path = np.zeros((V, V, V), dtype=np.int64)
    symbols = [0, 1]
    generator = np.random.default_rng(1)
    for _ in range(20_000):
        weights = follows[symbols[-1]] + 3 * follows[symbols[-2], ::-1]
        symbols.append(int(generator.choice(V, p=weights / weights.sum())))
    for a, b, c in zip(symbols, symbols[1:] + symbols[:1], symbols[2:] + symbols[:2], strict=True):
        path[a, b, c] += 1
    return path


def entropy(counts):
    """Exact entropies of the chain with these counts, in nats a symbol.

    Returns the rate H(c | a, b), and what the best model of windows can reach: there the first target is
    predicted from one symbol alone, H(b | a), and the others from two or more.
    """
    pairs, singles = counts.sum(2), counts.sum((1, 2))
    total = counts.sum()

    def conditional(joint, given):
        some = joint > 0
        ratio = joint / np.where(given > 0, given, 1)[..., None]
        return float(-(joint[some] / total * np.log(ratio[some])).sum())

    rate, first = conditional(counts, pairs), conditional(pairs, singles)
    return rate, (first + (CONTEXT - 1) * rate) / CONTEXT


def _drawn(name, counts, *, windows, judged):
    """Independent windows of the chain, each begun in its stationary state."""
    V = len(counts)
    generator = np.random.default_rng(7)
    total = windows + judged
    upto = np.cumsum(counts / np.maximum(counts.sum(2, keepdims=True), 1), axis=2).reshape(V * V, V)
    upto[:, -1] = 1.0
    state = generator.choice(V * V, size=total, p=counts.sum(2).ravel() / counts.sum())
    out = np.empty((total, CONTEXT + 1), dtype=np.uint8)
    out[:, 0], out[:, 1] = state // V, state % V
    for place in range(2, CONTEXT + 1):
        out[:, place] = (generator.random(total)[:, None] > upto[state]).sum(1)
        state = state % V * V + out[:, place]
    return Source(name, V, out[judged:], out[:judged])
