"""Terms: what the command line says of a form's constants, as the library takes it."""

from graphlib import CycleError, TopologicalSorter
from math import inf

from ..forms import Form, FormError, read_form
from ..forms.grammar import parse
from ..reading.cells import short
from .text import one_line

__all__ = ["as_form", "terms", "tied"]


def as_form(text, what="form"):
    """The Form that a text or a name stands for; its error is one line with the place. A cost has no names.

    Examples
    --------
    >>> as_form("E + A N")
    Traceback (most recent call last):
    scalinglib.forms.grammar.FormError: form: 'N' cannot follow a value; write * between factors (behind 'E + A')
    """
    try:
        form = read_form(text) if what == "form" else Form(text)
        if not form.names:  # a text is read when it is asked
            raise FormError(f"form: {short(text)} has no name in it")
        return form
    except FormError as error:
        said, *shown = str(error).replace("form", what, 1).split("\n")
        behind = shown[0][2 : shown[1].index("^")].strip() if len(shown) == 2 else ""
        raise FormError(f"{said} (behind {short(one_line(behind)[-24:])})" if behind else said) from None


def terms(form, options):
    """The form with its ties, and ``fixed``, ``bounds``, ``prior``, ``start`` and ``shared`` of `sl.fit`."""
    form = tied(form, options.tie)
    said = {"fixed": "fix", "bounds": "bound", "prior": "prior", "start": "start"}
    found = {name: getattr(options, option) for name, option in said.items()}
    found["shared"] = list(dict.fromkeys(name for names in options.shared for name in names))
    if found["shared"] and options.by is None:
        raise ValueError("--shared goes with --by, a column that says which family a row belongs to")
    for name, option in (said | {"shared": "shared"}).items():
        for constant in found[name]:
            _known(f"--{option}", constant, form)
    return form, found


def tied(form, ties):
    """The form with constants replaced: `ties` has constant -> name of another, or a formula of others.

    Examples
    --------
    >>> form = Form("E + A / N**alpha + B / D**beta", variables=("N", "D"), bounds={"alpha": (0, 1), "beta": (0.2, 2)})
    >>> form = tied(form, {"beta": "alpha"})
    >>> form.formula(), form.bounds
    ('beta = alpha; E + A / N**alpha + B / D**beta', {'alpha': (0.2, 1)})
    """
    if not ties:
        return form
    uses = {}
    for name, text in ties.items():
        _known("--tie", name, form)
        definitions, formula = parse(text)
        if definitions:
            raise FormError(f"--tie {name} must be one formula; got {short(text)}")
        uses[name] = formula.names()
        for other in uses[name]:
            _known(f"--tie {name}", other, form)
    try:
        order = [name for name in TopologicalSorter(uses).static_order() if name in ties]
    except CycleError as error:
        raise ValueError(f"--tie goes in a circle: {' = '.join(reversed(error.args[1]))}") from None
    bounds = dict(form.bounds)
    for name in reversed(order):
        low, high = bounds.pop(name, (-inf, inf))
        if parse(ties[name])[1].kind == "name":
            other = uses[name][0]
            least, most = bounds.get(other, (-inf, inf))
            bounds[other] = max(low, least), min(high, most)
    bounds = {name: pair for name, pair in bounds.items() if pair != (-inf, inf)}
    start = {name: value for name, value in form.start.items() if name not in ties}
    text = "; ".join([*(f"{name} = {ties[name]}" for name in order), form.text])
    return Form(text, variables=form.variables, y=form.y, bounds=bounds, start=start, source=form.source)


def _known(option, name, form):
    if name not in form.constants:
        what = "a variable" if name in form.variables else "no constant of the form"
        raise ValueError(f"{option} names {short(name)}, which is {what}; constants are {', '.join(form.constants)}")
