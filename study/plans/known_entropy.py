"""Plan: the same models on a chain whose entropy rate is known exactly."""

from ..jobs import Job
from ..sources import chain, entropy, source, toy_chain
from .learning_rates import best, seconds

NAME = "known-entropy"
AFTER = ("learning-rates",)
WIDTHS = (8, 12, 16, 24, 32, 48)
LENGTHS = tuple(2**k for k in range(16, 22))
LONGEST_FROM = 24  # wider networks stop one length earlier, to save time
SEEDS = 3
COLUMNS = (
    "N", "D", "C", "loss", "entropy_rate", "reachable", "seed", "width", "N_total", "N_embedding", "U", "flop",
    "steps", "learning_rate", "train_loss", "seconds", "source", "device", "torch",
)  # fmt: skip


def jobs(tables, *, smoke, device):
    """One job a size and length; learning rates are those tuned on text."""
    widths, lengths, seeds, on = WIDTHS, LENGTHS, SEEDS, "markov"
    if smoke:
        widths, lengths, seeds, on = (4, 8), (2**12, 2**13), 2, "toy"
    rate, reachable = entropy(toy_chain() if smoke else chain("gcide"))
    unique = source(on).unique_tokens
    return [
        Job(
            study=NAME,
            key=f"w{d}-{tokens}",
            function="study.training:train",
            arguments={
                "recipes": [
                    {
                        "width": d,
                        "tokens": tokens,
                        "learning_rate": best(tables["learning-rates"], d),
                        "seed": 20_000 + 1000 * i + 10 * j + s,
                    }
                    for s in range(seeds)
                ],
                "on": on,
                "device": device,
            },
            labels={"entropy_rate": round(rate, 8), "reachable": round(reachable, 8)},
            cost=seeds * seconds(d, tokens),
        )
        for i, d in enumerate(widths)
        for j, tokens in enumerate(lengths)
        if tokens <= unique and not (tokens == LENGTHS[-1] and d >= LONGEST_FROM)
    ]
