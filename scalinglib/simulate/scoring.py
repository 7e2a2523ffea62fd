"""Scoring: how good an interval was, and how good the submissions of several worlds were together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

if TYPE_CHECKING:
    from .laboratory import Submission

__all__ = ["Score", "interval_score", "score"]


def interval_score(low: ArrayLike, high: ArrayLike, truth: ArrayLike, *, level: float = 0.8) -> float | np.ndarray:
    """The length of an interval and, where it missed, 2 / (1 - level) times by how much (broadcast); lower is better.

    Gneiting and Raftery 2007, JASA 102, 359, equation 43. The mean over many forecasts is lowest for who gives the
    true quantiles, so neither a boast nor an interval as wide as a barn pays; one without an end scores infinity.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.simulate.interval_score(1.0, 2.0, [1.5, 2.5]).round(9).tolist()
    [1.0, 6.0]
    """
    low, high = (arguments.real(*end, infinite=True) for end in (("low", low), ("high", high)))
    truth = arguments.real("truth", truth)
    low, high, truth = np.broadcast_arrays(*arguments.together(low=low, high=high, truth=truth))
    arguments.refuse("low", low, low > high, "at most high")
    beyond = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return (high - low + 2.0 / (1.0 - arguments.share("level", level)) * beyond)[()]


@dataclass(frozen=True)
class Score:
    """What several submissions are worth together; lower is better.

    Attributes
    ----------
    count : int
    wasted : float
        Mean share of compute.
    interval_score : float
        Mean.
    held : int
        How many intervals held the best size.
    """

    count: int
    wasted: float
    interval_score: float
    held: int

    def report(self) -> str:
        """A line a person can read."""
        return (
            f"{self.count} worlds: {self.wasted:.1%} of the compute wasted, interval score {self.interval_score:.3g}, "
            f"{self.held} of {self.count} intervals held"
        )


def score(submissions: Sequence["Submission"]) -> Score:
    """The score of submissions in independent worlds.

    One interval says hardly anything of who gave it: ask for eight.

    Examples
    --------
    >>> import scalinglib as sl
    >>> labs = sl.simulate.laboratories(0, 2e20)
    >>> print(sl.simulate.score([lab.submit(1e10, interval=(5e9, 2e10)) for lab in labs]).count)
    8
    """
    submissions = list(submissions)
    if not submissions:
        raise ValueError("submissions is empty; at least one is needed")
    mean = {name: float(np.mean([getattr(one, name) for one in submissions])) for name in ("wasted", "interval_score")}
    return Score(len(submissions), mean["wasted"], mean["interval_score"], sum(one.held for one in submissions))
