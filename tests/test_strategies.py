"""Strategies: that they spend what they may, submit, and rank as careful, careless and by chance."""

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import strategies

BUDGET = 2e20


@pytest.mark.parametrize("name", strategies.STRATEGIES)
def test_every_strategy_plays_every_world(name):
    """It submits an 80% interval with its size inside, from the money that is there; the same again for its seed."""
    labs = sl.simulate.laboratories(11, BUDGET, count=5)
    first = [strategies.STRATEGIES[name](lab, seed=1) for lab in labs]
    for lab, submission in zip(labs, first, strict=True):
        assert submission is lab.submission and submission.level == 0.8
        assert 0 <= submission.wasted < 1 and lab.left >= 0
    again = strategies.STRATEGIES[name](sl.simulate.laboratories(11, BUDGET, count=1)[0], seed=1)
    assert again.N == first[0].N


def test_careful_careless_and_chance_rank_in_that_order():
    """On two sets of eight worlds, both by waste and by interval score; on 100 sets see the Notes of `play`."""
    order = (strategies.isoflop_bootstrap, strategies.ladder, strategies.guess)
    for seed in (0, 1):
        found = [strategies.play(one, sl.simulate.laboratories(seed, BUDGET), seed=8 * seed) for one in order]
        assert [score.wasted for score in found] == sorted(score.wasted for score in found)
        assert [score.interval_score for score in found] == sorted(score.interval_score for score in found)


def test_the_isoflop_grid_follows_the_bowls():
    """The best size lies inside the grid of each budget, also where 20 tokens a parameter is far off."""
    for seed in range(6):
        lab = sl.simulate.Laboratory(seed, BUDGET, world="far-from-twenty")
        truth = sl.simulate.draw_world(seed, BUDGET, kind="far-from-twenty")
        for budget, runs in strategies.buy_isoflop(lab).groupby("budget"):
            assert runs.N.min() < truth.best(budget)[0] < runs.N.max()
        assert np.isclose(lab.left, 0.05 * BUDGET)
