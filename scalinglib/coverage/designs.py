"""Designs: tables of runs drawn around a known law, to measure how often an interval holds the truth."""

from dataclasses import dataclass

import numpy as np

from .. import arguments
from ..laws import ChinchillaLaw

__all__ = ["DESIGNS", "FEW_GROUPS", "DrawnRuns", "draw_runs"]

# The constants that the replication of Hoffmann et al. 2022 prints (arXiv 2404.10102).
TRUTH = ChinchillaLaw(E=1.8172, A=482.01, B=2085.43, alpha=0.3478, beta=0.3658)

# The 240 public runs scatter by 0.48% around their Huber fit (1.4826 times the median absolute log residual);
# as a whole their residuals look like Student's t with 2.7 degrees of freedom and scale 0.40%.
NOISE = 0.005


@dataclass(frozen=True, eq=False)
class DrawnRuns:
    """Runs of one draw, the `law` that is the truth, and labels `groups` of runs that belong together."""

    law: ChinchillaLaw
    N: np.ndarray
    D: np.ndarray
    loss: np.ndarray
    groups: np.ndarray | None = None

    @property
    def largest_budget(self) -> float:
        """6 N D of the run with most compute."""
        return float(6.0 * (self.N * self.D).max())

    def report(self) -> str:
        """A line on what was drawn."""
        together = "" if self.groups is None else f" in {len(np.unique(self.groups))} groups"
        return (
            f"{len(self.N)} runs{together}, N {self.N.min():.3g} to {self.N.max():.3g}, "
            f"D {self.D.min():.3g} to {self.D.max():.3g}, C up to {self.largest_budget:.3g} FLOP"
        )


def _grid(budgets, sizes):
    """N and D of sizes a quarter to four times the best at each of `budgets` budgets from 6e18 to 3e21."""
    C, shift = np.meshgrid(np.geomspace(6e18, 3e21, budgets), np.geomspace(0.25, 4.0, sizes), indexing="ij")
    N = (TRUTH.optimum(C).N * shift).ravel()
    return N, C.ravel() / (6.0 * N)


def _noisy(N, D, errors, groups=None):
    return DrawnRuns(law=TRUTH, N=N, D=D, loss=TRUTH(N, D) * np.exp(errors), groups=groups)


def _isoflop(rng):
    """9 budgets by 7 sizes, normal errors of 0.5%."""
    N, D = _grid(9, 7)
    return _noisy(N, D, NOISE * rng.standard_normal(N.size))


def _ragged(rng):
    """60 runs anywhere in N, 50M to 10B, and D/N, 2 to 300, up to 3e21 FLOP: no large long ones."""
    N, D = np.empty(0), np.empty(0)
    while N.size < 60:
        size = np.exp(rng.uniform(np.log(5e7), np.log(1e10), 60))
        tokens = size * np.exp(rng.uniform(np.log(2.0), np.log(300.0), 60))
        kept = 6.0 * size * tokens <= 3e21
        N, D = np.append(N, size[kept])[:60], np.append(D, tokens[kept])[:60]
    return _noisy(N, D, NOISE * rng.standard_normal(60))


def _few_12(rng):
    """4 budgets by 3 sizes, normal errors of 0.5%."""
    N, D = _grid(4, 3)
    return _noisy(N, D, NOISE * rng.standard_normal(N.size))


def _few_20(rng):
    """5 budgets by 4 sizes, normal errors of 0.5%."""
    N, D = _grid(5, 4)
    return _noisy(N, D, NOISE * rng.standard_normal(N.size))


def _heavy_tails(rng):
    """9 budgets by 7 sizes, errors 0.4% times Student's t with 3 degrees of freedom."""
    N, D = _grid(9, 7)
    return _noisy(N, D, 0.004 * rng.standard_t(3, N.size))


def _uneven(rng):
    """9 budgets by 7 sizes, normal errors of 0.4% that grow with the root of 20 N / D above one: to 1.8%."""
    N, D = _grid(9, 7)
    return _noisy(N, D, 0.004 * np.sqrt(np.maximum(20.0 * N / D, 1.0)) * rng.standard_normal(N.size))


def _checkpoints(rng, budgets=6, sizes=4):
    """24 runs with 8 late checkpoints each, 0.5% common to a run and 0.1% on each checkpoint."""
    last = _grid(budgets, sizes)
    runs, each = last[0].size, 8
    run = np.repeat(np.arange(runs), each)
    D = last[1][run] * np.tile(np.linspace(0.65, 1.0, each), runs)
    errors = NOISE * rng.standard_normal(runs)[run] + 0.001 * rng.standard_normal(run.size)
    return _noisy(last[0][run], D, errors, groups=run)


def _checkpoints_12(rng):
    """The same of 12 runs, 4 budgets by 3 sizes."""
    return _checkpoints(rng, 4, 3)


def _checkpoints_8(rng):
    """The same of 8 runs, 4 budgets by 2 sizes."""
    return _checkpoints(rng, 4, 2)


def _checkpoints_6(rng):
    """The same of 6 runs, 3 budgets by 2 sizes."""
    return _checkpoints(rng, 3, 2)


DESIGNS = {
    "isoflop": _isoflop,
    "ragged": _ragged,
    "few-20": _few_20,
    "few-12": _few_12,
    "heavy-tails": _heavy_tails,
    "uneven": _uneven,
    "checkpoints": _checkpoints,
}
# measured apart: of few groups, 8 runs each, such methods hold too much or too little
FEW_GROUPS = {"checkpoints-12": _checkpoints_12, "checkpoints-8": _checkpoints_8, "checkpoints-6": _checkpoints_6}


def draw_runs(design: str, *, seed: int | np.random.SeedSequence) -> DrawnRuns:
    """Draw the runs of one design around the replication's law.

    Parameters
    ----------
    design : str
        A name in ``DESIGNS`` or ``FEW_GROUPS``; what it draws is the first line of the function's docstring.
    seed : int or numpy.random.SeedSequence

    Returns
    -------
    DrawnRuns
        ``.N``, ``.D``, ``.loss``, ``.groups`` and the ``.law`` that is the truth.

    Raises
    ------
    ValueError
        For an unknown design.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.coverage.draw_runs("few-12", seed=1).report())
    12 runs, N 5.04e+07 to 1.95e+10, D 1.24e+09 to 4.1e+11, C up to 3e+21 FLOP
    """
    every = DESIGNS | FEW_GROUPS
    arguments.one_of("design", design, tuple(every))
    return every[design](np.random.default_rng(seed))
