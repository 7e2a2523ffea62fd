"""Arguments: checks that name what was given, the offending rows and what is allowed."""

import difflib
import numbers
from collections.abc import Iterable, Mapping

import numpy as np

__all__ = ["UnknownNameError"]

_ROWS_SHOWN = 5
_WORD = 4  # letters; shorter names are near each other by chance


class UnknownNameError(KeyError):
    """A name that is not in a list of names; the message gives the nearest ones.

    It is a ``KeyError``, with a message that prints as a sentence.
    """

    def __str__(self):
        return str(self.args[0])


def unknown_name(kind, given, known):
    """Return the error for a name that is not known, with the nearest known names.

    Examples
    --------
    >>> print(unknown_name("law", "besiroglu", ["besiroglu2024", "kaplan2020"]))
    unknown law 'besiroglu'; did you mean 'besiroglu2024'? Known: 'besiroglu2024', 'kaplan2020'
    """
    known = list(known)
    near = difflib.get_close_matches(str(given), known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return UnknownNameError(f"unknown {kind} {given!r}; {hint}Known: {', '.join(map(repr, known)) or 'none'}")


def alike(name, column):
    """Whether two names differ in case alone or, where they are words, in one letter.

    Examples
    --------
    >>> alike("n", "N"), alike("token", "Tokens"), alike("alpha", "beta")
    (True, True, False)
    """
    a, b = sorted((name.casefold(), column.casefold()), key=len)
    if a == b or len(a) < _WORD or len(b) > len(a) + 1:
        return a == b
    start = next((place for place, pair in enumerate(zip(a, b, strict=False)) if len(set(pair)) > 1), len(a))
    return a[start + (len(a) == len(b)) :] == b[start + 1 :] or a[start:] == b[start + 1 :]


def one_of(name, value, allowed):
    """Return `value` if it is one of `allowed`; otherwise raise ValueError that lists them.

    Examples
    --------
    >>> one_of("space", "cubic", ("log", "linear"))
    Traceback (most recent call last):
    ValueError: space must be one of 'log', 'linear'; got 'cubic'
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {value!r}")
    return value


def _rows(mask):
    """Name the rows where `mask` holds, the first few in full."""
    rows = np.flatnonzero(np.atleast_1d(mask))
    shown = ", ".join(map(str, rows[:_ROWS_SHOWN]))
    more = f" and {rows.size - _ROWS_SHOWN} more" if rows.size > _ROWS_SHOWN else ""
    return f"row{'s' if rows.size > 1 else ''} {shown}{more}", "hold" if rows.size > 1 else "holds"


def _refuse(name, array, bad, allowed):
    """Raise ValueError for the entries of `array` marked in `bad`."""
    values = ", ".join(f"{v:g}" for v in np.atleast_1d(array)[np.atleast_1d(bad)].ravel()[:_ROWS_SHOWN])
    if np.ndim(array) == 0:
        raise ValueError(f"{name} must be {allowed}; got {values}")
    rows, hold = _rows(bad.reshape(len(bad), -1).any(1))
    raise ValueError(f"{name} must be {allowed}; {rows} {hold} {values}")


def refuse(name, array, bad, allowed):
    """Raise ValueError naming the rows of `array` where `bad` holds, if there are any."""
    if np.any(bad):
        _refuse(name, array, np.broadcast_to(bad, np.shape(array)), allowed)


def real(name, value, *, positive=False, non_negative=False, infinite=False):
    """Return `value` as an array of finite floats of any shape, or raise ValueError.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Numbers.
    positive, non_negative : bool
        Refuse zero and negative entries, or negative entries alone.
    infinite : bool
        Allow infinities, as of an interval without an end.

    Raises
    ------
    ValueError
        Naming the argument, the offending rows and what is allowed.

    Examples
    --------
    >>> real("N", [1e8, -1.0, 0.0], positive=True)
    Traceback (most recent call last):
    ValueError: N must be finite and above zero; rows 1, 2 hold -1, 0
    """
    array = _floats(name, value)
    if array.size == 0:
        raise ValueError(f"{name} is empty; at least one number is needed")
    bad, allowed = (np.isnan(array), "a number") if infinite else (~np.isfinite(array), "finite")
    if positive:
        bad, allowed = bad | (array <= 0), "finite and above zero"
    elif non_negative:
        bad, allowed = bad | (array < 0), "finite and not negative"
    if bad.any():
        _refuse(name, array, bad, allowed)
    return array


def _floats(name, value):
    """`value` as floats; what is no real number is refused, with its row where it has one."""
    if np.ma.is_masked(value):
        if np.ndim(value) == 0:
            raise ValueError(f"{name} must be numbers; got masked")
        rows, _ = _rows(np.ma.getmaskarray(value).reshape(len(value), -1).any(1))
        raise ValueError(f"{name} must be numbers; {rows} masked")
    try:
        given = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be numbers in rows of equal length; got {abbreviate(value)}") from None
    if given.dtype.kind in "iuf":
        return given.astype(float)
    if given.dtype.kind in "OU":  # text and mixed columns may still hold numbers
        entries = given.ravel().tolist()
        # One word among numbers makes numpy turn them all into text: name the word, not the first of them.
        wrong = [row for row, entry in enumerate(entries) if not _is_number(entry)]
        word = next((row for row in wrong if not _reads_as_number(entries[row])), wrong[0] if wrong else None)
        if word is not None:
            where = f"row {word} holds" if given.ndim else "got"
            raise ValueError(f"{name} must be numbers; {where} {abbreviate(entries[word])}")
        return given.astype(float)
    kind = {"b": "true or false", "c": "complex numbers", "M": "dates", "m": "durations"}.get(given.dtype.kind)
    raise ValueError(f"{name} must be real numbers; got {kind or abbreviate(value)}")


def _is_number(entry):
    return not isinstance(entry, (bool, str, bytes, complex)) and _reads_as_number(entry)


def _reads_as_number(entry):
    try:
        float(entry)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def together(**arrays):
    """Return the named arrays if they broadcast; otherwise raise ValueError that gives their shapes.

    Examples
    --------
    >>> import numpy as np
    >>> together(N=np.ones(3), D=np.ones(2))
    Traceback (most recent call last):
    ValueError: N and D must broadcast; got shapes (3,) and (2,)
    """
    try:
        np.broadcast_shapes(*(np.shape(array) for array in arrays.values()))
    except ValueError:
        names, shapes = list(arrays), [str(np.shape(array)) for array in arrays.values()]
        raise ValueError(
            f"{', '.join(names[:-1])} and {names[-1]} must broadcast; "
            f"got shapes {', '.join(shapes[:-1])} and {shapes[-1]}"
        ) from None
    return list(arrays.values())


def column(name, value, *, positive=False):
    """Return `value` as a one-dimensional float array of its own (one entry a run), or raise ValueError.

    The array is a copy that cannot be written to: a result that keeps it stays what it was.
    """
    array = np.array(real(name, value, positive=positive))
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, one entry a run; got shape {array.shape}")
    array.setflags(write=False)
    return array


def kept(array):
    """The array, which nobody can write to any more: a result that holds it stays what it was."""
    array.setflags(write=False)
    return array


def columns(*, positive=True, **named):
    """Return one-dimensional arrays of equal length, one for each named argument, in order.

    Examples
    --------
    >>> columns(N=[1e8, 2e8], D=[1e9])
    Traceback (most recent call last):
    ValueError: N and D must have one entry a run each; got lengths 2 and 1
    """
    arrays = {name: column(name, value, positive=positive) for name, value in named.items()}
    lengths = [len(array) for array in arrays.values()]
    if len(set(lengths)) > 1:
        names, sizes = list(arrays), list(map(str, lengths))
        raise ValueError(
            f"{', '.join(names[:-1])} and {names[-1]} must have one entry a run each; "
            f"got lengths {', '.join(sizes[:-1])} and {sizes[-1]}"
        )
    return list(arrays.values())


def names_of(name, table):
    """The names of a table's columns, or ValueError where it is no table or has a name twice.

    Examples
    --------
    >>> names_of("table", [1.0, 2.0])
    Traceback (most recent call last):
    ValueError: table must be a table or a mapping of columns; got list
    """
    found = getattr(table, "columns", None)
    if found is None and isinstance(table, Mapping):
        found = table.keys()
    if isinstance(table, type) or found is None or callable(found) or not hasattr(table, "__getitem__"):
        raise ValueError(f"{name} must be a table or a mapping of columns; got {type(table).__name__}")
    names = list(found)
    twice = next((each for place, each in enumerate(names) if each in names[:place]), None)
    if twice is not None:
        raise ValueError(f"{name} has two columns {abbreviate(twice)}: rename one")
    return names


def column_of(name, table, column):
    """A column of a table by its name, or ValueError where the table cannot give it."""
    try:
        return table[column]
    except Exception as error:  # whatever a table of others raises
        raise ValueError(f"{name} cannot give its column {column!r}: {type(error).__name__}: {error}") from None


def scalar(name, value, *, positive=False, non_negative=False):
    """Return `value` as one finite float, or raise ValueError."""
    array = real(name, value, positive=positive, non_negative=non_negative)
    if array.ndim != 0:
        raise ValueError(f"{name} must be one number; got shape {array.shape}")
    return float(array)


def whole(name, value, *, least=1, most=1_000_000):
    """Return `value` as a whole number from `least` to `most`, or raise ValueError.

    Examples
    --------
    >>> whole("resamples", 1e300)
    Traceback (most recent call last):
    ValueError: resamples must be a whole number, 1 to 1,000,000; got 1e+300
    """
    number = scalar(name, value)
    if number != int(number) or not least <= number <= most:
        raise ValueError(f"{name} must be a whole number, {least:,} to {most:,}; got {number:g}")
    return int(number)


def share(name, value):
    """Return `value` as a float between 0 and 1, both excluded, or raise ValueError."""
    number = scalar(name, value, positive=True)
    if number >= 1.0:
        raise ValueError(f"{name} must be between 0 and 1, such as 0.8; got {number:g}")
    return number


def mapping(name, value, holds="names and numbers"):
    """Return a dict of what was given, nothing being none of it, or raise ValueError.

    Examples
    --------
    >>> mapping("given", 3)
    Traceback (most recent call last):
    ValueError: given must be a dict of names and numbers; got 3
    """
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"{name} must be a dict of {holds}; got {abbreviate(value)}")
    return dict(value or {})


def pair(name, value):
    """Return two real numbers as floats, which may be infinite, or raise ValueError."""
    ends = list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping) else []
    if len(ends) != 2 or not all(
        isinstance(end, numbers.Real) and _reads_as_number(end) and end == end for end in ends
    ):
        raise ValueError(f"{name} must be two numbers; got {abbreviate(value)}")
    return float(ends[0]), float(ends[1])


def labels(name, value, count):
    """Return the different labels and, for each of `count` runs, the place of its label among them.

    Labels may be numbers, text or anything that can be told apart; they are put in order as text where
    they cannot be compared. A missing label (None, NaN, pandas.NA) is refused, since it names no group.

    Examples
    --------
    >>> names, member = labels("groups", ["b", "a", "b"], 3)
    >>> names.tolist(), member.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    import pandas

    given = pandas.Series(np.asarray(value).ravel() if not isinstance(value, pandas.Series) else value.array)
    if np.shape(value) != (count,):
        raise ValueError(f"{name} must have one label a run, {count}; got shape {np.shape(value)}")
    missing = given.isna().to_numpy()
    if missing.any():
        rows, hold = _rows(missing)
        raise ValueError(f"{name} must have a label for every run; {rows} {hold} none")
    try:
        member, names = pandas.factorize(given, sort=True)
    except TypeError:  # labels of several kinds have no order of their own
        member, names = pandas.factorize(given.map(str), sort=True)
    return np.asarray(names), member.astype(int)


def seed(name, value):
    """Return `value` as a whole number, zero or more, or raise ValueError."""
    number = scalar(name, value, non_negative=True)
    if number != int(number):
        raise ValueError(f"{name} must be a whole number; got {number:g}")
    return int(number)


def enough_runs(count, parameters, what):
    """Raise ValueError when there are fewer runs than the law has constants."""
    if count < parameters:
        raise ValueError(
            f"{count} run{'s' if count != 1 else ''} cannot fix the {parameters} constants of {what}; "
            f"at least {parameters} are needed, and more to say how sure they are"
        )


def abbreviate(value):
    """A short repr, so that an error stays one line."""
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."
