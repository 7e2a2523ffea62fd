"""The face of the text: all letters there, its licence beside it, stand-ins as wide, weighed with the page."""

import json
import re
from pathlib import Path

import pytest
import tinycss2

from _sphinx.tools.page import RANGE, Page, addresses_in_style

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "_sphinx/static/text"
STYLE = (FOLDER / "text.css").read_text(encoding="utf-8")


def faces():
    """Each face of the style as its properties."""
    for rule in tinycss2.parse_stylesheet(STYLE, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and rule.lower_at_keyword == "font-face":
            held = tinycss2.parse_declaration_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield {one.name: tinycss2.serialize(one.value).strip() for one in held}


OWN = [face for face in faces() if face["font-family"] == '"Book Serif"']


def signs(face):
    """The signs that a face is asked for."""
    ranges = [(int(low, 16), int(high or low, 16)) for low, high in RANGE.findall(face["unicode-range"])]
    return {chr(code) for low, high in ranges for code in range(low, high + 1)}


def test_the_faces_are_there_with_their_licence():
    """The style names woff2 files only, all of them committed, under the SIL licence and not under Adobe's name."""
    assert set(addresses_in_style(STYLE)) == {file.name for file in FOLDER.glob("*.woff2")}
    assert all(file.read_bytes()[:4] == b"wOF2" for file in FOLDER.glob("*.woff2"))
    licence = (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Reserved Font Name ‘Source’" in licence
    assert "Source" not in "".join(face["font-family"] for face in faces())


def test_the_faces_that_every_page_loads_are_light():
    """Upright and italic letters together weigh less than 60 KB."""
    assert sum((FOLDER / f"book-serif{kind}.woff2").stat().st_size for kind in ("", "-italic")) < 60 * 1024


def test_text_is_seen_at_once_and_does_not_move():
    """A stand-in shows until the face is there, set to its width and height; italics that come late are left out."""
    assert [face["font-display"] for face in OWN] == ["swap", "optional", "optional"]
    stand_ins = [face for face in faces() if face not in OWN]
    assert len(stand_ins) > 2
    for face in stand_ins:
        size, up, down = (
            float(face[name].rstrip("%")) for name in ("size-adjust", "ascent-override", "descent-override")
        )
        # Ascent and descent of the face itself are 1.036 and 0.335 of its size.
        assert size * up / 100 == pytest.approx(103.6, abs=0.2) and size * down / 100 == pytest.approx(33.5, abs=0.2)


def test_every_letter_of_the_text_is_in_the_face():
    """No letter of a page's prose comes from another face, Greek and mathematical letters apart."""
    there, missing = set().union(*map(signs, OWN)), {}
    for path in sorted([ROOT / "intro.md", *(ROOT / "chapters").rglob("*.md"), *(ROOT / "chapters").rglob("*.ipynb")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        text = re.sub(r"\$[^$]*\$|`[^`]*`", "", text)
        found = {letter for letter in text if letter.isalpha() and not "\u0370" <= letter <= "\u03ff"} - there
        if found:
            missing[path.name] = found
    assert missing == {}


def test_a_page_weighs_the_faces_that_it_shows(tmp_path):
    """A page without a letter of a face does not load it, and one with such a letter does."""
    style = tmp_path / "text.css"
    style.write_text(STYLE)
    shown = {}
    for name in ("Kaplan", "Dębowski"):
        (tmp_path / "page.html").write_text(f"<main><h1>{name}</h1></main>", encoding="utf-8")
        shown[name] = Page(tmp_path / "page.html").fonts_used(style)
    assert shown["Kaplan"] == ["book-serif.woff2", "book-serif-italic.woff2"]
    assert set(shown["Dębowski"]) == {*shown["Kaplan"], "book-serif-names.woff2"}
