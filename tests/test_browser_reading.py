"""The built book under a reader's hands: below a sub-path, in the dark, along its links."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from _sphinx.tools.page import read_page
from tests.browser import CHAPTERS, reader, serve

pytest_plugins = ["tests.browser"]


def test_the_book_works_below_a_sub_path(chromium, built_book, tmp_path):
    """Served below a sub-path, as project pages are, pages open as silently as at the root."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some/course").symlink_to(built_book)
    with serve(tmp_path) as address, reader(chromium, width=390) as visit:
        # Links of all pages are checked without a browser; these are of every kind.
        for name in [*CHAPTERS[::4], "search"]:
            visit.open(f"{address}some/course/{name}.html")
        # Leaving at once, the browser drops what it was still fetching.
        assert [fault for fault in visit.faults() if not fault.endswith("ERR_ABORTED")] == []
        paths = [urlsplit(one).path for one in visit.requests if one.startswith("http")]
        assert [path for path in paths if not path.startswith("/some/course/")] == []


def test_the_address_of_the_book_leads_to_its_start(chromium, book_address):
    """Opening the folder's address arrives on the first page."""
    with reader(chromium) as visit:
        visit.page.goto(book_address, wait_until="commit")  # it leads on at once
        visit.page.wait_for_url(f"{book_address}{CHAPTERS[0]}.html", wait_until="load")
        # Leaving at once, the browser drops what it was still fetching for the page that leads on.
        assert [fault for fault in visit.faults() if not fault.endswith("ERR_ABORTED")] == []


THEME = "() => [document.documentElement.dataset.theme, document.documentElement.dataset.mode]"


def test_the_choice_of_dark_stays(chromium, book_address):
    """The header's button switches to dark by keyboard; the choice holds on the next page and back again."""
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}{CHAPTERS[0]}.html")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        button = page.locator(".article-header-buttons button.theme-switch-button")
        for _ in range(3):
            if page.evaluate(THEME) != ["dark", "dark"]:
                button.focus()
                page.keyboard.press("Enter")
        assert page.evaluate(THEME) == ["dark", "dark"]
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark != light
        for name in (CHAPTERS[1], CHAPTERS[0]):
            visit.open(f"{book_address}{name}.html")
            assert page.evaluate(THEME) == ["dark", "dark"]
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
        assert visit.faults() == []


@pytest.mark.parametrize(
    "name, faces",
    [
        (CHAPTERS[1], {"book-serif"}),
        ("chapters/back-matter/bibliography", {"book-serif", "book-serif-italic"}),
        ("chapters/chinchilla/counting", {"book-serif", "KaTeX_Main-Regular", "KaTeX_Math-Italic"}),
    ],
)
def test_the_faces_of_the_text_do_not_wait_for_the_style(name, faces, chromium, book_address):
    """While the style sheet is held back the faces that the top of a page shows are asked for; no face is asked for
    twice, and the page reads as silently.
    """
    asked = re.compile(r"/([\w-]+)\.woff2$")
    with reader(chromium, width=390) as visit:
        held = []
        visit.page.route("**/styles-*.css", lambda route: held.append(route))
        visit.page.goto(f"{book_address}{name}.html", wait_until="commit")
        while not held or not faces <= {match[1] for one in visit.requests if (match := asked.search(one))}:
            visit.page.wait_for_timeout(100)
        held[0].continue_()
        visit.page.wait_for_load_state("load")
        visit.page.wait_for_function("document.fonts.check('16px \"Book Serif\"')")
        found = [match[1] for one in visit.requests if (match := asked.search(one))]
        assert len(found) == len(set(found))
        assert visit.faults() == []


def test_the_ledger_stays_where_it_is_when_its_filter_comes(chromium, book_address):
    """The table lies as far down before the filter's script is there as after, and the filter counts its rows."""
    where = "document.querySelector('table.verdicts').getBoundingClientRect().top"
    with reader(chromium, width=390) as visit:
        held = []
        visit.page.route("**/verdicts.js*", lambda route: held.append(route))
        visit.page.goto(f"{book_address}chapters/back-matter/ledger.html", wait_until="commit")
        visit.page.wait_for_selector("table.verdicts")
        while not held:
            visit.page.wait_for_timeout(100)
        before, said = visit.page.evaluate(where), visit.page.locator(".verdict-filter [role=status]").inner_text()
        held[0].continue_()
        visit.page.wait_for_selector(".verdict-filter:not([hidden])")
        assert visit.page.evaluate(where) == before
        assert visit.page.locator(".verdict-filter [role=status]").inner_text() == said
        assert visit.faults() == []


def place_of(fragment):
    """Return the anchor that a fragment names; a live figure's setting follows it after a question mark."""
    return unquote(fragment).split("?")[0]


def test_every_link_inside_the_book_leads_somewhere(built_book):
    """Each link of each built page that stays in the book names a file that exists and a place on it."""
    dead, counted, home = [], 0, built_book.resolve()
    for file in sorted(built_book.rglob("*.html")):
        for link in read_page(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link == "#":
                continue
            counted += 1
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file.resolve()
            there = target.is_file() and target.is_relative_to(home) and not parts.path.startswith("/")
            if there and parts.fragment and target.suffix == ".html":
                there = place_of(parts.fragment) in read_page(target).ids
            if not there:
                dead.append(f"{file.name}: {link}")
    assert dead == [] and counted > 500


HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
ADDRESS = re.compile(r"([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


def test_every_link_to_another_host_is_sound(built_book):
    """A link that leaves the book is https, names a host, and holds nothing that an address may not hold."""
    faults, counted = [], 0
    for file in sorted(built_book.rglob("*.html")):
        for link in read_page(file).links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                continue
            counted += 1
            if parts.scheme != "https" or not HOST.fullmatch(parts.netloc) or not ADDRESS.fullmatch(link):
                faults.append(f"{file.name}: {link}")
    assert faults == [] and counted > 100
