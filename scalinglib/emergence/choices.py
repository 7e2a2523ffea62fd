"""Choices: the scores of multiple-choice items, from the smooth ones to the one that counts only the top."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from .exact_match import probability

__all__ = ["ChoiceScores", "accuracy_from_advantage", "advantage_from_accuracy", "score_choices"]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_FAR = 12.0  # beyond it the right choice is ahead, or behind, but for rounding


@dataclass(frozen=True)
class ChoiceScores:
    """Scores of one model on multiple-choice items, means over items.

    Each step after the first drops or adds something: the share sets the right choice against the wrong
    ones, and accuracy asks only which is ahead.

    Attributes
    ----------
    items, choices : int
    log_likelihood : float
        Nats of the right choice: what falls smoothly with scale.
    probability : float
        Of the right choice, among all the model could have written.
    share : float
        Of the right choice, among the choices offered.
    brier : float
        Squared distance of the shares from the right answer, summed over choices: 0 (sure and right) to 2.
    accuracy : float
        Share of items whose right choice is ahead; ties count as a guess among those ahead.
    """

    items: int
    choices: int
    log_likelihood: float
    probability: float
    share: float
    brier: float
    accuracy: float

    @property
    def guessed_brier(self) -> float:
        """Brier score of equal shares, (K - 1) / K."""
        return 1.0 - 1.0 / self.choices

    def report(self) -> str:
        """A line a score, beside what guessing gives."""
        return (
            f"{self.items} items of {self.choices} choices\n  log-likelihood of the right choice "
            f"{self.log_likelihood:.4g} nats\n  its probability {self.probability:.4g}, its share among the choices "
            f"{self.share:.4g} (guessing {1.0 / self.choices:.4g})\n  Brier score {self.brier:.4g} (guessing "
            f"{self.guessed_brier:.4g})\n  accuracy {self.accuracy:.4g} (guessing {1.0 / self.choices:.4g})"
        )


def score_choices(log_likelihood: ArrayLike, right: ArrayLike) -> ChoiceScores:
    """Score multiple-choice items by every rule between log-likelihood and accuracy.

    The steps are those of Schaeffer et al. 2024 (arXiv 2406.04391), who find that each of them makes the
    score follow scale less, because of what the wrong choices do.

    Parameters
    ----------
    log_likelihood : array_like, shape (n, K)
        Logarithm of the probability of each choice, zero or below, in nats; K of 2 or more.
    right : array_like, shape (n,)
        Place of the right choice, 0 to K - 1.

    Returns
    -------
    ChoiceScores

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import numpy as np, scalinglib as sl
    >>> scores = sl.emergence.score_choices(np.log([[0.3, 0.1], [0.2, 0.4]]), [0, 0])
    >>> scores.accuracy, round(scores.share, 4), round(scores.brier, 4)
    (0.5, 0.5417, 0.5069)
    """
    table = arguments.real("log_likelihood", log_likelihood)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(
            f"log_likelihood must have a row an item and a column a choice, two or more; got shape {table.shape}"
        )
    arguments.refuse("log_likelihood", table, table > 0.0, "logarithms of probabilities, zero or below")
    right = arguments.column("right", right)
    if len(right) != len(table):
        raise ValueError(f"right must have one entry an item, {len(table)}; got {len(right)}")
    count = table.shape[1]
    outside = (right < 0) | (right >= count) | (right != np.floor(right))
    arguments.refuse("right", right, outside, f"a whole number from 0 to {count - 1}")
    place = right.astype(int)[:, None]
    own = np.take_along_axis(table, place, axis=1)[:, 0]
    shares = np.exp(table - table.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    truth = np.arange(count) == place
    ahead = table == table.max(axis=1, keepdims=True)
    return ChoiceScores(
        items=len(table),
        choices=count,
        log_likelihood=float(own.mean()),
        probability=float(np.exp(own).mean()),
        share=float(shares[truth].mean()),
        brier=float(((shares - truth) ** 2).sum(axis=1).mean()),
        accuracy=float((ahead[truth] / ahead.sum(axis=1)).mean()),
    )


def _choices(value):
    value = arguments.scalar("choices", value)
    arguments.refuse(
        "choices", np.asarray(value), value < 2.0 or value != np.floor(value), "a whole number of 2 or more"
    )
    return int(value)


def accuracy_from_advantage(advantage: ArrayLike, choices: int) -> np.ndarray:
    """Share of items right when the right choice is ahead of the wrong ones by `advantage` on average.

    The log-likelihood of each choice scatters over items, normally and by itself, and the advantage is the mean of
    the right one less the mean of the wrong ones, in standard deviations of that scatter: the choice among
    `choices` of signal detection. Integrated over 61 nodes of Gauss and Hermite.

    Parameters
    ----------
    advantage : array_like
        Any shape; zero is guessing.
    choices : int
        Choices an item has, 2 or more.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> from scalinglib.emergence import accuracy_from_advantage
    >>> accuracy_from_advantage([0.0, 1.0, 2.0], 4).round(3).tolist()
    [0.25, 0.552, 0.823]
    """
    from scipy.special import ndtr

    advantage, choices = arguments.real("advantage", advantage), _choices(choices)
    return ndtr(_NODES + advantage[..., None]) ** (choices - 1) @ _WEIGHTS


def advantage_from_accuracy(accuracy: ArrayLike, choices: int) -> np.ndarray:
    """The `advantage` at which `accuracy_from_advantage` gives this share right.

    Parameters
    ----------
    accuracy : array_like
        Share right, above 0 and below 1.
    choices : int
        Choices an item has, 2 or more.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> from scalinglib.emergence import advantage_from_accuracy
    >>> advantage_from_accuracy([0.4, 0.5, 0.9], 4).round(3).tolist()
    [0.522, 0.837, 2.452]
    """
    accuracy, choices = probability("accuracy", accuracy), _choices(choices)
    arguments.refuse("accuracy", accuracy, (accuracy == 0.0) | (accuracy == 1.0), "above 0 and below 1")
    low, high = np.full(accuracy.shape, -_FAR), np.full(accuracy.shape, _FAR)
    for _ in range(60):  # halving 24 to less than a rounding error
        middle = (low + high) / 2.0
        less = accuracy_from_advantage(middle, choices) < accuracy
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return (low + high) / 2.0
