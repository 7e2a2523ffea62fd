"""Headers: which column of a table holds which quantity."""

import difflib
import re
import shlex

from .cells import short
from .units import factor_of, loss_unit_of, without_unit

__all__ = ["SYNONYMS", "TableError", "find_columns", "place_of", "refuse_units", "run_column"]

SYNONYMS = {
    "N": (
        "n params parameters n_params num_params n_parameters num_parameters param_count parameter_count total_params "
        "total_parameters model_size model_params model_parameters non_embedding_params non_embedding_parameters "
        "params_non_embedding size"
    ).split(),
    "D": (
        "d tokens n_tokens num_tokens training_tokens train_tokens tokens_seen total_tokens token_count data_size "
        "dataset_size training_data"
    ).split(),
    "C": (
        "c flop flops compute training_flop training_flops train_flop train_flops total_flop total_flops "
        "training_compute compute_flop compute_flops"
    ).split(),
    "loss": (
        "loss l val_loss valid_loss validation_loss eval_loss test_loss train_loss training_loss final_loss "
        "final_val_loss final_train_loss lm_loss ce_loss cross_entropy cross_entropy_loss nll"
    ).split(),
}
"""Column names that are understood without being told, in lower case with words joined by ``_``."""

# What a logger writes before a slash: behind other words, tokens may be of a batch and a loss of a part.
_SIZES = "model data dataset train training config cfg hparams args run summary progress".split()
_FOLDERS = {"N": _SIZES, "D": _SIZES, "loss": "val valid validation eval test dev train training summary final".split()}
_RANKS = {"val": 0, "valid": 0, "validation": 0, "eval": 0, "train": 2, "training": 2}
_RUN = ("run", "run_id", "run_name", "runid", "experiment", "experiment_id", "trial", "trial_id", "job_id")


class TableError(ValueError):
    """A table that cannot be used as it is; the message is one line and says what to change."""


def _plain(name):
    """A header as it is compared: units in brackets dropped, lower case, words joined by ``_``."""
    name = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", name)
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def find_columns(header, named, *, required):
    """Return quantity -> place in `header`, from the names given and, for the others, from synonyms.

    Parameters
    ----------
    header : list of str
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
    scalinglib.reading.headers.TableError: two columns may be the loss: 'l', 'nll'; choose with --loss l
    """
    found = {}
    for quantity, name in named.items():
        place = place_of(header, name, f"--{quantity}") if name is not None else _guessed(header, quantity)
        if place is not None:
            found[quantity] = place
    for quantity in required:
        if quantity not in found:
            columns = ", ".join(short(name) for name in header[:12]) + (", ..." if len(header) > 12 else "")
            raise TableError(f"no column for {quantity}; name it with --{quantity} COLUMN (columns: {columns})")
    for quantity, place in found.items():
        other = next((q for q, p in found.items() if p == place and q != quantity), None)
        if other:
            raise TableError(f"column {short(header[place])} cannot be both {quantity} and {other}")
    return found


def place_of(header, name, option):
    """The place of the column that an option names."""
    same = [place for place, each in enumerate(header) if each == name]
    same = same or [place for place, each in enumerate(header) if each.lower() == name.strip().lower()]
    if len(same) > 1:
        raise TableError(f"{len(same)} columns are called {short(name)}; {option} needs one of its own name")
    if not same:
        near = difflib.get_close_matches(name, header, n=2, cutoff=0.5) or header[:8]
        raise TableError(f"no column {short(name)} for {option}; there are {', '.join(map(short, near))}")
    return same[0]


def _guessed(header, quantity):
    plain = [_plain(name) for name in header]
    known = SYNONYMS.get(quantity, (quantity.lower(),))
    same = [place for place, name in enumerate(header) if name == quantity]
    if len(same) != 1:  # the template's own name settles it
        same = same or [place for place, name in enumerate(plain) if name in known]
    same = same or [place for place, name in enumerate(header) if _is_one(name, quantity, known)]
    if len(same) > 1:
        count = {2: "two", 3: "three"}.get(len(same), len(same))
        names = ", ".join(short(header[place]) for place in same)
        what = "the loss" if quantity == "loss" else quantity
        choices = [header[place] for place in same if header.count(header[place]) == 1]
        if not choices:
            raise TableError(f"{count} columns may be {what}: {names}; give them names of their own")
        # losses of held-out text first: a training loss is the poorer measure
        best = min(choices, key=lambda name: _RANKS.get(_plain(name).split("_")[0], 1))
        raise TableError(f"{count} columns may be {what}: {names}; choose with --{quantity} {shlex.quote(best)}")
    return same[0] if same else None


def _is_one(name, quantity, known):
    """Whether a header is a quantity's once its unit and a logger's folder are taken off."""
    folder, slash, last = re.sub(r"\[.*|\(.*", "", name).rpartition("/")
    if quantity == "loss":
        return bool(slash) and _plain(folder).split("_")[-1] in _FOLDERS["loss"] and _plain(last) in known
    names = {_plain(without_unit(name))}
    if slash and _plain(folder).split("_")[-1] in _FOLDERS.get(quantity, ()):
        # one letter, or the size of who knows what, is too little behind a folder
        names |= {each for each in (_plain(last), _plain(without_unit(last))) if len(each) > 1}
        names -= {"size"}
    return any(each in known for each in names)


def refuse_units(header, found, scale, loss_unit, *, counts=("N", "D", "C")):
    """Raise TableError where the header of a column names a unit and no option says what to do with it.

    Parameters
    ----------
    header : list of str
    found : dict
        Quantity -> place in `header`, of the columns that are used.
    scale : dict
        Quantity -> factor that was asked for.
    loss_unit : str or None
        What was asked for.
    counts : sequence of str
        Quantities that may be counted in millions.

    Examples
    --------
    >>> refuse_units(["params (M)"], {"N": 0}, {}, None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    scalinglib.reading.headers.TableError: the header 'params (M)' names a unit: say --scale N=1e6, or ...
    """
    said, options, other = [], [], []
    for quantity in counts:
        if quantity not in found or quantity in scale:
            continue
        name, known = header[found[quantity]], SYNONYMS.get(quantity, ())
        if factor := factor_of(name, lambda base, q=quantity, known=known: _is_one(base, q, known)):
            said.append(short(name))
            options.append(f"--scale {quantity}={factor}")
            other.append(f"--scale {quantity}=1")
    if said:
        what = "header {} names a unit" if len(said) == 1 else "headers {} name units"
        raise TableError(
            f"the {what.format(' and '.join(said))}: say {' '.join(options)}, or {' '.join(other)} where the "
            "numbers are in ones"
        )
    unit = loss_unit_of(header[found["loss"]]) if "loss" in found and loss_unit is None else None
    if unit == "bits a byte":
        raise TableError(
            f"the header {short(header[found['loss']])} names bits a byte: convert them to nats per token, "
            "or say --loss-unit bits if they are per token"
        )
    if unit:
        raise TableError(
            f"the header {short(header[found['loss']])} names a unit: say --loss-unit {unit}, or "
            "--loss-unit nats if that is what it holds"
        )


def run_column(header):
    """The place of a column that seems to name runs, or None."""
    places = [place for place, name in enumerate(header) if _plain(name) in _RUN]
    return places[0] if len(places) == 1 else None
