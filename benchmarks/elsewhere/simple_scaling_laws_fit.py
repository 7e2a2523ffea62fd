"""Fit with the package `simple-scaling-laws`: runs in JSON on standard input, seconds and constants out.

With one row a run it minimises the sum of squares of loss - law (its form "separable-power"). Its
uncertainty comes from a wild bootstrap; "draws" says how many, and one is the least it takes.
"""

import json
import sys
import time
from importlib.metadata import version

import numpy as np
import polars
from simple_scaling_laws import fit


def constants(model):
    """E, A, B, alpha and beta; the package's A and B are for N and D over a reference of its own."""
    fitted, domain = model.params("test_loss__nats"), model.observed_domain
    A = fitted["A"] * domain["model_size__n"]["reference"] ** fitted["alpha"]
    B = fitted["B"] * domain["dataset_size__d"]["reference"] ** fitted["beta"]
    return [float(z) for z in (fitted["E"], A, B, fitted["alpha"], fitted["beta"])]


def main():
    """Fit the runs with one draw and with as many as the input says."""
    asked = json.load(sys.stdin)
    table = polars.DataFrame(
        {
            "training_run_id": [f"run{i}" for i in range(len(asked["N"]))],
            "model_size__n": asked["N"],
            "dataset_size__d": asked["D"],
            "test_loss__nats": asked["loss"],
        }
    )
    fit(table, n_draws=1, seed=0)  # what is read and built on the first call is not part of the fit
    found = {"version": version("simple-scaling-laws"), "numpy": np.__version__}
    for name, draws in (("fit", 1), ("draws", asked["draws"])):
        begun = time.process_time()
        model = fit(table, n_draws=draws, seed=0)
        seconds = time.process_time() - begun
        found[name] = {"seconds": seconds, "theta": constants(model)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
