"""The audit of a fit: reach, influence and deciding runs, optima of other starts, hostile tables."""

import pickle
import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scalinglib as sl

LAW = sl.published["besiroglu2024"]
OBJECTIVES = ("huber", "lad", "least_squares", "log_least_squares")


def study(*, runs=80, noise=0.004, seed=0):
    """N, D, loss of a ragged study of known truth, with Gaussian noise in log loss."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(7.5, 10, runs), 10 ** rng.uniform(9, 11.5, runs)
    return N, D, LAW(N, D) * np.exp(noise * rng.standard_normal(runs))


def quiet_fit(*table, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sl.fit_chinchilla(*table, **options)


def constants(law):
    return np.array([law.E, law.A, law.B, law.alpha, law.beta])


# ---------------------------------------------------------------- reach


def test_the_reach_says_how_far_the_budget_lies():
    """Times the largest run, and the optimum against the ranges seen, are what the table gives."""
    N, D, loss = study()
    fit = sl.fit_chinchilla(N, D, loss)
    audit = fit.audit(budget=1e25)
    best, largest = fit.law.optimum(1e25), 6 * (N * D).max()
    assert audit.budget == 1e25 and audit.reach.given
    assert audit.reach.times == pytest.approx(1e25 / largest)
    assert audit.reach.optimum["N"] == pytest.approx(best.N)
    assert audit.reach.optimum["D"] == pytest.approx(best.D)
    assert audit.reach.outside()["N"] == pytest.approx(best.N / N.max())
    assert "D/N" not in audit.reach.outside()
    said = " ".join(audit.report().split())
    assert f"{1e25 / largest:.3g} times that of the largest run" in said
    assert f"N_opt = {best.N:.3g}, {best.N / N.max():.3g} times the largest seen" in said
    assert "D/N = " in said and "inside the" in said


def test_without_a_budget_it_is_ten_times_the_largest_run():
    """The headline is then for 10 times the largest 6ND, and the report says that it chose so."""
    N, D, loss = study()
    audit = sl.fit_chinchilla(N, D, loss).audit()
    assert audit.budget == pytest.approx(60 * (N * D).max())
    assert "No budget was named" in audit.report()


def test_a_budget_among_the_runs_is_said_to_be_so():
    """At the middle of the runs nothing lies outside, and the report says the budget is not beyond them."""
    N, D, loss = study()
    audit = sl.fit_chinchilla(N, D, loss).audit(budget=6e19)
    assert audit.reach.outside() == {}
    assert "not beyond the largest run" in audit.report()


@pytest.mark.parametrize(
    "budget, words", [(0, "above zero"), (-1e21, "above zero"), (np.inf, "finite"), ([1e21, 1e22], "one number")]
)
def test_bad_budgets_are_named(budget, words):
    """A budget that is no positive number is refused by name."""
    with pytest.raises(ValueError, match=f"budget.*{words}"):
        sl.fit_chinchilla(*study()).audit(budget=budget)


# ---------------------------------------------------------------- influence


@pytest.mark.parametrize("objective", ["huber", "least_squares", "log_least_squares"])
def test_leaving_out_is_refitting_the_shorter_table(objective):
    """The changes of E, alpha, beta, a and ln N_opt are those of a fit to the table without the row."""
    N, D, loss = study()
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    table = fit.audit(budget=1e24).influence
    assert list(table.index) == list(range(len(N))) and table.exact.all()
    for row in (0, 17, 41, 79):
        keep = np.arange(len(N)) != row
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective=objective).law
        for name in ("E", "alpha", "beta"):
            moved = getattr(law, name) - getattr(fit.law, name)
            assert table[f"change_{name}"][row] == pytest.approx(moved, rel=1e-6, abs=1e-9)
        a = law.allocation_exponents[0] - fit.law.allocation_exponents[0]
        assert table.change_a[row] == pytest.approx(a, rel=1e-6, abs=1e-9)
        log_N = np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N)
        assert table.change_log_N_opt[row] == pytest.approx(log_N, rel=1e-6, abs=1e-8)


def test_leaving_out_from_a_fit_by_lad_is_close_to_refitting():
    """For least absolute deviation a small corner stands in: within a tenth of the largest influence.

    Refits by absolute values jump from vertex to vertex, of which a Huber fit sees the neighbourhood.
    """
    N, D, loss = study(noise=0.006, seed=3)
    fit = sl.fit_chinchilla(N, D, loss, objective="lad")
    audit = fit.audit(budget=1e24)
    change = audit.influence.change_log_N_opt.to_numpy()
    rows = np.argsort(-np.abs(change))[:6]
    for row in rows:
        keep = np.arange(len(N)) != row
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective="lad").law
        exact = np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N)
        assert change[row] == pytest.approx(exact, abs=0.1 * np.abs(change).max())
    assert "stood in for absolute values" in audit.leverage.report()


@pytest.mark.parametrize("objective", ["least_squares", "log_least_squares"])
def test_one_wild_run_decides(objective):
    """A loss 30% off is the first of the deciding runs and the one that moves N_opt most by itself."""
    N, D, loss = study()
    loss[23] *= 1.3
    audit = sl.fit_chinchilla(N, D, loss, objective=objective).audit(budget=1e24)
    assert audit.deciding[0] == 23
    assert audit.influence.change_log_N_opt.abs().idxmax() == 23
    assert "row 23: without it" in " ".join(audit.report().split())


@pytest.mark.parametrize("objective", ["least_squares", "log_least_squares"])
def test_runs_that_hide_behind_each_other_are_found_together(objective):
    """Five neighbouring runs, all 15% too high, are the five that decide; the truth is found without them."""
    N, D, loss = study(runs=120, noise=0.002, seed=1)
    wild = np.argsort(D)[:5]
    loss[wild] *= 1.15
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    audit = fit.audit(budget=1e24)
    assert set(audit.deciding) == set(wild)
    truth = np.log(LAW.optimum(1e24).N)
    before, after = (np.log(law.optimum(1e24).N) for law in (fit.law, audit.without_deciding))
    assert abs(before - truth) > 1.0 and abs(after - truth) < 0.05


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_without_deciding_is_a_fit_of_its_own(objective):
    """The law without the deciding runs is what fit_chinchilla gives for the table without them."""
    N, D, loss = study(seed=2)
    audit = sl.fit_chinchilla(N, D, loss, objective=objective).audit(budget=1e24)
    assert len(set(audit.deciding)) == 5
    keep = np.setdiff1d(np.arange(len(N)), audit.deciding)
    other = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective=objective).law
    assert constants(audit.without_deciding) == pytest.approx(constants(other), rel=1e-5)


def test_the_five_are_not_beaten_by_chance_or_by_rank():
    """No five of 40 random draws, nor the five largest single influences of one sign, move N_opt further.

    More is not said of a greedy search, and the report calls it one.
    """
    N, D, loss = study(seed=4)
    fit = sl.fit_chinchilla(N, D, loss)
    audit = fit.audit(budget=1e24)

    def moved(rows):
        keep = np.setdiff1d(np.arange(len(N)), rows)
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep]).law
        return abs(np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N))

    order = np.argsort(audit.influence.change_log_N_opt.to_numpy())
    rng = np.random.default_rng(0)
    others = [order[:5], order[-5:], *(rng.permutation(len(N))[:5] for _ in range(40))]
    assert moved(audit.deciding) >= max(map(moved, others)) * (1 - 1e-6)
    assert "A greedy search found them: another five may move N_opt further." in " ".join(audit.report().split())


def test_many_runs_are_estimated_and_the_largest_refitted():
    """Beyond 1,000 runs a Newton step serves all but the largest influences, and it agrees with refits."""
    N, D, loss = study(runs=1200, seed=5)
    fit = sl.fit_chinchilla(N, D, loss, objective="log_least_squares")
    audit = fit.audit(budget=1e24)
    assert audit.influence.exact.sum() == 300 and "one Newton step" in audit.leverage.method
    estimated = np.flatnonzero(~audit.influence.exact)[::180]
    for row in estimated:
        keep = np.arange(len(N)) != row
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective="log_least_squares").law
        exact = np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N)
        assert audit.influence.change_log_N_opt[row] == pytest.approx(exact, rel=0.02, abs=1e-6)
    smallest = audit.influence.change_log_N_opt[audit.influence.exact].abs().min()
    assert smallest >= 0.9 * audit.influence.change_log_N_opt[~audit.influence.exact].abs().max()


def test_five_runs_are_too_few_to_leave_one_out():
    """With five runs there is no influence table, and the report says why."""
    N, D, loss = (column[:5] for column in study())
    audit = quiet_fit(N, D, loss).audit()
    assert audit.influence is None and audit.deciding == () and audit.without_deciding is None
    assert "too few to leave one out" in " ".join(audit.leverage.report().split())


def test_fewer_deciding_runs_where_few_would_be_left():
    """Of nine runs at most three are named, so that six are left."""
    N, D, loss = study(runs=80, noise=0.0005, seed=6)
    grid = [(n, d) for n in (5e7, 5e8, 5e9) for d in (2e9, 2e10, 2e11)]
    pick = [np.argmin(np.abs(np.log(N / n)) + np.abs(np.log(D / d))) for n, d in grid]
    assert len(set(pick)) == 9
    audit = sl.fit_chinchilla(N[pick], D[pick], loss[pick]).audit()
    assert len(audit.deciding) == 3
    assert "fewer than 6 runs" in " ".join(audit.report().split())


# ---------------------------------------------------------------- the public runs


@pytest.mark.published_data("chinchilla")
def test_four_of_the_published_five_decide():
    """On the 245 public runs rows 0 to 3 and 107 move a from 0.565 to 0.513, further than rows 0 to 4.

    Dropping the five highest losses (rows 0 to 4) takes a to 0.514 and D/N at 5.76e23 FLOP from 6.8 to 17.9.
    """
    runs = sl.runs.load("chinchilla")
    fit = sl.fit_chinchilla(runs.N, runs.D, runs.loss)
    audit = fit.audit(budget=5.76e23)
    assert set(audit.deciding) == {0, 1, 2, 3, 107}
    without = audit.without_deciding
    published = sl.fit_chinchilla(runs.N[5:], runs.D[5:], runs.loss[5:]).law
    assert round(fit.law.allocation_exponents[0], 3) == 0.565
    assert round(published.allocation_exponents[0], 3) == 0.514
    assert round(without.allocation_exponents[0], 3) == 0.513
    ratios = [law.optimum(5.76e23).tokens_per_parameter for law in (fit.law, published, without)]
    assert [round(float(ratio), 1) for ratio in ratios] == [6.8, 17.9, 18.6]
    assert audit.influence.change_log_N_opt.abs().idxmax() == 0
    said = " ".join(audit.report().split())
    assert "Without five of 245 runs (rows 0, 1, 2, 3, 107) a goes from 0.565 to 0.513" in said
    assert "D/N from 6.82 to 18.6" in said


@pytest.mark.published_data("chinchilla")
@pytest.mark.parametrize("objective", ["least_squares", "log_least_squares"])
def test_the_five_highest_losses_decide_the_fits_by_squares(objective):
    """With squares the deciding five of the 245 public runs are the five highest losses."""
    runs = sl.runs.load("chinchilla")
    audit = sl.fit_chinchilla(runs.N, runs.D, runs.loss, objective=objective).audit(budget=5.76e23)
    assert set(audit.deciding) == set(runs.loss.nlargest(5).index)


# ---------------------------------------------------------------- optima


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_good_study_has_one_optimum_that_counts(objective):
    """On 80 runs of known truth nearly all starts end at the fit's optimum, and no other is near it."""
    N, D, loss = study(seed=1)
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    starting = fit.audit(budget=1e24).starting
    own = starting.table.loc[starting.fit]
    assert starting.fit == 0 and own.excess == 0.0
    assert own.alpha == pytest.approx(fit.law.alpha, rel=1e-6)
    assert own.N_opt == pytest.approx(fit.law.optimum(1e24).N, rel=1e-5)
    assert own.starts >= 0.8 * starting.starts
    assert starting.table.starts.sum() + starting.unfinished == starting.starts
    assert len(starting.rivals) == 0


def two_optima():
    """Fourteen runs, searched for by seed, whose Huber objective has two optima within 1% of each other."""
    rng = np.random.default_rng(16)
    N, D = 10 ** rng.uniform(8, 10, 14), 10 ** rng.uniform(9.5, 11.5, 14)
    return N, D, LAW(N, D) * np.exp(0.01 * rng.standard_normal(14))


def test_an_optimum_that_depends_on_the_start_is_reported():
    """Where two optima with different N_opt fit about as well, both are in the table and the report warns."""
    fit = quiet_fit(*two_optima())
    audit = fit.audit(budget=1e24)
    rival = audit.starting.rivals.iloc[0]
    assert 0 < rival.excess < 0.01 and rival.starts > 0
    assert abs(np.log(rival.N_opt / fit.law.optimum(1e24).N)) > np.log(1.1)

    def huber(c):
        r = np.abs(np.log(fit.loss / (c[0] + c[1] / fit.N ** c[3] + c[2] / fit.D ** c[4])))
        return np.where(r < 1e-3, r**2 / 2, 1e-3 * (r - 5e-4)).sum()

    there = rival[["E", "A", "B", "alpha", "beta"]].to_numpy(dtype=float)
    assert huber(there) == pytest.approx(fit.objective_value * (1 + rival.excess), rel=1e-6)
    for step in np.eye(5) * 1e-4:  # it is an optimum: no constant can move
        assert min(huber(there * (1 + step)), huber(there * (1 - step))) > huber(there)
    assert "Beware" in audit.report() and "hardly tell the two apart" in " ".join(audit.report().split())


def test_a_flat_valley_is_reported_as_many_optima():
    """Runs of one N leave a valley: starts end all along it, just as low, and the report says so."""
    N, D = np.full(20, 1e9), np.geomspace(1e9, 1e12, 20)
    audit = quiet_fit(N, D, LAW(N, D)).audit()
    assert (audit.optima.excess == 0.0).sum() > 20
    assert "others just as low" in " ".join(audit.report().split())


# ---------------------------------------------------------------- the whole


def test_the_audit_is_kept_and_pickles():
    """The same budget gives the same object; fit and audit pickle with their tables."""
    fit = sl.fit_chinchilla(*study(runs=30))
    audit = fit.audit(budget=1e24)
    assert fit.audit(budget=1e24) is audit and fit.audit() is not audit
    copy = pickle.loads(pickle.dumps(audit))
    assert copy.report() == audit.report() and copy.deciding == audit.deciding
    assert copy.influence.equals(audit.influence) and copy.optima.equals(audit.optima)
    assert pickle.loads(pickle.dumps(fit)).audit(budget=1e24).report() == audit.report()


def test_any_number_of_workers_gives_the_same_audit():
    """Two workers give the numbers of one, to the last bit."""
    import joblib

    table = study(runs=300, seed=7)
    one = sl.fit_chinchilla(*table).audit()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        two = sl.fit_chinchilla(*table).audit()
    assert one.influence.equals(two.influence) and one.optima.equals(two.optima)
    assert one.deciding == two.deciding


def test_the_report_fits_the_page():
    """No line of the report is longer than 88 columns."""
    audit = quiet_fit(*two_optima()).audit(budget=1e24)
    for text in (audit.report(), audit.leverage.report(), audit.reach.report(), audit.starting.report()):
        assert max(map(len, text.splitlines())) <= 88


def test_an_open_split_names_no_deciding_runs():
    """On one ray N_opt is not determined: the report says so and names no runs that decide it."""
    N = np.geomspace(1e8, 1e11, 30)
    audit = quiet_fit(N, 20 * N, LAW(N, 20 * N)).audit()
    said = " ".join(audit.report().split())
    assert "N_opt and D_opt there are not determined" in said and "no runs are named" in said
    assert audit.deciding == ()


@given(
    runs=st.integers(5, 20),
    seed=st.integers(0, 10_000),
    kind=st.sampled_from(["random", "nearly equal", "duplicates", "one size", "ray"]),
    wild=st.booleans(),
    units=st.sampled_from([(1.0, 1.0, 1.0), (1e-6, 1e-9, 1.0), (1e6, 1e6, 1e6), (1.0, 1e6, 1e-6)]),
    objective=st.sampled_from(OBJECTIVES),
)
@settings(max_examples=12)
def test_hostile_tables_are_audited(runs, seed, kind, wild, units, objective):
    """Whatever the table, the audit returns, and its report holds no number that is none."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(2, 13, runs), 10 ** rng.uniform(3, 14, runs)
    if kind == "duplicates":
        N[1:4], D[1:4] = N[0], D[0]
    elif kind == "one size":
        N[:] = 1e9
    elif kind == "ray":
        D = 20 * N
    loss = 3 + 1e-7 * rng.standard_normal(runs) if kind == "nearly equal" else 10 ** rng.uniform(-1, 1, runs)
    if wild:
        loss[-1] *= 20
    fit = quiet_fit(N * units[0], D * units[1], loss * units[2], objective=objective)
    audit = fit.audit(budget=1e24 if seed % 2 else None)
    assert not re.search(r"\b(nan|inf)\b", audit.report())
    assert audit.starting.report() and audit.leverage.report()
    assert runs < 6 or len(audit.influence) == runs
    assert len(audit.deciding) <= max(runs - 6, 0)
