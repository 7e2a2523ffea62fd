"""Formulas: a column that is computed from others, as ``steps * batch_size * seq_len``."""

import difflib
import re
import shlex
from dataclasses import dataclass

from ..forms import Form, FormError
from .cells import TableError, short
from .quantities import LONGEST, SYNONYMS, candidates, plain

__all__ = ["Derived", "Header", "near", "place_of", "recipe"]

_SIGNS = re.compile(r"[*/+()\[\]^]|\s-\s")
_BYTES = re.compile(r"\\\\x[89a-f][0-9a-f]")  # as what could not be read is shown
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_LONGEST = 2000
_STEPS = (
    "steps step iters iter iterations iteration num_steps n_steps num_iterations num_iters train_steps max_steps "
    "total_steps global_step train_global_step training_steps"
).split()
_GLOBAL = "global_batch_size train_global_batch_size gbs".split()
_BATCH = (
    "batch_size batch train_batch_size bs batch_sequences micro_batch_size micro_batch "
    "per_device_train_batch_size per_device_batch_size device_batch_size"
).split()
# what a batch of one device and one pass is multiplied by
_TIMES = (
    "gradient_accumulation_steps grad_accum_steps grad_accum accumulate_grad_batches gradient_accumulation".split(),
    "world_size num_gpus n_gpus gpus num_devices n_devices devices data_parallel_size dp_size dp".split(),
)
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
    "data_param_ratio d_over_n d_n tok_per_param token_per_param tokens_param tokens_per_n token_to_param_ratio ratio"
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
    """A column that is computed: its form, and of each name in it the place of a column, None of another quantity.

    `other` has in words what names stand for that are no headers.
    """

    form: Form
    parts: dict
    other: str = ""


class Header(list):
    """The names of columns.

    Attributes
    ----------
    numeric : set of int or None
        Places of the columns whose first cells are numbers; None if that is not known.
    computed : dict
        Place -> Derived, of the columns that are computed; they stand behind those of the file.
    side : list of str
        The first cells of the first column.
    """

    def __init__(self, names, numeric=None, side=()):
        super().__init__(names)
        self.numeric, self.computed, self.side = numeric, {}, side


def place_of(header, name, option):
    """The place of the column that an option names; a formula of columns gets a place of its own in a `Header`.

    Examples
    --------
    >>> header = Header(["steps", "batch size", "seq"])
    >>> place_of(header, "Steps", "--D"), place_of(header, "steps * batch_size * 2048", "--D")
    (0, 3)
    >>> header.computed[3].parts, header.computed[3].other
    ({'steps': 0, 'batch_size': 1}, "batch_size being column 'batch size'")
    """
    place = _named(header, name, option)
    if place is not None:
        return place
    if not isinstance(header, Header) or not _SIGNS.search(name[:_LONGEST]):
        raise TableError(f"no column {short(name)} for {option}; there are {near(name, header)}")
    found = _derived(header, name, option)
    header.append(" ".join(name.split()))
    header.computed[len(header) - 1] = found
    return len(header) - 1


def _named(header, name, option):
    same = [place for place, each in enumerate(header) if each == name]
    same = same or [place for place, each in enumerate(header) if each.lower() == name.strip().lower()]
    if len(same) > 1:
        raise TableError(f"{len(same)} columns are called {short(name)}; {option} needs one of its own name")
    return same[0] if same else None


def near(name: str, header: list) -> str:
    """The names that are most like one that is not there, or the first ones."""
    names = [each for each in header[:1000] if len(each) <= LONGEST]
    found = difflib.get_close_matches(name, names, n=2, cutoff=0.5) if len(name) <= LONGEST else []
    said = ", ".join(map(short, found or header[:8]))
    return said + (" (the header is no UTF-8: name the encoding, as --encoding latin-1)" if _BYTES.search(said) else "")


def _derived(header, text, option):
    if len(text) > _LONGEST:
        raise TableError(f"{option} has {len(text):,} characters; {_LONGEST:,} at most")
    parts, other = {}, []

    def bracketed(match):
        name = f"column_{len(parts) + 1}_"
        parts[name] = _named(header, match[1].strip(), option)
        if parts[name] is None:
            raise TableError(f"no column {short(match[1])} for {option}; there are {near(match[1], header)}")
        return name

    try:
        form = Form(_BRACKETS.sub(bracketed, text))
        names = form.names
    except FormError as error:
        why = str(error).split("\n")[0].removeprefix("form: ")
        raise TableError(f"{option} {short(text)} is no column, and no formula of columns: {why}") from None
    for name in names:
        if name in parts:
            continue
        parts[name] = place = _place(header, name)
        if place is None and name not in SYNONYMS:  # N may be named by another option
            raise TableError(f"no column {short(name)} in {option} {short(text)}; there are {near(name, header)}")
        if place is not None and header[place] != name and name not in SYNONYMS:
            other.append(f"{name} being column {short(header[place])}")
    return Derived(form, parts, ", ".join(other))


def _place(header, name):
    """The place of the column that a name stands for.

    By its very name, as a quantity such as N, by its words, or as the only one that begins with it.
    """
    names = [plain(each) for each in header]
    for same in (
        [place for place, each in enumerate(header) if each == name],
        candidates(header, name) if name in SYNONYMS else [],
        [place for place, each in enumerate(names) if each == plain(name)],
        [place for place, each in enumerate(names) if each.startswith(f"{plain(name)}_")],
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
    times = [group for group in _TIMES if first(group)]
    ways = (
        (_STEPS, _GLOBAL, _SEQUENCE),
        (_STEPS, _BATCH, *times, _SEQUENCE),
        (_STEPS, _PER_STEP),
        (_SAMPLES, _SEQUENCE),
        (_PASSES, _UNIQUE),
    )
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
