"""Width: small networks of several widths, each trained at several learning rates by two rules."""

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments

__all__ = ["width_scan"]

_INPUTS, _BATCH, _BETA, _SQUARES, _EPSILON = 16, 64, 0.9, 0.99, 1e-8


def width_scan(
    widths: ArrayLike, rates: ArrayLike, *, rule: str = "standard", steps: int = 100, base: int = 32, seed: int = 0
) -> np.ndarray:
    """Train a network of each width at each rate with Adam, and give the losses at the end.

    The network has two hidden layers of `width` rectified units and learns a fixed smooth function of 16 normal inputs
    from batches of 64 new examples a step; the loss is the mean squared error over the last fifth of the steps.

    Parameters
    ----------
    widths : array_like of int, shape (w,)
        Units of each hidden layer, 2 to 10,000.
    rates : array_like, shape (r,)
        Learning rates of Adam, above zero.
    rule : {"standard", "mup"}
        "standard": initial values scaled by 1 / sqrt(inputs of the layer), one rate for all layers. "mup": the rates of
        the layers that read hidden units are divided by width / base, and the last layer starts smaller by
        sqrt(width / base) more, as the maximal update parametrisation asks of Adam.
    steps : int, default 100
        Updates of a run, 10 or more.
    base : int, default 32
        The width at which both rules are the same.
    seed : int, default 0
        Of the initial values and the examples, the same for every rate.

    Returns
    -------
    ndarray, shape (w, r)
        Losses; inf where training diverged.

    Raises
    ------
    ValueError
        Entries out of range, an unknown rule.

    Notes
    -----
    The rule for Adam is that of Yang et al. 2022 (arXiv 2203.03466), Table 3. A toy: one task, two layers, no
    transformer; it shows why a best rate may move with width, not by how much it does in a language model.

    Examples
    --------
    >>> from scalinglib.simulate import width_scan
    >>> losses = width_scan([32, 128], [2.0**-8, 2.0**-6], rule="mup", steps=20)
    >>> losses.shape
    (2, 2)
    """
    arguments.one_of("rule", rule, ("standard", "mup"))
    widths = np.atleast_1d(arguments.real("widths", widths))
    rates = arguments.column("rates", np.atleast_1d(arguments.real("rates", rates)), positive=True)
    # a layer of width times width numbers is held four times
    widths = [arguments.whole("widths", width, least=2, most=10_000) for width in widths.tolist()]
    seed = arguments.seed("seed", seed)
    steps, base = arguments.whole("steps", steps, least=10), arguments.whole("base", base)
    return np.array([[_trained(w, float(r), rule, steps, base, seed) for r in rates] for w in widths])


def _trained(width, rate, rule, steps, base, seed):
    rng = np.random.default_rng(seed)
    mixed, bent = rng.standard_normal((_INPUTS, _INPUTS)) / 4.0, rng.standard_normal(_INPUTS) / 4.0
    shapes = ((_INPUTS, width), (width, width), (width, 1))
    weights = [rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in shapes]
    slower = width / base if rule == "mup" else 1.0
    weights[2] /= np.sqrt(slower)
    paces = rate / np.array([1.0, slower, slower])
    means, squares = [np.zeros(shape) for shape in shapes], [np.zeros(shape) for shape in shapes]
    errors = np.empty(steps)
    with np.errstate(over="ignore", invalid="ignore"):  # a rate that is too large runs away, which is a result
        for step in range(1, steps + 1):
            x = rng.standard_normal((_BATCH, _INPUTS))
            target = np.tanh(x @ mixed).sum(axis=1) / 4.0 + (x @ bent) ** 2 - 1.0
            first = np.maximum(x @ weights[0], 0.0)
            second = np.maximum(first @ weights[1], 0.0)
            off = (second @ weights[2])[:, 0] - target
            errors[step - 1] = np.mean(off**2)
            pull = 2.0 * off[:, None] / _BATCH
            back = pull @ weights[2].T * (second > 0)
            gradients = (x.T @ (back @ weights[1].T * (first > 0)), first.T @ back, second.T @ pull)
            for w, g, m, s, pace in zip(weights, gradients, means, squares, paces, strict=True):
                m += (1 - _BETA) * (g - m)
                s += (1 - _SQUARES) * (g * g - s)
                w -= pace * (m / (1 - _BETA**step)) / (np.sqrt(s / (1 - _SQUARES**step)) + _EPSILON)
    end = float(np.mean(errors[-max(1, steps // 5) :]))
    return end if np.isfinite(end) else np.inf
