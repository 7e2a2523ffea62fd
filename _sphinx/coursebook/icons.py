"""The theme's icons as small drawings in the page, in place of half a megabyte of icon script and fonts."""

import functools
import re
from pathlib import Path

import pydata_sphinx_theme
from bs4 import BeautifulSoup, Tag
from sphinx.util import logging

logger = logging.getLogger(__name__)

SCRIPT = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/scripts/fontawesome.js"
FAMILIES = {
    "fa": "fas",
    "fas": "fas",
    "fa-solid": "fas",
    "far": "far",
    "fa-regular": "far",
    "fab": "fab",
    "fa-brands": "fab",
}
# Words of the icon font that say how, not what.
MANNERS = {"fa-lg", "fa-fw", "fa-sm", "fa-xs", "fa-xl", "fa-2x", "fa-stack", "fa-spin"}


@functools.cache
def drawing(family: str, name: str) -> tuple[int, int, str] | None:
    """Width, height and outline of an icon, from the copy that the theme ships; None where it has none."""
    packs = _packs()
    pattern = re.compile(rf"[\{{,]\"?{re.escape(name)}\"?:\[(\d+),(\d+),\[[^\]]*\],\"[^\"]*\",\"([^\"]*)\"\]")
    found = pattern.search(packs[family]) or _by_alias(packs[family], name)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def _by_alias(pack: str, name: str):
    return re.search(rf":\[(\d+),(\d+),\[[^\]]*\"{re.escape(name)}\"[^\]]*\],\"[^\"]*\",\"([^\"]*)\"\]", pack)


@functools.cache
def _packs() -> dict[str, str]:
    # Each pack of the script ends with the words under which it registers itself.
    text = SCRIPT.read_text(encoding="utf-8")
    packs, start = {}, 0
    for call in re.finditer(r"\w\(\"(fa[bsr])\",\w\)", text):
        packs[call[1]] = packs.get(call[1], "") + text[start : call.start()]
        start = call.end()
    return packs


def draw(page: BeautifulSoup, element: Tag) -> None:
    """Fill an icon's element with its drawing."""
    classes = element["class"]
    family = next(FAMILIES[word] for word in classes if word in FAMILIES)
    names = [word[3:] for word in classes if word.startswith("fa-") and not {word} & {*FAMILIES, *MANNERS}]
    found = drawing(family, names[0]) if names else None
    if found is None:
        logger.warning("the theme has no icon %r in %r", " ".join(names), family, type="icons")
        return
    width, height, outline = found
    # Without the font's class names the font's own rules do not apply; ours are in book.css.
    element["class"] = [word for word in classes if word not in FAMILIES and not word.startswith("fa-")] + ["icon"]
    svg = {"viewBox": f"0 0 {width} {height}", "aria-hidden": "true", "focusable": "false"}
    picture = page.new_tag("svg", attrs=svg)
    picture.append(page.new_tag("path", attrs={"fill": "currentColor", "d": outline}))
    element.append(picture)
