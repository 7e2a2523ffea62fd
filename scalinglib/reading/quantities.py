"""Quantities: the names that N, D, C and the loss go by in tables and in what trainers log."""

import re

from .units import without_unit

__all__ = ["LONGEST", "RANKS", "SYNONYMS", "candidates", "is_quantity", "meaning", "plain", "run_column"]

LONGEST = 200
"""Letters of a header that are compared: no name is longer, and patterns take the square of its length."""

SYNONYMS = {
    "N": (
        "n params parameters param parameter n_params num_params n_parameters num_parameters param_count "
        "parameter_count total_params total_parameters model_size model_params model_parameters non_embedding_params "
        "non_embedding_parameters params_non_embedding size num_scaling_params scaling_params params_total "
        "parameters_total num_params_total n_params_total num_total_params n_total_params num_parameters_total "
        "total_param_count num_parameters_non_embedding num_params_non_embedding n_params_non_embedding "
        "parameters_non_embedding num_non_embedding_params num_non_embedding_parameters n_non_embedding_params "
        "non_embedding_param_count non_emb_params params_no_embedding n_params_no_embedding params_without_embedding"
    ).split(),
    "D": (
        "d tokens token n_tokens num_tokens training_tokens train_tokens tokens_seen total_tokens token_count "
        "data_size dataset_size training_data tokens_trained num_train_tokens n_train_tokens num_training_tokens "
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
        "val_bits_per_byte eval_bits_per_byte min_val_bpb best_val_bpb bpc val_bpc valid_bpc eval_bpc test_bpc "
        "bits_per_character bits_per_char".split(),
        "ppl perplexity val_ppl valid_ppl validation_ppl eval_ppl test_ppl train_ppl val_perplexity valid_perplexity "
        "validation_perplexity eval_perplexity test_perplexity train_perplexity lm_loss_ppl".split(),
    ],
}
# What a logger writes before a slash: behind other words, tokens may be of a batch and a loss of a part.
_SIZES = (
    "model data dataset train training config cfg hparams params args run summary progress throughput metrics".split()
)
_FOLDERS = {
    "N": _SIZES,
    "D": _SIZES,
    "C": _SIZES,
    "loss": "val valid validation eval evaluation test dev heldout train training summary final metrics".split(),
}
_PARTS = set("aux auxiliary balance balancing router z mtp kd distill reg penalty value policy".split())
RANKS = {"val": 0, "valid": 0, "validation": 0, "eval": 0, "train": 2, "training": 2}
_RUN = ("run", "run_id", "run_name", "runid", "experiment", "experiment_id", "trial", "trial_id", "job_id")


def plain(name):
    """A header as it is compared: units in brackets dropped, lower case, words joined by ``_``.

    Examples
    --------
    >>> plain("eval/CrossEntropyLoss"), plain("Tokens (seen)")
    ('eval_cross_entropy_loss', 'tokens')
    """
    name = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", name[:LONGEST])
    name = re.sub(r"([a-z])([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def candidates(header, quantity):
    """Places of the columns that may hold a quantity, in its likeliest unit; those without numbers where none has."""
    for known in (SYNONYMS.get(quantity, (quantity.lower(),)), *_RARER.get(quantity, ())):
        if same := _known(header, quantity, known):
            return same
    return []


def is_quantity(name, quantity):
    """Whether a header is one of a quantity's names, once its unit and a logger's folder are taken off."""
    return _is_one(name, quantity, SYNONYMS.get(quantity, ()))


def _known(header, quantity, known):
    """Places of the columns that may hold a quantity; those without numbers only where no other fits."""
    names, numeric = [plain(name) for name in header], getattr(header, "numeric", None)
    ways = (
        [place for place, name in enumerate(header) if name == quantity],  # the template's own name settles it
        [place for place, name in enumerate(names) if name in known],
        [place for place, name in enumerate(header) if _is_one(name, quantity, known)],
    )
    held = ([place for place in same if numeric is None or place in numeric] for same in ways)
    return next(filter(None, (*held, *ways)), [])


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
    folder, slash, last = re.sub(r"\[.*|\(.*", "", name[:LONGEST]).replace(".", "/").rpartition("/")
    words = plain(folder).split("_")
    if quantity == "loss":
        outer = {words[0], words[-1]} & set(_FOLDERS["loss"])
        return bool(slash and outer) and not _PARTS & set(words) and plain(last) in known
    names = {plain(without_unit(name[:LONGEST]))}
    if slash and words[-1] in _FOLDERS.get(quantity, ()):
        # one letter, or the size of who knows what, is too little behind a folder
        names |= {each for each in (plain(last), plain(without_unit(last))) if len(each) > 1}
        names -= {"size"} if words[-1] != "throughput" else {"size", "tokens"}
    return any(each in known for each in names)


def run_column(header):
    """The place of a column that seems to name runs, or None."""
    places = [place for place, name in enumerate(header) if plain(name) in _RUN]
    return places[0] if len(places) == 1 else None
