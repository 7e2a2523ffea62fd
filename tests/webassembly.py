"""Python under WebAssembly for tests, in a process of node; skipped where make live has not been run."""

import shutil

import pytest

from _sphinx.tools import live_cells, runtime
from coursebook import live


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Python under WebAssembly, with the library as it is now."""
    folder = runtime.place()
    if runtime.manifest(folder) is None or shutil.which("node") is None:
        pytest.skip("Python under WebAssembly is not here: make live fetches it, and node runs it")
    book = tmp_path_factory.mktemp("live") / "book.zip"
    book.write_bytes(live.book())
    made = live_cells.Python(folder, book)
    yield made
    made.end()
