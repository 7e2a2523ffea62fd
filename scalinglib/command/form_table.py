"""Form table: the columns of a file that a form names, with what weighs, groups and divides its rows."""

from dataclasses import dataclass, field, replace

from ..forms import Form
from .cells import number, short
from .gathering import Column, gather, reading, said
from .headers import TableError, find_columns, place_of, refuse_units
from .table import Table

__all__ = ["FormTable", "read"]

_SIZES = {"N": ("C / (6 D)", "D"), "D": ("C / (6 N)", "N"), "C": ("6 N D", "N")}


@dataclass(frozen=True, eq=False)
class FormTable(Table):
    """A Table whose values are the variables of a form and, last, what it gives.

    form : Form, with its variables; y : name of what it gives; weights, noise : see `fit`; families : labels.
    """

    form: Form = None
    y: str = "loss"
    weights: object = field(default=None, repr=False)
    noise: object = field(default=None, repr=False)
    families: object = field(default=None, repr=False)


def read(path, form, options):
    """Return the FormTable that a form is fitted to.

    Parameters
    ----------
    path : str
    form : Form
        Its variables are columns: N, D and C by their usual names, others by their own or as ``--column`` says. A form
        without variables takes those of its names that are columns.
    options : argparse.Namespace
        As the command line gives them.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns.
    OSError
        If the file cannot be read.
    """
    if options.y is not None and (options.columns["loss"] or options.loss_unit):
        raise ValueError("--loss and --loss-unit are about a loss, and --y names another column")
    y, scale, unit = options.y or "loss", options.scale, options.loss_unit or "nats"
    linear = options.space == "linear" or (options.space is None and options.objective == "least_squares")
    noise, names = _one_noise(options.noise), []

    def choose(header):
        variables, more = _variables(form, header, options)
        names.extend(variables)
        found = {name: place for name, place in (variables | more).items() if place is not None}
        if y in found:
            raise TableError(f"--y is {short(y)}, which the form takes")
        found[y] = place_of(header, y, "--y") if options.y else find_columns(
            header, {"loss": options.columns["loss"]}, required=("loss",)
        )["loss"]  # fmt: skip
        _check(header, found, options)
        columns = {}
        for name, place in found.items():
            kind = "positive" if name in _SIZES or (name == y and not linear) else "any"
            columns[name] = Column(place, reading(name, scale, unit), kind)
        if options.weights is not None:
            columns["--weights"] = Column(place_of(header, options.weights, "--weights"), number, "not negative")
        if options.noise is not None and noise is None:
            columns["--noise"] = Column(place_of(header, options.noise, "--noise"), number)
        labels = {"group": options.group, "by": options.by}
        return columns, {key: place_of(header, name, f"--{key}") for key, name in labels.items() if name is not None}

    got = gather(path, choose, where=options.where, drop_bad=options.drop_bad)
    columns = {key.removeprefix("--"): said(key, heading, scale, unit) for key, heading in got.headings.items()}
    values = dict(got.values)
    for name in names:
        if name not in values:
            columns[name] = _SIZES[name][0]
            values[name] = (
                6.0 * values["N"] * values["D"] if name == "C" else values["C"] / (6.0 * values[_SIZES[name][1]])
            )
    for key, labels in got.labels.items():
        columns[key] += f", {len(set(labels))} different labels"
    return FormTable.of(
        got,
        values={name: values[name] for name in (*names, y)},
        columns={name: columns[name] for name in (*names, y, "weights", "noise", "group", "by") if name in columns},
        given_C=None,
        groups=got.labels.get("group"),
        conditions=tuple(map(str, options.where)),
        form=form if form.variables else replace(form, variables=tuple(names)),
        y=y,
        weights=values.get("--weights"),
        noise=values.get("--noise", noise),
        families=got.labels.get("by"),
    )


def _variables(form, header, options):
    """Variable -> place, or None where it is computed; and what it is computed from."""
    sizes = {name: options.columns[name] for name in _SIZES}
    named = dict(options.column) | {name: column for name, column in sizes.items() if column is not None}
    names = tuple(form.variables) or form.names
    for name in dict(options.column):
        if name not in names:
            raise TableError(f"--column names {short(name)}, which is no name of the form; they are {', '.join(names)}")
    found, more = {}, {}
    for name in names:
        if name in named:
            found[name] = place_of(header, named[name], f"--{name}" if name in sizes else "--column")
        elif header.count(name) == 1:
            found[name] = header.index(name)
        elif name in sizes and (form.variables or name != "C" or not {"N", "D"} <= set(names)):
            place, more = _size(name, header, named, more, needed=bool(form.variables) or name != "C")
            found |= {} if place is _CONSTANT else {name: place}
        elif form.variables:
            raise TableError(f"no column for {name}; name it with --column {name}=COLUMN (columns: {_listed(header)})")
    if not found:
        raise TableError(f"no name of the form is a column: it has {', '.join(names)}, and the file {_listed(header)}")
    for name, column in sizes.items():
        if column is not None and name not in found and name not in more:
            raise TableError(f"--{name} names a column, and the form has no {name}")
    return found, more


_CONSTANT = object()


def _size(name, header, named, more, *, needed):
    """The place of N, D or C, None where the two others are there, or _CONSTANT."""
    place = find_columns(header, {name: None}, required=()).get(name)
    if place is not None:
        return place, more
    others = [other for other in _SIZES if other != name]
    places = find_columns(header, {other: named.get(other) for other in others}, required=())
    if len(places) == len(others):
        return None, more | places
    if needed:
        find_columns(header, {name: None}, required=(name,))
    return _CONSTANT, more


def _check(header, found, options):
    """Raise TableError for a column with two meanings, a scale of none, or a unit in a header."""
    for name, place in found.items():
        other = next((each for each, there in found.items() if there == place and each != name), None)
        if other:
            raise TableError(f"column {short(header[place])} cannot be both {name} and {other}")
    for name in options.scale:
        if name not in found:
            raise TableError(f"--scale names {short(name)}; the columns in use are {', '.join(found)}")
    # who writes tokens_millions into a form knows it
    own = {name: place for name, place in found.items() if header[place] != name}
    refuse_units(header, own, options.scale, options.loss_unit, counts=[name for name in own if name != "loss"])


def _one_noise(text):
    """The number that holds for all rows, or None where the text is a column."""
    try:
        return None if text is None else number(text)
    except ValueError:
        return None


def _listed(header):
    return ", ".join(map(short, header[:12])) + (", ..." if len(header) > 12 else "")
