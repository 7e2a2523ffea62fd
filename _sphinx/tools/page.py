"""One built HTML page as the checks see it: its text, links, pictures and what it loads."""

import functools
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

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
LOADING_TAGS = {"script", "img", "iframe", "source", "video", "audio", "embed", "track", "input"}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?([^\"');\s]+)")
ADDRESS = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"')\s]*))\s*\)")
RANGE = re.compile(r"U\+([0-9A-Fa-f]+)(?:-([0-9A-Fa-f]+))?")
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


class Page:
    """What the checks ask of a page.

    `text` is all that is read in the article, `prose` the same without code, which may hold TeX rightly.
    `loads` is what a browser fetches by itself, `links` what it fetches when the reader asks.
    `figures` is the source of each live figure.
    """

    def __init__(self, file: Path):
        self.file = file
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        self.headings = page.find_all("h1")
        self.images = [(image.get("src", ""), image.get("alt")) for image in page.find_all("img")]
        self.scripts = [script.string or "" for script in page.find_all("script")]
        self.links, self.loads, self.classes, ids = [], [], set(), Counter()
        styles = [style.string or "" for style in page.find_all("style")]
        for tag in page.find_all(True):
            self._note(tag, ids, styles)
        self.style_addresses = [address for style in styles for address in addresses_in_style(style)]
        self.ids, self.repeated_ids = set(ids), {name for name, times in ids.items() if times > 1}
        self.formula_errors = len(page.find_all(class_="katex-error"))
        self.figures = [str(figure) for figure in page.find_all(class_="explorer")]
        main = page.main or page.article
        self.text = " ".join(main.get_text().split()) if main else ""
        for part in page.find_all(["head", "script", "style", "noscript", "annotation", "svg", "pre", "code", "math"]):
            part.extract()
        for part in page.find_all(class_="katex-html"):
            part.extract()
        self.prose = " ".join(page.get_text().split())
        self._letters = {*self.prose}

    def _note(self, tag, ids, styles):
        self.classes.update(tag.get("class", ()))
        ids.update([tag["id"]] if tag.get("id") else [])
        styles.append(f"x{{{tag['style']}}}" if tag.get("style") else "")
        if tag.name == "link" and tag.get("href"):
            (self.loads if LOADING_LINKS & set(tag.get("rel", ())) else self.links).append(tag["href"])
        elif tag.name == "a" and tag.get("href"):
            self.links.append(tag["href"])
        elif tag.name in LOADING_TAGS and tag.get("src"):
            self.loads.append(tag["src"])
        elif tag.name == "object" and tag.get("data"):
            self.loads.append(tag["data"])
        self.loads += [part.split()[0] for part in tag.get("srcset", "").split(",") if part.strip()]

    @property
    def has_widget(self) -> bool:
        """Whether a live figure stands on the page."""
        return "explorer" in self.classes

    def fonts_used(self, style: Path) -> list[str]:
        """Fonts of a style sheet that the page shows letters in: KaTeX's by class, those of the text by letter."""
        text = COMMENT.sub("", style.read_text(encoding="utf-8"))
        wanted = set().union(*(faces for name, faces in KATEX_FACES.items() if name in self.classes))
        fonts = []
        for rule in FACE.findall(text):
            addresses = ["".join(groups) for groups in ADDRESS.findall(rule)]
            letters = RANGE.findall(rule)
            shown = any(self._shows(int(low, 16), int(high or low, 16)) for low, high in letters)
            fonts += [address for address in addresses[:1] if shown or Path(urlsplit(address).path).stem in wanted]
        return fonts

    def _shows(self, low: int, high: int) -> bool:
        return any(low <= ord(letter) <= high for letter in self._letters)


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
