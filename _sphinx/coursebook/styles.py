"""One style sheet for the whole book, without the rules that none of its pages can use.

On a telephone each of a dozen sheets would be waited for before the first word, and half of the theme's rules
would be for nothing.
"""

import itertools
import posixpath
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from urllib.parse import urlsplit

import tinycss2

# Ours are whole: the PDF of the book and the scripts set classes that no page has.
OURS = ("book.css", "text.css", "explorer.css", "picture.css", "live.css", "katex.min.css")
# Class names that the scripts put together from parts.
MADE_BY_SCRIPTS = ("bs-", "kind-")
GROUPS = ("media", "supports", "layer", "container")


def in_one_order(lists: list[list[Path]]) -> list[Path]:
    """All sheets in an order that keeps that of every page; graphlib.CycleError where two pages disagree."""
    graph = TopologicalSorter({sheet: () for sheets in lists for sheet in sheets})
    for before, after in itertools.chain.from_iterable(map(itertools.pairwise, lists)):
        graph.add(after, before)
    return list(graph.static_order())


def words_of_scripts(static: Path) -> set[str]:
    """Every word of every script, since a script may set it as a class."""
    texts = (script.read_text(encoding="utf-8") for script in static.rglob("*.js"))
    return {word for text in texts for word in re.findall(r"[A-Za-z_][\w-]*", text)}


def joined(sheets: list[Path], folder: Path, words: set[str]) -> str:
    """The sheets as one that stands in `folder`, with what they import, for pages that have the classes `words`."""
    return "\n".join(_moved(sheet.resolve(), folder.resolve(), words) for sheet in sheets)


def _moved(sheet: Path, folder: Path, words: set[str]) -> str:
    rules = tinycss2.parse_stylesheet(sheet.read_text(encoding="utf-8"), skip_whitespace=True)
    imported = [rule for rule in rules if rule.type == "at-rule" and rule.lower_at_keyword == "import"]
    alive = [rule for rule in rules if rule not in imported]
    if sheet.name not in OURS:
        alive = list(pruned(alive, words))
    for token in _addresses(alive):
        parts = urlsplit(token.value)
        if parts.path and not parts.scheme and not parts.netloc:
            place = posixpath.relpath((sheet.parent / parts.path).resolve().as_posix(), folder.as_posix())
            token.representation = f'"{place}"' if token.type == "string" else f"url({place})"
    texts = [_moved(sheet.parent.joinpath(place).resolve(), folder, words) for place in map(_imported, imported)]
    return "".join([*texts, tinycss2.serialize(alive)])


def _imported(rule) -> str:
    return next(token.value for token in rule.prelude if token.type in ("string", "url"))


def _addresses(nodes) -> Iterator:
    """The tokens, in rules or values, that are the address of a picture or a font."""
    for node in nodes:
        if node.type == "url":
            yield node
        elif node.type == "function" and node.lower_name == "url":
            yield from node.arguments[:1]
        else:
            yield from _addresses(getattr(node, "content", None) or getattr(node, "arguments", None) or ())


def pruned(rules: list, words: set[str]) -> Iterator:
    """The rules that can match on a page with these classes; no comments but licences, no faces of the icon font."""
    for rule in rules:
        if rule.type == "comment":
            if rule.value.startswith("!"):
                yield rule
        elif rule.type == "qualified-rule":
            parts = [part for part in _selectors(rule.prelude) if _can_match(part, words)]
            rule.prelude = [token for part in parts for token in (tinycss2.ast.LiteralToken(0, 0, ","), *part)][1:]
            if parts:
                yield rule
        elif rule.lower_at_keyword in GROUPS and rule.content is not None:
            rule.content = list(pruned(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), words))
            if rule.content:
                yield rule
        elif rule.lower_at_keyword == "font-face":
            if not any("fontawesome" in token.value for token in _addresses(rule.content)):
                yield rule
        elif rule.lower_at_keyword != "charset":
            yield rule


def _selectors(prelude: list) -> list[list]:
    """The parts of a rule's prelude between commas."""
    groups = itertools.groupby(prelude, lambda token: token == ",")
    return [list(tokens) for comma, tokens in groups if not comma]


def _can_match(selector: list, words: set[str]) -> bool:
    """Whether every class that a selector asks for, outside :not() and its kin, is in use somewhere."""
    asked = [after.value for dot, after in itertools.pairwise(selector) if dot == "." and after.type == "ident"]
    return all(name in words or name.startswith(MADE_BY_SCRIPTS) for name in asked)
