"""Fit with the package `chinchilla`: runs in JSON on standard input, seconds and constants out.

It minimises the mean of the penalty that it is given, by scipy's BFGS in extended precision, from each
point of a grid. The same grid and penalty as the reference loop are asked for. "scale" multiplies the
penalty: with the number of runs the mean becomes the loop's sum.
"""

import json
import sys
import tempfile
import time
from importlib.metadata import version

import numpy as np
import pandas
from chinchilla import Chinchilla
from chinchilla._metrics import log_huber


def fit(runs, grid, scale):
    """CPU seconds and constants (E, A, B, alpha, beta) of one fit, its figure left out."""
    with tempfile.TemporaryDirectory() as folder:
        study = Chinchilla(
            folder, param_grid=grid, loss_fn=lambda y, law: scale * log_huber(y, law, delta=1e-3), log_level=50
        )
        N, D, loss = (np.array(runs[name]) for name in ("N", "D", "loss"))
        study.database.df = pandas.DataFrame({"C": 6 * N * D, "N": N, "D": D, "loss": loss})
        study.visualizer.optim = lambda *args, **options: None
        begun = time.process_time()
        study.fit(parallel=False)
        seconds = time.process_time() - begun
    return seconds, [float(getattr(study, name)) for name in ("E", "A", "B", "alpha", "beta")]


def main():
    """Fit as documented (the mean) and as the loop does (the sum), from the grid in the input."""
    asked = json.load(sys.stdin)
    found = {"version": version("chinchilla"), "numpy": np.__version__}
    for name, scale in (("mean", 1.0), ("sum", float(len(asked["N"])))):
        seconds, theta = fit(asked, asked["grid"], scale)
        found[name] = {"seconds": seconds, "theta": theta}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
