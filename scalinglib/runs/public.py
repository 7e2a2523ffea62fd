"""Public: the tables published by others, as their cards describe them, and how each file becomes rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import extraction
from .datacard import Card, read_card

__all__ = ["PUBLIC", "Table"]

_FOLDER = Path(__file__).parent.parent / "data" / "public"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A public table: its card, and how its file becomes rows.

    Attributes
    ----------
    card : Card
    quantities : callable
        Data frame of the source to a dict with those of N, D, C, loss that the source has.
    extract : callable or None
        Bytes of the file at the address to the CSV text; None where that file is the table.
    rows : callable or None
        Builds the data frame of a table that needs no file.
    shipped : bool
        Whether the file comes with the library, as its licence allows.
    """

    card: Card
    quantities: Callable
    extract: Callable | None = None
    rows: Callable | None = None
    shipped: bool = False

    @property
    def fetched(self) -> bool:
        """Whether its file has to be looked for."""
        return self.rows is None and not self.shipped

    @property
    def folder(self) -> Path:
        """Where the file of a shipped table is."""
        return _FOLDER


def _printed_models():
    """Table A9 of Hoffmann et al. 2022 as `published` holds it."""
    from .. import published

    return published.table("hoffmann2022-A9")


def _chinchilla(frame):
    N, C = frame["Model Size"], frame["Training FLOP"]
    return {"N": N, "D": C / (6 * N), "C": C, "loss": frame["loss"]}


def _observational(frame):
    N, D = frame["Model Size (B)"] * 1e9, frame["Pretraining Data Size (T)"] * 1e12
    return {"N": N, "D": D, "C": frame["FLOPs (1E21)"] * 1e21}


def _repeated(frame):
    N, D = frame["params"], frame["tokens"]
    return {"N": N, "D": D, "C": 6 * N * D, "loss": frame["loss"]}


def _ladder(frame):
    N, D = (
        frame["params_non_embedding"],
        frame["tokens"].astype(float),
    )  # their products exceed whole numbers of 64 bits
    return {"N": N, "D": D, "C": D * frame["flop_per_token_6n_exact"], "loss": frame["loss_c4"]}


def _overtraining(frame):
    N, D = frame["params"], frame["tokens"].astype(float)
    return {"N": N, "D": D, "C": 6 * N * D, "loss": frame["loss_openlm"]}


def _steplaw(frame):
    N, D = frame["N"].astype(float), frame["D"].astype(float)
    return {"N": N, "D": D, "C": 6 * N * D, "loss": frame["loss"]}


def _vocabulary(frame):
    N, D = frame["non_vocab_parameters"], frame["num_characters"]
    return {"N": N, "D": D, "C": 6 * N * D, "loss": frame["unigram_normalized_loss"]}


_READ = {
    "chinchilla": {"quantities": _chinchilla},
    "observational": {"quantities": _observational},
    "observational-emergent": {"quantities": lambda frame: {}},
    "addition-4-digit": {
        "quantities": lambda frame: {"loss": frame["test_xent"]},
        "extract": extraction.addition_4_digit,
    },
    "repeated-c4": {"quantities": _repeated, "extract": extraction.repeated_c4},
    "chinchilla-models": {"quantities": lambda frame: {"N": frame["params"]}, "rows": _printed_models},
    "olmo-ladder": {"quantities": _ladder, "shipped": True},
    "overtraining": {"quantities": _overtraining, "shipped": True},
    "steplaw": {"quantities": _steplaw},
    "vocabulary": {"quantities": _vocabulary, "shipped": True},
}

PUBLIC = {name: Table(card=read_card(name, _FOLDER / f"{name}.card.json"), **how) for name, how in _READ.items()}
