"""Forms: lists the published forms, or prints whole entries."""

from math import inf

from .text import align, fitted, put

__all__ = ["run"]


def run(options):
    """Do what ``forms`` asks and return the exit code."""
    from .. import forms

    if options.names:
        put("\n\n".join(_entry(forms[name]) for name in options.names))
    else:
        put(fitted("\n".join(_line(forms[name]) for name in forms.names())))
    return 0


def _line(form):
    return f"{form.name}({', '.join(form.variables)})\n  {form.formula()}\n  {form.source}"


def _entry(form):
    """An entry in full."""
    lines = [_line(form).partition("\n")[0], *(f"  {part.strip()}" for part in form.formula().split(";"))]
    lines += ["", f"gives {form.y}", *(f"  {name}: {counts}" for name, counts in form.variables.items())]
    lines += ["", *_bounded(form), form.source, f"confirmed by {form.confirmed}", form.note]
    for label, constants in form.printed.items():
        lines += [
            "",
            f"{label}:",
            align([(name, f"{value!r}".removesuffix(".0")) for name, value in constants.items()]),
        ]
    if not form.printed:
        lines += ["", "No constants are kept of this source."]
    return fitted("\n".join(lines))


def _bounded(form):
    """The bounds of constants in a line, if there are any."""
    said = []
    for name, (low, high) in form.bounds.items():
        least, most = "" if low == -inf else f"{low:g} <= ", "" if high == inf else f" <= {high:g}"
        said.append(f"{least}{name}{most}")
    return [f"bounds: {', '.join(said)}"] if said else []
