"""Headers: which column of a table holds which quantity."""

import re
import shlex

from .cells import TableError, has_number, short
from .formulas import place_of
from .quantities import LONGEST, RANKS, SYNONYMS, candidates, is_quantity, meaning, plain
from .units import OWN_UNITS, factor_of, loss_unit_of

__all__ = ["absent", "find_columns", "units_of"]

_TELLING = {
    "N": "param size model width layer",
    "D": "token data step epoch batch",
    "C": "flop compute budget",
    "loss": "loss bpb bpc ppl perplex nll entropy bits",
}
_SHOWN, _WIDE = 12, 60
_NUMBERED = re.compile(r"\d+(?:\.\d+)?(?:e\+?\d|[kmbgt]\b|\s*flops?)|[=@]\s*\d", re.IGNORECASE)


def find_columns(header, named, *, required):
    """Return quantity -> place in `header`, from the names given and, for the others, from synonyms.

    Parameters
    ----------
    header : list of str
        A `Header` leaves out of the guesses columns that hold no numbers.
    named : dict
        Quantity -> column name that the user gave, or None.
    required : sequence of str
        Quantities that must be found; others of `named` may be missing.

    Raises
    ------
    TableError
        A named column that is not there, or several columns for one quantity.

    Examples
    --------
    >>> find_columns(["Params", "Tokens (seen)", "val_loss"], {"N": None, "D": None}, required=("N",))
    {'N': 0, 'D': 1}
    >>> find_columns(["params", "l", "nll"], {"loss": None}, required=("loss",))
    Traceback (most recent call last):
    scalinglib.reading.cells.TableError: two columns may be the loss: 'l', 'nll'; choose with --loss l
    """
    found = {}
    for quantity, name in named.items():
        place = place_of(header, name, f"--{quantity}") if name is not None else _guessed(header, quantity)
        if place is not None:
            found[quantity] = place
    for quantity in required:
        if quantity not in found:
            raise absent(header, quantity)
    for quantity, place in found.items():
        other = next((q for q, p in found.items() if p == place and q != quantity), None)
        if other:
            raise TableError(f"column {short(header[place])} cannot be both {quantity} and {other}")
    return found


def absent(header, quantity, remedy=""):
    """The TableError of a quantity that has no column: how to name it, and which columns there are.

    First those whose names tell of the quantity, last those without numbers.
    """
    telling, numeric = _TELLING.get(quantity, "").split(), getattr(header, "numeric", None)
    if wrong := _other_layout(header):
        return TableError(wrong)

    def rank(place):
        name = header[place].lower()
        return (numeric is not None and place not in numeric, not any(word in name for word in telling))

    order = sorted((place for place, name in enumerate(header) if name), key=rank)
    shown = ", ".join(short(header[place], _WIDE) for place in order[:_SHOWN]) + (
        ", ..." if len(order) > _SHOWN else ""
    )
    likely = [header[place] for place in order if not any(rank(place))]
    example = f", as --{quantity} {shlex.quote(likely[0])}" if likely and quantity == "loss" else ""
    if len(order) == 2 and numeric is not None and not remedy:
        x, y = (shlex.quote(header[place]) for place in sorted(order))
        remedy = f"or fit a law of one variable, as --x {x} --y {y}"
    remedy = f", {remedy}" if remedy else ""
    return TableError(f"no column for {quantity}; name it with --{quantity} COLUMN{example}{remedy} (columns: {shown})")


def _other_layout(header):
    """What is wrong with a table that has other things than quantities for its columns, or nothing."""
    names, side = [name for name in header if name], getattr(header, "side", ())
    if len({quantity for quantity in SYNONYMS for name in side if is_quantity(name, quantity)}) > 1:
        return "lies on its side, with a run a column: turn it, as pandas.DataFrame.T does, to one line a run"
    numbered = [name for name in names if has_number(name) or _NUMBERED.search(name[:LONGEST])]
    if len(names) > 2 and len(numbered) >= len(names) - 1:
        return (
            f"is a grid, with {short(numbered[0])} and others for names of columns: write one line a run, as "
            "pandas.melt does, with columns for N, for D or C, and for the loss"
        )
    return ""


def _guessed(header, quantity):
    """The one place that fits a quantity, None where there is none, or a TableError that says what each means."""
    same = candidates(header, quantity)
    if len(same) < 2:
        return same[0] if same else None
    count = {2: "two", 3: "three"}.get(len(same), len(same))
    names = ", ".join(short(header[p], _WIDE) + meaning(header[p], quantity) for p in same[:_SHOWN])
    names += ", ..." if len(same) > _SHOWN else ""
    what = "the loss" if quantity == "loss" else quantity
    choices = [header[place] for place in same if header.count(header[place]) == 1]
    if not choices:
        raise TableError(f"{count} columns may be {what}: {names}; give them names of their own")
    if sum(" - " in name for name in choices) > 1:
        raise TableError(f"holds a column a run, as charts are exported ({names}): write one line a run")

    def poorer(name):
        # losses of held-out text before those of training, all parameters before a part of them
        return RANKS.get(plain(name).split("_")[0], 1), "without" in meaning(name, quantity)

    best = min(choices, key=poorer)
    raise TableError(f"{count} columns may be {what}: {names}; choose with --{quantity} {shlex.quote(best)}")


def units_of(header, found, scale, loss_unit, bytes_per_token=None, *, counts=("N", "D", "C")):
    """The unit of the loss; raises TableError where a header names a unit and no option says what to do with it.

    Parameters
    ----------
    header : list of str
    found : dict
        Quantity -> place in `header`, of the columns that are used.
    scale : dict
        Quantity -> factor that was asked for.
    loss_unit : str or None
        What was asked for; without it a header that says bits per byte is believed.
    bytes_per_token : float or None
        Goes with bits per byte only.
    counts : sequence of str
        Quantities that may be counted in millions.

    Examples
    --------
    >>> units_of(["params (M)"], {"N": 0}, {}, None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    scalinglib.reading.cells.TableError: the header 'params (M)' names a unit: say --scale N=1e6, or ...
    """
    said, options, other = [], [], []
    for quantity in counts:
        if quantity not in found or quantity in scale or found[quantity] in getattr(header, "computed", ()):
            continue
        name = header[found[quantity]][:LONGEST]
        if factor := factor_of(name, lambda base, q=quantity: is_quantity(base, q)):
            said.append(short(name))
            options.append(f"--scale {quantity}={factor}")
            other.append(f"--scale {quantity}=1")
    if said:
        what = "header {} names a unit" if len(said) == 1 else "headers {} name units"
        raise TableError(
            f"the {what.format(' and '.join(said))}: say {' '.join(options)}, or {' '.join(other)} where the "
            "numbers are in ones"
        )
    if "loss" not in found:
        return loss_unit or "nats"
    name = header[found["loss"]]
    unit = loss_unit or loss_unit_of(name) or "nats"
    if loss_unit is None and unit != "nats" and unit not in OWN_UNITS:
        raise TableError(
            f"the header {short(name)} names a unit: say --loss-unit {unit}, or --loss-unit nats if that is what it "
            "holds"
        )
    if bytes_per_token is not None and unit != "bits-per-byte":
        raise TableError("--bytes-per-token goes with a loss in bits per byte: say --loss-unit bits-per-byte")
    return unit
