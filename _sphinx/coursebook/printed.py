"""What a cell prints in columns keeps them where the page is narrow: it scrolls sideways, and no line is broken."""

import re

from docutils import nodes

PHONE = 41  # letters in a line of output, 390 pixels wide


def in_columns(text: str) -> bool:
    """Whether two or more lines that a phone would break are set in columns, with blanks between them."""
    return sum(len(line) > PHONE and re.search(r"\S {2,}\S", line) is not None for line in text.splitlines()) > 1


def mark(app, tree):
    """Give outputs in columns a class of their own."""
    for block in tree.findall(nodes.literal_block):
        if "output" in block["classes"] and in_columns(block.astext()):
            block["classes"].append("columns")


def setup(app):
    """Mark as pages are read."""
    app.connect("doctree-read", mark)
