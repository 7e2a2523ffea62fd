"""Headers: which column of a table holds which quantity."""

import difflib
import re

from .cells import short

__all__ = ["SYNONYMS", "TableError", "find_columns", "run_column"]

SYNONYMS = {
    "N": """n params parameters n_params num_params n_parameters num_parameters param_count parameter_count
        total_params total_parameters model_size model_params model_parameters non_embedding_params
        non_embedding_parameters params_non_embedding size""".split(),
    "D": """d tokens n_tokens num_tokens training_tokens train_tokens tokens_seen total_tokens token_count
        data_size dataset_size training_data""".split(),
    "C": """c flop flops compute training_flop training_flops train_flop train_flops total_flop total_flops
        training_compute compute_flop compute_flops""".split(),
    "loss": """loss l val_loss valid_loss validation_loss eval_loss test_loss train_loss training_loss
        final_loss final_val_loss final_train_loss lm_loss ce_loss cross_entropy
        cross_entropy_loss nll""".split(),
}
"""Column names that are understood without being told, in lower case with words joined by ``_``."""

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
    scalinglib.command.headers.TableError: two columns may be the loss: 'l', 'nll'; choose with --loss l
    """
    found = {}
    for quantity, name in named.items():
        place = _named(header, quantity, name) if name is not None else _guessed(header, quantity)
        if place is not None:
            found[quantity] = place
    for quantity in required:
        if quantity not in found:
            columns = ", ".join(short(name) for name in header[:12]) + (", ..." if len(header) > 12 else "")
            raise TableError(
                f"no column for {quantity}; name it with --{quantity} COLUMN (columns: {columns})"
            )
    for quantity, place in found.items():
        other = next((q for q, p in found.items() if p == place and q != quantity), None)
        if other:
            raise TableError(f"column {short(header[place])} cannot be both {quantity} and {other}")
    return found


def _named(header, quantity, name):
    same = [place for place, each in enumerate(header) if each == name]
    same = same or [place for place, each in enumerate(header) if each.lower() == name.strip().lower()]
    if len(same) > 1:
        raise TableError(
            f"{len(same)} columns are called {short(name)}; --{quantity} needs one of its own name"
        )
    if not same:
        near = difflib.get_close_matches(name, header, n=2, cutoff=0.5) or header[:8]
        raise TableError(f"no column {short(name)} for --{quantity}; there are {', '.join(map(short, near))}")
    return same[0]


def _guessed(header, quantity):
    plain = [_plain(name) for name in header]
    known = SYNONYMS.get(quantity, (quantity.lower(),))
    same = [place for place, name in enumerate(header) if name == quantity]
    if len(same) != 1:  # the template's own name settles it
        same = same or [place for place, name in enumerate(plain) if name in known]
    if len(same) > 1:
        count = {2: "two", 3: "three"}.get(len(same), len(same))
        names = ", ".join(short(header[place]) for place in same)
        what = "the loss" if quantity == "loss" else quantity
        raise TableError(
            f"{count} columns may be {what}: {names}; choose with --{quantity} {header[same[0]]}"
        )
    return same[0] if same else None


def run_column(header):
    """The place of a column that seems to name runs, or None."""
    places = [place for place, name in enumerate(header) if _plain(name) in _RUN]
    return places[0] if len(places) == 1 else None
