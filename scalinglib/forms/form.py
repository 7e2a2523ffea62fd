"""Form: a law whose constants are open, as a text with what its names mean and where it comes from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..arguments import alike
from ..text import brief
from .grammar import FormError, Tree, parse
from .graph import Graph
from .tape import Tape
from .writing import as_latex, as_text, symbol

__all__ = ["Form", "FormLaw", "called_with"]


@dataclass(frozen=True, eq=False)
class Form:
    """A formula in variables and constants.

    Parameters
    ----------
    text : str
        As ``"E + A / N**alpha + B / D**beta"``; definitions may stand before it, ``"q = D / U - 1; E + ..."``.
    name : str
        As `sl.forms` knows it.
    variables : dict or sequence of str
        Names that runs give, each with what it counts. A form without them takes the columns of a table that it names.
    y : str
        What it gives, with its unit.
    bounds : dict
        Constant -> (lowest, highest), where the form means nothing beyond.
    source, confirmed, note : str
        Where the form is printed, how that was confirmed, and what to mind.
    printed : dict
        Label -> constants, where the source prints them.
    start : dict
        Constant -> where to begin, for those that no grid finds.
    unordered : bool
        Whether the order of the variables is no more than that in the text, as where a table said which they are.
    columns : dict
        Variable -> its other name, that of a column it was read from: a law is called with either.

    Raises
    ------
    FormError
        For a text that is no law, or bounds and constants of names that it does not have.

    Examples
    --------
    >>> import scalinglib as sl
    >>> form = sl.forms.Form("E + A / N**alpha", variables=("N",))
    >>> form.constants
    ('E', 'A', 'alpha')
    >>> round(float(form.law(E=1.5, A=100.0, alpha=0.5)(N=1e4)), 6)
    2.5
    """

    text: str
    name: str = field(default="", kw_only=True)
    variables: Mapping[str, str] | tuple = field(default=(), kw_only=True)
    y: str = field(default="", kw_only=True)
    bounds: Mapping = field(default_factory=dict, kw_only=True)
    source: str = field(default="", kw_only=True)
    confirmed: str = field(default="", kw_only=True)
    note: str = field(default="", kw_only=True)
    printed: Mapping = field(default_factory=dict, kw_only=True)
    start: Mapping = field(default_factory=dict, kw_only=True)
    unordered: bool = field(default=False, kw_only=True)
    columns: Mapping = field(default_factory=dict, kw_only=True)

    def __post_init__(self):
        if isinstance(self.variables, str) or not isinstance(self.variables, Iterable):
            raise FormError(f"form: variables must be names, as ('N', 'D'), or a dict of them; got {self.variables!r}")
        for label in ("bounds", "printed", "start"):
            if not isinstance(getattr(self, label), Mapping):
                raise FormError(f"form: {label} must be a dict of constants; got {getattr(self, label)!r}")
        for name in self.variables:
            if name not in self.names:
                raise FormError(f"form: variable {name!r} is not in {self.text!r}")
        if self.variables:
            for label, given in (("bounds", self.bounds), ("start", self.start), *self.printed.items()):
                for name in given:
                    if name not in self.constants:
                        raise FormError(
                            f"form {self.name or self.text!r}: {label} names {name!r}, which is no constant"
                        )

    def __repr__(self):
        variables = f"variables {', '.join(self.variables)}" if self.variables else ""
        return brief(self, self.name, self.text, variables)

    @cached_property
    def trees(self) -> tuple[dict[str, Tree], Tree]:
        """Definitions by name, and the formula."""
        definitions, formula = parse(self.text)
        for tree in (*definitions.values(), formula):
            _number_of(tree)
        return definitions, formula

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names that stand for numbers, in order of appearance."""
        definitions, formula = self.trees
        trees = [*definitions.values(), formula]
        used = dict.fromkeys(name for tree in trees for name in tree.names())
        return tuple(name for name in used if name not in definitions)

    @property
    def constants(self) -> tuple[str, ...]:
        """Names that are no variables."""
        return tuple(name for name in self.names if name not in self.variables)

    @cached_property
    def floor(self) -> str | None:
        """The constant that is only added to the rest; None where there is none, or several.

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.forms.Form("E + A / N**alpha", variables=("N",)).floor
        'E'
        """
        graph = Graph()
        last = self.add_to(graph, {})
        added = [name for name in self.constants if graph.value(graph.slope(last, name)) == 1.0]
        return added[0] if len(added) == 1 else None

    def over(self, columns: Sequence[str]) -> "Form":
        """The form with variables: its own, or where it has none those of its names that are `columns`."""
        if self.variables:
            return self
        found = tuple(name for name in self.names if name in columns)
        if not found:
            near = [f"{column} for {name}" for name in self.names for column in columns if alike(name, str(column))]
            hint = f": did you mean {near[0]}?" if near else ""
            named = f"none of its names {', '.join(self.names)} is" if self.names else "it has no name that could be"
            raise FormError(f"form: {named} a column; there are {', '.join(map(str, columns))}{hint}")
        return replace(self, variables=found, unordered=len(found) > 1)

    def add_to(self, graph: Graph, known: Mapping[str, int]) -> int:
        """The last step of the formula in a graph, where names in `known` are those steps."""
        steps = dict(known)
        definitions, formula = self.trees
        for name, tree in definitions.items():
            steps[name] = graph.tree(tree, steps)
        return graph.tree(formula, steps)

    @cached_property
    def _calculated(self):
        graph = Graph()
        return Tape(graph, [self.add_to(graph, {})], {})

    def values(self, numbers: Mapping[str, np.ndarray]) -> np.ndarray:
        """The formula for arrays of all its names that broadcast; nothing is checked."""
        with np.errstate(all="ignore"):  # beyond where the law means something it gives no number
            return np.asarray(self._calculated(numbers)[0], dtype=float)

    def law(self, label: str | None = None, /, **constants: float) -> "FormLaw":
        """The law with constants: given by name, or a printed set by its label.

        Raises
        ------
        ValueError
            For constants that are missing, unknown or no numbers, or a label that is not there.
        """
        if label is not None:
            if label not in self.printed:
                raise arguments.unknown_name(f"set of constants of {self.name}", label, self.printed)
            constants = {**self.printed[label], **constants}
        for name in constants:
            if name not in self.constants:
                raise ValueError(f"{name} is no constant of {self.text!r}; they are {', '.join(self.constants)}")
        missing = [name for name in self.constants if name not in constants]
        if missing:
            raise ValueError(f"{self.text!r} needs a number for {', '.join(missing)}")
        return FormLaw(self, {name: arguments.scalar(name, constants[name]) for name in self.constants})

    def formula(
        self, style: str = "text", numbers: Mapping[str, float] | None = None, digits: int = 6, gives: str = ""
    ) -> str:
        """The formula as "text" or "latex", with names in `numbers` written as their values, behind ``gives =``."""
        arguments.one_of("style", style, ("text", "latex"))
        digits = arguments.whole("digits", digits, most=17)
        numbers = {name: arguments.scalar(name, value) for name, value in (numbers or {}).items()}
        write, definitions = as_text if style == "text" else as_latex, self.trees[0]
        lines = [
            f"{name if style == 'text' else symbol(name)} = {write(tree, numbers or {}, digits)}"
            for name, tree in definitions.items()
        ]
        between = "; " if style == "text" else r",\quad "
        last = f"{gives} = " if gives else ""
        return between.join([*lines, last + write(self.trees[1], numbers or {}, digits)])

    def latex(self) -> str:
        """The formula as LaTeX, definitions before it."""
        return self.formula("latex")


def _number_of(tree: Tree) -> float | None:
    """The number that a tree without names is, else None; FormError where a part of it is no finite number."""
    if tree.kind in ("number", "name"):
        return tree.value if tree.kind == "number" else None
    parts = [_number_of(part) for part in tree.parts]
    if tree.kind == "/" and parts[1] == 0.0:
        raise FormError(f"form: {as_text(tree, {})} divides by zero")
    if None in parts:
        return None
    graph = Graph()
    with np.errstate(all="ignore"):
        value = float(Tape(graph, [graph.tree(tree, {})], {})({})[0])
    if not math.isfinite(value) or (tree.value == "log" and parts[0] <= 0.0):  # a tape's log(0) is a number
        raise FormError(f"form: {as_text(tree, {})} is no finite number")
    return value


def called_with(
    variables: Sequence[str],
    values: Sequence,
    named: Mapping,
    *,
    ordered: bool = True,
    columns: Mapping[str, str] | None = None,
) -> dict:
    """Variable -> what a law of these variables was called with.

    By name, as a table whose columns are so called, or in their order where they are `ordered`, or but one; `columns`
    has other names of variables, which in a table go first.

    Raises
    ------
    TypeError
        For variables that are missing, unknown or without a name.

    Examples
    --------
    >>> called_with(("N", "D"), (), {"D": 1e10, "N": 1e9})
    {'N': 1000000000.0, 'D': 10000000000.0}
    >>> called_with(("N", "D"), (1e9, 1e10), {}, ordered=False)
    Traceback (most recent call last):
    TypeError: this law takes N, D: name them, as law(N=..., D=...)
    """
    columns = columns or {}
    own = {column: name for name, column in columns.items() if column not in variables and name not in named}
    given = named = {own.get(name, name): value for name, value in named.items()}
    takes = ", ".join(f"{name} (column {columns[name]})" if name in columns else name for name in variables)
    if len(values) == 1 and (isinstance(values[0], Mapping) or hasattr(values[0], "columns")):
        there = arguments.names_of("table", values[0])
        place = {name: column if (column := columns.get(name)) in there else name for name in variables}
        wanted = [name for name in variables if place[name] in there and name not in given]
        given = given | {name: arguments.column_of("table", values[0], place[name]) for name in wanted}
    elif values and (ordered or len(variables) == 1) and len(values) <= len(variables):
        given = dict(zip(variables, values, strict=False))
        if set(given) & set(named) or len(values) + len(named) > len(variables):
            raise TypeError(f"this law takes {takes}; got {len(values)} values and {', '.join(named)}")
        given |= named
    elif values and len(values) > len(variables):
        raise TypeError(f"this law takes {takes}; got {len(values)} values")
    elif values:
        example = ", ".join(f"{name}=..." for name in variables)
        raise TypeError(f"this law takes {takes}: name them, as law({example})")
    if set(given) != set(variables):
        raise TypeError(f"this law takes {takes}; got {', '.join(map(str, given)) or 'nothing'}")
    return {name: given[name] for name in variables}


@dataclass(frozen=True)
class FormLaw:
    """A Form with numbers for its constants: called with its variables by name, or with a table of them.

    Of a form that says its variables their order will do, too. Of a text read on a table it is that in which they
    stand in the text, where swapped numbers would go unseen: such a law takes them by name alone.

    Attributes
    ----------
    form : Form
    constants : dict
        Name -> number.
    """

    form: Form
    constants: Mapping[str, float]

    def __repr__(self):
        return brief(self, self.formula())

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of what it is called with."""
        return tuple(self.form.variables)

    def called(self, values: Sequence, named: Mapping) -> dict:
        """Variable -> what the law is called with: see `called_with`."""
        return called_with(self.variables, values, named, ordered=not self.form.unordered, columns=self.form.columns)

    def __call__(self, *values: ArrayLike, **named: ArrayLike) -> np.ndarray:
        """The law at its variables (broadcast), given by name or as a table with such columns.

        Where the formula is no number the law is NaN.

        Raises
        ------
        TypeError
            For variables that are missing or unknown, or several without their names.
        ValueError
            For what is no finite number, naming the variable and the rows.
        """
        given = self.called(values, named)
        columns = arguments.together(**{name: arguments.real(name, value) for name, value in given.items()})
        value = self.form.values({**self.constants, **dict(zip(given, columns, strict=True))})
        return np.broadcast_to(value, np.broadcast_shapes(*(column.shape for column in columns)))[()].copy()

    def formula(self, style: str = "text", digits: int = 6) -> str:
        """The law with its numbers in it, as "text" or "latex".

        Examples
        --------
        >>> import scalinglib as sl
        >>> sl.forms.Form("E + A / N**alpha", variables=("N",)).law(E=1.5, A=100.0, alpha=0.5).formula()
        '1.5 + 100 / N**0.5'
        """
        return self.form.formula(style, self.constants, digits)

    def report(self) -> str:
        """The formula, with and without its numbers."""
        return f"{self.form.formula()}\n  = {self.formula()}"
