"""A directive that sets every form of `scalinglib.forms`: its formula, what its letters count, where it is from."""

import importlib
import pkgutil
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from scalinglib.forms import entries
from scalinglib.forms.grammar import Tree
from scalinglib.forms.writing import as_latex, symbol

ARXIV = re.compile(r"arXiv (\d{4}\.\d{5})")


def themes():
    """The modules of entries: what each is about, in a line, its forms, and its file."""
    for found in pkgutil.iter_modules(entries.__path__):
        module = importlib.import_module(f"{entries.__name__}.{found.name}")
        yield module.__doc__.strip().rstrip("."), module.FORMS, module.__file__


def sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith(".") else f"{text}."


def numbers(constants) -> str:
    """Constants and their values as one formula."""
    return r",\; ".join(
        f"{symbol(name)} = {as_latex(Tree('number', value), {}, 6)}" for name, value in constants.items()
    )


def listed(form) -> list[str]:
    """A form as lines of Markdown, below a heading."""
    *definitions, formula = form.latex().split(r",\quad ")
    lines = [f"(form-{form.name})=", f"### `{form.name}`", "", "$$"]
    lines += [r"\begin{gathered}", r" \\ ".join([*definitions, formula]), r"\end{gathered}", "$$", ""]
    counted = "; ".join(f"${symbol(name)}$ {meaning}" for name, meaning in form.variables.items())
    lines += [sentence(f"It gives {form.y}. {counted}"), sentence(form.note) if form.note else "", ""]
    cited = ARXIV.sub(r"[arXiv \1](https://arxiv.org/abs/\1)", form.source)
    lines += [f"Source: {cited}. Confirmed: {sentence(form.confirmed)}", ""]
    return [*lines, *(f"- {label}: ${numbers(constants)}$" for label, constants in form.printed.items()), ""]


class FormList(SphinxDirective):
    """`{forms}` in a page written in Markdown."""

    def run(self):
        """Parse the list as part of the page, headings too."""
        lines = []
        for about, forms, file in themes():
            self.env.note_dependency(file)
            lines += [f"## {about}", "", *(line for form in forms for line in listed(form))]
        holder = nodes.Element()
        source = self.env.doc2path(self.env.docname)
        self.state.nested_parse(StringList(lines, source=source), 0, holder, match_titles=True)
        return holder.children


def setup(app):
    """Register the directive."""
    app.add_directive("forms", FormList)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
