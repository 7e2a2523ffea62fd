"""Contents: whether what a law file holds is a law, its runs and its resamples, and hangs together."""

import math

from ..fitting.chinchilla import OBJECTIVES
from ..fitting.family import FamilyLaw
from ..forms import Form
from ..laws.chinchilla import CONSTANTS, ChinchillaLaw
from ..reading.units import OWN_UNITS

__all__ = ["CONSTANTS", "FORM", "UNITS", "check", "check_form", "check_law_among", "check_samples", "number_of"]

FORM, UNITS = "E + A / N**alpha + B / D**beta", ("nats per token", *OWN_UNITS.values())
_RANGES = ("N", "D", "C", "tokens_per_parameter", "loss")
_METHODS = ("runs", "residual", "wild")
_FEWEST = 5  # runs that a fit takes
# A fit's own law lies among the laws of its resamples; this many times their range away it does not.
_AWAY = 3.0
_ROUND = 1e-6
_SLACK = 2.0


def check(content):
    """Return what the JSON of version 1 holds, or raise ValueError, TypeError or KeyError.

    That is the ChinchillaLaw, its constants and the columns of its resamples, None without.

    Every number must be finite, every count whole, every text a text; the ranges of N, D and C must fit
    together, and the law must give losses like those of the runs.
    """
    law = ChinchillaLaw(**{name: number_of(f"law: {name}", content["law"][name]) for name in CONSTANTS})
    _same("law: form", content["law"]["form"], FORM)
    _one_of("loss", content["loss"], UNITS)
    _text_of("N_counts", content["N_counts"])
    _check_words(content, CONSTANTS)
    _check_runs(content["runs"], law)
    found = content["resamples"]
    columns = None if found is None else {name: found[name] for name in CONSTANTS}
    return law, {name: getattr(law, name) for name in CONSTANTS}, columns


def check_form(content):
    """Return what the JSON of version 2 holds: a FormLaw or FamilyLaw, its free constants, columns of resamples."""
    found, resamples = content["law"], content["resamples"]
    form = Form(_text_of("law: form", found["form"]), variables=tuple(_texts_of("law: variables", found["variables"])))
    constants = _fields_of("law: constants", found["constants"])
    constants = {name: number_of(f"law: {name}", value) for name, value in constants}
    law = _law(form, constants, found)
    _check_words(content, constants)
    for text in ("N_counts", "loss"):
        _text_of(text, content[text])
    _whole_of("runs: count", content["runs"]["count"], 1)
    seen = {name: _range_of(f"runs: {name}", pair) for name, pair in _fields_of("runs: seen", content["runs"]["seen"])}
    missing = [name for name in (*form.variables, _text_of("law: y", found["y"])) if name not in seen]
    if missing:
        raise ValueError(f"runs: there is no range of {', '.join(missing)}")
    fixed = _texts_of("law: fixed", found["fixed"])
    free = {name: value for name, value in constants.items() if name not in fixed}
    columns = None if resamples is None else dict(_fields_of("resamples: constants", resamples["constants"]))
    if columns is not None and set(columns) != set(free):
        raise ValueError(f"resamples: constants must be {', '.join(free)}")
    return law, free, columns


def _law(form, constants, found):
    """The FormLaw, or the FamilyLaw, of constants."""
    laws, labels = {}, _texts_of("law: families", found["families"])
    for label in labels or [""]:
        own = {name: constants.get(f"{name}[{label}]", constants.get(name)) for name in form.constants}
        laws[label] = form.law(**{name: value for name, value in own.items() if value is not None})
    return FamilyLaw(_text_of("law: by", found["by"]), laws) if labels else laws[""]


def _check_words(content, constants):
    """Check what law files of both versions say beside the law, the runs and the resamples."""
    _texts_of("doubts", content["doubts"])
    _text_of("caution", content.get("caution", ""))
    fit = content["fit"]
    _one_of("fit: objective", fit["objective"], OBJECTIVES)
    if not isinstance(fit["undetermined"], list) or not set(map(str, fit["undetermined"])) <= set(constants):
        raise ValueError(f"fit: undetermined must be a list of names among {', '.join(constants)}")
    _text_of("table: name", content["table"]["name"])


def _check_runs(runs, law):
    ends = {quantity: _range_of(f"runs: {quantity}", runs[quantity]) for quantity in _RANGES}
    for quantity, (low, _) in ends.items():
        if low <= 0.0:
            raise ValueError(f"runs: {quantity} must be two numbers above zero, the smaller first")
    _whole_of("runs: count", runs["count"], _FEWEST)
    (small_N, large_N), (small_D, large_D) = ends["N"], ends["D"]
    C, loss = ends["C"], ends["loss"]
    if C[0] < 6.0 * small_N * small_D * (1.0 - _ROUND) or C[1] > 6.0 * large_N * large_D * (1.0 + _ROUND):
        raise ValueError("runs: C is not 6 N D of such N and D; the file was edited")
    highest, lowest = float(law(small_N, small_D)), float(law(large_N, large_D))
    if highest < loss[0] / _SLACK or lowest > loss[1] * _SLACK:
        raise ValueError(
            f"the law gives losses {lowest:.4g} to {highest:.4g} where the runs had {loss[0]:.4g} to "
            f"{loss[1]:.4g}; the file was edited"
        )


def check_samples(found, count, columns):
    """Check the part of the resamples: `count` is the number of runs, `columns` has the constants."""
    _one_of("resamples: method", found["method"], _METHODS)
    _text_of("resamples: made", found["made"])
    _text_of("resamples: caution", found["caution"])
    _whole_of("resamples: seed", found["seed"], 0)
    if found.get("runs", count) != count:
        got = str(found["runs"])[:40]
        raise ValueError(f"resamples: runs must be the count of the runs, {count}; got {got!r}")
    if _whole_of("resamples: groups", found.get("groups", count), 1) > count:
        raise ValueError(f"resamples: there are more groups than the {count} runs")
    if not 0.0 <= number_of("resamples: converged", found["converged"]) <= 1.0:
        raise ValueError("resamples: converged must be a share between 0 and 1")
    drawn = _whole_of("resamples: count", found["count"], 1)
    for name, column in columns.items():
        if drawn != len(column):
            raise ValueError(f"resamples: count is {drawn} and {name} has {len(column)} entries")
    if sum(_whole_of(f"resamples: {name}", found.get(name, 0), 0) for name in ("degenerate", "unfinished")) > drawn:
        raise ValueError(f"resamples: more are degenerate or unfinished than the {drawn} that there are")


def check_law_among(constants, samples, undetermined):
    """Raise ValueError where a law is not that of its resamples.

    Constants that the runs leave open may lie anywhere, and are not compared.
    """
    for name, value in constants.items():
        drawn = samples[name].to_numpy()
        if name in undetermined:
            continue
        low, high = float(drawn.min()), float(drawn.max())
        room = _AWAY * (high - low) + 0.01 * max(abs(low), abs(high))
        if not low - room <= value <= high + room:
            raise ValueError(
                f"{name} = {value:.6g} lies far from its resamples, {low:.6g} to {high:.6g}; the file was edited"
            )


def _same(name, found, expected):
    if found != expected:
        raise ValueError(f"{name} must be {expected!r}; got {str(found)[:40]!r}")


def _one_of(name, found, allowed):
    if found not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {str(found)[:40]!r}")


def _text_of(name, found):
    """The text, or raise ValueError."""
    if not isinstance(found, str):
        raise ValueError(f"{name} must be text; got {str(found)[:40]}")
    return found


def _texts_of(name, found):
    """The list of texts, or raise ValueError."""
    if not isinstance(found, list):
        raise ValueError(f"{name} must be a list of {'sentences' if name == 'doubts' else 'texts'}")
    return [_text_of(name, each) for each in found]


def _fields_of(name, found):
    """The pairs of a JSON object, or raise ValueError."""
    if not isinstance(found, dict):
        raise ValueError(f"{name} must have names and values; got {str(found)[:40]!r}")
    return found.items()


def _range_of(name, found):
    """Two numbers, the smaller first, or raise ValueError."""
    if not isinstance(found, list) or len(found) != 2:
        raise ValueError(f"{name} must be two numbers")
    low, high = (number_of(name, value) for value in found)
    if not low <= high:
        raise ValueError(f"{name} must be two numbers, the smaller first")
    return low, high


def number_of(name, found):
    """The number, or raise ValueError."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number; got {str(found)[:40]!r}")
    return float(found)


def _whole_of(name, found, least):
    """The whole number, or raise ValueError."""
    if isinstance(found, bool) or not isinstance(found, int) or found < least:
        raise ValueError(f"{name} must be a whole number, {least} or more; got {str(found)[:40]!r}")
    return found
