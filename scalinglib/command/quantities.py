"""Quantities: the rows of a table of constants or of a plan, with their intervals."""

import math

from .text import size

__all__ = ["as_rows", "constants", "optimum"]

_OPEN = ("not", "determined")  # in place of the two ends
_MEANS = {
    "N": "N parameters",
    "D": "D tokens",
    "tokens_per_parameter": "D / N",
    "loss": "loss",
    "loss_of_one_run": "loss of one run",
}


def constants(values, fit, bootstrap, level):
    """Rows (name, value, low, high) as text, with a header row; without resamples (name, value, +-)."""
    rows = [("constant", "value", *((f"{level:.0%} from", "to") if bootstrap is not None else ("+-",)))]
    ends = bootstrap.interval(level) if bootstrap is not None else {}
    for name, value in values.items():
        if name in getattr(fit, "fixed", ()):
            said = ("fixed", "")
        elif name in fit.undetermined:
            said = _OPEN if ends else ("not determined",)
        else:
            error = fit.stderr.get(name, math.nan)
            said = _ends(ends[name], "{:.4g}".format) if ends else (f"{error:.3g}" if math.isfinite(error) else "",)
        rows.append((name, f"{value:.6g}", *said[: len(rows[0]) - 2]))
    return rows


def _ends(ends, say):
    return _OPEN if any(map(math.isnan, ends)) else tuple(map(say, ends))


def optimum(law, bootstrap, C, level):
    """The best split of one budget: name -> (value, low, high); low and high None without resamples.

    Both are NaN where the runs leave the split open. ``loss`` is the law's; with resamples
    ``loss_of_one_run`` adds the scatter of single runs to its interval.
    """
    best = law.optimum(C)
    found = {name: (float(getattr(best, name)), None, None) for name in _MEANS if hasattr(best, name)}
    if bootstrap is not None:
        ends = bootstrap.optimum(C, level=level)
        found = {
            name: (best, *(float(getattr(end, name)) for end in (ends.low, ends.high)))
            for name, (best, _, _) in found.items()
        }
        if not math.isnan(found["N"][1]):
            one = bootstrap.predict(best.N, best.D, level=level, new_run=True)
            found["loss_of_one_run"] = tuple(float(z) for z in (one.value, one.low, one.high))
    return found


def as_rows(found, level):
    """The dict of `optimum` as rows of text with a header row."""
    with_ends = found["N"][1] is not None
    rows = [("", "best", f"{level:.0%} from", "to")[: 4 if with_ends else 2]]
    for name, values in found.items():
        say = "{:.4f}".format if name.startswith("loss") else size
        rows.append((_MEANS[name], say(values[0]), *(_ends(values[1:], say) if with_ends else ())))
    return rows
