"""Maths set at build time by KaTeX: HTML for the eye, MathML for the ear, nothing left to do in the browser."""

import atexit
import functools
import importlib.resources
import json
import re
from html import unescape

from bs4 import Tag
from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

STYLE = "katex/katex.min.css"
NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|alignat)\}")
# What the eye sees of a formula: KaTeX's second half, without its tags.
SEEN = re.compile(r'aria-hidden="true">(.*)</span>', re.DOTALL)
# A formula within a line breaks only where it is longer than this, in characters: 2 × 10^29 stays whole.
SHORT = 12
# Code within a line stays with the sign after it where it is no longer than this.
LONGEST_CODE = 20
# The MathML carries its source along, which a page search or a reader without CSS would meet as raw TeX.
SOURCE = re.compile(r"<annotation encoding=\"application/x-tex\">.*?</annotation>", re.DOTALL)

# Signs that may not be parted from the formula before or after them.
CLOSING, OPENING = re.compile(r"[,.;:!?)\]’”%…]+"), re.compile(r"[(\[‘“]+$")


@functools.cache
def engine():
    """A JavaScript engine that holds KaTeX, made when the first formula is met."""
    racer = MiniRacer()
    # Left to its finaliser it would, from Python 3.13 on, wait for ever for a thread that no longer runs.
    atexit.register(racer.close)
    racer.eval(importlib.resources.files("sphinxcontrib").joinpath("katex.min.js").read_text(encoding="utf-8"))
    return racer


@functools.cache
def render(tex: str, display: bool) -> str:
    """The formula as HTML and MathML; raises JSEvalException with KaTeX's words where it is wrong."""
    # Strict: what LaTeX itself would refuse is refused here too.
    options = {"displayMode": display, "throwOnError": True, "strict": "error", "output": "htmlAndMathml"}
    html = engine().eval(f"katex.renderToString({json.dumps(tex)}, {json.dumps(options)})")
    return SOURCE.sub("", html)


def checked(translator, node, tex: str, display: bool) -> str:
    """The formula, or a warning, which stops the build, and its source."""
    try:
        return render(tex, display)
    except JSEvalException as error:
        reason = re.search(r"KaTeX parse error: (.*)", str(error))
        logger.warning("KaTeX: %s in %r", reason.group(1) if reason else error, tex, location=node, type="maths")
        return translator.encode(tex)


def display_source(node) -> str:
    """The TeX of a display, with the alignment that Sphinx promises for several lines or paragraphs.

    The page numbers the equations, so environments that would do so themselves are starred.
    """
    text = node.astext().strip()
    if node.get("nowrap"):
        return NUMBERED.sub(r"\\\1{\2*}", text)
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    aligned = [rf"\begin{{aligned}}{part}\end{{aligned}}" if needs_lines(part) else part for part in parts]
    return aligned[0] if len(aligned) == 1 else r"\begin{gathered}" + r"\\".join(aligned) + r"\end{gathered}"


def needs_lines(part: str) -> bool:
    """Whether a line break stands outside every environment, where TeX would need one around it."""
    outside = re.sub(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", "", part, flags=re.DOTALL)
    return r"\\" in outside


def is_short(html: str) -> bool:
    """Whether a rendered formula is so short that a line must not end inside it."""
    seen = SEEN.search(html)
    # KaTeX props up fractions with characters that have no width.
    return seen is not None and len(unescape(re.sub(r"<[^>]*>|\u200b", "", seen[1]))) <= SHORT


def visit_inline(translator, node):
    """Write a formula within a line."""
    html = checked(translator, node, node.astext().strip(), display=False)
    kind = "math notranslate nohighlight" + " short" * is_short(html)
    translator.body.append(translator.starttag(node, "span", "", CLASS=kind) + html + "</span>")
    raise nodes.SkipNode


def visit_display(translator, node):
    """Write a formula on a line of its own, with its number where it has one."""
    if node.get("nowrap") and not node["number"]:
        # The parser gives these a random id, which nothing can point to.
        node["ids"] = []
    # The formula scrolls inside itself on a narrow screen, so a keyboard must be able to reach it.
    translator.body.append(translator.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    translator.body.append('<div class="formula" tabindex="0" role="group" aria-label="formula">')
    translator.body.append(checked(translator, node, display_source(node), display=True) + "</div>")
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def keep_together(page) -> None:
    """Let no line begin with the sign that follows a formula or code, or end with the bracket before a short one.

    KaTeX's boxes may be parted from the text around them. A short formula is put into one box with its signs. A long
    one may break inside: the sign goes into its last box, for the eye, and stays behind it for the ear.
    """
    for formula in page.select("span.math, code.literal"):
        before, after = formula.previous_sibling, formula.next_sibling
        closing = CLOSING.match(after) if isinstance(after, str) else None
        end = closing[0] if closing else ""
        if formula.name == "code":
            if len(formula.get_text()) > LONGEST_CODE:
                continue
        elif "short" not in formula["class"]:
            boxes = formula.select(".katex-html > .base")
            if end and boxes:
                after.replace_with(after[closing.end() :])
                boxes[-1].append(end)
                heard = Tag(name="span", attrs={"class": ["visually-hidden"]})
                heard.string = end
                formula.insert_after(heard)
            continue
        opening = OPENING.search(before) if isinstance(before, str) else None
        if not opening and not closing:
            continue
        box = formula.wrap(Tag(name="span", attrs={"class": ["kept"]}))
        if opening:
            before.replace_with(before[: opening.start()])
            box.insert(0, opening[0])
        if closing:
            after.replace_with(after[closing.end() :])
            box.append(end)


def setup(app):
    """Register the renderer under the name that _config.yml chooses."""
    app.add_html_math_renderer("katex-at-build", (visit_inline, None), (visit_display, None))
    app.add_css_file(STYLE)
