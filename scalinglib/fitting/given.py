"""Given: the columns of a table that a fit takes, checked, and sorted into families."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .. import arguments
from ..forms import Form, FormError
from ..forms.domain import check_domain
from ..notices import warn

__all__ = ["Given", "NamesWarning", "read_given"]


_FAR = 100.0  # times: a law in powers has been seen to hold about so far beyond its runs in compute


class NamesWarning(UserWarning):
    """A name of a form is taken for a constant, and a column is called almost the same."""


@dataclass(frozen=True, eq=False)
class Given:
    """Runs as the engine takes them: those of one family stand together.

    form : Form with its variables; columns : variable -> (n,); y, noise : (n,) or None; weights : the same, of mean
    one; groups : number of each run's group among `group_labels`, (n,), or None; labels, families : names and slices of
    families; order : rows of the table, (n,); others : the table's other columns, or None where it is no data frame.
    """

    form: Form
    columns: Mapping[str, np.ndarray]
    y: np.ndarray
    y_name: str
    weights: np.ndarray | None
    noise: np.ndarray | None
    groups: np.ndarray | None
    group_labels: np.ndarray | None
    by: str
    labels: tuple
    families: tuple
    order: np.ndarray
    others: object

    def taken(self, rows) -> "Given":
        """Some of the runs, as one family."""
        parts = {"y": self.y, "weights": self.weights, "noise": self.noise, "groups": self.groups, "order": self.order}
        parts = {name: None if part is None else part[rows] for name, part in parts.items()}
        columns = {name: column[rows] for name, column in self.columns.items()}
        return replace(self, columns=columns, **parts, labels=(), families=(slice(0, len(parts["y"])),))

    def thinned(self, count) -> "Given":
        """At most `count` runs, evenly from all."""
        n = len(self.y)
        return self if n <= count else self.taken(np.linspace(0, n - 1, count).astype(int))

    def pooled(self) -> "Given":
        """All runs as one family."""
        return self.taken(slice(None))

    def only(self, label) -> "Given":
        """The runs of one family."""
        return self.taken(self.families[self.labels.index(label)])

    def beyond(self, point: Mapping) -> str:
        """How far outside of the runs a point lies, in a sentence; empty within a hundred times their range.

        Of runs of N and D it is their compute 6 N D that counts, else each variable.
        """
        at = {name: np.asarray(value, dtype=float) for name, value in point.items() if name in self.columns}
        seen = dict(self.columns)
        if {"N", "D"} <= set(seen):
            seen["6 N D"], at["6 N D"] = (6.0 * z["N"] * z["D"] for z in (seen, at))
            seen, at = ({name: z for name, z in each.items() if name not in ("N", "D")} for each in (seen, at))
        return beyond({name: (column.min(), column.max()) for name, column in seen.items()}, at)

    def back(self, values) -> np.ndarray:
        """Values of the sorted runs in the order of the table."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


def read_given(form: Form, table: Mapping, *, y, columns, space, weights, noise, groups, by) -> Given:
    """Check a table and the columns that a fit names; errors name the argument and the rows."""
    names = arguments.names_of("table", table)
    if y is None:
        y = form.y if form.y in names else "loss"
    if not isinstance(y, str) or y not in names:
        raise ValueError(f"y must be a column; got {y!r}, and there are {_listed(names)}")
    form = _placed(form, names, y, columns)
    place = {name: form.columns.get(name, name) for name in form.variables}
    wanted = {name: arguments.column_of("table", table, place[name]) for name in form.variables}
    wanted[y] = arguments.column_of("table", table, y)
    columns = dict(zip(wanted, arguments.columns(positive=False, **wanted), strict=True))
    values = columns.pop(y)
    check_domain(form, columns)
    bad = {"log": values <= 0, "log1p": values < 0}.get(space, np.zeros(len(values), dtype=bool))
    if bad.any():
        raise ValueError(f"{_reason(y, values, bad, space)}; for such values choose space='linear'")
    n, told = len(values), (weights, noise, groups, by)
    if weights is not None:
        if noise is not None:
            raise ValueError("give weights or noise: weights say how runs scatter beside each other, noise how far")
        weights = _column("weights", table, names, weights, n, zero=True)
        if not weights.all():
            arguments.refuse("weights", weights, weights == 0.0, "above zero; leave such rows out of the table")
        weights = weights / weights.mean()
    noise = None if noise is None else _column("noise", table, names, noise, n)
    group_labels, groups = (None, None) if groups is None else _labels("groups", table, names, groups, n)
    label, order, families = (), np.arange(n), (slice(0, n),)
    if by is not None:
        label, member = _labels("by", table, names, by, n)
        order = np.argsort(member, kind="stable")
        ends = np.searchsorted(member[order], np.arange(len(label) + 1))
        families = tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(ends))
        label = tuple(map(str, label.tolist()))
    sort = [None if part is None else part[order] for part in (weights, noise, groups)]
    others = None
    if hasattr(table, "drop") and hasattr(table, "reset_index"):
        taken = (*place.values(), y, *(each for each in told if isinstance(each, str)))
        others = table.drop(columns=list(taken)).reset_index(drop=True)
    return Given(
        form=form,
        columns={name: column[order] for name, column in columns.items()},
        y=values[order],
        y_name=y,
        weights=sort[0],
        noise=sort[1],
        groups=sort[2],
        group_labels=group_labels,
        by=by if isinstance(by, str) else "" if by is None else "family",
        labels=label,
        families=families,
        order=order,
        others=others,
    )


def _placed(form, names, y, columns):
    """The form with its variables, and their columns where those have other names."""
    if columns is not None and not isinstance(columns, Mapping):
        raise ValueError(f'columns must be a dict of variable -> column, as {{"x": "compute"}}; got {columns!r}')
    own = form.variables or form.names
    for name, column in (columns or {}).items():
        if name not in own:
            raise ValueError(f"columns names {name!r}, which is no variable of the form; it has {', '.join(own)}")
        if not isinstance(column, str) or column not in names:
            raise ValueError(f"columns[{name!r}] must be a column; got {column!r}, and there are {_listed(names)}")
    place = dict(columns or {})
    if y in form.names:
        raise ValueError(f"y is {y!r}, which the form takes, too: what it gives cannot be what it is given")
    if y in place.values():
        raise ValueError(f"y is {y!r}, which columns= gives to a variable of the form, too")
    if not form.variables:
        shadowed = [name for name in form.trees[0] if name in names]
        if shadowed:
            raise ValueError(f"form defines {shadowed[0]!r}, which is a column of the table: rename one")
        form = form.over([*names, *place])
        _doubt_names(form, [str(name) for name in names if name not in place.values()])
    if not form.constants:
        raise FormError(f"form: {arguments.abbreviate(form.text)} has no constant, so nothing is left to fit")
    missing = [name for name in form.variables if name not in place and name not in names]
    if missing:
        example = f"columns={{{missing[0]!r}: {next((name for name in names if name != y), 'COLUMN')!r}}}"
        raise ValueError(
            f"table has no column {', '.join(map(repr, missing))}; it has {_listed(names)}: say which, as {example}"
        )
    return replace(form, columns={name: column for name, column in place.items() if column != name})


def _doubt_names(form, columns):
    """Warn of constants that are spelt nearly as a column."""
    for name in form.constants:
        near = [column for column in columns if arguments.alike(name, column)]
        if near and name != form.floor:  # a c that is only added is no mistyped C
            warn(
                f"{name} is taken for a constant, and the table has a column {near[0]}: write {near[0]} if that is "
                "meant, or another name for the constant",
                NamesWarning,
                stacklevel=5,
            )


def beyond(seen: Mapping, at: Mapping) -> str:
    """What lies more than a hundred times outside of what was seen, name -> (lowest, highest), in a sentence."""
    said = []
    for name, value in at.items():
        (low, high), value = seen[name], np.asarray(value, dtype=float)
        if high > 0.0 and value.max() > _FAR * high:
            said.append(f"{name} = {value.max():.4g} is {value.max() / high:.3g} times the largest of the runs")
        if 0.0 < value.min() < low / _FAR:
            said.append(f"{name} = {value.min():.4g} is {low / value.min():.3g} times below the smallest of the runs")
    return f"{' and '.join(said)}: the interval holds if the law does, and no run has tested it there" if said else ""


def _listed(names):
    return ", ".join(map(repr, names[:12])) + (" ..." if len(names) > 12 else "")


def _reason(name, values, bad, space):
    try:
        arguments.refuse(name, values, bad, f"{'zero or ' if space == 'log1p' else ''}above zero in space {space!r}")
    except ValueError as error:
        return str(error)


def _named(label, table, names, value):
    if not isinstance(value, str):
        return value
    if value not in names:
        raise ValueError(f"{label} names {value!r}, which is no column; there are {_listed(names)}")
    return arguments.column_of("table", table, value)


def _column(label, table, names, value, count, zero=False):
    found = _named(label, table, names, value)
    if np.ndim(found) == 0:
        return np.full(count, arguments.scalar(label, found, positive=True))
    found = arguments.column(label, found)
    arguments.real(label, found, positive=not zero, non_negative=zero)
    if len(found) != count:
        raise ValueError(f"{label} must have one entry a run, {count}; got {len(found)}")
    return found


def _labels(label, table, names, value, count):
    return arguments.labels(label, _named(label, table, names, value), count)
