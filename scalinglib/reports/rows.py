"""Rows: constants and the best split of a budget with their intervals, as numbers and as rows of text."""

import math

from ..laws import ChinchillaLaw
from ..text import size

__all__ = ["as_rows", "constant_rows", "constants_of", "optimum"]

_OPEN = ("not", "determined")  # in place of the two ends
_MEANS = {
    "N": "N parameters",
    "D": "D tokens",
    "tokens_per_parameter": "D / N",
    "loss": "loss",
    "loss_of_one_run": "loss of one run",
}


def constants_of(fit, sample, level):
    """Constant -> a dict of its value, stderr, low and high (None where not known) and note, of a fit."""
    law, ends, found = fit.law, sample.interval(level) if sample is not None else {}, {}
    values = fit.constants if hasattr(fit, "constants") else {name: getattr(law, name) for name in fit.stderr}
    if isinstance(law, ChinchillaLaw) and {"alpha", "beta"} <= set(values):
        values = values | {"a": law.allocation_exponents[0]}
    for name, value in values.items():
        known = [fit.stderr.get(name, math.nan), *ends.get(name, (math.nan, math.nan))]
        open_ = name in fit.undetermined or (name == "a" and {"alpha", "beta"} & set(fit.undetermined))
        stderr, low, high = (each if math.isfinite(each) and not open_ else None for each in known)
        note = "fixed" if name in getattr(fit, "fixed", ()) else "not determined" if open_ else ""
        found[name] = {"value": float(value), "stderr": stderr, "low": low, "high": high, "note": note}
    return found


def constant_rows(constants, level, *, intervals):
    """Rows (name, value, low, high) as text, with a header row; without `intervals` (name, value, +-)."""
    rows = [("constant", "value", *((f"{level:.0%} from", "to") if intervals else ("+-",)))]
    for name, each in constants.items():
        if each["note"] == "fixed":
            said = ("fixed", "")
        elif each["note"]:
            said = _OPEN if intervals else ("not determined",)
        elif intervals:
            said = _OPEN if each["low"] is None else (f"{each['low']:.4g}", f"{each['high']:.4g}")
        else:
            said = (f"{each['stderr']:.3g}" if each["stderr"] is not None else "",)
        rows.append((name, f"{each['value']:.6g}", *said[: len(rows[0]) - 2]))
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
