"""The API pages: a directive that says what a module is for and lists its public names, each with the first sentence
of its docstring and a link; and what the pages behind the links show of a name.
"""

import importlib
import inspect
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

# What a class has from its parents here belongs to it, what it has from these does not.
FOREIGN = "AnyWidget, BaseException, OSError, str, tuple"
# How a fit is held by the engine, which promises nothing.
INNER = "asked, constant_root, own_groups, posed, spare, standing, theta, turn"
# A full stop that ends no sentence: "Hoffmann et al. 2022, eq. 3".
ABBREVIATED = re.compile(r"\b(?:al|cf|e\.g|eq|fig|i\.e|no|p|pp|sec|vs)\.$", re.IGNORECASE)


def first_sentence(value) -> str:
    """The first sentence of what a function or a class says of itself; empty for a constant."""
    text = inspect.getdoc(value) if callable(value) else None
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    ends = (gap.start() for gap in re.finditer(r"(?<=[.?])\s", paragraph))
    return paragraph[: next((end for end in ends if not ABBREVIATED.search(paragraph[:end])), None)]


def own_words(app, what, name, value, options, lines):
    """Give a property its docstring back, for napoleon takes what stands before a colon in it for a type; and leave out
    what Python says of the type of a constant.
    """
    if what == "property":
        lines[:] = inspect.getdoc(value).splitlines()
    elif what in ("data", "attribute"):
        foreign = (inspect.getdoc(type(value)) or "").splitlines()
        if foreign and lines[: len(foreign)] == foreign:
            del lines[: len(foreign)]


def show(app, config):
    """Show all that a name of a module has, on each of its pages."""
    config.autodoc_default_options = {
        "members": True,
        "inherited-members": FOREIGN,
        "special-members": "__call__",
        "exclude-members": INNER,
    }


def listed(module: str) -> list[str]:
    """What a module is for, and a line of Markdown for each name that it declares public."""
    loaded = importlib.import_module(module)
    # "Laws: what the loss is ..." stands below a heading that says which module this is.
    purpose = re.sub(r"^\w+: ", "", loaded.__doc__.split("\n")[0])
    lines = [purpose[0].upper() + purpose[1:], ""]
    for name in loaded.__all__:
        said = first_sentence(getattr(loaded, name))
        # A docstring's roles and stars are not Markdown's; what stands in its code is.
        said = re.sub(r":\w+:`([^`]+)`", r"`\1`", said).replace("``", "`")
        lines.append(f"- {{py:obj}}`{name} <{module}.{name}>`{': ' + said if said else ''}")
    return lines


class PublicNames(SphinxDirective):
    """`{public-names} module` in a page written in Markdown."""

    required_arguments = 1

    def run(self):
        """Parse the list as part of the page."""
        lines = StringList(listed(self.arguments[0]), source=self.env.doc2path(self.env.docname))
        holder = nodes.container(classes=["public-names"])
        self.state.nested_parse(lines, 0, holder)
        return [holder]


def setup(app):
    """Register the directive, and see that the pages show what they should; after napoleon, whose place is 500."""
    app.add_directive("public-names", PublicNames)
    app.connect("config-inited", show)
    app.connect("autodoc-process-docstring", own_words, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
