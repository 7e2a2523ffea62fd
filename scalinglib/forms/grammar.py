"""Grammar: a law written as text, read into a tree; nothing is ever evaluated as Python."""

import re
from dataclasses import dataclass

__all__ = ["FUNCTIONS", "FormError", "Tree", "parse"]

FUNCTIONS = {"exp": 1, "log": 1, "sqrt": 1, "sigmoid": 1, "minimum": 2, "maximum": 2}
_ALSO = {"ln": "log", "min": "minimum", "max": "maximum"}
_OPERATIONS = ("+", "-", "*", "/", "**", "^")
_ALLOWED = f"allowed are numbers, names, + - * / ** ( ) and {', '.join(FUNCTIONS)}"
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|[-+*/^(),;=]))"
)
# Derivatives grow with the square of either; no printed law comes near.
_LONGEST, _DEEPEST, _MOST, _WRITTEN_OUT = 20_000, 25, 150, 3000
_LONGEST_NAME, _SHOWN = 100, 60


class FormError(ValueError):
    """A text that is no law; the message gives the place and what is allowed."""


@dataclass(frozen=True)
class Tree:
    """A node: `kind` is "number", "name", "call" or one of ``+ - * / ** neg``; `value` a number or a name."""

    kind: str
    value: object = None
    parts: tuple = ()

    def names(self) -> list[str]:
        """Names in the order in which they appear, each once."""
        if self.kind == "name":
            return [self.value]
        return list(dict.fromkeys(name for part in self.parts for name in part.names()))

    def size(self, known: dict[str, int]) -> int:
        """How many nodes it has, where `known` are names that stand for so many."""
        return known.get(self.value, 1) if self.kind == "name" else 1 + sum(part.size(known) for part in self.parts)


def parse(text: str) -> tuple[dict[str, Tree], Tree]:
    """Read a text into its definitions, in order, and its formula.

    Raises
    ------
    FormError
        With the place of what is not allowed.

    Examples
    --------
    >>> definitions, formula = parse("q = D / U - 1; E + A / N**alpha + q")
    >>> list(definitions), formula.names()
    (['q'], ['E', 'A', 'N', 'alpha', 'q'])
    >>> parse("E + A N")
    Traceback (most recent call last):
    scalinglib.forms.grammar.FormError: form: 'N' cannot follow a value; write * between factors
      E + A N
            ^
    """
    if not isinstance(text, str) or not text.strip():
        raise FormError(f"form must be a text such as 'E + A / N**alpha'; got {text!r}")
    if len(text) > _LONGEST:
        raise FormError(f"form has {len(text)} characters; {_LONGEST} at most")
    return _Reader(text).read()


class _Reader:
    def __init__(self, text):
        self.text, self.tokens, self.at, self.depth = text, [], 0, 0
        place = operations = 0
        while text[place:].strip(" \t\r\n"):
            found = _TOKEN.match(text, place)
            if not found:
                place += len(text[place:]) - len(text[place:].lstrip())
                raise self.error(f"{text[place]!r} is not allowed", place)
            kind = found.lastgroup
            self.tokens.append((kind, found[kind], found.start(kind)))
            place = found.end()
            if kind == "name" and len(found[kind]) > _LONGEST_NAME:
                raise self.error(
                    f"a name of {len(found[kind])} characters", found.start(kind), f"{_LONGEST_NAME} at most"
                )
            operations += kind == "sign" and found[kind] in _OPERATIONS
            if operations > _MOST:
                raise self.error(f"more than {_MOST} operations", found.start(kind), "write it shorter")
        self.tokens.append(("end", "", len(text.rstrip())))

    def error(self, what, place, remedy=_ALLOWED):
        start = self.text.rfind("\n", 0, place) + 1
        line, place = self.text[start:].split("\n")[0], place - start
        cut = max(0, place - _SHOWN)
        line = line[cut : place + _SHOWN]
        return FormError(f"form: {what}; {remedy}\n  {line}\n  {' ' * (place - cut)}^")

    @property
    def token(self):
        return self.tokens[self.at]

    def take(self, *signs):
        kind, value, _ = self.token
        if kind == "sign" and value in signs:
            self.at += 1
            return value
        return None

    def read(self):
        definitions, formula = {}, None
        while True:
            while self.take(";"):
                pass
            if self.token[0] == "end":
                break
            name, place = None, self.token[2]
            if formula is not None:
                raise self.error("the formula stands last, definitions as q = D / U - 1 before it", place)
            if self.token[0] == "name" and self.tokens[self.at + 1][1] == "=":
                name = self.token[1]
                self.at += 2
                if name in definitions or name in FUNCTIONS or name in _ALSO:
                    raise self.error(f"{name!r} is {'defined twice' if name in definitions else 'a function'}", place)
            tree = self.sum()
            if self.token[0] != "end" and self.token[1] != ";":
                self.refuse()
            if name is None:
                formula = tree
            elif name in tree.names():
                raise self.error(f"{name!r} is used in its own definition", place)
            else:
                definitions[name] = tree
        if formula is None:  # as papers print it: L = E + ...
            if not definitions:
                raise self.error("there is no formula", 0)
            formula = definitions.pop(name)
        for position, (name, tree) in enumerate(definitions.items()):
            later = set(tree.names()) & set(list(definitions)[position + 1 :])
            if later:
                raise FormError(f"form: {name!r} uses {sorted(later)[0]!r}, which is defined after it")
        sizes = {}
        for name, tree in (*definitions.items(), (None, formula)):
            sizes[name] = tree.size(sizes)
            if sizes[name] > _WRITTEN_OUT:
                raise FormError(f"form: with its definitions written out it has more than {_WRITTEN_OUT:,} parts")
        return definitions, formula

    def refuse(self):
        kind, value, place = self.token
        if kind == "end":
            raise self.error("the text ends too early", place)
        if kind in ("name", "number"):
            raise self.error(f"{value!r} cannot follow a value", place, "write * between factors")
        raise self.error(f"{value!r} cannot stand here", place)

    def sum(self):
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(f"more than {_DEEPEST} brackets in each other", self.token[2])
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = Tree(sign, None, (tree, self.product()))
        self.depth -= 1
        return tree

    def product(self):
        tree = self.signed()
        while sign := self.take("*", "/"):
            tree = Tree(sign, None, (tree, self.signed()))
        return tree

    def signed(self):
        signs = 0
        while sign := self.take("-", "+"):
            signs += sign == "-"
        tree = self.power()
        return Tree("neg", None, (tree,)) if signs % 2 else tree

    def power(self):
        base = self.atom()
        if self.take("**", "^"):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise self.error(f"more than {_DEEPEST} powers in each other", self.token[2])
            base = Tree("**", None, (base, self.signed()))
            self.depth -= 1
        return base

    def atom(self):
        kind, value, place = self.token
        if kind == "number":
            self.at += 1
            if float(value) == float("inf"):
                raise self.error(f"{value[:20]} is more than a float can hold", place, "at most 1.8e308")
            return Tree("number", float(value))
        if kind == "name":
            self.at += 1
            if self.token[1] == "(":
                return self.call(_ALSO.get(value, value), value, place)
            if value in FUNCTIONS or value in _ALSO:
                raise self.error(f"{value!r} is a function: write {value}(...)", place)
            return Tree("name", value)
        if self.take("("):
            tree = self.sum()
            self.close()
            return tree
        return self.refuse()

    def call(self, name, written, place):
        if name not in FUNCTIONS:
            raise self.error(f"{written!r} is no function that is known here", place)
        self.take("(")
        parts = [self.sum()]
        while self.take(","):
            parts.append(self.sum())
        self.close()
        if len(parts) != FUNCTIONS[name]:
            raise self.error(f"{written} takes {FUNCTIONS[name]} argument(s), not {len(parts)}", place)
        return Tree("call", name, tuple(parts))

    def close(self):
        if not self.take(")"):
            kind, value, place = self.token
            raise self.error("a bracket is not closed" if kind == "end" else f"{value!r} where ) is expected", place)
