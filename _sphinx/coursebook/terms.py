"""The first use on a page of a word of the glossary leads to its entry, where the page has no {term} for it."""

import re

from docutils import nodes
from sphinx.util.nodes import make_refnode

# Words that pages also use in a sense of their own, or that name a part of the book: these take a {term} by hand.
EVERYDAY = frozenset(
    "attention bit budget compute emergence influence noise objective replication tolerance transfer".split()
)
PAGES = re.compile(r"intro$|chapters/(?!back-matter/)")
# Only running text is marked: no boxes, tables, captions, quizzes.
AROUND = (nodes.document, nodes.section, nodes.bullet_list, nodes.enumerated_list, nodes.list_item, nodes.block_quote)


def running(paragraph) -> bool:
    """Whether a paragraph stands in the text itself."""
    above = paragraph.parent
    while above is not None and isinstance(above, AROUND):
        above = above.parent
    return above is None


def pattern(names) -> re.Pattern:
    """Any of the names as a word, plural too, the longest first; letters of names in capitals have to agree."""
    parts = (
        re.escape(name) if name.isupper() else f"(?ai:{re.escape(name)})"  # not the long s for an s
        for name in sorted(names, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w/-])({'|'.join(parts)})(?:e?s)?(?![\w-])")


def mark(tree, names: dict[str, str], link) -> None:
    """Replace the first use of each name in the running text.

    Parameters
    ----------
    tree : docutils.nodes.document
        Changed in place.
    names : dict
        Name of an entry -> its place in the glossary; names that mean the same share one.
    link : callable
        Of a place and the words as they stand, the node that leads there.
    """
    taken = {ref.get("refuri", "").rpartition("#")[2] for ref in tree.findall(nodes.reference)}
    left = {name: place for name, place in names.items() if place not in taken and name not in EVERYDAY}
    wanted = pattern(left)
    for paragraph in filter(running, tree.findall(nodes.paragraph)):
        for text in [child for child in paragraph.children if isinstance(child, nodes.Text)]:
            made, rest = [], text.astext()
            while left and (found := wanted.search(rest)):
                place = next(at for name, at in left.items() if name.lower() == found[1].lower())
                left = {name: at for name, at in left.items() if at != place}
                wanted = pattern(left)
                made += [nodes.Text(rest[: found.start()]), link(place, found[0])]
                rest = rest[found.end() :]
            if made:
                paragraph.replace(text, [*made, nodes.Text(rest)])


def mark_page(app, tree, page):
    """Mark a page of the course when all entries of the glossary are known."""
    if not PAGES.match(page):
        return
    objects = app.env.get_domain("std").objects
    entries = {name: entry for (kind, name), entry in objects.items() if kind == "term"}
    homes = {place: home for home, place in entries.values()}

    def link(place, words):
        content = nodes.inline(words, words, classes=["xref", "std", "std-term"])
        return make_refnode(app.builder, page, homes[place], place, content)

    mark(tree, {name: place for name, (_, place) in entries.items()}, link)


def setup(app):
    """Mark pages as they are written."""
    app.connect("doctree-resolved", mark_page)
