"""Page: a report card as one HTML file that asks nothing of the network."""

from html import escape
from pathlib import Path

from ..results import markup

__all__ = ["page"]

_BAD = 20  # bad rows that are named one by one
_CHECKLIST = (
    "what N counts (embeddings or not), and that D is tokens seen, repeats included",
    "the tokenizer and the text the loss was measured on: losses of two tokenizers do not compare",
    "the objective and delta, and the constants in full from law.json; rounded constants plan another model",
    "which runs were left out, and why",
    "the intervals with their method, and which rows were drawn together",
    "the range of N, D and C, and how far beyond it each budget lies",
    "whether the learning-rate schedule ended with each run",
)


def page(card, *, made_by):
    """A ReportCard as HTML text; the same card gives the same text."""
    parts = [f"<h1>{escape(card.title)}</h1>", f'<p class="law">{escape(card.formula)}</p>', _verdict(card)]
    parts.append(_figure(card.figure) if card.figure else "")
    numbers = [_section("Constants", _table(card.constant_rows(), _intervals(card)))]
    if card.plan:
        numbers.append(_section("Plan", _table(card.plan_rows(), f"{card.asked}")))
    parts.append(f'<div class="beside">{"".join(numbers)}</div>')
    parts.append(_section("What the runs can and cannot say", _list(card.audit)))
    parts.append(_section("The table", _table_words(card.table)) if card.table else "")
    parts.append(_section("What to report with these numbers", _list(_CHECKLIST, "tick")))
    parts.append(_section("The fit", f'<pre tabindex="0">{escape(card.fit.report())}</pre>'))
    table = f" Table: SHA-256 <code>{escape(card.table.sha256)}</code>." if card.table else ""
    parts.append(f"<footer>Written by {escape(made_by)}.{table}</footer>")
    look = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    # nothing but what is in the file may load, whatever stands in a table
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    body = "\n".join(filter(None, parts))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(card.title)}</title>\n<style>\n{look}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _verdict(card):
    """Whether the law may be relied on, why not, and what is to be weighed."""
    against = [*map(str, card.doubts.grave), *(card.table.reasons if card.table else ()), card.reach[2]]
    weighed = [*map(str, card.doubts.cautions), *card.notes, card.reach[1]]
    against, weighed = ([f"{each[:1].upper()}{each[1:]}" for each in some if each] for some in (against, weighed))
    said = "Do not rely on this law." if against else "Nothing found speaks against this law within its runs."
    weighed = f"<p>To be weighed:</p>{_list(weighed)}" if weighed else ""
    kind = "warn" if against else "calm"
    return f'<div class="{kind}" role="note"><strong>{said}</strong>{_list(against) if against else ""}{weighed}</div>'


def _intervals(card):
    if card.drawn:
        return f"{card.level:.0%} intervals: {card.drawn}"
    return "No resamples were drawn, so there are no intervals"


def _section(title, content):
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _list(sentences, kind=""):
    kind = f' class="{kind}"' if kind else ""
    return f"<ul{kind}>" + "".join(f"<li>{escape(each)}</li>" for each in sentences) + "</ul>"


def _table(rows, caption):
    head, *body = rows
    return f'<div class="wide">{markup(head, body, caption=caption)}</div>'


def _figure(figure):
    return f"<figure>{figure.html}<figcaption>{escape(figure.caption)}</figcaption></figure>"


def _table_words(table):
    used = [f"{len(table)} rows of {table.name}; {_left_out(table)}."]
    used += [f"{quantity} is {said}." for quantity, said in table.columns.items()]
    return _list(used)


def _left_out(table):
    if not table.filtered and not table.bad and not table.worse:
        return "none was left out"
    said = [f"{table.filtered} left out by the condition {' and '.join(table.conditions)}"] if table.filtered else []
    if table.worse:
        said.append(f"{table.worse} left out by --best-of-pair, which keeps the lowest loss of each N, D")
    if table.bad:
        more = "; ..." if len(table.bad) > _BAD else ""
        said.append(f"{len(table.bad)} left out as bad ({'; '.join(table.bad[:_BAD])}{more})")
    return ", ".join(said)
