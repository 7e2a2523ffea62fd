"""Comparison of forms by held-out scale: known truth, the published extrapolation, cuts, and bad input."""

import warnings

import joblib
import numpy as np
import pandas
import pytest

import scalinglib as sl
from scalinglib.comparison.candidates import CURVES, RISING, SURFACES
from scalinglib.comparison.trials import lever_of, log_slopes

BESIROGLU, KAPLAN = sl.published["besiroglu2024"], sl.published["kaplan2020"]
QUICK = ["power law", "power law with floor", "shifted"]


def runs(law, *, noise=0.004, seed=0, budgets=8, sizes=7):
    """Runs of known truth on an isoFLOP grid."""
    C, shift = np.meshgrid(np.geomspace(6e18, 6e21, budgets), np.geomspace(0.25, 4, sizes))
    N = (BESIROGLU.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    return N, D, law(N, D) * np.exp(noise * np.random.default_rng(seed).standard_normal(N.size))


def curve(law, *, noise=0.005, seed=0, points=20):
    """Points of known truth."""
    x = np.geomspace(1e2, 1e6, points)
    return x, law(x) * np.exp(noise * np.random.default_rng(seed).standard_normal(points))


@pytest.mark.published_data("addition-4-digit")
def test_the_published_extrapolation():
    """On the 14 + 3 points of 4-digit addition the broken law has the published errors, and the rest fail."""
    table = sl.runs.load("addition-4-digit")
    kept_back = (table.split != "train").to_numpy()
    result = sl.compare_forms(table.train_size, table.loss, rows=kept_back, space="log1p")
    scores = result.scores.set_index("form")
    assert result.best == "broken" and result.tied == ()
    assert scores.rms["broken"] == pytest.approx(0.0109, abs=5e-5)
    assert scores.fitted_rms["broken"] == pytest.approx(0.000598, abs=5e-7)
    assert scores.ratio["power law"] > 50 and scores.apart["power law"] and scores.apart["saturating"]
    report = result.report()
    assert "'broken' predicts the held-out runs best" in report
    assert "Worse beyond chance" in report and "14 runs" in report and "3 held out" in report
    # fitting ln y instead the same form wins
    again = sl.compare_forms(table.train_size, table.loss, largest=3, forms=["power law", "broken"])
    assert again.best == "broken" and again.predictions.row.tolist() == [14, 15, 16]


@pytest.mark.parametrize("law, best", [(BESIROGLU, "Chinchilla"), (KAPLAN, "Kaplan joint")], ids=["additive", "joint"])
@pytest.mark.parametrize("splits", [1, 3])
def test_the_true_surface_wins(law, best, splits):
    """Runs made with one surface are predicted best by it, beyond chance, in one step and in three."""
    result = sl.compare_forms(*runs(law), splits=splits)
    assert result.best == best and result.tied == ()
    assert result.scores.apart.tolist() == [False, True, True, True, True]
    # its error is the noise, 0.4%, and what the constants add at up to 19 times the compute
    assert 0.003 < result.scores.rms[0] < 0.008


def test_a_floor_that_is_not_there_cannot_be_told():
    """On power laws without a floor the two forms tie; with one, a law without is found out."""
    plain, floored = (sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=floor) for floor in (0.0, 1.5))
    two = ["power law", "power law with floor"]
    told = [sl.compare_forms(*curve(plain, seed=seed), forms=two).scores.apart.any() for seed in range(20)]
    assert sum(told) <= 2
    found = [sl.compare_forms(*curve(floored, seed=seed), forms=two) for seed in range(20)]
    assert all(each.best == "power law with floor" and each.tied == () for each in found)
    result = sl.compare_forms(*curve(plain), forms=two)
    assert result.tied and "cannot be told from it" in " ".join(result.report().split())


def test_the_truth_is_seldom_called_worse():
    """In 30 studies of three truths the true form is called worse beyond chance at most twice."""
    truths = {
        "power law": sl.PowerLaw(coefficient=20.0, exponent=0.3),
        "power law with floor": sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=1.5),
        "shifted": sl.ShiftedPowerLaw(a=20.0, b=0.4, c=0.5, d=500.0),
    }
    wronged = 0
    for name, law in truths.items():
        for seed in range(10):
            x, y = curve(law, noise=0.01, seed=seed, points=14)
            scores = sl.compare_forms(x, y, forms=QUICK).scores.set_index("form")
            wronged += bool(scores.apart[name])
    assert wronged <= 2


def test_r_squared_does_not_choose():
    """A line through log-log points of a law with a floor has R^2 above 0.98 and predicts 7 times worse."""
    floored = sl.PowerLaw(coefficient=2000.0, exponent=0.178, floor=1.8)
    C = np.geomspace(1e18, 1e26, 25)
    y = floored(C) * np.exp(0.005 * np.random.default_rng(0).standard_normal(25))
    result = sl.compare_forms(C, y, forms=["power law", "power law with floor"], beyond=1e21)
    scores = result.scores.set_index("form")
    assert result.best == "power law with floor"
    assert scores.r_squared["power law"] > 0.98
    assert scores.ratio["power law"] > 7 and scores.bias["power law"] > 0.1  # it predicts too little


@pytest.mark.published_data("chinchilla")
def test_five_wild_runs_do_not_decide_under_huber():
    """On all 245 public runs squares let five wild ones blur the choice; Huber's sum does not."""
    table = sl.runs.load("chinchilla")
    squares = sl.compare_forms(table.N, table.D, table.loss)
    huber = sl.compare_forms(table.N, table.D, table.loss, objective="huber")
    assert huber.best == "Chinchilla" and huber.tied == ()
    assert huber.scores.rms[0] < 0.7 * squares.scores.rms[0]
    assert "Kaplan joint" in squares.tied


def test_huber_fits_are_those_of_the_fits_themselves():
    """The fit in the comparison is that of the special function on the smaller runs; broken forms say no."""
    N, D, loss = runs(BESIROGLU)
    result = sl.compare_forms(N, D, loss, objective="huber", delta=2e-3)
    below = 6 * N * D <= result.table.fitted_to[0]
    additive = sl.fit_chinchilla(N[below], D[below], loss[below], delta=2e-3).law
    joint = sl.fit_kaplan(N[below], D[below], loss[below], objective="huber", delta=2e-3).law
    for name, law in (("Chinchilla", additive), ("Kaplan joint", joint)):
        assert result.fits[name].law.constants == pytest.approx(vars(law), rel=1e-5)
    broken = sl.compare_forms(N, loss, forms=["broken"], objective="huber", held_out=0.2)
    assert "least squares only" in broken.scores.note[0]


def test_perfect_points():
    """Without noise the true form predicts to rounding, and the report can still be written."""
    x = np.geomspace(1e2, 1e6, 15)
    result = sl.compare_forms(x, sl.PowerLaw(coefficient=20.0, exponent=0.3)(x), forms=QUICK)
    assert result.best == "power law"
    assert result.scores.rms.max() < 1e-6
    assert "predicts" in result.report()


@pytest.mark.parametrize(
    "options, held",
    [
        ({}, [7, 8, 9]),
        ({"held_out": 0.5}, [5, 6, 7, 8, 9]),
        ({"largest": 2}, [8, 9]),
        ({"beyond": 4e4}, [5, 6, 7, 8, 9]),
        ({"rows": np.arange(10) % 5 == 4}, [4, 9]),
        ({"largest": 2, "groups": [0, 1, 2, 3, 4, 5, 6, 7, 5, 9]}, [5, 8, 9]),
    ],
)
def test_what_is_held_out(options, held):
    """Each option holds out the runs it names; a group goes as a whole; without options the upper third."""
    x = np.geomspace(1e2, 1e7, 10)[::-1]  # row 0 is the largest: order must not matter
    y = sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=1.0)(x)
    turned = {"rows": lambda mask: mask[::-1], "groups": lambda labels: labels[::-1]}
    options = {name: turned.get(name, lambda value: value)(value) for name, value in options.items()}
    result = sl.compare_forms(x, y, forms=["power law"], **options)
    assert sorted(9 - result.predictions.row) == held
    assert result.table.fitted[0] + result.table.held_out[0] == 10


def test_runs_of_one_budget_stay_together():
    """6ND of one budget differs by rounding; a cut by count does not go through it."""
    N, D, loss = runs(BESIROGLU)
    result = sl.compare_forms(N, D, loss, forms=["Chinchilla"], largest=3)
    assert result.table.held_out[0] == 7


def test_splits_predict_each_run_once_from_those_below():
    """Three slices cover the held-out runs, each predicted from the fit to all below it, as by hand."""
    N, D, loss = runs(BESIROGLU)
    result = sl.compare_forms(N, D, loss, forms=["Chinchilla"], splits=3)
    whole = sl.compare_forms(N, D, loss, forms=["Chinchilla"])
    assert sorted(result.predictions.row) == sorted(whole.predictions.row)
    assert not result.predictions.row.duplicated().any()
    assert (result.table.fitted_to < result.table.held_out_to).all()
    part = result.predictions[result.predictions.split == 2]
    below = 6 * N * D < 0.999 * part.scale.min()
    law = sl.fit_chinchilla(N[below], D[below], loss[below], objective="log_least_squares").law
    assert part["Chinchilla"].to_numpy() == pytest.approx(law(part.N, part.D), rel=1e-9)
    assert (result.table.fitted[2], result.table.held_out[2]) == (below.sum(), len(part))


@pytest.mark.parametrize("scale", ["C", "N", "D"])
def test_scale_says_what_is_large(scale):
    """Runs can be held out by compute, by size or by data."""
    N, D, loss = runs(BESIROGLU)
    size = {"C": 6 * N * D, "N": N, "D": D}[scale]
    result = sl.compare_forms(N, D, loss, forms=["Chinchilla"], scale=scale)
    kept = np.delete(size, result.predictions.row)
    assert kept.max() < result.predictions.scale.min()
    assert result.predictions.scale.to_numpy() == pytest.approx(size[result.predictions.row])


def test_the_table_and_the_predictions_agree():
    """Scores are those of the predictions that stand beside them."""
    N, D, loss = runs(BESIROGLU)
    result = sl.compare_forms(pandas.Series(N), list(D), loss)
    for row in result.scores.itertuples():
        error = np.log(result.predictions.measured / result.predictions[row.form])
        assert row.rms == pytest.approx(np.sqrt((error**2).mean()), rel=1e-12)
        assert row.bias == pytest.approx(error.mean(), rel=1e-9)
        assert row.ratio == pytest.approx(row.rms / result.scores.rms[0], rel=1e-9)
    assert set(result.fits) == set(SURFACES) - set(RISING)
    assert all(fit.report() for fit in result.fits.values())
    assert result.fits["Chinchilla without floor"].law.constants["E"] == 0.0


def test_the_lever_is_what_refits_show():
    """The linearised effect of leaving a run out agrees with fitting without it."""
    N, D, loss = runs(BESIROGLU, noise=0.002)
    fit = sl.fit_chinchilla(N, D, loss, objective="log_least_squares")
    residuals = np.log(loss / fit.law(N, D))
    target = np.array([[1e11], [2e12]])
    slopes = [log_slopes(fit, {"N": x[0], "D": x[1]}, fit.law(*x)) for x in (np.stack([N, D]), target)]
    near, far = lever_of(*slopes, residuals, np.inf)
    lever = (near @ far)[:, 0]
    moved = []
    for row in range(N.size):
        rest = np.arange(N.size) != row
        law = sl.fit_chinchilla(N[rest], D[rest], loss[rest], objective="log_least_squares").law
        moved.append(np.log(fit.law(*target)[0] / law(*target)[0]))
    # leverage and the factor n / (n - 5) keep them from being equal
    assert np.corrcoef(lever, moved)[0, 1] > 0.98
    assert np.std(lever) == pytest.approx(np.std(moved), rel=0.2)


def test_groups_widen_the_interval():
    """Eight copies of each run tell no more than one: as groups the interval is that of the runs alone."""
    x, y = curve(sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=0.5), noise=0.01, points=18)
    two = {"forms": ["power law", "power law with floor"], "held_out": 0.4}
    alone = sl.compare_forms(x, y, **two).scores
    copies = sl.compare_forms(np.repeat(x, 8), np.repeat(y, 8), **two).scores
    labels = np.repeat(np.arange(18), 8)
    grouped = sl.compare_forms(np.repeat(x, 8), np.repeat(y, 8), groups=labels, **two).scores
    width = [np.log(scores.high[1] / scores.low[1]) for scores in (alone, copies, grouped)]
    assert width[1] < 0.6 * width[0]
    assert width[2] == pytest.approx(width[0], rel=0.15)


def test_a_form_that_cannot_be_fitted_has_a_reason():
    """With few runs the larger forms have a row that says why, and the comparison goes on."""
    x = np.geomspace(1e2, 1e5, 9)
    y = sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=1.0)(x)
    result = sl.compare_forms(x, y, forms=list(CURVES))
    notes = result.scores.set_index("form").note
    assert "too few" in notes["broken"] and "9 constants" in notes["broken twice"]
    assert "broken" not in result.fits and "too few" in result.report()
    assert result.predictions["broken"].isna().all()
    assert result.best == "power law with floor"
    none = sl.compare_forms(x, y, forms=["broken"])
    assert none.best is None and none.tied == () and "No form could be scored" in none.report()


def test_any_number_of_workers_gives_the_same():
    """Two processes and one give the same scores, predictions and report, to the last bit."""
    N, D, loss = runs(BESIROGLU, budgets=6, sizes=5)
    one = sl.compare_forms(N, D, loss, splits=2)
    with joblib.parallel_config(n_jobs=2):
        two = sl.compare_forms(N, D, loss, splits=2)
    pandas.testing.assert_frame_equal(one.scores, two.scores, check_exact=True)
    pandas.testing.assert_frame_equal(one.predictions, two.predictions, check_exact=True)
    assert one.report() == two.report()


@pytest.mark.parametrize("seed", range(12))
def test_hostile_tables_end_in_a_report(seed):
    """Duplicates, a wild run, equal losses or odd units: a report of short lines, and no warning."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 16))
    N, D = 10 ** rng.uniform(2, 13, n), 10 ** rng.uniform(3, 13, n)
    loss = (1.8 + 400 / N**0.34 + 400 / D**0.28) * np.exp(0.05 * rng.standard_normal(n))
    kind = seed % 6
    if kind == 1:
        N[1], D[1], loss[1] = N[0], D[0], loss[0]
    elif kind == 2:
        loss[0] *= 50
    elif kind == 3:
        loss = 2.5 * (1 + 1e-7 * rng.standard_normal(n))
    elif kind == 4:
        loss *= 1e6
    elif kind == 5:
        D = 20 * N
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in ((N, D, loss), (N, loss)):
            forms = QUICK if len(data) == 2 else None
            report = sl.compare_forms(*data, forms=forms, largest=2).report()
            assert max(map(len, report.splitlines())) <= 88


@pytest.mark.parametrize(
    "data, options, words",
    [
        (([1, 2, 3],), {}, ["(x, y) or (N, D, loss)", "1 argument"]),
        (([1, 2, 3], [3, 2, 0]), {}, ["y must be", "row 2"]),
        (([1, 1, 1, 1], [3, 2, 1, 1]), {}, ["same scale"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"forms": ["parabola"]}, ["forms", "'power law'", "'parabola'"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"forms": []}, ["at least one form"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"largest": 1, "beyond": 2.0}, ["largest and beyond", "give one"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"largest": 4}, ["largest", "below 4"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"held_out": 1.5}, ["held_out", "between 0 and 1"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"beyond": 9.0}, ["beyond", "largest scale, 4"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"beyond": 0.5}, ["0 runs would be fitted"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"rows": [1, 0, 0, 0]}, ["rows", "true or false"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"groups": [1, 2]}, ["groups", "one label a run, 4"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"splits": 1.5}, ["splits", "whole number"]),
        (([1, 2, 3, 4], [4, 3, 2, 1]), {"scale": "N"}, ["scale", "ordered by x"]),
        (([1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 1, 1]), {"space": "log1p"}, ["space", "(N, D)"]),
    ],
)
def test_bad_input_is_named(data, options, words):
    """The message names the argument and what is allowed."""
    with pytest.raises(ValueError) as caught:
        sl.compare_forms(*data, **options)
    for word in words:
        assert word in str(caught.value)
