"""Sparse parity: a threshold in the loss itself; the number of bits, k and the width are varied."""

from ..jobs import Job

__all__ = ["AFTER", "COLUMNS", "NAME", "jobs"]

NAME = "sparse-parity"
AFTER = ()
COLUMNS = (
    "N", "D", "C", "loss", "accuracy", "n", "k", "hidden", "test_items", "N_total", "flop", "width", "step",
    "run_steps", "learning_rate", "seed", "seconds", "device", "torch",
)  # fmt: skip

# (n, k, hidden, steps): all but the first differ from it in one of n, k and hidden.
CELLS = (
    (40, 3, 256, 800), (30, 3, 256, 800), (50, 3, 256, 800), (40, 2, 256, 800), (40, 4, 256, 800),
    (40, 3, 64, 1000), (40, 3, 128, 800), (40, 3, 512, 800),
)  # fmt: skip
EVERY = 10  # steps from one judgement to the next
SEEDS = (0, 1, 2, 3, 4)
LEARNING_RATE = 0.005
TEST_ITEMS = 8192
EXAMPLES_PER_STEP = 256


def jobs(tables, *, smoke, device):
    """One job a cell, all seeds at once; the miniature has one small cell."""
    cells, every, seeds, items = CELLS, EVERY, SEEDS, TEST_ITEMS
    if smoke:
        cells, every, seeds, items = ((10, 2, 32, 60),), 20, (0, 1), 256
    return [
        Job(
            study=NAME,
            key=f"n{n}-k{k}-h{hidden}",
            function="study.parity:train_one",
            arguments={
                "n": n, "k": k, "hidden": hidden, "steps": steps, "learning_rate": LEARNING_RATE,
                "seeds": list(seeds), "checkpoints": list(range(every, steps + 1, every)),
                "test_items": items, "examples_per_step": EXAMPLES_PER_STEP, "device": device,
            },
            cost=0.1 if smoke else steps * (0.002 + 2.5e-5 * hidden),
        )
        for n, k, hidden, steps in cells
    ]  # fmt: skip
