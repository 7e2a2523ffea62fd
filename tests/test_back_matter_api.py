"""Tests of the API pages: built alone, they document every public name of the library."""

import ast
import builtins
import doctest
import importlib
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scalinglib as sl
from coursebook import public_names

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "chapters" / "back-matter"
SOURCE = (PAGES / "api.md").read_text(encoding="utf-8")
MODULES = (
    "accounting",
    "laws",
    "forms",
    "published",
    "runs",
    "fitting",
    "audit",
    "uncertainty",
    "coverage",
    "comparison",
    "planning",
    "allocation",
    "emergence",
    "limits",
    "simulate",
    "strategies",
    "plots",
    "explore",
    "results",
    "classroom",
    "reports",
    "arguments",
)

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "_sphinx")!r})
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "coursebook.public_names"]
root_doc = "api"
autodoc_typehints = "none"
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!scalinglib\\b).*")]
exclude_patterns = ["_build"]
html_theme = "basic"
"""
TOC = "\n```{toctree}\n:hidden:\n" + "\n".join(f"api/{module}" for module in MODULES) + "\n```\n"


@pytest.fixture(scope="module")
def api_pages(tmp_path_factory):
    """The folder of the API pages, built alone with warnings as errors."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    shutil.copytree(PAGES / "api", folder / "api")
    (folder / "api.md").write_text(SOURCE + TOC, encoding="utf-8")
    options = ["-q", "-W", "--keep-going", "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, str(folder), str(folder / "_build")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder / "_build"


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_its_entry(module, api_pages):
    """Each name a module declares public is documented on its page, and listed on the first with a link to it."""
    loaded = importlib.import_module(f"scalinglib.{module}")
    assert loaded.__all__
    first = (api_pages / "api.html").read_text(encoding="utf-8")
    whole = (api_pages / f"api/{module}.html").read_text(encoding="utf-8")
    for name in loaded.__all__:
        full = f"scalinglib.{module}.{name}"
        assert f'id="{full}"' in whole, full
        assert f'href="api/{module}.html#{full}"' in first, full
        value = getattr(loaded, name)
        if callable(value):
            assert (value.__doc__ or "").strip(), f"{full} has no docstring"


def test_the_list_says_what_the_docstring_says():
    """The first sentence of a docstring stands beside its name, in Markdown's own code marks."""
    lines = public_names.listed("scalinglib.runs")
    assert lines[0] == "Measured tables, each with a card that says where it is from and what is wrong with it."
    (load,) = [line for line in lines if line.startswith("- {py:obj}`load <scalinglib.runs.load>`: ")]
    assert load.partition(": ")[2] in " ".join(sl.runs.load.__doc__.split()).replace("``", "`")


def test_a_first_sentence_does_not_end_at_an_abbreviation():
    """What follows "et al." or "eq." belongs to the sentence; the next one does not."""
    said = public_names.first_sentence(sl.fit_broken_power_law)
    assert said == "Fit the broken power law of Caballero et al. 2022 to points."

    def law():
        """The law of Hoffmann et al. 2022, eq. 3, i.e. E + A / N**alpha. Another sentence."""

    assert public_names.first_sentence(law) == "The law of Hoffmann et al. 2022, eq. 3, i.e. E + A / N**alpha."


def test_what_every_fit_can_be_asked_stands_with_each(api_pages):
    """Methods that a result has from its parent are shown below it, those of Python's own classes are not."""
    whole = (api_pages / "api/fitting.html").read_text(encoding="utf-8")
    for name in ("ChinchillaFit", "CurveFit", "FormFit", "KaplanFit", "PowerLawFit"):
        for method in ("bootstrap", "doubts", "predict", "profile", "report", "report_card", "speedup", "strays"):
            assert f'id="scalinglib.fitting.{name}.{method}"' in whole, (name, method)
    assert "with_traceback" not in whole and "FormFit.posed" not in whole


def test_a_property_says_all_of_its_docstring(api_pages):
    """What stands before a colon in a property's docstring is not taken for its type."""
    whole = (api_pages / "api/fitting.html").read_text(encoding="utf-8")
    assert "Standard error of each constant, a dict: linearised" in whole


@pytest.mark.parametrize("module", MODULES)
def test_no_constant_has_the_words_of_its_type(module, api_pages):
    """What Python says of numbers, texts and mappings, in each version otherwise, stands under no name of ours."""
    loaded = importlib.import_module(f"scalinglib.{module}")
    kinds = {type(getattr(loaded, name)) for name in loaded.__all__} - {type, type(shown)}
    whole = re.sub(r"<[^>]*>", "", (api_pages / f"api/{module}.html").read_text(encoding="utf-8"))
    said = {(inspect.getdoc(kind) or "").split("\n")[0] for kind in kinds if kind.__module__ == "builtins"}
    assert [words for words in said if words and words in whole] == []


def shown():
    """(full name, docstring) of all that the API pages show of functions, classes and their members."""
    for module in MODULES:
        loaded = importlib.import_module(f"scalinglib.{module}")
        for name in loaded.__all__:
            value = getattr(loaded, name)
            members = [key for key in dir(value) if key[0] != "_"] if inspect.isclass(value) else []
            static = ((f"{name}.{key}", inspect.getattr_static(value, key)) for key in members)
            for full, one in [(name, value), *static]:
                text = inspect.getdoc(one) or ""
                if ">>>" in text:
                    yield f"{module}.{full}", text


def test_examples_bring_their_imports():
    """Each example that is shown can be pasted into an empty session: its names are Python's or its own."""
    found = list(shown())
    assert len(found) > 150
    for full, text in found:
        tree = ast.parse("".join(example.source for example in doctest.DocTestParser().get_examples(text)))
        own, used = set(dir(builtins)), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                own |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.arg):
                own.add(node.arg)
            elif isinstance(node, ast.Name):
                (own if isinstance(node.ctx, ast.Store) else used).add(node.id)
        assert used <= own, f"{full} does not say where {', '.join(sorted(used - own))} is from"


def test_every_name_reachable_from_the_package_stands_on_the_api_page():
    """The table of names that `sl` has directly is complete and names no other."""
    listed = dict(re.findall(r"\{py:obj\}`sl\.(\w+) <(scalinglib\.[\w.]+)>`", SOURCE))
    modules = {name for name in sl.__all__ if name in MODULES}
    assert set(listed) == set(sl.__all__) - modules
    for name, full in listed.items():
        module, _, attribute = full.rpartition(".")
        assert getattr(importlib.import_module(module), attribute) is getattr(sl, name)
    for name in modules:
        assert f"## {name}\n" in SOURCE
