"""Headers: which column of a table holds which quantity."""

import difflib
import re
import shlex

from .cells import has_number, short
from .units import factor_of, loss_unit_of, without_unit

__all__ = [
    "SYNONYMS",
    "Header",
    "TableError",
    "absent",
    "find_columns",
    "meaning",
    "near",
    "place_of",
    "plain",
    "refuse_units",
    "run_column",
]

SYNONYMS = {
    "N": (
        "n params parameters n_params num_params n_parameters num_parameters param_count parameter_count total_params "
        "total_parameters model_size model_params model_parameters non_embedding_params non_embedding_parameters "
        "params_non_embedding size num_scaling_params scaling_params params_total parameters_total num_params_total "
        "n_params_total num_total_params n_total_params num_parameters_total total_param_count "
        "num_parameters_non_embedding num_params_non_embedding n_params_non_embedding parameters_non_embedding "
        "num_non_embedding_params num_non_embedding_parameters n_non_embedding_params non_embedding_param_count "
        "non_emb_params params_no_embedding n_params_no_embedding params_without_embedding"
    ).split(),
    "D": (
        "d tokens n_tokens num_tokens training_tokens train_tokens tokens_seen total_tokens token_count data_size "
        "dataset_size training_data tokens_trained num_train_tokens n_train_tokens num_training_tokens "
        "n_training_tokens total_train_tokens total_training_tokens trained_tokens tokens_processed num_tokens_seen "
        "num_input_tokens_seen train_tokens_seen total_tokens_seen consumed_tokens consumed_train_tokens "
        "tokens_consumed tokens_total num_tokens_trained tokens_trained_on"
    ).split(),
    "C": (
        "c flop flops compute training_flop training_flops train_flop train_flops total_flop total_flops "
        "training_compute compute_flop compute_flops flops_budget flop_budget budget_flops budget_flop compute_budget "
        "total_flos total_training_flops total_train_flops flops_total train_compute total_compute num_flops"
    ).split(),
    "loss": (
        "loss l val_loss valid_loss validation_loss eval_loss test_loss train_loss training_loss final_loss "
        "final_val_loss final_train_loss lm_loss ce_loss cross_entropy cross_entropy_loss nll dev_loss heldout_loss "
        "held_out_loss val_lm_loss valid_lm_loss validation_lm_loss lm_loss_validation final_eval_loss "
        "final_validation_loss final_test_loss val_ce val_ce_loss val_nll eval_nll test_nll val_cross_entropy "
        "eval_cross_entropy val_cross_entropy_loss eval_cross_entropy_loss language_cross_entropy"
    ).split(),
}
"""Column names that are understood without being told, in lower case with words joined by ``_``."""

# Looked for, one line after the other, where none of the names above is there.
_RARER = {
    "N": [
        "trainable_params trainable_parameters num_trainable_params num_trainable_parameters".split(),
        "active_params active_parameters num_active_params num_active_parameters".split(),
    ],
    "loss": [
        "min_val_loss best_val_loss min_eval_loss best_eval_loss global_avg_loss smoothed_loss".split(),
        "bpb val_bpb valid_bpb validation_bpb eval_bpb test_bpb train_bpb final_bpb final_val_bpb bits_per_byte "
        "val_bits_per_byte eval_bits_per_byte min_val_bpb best_val_bpb".split(),
        "ppl perplexity val_ppl valid_ppl validation_ppl eval_ppl test_ppl train_ppl val_perplexity valid_perplexity "
        "validation_perplexity eval_perplexity test_perplexity train_perplexity lm_loss_ppl".split(),
    ],
}
# What a logger writes before a slash: behind other words, tokens may be of a batch and a loss of a part.
_SIZES = ("model data dataset train training config cfg hparams args run summary progress throughput metrics").split()
_FOLDERS = {
    "N": _SIZES,
    "D": _SIZES,
    "C": _SIZES,
    "loss": "val valid validation eval evaluation test dev heldout train training summary final metrics".split(),
}
_PARTS = set("aux auxiliary balance balancing router z mtp kd distill reg penalty value policy".split())
_RANKS = {"val": 0, "valid": 0, "validation": 0, "eval": 0, "train": 2, "training": 2}
_RUN = ("run", "run_id", "run_name", "runid", "experiment", "experiment_id", "trial", "trial_id", "job_id")
_TELLING = {
    "N": "param size model width layer",
    "D": "token data step epoch batch",
    "C": "flop compute budget",
    "loss": "loss bpb ppl perplex nll entropy bits",
}
_LONGEST = 200  # letters of a header that are compared: no name is longer, and patterns take the square of it
_SHOWN = 12


class TableError(ValueError):
    """A table that cannot be used as it is; the message is one line and says what to change."""


class Header(list):
    """The names of columns; `numeric` has the places of those whose first cells are numbers, None if unknown."""

    def __init__(self, names, numeric=None):
        super().__init__(names)
        self.numeric = numeric


def plain(name):
    """A header as it is compared: units in brackets dropped, lower case, words joined by ``_``.

    Examples
    --------
    >>> plain("eval/CrossEntropyLoss"), plain("Tokens (seen)")
    ('eval_cross_entropy_loss', 'tokens')
    """
    name = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", name[:_LONGEST])
    name = re.sub(r"([a-z])([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


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
    scalinglib.reading.headers.TableError: two columns may be the loss: 'l', 'nll'; choose with --loss l
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
    names = [name for name in header if name]
    if len(names) > 2 and 2 * sum(map(has_number, names)) > len(names):
        return TableError(
            f"is a grid, with numbers such as {short(next(filter(has_number, names)))} for names of columns: write one "
            "line a run, as pandas.melt does, with columns for N, for D or C, and for the loss"
        )

    def rank(place):
        name = header[place].lower()
        return (numeric is not None and place not in numeric, not any(word in name for word in telling))

    order = sorted((place for place, name in enumerate(header) if name), key=rank)
    shown = ", ".join(short(header[place]) for place in order[:_SHOWN]) + (", ..." if len(order) > _SHOWN else "")
    likely = [header[place] for place in order if not any(rank(place))]
    example = f", as --{quantity} {shlex.quote(likely[0])}" if likely and quantity == "loss" else ""
    remedy = f", {remedy}" if remedy else ""
    return TableError(f"no column for {quantity}; name it with --{quantity} COLUMN{example}{remedy} (columns: {shown})")


def place_of(header, name, option):
    """The place of the column that an option names."""
    same = [place for place, each in enumerate(header) if each == name]
    same = same or [place for place, each in enumerate(header) if each.lower() == name.strip().lower()]
    if len(same) > 1:
        raise TableError(f"{len(same)} columns are called {short(name)}; {option} needs one of its own name")
    if not same:
        raise TableError(f"no column {short(name)} for {option}; there are {near(name, header)}")
    return same[0]


def near(name, header):
    """The names that are most like one that is not there, or the first ones."""
    names = [each for each in header[:1000] if len(each) <= _LONGEST]
    found = difflib.get_close_matches(name, names, n=2, cutoff=0.5) if len(name) <= _LONGEST else []
    return ", ".join(map(short, found or header[:8]))


def _guessed(header, quantity):
    for known in (SYNONYMS.get(quantity, (quantity.lower(),)), *_RARER.get(quantity, ())):
        if same := _candidates(header, quantity, known):
            return _only(header, quantity, same)
    return None


def _candidates(header, quantity, known):
    """Places of the columns that may hold a quantity; those without numbers only where no other fits."""
    names, numeric = [plain(name) for name in header], getattr(header, "numeric", None)
    ways = (
        [place for place, name in enumerate(header) if name == quantity],  # the template's own name settles it
        [place for place, name in enumerate(names) if name in known],
        [place for place, name in enumerate(header) if _is_one(name, quantity, known)],
    )
    held = ([place for place in same if numeric is None or place in numeric] for same in ways)
    return next(filter(None, (*held, *ways)), [])


def _only(header, quantity, same):
    """The one place among those that fit, or a TableError that says what each means."""
    if len(same) == 1:
        return same[0]
    count = {2: "two", 3: "three"}.get(len(same), len(same))
    names = ", ".join(short(header[p]) + meaning(header[p], quantity) for p in same[:_SHOWN])
    names += ", ..." if len(same) > _SHOWN else ""
    what = "the loss" if quantity == "loss" else quantity
    choices = [header[place] for place in same if header.count(header[place]) == 1]
    if not choices:
        raise TableError(f"{count} columns may be {what}: {names}; give them names of their own")
    # losses of held-out text first: a training loss is the poorer measure
    best = min(choices, key=lambda name: _RANKS.get(plain(name).split("_")[0], 1))
    raise TableError(f"{count} columns may be {what}: {names}; choose with --{quantity} {shlex.quote(best)}")


def meaning(name, quantity):
    """What a header says that a column of N counts, in brackets; else nothing.

    Examples
    --------
    >>> meaning("num_parameters_non_embedding", "N"), meaning("params_total", "N"), meaning("params", "N")
    (' (without embeddings)', ' (with embeddings)', '')
    """
    if quantity != "N":
        return ""
    name = f"_{plain(name)}_"
    if re.search(r"_(non|no|without|excl|excluding)_?(emb|embed|embedding|embeddings)_", name):
        return " (without embeddings)"
    if "_active_" in name:
        return " (active for a token)"
    return " (with embeddings)" if "_total_" in name else ""


def _is_one(name, quantity, known):
    """Whether a header is a quantity's once its unit and a logger's folder are taken off."""
    folder, slash, last = re.sub(r"\[.*|\(.*", "", name[:_LONGEST]).replace(".", "/").rpartition("/")
    words = plain(folder).split("_")
    if quantity == "loss":
        outer = {words[0], words[-1]} & set(_FOLDERS["loss"])
        return bool(slash and outer) and not _PARTS & set(words) and plain(last) in known
    names = {plain(without_unit(name[:_LONGEST]))}
    if slash and words[-1] in _FOLDERS.get(quantity, ()):
        # one letter, or the size of who knows what, is too little behind a folder
        names |= {each for each in (plain(last), plain(without_unit(last))) if len(each) > 1}
        names -= {"size"} if words[-1] != "throughput" else {"size", "tokens"}
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
        name, known = header[found[quantity]][:_LONGEST], SYNONYMS.get(quantity, ())
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
    if unit and unit != "bits-per-byte":
        raise TableError(
            f"the header {short(header[found['loss']])} names a unit: say --loss-unit {unit}, or "
            "--loss-unit nats if that is what it holds"
        )


def run_column(header):
    """The place of a column that seems to name runs, or None."""
    places = [place for place, name in enumerate(header) if plain(name) in _RUN]
    return places[0] if len(places) == 1 else None
