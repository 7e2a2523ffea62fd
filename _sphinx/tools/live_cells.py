"""The third strict stack: every cell of the chapters under WebAssembly, its text compared with the stored one.

python -m _sphinx.tools.live_cells [NOTEBOOK ...]

It needs node and what `make live` fetches. Cells in _sphinx/live/differs.txt may print other digits, never an error.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import runtime

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "_sphinx/live/node.mjs"
DIFFERS = ROOT / "_sphinx/live/differs.txt"
UNSTABLE = "nbval-ignore-output"


def told(outputs: list[dict]) -> str:
    """The text of a cell's outputs, a notebook's or the kernel's: what was printed, and the text for what was shown."""
    parts = []
    for each in outputs:
        data = each.get("data", {})
        text = each.get("text") or data.get("text/plain", "")
        parts.append(("".join(text)).strip("\n"))
    return "\n".join(part for part in parts if part)


def fault(cell: dict, result: dict) -> str:
    """What is wrong with a cell: an error, or the first line that is another; nothing where its text is stored so."""
    for each in result["outputs"]:
        if each["kind"] == "error":
            return f"error: {each['type']}: {each['said'][:200]} in {each['code']!r}"
    if UNSTABLE in cell["metadata"].get("tags", ()):
        return ""
    stored, now = told(cell["outputs"]).splitlines(), told(result["outputs"]).splitlines()
    if stored == now:
        return ""
    if len(stored) != len(now):
        return f"differs: {len(now)} lines where {len(stored)} are stored"
    return next(
        f"differs: {a.strip()!r} is stored, now {b.strip()!r}" for a, b in zip(stored, now, strict=True) if a != b
    )


def run(path: Path, folder: Path, book: Path) -> dict:
    """The cells of a notebook in a process of their own: cell id -> fault, with seconds and megabytes."""
    page = path.relative_to(ROOT).with_suffix("").as_posix()
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    job = json.dumps({"page": page, "cells": ["".join(cell["source"]) for cell in cells]}) + "\n"
    command = ["node", str(NODE), str(folder), str(book)]
    done = subprocess.run(command, input=job, capture_output=True, text=True, timeout=3600)
    if done.returncode or not done.stdout:
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        return {
            "page": page,
            "cells": len(cells),
            "faults": {"": f"error: node ended: {reason}"},
            "seconds": 0.0,
            "rss": 0,
        }
    answer = json.loads(done.stdout)
    found = {cell["id"]: fault(cell, result) for cell, result in zip(cells, answer["results"], strict=True)}
    faults = {name: what for name, what in found.items() if what}
    return {"page": page, "cells": len(cells), "faults": faults, "seconds": answer["seconds"], "rss": answer["rss"]}


def main(arguments=None) -> int:
    """Run, print a line a chapter and each fault, and a sum; the exit code."""
    from coursebook import live

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    options, folder = parser.parse_args(arguments), runtime.place()
    if runtime.manifest(folder) is None or shutil.which("node") is None:
        print(
            "The chapters were not run under WebAssembly: that needs node and what make live fetches.", file=sys.stderr
        )
        return 0
    excused = set(DIFFERS.read_text(encoding="utf-8").split()) if DIFFERS.is_file() else set()
    paths = [path.resolve() for path in options.notebooks] or sorted((ROOT / "chapters").rglob("*.ipynb"))
    tables = Path(os.environ.get("SCALINGLIB_DATA") or folder / "tables")
    cells = wrong = other = 0
    with tempfile.TemporaryDirectory() as passing, ThreadPoolExecutor(options.workers) as pool:
        book = Path(passing) / "book.zip"
        book.write_bytes(live.book(tables=tables))
        for done in pool.map(lambda path: run(path, folder, book), paths):
            cells += done["cells"]
            print(
                f"{done['page']}: {done['cells']} cells, {done['seconds']:.0f} s, {done['rss'] / 1e6:.0f} MB",
                flush=True,
            )
            for name, what in done["faults"].items():
                known = f"{done['page']}:{name}" in excused and what.startswith("differs")
                wrong, other = wrong + (not known), other + what.startswith("differs")
                print(f"  {name}: {what}{' (known)' if known else ''}", flush=True)
    print(f"{cells} cells under WebAssembly: {other} print another text, {wrong} of all faults are not known")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "_sphinx"))
    sys.exit(main())
