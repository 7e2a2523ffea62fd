"""The theme's icons as small drawings in the page, in place of half a megabyte of icon script and fonts."""

import functools
import html
import re
from pathlib import Path

import pydata_sphinx_theme
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
ELEMENT = re.compile(r"<(i|span)\b(?P<attributes>[^>]*\bclass=\"(?P<classes>[^\"]*\bfa[bsr]?\b[^\"]*)\"[^>]*)>\s*</\1>")


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


def inline(page: str) -> str:
    """The page with each icon element filled by its drawing."""
    return ELEMENT.sub(_fill, page)


def _fill(match) -> str:
    classes = html.unescape(match["classes"]).split()
    family = next((FAMILIES[word] for word in classes if word in FAMILIES), None)
    name = next(
        (word[3:] for word in classes if word.startswith("fa-") and word not in FAMILIES and word not in MANNERS), None
    )
    if family is None or name is None:
        return match[0]
    found = drawing(family, name)
    if found is None:
        logger.warning("the theme has no icon %r in %r", name, family, type="icons")
        return match[0]
    width, height, outline = found
    # Without the font's class names the font's own rules do not apply; ours are in book.css.
    rest = " ".join(word for word in classes if word not in FAMILIES and not word.startswith("fa-"))
    attributes = match["attributes"].replace(match["classes"], f"{rest} icon".strip())
    picture = (
        f'<svg viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">'
        f'<path fill="currentColor" d="{outline}"/></svg>'
    )
    return f"<{match[1]}{attributes}>{picture}</{match[1]}>"
