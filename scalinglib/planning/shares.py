"""Shares: how much of each candidate to buy so that what is wanted is known best for the money."""

from dataclasses import dataclass, field, replace

import numpy as np

__all__ = ["Model", "best_shares", "whole_runs"]

_STEPS = np.array([0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0])
_ROUNDS = 120
_LEAST = 0.02  # a smaller share is not worth a run
_SPARE = 0.05  # of the budget: less is not worth another search


@dataclass(frozen=True, eq=False)
class Model:
    """A linear view of what runs say: one opinion of several.

    rows : (n, p), slopes at the candidates, in units of a run's scatter; wanted : (m, p), slopes at the targets;
    known : (p, p), what is known before, in units of runs; weight : how much the opinion counts.
    """

    rows: np.ndarray
    wanted: np.ndarray
    known: np.ndarray
    weight: float = 1.0
    square: np.ndarray = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "square", self.wanted.T @ self.wanted / len(self.wanted))

    def information(self, shares):
        """What is known with `shares` (n,) of the candidates, (p, p)."""
        return self.known + (self.rows * shares[:, None]).T @ self.rows

    def variance(self, information):
        """Mean variance of what is wanted, in units of a run's."""
        return float(np.trace(np.linalg.solve(information, self.square)))


def best_shares(models, price, budget):
    """Shares (n,) from 0 to 1 of candidates that cost at most `budget` and make what is wanted sharpest.

    The sum over models of weight times ln(mean variance) is lowered by Frank and Wolfe's steps: each asks which runs
    would lower it most for their price, as if it were a straight line (Fedorov 1972 for designs), which under a budget
    is a knapsack that takes parts.
    """
    order = np.argsort(price, kind="stable")
    shares = np.zeros(len(price))
    shares[order[np.cumsum(price[order]) <= budget]] = 0.5
    for _ in range(_ROUNDS):
        gain, known = np.zeros(len(price)), [model.information(shares) for model in models]
        for model, information in zip(models, known, strict=True):
            back = np.linalg.inv(information)
            fall = back @ model.square @ back
            gain += model.weight * np.einsum("np,np->n", model.rows @ fall, model.rows) / model.variance(information)
        change = _knapsack(gain / price, price, budget) - shares
        value = np.zeros(len(_STEPS))
        for model, information in zip(models, known, strict=True):
            more = (model.rows * change[:, None]).T @ model.rows
            value += model.weight * np.log([model.variance(information + step * more) for step in _STEPS])
        step = _STEPS[int(np.argmin(value))]
        if step == 0.0:
            break
        shares = shares + step * change
    return shares


def _knapsack(worth, price, budget):
    """Shares of the candidates of most worth for their price, the last in part."""
    order = np.argsort(-worth, kind="stable")
    spent = np.cumsum(price[order])
    taken = int(np.searchsorted(spent, budget, side="right"))
    shares = np.zeros(len(price))
    shares[order[:taken]] = 1.0
    if taken < len(price):
        before = spent[taken - 1] if taken else 0.0
        shares[order[taken]] = (budget - before) / price[order[taken]]
    return shares


def whole_runs(models, price, budget):
    """Positions of candidates to buy whole, the most telling first, as far as the budget reaches.

    Those of the largest shares; then shares of what is left of the budget, while that is worth asking.
    """
    taken, left = [], budget
    open_ = np.ones(len(price), dtype=bool)
    while left > _SPARE * budget or not taken:
        open_ &= price <= left
        places = np.flatnonzero(open_)
        if not len(places):
            break
        held = np.isin(np.arange(len(price)), taken).astype(float)
        some = [replace(model, rows=model.rows[places], known=model.information(held)) for model in models]
        shares = best_shares(some, price[places], left)
        for place in np.argsort(-shares, kind="stable"):
            if shares[place] < _LEAST and len(taken) > held.sum():
                break
            if price[places[place]] <= left:
                taken.append(int(places[place]))
                open_[places[place]] = False
                left -= price[places[place]]
    return np.array(taken, dtype=int)
