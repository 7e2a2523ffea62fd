"""Tests of published data: skipped and counted where a table cannot be had, failed where it must be there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent

TESTS = '''
import pytest

def test_plain():
    """Needs nothing."""

@pytest.mark.published_data("here")
def test_here():
    """Its table can be had."""

@pytest.mark.published_data("absent")
def test_absent():
    """Its table cannot be had."""
    assert False, "must not run"

@pytest.mark.published_data("here")
def test_gives_up():
    """Skips itself although its table can be had."""
    pytest.skip("not today")
'''


@pytest.fixture
def project(tmp_path):
    """A project with this project's conftest.py, a library that has one table of two,
    and a notebook that loads the other.
    """
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "scalinglib").mkdir()
    (tmp_path / "scalinglib" / "__init__.py").write_text("")
    (tmp_path / "scalinglib" / "runs.py").write_text("def available(name):\n    return name == 'here'\n")
    (tmp_path / "test_tables.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = published_data(name): x\naddopts = --strict-markers\n")
    cells = [nbformat.v4.new_code_cell("import os", id="a"), nbformat.v4.new_code_cell("runs.load('absent')", id="b")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "reads.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=cells[:1]), tmp_path / "plain.ipynb")
    return tmp_path


def outcome(project, **settings):
    """Run the project's tests as `make test` does; return exit code and words."""
    words = ["-n", "2", "--dist", "loadfile", "-q", "-rsfE", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    clean = {k: v for k, v in os.environ.items() if k != "SCALINGLIB_DATA" and not k.startswith("PYTEST")}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=project, env={**clean, **settings}, capture_output=True, text=True
    )
    return result.returncode, result.stdout


def test_absent_table_is_skipped_with_a_reason_and_counted(project):
    """Without SCALINGLIB_DATA, tests and whole notebooks that need an absent table are skipped, named and counted."""
    code, words = outcome(project)
    assert code == 0, words
    assert "3 passed, 4 skipped" in words
    assert "published data not to be had here: absent" in words
    assert "published data: 3 skipped for want of absent" in words


def test_a_skip_is_a_failure_where_the_data_must_be(project):
    """With SCALINGLIB_DATA set, every skipped test of published data fails, also one that skips itself."""
    code, words = outcome(project, SCALINGLIB_DATA=str(project))
    assert code == 1
    assert "skipped" not in words.splitlines()[-1], words
    for name in ("test_absent", "test_gives_up", "reads.ipynb::Cell 0", "reads.ipynb::Cell 1"):
        assert any(line.startswith(("FAILED", "ERROR")) and name in line for line in words.splitlines()), words
    assert "SCALINGLIB_DATA is set, so this may not be skipped" in words
