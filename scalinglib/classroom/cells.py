"""Cells: a notebook's code run from top to bottom, inside of the sandbox; what it declared is told, and no more.

``python -m scalinglib.classroom.cells FOLDER``, started by `rerun`. FOLDER holds ``cells.json`` and what lies beside
the notebook; all else is the notebook's to break, so nothing that is told here is trusted outside.
"""

import json
import os
import shutil
import sys
from pathlib import Path

__all__ = ["BEGUN", "CELLS", "LIMITS", "main"]

BEGUN = b"begun\n"  # told before any cell runs: what fails before is no fault of the notebook
CELLS = "cells.json"
LIMITS = "LIMITS"  # of the environment: bytes of memory, processes, bytes of a file, seconds of a processor


def main(words: list[str]) -> int:
    """Run the cells in the folder that this is called in, and tell on the second channel how it went."""
    _limit(os.environ.get(LIMITS, ""))
    tell = os.dup(2)
    os.dup2(1, 2)  # what the cells print or complain of goes one way, and is thrown away outside
    os.write(tell, BEGUN)
    mine = os.getpid()
    outcome, answers = "memory", b""
    try:
        held = json.loads((Path(words[0]) / CELLS).read_text(encoding="utf-8"))
        for path in Path(words[0]).iterdir():
            if path.name.startswith("fontlist"):
                os.makedirs(os.environ["MPLCONFIGDIR"], exist_ok=True)
                shutil.copyfile(path, Path(os.environ["MPLCONFIGDIR"]) / path.name)
            elif path.name != CELLS:
                shutil.copyfile(path, path.name)
        outcome = _run(held["cells"])
        if os.path.isfile(held["answers"]):
            with open(held["answers"], "rb") as file:
                answers = file.read(held["largest"])
    except MemoryError:
        pass
    except Exception:  # IPython's own, where a cell has broken it or used everything up
        outcome = "failed"
    if os.getpid() == mine:  # a cell may have forked, and both go on
        os.write(tell, outcome.encode() + b"\n" + answers)
    os._exit(0)  # threads of a cell keep nobody waiting


def _run(cells):
    """How the cells ended: "ran", "failed" at the first that raised, or "memory"."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """There is no screen; %matplotlib is no fault."""

        def showtraceback(self, *_, **__):
            """Nobody reads it; and to make one takes memory, which may be what the cell has used up."""

    config = Config()
    config.HistoryManager.enabled = False
    shell = Shell.instance(config=config)
    for source, may_fail in cells:
        done = shell.run_cell(source, store_history=False)
        error = done.error_before_exec or done.error_in_exec
        if error is not None and not may_fail:
            return "memory" if isinstance(error, MemoryError) else "failed"
    return "ran"


def _limit(words):
    try:
        import resource
    except ImportError:  # Windows, where only who says so in words gets here
        return
    names = ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CPU")
    for name, amount in [*zip(names, words.split(), strict=False), ("RLIMIT_CORE", "0")]:
        if amount != "-":
            resource.setrlimit(getattr(resource, name), (int(amount), int(amount)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
