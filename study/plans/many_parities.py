"""Many parities: 32 thresholds, asked with a power law's frequencies, and the smooth mean they make."""

from ..jobs import Job

__all__ = ["AFTER", "COLUMNS", "NAME", "jobs"]

NAME = "many-parities"
AFTER = ()
TASKS = 32
COLUMNS = (
    "N", "D", "C", "loss", "accuracy", *(f"task_{task:02d}" for task in range(TASKS)),
    "tasks", "alpha", "n", "k", "hidden", "test_items", "N_total", "flop", "width", "step", "run_steps",
    "learning_rate", "seed", "seconds", "device", "torch",
)  # fmt: skip

ALPHA = 0.4
STEPS = 10_000
# Evenly spaced in the logarithm, 48 of them, from 20 steps on.
CHECKPOINTS = tuple(sorted({round(20 * (STEPS / 20) ** (place / 47)) for place in range(48)}))
SEEDS = (0, 1, 2)


def jobs(tables, *, smoke, device):
    """One job a seed: the matrices are large enough that training seeds together gains nothing."""
    steps, checkpoints, seeds, hidden, items, batch = STEPS, CHECKPOINTS, SEEDS, 256, 256, 1024
    if smoke:
        steps, checkpoints, seeds, hidden, items, batch = 60, (20, 40, 60), (0, 1), 32, 32, 128
    return [
        Job(
            study=NAME,
            key=f"seed{seed}",
            function="study.parity:train_many",
            arguments={
                "tasks": TASKS, "alpha": ALPHA, "n": 16, "k": 3, "hidden": hidden, "steps": steps,
                "learning_rate": 0.005, "seeds": [seed], "checkpoints": list(checkpoints),
                "test_items": items, "examples_per_step": batch, "device": device,
            },
            cost=0.1 if smoke else 0.0037 * steps,
        )
        for seed in seeds
    ]  # fmt: skip
