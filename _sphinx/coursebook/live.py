"""Code that runs in the page: script, kernel and runtime go into the book where `make live` has fetched one."""

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import rjsmin

from _sphinx.tools import runtime
from scalinglib.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "_sphinx/live"
# One noun each; the page loads them as one.
SCRIPTS = ("session.js", "outputs.js", "edits.js", "own-table.js", "cells.js", "start.js")
SCRIPT, STYLE, OWN_TABLE = "live/live.js", "live/live.css", "own-table.html"
FOLDER = f"pyodide-{runtime.VERSION}"
# On the pages whose cells may be run: WebAssembly, and a worker, which the policy of the page binds, too.
ALLOWED = "'wasm-unsafe-eval' "
WORKERS = "; worker-src 'self' blob:"


def book(root: Path = ROOT, tables: Path | None = None) -> bytes:
    """What the kernel unpacks: itself, the library, files beside chapters, public tables; always the same bytes."""
    inside = {"kernel.py": root / "_sphinx/live/kernel.py"}
    for pattern in ("scalinglib/**/*", "chapters/*/*.csv", "chapters/*/*.cards.txt"):
        found = (path for path in sorted(root.glob(pattern)) if path.is_file() and "__pycache__" not in path.parts)
        inside |= {path.relative_to(root).as_posix(): path for path in found}
    inside |= {f"tables/{path.name}": path for path in sorted(tables.glob("*.csv") if tables else ())}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as held:
        for name, path in inside.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            held.writestr(entry, path.read_bytes())
    return packed.getvalue()


def files(content: bytes) -> dict[str, bytes]:
    """What stands beside the runtime: name -> bytes; names change with their content, so no cache keeps an old one."""
    packed = f"book-{hashlib.sha256(content).hexdigest()[:8]}.zip"
    worker = (SOURCES / "worker.mjs").read_text(encoding="utf-8").replace("book.zip", packed).replace("RUNTIME", FOLDER)
    name = f"worker-{hashlib.sha256(worker.encode()).hexdigest()[:8]}.mjs"
    script = "\n".join((SOURCES / one).read_text(encoding="utf-8") for one in SCRIPTS).replace("worker.mjs", name)
    script = rjsmin.jsmin(f"(() => {{\n{script}\n}})();") + "\n"
    made = {packed: content, name: worker.encode(), "live.js": script.encode()}
    return {**made, "live.css": (SOURCES / "live.css").read_bytes()}


def copy(app, config):
    """Write them where Sphinx takes its static files from."""
    place, folder = runtime.place(), Path(app.doctreedir).parent / ".live"
    shutil.rmtree(folder, ignore_errors=True)
    write_whole(folder / "live", files(book(tables=place / "tables")))
    shutil.copytree(place, folder / "live" / FOLDER, ignore=shutil.ignore_patterns("tables"))
    config.html_static_path.append(str(folder))


def write_own_table(app, exception):
    """The page that fits a reader's own table; it needs no other page."""
    if exception is None and app.builder.name == "html":
        text = (SOURCES / OWN_TABLE).read_text(encoding="utf-8")
        (Path(app.outdir) / OWN_TABLE).write_text(text, encoding="utf-8")


def setup(app):
    """Nothing at all where there is no runtime."""
    if runtime.manifest(runtime.place()) is None:
        return
    app.connect("config-inited", copy)
    app.connect("build-finished", write_own_table)
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
