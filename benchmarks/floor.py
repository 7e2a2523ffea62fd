"""Floor: the least time the arithmetic of a fit can take in numpy on this machine.

Counted for one run and one evaluation of Huber's penalty, its gradient and its exact Hessian at one set of
five constants. An addition, a comparison or a multiplication with or without an addition counts as one
multiply-add.

=====================================================  ===  =====================================  ===
the two exponents a - p x                                2  weight of the squares, over law^2        4
two additions to the law, loss / law                     3  the two terms times -x                   2
size, corner and penalty of the residual                 4  five slopes times that weight            5
slope of the penalty, clipped, over the law              3  slope times each term, its x and x^2     6
=====================================================  ===  =====================================  ===

makes 29; a resample counts each run so many times, 3 more. Summed over runs are the penalty, 5 slopes, 15
second derivatives and 2 from the curvature of the terms, 23 sums. Beside these stand two exponentials, one
logarithm and one division (1 / law). What is left out: choosing starts, the five by five equations, judging
steps, and every call of numpy. Evaluations are those that one descent to the optimum takes.
"""

import time

import numpy as np

__all__ = ["COUNTS", "evaluations", "seconds", "speeds"]

COUNTS = {"exponentials": 2, "logarithms": 1, "divisions": 1, "multiply-adds": 29, "sums": 23}
_RESAMPLE = 3  # multiply-adds more where each run is counted so many times


def _fastest(operation, arrays, out, results):
    """Seconds for each of `results` results of ``operation(*arrays, out=out)``: the best of 25 tries."""
    calls = max(1, 1_000_000 // results)
    tries = []
    for _ in range(25):
        begun = time.process_time()
        for _ in range(calls):
            operation(*arrays, out=out)
        tries.append((time.process_time() - begun) / (calls * results))
    return min(tries)


def speeds():
    """Seconds an operation takes where the arrays stay in the cache: the best over several lengths.

    "sums" are multiply-adds inside a product of matrices, the fastest that this machine sums.
    """
    found = {name: [] for name in COUNTS}
    for length in (1024, 2048, 4096, 8192, 16384):
        x = np.linspace(0.5, 2.0, length)
        y, out = x[::-1].copy(), np.empty(length)
        found["exponentials"].append(_fastest(np.exp, (x,), out, length))
        found["logarithms"].append(_fastest(np.log, (x,), out, length))
        found["divisions"].append(_fastest(np.divide, (x, y), out, length))
        found["multiply-adds"].append(_fastest(np.multiply, (x, y), out, length))
    for side in (64, 128, 192):
        square = np.linspace(0.0, 1.0, side * side).reshape(side, side)
        found["sums"].append(_fastest(np.matmul, (square, square), np.empty_like(square), side**3))
    return {name: min(times) for name, times in found.items()}


def evaluations(fit, counts):
    """Evaluations of the derivatives: of the start that won, and of all resamples `counts` (S, n)."""
    from dataclasses import replace

    from scalinglib.engine.newton import minimise

    problem, theta = fit.posed.problem, fit.posed.theta
    steps = 0
    for part in np.array_split(counts.astype(float), max(1, len(counts) // 100)):
        steps += int(
            minimise(replace(problem, weights=part), np.repeat(theta[None], len(part), axis=0)).iterations.sum()
        )
    return fit.iterations + 1, steps + len(counts)


def seconds(speed, evaluated, runs, *, weighted):
    """Seconds that the counted operations take for so many evaluations over so many runs."""
    each = sum(COUNTS[name] * speed[name] for name in COUNTS)
    if weighted:
        each += _RESAMPLE * speed["multiply-adds"]
    return each * evaluated * runs
