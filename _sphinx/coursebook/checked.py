"""The foot of a page: how many of its numbers a test holds to what gives them, and where to say that one is wrong."""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref

ERRATA = "chapters/back-matter/errata"
LISTS = Path(__file__).resolve().parents[2] / "tests" / "prose"


def sentence(listed: str) -> str:
    """What a page's list (see tools/prose.py) comes to; nothing where no number is computed."""
    sources = [line.partition(" | ")[2] for line in listed.splitlines() if " | " in line]
    given = sum(source.startswith("given:") for source in sources)
    checked = len(sources) - given
    if not checked:
        return ""
    said = "1 number of this page is checked" if checked == 1 else f"{checked} numbers of this page are checked"
    return said + (f", and {given} given with a reason." if given else ".")


def add_mark(app, doctree):
    """Put both sentences behind all else on the page."""
    foot = next(doctree.findall(nodes.section), doctree)
    path = (LISTS / app.env.docname).with_suffix(".txt")
    app.env.note_dependency(str(path))
    if path.exists() and (words := sentence(path.read_text(encoding="utf-8"))):
        foot += nodes.paragraph("", words, classes=["checked"])
    if app.env.docname != ERRATA and Path(app.env.doc2path(ERRATA)).is_file():
        target = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{ERRATA}", "refexplicit": True, "refwarn": True}
        link = pending_xref("", nodes.inline("", "Say so"), refdoc=app.env.docname, **target)
        line = nodes.paragraph("", "Is something wrong on this page? ", link, nodes.Text("."))
        line["classes"] += ["say-so", "d-print-none"]
        foot += line


def setup(app):
    """Register the foot."""
    app.connect("doctree-read", add_mark)
