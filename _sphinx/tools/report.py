"""Measures the built pages: weight beyond what all share, live figures from key to frame, lighthouse's scores.

python -m _sphinx.tools.report _build/html --report _build/pages-report.md
"""

import argparse
import contextlib
import functools
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from scalinglib.files import write_whole

from .check import assets, sent, toc_pages
from .chromium import find_chromium
from .page import read_page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = (".png", ".webp", ".svg", ".jpg", ".gif")
LIGHTHOUSE = "lighthouse@12.8.2"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
SCORES = ("performance", "accessibility")
# What the course promises itself: kilobytes gzipped, milliseconds, scores from 0 to 100.
ALLOWED = {"in all": 600, "largest figure": 60, "median ms": 20}
WANTED = {"performance": 90, "accessibility": 100}
# From the browser's own stamp on the input event to the first moment after the next frame was drawn.
PRESSES = """async (figure) => {
  const sliders = figure.querySelectorAll(".controls input[type=range]"), seen = [];
  for (const slider of sliders) {
    slider.value = slider.min;
    for (let press = 0; press < 31; press++) {
      slider.stepUp();
      const start = performance.now();
      slider.dispatchEvent(new Event("input", {bubbles: true}));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      seen.push(performance.now() - start);
    }
  }
  return [sliders.length, seen];
}"""


def weigh(folder: Path, names: list[str]) -> tuple[dict[str, dict], float]:
    """Kilobytes of each page beyond what all pages share, by kind, and of what they share."""
    folder = folder.resolve()
    loaded = {name: assets(read_page(folder / f"{name}.html"), folder) for name in names}
    shared = set.intersection(*loaded.values())
    rows = {}
    for name in names:
        file, own = folder / f"{name}.html", loaded[name] - shared
        pictures = sum(sent(one) for one in own if one.suffix in PICTURES)
        others = sum(map(sent, own)) - pictures
        figures = [len(gzip.compress(source.encode(), 9)) / 1024 for source in read_page(file).figures]
        row = {"HTML": sent(file), "pictures": pictures, "other files": others}
        row = {kind: amount / 1024 for kind, amount in row.items()}
        rows[name] = {**row, "in all": sum(row.values()), "largest figure": max(figures, default=float("nan"))}
    return rows, sum(map(sent, shared)) / 1024


def runtime_weights(folder: Path) -> dict[str, float]:
    """Megabytes that a page loads after Run, by what asks for them; nothing where the book cannot run code."""
    live = folder / "_static/live"
    packages = next(live.glob("*/packages.json"), None)
    if packages is None:
        return {}
    held = json.loads(packages.read_text(encoding="utf-8"))
    sizes, modules = held["sizes"], held["modules"]
    weights = {module: sizes[modules[module]] for module in ("numpy", "pandas", "scipy")}
    core = [size for name, size in sizes.items() if name not in modules.values()]
    own = [file.stat().st_size for file in live.iterdir() if file.is_file()]
    companions = {name for name in modules.values() if name not in {modules[module] for module in weights}}
    weights = {"Python and the library": sum(core) + sum(own), **weights}
    weights["matplotlib and the rest"] = sum(sizes[name] for name in companions)
    return {what: size / 1e6 for what, size in weights.items()}


class Gzipped(SimpleHTTPRequestHandler):
    """Serves files as a web host does, text gzipped."""

    def log_message(self, *words):
        """Say nothing."""

    def do_GET(self):
        """Send a file, gzipped where that pays."""
        file = Path(self.translate_path(self.path))
        if file.suffix not in (".html", ".css", ".js", ".svg", ".json") or not file.is_file():
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
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Gzipped, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def frame_times(chromium: str, address: str, names: list[str]) -> dict[str, dict]:
    """By the id of each live figure: sliders, and milliseconds from a change to the frame that shows it.

    A figure without sliders, whose rows are picked, has no times.
    """
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        for name in names:
            page.goto(f"{address}/{name}.html")
            for figure in page.locator("figure.explorer").all():
                for guess in figure.locator("form.guess button").all():
                    guess.click()
                sliders, times = figure.evaluate(PRESSES)
                row = {"median ms": statistics.median(times), "worst ms": max(times)} if times else {}
                found[figure.get_attribute("id")] = {"sliders": sliders, **row}
        browser.close()
    return found


def lighthouse(folder: Path) -> Path:
    """Install lighthouse in a folder; OSError says in one line why it cannot be had."""
    if not shutil.which("npm"):
        raise OSError("npm is not installed")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, LIGHTHOUSE]
    settings = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
    done = subprocess.run(command, env=settings, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"npm could not install {LIGHTHOUSE}: {done.stderr.strip()[:200]}")
    return folder / "node_modules/.bin/lighthouse"


def score(program: Path, chromium: str, address: str) -> dict[str, float]:
    """The scores of one run on a telephone."""
    flags = f"--chrome-flags=--headless=new {' '.join(SWITCHES)}"
    command = [program, address, "--quiet", "--output=json", flags, f"--only-categories={','.join(SCORES)}"]
    done = subprocess.run(command, env={**os.environ, "CHROME_PATH": chromium}, capture_output=True, text=True)
    try:
        categories = json.loads(done.stdout)["categories"]
        return {name: round(100 * categories[name]["score"]) for name in SCORES}
    except (ValueError, KeyError, TypeError) as fault:
        raise OSError(f"lighthouse gave no scores for {address}: {done.stderr.strip()[-300:] or fault}") from fault


def report(rows: dict[str, dict], shared: float, times: dict[str, dict], note: str, after_run=None) -> str:
    """The measurements as Markdown; what is over a limit is listed at the end."""
    loads = ", ".join(f"{what} {size:.1f}" for what, size in (after_run or {}).items())
    over = [
        f"- {name}, {kind}: {row[kind]:.0f}, {limit} {word}"
        for name, row in {**rows, **times}.items()
        for limits, word, sign in ((ALLOWED, "allowed", 1), (WANTED, "wanted", -1))
        for kind, limit in limits.items()
        if sign * row.get(kind, float("nan")) > sign * limit
    ]
    pages, figures = (pd.DataFrame(list(r.values()), index=list(r)).round(1) for r in (rows, times))
    parts = [
        "# What the pages weigh and how they score",
        f"Kilobytes, text gzipped. All pages share {shared:.1f}; the columns are what a page loads beyond that. {note}",
        pages.to_string(na_rep=""),
        "From a change of a slider to the frame that shows it:",
        figures.to_string() if times else "None was timed.",
        f"After Run a page loads, when a cell first asks for it, MB: {loads or 'nothing, the book has no runtime'}.",
        "\n".join(["Over a limit:", *over]) if over else "Nothing is over its limit.",
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments=None) -> int:
    """Measure, print the table and keep it; 1 where the book is not built or has no such page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the built pages, usually _build/html")
    parser.add_argument("--report", type=Path, default=ROOT / "_build/pages-report.md")
    parser.add_argument("--pages", nargs="*", default=[], help="pages for lighthouse; all of them otherwise")
    options = parser.parse_args(arguments)
    names = toc_pages(ROOT / "_toc.yml")
    missing = [name for name in names if not (options.folder / f"{name}.html").is_file()]
    strange = sorted({*options.pages} - {*names})
    if missing or strange:
        unbuilt = f"not built: {', '.join(missing)}; run make book first"
        print(unbuilt if missing else f"no such page: {', '.join(strange)}", file=sys.stderr)
        return 1
    (rows, shared), times = weigh(options.folder, names), {}
    note = f"Scores: {LIGHTHOUSE}, telephone preset, one run, served gzipped on loopback."
    try:
        chromium = find_chromium()
        with tempfile.TemporaryDirectory() as passing, served(options.folder) as address:
            times = frame_times(chromium, address, names)
            program = lighthouse(Path(passing))
            for name in tqdm(options.pages or names, desc="lighthouse", disable=None, file=sys.stderr, leave=False):
                rows[name] |= score(program, chromium, f"{address}/{name}.html")
    except (OSError, ImportError, KeyboardInterrupt) as fault:
        note = f"What a browser measures is missing or cut short: {str(fault) or 'stopped'}."
    text = report(rows, shared, times, note, runtime_weights(options.folder))
    write_whole(options.report.parent, {options.report.name: text.encode()})
    print(text, options.report.resolve(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
