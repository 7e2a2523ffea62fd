"""Families: a law for each, and how sure a difference between them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import arguments
from ..forms import Form, FormLaw
from ..forms.form import called_with
from ..text import brief

__all__ = ["Difference", "FamilyLaw", "difference"]


@dataclass(frozen=True, eq=False)
class FamilyLaw:
    """A law a family, called with the variables and the family's label under the name of its column."""

    by: str
    laws: Mapping[str, FormLaw]

    def __repr__(self):
        return brief(self, *self.formula(digits=4).split("\n"))

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of what it is called with, the family's last."""
        return (*next(iter(self.laws.values())).variables, self.by)

    @property
    def form(self) -> Form:
        """The form of all of them."""
        return next(iter(self.laws.values())).form

    def called(self, values: Sequence, named: Mapping) -> dict:
        """Variable, and the families' column, -> what the law is called with; ``family`` names that column, too."""
        if "family" in named and self.by not in named:
            named = {self.by if name == "family" else name: value for name, value in named.items()}
        if not values and self.by not in named:
            raise TypeError(f"this law takes {', '.join(self.variables)}; {self.by} says which family")
        return called_with(self.variables, values, named, ordered=False, columns=self.form.columns)

    def __call__(self, *values: ArrayLike, **named: ArrayLike) -> np.ndarray:
        """The law at its variables (broadcast), each of its own family, given by name or as a table."""
        given = self.called(values, named)
        labels = np.asarray(given.pop(self.by)).astype(str)
        for label in np.unique(labels):
            if label not in self.laws:
                raise arguments.unknown_name(f"family of {self.by}", str(label), self.laws)
        columns = {name: arguments.real(name, value) for name, value in given.items()}
        arguments.together(**columns, **{self.by: labels})
        *parts, labels = np.broadcast_arrays(*columns.values(), labels)
        found = np.empty(labels.shape)
        for label, law in self.laws.items():
            own = labels == label
            if own.any():
                found[own] = law(**{name: part[own] for name, part in zip(columns, parts, strict=True)})
        return found[()]

    def formula(self, style: str = "text", digits: int = 6) -> str:
        """The law of each family with its numbers, a line each."""
        return "\n".join(f"{label}: {law.formula(style, digits)}" for label, law in self.laws.items())

    def report(self) -> str:
        """The formulas."""
        return self.formula()


@dataclass(frozen=True, eq=False)
class Difference:
    """Differences of a constant between families.

    Attributes
    ----------
    name : str
    table : pandas.DataFrame
        A row a pair: ``first``, ``second``, ``difference`` (of the second from the first), ``stderr``, ``low``,
        ``high``, ``p``.
    level : float
    p : float
        Of no difference between any, by a Wald test: of two families, that of their difference.
    """

    name: str
    table: object
    level: float
    p: float

    def __repr__(self):
        return brief(self, self.report().split("\n")[0])

    @property
    def value(self) -> float:
        """The difference of the first pair."""
        return float(self.table.difference[0])

    @property
    def low(self) -> float:
        """Lower end of its interval."""
        return float(self.table.low[0])

    @property
    def high(self) -> float:
        """Upper end of its interval."""
        return float(self.table.high[0])

    def report(self) -> str:
        """A line a pair."""
        lines = [
            f"{self.name}: {row.second} - {row.first} = {row.difference:.4g} +- {row.stderr:.2g} "
            f"({self.level:.0%}: {row.low:.4g} to {row.high:.4g}), p = {row.p:.2g}"
            for row in self.table.itertuples()
        ]
        if len(lines) > 1:
            lines.append(f"all alike: p = {self.p:.2g}")
        return "\n".join(lines)


def difference(fit, name, level):
    """The Difference of constant `name` between the families of a FormFit."""
    import pandas
    from scipy.stats import chi2, f, t

    labels = fit.given.labels
    if len(labels) < 2:
        raise ValueError("differs is about families: fit with by=, a column that says which family a run belongs to")
    if name not in fit.form.constants or name in fit.fixed or name in fit.shared:
        open_ = [one for one in fit.form.constants if one not in fit.fixed and one not in fit.shared]
        raise ValueError(f"name must be a constant that families have of their own, {', '.join(open_)}; got {name!r}")
    level = arguments.share("level", level)
    names = fit.problem.coordinates.names
    places = [names.index(f"{name}[{label}]") for label in labels]
    values = np.array([fit.constants[names[place]] for place in places])
    root = fit.constant_root
    spare = fit.spare
    if spare < 1:
        raise ValueError("no runs are left over the constants: nothing says how far off they are")
    reach = float(t.ppf(0.5 + 0.5 * level, spare))
    rows = []
    for i in range(len(labels)):
        for k in range(i + 1, len(labels)):
            apart = values[k] - values[i]
            sd = float(np.linalg.norm(root[places[k]] - root[places[i]]))
            rows.append(
                {
                    "first": labels[i],
                    "second": labels[k],
                    "difference": apart,
                    "stderr": sd,
                    "low": apart - reach * sd,
                    "high": apart + reach * sd,
                    "p": float(2.0 * t.sf(abs(apart) / sd, spare)),
                }
            )
    contrast = root[places[1:]] - root[places[0]]
    apart = values[1:] - values[0]
    wald = float(apart @ np.linalg.pinv(contrast @ contrast.T) @ apart)
    p = chi2.sf(wald, len(apart)) if np.isinf(spare) else f.sf(wald / len(apart), len(apart), spare)
    return Difference(name, pandas.DataFrame(rows), level, float(p))
