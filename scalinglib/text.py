"""Text: numbers, paragraphs and columns as reports print them."""

import re
import textwrap
from collections.abc import Iterable, Sequence

__all__ = ["WIDTH", "align", "brief", "fitted", "one_line", "short_exponent", "size", "wrapped"]

WIDTH, _LINE = 80, 80


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
