"""The last pass over every page: what it loads, shows, says and allows; each page is read and written once."""

import base64
import hashlib
import html
import json
import posixpath
import re
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.element import Script
from bs4.formatter import EntitySubstitution, HTMLFormatter

from coursebook import explorers, glosses, icons, live, maths, styles
from scalinglib.files import write_whole

# Part of a file's address -> the classes of an element that has use for it.
NEEDED_FOR = {
    "sphinx-thebe.": "never",
    "design-tabs.": "sd-tab-set",
    "sphinx-design.": r"sd-\S+",
    "togglebutton.": r"toggle|dropdown( \S+)* admonition|admonition( \S+)* dropdown",
    "clipboard.": "highlight",
    "copybutton.": "highlight",
    "katex/": "katex",
    "explorer.": "explorer",
    "picture.": "picture",
    "quiz/": "quiz",
    "route/": "route",
    "gloss/": "glosses",
    "verdicts/": "verdict-filter",
    "live/": "cell",
    **{f"explore/{name}": name.removesuffix(".js") for name in explorers.PROGRAMS},
}
TOGGLE_SETTINGS = re.compile(r"toggleHint|toggleOpenOnPrint|togglebuttonSelector")
# Extensions that jupyter-book always loads and this book has no use for: both bring scripts from other hosts.
UNUSED = ("sphinx_thebe", "sphinx_comments")
# Stands where the one sheet's name will, which only all pages together give.
SHEET = "styles-of-the-book.css"
# The theme knows the reader's choice of light or dark only once its script has run; until then, and where scripts
# are off, the page has to look right by itself.
SCHEME = 'localStorage.getItem("theme") || "auto"'
SCHEME_NOW = 'localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")'
# Asks for the faces of the text beside the style sheet that names them, so that no line moves once they are there. Not
# from a folder, where the browser takes any page for a stranger to it and says so in the console.
FACES = """
if (location.protocol !== "file:") for (const name of %s) {
  const link = document.createElement("link");
  const href = `${document.documentElement.dataset.content_root}_static/${name}.woff2`;
  document.head.append(Object.assign(link, {rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href}));
}
"""
TEXT, ITALIC = "text/book-serif", "text/book-serif-italic"
MATHS = ["katex/fonts/KaTeX_Main-Regular", "katex/fonts/KaTeX_Math-Italic"]
# What is set in italics, and where it is not seen before a reader opens it.
ITALICS = "article section :is(p, li, td, dd) :is(em, cite, i)"
FOLDED = "details, .dropdown, .toggle, .explorer, .quiz"
# Names of Sphinx's and of Pygments' that no style sheet colours differently from the words around them: they would
# be a third of all elements of a page of code.
PLAIN = (["pre"], ["n"], ["nn"], ["p"], ["w"])
# What a page may load and run: files of the book and, by their hashes, the scripts that stand in the page itself.
# KaTeX's drawings and the tables of pandas have styles of their own.
POLICY = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
START = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta http-equiv="refresh" content="0; url={page}" />
    <link rel="icon" href="_static/favicon.svg" />
    <title>{title}</title>
  </head>
  <body>
    <main><h1>{title}</h1><p>The course starts at <a href="{page}">its first page</a>.</p></main>
  </body>
</html>
"""


SPELT = {name.lower(): name for name in ("viewBox", "preserveAspectRatio")}


class AsWritten(HTMLFormatter):
    """Attributes in their order and in double quotes; BeautifulSoup would sort them and choose the quotes."""

    def attributes(self, tag):
        """Name and value of each; the parser has made the names of SVG small."""
        return [(SPELT.get(name, name), value) for name, value in tag.attrs.items()]

    def quoted_attribute_value(self, value):
        """A value as it stands in the page."""
        return '"' + value.replace('"', "&quot;") + '"'


def finish(page: BeautifulSoup, *, options: str = "") -> None:
    """Finish one page.

    Parameters
    ----------
    page : BeautifulSoup
        Changed in place.
    options : str
        Sphinx's options, the one script that pages would wait for: it goes into the page.
    """
    classed = page.find_all(class_=True)
    load(page, {" ".join(element["class"]) for element in classed}, options)
    describe(page)
    speak(page)
    maths.keep_together(page)
    for element in classed:
        if element.name in ("i", "span") and not icons.FAMILIES.keys().isdisjoint(element["class"]):
            icons.draw(page, element)
        elif element.name == "span" and len(element.attrs) == 1 and element["class"] in PLAIN:
            element.unwrap()
    allow(page)


def written(page: BeautifulSoup) -> str:
    """The text of a page."""
    return page.decode(formatter=AsWritten(entity_substitution=EntitySubstitution.substitute_xml))


def load(page, classes, options):
    """Drop scripts and styles that are there twice or have nothing to do; the others wait until the page is read."""
    kinds = {name: re.compile(rf"(?<!\S)(?:{kind})(?!\S)") for name, kind in NEEDED_FOR.items()}
    unused, seen = [name for name, kind in kinds.items() if not any(map(kind.search, classes))], set()
    # The search page's own scripts come after these in the page and need them at once.
    waits = page.find("script", src=re.compile("searchtools")) is None
    for tag in page.find_all(_loads):
        address = (tag.get("src") or tag.get("href")).split("?")[0]
        if address in seen or any(name in address for name in unused):
            tag.decompose()
        elif address.endswith("documentation_options.js"):
            del tag["src"]
            tag.string = Script(options)
        elif tag.name == "script" and waits and "async" not in tag.attrs:
            tag.attrs = {"defer": "defer", **tag.attrs}
        seen.add(address)
    for script in page.find_all("script", src=None, string=True):
        if "togglebutton." in unused and TOGGLE_SETTINGS.search(script.string):
            script.decompose()
        else:
            script.string = Script(script.string.replace(SCHEME, SCHEME_NOW))
    if page.html and page.html.get("data-content_root") is not None:
        script = Script(FACES % json.dumps(faces(page)))
        page.head.find(["script", "link"]).insert_before(page.new_tag("script", string=script))
    for tools in page.find_all("script", src=re.compile("searchtools")):
        tools.insert_after(page.new_tag("script", src=tools["src"].replace("searchtools", "search/any-word")))
    # Scripts in attributes are refused; print.js listens instead.
    for button in page.find_all("button", onclick="window.print()"):
        del button["onclick"]


def faces(page) -> list[str]:
    """The faces whose coming would move what a reader sees first: italics, and maths in the first paragraphs."""
    slanted = any(word.css.closest(FOLDED) is None for word in page.select(ITALICS))
    maths_first = any(paragraph.select_one(".katex") for paragraph in page.select("article section p", limit=8))
    return [TEXT, *[ITALIC] * slanted, *MATHS * maths_first]


def _loads(tag):
    return (tag.name == "script" and "src" in tag.attrs) or (tag.name == "link" and "stylesheet" in tag["rel"])


def describe(page):
    """Give a page its first paragraph as description, for search engines and previews."""
    if page.find("meta", attrs={"name": "description"}) or not page.article:
        return
    paragraphs = page.article.find_all("p")
    # On a page that is all lists, the first item.
    for paragraph in (one for kind in ("section", "li") for one in paragraphs if one.parent.name == kind):
        words = [text for text in paragraph.find_all(string=True) if not text.find_parent(class_="math")]
        text = textwrap.shorten("".join(words), 155, placeholder=" …")
        if len(text) > 40:
            page.head.append(page.new_tag("meta", attrs={"name": "description", "content": text}))
            return


def speak(page):
    """Mend what a screen reader stumbles over, what stands twice under one id, and colours before any script has run.

    A heading cell that names nothing, the course's name outside every landmark, roles that are withdrawn (and a
    list whose entries were no list items), a fold in the list of pages without a name, folds that all have one name,
    an id of every exercise.
    """
    if page.html and page.html.get("data-theme") == "auto":
        page.html["data-theme"] = "light"
    for cell in page.find_all("th"):
        if not cell.get_text(strip=True) and not cell.find(True):
            cell.name, cell.attrs = "td", {}
    for sidebar in page.find_all(id="pst-primary-sidebar"):
        sidebar.attrs |= {"role": "complementary", "aria-label": "The book"}
        for summary in sidebar.find_all("summary"):
            summary["aria-label"] = f"Pages below {summary.parent.find_previous_sibling('a').get_text()}"
    for entry in page.find_all(role="doc-biblioentry"):
        entry["role"] = "listitem"
    for section in page.find_all(id=["exercise-content", "solution-content"]):
        del section["id"]
    for summary in page.select("details.hide > summary"):
        # The line says what is in there, folded or not; the theme would have it read "Toggle hidden content".
        closed, opened = summary.find_all("p")
        if closed.get_text() == opened.get_text():
            opened.decompose()
            closed["class"] = ["admonition-title"]
            del summary["aria-label"]


def allow(page):
    """Write down what the page may load and run; it stands before the first script."""
    texts = [script.string for script in page.find_all("script", src=None, type=None) if script.string]
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in dict.fromkeys(texts))
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    if page.find("script", src=re.compile(live.SCRIPT)):
        policy = POLICY.format(hashes=live.ALLOWED + hashes) + live.WORKERS
    else:
        policy = POLICY.format(hashes=hashes)
    policy = policy.replace(" ;", ";")
    meta = {"http-equiv": "Content-Security-Policy", "content": policy}
    page.find("meta", charset=True).insert_after(page.new_tag("meta", attrs=meta))


def finish_all(app, exception):
    """Finish the pages that this build has written; those of an earlier one have their policy and keep their sheet."""
    if exception is not None or app.builder.name != "html":
        return
    folder, static = Path(app.outdir), Path(app.outdir) / "_static"
    if app.config.root_doc != "index":
        # The folder's address leads to the first page, also where nothing redirects.
        start = START.format(title=html.escape(app.config.html_title), page=f"{app.config.root_doc}.html")
        (folder / "index.html").write_text(start, encoding="utf-8")
    remove_unused(static)
    write_pages(folder, glosses.works(app.env.get_domain("cite")))


def write_pages(folder: Path, works: dict | None = None):
    """Finish the pages of a folder, all their styles in one sheet whose name changes with its content."""
    static, pages, lists = folder / "_static", {}, []
    words, notes = styles.words_of_scripts(static), glosses.Glosses(folder, works)
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    for file in sorted(set(folder.rglob("*.html")) - set(static.rglob("*"))):
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        if page.find("meta", attrs={"http-equiv": "Content-Security-Policy"}):
            continue
        notes.add(page, file)
        finish(page, options=options)
        words.update(name for element in page.find_all(class_=True) for name in element["class"])
        links = page.find_all("link", rel="stylesheet")
        lists.append([(file.parent / urlsplit(link["href"]).path).resolve() for link in links])
        for link in links[1:]:
            link.decompose()
        for link in links[:1]:
            link.attrs = {"rel": "stylesheet", "href": posixpath.relpath(static / SHEET, file.parent)}
        pages[file] = written(page)
    style = styles.joined(styles.in_one_order(lists), static, words)
    name = f"styles-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"
    write_whole(static, {name: style.encode()})
    for file, text in pages.items():
        file.write_text(text.replace(SHEET, name), encoding="utf-8")


def remove_unused(static: Path):
    """Remove what the drawn icons replace, and templates and source maps, which no page asks for."""
    for pattern in ("scripts/fontawesome.js", "*webpack-macros.html", "**/*.map", "vendor/fontawesome/**/*.*"):
        for path in static.glob(pattern):
            path.unlink()


def silence_unused(app, config):
    """Take back what the unused extensions have asked to be called for."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ in UNUSED:
                app.disconnect(listener.id)


def setup(app):
    """Run after every other extension has added what it wants."""
    app.add_css_file("book.css", priority=950)
    app.add_css_file("text/text.css", priority=960)
    app.add_js_file("print.js", loading_method="defer")
    app.connect("config-inited", silence_unused)
    app.connect("build-finished", finish_all, priority=950)
