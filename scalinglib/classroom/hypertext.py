"""Hypertext: whole pages and tables, in one look, that ask nothing of the network and run nothing."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["page", "table"]

_LOOK = """:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .2rem; } p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem .25rem 0; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
caption { text-align: left; font-weight: 600; padding: 1.2rem 0 .3rem; }
section { break-after: page; margin-bottom: 4rem; }
.scroll { overflow-x: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.bar { display: inline-block; height: .8rem; background: #3a6ea5; }"""


def table(title: str, head: Sequence[str], rows: Sequence[Sequence], *, raw: int | None = None) -> str:
    """A table with its title; the column `raw` is hypertext already."""

    def cell(place, value):
        return f"<td{_ranged(rows, place)}>{value if place == raw else escape(str(value))}</td>"

    body = "\n".join(f"<tr>{''.join(cell(*one) for one in enumerate(row))}</tr>" for row in rows)
    top = "".join(f'<th scope="col"{_ranged(rows, place)}>{escape(one)}</th>' for place, one in enumerate(head))
    inside = f"<caption>{title}</caption>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'<div class="scroll" tabindex="0"><table>\n{inside}</table></div>'


def _ranged(rows, place):
    """Numbers are flush right, and so are their headers."""
    numeric = all(isinstance(row[place], int) or (place and str(row[place]).endswith("%")) for row in rows)
    return ' class="n"' if numeric else ""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page of these parts."""
    # a text may hold anything: nothing in it may load or run
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_LOOK}\n</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
