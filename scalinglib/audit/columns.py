"""Columns: whether residuals split by a column of the table that is not in the law."""

import numpy as np

from ..text import short_label
from .split import CHANCE, FEWEST_POINTS, POINT, paired, places, smooth, split

__all__ = ["split_by", "varying"]

# How many classes, and the share of the scatter that lies between them, with and without pairs.
_CLASSES, _FAMILIES, _FEWEST_ROWS, _SHARE, _SHARE_ALONE = 8, 12, 5, 0.15, 0.3
_TRACKED = 0.98  # a column that the variables foretell this well is one of them in other words
_NAMED = 3


def split_by(residuals, variables, points, others):
    """Columns of the table `others` that `residuals` (n,) split by, the three strongest first.

    `variables` are the columns of the law by name, `points` (n,) numbers their different points. Each is
    (name, labels of its classes, Split, whether it holds numbers, whether it is a setting: words, or few numbers that
    are compared at the same points; other numbers may be results).
    """
    basis = smooth(list(variables.values()))
    classed = {name: _classes(others[name], basis, variables, points) for name in others}
    classed = {name: found for name, found in classed.items() if found is not None}
    findings = []
    for name, (labels, member, numeric) in classed.items():
        several = np.bincount(points, weights=_first(points, member) != member) > 0
        pairs = several.sum() >= FEWEST_POINTS
        found = paired(residuals, points, member) if pairs else split(residuals, basis, member)
        if found.p < CHANCE / len(classed) and found.share >= (_SHARE if pairs else _SHARE_ALONE):
            setting = not numeric or (pairs and len(others[name].unique()) <= _CLASSES)
            findings.append((name, labels, found, numeric, setting))
    return sorted(findings, key=lambda each: -each[2].share)[:_NAMED]


def _first(points, member):
    """The class of the first row of each row's point."""
    _, rows = np.unique(points, return_index=True)
    return member[rows][points]


def _classes(column, basis, variables, points):
    """Labels of a column's classes, the class of each row and whether they are numbers; None where it says nothing."""
    import pandas

    if column.isna().any():
        return None
    member, labels = pandas.factorize(column, sort=False)
    numeric = pandas.api.types.is_numeric_dtype(column.dtype) and column.dtype != bool
    count = len(labels)
    most = len(member) / _FEWEST_ROWS
    if not 1 < count <= (most if numeric else min(most, _FAMILIES)) or _foretold(member, count, variables):
        return None
    if not numeric:
        return [repr(short_label(label)) for label in labels], member, False
    values = column.to_numpy(dtype=float)
    if not np.all(np.isfinite(values)) or _tracked(values, basis) or _steady(member, points):
        return None
    rank = pandas.Series(values).rank(method="dense" if count <= _CLASSES else "average").to_numpy()
    if count > _CLASSES:  # as many values as runs would be met exactly
        rank = np.floor((rank - 1.0) * _CLASSES / len(rank))
    member = np.unique(rank, return_inverse=True)[1]
    ends = [(values[member == place].min(), values[member == place].max()) for place in range(member.max() + 1)]
    return [_exactly(low) if low == high else f"{low:g} to {high:g}" for low, high in ends], member, True


def _exactly(value):
    """A number so that it may be asked for."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(float(value))


def varying(residuals, points, others):
    """Columns of `others` that differ among rows of one of `points` (n,), those that residuals follow most first.

    A list of at most three, each with the values it takes there in words. Columns with an own value in nearly every
    row, which name runs or hold results, are left out.
    """
    import pandas

    found = []
    for name in others:
        member, labels = pandas.factorize(others[name], use_na_sentinel=False)
        if 1 < len(labels) <= len(member) / 2 and np.any(_first(points, member) != member):
            values = [short_label(each) for each in labels]
            if pandas.api.types.is_numeric_dtype(others[name].dtype):
                values = [f"{low:g}" for low in sorted(filter(np.isfinite, map(float, labels)))]
            said = ", ".join(values) if len(values) <= _NAMED else f"{len(values)} values, {values[0]} to {values[-1]}"
            found.append((paired(residuals, points, member).share, f"{name!r} ({said})"))
    return [words for _, words in sorted(found, reverse=True)[:_NAMED]]


def _foretold(member, count, variables):
    """Whether a column names ranges of one variable, or little less than its values."""
    for variable in variables.values():
        value = places(variable, within=POINT)
        if np.array_equal(_first(value, member), member):
            turns = 1 + np.count_nonzero(np.diff(member[np.argsort(value, kind="stable")]))
            if turns == count or count > 0.5 * (value.max() + 1):
                return True
    return False


def _tracked(values, basis):
    """Whether the variables foretell a column of numbers."""
    values = np.log(values) if values.min() > 0.0 else values
    left = values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0]
    return left.var() <= (1.0 - _TRACKED) * values.var()


def _steady(member, points):
    """Whether many rows share points and the column never differs at one: it is a function of the variables."""
    shared = len(points) - points.max() - 1
    return shared >= FEWEST_POINTS and np.array_equal(_first(points, member), member)
