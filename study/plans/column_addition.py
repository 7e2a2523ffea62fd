"""Column addition: loss, digits right and whole answers right, over training and over sizes."""

from ..jobs import Job

__all__ = ["AFTER", "COLUMNS", "NAME", "jobs"]

NAME = "column-addition"
AFTER = ()
COLUMNS = (
    "N", "D", "C", "loss", "token_accuracy",
    *(f"exact_{k}" for k in range(1, 11)), *(f"column_{k}" for k in range(1, 11)), "exact_10_of_100",
    "test_items", "N_total", "examples", "flop", "width", "step", "run_steps", "learning_rate", "seed",
    "seconds", "device", "torch",
)  # fmt: skip

STEPS = 240
CHECKPOINTS = (8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 120, 160, 200, 240)
SEEDS = (0, 1, 2)
MORE_SEEDS = (0, 1, 2, 3, 4)  # of the widths up to 4, whose runs differ most
TEST_ITEMS = 20_000
# Best of a sweep in factors of two over other seeds (100 to 103); the card tells what else was tried.
LEARNING_RATE = {2: 0.4, 3: 0.2, 4: 0.2, 6: 0.2, 8: 0.1, 12: 0.05, 16: 0.05, 24: 0.025, 32: 0.025}


def jobs(tables, *, smoke, device):
    """One job a width, all seeds at once; the miniature has two widths, two seeds and twelve steps."""
    if smoke:
        chosen, steps, checkpoints, items = (4, 8), 12, (4, 12), 200
    else:
        chosen, steps, checkpoints, items = LEARNING_RATE, STEPS, CHECKPOINTS, TEST_ITEMS

    def seeds(width):
        return [0, 1] if smoke else list(MORE_SEEDS if width <= 4 else SEEDS)

    return [
        Job(
            study=NAME,
            key=f"w{width}",
            function="study.addition:train_addition",
            arguments={
                "width": width, "steps": steps, "learning_rate": LEARNING_RATE[width], "seeds": seeds(width),
                "checkpoints": list(checkpoints), "test_items": items, "device": device,
            },
            cost=0.1 if smoke else (2.5 + 0.12 * width) * len(seeds(width)),
        )
        for width in chosen
    ]  # fmt: skip
