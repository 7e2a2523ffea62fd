"""Study: the runs that every benchmark fits, the resamples drawn from them, and the objectives, plainly."""

import numpy as np

__all__ = ["PUBLIC", "SIMULATED", "replication", "resamples", "runs", "simulated", "value"]

PUBLIC = "240 public Chinchilla runs"
SIMULATED = "240 simulated runs"


def replication():
    """Return N, D and loss of the 240 public Chinchilla runs: 245 without the five highest losses."""
    import scalinglib as sl

    table = sl.runs.load("chinchilla").nsmallest(240, "loss", keep="first").sort_index()
    return table.N.to_numpy(), table.D.to_numpy(), table.loss.to_numpy()


def simulated():
    """Return N, D and loss of 240 simulated runs, for where the public table cannot be had."""
    import scalinglib as sl

    law = sl.published["besiroglu2024"]
    C, shift = np.meshgrid(np.geomspace(6e18, 6e21, 20), np.geomspace(0.25, 4, 12))
    N = (law.optimum(C).N * shift).ravel()
    D = C.ravel() / (6 * N)
    return N, D, law(N, D) * np.exp(0.005 * np.random.default_rng(0).standard_normal(N.size))


def runs():
    """Return which runs these are, PUBLIC where they can be had, and their N, D and loss."""
    import scalinglib as sl

    return (PUBLIC, *replication()) if sl.runs.available("chinchilla") else (SIMULATED, *simulated())


def resamples(count, runs=240):
    """Return the rows of the first `count` resamples of the replication's own stream, (count, runs)."""
    stream = np.random.RandomState(42)
    return np.stack([stream.choice(runs, size=runs, replace=True) for _ in range(count)])


def value(objective, theta, N, D, loss):
    """The objective at E, A, B, alpha, beta, written plainly so that nobody's own sum is taken on trust."""
    E, A, B, alpha, beta = theta
    law = E + A / N**alpha + B / D**beta
    r = loss - law if objective == "least_squares" else np.log(loss / law)
    if objective == "huber":
        size = np.abs(r)
        return float(np.where(size <= 1e-3, 0.5 * r * r, 1e-3 * (size - 0.5e-3)).sum())
    return float(np.abs(r).sum() if objective == "lad" else (r * r).sum())
