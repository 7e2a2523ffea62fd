"""Exact match: the share of answers right in every place, from how often one place is right."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["accuracy_from_loss", "column_match", "exact_match", "probability", "whole"]


def probability(name, value):
    """Return `value` as an array of numbers from 0 to 1, or raise ValueError naming the rows."""
    array = arguments.real(name, value)
    arguments.refuse(name, array, (array < 0.0) | (array > 1.0), "between 0 and 1")
    return array


def whole(name, value):
    """Return `value` as an array of whole numbers of 1 or more, or raise ValueError naming the rows."""
    array = arguments.real(name, value, positive=True)
    arguments.refuse(name, array, array != np.floor(array), "a whole number of 1 or more")
    return array


def accuracy_from_loss(loss: ArrayLike) -> np.ndarray:
    """Chance ``exp(-loss)`` that a token drawn from the model is the right one.

    `loss` is the cross-entropy of that token in nats. Of an average over tokens it gives the geometric
    mean of the chances, which is at most their mean.

    Parameters
    ----------
    loss : array_like
        Nats, zero or above, any shape.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        For losses below zero, naming the rows.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.accuracy_from_loss([0.0, 0.1, 1.0]).round(4).tolist()
    [1.0, 0.9048, 0.3679]
    """
    return np.exp(-arguments.real("loss", loss, non_negative=True))


def exact_match(accuracy: ArrayLike, k: ArrayLike) -> np.ndarray:
    """Share of answers right in all `k` places, ``accuracy**k``, when places fail independently.

    Schaeffer et al. 2023 (arXiv 2304.15004), section 2. Apply it to each run and average afterwards: the
    mean of powers is above the power of the mean, by 13% for one half-trained model of the course.

    Parameters
    ----------
    accuracy : array_like
        Chance that one place is right, from 0 to 1.
    k : array_like
        Places that must be right, whole numbers of 1 or more; broadcasts with `accuracy`.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        Naming the argument and the rows out of range.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.exact_match(0.595, [1, 5, 10]).round(5).tolist()
    [0.595, 0.07457, 0.00556]
    """
    accuracy, k = probability("accuracy", accuracy), whole("k", k)
    arguments.together(accuracy=accuracy, k=k)
    return accuracy**k


def column_match(columns: ArrayLike) -> np.ndarray:
    """Share of answers right in the first 1, 2, ..., K places, from the accuracy of each place.

    The running product along the last axis. Where places differ this is the prediction for the first k of
    them: the first columns of a sum are easier than its average column.

    Parameters
    ----------
    columns : array_like, shape (..., K)
        Chance that each place is right, from 0 to 1: a row a run.

    Returns
    -------
    numpy.ndarray, shape (..., K)
        Entry k - 1 is the chance that the first k places are all right.

    Raises
    ------
    ValueError
        Naming rows out of range, or if there is no axis of places.

    Examples
    --------
    >>> import scalinglib as sl
    >>> sl.emergence.column_match([0.9, 0.8, 0.5]).round(2).tolist()
    [0.9, 0.72, 0.36]
    """
    columns = probability("columns", columns)
    if columns.ndim == 0:
        raise ValueError("columns must have one entry a place; got one number, which exact_match(accuracy, k) takes")
    return np.cumprod(columns, axis=-1)
