"""Plan: explanations of the gap between Kaplan et al. and Hoffmann et al., one at a time.

Every variant trains the same sizes and lengths. "tuned" decays each run to its own end, with the rate
tuned for its size. "one-rate" takes the rate of the middle size for all. "long-warmup" rises over a fixed
number of tokens, the same for short runs as for long. "one-long-run" reads all lengths off one run that
decays at the longest length only. What is counted as N is varied when the table is read.
"""

from ..jobs import Job
from .learning_rates import best, seconds

NAME = "schedules"
AFTER = ("learning-rates",)
WIDTHS = (8, 12, 16, 24, 32)
LENGTHS = tuple(2**k for k in range(16, 21))
ONE_RATE_OF = 32
WARMUP = 2**16
SEEDS = 2
COLUMNS = (
    "N", "D", "C", "loss", "variant", "seed", "width", "N_total", "N_embedding", "U", "flop", "steps", "run_steps",
    "learning_rate", "rate_now", "warmup", "horizon", "train_loss", "seconds", "source", "device", "torch",
)  # fmt: skip


def jobs(tables, *, smoke, device):
    """One job a size and length with the three variants that end there; one more a size for the long run."""
    widths, lengths, seeds, on = WIDTHS, LENGTHS, SEEDS, "gcide"
    one_of, warmup = ONE_RATE_OF, WARMUP
    if smoke:
        widths, lengths, seeds, on, one_of, warmup = (4, 8), (2**12, 2**13), 2, "toy", 8, 2**12
    rates = tables["learning-rates"]
    out = []
    for i, d in enumerate(widths):
        for j, tokens in enumerate(lengths):
            own = best(rates, d)
            variants = (("tuned", own, None), ("one-rate", best(rates, one_of), None), ("long-warmup", own, warmup))
            recipes = [
                {
                    "width": d, "tokens": tokens, "learning_rate": rate, "warmup": rise,
                    "seed": 60_000 + 1000 * i + 100 * j + s, "note": name,
                }
                for s in range(seeds)
                for name, rate, rise in variants
            ]  # fmt: skip
            out.append(_job(f"w{d}-{tokens}", recipes, on, device, []))
        long = [
            {"width": d, "tokens": lengths[-1], "learning_rate": best(rates, d), "seed": 60_900 + 1000 * i + s,
             "note": "one-long-run"}
            for s in range(seeds)
        ]  # fmt: skip
        out.append(_job(f"w{d}-long", long, on, device, list(lengths)))
    return out


def _job(key, recipes, on, device, checkpoints):
    return Job(
        study=NAME,
        key=key,
        function="study.training:train",
        arguments={"recipes": recipes, "on": on, "device": device, "checkpoints": checkpoints},
        cost=len(recipes) * seconds(recipes[0]["width"], recipes[0]["tokens"]),
    )


def finish(rows):
    """Name the variant of each row."""
    for row in rows:
        row["variant"] = row.pop("note")
    return rows
