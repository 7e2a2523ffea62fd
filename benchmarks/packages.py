"""Packages: fits by other packages from PyPI, each in an environment of its own that can be thrown away."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["PACKAGES", "Absent", "environment", "measure"]

HERE = Path(__file__).parent
FOLDER = HERE.parent / "_build" / "benchmarks"  # ignored by git and by the book, removed by make clean
# name on PyPI: the oldest Python it takes
PACKAGES = {"chinchilla": (3, 11), "simple-scaling-laws": (3, 12)}


class Absent(Exception):
    """A package cannot be had here; the message says why."""


def _interpreter(oldest):
    """A Python that is at least `oldest` and runs: this one, one on the path, or one of pyenv's."""
    if sys.version_info[:2] >= oldest:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(oldest[1], 15)]
    there = [found for name in names if (found := shutil.which(name))]
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    there += [found for name in names for found in sorted(glob.glob(f"{pyenv}/versions/*/bin/{name}"))]
    for found in there:
        # pyenv puts names on the path that do not run
        if subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    raise Absent(f"no Python {oldest[0]}.{oldest[1]} or newer here")


def environment(name):
    """Return the interpreter of the environment that has package `name`, made on the first call."""
    folder = FOLDER / name
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        subprocess.run([_interpreter(PACKAGES[name]), "-m", "venv", "--clear", str(folder)], check=True)
        # the course's pins without their hashes, which pip would then ask of the package, too
        pins = re.findall(r"^[\w.-]+==[^\\\n]+", (HERE.parent / "constraints.txt").read_text(), re.MULTILINE)
        (folder / "pins.txt").write_text("\n".join(pins))
        words = ["install", "-q", "-r", str(HERE / "elsewhere" / f"{name}.txt"), "-c", str(folder / "pins.txt")]
        ran = subprocess.run([str(python), "-m", "pip", *words], capture_output=True, text=True)
        if ran.returncode != 0:
            reason = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            raise Absent(f"{name} could not be installed: {reason[-1]}")
        done.touch()
    return python


def measure(name, asked):
    """What the script for `name` prints when it is given `asked`: its version, CPU seconds and constants."""
    script = HERE / "elsewhere" / f"{name.replace('-', '_')}_fit.py"
    ran = subprocess.run([environment(name), script], input=json.dumps(asked), capture_output=True, text=True)
    if ran.returncode != 0:
        raise Absent(f"{name} failed: {ran.stderr.strip().splitlines()[-1]}")
    return json.loads(ran.stdout)
