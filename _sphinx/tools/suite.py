"""The test suite: lint and format, everything, the chapters as an older processor computes them and as a page does."""

import os
import subprocess
import sys
from pathlib import Path

import numpy._core._multiarray_umath as processor

ROOT = Path(__file__).resolve().parents[2]
RUFF = [sys.executable, "-m", "ruff"]
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-rs"]
CHAPTERS = ["--nbval", "--nbval-current-env", "chapters"]
# It shares the pages out itself: a Python under WebAssembly takes ten seconds to be ready for the next page.
LIVE = [sys.executable, "-m", "_sphinx.tools.live_cells", "--workers", "2"]


def older_processor():
    """Return the settings that keep OpenBLAS and numpy off everything newer than this numpy's baseline.

    Only features that numpy knows and this processor has are named: others would make it warn.
    """
    newer = [name for name in processor.__cpu_dispatch__ if processor.__cpu_features__.get(name)]
    return {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": " ".join(newer)}


def main():
    """Run every part, also when one before it failed; return the exit code."""
    older = older_processor()
    parts = [
        ("Lint", [*RUFF, "check", "--quiet", "."], {}),
        ("Format, which `make format` mends", [*RUFF, "format", "--check", "."], {}),
        ("Unit tests, doctests, chapters", [*PYTEST, "--doctest-modules", "scalinglib", "tests", *CHAPTERS], {}),
        (
            "The chapters on an older processor: " + " ".join(f"{k}='{v}'" for k, v in older.items()),
            [*PYTEST, *CHAPTERS],
            older,
        ),
        ("The chapters under WebAssembly, where make live has been", LIVE, {}),
    ]
    failed = []
    for title, words, settings in parts:
        print(f"== {title}", flush=True)
        if subprocess.run(words, cwd=ROOT, env={**os.environ, **settings}).returncode != 0:
            failed.append(title.split(":")[0])
    if failed:
        print(f"Failed: {'; '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
