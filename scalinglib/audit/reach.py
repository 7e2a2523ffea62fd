"""Reach: how far a budget lies beyond the runs."""

from dataclasses import dataclass, field

import numpy as np

from ..text import wrapped

__all__ = ["Reach", "reach_of"]

_TIMES = 10.0  # without a budget: this many times the largest run


@dataclass(frozen=True)
class Reach:
    """A budget, the split the law proposes there, and what the runs had seen.

    Attributes
    ----------
    budget : float
        FLOP, C = 6ND.
    given : bool
        Whether the caller named it; otherwise it is 10 times the largest run's.
    times : float
        The budget over the largest run's.
    optimum : dict
        N, D and D/N of the law's best split; NaN where a float cannot hold them.
    seen : dict
        (lowest, highest) of N, D, D/N and C among the runs.
    open : tuple of str
        Constants of the split that the runs leave open; with any, `optimum` means nothing.
    """

    budget: float
    given: bool
    times: float
    optimum: dict
    seen: dict = field(repr=False)
    open: tuple

    def outside(self) -> dict:
        """Factor by which each of N, D and D/N at the optimum lies beyond the runs, below one for below them.

        Those inside the range are left out.

        Returns
        -------
        dict
        """
        found = {}
        for name, value in self.optimum.items():
            low, high = self.seen[name]
            if value > high:
                found[name] = value / high
            elif value < low:
                found[name] = value / low
        return found

    def sentences(self) -> list[str]:
        """What to know before the law is asked about the budget: a list of sentences."""
        largest = self.seen["C"][1]
        if not self.given:
            lines = [
                f"No budget was named: what follows is for {self.times:.3g} times the largest run "
                f"({largest:.3g} FLOP by 6ND), {self.budget:.3g} FLOP."
            ]
        elif self.times > 1.0:
            lines = [
                f"The budget of {self.budget:.3g} FLOP is {self.times:.3g} times that of the largest run "
                f"({largest:.3g} by 6ND)."
            ]
        else:
            lines = [f"The budget of {self.budget:.3g} FLOP is not beyond the largest run's ({largest:.3g})."]
        if self.open:
            lines.append(f"N_opt and D_opt there are not determined: they rest on {', '.join(self.open)}.")
        elif not np.all(np.isfinite(list(self.optimum.values()))):
            lines.append("N_opt and D_opt there are beyond what a float can hold: not determined.")
        else:
            lines.append(f"There {'; '.join(self._place(name) for name in self.optimum)}.")
        return lines

    def _place(self, name):
        low, high = self.seen[name]
        value, outside = self.optimum[name], self.outside()
        said = f"{ {'N': 'N_opt', 'D': 'D_opt'}.get(name, name) } = {value:.3g}"
        if name not in outside:
            return f"{said}, inside the {low:.3g} to {high:.3g} seen"
        if value > high:
            return f"{said}, {outside[name]:.3g} times the largest seen"
        return f"{said}, {1.0 / outside[name]:.3g} times below the smallest seen"

    def report(self) -> str:
        """The sentences."""
        return wrapped(self.sentences())


def reach_of(N, D, best_log_size, undetermined, *, budget, given):
    """The Reach of runs at `N`, `D` (n,) where ``best_log_size(budget)`` is the law's ln N_opt."""
    x, y = np.log(N), np.log(D)
    log_C = np.log(6.0) + x + y
    log_N = float(best_log_size(budget))
    log_D = np.log(budget / 6.0) - log_N
    values = np.array([log_N, log_D, log_D - log_N])
    # beyond e^700 a float ends
    values = np.where(np.abs(values) < 700.0, np.exp(np.clip(values, -700.0, 700.0)), np.nan)
    ranges = {"N": x, "D": y, "D/N": y - x, "C": log_C}
    return Reach(
        budget=budget,
        given=given,
        times=float(np.exp(np.clip(np.log(budget) - log_C.max(), -700.0, 700.0))),
        optimum=dict(zip(("N", "D", "D/N"), map(float, values), strict=True)),
        seen={name: _range(values) for name, values in ranges.items()},
        open=tuple(name for name in undetermined if name != "E"),
    )


def _range(logarithms):
    ends = np.clip([logarithms.min(), logarithms.max()], -700.0, 700.0)
    return tuple(map(float, np.exp(ends)))


def default_budget(N, D):
    """Ten times the largest run's 6ND, in FLOP; the largest float's neighbourhood at most."""
    return float(np.exp(min(np.log(6.0 * _TIMES) + (np.log(N) + np.log(D)).max(), 700.0)))
