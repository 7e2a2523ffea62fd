"""Suggestions: which runs to buy next, so that a law foretells best what is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..fitting.form_at import FormAt
from ..fitting.form_fit import FormFit
from ..forms import Form, FormError, read_form
from ..text import brief
from ..uncertainty.scatter import scatter_of
from .shares import Model, whole_runs

__all__ = ["Suggestion", "suggest_runs"]

_DRAWS = 8  # sets of constants that the runs so far allow, beside the fit's own
_SMOOTH, _FORM = 1e-3, 1e-4  # runs' worth of what is known before, a direction: enough that nothing is singular
_FAR = 1e4  # a set of constants under which the target moves so many times more than the runs says nothing of it
_SHOWN = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class Suggestion:
    """Runs to buy.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (k,)
        Positions in the table of candidates, the most telling first.
    price : numpy.ndarray, shape (k,)
        What each costs.
    budget : float
    chosen : dict
        Variable -> its values in these runs, (k,).
    by : str
        What chose them: "smooth surface" for a form without a fit, "fit" for a fit.
    sd_before, sd_after : float
        Root mean square, over the targets, of the standard error of the law there: with the runs of the fit, and with
        these runs as well; in the unit of the residuals. NaN without a fit.
    open : tuple of str
        Constants that the fit's own runs leave open.
    runs, constants : int
        Runs that the fit has already, and constants that it has to find.
    """

    rows: np.ndarray
    price: np.ndarray
    budget: float
    chosen: Mapping[str, np.ndarray]
    by: str
    sd_before: float
    sd_after: float
    open: tuple
    runs: int
    constants: int

    def __repr__(self):
        return brief(self, self.report().split("\n")[0])

    @property
    def spent(self) -> float:
        """What they cost together."""
        return float(self.price.sum())

    def report(self) -> str:
        """What to buy, what it costs and what it is expected to bring."""
        lines = [f"buy {len(self.rows)} runs for {self.spent:.4g}, {self.spent / self.budget:.0%} of the budget"]
        if self.by == "fit":
            lines.append(
                f"standard error of the law at the target, linearised: {self.sd_before:.3g} now, {self.sd_after:.3g} "
                "with them, if the form is right"
            )
            if self.open:
                lines.append(f"the fit leaves {', '.join(self.open)} open: the first of these two is too small")
        else:
            lines.append("chosen by a smooth surface, as no fit says yet what the law is like: fit, and ask again")
        if self.runs + len(self.rows) < self.constants + 2:
            lines.append(
                f"{self.runs + len(self.rows)} runs in all for {self.constants} constants: too few to fit the form and "
                "see an error. Raise the budget, or offer cheaper candidates"
            )
        head = [f"{'row':>7}{'price':>12}", *(f"{name:>12}" for name in self.chosen)]
        lines.append("".join(head))
        for k in range(min(len(self.rows), _SHOWN)):
            values = "".join(f"{column[k]:>12.4g}" for column in self.chosen.values())
            lines.append(f"{self.rows[k]:>7}{self.price[k]:>12.4g}{values}")
        if len(self.rows) > _SHOWN:
            lines.append(f"and {len(self.rows) - _SHOWN} more")
        return "\n".join(lines)


def suggest_runs(
    fit: FormFit | Form | str,
    candidates: Mapping,
    *,
    budget: float,
    target: Mapping,
    price: str | ArrayLike = "6 * N * D",
    most: float = 0.1,
    seed: int = 0,
) -> Suggestion:
    """Choose runs for a budget so that the law is known best at a target.

    With a fit, the variance of the law at the target is lowered, on average over sets of constants that the runs so far
    allow and not only at the best one; with it goes that of a quadratic surface in the logarithms of the variables, so
    that a form which is not quite right does not choose alone. Without a fit that surface chooses alone. Each
    candidate is bought once at most; errors of runs are taken as independent, and alike
    in the residuals of the fit, or as its `noise` or `weights` say.

    Parameters
    ----------
    fit : FormFit, Form or str
        What `sl.fit` gave, of one family; or before there are runs a form, its name or its text.
    candidates : pandas.DataFrame or mapping of columns
        Runs that could be bought, a row each, with the variables of the form. Leave out what was bought.
    budget : float
        In the unit of the price.
    target : mapping of columns or numbers
        Variable -> where the law is wanted, one point or several.
    price : str or array_like
        A text of columns of the candidates, as ``"6 * N * D"``, or numbers above zero.
    most : float, default 0.1
        Largest share of the budget that one run may take: a plan that hangs on one dear run hangs on its error.
    seed : int, default 0
        Of the sets of constants.

    Returns
    -------
    Suggestion

    Raises
    ------
    FormError
        For a form or a price that cannot be read.
    ValueError
        For columns that are missing or hold no numbers, or a budget that no candidate fits.

    Examples
    --------
    Buy, fit, ask again:

    >>> import numpy as np, pandas as pd, scalinglib as sl
    >>> N, D = (z.ravel() for z in np.meshgrid(np.geomspace(1e7, 1e9, 9), np.geomspace(1e9, 1e11, 9)))
    >>> truth, noise = sl.published["besiroglu2024"], np.random.default_rng(0).normal(0, 0.003, N.size)
    >>> pool = pd.DataFrame({"N": N, "D": D, "loss": truth(N, D) * np.exp(noise)})
    >>> target = {"N": 1e10, "D": 1e12}
    >>> first = sl.suggest_runs("chinchilla", pool, budget=4e19, target=target)
    >>> bought = pool.iloc[first.rows]
    >>> fit = sl.fit("chinchilla", bought)
    >>> more = sl.suggest_runs(fit, pool.drop(bought.index), budget=8e19, target=target)
    >>> more.sd_after < more.sd_before
    True
    """
    form = fit.form if isinstance(fit, FormFit) else read_form(fit)
    if isinstance(fit, FormFit) and fit.given.labels:
        raise ValueError("fit has several families: fit the one that is to foretell, and suggest runs for it")
    names = arguments.names_of("candidates", candidates)
    form = form.over(names)
    pool = _columns("candidates", candidates, names, form.variables, form.columns)
    wanted = _columns("target", target, arguments.names_of("target", target), form.variables, form.columns)
    budget = arguments.scalar("budget", budget, positive=True)
    price = _price(price, candidates, names, len(next(iter(pool.values()))))
    most = arguments.scalar("most", most, positive=True)
    arguments.refuse("most", np.asarray(most), most > 1.0, "a share above zero, up to 1")
    open_ = np.flatnonzero(price <= most * budget)
    if not len(open_):
        share = f"{most:.0%} of " if most < 1.0 else ""
        raise ValueError(
            f"{share}budget {budget:.4g} buys no candidate: the cheapest costs {price.min():.4g}"
            + ("; most= allows a run a larger share" if price.min() <= budget else "")
        )
    have = fit.given.columns if isinstance(fit, FormFit) else {name: column[:0] for name, column in pool.items()}
    own = _opinions(fit, pool, wanted, seed) if isinstance(fit, FormFit) else []
    models = [_surface(pool, wanted, have), *own]
    offered = [replace(model, rows=model.rows[open_]) for model in models]
    rows = open_[whole_runs(offered, price[open_], budget)]
    spread = [np.nan, np.nan]
    if own:
        bought = np.isin(np.arange(len(price)), rows).astype(float)
        spread = [_scatter(fit) * own[0].variance(own[0].information(share)) ** 0.5 for share in (0.0 * bought, bought)]
    return Suggestion(
        rows=rows,
        price=price[rows],
        budget=budget,
        chosen={name: column[rows] for name, column in pool.items()},
        by="fit" if own else "smooth surface",
        sd_before=spread[0],
        sd_after=spread[1],
        open=fit.undetermined if own else (),
        runs=len(next(iter(have.values()))),
        constants=int(fit.covariance.free.sum()) if isinstance(fit, FormFit) else len(form.constants),
    )


def _columns(label, table, names, variables, columns):
    """The variables' columns of a table, checked; `columns` has other names of them, which go first."""
    place = {name: column if (column := columns.get(name)) in names else name for name in variables}
    missing = [column for column in place.values() if column not in names]
    if missing:
        raise ValueError(f"{label} has no {', '.join(map(repr, missing))}; it has {', '.join(map(repr, names[:12]))}")
    found = {f"{label}[{name!r}]": arguments.column_of(label, table, name) for name in place.values()}
    found = {name: np.atleast_1d(arguments.real(name, column)) for name, column in found.items()}
    if label == "target":
        arguments.together(**found)
        found = dict(zip(found, np.broadcast_arrays(*found.values()), strict=True))
    return dict(zip(place, arguments.columns(positive=False, **found), strict=True))


def _price(price, candidates, names, count):
    """What each candidate costs, (n,)."""
    if isinstance(price, str):
        try:
            read, wanted = Form(price), Form(price).names
        except FormError as error:
            raise FormError(str(error).replace("form", "price", 1)) from None
        numbers = _columns("candidates", candidates, names, wanted, {})
        found = np.broadcast_to(read.values(numbers), (count,))
        return arguments.real("price", found, positive=True)
    found = arguments.column("price", price, positive=True)
    if len(found) != count:
        raise ValueError(f"price must have one entry a candidate, {count}; got {len(found)}")
    return found


def _surface(pool, wanted, have):
    """The Model of a quadratic surface in the variables, in their logarithms where they are above zero."""
    parts = ([], [], [])
    for name, column in pool.items():
        tables = column, wanted[name], have[name]
        if all((values > 0).all() for values in tables):
            tables = tuple(map(np.log, tables))
        middle, width = tables[0].mean(), tables[0].std() or 1.0
        for part, values in zip(parts, tables, strict=True):
            part.append((values - middle) / width)
    rows, goal, known = (_quadratic(np.array(part).T) for part in parts)
    return Model(rows, goal, _SMOOTH * np.eye(rows.shape[1]) + known.T @ known)


def _quadratic(x):
    """One, the variables (n, k), and their products in pairs."""
    n, k = x.shape
    pairs = [x[:, i] * x[:, j] for i in range(k) for j in range(i, k)]
    return np.stack([np.ones(n), *x.T, *pairs], axis=1)


def _opinions(fit, pool, wanted, seed):
    """Models of the form at the fit's constants and at others that its runs allow; none where they say nothing."""
    rng = np.random.default_rng(arguments.seed("seed", seed))
    root, problem = fit.covariance.root, fit.problem
    # Linearised errors of more than a factor e are not to be believed, nor needed here.
    steps = np.clip(rng.standard_normal((_DRAWS, root.shape[1])) @ root.T, -1.0, 1.0)
    theta = np.clip(fit.theta + np.vstack([np.zeros(len(fit.theta)), steps]), problem.lower, problem.upper)
    known = np.zeros((len(theta[0]), len(theta[0])))
    if problem.prior is not None:
        rows = fit.turn[problem.prior.places] * (_scatter(fit) / problem.prior.sd)[:, None]
        known = rows.T @ rows
    found = []
    sd, have_sd, _ = _sds(fit, pool)
    tables = [_slopes(fit, *each, theta) for each in ((pool, sd), (wanted, 1.0), (fit.given.columns, have_sd))]
    for rows, goal, have in zip(*tables, strict=True):
        with np.errstate(all="ignore"):
            size = np.sqrt((np.concatenate([rows, have]) ** 2).mean(0))
            size = np.where(size > 0, size, 1.0)
            rows, goal, have = rows / size, goal / size, have / size
        if np.isfinite(rows).all() and np.isfinite(have).all() and (np.abs(goal) < _FAR).all():
            before = known / size / size[:, None] + _FORM * np.eye(len(size))
            found.append(Model(rows, goal, before + have.T @ have))
    return [replace(one, weight=1.0 / len(found)) for one in found]


def _sds(fit, pool):
    """How noisy candidates, and the runs of the fit, are beside each other by its `noise` or `weights`, and the unit.

    A candidate is as noisy as runs of the fit for which the law predicts as much.
    """
    problem = fit.problem
    own, met = np.broadcast_to(problem.sd, problem.runs), problem.values(fit.theta[None])[0] + problem.lift
    trend = scatter_of(own, met, known=True)
    unit = float(np.sqrt(np.mean((own / trend.at(met)) ** 2)))
    return trend.at(fit.law(**pool) + problem.lift), own / unit, unit


def _slopes(fit, columns, sd, theta):
    """How what residuals compare, over its sd, moves with the engine's constants (S, P), at runs (n,): (S, n, P)."""
    count, sets = len(next(iter(columns.values()))), len(theta)
    with np.errstate(all="ignore"):
        value, slope, _ = FormAt(fit, columns)(np.repeat(theta, count, axis=0), np.tile(np.arange(count), sets))
        slope = slope if fit.space == "linear" else slope / (value + fit.problem.lift)[:, None]
    return slope.reshape(sets, count, -1) / np.broadcast_to(sd, count)[:, None]


def _scatter(fit):
    """Standard deviation of a run's residual, by its noise where that is known."""
    unit = _sds(fit, fit.given.columns)[2]
    if fit.given.noise is not None:
        return unit
    residuals = fit.problem.residuals(fit.theta[None])[0]
    spare = max(len(residuals) - int(fit.covariance.free.sum()), 1)
    return unit * float(np.sqrt((residuals**2).sum() / spare))
