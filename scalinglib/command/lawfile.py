"""Law file: a fitted law as JSON, with the runs it came from and the laws of its resamples."""

import json
import os
import re
from dataclasses import dataclass

import numpy as np

from ..laws import ChinchillaLaw
from ..reading.cells import TableError, short
from .contents import CONSTANTS, FORM, check, check_form, check_law_among, check_samples, number_of

__all__ = ["FORMAT", "LawFile", "LawFileError", "as_json", "read_law"]

FORMAT = "scalinglib law"
_VERSIONS = 1, 2
_SCATTER, _MOST = 2001, 1e300
_LARGEST = 1 << 28  # bytes of a law file: 100,000 resamples of two dozen constants


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
        """Ranges of the runs, quantity -> [smallest, largest]; of a file their count, too."""
        from .. import published

        return self.content["runs"] if self.content else published.seen(self.name)

    @property
    def seen(self):
        """Variable, or C, -> [smallest, largest] among the runs."""
        found = self.runs.get("seen", self.runs)
        return {name: found[name] for name in (*getattr(self.law, "variables", "ND"), "C") if name in found}

    @property
    def undetermined(self):
        """Constants that the runs leave open."""
        return tuple(self.content["fit"]["undetermined"]) if self.content else ()

    @property
    def caution(self):
        """What is to be weighed about the fit; empty where nothing."""
        return self.content.get("caution", "") if self.content else ""

    @property
    def doubts(self):
        """Why the fit is not to be trusted: sentences, often none."""
        return tuple(self.content.get("doubts", ())) if self.content else ()


def as_json(card, *, counts=""):
    """The text of a law file of a ReportCard: constants in full precision, one line for each column of resamples."""
    from .. import __version__

    fit, table = card.fit, card.table
    version, law, more, columns = (_of_surface if isinstance(fit.law, ChinchillaLaw) else _of_form)(fit)
    ends = {name: [float(column.min()), float(column.max())] for name, column in columns.items()}
    content = {
        "format": FORMAT,
        "version": version,
        "made_by": f"scalinglib {__version__}",
        "law": law,
        "loss": "" if law.get("y", "loss") != "loss" else table.loss_unit,
        "N_counts": counts or table.N_counts,
        "doubts": list(card.reasons),
        "caution": card.caution,
        "fit": {
            "objective": fit.objective,
            "delta": fit.delta if np.isfinite(fit.delta) else None,
            "objective_value": fit.objective_value,
            "gradient_norm": fit.gradient_norm,
            "iterations": fit.iterations,
            "converged": fit.converged,
            "undetermined": list(fit.undetermined),
            **more,
        },
        "runs": {"count": len(table)} | (ends if version == 1 else {"seen": ends}),
        "table": {
            "name": table.name,
            "sha256": table.sha256,
            "columns": table.columns,
            "conditions": list(table.conditions),
            "left_out_by_conditions": table.filtered,
            "left_out_as_bad": len(table.bad),
            "left_out_by_best_of_pair": table.worse or 0,
        },
        "resamples": resample_words(card.sample, card.drawn, version),
    }
    text = json.dumps(content, indent=2, allow_nan=False)
    # one field a line, and a list of numbers or words on the line of its name
    lists = re.compile(r"\[\n\s+([^][{}]*?)\n\s+\]")
    return lists.sub(lambda found: "[" + re.sub(r",\n\s+", ", ", found[1]) + "]", text) + "\n"


def _of_surface(fit):
    """Version, the law, more of the fit, and the columns whose ranges are kept, of a ChinchillaFit."""
    columns = {
        "N": fit.N,
        "D": fit.D,
        "C": 6.0 * fit.N * fit.D,
        "tokens_per_parameter": fit.D / fit.N,
        "loss": fit.loss,
    }
    return 1, {"form": FORM} | {name: getattr(fit.law, name) for name in CONSTANTS}, {}, columns


def _of_form(fit):
    """The same of a FormFit."""
    given = fit.given
    columns = {**given.columns, given.y_name: given.y}
    if {"N", "D"} <= set(given.columns) and "C" not in columns:
        columns["C"] = 6.0 * given.columns["N"] * given.columns["D"]
    law = {
        "form": fit.form.text,
        "name": fit.form.name,
        "variables": list(fit.form.variables),
        "y": given.y_name,
        "constants": fit.constants,
        "stderr": {name: value if np.isfinite(value) else None for name, value in fit.stderr.items()},
        "fixed": list(fit.fixed),
        "by": given.by,
        "families": list(given.labels),
        "shared": list(fit.shared),
    }
    return 2, law, {"space": fit.space, "prior": {name: list(pair) for name, pair in fit.prior.items()}}, columns


def resample_words(bootstrap, made, version):
    """What a law file holds of the resamples: how they were made, and the constants of each; or None."""
    if bootstrap is None:
        return None
    # of an open coefficient a resample may leave the range of a float, which JSON cannot hold
    samples = bootstrap.samples.clip(-_MOST, _MOST)
    columns = {name: samples[name].tolist() for name in (CONSTANTS if version == 1 else samples)}
    scatter, trend = bootstrap.scatter, bootstrap.trend
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
        "trend": [trend.slope, trend.centre, *map(float, np.clip(trend.ends, 0.0, _MOST))],
        "caution": bootstrap.caution,
        **(columns if version == 1 else {"constants": columns}),
        "scatter": scatter.tolist(),
    }


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
        return _checked(path, _json_of(path))
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{short(path, 60)}: {error.strerror}; it is no published law either: {', '.join(_planned())}"
        ) from None
    except IsADirectoryError as error:
        inside = os.path.join(path, "law.json")
        hint = f"; say {inside}" if os.path.exists(inside) else ""
        raise IsADirectoryError(f"{path}: {error.strerror}{hint}") from None


def _json_of(path):
    """What a file of JSON holds; one that does not begin as a law file does is not read to its end, if it has one."""
    with open(path, "rb") as file:
        text = file.read(1 << 12)
        if text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            text += file.read(_LARGEST)
            if len(text) > _LARGEST:
                raise LawFileError(f"{path} holds more than {_LARGEST >> 20} MB, and no law file does")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # what is no text, no JSON, or has numbers of thousands of digits
        raise LawFileError(f"{path} is not JSON; write a law file with: python -m scalinglib fit runs.csv") from None


def _planned():
    """Names of the published laws that a best split can be planned with."""
    from .. import published

    return [name for name, law in published.items() if isinstance(law, ChinchillaLaw)]


def _published(name):
    from .. import published

    law = published[name]
    if not isinstance(law, ChinchillaLaw):
        raise TableError(
            f"{name} is a {type(law).__name__}; plan needs a law of N and D with a best split: {', '.join(_planned())}"
        )
    return LawFile(name=name, law=law, content={}, bootstrap=None)


def _checked(path, content):
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise LawFileError(f'{path} is no law file: it has no "format": "{FORMAT}"')
    version = content.get("version")
    if version not in _VERSIONS:
        raise LawFileError(f"{path} has version {short(version)}; this scalinglib reads 1 and 2")
    try:
        law, constants, columns = (check if version == 1 else check_form)(content)
        return LawFile(name=path, law=law, content=content, bootstrap=_resamples(law, constants, columns, content))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        said = f"has no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise LawFileError(f"{path} is damaged: {said}") from None


def _resamples(law, constants, columns, content):
    """The Bootstrap of a law file, `columns` having what the free `constants` were in each resample."""
    if columns is None:
        return None
    import pandas

    from .. import arguments
    from ..uncertainty import Bootstrap

    found, count = content["resamples"], content["runs"]["count"]
    check_samples(found, count, columns)
    drawn = arguments.columns(positive=False, **columns)
    samples = pandas.DataFrame(dict(zip(columns, drawn, strict=True)))
    if isinstance(law, ChinchillaLaw):
        for name, column in zip(columns, drawn, strict=True):
            least = "not negative" if name == "E" else "above zero"
            arguments.refuse(f"resamples: {name}", column, (column < 0) if name == "E" else (column <= 0), least)
        samples["a"] = samples["beta"] / (samples["alpha"] + samples["beta"])
    check_law_among(constants, samples, content["fit"]["undetermined"])
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
