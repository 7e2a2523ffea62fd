"""Tests of the figures of the course's own measurements, drawn from the tables that ship."""

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib import plots
from scalinglib.limits import fit_repetition
from tests.pictures import faults, same

GRID = sl.runs.load("language-model")
KNOWN, HELD = GRID[GRID["role"] == "fit"], GRID[GRID["role"] == "held-out"]
LAW = sl.fit_chinchilla(KNOWN["N"], KNOWN["D"], KNOWN["loss"]).law
TOLD = sl.runs.load("language-model-prediction")
SWEEP = sl.runs.load("learning-rates")
MAIN = SWEEP[SWEEP["D"] == np.where(SWEEP["width"] <= 32, 2**19, 2**18)]
CHOSEN = GRID.groupby("width")["learning_rate"].first().to_dict()
REPEATED, ADDITION = sl.runs.load("repeated-data"), sl.runs.load("column-addition")
PARITY = sl.runs.load("sparse-parity").query("n == 40 and k == 3 and hidden == 256")
MANY = sl.runs.load("many-parities")


def repetition():
    few = REPEATED[REPEATED["epochs"] <= 8]
    return fit_repetition(few["N"], few["D"], few["U"], few["loss"], law=LAW)


REPEATING = sl.published["muennighoff2023"]


def turning():
    """Three sizes on one text of 100 million tokens; the middle one is lowest after ten passes."""
    passes, N = (z.ravel() for z in np.meshgrid([1.0, 10, 100, 1000], [44e6, 146e6, 421e6]))
    loss = 5.0 - 0.5 * np.minimum(np.log10(passes), 1) + np.where(N > 1e8, 0.3 * np.log10(passes), 0)
    return pd.DataFrame({"N": N, "U": 1e8, "passes": passes, "loss": loss})


DRAWN = {
    "measured_curves": lambda: plots.measured_curves(KNOWN, LAW),
    "measured_bowls": lambda: plots.measured_bowls(KNOWN, LAW),
    "measured_residuals": lambda: plots.measured_residuals(KNOWN, LAW),
    "prediction_outcome": lambda: plots.prediction_outcome(TOLD, HELD),
    "rate_sweeps": lambda: plots.rate_sweeps(MAIN, CHOSEN),
    "fitted_floors": lambda: plots.fitted_floors(
        ["all runs", "longer runs"], [2.0, 2.05], [1.98, 2.0], [2.03, 2.1], truth=2.0726, reachable=2.0779
    ),
    "repeated_losses": lambda: plots.repeated_losses(REPEATED),
    "repetition_profile": lambda: plots.repetition_profile(repetition()),
    "repetition_residuals": lambda: plots.repetition_residuals(
        REPEATED["epochs"], {"short": np.linspace(-0.1, 0.3, len(REPEATED)), "none": np.zeros(len(REPEATED))}
    ),
    "turning_runs": lambda: plots.turning_runs(turning(), {"level": REPEATING, "again": REPEATING}),
    "collapse": lambda: plots.collapse({"replaced": np.linspace(0.06, 0.4, 41), "all kept": np.full(41, 0.06)}),
    "addition_training": lambda: plots.addition_training(ADDITION, width=16),
    "parity_thresholds": lambda: plots.parity_thresholds(PARITY, MANY),
}


@pytest.fixture(scope="module", params=DRAWN)
def drawn(request):
    """Return (function that draws, figure)."""
    return DRAWN[request.param], DRAWN[request.param]()


def test_no_text_is_cut_or_covered(drawn):
    """No label leaves its picture or lies on another."""
    assert faults(drawn[1]) == []


def test_a_figure_is_the_same_bytes_when_drawn_again(drawn):
    """Drawn twice from the same numbers, a picture and its words are the same."""
    draw, figure = drawn
    again = draw()
    assert same(figure, again)


def test_each_figure_of_these_modules_is_drawn_here():
    """The list above is complete."""
    assert set(DRAWN) == {name for module in ("measured", "studies", "repetition") for name in plots.MODULES[module]}


def test_bowls_mark_the_lowest_cell_of_each_budget():
    """What is marked, and said in the alt text, is the cell with the lowest mean."""
    figure = DRAWN["measured_bowls"]()
    means = KNOWN.groupby(["budget", "N"])["loss"].mean()
    for budget, N, loss in figure.data["lowest"]:
        assert means[budget].idxmin() == N and means[budget].min() == pytest.approx(loss)
        assert f"{N:,} parameters, {loss:.3f}" in figure.alt


def test_residuals_tell_form_from_noise():
    """Two runs of one cell, at plus and minus 1% of the law,
    give a seed deviation of 1.41% and a root mean square of 1%.
    """
    N, D = np.repeat([1e4, 1e5], 2), np.repeat([1e6, 1e7], 2)
    loss = LAW(N, D) * np.exp([0.01, -0.01, 0.01, -0.01])
    table = pd.DataFrame({"N": N, "D": D, "loss": loss, "budget": N, "width": N})
    figure = plots.measured_residuals(table, LAW)
    assert figure.data["rms"] == pytest.approx(1.0) and figure.data["noise"] == pytest.approx(np.sqrt(2))


def test_the_outcome_counts_cells_within_their_intervals():
    """Cells put at the edges of the intervals are counted as they lie: inside 80%, inside 95% only, outside."""
    made = TOLD.assign(seed=0, role="held-out")
    made["loss"] = TOLD["loss"]
    made.loc[0, "loss"] = TOLD["high_80"][0] + 1e-4
    made.loc[1, "loss"] = TOLD["high_95"][1] + 1e-4
    inside = plots.prediction_outcome(TOLD, made).data["inside"]
    assert inside == {80: len(TOLD) - 2, 95: len(TOLD) - 1}


def test_repeats_are_counted_from_one_pass():
    """The rise is over one pass of the same width and length."""
    figure = DRAWN["repeated_losses"]()
    means = REPEATED.groupby(["width", "D", "epochs"])["loss"].mean()
    assert figure.data["rise"][32, 2**19][-1] == pytest.approx(means[32, 2**19, 32] - means[32, 2**19, 1])


def test_residuals_of_repetition_are_summed_up_by_their_root_mean_square():
    """Of each law, in percent: a law that is off by 3% everywhere is off by 3%."""
    figure = plots.repetition_residuals([1, 2, 4], {"off": [0.03, -0.03, 0.03], "right": [0, 0, 0]})
    assert figure.data["rms"] == pytest.approx({"off": 3.0, "right": 0.0})


def test_a_turn_is_where_the_loss_was_lowest():
    """The passes of the lowest measured loss of each size, which the alt text says."""
    figure = DRAWN["turning_runs"]()
    assert figure.data["lowest"] == {44_000_000: 10.0, 146_000_000: 10.0, 421_000_000: 10.0}
    assert "146 million after 10" in figure.alt
