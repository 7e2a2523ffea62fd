"""A real browser over the built book: one build a session, a server, a reader who notes what goes wrong.

Files of tests import from here before they name it in pytest_plugins, hence: PYTEST_DONT_REWRITE.
"""

import contextlib
import fcntl
import functools
import os
import re
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
import pytest

from _sphinx.tools import check
from _sphinx.tools.chromium import NoChromium, find_chromium
from _sphinx.tools.serve import Quiet

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = check.toc_pages(ROOT / "_toc.yml")
AXE = ROOT / "_sphinx/vendor/axe.min.js"
# Every other host is a name that does not resolve; a proxy of the environment would resolve them again.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Plain notes that the theme writes to the console: its choice of colours, its sidebar, boxes that fold.
NOTE = "[PST]: "
NOTING = "/togglebutton.js"
# Milliseconds until the browser gives up on anything; a busy machine needs them.
PATIENCE = 120_000
# A script that ends when the theme has put its finishing touches, 300 ms after the page is there.
SETTLED = "() => new Promise(done => setTimeout(() => requestAnimationFrame(() => done(true)), 350))"


@pytest.fixture(scope="session")
def built_book(tmp_path_factory):
    """The course, built once for all workers of a session; the first to ask builds, the others wait.

    BUILT_BOOK names a folder of pages that are built already, for a quick look at one test.
    """
    if os.environ.get("BUILT_BOOK"):
        return Path(os.environ["BUILT_BOOK"]).resolve()
    folder = tmp_path_factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own inside the session's.
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "built-book"
    folder.mkdir(exist_ok=True)
    code, log = folder / "exit-code", folder / "log.txt"
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not code.is_file():
            command = [sys.executable, "-m", "_sphinx.tools.build", ROOT, "--path-output", folder]
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=1800)
            log.write_text(re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr), encoding="utf-8")
            code.write_text(str(done.returncode), encoding="utf-8")
    if code.read_text(encoding="utf-8") != "0":
        pytest.fail(f"the book was not built: {log.read_text(encoding='utf-8')[-4000:]}", pytrace=False)
    return folder / "_build/html"


class Served(Quiet):
    """Keeps connections open, as a real host does."""

    protocol_version = "HTTP/1.1"


class Server(ThreadingHTTPServer):
    """Does not mind a browser that goes away in the middle of a file, as one does when it leaves a page."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        """Tell of any other fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serve(folder):
    """Serve a folder on loopback; yields its address, with a slash at the end."""
    server = Server(("127.0.0.1", 0), functools.partial(Served, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def book_address(built_book):
    """The built book's address on loopback."""
    with serve(built_book) as address:
        yield address


@pytest.fixture(scope="session")
def chromium_path():
    """The path of a Chromium, or a skip that says how to get one."""
    try:
        return find_chromium()
    except NoChromium as fault:
        pytest.skip(str(fault))


@pytest.fixture(scope="module")
def chromium(chromium_path):
    """A running Chromium, or a skip that says what is missing.

    It lives as long as a file of tests: Playwright keeps an event loop running meanwhile, in which the tests
    of other files could not start their own.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=SWITCHES)
        yield browser
        browser.close()


class Reader:
    """One page of a browser and what went wrong on it: console, errors, requests that failed or left."""

    def __init__(self, page):
        self.page = page
        self.console, self.errors, self.failed, self.requests = [], [], [], []
        page.on("console", lambda note: self.console.append((note.type, note.text, note.location["url"])))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _failed(self, request):
        # The page's icon comes last, and is given up where the page is left before.
        if not (request.resource_type == "other" and request.failure == "net::ERR_ABORTED"):
            self.failed.append(f"{request.url}: {request.failure}")

    def _answered(self, response):
        if response.status >= 400:
            self.failed.append(f"{response.url}: {response.status}")

    def open(self, address, *, afresh=False):
        """Go there and wait until the page and what it loads are there; returns the page.

        Afresh, nothing is kept of pages before: no storage, and nothing that went wrong there.
        """
        if afresh:
            if self.page.url.startswith("http"):
                self.page.evaluate("(localStorage.clear(), sessionStorage.clear())")
            self.page.goto("about:blank")
            for noted in (self.console, self.errors, self.failed, self.requests):
                noted.clear()
        self.page.goto(address, wait_until="load")
        # Not wait_for_function, which has the page evaluate a text: the policy of the page forbids that.
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    def faults(self):
        """Return a line for each thing that went wrong since the start."""
        loud = [
            f"console {kind}: {text} ({source})"
            for kind, text, source in self.console
            if kind != "log" or not (text.startswith(NOTE) or source.split("?")[0].endswith(NOTING))
        ]
        asked = [address for address in self.requests if not address.startswith(("data:", "blob:"))]
        left = [f"asked another host: {address}" for address in asked if urlsplit(address).hostname != "127.0.0.1"]
        broken = [f"script error: {error}" for error in self.errors]
        return [*loud, *broken, *(f"failed: {what}" for what in self.failed), *left]

    def axe(self, rules=None, *, without=(), within=None):
        """Return axe-core's findings as (rule, where) pairs, for the given rules or for all that bind us.

        `within` is a script that returns the elements to look at; without it the whole page is looked at.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        asked = [list(rules or ()), list(without)]
        return [tuple(pair) for pair in self.page.evaluate(AXE_RUN % (within or "document"), asked)]


AXE_RUN = """async ([rules, without]) => {
  const context = %s;
  if (Array.isArray(context) && !context.length) return [];
  const asked = rules.length ? {type: "rule", values: rules}
    : {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]};
  const off = Object.fromEntries(without.map(name => [name, {enabled: false}]));
  // preload would fetch imported styles again, from a wrong folder.
  const options = {runOnly: asked, preload: false, resultTypes: ["violations"]};
  if (!rules.length) options.rules = off;
  const found = await axe.run(context, options);
  const where = node => node.target.join(" ") + "  " + node.html.slice(0, 160);
  return found.violations.flatMap(fault => fault.nodes.map(node => [fault.id, where(node)]));
}"""


@contextlib.contextmanager
def reader(chromium, *, width=1200, height=900, scheme="light", **settings):
    """Yield a Reader with storage of its own, a window of this size, and this wish for light or dark."""
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", **settings
    )
    try:
        context.set_default_timeout(PATIENCE)
        yield Reader(context.new_page())
    finally:
        context.close()


def sheets(paper):
    """Return, for each page of a pikepdf document, how many strings of text and how many pictures are drawn on it."""
    drawn = [[str(step.operator) for step in pikepdf.parse_content_stream(page)] for page in paper.pages]
    return [(steps.count("Tj") + steps.count("TJ"), steps.count("Do")) for steps in drawn]
