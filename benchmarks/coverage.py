"""Measure the coverage of every method on every design, and write the table that the library carries.

    python -m benchmarks.coverage --workers 2

It takes about forty minutes of processor time. The numbers do not depend on the number of workers.
"""

import argparse
import time
from pathlib import Path

import joblib
import pandas

from scalinglib.coverage.designs import DESIGNS, FEW_GROUPS, draw_runs
from scalinglib.coverage.measure import METHODS, measure_coverage

TABLE = Path(__file__).resolve().parents[1] / "scalinglib" / "coverage" / "coverage.csv"
OBJECTIVES = ("huber", "log_least_squares")


KEYS = ["design", "objective", "method"]


def main():
    """Measure, design by design, and put the rows into the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=500, help="studies a design and objective")
    parser.add_argument("--resamples", type=int, default=400, help="resamples of each bootstrap")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--designs", nargs="+", choices=list(DESIGNS | FEW_GROUPS), default=list(DESIGNS))
    parser.add_argument("--output", type=Path, help="its other rows are kept; the library's own by default")
    given = parser.parse_args()
    for objective in OBJECTIVES:
        for design in given.designs:
            start = time.perf_counter()
            grouped = draw_runs(design, seed=0).groups is not None
            with joblib.parallel_config(n_jobs=given.workers):
                part = measure_coverage(
                    design,
                    methods=[method for method in given.methods if grouped or method != "groups"],
                    objective=objective,
                    studies=given.studies,
                    resamples=given.resamples,
                    seed=given.seed,
                )
            print(f"{objective}, {design}: {time.perf_counter() - start:.0f} s", flush=True)
            write(part, given.output or TABLE.with_name("few_groups.csv" if design in FEW_GROUPS else TABLE.name))


def write(part, path):
    """Put `part` into the table at `path`, in place of rows with the same design, objective and method."""
    rows = part
    if path.exists():
        old = pandas.read_csv(path)
        measured = pandas.MultiIndex.from_frame(part[KEYS].drop_duplicates())
        rows = pandas.concat([old[~pandas.MultiIndex.from_frame(old[KEYS]).isin(measured)], part])
    order = {name: place for place, name in enumerate([*DESIGNS, *FEW_GROUPS, *OBJECTIVES, *METHODS])}
    rows = rows.sort_values(KEYS, key=lambda column: column.map(order), kind="stable")
    whole = path.with_suffix(".partial")
    rows.to_csv(whole, index=False, float_format="%.6g")
    whole.replace(path)


if __name__ == "__main__":
    main()
