"""Choosing which runs to buy, measured on four tasks of ScaleBench (arXiv 2604.22753), 31 forms as text.

``python -m benchmarks.scalebench --save`` writes the table of the book. It needs the public tables (SCALINGLIB_DATA).
"""

import argparse
import csv
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import scalinglib as sl
from scalinglib.forms import Form

HERE = Path(__file__).parent
BUDGETS = 0.01, 0.05, 0.1
SEEDS = 3

# name -> the source's columns, what a run costs, and the paper's Table 2: best of six ways, and with all data, each
# with its standard deviation over forms and seeds.
TASKS = {
    "moe": (
        {"num_experts": "E", "dense_parameter_count": "N", "loss_validation": "loss"},
        "N * E",
        ((0.67, 0.24), (0.80, 0.05), (0.83, 0.07), (0.81, 0.04)),
    ),
    "data_constrained": (
        {"unique_tokens": "U", "params": "N", "tokens": "D"},
        "6 * N * D",
        ((0.73, 0.37), (0.85, 0.16), (0.86, 0.11), (0.79, 0.23)),
    ),
    "farseer": ({}, "6 * N * D", ((0.67, 0.22), (0.88, 0.02), (0.93, 0.00), (0.91, 0.01))),
    "vocab": (
        {"non_vocab_parameters": "P", "vocab_size": "V", "num_characters": "D", "unigram_normalized_loss": "loss"},
        "P * D",
        ((0.96, 0.02), (0.98, 0.00), (0.98, 0.00), (0.93, 0.16)),
    ),
}

FORMS = {
    "moe": [
        "L + B / (N**alpha * E**beta)",
        "L + K * (N**alpha * E**beta)**(-gamma)",
        "A * N**alpha / (1 + B * E**beta) + C * N**(0.6 * alpha) + D",
        "a / (N**alpha * (1 + b * E)**gamma) + c + d * (log(N) - 0.4 * log(1 + E))",
        "p0 + exp(p1 + p2 * log(E) + p3 * log(N) + p4 * log(E) * log(N)) + p5 * log(E)",
        "a * N**(-b) * (1 + c * E**(-d)) + e + f / (E * N**0.05)",
        "p0 * E**p1 * N**p2 + p3 * N**p4 + p5",
        "a * N**b * E**c + d",
        "c0 + A * (N * E**g)**(-a)",
        "bias + A * (N / 1e9)**(-alpha) * ((1 + B * E**gamma) / (1 + B))**(-beta)",
    ],
    "data_constrained": [
        "A / N**alpha + B / D**beta + E * U**gamma * N**delta",
        "a + b * U**p + c * N**q + d * D**r",
        "UN = minimum(rho * U, N); RN = maximum(N / UN - 1, 0); effN = UN + tN * UN * (1 - exp(-RN / tN));"
        "RD = D / U - 1; effD = U + tD * U * (1 - exp(-RD / tD)); A / effN**alpha + B / effD**beta + C",
        "t = D / 2.8e10; q = t / (s * (U / 3e9) * (N / 8e8)**d); L0 + A * (N / 8e8)**(-a) + B * (t / (1 + q))**(-b)",
        "A / N**alpha + B / (U**gamma * D**(1 - gamma))**beta + E",
        "E + A * N**(-alpha) + B * (D / (1 + C * maximum(D / U - 1, 0)**c * N**d))**(-beta)",
        "L0 + A * (N * U)**p + B * D**q + C * N**r",
        "a + b / D**alpha + c / N**beta + d * log(U / D + 1)**gamma",
        "A / N**alpha + B / D**beta * (1 + C / U**gamma) + L",
        "L0 + A * N**(-a) + B * (D**(-b * q) + (k * U)**(-b * q))**(1 / q)",
    ],
    "farseer": ["farseer2025"],
    "vocab": [
        "c0 + A * V**b * P**e * D**g",
        "L + A * ((P**(-alpha * r) + D**(-beta * r)) / 2)**(1 / r) * (1 + C * (log(V) - v0)**2)",
        "L0 + ((a * P**(-alpha))**q + (b * (D * V**phi)**(-beta))**q)**(1 / q)",
        "L + A * maximum(P**a, lam * D**b)**(-d) * V**(-g)",
        "p0 * P**p1 * V**p2 * D**p3 + p4 * P**p5 + p6",
        "A * (P * V**k1)**(-alpha) + B * (D * V**k2)**(-beta) + c0",
        "A * P**(-alpha) * D**(-beta) + B * V**gamma * D**(-delta) + c0",
        "c0 + c1 * log(V) + V**beta * (c2 * P**(-alpha) + c3 * D**(-gamma))",
        "A * P**(-alpha) * D**(-beta) * (1 + gamma * log(V)) + delta * V**epsilon + L",
        "L + exp(a + bP * log(P) + b1 * log(V) + b2 * log(V)**2 + bD * log(D) + bVD * log(V) * log(D))",
    ],
}


def load(task):
    """Pool and test runs of a task, and what a run of the pool costs."""
    names, price, _ = TASKS[task]
    table = pd.read_csv(Path(os.environ["SCALINGLIB_DATA"]) / f"scalebench_{task}.csv").rename(columns=names)
    table = table.drop(columns="group")
    pool, test = (table[table["split"] == part].drop(columns="split") for part in ("train", "test"))
    pool = pool.reset_index(drop=True)
    read = Form(price)
    return pool, test, pd.Series(read.values({name: pool[name].to_numpy(float) for name in read.names}))


def forms(task, pool):
    """The forms of a task, with their variables."""
    variables = [name for name in pool.columns if name != "loss"]
    return [sl.forms[text] if text in sl.forms.names() else Form(text, variables=variables) for text in FORMS[task]]


def score(form, bought, test):
    """R squared on the test runs, cut to -1 to 1, of the form fitted by squares; -1 where it cannot be fitted."""
    try:
        fit = sl.fit(form, bought, objective="least_squares")
    except ValueError:
        return -1.0, None
    y = test["loss"].to_numpy()
    with np.errstate(all="ignore"):
        off = y - fit.law(**{name: test[name].to_numpy(float) for name in fit.form.variables})
    found = 1.0 - (off**2).sum() / ((y - y.mean()) ** 2).sum()
    return (max(float(found), -1.0) if np.isfinite(found) else -1.0), fit


def cheapest(pool, price, budget):
    """The cheapest runs that the budget buys."""
    order = price.sort_values(kind="stable").index
    return pool.loc[order[(price[order].cumsum() <= budget).to_numpy()]]


def planned(form, pool, price, test, budget, parts, seed=0):
    """Suggest, buy, fit, suggest: up to each part of the budget in turn."""
    bought, spent, fit = pool.iloc[:0], 0.0, None
    goal = {name: test[name].to_numpy(float) for name in form.variables}
    for part in parts:
        rest, left = pool.drop(bought.index), part * budget - spent
        most = min(0.1 * budget / left, 1.0)
        if not (price[rest.index] <= most * left).any():
            break
        asked = {"budget": left, "target": goal, "price": price[rest.index], "most": most, "seed": seed}
        found = sl.suggest_runs(form if fit is None else fit, rest, **asked)
        bought, spent = pd.concat([bought, rest.iloc[found.rows]]), spent + found.spent
        if part < 1.0:
            _, fit = score(form, bought, test)
    return bought


def measure(task):
    """Rows of the table for one task: what is bought, the paper's best, and R squared of three ways to choose."""
    pool, test, price = load(task)
    rows = []
    for share, theirs in zip((*BUDGETS, 1.0), TASKS[task][2], strict=True):
        budget = share * price.sum()
        ways = {"cheapest": [], "at once": [], "with fits": []}
        for form in forms(task, pool):
            if share == 1.0:
                ways["at once"].append(score(form, pool, test)[0])
                continue
            ways["cheapest"].append(score(form, cheapest(pool, price, budget), test)[0])
            ways["at once"].append(score(form, planned(form, pool, price, test, budget, (1.0,)), test)[0])
            for seed in range(SEEDS):
                bought = planned(form, pool, price, test, budget, (0.7, 1.0), seed)
                ways["with fits"].append(score(form, bought, test)[0])
        said = [f"{np.mean(found):.2f} ± {np.std(found):.2f}" if found else "" for found in ways.values()]
        rows.append([task, f"{share:.0%}" if share < 1.0 else "all", "{:.2f} ± {:.2f}".format(*theirs), *said])
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows


def main():
    """Measure all tasks, print the table, and save it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scalebench", description=__doc__)
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/scalebench.csv")
    options = parser.parse_args()
    if "SCALINGLIB_DATA" not in os.environ:
        raise SystemExit("set SCALINGLIB_DATA to the folder with scalebench_*.csv")
    # What a fit of few runs leaves open is what is measured here.
    warnings.simplefilter("ignore", sl.IdentifiabilityWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    table = [["Task", "Budget", "Best of six there", "Cheapest first", "Planned at once", "Planned, fitted, planned"]]
    for task in TASKS:
        table += measure(task)
    if options.save:
        with open(HERE / "results" / "scalebench.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)


if __name__ == "__main__":
    main()
