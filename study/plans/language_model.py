"""Plan: the isoFLOP design, sizes by budgets, the largest two budgets held out."""

from ..jobs import Job
from ..network import shape_of
from ..sources import CONTEXT, source
from ..training import TOKENS_PER_STEP
from .learning_rates import WIDTHS, best, seconds

NAME = "language-model"
AFTER = ("learning-rates",)
BUDGETS = tuple(1.25e10 * 2**k for k in range(7))  # C = 6 N D, N without embeddings
HELD_OUT = 2
SEEDS = (3, 3, 3, 3, 3, 3, 1)  # a budget; more would not fit into the hour that all studies may take
FEW_STEPS = 128  # runs shorter than this are limited by their first steps: kept, but marked
COLUMNS = (
    "N", "D", "C", "loss", "budget", "role", "seed", "width", "N_total", "N_embedding", "U", "flop", "steps",
    "learning_rate", "train_loss", "seconds", "source", "device", "torch",
)  # fmt: skip


def tokens_for(width, budget, vocabulary):
    """Tokens, in whole steps, that a budget buys at this width."""
    N = shape_of(width, context=CONTEXT, vocabulary=vocabulary).parameters_without_embeddings
    return max(1, round(budget / (6 * N) / TOKENS_PER_STEP)) * TOKENS_PER_STEP


def jobs(tables, *, smoke, device):
    """One job a cell, its seeds trained together; cells that would see a character twice are left out."""
    rates = tables["learning-rates"]
    if smoke:
        return grid(
            NAME, rates, widths=(4, 8), budgets=(2e7, 4e7, 8e7), on="toy", seeds=(2, 2, 1), held_out=1, device=device
        )
    seeds = SEEDS if device == "cpu" else len(BUDGETS) * (8,)  # a GPU takes more models at once
    return grid(NAME, rates, widths=WIDTHS, budgets=BUDGETS, on="gcide", seeds=seeds, held_out=HELD_OUT, device=device)


def grid(study, rates, *, widths, budgets, on, seeds, held_out, device):
    """Jobs of an isoFLOP design, with the learning rates of a sweep."""
    data, out = source(on), []
    for b, budget in enumerate(budgets):
        for w, width in enumerate(widths):
            tokens = tokens_for(width, budget, data.vocabulary)
            if tokens > data.unique_tokens:
                continue
            rate = best(rates, width)
            late = b >= len(budgets) - held_out
            short = tokens < FEW_STEPS * TOKENS_PER_STEP
            recipes = [
                {"width": width, "tokens": tokens, "learning_rate": rate, "seed": 1000 * b + 10 * w + s}
                for s in range(seeds[b])
            ]
            out.append(
                Job(
                    study=study,
                    key=f"b{b}-w{width}",
                    function="study.training:train",
                    arguments={"recipes": recipes, "on": on, "device": device},
                    labels={"budget": budget, "role": "short" if short else "held-out" if late else "fit"},
                    cost=seeds[b] * seconds(width, tokens),
                )
            )
    return out
