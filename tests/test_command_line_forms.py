"""Tests of the command on laws of any form: fit --form, forms, plan --cost, their files, words and errors."""

import json
import os
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import scalinglib as sl
from scalinglib.command import lawfile, main

FORM = "E + A / N**alpha + B / D**beta + G / K**gamma"
TRUTH = {"E": 1.7, "A": 400.0, "alpha": 0.34, "B": 1500.0, "beta": 0.36, "G": 0.3, "gamma": 0.5}
TWO = "E + A / N**alpha + B / D**beta"


def study(noise=0.004):
    """Seventy-five runs of a known law of three variables, with a column of how well each is known."""
    rng = np.random.default_rng(0)
    N, D, K = (z.ravel() for z in np.meshgrid(np.geomspace(1e8, 1e10, 5), np.geomspace(2e9, 2e11, 5), [1.0, 4.0, 16.0]))
    sd = noise * rng.choice([0.5, 1.0, 2.0], len(N))
    law = sl.forms.Form(FORM, variables=("N", "D", "K")).law(**TRUTH)
    loss = law(N, D, K) * np.exp(sd * rng.standard_normal(len(N)))
    runs = pd.DataFrame({"N": N, "D": D, "K": K, "loss": loss, "sd": sd, "w": rng.integers(1, 4, len(N))})
    return runs.assign(lab=np.where(rng.random(len(N)) < 0.5, "one", "two"), site=[f"s{i % 25}" for i in range(75)])


def families():
    """Seventy-two runs of two architectures that share their floor and B alone."""
    rng = np.random.default_rng(1)
    N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6)))
    parts = []
    for label, A, alpha in (("dense", 400.0, 0.34), ("moe", 500.0, 0.37)):
        loss = (1.7 + A / N**alpha + 1500.0 / D**0.36) * np.exp(0.003 * rng.standard_normal(36))
        parts.append(pd.DataFrame({"N": N, "D": D, "architecture": label, "loss": loss}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in with both tables, in full precision."""
    monkeypatch.chdir(tmp_path)
    study().to_csv("runs.csv", index=False)
    families().to_csv("two.csv", index=False)
    return tmp_path


@pytest.fixture(scope="module")
def laws(tmp_path_factory):
    """A folder with fits that no test changes: three (variables), two (families), plain (of two variables)."""
    place = tmp_path_factory.mktemp("laws")
    study().to_csv(place / "runs.csv", index=False)
    families().to_csv(place / "two.csv", index=False)
    asked = {
        "three": ["runs.csv", "--form", FORM, "--noise", "sd"],
        "two": ["two.csv", "--form", TWO, "--by", "architecture", "--shared", "E,B", "--shared", "beta"],
        "plain": ["two.csv", "--form", "chinchilla", "--where", "architecture = dense"],
        "bare": ["two.csv", "--form", "chinchilla", "--where", "architecture = dense", "--bootstrap", "none"],
        "old": ["two.csv", "--where", "architecture = dense"],
    }
    for name, (table, *options) in asked.items():
        assert main(["fit", str(place / table), "--out", str(place / name), "--resamples", "200", *options]) == 0
    return place


def said(capsys, *arguments):
    """Exit code, standard output in one line and standard error of a command."""
    capsys.readouterr()
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, " ".join(out.split()), err


def fitted(*options, out="law"):
    """The law file of a fit that must end well."""
    assert main(["fit", *options, "--out", out, "--bootstrap", "none"]) in (0, 1)
    return lawfile.read_law(f"{out}/law.json")


# ---- fit -------------------------------------------------------------------------------------------------


def test_a_law_of_three_variables_is_found_and_is_the_library_s(laws, capsys):
    """Every constant lies within four standard errors of the truth, and the file holds sl.fit's to the last bit."""
    expected = sl.fit(FORM, study(), noise="sd")
    content = json.loads((laws / "three" / "law.json").read_text())
    assert content["law"]["constants"] == expected.constants
    for name, value in TRUTH.items():
        assert abs(expected.constants[name] - value) < 4 * expected.stderr[name]
    assert content["law"]["stderr"] == expected.stderr
    sample = expected.bootstrap(200, seed=0)
    assert content["resamples"]["constants"]["gamma"] == sample.samples["gamma"].tolist()


OPTIONS = {
    "fix": (["--fix", "E=1.69", "--fix", "B=1.5k"], {"fixed": {"E": 1.69, "B": 1500.0}}),
    "bound": (["--bound", "alpha=0:0.3", "--bound", "G=0.4:"], {"bounds": {"alpha": (0, 0.3), "G": (0.4, np.inf)}}),
    "prior": (["--prior", "gamma=0.4:0.01"], {"prior": {"gamma": (0.4, 0.01)}}),
    "start": (["--start", "alpha=0.5"], {"start": {"alpha": 0.5}}),
    "weights": (["--weights", "w"], {"weights": "w"}),
    "noise of a column": (["--noise", "sd"], {"noise": "sd"}),
    "noise in one number": (["--noise", "0.004"], {"noise": 0.004}),
    "groups": (["--group", "site"], {"groups": "site"}),
    "lad": (["--objective", "lad"], {"objective": "lad"}),
    "linear": (["--space", "linear"], {"space": "linear"}),
    "squares": (["--objective", "least_squares"], {"objective": "least_squares"}),
    "corner": (["--delta", "0.001"], {"delta": 0.001}),
    "corner of its own": (["--delta", "auto"], {"delta": "auto"}),
    "families": (["--by", "lab", "--shared", "E,G,gamma"], {"by": "lab", "shared": ["E", "G", "gamma"]}),
}  # fmt: skip


@pytest.mark.parametrize(("words", "options"), OPTIONS.values(), ids=OPTIONS)
def test_each_option_is_the_library_s(words, options, here):
    """Said on the command line, an option gives the constants, errors and objective that the library gives."""
    found = fitted("runs.csv", "--form", FORM, *words).content
    expected = sl.fit(FORM, study(), **options)
    assert found["law"]["constants"] == expected.constants
    assert found["fit"]["objective_value"] == expected.objective_value
    errors = {name: None if np.isnan(value) else value for name, value in expected.stderr.items()}
    assert found["law"]["stderr"] == errors
    assert found["law"]["fixed"] == list(options.get("fixed", {}))


@pytest.mark.parametrize(
    ("form", "ties", "same"),
    [
        (TWO, ["beta=alpha"], "E + A / N**alpha + B / D**alpha"),
        ("chinchilla", ["beta=alpha"], "E + A / N**alpha + B / D**alpha"),
        (TWO, ["beta=alpha + 0.02"], "E + A / N**alpha + B / D**(alpha + 0.02)"),
        (FORM, ["gamma=beta", "beta=alpha"], "E + A / N**alpha + B / D**alpha + G / K**alpha"),
        (FORM, ["beta=alpha", "gamma=beta"], "E + A / N**alpha + B / D**alpha + G / K**alpha"),
    ],
)
def test_a_tie_is_the_form_with_the_other_constant_in_its_place(form, ties, same, here):
    """Tied by an option, in whatever order, the law is that of the form that is tied by writing it so."""
    found = fitted("runs.csv", "--form", form, *(word for tie in ties for word in ("--tie", tie)))
    expected = sl.fit(same, study()).constants
    got = found.content["law"]["constants"]
    assert set(got) == set(expected)
    assert list(got.values()) == pytest.approx([expected[name] for name in got], rel=1e-6)


def test_bounds_of_a_tied_constant_hold_for_the_other(here):
    """Of chinchilla, whose exponents may not be negative, the tied exponent keeps the narrower of both ranges."""
    words = ["--form", "chinchilla", "--tie", "beta=alpha", "--bound", "alpha=0.2:0.3"]
    assert fitted("runs.csv", *words).law.constants["alpha"] == pytest.approx(0.3)


def test_columns_have_the_names_that_the_form_gives_them(here):
    """Parameters and tokens are N and D whatever their header, others have their own, and --column names them."""
    runs = study()
    expected = sl.fit(FORM, runs).constants
    runs.rename(columns={"N": "n_params", "D": "training tokens", "K": "n experts", "loss": "val_loss"}).assign(
        **{"training tokens": runs.D / 1e9}
    ).to_csv("other.csv", index=False)
    words = ["--scale", "D=1e9", "--column", "K=n experts"]
    got = fitted("other.csv", "--form", FORM, *words).content
    assert got["law"]["constants"] == pytest.approx(expected, rel=1e-6)
    assert got["table"]["columns"]["K"] == "column 'n experts'"
    assert got["runs"]["seen"]["D"] == pytest.approx([2e9, 2e11])
    own = fitted("other.csv", "--form", "E + A / n_params**alpha", "--out", "own", out="own").law
    assert own.variables == ("n_params",)


def test_units_of_columns_of_one_s_own(here, capsys):
    """--scale multiplies any column of the form, and a header that names a unit is refused until it does."""
    runs = study()
    runs.assign(K=runs.K / 1000).rename(columns={"K": "experts (thousands)"}).to_csv("other.csv", index=False)
    words = ["fit", "other.csv", "--form", FORM, "--column", "K=experts (thousands)", "--bootstrap", "none"]
    code, _, err = said(capsys, *words)
    assert code == 2 and "names a unit: say --scale K=1e3" in err
    assert main([*words, "--scale", "K=1e3"]) == 0
    expected = sl.fit(FORM, runs).constants
    assert lawfile.read_law("other-law/law.json").law.constants == pytest.approx(expected, rel=1e-6)


def test_compute_comes_from_size_and_data(here):
    """A form of C alone takes 6 N D where no column has it; beside N and D a lone C is a constant."""
    runs = study()
    got = fitted("runs.csv", "--form", "E + A / C**alpha")
    expected = sl.fit("E + A / C**alpha", runs.assign(C=6 * runs.N * runs.D)).constants
    assert got.law.variables == ("C",) and got.content["table"]["columns"]["C"] == "6 N D"
    assert got.law.constants == pytest.approx(expected, rel=1e-9)
    runs.assign(flops=6 * runs.N * runs.D).to_csv("flops.csv", index=False)
    floor = fitted("flops.csv", "--form", "A / N**alpha + B / D**beta + C", out="floor").law
    assert floor.variables == ("N", "D") and floor.constants["C"] == pytest.approx(sl.fit(TWO, runs).constants["E"])
    named = fitted("flops.csv", "--form", "A / N**alpha + B / D**beta + E / C**0.01", "--C", "flops", out="named").law
    assert named.variables == ("N", "D", "C")


def test_a_variable_may_be_zero_or_negative(here):
    """Columns of one's own are numbers of any sign; --y may be so, too, with residuals of the value itself."""
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"shift": np.linspace(-2, 2, 40)})
    runs["gain"] = -1.0 + 0.7 * runs["shift"] + 0.01 * rng.standard_normal(40)
    runs.to_csv("gain.csv", index=False)
    words = ["--form", "a + b * shift", "--y", "gain"]
    found = fitted("gain.csv", *words, "--space", "linear")
    assert found.law.constants == sl.fit("a + b * shift", runs, y="gain", space="linear").constants
    assert found.content["law"]["y"] == "gain" and found.content["loss"] == ""


def test_cells_of_every_column_in_use_are_checked(here, capsys):
    """A hole or a word in a variable, a weight or a label is named with its line, and others are not looked at."""
    lines = (here / "runs.csv").read_text().splitlines()
    lines[5] = lines[5].replace("one", "").replace("two", "")
    cells = lines[9].split(",")
    cells[2] = "many"
    lines[9] = ",".join(cells)
    (here / "holes.csv").write_text("\n".join(lines) + "\n")
    code, _, err = said(capsys, "fit", "holes.csv", "--form", FORM)
    assert code == 2 and "1 bad row: line 10 'K' 'many' is not a number" in err
    code, _, err = said(capsys, "fit", "holes.csv", "--form", TWO, "--by", "lab")
    assert code == 2 and "1 bad row: line 6 'lab' is empty" in err
    code, out, _ = said(capsys, "fit", "holes.csv", "--form", FORM, "--by", "lab", "--drop-bad", "--bootstrap", "none")
    assert code == 0 and "2 left out as bad" in out and "fitted to 73 runs in 2 families by lab" in out


def test_the_report_is_the_library_s_with_intervals_of_the_bootstrap(laws, here, capsys, monkeypatch):
    """What is printed holds fit.report() and the percentile interval of each constant; what is fixed has none."""
    monkeypatch.setenv("COLUMNS", "80")
    words = ["--form", FORM, "--fix", "E=1.7", "--resamples", "100", "--level", "0.9"]
    code, out, _ = said(capsys, "fit", "runs.csv", *words)
    fit = sl.fit(FORM, study(), fixed={"E": 1.7})
    assert code == 0 and " ".join(fit.report().split()) in out
    low, high = fit.bootstrap(100, seed=0).interval(0.9)["gamma"]
    assert f"gamma {fit.constants['gamma']:.6g} {low:.4g} {high:.4g}" in out
    assert "E 1.7 fixed" in out


@pytest.mark.parametrize("form", ["E + A * B / N**alpha", "E + A / N**alpha + G / (sd / sd)**gamma"])
def test_constants_that_cannot_be_told_apart_are_named_and_give_code_one(form, here, capsys):
    """All is written, the last line names the open constants, and no interval is printed for them."""
    code, out, err = said(capsys, "fit", "runs.csv", "--form", form, "--resamples", "50", "--bootstrap", "residual")
    last = err.splitlines()[-1]
    assert code == 1 and re.match(r"scalinglib: not to be trusted: the runs do not determine .*[ABG]", last)
    assert "not determined by these runs" in out and re.search(r"[ABG] \S+ not determined", out)
    assert "Do not rely on this law." in (here / "runs-law" / "report.html").read_text()
    assert lawfile.read_law("runs-law/law.json").doubts


def test_a_fit_that_did_not_converge_gives_code_one(here, capsys, monkeypatch):
    """The last line says so, and the law file keeps it."""
    monkeypatch.setattr(sl.fitting.FormFit, "converged", False)
    code, out, err = said(capsys, "fit", "runs.csv", "--form", FORM, "--bootstrap", "none")
    assert code == 1 and err.endswith("not to be trusted: the fit did not converge\n") and "DID NOT CONVERGE" in out
    assert lawfile.read_law("runs-law/law.json").doubts == ("the fit did not converge",)


@pytest.mark.parametrize(("space", "adds"), [("log", False), ("linear", True)])
def test_scatter_that_is_read_back_multiplies_or_adds_as_it_was_fitted(space, adds, here):
    """Squares of logarithms and of values both come back as they were: the space decides, not the objective's name."""
    words = ["--form", "E + A / N**alpha + B / D**beta", "--objective", "least_squares", "--space", space]
    assert main(["fit", "two.csv", *words, "--resamples", "20", "--out", "law"]) in (0, 1)
    assert lawfile.read_law("law/law.json").bootstrap.additive is adds


def test_a_caution_is_said_and_is_no_failure(here, capsys):
    """Few runs a constant: the report says how rough errors are, and the code is 0."""
    study().iloc[::3].to_csv("few.csv", index=False)
    code, out, _ = said(capsys, "fit", "few.csv", "--form", TWO, "--bootstrap", "none")
    assert code == 0 and "25 runs for 5 constants: linearised errors are rough" in out
    assert "linearised errors are rough" in (here / "few-law" / "report.html").read_text()


def test_a_constant_that_is_spelt_like_a_column_is_noted(here, capsys):
    """k for the column K is a constant, and a note says so."""
    _, _, err = said(capsys, "fit", "runs.csv", "--form", "E + A / N**k + K / D**beta", "--bootstrap", "none")
    assert "note: k is a constant of the form; the column is K" in err


def test_the_same_table_gives_the_same_files(here):
    """Run twice, all three files are the same to the last byte."""
    for out in ("one", "again"):
        assert main(["fit", "runs.csv", "--form", FORM, "--out", out, "--resamples", "60", "--seed", "3"]) == 0
    for name in os.listdir("one"):
        assert (here / "one" / name).read_bytes() == (here / "again" / name).read_bytes(), name


def test_the_page_has_picture_constants_and_words(laws):
    """The page shows each constant, the formula, the picture with its alt text, and asks nothing of the network."""
    page = (laws / "two" / "report.html").read_text()
    content = json.loads((laws / "two" / "law.json").read_text())
    for name, value in content["law"]["constants"].items():
        assert f'<th scope="row">{name}</th><td>{value:.6g}</td>' in page
    assert "Measured loss against that of the fitted law for 72 runs" in page
    assert not re.search(r"url\(|@import|https?:|<script", page)


# ---- the law file ----------------------------------------------------------------------------------------


def test_the_law_file_is_read_back_whole(laws):
    """Law, resamples and scatter come back as the library had them, for one law and for families."""
    found = lawfile.read_law(str(laws / "two" / "law.json"))
    fit = sl.fit(TWO, families(), by="architecture", shared=["E", "B", "beta"])
    at = {"N": 1e9, "D": 1e10, "architecture": "moe"}
    assert found.law(**at) == fit.law(**at)
    sample = fit.bootstrap(200, seed=0)
    assert found.bootstrap.samples.equals(sample.samples)
    assert found.bootstrap.scatter.tolist() == sample.scatter.tolist()
    ours, theirs = (one.predict(**at, level=0.8, new_run=True) for one in (found.bootstrap, sample))
    assert (ours.low, ours.high) == (theirs.low, theirs.high)


def test_the_law_file_is_read_by_a_person(laws):
    """No line but those of the resamples is long: seven constants and the scatter."""
    lines = (laws / "three" / "law.json").read_text().splitlines()
    assert len(lines) < 110 and sum(len(line) > 200 for line in lines) == 8


EDITS = {
    "another form": (("law", "form"), "E + A N", "form: 'N' cannot follow a value"),
    "a form of fewer constants": (("law", "form"), "E + A / N**alpha + B / D**beta", "variable 'K' is not in"),
    "a constant of text": (("law", "constants", "E"), "x", "law: E must be a finite number"),
    "another constant": (("law", "constants", "alpha"), 0.9, "alpha = 0.9 lies far from its resamples"),
    "a constant less": (("law", "constants"), {"E": 1.7}, "needs a number for A, alpha, B, beta, G, gamma"),
    "variables of numbers": (("law", "variables"), [1], "law: variables must be text"),
    "no range of a variable": (("runs", "seen"), {"N": [1, 2], "D": [1, 2], "loss": [1, 2]}, "no range of K"),
    "a range upside down": (("runs", "seen", "N"), [2, 1], "runs: N must be two numbers, the smaller first"),
    "one entry less": (("resamples", "constants", "G"), [0.3], "count is 200 and G has 1 entries"),
    "a column less": (("resamples", "constants"), {"E": [1.7] * 200}, "resamples: constants must be E, A, alpha"),
    "other undetermined": (("fit", "undetermined"), ["Q"], "fit: undetermined must be a list of names among E, A"),
    "doubts in a word": (("doubts",), "oops", "doubts must be a list of sentences"),
    "a caution of numbers": (("caution",), 3, "caution must be text"),
}


@pytest.mark.parametrize(("path", "value", "message"), EDITS.values(), ids=EDITS)
def test_an_edited_law_file_is_refused(path, value, message, laws, tmp_path, capsys):
    """No number is planned with that does not belong to the rest of the file: one line, code 3, no output."""
    content = json.loads((laws / "three" / "law.json").read_text())
    inner = content
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    (tmp_path / "law.json").write_text(json.dumps(content))
    code, out, err = said(capsys, "plan", str(tmp_path / "law.json"), "1e23", "--given", "K=4")
    assert (code, out) == (3, "") and err.count("\n") == 1 and "law.json is damaged: " in err and message in err


def test_any_field_of_any_kind_is_a_plan_or_one_line(laws, tmp_path, capsys):
    """Each field in turn set to null, a word, a list or a huge number: never a traceback."""
    whole = (laws / "three" / "law.json").read_text()
    content = json.loads(whole)
    parts = [name for name, part in content.items() if isinstance(part, dict)]
    paths = [(name,) for name in content] + [(part, name) for part in parts for name in content[part]]
    for path in paths:
        for value in (None, "word", [None], 10**400):
            changed = json.loads(whole)
            inner = changed if len(path) == 1 else changed[path[0]]
            inner[path[-1]] = value
            (tmp_path / "law.json").write_text(json.dumps(changed))
            code, out, err = said(capsys, "plan", str(tmp_path / "law.json"), "1e23", "--given", "K=4")
            assert all(line.startswith("scalinglib: ") for line in err.splitlines())
            assert (code in (2, 3) and out == "" and err.count("\n") == 1) if code > 1 else out, (path, value)


# ---- plan ------------------------------------------------------------------------------------------------


def lowest(law, budget, price, D_most=np.inf):
    """The best N and D by a search over a million sizes; `price` gives the D that a budget leaves to N."""
    N = np.geomspace(1e7, 1e13, 1_000_001)
    D = np.minimum(price(budget, N), D_most)
    loss = np.where(D > 0, law(N, np.maximum(D, 1.0)), np.inf)
    best = loss.argmin()
    return N[best], D[best], loss[best]


@pytest.mark.parametrize("name", ["plain", "old"])
def test_a_budget_under_another_cost_is_that_of_a_search(name, laws, capsys):
    """Tokens that are served cost 2 N each: the split is the lowest of a million, from either version of the file."""
    law = lawfile.read_law(str(laws / name / "law.json")).law
    words = ["--cost", "6 * N * D + 2 * N * served", "--given", "served=1T", "--json"]
    code, out, _ = said(capsys, "plan", str(laws / name / "law.json"), "1e22", *words)
    plan = json.loads(out)["plans"][0]
    N, D, loss = lowest(law, 1e22, lambda C, N: (C / N - 2e12) / 6)
    assert code == 0
    assert plan["N"]["value"] == pytest.approx(N, rel=1e-4) and plan["D"]["value"] == pytest.approx(D, rel=1e-4)
    assert plan["loss"]["value"] == pytest.approx(loss, rel=1e-9)
    assert plan["N"]["low"] < plan["N"]["value"] < plan["N"]["high"]
    assert plan["spent"] == pytest.approx(1e22)


def test_the_cost_of_training_alone_is_what_plan_says_without_it(laws, capsys):
    """6 N D as a text gives the split and the intervals of the closed form, from the same resamples."""
    law = str(laws / "old" / "law.json")
    plain = json.loads(said(capsys, "plan", law, "1e23", "--json")[1])["plans"][0]
    text = json.loads(said(capsys, "plan", law, "1e23", "--json", "--cost", "6 * N * D")[1])["plans"][0]
    for name in ("N", "D", "loss"):
        assert text[name] == pytest.approx(plain[name], rel=1e-9)


def test_a_cap_on_tokens_is_a_bound(laws, capsys):
    """Where no more than 1e11 tokens exist, the rest of the budget goes into the model, and the bound is named."""
    law = str(laws / "plain" / "law.json")
    code, out, _ = said(capsys, "plan", law, "1e23", "--bound", "D=0:1e11")
    assert code == 0 and "D 1e11" in out and f"N {1e23 / 6e11:.4g}".replace("e+", "e") in out
    assert "D stands on its bound" in out


def test_a_third_variable_is_given_or_chosen(laws, capsys):
    """Given, it stays; chosen under a cost that rises with it, the loss is lower than at a given value."""
    law, cost = str(laws / "three" / "law.json"), ["--cost", "6 * N * D * (1 + K / 100)"]
    given, chosen = (
        json.loads(said(capsys, "plan", law, "1e22", *cost, *words, "--json")[1])["plans"][0]
        for words in (["--given", "K=1"], ["--over", "N,D,K"])
    )
    assert given["given"] == {"K": 1.0} and chosen["given"] == {}
    assert chosen["loss"]["value"] < given["loss"]["value"]
    N, D, K = (chosen[name]["value"] for name in "NDK")
    assert 6 * N * D * (1 + K / 100) == pytest.approx(1e22)


def test_families_are_planned_for_one_at_a_time(laws, capsys):
    """The family is given by its column, and the plan is that of its own law."""
    path = str(laws / "two" / "law.json")
    code, _, err = said(capsys, "plan", path, "1e22")
    assert code == 2 and err == "scalinglib: --given architecture=LABEL must say whose law: dense, moe\n"
    law = lawfile.read_law(path).law.laws["moe"]
    code, out, _ = said(capsys, "plan", path, "1e22", "--given", "architecture=moe", "--json")
    plan = json.loads(out)["plans"][0]
    N, _, loss = lowest(law, 1e22, lambda C, N: C / (6 * N))
    assert plan["N"]["value"] == pytest.approx(N, rel=1e-4) and plan["loss"]["value"] == pytest.approx(loss, rel=1e-9)


def test_without_resamples_there_are_no_intervals(laws, capsys):
    """The file of --bootstrap none plans without ends, and says why."""
    code, out, _ = said(capsys, "plan", str(laws / "bare" / "law.json"), "1e23")
    assert code == 0 and "no resamples in the file, so no intervals" in out and "80% from" not in out


@pytest.mark.parametrize(
    ("words", "code", "heard"),
    [
        (["1e22", "--given", "K=4"], 0, ""),
        (["1e26", "--given", "K=4"], 0, "warning: 1e26 FLOP is 8.33e+03 times the largest run"),
        (["1e30", "--given", "K=4"], 1, "not to be trusted: 1e30 FLOP is 8.33e+07 times"),
        (["1e22", "--given", "K=4000"], 0, "warning: K = 4000 is 250 times the largest seen"),
        (["1e22", "--given", "K=4e6"], 1, "not to be trusted: K = 4e6 is 2.5e+05 times the largest seen"),
        (["1e22", "--given", "K=4", "--cost", "N * D"], 0, ""),
        (["1e30", "--given", "K=4", "--cost", "N * D"], 1, "not to be trusted: N = "),
    ],
)
def test_the_distance_from_the_runs_is_said_of_every_variable(words, code, heard, laws, capsys):
    """Compute, what is chosen and what is given are each compared with what was seen."""
    got, _, err = said(capsys, "plan", str(laws / "three" / "law.json"), *words)
    assert got == code and ((heard in err and err.count("\n") == 1) if heard else err == "")


def test_a_published_law_takes_another_cost(capsys):
    """Without runs the split under a cost has no interval, and is the library's."""
    code, out, _ = said(capsys, "plan", "besiroglu2024", "1e23", "--given", "N=7B", "--json")
    plan = json.loads(out)["plans"][0]
    law = sl.published["besiroglu2024"]
    assert code == 0 and plan["D"] == {"value": pytest.approx(1e23 / 4.2e10), "low": None, "high": None}
    assert plan["loss"]["value"] == pytest.approx(float(law(7e9, 1e23 / 4.2e10)))


def test_the_next_command_that_fit_names_can_be_run(here, capsys):
    """What is printed as next plans without an error: variables and families are given in it."""
    for words in (["runs.csv", "--form", FORM], ["two.csv", "--form", TWO, "--by", "architecture"]):
        _, out, _ = said(capsys, "fit", *words, "--resamples", "30")
        assert main(out.partition("next: python -m scalinglib ")[2].split()) == 0


# ---- forms -----------------------------------------------------------------------------------------------


def test_forms_lists_every_entry_with_formula_variables_and_source(capsys):
    """Each name of sl.forms stands there with what is needed to choose."""
    code, out, _ = said(capsys, "forms")
    assert code == 0
    for name in sl.forms.names():
        form = sl.forms[name]
        for words in (f"{name}({', '.join(form.variables)})", form.formula(), form.source):
            assert " ".join(words.split()) in out


def test_one_entry_is_printed_whole(capsys):
    """Meaning of the variables, source, confirmation, note and all printed constants in full, of every entry."""
    for name in sl.forms.names():
        form = sl.forms[name]
        code, out, _ = said(capsys, "forms", name)
        words = [form.y, form.source, form.confirmed, form.note, *form.variables.values()]
        assert code == 0 and all(" ".join(each.split()) in out for each in words)
        for label, constants in form.printed.items():
            assert label in out
            for constant, value in constants.items():
                assert any(float(text) == value for text in re.findall(rf"\b{constant} (-?\d[\d.e+-]*)", out))
    code, _, err = said(capsys, "forms", "chinchila")
    assert code == 2 and "did you mean 'chinchilla'?" in err and err.count("\n") == 1


# ---- laws of one variable --------------------------------------------------------------------------------


@pytest.fixture
def sizes(here):
    """Five sizes of model with their losses, as many papers print them, and an accuracy that rises with compute."""
    table = {"n_params": [1.5e6, 4.2e6, 1.4e7, 3.6e7, 9.2e7], "val_loss": [1.214, 1.103, 1.041, 1.006, 0.987]}
    pd.DataFrame(table).to_csv("sizes.csv", index=False)
    x = np.geomspace(1e7, 1e10, 14)
    y = (0.9 - 0.8 * (x / 1e7) ** -0.3) * np.exp(0.01 * np.random.default_rng(0).standard_normal(14))
    pd.DataFrame({"compute": x, "accuracy": y}).to_csv("rises.csv", index=False)
    return here


def test_the_readme_s_commands_on_one_variable_run_as_printed(sizes, capsys):
    """`--x` and `--y` alone fit a power law with a floor; its plan is read off at x; compare has enough to fit."""
    text = (Path(__file__).parent.parent / "README.md").read_text()
    lines = re.findall(r"^    python -m scalinglib (.*sizes[./].*)$", text, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        code, out, err = said(capsys, *shlex.split(line, comments=True))
        assert code == 0 and out, (line, err)
    runs = pd.read_csv("sizes.csv")
    fit = sl.fit("power-law-with-floor", runs, y="val_loss", columns={"x": "n_params"})
    written = json.loads(Path("sizes/law.json").read_text())["law"]
    assert written["y"] == "val_loss"
    assert written["constants"] == pytest.approx(fit.constants, rel=1e-9)
    found = json.loads(said(capsys, "plan", "sizes/law.json", "1e9", "--json")[1])["plans"][0]["val_loss"]
    assert found["value"] == pytest.approx(float(fit.law(x=1e9)), rel=1e-9)
    assert found["low"] < found["value"] < found["high"]


def test_a_plan_of_one_variable_is_the_law_there_with_the_interval_of_its_resamples(sizes, capsys):
    """A law that rises is read off at x, too, with its own name; what there is to choose elsewhere is refused."""
    form = ["--form", "ceiling - a / x**b"]
    code, out, _ = said(capsys, "fit", "rises.csv", *form, "--x", "compute", "--y", "accuracy", "--out", "up")
    assert code == 0 and "next: python -m scalinglib plan" in out
    code, out, _ = said(capsys, "plan", "up/law.json", "1e11", "--json")
    found = json.loads(out)["plans"][0]["accuracy"]
    assert code == 0 and found["value"] == pytest.approx(0.9 - 0.8 * 1e4**-0.3, abs=0.02)
    law = lawfile.read_law("up/law.json")
    sure = law.bootstrap.predict(x=1e11, level=0.8)
    assert (found["low"], found["high"]) == pytest.approx((float(sure.low), float(sure.high)), rel=1e-12)
    code, _, err = said(capsys, "plan", "up/law.json", "1e11", "--over", "x")
    assert code == 2 and "the law has x alone" in err


def test_a_law_that_falls_on_a_metric_that_rises_names_the_law_that_rises(sizes, capsys):
    """`fit --x --y` of an accuracy says that its law falls, names one that rises, and is not to be trusted."""
    code, _, err = said(capsys, "fit", "rises.csv", "--x", "compute", "--y", "accuracy")
    assert code == 1 and "accuracy rises with x" in err and "ceiling - a / x**b" in err


# ---- the README ------------------------------------------------------------------------------------------


def test_the_readme_s_commands_run_as_printed(here, capsys):
    """Each line of the README about forms ends well on a table with the columns that it names."""
    runs = study()
    runs["loss"] += np.where(runs.lab == "one", 0.0, 1.0 / runs.N**0.2)
    runs.rename(columns={"lab": "architecture"}).to_csv("runs.csv", index=False)
    text = (Path(__file__).parent.parent / "README.md").read_text()
    lines = re.findall(r"^    python -m scalinglib ((?:forms|.*--form|.*--cost).*)$", text, re.MULTILINE)
    assert len(lines) == 5
    for line in lines:
        code, out, err = said(capsys, *shlex.split(line, comments=True))
        # a law that leaves out the column the losses depend on is fitted, and doubted
        assert out and (code == 0 or re.search("residuals split by column '(architecture|K)'$", err)), (line, err)


# ---- errors a beginner makes -----------------------------------------------------------------------------

ERRORS = {
    "no operator": (["--form", "E + A N"], "form: 'N' cannot follow a value; write * between factors (behind 'E + A')"),
    "no such name": (["--form", "chinchila"], "did you mean 'chinchilla'?"),
    "an open bracket": (["--form", "E + log(N"], "a bracket is not closed"),
    "a call of Python": (["--form", "__import__('os')"], "is not allowed"),
    "nothing": (["--form", ""], "form must be a text such as"),
    "no columns": (["--form", "E + A / x**alpha"], "no name of the form is a column: it has E, A, x, alpha"),
    "a column less": (["--form", "krajewski2024"], "no column for G; name it with --column G=COLUMN"),
    "no N": (["--form", TWO, "--N", "nn"], "no column 'nn' for --N"),
    "x of none": (["--form", TWO, "--x", "nn"], "--x names the column of x, and the form has no x"),
    "no such x": (["--x", "size"], "no column 'size' for --x"),
    "fix of none": (["--form", TWO, "--fix", "gamma=1"], "--fix names 'gamma', which is no constant of the form"),
    "fix of a column": (["--form", TWO, "--fix", "N=1"], "--fix names 'N', which is a variable; constants are E"),
    "fix without a number": (["--form", TWO, "--fix", "E"], "'E' is not a constant and a number, such as E=1.69"),
    "fix twice": (["--form", TWO, "--fix", "E=1", "--fix", "E=2"], "--fix names E twice"),
    "tie to none": (["--form", TWO, "--tie", "beta=alfa"], "--tie beta names 'alfa', which is no constant"),
    "tie in a circle": (["--form", TWO, "--tie", "beta=alpha", "--tie", "alpha=beta"], "--tie goes in a circle"),
    "tied and fixed": (["--form", TWO, "--tie", "beta=alpha", "--fix", "beta=1"], "--fix names 'beta', which is no"),
    "a bound of one number": (["--form", TWO, "--bound", "alpha=1"], "is not a constant and its range, such as"),
    "a bound upside down": (["--form", TWO, "--bound", "alpha=1:0"], "is not a constant and its range"),
    "a prior without sd": (["--form", TWO, "--prior", "alpha=0.3"], "is not a constant with mean and sd"),
    "start in words": (["--form", TWO, "--start", "alpha=low"], "is not a constant and a number"),
    "no such family": (["--form", TWO, "--by", "arch"], "no column 'arch' for --by"),
    "shared alone": (["--form", TWO, "--shared", "E"], "--shared goes with --by"),
    "shared of none": (["--form", TWO, "--by", "lab", "--shared", "Q"], "--shared names 'Q', which is no constant"),
    "no such weights": (["--form", TWO, "--weights", "ww"], "no column 'ww' for --weights; there are"),
    "no such noise": (["--form", TWO, "--noise", "sdd"], "no column 'sdd' for --noise; there are 'sd'"),
    "scale of none": (["--form", TWO, "--scale", "Q=3"], "--scale names 'Q'; the columns in use are N, D, loss"),
    "y and loss": (["--form", TWO, "--y", "sd", "--loss", "loss"], "--loss and --loss-unit are about a loss"),
    "a column of none": (["--form", TWO, "--column", "Q=K"], "--column names 'Q', which is no name of the form"),
    "two meanings": (["--form", TWO, "--column", "E=N"], "column 'N' cannot be both E and N"),
    "all fixed": (["--form", "a * N", "--fix", "a=1"], "nothing is left to fit"),
    "a budget": (["--form", TWO, "--budget", "1e24"], "--budget goes without --form"),
    "fix without form": (["--fix", "E=1.69"], "--fix goes with --form; --form chinchilla is the law"),
    "by without form": (["--by", "lab"], "--by goes with --form"),
    "scale without form": (["--scale", "K=3"], "--scale names 'K', and not one of N, D, C, loss"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "message"), ERRORS.values(), ids=ERRORS)
def test_errors_are_one_line_with_code_two(words, message, here, capsys):
    """Each wrong word gives one line that names it and what is allowed, and nothing is written."""
    code, out, err = said(capsys, "fit", "runs.csv", *words)
    assert (code, out) == (2, "") and err.startswith("scalinglib: ") and err.count("\n") == 1
    assert message in err
    assert sorted(os.listdir(here)) == ["runs.csv", "two.csv"]


PLANS = {
    "a variable less": ([], "the law has K: give it as --given K=NUMBER, or choose it with --over"),
    "a name of the cost": (["--given", "K=4", "--cost", "6 * N * D + q"], "the cost has q: give it as --given q"),
    "no cost": (["--given", "K=4", "--cost", "6 * N * D +"], "cost: the text ends too early"),
    "a cost of nothing": (["--given", "K=4", "--cost", "6"], "cost: '6' has no name in it"),
    "given in words": (["--given", "K=many"], "--given K: 'many' is not a number"),
    "given twice": (["--given", "K=4", "--given", "K=5"], "--given names K twice"),
    "given to none": (["--given", "K=4", "--given", "Q=5"], "given names 'Q', which neither the law nor the cost has"),
    "a bound of none": (["--given", "K=4", "--bound", "Q=1:2"], "bounds names 'Q'; over has N, D"),
    "N beside a form": (["--given", "K=4", "--N", "7B"], "--N goes with C = 6 N D alone; say --given N=7e9 --over D"),
    "all given": (["--given", "K=4", "--given", "N=1", "--given", "D=1"], "names no variable that is not given"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "message"), PLANS.values(), ids=PLANS)
def test_errors_of_a_plan_are_one_line_with_code_two(words, message, laws, capsys):
    """What the law or the cost has must be given or chosen, and what is said must be of them."""
    code, out, err = said(capsys, "plan", str(laws / "three" / "law.json"), "1e23", *words)
    assert (code, out) == (2, "") and err.count("\n") == 1 and message in err


# ---- compare ---------------------------------------------------------------------------------------------


def test_compare_takes_texts_names_and_columns_of_one_s_own(here, capsys, monkeypatch):
    """On runs of a known law of three variables the scores are the library's, and the true form wins."""
    monkeypatch.setenv("COLUMNS", "80")  # the width that the library wraps to
    forms = [FORM, "Chinchilla", "gadre2024"]
    words = [
        "compare",
        "runs.csv",
        "--largest",
        "20",
        "--group",
        "site",
        *(w for form in forms for w in ("--form", form)),
    ]
    code, out, _ = said(capsys, *words)
    runs = study()
    expected = sl.compare_forms(runs, forms=forms, largest=20, groups="site")
    assert code == 0 and expected.best == FORM and out.endswith(" ".join(expected.report().split()))
    answer = json.loads(said(capsys, *words, "--json")[1])
    assert answer["best"] == FORM
    assert [row["rms"] for row in answer["scores"]] == pytest.approx(expected.scores["rms"].tolist(), rel=1e-9)


def test_compare_orders_runs_by_any_column_and_gives_any_column(here, capsys):
    """--by is a column or a formula of columns, --y what the forms give."""
    runs = study()
    runs.assign(error=runs.loss - 1.0, age=runs.N + runs.D).to_csv("aged.csv", index=False)
    words = ["compare", "aged.csv", "--y", "error", "--form", "c + A / N**a", "--form", "c + B / D**b", "--json"]
    for size in ("age", "N + D"):
        code, out, _ = said(capsys, *words, "--by", size)
        table = runs.assign(error=runs.loss - 1.0)
        expected = sl.compare_forms(table, y="error", forms=["c + A / N**a", "c + B / D**b"], scale="N + D")
        scores = {row["form"]: row["rms"] for row in json.loads(out)["scores"]}
        assert code == 0 and scores == pytest.approx(dict(zip(expected.scores.form, expected.scores.rms, strict=True)))


COMPARED = {
    "no operator": (["--form", "E + A N"], "form: 'N' cannot follow a value"),
    "no such name": (["--form", "cubic"], "forms must be one of 'Chinchilla', "),
    "a column less": (["--form", "krajewski2024"], "no column for G; name it with --column G=COLUMN"),
    "no such size": (["--form", TWO, "--by", "Q"], "no column for Q; name it with --column Q=COLUMN"),
    "y alone": (["--y", "loss"], "--x and --y go together: name both columns"),
}


@pytest.mark.parametrize(("words", "message"), COMPARED.values(), ids=COMPARED)
def test_errors_of_a_comparison_are_one_line_with_code_two(words, message, here, capsys):
    """What cannot be compared is named, and no score is printed."""
    code, out, err = said(capsys, "compare", "runs.csv", *words)
    assert (code, out) == (2, "") and message in err.splitlines()[-1]
    assert all(line.startswith("scalinglib: note: ") for line in err.splitlines()[:-1])
