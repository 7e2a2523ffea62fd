"""Page: the report of a fit as one HTML file that asks nothing of the network."""

import base64
from html import escape
from pathlib import Path

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


def page(answer, *, notes, doubts, constants, figure, made_by):
    """The report as HTML text; the same arguments give the same text.

    Parameters
    ----------
    answer : Answer
    notes, doubts : sequence of str
        What to weigh about the table, and why the fit is not to be trusted.
    constants : list of tuple of str
        Rows, the first the header.
    figure : Figure
    made_by : str
    """
    table, title = answer.table, f"A scaling law from {answer.table.name}"
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="quiet">{escape(answer.law())}</p>']
    if doubts:
        parts.append(f'<div class="warn" role="note"><strong>Do not rely on this law.</strong>{_list(doubts)}</div>')
    parts += [_figure(figure), "<h2>Constants</h2>", _table(constants, _intervals(answer.options.level, answer.method))]
    for said, rows in answer.plans():
        parts += ["<h2>Plan</h2>", f"<p>{escape(said)}</p>", _table(rows, "The best split of the budget, C = 6 N D")]
    audit = _paragraphs("\n".join(answer.audit()))
    parts += ["<h2>What the runs can and cannot say</h2>", *(f"<p>{escape(line)}</p>" for line in audit)]
    parts += ["<h2>The table</h2>", _table_words(table)]
    if notes:
        parts += ["<p>To be weighed:</p>", _list(notes)]
    parts += ["<h2>What to report with these numbers</h2>", _list(_CHECKLIST)]
    parts += ["<h2>The fit</h2>", f"<pre>{escape(answer.fit.report())}</pre>"]
    parts.append(f"<footer>Written by {escape(made_by)}. Table: SHA-256 <code>{escape(table.sha256)}</code>.</footer>")
    body = "\n".join(parts)
    look = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    # nothing but what is in the file may load, whatever stands in a table
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{look}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _intervals(level, method):
    return f"{level:.0%} intervals: {method}" if method else "No resamples were asked for, so there are no intervals"


def _paragraphs(text):
    """Sentences that were folded to the width of a terminal, one a line again."""
    lines = []
    for line in text.splitlines():
        if lines and lines[-1] and not lines[-1].endswith((".", ":")) and line.strip():
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return [line for line in lines if line]


def _list(sentences):
    return "<ul>" + "".join(f"<li>{escape(each)}</li>" for each in sentences) + "</ul>"


def _table(rows, caption):
    head, *body = rows
    # an empty corner is no header to a screen reader
    header = "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in head)
    lines = ""
    for first, *rest in body:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        lines += f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>\n'
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>\n<thead><tr>{header}</tr></thead>\n'
        f"<tbody>\n{lines}</tbody></table></div>"
    )


def _figure(figure):
    picture = base64.b64encode(figure.png).decode("ascii")
    height = round(figure.canvas.get_figheight() * 96)
    return (
        # on a phone the picture is moved sideways: shrunk to the screen its letters could not be read
        f'<figure><div class="wide" role="group" tabindex="0" aria-label="picture">'
        f'<img src="data:image/png;base64,{picture}" alt="{escape(figure.alt)}" '
        f'width="{figure.width}" height="{height}"></div>'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
    )


def _table_words(table):
    used = [f"{len(table)} rows of {table.name}; {_left_out(table)}."]
    used += [f"{quantity} is {said}." for quantity, said in table.columns.items()]
    return _list(used)


def _left_out(table):
    if not table.filtered and not table.bad:
        return "none was left out"
    said = [f"{table.filtered} left out by the condition {' and '.join(table.conditions)}"] if table.filtered else []
    if table.bad:
        more = "; ..." if len(table.bad) > _BAD else ""
        said.append(f"{len(table.bad)} left out as bad ({'; '.join(table.bad[:_BAD])}{more})")
    return ", ".join(said)
