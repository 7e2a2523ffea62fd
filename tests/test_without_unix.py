"""Windows: what a student imports and calls there needs no module that only Unix has."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# None in sys.modules makes an import fail as on a system without the module.
TRIAL = """
import sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog", "readline"):
    sys.modules[name] = None
import os
for name in ("fork", "getuid", "geteuid", "setuid", "setsid", "killpg", "wait3", "wait4", "setrlimit"):
    if hasattr(os, name):
        delattr(os, name)
folder = sys.argv[1]
import importlib
import pkgutil
import scalinglib as sl
for module in pkgutil.walk_packages(sl.__path__, "scalinglib."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
work = sl.classroom.open_assignment(folder)
print(work.answer("exponent", sl.fit_power_law(work.data.compute, work.data.loss).law.exponent))
fit = sl.fit_power_law(work.data.compute, work.data.loss)
print(fit.report())
import runpy
sys.argv = ["scalinglib", "plan", "besiroglu2024", "1e24"]
runpy.run_module("scalinglib", run_name="__main__")
"""


def test_a_students_way_needs_nothing_of_unix(tmp_path):
    """Every module of the library is imported, an assignment is answered and a plan made, without Unix's modules."""
    from scalinglib import classroom

    for name, content in classroom.student_copy(classroom.read_source(ROOT / "assignments/power-laws")).items():
        (tmp_path / name).write_bytes(content)
    result = subprocess.run([sys.executable, "-c", TRIAL, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "On the practice table: right." in result.stdout
    assert (tmp_path / "power-laws-practice.answers.json").is_file()
