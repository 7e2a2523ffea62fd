"""The environment that every command starts with: made once, mended, and plain about what is missing."""

import ast
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from _sphinx.tools import environment

ROOT = Path(__file__).resolve().parent.parent

# A build backend of a few lines: lets pip install a package with neither an index nor hatchling.
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    facts = {
        "METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n",
        "WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "")
        for key, text in facts.items():
            wheel.writestr(f"tiny-1.dist-info/{key}", text)
    return name
"""


def project(folder, pins):
    """Make a tiny project with the real script in it; return the script's path."""
    (folder / "_sphinx/tools").mkdir(parents=True)
    script = folder / "_sphinx/tools/environment.py"
    shutil.copy(ROOT / "_sphinx/tools/environment.py", script)
    (folder / "requirements.txt").write_text("")
    (folder / "constraints.txt").write_text(pins)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    return script


def run(script, **settings):
    """Run the script as make does, with no package index within reach."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    clean.update(PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    base = os.path.realpath(sys.executable)
    return subprocess.run([base, str(script)], env={**clean, **settings}, capture_output=True, text=True)


def plain(result):
    """Assert that a command failed with one line and no traceback; return the line."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == 1
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    return lines[0]


def test_made_once_then_left_alone_then_mended(tmp_path):
    """The environment is made in a folder with a space, left alone while valid, and mended when half of it is gone."""
    folder = tmp_path / "a folder"
    script = project(folder, "")
    first = run(script)
    assert first.returncode == 0, first.stdout + first.stderr
    python, stamp, log = (folder / ".venv" / part for part in ("bin/python", "stamp", "install.log"))
    assert subprocess.run([python, "-c", "import tiny"]).returncode == 0

    log.unlink()
    again = run(script)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert not log.exists()

    (folder / "constraints.txt").write_text("# other pins\n")
    assert run(script).returncode == 0
    assert log.exists()

    stamp.unlink()
    python.unlink()
    assert run(script).returncode == 0
    assert stamp.exists()
    assert subprocess.run([python, "-c", "import tiny"]).returncode == 0


@pytest.mark.parametrize("moved", [True, False], ids=["moved", "copied"])
def test_a_checkout_in_another_place_gets_an_environment_of_its_own(tmp_path, moved):
    """After a move or a copy with its .venv, its scripts start the new place's Python and import its library."""
    old, new = tmp_path / "old", tmp_path / "new"
    assert run(project(old, "")).returncode == 0
    (shutil.move if moved else functools.partial(shutil.copytree, symlinks=True))(old, new)
    done = run(new / "_sphinx/tools/environment.py")
    assert done.returncode == 0, done.stdout + done.stderr
    pip, python = new / ".venv/bin/pip", new / ".venv/bin/python"
    assert str(new) in subprocess.run([pip, "--version"], capture_output=True, text=True, check=True).stdout
    where = [python, "-c", "import tiny; print(tiny.__file__)"]
    assert str(new) in subprocess.run(where, capture_output=True, text=True, check=True).stdout


def test_a_link_to_another_environment_is_left_alone(tmp_path):
    """Where .venv is a link, what it leads to is not emptied: one line says what to do."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").write_text("kept")
    script = project(tmp_path / "p", "")
    (tmp_path / "p/.venv").symlink_to(other)
    done = run(script)
    assert done.returncode == 1 and f".venv is a link to {other}" in plain(done)
    assert [file.name for file in other.iterdir()] == ["precious"]


def test_no_command_starts_a_script_of_the_environment():
    """Make starts modules: a script of .venv/bin knows only the place where it was installed."""
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert not [line for line in recipes if ".venv/bin" in line]


def test_no_network_is_one_plain_line(tmp_path):
    """Without a package index the command says so in one line that names the log, and leaves no stamp behind."""
    script = project(tmp_path / "p", f"numpy==2.4.6 --hash=sha256:{64 * '0'}\n")
    line = plain(run(script))
    assert "package index cannot be reached" in line
    assert ".venv/install.log" in line
    assert not (tmp_path / "p" / ".venv" / "stamp").exists()
    assert "127.0.0.1" in (tmp_path / "p" / ".venv" / "install.log").read_text()


def test_missing_python_is_one_plain_line():
    """Without the interpreter make says how to get one, before anything else happens."""
    result = subprocess.run(
        ["make", "-C", str(ROOT), "book", "PYTHON=python3-that-is-not-here"],
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")}, capture_output=True, text=True,
    )  # fmt: skip
    said = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert result.returncode != 0
    assert len(said) == 1 and "Python is missing" in said[0] and "apt install python3" in said[0]


@pytest.mark.parametrize("version", [(3, 6), (3, 10, 4), (2, 7, 18)])
def test_old_python_is_refused(version, monkeypatch):
    """A Python before 3.11 is refused with what it is, what is needed and, where one is at hand, its name."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "install Python 3.11 or newer" in environment.version_fault(version)
    assert f"{version[0]}.{version[1]} is too old" in environment.version_fault(version)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "python3.12" else None)
    assert "add PYTHON=python3.12" in environment.version_fault(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 0), (3, 14, 0)])
def test_new_python_is_taken(version):
    """Every Python from 3.11 on is taken."""
    assert environment.version_fault(version) is None


def test_old_python_can_read_the_script():
    """The script's syntax is that of Python 3.6, so that an old interpreter gets as far as the refusal."""
    ast.parse((ROOT / "_sphinx/tools/environment.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("absent", ["venv", "ensurepip"])
def test_debian_without_venv(absent):
    """Where Debian left venv or ensurepip out, the line names the package to install."""
    assert "python3-venv" in environment.venv_fault(lambda name: None if name == absent else object())
    assert environment.venv_fault(lambda name: object()) is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying: [Errno -3] Temporary failure in name resolution", "index cannot be reached"),
        ("WARNING: ProxyError('Cannot connect to proxy.')", "index cannot be reached"),
        ("ERROR: Could not find a version that satisfies x==1 (from versions: none)", "index cannot be reached"),
        ("ERROR: No matching distribution found for numpy==0.0.1", "No matching distribution found for numpy==0.0.1"),
        ("  ModuleNotFoundError: No module named 'x'\n", "No module named 'x'"),
        ("", "no reason"),
    ],
)
def test_what_pip_said_becomes_one_line(words, told):
    """Whatever pip wrote, the user gets one line with the reason and the place of the log."""
    line = environment.install_fault(words, ".venv/install.log")
    assert told in line and ".venv/install.log" in line and "\n" not in line


@pytest.mark.parametrize("name", environment.INPUTS)
def test_every_input_counts(tmp_path, name):
    """A change in any input file, and only that, asks for the environment to be brought up to date."""
    for each in environment.INPUTS:
        (tmp_path / each).write_text("a\n")
    before = environment.fingerprint(tmp_path)
    assert environment.fingerprint(tmp_path) == before
    (tmp_path / name).write_text("b\n")
    assert environment.fingerprint(tmp_path) != before
