"""Plan: the learning rate of each size, swept over a factor of sixteen."""

import numpy as np

from ..jobs import Job

NAME = "learning-rates"
AFTER = ()
WIDTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128)
FACTORS = tuple(2.0 ** (k / 1.5) for k in range(-3, 4))
COLUMNS = (
    "N", "D", "C", "loss", "learning_rate", "factor", "width", "steps", "seed", "train_loss",
    "N_total", "U", "flop", "seconds", "source", "device", "torch",
)  # fmt: skip
# The best rate moves with the length of a run: two sizes are swept at other lengths, to show how far.
_ELSEWHERE = ((16, 2**17), (16, 2**21), (48, 2**16), (48, 2**20))
_NEAR = 0.03  # nats above the lowest loss: points within it decide where the lowest point lies


def guess(width):
    """Where a sweep is centred."""
    return 0.3 * width**-0.95


def jobs(tables, *, smoke, device):
    """One job a size and length, its learning rates trained together."""
    if smoke:
        return sweep(NAME, [(4, 2**13), (8, 2**13)], on="toy", device=device)
    cells = [(d, 2**19 if d <= 32 else 2**18) for d in WIDTHS] + list(_ELSEWHERE)
    return sweep(NAME, cells, on="gcide", device=device)


def sweep(study, cells, *, on, device):
    """Jobs that try the same factors about the guess at each (width, tokens)."""
    return [
        Job(
            study=study,
            key=f"w{d}-{tokens}",
            function="study.training:train",
            arguments={
                "recipes": [
                    {"width": d, "tokens": tokens, "learning_rate": float(f"{guess(d) * f:.3g}"), "seed": 900 + d}
                    for f in FACTORS
                ],
                "on": on,
                "device": device,
            },
            cost=len(FACTORS) * seconds(d, tokens),
        )
        for d, tokens in cells
    ]


def seconds(width, tokens):
    """A guess of the seconds of one run on one core."""
    return tokens * (3.0 + 0.003 * width**2 + 0.15 * width) * 1e-6


def finish(rows):
    """Add how far each rate is from the guess."""
    for row in rows:
        row["factor"] = round(row["learning_rate"] / guess(row["width"]), 3)
    return rows


def best(table, width):
    """The learning rate at the vertex of a parabola through the lowest losses of a size, two digits.

    Raises ValueError where the lowest is at the edge of the sweep.
    """
    rows = table[table["width"] == width]
    main = rows[rows["D"] == rows.groupby("D")["D"].transform("first").iloc[0]].sort_values("learning_rate")
    rate, loss = np.log(main["learning_rate"].to_numpy()), main["loss"].to_numpy()
    lowest = int(loss.argmin())
    if lowest in (0, len(loss) - 1):
        raise ValueError(f"the best learning rate of width {width} is at the edge of the sweep: widen FACTORS")
    near = (loss <= loss[lowest] + _NEAR) | (np.abs(np.arange(len(loss)) - lowest) <= 1)
    curve = np.polyfit(rate[near], loss[near], 2)
    vertex = -curve[1] / (2 * curve[0]) if curve[0] > 0 else rate[lowest]
    return float(f"{np.exp(np.clip(vertex, rate[lowest - 1], rate[lowest + 1])):.2g}")
