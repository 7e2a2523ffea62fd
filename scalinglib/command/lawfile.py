"""Law file: a fitted law as JSON, with the runs it came from and the laws of its resamples."""

import json
import os
import re
from dataclasses import dataclass

import numpy as np

from ..laws import ChinchillaLaw
from .cells import short
from .contents import CONSTANTS, FORM, UNIT, check, check_law_among, check_samples, number_of
from .headers import TableError

__all__ = [
    "FORMAT",
    "LawFile",
    "LawFileError",
    "as_json",
    "bootstrap_of",
    "json_text",
    "read_law",
    "resample_words",
    "table_words",
]

FORMAT = "scalinglib law"
_VERSIONS = 1, 2
_SCATTER = 2001


class LawFileError(TableError):
    """A law file that cannot be used; the message is one line."""

    exit_code = 3


@dataclass(frozen=True, eq=False)
class LawFile:
    """What a law file holds.

    Attributes
    ----------
    name : str
        The file, or the published name.
    law : ChinchillaLaw, FormLaw or FamilyLaw
    content : dict
        The JSON itself; empty for a published law.
    bootstrap : Bootstrap or None
        The resampled laws, for intervals.
    """

    name: str
    law: object
    content: dict
    bootstrap: object

    @property
    def runs(self):
        """Ranges of the runs, quantity -> [smallest, largest], and their count; or None."""
        return self.content["runs"] if self.content else None

    @property
    def seen(self):
        """Variable, or C, -> [smallest, largest] among the runs."""
        if not self.content:
            return {}
        found = self.content["runs"].get("seen", self.content["runs"])
        return {name: found[name] for name in (*getattr(self.law, "variables", "ND"), "C") if name in found}

    @property
    def undetermined(self):
        """Constants that the runs leave open."""
        return tuple(self.content["fit"]["undetermined"]) if self.content else ()

    @property
    def doubts(self):
        """Why the fit is not to be trusted: sentences, often none."""
        return tuple(self.content.get("doubts", ())) if self.content else ()


def as_json(fit, table, *, counts, bootstrap, made, doubts, made_by):
    """The text of a law file: constants in full precision, one line for each column of resamples."""
    columns = {
        "N": fit.N,
        "D": fit.D,
        "C": 6.0 * fit.N * fit.D,
        "tokens_per_parameter": fit.D / fit.N,
        "loss": fit.loss,
    }
    content = {
        "format": FORMAT,
        "version": 1,
        "made_by": made_by,
        "law": {"form": FORM} | {name: getattr(fit.law, name) for name in CONSTANTS},
        "loss": UNIT,
        "N_counts": counts,
        "doubts": list(doubts),
        "fit": {
            "objective": fit.objective,
            "delta": fit.delta,
            "objective_value": fit.objective_value,
            "gradient_norm": fit.gradient_norm,
            "iterations": fit.iterations,
            "converged": fit.converged,
            "undetermined": list(fit.undetermined),
        },
        "runs": {"count": len(fit.N)} | {q: [float(z.min()), float(z.max())] for q, z in columns.items()},
        "table": table_words(table),
        "resamples": resample_words(bootstrap, made, CONSTANTS),
    }
    return json_text(content)


def table_words(table):
    """What a law file says of the table."""
    return {
        "name": table.name,
        "sha256": table.sha256,
        "columns": table.columns,
        "conditions": list(table.conditions),
        "left_out_by_conditions": table.filtered,
        "left_out_as_bad": len(table.bad),
    }


def resample_words(bootstrap, made, names):
    """What a law file holds of the resamples: how they were made, and the constants `names`; or None."""
    if bootstrap is None:
        return None
    scatter = bootstrap.scatter
    if len(scatter) > _SCATTER:  # as many of their quantiles as the file can bear
        scatter = np.quantile(scatter, np.linspace(0.0, 1.0, _SCATTER))
    return {
        "method": bootstrap.method,
        "made": made,
        "count": len(bootstrap.samples),
        "converged": bootstrap.converged,
        "degenerate": bootstrap.degenerate,
        "unfinished": bootstrap.unfinished,
        "seed": bootstrap.seed,
        "runs": bootstrap.runs,
        "groups": bootstrap.groups,
        "trend": [
            bootstrap.trend.slope,
            bootstrap.trend.centre,
            *map(float, np.clip(bootstrap.trend.ends, 0.0, 1e300)),
        ],
        "caution": bootstrap.caution,
        **{name: bootstrap.samples[name].tolist() for name in names},
        "scatter": scatter.tolist(),
    }


def json_text(content):
    """JSON with one field a line, and a list of numbers or words on the line of its name."""
    text = json.dumps(content, indent=2, allow_nan=False)
    return (
        re.sub(r"\[\n\s+([^][{}]*?)\n\s+\]", lambda found: "[" + re.sub(r",\n\s+", ", ", found[1]) + "]", text) + "\n"
    )


def read_law(path):
    """Return the LawFile at `path`, or the published law of that name.

    Raises
    ------
    LawFileError
        If it is no law file, one of a later version, or damaged; one line.
    TableError
        If the published law of that name has no best split.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> read_law("besiroglu2024").law.E
    1.8172
    """
    from ..published import names

    if path in names():
        return _published(path)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{short(path, 60)}: {error.strerror}; it is no published law either: {', '.join(names())}"
        ) from None
    except IsADirectoryError as error:
        inside = os.path.join(path, "law.json")
        hint = f"; say {inside}" if os.path.exists(inside) else ""
        raise IsADirectoryError(f"{path}: {error.strerror}{hint}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise LawFileError(f"{path} is not JSON; write a law file with: python -m scalinglib fit runs.csv") from None
    return _checked(path, content)


def _published(name):
    from .. import published

    law = published[name]
    if not isinstance(law, ChinchillaLaw):
        raise TableError(f"{name} is a {type(law).__name__}; plan needs a law of N and D with a best split")
    return LawFile(name=name, law=law, content={}, bootstrap=None)


def _checked(path, content):
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise LawFileError(f'{path} is no law file: it has no "format": "{FORMAT}"')
    version = content.get("version")
    if version not in _VERSIONS:
        raise LawFileError(f"{path} has version {short(version)}; this scalinglib reads 1 and 2")
    try:
        if version == 2:
            from .form_law import read_form_law

            return read_form_law(path, content)
        law = check(content)
        return LawFile(name=path, law=law, content=content, bootstrap=_resamples(law, content))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        said = f"has no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise LawFileError(f"{path} is damaged: {said}") from None


def _resamples(law, content):
    found, fit, count = content["resamples"], content["fit"], content["runs"]["count"]
    if found is None:
        return None
    import pandas

    from .. import arguments

    check_samples(found, count, {"E": found["E"]})
    constants = arguments.columns(positive=False, **{name: found[name] for name in CONSTANTS})
    for name, column in zip(CONSTANTS, constants, strict=True):
        least = "not negative" if name == "E" else "above zero"
        arguments.refuse(f"resamples: {name}", column, (column < 0) if name == "E" else (column <= 0), least)
    samples = pandas.DataFrame(dict(zip(CONSTANTS, constants, strict=True)))
    check_law_among({name: getattr(law, name) for name in CONSTANTS}, samples, fit["undetermined"])
    samples["a"] = samples["beta"] / (samples["alpha"] + samples["beta"])
    return bootstrap_of(law, samples, found, content)


def bootstrap_of(law, samples, found, content):
    """The Bootstrap of a law file, `found` being its resamples."""
    from .. import arguments
    from ..uncertainty import Bootstrap

    count = content["runs"]["count"]
    lost = round((1.0 - found["converged"]) * len(samples))
    return Bootstrap(
        law=law,
        samples=samples,
        scatter=arguments.column("scatter", found["scatter"]),
        objective=content["fit"]["objective"],
        # files of version 1 have no space: their squares are of the loss itself
        additive=content["fit"].get("space", content["fit"]["objective"]) in ("linear", "least_squares"),
        undetermined=tuple(content["fit"]["undetermined"]),
        # files of the first days have no counts of runs, of groups and of resamples that say nothing
        degenerate=found.get("degenerate", 0),
        unfinished=found.get("unfinished", lost),
        runs=found.get("runs", count),
        groups=found.get("groups", found.get("runs", count)),
        trend=_trend(found.get("trend", [0.0, 1.0, 0.0, 1e300])),
        method=found["method"],
        seed=found["seed"],
    )


def _trend(numbers):
    from ..uncertainty.scatter import Scatter

    slope, centre, low, high = (number_of("resamples: trend", number) for number in numbers)
    return Scatter(slope, centre, (low, high))
