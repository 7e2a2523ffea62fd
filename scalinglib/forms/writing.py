"""Writing: a tree as text that can be read again, or as LaTeX, with numbers in the place of names."""

import re
from collections.abc import Mapping

from .grammar import Tree

__all__ = ["as_latex", "as_text", "symbol"]

_RANK = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "**": 4}
_GREEK = set(
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega".split()
)


def as_text(tree: Tree, numbers: Mapping[str, float], digits: int = 6) -> str:
    """A tree as text; names in `numbers` are written as their values.

    Examples
    --------
    >>> from scalinglib.forms.grammar import parse
    >>> as_text(parse("E + A / N**alpha - k * (D - 1)")[1], {"A": -2.5, "alpha": 0.3400001})
    'E + (-2.5) / N**0.34 - k * (D - 1)'
    """

    def write(tree, rank=0):
        if tree.kind == "number" or (tree.value in numbers and tree.kind == "name"):
            value = tree.value if tree.kind == "number" else numbers[tree.value]
            text = f"{value:.{digits}g}"
            return f"({text})" if value < 0 and rank > 0 else text
        if tree.kind == "name":
            return tree.value
        if tree.kind == "call":
            return f"{tree.value}({', '.join(map(write, tree.parts))})"
        own = _RANK[tree.kind]
        if tree.kind == "neg":
            text = f"-{write(tree.parts[0], own + 1)}"
        elif tree.kind == "**":
            text = f"{write(tree.parts[0], own + 1)}**{write(tree.parts[1], own)}"
        else:  # a - (b - c) and a / (b * c) need their brackets
            text = f"{write(tree.parts[0], own)} {tree.kind} {write(tree.parts[1], own + (tree.kind in '-/'))}"
        return f"({text})" if own < rank or (own == rank and tree.kind == "neg") else text

    return write(tree)


def as_latex(tree: Tree, numbers: Mapping[str, float], digits: int = 4) -> str:
    """A tree as LaTeX; names in `numbers` are written as their values.

    Examples
    --------
    >>> from scalinglib.forms.grammar import parse
    >>> print(as_latex(parse("E + A / N**alpha")[1], {"E": 1.8172, "A": 4.1e20}))
    1.817 + \\frac{4.1 \\times 10^{20}}{N^{\\alpha}}
    """

    def number(value, rank):
        text = f"{value:.{digits}g}"
        if "e" in text:
            mantissa, exponent = text.split("e")
            text = rf"{mantissa} \times 10^{{{int(exponent)}}}"
            return rf"\left({text}\right)" if rank > 3 or value < 0 < rank else text
        return rf"\left({text}\right)" if value < 0 < rank else text

    def write(tree, rank=0):
        if tree.kind == "number" or (tree.value in numbers and tree.kind == "name"):
            return number(tree.value if tree.kind == "number" else numbers[tree.value], rank)
        if tree.kind == "name":
            return symbol(tree.value)
        if tree.kind == "call":
            return _called(tree.value, [write(part) for part in tree.parts])
        own, parts = _RANK[tree.kind], tree.parts
        match tree.kind:
            case "neg":
                text = f"-{write(parts[0], own + 1)}"
            case "/":
                text = rf"\frac{{{write(parts[0])}}}{{{write(parts[1])}}}"
                return rf"\left({text}\right)" if rank > 3 else text
            case "**":
                text = f"{write(parts[0], own + 1)}^{{{write(parts[1])}}}"
            case "*":
                text = rf"{write(parts[0], own)} \, {write(parts[1], own)}"
            case _:
                text = f"{write(parts[0], own)} {tree.kind} {write(parts[1], own + (tree.kind == '-'))}"
        return rf"\left({text}\right)" if own < rank else text

    return write(tree)


def _called(name, parts):
    match name:
        case "sqrt":
            return rf"\sqrt{{{parts[0]}}}"
        case "exp" | "log":
            return rf"\{'exp' if name == 'exp' else 'ln'}\left({parts[0]}\right)"
        case "minimum" | "maximum":
            return rf"\{name[:3]}\left({', '.join(parts)}\right)"
    return rf"\sigma\left({parts[0]}\right)"


def symbol(name: str) -> str:
    """A name as LaTeX: Greek where it is spelt so, upright where it is a word, digits and what follows _ below."""
    stem, _, below = name.partition("_")
    if not below and (found := re.fullmatch(r"([a-zA-Z]+?)(\d+)", name)):
        stem, below = found.groups()
    if stem in _GREEK:
        stem = f"\\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    if not below:
        return stem
    below = f"\\{below}" if below in _GREEK else below if len(below) == 1 else rf"\mathrm{{{below}}}"
    return f"{stem}_{{{below}}}"
