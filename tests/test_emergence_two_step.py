"""Two steps from a ladder of small models to a score, against the numbers of Bhagia et al. 2024."""

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.emergence import LADDER_TASKS, fit_two_step, ladder, link_from_loss


@pytest.fixture(scope="module")
def rungs():
    """The ladder and its targets."""
    return ladder()


@pytest.fixture(scope="module")
def printed():
    """The authors' own forecasts of the 13B model."""
    return sl.published.table("bhagia2024-13B").set_index("task")


def made(scatter=0.0, seed=0):
    """Sixteen runs of a known loss law and a known link, the loss with scatter."""
    N, D = (z.ravel() for z in np.meshgrid([2e8, 4e8, 8e8, 16e8], [1e10, 2e10, 5e10, 1e11]))
    loss = 0.5 + 300 / N**0.35 + 60 / D**0.2
    loss = loss * np.exp(scatter * np.random.default_rng(seed).standard_normal(16))
    score = 0.25 + 0.75 / (1 + np.exp(-5 * (0.8 - loss)))
    return pd.DataFrame({"N": N, "D": D, "bpb": loss, "acc": score, "run": np.arange(16)})


def test_the_scores_of_the_target_are_the_authors(rungs, printed):
    """The mean of the last five checkpoints of the 13B model is their 'actual' accuracy; MMLU is weighted as theirs."""
    for task in LADDER_TASKS:
        # three shares of MMLU are rounded to three digits at the source
        assert rungs.targets.loc["13B", task.score] == pytest.approx(printed.actual[task.key], abs=2e-5), task.name


def test_the_forecasts_are_near_the_authors(rungs, printed):
    """Each task within three points of their forecast, the mean error within half a point of their 4.2 points.

    They take Huber's penalty and every checkpoint; the table holds twelve a run.
    """
    errors = []
    for task in LADDER_TASKS:
        fit = fit_two_step(rungs.runs, rungs.checkpoints, loss=task.loss, score=task.score)
        target = rungs.targets.loc["13B"]
        found = float(fit(target.N, target.D))
        errors.append(abs(found - printed.actual[task.key]))
        assert found == pytest.approx(printed.predicted[task.key], abs=0.03), task.name
        given = float(fit.score_fit.law(L=target[task.loss]))
        assert given == pytest.approx(printed.given_loss[task.key], abs=0.015), task.name
    theirs = (printed.predicted - printed.actual).abs().mean()
    assert theirs == pytest.approx(0.042, abs=5e-4)
    assert np.mean(errors) == pytest.approx(theirs, abs=0.005)


def test_a_known_truth_comes_back():
    """Without scatter both laws are the true ones, and the score at a larger scale is exact."""
    table = made()
    fit = fit_two_step(table, table, loss="bpb", score="acc", anchored=False)
    assert fit.loss_fit.constants == pytest.approx({"E": 0.5, "A": 300, "alpha": 0.35, "B": 60, "beta": 0.2}, rel=1e-3)
    assert fit.score_fit.constants == pytest.approx({"chance": 0.25, "top": 1, "slope": 5, "middle": 0.8}, abs=1e-3)
    truth = 0.5 + 300 / 13e9**0.35 + 60 / 5e12**0.2
    assert float(fit(13e9, 5e12)) == pytest.approx(0.25 + 0.75 / (1 + np.exp(-5 * (0.8 - truth))), abs=1e-5)


def test_intervals_of_a_right_form_hold_the_truth_about_as_often_as_they_say():
    """Of 40 made ladders the 80% interval holds a new run's score in 25 to 39; its sources are all above zero."""
    inside = 0
    draw = np.random.default_rng(5)
    loss = (0.5 + 300 / 13e9**0.35 + 60 / 5e12**0.2) * np.exp(0.004 * draw.standard_normal(40))
    truth = 0.25 + 0.75 / (1 + np.exp(-5 * (0.8 - loss)))
    for seed in range(40):
        table = made(0.004, seed)
        fit = fit_two_step(table, table, loss="bpb", score="acc", chance=0.25, anchored=False)
        found = fit.predict(13e9, 5e12, seed=seed, resamples=100)
        inside += found.low <= truth[seed] <= found.high
    # binomial(40, .8): 99% between 25 and 38; five constants on 16 runs are less sure than normal theory
    assert 25 <= inside <= 39


def test_the_widths_say_where_the_interval_comes_from(rungs):
    """On HellaSwag, far from both levels, the law of the loss is the widest of the four sources."""
    task, target = LADDER_TASKS[1], rungs.targets.loc["13B"]
    fit = fit_two_step(rungs.runs, rungs.checkpoints, loss=task.loss, score=task.score)
    found = fit.predict(target.N, target.D, seed=0, resamples=200)
    assert max(found.widths, key=found.widths.get) == "law of the loss"
    assert found.low < found.value < found.high and found.loss_low < found.loss < found.loss_high
    assert "80% interval" in found.report() and "width from the link alone" in found.report()


def test_what_is_no_score_is_refused(rungs):
    """Scores outside 0 to 1, missing columns and a chance of one are named."""
    table = made()
    with pytest.raises(ValueError, match="acc must be between 0 and 1; row 3 holds 1.5"):
        fit_two_step(table, table.assign(acc=table.acc.where(table.index != 3, 1.5)), loss="bpb", score="acc")
    with pytest.raises(ValueError, match="runs cannot give its column 'loss'"):
        fit_two_step(table, table, loss="loss", score="acc")
    with pytest.raises(ValueError, match="chance must be from 0 to below 1"):
        link_from_loss(1.0)


def test_a_checkpoint_without_a_run_is_named():
    """Checkpoints whose run is missing are no run of their own, which would make the interval another."""
    N, D = (z.ravel() for z in np.meshgrid([2e8, 4e8, 8e8, 16e8], [1e10, 2e10, 5e10, 1e11]))
    loss = 0.5 + 300 / N**0.35 + 60 / D**0.2
    score = 0.25 + 0.75 / (1.0 + np.exp(-5.0 * (0.8 - loss)))
    table = {"N": N, "D": D, "bpb": loss, "acc": score, "run": [*"abcdefghijklmn", None, None]}
    with pytest.raises(ValueError, match="run must have a label for every run; rows 14, 15 hold none"):
        fit_two_step(table, table, loss="bpb", score="acc", chance=0.25)
