"""Doubts of a fit: the right outcome for tables as people have them, in the library and in the command's words."""

import re

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.command import main

LAW = sl.published["besiroglu2024"]
QUIET = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")


def lattice(sizes, tokens, *, repeats=1, noise=0.003, seed=0, off=0.0):
    """Every size with every number of tokens, as a table: params, tokens, val_loss."""
    N, D = (np.repeat(z.ravel(), repeats) for z in np.meshgrid(sizes, tokens))
    errors = noise * np.random.default_rng(seed).standard_normal(N.size)
    return pd.DataFrame({"params": N, "tokens": D, "val_loss": LAW(N, D) * np.exp(errors + off)})


def scattered(runs, seed=0, noise=0.002):
    """Runs anywhere in two decades of N and D."""
    rng = np.random.default_rng(seed)
    N, D = np.exp(rng.uniform(np.log([[1e8], [2e9]]), np.log([[1e10], [2e11]]), (2, runs)))
    return pd.DataFrame({"params": N, "tokens": D, "val_loss": LAW(N, D) * np.exp(noise * rng.standard_normal(runs))})


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Write a table and fit it with the command: exit code, standard output in one line and standard error."""
    monkeypatch.chdir(tmp_path)

    def called(table, *options, command="fit"):
        words = ["fit", "runs.csv", "--out", "law", "--force"] if command == "fit" else ["plan", "law/law.json"]
        if table is not None:
            table.to_csv("runs.csv", index=False)
        capsys.readouterr()
        code = main([*words, *options])
        out, err = capsys.readouterr()
        return code, " ".join(out.split()), err

    return called


# ---- resamples that say nothing ----------------------------------------------------------------------------


def test_a_factorial_of_nine_has_one_code_for_all_seeds_and_a_way_out(run):
    """3 x 3 runs: code 1 whatever the seed, all files written, `--bootstrap residual` named, and code 0 with it."""
    table = lattice([2e6, 1.3e7, 9e7], [3e6, 3e7, 3e8])
    for seed in range(4):
        code, out, err = run(table, "--resamples", "300", "--seed", str(seed))
        assert code == 1 and "wrote law/law.json" in out
        assert re.search(r"not to be trusted: \d+ of 300 resamples have too few different runs", err)
        assert "no optimum" not in err and "--bootstrap residual" in err
    code, out, err = run(table, "--resamples", "300", "--bootstrap", "residual")
    assert code == 0 and "do not quote" not in out + err


@pytest.mark.parametrize("runs", [8, 9, 11])
def test_few_runs_are_told_the_way(runs, run):
    """Up to eleven runs lose too many resamples: the way that keeps all of them is named, and ends with code 0."""
    code, _, err = run(scattered(runs, seed=runs), "--resamples", "400")
    assert code == 1 and "--bootstrap residual" in err
    assert run(None, "--resamples", "400", "--bootstrap", "residual")[0] == 0


def test_residuals_of_hardly_more_runs_than_constants_are_no_way_out(run):
    """Six runs: five constants leave one residual, so that redrawing it is not to be trusted."""
    code, _, err = run(scattered(6, seed=6), "--resamples", "100", "--bootstrap", "residual")
    last = err.splitlines()[-1]
    assert code == 1 and "6 runs for 5 constants" in last and "one to five of ten" in last
    code, out, err = run(scattered(8, seed=8), "--resamples", "100", "--bootstrap", "residual")
    assert code == 0 and "8 runs for 5 constants" in out and "about six of ten studies" in out
    assert "about six of ten studies" in run(None, "1e22", command="plan")[1]


@QUIET
def test_intervals_of_eight_runs_hold_as_seldom_as_is_said():
    """Of 40 studies of eight runs 80% intervals of redrawn residuals hold exponents in 45% to 80%, profiles in more."""
    held = {"residual": [], "profile": []}
    for seed in range(40):
        table = scattered(8, seed=100 + seed, noise=0.003)
        fit = sl.fit_chinchilla(table.params, table.tokens, table.val_loss)
        if fit.undetermined:
            continue
        for name, ends in (
            ("residual", fit.bootstrap(100, seed=seed, method="residual").interval(0.8)),
            ("profile", fit.profile().interval(0.8)),
        ):
            held[name] += [ends[each][0] <= getattr(LAW, each) <= ends[each][1] for each in ("alpha", "beta")]
    residual, profile = (np.mean(each) for each in held.values())
    assert 0.45 < residual < 0.8 and profile > residual + 0.05


def test_five_runs_are_met_exactly_and_the_plan_says_so_too(run):
    """Five runs and five constants: a law is written, with code 1 in fit and in plan, whatever was asked."""
    table = scattered(5, seed=2)
    for options in ([], ["--bootstrap", "none"]):
        code, out, err = run(table, *options)
        assert code == 1 and "wrote law/law.json" in out and "five constants meet five runs exactly" in err
        code, _, err = run(None, "1e22", command="plan")
        assert code == 1 and "five constants meet five runs exactly" in err


def test_a_ladder_with_one_percent_of_noise_ends_well(run):
    """Five sizes by five token multiples, 1% noise: code 0, and no word says not to quote or to plan."""
    N, ratio = (z.ravel() for z in np.meshgrid(np.geomspace(1e8, 1e10, 5), np.geomspace(5, 80, 5)))
    for seed in range(3):
        errors = 0.01 * np.random.default_rng(seed).standard_normal(25)
        table = pd.DataFrame({"params": N, "tokens": ratio * N, "val_loss": LAW(N, ratio * N) * np.exp(errors)})
        code, out, err = run(table, "--resamples", "1000")
        assert code == 0 and "next:" in out and not re.search("do not (quote|plan|use)", (out + err).lower())


# ---- designs -----------------------------------------------------------------------------------------------


@QUIET
@pytest.mark.parametrize(
    ("spread", "said"), [(1.005, "N varies by 0.5% only"), (1.02, "N varies by 2.0% only"), (1.0, "have the same N")]
)
def test_nearly_one_size_is_said_with_how_little_it_varies(spread, said, run):
    """Fit and plan name what hardly moves, print no interval of what that leaves open, and end with code 1."""
    table = lattice(np.geomspace(2.15e9, 2.15e9 * spread, 3), [2e9, 5e9, 2e10, 6e10], repeats=3)
    code, out, err = run(table, "--resamples", "100")
    assert code == 1 and said in err.splitlines()[-1] and said in out
    for name in ("E", "A", "alpha", "a"):
        assert re.search(rf"\b{name} \S+ not determined", out)
    assert "N_opt ~ C" not in out
    code, out, err = run(None, "1e22", command="plan")
    assert code == 1 and said in err and re.search(r"N parameters \S+ not determined", out)
    fit = sl.fit("chinchilla", table.rename(columns={"params": "N", "tokens": "D", "val_loss": "loss"}))
    if spread > 1.0:
        assert said in fit.open_sentence


PATHS = {
    "twenty tokens a parameter": lambda N: (N, 20 * N),
    "a rising ratio": lambda N: (N, 3e3 * N**0.75),
    "the optimal path": lambda N: (lambda best: (best.N, best.D))(LAW.optimum(6 * 20 * N * N)),
    "one budget": lambda N: (N, 1e21 / (6 * N)),
    "one size": lambda N: (np.full_like(N, 1e9), 20 * N),
    "one number of tokens": lambda N: (N, np.full_like(N, 2e10)),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_named_and_no_interval_is_given(path, run):
    """Runs on a line, whatever it is and however resampled: the reason is in the last line, with code 1."""
    N, D = PATHS[path](np.geomspace(1e8, 1e10, 20))
    table = pd.DataFrame({"params": N, "tokens": D, "val_loss": LAW(N, D) * np.exp(0.003 * np.sin(7 * np.arange(20)))})
    for method in ("runs", "residual", "wild"):
        code, out, err = run(table, "--resamples", "200", "--bootstrap", method)
        last = err.splitlines()[-1]
        assert code == 1 and re.search(r"do not determine .*: all runs (have the same|lie on one curve)", last)
        assert re.search(r"alpha \S+ not determined|beta \S+ not determined", out)


@QUIET
@pytest.mark.parametrize("tokens", [[5.0, 20.0, 80.0], [2e9, 2e10, 2e11]])
def test_three_numbers_of_tokens_never_end_a_bootstrap(tokens):
    """Of eight sizes and three D cells, in billions or in ones, thousands of resamples of 5 tables all end."""
    for seed in range(5):
        table = lattice(np.geomspace(1e8, 1e10, 8), tokens, seed=seed)
        fit = sl.fit_chinchilla(table.params, table.tokens, table.val_loss)
        sample = fit.bootstrap(2000, seed=seed)
        assert sample.unfinished + sample.degenerate < 100
        assert not np.isinf(sample.optimum([1e16, 1e30], level=0.8).high.loss).any()


# ---- rows that are no runs of one experiment ---------------------------------------------------------------


def swept(column, values, offsets, noise=0.003):
    """25 pairs of N and D, each with every value of a column and its offset in ln loss."""
    table = lattice(np.geomspace(1e8, 1e10, 5), np.geomspace(2e9, 2e11, 5), repeats=len(values), noise=noise)
    return table.assign(
        **{column: np.tile(values, 25)}, val_loss=table.val_loss * np.exp(np.tile(np.asarray(offsets), 25))
    )


SHARED = {
    "learning rates": ("lr", [1e-4, 3e-4, 1e-3, 3e-3], [0.02, 0.0, 0.01, 0.03], "lr = 0.0003", None),
    "two rates": ("learning_rate", [1e-3, 2e-3], [0.0, 0.012], "learning_rate = 0.001", None),
    "corpora": ("dataset", ["c4", "pile", "web"], [0.06, 0.03, 0.0], "dataset = web", "--by dataset"),
    "recipes": ("recipe", ["adam w", "muon"], [0.01, 0.0], "recipe = muon", "--by recipe"),
}


@pytest.mark.parametrize(("column", "values", "offsets", "alone", "by"), SHARED.values(), ids=SHARED)
def test_rows_of_one_point_name_the_column_that_varies(column, values, offsets, alone, by, run):
    """What varies among rows of one N and D is named with by how much; each way out is offered, and is one."""
    table = swept(column, values, offsets)
    code, out, err = run(table, "--resamples", "60")
    assert code == 1 and f"residuals split by column {column!r}" in err.splitlines()[-1]
    assert f"{column!r} (" in err and "rows of the same N and D differ by" in err.splitlines()[-1]
    assert "--best-of-pair" in err and f"--where '{alone}'" in err and "checkpoints" not in err
    assert by is None or f"--form chinchilla {by}" in err
    for value in values:
        assert str(value) in err or f"{value:g}" in err
    assert run(None, "--resamples", "60", "--best-of-pair")[0] == 0
    assert run(None, "--resamples", "60", "--where", alone)[0] == 0
    if by:
        assert run(None, "--resamples", "60", "--form", "chinchilla", *by.split())[0] == 0
    assert "wrote law/law.json" in out


@QUIET
def test_the_library_says_it_of_a_table_too():
    """sl.fit knows the other columns of its table; fit_chinchilla is told them; each says it once."""
    table = swept("dataset", ["c4", "pile", "web"], [0.06, 0.03, 0.0])
    table = table.rename(columns={"params": "N", "tokens": "D", "val_loss": "loss"})
    form = sl.fit("chinchilla", table)
    plain = sl.fit_chinchilla(table.N, table.D, table.loss)
    for doubts in (form.doubts(), plain.doubts(others=table[["dataset"]])):
        kinds = [doubt.kind for doubt in doubts.grave]
        assert kinds.count("points") == kinds.count("column") == 1 and not doubts.trusted
        assert "pile" in doubts.report() and "Do not rely on this fit" in doubts.report()
    apart = sl.fit("chinchilla", table, by="dataset")
    assert apart.doubts().trusted


def test_numbers_that_are_results_are_no_reason(run):
    """A column of measured gradients that follows the loss is noted, and the law is fitted with code 0."""
    table = lattice(np.geomspace(1e8, 1e10, 5), np.geomspace(2e9, 2e11, 5), repeats=6, noise=0.004)
    off = np.log(table.val_loss / LAW(table.params, table.tokens))
    table["grad_norm"] = np.round(1 + 100 * off + 0.01 * np.random.default_rng(1).standard_normal(150), 1)
    code, _, err = run(table, "--resamples", "60")
    assert code == 0 and "grad_norm" in err and "If it is a setting and no result" in err


# ---- strays, and what the doubts add up to -----------------------------------------------------------------


@QUIET
def test_strays_are_the_runs_that_were_spoilt():
    """Runs made 5% and 3% too high are named, the farther first, by every kind of fit; clean runs have none."""
    table = lattice(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6))
    clean = sl.fit_chinchilla(table.params, table.tokens, table.val_loss)
    assert len(clean.strays()) == 0 and "No run is more than 5 times" in clean.strays().report()
    loss = table.val_loss * np.exp(np.select([table.index == 7, table.index == 20], [0.05, 0.03], 0.0))
    runs = pd.DataFrame({"N": table.params, "D": table.tokens, "loss": loss})
    fits = [sl.fit_chinchilla(runs.N, runs.D, runs.loss, objective=each) for each in ("huber", "lad", "least_squares")]
    fits += [sl.fit("chinchilla", runs, delta=1e-3, space=each) for each in ("log", "linear")]
    for fit in fits:
        found = fit.strays()
        assert found.rows[0] == 7 and set(found.rows[:2]) <= {7, 20}
        assert found.off[7] == pytest.approx(0.05, abs=0.015) and "row 7 (+" in found.sentence()
        assert "line 9 (+" in found.sentence(lambda row: f"line {row + 2}")


@QUIET
def test_doubts_are_said_once_and_grave_ones_come_first():
    """A fit of few checkpoints with lost resamples: each doubt once, the grave first, and the report has them all."""
    table = pd.concat([lattice([1e8, 1e9, 1e10], [2e9, 2e10, 2e11])])
    fit = sl.fit_chinchilla(table.params, table.tokens, table.val_loss)
    doubts = fit.doubts(bootstrap=fit.bootstrap(200, seed=0))
    grave = [doubt.grave for doubt in doubts]
    assert grave == sorted(grave, reverse=True) and len(set(map(str, doubts))) == len(doubts)
    assert all(" ".join(str(doubt).split()) in " ".join(doubts.report().split()) for doubt in doubts)
    assert max(map(len, doubts.report().splitlines())) <= 80
    clean = lattice(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6))
    fit = sl.fit_chinchilla(clean.params, clean.tokens, clean.val_loss)
    assert fit.doubts().trusted and "Nothing speaks against" in fit.doubts().report()
    line = sl.fit_power_law([1.0, 10.0, 100.0, 1000.0, 1e4], [3.0, 2.01, 1.33, 0.9, 0.59], floor=None)
    assert line.doubts().trusted and len(line.strays()) == 0


def test_how_a_search_ended_is_said_as_what_it_means():
    """No report says that starts agree: one that met the lowest optimum is enough, and is told so."""
    x = np.geomspace(1e2, 1e6, 20)
    fit = sl.fit_broken_power_law(x, 2 + 30 * x**-0.4 * (1 + x / 1e4) ** -0.2)
    assert "agree" not in fit.report() and "converged" in fit.report()
