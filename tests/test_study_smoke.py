"""The miniature study: the same table twice, and what a kill leaves is taken up again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

if os.environ.get("WITH_STUDY") != "1":
    pytest.importorskip("torch", reason="the study needs torch: make study-smoke installs it, WITH_STUDY=1 insists")

ROOT = Path(__file__).resolve().parent.parent
STUDIES = {
    "learning-rates", "language-model", "known-entropy", "repeated-data", "schedules",
    "schedules-again", "learning-rates-by-cell", "column-addition", "sparse-parity", "many-parities",
}  # fmt: skip


def command(folder, *words):
    return [sys.executable, "-m", "study", "--smoke", "--results", str(folder), *words]


def start(folder, *words):
    return subprocess.run(command(folder, *words), cwd=ROOT, capture_output=True, text=True, timeout=900)


def tables(folder):
    """The tables of a folder as text, without the column of seconds, which is no result."""
    found = {}
    for path in sorted((folder / "smoke").glob("*.csv")):
        found[path.stem] = pd.read_csv(path, dtype=str).drop(columns="seconds").to_csv(index=False)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A miniature study run in one go with two workers."""
    folder = tmp_path_factory.mktemp("whole")
    ended = start(folder)
    assert ended.returncode == 0, ended.stderr
    return folder


def test_every_study_has_its_miniature(whole):
    """One call makes a table of every study, none of them empty, and says where they are."""
    found = tables(whole)
    assert set(found) == STUDIES
    assert all(text.count("\n") > 2 for text in found.values())


def test_the_same_table_twice(whole, tmp_path):
    """A second run, with one worker, gives the same tables to the last byte but for the seconds."""
    ended = start(tmp_path, "--workers", "1")
    assert ended.returncode == 0, ended.stderr
    assert tables(tmp_path) == tables(whole)


def test_a_second_call_trains_nothing(whole):
    """With every result there, the command only writes the tables again: their files keep their seconds."""
    before = {p: p.read_bytes() for p in (whole / "smoke").glob("*.csv")}
    kept = {p: p.stat().st_mtime_ns for p in (whole / "smoke").rglob("*.json")}
    assert start(whole).returncode == 0
    assert {p: p.read_bytes() for p in (whole / "smoke").glob("*.csv")} == before
    assert {p: p.stat().st_mtime_ns for p in (whole / "smoke").rglob("*.json")} == kept


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_what_had_ended_is_kept(whole, tmp_path, how):
    """Stopped half-way, a study keeps whole files only; started again it finishes the rest, to the same tables."""
    process = subprocess.Popen(
        command(tmp_path),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts this in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    give_up = time.monotonic() + 300
    while len(list(tmp_path.rglob("*.json"))) < 6 and time.monotonic() < give_up:
        time.sleep(0.05)
    os.killpg(process.pid, how)
    process.communicate(timeout=300)
    kept = {p: p.read_bytes() for p in tmp_path.rglob("*.json") if not p.name.startswith(".")}
    everything = len(list(whole.rglob("*.json")))
    assert process.returncode != 0 and 6 <= len(kept) < everything
    ended = start(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert tables(tmp_path) == tables(whole)
    assert {p: p.read_bytes() for p in kept} == kept  # not trained again


def test_a_result_of_another_plan_is_not_taken(tmp_path):
    """A kept result whose arguments are no longer the plan's is made again."""
    from study.jobs import Job, Results

    job = Job(study="s", key="k", function="m:f", arguments={"rate": 0.1})
    results = Results(tmp_path)
    results.keep(job, [{"loss": 1.0}])
    assert results.rows(job) == [{"loss": 1.0}]
    assert results.rows(Job(study="s", key="k", function="m:f", arguments={"rate": 0.2})) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"fingerprint": 1}', '{"fingerprint": "FP", "rows": 3}', "\x00\x01"]
)
def test_a_damaged_result_is_named(text, tmp_path):
    """A kept result that cannot be read is named with its path and what to do; it is neither taken nor made anew."""
    from study.jobs import Job, Results

    job = Job(study="s", key="k", function="m:f", arguments={"rate": 0.1})
    results = Results(tmp_path)
    results.keep(job, [{"loss": 1.0}])
    results.path(job).write_text(text.replace("FP", job.fingerprint))
    with pytest.raises(ValueError, match=r"k\.json is damaged .* Remove it"):
        results.rows(job)


def test_an_unknown_study_is_refused():
    """A study that does not exist is named with those that do, in one line."""
    ended = start("unused", "language-modle")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1 and "language-modle" in ended.stderr and "language-model," in ended.stderr


def test_a_miniature_never_replaces_the_tables():
    """--save with --smoke is refused before anything runs: the shipped tables are measured ones."""
    ended = start("unused", "--save")
    assert ended.returncode == 2 and "--save does not go with --smoke" in ended.stderr
    assert not (ROOT / "unused").exists()


def test_every_study_has_a_card():
    """A card stands ready for the table of every plan, those for a GPU included, with its columns in its order."""
    import json

    from study.plans import PLANS

    for name, plan in PLANS.items():
        card = json.loads((ROOT / "study" / "cards" / f"{name}.json").read_text(encoding="utf-8"))
        assert list(card["columns"]) == list(card["units"]) == list(plan.COLUMNS)
