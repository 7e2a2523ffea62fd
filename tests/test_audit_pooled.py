"""Rows that are no independent runs of one experiment: found where they were made so, and seldom elsewhere."""

import warnings

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.command import main
from scalinglib.uncertainty import draw_study

LAW = sl.published["besiroglu2024"]


def fitted(N, D, loss, **options):
    """The fit, and what it warns of pooled runs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sl.fit_chinchilla(N, D, loss, **options)
    return fit, [str(each.message) for each in caught if issubclass(each.category, sl.PooledRunsWarning)]


def factorial(rng, sizes, lengths, *, repeats=1, noise=0.005, tail=None):
    """Every size with every number of tokens, errors independent: normal, or Student's t."""
    N, D = (
        np.repeat(z.ravel(), repeats)
        for z in np.meshgrid(np.geomspace(5e7, 1e10, sizes), np.geomspace(1e9, 3e11, lengths))
    )
    errors = rng.standard_normal(N.size) if tail is None else rng.standard_t(tail, N.size)
    return N, D, LAW(N, D) * np.exp(noise * errors)


def shared_sizes(rng):
    """IsoFLOP curves over one list of sizes, each budget with those within a factor of four of its best."""
    sizes, N, D = np.geomspace(5e7, 2e10, 12), [], []
    for C in np.geomspace(6e18, 6e21, 9):
        near = sizes[np.abs(np.log(sizes / LAW.optimum(C).N)) < np.log(4)]
        N, D = np.append(N, near), np.append(D, C / 6 / near)
    return N, D, LAW(N, D) * np.exp(0.005 * rng.standard_normal(N.size))


def quieter_when_large(rng):
    """Eight sizes by seven tokens a parameter, errors of 1% at the smallest and 0.16% at the largest."""
    N, ratio = (z.ravel() for z in np.meshgrid(np.geomspace(5e7, 5e9, 8), [5, 10, 20, 40, 80, 160, 320]))
    return N, N * ratio, LAW(N, N * ratio) * np.exp(0.01 * (N / 5e7) ** -0.4 * rng.standard_normal(N.size))


HONEST = {
    "5 by 5": lambda rng: factorial(rng, 5, 5),
    "4 by 8": lambda rng: factorial(rng, 4, 8),
    "3 by 10": lambda rng: factorial(rng, 3, 10),
    "12 by 6, 0.1%": lambda rng: factorial(rng, 12, 6, noise=0.001),
    "12 by 6, 2%": lambda rng: factorial(rng, 12, 6, noise=0.02),
    "8 by 8, heavy tails": lambda rng: factorial(rng, 8, 8, noise=0.004, tail=3),
    "5 by 5, three seeds": lambda rng: factorial(rng, 5, 5, repeats=3),
    "5 by 5, ten seeds": lambda rng: factorial(rng, 5, 5, repeats=10, noise=0.002),
    "shared sizes": shared_sizes,
    "quieter when large": quieter_when_large,
}


def test_independent_runs_are_left_alone():
    """Of 300 studies of ten shapes with independent errors fewer than 2% are doubted."""
    doubted = [
        name for name, make in HONEST.items() for seed in range(30) if fitted(*make(np.random.default_rng(seed)))[1]
    ]
    assert len(doubted) < 0.02 * 300, doubted


def checkpoints(rng, sizes, each, *, run=0.005, point=0.001, first=0.05, memory=None):
    """Checkpoints of one run a size, from a share `first` of its tokens on.

    A run as a whole is off by `run`, or its error forgets itself over `memory` checkpoints; each point by `point`.
    """
    member = np.repeat(np.arange(sizes), each)
    share = np.tile(np.geomspace(first, 1, each), sizes)
    N = np.geomspace(5e7, 5e9, sizes)[member]
    drawn = rng.standard_normal((sizes, each))
    if memory is None:
        drawn[:, 1:] = drawn[:, :1]
    else:
        keep = np.exp(-1 / memory)
        for k in range(1, each):
            drawn[:, k] = keep * drawn[:, k - 1] + np.sqrt(1 - keep**2) * drawn[:, k]
    errors = run * drawn.ravel() + point * rng.standard_normal(N.size)
    return N, 80 * N * share, LAW(N, 80 * N * share) * np.exp(errors), member


def drawn(seed):
    study = draw_study("checkpoints", seed=seed)
    return study.N, study.D, study.loss, study.groups


CHECKPOINTS = {
    "24 runs of 8, late": (drawn, 1.0),
    "8 runs of 6": (lambda seed: checkpoints(np.random.default_rng(seed), 8, 6), 0.9),
    "8 runs of 4": (lambda seed: checkpoints(np.random.default_rng(seed), 8, 4), 0.9),
    "6 runs of 10": (lambda seed: checkpoints(np.random.default_rng(seed), 6, 10), 0.9),
    "10 runs of 20, drifting": (lambda seed: checkpoints(np.random.default_rng(seed), 10, 20, memory=5), 0.9),
    "6 runs of 20, drifting": (lambda seed: checkpoints(np.random.default_rng(seed), 6, 20, memory=3), 0.85),
    "4 runs of 20": (lambda seed: checkpoints(np.random.default_rng(seed), 4, 20), 0.6),
}


@pytest.mark.parametrize("design", CHECKPOINTS)
def test_checkpoints_given_as_runs_are_noticed(design):
    """Where rows of one run err together the fit says so and names groups; with groups it is silent."""
    make, least = CHECKPOINTS[design]
    noticed = []
    for seed in range(20):
        *table, groups = make(seed)
        fit, said = fitted(*table)
        noticed.append(bool(said))
        if said:
            assert "go together" in said[0] and "groups=" in said[0]
            assert said[0] in fit.caution and said[0] in " ".join(fit.report().split())
        told, said = fitted(*table, groups=groups)
        assert said == [] and told.law == fit.law and "go together" not in told.caution
    assert np.mean(noticed) >= least


def test_groups_given_once_are_the_default_of_what_takes_them():
    """Bootstrap, profile and audit of a fit with groups are those that are told the groups."""
    N, D, loss, groups = drawn(0)
    labels = np.array([f"run {number}" for number in groups])
    told, untold = fitted(N, D, loss, groups=labels)[0], fitted(N, D, loss)[0]
    assert told.bootstrap(50, seed=1).samples.equals(untold.bootstrap(50, seed=1, groups=labels).samples)
    assert told.profile().interval(0.8) == untold.profile(groups=labels).interval(0.8)
    assert told.audit(budget=1e22).deciding == untold.audit(budget=1e22, groups=labels).deciding
    assert told.bootstrap(50, seed=1, groups=np.arange(len(N))).groups == len(N)


def test_standard_errors_of_checkpoints_are_those_of_runs():
    """With groups 1.28 standard errors hold the truth in about 80% of 60 studies, without in fewer than 45%."""
    held = {"told": [], "untold": []}
    for seed in range(60):
        N, D, loss, groups = drawn(seed)
        for name, labels in (("told", groups), ("untold", None)):
            fit, _ = fitted(N, D, loss, groups=labels)
            held[name] += [
                abs(getattr(fit.law, each) - getattr(LAW, each)) < 1.2816 * fit.stderr[each]
                for each in ("alpha", "beta")
            ]
    assert 0.68 < np.mean(held["told"]) < 0.92 and np.mean(held["untold"]) < 0.45


def test_groups_that_do_not_fit_are_refused():
    """Labels of another length, or missing ones, are named."""
    N, D, loss, groups = drawn(0)
    with pytest.raises(ValueError, match="groups must have one label a run, 192"):
        sl.fit_chinchilla(N, D, loss, groups=groups[:-1])
    with pytest.raises(ValueError, match="groups must have a label for every run; row 3"):
        sl.fit_chinchilla(N, D, loss, groups=np.where(np.arange(192) == 3, np.nan, groups))


def written(path, **columns):
    """A table of these columns as a file."""
    rows = "\n".join(
        ",".join(map(str, row)) for row in zip(*(np.asarray(c).tolist() for c in columns.values()), strict=True)
    )
    path.write_text(",".join(columns) + "\n" + rows + "\n")
    return str(path)


def test_the_command_names_group(tmp_path, capsys):
    """Checkpoints without --group are said aloud with that remedy; with it they are not, and intervals widen."""
    N, D, loss, groups = drawn(3)
    table = written(tmp_path / "runs.csv", N=N, D=D, loss=loss, model=[f"m{number}" for number in groups])
    options = ["--resamples", "100", "--force", "--out", str(tmp_path / "law")]
    assert main(["fit", table, *options]) == 0
    out, err = capsys.readouterr()
    assert "go together" in err and "--group" in err and "go together" in " ".join(out.split())
    assert main(["fit", table, "--group", "model", *options]) == 0
    out, err = capsys.readouterr()
    assert "go together" not in err + " ".join(out.split()) and "groups by 'model'" in " ".join(out.split())
