"""FitOptimum: the best split by a fitted law, and how sure the runs are of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import arguments
from ..fitting import FormFit
from ..fitting.given import beyond
from ..forms import Form
from ..forms.graph import Graph
from ..text import brief, wrapped
from ..uncertainty.interval import tails
from .split import Split, best_split

__all__ = ["FitOptimum", "optimum_of"]

_WIDE = 1000.0  # between the ends of an interval, beyond which it says next to nothing


@dataclass(frozen=True, eq=False, kw_only=True)
class FitOptimum:
    """The best split of a fitted law with its interval.

    Attributes
    ----------
    split : Split
        Of the fit's own constants.
    level : float
    low, high : dict
        Variable or "loss" -> end of its interval, in the shape of the budget: percentiles over the resamples, each
        quantity's own. NaN for what the runs do not determine.
    caution : str
        What is to be said against the intervals; empty when nothing.
    """

    split: Split
    level: float
    low: Mapping
    high: Mapping
    caution: str = field(repr=False)

    def __repr__(self):
        return brief(self, *self.report().split("\n")[1:2], self.caution)

    @property
    def value(self) -> Mapping:
        """Variable -> its best value."""
        return self.split.value

    @property
    def loss(self) -> float | np.ndarray:
        """What the law gives there."""
        return self.split.loss

    def report(self) -> str:
        """The split, a line a quantity with its interval, and the caution."""
        lines = [self.split.report()]
        for place in np.ndindex(np.shape(self.loss)):
            budget = np.broadcast_to(self.split.budget, np.shape(self.loss))[place]
            lines.append(f"{self.level:.0%} intervals at {budget:.4g}:")
            for name in self.low:
                low, high = (np.asarray(end[name])[place] for end in (self.low, self.high))
                said = f"{low:.4g} to {high:.4g}" if np.isfinite(low + high) else "not determined by these runs"
                lines.append(f"  {name:<6} {said}")
        return "\n".join([*lines, *filter(None, [wrapped([self.caution])])])


def optimum_of(
    fit: FormFit,
    budget: float | np.ndarray,
    *,
    draws: Mapping[str, np.ndarray],
    cost: str = "6 * N * D",
    over: Sequence[str] = ("N", "D"),
    given: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.8,
    family: str | None = None,
) -> FitOptimum:
    """The best split of each budget by a fitted law, with percentile intervals from resampled constants.

    Parameters
    ----------
    fit : FormFit
        Or what has its ``law``, ``form``, ``constants`` and ``undetermined``.
    budget, cost, over, given, bounds
        As in `best_split`.
    draws : mapping or pandas.DataFrame
        Constant -> (S,), resample by resample; what is missing stays at the fit's value.
    level : float, default 0.8
    family : str, optional
        Which family's law, where the fit has several.

    Returns
    -------
    FitOptimum

    Raises
    ------
    ValueError
        As `best_split`, and for a family that is missing or unknown.

    Examples
    --------
    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6)))
    >>> noise = np.exp(0.002 * np.random.default_rng(0).standard_normal(36))
    >>> runs = pd.DataFrame({"N": N, "D": D, "loss": (1.8 + 480 / N**0.35 + 2000 / D**0.35) * noise})
    >>> fit = sl.fit("E + A / N**alpha + B / D**alpha", runs, fixed={"E": 1.8, "A": 480.0})
    >>> draws = {"alpha": np.linspace(0.34, 0.36, 21), "B": np.full(21, 2000.0)}
    >>> best = sl.allocation.optimum_of(fit, 1e23, draws=draws)
    >>> best.low["N"] < best.value["N"] < best.high["N"]
    True
    """
    below, above = tails(level)
    labels = tuple(getattr(fit.law, "laws", ()))
    if labels and family is None:
        raise ValueError(f"family must say whose law: {', '.join(map(str, labels))}")
    if family is not None and family not in labels:
        raise arguments.unknown_name("family", family, labels)
    names = {name: full if (full := f"{name}[{family}]") in fit.constants else name for name in fit.form.constants}
    how = {"cost": cost, "over": over, "given": given, "bounds": bounds}
    best = best_split(fit.law.laws[family] if labels else fit.law, budget, **how)
    columns = {name: np.asarray(draws[full], dtype=float) for name, full in names.items() if full in draws}
    usable = np.logical_and.reduce([np.isfinite(column) for column in columns.values()])
    if not np.any(usable):
        raise ValueError(f"draws holds no numbers for {', '.join(names.values())}")
    sets = {name: columns[name][usable] if name in columns else fit.constants[full] for name, full in names.items()}
    drawn = best_split(fit.form, budget, constants=sets, **how)
    open_ = [name for name, full in names.items() if full in fit.undetermined]
    moving = [name for name in open_ if name in _movers(fit.form, best.value)]
    low, high = {}, {}
    for name, values in {**drawn.value, "loss": drawn.loss}.items():
        for ends, share, unknown in ((low, below, -np.inf), (high, above, np.inf)):
            # A resample without a best split might lie beyond either end.
            every = np.full((len(usable), *values.shape[1:]), unknown)
            every[usable] = np.where(np.isfinite(values), values, unknown)
            with np.errstate(invalid="ignore"):
                end = np.quantile(every, share, axis=0)
            end = np.where(np.isfinite(end) & (not moving), end, np.nan)
            ends[name] = end if end.ndim else end.item()
    lost = 1.0 - np.isfinite(drawn.loss).sum(0) / len(usable)
    far = _beyond(fit, best)
    said = [far] if far else []
    if moving:
        said.append(f"these runs do not determine {', '.join(moving)}, which the best split rests on")
    elif open_:
        said.append(f"these runs do not determine {', '.join(open_)}")
    if np.any(lost > 0):
        said.append(f"{np.max(lost):.1%} of the resamples have no best split ({'; '.join(drawn.reasons)})")
    for name in best.value:
        times = np.nanmax(np.append(high[name] / low[name], 0.0))
        if times > _WIDE:
            said.append(f"the ends for {name} are {times:.2g} times apart: these runs hardly say what it should be")
    return FitOptimum(split=best, level=level, low=low, high=high, caution=". ".join(said) + "." * bool(said))


def _beyond(fit, best):
    """How far a budget lies outside of what the runs of the fit cost, in a sentence; empty where nothing says."""
    columns = {**getattr(getattr(fit, "given", None), "columns", {}), **best.given}
    cost = Form(best.cost)
    if not set(cost.names) <= set(columns):
        return ""
    spent = cost.values(columns)
    return beyond({"the budget": (np.min(spent), np.max(spent))}, {"the budget": best.budget})


def _movers(form, over):
    """Constants that the place of the lowest point depends on: not those that are only added."""
    graph = Graph()
    last = form.add_to(graph, {})
    return {name for name in form.constants if graph.names(graph.slope(last, name)) & set(over)}
