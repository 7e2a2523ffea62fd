"""Drawings: SVG files of ours, set into the page as they are, so that their words and colours are the page's own."""

import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).resolve().parents[1] / "drawings"
NARROW = ".narrow"
OPENING = re.compile(r"<svg\b[^>]*\bviewBox=\"[^\"]+\"[^>]*>")


def drawing(name: str, alt: str, *, classes: str = "") -> str:
    """The SVG of a drawing for a page, named for those who do not see it.

    Parameters
    ----------
    name : str
        Of a file in _sphinx/drawings, without its suffix.
    alt : str
        What is on it; empty where the words beside it say all.
    classes : str
        More classes of the element.
    """
    text = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    if not OPENING.match(text):
        raise ValueError(f"{name}.svg: it has to begin with an <svg> with a viewBox, and no width or height")
    said = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
    shown = f"drawing {classes}".strip()
    return re.sub(r"\s*\n\s*", "", text.replace("<svg", f'<svg class="{shown}" {said}', 1))


def escape(text: str) -> str:
    """Text as it may stand in an attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


class Drawing(SphinxDirective):
    """`{drawing} NAME` with `:alt:` and a caption; where NAME.narrow.svg exists, telephones get that one."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"alt": directives.unchanged_required, "name": directives.unchanged}

    def run(self):
        """A numbered figure."""
        name, alt = self.arguments[0], self.options.get("alt", "")
        if not alt:
            raise self.error(f"the drawing {name} has no :alt:")
        files = [FOLDER / f"{name}{kind}.svg" for kind in ("", NARROW)]
        if not files[0].is_file():
            raise self.error(f"no such drawing: {files[0]}")
        for file in files:
            self.env.note_dependency(str(file))
        both = files[1].is_file()
        made = drawing(name, alt, classes="wide" if both else "")
        made += drawing(name + NARROW, alt, classes="narrow") if both else ""
        figure = nodes.figure("", nodes.raw("", made, format="html"), classes=["drawn", "sketch"])
        if self.content:
            caption = nodes.caption()
            holder = nodes.Element()
            self.state.nested_parse(self.content, self.content_offset, holder)
            for paragraph in holder.children:
                caption += paragraph.children
            figure += caption
        self.set_source_info(figure)
        if "name" in self.options:
            self.add_name(figure)
        return [figure]


def setup(app):
    """Register the directive."""
    app.add_directive("drawing", Drawing)
