"""Tests of what plan refuses and warns of: edited law files, and budgets and sizes far from the runs."""

import json
import os

import numpy as np
import pytest

import scalinglib as sl
from scalinglib.command import folder, lawfile, main

TRUTH = sl.published["besiroglu2024"]


def said(capsys, *arguments):
    """Exit code, standard output in one line and standard error of a command."""
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, " ".join(out.split()), err


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with two laws of the same 36 runs, 1e19 to 1e22 FLOP, with resamples and without."""
    place = tmp_path_factory.mktemp("laws")
    C, shift = map(np.ravel, np.meshgrid(np.geomspace(1e19, 1e22, 6), np.geomspace(0.3, 3, 6)))
    N = TRUTH.optimum(C).N * shift
    D = C / (6 * N)
    loss = TRUTH(N, D) * np.exp(0.003 * np.random.default_rng(0).standard_normal(36))
    np.savetxt(place / "runs.csv", np.stack([N, D, loss], axis=1), delimiter=",", header="N,D,loss", comments="")
    for name, options in {"law": ["--resamples", "100"], "bare": ["--bootstrap", "none"]}.items():
        assert main(["fit", str(place / "runs.csv"), "--out", str(place / name), *options]) == 0
    return place


def changed(content, path, value):
    """The JSON with one field set."""
    content = json.loads(json.dumps(content))
    *parents, last = path
    inner = content
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return content


EDITS = {
    "another constant": (("law", "alpha"), 0.9, "alpha = 0.9 lies far from its resamples, 0.3"),
    "another floor": (("law", "E"), 4.0, "lies far from its resamples"),
    "a true constant": (("law", "E"), True, "law: E must be a finite number"),
    "a constant without end": (("law", "B"), float("inf"), "law: B must be a finite number; got 'inf'"),
    "another form": (("law", "form"), "L = a*x", "law: form must be 'E + A / N**alpha + B / D**beta'"),
    "another unit": (("loss",), "bits per token", "loss must be one of nats per token, bits per byte"),
    "a count in words": (("runs", "count"), "many", "runs: count must be a whole number"),
    "half a run": (("runs", "count"), 36.5, "runs: count must be a whole number"),
    "runs of another size": (("runs", "C"), [1e3, 1e25], "runs: C is not 6 N D"),
    "losses of others": (("runs", "loss"), [30.0, 40.0], "where the runs had 30 to 40"),
    "a range of one": (("runs", "N"), [1e8], "runs: N must be two numbers"),
    "a range upside down": (("runs", "D"), [2e9, 1e9], "the smaller first"),
    "no range": (("runs", "N"), [1e8, float("nan")], "runs: N must be a finite number"),
    "doubts in a word": (("doubts",), "oops", "doubts must be a list of sentences"),
    "doubts in numbers": (("doubts",), [1], "doubts must be text"),
    "an unknown objective": (("fit", "objective"), "guess", "fit: objective must be one of huber"),
    "an unknown method": (("resamples", "method"), "guess", "resamples: method must be one of runs"),
    "a list for a method": (("resamples", "method"), [], "resamples: method must be one of runs"),
    "a share above one": (("resamples", "converged"), 1.5, "must be a share between 0 and 1"),
    "groups of nobody": (("resamples", "groups"), 37, "there are more groups than the 36 runs"),
    "other runs": (("resamples", "runs"), 35, "resamples: runs must be the count of the runs, 36; got '35'"),
    "a seed of text": (("resamples", "seed"), "0", "resamples: seed must be a whole number"),
    "negative exponents": (
        ("resamples", "alpha"),
        [-0.3] * 100,
        "resamples: alpha must be above zero; rows 0, 1, 2, 3, 4",
    ),
    "a negative floor": (("resamples", "E"), [-1.0] * 100, "resamples: E must be not negative"),
    "one column short": (("resamples", "A"), [400.0] * 99, "count is 100 and A has 99 entries"),
    "a scatter of text": (("resamples", "scatter"), "0.1", "scatter"),
    "a caution of numbers": (("resamples", "caution"), 3, "resamples: caution must be text"),
}


@pytest.mark.parametrize(("path", "value", "message"), EDITS.values(), ids=EDITS)
def test_an_edited_law_file_is_refused(path, value, message, place, tmp_path, capsys):
    """No number is planned with that does not belong to the rest of the file: one line, code 3, no output."""
    edited = changed(json.loads((place / "law" / "law.json").read_text()), path, value)
    (tmp_path / "law.json").write_text(json.dumps(edited))
    code, out, err = said(capsys, "plan", str(tmp_path / "law.json"), "1e23")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1 and "law.json is damaged: " in err and message in err


def test_any_field_of_any_kind_is_a_plan_or_one_line(place, tmp_path, capsys):
    """Each field in turn set to null, a word, a list or a huge number: never a traceback."""
    content = json.loads((place / "law" / "law.json").read_text())
    parts = [name for name, part in content.items() if isinstance(part, dict)]
    paths = [(name,) for name in content] + [(part, name) for part in parts for name in content[part]]
    law, codes = tmp_path / "law.json", set()
    for path in paths:
        for value in (None, "word", [None], 10**400):
            law.write_text(json.dumps(changed(content, path, value)))
            code, out, err = said(capsys, "plan", str(law), "1e23")
            codes.add(code)
            assert all(line.startswith("scalinglib: ") for line in err.splitlines())
            assert (code == 3 and out == "" and err.count("\n") == 1) if code > 1 else out, (path, value)
    assert codes == {0, 3}  # what plan does not use may be anything


def test_without_resamples_the_law_is_compared_with_the_losses(place, tmp_path, capsys):
    """A law that gives twice the losses of its runs is not theirs."""
    content = json.loads((place / "bare" / "law.json").read_text())
    (tmp_path / "law.json").write_text(json.dumps(changed(content, ("law", "E"), 20.0)))
    code, _, err = said(capsys, "plan", str(tmp_path / "law.json"), "1e23")
    assert code == 3 and "the law gives losses" in err and "the file was edited" in err


def test_a_file_without_the_count_of_resampled_runs_is_read(place, tmp_path, capsys):
    """A law file from before that field has as many as the fit had, and plans the same."""
    content = json.loads((place / "law" / "law.json").read_text())
    for name in ("runs", "groups"):
        del content["resamples"][name]
    (tmp_path / "law.json").write_text(json.dumps(content))
    found = lawfile.read_law(str(tmp_path / "law.json")).bootstrap
    assert (found.runs, found.groups) == (36, 36)
    folders = (tmp_path, place / "law")
    answers = [said(capsys, "plan", str(where / "law.json"), "1e23")[1] for where in folders]
    assert answers[0].partition("C = ")[2] == answers[1].partition("C = ")[2]


def test_laws_of_open_constants_are_read_back(tmp_path, monkeypatch):
    """Where runs leave constants open, these may lie far from their resamples: no file was edited."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    for case in range(4):
        N = 10 ** rng.uniform(7, 9, 8)
        D = 20 * N if case % 2 else 10 ** rng.uniform(9, 11, 8)
        loss = TRUTH(N, D) * np.exp(0.1 * rng.standard_normal(8))
        rows = "\n".join(
            f"{n!r},{d!r},{each!r}" for n, d, each in zip(N.tolist(), D.tolist(), loss.tolist(), strict=True)
        )
        (tmp_path / "t.csv").write_text(f"N,D,loss\n{rows}\n")
        code = main(["fit", "t.csv", "--out", f"o{case}", "--resamples", "20"])
        found = lawfile.read_law(f"o{case}/law.json")
        assert code in (0, 1) and len(found.bootstrap.samples) == 20


# ---- far from the runs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "where", "heard"),
    [
        (["1e22"], 0, "C = 1e22 FLOP, within the compute of the runs", ""),
        (["1e24"], 0, "100 times the largest run", ""),
        (["1e26"], 0, "1e+04 times the largest run", "warning: 1e26 FLOP is 1e+04 times the largest"),
        (["2e28"], 1, "2e+06 times the largest run", "not to be trusted: 2e28 FLOP is 2e+06 times"),
        (["1e18"], 0, "10 times below the smallest run", ""),
        (["1e16"], 0, "1e+03 times below the smallest run", "warning: 1e16 FLOP is 1e+03 times below"),
        (["1e10"], 1, "1e+09 times below the smallest run", "not to be trusted: 1e10 FLOP is 1e+09 times"),
        (["1e22", "--N", "5e9"], 0, "with N = 5e9", ""),
        (["1e22", "--N", "1e9"], 0, "outside the runs: D ", ""),
        (["1e24", "--N", "1e12"], 0, "outside the runs: N ", "warning: N = 1e12 is "),
        (["1e24", "--N", "1e18"], 1, "times the largest seen, D ", "not to be trusted: N = 1e18 is "),
    ],
)
def test_the_distance_from_the_runs_is_said_on_both_sides(words, code, where, heard, place, capsys):
    """Below the runs as beyond them; over 1e6 times in C, or 1000 in N or D, no answer is to be trusted."""
    got, out, err = said(capsys, "plan", str(place / "law" / "law.json"), *words)
    assert got == code and where in out
    assert (heard in err and err.count("\n") == 1) if heard else err == ""
    assert ("outside the runs" in out) == ("outside" in where or "seen" in where)
    got, out, _ = said(capsys, "plan", str(place / "law" / "law.json"), *words, "--json")
    answer = json.loads(out)["plans"][0]
    assert got == code and bool(answer["not_to_be_trusted"]) == (code == 1)
    assert bool(answer["warning"]) == heard.startswith("warning")


def test_how_far_a_size_lies_outside_is_its_ratio_to_the_runs(place, capsys):
    """At N = 1e12 the ratio to the largest model of the table is what is printed."""
    largest = np.loadtxt(place / "runs.csv", delimiter=",", skiprows=1)[:, 0].max()
    _, out, _ = said(capsys, "plan", str(place / "law" / "law.json"), "1e24", "--N", "1e12")
    assert f"N {1e12 / largest:.3g} times the largest seen" in out


def test_without_intervals_no_warning_speaks_of_one(place, capsys):
    """A law without resamples is untested far out all the same, and it says no more than that."""
    code, _, err = said(capsys, "plan", str(place / "bare" / "law.json"), "1e26")
    assert code == 0 and err.endswith("times the largest run: no run has tested the law there\n")


def test_a_budget_of_a_fit_is_weighed_like_that_of_a_plan(place, tmp_path, capsys):
    """fit --budget far out is code 1 too; the law itself is not doubted for it."""
    table, out = str(place / "runs.csv"), str(tmp_path / "far")
    code, printed, err = said(capsys, "fit", table, "--bootstrap", "none", "--out", out, "--budget", "1e30")
    assert code == 1 and err.startswith("scalinglib: not to be trusted: 1e30 FLOP is 1e+08 times the largest")
    assert "At C = 1e30 FLOP, 1e+08 times the largest run (too far to rely on):" in printed
    assert lawfile.read_law(f"{out}/law.json").doubts == ()
    assert "too far to rely on" in (tmp_path / "far" / "report.html").read_text()


@pytest.mark.parametrize(
    ("law", "budget", "code"),
    [("besiroglu2024", "100", 1), ("hoffmann2022", "1e30", 1), ("besiroglu2024", "5.76e23", 0)],
)
def test_a_published_law_knows_the_range_of_its_runs(law, budget, code, capsys):
    """Half a parameter, and 1e30 FLOP, are no plans: code 1 and the distance; Gopher's budget is within reach."""
    got, out, err = said(capsys, "plan", law, budget)
    low, high = sl.published.seen(law)["C"]
    times = max(float(budget) / high, low / float(budget))
    assert got == code and f"{times:.3g} times" in out and (("not to be trusted" in err) == (code == 1))
    assert said(capsys, "plan", law, budget, "--cost", "6 * N * D")[0] == code


def test_only_laws_that_plan_takes_are_offered(capsys):
    """Each published law that a refusal names can be planned with; Kaplan's is refused and not named."""
    for asked in ("kaplan2020", "nonsense"):
        code, _, err = said(capsys, "plan", asked, "3.14e23")
        offered = err.strip().rpartition(": ")[2].split(", ")
        assert code in (2, 3) and "besiroglu2024" in offered and not any("kaplan" in name for name in offered)
    assert all(said(capsys, "plan", name, "1e22")[0] == 0 for name in offered)


# ---- small words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1e23 FLOP", "1e23FLOPs", "10^23 flops"])
def test_a_budget_may_name_its_unit(text, place, capsys):
    """FLOP behind a budget changes nothing."""
    law = str(place / "law" / "law.json")
    assert said(capsys, "plan", law, text) == said(capsys, "plan", law, "1e23")


def test_a_folder_or_a_missing_file_is_named(place, capsys, monkeypatch):
    """Given the folder of a fit, plan says which file it wants; a file that is not there is named."""
    monkeypatch.chdir(place)
    code, _, err = said(capsys, "plan", "law", "1e23")
    assert code == 3 and err == f"scalinglib: law: Is a directory; say {os.path.join('law', 'law.json')}\n"
    code, _, err = said(capsys, "plan", "nofile.json", "1e23")
    assert code == 3 and err.startswith("scalinglib: 'nofile.json': No such file or directory; it is no")


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(tmp_path, monkeypatch):
    """The name of the draft that is written first appears in no message."""

    def refusing(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    target = folder.Folder(tmp_path / "law", ("a",))
    monkeypatch.setattr(folder.Path, "write_bytes", refusing)
    with pytest.raises(PermissionError) as caught:
        target.write({"a": b"1"})
    assert caught.value.filename == str(tmp_path / "law" / "a")


def test_checkpoints_are_weighed_by_the_run(place, tmp_path, monkeypatch, capsys):
    """With --group the audit leaves out runs: a bad run of four rows is the first that is named."""
    monkeypatch.chdir(tmp_path)
    N, D, loss = np.loadtxt(place / "runs.csv", delimiter=",", skiprows=1).T
    loss[35] *= 1.2  # the largest
    lines = ["N,D,loss,run"]
    for share in (0.7, 0.8, 0.9, 1.0):
        part = TRUTH(N, share * D) / TRUTH(N, D)
        lines += [
            f"{n!r},{share * d!r},{each!r},run-{row:02}"
            for row, (n, d, each) in enumerate(zip(*(z.tolist() for z in (N, D, loss * part)), strict=True))
        ]
    (tmp_path / "many.csv").write_text("\n".join(lines) + "\n")
    options = ["--group", "run", "--bootstrap", "none", "--objective", "log_least_squares"]
    code, out, _ = said(capsys, "fit", "many.csv", *options)
    assert code == 0
    assert "of 36 groups (run-35" in out and "moves N_opt most by itself is group run-35" in out
    page = (tmp_path / "many-law" / "report.html").read_text()
    assert "of 36 groups (run-35" in page
