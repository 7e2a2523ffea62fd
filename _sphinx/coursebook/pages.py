"""The head of each page: no script twice or in vain, no outside host, a description."""

import functools
import html
import re
import textwrap
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.builders.html._assets import _JavaScript

from coursebook import icons

# Asset -> whether a page needs it. What is not named here stays.
NEVER = ("sphinx-thebe.js", "sphinx-thebe.css")
TABS = ("design-tabs.js",)
TOGGLES = ("togglebutton.js", "togglebutton.css")
CODE = ("clipboard.min.js", "copybutton.js", "copybutton.css")
DESIGN = ("sphinx-design.min.css",)
# Extensions that jupyter-book always loads and this book has no use for: both bring scripts from other hosts.
UNUSED = ("sphinx_thebe", "sphinx_comments")
TOGGLE_SETTINGS = ("toggleHint", "toggleOpenOnPrint", "togglebuttonSelector")


def unneeded(doctree) -> tuple[str, ...]:
    """The files that a page has no use for, by the end of their names."""
    if doctree is None:
        return NEVER + TABS + TOGGLES + CODE + DESIGN
    files = NEVER
    folded = any(
        "toggle" in node["classes"] or "dropdown" in node["classes"] or "tag_hide" in " ".join(node["classes"])
        for node in doctree.findall(nodes.Element)
        if node.get("classes")
    )
    components = {node.get("design_component") for node in doctree.findall(is_any_component)}
    files += () if folded else TOGGLES
    files += () if "tab-set" in components else TABS
    files += () if components else DESIGN
    files += () if next(doctree.findall(nodes.literal_block), None) is not None else CODE
    return files


def is_any_component(node) -> bool:
    """Whether a node belongs to sphinx-design."""
    return isinstance(node, nodes.Element) and bool(node.get("design_component"))


def name_of(asset) -> str:
    """The file behind an entry of Sphinx's lists, without folders' dots and the digest;
    empty for a script in the page.
    """
    return str(getattr(asset, "filename", asset) or "").split("?")[0]


def thin_out(app, pagename, templatename, context, doctree):
    """Drop scripts and styles that are there twice or that the page does not use."""
    unused = unneeded(doctree)
    for kind in ("script_files", "css_files"):
        kept, seen = [], set()
        for asset in context.get(kind, []):
            name = name_of(asset)
            body = getattr(asset, "attributes", {}).get("body") or ""
            if name.endswith(unused):
                continue
            if "togglebutton.js" in unused and any(word in body for word in TOGGLE_SETTINGS):
                continue
            if (name, body) in seen:
                continue
            seen.add((name, body))
            # The search page's own scripts come after these in the page and need them at once.
            kept.append(asset if pagename == "search" else defer(asset))
        context[kind] = kept


def defer(asset):
    """The same asset; a script that comes from a file waits until the page has been read.

    Sphinx's options stay where they are: a line of script in the page sets one of them at once.
    """
    waits = isinstance(asset, _JavaScript) and asset.filename and "async" not in asset.attributes
    if waits and not name_of(asset).endswith("documentation_options.js"):
        return _JavaScript(asset.filename, priority=asset.priority, **{**asset.attributes, "defer": "defer"})
    return asset


def describe(app, pagename, templatename, context, doctree):
    """Give each page its first paragraph as description, for search engines and previews."""
    if doctree is None or 'name="description"' in context.get("metatags", ""):
        return
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section):
            continue
        plain = paragraph.deepcopy()
        for formula in list(plain.findall(nodes.math)):
            formula.replace_self(nodes.Text(""))
        text = textwrap.shorten(" ".join(plain.astext().split()), 155, placeholder=" …")
        if len(text) > 40:
            context["metatags"] = (
                context.get("metatags", "") + f'<meta name="description" content="{html.escape(text)}" />\n'
            )
            return


# The theme knows the reader's choice of light or dark only once its script has run; until then, and where scripts
# are off, the page has to look right by itself.
SCHEME = 'localStorage.getItem("theme") || "auto"'
SCHEME_NOW = 'localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")'
PICTURE = re.compile(
    r"<img (?=[^>]*src=\"(?P<source>[^\"]*_images/[^\"]*\.(?:png|webp))\")(?P<rest>[^>]*?)(?: style=\"width: "
    r"(?P<width>\d+)px;\")"
)


# What a screen reader stumbles over: a heading cell that names nothing, the course's name outside every landmark,
# roles that are withdrawn (and a list whose entries were no list items), a fold in the list of pages without a name.
FOR_LISTENERS = [
    (re.compile(fault), mended)
    for fault, mended in (
        (r"<th(?: [^>]*)?>\s*</th>", "<td></td>"),
        (r'(<div id="pst-primary-sidebar")', r'\1 role="complementary" aria-label="The book"'),
        (r'role="doc-biblioentry"', 'role="listitem"'),
        (r">([^<>]+)</a><details([^>]*)><summary>", r'>\1</a><details\2><summary aria-label="Pages below \1">'),
    )
]


# Names of Sphinx's and of Pygments' that no style sheet colours differently from the words around them: they would
# be a third of all elements of a page of code.
PLAIN = ("pre", "n", "nn", "p", "w")
NEEDLESS = re.compile(rf'<span class="(?:{"|".join(PLAIN)})">([^<]*)</span>')


def finish(page: str, pictures: dict[str, Path]) -> str:
    """The page as it is written: icons drawn, colours right from the first moment, pictures with their proportions.

    All pictures but the first come last, so that they do not hold up the text. They are not left until the reader
    comes near: Chromium 150 prints a page without fetching those.
    """
    first = PICTURE.search(page)

    def sized(match):
        source = pictures.get(match["source"].rsplit("/", 1)[1])
        if source is None:
            return match[0]
        width, height = picture_size(source)
        shown = int(match["width"])
        waits = "" if match["source"] == first["source"] else ' fetchpriority="low"'
        return f'<img {match["rest"]} width="{shown}" height="{round(shown * height / width)}"{waits}'

    page = page.replace('data-theme="auto"', 'data-theme="light"').replace(SCHEME, SCHEME_NOW)
    for fault, mended in FOR_LISTENERS:
        page = fault.sub(mended, page)
    # Signatures have one of these inside another.
    return icons.inline(NEEDLESS.sub(r"\1", NEEDLESS.sub(r"\1", PICTURE.sub(sized, page))))


@functools.cache
def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels."""
    with Image.open(path) as picture:
        return picture.size


def wrap_templates(app):
    """Finish each page before it is written, so that no page is ever on disk half made."""
    if app.builder.format != "html":
        return
    original = app.builder.templates.render

    @functools.wraps(original)
    def render(template, context):
        pictures = {name: Path(app.srcdir, place) for place, name in app.builder.images.items()}
        return finish(original(template, context), pictures)

    app.builder.templates.render = render


def number_once(app, doctree, docname):
    """Take away the ids that sphinx-exercise gives to every exercise alike; an id may stand once on a page."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


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


def write_start(app, exception):
    """Lead from the folder's address to the first page with a page that also works when nothing redirects."""
    if exception is not None or app.builder.name != "html" or app.config.root_doc == "index":
        return
    page = START.format(title=html.escape(app.config.html_title), page=f"{app.config.root_doc}.html")
    Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def silence_unused(app, config):
    """Take back what the unused extensions have asked to be called for."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if listener.handler.__module__ in UNUSED:
                app.disconnect(listener.id)


def setup(app):
    """Run after every other extension has added what it wants."""
    app.add_css_file("book.css", priority=950)
    app.connect("config-inited", silence_unused)
    app.connect("builder-inited", wrap_templates)
    app.connect("doctree-resolved", number_once)
    app.connect("build-finished", write_start, priority=900)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", thin_out, priority=990)
