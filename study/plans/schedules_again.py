"""Plan: the study of schedules once more, without the two faults of the first.

The fixed warm-up is half as long as the shortest run, so that every run decays; the one rate for all is
taken from the smallest, the middle and the largest width in turn, so that no sign is built in; the long run
would decay beyond the longest length, so that none of its readings has.
"""

from ..jobs import Job
from . import schedules
from .learning_rates import best, seconds

NAME = "schedules-again"
AFTER = ("learning-rates",)
WIDTHS = (8, 12, 16, 24, 32)
LENGTHS = tuple(2**k for k in range(16, 21))
RATES_OF = (8, 16, 32)
WARMUP = 2**15
SEEDS = 3
COLUMNS = schedules.COLUMNS


def jobs(tables, *, smoke, device):
    """One job a size and length with the variants that end there; one more a size for the long run."""
    widths, lengths, rates_of, seeds, on, warmup = WIDTHS, LENGTHS, RATES_OF, SEEDS, "gcide", WARMUP
    if smoke:
        widths, lengths, rates_of, seeds, on, warmup = (4, 8), (2**12, 2**13), (4, 8), 2, "toy", 2**11
    rate = {d: best(tables["learning-rates"], d) for d in {*widths, *rates_of}}
    out = []
    for i, d in enumerate(widths):
        variants = [("tuned", rate[d], None), ("long-warmup", rate[d], warmup)]
        variants += [(f"rate-of-{other}", rate[other], None) for other in rates_of if other != d]
        for j, tokens in enumerate(lengths):
            recipes = [
                {
                    "width": d, "tokens": tokens, "learning_rate": peak, "warmup": rise,
                    "seed": 80_000 + 1000 * i + 100 * j + s, "note": name,
                }
                for s in range(seeds)
                for name, peak, rise in variants
            ]  # fmt: skip
            out.append(_job(f"w{d}-{tokens}", recipes, on, device, []))
        long = [
            {
                "width": d, "tokens": lengths[-1], "learning_rate": rate[d], "warmup": lengths[0] // 20,
                "horizon": 2 * lengths[-1], "seed": 80_900 + 1000 * i + s, "note": "one-long-run",
            }
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
    """Name the variant of each row; a width with its own rate is the tuned run, and is not trained twice."""
    rows = schedules.finish(rows)
    names = {row["variant"] for row in rows}
    out = []
    for row in rows:
        out.append(row)
        own = f"rate-of-{row['width']}"
        if row["variant"] == "tuned" and own in names:
            out.append(row | {"variant": own})
    return out
