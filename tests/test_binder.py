"""Binder: what it would install is the library, JupyterLab and what the chapters import, and repo2docker sees it so."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from scalinglib.runs.public import PUBLIC

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "chapters").rglob("*.ipynb"))
LOADED = re.compile(r"\bruns\.load\(\s*[\"']([\w-]+)[\"']")


def code_cells(path):
    """Return the code of a chapter, without the Colab cell, which holds a magic."""
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and c.id != "colab"]


def asked_for():
    """Return the lines of .binder/requirements.txt that install something."""
    lines = (ROOT / ".binder" / "requirements.txt").read_text().splitlines()
    return [
        line.split("#")[0].strip() for line in lines if line.split("#")[0].strip() not in ("", "-c ../constraints.txt")
    ]


def test_only_the_library_and_lab():
    """Binder installs the checkout's library and a pinned JupyterLab at the course's pins,
    and no tool that builds or checks.
    """
    assert "-c ../constraints.txt" in (ROOT / ".binder" / "requirements.txt").read_text()
    assert [re.sub(r"==.*", "==", line) for line in asked_for()] == [".", "jupyterlab=="]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_chapters_import_only_what_binder_has(path):
    """Every package a chapter imports comes with the library or is in Binder's own list."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    have = {"scalinglib", *(re.match(r"[\w-]+", line).group() for line in [*project["dependencies"], *asked_for()[1:]])}
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
    assert fetched == {name for name in loaded if name in PUBLIC and PUBLIC[name].rows is None}
    assert script.stat().st_mode & 0o111


def test_repo2docker_sees_what_is_meant():
    """repo2docker, without Docker, takes Python 3.11,
    installs .binder/requirements.txt after the copy, runs postBuild.
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
    assert copy < install < post
    assert "otter" not in words and "jupyter-book" not in words
