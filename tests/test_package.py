"""The installed package: complete outside the checkout, and light to import."""

import os
import pkgutil
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import scalinglib

ROOT = Path(__file__).resolve().parent.parent

# Run from an empty folder, with the wheel's copy first on the path and the checkout, installed in place, off it.
TRIAL = """
import sys
target, checkout = sys.argv[1:]
sys.path[:] = [target, *(place for place in sys.path if place != checkout)]
import scalinglib as sl
assert sl.__file__.startswith(target), sl.__file__
fit = sl.fit_power_law([1.0, 10.0, 100.0, 1000.0], [2.5, 0.85, 0.66, 0.63], floor=0.6, space="linear")
assert fit.law.exponent > 0
card = sl.runs.card("chinchilla")
assert card.rows == 245 and len(card.sha256) == 64
assert len(sl.published.table("hoffmann2022-A9")) == 50
print("installed", sl.__version__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the sdist as a release is, by the pinned hatchling without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_wheel_holds_every_file_of_the_package(wheel):
    """Every tracked kind of file under scalinglib, tables and scripts too,
    is in the wheel, and nothing else of the checkout is.
    """
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
        facts = archive.read(next(n for n in archive.namelist() if n.endswith("METADATA"))).decode()
        licences = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "scalinglib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert inside == there
    assert licences
    assert "License-Expression: BSD-3-Clause" in facts and "Requires-Python: >=3.11" in facts


def test_works_in_an_empty_folder(wheel, tmp_path):
    """Installed from the wheel, the library imports, fits and shows a card where there is no checkout."""
    target, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    words = ["--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *words], check=True)
    words = [sys.executable, "-P", "-c", TRIAL, str(target), str(ROOT)]
    result = subprocess.run(words, cwd=empty, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"installed {scalinglib.__version__}\n"
    assert list(empty.iterdir()) == []
    # the command stands beside it, and runs no module of the folder that it is called in
    (empty / "numpy.py").write_text("raise SystemExit('the numpy.py of the folder was run')\n")
    command = [sys.executable, "-P", str(target / "bin" / "scalinglib"), "plan", "besiroglu2024", "5.76e23"]
    environment = os.environ | {"PYTHONPATH": str(target)}
    result = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True)
    assert result.returncode == 0 and "7.225e10" in result.stdout, result.stderr


def test_import_loads_nothing_heavy():
    """`import scalinglib` leaves scipy, pandas, matplotlib, pooch and ipywidgets for when they are needed."""
    heavy = ["scipy", "pandas", "matplotlib", "ipywidgets", "pooch", "requests"]
    code = f"import sys, scalinglib; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_version_stands_in_one_place(wheel):
    """It is the package's own: the wheel has it from there, the change log begins with it, no other file states it."""
    version = scalinglib.__version__
    assert wheel.name == f"scalinglib-{version}-py3-none-any.whl"
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == version
    for name in ("pyproject.toml", "CITATION.cff"):
        assert version not in (ROOT / name).read_text()


def test_the_sdist_holds_what_a_wheel_is_made_of(wheel):
    """Beside the package: what describes it and its licence, and no chapter, test or study."""
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as archive:
        names = {Path(name).parts[1] for name in archive.getnames()}
    assert names == {"scalinglib", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", ".gitignore"}


def test_every_module_gives_what_it_promises():
    """A star import of any module, packages and figures too, finds all the names that it lists."""
    for found in pkgutil.walk_packages(scalinglib.__path__, "scalinglib."):
        if not found.name.endswith("__main__"):
            names = {}
            exec(f"from {found.name} import *", names)
            assert set(getattr(sys.modules[found.name], "__all__", ())) <= set(names), found.name
