"""The study's jobs: however the study is stopped, no process of it goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAPS = """
import os, pathlib, time

def nap(folder, name):
    pathlib.Path(folder, name).touch()
    time.sleep(3600)
"""
# Two jobs for three workers: one of them waits for work.
STUDY = """
import sys
from pathlib import Path
from study.jobs import Job, Results, run

folder = sys.argv[1]
jobs = [Job(study="s", key=k, function="naps:nap", arguments={"folder": folder, "name": k}) for k in "ab"]
run(jobs, Results(Path(folder)), workers=3)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals and parents of POSIX")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT], ids=["ended", "killed", "Ctrl-C"])
def test_workers_end_with_the_study(how, tmp_path):
    """A signal to the study alone, in the middle of jobs of an hour, leaves no process of it: all let go of a pipe."""
    (tmp_path / "naps.py").write_text(NAPS, encoding="utf-8")
    (tmp_path / "go.py").write_text(STUDY, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    command = [sys.executable, str(tmp_path / "go.py"), str(tmp_path)]
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": paths},
        stderr=subprocess.PIPE,
        # A shell that starts this in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    give_up = time.monotonic() + 300
    while not all((tmp_path / name).exists() for name in "ab"):
        assert process.poll() is None and time.monotonic() < give_up, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(how)
    process.communicate(timeout=300)  # returns when no process holds the other end of its standard error any more
    assert process.returncode != 0
