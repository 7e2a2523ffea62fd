"""The course as lists: the sections of a part with their minutes, all parts, and routes whose stops can be ticked."""

import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_external_toc.parsing import parse_toc_yaml

from coursebook.drawings import drawing
from coursebook.quizzes import piece

logger = logging.getLogger(__name__)

STYLE, SCRIPT = "route/route.css", "route/route.js"
TIME = re.compile(r"Time: about (\d+) minutes(?: with the exercises, (\d+) to read)?")
CLOSING = "/looking-back"
"""The page that closes a part; it is no section."""
QUESTION = re.compile(r"^\*\*(.+)\*\*$", re.M)


class route(nodes.General, nodes.Element):
    """Stops that can be ticked; `name` is the browser's drawer for the ticks."""


class stop(nodes.General, nodes.Element):
    """One stop, with a box before its paragraph."""


class Course(SphinxDirective):
    """What the lists below share: the table of contents, and what the pages say of themselves."""

    has_content = True

    def source(self, page: str) -> str:
        """The text of a page, which this page depends on from now on."""
        path = Path(self.env.doc2path(page))
        if not path.is_file():
            raise self.error(f"no such page: {page}")
        self.env.note_dependency(str(path))
        return path.read_text(encoding="utf-8")

    def minutes(self, page: str, *, reading: bool = False) -> int:
        """How long a section takes, as it says itself."""
        found = TIME.search(self.source(page))
        if not found:
            raise self.error(f"{page} does not say 'Time: about N minutes'")
        return int(found[2] or found[1]) if reading else int(found[1])

    def below(self) -> dict[str, list[str]]:
        """Every part's page -> its sections, in the order of the table of contents, without the page that closes it."""
        toc = Path(self.env.srcdir) / "_toc.yml"
        self.env.note_dependency(str(toc))
        site = parse_toc_yaml(toc)
        course = next(tree for tree in site.root.subtrees if tree.numbered)
        below = {part: [str(page) for tree in site[part].subtrees for page in tree.items] for part in course.items}
        return {str(part): [page for page in pages if not page.endswith(CLOSING)] for part, pages in below.items()}

    def parsed(self, lines: list[str]) -> list[nodes.Node]:
        """Markdown as nodes."""
        holder = nodes.Element()
        self.state.nested_parse(StringList(lines, source=self.env.doc2path(self.env.docname)), 0, holder)
        return holder.children


class Sections(Course):
    """`{sections}`: the sections of the part that the page opens, each with its minutes."""

    def run(self):
        """One item a section."""
        lines = []
        for section in self.below().get(self.env.docname, ()):
            whole, read = self.minutes(section), self.minutes(section, reading=True)
            to_read = f", {read} to read" if read < whole else ""
            lines.append(f"1. {{doc}}`/{section}`, {whole} minutes{to_read}")
        if not lines:
            raise self.error("the page opens no part of _toc.yml")
        return self.parsed(lines)


class Parts(Course):
    """`{parts}`: every part with the question of its page and the minutes of its sections."""

    def run(self):
        """A definition list: the part, and what it asks."""
        lines = []
        for part, sections in self.below().items():
            asked = QUESTION.search(self.source(part))
            if not asked:
                raise self.error(f"{part} asks no question in a line of its own, as **What is being counted?**")
            count = "1 section" if len(sections) == 1 else f"{len(sections)} sections"
            lines += [f"{{doc}}`/{part}`", f": {asked[1]} {count}, {hours(sum(map(self.minutes, sections)))}.", ""]
        made = self.parsed(lines)
        made[0]["classes"].append("parts")
        return made


class CourseMap(Course):
    """`{course-map}`: stations, one a line: a word, a drawing, what is asked there, and the parts that answer."""

    def run(self):
        """A list that CSS sets in a row, or below each other on a telephone."""
        made = piece('<ol class="course-map">\n', "</ol>\n")
        for line in filter(str.strip, self.content):
            word, sketch, asked, parts = (each.strip() for each in line.split("|"))
            links = " · ".join(f"{{doc}}`/chapters/{part}/index`" for part in parts.split())
            station = piece("<li>", "</li>\n")
            station += nodes.raw("", drawing(sketch, ""), format="html")
            station += self.parsed([f"**{word}**", "", asked, "", links])
            made += station
        return [made]


class Route(Course):
    """`{route} NAME: title`: pages, one a line, to be ticked; after a bar what to do there. `read` counts reading only.

    A line that begins with `-` is a stop without a page and without minutes.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """The title with the time of all, and the stops."""
        name, _, title = self.arguments[0].partition(": ")
        made, total = route(name=name, ids=[f"route-{name}"]), 0
        for line in filter(str.strip, self.content):
            if line.startswith("- "):
                made += stop("", *self.parsed([line[2:]]), name=line[2:])
                continue
            page, _, words = (piece.strip() for piece in line.partition("|"))
            taken = self.minutes(page, reading="to read" in words)
            total += taken
            said = f", {words}" if words else ""
            made += stop("", *self.parsed([f"{{doc}}`/{page}`{said} ({taken} minutes)"]), name=page)
        time = f" {hours(total)}." if total else ""
        return [nodes.paragraph("", "", nodes.strong("", title), nodes.Text(time)), made]


def hours(minutes: int) -> str:
    """Minutes as people say them, by quarters of an hour from ninety on."""
    if minutes < 90:
        return f"{minutes} minutes"
    quarters = round(minutes / 15)
    return f"{quarters // 4}{('', '¼', '½', '¾')[quarters % 4]} hours"


def visit_route(translator, node):
    """Open the list."""
    name = translator.attval(node["name"])
    translator.body.append(f'<ul class="route" id="{node["ids"][0]}" data-route="{name}">\n')


def depart_route(translator, node):
    """Close it."""
    translator.body.append("</ul>\n")


def visit_stop(translator, node):
    """A box, which the script makes usable, and the words after it."""
    label = translator.attval(f"Done: {node.astext()}")
    name = translator.attval(node["name"])
    translator.body.append(f'<li><input type="checkbox" disabled value="{name}" aria-label="{label}"><div>')


def depart_stop(translator, node):
    """Close it."""
    translator.body.append("</div></li>\n")


def pass_through(translator, node):
    """Other formats show the words alone."""


def setup(app):
    """Register directives and nodes."""
    plain = (pass_through, pass_through)
    app.add_node(route, html=(visit_route, depart_route), latex=plain, text=plain)
    app.add_node(stop, html=(visit_stop, depart_stop), latex=plain, text=plain)
    app.add_directive("sections", Sections)
    app.add_directive("parts", Parts)
    app.add_directive("course-map", CourseMap)
    app.add_directive("route", Route)
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
