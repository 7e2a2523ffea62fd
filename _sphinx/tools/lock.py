"""The pins: resolves constraints.txt anew, says what moved, and lists the outputs that would change.

Every file that may be installed is named by its hash. Binder's list is the part of these pins that the library and
JupyterLab bring with them; it is one of its own because pip takes no hashes from constraints.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from scalinglib.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
# One version for every Python where one exists: the same pins serve 3.11 to 3.13.
COMPILE = ["uv", "pip", "compile", "--no-header", "--annotation-style", "line", "--generate-hashes", "--quiet"]
ALL = ["requirements.txt", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--upgrade"]
BINDER = ["pyproject.toml", "-", "--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"]
BINDER_WORDS = """\
# What Binder installs: what the library needs, JupyterLab, and hatchling to install the library itself (postBuild),
# at the course's pins and by hash; nothing that builds or checks the book. `make lock` writes it.
"""


def pins(text):
    """Return {package and marker: version} of a constraints file."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([\w.-]+)==([^\s;\\]+)\s*(?:;\s*([^#\\]+))?", line)
        if match:
            name, version, marker = match.groups()
            found[f"{name} ; {marker.strip()}" if marker else name] = version
    return found


def moves(before, after):
    """Return a line for each pin that came, went or moved."""
    old, new = pins(before), pins(after)
    return [
        f"{name}: {old.get(name, 'not there')} -> {new.get(name, 'gone')}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def resolve(root, words, given=""):
    """Return what the resolver makes of these words, `given` being its standard input.

    Raises
    ------
    RuntimeError
        With the resolver's own words, when there is no answer.
    """
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    command = [sys.executable, "-m", *COMPILE, *words]
    result = subprocess.run(command, cwd=root, env=environment, input=given, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or "uv gave no reason")
    return result.stdout


def main():
    """Refresh the pins, bring .venv up to them and compare the chapters; return the exit code."""
    path, binder = ROOT / "constraints.txt", ROOT / ".binder" / "requirements.txt"
    before = path.read_text(encoding="utf-8")
    print("Asking the package index for the newest versions that requirements.txt allows", flush=True)
    try:
        after = resolve(ROOT, ALL)
    except RuntimeError as fault:
        print(f"The pins were not refreshed, constraints.txt is as it was: {fault}", file=sys.stderr)
        return 1
    changed = moves(before, after)
    print("\n".join(changed) if changed else "No pin moved.", flush=True)
    write_whole(ROOT, {path.name: after.encode()})
    try:
        lean = BINDER_WORDS + resolve(ROOT, [*BINDER, "-c", "constraints.txt"], "jupyterlab\nhatchling\n")
        write_whole(binder.parent, {binder.name: lean.encode()})
    except RuntimeError as fault:
        print(f"{binder.relative_to(ROOT)} was not refreshed; run make lock again: {fault}", file=sys.stderr)
        return 1
    # The base interpreter makes the environment: this one belongs to it.
    code = subprocess.run([os.path.realpath(sys.executable), str(ROOT / "_sphinx/tools/environment.py")]).returncode
    if code != 0:
        return code
    print("Running the chapters with these pins; nothing is written", flush=True)
    return subprocess.run([sys.executable, "-m", "_sphinx.tools.execute", "--dry-run"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
