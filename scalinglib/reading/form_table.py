"""Form table: the columns of a file that a form names, with what weighs, groups and divides its rows."""

from dataclasses import replace

from .cells import TableError, number, short
from .columns import Column, reading
from .formulas import place_of
from .gathering import gather
from .headers import find_columns, units_of
from .table import SIZES, Table

__all__ = ["read_for"]


def read_for(
    path,
    forms,
    *,
    named,
    column=None,
    x=None,
    y=None,
    weights=None,
    noise=None,
    by=None,
    group=None,
    linear=False,
    scale=None,
    loss_unit=None,
    bytes_per_token=None,
    **how,
):
    """Return the Table that forms are fitted to: values are their variables and, last, what they give.

    Parameters
    ----------
    path : str
    forms : list of Form
        Variables are columns: N, D and C by their usual names, others by their own or as ``--column`` says. A form
        without variables takes those of its names that are columns.
    named, column : dict
        N, D, C or loss -> column or None, and any variable -> column.
    x, y, weights, by, group : str, optional
        Columns: of the variable x, of what the forms give where it is no loss, of how often a row counts, of
        families, of the runs that rows belong to.
    noise : str, optional
        A column of relative standard deviations, or one number.
    linear : bool
        Whether residuals are of the value itself, which may then be negative.
    scale, loss_unit, bytes_per_token, and others
        As `read` takes them.

    Raises
    ------
    TableError
        One line that names the file, its lines and columns.
    OSError
        If the file cannot be read.
    """
    if y is not None and (named["loss"] or loss_unit):
        raise TableError("--loss and --loss-unit are about a loss, and --y names another column")
    gives, scale, unit, one_noise = y or "loss", scale or {}, "", _one_noise(noise)
    sizes = {name: header for name in SIZES if (header := named[name]) is not None}
    given = (column or {}) | ({"x": x} if x is not None else {})
    variables, names = [], {}

    def choose(header):
        own, more = _columns(forms, header, sizes, given, x)
        variables.extend(map(tuple, own))
        names.update({name: place for each in own for name, place in each.items()})
        found = {name: place for name, place in (names | more).items() if place is not None}
        if gives in found:
            raise TableError(f"--y is {short(gives)}, which the form takes")
        if y:
            found[gives] = place_of(header, y, "--y")
        else:
            found |= find_columns(header, {"loss": named["loss"]}, required=("loss",))
        nonlocal unit
        unit = _check(header, found, scale, loss_unit, bytes_per_token)
        columns = {}
        for name, place in found.items():
            kind = "positive" if name in SIZES or (name == gives and not linear) else "any"
            columns[name] = Column(place, reading(name, scale, unit, bytes_per_token), kind)
        if weights is not None:
            columns["--weights"] = Column(place_of(header, weights, "--weights"), number, "not negative")
        if noise is not None and one_noise is None:
            columns["--noise"] = Column(place_of(header, noise, "--noise"), number, "positive")
        labels = {key: name for key, name in (("group", group), ("by", by)) if name is not None}
        return columns, {key: place_of(header, name, f"--{key}") for key, name in labels.items()}

    best_of_pair, where = how.pop("best_of_pair", False), how.get("where", ())
    got = gather(path, choose, **how)
    known = [
        form if form.variables else replace(form, variables=own) for form, own in zip(forms, variables, strict=True)
    ]
    return Table.of(
        got,
        tuple(names),
        gives,
        scale=scale,
        unit=unit,
        bytes_per_token=bytes_per_token,
        best_of_pair=best_of_pair,
        where=where,
        noise=one_noise,
        forms=known,
    )


def _columns(forms, header, sizes, given, x):
    """A dict a form, variable -> place, or None where it is computed; and what it is computed from."""
    known = dict.fromkeys(name for form in forms for name in form.variables or form.names)
    for name in given:
        if name not in known and name == "x" and x is not None:
            raise TableError("--x names the column of x, and the form has no x; name others with --column NAME=COLUMN")
        if name not in known:
            raise TableError(f"--column names {short(name)}, which is no name of the form; they are {', '.join(known)}")
    found, more = [], {}
    for form in forms:
        own, others = _variables(form, header, sizes, given, x)
        found.append(own)
        more |= others
    for name in sizes:
        if name not in more and not any(name in own for own in found):
            raise TableError(f"--{name} names a column, and the form has no {name}")
    return found, more


def _variables(form, header, sizes, given, x):
    """Variable -> place, or None where it is computed; and what it is computed from."""
    names = tuple(form.variables) or form.names
    found, more = {}, {}
    for name in names:
        if name in given or name in sizes:
            option = "--x" if name == "x" and x is not None else "--column" if name in given else f"--{name}"
            found[name] = place_of(header, (sizes | given)[name], option)
        elif header.count(name) == 1:
            found[name] = header.index(name)
        elif name in SIZES and (form.variables or name != "C" or not {"N", "D"} <= set(names)):
            place, others = _size(name, header, sizes | given, needed=bool(form.variables) or name != "C")
            more |= others
            found |= {} if place is _CONSTANT else {name: place}
        elif form.variables:
            raise TableError(f"no column for {name}; name it with --column {name}=COLUMN (columns: {_listed(header)})")
    if not found:
        raise TableError(f"no name of the form is a column: it has {', '.join(names)}, and the file {_listed(header)}")
    return found, more


_CONSTANT = object()


def _size(name, header, named, *, needed):
    """The place of N, D or C, None where the two others are there, or _CONSTANT; and the places of the others."""
    place = find_columns(header, {name: None}, required=()).get(name)
    if place is not None:
        return place, {}
    others = [other for other in SIZES if other != name]
    places = find_columns(header, {other: named.get(other) for other in others}, required=())
    if len(places) == len(others):
        return None, places
    if needed:
        find_columns(header, {name: None}, required=(name,))
    return _CONSTANT, {}


def _check(header, found, scale, loss_unit, bytes_per_token):
    """The unit of the loss; raises TableError for a column with two meanings, a scale of none, a unit in a header."""
    for name, place in found.items():
        other = next((each for each, there in found.items() if there == place and each != name), None)
        if other:
            raise TableError(f"column {short(header[place])} cannot be both {name} and {other}")
    for name in scale:
        if name not in found:
            raise TableError(f"--scale names {short(name)}; the columns in use are {', '.join(found)}")
    # who writes tokens_millions into a form knows it
    own = {name: place for name, place in found.items() if header[place] != name}
    counts = [name for name in own if name != "loss"]
    return units_of(header, own, scale, loss_unit, bytes_per_token, counts=counts)


def _one_noise(text):
    """The number that holds for all rows, or None where the text is a column."""
    try:
        return None if text is None else number(text)
    except ValueError:
        return None


def _listed(header):
    return ", ".join(map(short, header[:12])) + (", ..." if len(header) > 12 else "")
