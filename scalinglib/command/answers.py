"""Answers: what a fit of runs of N and D, and one of any form, have of their own to say."""

import shlex

import numpy as np

from ..audit.distance import of_budget
from ..comparison.trials import trend
from ..laws.chinchilla import CONSTANTS
from ..reading.doubts import doubts
from .options import ONE_VARIABLE
from .quantities import as_rows, optimum
from .terms import terms
from .text import size

__all__ = ["FormAnswer", "SurfaceAnswer"]


class Answer:
    """What both say: `table` and `notes` are there at once, `fit`, `sample` and `method` once they are found."""

    sample, method = None, ""

    def strays(self):
        """A sentence on the runs that lie far off the law, if there are any."""
        lines = self.table.lines
        return list(filter(None, [self.fit.strays().sentence(lambda row: f"line {lines[row]}")]))

    def reach(self):
        """Where the budget lies to the runs in words, a warning, and why it is not to be trusted; or nothing."""
        return "", "", ""

    def plans(self):
        """A sentence and rows for the budget that was asked about, if one was."""
        return []


class SurfaceAnswer(Answer):
    """The law of N and D of a table."""

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

    def constants(self):
        """Name -> value, as printed."""
        return {name: getattr(self.fit.law, name) for name in CONSTANTS} | {"a": self.fit.law.allocation_exponents[0]}

    def law(self):
        """The law in a line."""
        return self.fit.law.report().split("\n")[0]

    def figure(self):
        """The picture."""
        from ..plots import runs_and_frontier

        options = self.options
        how = {"budget": options.budget, "level": options.level, "loss_unit": self.table.loss_unit}
        return runs_and_frontier(self.fit, bootstrap=self.sample, **how)

    def audit(self):
        """What the runs can and cannot say, and the lines of the file that its rows stand on."""
        audit, table = self.fit.audit(budget=self.options.budget), self.table
        said = [audit.report()]
        if table.groups is not None:
            # the audit names groups, and they are the labels of the table
            return [*said, *self.strays()]
        offset = table.lines - np.arange(len(table))
        if audit.deciding and (offset == offset[0]).all():
            said.append(f"Rows are counted from 0: row r is line r + {offset[0]} of {table.name}.")
        elif audit.deciding:
            alone = audit.influence["change_log_N_opt"].abs()
            rows = dict.fromkeys([*([alone.idxmax()] if alone.notna().any() else []), *audit.deciding])
            lines = ", ".join(f"row {row} is line {table.lines[row]}" for row in rows)
            said.append(f"Rows are counted from 0 among those used; in {table.name} {lines}.")
        return [*said, *self.strays()]

    def spoken(self):
        """The lines of the audit that are printed."""
        return "\n".join(self.audit()).split("\n")

    def reach(self):
        if self.options.budget is None:
            return "", "", ""
        C = 6.0 * self.fit.N * self.fit.D
        return of_budget(self.options.budget, (C.min(), C.max()), intervals=self.sample is not None)

    def plans(self):
        budget, level = self.options.budget, self.options.level
        if budget is None:
            return []
        where, _, too_far = self.reach()
        doubt = " (too far to rely on)" if too_far else ""
        rows = as_rows(optimum(self.fit.law, self.sample, budget, level), level)
        return [(f"At C = {size(budget)} FLOP, {where}{doubt}:", rows)]

    def budget_after(self):
        """The budget to plan for next, or None."""
        return self.options.budget or 10.0 * float(6.0 * (self.fit.N * self.fit.D).max())

    def given_after(self):
        """What that plan has to be told."""
        return ""


class FormAnswer(Answer):
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
        import scalinglib as sl

        table, options = self.table, self.options
        columns = table.values if table.families is None else {**table.values, options.by: np.array(table.families)}
        how = {name: getattr(table, name) for name in ("y", "weights", "noise", "groups")}
        how |= {name: getattr(options, name) for name in ("by", "objective", "space")}
        return sl.fit(self.form, columns, delta=options.delta or "auto", **how, **self.words)

    def constants(self):
        return self.fit.constants

    def law(self):
        return self.fit.form.formula(gives=self.table.y)

    def figure(self):
        from ..plots import measured_and_fitted

        return measured_and_fitted(self.fit)

    def audit(self):
        caution = self.fit.caution
        return [f"{caution}." if caution else "The runs determine every constant.", *self.strays()]

    def spoken(self):
        return self.strays()  # the report has the rest

    def budget_after(self):
        values = self.table.values
        if {"N", "D"} <= set(values):
            return 10.0 * float(6.0 * (values["N"] * values["D"]).max())
        one, *more = self.form.variables
        return None if more or one in ("N", "D") else 10.0 * float(values[one].max())

    def given_after(self):
        table = self.table
        given = {name: size(np.median(table.values[name])) for name in self.form.variables if name not in ("N", "D")}
        given = {} if len(self.form.variables) == 1 else given
        given |= {} if table.families is None else {self.options.by: self.fit.given.labels[0]}
        return "".join(f" --given {shlex.quote(f'{name}={value}')}" for name, value in given.items())
