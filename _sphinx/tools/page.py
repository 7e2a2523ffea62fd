"""One built HTML page as the checks see it: its text, links, pictures and what it loads."""

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LOADING_LINKS = {
    "stylesheet",
    "icon",
    "shortcut",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}
LOADING_TAGS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "track": "src",
    "input": "src",
}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?([^\"');\s]+)")
ADDRESS = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"')\s]*))\s*\)")
FACE = re.compile(r"@font-face\s*\{([^}]*)\}")


def outside(address: str) -> bool:
    """Whether an address names another host."""
    parts = urlsplit(address.strip())
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ws", "wss", "ftp")


@functools.lru_cache(maxsize=256)
def _style_addresses(style: str) -> tuple[list[str], list[str]]:
    style = COMMENT.sub("", style)
    return IMPORT.findall(style), ["".join(groups) for groups in ADDRESS.findall(style)]


def addresses_in_style(style: str, *, imports_only: bool = False) -> list[str]:
    """What a style sheet loads: imports and, unless only those are asked for, pictures and fonts."""
    imports, others = _style_addresses(style)
    others = [] if imports_only else [address for address in others if not address.startswith("data:")]
    return list(dict.fromkeys([*imports, *others]))


class Page(HTMLParser):
    """What the checks ask of a page.

    `text` is all that is read in the article, `prose` the same without code, which may hold TeX rightly.
    `loads` is what a browser fetches by itself, `links` what it fetches when the reader asks.
    """

    def __init__(self, file: Path):
        super().__init__(convert_charrefs=True)
        self.file = file
        self.headings, self.images, self.links, self.loads = [], [], [], []
        self.scripts, self.style_addresses, self.classes = [], [], set()
        self.ids, self.repeated_ids = set(), set()
        self.formula_errors = 0
        self._open, self._text, self._prose = [], [], []
        self.feed(file.read_text(encoding="utf-8"))
        self.close()

    @property
    def text(self) -> str:
        """The article's words."""
        return " ".join("".join(self._text).split())

    @property
    def prose(self) -> str:
        """The page's words outside code."""
        return " ".join("".join(self._prose).split())

    @property
    def has_widget(self) -> bool:
        """Whether a live figure stands on the page."""
        return "explorer" in self.classes

    def fonts_used(self, style: Path) -> list[str]:
        """Fonts of a style sheet that the page shows letters in; only KaTeX's styles name faces of their own."""
        text = COMMENT.sub("", style.read_text(encoding="utf-8"))
        wanted = set()
        for name, faces in KATEX_FACES.items():
            if name in self.classes:
                wanted |= faces
        fonts = []
        for rule in FACE.findall(text):
            addresses = ["".join(groups) for groups in ADDRESS.findall(rule)]
            fonts += [address for address in addresses[:1] if Path(urlsplit(address).path).stem in wanted]
        return fonts

    def handle_starttag(self, tag, attributes):
        """Note what the element names, loads and links to."""
        values = dict(attributes)
        names = (values.get("class") or "").split()
        self.classes.update(names)
        if "katex-error" in names:
            self.formula_errors += 1
        name = values.get("id")
        if name:
            (self.repeated_ids if name in self.ids else self.ids).add(name)
        if tag == "h1":
            self.headings.append(name)
        if tag == "img":
            self.images.append((values.get("src", ""), values.get("alt")))
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag == "link" and set((values.get("rel") or "").split()) & LOADING_LINKS and values.get("href"):
            self.loads.append(values["href"])
        elif tag == "link" and values.get("href"):
            self.links.append(values["href"])
        if values.get(LOADING_TAGS.get(tag, "")):
            self.loads.append(values[LOADING_TAGS[tag]])
        for candidate in (values.get("srcset") or "").split(","):
            if candidate.strip():
                self.loads.append(candidate.split()[0])
        if values.get("style"):
            self.style_addresses += addresses_in_style(values["style"])
        if tag not in VOID:
            self._open.append((tag, names))

    def handle_endtag(self, tag):
        """Leave the element, and any inside it that were never closed."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data):
        """Sort words by where they stand."""
        inside = {tag for tag, _ in self._open}
        names = {name for _, group in self._open for name in group}
        if "script" in inside:
            self.scripts.append(data)
        elif "style" in inside:
            self.style_addresses += addresses_in_style(data)
        elif not inside & {"head", "noscript", "annotation", "svg"}:
            if "article" in inside or "main" in inside:
                self._text.append(data)
            if not inside & {"pre", "code", "math"} and "katex-html" not in names:
                self._prose.append(data)


# Classes that KaTeX gives to letters, and the faces that its style sets them in.
KATEX_FACES = {
    "katex": {"KaTeX_Main-Regular"},
    "mathnormal": {"KaTeX_Math-Italic"},
    "mathbf": {"KaTeX_Main-Bold"},
    "textbf": {"KaTeX_Main-Bold"},
    "mathit": {"KaTeX_Main-Italic"},
    "textit": {"KaTeX_Main-Italic"},
    "boldsymbol": {"KaTeX_Math-BoldItalic"},
    "mathcal": {"KaTeX_Caligraphic-Regular"},
    "mathbb": {"KaTeX_AMS-Regular"},
    "amsrm": {"KaTeX_AMS-Regular"},
    "mathscr": {"KaTeX_Script-Regular"},
    "mathtt": {"KaTeX_Typewriter-Regular"},
    "texttt": {"KaTeX_Typewriter-Regular"},
    "mathsf": {"KaTeX_SansSerif-Regular"},
    "textsf": {"KaTeX_SansSerif-Regular"},
    "mathfrak": {"KaTeX_Fraktur-Regular"},
    "size1": {"KaTeX_Size1-Regular"},
    "size2": {"KaTeX_Size2-Regular"},
    "size3": {"KaTeX_Size3-Regular"},
    "size4": {"KaTeX_Size4-Regular"},
    "small-op": {"KaTeX_Size1-Regular"},
    "large-op": {"KaTeX_Size2-Regular"},
}


@functools.lru_cache(maxsize=512)
def _read(file: Path, changed: int) -> Page:
    return Page(file)


def read_page(file: Path) -> Page:
    """The page at this path, read once as long as the file stays the same."""
    return _read(file, file.stat().st_mtime_ns)
