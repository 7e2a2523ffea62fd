"""Plan: unique tokens by epochs by size, to fit the law of repetition and see how weakly it is held."""

from ..jobs import Job
from .learning_rates import best, seconds

NAME = "repeated-data"
AFTER = ("learning-rates",)
WIDTHS = (8, 16, 32)
LENGTHS = (2**17, 2**18, 2**19)
EPOCHS = (1, 2, 4, 8, 16, 32)
SEEDS = 3
COLUMNS = (
    "N", "D", "C", "loss", "U", "epochs", "seed", "width", "N_total", "N_embedding", "flop", "steps",
    "learning_rate", "train_loss", "seconds", "source", "device", "torch",
)  # fmt: skip


def jobs(tables, *, smoke, device):
    """One job a size and length: all numbers of epochs and seeds are trained together."""
    widths, lengths, epochs, seeds, on = WIDTHS, LENGTHS, EPOCHS, SEEDS, "gcide"
    if smoke:
        widths, lengths, epochs, seeds, on = (4, 8), (2**13,), (1, 4), 2, "toy"
    out = []
    for i, d in enumerate(widths):
        for j, tokens in enumerate(lengths):
            recipes = [
                {
                    "width": d,
                    "tokens": tokens,
                    "unique": tokens // times,
                    "learning_rate": best(tables["learning-rates"], d),
                    "seed": 40_000 + 1000 * i + 100 * j + 10 * k + s,
                }
                for k, times in enumerate(epochs)
                for s in range(seeds)
            ]
            out.append(
                Job(
                    study=NAME,
                    key=f"w{d}-{tokens}",
                    function="study.training:train",
                    arguments={"recipes": recipes, "on": on, "device": device},
                    cost=len(recipes) * seconds(d, tokens),
                )
            )
    return out


def finish(rows):
    """Say how often each run went through its data."""
    for row in rows:
        row["epochs"] = row["D"] // row["U"]
    return rows
