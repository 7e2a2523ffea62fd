"""Measured coverage: the committed table, what is advised from it, and the studies it was measured on."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import scalinglib as sl
from scalinglib.coverage.designs import DESIGNS, FEW_GROUPS, draw_runs
from scalinglib.coverage.measure import METHODS, QUANTITIES, advice, measure_coverage, measured_coverage

KEYS = ["design", "method", "objective", "level", "quantity"]


@pytest.fixture(scope="module")
def table():
    return measured_coverage()


def test_the_table_is_complete(table):
    """Every design and both objectives have every quantity, 500 studies or more, at 80% and 95%."""
    assert not table.duplicated(KEYS).any()
    assert (table.studies >= 500).all() and (table.failed <= table.studies - table.held).all()
    for design in DESIGNS:
        for objective in ("huber", "log_least_squares"):
            part = table[(table.design == design) & (table.objective == objective)]
            assert {"runs", "profile"} <= set(part.method)
            assert ("groups" in set(part.method)) == (design == "checkpoints")
            assert set(part.level) == {0.8, 0.95} and set(part.quantity) == set(QUANTITIES)
            assert len(part) == len(set(part.method)) * 2 * len(QUANTITIES)
    assert set(table.method) <= set(METHODS)


def test_the_error_is_binomial(table):
    """Coverage is held over studies and its error the binomial standard error."""
    share = table.held / table.studies
    assert np.allclose(table.coverage, share, atol=1e-6)
    assert np.allclose(table.error, np.sqrt(share * (1 - share) / table.studies), atol=1e-6)


@pytest.mark.parametrize(
    "design, method, objective",
    [
        ("few-12", "profile", "huber"),
        ("few-12", "profile-equal", "log_least_squares"),
        ("uneven", "profile", "log_least_squares"),
        ("heavy-tails", "profile", "huber"),
        ("checkpoints", "profile", "log_least_squares"),
        ("isoflop", "runs", "log_least_squares"),
        ("checkpoints", "groups", "log_least_squares"),
    ],
)
def test_the_first_studies_come_out_again(table, design, method, objective):
    """Ten studies with the stored seed and resamples hold the truth where the table says."""
    keep = (table.design == design) & (table.method == method) & (table.objective == objective)
    stored = table[keep].reset_index(drop=True)
    options = {"resamples": int(stored.resamples[0])} if stored.resamples[0] else {}
    again = measure_coverage(
        design, methods=[method], objective=objective, studies=10, seed=int(stored.seed[0]), **options
    )
    assert list(again["first"]) == list(stored["first"])


def test_equal_scatter_has_its_nominal_coverage(table):
    """With normal errors of one size the textbook's interval is right: within four errors on a grid of 63 runs."""
    part = table[(table.design == "isoflop") & (table.method == "profile-equal")]
    part = part[part.objective == "log_least_squares"]
    assert (np.abs(part.coverage - part.level) <= 4 * part.error).all()


def test_checkpoints_taken_as_runs_fail_and_groups_hold(table):
    """Where checkpoints share an error, drawing single ones holds the truth far too seldom; the advice says so."""
    part = table[(table.design == "checkpoints") & (table.level == 0.8)]
    assert part[part.method == "runs"].coverage.max() < 0.65
    assert part[part.method == "groups"].coverage.min() > 0.7
    said = advice("runs", runs=200, groups=True)
    assert "checkpoints" in said and "the bootstrap over runs held the truth" in said


def test_the_default_profile_holds_in_every_design(table):
    """Profile intervals fall short of their level by no more than five points and four errors anywhere."""
    part = table[table.method == "profile"]
    short = part.level - part.coverage
    assert not ((short > 0.05) & (short > 4 * part.error)).any()


def rows(**coverages):
    """A table of one design, 60 runs, with these 80% coverages of `a` from 1,000 studies, widths in order."""
    return pd.DataFrame(
        [
            {
                "design": "isoflop",
                "runs": 60,
                "method": method,
                "objective": "huber",
                "level": 0.8,
                "quantity": "a",
                "studies": 1000,
                "held": round(1000 * share),
                "coverage": share,
                "error": np.sqrt(share * (1 - share) / 1000),
                "width": width,
                "failed": 0,
            }
            for width, (method, share) in enumerate(coverages.items(), start=1)
        ]
    )


def test_advice_names_the_failure_and_the_narrowest_method_that_holds():
    """The numbers of the failing method, and of the narrowest of those that did not fail."""
    said = advice("wild", runs=50, table=rows(wild=0.7, profile=0.79, runs=0.85))
    assert "60 runs" in said and "70% of 1000" in said and "wild bootstrap" in said
    assert "profile intervals held it in 79%" in said


def test_advice_is_silent_where_a_method_held():
    """A shortfall inside four points or three binomial errors is none, nor is too wide an interval."""
    assert advice("wild", runs=50, table=rows(wild=0.765, runs=0.9)) == ""
    assert advice("runs", runs=50, table=rows(wild=0.7, runs=0.95)) == ""


def test_advice_says_when_nothing_held():
    """Where every method fell short there is none to name."""
    assert "no method that was measured held" in advice("wild", runs=50, table=rows(wild=0.5, runs=0.6))


def test_a_fit_carries_the_caution():
    """The profile of a fit says what was measured for its number of runs, in its report as well."""
    study = draw_runs("few-12", seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = sl.fit_chinchilla(study.N, study.D, study.loss).profile()
    assert found.caution == advice("profile", runs=12, objective="huber")
    assert found.caution.split(";")[0][:40] in found.report()


def test_workers_change_nothing():
    """One worker and two give the same table, to the last bit."""
    given = {
        "methods": ["runs", "profile"],
        "studies": 14,
        "resamples": 10,
        "seed": 3,
        "objective": "log_least_squares",
    }
    one = measure_coverage("few-20", **given)
    with joblib.parallel_config(n_jobs=2):
        two = measure_coverage("few-20", **given)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_more_studies_keep_the_first():
    """Study i depends on the seed and i alone."""
    few, more = (
        measure_coverage("few-20", methods=["profile"], studies=n, seed=1, objective="log_least_squares")
        for n in (10, 13)
    )
    assert list(few["first"]) == list(more["first"])


@pytest.mark.parametrize("design", DESIGNS)
def test_a_study_is_drawn_around_its_law(design):
    """The same seed gives the same study, another seed other losses; errors have the scale that is stated."""
    one, same, other = (draw_runs(design, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.loss, same.loss) and not np.array_equal(one.loss, other.loss)
    assert np.all(np.isfinite(one.loss)) and one.N.shape == one.D.shape == one.loss.shape
    errors = np.concatenate(
        [np.log(s.loss / s.law(s.N, s.D)) for s in (draw_runs(design, seed=seed) for seed in range(40))]
    )
    assert 1.4826 * np.median(np.abs(errors)) == pytest.approx(0.005, rel=0.3)
    assert one.report().startswith(f"{len(one.N)} runs")


def test_checkpoints_of_a_run_err_together():
    """Nearly all of the variance of a checkpoint's error is its run's."""
    study = draw_runs("checkpoints", seed=0)
    errors = np.log(study.loss / study.law(study.N, study.D)).reshape(24, 8)
    assert errors.mean(1).std() > 3 * (errors - errors.mean(1, keepdims=True)).std()


def test_the_ragged_design_misses_its_corner():
    """No run of the ragged design is beyond its largest budget, and its ratio of tokens spans over a decade."""
    study = draw_runs("ragged", seed=0)
    assert study.largest_budget <= 3e21
    assert np.ptp(np.log10(study.D / study.N)) > 1.0


@pytest.mark.parametrize(
    "options, words",
    [
        ({"design": "isoflops"}, ["design", "'isoflop'"]),
        ({"methods": ["jackknife"]}, ["methods", "'wild'"]),
        ({"methods": ["groups"]}, ["few-12", "groups"]),
        ({"objective": "mse"}, ["objective", "'huber'"]),
        ({"levels": [80]}, ["levels", "between 0 and 1"]),
        ({"studies": 0}, ["studies", "above zero"]),
    ],
)
def test_bad_options_are_named(options, words):
    """The message names the option and what is allowed."""
    given = {"design": "few-12", "seed": 0, **options}
    with pytest.raises(ValueError) as caught:
        measure_coverage(given.pop("design"), **given)
    for word in words:
        assert word in str(caught.value)


@pytest.fixture(scope="module")
def few():
    return measured_coverage(few_groups=True)


def test_few_groups_are_measured(few):
    """Checkpoints of 6, 8 and 12 runs have all four methods, both objectives and 300 studies."""
    assert set(few.design) == set(FEW_GROUPS) and not few.duplicated(KEYS).any()
    assert len(few) == 3 * 2 * 4 * 2 * len(QUANTITIES) and (few.studies >= 300).all()
    for design in FEW_GROUPS:
        groups = draw_runs(design, seed=0).groups
        assert design.endswith(f"-{len(np.unique(groups))}") and len(groups) == 8 * len(np.unique(groups))


def test_the_first_studies_of_few_groups_come_out_again(few):
    """Ten studies with the stored seed hold the truth where the table says."""
    keep = (few.design == "checkpoints-8") & (few.method == "groups") & (few.objective == "log_least_squares")
    stored = few[keep].reset_index(drop=True)
    options = {"resamples": int(stored.resamples[0]), "seed": int(stored.seed[0]), "studies": 10}
    again = measure_coverage("checkpoints-8", methods=["groups"], objective="log_least_squares", **options)
    assert list(again["first"]) == list(stored["first"])


@pytest.mark.parametrize("pieces, design", [(6, "checkpoints-6"), (8, "checkpoints-8"), (14, "checkpoints-12")])
@pytest.mark.parametrize("method, off", [("groups", "wide"), ("runs", "narrow"), ("wild", "narrow")])
def test_advice_tells_too_wide_and_too_narrow_by_as_much_as_measured(few, pieces, design, method, off):
    """Few groups: whole groups drawn hold too much, rows or signs drawn too little; shares are those of the table."""
    said = advice(method, runs=8 * pieces, groups=True, pieces=pieces)
    part = few[(few.design == design) & (few.method == method) & (few.objective == "huber") & (few.level == 0.8)]
    assert f"held the truth in {part.coverage.min():.0%} to {part.coverage.max():.0%}" in said
    assert f"times too {off}" in said and f"studies of {design[12:]} groups" in said
    times = float(said.partition("about ")[2].partition(" times")[0])
    share = 2.0 * norm.cdf(norm.ppf(0.9) * (times if off == "wide" else 1.0 / times)) - 1.0
    assert share == pytest.approx(part.coverage.median(), abs=0.02)


def test_a_fit_of_few_groups_says_so():
    """The bootstrap and the profile of a fit with eight groups carry the caution; with 24 groups they do not."""
    for design, few in (("checkpoints-8", True), ("checkpoints", False)):
        study = draw_runs(design, seed=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = sl.fit_chinchilla(study.N, study.D, study.loss, groups=study.groups)
            found = fit.bootstrap(100, seed=0), fit.profile()
        assert ["With few groups" in each.caution for each in found] == [few, few]
        assert "With few groups" in " ".join(found[0].report().split()) or not few
