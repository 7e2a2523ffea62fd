"""Fit: from a table of runs to a law, its intervals, a picture and a page."""

import os
import sys
import warnings

import numpy as np

from .folder import Folder
from .reach import reach_of_budget
from .text import align, fitted, one_line, size

__all__ = ["FILES", "default_folder", "reasons_against", "resampled", "run", "strays", "told"]

FILES = ("figure.png", "report.html", "law.json")
# Runs times resamples: six seconds of one core and 190 MB at 100,000 runs, measured.
_WORK = 20_000_000
_FEWEST, _USUAL = 200, 4000
_FAR, _SHOWN = 5.0, 5


def run(options):
    """Do what ``fit`` asks and return the exit code."""
    import scalinglib as sl

    from .doubts import doubts, doubts_of_fit
    from .table import read

    folder = Folder(options.out or default_folder(options.table), FILES, force=options.force)
    table = read(
        options.table,
        named=options.columns,
        group=options.group,
        where=options.where,
        scale=options.scale,
        loss_unit=options.loss_unit,
        drop_bad=options.drop_bad,
    )
    notes = list(doubts(table))
    for note in notes:
        print(f"scalinglib: note: {note}", file=sys.stderr)
    N, D, loss = (table.values[name] for name in ("N", "D", "loss"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        options_of_fit = {"objective": options.objective, "delta": options.delta or 1e-3}
        fit = sl.fit_chinchilla(N, D, loss, groups=table.groups, **options_of_fit)
        sample, method = resampled(fit, table, options)
    seen, mixed = doubts_of_fit(table, fit)
    for note in seen:
        print(f"scalinglib: note: {note}", file=sys.stderr)
    notes += seen
    reasons = reasons_against(fit, sample) + mixed
    _, warning, too_far = _reach(fit, sample, options)
    told(caught, reasons, open_=bool(fit.undetermined))
    if warning:
        print(f"scalinglib: warning: {warning}", file=sys.stderr)
    written = _write(folder, fit, table, sample, method, notes, reasons, options)
    print(fitted(_printed(fit, table, sample, method, options)))
    print()
    for path in written:
        print(f"wrote {path}")
    reasons += [too_far] if too_far else []
    if reasons:
        print(f"scalinglib: not to be trusted: {'; '.join(reasons)}", file=sys.stderr)
        return 1
    print(f"next: python -m scalinglib plan {written[-1]} {size(options.budget or 10 * _largest(fit))}")
    return 0


def told(caught, reasons=(), *, open_=True):
    """Print what was warned of, each once, but for what the last line has, as with `open_` what is left open."""
    from ..fitting import IdentifiabilityWarning
    from ..fitting.units import UnitsWarning

    said = [w for w in caught if not issubclass(w.category, UnitsWarning)]  # a note names the command's own remedy
    said = [w for w in said if not (open_ and issubclass(w.category, IdentifiabilityWarning))]
    for line in dict.fromkeys(one_line(w.message) for w in said):
        if line.rstrip(".") not in reasons:
            print(f"scalinglib: warning: {line}", file=sys.stderr)


def _largest(fit):
    """Compute of the largest run of a fit."""
    return float(6.0 * (fit.N * fit.D).max())


def default_folder(table):
    """The name of the folder for a table's law."""
    stem = os.path.splitext(os.path.basename(table))[0] if table != "-" else "runs"
    return f"{stem}-law"


def _resamples(options, runs):
    """How many: as asked, or 4,000 where the table is small enough for it."""
    if options.resamples is not None:
        return options.resamples
    return max(_FEWEST, min(_USUAL, _WORK // runs))


def resampled(fit, table, options):
    """The Bootstrap and how it was made in words, or (None, "")."""
    if options.bootstrap == "none":
        return None, ""
    count = _resamples(options, len(table))
    if options.resamples is None and count < _USUAL:
        print(
            f"scalinglib: note: {count} resamples for {len(table)} rows; --resamples sets another number",
            file=sys.stderr,
        )
    sample = fit.bootstrap(count, seed=options.seed, method=options.bootstrap)
    of = {"runs": "runs", "residual": "residuals", "wild": "residuals, signs drawn"}[options.bootstrap]
    drawn = f"groups by {table.columns['group'].split(',')[0]}" if table.groups is not None else of
    return sample, f"{count:,} resamples of {drawn}, seed {options.seed}"


def reasons_against(fit, sample):
    """Why a fit is not to be trusted: sentences, often none."""
    reasons = []
    if not fit.converged:
        reasons.append("the fit did not converge")
    if fit.undetermined:
        reasons.append(f"the runs do not determine {', '.join(fit.undetermined)}")
    if sample is not None and sample.converged < 0.99:
        reasons.append(sample.shortfall.rstrip("."))
    return reasons


def _audited(fit, table, options):
    """The audit in sentences, and the lines of the file that its rows stand on."""
    audit = fit.audit(budget=options.budget)
    said = [audit.report()]
    if table.groups is not None:
        # the audit names groups, and they are the labels of the table
        return "\n".join([*said, *strays(np.log(fit.loss / fit.law(fit.N, fit.D)), table)])
    offset = table.lines - np.arange(len(table))
    if audit.deciding and (offset == offset[0]).all():
        said.append(f"Rows are counted from 0: row r is line r + {offset[0]} of {table.name}.")
    elif audit.deciding:
        alone = audit.influence["change_log_N_opt"].abs()
        rows = dict.fromkeys([*([alone.idxmax()] if alone.notna().any() else []), *audit.deciding])
        lines = ", ".join(f"row {row} is line {table.lines[row]}" for row in rows)
        said.append(f"Rows are counted from 0 among those used; in {table.name} {lines}.")
    return "\n".join([*said, *strays(np.log(fit.loss / fit.law(fit.N, fit.D)), table)])


def strays(off, table):
    """A sentence on the runs that lie far off the law, if there are any; `off` is ln(measured / law)."""
    usual = 1.4826 * np.median(np.abs(off))
    far = np.flatnonzero(np.abs(off) > max(_FAR * usual, 1e-3))
    if not far.size:
        return []
    worst = far[np.argsort(-np.abs(off[far]), kind="stable")][:_SHOWN]
    named = ", ".join(f"line {table.lines[row]} ({np.expm1(off[row]):+.2%})" for row in worst)
    more = f" and {far.size - _SHOWN} more" if far.size > _SHOWN else ""
    count = f"{far.size} runs are" if far.size > 1 else "1 run is"
    return [f"{count} more than {_FAR:g} times the usual {usual:.2%} off the law: {named}{more}. Look at their logs."]


def _reach(fit, sample, options):
    """Where the budget lies to the runs in words, a warning, and why it is not to be trusted; or nothing."""
    if options.budget is None:
        return "", "", ""
    C = 6.0 * fit.N * fit.D
    return reach_of_budget(options.budget, (C.min(), C.max()), intervals=sample is not None)


def _plan(fit, sample, options):
    """A sentence and rows for the budget that was asked about, or None."""
    from .quantities import as_rows, optimum

    if options.budget is None:
        return None
    where, _, too_far = _reach(fit, sample, options)
    rows = as_rows(optimum(fit.law, sample, options.budget, options.level), options.level)
    doubt = " (too far to rely on)" if too_far else ""
    return f"At C = {size(options.budget)} FLOP, {where}{doubt}:", rows


def _printed(fit, table, sample, method, options):
    from .quantities import constants

    report = fit.report()
    known = set(report.split("\n"))  # where constants are open the report holds a part of the audit
    audit = [line for line in _audited(fit, table, options).split("\n") if line not in known]
    parts = [table.report(), report, "\n".join(audit)]
    if sample is not None:
        parts.append(f"{options.level:.0%} intervals, {method}:\n{align(constants(fit.law, sample, options.level))}")
        parts += [caution for caution in [sample.caution] if caution]
    plan = _plan(fit, sample, options)
    if plan:
        parts.append(f"{plan[0]}\n{align(plan[1])}")
    return "\n\n".join(parts)


def _write(folder, fit, table, sample, method, notes, reasons, options):
    from .. import __version__
    from ..plots import runs_and_frontier
    from .lawfile import as_json
    from .page import page
    from .quantities import constants

    made_by = f"scalinglib {__version__}"
    plan = _plan(fit, sample, options)
    figure = runs_and_frontier(fit, bootstrap=sample, budget=options.budget, level=options.level)
    cautions = [sample.caution] if sample is not None and sample.caution else []
    html = page(
        title=f"A scaling law from {table.name}",
        law=fit.law.report().split("\n")[0],
        table=table,
        notes=[*notes, *cautions],
        doubts=reasons,
        constants=constants(fit.law, sample, options.level),
        plans=[plan] if plan else [],
        audit=_audited(fit, table, options),
        report=fit.report(),
        figure=figure,
        level=options.level,
        method=method,
        made_by=made_by,
    )
    law = as_json(fit, table, counts=options.counts, bootstrap=sample, made=method, doubts=reasons, made_by=made_by)
    return folder.write(
        {"figure.png": figure.png, "report.html": html.encode("utf-8"), "law.json": law.encode("utf-8")}
    )
