"""Family: what the instant families share, theory's exponents and the table of sampled runs."""

import textwrap
from dataclasses import dataclass

import numpy as np

from .. import arguments
from ..parallel import run_pieces
from ..text import WIDTH

__all__ = ["Exponents"]

_LARGEST = 1e15  # beyond it a float no longer holds every whole number


@dataclass(frozen=True, kw_only=True)
class Exponents:
    """The exponents that theory gives for a family, and where they hold.

    Attributes
    ----------
    alpha : float
        Loss above the floor falls as N^-alpha where the examples do not limit it.
    beta : float
        Loss above the floor falls as D^-beta where the size does not limit it; NaN where there is none.
    floor : float
        The loss that no size and no number of examples get below.
    holds : str
        The range in which the exponents are to be expected.
    source : str
        Where the formula comes from.

    Examples
    --------
    >>> import scalinglib as sl
    >>> theory = sl.simulate.ZipfMemoriser(alpha=0.5).theory
    >>> print(theory.alpha, round(theory.beta, 4), theory.floor)
    0.5 0.3333 0.0
    """

    alpha: float
    beta: float
    floor: float
    holds: str
    source: str

    def report(self) -> str:
        """The exponents, where they hold and where they come from."""
        examples = "no exponent" if np.isnan(self.beta) else f"D^-{self.beta:.4g}"
        lines = [
            f"Theory: N^-{self.alpha:.4g} in size, {examples} in examples, floor {self.floor:.4g}",
            *wrapped(f"Holds for {self.holds}."),
            *wrapped(f"Source: {self.source}."),
        ]
        return "\n".join(lines)


def wrapped(text):
    """Lines of `text` for a report, none wider than it may be."""
    return textwrap.wrap(text, WIDTH - 2, initial_indent="  ", subsequent_indent="  ")


def whole(name, value, *, least=1):
    """Return `value` as an array of whole numbers, none below `least`, or raise ValueError."""
    numbers = arguments.real(name, value)
    bad = (numbers != np.round(numbers)) | (numbers < least) | (numbers > _LARGEST)
    arguments.refuse(name, numbers, bad, f"whole numbers, {least} to {_LARGEST:.0e}")
    return numbers.astype(np.int64)


def whole_number(name, value, *, least=1):
    """Return `value` as one whole number, not below `least`, or raise ValueError."""
    arguments.scalar(name, value)
    return int(whole(name, value, least=least))


def sampled_runs(family, N, D, *, repeats, seed, expected=None, columns=("loss",)):
    """Sample one run for each row of (N, D) and each repeat, and return them as a table.

    `family` has ``_sample(N, D, rng)``, which gives one number for each of `columns`. Row i depends on
    `seed` and i alone, and repeats come one after the other: more repeats leave the first ones as they are.
    """
    import pandas

    repeats = whole_number("repeats", repeats)
    seed = arguments.seed("seed", seed)
    N, D = (array.ravel() for array in np.broadcast_arrays(*arguments.together(N=N, D=D)))
    count = N.size
    streams = np.random.SeedSequence(seed).spawn(count * repeats)
    table = {"N": np.tile(N, repeats), "D": np.tile(D, repeats)}
    pieces = [(family, *row) for row in zip(table["N"].tolist(), table["D"].tolist(), streams, strict=True)]
    found = np.array(run_pieces(_one_run, pieces, label=f"{type(family).__name__} runs"))
    table.update(zip(columns, found.T, strict=True))
    if expected is not None:
        table["expected"] = np.tile(np.asarray(expected).ravel(), repeats)
    table["repeat"] = np.repeat(np.arange(repeats), count)
    return pandas.DataFrame(table)


def _one_run(family, N, D, stream):
    return family._sample(N, D, np.random.default_rng(stream))
