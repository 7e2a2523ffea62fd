"""Reference: the customary fit, a loop of L-BFGS over 4,500 starts, and what it reaches on public runs.

The recipe is that of Hoffmann et al. 2022, appendix D.2, as the replication by Besiroglu et al. 2024 ran
it: Huber's penalty (corner 1e-3) of ln(loss) less the log of a sum of exponentials, summed over runs, from
every point of a grid, scipy's L-BFGS-B with its own difference quotients and tolerances. Beside this
customary loop the same one "tight" is measured, with exact slopes and no early stop.

``python -m benchmarks.reference`` measures it once and writes ``reference.json``: about 20 minutes
of one core. Stopped half way it goes on from there.
"""

import argparse
import json
import re
import time
from itertools import product
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import huber

from benchmarks.machine import describe
from benchmarks.study import replication, resamples

__all__ = ["GRID", "PAPER", "fit_from", "fit_from_grid", "objective"]

HERE = Path(__file__).parent
# (a, b, e, alpha, beta): the first three are the logarithms of A, B and E
GRID = [
    (a, b, e, alpha, beta)
    for alpha, beta, e, a, b in product(
        np.arange(0, 2.5, 0.5), np.arange(0, 2.5, 0.5), np.arange(-1, 1.5, 0.5), range(0, 30, 5), range(0, 30, 5)
    )
]
# The constants in the source of Hoffmann et al., where the replication's resamples start.
PAPER = (6.0073404, 6.0179186, 0.5267228, 0.33917084, 0.2849083)
SINGLE, WHOLE = 400, 5  # resamples fitted from single starts, and from the whole grid


def objective(theta, log_N, log_D, log_loss):
    """Sum over runs of Huber(1e-3) of ln(loss / law)."""
    a, b, e, alpha, beta = theta
    log_law = np.logaddexp(np.logaddexp(a - alpha * log_N, b - beta * log_D), e)
    return huber(1e-3, log_loss - log_law).sum()


def slopes(theta, log_N, log_D, log_loss):
    """Derivatives of the objective by a, b, e, alpha, beta."""
    a, b, e, alpha, beta = theta
    size, data = a - alpha * log_N, b - beta * log_D
    log_law = np.logaddexp(np.logaddexp(size, data), e)
    pull = -np.clip(log_loss - log_law, -1e-3, 1e-3)
    by_a, by_b, by_e = (pull * np.exp(term - log_law) for term in (size, data, e))
    return np.array([by_a.sum(), by_b.sum(), by_e.sum(), -(by_a * log_N).sum(), -(by_b * log_D).sum()])


def fit_from(start, N, D, loss, *, tight=False):
    """One descent of L-BFGS: the constants, the objective and whether scipy calls it a success.

    `tight` is the loop at its best: exact slopes, and no stop before rounding.
    """
    extra = {"jac": slopes, "options": {"ftol": 1e-15, "gtol": 1e-12, "maxiter": 100_000}} if tight else {}
    end = minimize(objective, start, args=(np.log(N), np.log(D), np.log(loss)), method="L-BFGS-B", **extra)
    return end.x, float(end.fun), bool(end.success)


def fit_from_grid(N, D, loss, starts=GRID, *, tight=False):
    """The best of all starts, with every start's objective beside it: constants, objectives, successes."""
    ends = [fit_from(start, N, D, loss, tight=tight) for start in starts]
    values = np.array([value for _, value, _ in ends])
    return ends[int(np.nanargmin(values))][0], values, sum(success for *_, success in ends)


def _grid_record(tight, N, D, loss):
    begun = time.process_time()
    theta, values, successes = fit_from_grid(N, D, loss, tight=tight)
    seconds = time.process_time() - begun
    best = np.nanmin(values)
    within = {f"{share:g}": int((values <= best * (1 + share)).sum()) for share in (1e-11, 1e-8, 1e-4, 1e-2, 1.0)}
    return {
        "objective": float(best),
        "theta": theta.tolist(),
        "cpu_seconds": round(seconds, 1),
        "starts": len(values),
        "successes": successes,
        "starts_within": within,
    }


def _single_record(start, tight, N, D, loss):
    begun = time.process_time()
    theta, value, success = fit_from(start, N, D, loss, tight=tight)
    return {
        "objective": value,
        "theta": theta.tolist(),
        "cpu_seconds": round(time.process_time() - begun, 4),
        "success": success,
    }


def _kept(path, make):
    """The record in `path`, made and written now if it is not there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(make()))
        part.replace(path)
        print(path.name, flush=True)
    return json.loads(path.read_text())


def _loop(folder, prefix, tight):
    """What one kind of the loop reaches: on all runs, on resamples from one start, and from the grid."""
    runs = replication()
    drawn = [tuple(column[row] for column in runs) for row in resamples(SINGLE)]
    full = _kept(folder / f"{prefix}full.json", lambda: _grid_record(tight, *runs))
    found = {"full": full}
    for name, start in (("from_full_fit", full["theta"]), ("from_paper", PAPER)):
        path = folder / f"{prefix}{name}.json"
        found[name] = _kept(path, lambda start=start: [_single_record(start, tight, *each) for each in drawn])
    found["from_grid"] = [
        _kept(folder / f"{prefix}grid_{i}.json", lambda i=i: _grid_record(tight, *drawn[i])) for i in range(WHOLE)
    ]
    return found


def measure(folder):
    """Everything reference.json holds; pieces already in `folder` are taken from there."""
    import scalinglib as sl

    return {
        "about": "The customary loop on 240 public Chinchilla runs, made by python -m benchmarks.reference",
        "theta": "a, b, e, alpha, beta with A = exp(a), B = exp(b), E = exp(e)",
        "table": {"name": "chinchilla", "sha256": sl.runs.card("chinchilla").sha256, "runs": "the 240 lowest losses"},
        "draws": "numpy.random.RandomState(42): choice(240, size=240, replace=True), one call a resample",
        "machine": describe(),
        "customary": _loop(folder, "", tight=False),
        "tight": _loop(folder, "tight_", tight=True),
    }


def main():
    """Measure and write reference.json."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pieces", type=Path, default=HERE.parent / "_build" / "benchmarks" / "reference")
    parser.add_argument("--to", type=Path, default=HERE / "reference.json")
    options = parser.parse_args()
    with np.errstate(over="ignore", invalid="ignore"):  # steps of the line search go far out
        found = measure(options.pieces)
    # One record a line: a file of some 1,600 of them that can still be read.
    text = json.dumps(found, indent=1)
    record = r"\{[^{}\[\]]*\"objective\"[^{}]*(\{[^{}]*\})?[^{}]*\}"
    text = re.sub(record, lambda match: re.sub(r"(?<=[\[{]) | (?=[\]}])", "", " ".join(match[0].split())), text)
    options.to.write_text(text + "\n")


if __name__ == "__main__":
    main()
