"""Tests of the figure of a reader's own table: sound whatever the runs."""

import warnings

import numpy as np
import pytest

import scalinglib as sl
from scalinglib import plots
from tests.pictures import faults, same

TRUTH = sl.published["besiroglu2024"]
RAGGED = np.array([1e8, 3e8, 2e8, 9e8, 4e8, 8e8, 3e9, 1e9, 2e9])


def fitted(C, shift, noise=0.004, unit=1.0):
    """A fit of runs at each budget and each shift from its best size, in a unit of loss."""
    C, shift = np.meshgrid(C, shift)
    N = (TRUTH.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    loss = unit * TRUTH(N, D) * np.exp(noise * np.random.default_rng(0).standard_normal(N.size))
    return sl.fit_chinchilla(N, D, loss)


STUDIES = {
    "usual": lambda: fitted(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6)),
    "two budgets close by": lambda: fitted([1e20, 2e20], np.geomspace(0.1, 10, 9)),
    "far apart": lambda: fitted(np.geomspace(1e14, 1e26, 9), np.geomspace(0.3, 3, 3)),
    "another unit": lambda: fitted(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6), unit=1e4),
    "no noise": lambda: fitted(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6), noise=0.0),
    "tiny unit": lambda: fitted(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6), unit=1e-7),
    "nearly equal losses": lambda: sl.fit_chinchilla(RAGGED, 20 * RAGGED[::-1], 3 + 1e-6 * np.arange(9.0)),
    "many": lambda: fitted(np.geomspace(1e19, 1e22, 70), np.geomspace(0.3, 3, 70)),
}


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("budget", [None, 1e21, 1e25])
def test_no_text_is_cut_or_covered(study, budget):
    """Whatever the range of the runs and of the budget, no label leaves the picture or lies on another."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these studies leave constants open, or have no clear optimum
        fit = STUDIES[study]()
    assert faults(plots.runs_and_frontier(fit, budget=budget)) == []


def test_what_is_drawn_is_what_was_measured_and_fitted():
    """The marks are the runs, the line is the lowest loss by a search over sizes, the words give its end."""
    fit = STUDIES["usual"]()
    figure = plots.runs_and_frontier(fit, budget=1e24)
    order = np.argsort(6 * fit.N * fit.D, kind="stable")
    np.testing.assert_array_equal(figure.data["loss"], fit.loss[order])
    np.testing.assert_allclose(figure.data["residuals"], 100 * fit.residuals[order], rtol=1e-9, atol=1e-9)
    budgets, best = figure.data["budgets"], figure.data["frontier"]
    assert budgets[-1] == pytest.approx(1.5e24)
    sizes = np.geomspace(1e7, 1e14, 20_001)
    for place in (0, 40, 80):
        assert fit.law(sizes, budgets[place] / (6 * sizes)).min() == pytest.approx(best[place], rel=1e-6)
    assert f"{best[-1]:.4g} at 1.5e24" in figure.alt


@pytest.mark.parametrize("space", ["log", "linear"])
@pytest.mark.parametrize("study", STUDIES)
def test_a_form_s_figure_is_sound_and_shows_its_residuals(study, space):
    """No label is cut or covered, and marks are what was measured, what the law gives there, and their difference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these studies leave constants open
        runs = STUDIES[study]()
        fit = sl.fit("chinchilla", {"N": runs.N, "D": runs.D, "loss": runs.loss}, space=space)
    figure = plots.measured_and_fitted(fit)
    assert faults(figure) == []
    law, measured = figure.data["law"], figure.data["measured"]
    np.testing.assert_allclose(np.sort(fit.law(runs.N, runs.D))[:: -(-len(runs.N) // 2000)], law, rtol=1e-9)
    off = 100 * (measured / law - 1) if space == "log" else measured - law
    np.testing.assert_allclose(figure.data["residuals"], off, rtol=1e-6, atol=1e-9 * measured.max())
    assert f"{measured.min():.4g}" in figure.alt or len(runs.N) > 2000


def test_many_runs_are_thinned_and_it_is_said():
    """Of 4,900 runs every third is drawn, evenly by compute, and alt text and caption say so."""
    figure = plots.runs_and_frontier(STUDIES["many"]())
    assert len(figure.data["C"]) == -(-4900 // 3)
    assert np.all(np.diff(figure.data["C"]) >= 0)
    assert "one in 3 of the 4900 runs" in figure.alt and "one in 3" in figure.caption


def test_band_holds_the_level_asked_for():
    """The shaded ends are the bootstrap's at each budget, and the words give the level."""
    fit = STUDIES["usual"]()
    sample = fit.bootstrap(60, seed=0)
    figure = plots.runs_and_frontier(fit, bootstrap=sample, level=0.9)
    assert "90% of the resampled laws" in figure.alt
    ends = sample.optimum(figure.data["budgets"], level=0.9)
    drawn = figure.picture["bands"]["frontier"]
    np.testing.assert_allclose([drawn["y"], drawn["high"]], [ends.low.loss, ends.high.loss], rtol=1e-12)


def test_drawn_again_it_is_the_same_bytes():
    """The same runs give the same picture, in whatever order the table lists them."""
    fit = STUDIES["usual"]()
    shuffle = np.random.default_rng(1).permutation(36)
    again = plots.runs_and_frontier(fit)
    assert same(plots.runs_and_frontier(fit), again)
    other = plots.runs_and_frontier(sl.fit_chinchilla(fit.N[shuffle], fit.D[shuffle], fit.loss[shuffle]))
    np.testing.assert_allclose(np.sort(other.data["loss"]), np.sort(again.data["loss"]))


def test_a_budget_below_zero_is_refused():
    """A budget that is no amount of compute is named."""
    with pytest.raises(ValueError, match="budget must be finite and above zero"):
        plots.runs_and_frontier(STUDIES["usual"](), budget=-1.0)


def test_no_line_is_drawn_where_the_split_is_open():
    """All runs on one path leave the best split open: a line of the lowest loss would be anybody's guess."""
    best = TRUTH.optimum(np.geomspace(1e18, 1e22, 30))
    noise = np.exp(0.002 * np.random.default_rng(0).standard_normal(30))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fit warns that these runs leave constants open
        fit = sl.fit_chinchilla(best.N, 20 * best.N, TRUTH(best.N, 20 * best.N) * noise)
        sample = fit.bootstrap(20, seed=0)
    assert {"A", "B"} & set(fit.undetermined)
    figure = plots.runs_and_frontier(fit, bootstrap=sample, budget=1e25)
    assert "frontier" not in figure.data and list(figure.picture["curves"]) == ["zero"]
    for words in (figure.alt, figure.caption):
        assert "leave the best split open" in words and "band" not in words
    low, high = (figure.picture["axes"][0]["y"][end] for end in ("low", "high"))
    assert low > 0.8 * fit.loss.min() and high < 1.2 * fit.loss.max()
    assert faults(figure) == []


@pytest.mark.parametrize("study", ["another unit", "tiny unit", "nearly equal losses"])
def test_numbers_of_an_axis_are_short(study):
    """Whatever the unit, no number upwards has more than six letters: what all have in common stands in the title."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of these studies leave constants open
        figure = plots.runs_and_frontier(STUDIES[study]())
    upwards = [panel["y"] for panel in figure.picture["axes"]]
    assert max(len(text) for axis in upwards for _, text in axis["ticks"]) <= 6
    assert "10^" in upwards[0]["unit"] or "less 3" in upwards[0]["label"]
