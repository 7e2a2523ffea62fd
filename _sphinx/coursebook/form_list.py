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

ROOM = 44  # letters of a formula in one row
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


def letters(formula: str) -> int:
    """About how many letters wide it is; exponents and both halves of a fraction count."""
    bare = re.sub(r"\\(?:left|right|mathrm|frac|,)|[{}\s^_]", "", formula)
    return len(re.sub(r"\\(?:exp|ln)", "xxx", bare.replace(r"\times", "x")))


def parts(formula: str, mark: str) -> list[str]:
    """A formula cut where `mark` matches outside of all brackets."""
    found, depth = [""], 0
    for piece in re.split(mark, formula):
        if found[-1] and not depth:
            found.append("")
        found[-1] += piece
        depth += piece.count("{") - piece.count("}") + piece.count(r"\left(") - piece.count(r"\right)")
    return found


def rows(formula: str) -> list[str]:
    """A formula in rows that a phone has room for: of a sum the terms, of a product the factors."""
    terms, found = parts(formula, r"(?= \+ )"), [""]
    for part in terms if len(terms) > 1 else parts(formula, r"(?= \\, )"):
        if found[-1] and letters(found[-1] + part) > ROOM:
            found.append("{}")
            part = re.sub(r"^ \\,", r" \\times", part)
        found[-1] += part
    return found


def listed(form) -> list[str]:
    """A form as lines of Markdown, below a heading."""
    formulas = [row for formula in form.latex().split(r",\quad ") for row in rows(formula)]
    lines = [f"(form-{form.name})=", f"### `{form.name}`", "", "$$"]
    lines += [r"\begin{gathered}", r" \\ ".join(formulas), r"\end{gathered}", "$$", ""]
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
