"""Tests of the API page: built alone, it documents every public name of the library."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scalinglib as sl

ROOT = Path(__file__).resolve().parents[1]
SOURCE = (ROOT / "chapters" / "back-matter" / "api.md").read_text(encoding="utf-8")
MODULES = (
    "accounting",
    "laws",
    "published",
    "runs",
    "fitting",
    "uncertainty",
    "allocation",
    "emergence",
    "limits",
    "simulate",
    "plots",
    "explore",
    "arguments",
)

CONF = """
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!scalinglib\\b).*")]
exclude_patterns = ["_build"]
html_theme = "basic"
"""


@pytest.fixture(scope="module")
def api_page(tmp_path_factory):
    """The API page, built alone with warnings as errors, as HTML."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "index.md").write_text(SOURCE, encoding="utf-8")
    options = ["-q", "-W", "--keep-going", "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, str(folder), str(folder / "_build")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    return (folder / "_build" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_stands_on_the_api_page(module, api_page):
    """Each name a module declares public is documented there under its full name, with a docstring."""
    loaded = importlib.import_module(f"scalinglib.{module}")
    assert loaded.__all__
    for name in loaded.__all__:
        assert f'id="scalinglib.{module}.{name}"' in api_page, f"{module}.{name}"
        value = getattr(loaded, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), f"{module}.{name} has no docstring"


def test_every_name_reachable_from_the_package_stands_on_the_api_page():
    """The table of names that `sl` has directly is complete and names no other."""
    listed = dict(re.findall(r"\{py:obj\}`sl\.(\w+) <(scalinglib\.[\w.]+)>`", SOURCE))
    modules = {name for name in sl.__all__ if name in MODULES}
    assert set(listed) == set(sl.__all__) - modules
    for name, full in listed.items():
        module, _, attribute = full.rpartition(".")
        assert getattr(importlib.import_module(module), attribute) is getattr(sl, name)
    for name in modules:
        assert f"## {name}" in SOURCE
