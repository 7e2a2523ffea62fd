"""Time the fits, print the tables, and with --save keep them for the book (``make bench SAVE=1``)."""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks import floor, packages
from benchmarks.bench_fit import SHARE
from benchmarks.bench_resamples import COUNT
from benchmarks.machine import describe
from benchmarks.reference import GRID
from benchmarks.study import PUBLIC, resamples, runs, value

HERE = Path(__file__).parent
RESULTS = HERE / "results"
NAMES = {"huber": "Huber", "lad": "absolute", "least_squares": "squares", "log_least_squares": "log squares"}


def say(words):
    """A line on the way, where it does not get into the tables."""
    print(words, file=sys.stderr, flush=True)


def timed():
    """What pytest-benchmark measured: (name of the file, median CPU seconds, the benchmark's own notes)."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "benchmarks.json"
        words = ["-o", "python_files=bench_*.py", "-p", "no:cacheprovider", "-q", "--no-header"]
        words += ["--benchmark-only", "--benchmark-timer=time.process_time", "--benchmark-quiet"]
        words += ["--benchmark-disable-gc", f"--benchmark-json={report}", str(HERE)]
        ran = subprocess.run([sys.executable, "-m", "pytest", *words], stdout=sys.stderr)
        if ran.returncode != 0:
            raise SystemExit("the benchmarks did not run to their end")
        found = json.loads(report.read_text())["benchmarks"]
    return [
        (each["fullname"].split("::")[0].split("_")[-1], each["stats"]["median"], each["extra_info"]) for each in found
    ]


def rows_elsewhere(study):
    """Rows of fits and of resamples by the packages, or a row that says why there is none."""
    N, D, loss = (column.tolist() for column in study)
    a, b, e, alpha, beta = (sorted({float(start[i]) for start in SHARE}) for i in range(5))
    asked = {
        "N": N,
        "D": D,
        "loss": loss,
        "draws": COUNT,
        "grid": {"e": e, "a": a, "b": b, "alpha": alpha, "beta": beta},
    }
    fits, samples = [], []
    for name in packages.PACKAGES:
        say(f"package {name} ...")
        try:
            found = packages.measure(name, asked)
        except packages.Absent as reason:
            fits.append({"who": name, "how": f"not measured, {reason}"})
            continue
        called = f"{name} {found['version']}"
        if name == "chinchilla":
            for kind, words in (("mean", "as documented"), ("sum", "sum in place of its mean")):
                fits.append(
                    {
                        "who": called,
                        "how": f"{words}, 4,500 starts, {len(SHARE)} timed",
                        "objective": "huber",
                        "theta": found[kind]["theta"],
                        "seconds": found[kind]["seconds"] * len(GRID) / len(SHARE),
                    }
                )
        else:
            row = {"who": called, "objective": "least_squares"}
            fits.append({**row, "theta": found["fit"]["theta"], "seconds": found["fit"]["seconds"]})
            samples.append({**row, "how": "wild bootstrap", "seconds": found["draws"]["seconds"]})
    return fits, samples


def rows_of_floor(study, ours):
    """The counts, the floor in seconds, and how many floors our seconds are."""
    import scalinglib as sl

    say("floor ...")
    fit = sl.fit_chinchilla(*study)
    counts = np.stack([np.bincount(row, minlength=240) for row in resamples(COUNT)])
    evaluated, speed = floor.evaluations(fit, counts), floor.speeds()
    least = [floor.seconds(speed, evaluated[i], 240, weighted=bool(i)) for i in (0, 1)]
    rows = [["evaluations of the derivatives", *evaluated]]
    rows += [[f"{name} in each, a run", each, each] for name, each in floor.COUNTS.items()]
    rows += [["floor (CPU s)", *(digits(z) for z in least)], ["ours (CPU s)", *(digits(z) for z in ours)]]
    rows += [["ours over the floor", *(digits(mine / z) for mine, z in zip(ours, least, strict=True))]]
    return [[name, *(f"{z:,}" if isinstance(z, int) else z for z in rest)] for name, *rest in rows]


def digits(number):
    """Two digits, as a person writes them."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else np.format_float_positional(rounded, trim="-")


def title(row):
    """Who, by which objective, and how."""
    objective = f" ({NAMES[row['objective']]})" if "objective" in row else ""
    return f"{row['who']}{objective}" + (f": {row['how']}" if "how" in row else "")


def table_of_fits(rows, study):
    """Who and how, CPU seconds, how many times ours, how far the objective is above the table's lowest."""
    lowest, ours = {}, {}
    for row in rows:
        if "theta" in row:
            row["value"] = value(row["objective"], row["theta"], *study)
            lowest[row["objective"]] = min(row["value"], lowest.get(row["objective"], np.inf))
        if row["who"] == "scalinglib":
            ours[row["objective"]] = row["seconds"]
    table = []
    for row in rows:
        if "theta" not in row:
            table.append([title(row), "", "", ""])
            continue
        above = row["value"] / lowest[row["objective"]] - 1
        # Below this the sum of 240 rounded numbers says nothing.
        words = "0" if above < 1e-13 else f"{above:.1e}"
        cost = row["seconds"], row["seconds"] / ours[row["objective"]]
        table.append([title(row), *map(digits, cost), words])
    return table


def table_of_resamples(rows):
    """Who and how, CPU seconds, how many times ours, and how many resamples ended at their optimum."""
    ours = {row["objective"]: row["seconds"] for row in rows if row["who"] == "scalinglib"}
    table = []
    for row in rows:
        if "at_optimum" in row:
            below = f", {row['lower']} below ours" if row["lower"] else ""
            reached = f"{row['at_optimum']} of {row['of']}{below}"
        else:
            reached = f"{row['converged']:.0%}" if "converged" in row else "not comparable"
        cost = row["seconds"], row["seconds"] / ours[row["objective"]]
        table.append([title(row), *map(digits, cost), reached])
    return table


def measure():
    """The study's name and the three tables, each a list of rows with its header."""
    name, *study = runs()
    found = [(part, {**notes, "seconds": median * notes.get("times", 1)}) for part, median, notes in timed()]
    fits = [row for part, row in found if part == "fit.py"]
    samples = [row for part, row in found if part == "resamples.py"]
    more_fits, more_samples = rows_elsewhere(study)
    fits, samples = fits + more_fits, samples + more_samples
    ours = [
        next(r["seconds"] for r in rows if (r["who"], r["objective"]) == ("scalinglib", "huber"))
        for rows in (fits, samples)
    ]
    heads = ["CPU seconds", "times ours"]
    return name, {
        "fit": [["One fit", *heads, "above the lowest"], *table_of_fits(fits, study)],
        "resamples": [["4,000 resamples", *heads, "at their optimum"], *table_of_resamples(samples)],
        "floor": [["Floor", "One fit", "4,000 resamples"], *rows_of_floor(study, ours)],
    }


def show(rows):
    """A table for the terminal."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def main():
    """Time, print, and save where asked."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--save", action="store_true", help="write benchmarks/results, which the book shows")
    options = parser.parse_args()
    name, tables = measure()
    machine = {"runs": name, "date": date.today().isoformat(), **describe()}
    tables["machine"] = [["Measured on", ""], *([key, str(words)] for key, words in machine.items())]
    for rows in tables.values():
        show(rows)
    if not options.save:
        return
    if name != PUBLIC:
        raise SystemExit("not saved: the book's tables are of the public runs; set SCALINGLIB_DATA to have them")
    RESULTS.mkdir(exist_ok=True)
    for key, rows in tables.items():
        with open(RESULTS / f"{key}.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    say(f"written: {RESULTS.relative_to(HERE.parent)}/")


if __name__ == "__main__":
    main()
