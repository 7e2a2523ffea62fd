"""Domain: what a formula asks of its variables alone, such as a logarithm of what must be above zero."""

from collections.abc import Mapping

import numpy as np

from .. import arguments
from .form import Form
from .grammar import Tree
from .graph import Graph
from .tape import Tape
from .writing import as_text

__all__ = ["check_domain"]


def check_domain(form: Form, columns: Mapping[str, np.ndarray]):
    """Refuse runs at which a part of the formula is no number whatever the constants are.

    Parameters
    ----------
    form : Form
    columns : dict
        Variable -> its values, (n,) or one.

    Raises
    ------
    ValueError
        Naming the variable, or the expression of variables, the rows, and what the formula needs.

    Examples
    --------
    >>> check_domain(Form("E + A / N**alpha", variables=("N",)), {"N": np.array([1e6, 0.0])})
    Traceback (most recent call last):
    ValueError: N must be above zero, as the form has A / N**alpha; row 1 holds 0
    """
    definitions, formula = form.trees
    whole = {}
    for name, tree in definitions.items():
        whole[name] = _expanded(tree, whole)
    # of a division by a power the power alone asks less: the last that is asked of a part counts
    asked = {id(part): (part, *more) for part, *more in _demands(_expanded(formula, whole))}
    for part, needs, allowed, around in asked.values():
        names = part.names()
        if names and set(names) <= set(columns):
            graph = Graph()
            values = Tape(graph, [graph.tree(part, {})], columns)({})[0]
            why = f"{allowed}, as the form has {as_text(around, {})}"
            arguments.refuse(as_text(part, {}), values, ~needs(values), why)


def _expanded(tree, known):
    """The tree with the trees of definitions in the place of their names."""
    if tree.kind == "name":
        return known.get(tree.value, tree)
    return Tree(tree.kind, tree.value, tuple(_expanded(part, known) for part in tree.parts))


def _not_zero(values):
    return values != 0.0


def _not_negative(values):
    return values >= 0.0


def _above(values):
    return values > 0.0


def _demands(tree):
    """(part, what its values must meet, that in words, the tree around it) of a tree, innermost first."""
    parts = tree.parts
    for part in parts:
        yield from _demands(part)
    if tree.kind == "/":
        for factor in _factors(parts[1]):
            if factor.kind == "**" and not _falls(factor.parts[1]):
                yield factor.parts[0], *_base(factor.parts[1], divided=True), tree
            elif factor.kind != "**":
                yield factor, _not_zero, "other than zero", tree
    elif tree.kind == "**":
        yield parts[0], *_base(parts[1], divided=_falls(parts[1])), tree
    elif tree.kind == "call" and tree.value in ("log", "sqrt"):
        needs = (_above, "above zero") if tree.value == "log" else (_not_negative, "zero or above")
        yield parts[0], *needs, tree


def _base(exponent, *, divided):
    """What the base of a power must meet, and that in words."""
    if _whole(exponent):
        return (_not_zero, "other than zero") if divided else (np.isfinite, "finite")
    return (_above, "above zero") if divided else (_not_negative, "zero or above")


def _factors(tree):
    return [factor for part in tree.parts for factor in _factors(part)] if tree.kind == "*" else [tree]


def _whole(exponent):
    number = exponent.parts[0] if exponent.kind == "neg" else exponent
    return number.kind == "number" and number.value == int(number.value)


def _falls(exponent):
    """Whether an exponent is written with a minus."""
    return exponent.kind == "neg" or (exponent.kind == "number" and exponent.value < 0.0)
