"""The third strict stack: every cell of the chapters under WebAssembly, its outputs compared with the stored ones.

python -m _sphinx.tools.live_cells [NOTEBOOK ...]

It needs node and what `make live` fetches. _sphinx/live/differs.txt lists the cells that are known to give something
else, each with the reason; such a cell may not fail, and one that gives the stored outputs again has to leave the list.
"""

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from . import runtime

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "_sphinx/live/node.mjs"
DIFFERS = ROOT / "_sphinx/live/differs.txt"
UNSTABLE = "nbval-ignore-output"
PICTURES = "image/"  # compared by their words, which are their text/plain


class NodeEndedError(Exception):
    """The process that runs cells has ended before it answered."""


class Python:
    """Python under WebAssembly in a process of its own, which answers one JSON line with another.

    Parameters
    ----------
    folder : Path
        The runtime.
    book : Path
        What the kernel unpacks, as `coursebook.live.book` packs it.
    """

    def __init__(self, folder, book):
        command = ["node", str(NODE), str(folder), str(book)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, question: dict) -> dict:
        """The answer to a page with its cells, or to a table."""
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise NodeEndedError(f"node ended with code {self.process.wait()}; its own words stand above")
        return json.loads(line)

    def end(self):
        """End the process."""
        self.process.kill()
        self.process.communicate()


def told(outputs: list[dict]) -> list[tuple[str, str]]:
    """What a cell gave, a notebook's or the kernel's, as pairs of kind and text; pictures are left out."""
    pairs = []
    for each in outputs:
        if "text" in each:
            pairs.append((each.get("name") or each["kind"], "".join(each["text"])))
        held = {kind: "".join(text) for kind, text in each.get("data", {}).items()}
        pairs += sorted(pair for pair in held.items() if not pair[0].startswith(PICTURES))
    return pairs


def fault(cell: dict, result: dict) -> str:
    """What is wrong with a cell: an error, or the first line that is another; nothing where all is as stored."""
    for each in result["outputs"]:
        if each["kind"] == "error":
            return f"error: {each['type']}: {each['said'][:200]} in {each['code']!r}"
    if UNSTABLE in cell["metadata"].get("tags", ()):
        return ""
    stored, now = told(cell["outputs"]), told(result["outputs"])
    if stored == now:
        return ""
    if [kind for kind, _ in stored] != [kind for kind, _ in now]:
        return f"differs: {[kind for kind, _ in now]} where {[kind for kind, _ in stored]} are stored"
    # the plain text says it best, where that differs as well
    (kind, was), (_, text) = max(((a, b) for a, b in zip(stored, now, strict=True) if a != b), key=lambda ab: ab[0][0])
    lines = zip_longest(was.splitlines(), text.splitlines(), fillvalue="")
    a, b = next((a, b) for a, b in lines if a != b)
    return f"differs in {kind}: {a.strip()[:100]!r} is stored, now {b.strip()[:100]!r}"


def differing(path: Path = DIFFERS) -> dict[str, str]:
    """The cells that are known to differ: page:cell -> reason."""
    lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines()]
    return {words[0]: words[1] for words in lines if words and not words[0].startswith("#")}


def verdict(page: str, faults: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """What is wrong with a page that ran: faults that are not known, and known differences that are none any more.

    Parameters
    ----------
    page : str
        Path of the notebook without its ending.
    faults : dict
        Id of each of its code cells -> what `fault` says of it.
    known : dict
        What `differing` gives.
    """
    wrong = {}
    for cell, what in faults.items():
        listed = f"{page}:{cell}" in known
        if what and not (listed and what.startswith("differs")):
            wrong[cell] = what
        elif listed and not what:
            wrong[cell] = f"gives the stored outputs again: take it out of {DIFFERS.relative_to(ROOT)}"
    gone = [name.partition(":")[2] for name in known if name.partition(":")[0] == page]
    return wrong | {cell: "is listed and there is no such cell" for cell in gone if cell not in faults}


def run(python: Python, page: str, cells: list[dict]) -> tuple[dict[str, str], int]:
    """The faults of a page's code cells, by their ids, and the bytes of memory that the process has."""
    answer = python.ask({"page": page, "cells": ["".join(cell["source"]) for cell in cells]})
    return {c["id"]: fault(c, r) for c, r in zip(cells, answer["results"], strict=True)}, answer["rss"]


def lacking(cells: list[dict], tables: Path) -> list[str]:
    """The files of public tables that a page loads and that are not there."""
    from scalinglib.runs.public import PUBLIC

    code = "\n".join("".join(cell["source"]) for cell in cells)
    wanted = [table for name, table in PUBLIC.items() if table.fetched and f'runs.load("{name}"' in code]
    return sorted(table.card.file for table in wanted if not (tables / table.card.file).is_file())


def worker(pages, book, folder, tables, known) -> tuple[int, int]:
    """Run pages from a queue until it is empty; counts of cells and of what is wrong."""
    python, count, wrong = Python(folder, book), 0, 0
    while True:
        try:
            path = pages.get_nowait()
        except queue.Empty:
            python.end()
            return count, wrong
        page = path.relative_to(ROOT).with_suffix("").as_posix()
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        if missing := lacking(cells, tables):
            print(f"{page}: not run, for want of {', '.join(missing)}", flush=True)
            wrong += bool(os.environ.get("SCALINGLIB_DATA"))  # which says that they are here
            continue
        start = time.perf_counter()
        try:
            faults, rss = run(python, page, cells)
            found = verdict(page, faults, known)
        except NodeEndedError as ended:
            found, rss = {"all": str(ended)}, 0
            python.end()
            python = Python(folder, book)
        lines = [f"  {cell}: {what}" for cell, what in found.items()]
        head = f"{page}: {len(cells)} cells, {time.perf_counter() - start:.0f} s, {rss / 1e6:.0f} MB"
        print("\n".join([head, *lines]), flush=True)
        count, wrong = count + len(cells), wrong + len(found)


def main(arguments=None) -> int:
    """Run, print a line a chapter and each fault, and a sum; the exit code."""
    from coursebook import live

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    options, folder = parser.parse_args(arguments), runtime.place()
    if runtime.manifest(folder) is None or shutil.which("node") is None:
        print(
            "Skipped: the chapters were not run under WebAssembly. That needs node and what make live fetches.",
            file=sys.stderr,
        )
        return 0
    known, pages = differing(), queue.SimpleQueue()
    for path in options.notebooks or sorted((ROOT / "chapters").rglob("*.ipynb")):
        pages.put(path.resolve())
    tables = Path(os.environ.get("SCALINGLIB_DATA") or folder / "tables")
    with tempfile.TemporaryDirectory() as passing, ThreadPoolExecutor(options.workers) as pool:
        book = Path(passing) / "book.zip"
        book.write_bytes(live.book(tables=tables))
        working = [pool.submit(worker, pages, book, folder, tables, known) for _ in range(max(1, options.workers))]
        counts = [each.result() for each in working]
    cells, wrong = (sum(column) for column in zip(*counts, strict=True))
    print(f"{cells} cells under WebAssembly: {wrong} faults; {len(known)} cells of all are known to differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "_sphinx"))
    sys.exit(main())
