"""Graph: a formula as single steps, each standing once, with exact derivatives of it as further steps."""

import math

from .grammar import Tree

__all__ = ["Graph"]


class Graph:
    """Steps of a calculation, numbered from 0; a step's arguments stand before it, and equal steps are one.

    Attributes
    ----------
    steps : list of tuple
        (operation, argument, ...): a number for "number", a name for "name", else numbers of steps. Powers whose
        exponent is no plain number are ``exp(exponent * log(base))``.
    """

    def __init__(self):
        self.steps, self._known, self._slopes = [], {}, {}

    def _step(self, *step):
        if step not in self._known:
            self._known[step] = len(self.steps)
            self.steps.append(step)
        return self._known[step]

    def number(self, value: float) -> int:
        return self._step("number", float(value))

    def name(self, name: str) -> int:
        return self._step("name", name)

    def value(self, step: int) -> float | None:
        """The number that a step is, or None."""
        operation, *rest = self.steps[step]
        return rest[0] if operation == "number" else None

    def add(self, a: int, b: int) -> int:
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.number(x + y)
        if x == 0.0 or y == 0.0:
            return b if x == 0.0 else a
        if a == b:
            return self.multiply(self.number(2.0), a)
        return self._step("add", *sorted((a, b)))

    def multiply(self, a: int, b: int) -> int:
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.number(x * y)
        if x is None and y is not None:
            a, b, x = b, a, y
        if x == 0.0:
            return a
        if x == 1.0:
            return b
        operation, *rest = self.steps[b]
        if operation == "multiply" and self.value(rest[0]) is not None:  # numbers come first, as one
            return self.multiply(self.multiply(a, rest[0]), rest[1])
        operation, *rest = self.steps[a]
        if x is None and operation == "multiply" and self.value(rest[0]) is not None:
            return self.multiply(rest[0], self.multiply(rest[1], b))
        return self._step("multiply", *((a, b) if x is not None else sorted((a, b))))

    def negative(self, a: int) -> int:
        return self.multiply(self.number(-1.0), a)

    def whole_power(self, a: int, n: int) -> int:
        x = self.value(a)
        if n == 0:
            return self.number(1.0)
        if n == 1:
            return a
        if x is not None and not (x == 0.0 and n < 0):
            try:
                return self.number(x**n)
            except OverflowError:
                return self.number(math.inf)
        operation, *rest = self.steps[a]
        if operation == "exp":
            return self.exp(self.multiply(self.number(float(n)), rest[0]))
        return self._step("whole_power", a, n)

    def power(self, a: int, b: int) -> int:
        """``a**b``: of any a where b is a whole number, else of an a above zero."""
        n = self.value(b)
        if n is not None and n == int(n) and abs(n) <= 64:
            return self.whole_power(a, int(n))
        return self.exp(self.multiply(b, self.log(a)))

    def exp(self, a: int) -> int:
        x = self.value(a)
        if x is not None and x < 700.0:
            return self.number(math.exp(x))
        operation, *rest = self.steps[a]
        return rest[0] if operation == "log" else self._step("exp", a)

    def log(self, a: int) -> int:
        """The logarithm; of products, quotients and powers as a sum, so that each factor must be above zero."""
        x = self.value(a)
        if x is not None and x > 0.0:
            return self.number(math.log(x))
        operation, *rest = self.steps[a]
        if operation == "exp":
            return rest[0]
        if operation == "multiply" and (self.value(rest[0]) or 1.0) > 0.0:
            return self.add(self.log(rest[0]), self.log(rest[1]))
        if operation == "add" and 1.0 in map(self.value, rest):  # log(1 + exp(v)) overflows where exp(v) does
            for part in rest:
                if self.steps[part][0] == "exp":
                    return self._step("softplus", self.steps[part][1])
        if operation == "whole_power" and rest[1] % 2:
            return self.multiply(self.number(float(rest[1])), self.log(rest[0]))
        return self._step("log", a)

    def call(self, name: str, *parts: int) -> int:
        if name in ("exp", "log"):
            return getattr(self, name)(*parts)
        if name == "sqrt":
            return self.power(parts[0], self.number(0.5))
        return self._step(name, *parts)

    def tree(self, tree: Tree, known: dict[str, int]) -> int:
        """The step of a Tree; `known` gives the steps of names that are not simply names."""
        if tree.kind == "number":
            return self.number(tree.value)
        if tree.kind == "name":
            return known[tree.value] if tree.value in known else self.name(tree.value)
        parts = [self.tree(part, known) for part in tree.parts]
        match tree.kind:
            case "+":
                return self.add(*parts)
            case "-":
                return self.add(parts[0], self.negative(parts[1]))
            case "*":
                return self.multiply(*parts)
            case "/":
                return self.multiply(parts[0], self.whole_power(parts[1], -1))
            case "**":
                return self.power(*parts)
            case "neg":
                return self.negative(parts[0])
            case _:
                return self.call(tree.value, *parts)

    def slope(self, step: int, name: str) -> int:
        """The step that is the derivative of a step by a name."""
        key = step, name
        if key not in self._slopes:
            self._slopes[key] = self._slope(step, name)
        return self._slopes[key]

    def _slope(self, step, name):
        operation, *rest = self.steps[step]
        if operation == "number":
            return self.number(0.0)
        if operation == "name":
            return self.number(float(rest[0] == name))
        parts = rest[:1] if operation == "whole_power" else rest
        inner = [self.slope(part, name) for part in parts]
        if all(self.value(slope) == 0.0 for slope in inner):
            return self.number(0.0)
        a = parts[0]
        match operation:
            case "add":
                return self.add(*inner)
            case "multiply":
                return self.add(self.multiply(inner[0], parts[1]), self.multiply(a, inner[1]))
            case "whole_power":
                n = rest[1]
                outer = self.multiply(self.number(float(n)), self.whole_power(a, n - 1))
            case "exp":
                outer = step
            case "log":
                outer = self.whole_power(a, -1)
            case "softplus":
                outer = self._step("sigmoid", a)
            case "sigmoid":
                outer = self.multiply(step, self.add(self.number(1.0), self.negative(step)))
            case "minimum" | "maximum":
                first = self._step("above", *(parts if operation == "maximum" else reversed(parts)))
                second = self.add(self.number(1.0), self.negative(first))
                return self.add(self.multiply(first, inner[0]), self.multiply(second, inner[1]))
            case "above":  # a jump has no slope but where it jumps
                return self.number(0.0)
        return self.multiply(outer, inner[0])

    def needed(self, wanted: list[int]) -> list[int]:
        """The steps that lead to the wanted ones, in order."""
        found, queue = set(), list(wanted)
        while queue:
            step = queue.pop()
            if step not in found:
                found.add(step)
                operation, *rest = self.steps[step]
                if operation not in ("number", "name"):
                    queue += rest[:1] if operation == "whole_power" else rest
        return sorted(found)

    def names(self, step: int) -> set[str]:
        """Names that a step depends on."""
        return {self.steps[part][1] for part in self.needed([step]) if self.steps[part][0] == "name"}

    def positive(self, step: int, positive: set[str]) -> bool:
        """Whether a step is above zero whatever its names are, those in `positive` being above zero."""
        operation, *rest = self.steps[step]
        match operation:
            case "number":
                return rest[0] > 0.0
            case "name":
                return rest[0] in positive
            case "exp" | "sigmoid" | "softplus":
                return True
            case "add" | "multiply" | "minimum":
                return all(self.positive(part, positive) for part in rest)
            case "maximum":
                return any(self.positive(part, positive) for part in rest)
            case "whole_power":
                return self.positive(rest[0], positive)
        return False
