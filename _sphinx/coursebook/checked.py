"""A small mark at the foot of a page: how many of its numbers a test holds to what gives them."""

from pathlib import Path

from docutils import nodes

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
    """Put the sentence behind all else on the page."""
    path = (LISTS / app.env.docname).with_suffix(".txt")
    app.env.note_dependency(str(path))
    if path.exists() and (words := sentence(path.read_text(encoding="utf-8"))):
        next(doctree.findall(nodes.section), doctree).append(nodes.paragraph("", words, classes=["checked"]))


def setup(app):
    """Register the mark."""
    app.connect("doctree-read", add_mark)
