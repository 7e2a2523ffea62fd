"""Frontier: the lowest loss of a fitted law on a budget, and the least budget for a loss."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import arguments
from ..engine.coordinates import Line, Terms
from ..engine.posed import Posed
from ..fitting import ChinchillaFit, FormFit, PowerLawFit
from ..fitting.uncertain import Uncertain
from ..forms import Form, read_form
from .split import best_split, read_cost

__all__ = ["Frontier", "frontier_of"]

_POWER = Form("floor + coefficient / x**exponent", variables=("x",))
_REACH = np.log([10.0, 1e3, 1e6, 1e12])  # beyond the runs, to either side, where budgets are looked for
_EXACT = 1e-13


@dataclass(frozen=True, eq=False, kw_only=True)
class Frontier:
    """A fitted law along its own best splits.

    Attributes
    ----------
    form : Form
    posed : Posed
        The engine's view of the fit, with a floor held where one was given.
    columns : dict
        Variable -> (n,), in the order of `posed`.
    names, fixed : dict
        Constant of the form -> its name in the fit; and those that are not fitted -> number.
    cost : str
        What a budget pays for; of a law of one variable that variable.
    how : dict
        Options of `best_split`; empty for a law of one variable.
    seen : (float, float)
        Least and most that a run cost.
    floor : str or None
        The constant that is only added to the rest, if there is one.
    floor_free : bool
        Whether it was fitted.
    undetermined : tuple of str
    """

    form: Form
    posed: Posed
    columns: Mapping
    names: Mapping
    fixed: Mapping
    cost: str
    how: Mapping
    seen: tuple[float, float]
    floor: str | None
    floor_free: bool
    undetermined: tuple

    def constants(self, found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Constants of the form, (S,) each, from those of the fit by name."""
        size = np.shape(next(iter(found.values())))
        return {name: np.broadcast_to(found.get(full, self.fixed.get(name)), size) for name, full in self.names.items()}

    @property
    def own(self) -> dict[str, np.ndarray]:
        """The fit's own constants, (1,) each."""
        return self.constants(self.posed.constants(self.posed.theta[None]))

    def loss(self, budget: np.ndarray, constants: Mapping[str, np.ndarray]) -> np.ndarray:
        """The lowest loss on each budget (M,), each with constants of its own; NaN where there is no best split."""
        if not self.how:
            return self.form.values({**constants, self.cost: budget})
        return best_split(self.form, budget, constants=constants, paired=True, **self.how).loss

    def budget(self, loss: np.ndarray, constants: Mapping[str, np.ndarray]) -> np.ndarray:
        """The least budget for each loss (M,): infinite where the law does not come so low, zero where it is lower
        for next to nothing, each looked for to 1e12 times beyond the runs; NaN where nothing can be said.
        """
        from scipy.optimize.elementwise import find_root

        names = tuple(constants)

        def above(log_budget, target, *values):
            return self.loss(np.exp(log_budget), dict(zip(names, values, strict=True))) - target

        given = np.array(np.broadcast_arrays(loss, *constants.values()), dtype=float)
        found, todo = np.full(given.shape[1], np.nan), np.flatnonzero(np.isfinite(given).all(0))
        for reach in _REACH:
            if not todo.size:
                break
            low, high = (np.full(todo.size, end) for end in np.add(np.log(self.seen), (-reach, reach)))
            first, last = above(low, *given[:, todo]), above(high, *given[:, todo])
            inside = (first > 0) & (last < 0)
            found[todo] = np.where(last >= 0, np.inf, np.where(first <= 0, 0.0, np.nan))
            if inside.any():
                own = todo[inside]
                root = find_root(
                    above, (low[inside], high[inside]), args=tuple(given[:, own]), tolerances={"xatol": _EXACT}
                )
                found[own] = np.where(root.success, np.exp(root.x), np.nan)
            todo = todo[~inside]
        return found


def frontier_of(fit, *, label, cost, given, bounds, family, floor) -> Frontier:
    """The Frontier of a fit, which came as the argument `label`; `floor` is a number to hold its floor at, or None."""
    if not isinstance(fit, Uncertain):
        raise ValueError(f"{label} must be a fit of runs, as sl.fit gives; got {type(fit).__name__}")
    fit, fixed = fit.asked, {}
    if isinstance(fit, FormFit):
        form, columns, fixed = fit.form, fit.given.columns, fit.fixed
    elif isinstance(fit, ChinchillaFit):
        form, columns = read_form("chinchilla"), {"N": fit.N, "D": fit.D}
    elif isinstance(fit, PowerLawFit):
        form, columns = _POWER, {"x": fit.x}
        fixed = {} if fit.floor_fitted else {"floor": fit.law.floor}
    posed, labels = fit.posed, tuple(getattr(fit.law, "laws", ()))
    if labels and family is None:
        raise ValueError(f"{label} has several families; family must say which: {', '.join(labels)}")
    if family is not None and family not in labels:
        raise arguments.unknown_name(f"family of {label}", family, labels)
    known = posed.constants(posed.theta[None])
    base = form.floor
    names = {name: full if (full := f"{name}[{family}]") in known else name for name in form.constants}
    if floor is not None:
        posed, fixed = _held(posed, label, base, floor, fixed)
    moving = [name for name in form.variables if name not in given]
    how = {}
    if len(form.variables) == 1:
        cost = form.variables[0]
        spent = columns[cost]
    else:
        read_cost(cost, (*form.variables, *given))
        wanted = {*form.variables, *Form(cost).names}
        given = {name: value for name, value in given.items() if name in wanted}
        how = {"cost": cost, "over": tuple(moving), "given": given, "bounds": bounds}
        spent = Form(cost).values({**columns, **given})
    if family is not None:  # the runs of this family say how far it was seen
        spent = spent[fit.given.families[labels.index(family)]]
    return Frontier(
        form=form,
        posed=posed,
        columns=columns,
        names=names,
        fixed=fixed,
        cost=cost,
        how=how,
        seen=(float(np.min(spent)), float(np.max(spent))),
        floor=base,
        floor_free=floor is None and base not in fixed,
        undetermined=tuple(
            full for name, full in names.items() if full in fit.undetermined and (floor is None or name != base)
        ),
    )


def _held(posed, label, base, floor, fixed):
    """The problem with its floors held at a number, solved again."""
    if base is None:
        raise ValueError(f"floor: the law of {label} has no constant, or several, that are only added to the rest")
    if base in fixed:
        if fixed[base] == floor:
            return posed, fixed
        raise ValueError(f"floor: {label} was fitted with {base} = {fixed[base]:g}; fit it again for {floor:g}")
    unit = getattr(posed.coordinates, "unit", 1.0)
    lowest = float(posed.problem.y.min() * unit)
    if not floor < lowest:
        raise ValueError(f"floor must be below all losses of {label}, the least of which is {lowest:g}; got {floor:g}")
    names = posed.coordinates.names
    own = isinstance(posed.coordinates, Line | Terms)  # their floor stands first, whatever its name
    places = [0] if own else [place for place, name in enumerate(names) if name.split("[")[0] == base]
    return posed.held(places, floor / unit), fixed
