"""Formulas: a column that is computed from others, as ``steps * batch_size * seq_len``."""

import re
import shlex
from dataclasses import dataclass

from ..forms import Form, FormError
from .cells import short
from .headers import TableError, near, place_of, plain

__all__ = ["Derived", "derived", "recipe"]

_SIGNS = re.compile(r"[*/+()\[\]^]|\s-\s")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_LONGEST = 2000
_STEPS = (
    "steps step iters iter iterations iteration num_steps n_steps num_iterations num_iters train_steps max_steps "
    "total_steps global_step train_global_step training_steps"
).split()
_BATCH = "batch_size global_batch_size batch train_batch_size train_global_batch_size bs gbs batch_sequences".split()
_PER_STEP = (
    "tokens_per_step tokens_per_batch tokens_per_iter tokens_per_iteration batch_tokens batch_size_tokens "
    "batch_size_in_tokens total_batch_size"
).split()
_SEQUENCE = (
    "seq_len seq_length seqlen sequence_length sequence_len max_seq_len max_seq_length max_sequence_length "
    "context_length context_len context ctx_len n_ctx ctx block_size"
).split()
_SAMPLES = "consumed_samples consumed_train_samples samples num_samples samples_seen examples_seen sequences".split()
_RATIO = (
    "tokens_per_param tokens_per_parameter tokens_params_ratio tokens_param_ratio token_param_ratio "
    "tokens_parameter_ratio tokens_to_params tokens_per_params target_param_data_ratio param_data_ratio tpp "
    "data_param_ratio d_over_n"
).split()
_PASSES = "epochs epoch num_epochs n_epochs passes num_passes repeats repetitions".split()
_UNIQUE = (
    "unique_tokens tokens_unique num_unique_tokens n_unique_tokens unique dataset_tokens tokens_per_epoch "
    "tokens_in_dataset epoch_tokens data_tokens u"
).split()
_LAYERS = "layers n_layers num_layers n_layer depth num_hidden_layers".split()
_WIDTH = "d_model width hidden_size n_embd dim hidden_dim model_dim embed_dim".split()


@dataclass(frozen=True, eq=False)
class Derived:
    """A column that is computed.

    Attributes
    ----------
    words : str
        The formula and, where it has another name, the column behind a name.
    form : Form
    parts : dict
        Name in the form -> place of its column; names of other quantities are in none.
    kind, factor
        As of a column that is read.
    """

    words: str
    form: Form
    parts: dict
    kind: str = "positive"
    factor: float = 1.0


def derived(header, text, option, quantities=()):
    """The Derived that a text stands for, or None where it is the name of a column.

    Parameters
    ----------
    header : list of str
    text : str
        Names of columns, numbers and signs; ``[a name]`` in brackets where it has blanks or signs.
    option : str
        Where the text was given.
    quantities : sequence of str
        Names such as N that are quantities, where no column is called so.

    Examples
    --------
    >>> found = derived(["steps", "batch size", "seq"], "steps * batch_size * 2048", "--D")
    >>> found.parts, found.words
    ({'steps': 0, 'batch_size': 1}, "steps * batch_size * 2048, batch_size being column 'batch size'")
    """
    if any(name.lower() == text.strip().lower() for name in header) or not _SIGNS.search(text[:_LONGEST]):
        return None
    if len(text) > _LONGEST:
        raise TableError(f"{option} has {len(text):,} characters; {_LONGEST:,} at most")
    parts, other = {}, []

    def bracketed(match):
        name = f"column_{len(parts) + 1}_"
        parts[name] = place_of(header, match[1].strip(), option)
        return name

    try:
        form = Form(_BRACKETS.sub(bracketed, text))
        names = form.names
    except FormError as error:
        raise TableError(
            f"{option} {short(text)} is no column and no formula of columns ({_one_line(error)})"
        ) from None
    for name in names:
        if name in parts:
            continue
        place = _place(header, name, quantities)
        if place is None and name not in quantities:
            raise TableError(f"no column {short(name)} in {option} {short(text)}; there are {near(name, header)}")
        if place is not None:
            parts[name] = place
            other += [f"{name} being column {short(header[place])}"] if header[place] != name else []
    return Derived(", ".join([text.strip(), *other]), form, parts)


def _one_line(error):
    return str(error).split("\n")[0].removeprefix("form: ")


def _place(header, name, quantities):
    """The place of the column that a name stands for: by its very name, by its words, or the only one it begins."""
    names = [plain(each) for each in header]
    for same in (
        [place for place, each in enumerate(header) if each == name],
        [] if name in quantities else [place for place, each in enumerate(names) if each == plain(name)],
        [] if name in quantities else [place for place, each in enumerate(names) if each.startswith(f"{plain(name)}_")],
    ):
        if len(same) == 1:
            return same[0]
    return None


def recipe(header, quantity, found):
    """How a quantity that has no column may be computed from those there are, as the end of a sentence, or nothing.

    Examples
    --------
    >>> recipe(["params", "steps", "batch_size", "seq_len"], "D", {"N": 0})
    "or say how it is computed, as --D 'steps * batch_size * seq_len'"
    """
    numeric = getattr(header, "numeric", None)
    there = {}
    for place, name in enumerate(header):
        if numeric is None or place in numeric:
            for each in (plain(name), plain(name.rpartition("/")[2])):
                there.setdefault(each, name if re.fullmatch(r"[^\W\d]\w*", name) else f"[{name}]")

    def first(*groups):
        names = [next((there[each] for each in group if each in there), None) for group in groups]
        return None if None in names else names

    if quantity == "N":
        if (names := first(_LAYERS, _WIDTH)) is None:
            return ""
        return (
            f"or say how it is computed, as --N {shlex.quote(f'12 * {names[0]} * {names[1]}**2')}, without embeddings"
        )
    if quantity != "D":
        return ""
    ways = ((_STEPS, _PER_STEP), (_STEPS, _BATCH, _SEQUENCE), (_SAMPLES, _SEQUENCE), (_PASSES, _UNIQUE))
    names = first(_RATIO)
    if names and "N" in found:
        names = ["N", *names]
    else:
        names = next(filter(None, (first(*way) for way in ways)), None)
    if names:
        return f"or say how it is computed, as --D {shlex.quote(' * '.join(names))}"
    if names := first(_STEPS):
        return (
            f"or say how it is computed, as --D {shlex.quote(names[0] + ' * 524288')} where a step has 524,288 tokens"
        )
    return ""
