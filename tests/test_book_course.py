"""Tests of the course as lists: parts, sections, routes and drawings as the directives make them."""

import json
import re
from pathlib import Path

import pytest

from coursebook import course, drawings

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("minutes", "said"), [(20, "20 minutes"), (85, "85 minutes"), (90, "1½ hours"), (120, "2 hours"), (265, "4½ hours")]
)
def test_minutes_are_said_as_people_say_them(minutes, said):
    """Minutes up to ninety, then hours by quarters."""
    assert course.hours(minutes) == said


def test_every_section_says_how_long_it_takes():
    """Each section of a part says its minutes once, in the words that the lists read."""
    for path in (ROOT / "chapters").rglob("*.ipynb"):
        if "back-matter" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        assert len(course.TIME.findall(text)) == 1, path


def test_a_drawing_takes_its_colours_from_the_page_and_holds_no_address():
    """Every drawing has a view box, no size of its own, no colour and nothing from elsewhere."""
    files = sorted(drawings.FOLDER.glob("*.svg"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert drawings.OPENING.match(text), file.name
        assert not re.search(r"#[0-9a-fA-F]{3,6}\b|href|<script|<style|\son\w+=", text), file.name
        assert not re.search(r"<svg[^>]*\s(?:width|height)=", text), file.name


def test_alt_text_of_a_drawing_is_escaped():
    """Quotes and brackets in the words for a drawing do not end its attribute."""
    assert 'aria-label="a &quot;b&quot; &lt;c"' in drawings.drawing("map-runs", 'a "b" <c')
    assert 'aria-hidden="true"' in drawings.drawing("map-runs", "")
