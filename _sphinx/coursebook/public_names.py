"""A directive that says what a module is for and lists its public names,
each with the first sentence of its docstring and a link.
"""

import importlib
import inspect
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def first_sentence(value) -> str:
    """The first sentence of what a function or a class says of itself; empty for a constant."""
    text = inspect.getdoc(value) if callable(value) else None
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.?])\s", paragraph)[0]


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
    """Register the directive."""
    app.add_directive("public-names", PublicNames)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
