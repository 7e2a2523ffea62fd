"""The pins: resolves constraints.txt anew, says what moved, and lists the outputs that would change."""

import os
import re
import subprocess
import sys
from pathlib import Path

from whole_file import write_whole

ROOT = Path(__file__).resolve().parent.parent
# One version for every Python where one exists: the same pins serve 3.11 to 3.13.
RESOLVE = [
    "uv", "pip", "compile", "requirements.txt", "--universal", "--python-version", "3.11",
    "--fork-strategy", "fewest", "--upgrade", "--no-header", "--annotation-style", "line", "--quiet",
]  # fmt: skip


def pins(text):
    """Return {package and marker: version} of a constraints file."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([\w.-]+)==([^\s;]+)\s*(?:;\s*([^#]+))?", line)
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


def resolve(root):
    """Return the text of a freshly resolved constraints file.

    Raises
    ------
    RuntimeError
        With the resolver's own words, when there is no answer.
    """
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    result = subprocess.run([sys.executable, "-m", *RESOLVE], cwd=root, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or "uv gave no reason")
    return result.stdout


def main():
    """Refresh the pins, bring .venv up to them and compare the chapters; return the exit code."""
    path = ROOT / "constraints.txt"
    before = path.read_text(encoding="utf-8")
    print("Asking the package index for the newest versions that requirements.txt allows", flush=True)
    try:
        after = resolve(ROOT)
    except RuntimeError as fault:
        print(f"The pins were not refreshed, constraints.txt is as it was: {fault}", file=sys.stderr)
        return 1
    changed = moves(before, after)
    print("\n".join(changed) if changed else "No pin moved.", flush=True)
    if after != before:
        write_whole(path, after)
    # The base interpreter makes the environment: this one belongs to it.
    code = subprocess.run([os.path.realpath(sys.executable), str(ROOT / "_sphinx" / "environment.py")]).returncode
    if code != 0:
        return code
    print("Running the chapters with these pins; nothing is written", flush=True)
    return subprocess.run([sys.executable, str(ROOT / "_sphinx" / "execute.py"), "--dry-run"]).returncode


if __name__ == "__main__":
    sys.exit(main())
