"""The ledger's table: rows below their sources, marked by their verdicts, with a filter for the page's script."""

import itertools
import json
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

STYLE, SCRIPT = "verdicts/verdicts.css", "verdicts/verdicts.js"
KINDS = {"reproduced": "✓", "off by": "≈", "cannot be": "✗"}


def grouped(table: str) -> str:
    """The table with one body a source, whose name becomes a heading that leads to the section of that name.

    Parameters
    ----------
    table : str
        HTML of a table whose first column names a source and whose last is a verdict.

    Raises
    ------
    ValueError
        For a verdict that begins with none of the kinds.
    """
    page = BeautifulSoup(table, "html.parser")
    header = [cell.get_text() for cell in page.thead.find_all("th")][1:]
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.tbody.find_all("tr")]
    bodies = []
    for source, own in itertools.groupby(rows, key=lambda row: row[0]):
        place = nodes.make_id(source)
        lines = [f'<tr><th colspan="{len(header)}" scope="rowgroup"><a href="#{place}">{escape(source)}</a></th></tr>']
        lines += [line(row[1:]) for row in own]
        bodies.append(f'<tbody data-part="{escape(source)}">\n{"".join(lines)}</tbody>')
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    return f'<table class="verdicts"><thead><tr>{head}</tr></thead>\n{"".join(bodies)}</table>\n'


def line(cells: list[str]) -> str:
    """A row, marked by the kind of its verdict."""
    kind = next((kind for kind in KINDS if cells[-1].startswith(kind)), None)
    if kind is None:
        raise ValueError(f"the verdict {cells[-1]!r} has to begin with one of {', '.join(KINDS)}")
    first, *middle, last = map(escape, cells)
    sign = f'<span class="sign" aria-hidden="true">{KINDS[kind]}</span>'
    others = "".join(f"<td>{cell}</td>" for cell in middle)
    return f'<tr data-verdict="{kind}"><th scope="row">{first}</th>{others}<td>{sign} {last}</td></tr>\n'


def choices(table: str) -> str:
    """The table's filter: the kinds with their numbers, and a field for words."""
    counts = {kind: table.count(f'data-verdict="{kind}"') for kind in KINDS}
    labels = {kind: f"{KINDS[kind]} {kind}: {counts[kind]}" for kind in KINDS}
    return filter_form({"verdict": ("Show", labels)}, count=sum(counts.values()), of="rows")


def filter_form(choices: dict, *, count: int, of: str) -> str:
    """A filter, unseen where no script runs: what is shown has all that is chosen, and the words.

    Parameters
    ----------
    choices : dict
        Name of an attribute, as `verdict` of `data-verdict` -> (legend, value -> label).
    count : int
        How many there are.
    of : str
        What is counted, as "rows".
    """
    sets = []
    for name, (legend, labels) in choices.items():
        radios = "".join(
            f'<label><input type="radio" name="{name}" value="{value}"{"" if value else " checked"}>'
            f"<span>{words}</span></label>"
            for value, words in {"": f"all {count}", **labels}.items()
        )
        sets.append(f"<fieldset><legend>{legend}</legend>{radios}</fieldset>")
    return (
        f'<form class="verdict-filter" data-of="{of}" hidden>{"".join(sets)}'
        '<label class="words">with the words <input type="search" autocomplete="off" spellcheck="false"></label>'
        f'<p role="status">{count} of {count} {of}</p></form>\n'
    )


class Verdicts(SphinxDirective):
    """`{verdicts} CELL`: the table that a cell of this notebook gives, wherever it stands."""

    required_arguments = 1

    def run(self):
        """The filter and the table as HTML."""
        path = Path(self.env.doc2path(self.env.docname))
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [out for cell in cells if cell["id"] == self.arguments[0] for out in cell["outputs"]]
        if not outputs or "text/html" not in outputs[-1].get("data", {}):
            raise self.error(f"the cell {self.arguments[0]} of {path.name} shows no table")
        table = grouped("".join(outputs[-1]["data"]["text/html"]))
        return [nodes.raw("", choices(table) + table, format="html")]


def setup(app):
    """Register the directive."""
    app.add_directive("verdicts", Verdicts)
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
