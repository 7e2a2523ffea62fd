"""Form law: a law file of version 2, which holds a law of any form."""

import math

from .. import arguments
from ..fitting.family import FamilyLaw
from ..forms import Form
from .contents import (
    UNIT,
    check_law_among,
    check_samples,
    check_words,
    fields_of,
    number_of,
    range_of,
    text_of,
    texts_of,
    whole_of,
)  # fmt: skip
from .lawfile import FORMAT, LawFile, bootstrap_of, json_text, resample_words, table_words

__all__ = ["as_json", "read_form_law"]

_MOST = 1e300


def as_json(fit, table, *, counts, bootstrap, made, doubts, made_by):
    """The text of a law file: constants in full precision, a column of resamples a line."""
    given = fit.given
    columns = {**given.columns, given.y_name: given.y}
    if {"N", "D"} <= set(given.columns) and "C" not in columns:
        columns["C"] = 6.0 * given.columns["N"] * given.columns["D"]
    words = resample_words(bootstrap, made, ())
    if words is not None:
        # of an open coefficient a resample may leave the range of a float, which JSON cannot hold
        words["constants"] = {name: bootstrap.samples[name].clip(-_MOST, _MOST).tolist() for name in bootstrap.samples}
    content = {
        "format": FORMAT,
        "version": 2,
        "made_by": made_by,
        "law": {
            "form": fit.form.text,
            "name": fit.form.name,
            "variables": list(fit.form.variables),
            "y": given.y_name,
            "constants": fit.constants,
            "stderr": {name: value if math.isfinite(value) else None for name, value in fit.stderr.items()},
            "fixed": list(fit.fixed),
            "by": given.by,
            "families": list(given.labels),
            "shared": list(fit.shared),
        },
        "loss": UNIT if given.y_name == "loss" else "",
        "N_counts": counts,
        "doubts": list(doubts),
        "caution": fit.caution,
        "fit": {
            "objective": fit.objective,
            "space": fit.space,
            "delta": fit.delta if math.isfinite(fit.delta) else None,
            "prior": {name: list(pair) for name, pair in fit.prior.items()},
            "objective_value": fit.objective_value,
            "gradient_norm": fit.gradient_norm,
            "iterations": fit.iterations,
            "converged": fit.converged,
            "undetermined": list(fit.undetermined),
        },
        "runs": {
            "count": len(given.y),
            "seen": {name: [float(column.min()), float(column.max())] for name, column in columns.items()},
        },
        "table": table_words(table),
        "resamples": words,
    }
    return json_text(content)


def read_form_law(path, content):
    """Return the LawFile of the JSON of version 2, or raise ValueError, TypeError or KeyError."""
    import pandas

    found, resamples, count = content["law"], content["resamples"], content["runs"]["count"]
    form = Form(text_of("law: form", found["form"]), variables=tuple(texts_of("law: variables", found["variables"])))
    constants = {
        name: number_of(f"law: {name}", value) for name, value in fields_of("law: constants", found["constants"])
    }
    law = _law(form, constants, found)
    check_words(content, constants)
    for text in ("N_counts", "caution"):
        text_of(text, content[text])
    whole_of("runs: count", count, 1)
    seen = {name: range_of(f"runs: {name}", pair) for name, pair in fields_of("runs: seen", content["runs"]["seen"])}
    missing = [name for name in (*form.variables, text_of("law: y", found["y"])) if name not in seen]
    if missing:
        raise ValueError(f"runs: there is no range of {', '.join(missing)}")
    if resamples is None:
        return LawFile(name=path, law=law, content=content, bootstrap=None)
    columns = dict(fields_of("resamples: constants", resamples["constants"]))
    check_samples(resamples, count, columns)
    fixed = texts_of("law: fixed", found["fixed"])
    free = {name: value for name, value in constants.items() if name not in fixed}
    if set(columns) != set(free):
        raise ValueError(f"resamples: constants must be {', '.join(free)}")
    samples = pandas.DataFrame(dict(zip(columns, arguments.columns(positive=False, **columns), strict=True)))
    check_law_among(free, samples, content["fit"]["undetermined"])
    return LawFile(name=path, law=law, content=content, bootstrap=bootstrap_of(law, samples, resamples, content))


def _law(form, constants, found):
    """The FormLaw, or the FamilyLaw, of constants."""
    laws, labels = {}, texts_of("law: families", found["families"])
    for label in labels or [""]:
        own = {name: constants.get(f"{name}[{label}]", constants.get(name)) for name in form.constants}
        laws[label] = form.law(**{name: value for name, value in own.items() if value is not None})
    return FamilyLaw(text_of("law: by", found["by"]), laws) if labels else laws[""]
