"""Report: a Chinchilla fit in words, with how sure it is and what speaks against it."""

import numpy as np

from ..fitting.search import ended
from ..text import wrapped

__all__ = ["report"]

_SAYS = {
    "huber": "sum of Huber({delta:g}) of ln(loss / law)",
    "lad": "sum of |ln(loss / law)|",
    "least_squares": "sum of (loss - law)^2",
    "log_least_squares": "sum of ln(loss / law)^2",
}


def report(fit, standing):
    """The text of a ChinchillaFit's report; `standing` is its Standing."""
    law, ratio = fit.law, fit.D / fit.N
    lines = [
        f"Chinchilla law fitted to {len(fit.N)} runs",
        f"  {_SAYS[fit.objective].format(delta=fit.delta)} = {fit.objective_value:.10g}",
        f"  {ended(fit)}; {fit.iterations} steps, gradient norm {fit.gradient_norm:.1e}",
        "",
        *(_line(name, getattr(law, name), stderr, fit.undetermined) for name, stderr in standing.stderr.items()),
    ]
    a, b = law.allocation_exponents
    lines += [
        "",
        "  N_opt and D_opt: not determined by these runs"
        if {"A", "B", "alpha", "beta"} & set(fit.undetermined)
        else f"  N_opt ~ C^{a:.4f}, D_opt ~ C^{b:.4f}, reducible loss ~ C^-{law.frontier_exponent:.4f}",
        f"  seen: N {fit.N.min():.3g} to {fit.N.max():.3g}, D {fit.D.min():.3g} to {fit.D.max():.3g},",
        f"        D/N {ratio.min():.3g} to {ratio.max():.3g}, C up to {6 * (fit.N * fit.D).max():.3g} FLOP",
    ]
    for doubt in standing.own_doubts:
        if doubt.kind == "constants" and doubt.grave:
            lines += ["", standing.design.report()]
        elif doubt.kind != "search":  # said above
            lines += ["", wrapped([str(doubt)])]
    return "\n".join(lines)


def _line(name, value, stderr, undetermined):
    if name in undetermined:
        note = "?   not determined by these runs"
    elif not np.isfinite(stderr):
        note = "?"
    else:
        note = f"{stderr:<8.2g}" + (f" (ln {name} +- {stderr / value:.2g})" if name in "AB" else "")
    return f"  {name:<6}{value:>14.7g} +- {note}".rstrip()
