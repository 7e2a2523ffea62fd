"""The theme's style sheets without the rules that no page of this book can use: half of what a page would weigh."""

import re
from html.parser import HTMLParser
from pathlib import Path

OURS = ("book.css", "explorer.css", "picture.css", "katex.min.css")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
# Class names that the scripts put together from parts.
MADE_BY_SCRIPTS = ("bs-", "kind-")


class ClassNames(HTMLParser):
    """Collects the classes of a page's elements."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        """Note the classes."""
        self.found.update((dict(attributes).get("class") or "").split())


def words_in_use(folder: Path) -> set[str]:
    """Classes on any page, and every word of any script, since a script may set it as a class."""
    names = ClassNames()
    for page in folder.rglob("*.html"):
        names.feed(page.read_text(encoding="utf-8"))
    words = names.found
    for script in (folder / "_static").rglob("*.js"):
        words.update(re.findall(r"[A-Za-z_][\w-]*", script.read_text(encoding="utf-8")))
    return words


def blocks(style: str):
    """Split a style sheet into (head, body) pairs; the body is None for a statement that ends with a semicolon."""
    style = re.sub(r"/\*(?!!).*?\*/", "", style, flags=re.DOTALL)
    place = 0
    while place < len(style):
        start = place
        while place < len(style) and style[place] not in "{;":
            place = skip(style, place)
        head = style[start:place]
        if place >= len(style) or style[place] == ";":
            place += 1
            if head.strip():
                yield head, None
            continue
        place += 1
        body, depth = place, 1
        while place < len(style) and depth:
            depth += {"{": 1, "}": -1}.get(style[place], 0)
            place = skip(style, place)
        yield head, style[body : place - 1]


def skip(style: str, place: int) -> int:
    """The place after this character, or after the string, the comment or the bracketed address that starts here."""
    if style[place] in "\"'":
        end = place + 1
        while end < len(style) and style[end] != style[place]:
            end += 2 if style[end] == "\\" else 1
        return end + 1
    if style.startswith("/*", place):
        return style.find("*/", place) + 2
    return place + 1


def selectors(head: str) -> list[str]:
    """The parts of a rule's head between commas that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(head):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(head[start:place])
            start = place + 1
    return [*parts, head[start:]]


def can_match(selector: str, words: set[str]) -> bool:
    """Whether every class that a selector asks for is in use somewhere."""
    asked = re.sub(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)", "", selector)
    return "\\" in asked or all(name in words or name.startswith(MADE_BY_SCRIPTS) for name in CLASS.findall(asked))


def prune(style: str, words: set[str]) -> str:
    """The style sheet without rules that cannot match, and without the icon font's faces."""
    kept = []
    for head, body in blocks(style):
        plain = re.sub(r"/\*.*?\*/", "", head, flags=re.DOTALL).strip()
        if body is None:
            kept.append(f"{head};")
        elif plain.startswith(("@media", "@supports", "@layer", "@container")):
            inner = prune(body, words)
            kept += [f"{head}{{{inner}}}"] if inner.strip() else []
        elif plain.startswith("@font-face"):
            kept += [] if "fontawesome" in body else [f"{head}{{{body}}}"]
        elif plain.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            alive = [part for part in selectors(head) if can_match(part, words)]
            kept += [f"{','.join(alive)}{{{body}}}"] if alive else []
    return "".join(kept)


def lighten(app, exception):
    """Prune the styles that Sphinx has just copied, and leave out what the drawn icons replace."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    static = folder / "_static"
    fonts = static / "vendor/fontawesome"
    # The theme's templates and source maps are copied along with its styles, though no page asks for them.
    unused = [
        static / "scripts/fontawesome.js",
        *static.glob("*webpack-macros.html"),
        *static.rglob("*.map"),
        *(path for path in fonts.rglob("*") if path.is_file()),
    ]
    for path in unused:
        path.unlink(missing_ok=True)
    words = words_in_use(folder)
    for style in static.rglob("*.css"):
        if style.name not in OURS:
            style.write_text(prune(style.read_text(encoding="utf-8"), words), encoding="utf-8")


def setup(app):
    """Run when all pages are there."""
    app.connect("build-finished", lighten, priority=950)
