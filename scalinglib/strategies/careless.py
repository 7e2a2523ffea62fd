"""Careless: three ways to save oneself the trouble, and what each leaves out."""

import numpy as np

from .. import arguments
from ..simulate import Laboratory, Submission
from .isoflop import submitted, surface_optimum

__all__ = ["cheap_runs", "guess", "ladder"]

_RATIO = 20.0  # tokens a parameter
_SURE = 1.01  # factor to either side
_RUNGS = 6
_SPREAD = 30.0  # a guess errs by this factor to either side


def ladder(laboratory: Laboratory, *, seed: int = 0) -> Submission:
    """A ladder of runs at 20 tokens a parameter, 20 at the target as well, give or take 1%.

    Its losses fall on a fine power law, which says nothing of any other ratio.
    """
    spent = 0.95 * laboratory.left
    for C in spent / sum(3.0**-k for k in range(_RUNGS)) * 3.0 ** np.arange(1.0 - _RUNGS, 1.0):
        N = np.sqrt(C / (6.0 * _RATIO))
        laboratory.buy(N, C / (6.0 * N))
    N = np.sqrt(laboratory.target / (6.0 * _RATIO))
    return laboratory.submit(N, interval=(N / _SURE, N * _SURE), level=0.8)


def cheap_runs(laboratory: Laboratory, *, seed: int = 0) -> Submission:
    """A surface and its bootstrap, as the reference, from 40 runs of a thousandth of the budget each.

    The other 96% of the purse stay in it. It does well where one law holds from there to the target.
    """
    C = 1e-3 * laboratory.budget
    for ratio in np.geomspace(0.5, 800.0, 20):
        N = np.sqrt(C / (6.0 * ratio))
        for part in (1.0, 0.2):
            laboratory.buy(N, part * C / (6.0 * N))
    return submitted(laboratory, *surface_optimum(laboratory, laboratory.ledger.dropna(), seed=seed))


def guess(laboratory: Laboratory, *, seed: int = 0) -> Submission:
    """A size by chance, within a factor 30 of 20 tokens a parameter, and an interval by chance; nothing is bought."""
    rng = np.random.default_rng(arguments.seed("seed", seed))
    N = np.sqrt(laboratory.target / (6.0 * _RATIO)) * _SPREAD ** rng.uniform(-1.0, 1.0)
    reach = 10.0 ** rng.uniform(0.0, 1.0)
    return laboratory.submit(N, interval=(N / reach, N * reach), level=0.8)
