"""Split: how a budget is best spent on the variables of any law, under any cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import arguments
from ..forms import Form, FormError, FormLaw, read_form
from ..forms.grammar import parse
from ..text import brief
from .descent import INFEASIBLE, descend
from .landscape import Landscape

__all__ = ["Split", "best_split", "read_cost"]

_LOW, _HIGH = 1e-9, 1e24  # parameters and tokens, in ones or in billions
_MOST_VARIABLES, _SHOWN = 4, 20


@dataclass(frozen=True, eq=False, kw_only=True)
class Split:
    """The lowest loss on each budget, and what it is spent on.

    Attributes
    ----------
    form : Form
    cost, given : str, dict
        As given.
    budget : float or numpy.ndarray
    value : dict
        Variable -> its best value, in the shape of the budget, after that of the sets of constants where there are
        several. NaN where there is none.
    loss : float or numpy.ndarray
        What the law gives there.
    spent : float or numpy.ndarray
        The cost there: less than the budget where more would not lower the law, or is not within the bounds.
    at_bound : dict
        Variable -> whether it stands on a bound that was given.
    lower_elsewhere : bool or numpy.ndarray
        Whether the law is lower still at an end of the range of 1e-9 to 1e24, where no law means anything: what stands
        here is its best inner minimum.
    reasons : dict
        Why there is no best split -> for how many budgets or sets.
    """

    form: Form = field(repr=False)
    cost: str
    given: Mapping
    budget: float | np.ndarray
    value: Mapping
    loss: float | np.ndarray
    spent: float | np.ndarray
    at_bound: Mapping
    lower_elsewhere: bool | np.ndarray
    reasons: Mapping

    def __repr__(self):
        return brief(self, *self.report().split("\n")[1:2])

    def report(self) -> str:
        """A line a budget, the first twenty."""
        shape = np.shape(self.loss)
        budget = np.broadcast_to(self.budget, shape)
        given = ", ".join(f"{name} = {value:.4g}" for name, value in self.given.items())
        given = f"; given {given}" if given else ""
        lines = [f"lowest {self.form.formula()} with {self.cost} at most the budget{given}"]
        for place in list(np.ndindex(shape))[:_SHOWN]:
            parts = [f"{name} = {np.asarray(value)[place]:.4g}" for name, value in self.value.items()]
            line = f"budget {budget[place]:.4g}: {', '.join(parts)}, loss {np.asarray(self.loss)[place]:.5g}"
            held = [name for name, on in self.at_bound.items() if np.asarray(on)[place]]
            line += f"; {' and '.join(held)} on {'a bound' if len(held) == 1 else 'bounds'}" if held else ""
            spent = np.asarray(self.spent)[place]
            lines.append(line + (f"; {spent:.4g} of it spent" if spent < budget[place] * (1 - 1e-6) else ""))
        if np.size(self.loss) > _SHOWN:
            lines.append(f"and {np.size(self.loss) - _SHOWN} more")
        if np.any(self.lower_elsewhere):
            lines.append(
                f"inner minimum for {np.sum(self.lower_elsewhere)}: the law falls lower still far outside of any runs"
            )
        return "\n".join([*lines, *(f"none for {count}: {reason}" for reason, count in self.reasons.items())])


def best_split(
    law: FormLaw | Form | str,
    budget: float | np.ndarray,
    *,
    cost: str = "6 * N * D",
    over: Sequence[str] = ("N", "D"),
    given: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    constants: Mapping[str, np.ndarray] | None = None,
    paired: bool = False,
) -> Split:
    """The values of some variables at which a law is lowest, where a cost may not be above a budget.

    Floor + A / N**alpha + B / D**beta under a cost k N**p D**q is solved in closed form. All else starts from the
    lowest points of a grid in the logarithms of the variables and goes on by exact derivatives to the last digits.

    Parameters
    ----------
    law : FormLaw, Form or str
        A law, or with `constants` a form, its name or text.
    budget : array_like
        Above zero, any shape, in the unit of the cost.
    cost : str
        A text as ``"6 * N * D + 2 * N * D_inf"``, of the variables in `over` and names in `given`; it must rise with
        one of those in `over` at least.
    over : sequence of str
        One to four variables of the law: above zero, and not kept to whole numbers.
    given : dict, optional
        Numbers for the other variables of the law and names of the cost: ``{"U": 1e11, "D_inf": 1e13}``.
    bounds : dict, optional
        Variable -> (lowest, highest); a cap on tokens is ``{"D": (0, 1e12)}``. Without them answers are looked for
        from 1e-9 to 1e24; one at such an end is none, and inner lowest points come before it.
    constants : dict, optional
        Constant -> number or array (S,): S laws are solved together.
    paired : bool, default False
        Whether each set of constants has a budget of its own: `budget` is then (S,), and so is what comes back.

    Returns
    -------
    Split

    Raises
    ------
    FormError
        For a cost that cannot be read.
    ValueError
        For names that are unknown or without a number, or where one law has no best split on any of the budgets; the
        message says why.

    Examples
    --------
    >>> import scalinglib as sl
    >>> law = sl.forms["chinchilla"].law("Besiroglu et al. 2024")
    >>> best = sl.allocation.best_split(law, 1e24, cost="6 * N * D + 2 * N * D_inf", given={"D_inf": 1e13})
    >>> print(best.report())
    lowest E + A / N**alpha + B / D**beta with 6 * N * D + 2 * N * D_inf at most the budget; given D_inf = 1e+13
    budget 1e+24: N = 2.515e+10, D = 3.294e+12, loss 1.9885
    >>> sl.allocation.best_split(law, 1e24, bounds={"D": (0, 1e12)}).at_bound
    {'N': False, 'D': True}
    """
    if isinstance(law, FormLaw):
        if constants is not None:
            raise ValueError("constants go with a form; this law has its own")
        law, constants = law.form, law.constants
    form, priced = read_form(law), read_cost(cost)
    if not isinstance(over, Iterable):
        raise ValueError(f"over must be names of variables, as ('N', 'D'); got {over!r}")
    over, given = (over,) if isinstance(over, str) else tuple(over), arguments.mapping("given", given)
    given = {name: arguments.scalar(f"given[{name!r}]", value) for name, value in given.items()}
    form = form.over((*over, *given))
    _check_names(form, priced, over, given)
    theta, sets = _read_constants(form, constants)
    budget = arguments.real("budget", budget, positive=True)
    if paired and budget.shape != (sets,):
        raise ValueError(f"paired wants a budget for each of the sets of constants; got shape {budget.shape}")
    low, high, mine = _read_bounds(over, bounds)
    with np.errstate(all="ignore"):  # beyond where the law means something it gives no number
        land = Landscape(form, priced, over, given, low, high)
        if land.pivot < 0:
            raise ValueError(f"cost must rise with one of {', '.join(over)}, whatever the others are; got {cost!r}")
        level = np.log(budget).reshape((sets, 1) if paired else (1, -1))
        ends = np.zeros((sets or 1, level.shape[1]), dtype=int)
        u, lower, closed = np.full((*ends.shape, len(over)), np.nan), ends > 0, land.closed(theta, level)
        if closed is not None:
            u[...] = closed
        rest = np.flatnonzero(np.isnan(u).any((1, 2)))
        if rest.size:
            part = {name: value[rest] if np.ndim(value) else value for name, value in theta.items()}
            u[rest], lower[rest], ends[rest] = descend(land, part, level[rest] if paired else level, mine)
        u = np.where(ends[..., None] == 0, u, np.nan)
        loss = np.where(ends == 0, land.value(u, theta), np.nan)
        spent, x = np.exp(land.cost(u)), np.exp(u)
        on = (np.abs(u - low) < 1e-9) | (np.abs(u - high) < 1e-9)
    reasons = {_reason(over, end, cost, low, high): int((ends == end).sum()) for end in np.unique(ends[ends != 0])}
    if (ends != 0).all() and not sets:
        raise ValueError(f"there is no best split: {'; '.join(reasons)}")
    shape = budget.shape if paired else ((sets,) if sets else ()) + budget.shape

    def shaped(values):
        return values.reshape(shape) if shape else values.item()

    return Split(
        form=form,
        cost=cost,
        given=given,
        budget=budget[()],
        value={name: shaped(x[..., place]) for place, name in enumerate(over)},
        loss=shaped(loss),
        spent=shaped(spent),
        at_bound={name: shaped(on[..., place]) for place, name in enumerate(over)},
        lower_elsewhere=shaped(lower),
        reasons=reasons,
    )


def read_cost(cost, known=None):
    """The Form of a cost; FormError that calls it so, and ValueError for a name that is not `known`."""
    try:
        parse(cost)
    except FormError as error:
        raise FormError(str(error).replace("form", "cost", 1)) from None
    priced = Form(cost)
    unknown = [] if known is None else [name for name in priced.names if name not in known]
    if unknown:
        raise ValueError(f"cost has {', '.join(unknown)}, which no law has: give a number in given=")
    return priced


def _check_names(form, priced, over, given):
    """Refuse names that nothing says how to read."""
    if not over or len(set(over)) < len(over) or len(over) > _MOST_VARIABLES:
        raise ValueError(f"over must name one to {_MOST_VARIABLES} different variables; got {over!r}")
    for name in over:
        if name not in form.variables:
            raise ValueError(f"over names {name!r}; variables of the law are {', '.join(form.variables)}")
        if name in given:
            raise ValueError(f"{name!r} stands in over and in given: it either moves or has a number")
    if not set(over) & set(priced.names):
        raise ValueError(f"cost must depend on {' or '.join(over)}; got {priced.text!r}")
    for name in given:
        if name in form.constants:
            raise ValueError(f"given names {name!r}, which is a constant of the law")
        if name not in form.variables and name not in priced.names:
            raise ValueError(f"given names {name!r}, which neither the law nor the cost has")
    for what, names in (("cost", priced.names), ("the law", form.variables)):
        missing = [name for name in names if name not in over and name not in given]
        if missing:
            raise ValueError(f"{what} has {', '.join(missing)}, which are not in over {over!r}: give numbers in given=")


def _read_constants(form, constants):
    """Constant -> (S, 1) or a number, and S; None without arrays."""
    arguments_given = constants or {}
    for name in arguments_given:
        if name not in form.constants:
            raise ValueError(f"constants names {name!r}; the law has {', '.join(form.constants)}")
    missing = [name for name in form.constants if name not in arguments_given]
    if missing:
        raise ValueError(f"constants must have {', '.join(missing)}: a form has no numbers of its own")
    theta, sets = {}, set()
    for name, value in arguments_given.items():
        value = arguments.real(f"constants[{name!r}]", value)
        if value.ndim > 1:
            raise ValueError(f"constants[{name!r}] must be a number or one-dimensional; got shape {value.shape}")
        sets |= {value.size} if value.ndim else set()
        theta[name] = value[:, None] if value.ndim else float(value)
    if len(sets) > 1:
        raise ValueError(f"constants must have one entry a set each; got lengths {sorted(sets)}")
    return theta, sets.pop() if sets else None


def _read_bounds(over, bounds):
    """Lower and upper ends of the logarithms, (k,) each, and which of them somebody gave, (k, 2)."""
    low, high = np.full(len(over), np.log(_LOW)), np.full(len(over), np.log(_HIGH))
    mine = np.zeros((len(over), 2), dtype=bool)
    for name, pair in arguments.mapping("bounds", bounds, "variables and their (lowest, highest)").items():
        if name not in over:
            raise ValueError(f"bounds names {name!r}; over has {', '.join(over)}")
        given, pair = pair, arguments.pair(f"bounds of {name}", pair)
        if not 0 <= pair[0] < pair[1]:
            raise ValueError(f"bounds of {name} must be (lowest, highest), not negative; got {given!r}")
        place = over.index(name)
        mine[place] = True, pair[1] < np.inf
        high[place] = np.log(min(pair[1], max(_HIGH, 1e9 * pair[0])) if not mine[place, 1] else pair[1])
        low[place] = np.log(pair[0] if pair[0] > 0 else min(_LOW, 1e-9 * np.exp(high[place])))
    return low, high, mine


def _reason(over, end, cost, low, high):
    if end == INFEASIBLE:
        return f"nothing within the bounds costs as little by {cost}, or the law is no number there"
    if end < 0:
        return "the law is flat there and does not tell one split from another"
    place, upper = divmod(end - 1, 2)
    bound = np.exp((high if upper else low)[place])
    way = "up" if upper else "down"
    return f"the law falls as {over[place]} goes {way} to {bound:.3g}, where the search ends: give bounds"
