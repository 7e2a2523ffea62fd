"""The built book under a reader's hands: below a sub-path, in the dark, on paper, by keyboard, along its links."""

import io
import re
from urllib.parse import unquote, urlsplit

import pikepdf
import pytest

from _sphinx.tools.page import read_page
from tests.browser import CHAPTERS, SETTLED, reader, serve, sheets

pytest_plugins = ["tests.browser"]

# The pages of the library's modules are of one make: one stands for all where a page is gone through slowly.
PAGES = [name for name in CHAPTERS if "/api/" not in name or name.endswith("/laws")]


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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints(chromium, book_address, name):
    """Printed from dark mode, a page has its title, no blank sheet, nothing too wide, dark ink on white."""
    with reader(chromium, width=794, scheme="dark") as visit:
        page = visit.open(f"{book_address}{name}.html")
        title = page.evaluate("""() => {
            const heading = document.querySelector("article h1").cloneNode(true);
            heading.querySelectorAll(".headerlink").forEach(link => link.remove());
            return heading.textContent.trim();
        }""")
        written = page.pdf(format="A4", tagged=True, outline=True)
        blank = page.evaluate("[...document.images].filter(one => !one.naturalWidth).map(one => one.src)")
        page.emulate_media(media="print")
        ink, ground, wide, shown = page.evaluate("""() => [
            getComputedStyle(document.querySelector("article p")).color,
            getComputedStyle(document.body).backgroundColor,
            document.documentElement.scrollWidth,
            [".bd-sidebar-primary", ".bd-sidebar-secondary", ".article-header-buttons", "#pst-back-to-top",
             ".prev-next-footer"].filter(part => document.querySelector(part)?.checkVisibility())]""")
    with pikepdf.open(io.BytesIO(written)) as paper:
        with paper.open_outline() as outline:
            # Chromium joins the two words between which a title is broken into lines.
            assert "".join(outline.root[0].title.split()) == "".join(title.split())
        drawn = sheets(paper)
    assert blank == [], "a picture was not fetched for print"
    assert drawn and all(text or pictures for text, pictures in drawn)
    assert (ink, ground) == ("rgb(35, 39, 46)", "rgb(255, 255, 255)")
    assert wide <= 794 and shown == []


# Run in the page before any Tab: each element that takes the focus is noted with what shows that it has it.
FOLLOW = """() => {
  window.reached = new Map();
  const shadow = element => getComputedStyle(element).boxShadow;
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.wanted = [...document.querySelectorAll("article, .bd-header-article")]
    .flatMap(part => [...part.querySelectorAll(wanted)])
    .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}));
  const calm = new Map(window.wanted.map(e => [e, shadow(e)]));
  document.addEventListener("focusin", event => {
    const e = event.target, style = getComputedStyle(e);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    window.reached.set(e, ring || (shadow(e) !== "none" && shadow(e) !== calm.get(e)));
  });
  // A gloss is gone through anew with each link that has it.
  const again = [...document.querySelectorAll("a.glossed")]
    .map(link => document.getElementById(link.getAttribute("aria-describedby")).querySelectorAll("a").length);
  return document.querySelectorAll(wanted).length + again.reduce((sum, more) => sum + more, 0);
}"""
OUTCOME = """() => {
  const say = e => e.outerHTML.slice(0, 120);
  const alike = e => e.type === "radio" ? [...document.getElementsByName(e.name)] : [e];
  return [window.wanted.filter(e => !alike(e).some(one => window.reached.has(one))).map(say),
          [...window.reached].filter(([e, seen]) => !seen).map(([e]) => say(e)), window.wanted.length];
}"""


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything(chromium, book_address, name):
    """Tab alone reaches every link, button and field of header and article; each shows when it has focus."""
    with reader(chromium) as visit:
        page = visit.open(f"{book_address}{name}.html")
        page.evaluate(SETTLED)
        for _ in range(page.evaluate(FOLLOW) + 1):
            page.keyboard.press("Tab")
        missed, unseen, wanted = page.evaluate(OUTCOME)
    assert wanted > 3
    assert missed == []
    assert unseen == []


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
