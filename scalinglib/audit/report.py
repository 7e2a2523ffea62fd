"""Report: a Chinchilla fit in words, with how sure it is and what speaks against it."""

import numpy as np

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
    ended = "converged" if fit.converged else "DID NOT CONVERGE: do not use it"
    lines = [
        f"Chinchilla law fitted to {len(fit.N)} runs",
        f"  {_SAYS[fit.objective].format(delta=fit.delta)} = {fit.objective_value:.10g}",
        f"  {ended}; {fit.iterations} steps, gradient norm {fit.gradient_norm:.1e}, "
        f"{fit.starts_agreeing} of {fit.starts} starts agree",
        "",
        *(_line(name, getattr(law, name), stderr, fit.undetermined) for name, stderr in standing.stderr.items()),
    ]
    a, b = law.allocation_exponents
    lines += [
        "",
        f"  N_opt ~ C^{a:.4f}, D_opt ~ C^{b:.4f}, reducible loss ~ C^-{law.frontier_exponent:.4f}",
        f"  seen: N {fit.N.min():.3g} to {fit.N.max():.3g}, D {fit.D.min():.3g} to {fit.D.max():.3g},",
        f"        D/N {ratio.min():.3g} to {ratio.max():.3g}, C up to {6 * (fit.N * fit.D).max():.3g} FLOP",
    ]
    if len(fit.N) == 5:
        lines.append("  five constants meet five runs exactly: nothing here says how far off they are")
    if law.E == 0.0:
        lines.append("  E ended at its bound 0: these runs show no floor")
    doubts = standing.doubts
    if fit.undetermined:
        lines += ["", standing.design.report()]
        doubts = doubts[1:]
    for doubt in doubts:
        lines += ["", wrapped([doubt])]
    return "\n".join(lines)


def _line(name, value, stderr, undetermined):
    if name in undetermined:
        note = "?   not determined by these runs"
    elif not np.isfinite(stderr):
        note = "?"
    else:
        note = f"{stderr:<8.2g}" + (f" (ln {name} +- {stderr / value:.2g})" if name in "AB" else "")
    return f"  {name:<6}{value:>14.7g} +- {note}".rstrip()
