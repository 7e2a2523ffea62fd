"""Speedup: how many times less compute one recipe needs than another for the same loss, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..fitting.form_fit import FEW
from ..fitting.uncertain import Uncertain
from ..text import brief, wrapped
from ..uncertainty.interval import tails
from ..uncertainty.refitting import draw, refit_drawn, strata
from .frontier import frontier_of
from .split import read_cost

__all__ = ["Speedup", "speedup_of"]

_FLOOR = 0.2  # of the loss above the floor: with a floor less well known the speed-up rests on it
_LOST, _AT = 0.01, 1.0 + 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Speedup:
    """Compute of one law over that of another at the same loss.

    Attributes
    ----------
    value : float or numpy.ndarray
        Budget of the other over that of the first: above one where the first recipe needs less. Infinite where the
        other's law never comes so low, zero where the first's does not, NaN where neither does.
    low, high : float or numpy.ndarray
        Ends of its interval. NaN where it is not determined: past the runs by a law that they leave open.
    loss, budget, over_budget : float or numpy.ndarray
        The loss, and what each law needs for it.
    level : float
    pairing : str
        Whether runs of both were resampled together or for themselves, and why.
    cost : str
        What a budget is.
    floors : (float, float)
        Floor of each law, NaN where there is none; the same twice where one was given.
    caution : tuple of str
        What is to be said against it.
    """

    value: float | np.ndarray
    low: float | np.ndarray
    high: float | np.ndarray
    loss: float | np.ndarray
    budget: float | np.ndarray
    over_budget: float | np.ndarray
    level: float
    pairing: str
    cost: str
    floors: tuple[float, float] = field(repr=False)
    floor_given: bool = field(repr=False)
    caution: tuple = field(repr=False)

    def __repr__(self):
        return brief(self, *self.report().split("\n")[1:2])

    def report(self) -> str:
        """A line a loss with its interval, how runs were resampled, the floors, and the caution."""
        lines = [f"Compute that the other law needs over this one's, budgets by {self.cost}:"]
        rows = (np.atleast_1d(z) for z in (self.loss, self.budget, self.over_budget, self.value, self.low, self.high))
        for loss, own, other, value, low, high in zip(*rows, strict=True):
            ends = "not determined by these runs" if np.isnan(low + high) else f"{low:.4g} to {high:.4g}"
            lines.append(f"  loss {loss:.5g}: {other:.4g} over {own:.4g} = {value:.4g} ({self.level:.0%}: {ends})")
        own, other = ("none" if np.isnan(floor) else f"{floor:.5g}" for floor in self.floors)
        floors = f"Both floors are held at {own}" if self.floor_given else f"Floors: {own}, of the other {other}"
        return "\n".join([*lines, wrapped([f"{self.pairing}.", f"{floors}.", *self.caution])])


def speedup_of(
    fit: Uncertain,
    over: Uncertain | str,
    *,
    loss: ArrayLike | None = None,
    budget: ArrayLike | None = None,
    floor: float | None = None,
    cost: str = "6 * N * D",
    given: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    family: str | None = None,
    over_family: str | None = None,
    paired: bool | None = None,
    level: float = 0.8,
    resamples: int = 1000,
    seed: int = 0,
) -> Speedup:
    """How many times less compute one recipe needs than another for the same loss.

    Each law spends its compute the way that is best by itself: along its own lowest losses on a budget. Of a law of
    one variable that variable is the compute.

    Parameters
    ----------
    fit, over : fit
        Of the recipe, and of that which it is compared with: of `sl.fit`, fit_chinchilla, fit_power_law or fit_kaplan.
        `over` may also name another family of the same fit.
    loss : array_like, optional
        Losses (m,) or one, at which budgets are compared.
    budget : array_like, optional
        Budgets of `fit`, instead: the losses are what its law reaches on them. Without both the lowest loss that
        both laws reach within what was run.
    floor : float, optional
        Hold both laws' floors at this number, and fit the other constants again (with the same penalty). The nearer a
        loss to the floor, the more a speed-up rests on it; recipes that differ in speed alone have one floor.
    cost, given, bounds
        As in `best_split`; variables that have no number in `given` are split.
    family, over_family : str, optional
        Which law of a fit of several families.
    paired : bool, optional
        Whether runs of both are resampled together. By default they are where both tables have the same rows (equal
        variables, in any order), or both fits the same labels in `groups`, as seeds: what is common to both then
        cancels. False resamples each for itself.
    level : float, default 0.8
    resamples, seed : int, default 1000 and 0

    Returns
    -------
    Speedup

    Raises
    ------
    ValueError
        For what is no fit, both of `loss` and `budget`, a floor that a law lacks or that a loss lies below, or
        `paired` where nothing pairs the runs.

    Examples
    --------
    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> C = np.geomspace(1e18, 1e21, 24)
    >>> noise = np.exp(0.002 * np.random.default_rng(1).standard_normal((2, 24)))
    >>> new, old = (pd.DataFrame({"C": C, "loss": (1.8 + A / C**0.15) * z}) for A, z in zip((500, 550), noise))
    >>> found = sl.fit("E + A / C**a", new).speedup(over=sl.fit("E + A / C**a", old), floor=1.8)
    >>> print(f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f}); true {1.1 ** (1 / 0.15):.2f}")
    1.88 (1.81 to 1.94); true 1.89
    """
    if loss is not None and budget is not None:
        raise ValueError("give loss or budget, not both")
    below, above = tails(level)
    given = arguments.mapping("given", given)
    given = {name: arguments.scalar(f"given[{name!r}]", value) for name, value in given.items()}
    floor = None if floor is None else arguments.scalar("floor", floor, non_negative=True)
    resamples = arguments.whole("resamples", resamples, least=2)
    if paired not in (None, True, False):
        raise ValueError(f"paired must be True, False or None; got {paired!r}")
    if isinstance(over, str):
        over, over_family = fit, over
    how = {"cost": cost, "given": given, "bounds": bounds, "floor": floor}
    one = frontier_of(fit, label="fit", family=family, **how)
    other = frontier_of(over, label="over", family=over_family, **how)
    for name in given:
        if name not in (*one.form.variables, *other.form.variables, *read_cost(cost).names):
            raise ValueError(f"given names {name!r}, which neither the laws nor the cost have")
    if loss is budget:
        loss = max(float(side.loss(np.array([side.seen[1]]), side.own)[0]) for side in (one, other))
    asked, target = ("loss", loss) if budget is None else ("budget", budget)
    target = arguments.real(asked, target, positive=True)
    if target.ndim > 1:
        raise ValueError(f"{asked} must be one number or a row of them; got shape {target.shape}")
    drawn, pairing = _resampled(fit.asked, over.asked, one, other, paired, resamples, arguments.seed("seed", seed))
    at, budgets, over_budgets = _budgets(one, other, asked, target.ravel(), one.own, other.own)
    _, *sides = _budgets(one, other, asked, target.ravel(), *drawn)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, ratio = over_budgets / budgets, sides[1] / sides[0]
    # A resample that says nothing might lie beyond either end.
    nothing = np.isnan(ratio)
    low = np.quantile(np.where(nothing, -np.inf, ratio), below, axis=0, method="lower")
    high = np.quantile(np.where(nothing, np.inf, ratio), above, axis=0, method="higher")
    lost = nothing[:, ~np.isnan(value[0])].mean(0).max(initial=0.0)
    unknown = np.isneginf(low)
    for side, spent in ((one, budgets[0]), (other, over_budgets[0])):
        unknown |= (spent > side.seen[1] * _AT) & bool(side.undetermined)

    def shaped(values):
        return values.reshape(target.shape)[()]

    return Speedup(
        value=shaped(value[0]),
        low=shaped(np.where(unknown, np.nan, low)),
        high=shaped(np.where(unknown, np.nan, high)),
        loss=shaped(at[0]),
        budget=shaped(budgets[0]),
        over_budget=shaped(over_budgets[0]),
        level=level,
        pairing=pairing,
        cost=one.cost,
        floors=tuple(float(side.own[side.floor][0]) if side.floor else np.nan for side in (one, other)),
        floor_given=floor is not None,
        caution=_caution(fit.asked, over.asked, one, other, at[0], budgets[0], over_budgets[0], lost),
    )


def _budgets(one, other, asked, target, constants, over_constants):
    """Losses, and what each law needs for them, (S, m) each, for S sets of constants and m targets."""
    sets, count = len(next(iter(constants.values()))), len(target)
    own, others = ({name: np.repeat(z, count) for name, z in part.items()} for part in (constants, over_constants))
    target = np.tile(target, sets)
    if asked == "budget":
        losses, budgets = one.loss(target, own), target
    else:
        losses, budgets = target, one.budget(target, own)
    return tuple(z.reshape(sets, count) for z in (losses, budgets, other.budget(losses, others)))


def _resampled(fit, over, one, other, paired, resamples, seed):
    """Constants of both laws, S sets each, and how runs were resampled, in words."""
    rng = np.random.default_rng(seed)
    members, shared = _pairs(fit, over, one, other)
    if paired and not shared:
        raise ValueError(
            "paired: nothing pairs the runs; give both tables the same rows, or name in groups= of both fits the "
            "column, such as the seed, whose labels they share"
        )
    joint = bool(shared) and paired is not False
    counts = [draw(rng, resamples, strata(one.posed, members[0]))]
    counts.append(counts[0] if joint else draw(rng, resamples, strata(other.posed, members[1])))
    # What is believed of both laws errs alike where their runs do.
    seeds = [seed, seed if joint else seed + 1]
    parts = [
        refit_drawn(side.posed, member, count, own)
        for side, member, count, own in zip((one, other), members, counts, seeds, strict=True)
    ]
    sets = [side.constants(part) for side, part in zip((one, other), parts, strict=True)]
    usable = np.logical_and.reduce([np.isfinite(z) for part in sets for z in part.values()])
    if usable.mean() < 0.5:
        raise ValueError("most resamples have too few different runs to fix both laws: more runs are needed")
    said = f"Runs of both were resampled together: {shared}" if joint else "Runs of each were resampled for themselves"
    return [{name: z[usable] for name, z in part.items()} for part in sets], said


def _pairs(fit, over, one, other):
    """The group of each run of both problems, numbered alike where something pairs them, and what that is."""
    labels = [each.own_groups for each in (fit, over)]
    members = [None if each is None else arguments.labels("groups", each, len(each))[1] for each in labels]
    if fit is over:
        shared = "both laws are of one fit"
    elif all(each is not None for each in labels) and set(labels[0].tolist()) == set(labels[1].tolist()):
        shared = "their groups have the same labels"
    elif all(each is None for each in labels) and (twins := _twins(one, other)) is not None:
        shared, members = "both tables have the same rows", [np.arange(len(twins)), twins]
    else:
        shared = ""
    return [side.posed.member(member) for side, member in zip((one, other), members, strict=True)], shared


def _twins(one, other):
    """Which run of the first each of the other's is, where both tables have the same rows in any order, or None."""
    if one.columns.keys() != other.columns.keys() or one.posed.runs != other.posed.runs:
        return None
    rows = [np.array([side.posed.back(side.columns[name]) for name in one.columns]) for side in (one, other)]
    order = [np.lexsort(each) for each in rows]
    if not np.array_equal(rows[0][:, order[0]], rows[1][:, order[1]]):
        return None
    found = np.empty(one.posed.runs, dtype=int)
    found[order[1]] = order[0]
    return found


def _caution(fit, over, one, other, losses, budgets, over_budgets, lost):
    """What is to be said against speed-ups at `losses` (m,), sentences."""
    said = []
    for name, side, spent in (("this law", one, budgets), ("the other law", other, over_budgets)):
        base = float(side.own[side.floor][0]) if side.floor else -np.inf
        if np.isposinf(spent).any():
            why = f": its floor is {base:.5g}" if losses.min() <= base else f" within {1e12:g} times its largest run"
            said.append(f"{name.capitalize()} never comes to a loss of {losses[np.isposinf(spent)].max():.5g}{why}.")
        past = np.where(np.isfinite(spent), spent, 0.0).max() / side.seen[1]
        short = np.where(spent > 0.0, spent, np.inf).min() / side.seen[0]
        if past > _AT:
            said.append(f"{name.capitalize()} is asked {past:.3g} times beyond its largest run: an extrapolation.")
        if short < 1.0 / _AT:
            said.append(
                f"{name.capitalize()} is asked {1.0 / short:.3g} times below its smallest run: an extrapolation."
            )
        if side.undetermined:
            said.append(f"The runs of {name} do not determine {', '.join(side.undetermined)}.")
    for name, each, side in (("this law", fit, one), ("the other law", over, other)):
        pieces = len(each.residuals) if each.own_groups is None else len(set(each.own_groups.tolist()))
        if pieces < FEW * side.posed.free:
            said.append(
                f"{pieces} runs, or groups of them, for {side.posed.free} constants of {name}: such intervals are "
                "likely too narrow."
            )
        sd = each.stderr.get(side.names[side.floor], np.nan) if side.floor and side.floor_free else np.nan
        near = losses - float(side.own[side.floor][0]) if side.floor else losses
        if (sd > _FLOOR * near[near > 0]).any():
            said.append(
                f"The floor of {name} is known to {sd:.2g}, beside {near[near > 0].min():.2g} between it and the loss: "
                "the speed-up rests on it; give floor= to see how much."
            )
    if lost > _LOST:
        said.append(f"{lost:.1%} of the resamples say nothing: there is no best split, or neither law comes so low.")
    return tuple(said)
