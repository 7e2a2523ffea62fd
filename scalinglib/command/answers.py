"""Answers: what is fitted to a table of N and D, and to one of any form, and what is asked of the law next."""

import shlex

import numpy as np

from ..comparison.trials import trend
from ..reading.doubts import doubts
from .options import ONE_VARIABLE
from .terms import terms
from .text import size

__all__ = ["FormAnswer", "SurfaceAnswer"]


class SurfaceAnswer:
    """The law of N and D of a table; `table` and `notes` are there at once."""

    def __init__(self, options):
        from ..reading import read
        from .options import how_read

        self.options = options
        self.table = read(options.table, named=options.columns, **how_read(options))
        self.notes = list(doubts(self.table))

    def fitted(self):
        """The fit of the library."""
        import scalinglib as sl

        N, D, loss = (self.table.values[name] for name in ("N", "D", "loss"))
        how = {"objective": self.options.objective, "delta": self.options.delta or 1e-3}
        return sl.fit_chinchilla(N, D, loss, groups=self.table.groups, **how)

    def budget_after(self):
        """The budget to plan for next, or None."""
        values = self.table.values
        return self.options.budget or 10.0 * float(6.0 * (values["N"] * values["D"]).max())

    def given_after(self, fit):
        """What that plan has to be told."""
        return ""


class FormAnswer:
    """The law of any form of a table."""

    def __init__(self, options, form):
        from .form_table import read

        self.options = options
        self.table = read(options.table, [form], options)
        self.form, self.words = terms(self.table.forms[0], options)
        self.notes = doubts(self.table) if {"N", "D", "loss"} <= set(self.table.values) else list(self.table.notes)
        if self.form.name == ONE_VARIABLE and trend(self.table.values["x"], self.table.values[self.table.y]) > 0:
            law = "--form 'ceiling - a / x**b' is a law that rises"
            self.notes += [f"{self.table.y} rises with x, and {self.form.formula()} falls: {law}"]
        for name in self.form.constants:
            near = [variable for variable in self.table.values if variable.lower() == name.lower()]
            self.notes += [f"{name} is a constant of the form; the column is {near[0]}"] if near else []

    def fitted(self):
        """The fit of the library."""
        import scalinglib as sl

        table, options = self.table, self.options
        columns = table.values if table.families is None else {**table.values, options.by: np.array(table.families)}
        how = {name: getattr(table, name) for name in ("y", "weights", "noise", "groups")}
        how |= {name: getattr(options, name) for name in ("by", "objective", "space")}
        return sl.fit(self.form, columns, delta=options.delta or "auto", **how, **self.words)

    def budget_after(self):
        """The budget to plan for next, or None."""
        values = self.table.values
        if {"N", "D"} <= set(values):
            return 10.0 * float(6.0 * (values["N"] * values["D"]).max())
        one, *more = self.form.variables
        return None if more or one in ("N", "D") else 10.0 * float(values[one].max())

    def given_after(self, fit):
        """What that plan has to be told."""
        table = self.table
        given = {name: size(np.median(table.values[name])) for name in self.form.variables if name not in ("N", "D")}
        given = {} if len(self.form.variables) == 1 else given
        given |= {} if table.families is None else {self.options.by: fit.given.labels[0]}
        return "".join(f" --given {shlex.quote(f'{name}={value}')}" for name, value in given.items())
