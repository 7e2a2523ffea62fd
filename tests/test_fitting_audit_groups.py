"""The audit of runs that come in groups: whole groups are left out, as checkpoints of one run should be."""

import pickle
import warnings

import numpy as np
import pytest

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


def checkpoints(*, groups=24, each=8, noise=0.003, seed=0):
    """N, D, loss and labels of training runs with several checkpoints, shuffled; a run strays as a whole."""
    rng = np.random.default_rng(seed)
    run = np.repeat(np.arange(groups), each)
    N = 10 ** rng.uniform(7.5, 10, groups)[run]
    D = 10 ** rng.uniform(9, 11.5, len(run))
    stray = noise * rng.standard_normal(groups)[run] + 0.2 * noise * rng.standard_normal(len(run))
    rows = rng.permutation(len(run))
    labels = np.array([f"run{number:02d}" for number in run])
    return N[rows], D[rows], (LAW(N, D) * np.exp(stray))[rows], labels[rows]


@pytest.mark.parametrize("objective", ["huber", "least_squares", "log_least_squares"])
def test_leaving_out_a_group_is_refitting_without_its_rows(objective):
    """One row a label, and its changes are those of a fit to the table without all rows of that label."""
    N, D, loss, labels = checkpoints()
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    audit = fit.audit(budget=1e24, groups=labels)
    table = audit.influence
    assert list(table.index) == sorted(set(labels)) and table.index.name == "group"
    assert (table.rows == 8).all() and table.exact.all() and audit.groups == 24
    for label in ("run00", "run11", "run23"):
        keep = labels != label
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective=objective).law
        for name in ("E", "alpha", "beta"):
            moved = getattr(law, name) - getattr(fit.law, name)
            assert table[f"change_{name}"][label] == pytest.approx(moved, rel=1e-6, abs=1e-9)
        log_N = np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N)
        assert table.change_log_N_opt[label] == pytest.approx(log_N, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("objective", ["least_squares", "log_least_squares"])
def test_one_wild_group_decides(objective):
    """A training run whose checkpoints are all 30% too high is found first, alone and among the five."""
    N, D, loss, labels = checkpoints(groups=80, each=4)
    loss = np.where(labels == "run42", 1.3 * loss, loss)
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    audit = fit.audit(budget=1e24, groups=labels)
    assert audit.deciding[0] == "run42" and len(set(audit.deciding)) == 5
    assert audit.influence.change_log_N_opt.abs().idxmax() == "run42"
    said = " ".join(audit.report().split())
    assert "by itself is group run42 (4 rows): without it" in said
    assert f"Without five of 80 groups ({', '.join(audit.deciding)}) a goes" in said
    keep = ~np.isin(labels, audit.deciding)
    other = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective=objective).law
    assert constants(audit.without_deciding) == pytest.approx(constants(other), rel=1e-5)


def test_groups_that_hide_behind_each_other_are_found_together():
    """Three neighbouring training runs, all 8% too high, are among the five that decide."""
    N, D, loss, labels = checkpoints(groups=70, each=3, noise=0.001, seed=1)
    largest = [labels[N == size][0] for size in np.unique(N)[-3:]]
    loss = np.where(np.isin(labels, largest), 1.08 * loss, loss)
    fit = sl.fit_chinchilla(N, D, loss, objective="log_least_squares")
    audit = fit.audit(budget=1e24, groups=labels)
    assert set(largest) <= set(audit.deciding)
    truth = np.log(LAW.optimum(1e24).N)
    before, after = (np.log(law.optimum(1e24).N) for law in (fit.law, audit.without_deciding))
    assert abs(before - truth) > 0.5 and abs(after - truth) < 0.05


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_groups_of_one_row_are_rows(objective):
    """With a label of its own for each row the numbers are those without labels, whatever their order."""
    N, D, loss = study(runs=70, seed=8)
    fit = sl.fit_chinchilla(N, D, loss, objective=objective)
    labels = np.random.default_rng(3).permutation(len(N)) + 100
    rows, groups = fit.audit(budget=1e24), fit.audit(budget=1e24, groups=labels)
    changes = [name for name in rows.influence if name.startswith("change")]
    assert len(changes) == 5
    for name in changes:
        one, other = rows.influence[name].to_numpy(), groups.influence[name][labels].to_numpy()
        assert other == pytest.approx(one, rel=1e-9, abs=1e-12)
    assert groups.deciding == tuple(labels[list(rows.deciding)])
    assert constants(groups.without_deciding) == pytest.approx(constants(rows.without_deciding), rel=1e-9)
    assert "independent" not in groups.report()


def test_the_step_without_a_group_is_near_the_refit():
    """Where groups are too many to refit all, the Newton step of each agrees with a refit without it."""
    N, D, loss, labels = checkpoints(groups=1010, each=2, seed=2)
    fit = sl.fit_chinchilla(N, D, loss, objective="log_least_squares")
    audit = fit.audit(budget=1e24, groups=labels)
    assert audit.influence.exact.sum() == 300 and "300 groups that move" in audit.leverage.method
    for label in audit.influence.index[~audit.influence.exact][::150]:
        keep = labels != label
        law = sl.fit_chinchilla(N[keep], D[keep], loss[keep], objective="log_least_squares").law
        exact = np.log(law.optimum(1e24).N / fit.law.optimum(1e24).N)
        assert audit.influence.change_log_N_opt[label] == pytest.approx(exact, rel=0.02, abs=2e-6)


def test_the_scatter_is_said_to_count_rows_as_independent():
    """With groups of several rows the report says what its standard deviations leave out, and where to go."""
    N, D, loss, labels = checkpoints()
    fit = sl.fit_chinchilla(N, D, loss)
    said = " ".join(fit.audit(groups=labels).report().split())
    assert said.startswith("192 runs in 24 groups see 5 of 5")
    assert "count all 192 runs as independent" in said and "fit.bootstrap(seed=..., groups=...)" in said
    assert "independent" not in fit.audit().report()


def test_few_groups_leave_enough_to_fit():
    """At least three groups and six rows stay; three groups are too few to leave one out."""
    N, D, loss, labels = checkpoints(groups=6, each=8, noise=0.0005)
    fit = sl.fit_chinchilla(N, D, loss)
    audit = fit.audit(groups=labels)
    assert len(audit.deciding) == 3
    assert "fewer than 6 runs or 3 groups" in " ".join(audit.report().split())
    lump = np.where(np.isin(labels, ["run00", "run01"]), labels, "rest")
    audit = fit.audit(groups=lump)
    assert audit.influence is None and audit.deciding == () and audit.without_deciding is None
    assert "3 groups are too few to leave one out: 4 are needed" in " ".join(audit.leverage.report().split())


def test_a_group_that_holds_nearly_all_runs_stays():
    """A group without which four runs are left has no row of numbers, and is never among the deciding."""
    N, D, loss = study(runs=40, noise=0.0005, seed=3)
    labels = np.array(["bulk"] * 36 + ["a", "b", "c", "d"])
    audit = sl.fit_chinchilla(N, D, loss).audit(groups=labels)
    assert audit.influence.change_log_N_opt.isna().tolist() == [False, False, True, False, False]
    assert "bulk" not in audit.deciding and len(audit.deciding) == 2
    assert "Without group bulk in turn the others reach no optimum" in " ".join(audit.report().split())


@pytest.mark.parametrize(
    "labels, words",
    [
        (["a", None] * 40, "rows 1, 3, 5, 7, 9 and 35 more"),
        ([1.0] * 79 + [np.nan], "row 79"),
        (["a"] * 79, "one label a run, 80"),
    ],
)
def test_missing_labels_are_refused(labels, words):
    """A run without a label, or too few labels, is refused by name and row."""
    with pytest.raises(ValueError, match=f"groups.*{words}"):
        sl.fit_chinchilla(*study()).audit(groups=labels)


def test_the_audit_is_kept_for_each_grouping():
    """The same labels give the same object; other labels and none give others; it pickles."""
    N, D, loss, labels = checkpoints(groups=8, each=4)
    fit = quiet_fit(N, D, loss)
    audit = fit.audit(groups=labels)
    assert fit.audit(groups=list(labels)) is audit
    assert fit.audit() is not audit and fit.audit(groups=labels[::-1]) is not audit
    copy = pickle.loads(pickle.dumps(audit))
    assert copy.report() == audit.report() and copy.influence.equals(audit.influence)
