"""Text: numbers, paragraphs and columns as reports print them."""

import hashlib
import re
import textwrap
from collections.abc import Iterable, Sequence

__all__ = ["WIDTH", "align", "brief", "fitted", "one_line", "short_exponent", "short_label", "size", "wrapped"]

WIDTH, _LINE, _LABEL = 80, 80, 200


def wrapped(sentences: Iterable[str], width: int = WIDTH) -> str:
    """Each of some sentences as a paragraph of lines that are not wider."""
    return "\n".join(textwrap.fill(each, width, break_on_hyphens=False) for each in sentences)


def fitted(text: str, width: int = WIDTH) -> str:
    """The text with lines that are too wide broken, each at its own indent.

    Examples
    --------
    >>> print(fitted("  short"))
      short
    """
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines += (
            [line]
            if len(line) <= width
            else textwrap.wrap(
                line.strip(), width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
            )
        )
    return "\n".join(lines)


def align(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text cells in columns: the first flush left, the others flush right.

    Examples
    --------
    >>> print(align([("N", "72"), ("loss", "1.9")]))
      N      72
      loss  1.9
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
        lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def brief(result: object, *parts: str) -> str:
    """The repr of a result in one line of at most a hundred characters: its kind and some parts in words.

    Examples
    --------
    >>> brief(1.0, "a number", "", "one")
    '<float: a number; one>'
    """
    said = one_line("; ".join(filter(None, parts)))
    return f"<{type(result).__name__}: {said if len(said) <= _LINE else said[: _LINE - 3] + '...'}>"


def short_label(text: object) -> str:
    """A label of at most 200 letters: a longer one's beginning, its length and a hash that tells it from its like.

    Examples
    --------
    >>> short_label("cosine"), short_label("y" * 100_000)[60:], short_label("y" * 99_999 + "z")[60:]
    ('cosine', '... (100,000 letters, 24f3b78c)', '... (100,000 letters, d2636cca)')
    """
    text = str(text)
    if len(text) <= _LABEL:
        return text
    whole = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{text[:60]}... ({len(text):,} letters, {whole[:8]})"


def one_line(text: object) -> str:
    """The text without line breaks."""
    return " ".join(str(text).split())


def short_exponent(text: str) -> str:
    """A number as Python writes it, its exponent without plus and zeros: 1e+07 as 1e7."""
    return re.sub(r"e([+-])0*(?=\d)", lambda found: "e" + found[1].strip("+"), text)


def size(value: float) -> str:
    """A number of parameters, tokens or FLOP in four digits, as it may be typed in again.

    Examples
    --------
    >>> size(7.2254e10), size(1e24), size(18.4)
    ('7.225e10', '1e24', '18.4')
    """
    return short_exponent(f"{value:.4g}")
