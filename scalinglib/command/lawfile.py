"""Law file: a fitted law as JSON, with the runs it came from and the laws of its resamples."""

import json
import re
from dataclasses import dataclass

import numpy as np

from ..laws import ChinchillaLaw
from .cells import short
from .headers import TableError

__all__ = ["FORMAT", "LawFile", "as_json", "read_law"]

FORMAT = "scalinglib law"
_VERSION = 1
_SCATTER = 2001
_CONSTANTS = ("E", "A", "B", "alpha", "beta")


@dataclass(frozen=True, eq=False)
class LawFile:
    """What a law file holds.

    Attributes
    ----------
    name : str
        The file, or the published name.
    law : ChinchillaLaw
    content : dict
        The JSON itself; empty for a published law.
    bootstrap : Bootstrap or None
        The resampled laws, for intervals.
    """

    name: str
    law: ChinchillaLaw
    content: dict
    bootstrap: object

    @property
    def largest(self):
        """Compute of the largest run, C = 6 N D, or None."""
        return self.content["runs"]["C"][1] if self.content else None

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
        "version": _VERSION,
        "made_by": made_by,
        "law": {"form": "E + A / N**alpha + B / D**beta"}
        | {name: getattr(fit.law, name) for name in _CONSTANTS},
        "loss": "nats per token",
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
        "table": {
            "name": table.name,
            "sha256": table.sha256,
            "columns": table.columns,
            "conditions": list(table.conditions),
            "left_out_by_conditions": table.filtered,
            "left_out_as_bad": len(table.bad),
        },
    }
    if bootstrap is None:
        return _text(content | {"resamples": None}) + "\n"
    content["resamples"] = {
        "method": bootstrap.method,
        "made": made,
        "count": len(bootstrap.samples),
        "converged": bootstrap.converged,
        "seed": bootstrap.seed,
        "runs": bootstrap.runs,
        "groups": bootstrap.groups,
        "caution": bootstrap.caution,
    }
    columns = {name: bootstrap.samples[name] for name in _CONSTANTS} | {
        "scatter": _thinned(bootstrap.scatter)
    }
    rows = [f'    "{name}": {json.dumps(column.tolist())}' for name, column in columns.items()]
    return _text(content).removesuffix("\n  }\n}") + ",\n" + ",\n".join(rows) + "\n  }\n}\n"


def _thinned(scatter):
    """The residuals, or of very many as many of their quantiles as the file can bear."""
    return scatter if len(scatter) <= _SCATTER else np.quantile(scatter, np.linspace(0.0, 1.0, _SCATTER))


def _text(content):
    """JSON with one field a line, and a list of numbers or words on the line of its name."""
    text = json.dumps(content, indent=2, allow_nan=False)
    return re.sub(
        r"\[\n\s+([^][{}]*?)\n\s+\]", lambda found: "[" + re.sub(r",\n\s+", ", ", found[1]) + "]", text
    )


def read_law(path):
    """Return the LawFile at `path`, or the published law of that name.

    Raises
    ------
    TableError
        If it is no law file, or one of a later version; one line.
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
            f"{error.strerror}; it is no published law either: {', '.join(names())}"
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise TableError(
            f"{path} is not JSON; write a law file with: python -m scalinglib fit runs.csv"
        ) from None
    return _checked(path, content)


def _published(name):
    from .. import published

    law = published[name]
    if not isinstance(law, ChinchillaLaw):
        raise TableError(f"{name} is a {type(law).__name__}; plan needs a law of N and D with a best split")
    return LawFile(name=name, law=law, content={}, bootstrap=None)


def _checked(path, content):
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise TableError(f'{path} is no law file: it has no "format": "{FORMAT}"')
    if content.get("version") != _VERSION:
        raise TableError(
            f"{path} has version {short(content.get('version'))}; this scalinglib reads {_VERSION}"
        )
    try:
        law = ChinchillaLaw(**{name: content["law"][name] for name in _CONSTANTS})
        for quantity in ("N", "D", "C", "tokens_per_parameter", "loss"):
            low, high = content["runs"][quantity]
            if not 0.0 < low <= high:
                raise ValueError(f"runs: {quantity} must be two numbers above zero, the smaller first")
        bootstrap = _resamples(law, content["fit"]["objective"], content["resamples"])
        return LawFile(name=path, law=law, content=content, bootstrap=bootstrap)
    except (KeyError, TypeError, ValueError) as error:
        said = f"has no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise TableError(f"{path} is damaged: {said}") from None


def _resamples(law, objective, found):
    if found is None:
        return None
    import pandas

    from .. import arguments
    from ..uncertainty import Bootstrap

    constants = arguments.columns(positive=False, **{name: found[name] for name in _CONSTANTS})
    samples = pandas.DataFrame(dict(zip(_CONSTANTS, constants, strict=True)))
    samples["a"] = samples["beta"] / (samples["alpha"] + samples["beta"])
    return Bootstrap(
        law=law,
        samples=samples,
        scatter=arguments.column("scatter", found["scatter"]),
        objective=objective,
        **{name: found[name] for name in ("converged", "method", "seed", "runs", "groups")},
    )
