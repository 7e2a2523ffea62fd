"""Measures the built pages: weight beyond what all share, live figures from key to frame, lighthouse's scores.

python -m _sphinx.tools.report _build/html --report _build/pages-report.md
"""

import argparse
import contextlib
import functools
import gzip
import http.server
import sys
import tempfile
import threading
from pathlib import Path

from tqdm import tqdm

from scalinglib.files import write_whole

from .check import assets, toc_pages
from .chromium import find_chromium
from .frame_times import frame_times
from .lighthouse import LIGHTHOUSE, install, score
from .page import VOID, Page, read_page

ROOT = Path(__file__).resolve().parents[2]
PACKED = (".html", ".css", ".js", ".mjs", ".svg", ".json")
PICTURES = (".png", ".webp", ".svg", ".jpg", ".gif")
# What the course promises itself: gzipped bytes, and scores from 0 to 100.
PAGE, FIGURE, SCRIPT = 600 * 1024, 60 * 1024, 8 * 1024
PERFORMANCE, ACCESSIBILITY = 90, 100
FRAME = 20.0


def packed(content: bytes) -> int:
    """Bytes after gzip, as a host sends text."""
    return len(gzip.compress(content, 9))


def sent(file: Path) -> int:
    """Bytes that a host sends for a file: text gzipped, pictures and fonts as they are."""
    content = file.read_bytes()
    return packed(content) if file.suffix in PACKED else len(content)


class Figures(Page):
    """A page that also keeps the source of each live figure on it."""

    def __init__(self, file: Path):
        self.source = file.read_text(encoding="utf-8")
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.figures, self._begun, self._depth = [], None, 0
        super().__init__(file)

    def _place(self):
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag, attributes):
        """Note where a live figure begins."""
        super().handle_starttag(tag, attributes)
        if self._begun is None and "explorer" in (dict(attributes).get("class") or "").split():
            self._begun, self._tag, self._depth = self._place(), tag, 0
        if self._begun is not None and tag == self._tag and tag not in VOID:
            self._depth += 1

    def handle_endtag(self, tag):
        """Note where it ends."""
        super().handle_endtag(tag)
        if self._begun is not None and tag == self._tag:
            self._depth -= 1
            if not self._depth:
                end = self.source.index(">", self._place()) + 1
                self.figures.append(self.source[self._begun : end])
                self._begun = None


def weigh(folder: Path, names: list[str]) -> tuple[list[dict], int, dict[str, int]]:
    """What each page weighs in bytes, what all pages share, and the scripts of the live figures."""
    folder = folder.resolve()
    loaded = {name: assets(read_page(folder / f"{name}.html"), folder) for name in names}
    shared = set.intersection(*loaded.values())
    rows = []
    for name in names:
        file, own = folder / f"{name}.html", loaded[name] - shared
        pictures = sum(sent(one) for one in own if one.suffix in PICTURES)
        others = sum(sent(one) for one in own if one.suffix not in PICTURES)
        figures = [packed(source.encode()) for source in Figures(file).figures]
        html = sent(file)
        rows.append(
            {
                "page": name,
                "html": html,
                "pictures": pictures,
                "others": others,
                "own": html + pictures + others,
                "figures": figures,
            }
        )
    scripts = {
        one.relative_to(folder).as_posix(): sent(one)
        for one in set.union(*loaded.values())
        if one.suffix in (".js", ".mjs") and "explorer" in one.name
    }
    return rows, sum(map(sent, shared)), scripts


class Gzipped(http.server.SimpleHTTPRequestHandler):
    """Serves files as a web host does: text gzipped, connections kept open."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        """Say nothing."""

    def do_GET(self):
        """Send a file, gzipped where that pays."""
        file = Path(self.translate_path(self.path))
        taken = "gzip" in self.headers.get("Accept-Encoding", "")
        if not taken or file.suffix not in PACKED or not file.is_file():
            super().do_GET()
            return
        content = gzip.compress(file.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def served(folder: Path):
    """Serve a folder on loopback; yields its address."""
    handler = functools.partial(Gzipped, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def kilobytes(size: int) -> str:
    """Bytes as kilobytes with one decimal."""
    return f"{size / 1024:.1f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table whose columns also line up as plain text."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells):
        first, *others = zip(cells, widths, strict=True)
        words = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(words)} |"

    rule = "".join("|" + "-" * (width + 1) + (":" if place else "-") for place, width in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])


def timed(times: dict) -> str:
    """A table of the live figures' times; a star marks what is over the limit, a ~ what the host disturbed."""
    rows = [
        [name, str(sliders), f"{median:.0f}{'*' if median > FRAME else ''}{'~' if disturbed else ''}", f"{worst:.0f}"]
        for name, (sliders, median, worst, disturbed) in times.items()
    ]
    return table(["live figure", "sliders", "median ms", "worst ms"], rows) if rows else "None was timed."


def report(rows, shared, scripts, times, scores, note) -> str:
    """The whole report as Markdown; what is over a limit is marked with a star and listed at the end."""
    over = []

    def cell(value, limit, words, size=True):
        text = kilobytes(value) if size else f"{value:g}"
        if value <= limit if size else value >= limit:
            return text
        over.append(f"{words}: {text}, " + (f"{kilobytes(limit)} allowed" if size else f"{limit} wanted"))
        return text + "*"

    lines = []
    for row in rows:
        figures = " ".join(cell(size, FIGURE, f"{row['page']}, a live figure") for size in row["figures"])
        cells = [
            row["page"],
            *(kilobytes(row[part]) for part in ("html", "pictures", "others")),
            cell(row["own"], PAGE, row["page"]),
            figures or "-",
        ]
        found = scores.get(row["page"])
        if found:
            fast = cell(found["performance"], PERFORMANCE, f"{row['page']}, performance", size=False)
            cells.append(fast + "~" * bool(found["disturbed"]))
            cells.append(
                cell(
                    found["accessibility"],
                    ACCESSIBILITY,
                    f"{row['page']}, accessibility ({', '.join(found['failed'])})",
                    size=False,
                )
            )
        elif scores:
            cells += ["-", "-"]
        lines.append(cells)
    head = [
        "page",
        "HTML",
        "pictures",
        "other files",
        "in all",
        "each live figure",
        *(["performance", "accessibility"] if scores else []),
    ]
    script = [f"{name} {cell(size, SCRIPT, name)}" for name, size in sorted(scripts.items())]
    over += [
        f"{name}: {median:.0f} ms from key to frame, {FRAME:.0f} allowed"
        for name, (_, median, _, _) in times.items()
        if median > FRAME
    ]
    parts = [
        "# What the pages weigh and how they score",
        "",
        f"Kilobytes, text gzipped. All pages share {kilobytes(shared)}; the columns are what a page loads "
        f"beyond that. Script of the live figures: {', '.join(script) or 'none'}.",
        "",
        table(head, lines),
        "",
        "From a key press to the frame that shows it:",
        "",
        timed(times),
        "",
        note,
        "",
    ]
    if any(one["disturbed"] for one in scores.values()) or any(disturbed for *_, disturbed in times.values()):
        parts += ["~ is measured while the host took more than a tenth of this machine: run it again another time.", ""]
    beyond = ["Over a limit (*):", "", *(f"- {line}" for line in over)]
    parts += beyond if over else ["Nothing is over its limit."]
    return "\n".join(parts) + "\n"


def main(arguments=None) -> int:
    """Measure, print the table and keep it; 1 where the book is not built or has no such page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the built pages, usually _build/html")
    parser.add_argument("--report", type=Path, default=ROOT / "_build/pages-report.md")
    parser.add_argument("--pages", nargs="*", default=[], help="pages for lighthouse; all of them otherwise")
    parser.add_argument("--runs", type=int, default=3, help="lighthouse runs a page; their median counts")
    parser.add_argument(
        "--tools", type=Path, help="where lighthouse is kept, outside the checkout; otherwise it is removed again"
    )
    options = parser.parse_args(arguments)
    names = toc_pages(ROOT / "_toc.yml")
    missing = [name for name in names if not (options.folder / f"{name}.html").is_file()]
    strange = sorted({*options.pages} - {*names})
    if missing or strange or options.runs < 1:
        said = (
            f"not built: {', '.join(missing)}; run make book first"
            if missing
            else f"no such page: {', '.join(strange)}"
            if strange
            else "--runs is at least 1"
        )
        print(said, file=sys.stderr)
        return 1
    rows, shared, scripts = weigh(options.folder, names)
    scores, times = {}, {}
    options.report.parent.mkdir(parents=True, exist_ok=True)

    def keep(note: str) -> str:
        text = report(rows, shared, scripts, times, scores, note)
        write_whole(options.report.parent, {options.report.name: text.encode()})
        return text

    asked = options.pages or names
    try:
        chromium = find_chromium()
        with tempfile.TemporaryDirectory() as passing, served(options.folder) as address:
            times = frame_times(chromium, address, options.folder, names)
            program = install(options.tools or Path(passing))
            how = f"Scores: {LIGHTHOUSE}, telephone preset, median of {options.runs}, served gzipped on loopback."
            for name in tqdm(asked, desc="lighthouse", disable=None, file=sys.stderr, leave=False):
                scores[name] = score(program, chromium, f"{address}/{name}.html", options.runs)
                # Twenty minutes of scores survive a run that is cut off.
                keep(f"{how} {len(scores)} of {len(asked)} pages scored so far.")
        note = how
    except OSError as fault:
        note = f"What a browser measures is missing or cut short: {fault}."
    text = keep(note)
    print(text)
    print(options.report.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
