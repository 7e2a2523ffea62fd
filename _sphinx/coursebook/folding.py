"""Which code of a notebook is folded on its page, and the line that says what is in there.

Open is code that a reader should read: eight lines at most. Folded are imports, the one call that draws a figure,
what has the tag `hide-input`, and what is longer. What is in there is said by the cell's `code_prompt_show`, as "Code:
the table", or by a comment in its first line.
"""

import ast

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

LONGEST = 8
DRAWS = ("plots.", "explore.figure", "sl.plots.", "sl.explore.figure")


def label(source: str, tags=(), given: str = "") -> str | None:
    """What the line over folded code says; None for code that stays open.

    Parameters
    ----------
    source : str
        The code of one cell.
    tags : sequence of str
        Of the cell.
    given : str
        What the cell's own metadata say is in there.
    """
    body, lines = statements(source), len(source.strip().splitlines())
    if body and all(isinstance(each, ast.Import | ast.ImportFrom) for each in body):
        return given or "Code: the imports"
    if len(body) == 1 and draws(body[0]):
        return given or "Code: the call that draws this figure"
    if lines <= LONGEST and "hide-input" not in tags:
        return None
    return given or said(source) or f"Code: {lines} lines{f', {made}' if (made := names(body)) else ''}"


def statements(source: str) -> list[ast.stmt]:
    """The statements of a cell; none where it holds what only a notebook understands."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def draws(statement: ast.stmt) -> bool:
    """Whether a statement is a lone call that draws a figure."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith(DRAWS)


def said(source: str) -> str:
    """The comment in the first line."""
    first = source.lstrip().partition("\n")[0]
    return first.lstrip("# ").rstrip(" .:") if first.startswith("#") else ""


def names(body: list[ast.stmt]) -> str:
    """The functions that are defined, or else the first names that get a value."""
    functions = [each.name for each in body if isinstance(each, ast.FunctionDef)]
    values = [
        node.id
        for each in body
        if isinstance(each, ast.Assign)
        for target in each.targets
        for node in ast.walk(target)
        if isinstance(node, ast.Name)
    ]
    return ", ".join((functions or list(dict.fromkeys(values)))[:3])


def fold(app, tree):
    """Fold the cells of a page that are to be folded, and say of folded outputs what they are."""
    for cell in list(tree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code" or not cell.children:
            continue
        code, mode = cell.children[0], cell.get("hide_mode")
        if code.get("nb_element") != "cell_code_source":
            continue
        source, held = code.astext(), cell["cell_metadata"]
        given = held.get("mystnb", {}).get("code_prompt_show", "")
        words = label(source, held.get("tags", ()), given)
        if mode in ("input", "input+output") or (words and mode != "all"):
            folded = HideCodeCellNode(prompt_show=words, prompt_hide=words, classes=["above-input"])
            cell.replace(code, folded)
            folded.append(code)
        if mode in ("input", "input+output"):
            cell["hide_mode"] = mode.partition("+")[2]
        if mode == "all":
            cell["prompt_show"] = cell["prompt_hide"] = given or said(source) or "Code and what it prints"
        elif mode:
            cell["prompt_show"] = cell["prompt_hide"] = (mode == "output" and given) or "What it prints"


def setup(app):
    """Fold as pages are read."""
    app.connect("doctree-read", fold)
