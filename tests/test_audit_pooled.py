"""Rows that are no independent runs of one experiment: found where they were made so, and seldom elsewhere."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.audit import pooled
from scalinglib.command import main
from scalinglib.coverage import draw_runs

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
    study = draw_runs("checkpoints", seed=seed)
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
    assert "go together" not in err + " ".join(out.split()) and "groups by column 'model'" in " ".join(out.split())


# ---------------------------------------------------------------- rows of one point, and columns


def sweep(rng, *, apart=0.08, rates=4):
    """25 pairs of N and D, each with four learning rates about a best one that falls with N; losses up to 8% apart."""
    N, D, loss = factorial(rng, 5, 5, repeats=rates, noise=0.003)
    place = np.tile(np.linspace(-1, 1, rates), 25)
    best = 0.4 * np.linspace(-1, 1, 5)[np.unique(N, return_inverse=True)[1]]
    return N, D, loss * np.exp(apart * (place - best) ** 2), 1e-3 * 4.0**place


def scattered(rng):
    """25 pairs of N and D with four recipes each, every loss 0 to 8% too high by chance: nothing in common."""
    N, D, loss = factorial(rng, 5, 5, repeats=4, noise=0.003)
    return N, D, loss * (1 + rng.uniform(0, 0.08, N.size))


FLOORS = {"c4": 2.70, "pile": 2.59, "web": 2.52}


def corpora(rng, *, crossed=True):
    """Three corpora whose floors differ, on one grid of sizes and lengths, or each with sizes of its own."""
    N, D, _ = factorial(rng, 6, 6, repeats=3)
    corpus = np.tile(list(FLOORS), 36)
    if not crossed:
        N = N * np.tile([0.9, 1.0, 1.1], 36)
    law = [sl.ChinchillaLaw(E=FLOORS[name], A=LAW.A, B=LAW.B, alpha=LAW.alpha, beta=LAW.beta) for name in corpus]
    loss = np.array([each(n, d) for each, n, d in zip(law, N, D, strict=True)])
    return N, D, loss * np.exp(0.004 * rng.standard_normal(N.size)), corpus


@pytest.mark.parametrize("make", [lambda rng: sweep(rng)[:3], scattered, lambda rng: corpora(rng)[:3]])
def test_rows_of_one_point_that_differ_are_noticed(make):
    """A fit to rows whose losses at one N and D differ by far more than seeds make them says so, by how much."""
    for seed in range(20):
        N, D, loss = make(np.random.default_rng(seed))
        fit, said = fitted(N, D, loss)
        assert len(said) == 1 and "Rows of the same N and D differ by" in said[0] and "best of each" in said[0]
        (finding,) = fit.standing.pooled.findings
        within = pd.Series(np.log(loss)).groupby([N, D]).std()
        assert finding.kind == "points" and finding.size == pytest.approx(np.sqrt((within**2).mean()), rel=0.35)


def test_the_best_of_each_pair_is_a_study_again():
    """With the lowest loss of each N and D the sweep's law is found and nothing is said."""
    for seed in range(20):
        N, D, loss, _ = sweep(np.random.default_rng(seed), rates=8)
        best = pd.Series(loss).groupby([N, D]).idxmin().to_numpy()
        assert fitted(N[best], D[best], loss[best])[1] == []


@pytest.mark.parametrize("crossed", [True, False])
def test_a_column_of_corpora_is_named(crossed):
    """Residuals split by the corpus: the column is named, with by how much, whether or not sizes are shared."""
    for seed in range(20):
        N, D, loss, corpus = corpora(np.random.default_rng(seed), crossed=crossed)
        fit, _ = fitted(N, D, loss)
        noise = np.random.default_rng(seed)
        others = pd.DataFrame({"host": noise.choice(["a", "b"], 108), "corpus": corpus, "warmup": noise.choice(4, 108)})
        found = pooled(np.log(loss / fit.law(N, D)), {"N": N, "D": D}, others)
        (finding,) = [each for each in found.findings if each.kind == "column"]
        assert finding.column == "corpus" and finding.size == pytest.approx(np.log(2.70 / 2.52), rel=0.5)
        assert "'c4'" in finding.said and "'web'" in finding.said and "by='corpus'" in finding.remedy
        assert found.sentences()[-1] == f"{finding.said} {finding.remedy}" and "corpus" in found.report()


def test_a_column_of_learning_rates_is_named():
    """In a sweep the learning rate is named, in few values or in as many as runs, and the best of each pair offered."""
    for seed in range(20):
        N, D, loss, rate = sweep(np.random.default_rng(seed))
        fit, _ = fitted(N, D, loss)
        residuals = np.log(loss / fit.law(N, D))
        for column in (rate, rate * (N / 1e9) ** -0.3):
            found = pooled(residuals, {"N": N, "D": D}, pd.DataFrame({"rate": column})).findings
            assert [each.column for each in found] == ["N and D", "rate"] and "best of each" in found[1].remedy


def test_columns_that_mean_nothing_are_not_named():
    """Hosts, seeds, layers, compute and measured times of 200 honest studies are named in fewer than 2%."""
    named = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        N, D, loss = factorial(rng, 6, 5, repeats=1 + seed % 2)
        others = pd.DataFrame(
            {
                "host": rng.choice(["a", "b", "c"], N.size),
                "seed": np.arange(N.size) % 2,
                "layers": np.round(6 * np.log(N)),
                "label": [f"{n:.2g}" for n in N],
                "flop": 6 * N * D,
                "seconds": 6 * N * D / 1e14 * (1 + 0.05 * rng.standard_normal(N.size)),
                "batch": rng.choice([128, 256, 512], N.size),
                "note": [None if row % 3 else "x" for row in range(N.size)],
            }
        )
        found = pooled(np.log(loss / fitted(N, D, loss)[0].law(N, D)), {"N": N, "D": D}, others).findings
        named += [each.column for each in found]
    assert len(named) < 0.02 * 200, named


def test_a_column_of_runs_is_judged_by_runs():
    """Where checkpoints share the luck of their run, a column that halves the runs is named in fewer than one of 25."""
    named = []
    for seed in range(50):
        N, D, loss, groups = drawn(seed)
        host = np.random.default_rng(seed).choice(["a", "b"], 24)[groups]
        residuals = np.log(loss / fitted(N, D, loss, groups=groups)[0].law(N, D))
        table = pd.DataFrame({"host": host})
        named += pooled(residuals, {"N": N, "D": D}, table, groups=groups).findings
        assert len(pooled(residuals, {"N": N, "D": D}, table).findings) == 1  # checkpoints come first
    assert len(named) <= 2


def test_any_form_of_law_can_ask():
    """With three variables of other names rows of one point are those that share all three."""
    rng = np.random.default_rng(0)
    size, experts, steps = (z.ravel() for z in np.meshgrid([1e7, 1e8, 1e9], [1, 4, 16], np.geomspace(1e3, 1e5, 6)))
    variables = {"size": size, "experts": experts, "steps": steps}
    residuals = 0.003 * rng.standard_normal(size.size)
    assert pooled(residuals, variables, time="steps").findings == ()
    assert pooled(residuals, variables).sentences() == []
    twice = {name: np.tile(column, 2) for name, column in variables.items()}
    apart = np.concatenate([residuals, residuals[::-1]]) + np.repeat([0.03, -0.03], size.size)
    (finding,) = pooled(apart, twice, time="steps").findings
    assert finding.kind == "points" and "size and experts and steps" in finding.said
    luck = 0.006 * rng.standard_normal(9)[np.unique(size * 100 + experts, return_inverse=True)[1]]
    (finding,) = pooled(0.3 * residuals + luck, variables, time="steps").findings
    assert finding.kind == "checkpoints" and finding.column == "size and experts"


def test_the_command_says_which_column(tmp_path, capsys):
    """Three corpora in one table: a note with the column, the reason and code 1; one corpus: code 0."""
    N, D, loss, corpus = corpora(np.random.default_rng(1))
    table = written(tmp_path / "runs.csv", N=N, D=D, loss=loss, corpus=corpus, host=["a"] * 108)
    options = ["--resamples", "60", "--force", "--out", str(tmp_path / "law")]
    assert main(["fit", table, *options]) == 1
    _, err = capsys.readouterr()
    assert "note: Residuals split by column 'corpus'" in err and "--where 'corpus = " in err
    last = err.splitlines()[-1]
    assert "not to be trusted" in last and "column 'corpus'" in last and "rows of the same N and D differ by" in last
    assert "Residuals split by column" in (tmp_path / "law" / "report.html").read_text()
    assert main(["plan", str(tmp_path / "law" / "law.json"), "1e22"]) == 1
    capsys.readouterr()
    assert main(["fit", table, "--where", "corpus = c4", *options]) == 0
    assert "split" not in capsys.readouterr().err


def public(name):
    """A published table that no section uses, from the folder of SCALINGLIB_DATA."""
    path = Path(os.environ.get("SCALINGLIB_DATA") or "nowhere") / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the folder of SCALINGLIB_DATA")
    return pd.read_csv(path)


def test_three_published_corpora_are_told_apart():
    """Gadre et al. 2024 trained on three corpora: pooled they are doubted, the column is named; apart they are not."""
    runs = public("overtraining_gadre.csv")

    def findings(some):
        fit, _ = fitted(some.params, some.tokens, some.loss_c4_val)
        residuals = np.log(fit.loss / fit.law(fit.N, fit.D))
        columns = some[["dataset", "lr", "warmup", "global_batch", "params_no_embed", "multiplier"]]
        return [each.column for each in pooled(residuals, {"N": fit.N, "D": fit.D}, columns).findings]

    assert findings(runs) == ["N and D", "dataset"]
    assert all(findings(some) == [] for _, some in runs.groupby("dataset"))


def test_published_learning_rates_are_named():
    """Step Law's table sweeps learning rate and batch at 17 pairs of N and D: both kinds of finding, rate first."""
    runs = public("steplaw_dense.csv")
    fit, said = fitted(runs.N, runs.D, runs.loss)
    residuals = np.log(fit.loss / fit.law(fit.N, fit.D))
    found = pooled(residuals, {"N": fit.N, "D": fit.D}, runs.drop(columns=["N", "D", "loss"])).findings
    assert [each.column for each in found] == ["N and D", "lr"] and "17 such points, 1911 of 1911 rows" in said[0]


@pytest.mark.published_data("chinchilla")
def test_the_published_runs_are_not_doubted():
    """The 240 runs that everyone fits are left alone: rows of one N go together by a quarter, below what is said."""
    runs = sl.runs.load("chinchilla").nsmallest(240, "loss")
    fit, said = fitted(runs.N, runs.D, runs.loss)
    assert said == [] and fit.caution == ""
