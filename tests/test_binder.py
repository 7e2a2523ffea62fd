"""Binder: what it would install is the library, JupyterLab and what the chapters import, and repo2docker sees it so."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from _sphinx.tools import lock
from scalinglib.runs.public import PUBLIC

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "chapters").rglob("*.ipynb"))
LOADED = re.compile(r"\bruns\.load\(\s*[\"']([\w-]+)[\"']")


def code_cells(path):
    """Return the code of a chapter, without the Colab cell, which holds a magic."""
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and c.id != "colab"]


def asked_for():
    """Return package -> version of what .binder/requirements.txt installs."""
    return lock.pins((ROOT / ".binder" / "requirements.txt").read_text())


def test_only_the_library_and_lab():
    """Binder installs what the library needs and JupyterLab at the course's pins, every file by its hash, the
    library itself from the checkout, and no tool that builds the book or checks it.
    """
    asked, held = asked_for(), lock.pins((ROOT / "constraints.txt").read_text())
    held = {key.split(" ;")[0]: version for key, version in held.items()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}
    assert needed | {"jupyterlab", "hatchling"} <= set(asked)
    assert {name: held[name] for name in asked} == asked
    assert not set(asked) & {"jupyter-book", "sphinx", "pytest", "ruff", "playwright", "jupyter-repo2docker"}
    script = (ROOT / ".binder" / "postBuild").read_text()
    assert "pip install --no-cache-dir --no-deps --no-build-isolation .\n" in script


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_chapters_import_only_what_binder_has(path):
    """Every package a chapter imports comes with the library or is in Binder's own list."""
    have = {"scalinglib", *asked_for()}
    trees = [ast.walk(ast.parse(source)) for source in code_cells(path)]
    nodes = [node for tree in trees for node in tree]
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in named} - have - sys.stdlib_module_names == set()


def test_build_fetches_what_the_sections_load():
    """postBuild, an executable script, downloads exactly the public tables
    that chapters load, so that no reader waits.
    """
    script = ROOT / ".binder" / "postBuild"
    fetched = set(re.findall(r"runs\.fetch\((.*?)\)", script.read_text())[0].replace('"', "").split(", "))
    loaded = {name for path in CHAPTERS for source in code_cells(path) for name in LOADED.findall(source)}
    assert fetched == {name for name in loaded if name in PUBLIC and PUBLIC[name].fetched}
    assert script.stat().st_mode & 0o111


def test_repo2docker_sees_what_is_meant():
    """repo2docker, without Docker, takes Python 3.11, installs .binder/requirements.txt, copies the checkout,
    runs postBuild.
    """
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    words = result.stdout + result.stderr
    assert result.returncode == 0, words
    assert "Building conda environment for python=3.11" in words
    steps = (
        "src/ ${REPO_DIR}/\n",
        'pip install --no-cache-dir -r ".binder/requirements.txt"',
        "RUN ./.binder/postBuild",
    )
    copy, install, post = (words.index(step) for step in steps)
    assert install < copy < post
    assert "otter" not in words and "jupyter-book" not in words
