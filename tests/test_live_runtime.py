"""Python for the pages, without fetching it: what is checked, what a fault says, what goes into the book."""

import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from _sphinx.tools import runtime
from coursebook import finish, live


def archive(path, files):
    """A tar file as npm packs one."""
    with tarfile.open(path, "w:gz") as held:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            held.addfile(entry, io.BytesIO(content))
    return path


def wheel(path, files):
    """A wheel as it lies on the index."""
    with zipfile.ZipFile(path, "w") as held:
        for name, content in files.items():
            held.writestr(name, content)
    return path


def locked(**packages):
    """A lock file that names, for each package of ours, a file with this content."""
    names = {held or name for name, held in runtime.MODULES.items()}
    held = {name: packages.get(name, name.encode()) for name in names}
    return {
        "packages": {n: {"file_name": f"{n}.whl", "sha256": hashlib.sha256(c).hexdigest()} for n, c in held.items()}
    }


def carrier(path, lock, **changed):
    """A wheel that carries each file of a lock file."""
    files = {f"open_webui/frontend/pyodide/{n}.whl": changed.get(n, n.encode()) for n in lock["packages"]}
    return wheel(path, {name: content for name, content in files.items() if content is not None})


def test_npms_archive_must_be_the_pinned_one(tmp_path):
    """Another archive than the one whose sha512 is written down is refused before anything of it is used."""
    with pytest.raises(runtime.RuntimeFault, match=r"from npm is not the one that is pinned: sha512-sK40My6m"):
        runtime.core(archive(tmp_path / "pyodide.tgz", {"pyodide.mjs": b"other"}))


def test_packages_must_be_those_of_the_lock_file(tmp_path):
    """Each package is kept as it is; one with another content, and one that is missing, are named."""
    lock = locked()
    found = runtime.wheels(carrier(tmp_path / "right.whl", lock), lock)
    assert found["numpy.whl"] == b"numpy" and len(found) == len(lock["packages"])
    with pytest.raises(
        runtime.RuntimeFault, match=r"scipy\.whl is not the file that is pinned: SHA-256 \w{64} is wanted"
    ):
        runtime.wheels(carrier(tmp_path / "wrong.whl", lock, scipy=b"changed"), lock)
    with pytest.raises(runtime.RuntimeFault, match=r"does not hold pandas\.whl, which Pyodide"):
        runtime.wheels(carrier(tmp_path / "less.whl", lock, pandas=None), lock)


def test_a_licence_lies_beside_each_package(tmp_path):
    """The licence of a wheel is written below its name, and a wheel without one is refused."""
    held = wheel(tmp_path / "a.whl", {"a-1.dist-info/licenses/LICENSE.txt": "Do.", "a/core.py": ""}).read_bytes()
    runtime.licences("a-1-py3.whl", held, tmp_path / "texts")
    assert (tmp_path / "texts/a/licenses-LICENSE.txt").read_text() == "Do."
    with pytest.raises(runtime.RuntimeFault, match="has no licence in it"):
        runtime.licences("b.whl", wheel(tmp_path / "b.whl", {"b.py": ""}).read_bytes(), tmp_path)


@pytest.mark.parametrize(
    ("said", "words"),
    [("", "npm did not give pyodide"), ("npm error code ENOTFOUND\nnpm error network", "npm error network")],
)
def test_a_download_that_fails_is_named(tmp_path, monkeypatch, said, words):
    """What npm and pip said last stands in the fault, with the name of what was wanted."""
    done = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(runtime, "_run", lambda *_: done)
    monkeypatch.setattr(runtime.shutil, "which", lambda _: "/usr/bin/npm")
    with pytest.raises(runtime.RuntimeFault, match=words):
        runtime.fetch_npm(tmp_path)
    with pytest.raises(runtime.RuntimeFault, match="pip did not give traitlets==1: "):
        runtime.fetch_pip("traitlets==1 --hash=sha256:0", tmp_path)


def test_without_npm_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    """make live ends with one line and exit code 1, and nothing half-made is left."""
    monkeypatch.setattr(runtime.shutil, "which", lambda _: None)
    monkeypatch.setenv("SCALINGLIB_RUNTIME", str(tmp_path / "kept"))
    assert runtime.main([]) == 1
    assert "npm is missing: install it" in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_a_runtime_is_whole_or_not_there(tmp_path):
    """A folder of another version, with a file cut short or without a list is taken for none."""
    assert runtime.manifest(tmp_path) is None
    held = {"version": runtime.VERSION, "modules": {}, "sizes": {"pyodide.mjs": 3}}
    (tmp_path / runtime.MANIFEST).write_text(json.dumps(held))
    assert runtime.manifest(tmp_path) is None
    (tmp_path / "pyodide.mjs").write_bytes(b"abc")
    assert runtime.manifest(tmp_path) == held
    (tmp_path / runtime.MANIFEST).write_text(json.dumps({**held, "version": "0"}))
    assert runtime.manifest(tmp_path) is None


def test_pins_are_whole():
    """What is fetched from the index by a hash of constraints.txt is there with its hashes."""
    for package in runtime.PLAIN:
        assert runtime.pinned(package).startswith(f"{package}==") and "--hash=sha256:" in runtime.pinned(package)


def test_without_a_runtime_the_book_has_nothing_of_it(tmp_path, monkeypatch):
    """Where make live has not been run, no script, no style and no listener is added to the book."""
    monkeypatch.setenv("SCALINGLIB_RUNTIME", str(tmp_path))
    added = []
    app = SimpleNamespace(**{n: lambda *_, **__: added.append(1) for n in ("connect", "add_css_file", "add_js_file")})
    live.setup(app)
    assert added == []


def test_the_book_of_the_kernel_holds_what_cells_read():
    """Kernel, library and files beside chapters are in it; it is the same at each making, and small."""
    content = live.book()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {"kernel.py", "scalinglib/__init__.py", "chapters/claims/the-claims.cards.txt"} <= {*names}
    assert not any("__pycache__" in name for name in names) and content == live.book() and len(content) < 2e6


def test_names_change_with_what_is_in_a_file():
    """The script names a worker and the worker a book that are there under these very names."""
    made = live.files(b"book")
    [worker] = [name for name in made if name.endswith(".mjs")]
    [packed] = [name for name in made if name.endswith(".zip")]
    assert worker.encode() in made["live.js"] and packed.encode() in made[worker]
    assert live.FOLDER.encode() in made[worker] and b"RUNTIME" not in made[worker]


@pytest.mark.parametrize("runs", [True, False])
def test_the_policy_is_wider_only_where_cells_run(runs):
    """WebAssembly and a worker are allowed on a page that loads the script for it, and on no other."""
    script = '<script src="_static/live/live.js"></script>' if runs else ""
    page = BeautifulSoup(f'<head><meta charset="utf-8">{script}</head>', "html.parser")
    finish.allow(page)
    policy = page.find("meta", attrs={"http-equiv": True})["content"]
    assert ("'wasm-unsafe-eval'" in policy) == ("worker-src" in policy) == runs
    assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "") and "connect-src 'self'" in policy
