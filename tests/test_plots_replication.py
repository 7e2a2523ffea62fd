"""The figures of the replication: what is drawn, what the words say, and that a picture is the same twice."""

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib import plots
from tests.pictures import faults

LAW = sl.published["besiroglu2024"]
BENT = sl.ChinchillaLaw(E=1.89, A=496, B=12846, alpha=0.349, beta=0.453)


@pytest.fixture(scope="module")
def runs():
    """A table like the public one: 240 runs with scatter, and five short-trained ones that lie too high."""
    rng = np.random.default_rng(0)
    N = np.append(np.exp(rng.uniform(np.log(6e7), np.log(1.6e10), 240)), [2e9, 2.3e9, 2.6e9, 3e9, 6.8e9])
    ratio = np.append(np.exp(rng.uniform(np.log(0.8), np.log(200), 240)), [0.40, 0.31, 0.23, 0.17, 0.04])
    D = np.minimum(N * ratio, 3e11)
    loss = LAW(N, D) * np.exp(np.append(0.004 * rng.standard_normal(240), [0.06, 0.1, 0.15, 0.3, 0.5]))
    return pd.DataFrame({"N": N, "D": D, "C": 6 * N * D, "loss": loss})


@pytest.fixture(scope="module")
def kept(runs):
    return runs.iloc[:240]


@pytest.fixture(scope="module")
def fit(kept):
    return sl.fit_chinchilla(kept.N, kept.D, kept.loss)


@pytest.fixture(scope="module")
def figures(runs, kept, fit):
    """One of each, by the name of its function."""
    lad = sl.fit_chinchilla(kept.N, kept.D, kept.loss, objective="lad")
    ends = {
        "mean, default": [0.3, 0.9, 11.0, 12.0],
        "sum, default": [0.002, 0.3, 10.0, 10.0, 10.0],
        "mean, tight": [1e-11, 1e-9, 10.0, 10.0],
        "sum, tight": [0.0, 1e-12, 1e-12, 1e-13],
    }
    return {
        "chinchilla_points": plots.chinchilla_points(runs, np.arange(245) >= 240),
        "residual_corner": plots.residual_corner(fit),
        "two_optima": plots.two_optima(fit, lad),
        "corner_sweep": plots.corner_sweep([1e-4, 1e-3, 1e-2], [0.513, 0.514, 0.53], [0.566, 0.565, 0.6]),
        "dropped_points": plots.dropped_points(range(9), np.linspace(0.57, 0.5, 9)),
        "token_paths": plots.token_paths(
            {
                "240 runs": LAW,
                "245 runs": BENT,
                "unrounded": sl.published["hoffmann2022"],
                "as printed": sl.published["hoffmann2022-rounded"],
            },
            seen=1.3e22,
        ),
        "stopping_points": plots.stopping_points(ends),
    }


NAMES = (
    "chinchilla_points",
    "residual_corner",
    "two_optima",
    "corner_sweep",
    "dropped_points",
    "token_paths",
    "stopping_points",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_sound(figures, name):
    """No text is cut or covered, the alt text speaks of numbers, and the picture is the same bytes twice."""
    figure = figures[name]
    assert faults(figure) == []
    assert any(letter.isdigit() for letter in figure.alt)
    assert figure.file == figure.file


def test_names_are_those_of_the_functions(figures):
    """A figure's name in the page is its function's name with hyphens."""
    assert {figure.name for figure in figures.values()} == {"fig-" + name.replace("_", "-") for name in NAMES}


def test_points_drawn_and_described(figures, runs):
    """The points are those of the table; the words count the marked ones and give their loss and their ratio."""
    figure = figures["chinchilla_points"]
    assert np.array_equal(figure.data["D"], runs.D) and figure.data["left_out"].sum() == 5
    assert "245 runs" in figure.alt and "5 hollow squares" in figure.alt and "the other 240" in figure.alt
    assert "5 hollow squares continue the lowest-token runs to the lower right, one of them far off" in figure.alt
    ratio = (runs.D / runs.N)[240:]
    assert f"with {ratio.min():.2f} to {ratio.max():.2f} tokens per parameter" in figure.alt
    assert f"from {runs.loss.min():.2f} to {runs.loss.max():.2f}" in figure.alt


def test_histogram_counts_every_run(figures, fit):
    """Bars add up to the runs, and the words count those inside the corner."""
    data = figures["residual_corner"].data
    assert data["counts"].sum() == len(fit.residuals)
    inside = int((np.abs(fit.residuals) < 1e-3).sum())
    assert data["inside"] == inside
    assert f"hold {inside} runs" in figures["residual_corner"].alt
    assert f"{240 - inside} lie outside" in figures["residual_corner"].alt


def test_each_valley_has_its_bottom_at_its_own_optimum(figures, fit):
    """Huber's curve is lowest at its own end and the absolute one at the other; neither goes below zero."""
    data = figures["two_optima"].data
    t = data["t"]
    assert abs(t[np.argmin(data["huber"])]) < 0.02 and abs(t[np.argmin(data["lad"])] - 1) < 0.02
    for name in ("huber", "lad"):
        assert data[name].min() == pytest.approx(0, abs=1e-6)
    assert f"{data['huber at lad']:.3f} percent above" in figures["two_optima"].alt
    assert f"A = {fit.law.A:.2f}" in figures["two_optima"].alt


def test_sweep_says_both_ends(figures):
    """The words give the first and the last exponent of both curves."""
    alt = figures["corner_sweep"].alt
    assert "from 0.513 to 0.530" in alt and "from 0.566 to 0.600" in alt


def test_dropping_says_how_much(figures):
    """The words and the caption give the exponents and the moves they make."""
    figure = figures["dropped_points"]
    assert "0.570 with no run" in figure.alt and f"{figure.data['exponents'][5]:.3f} with five" in figure.alt
    assert "to 0.500 with 8" in figure.alt
    assert "move a by 0.044, the next 3 by 0.026" in figure.caption


def test_paths_are_the_closed_form(figures):
    """Each curve is the law's optimum, and the words give it at the budget."""
    figure = figures["token_paths"]
    path = figure.data["paths"]["240 runs"]
    assert path == pytest.approx(LAW.optimum(figure.data["C"]).tokens_per_parameter)
    said = f"240 runs 18.4; 245 runs {BENT.optimum(5.76e23).tokens_per_parameter:.1f}; unrounded 58.9; as printed 92.6"
    assert said in figure.alt


def test_stopping_points_are_told_in_words(figures):
    """Shares within one percent become ranges that do not change with a start more or less."""
    figure = figures["stopping_points"]
    assert figure.data["shares"] == {"mean, default": 0.0, "sum, default": 0.2, "mean, tight": 0.5, "sum, tight": 1.0}
    said = "mean, default: none; sum, default: fewer than a quarter; mean, tight: a quarter to three quarters; "
    assert said + "sum, tight: more than three quarters" in figure.alt


def test_a_solved_first_setting_is_refused():
    """The caption says that no start of the first setting arrives; where one does, the figure says so and stops."""
    with pytest.raises(ValueError, match="ends: the first setting"):
        plots.stopping_points({"sum": [1e-9, 2.0], "mean": [1.0, 2.0]})
