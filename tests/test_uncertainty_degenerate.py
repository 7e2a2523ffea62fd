"""Resamples that say nothing: counted, never a crash, and no interval for what the runs leave open."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.command.line import main
from scalinglib.engine.equations import definite, solve

LAW = sl.published["besiroglu2024"]


def grid(sizes, tokens, *, seed, noise=0.01):
    """N, D, loss of every size with every number of tokens."""
    N, D = (z.ravel() for z in np.meshgrid(sizes, tokens))
    return N, D, LAW(N, D) * np.exp(noise * np.random.default_rng(seed).standard_normal(N.size))


def quiet(function, *arguments, **options):
    """Call with the library's own warnings silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(*arguments, **options)


def one_size_but_for_rounding():
    """48 runs of three sizes within half a percent: the size term has nothing to stand on."""
    return grid([2.15e9, 2.153e9, 2.161e9], np.repeat([2e9, 4e9, 1e10, 2e10], 4), seed=0)


@pytest.mark.parametrize("method", ["runs", "residual", "wild"])
@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (3, 3)])
def test_small_grids_end_in_a_report(shape, method):
    """Factorial grids of two and three sizes are resampled by every method, whatever the seed."""
    for seed in range(3):
        fit = quiet(
            sl.fit_chinchilla, *grid(np.geomspace(1e8, 1e10, shape[0]), np.geomspace(2e9, 2e11, shape[1]), seed=seed)
        )
        sample = quiet(fit.bootstrap, 100, seed=seed, method=method)
        assert 0 <= sample.degenerate + sample.unfinished <= 100 and sample.report()


@pytest.mark.parametrize("runs", [8, 12])
def test_runs_of_one_ratio_end_in_a_report(runs):
    """Residual and sign draws of runs on one ray of D/N reach a report, and no interval of the open split."""
    for seed in range(3):
        N = np.geomspace(1e8, 1e10, runs)
        loss = LAW(N, 20 * N) * np.exp(0.05 * np.random.default_rng(seed).standard_normal(runs))
        fit = quiet(sl.fit_chinchilla, N, 20 * N, loss)
        for method in ("residual", "wild"):
            sample = quiet(fit.bootstrap, 60, seed=seed, method=method)
            assert sample.degenerate == 0 and "not determined by these runs" in sample.report()
            assert np.isnan(sample.optimum(1e24, level=0.8).low.N)


def test_degenerate_resamples_are_as_many_as_chance_makes_them():
    """Of nine runs on a 3 x 3 grid so many draws miss a size, a token count or four runs as draws of cells do."""
    fit = quiet(sl.fit_chinchilla, *grid([1e8, 1e9, 1e10], [2e9, 2e10, 2e11], seed=1))
    sample = quiet(fit.bootstrap, 4000, seed=1)
    cells = np.random.default_rng(0).integers(0, 9, (20_000, 9))
    sound = [
        len(set(row)) > 5 and len({cell // 3 for cell in row}) == 3 and len({cell % 3 for cell in row}) == 3
        for row in cells.tolist()
    ]
    lost = 1.0 - np.mean(sound)
    assert sample.degenerate == pytest.approx(4000 * lost, abs=4 * np.sqrt(4000 * lost * (1 - lost) * 1.2))
    assert sample.unfinished == 0
    assert f"{sample.degenerate:,} of 4,000 resamples have too few different runs" in sample.report()


def test_a_single_lost_resample_is_counted_and_not_rounded_away():
    """One of 4,000 is said as a count, each kind by itself; one in a hundred and more are a warning not to quote."""
    sample = quiet(
        sl.fit_chinchilla(*grid(np.geomspace(1e8, 1e10, 5), np.geomspace(2e9, 2e11, 5), seed=0)).bootstrap, seed=0
    )
    assert (sample.degenerate, sample.unfinished, sample.shortfall) == (0, 0, "")
    one = replace(sample, degenerate=1)
    assert "1 of 4,000 resamples has too few different runs" in one.report() and "do not quote" not in one.report()
    both = replace(sample, degenerate=30, unfinished=12)
    assert "30 of 4,000" in both.report() and "12 of 4,000 resamples reached no optimum" in both.report()
    assert "do not quote" in both.report() and "%" not in both.shortfall
    assert both.converged == pytest.approx(1 - 42 / 4000)


@pytest.mark.parametrize("seed", [1, 4])
def test_a_ladder_of_sizes_and_ratios_has_all_its_resamples_fitted(seed):
    """Five sizes by five token multiples with 1% noise: each of 4,000 resamples reaches an optimum."""
    N, ratio = (z.ravel() for z in np.meshgrid(np.geomspace(1e8, 1e10, 5), np.geomspace(5, 80, 5)))
    loss = LAW(N, ratio * N) * np.exp(0.01 * np.random.default_rng(seed).standard_normal(25))
    sample = sl.fit_chinchilla(N, ratio * N, loss).bootstrap(seed=seed)
    assert (sample.degenerate, sample.unfinished) == (0, 0)


def test_what_the_runs_leave_open_has_no_interval():
    """Sizes that differ by half a percent give no interval of E, A, alpha, a and the best split, but one of beta."""
    fit = quiet(sl.fit_chinchilla, *one_size_but_for_rounding())
    assert {"A", "alpha"} <= set(fit.undetermined)
    sample = quiet(fit.bootstrap, 200, seed=0)
    ends = sample.interval(0.8)
    assert all(np.isnan(ends[name]).all() and np.isnan(sample.stderr[name]) for name in (*fit.undetermined, "a"))
    assert ends["beta"][0] < fit.law.beta < ends["beta"][1]
    best = sample.optimum([1e21, 1e24], level=0.8)
    for end in (best.low, best.high):
        assert all(np.isnan(z).all() for z in (end.N, end.D, end.loss, end.tokens_per_parameter))
    assert sample.report().count("not determined by these runs") == len(fit.undetermined) + 1
    law = sample.predict(2.15e9, 1e10, level=0.8)
    assert law.low < LAW(2.15e9, 1e10) < law.high  # among the runs the loss is known all the same


def test_a_profile_sets_no_limit_to_what_the_runs_leave_open():
    """The profile's ends are none: zero and infinity, where those of the search box once stood."""
    fit = quiet(sl.fit_chinchilla, *one_size_but_for_rounding())
    found = fit.profile()
    ends = found.interval(0.8)
    assert all(ends[name] == (0.0, np.inf) for name in fit.undetermined) and ends["a"] == (0.0, 1.0)
    best = found.optimum(1e24, level=0.8)
    assert (best.low.N, best.high.N, best.low.loss, best.high.loss) == (0.0, np.inf, 0.0, np.inf)
    assert "not determined by these runs" in found.report()


@pytest.mark.parametrize("sizes, tokens, code", [(2, 3, 1), (3, 3, 1), (5, 5, 0)])
def test_the_command_fits_and_plans_on_small_grids(sizes, tokens, code, tmp_path, monkeypatch, capsys):
    """On grids the command writes its law, plans from it, and its doubts count resamples."""
    monkeypatch.chdir(tmp_path)
    columns = grid(np.geomspace(1e8, 1e10, sizes), np.geomspace(2e9, 2e11, tokens), seed=3)
    np.savetxt("runs.csv", np.stack(columns, axis=1), delimiter=",", header="N,D,loss", comments="")
    for seed in range(3):
        words = ["fit", "runs.csv", "--out", "out", "--force", "--resamples", "200", "--seed", str(seed)]
        assert main(words) == code
        assert ("of 200 resamples" in capsys.readouterr().err) == (code == 1)
        assert main(["plan", "out/law.json", "1e24", "--json"]) == code
        json.loads(capsys.readouterr().out, parse_constant=pytest.fail)  # NaN is no JSON


def test_a_plan_prints_no_interval_of_an_open_split(tmp_path, monkeypatch, capsys):
    """Where sizes differ by half a percent fit and plan say "not determined" in place of both ends."""
    monkeypatch.chdir(tmp_path)
    np.savetxt("runs.csv", np.stack(one_size_but_for_rounding(), axis=1), delimiter=",", header="N,D,loss", comments="")
    assert main(["fit", "runs.csv", "--out", "out", "--resamples", "100", "--budget", "1e22"]) == 1
    assert capsys.readouterr().out.count("not  determined") >= 6
    assert main(["plan", "out/law.json", "1e22"]) == 1
    said = capsys.readouterr().out
    assert all(
        "not  determined" in line for line in said.splitlines() if line.startswith(("  N par", "  D ", "  loss"))
    )
    main(["plan", "out/law.json", "1e22", "--json"])
    best = json.loads(capsys.readouterr().out)["plans"][0]["N"]
    assert best["value"] > 0 and best["low"] is None and best["high"] is None


def test_a_singular_system_does_not_end_the_others():
    """Of three systems one has no answer: NaN for it, the others as numpy solves them; no number is no exception."""
    matrices = np.stack([np.eye(3), np.ones((3, 3)), np.diag([1.0, 2.0, 4.0])])
    found = solve(matrices, np.ones((3, 3, 1)))[..., 0]
    assert np.isnan(found[1]).all()
    assert found[[0, 2]].tolist() == [[1.0, 1.0, 1.0], [1.0, 0.5, 0.25]]
    turned = definite(np.stack([np.diag([-2.0, 3.0]), np.full((2, 2), np.nan)]))
    assert turned[0].tolist() == [[2.0, 0.0], [0.0, 3.0]] and np.isnan(turned[1]).all()
