"""Comparison of any forms: texts and tables, intervals that are scored, and runs that must not decide alone."""

import re

import numpy as np
import pandas
import pytest
from scipy.optimize import least_squares

import scalinglib as sl
from scalinglib.comparison import Decider
from scalinglib.comparison.trials import lever_of, log_slopes

TWO = ["power law", "power law with floor"]
THREE = "E + A / N**alpha + B / D**beta + G / K**gamma"


def curve(*, floor, noise=0.004, seed=0, points=20):
    """Points of a power law."""
    x = np.geomspace(1e2, 1e6, points)
    law = sl.PowerLaw(coefficient=20.0, exponent=0.3, floor=floor)
    return x, law(x) * np.exp(noise * np.random.default_rng(seed).standard_normal(points))


def table(*, noise=0.003, seed=1):
    """Runs of a law with a third variable, and their compute."""
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6)))
    K = np.tile([1.0, 4.0, 16.0], 12)
    loss = 1.8 + 480 / N**0.35 + 2000 / D**0.35 + 0.3 / K**0.5
    loss *= np.exp(noise * np.random.default_rng(seed).standard_normal(36))
    return pandas.DataFrame({"N": N, "D": D, "K": K, "loss": loss, "flop": 6 * N * D})


# ---- any form, any table ---------------------------------------------------------------------------------


def test_a_form_is_the_same_however_it_is_given():
    """The name of today, that of sl.forms, the text and the Form score alike, under the labels that were given."""
    runs = table()
    text = "E + A / N**alpha + B / D**beta"
    given = {"own": "Chinchilla", "name": "chinchilla", "text": text, "form": sl.forms["chinchilla"]}
    result = sl.compare_forms(runs, forms=given)
    assert sorted(result.scores.form) == sorted(given)
    assert result.scores.rms.to_numpy() == pytest.approx(result.scores.rms[0], rel=1e-6)
    assert result.scores.constants.tolist() == [5] * 4
    apart = sl.compare_forms(runs.N, runs.D, runs.loss, forms=[text, sl.forms["chinchilla"]])
    assert sorted(apart.scores.form) == [text, "chinchilla"]
    assert apart.scores.rms.to_numpy() == pytest.approx(result.scores.rms[0], rel=1e-6)


def test_a_third_variable_is_seen():
    """Where the loss has a third variable the law that has it too wins beyond chance, and is the law of the truth."""
    result = sl.compare_forms(table(), forms=["chinchilla", THREE])
    assert result.best == THREE and result.tied == ()
    assert {"N", "D", "K", "scale", "measured"} < set(result.predictions)
    for name, value in {"E": 1.8, "alpha": 0.35, "beta": 0.35, "gamma": 0.5}.items():
        assert result.fits[THREE].law.constants[name] == pytest.approx(value, rel=0.06)


def test_a_column_or_a_text_says_what_is_large():
    """Compute by default, as a column and as a text hold out the same runs; N holds out others."""
    rows = {}
    for scale in ("C", "flop", "6 * N * D", "N"):
        result = sl.compare_forms(table(), forms=["chinchilla"], scale=scale)
        assert result.scale == scale
        rows[scale] = sorted(result.predictions.row)
    assert rows["C"] == rows["flop"] == rows["6 * N * D"] != rows["N"]
    largest = table().N.sort_values().index[-len(rows["N"]) :]
    assert rows["N"] == sorted(largest)


def test_without_sizes_and_tokens_the_first_variable_is_large():
    """A table of one variable and a metric is ordered by that variable, and compared as the two columns are."""
    x, y = curve(floor=1.5)
    turned = pandas.DataFrame({"steps": x, "error": y}, index=[f"run {n}" for n in range(20)])[::-1]
    law = {"plain": "A / steps**alpha", "floor": "E + A / steps**alpha"}
    result = sl.compare_forms(turned, forms=law, y="error")
    points = sl.compare_forms(x, y, forms=TWO)
    assert (result.scale, result.best) == ("steps", "floor")
    assert result.scores.rms.to_numpy() == pytest.approx(points.scores.rms.to_numpy(), rel=1e-5)
    assert sorted(19 - result.predictions.row) == sorted(points.predictions.row)


def test_a_new_law_is_known_by_its_name(monkeypatch):
    """An entry of sl.forms is compared by its name without another edit."""
    law = sl.forms.Form(THREE, name="new2026", variables=("N", "D", "K"))
    monkeypatch.setitem(sl.forms._FORMS, "new2026", law)
    assert sl.compare_forms(table(), forms=["new2026", "chinchilla"]).best == "new2026"


def test_one_plus_the_law_is_what_log1p_fits():
    """A text in space log1p ends at the optimum that scipy finds for ln(1 + y) - ln(1 + law)."""
    x, y = curve(floor=0.3)
    result = sl.compare_forms(x, y, forms=["E + A / x**alpha"], space="log1p", largest=6)

    def residuals(theta):
        return np.log1p(y[:14]) - np.log1p(theta[0] + np.exp(theta[1] - theta[2] * np.log(x[:14])))

    found = least_squares(residuals, [0.2, 3.0, 0.3], xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    constants = result.fits["E + A / x**alpha"].law.constants
    assert [constants["E"], np.log(constants["A"]), constants["alpha"]] == pytest.approx(found, rel=1e-5)
    assert "ln(1 + y) - ln(1 + law)" in result.fits["E + A / x**alpha"].report()


def test_slopes_of_the_engine_are_those_of_the_law():
    """What the engine's exact slopes say of a prediction's scatter, differences of the law's constants say too."""
    runs = table()
    fit = sl.fit("kaplan2020-joint", runs, objective="log_least_squares")
    columns, far = {"N": runs.N.to_numpy(), "D": runs.D.to_numpy()}, {"N": np.array([1e11]), "D": np.array([1e13])}
    numeric = []
    for at in (columns, far):
        slopes = []
        for name, value in fit.law.constants.items():
            ends = [np.log(fit.form.law(**fit.law.constants | {name: value * step})(**at)) for step in (1.0001, 0.9999)]
            slopes.append((ends[0] - ends[1]) / 2e-4)
        numeric.append(np.stack(slopes, axis=1))
    exact = [log_slopes(fit, at, fit.law(**at)) for at in (columns, far)]
    ours, theirs = (np.matmul(*lever_of(*each, fit.residuals, np.inf)) for each in (exact, numeric))
    assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-9)


@pytest.mark.published_data("repeated-c4")
def test_repeated_data_want_their_own_law():
    """On the public runs with repeated data, the law for them predicts the larger ones best, beyond chance."""
    runs = sl.runs.load("repeated-c4").rename(columns={"unique_tokens": "U"})
    scores = sl.compare_forms(runs, forms=["muennighoff2023-form", "Chinchilla"]).scores
    assert scores.form[0] == "muennighoff2023-form" and scores.apart[1]
    assert 0.7 < scores.held[0] < 0.9 and scores.held[1] < 0.5


# ---- what intervals are worth ----------------------------------------------------------------------------


def test_the_interval_score_is_that_of_gneiting_and_raftery():
    """Worked out from the fit's own intervals: the width, and ten times how far outside a run is."""
    x, y = curve(floor=1.5, noise=0.01, seed=3)
    result = sl.compare_forms(x, y, forms=TWO)
    rows = result.predictions.row.to_numpy()
    for row in result.scores.itertuples():
        found = result.fits[row.form].predict(x[rows], level=0.8, new_run=True)
        total, inside = 0.0, 0
        for low, high, value in zip(found.low, found.high, y[rows], strict=True):
            total += np.log(high / low) + 10.0 * max(np.log(low / value), np.log(value / high), 0.0)
            inside += low <= value <= high
        assert row.interval_score == pytest.approx(total / len(rows), rel=1e-9)
        assert row.held == pytest.approx(inside / len(rows))
        assert row.intervals == len(rows)


def test_intervals_of_the_truth_hold_what_they_say():
    """Over 60 studies the 80% intervals of the true form hold 73% to 88% of the runs that were held out."""
    held = [sl.compare_forms(*curve(floor=1.5, noise=0.01, seed=s), forms=TWO[1:]).scores.held[0] for s in range(60)]
    assert 0.73 < np.mean(held) < 0.88


def test_intervals_that_hold_too_little_are_named():
    """A law without the floor that the runs have: its intervals miss the larger runs, and the report says so."""
    result = sl.compare_forms(*curve(floor=1.5), forms=TWO)
    scores = result.scores.set_index("form")
    assert scores.held["power law"] < 0.3 and scores.interval_score["power law"] > 5 * scores.interval_score.iloc[0]
    report = " ".join(result.report().split())
    assert "intervals that hold far fewer of the held-out runs: 'power law'" in report


def test_every_form_of_runs_has_intervals():
    """All five forms that runs are compared by have intervals to score, those of one variable included."""
    runs = table()
    scores = sl.compare_forms(runs.N, runs.D, runs.loss).scores
    assert (scores.intervals == 10).all() and np.isfinite(scores.interval_score).all()


def test_curves_fitted_by_the_engine_have_intervals():
    """The shifted and the broken law are scored by their intervals as every other law is; that of a break which is not
    there has no ends.
    """
    scores = sl.compare_forms(*curve(floor=1.5), forms=["shifted", "broken"]).scores.set_index("form")
    assert (scores.intervals > 0).all() and np.isfinite(scores.interval_score["shifted"])
    assert scores.interval_score["broken"] == np.inf


def test_forms_without_intervals_have_none_to_score():
    """A law that has a search of its own has no interval: its score is NaN, and the report leaves the column out."""
    result = sl.compare_forms(*curve(floor=1.5), forms=["saturating"])
    assert result.scores[["interval_score", "held"]].isna().all(axis=None) and result.scores.intervals[0] == 0
    assert "in 80%" not in result.report()


# ---- one run must not decide -----------------------------------------------------------------------------


@pytest.mark.parametrize(("factor", "rival"), [(1.3, "A / x**alpha + 0.03"), (0.75, "A / x**alpha - 0.03")])
@pytest.mark.parametrize("seed", range(4))
def test_one_wild_run_does_not_decide(factor, rival, seed):
    """A held-out run put off so that a wrong law has the lowest rms is left out: the scores are those without it."""
    x, y = curve(floor=0.0, seed=seed)
    forms = {"true": "power law", "rival": rival}
    wild, kept = y.copy(), np.arange(20) != 17
    wild[17] *= factor
    result = sl.compare_forms(x, wild, forms=forms, largest=7)
    rms = result.scores.set_index("form").rms
    assert rms["rival"] < rms["true"]  # over all held-out runs
    assert result.best == "true"
    assert result.decider == Decider(rows=(17,), other="rival", left_out=True)
    without = sl.compare_forms(x[kept], y[kept], forms=forms, largest=6)
    columns = ["form", "ratio", "low", "high", "apart"]
    pandas.testing.assert_frame_equal(result.scores[columns], without.scores[columns], rtol=1e-6)
    assert "The ranking leaves out row 17" in " ".join(result.report().split())


def test_the_median_is_not_moved_by_a_wild_run():
    """A run put off by a third moves the rms of the true form sevenfold, its median hardly, and is named."""
    x, y = curve(floor=1.5)
    wild = y.copy()
    wild[16] *= 1.3
    before, after = (sl.compare_forms(x, each, forms=TWO) for each in (y, wild))
    assert after.best == before.best == "power law with floor"
    assert after.scores.rms[0] > 7 * before.scores.rms[0]
    assert after.scores["median"][0] < 1.5 * before.scores["median"][0]
    assert "It misses row 16 by 0.2" in " ".join(after.report().split())


def test_a_wild_group_is_left_out_as_a_whole():
    """Checkpoints of one run that went astray count as one, and all of their rows are named."""
    x, y = (np.repeat(z, 3) for z in curve(floor=0.0, seed=1))
    run = np.repeat(np.arange(20), 3)
    y = y * np.exp(0.0005 * np.random.default_rng(0).standard_normal(60))
    y[run == 17] *= 1.3
    forms = {"true": "power law", "rival": "A / x**alpha + 0.03"}
    result = sl.compare_forms(x, y, forms=forms, groups=run, largest=21)
    assert result.best == "true"
    assert result.decider == Decider(rows=(51, 52, 53), other="rival", left_out=True)
    assert "leaves out rows 51, 52, 53" in " ".join(result.report().split())


def test_of_few_runs_none_is_called_wild_but_the_one_that_decides_is_named():
    """Three held-out runs cannot show which is wild: the order is that of the rms, the run is named, the two tie."""
    x, y = curve(floor=0.0)
    y[18] *= 1.3
    result = sl.compare_forms(x, y, forms={"true": "power law", "rival": "A / x**alpha + 0.03"}, largest=3)
    assert result.best == "rival" and result.scores.rms.is_monotonic_increasing
    assert result.decider == Decider(rows=(18,), other="true", left_out=False)
    assert result.tied == ("true",)
    assert "That rests on row 18: without it 'true' would be best" in " ".join(result.report().split())


# ---- what cannot be compared -----------------------------------------------------------------------------


def test_a_law_that_cannot_rise_says_so():
    """On a metric that rises, forms that only fall have a reason in the place of a score; the others are scored."""
    x = np.geomspace(1e2, 1e6, 14)
    y = (0.2 + 0.1 * x**0.1) * np.exp(0.01 * np.random.default_rng(0).standard_normal(14))
    notes = sl.compare_forms(x, y).scores.set_index("form")
    for name in ("shifted", "saturating"):
        assert "these runs rise and the law does not" in notes.note[name] and np.isnan(notes.rms[name])
    assert notes.rms["power law with floor"] < 0.02 and notes.index[0] == "power law with floor"
    flat = sl.compare_forms(x, np.exp(0.01 * np.random.default_rng(1).standard_normal(14)), forms=["shifted"])
    assert flat.best == "shifted"  # a constant is right where nothing rises


def test_long_forms_and_any_numbers_stay_in_their_columns():
    """A report has lines of 80 letters at most, and at least two blanks between one column and the next."""
    result = sl.compare_forms(table(), forms=["chinchilla", "size only", THREE, THREE.replace("beta", "alpha")])
    lines = result.report().splitlines()
    assert max(map(len, lines)) <= 80
    start = next(n for n, line in enumerate(lines) if line.startswith("  form"))
    rows = [line for line in lines[start + 1 : start + 7] if re.search(r"%$", line)]
    assert len(rows) == 4
    for line in rows:
        assert len(re.split(r"\s{2,}", line.strip())) >= 6


RUNS = {"N": [1e7, 2e7, 4e7, 8e7], "D": [1e9, 2e9, 4e9, 8e9], "loss": [4.0, 3.5, 3.2, 3.0]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": "error"}, ["y must be a column", "'error'", "'loss'"]),
        ({"forms": ["muennighoff2023-form"]}, ["takes U", "no column"]),
        ({"forms": ["power law"]}, ["takes x", "no column"]),
        ({"forms": ["E + A / Z**alpha"]}, ["none of its names", "Z"]),
        ({"forms": ["E + A N"]}, ["'N' cannot follow a value"]),
        ({"forms": ["cubic"]}, ["'Chinchilla'", "'gadre2024'", "'cubic'"]),
        ({"forms": [3]}, ["forms must be one of", "got 3"]),
        ({"forms": {}}, ["at least one form"]),
        ({"forms": ["chinchilla", sl.forms["chinchilla"]]}, ["each once"]),
        ({"scale": "flop"}, ["scale 'flop'", "column", "N, D"]),
        ({"scale": "6 * N *"}, ["scale must be", "ends too early"]),
        ({"scale": "N - D"}, ["scale must be finite and above zero", "rows 0, 1"]),
        ({"space": "log1p"}, ["space", "tables"]),
    ],
)
def test_bad_input_is_named(options, words):
    """The message names the argument and what is allowed."""
    with pytest.raises(ValueError) as caught:
        sl.compare_forms(RUNS, **options)
    for word in words:
        assert word in str(caught.value)


def test_a_table_without_the_usual_variables_wants_forms():
    """Nothing is compared by default where no default form has its variables; y goes with a table."""
    with pytest.raises(ValueError, match="forms must say"):
        sl.compare_forms({"steps": [1.0, 2.0], "loss": [2.0, 1.0]})
    with pytest.raises(ValueError, match="y names a column of a table"):
        sl.compare_forms([1.0, 2.0], [2.0, 1.0], y="error")


# ---- metrics that rise -----------------------------------------------------------------------------------


def accuracy(*, points=16, noise=0.005):
    """An accuracy that rises towards 0.9, without error 0.9 - 9 / x**0.4."""
    x = np.geomspace(1e3, 1e7, points)
    return x, (0.9 - 9.0 / x**0.4) * np.exp(noise * np.random.default_rng(4).standard_normal(points))


def test_an_accuracy_is_met_by_a_form_that_rises_and_no_constant_is_scored():
    """Of a rising metric the law with a ceiling is compared without being asked and wins with the constants of the
    truth; a law that only falls has no score and says why."""
    result = sl.compare_forms(*accuracy())
    assert result.best == "power law with ceiling"
    found = result.fits["power law with ceiling"].law.constants
    assert found["ceiling"] == pytest.approx(0.9, abs=0.02) and found["b"] == pytest.approx(0.4, abs=0.05)
    scores = result.scores.set_index("form")
    for name in ("shifted", "saturating"):
        assert np.isnan(scores.rms[name])
        assert "these runs rise and the law does not" in scores.note[name] and name in result.report()


def test_an_accuracy_of_N_and_D_is_met_by_a_surface_that_rises():
    """Of runs of N and D, too: the surface with a ceiling wins, and what falls with N and D is left out."""
    runs = table(noise=0.002)
    rises = 0.95 - 20.0 / runs.N**0.3 - 50.0 / runs.D**0.3
    rises *= np.exp(0.002 * np.random.default_rng(2).standard_normal(len(runs)))
    result = sl.compare_forms(runs.N, runs.D, rises)
    assert result.best == "Chinchilla with ceiling"
    assert "these runs rise" in result.scores.set_index("form").note["Chinchilla"]


def test_a_law_that_rises_is_not_offered_to_a_loss_and_says_why_when_asked():
    """Where runs fall the forms with a ceiling are not compared unasked; asked for, they have no score."""
    x, y = curve(floor=1.5)
    assert "power law with ceiling" not in set(sl.compare_forms(x, y).scores.form)
    asked = sl.compare_forms(x, y, forms=["power law", "power law with ceiling"])
    assert "these runs fall and the law does not" in asked.scores.note.iloc[-1]


@pytest.mark.parametrize("largest", [1, 2, 4])
def test_a_metric_without_a_trend_leaks_no_constant_of_the_broken_law(largest):
    """On a metric that goes up and down no note speaks of a constant that had to be above zero."""
    metric = [0.273, 0.419, 0.269, 0.062, 0.452, 0.299, 0.123, 0.337, 0.278, 0.261, 0.205, 0.327]
    result = sl.compare_forms(np.geomspace(1e7, 1e10, 12), metric, largest=largest, forms=["broken", "broken twice"])
    assert not result.scores.note.str.contains("must be").any()


def test_a_broken_law_without_its_first_coefficient_has_words_of_its_own(monkeypatch):
    """Where the best coefficient is zero, the message says that a constant is left, and what to do."""
    found = sl.fit("a + b * x**(-c0)", {"x": [1.0, 2.0, 4.0, 8.0], "loss": [3.0, 2.0, 1.5, 1.25]})
    found.constants.update(b=0.0)
    monkeypatch.setattr("scalinglib.fitting.curve.Points.fit", lambda *_, **__: found)
    with pytest.raises(ValueError, match="which leaves a constant; use a law with fewer constants"):
        sl.fit_broken_power_law(np.geomspace(1.0, 100.0, 9), np.linspace(2.0, 1.0, 9))


# ---- the report ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [88, 80, 72])
def test_columns_of_the_report_stand_apart_and_aligned_whatever_the_numbers(width):
    """Whatever is in the scores, cells of a row stand at least two blanks apart and end where their heads end."""
    result = sl.compare_forms(*curve(floor=1.5))
    wild = [0.102, 1.6e-9, 123456.789, 1e300, 3.3333e-5]
    for name in ("rms", "median", "fitted_rms", "ratio"):
        result.scores[name] = wild
    result.scores["bias"] = [-value for value in wild]
    result.scores["low"], result.scores["high"] = [1.6e-9] * 5, [9.9e200] * 5
    result.scores["held"] = [0.0, 1.0, np.nan, 0.5, 0.123]
    lines = result.report(width=width).split("\n")
    head = next(place for place, line in enumerate(lines) if line.startswith("  form"))
    ends = [found.end() for found in re.finditer(r"rms|median|bias|times best \(95%\)|fitted|in 80%", lines[head])]
    end = next(place for place, line in enumerate(lines) if line.startswith("  Errors"))
    rows = [line for line in lines[head + 1 : end] if re.search(r"\d", line)]
    assert len(rows) == len(result.scores)
    for row in rows:
        for end in ends[:-1]:
            assert row[end - 1] != " " and row[end : end + 2].strip() == "", row


def test_too_few_fitted_runs_name_the_way_out():
    """Five runs hold out three, which leaves too few to fit: largest=1 is named, and it works."""
    size, loss = [1.5e6, 4.2e6, 1.4e7, 3.6e7, 9.2e7], [1.214, 1.103, 1.041, 1.006, 0.987]
    result = sl.compare_forms(size, loss)
    assert result.best is None
    assert "--largest 1" in " ".join(result.report().split())
    assert sl.compare_forms(size, loss, largest=1).best is not None
    few = sl.compare_forms(size[:3], loss[:3])
    assert "3 runs are too few; 4 are the least" in " ".join(few.report().split())
