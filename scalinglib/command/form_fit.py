"""Form fit: from a table of runs to a law of any form, its intervals, a picture and a page."""

import math
import shlex
import sys
import warnings

import numpy as np

from .fit import FILES, default_folder, reasons_against, resampled, strays, told
from .folder import Folder
from .form_table import read
from .terms import as_form, terms
from .text import align, fitted, size

__all__ = ["run"]

_FAMILIAR = {"N", "D", "loss"}


def run(options):
    """Do what ``fit --form`` asks and return the exit code."""
    import scalinglib as sl

    if options.budget is not None:
        raise ValueError("--budget goes without --form; of another law ask afterwards: plan law.json FLOP")
    form = as_form(options.form)
    folder = Folder(options.out or default_folder(options.table), FILES, force=options.force)
    table = read(options.table, [form], options)
    form, words = terms(table.forms[0], options)
    columns = table.values if table.families is None else {**table.values, options.by: np.array(table.families)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sl.fit(
            form,
            columns,
            y=table.y,
            weights=table.weights,
            noise=table.noise,
            groups=table.groups,
            by=options.by,
            objective=options.objective,
            space=options.space,
            delta=options.delta or "auto",
            **words,
        )
        sample, method = resampled(fit, table, options)
    notes = list(_notes(table, form))
    for note in notes:
        print(f"scalinglib: note: {note}", file=sys.stderr)
    told(caught)
    reasons = reasons_against(fit, sample)
    written = folder.write(_contents(fit, table, sample, method, notes, reasons, options))
    parts = [table.report(), fit.report(), *_strays(fit, table)]
    if sample is not None:
        rows = constants(fit, sample, options.level)
        parts += [f"{options.level:.0%} intervals, {method}:\n{align(rows)}", *filter(None, [sample.caution])]
    print(fitted("\n\n".join(parts)))
    print()
    for path in written:
        print(f"wrote {path}")
    if reasons:
        print(f"scalinglib: not to be trusted: {'; '.join(reasons)}", file=sys.stderr)
        return 1
    if {"N", "D"} <= set(table.values):
        largest = float(6.0 * (table.values["N"] * table.values["D"]).max())
        given = {name: size(np.median(table.values[name])) for name in form.variables if name not in ("N", "D")}
        given |= {} if table.families is None else {options.by: fit.given.labels[0]}
        more = "".join(f" --given {shlex.quote(f'{name}={value}')}" for name, value in given.items())
        print(f"next: python -m scalinglib plan {written[-1]} {size(10 * largest)}{more}")
    return 0


def _notes(table, form):
    """What a reader should weigh before the numbers."""
    from .doubts import doubts

    if _FAMILIAR <= set(table.values):
        yield from doubts(table)
    for name in form.constants:
        near = [variable for variable in table.values if variable.lower() == name.lower()]
        if near:
            yield f"{name} is a constant of the form; the column is {near[0]}"


def constants(fit, sample, level):
    """Rows (name, value, low, high) as text, with a header row; without resamples (name, value, +-)."""
    if sample is None:
        rows = [("constant", "value", "+-")]
    else:
        rows, ends = [("constant", "value", f"{level:.0%} from", "to")], sample.interval(level)
    for name, value in fit.constants.items():
        error = fit.stderr[name]
        if name in fit.fixed:
            said = ("fixed",)
        elif name in fit.undetermined:
            said = ("not determined",)
        elif sample is None:
            said = (f"{error:.3g}" if math.isfinite(error) else "",)
        else:
            said = tuple(f"{end:.4g}" for end in ends[name])
        rows.append((name, f"{value:.6g}", *said, *[""] * (len(rows[0]) - 2 - len(said))))
    return rows


def _strays(fit, table):
    """A sentence on runs far off the law, where there are any."""
    measured = table.values[table.y]
    off = fit.residuals if fit.space == "log" else fit.residuals / np.abs(measured).clip(1e-300)
    return strays(off, table)


def _contents(fit, table, sample, method, notes, reasons, options):
    """Name -> bytes of the three files."""
    from .. import __version__
    from ..plots import measured_and_fitted
    from .form_law import as_json
    from .page import page

    made_by = f"scalinglib {__version__}"
    figure = measured_and_fitted(fit)
    cautions = [sample.caution] if sample is not None and sample.caution else []
    said = [f"{fit.caution}." if fit.caution else "The runs determine every constant.", *_strays(fit, table)]
    html = page(
        title=f"A scaling law from {table.name}",
        law=fit.form.formula(gives=table.y),
        table=table,
        notes=[*notes, *cautions],
        doubts=reasons,
        constants=constants(fit, sample, options.level),
        plans=[],
        audit="\n".join(said),
        report=fit.report(),
        figure=figure,
        level=options.level,
        method=method,
        made_by=made_by,
    )
    law = as_json(fit, table, counts=options.counts, bootstrap=sample, made=method, doubts=reasons, made_by=made_by)
    return {"figure.png": figure.png, "report.html": html.encode("utf-8"), "law.json": law.encode("utf-8")}
