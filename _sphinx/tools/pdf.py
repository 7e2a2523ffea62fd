"""Makes the whole built book one tagged PDF, with an outline and links that work inside it, through a browser.

python -m _sphinx.tools.pdf _build/html
"""

import argparse
import html
import importlib.util
import io
import mimetypes
import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup

from scalinglib.files import write_whole

from .check import toc_pages
from .chromium import NoChromium, find_chromium
from .formula_words import in_words
from .page import outside

ROOT = Path(__file__).resolve().parents[2]
NAME = "book.pdf"
# A host that does not exist: every request is answered from the built folder, or not at all.
ORIGIN = "http://book.invalid/"
# What a page offers only on a screen.
SCREEN_TAGS = ("script", "button", "noscript")
SCREEN_CLASSES = {"headerlink", "toggle-button", "copybtn", "launch", "d-print-none"}
# Spans in code carry colours, and code prints in ink: each would become an element of the PDF's structure for nothing.
CODE, KEPT = ("pre", "code", "dt"), {"descname", "math", "katex"}
# Attributes that name one or several ids of the same page.
NAMING = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-details", "aria-controls", "aria-owns")
LOCAL_ADDRESS = re.compile(r"url\((['\"]?)#")
DATES = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^)]*\)")
WORDS = re.compile(r'<span class="book-pdf">(.*?)</span>', re.DOTALL)
WAIT = 120_000


class Missing(Exception):
    """Something the PDF cannot be made without, and how to get it."""


def find_browser() -> str:
    """Path of a Chromium, where Playwright is there to drive it."""
    if importlib.util.find_spec("playwright") is None:
        raise Missing("Playwright is missing; it is in requirements.txt: make environment")
    return find_chromium()


def slug(name: str) -> str:
    """The id that stands for a whole page."""
    return name.replace("/", "-")


def place(name: str, fragment: str) -> str:
    """The id that stands for a place on a page."""
    return f"{slug(name)}--{fragment}" if fragment else slug(name)


def parts(toc: Path) -> list[tuple[str, list[str]]]:
    """Captions and their pages, in the order of the book; the start page stands under an empty caption."""
    tree = yaml.safe_load(toc.read_text(encoding="utf-8"))
    groups, placed = [], set()
    for part in tree.get("parts", ()):
        names = [name for chapter in part["chapters"] for name in toc_pages_below(chapter)]
        groups.append((part.get("caption", ""), names))
        placed.update(names)
    return [("", [name for name in toc_pages(toc) if name not in placed]), *groups]


def toc_pages_below(entry: dict) -> list[str]:
    """A chapter of the table of contents and its sections."""
    below = [name for section in entry.get("sections", ()) for name in toc_pages_below(section)]
    return [re.sub(r"\.(md|ipynb|rst)$", "", entry["file"]), *below]


class Section:
    """One page's article, made ready to stand in one document with all others."""

    def __init__(self, folder: Path, name: str, pages: set[str]):
        file = folder / f"{name}.html"
        if not file.is_file():
            raise Missing(f"{file} is missing; build the book first (make book).")
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        self.name, self.pages = name, pages
        self.styles = [self.from_root(link["href"]) for link in page.select('link[rel~="stylesheet"]')]
        self.body = page.select_one("article.bd-article")
        for element in self.body.find_all(self.on_screen_only):
            element.decompose()
        for code in self.body.find_all(CODE):
            for mark in code.find_all(self.only_a_colour):
                mark.unwrap()
        for formula in self.body.find_all(class_="katex"):
            self.say(formula, page.new_tag)
        for element in self.body.find_all(id=True):
            element["id"] = place(name, element["id"])
        self.title = " ".join(self.body.find("h1").get_text().split())
        for element in self.body.find_all(True):
            self.settle(element)

    @staticmethod
    def on_screen_only(element) -> bool:
        """Whether an element has no use on paper."""
        return element.name in SCREEN_TAGS or not SCREEN_CLASSES.isdisjoint(element.get("class") or ())

    @staticmethod
    def only_a_colour(element) -> bool:
        """Whether a mark in code says nothing but how it is coloured."""
        return (
            element.name == "span"
            and not element.get("id")
            and not element.find_parent(class_="katex")
            and KEPT.isdisjoint(element.get("class") or ())
        )

    @staticmethod
    def say(formula, new_tag):
        """Give a formula its words as the alternative text of a dot under it;
        Chromium tags neither KaTeX's HTML nor MathML.
        """
        words = {"class": "formula-words", "role": "img", "aria-label": in_words(formula.find("math"))}
        dot = new_tag("svg", attrs={**words, "width": "1", "height": "1"})
        dot.append(new_tag("rect", attrs={"width": "1", "height": "1", "fill": "#fff"}))
        formula.insert_before(dot)
        formula.find(class_="katex-mathml").decompose()

    def from_root(self, address: str) -> str:
        """A relative address on this page, as seen from the book's folder."""
        path = unquote(urlsplit(address).path)
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.name), path)) if path else f"{self.name}.html"

    def settle(self, element):
        """Make what refers to ids the section's own, load pictures from the root, lead links, unfold what is folded."""
        for key, value in element.attrs.items():
            if key in NAMING:
                words = value if isinstance(value, list) else value.split()
                element[key] = " ".join(place(self.name, word) for word in words)
            elif key in ("href", "xlink:href") and element.name != "a" and value.startswith("#"):
                element[key] = "#" + place(self.name, value[1:])
            elif isinstance(value, str) and "url(" in value:
                element[key] = LOCAL_ADDRESS.sub(rf"url(\1#{place(self.name, '')}--", value)
        if element.name == "img" and not outside(element["src"]) and not element["src"].startswith("data:"):
            element["src"] = self.from_root(element["src"])
        elif element.name == "details":
            element["open"] = ""
        elif element.name == "a" and element.get("href"):
            self.lead(element)

    def lead(self, link):
        """Turn a link to another page into one inside the document; a link to a file beside the pages is only words."""
        address = link["href"]
        # What is said on hover stays on the screen.
        link.attrs.pop("aria-describedby", None)
        if urlsplit(address).scheme or outside(address):
            return
        target = self.from_root(address).removesuffix(".html")
        if target in self.pages:
            # A live figure's address carries its setting after a question mark.
            fragment = unquote(urlsplit(address).fragment).split("?")[0]
            link["href"] = "#" + place(target, fragment)
        else:
            link.name = "span"
            link.attrs = {"class": link.get("class", [])}


def contents(groups, sections: dict[str, Section]) -> str:
    """The list of sections with links, and room for page numbers, which only the printed pages can tell."""
    lines = []
    for caption, names in groups:
        entries = "".join(
            f'<li><a href="#{slug(name)}"><span class="entry">{html.escape(sections[name].title)}</span> '
            f'<span class="at">000</span></a></li>'
            for name in names
        )
        lines.append((f'<p class="part">{html.escape(caption)}</p>' if caption else "") + f"<ul>{entries}</ul>")
    return f'<nav class="book-contents" aria-label="Contents"><h1 id="contents">Contents</h1>{"".join(lines)}</nav>'


def assemble(folder: Path, toc: Path) -> str:
    """All pages of the book as one HTML document: cover, contents, and one section for each page, in order."""
    settings = yaml.safe_load((toc.parent / "_config.yml").read_text(encoding="utf-8"))
    title, author = html.escape(settings["title"]), html.escape(settings["author"])
    groups, names = parts(toc), toc_pages(toc)
    sections = {name: Section(folder, name, set(names)) for name in names}
    styles = dict.fromkeys(style for section in sections.values() for style in section.styles)
    # The book's own style has the last word on every page, and so here.
    styles = sorted(styles, key=lambda style: style.endswith("/book.css"))
    head = "".join(f'<link rel="stylesheet" href="{html.escape(style)}"/>' for style in styles)
    text = "".join(
        f'<div class="book-section" id="{slug(name)}">{section.body.decode_contents(formatter="minimal")}</div>'
        for name, section in sections.items()
    )
    licence = settings.get("html", {}).get("extra_footer", "")
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta '
        f'charset="utf-8"/><title>{title}</title>'
        f'<meta name="author" content="{author}"/>{head}</head><body class="whole-book"><main class="bd-content">'
        f'<article class="bd-article"><div class="book-cover"><p class="book-title">{title}</p><p '
        f'class="book-author">by {author}</p>'
        f'<div class="book-licence">{licence}</div></div>'
        f"{contents(groups, sections)}{text}</article></main></body></html>"
    )


class Press:
    """A Chromium that prints a document whose pictures and styles lie in the built folder."""

    def __init__(self, browser, folder: Path):
        self.folder, self.document, self.absent = folder.resolve(), "", []
        self.page = browser.new_page(color_scheme="light")
        self.page.route("**/*", self.answer)

    def answer(self, route):
        """Answer from the folder; another host gets nothing."""
        address = route.request.url
        if address == ORIGIN:
            route.fulfill(body=self.document, content_type="text/html; charset=utf-8")
            return
        file = (self.folder / unquote(urlsplit(address).path).lstrip("/")).resolve()
        if address.startswith(ORIGIN) and file.is_relative_to(self.folder) and file.is_file():
            kind, body = mimetypes.guess_type(file.name)[0] or "application/octet-stream", None
            if kind == "text/css":  # on paper a face is waited for, however long it takes
                body = file.read_bytes().replace(b"font-display: optional", b"font-display: block")
            route.fulfill(path=None if body else file, body=body, content_type=kind)
        else:
            self.absent.append(address.removeprefix(ORIGIN))
            route.abort()

    def open(self, document: str):
        """Load the document; a picture or a style that is not there is a fault."""
        self.document, self.absent = document, []
        self.page.goto(ORIGIN, wait_until="load", timeout=WAIT)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        if self.absent:
            raise Missing(f"not in the built book, though a page shows it: {', '.join(sorted(set(self.absent)))}")

    def number(self, numbers: dict[str, int]):
        """Write page numbers behind the entries of the contents."""
        self.page.evaluate(
            """numbers => document.querySelectorAll("nav.book-contents a").forEach(link =>
            { link.querySelector(".at").textContent = numbers[link.hash.slice(1)] })""",
            numbers,
        )

    def titles(self) -> list[str]:
        """The headings of the document, as they are read."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll("h1, h2, h3, h4")].map(heading => {
              const plain = heading.cloneNode(true);
              plain.querySelectorAll(".headerlink").forEach(link => link.remove());
              return plain.textContent.split(/\\s+/).join(" ").trim();
            })"""
        )

    def print(self, *, tagged: bool) -> bytes:
        """The document as PDF; its dates are blanked, so that the same book gives the same file."""
        data = self.page.pdf(tagged=tagged, outline=tagged, print_background=True, prefer_css_page_size=True)
        return DATES.sub(lambda match: b" " * len(match[0]), data)


def page_numbers(data: bytes) -> dict[str, int]:
    """The page, counted from 1, on which each named place of a PDF lies."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    return {
        unquote(name.removeprefix("/")): reader.get_destination_page_number(where) + 1
        for name, where in reader.named_destinations.items()
    }


def packed(data: bytes, titles: list[str]) -> bytes:
    """The same document with its objects in compressed streams, and with titles that are whole in its outline.

    Chromium writes the tags of a page as plain words, and joins the two words between which a heading breaks.
    """
    import pikepdf

    out, whole = io.BytesIO(), {"".join(title.split()): title for title in titles}
    with pikepdf.open(io.BytesIO(data)) as document:
        for entry in document.objects:
            if isinstance(entry, pikepdf.Dictionary) and "/Title" in entry and "/Parent" in entry:
                entry.Title = whole.get("".join(str(entry.Title).split()), str(entry.Title))
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def write(folder: Path, toc: Path) -> Path:
    """Print the book twice, the second time with page numbers in its contents, and put it into the folder whole."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        press = Press(browser, folder)
        press.open(assemble(folder, toc))
        press.number(page_numbers(press.print(tagged=False)))
        data = packed(press.print(tagged=True), press.titles())
        browser.close()
    return write_whole(folder, {NAME: data})[0]


def link_from_start(folder: Path, start: str) -> None:
    """Make the start page's words about the PDF a link to it; without a PDF they stay words."""
    file = folder / f"{start}.html"
    page = file.read_text(encoding="utf-8")
    linked = WORDS.sub(lambda match: f'<a class="book-pdf" href="{NAME}">{match[1]}</a>', page)
    if linked == page and f'href="{NAME}"' not in page:
        raise Missing(f"{file} has no words to make a link of: [words]{{.book-pdf}}")
    file.write_text(linked, encoding="utf-8")


def main(arguments=None) -> int:
    """Make the PDF and link it; 1 where something that it needs is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the built pages, usually _build/html")
    parser.add_argument("--toc", type=Path, default=ROOT / "_toc.yml")
    parser.add_argument("--if-possible", action="store_true", help="without a Chromium, say so and go on")
    options = parser.parse_args(arguments)
    try:
        find_browser()
    except (Missing, NoChromium) as fault:
        print(f"No PDF: {fault}", file=sys.stdout if options.if_possible else sys.stderr)
        return 0 if options.if_possible else 1
    try:
        file = write(options.folder, options.toc)
        link_from_start(options.folder, toc_pages(options.toc)[0])
    except (Missing, NoChromium) as fault:
        print(f"No PDF: {fault}", file=sys.stderr)
        return 1
    print(f"{file.resolve()}: {file.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
