"""Candidates: the laws that can be compared, by name, as a form or as a text, and how each is fitted."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from .. import arguments
from .. import forms as published
from ..fitting import fit, fit_broken_power_law, fit_saturating_power_law, fit_shifted_power_law
from ..forms import Form, read_form
from ..forms.entries import ABOVE

__all__ = ["CURVES", "RISING", "SURFACES", "Candidate", "How", "read_candidates"]

_NAME = re.compile(r"\w[\w-]*( \w[\w-]*)*")  # words: no law can be written with them alone


@dataclass(frozen=True)
class How:
    """How candidates are fitted: space "log" or "log1p", objective, Huber's corner, and the name of what they give."""

    space: str
    objective: str
    delta: float
    y: str

    @property
    def offset(self) -> float:
        """What is added to y before its logarithm is taken."""
        return 1.0 if self.space == "log1p" else 0.0

    @property
    def corner(self) -> float:
        """Huber's corner, infinite for squares."""
        return self.delta if self.objective == "huber" else np.inf


@dataclass(frozen=True)
class Candidate:
    """A law to be fitted: how many constants it has, the columns it takes, and ``fit(columns, y, groups, how)``."""

    constants: int
    variables: tuple
    fit: Callable


def _fitted(form, fixed, columns, y, groups, how):
    options = {"fixed": fixed, "groups": groups, "objective": how.objective, "space": how.space, "delta": how.delta}
    return fit(form, {**columns, how.y: y}, y=how.y, **options)


def _of(form, **fixed):
    return Candidate(len(form.constants) - len(fixed), tuple(form.variables), partial(_fitted, form, fixed))


def _searched(search, columns, y, groups, how):
    return search(columns["x"], y, space=how.space, objective=how.objective, delta=how.delta)


def _broken(breaks, columns, y, groups, how):
    if how.objective != "least_squares":
        raise ValueError("a broken power law is fitted by least squares only")
    return fit_broken_power_law(columns["x"], y, breaks=breaks, space=how.space)


def _floored(variable):
    """A power law with a floor; where its exponent is below zero it rises."""
    return _of(Form(f"E + A / {variable}**alpha", variables=(variable,), bounds={"E": ABOVE, "A": ABOVE}))


def _ceiling(text, *variables):
    """A law that rises towards a ceiling, as an accuracy does."""
    form = Form(text, variables=variables)
    return _of(Form(text, variables=variables, bounds=dict.fromkeys(form.constants, ABOVE)))


# M4 with a free alpha cannot be solved for y: it keeps a search of its own, and has no intervals.
CURVES = {
    "power law": _of(read_form("power-law")),
    "power law with floor": _floored("x"),
    "shifted": Candidate(4, ("x",), partial(_searched, fit_shifted_power_law)),
    "saturating": Candidate(5, ("x",), partial(_searched, fit_saturating_power_law)),
    "power law with ceiling": _ceiling("ceiling - a / x**b", "x"),
    "broken": Candidate(6, ("x",), partial(_broken, 1)),
    "broken twice": Candidate(9, ("x",), partial(_broken, 2)),
}
SURFACES = {
    "Chinchilla": _of(read_form("chinchilla")),
    "Chinchilla without floor": _of(read_form("chinchilla"), E=0.0),
    "Kaplan joint": _of(read_form("kaplan2020-joint")),
    "Chinchilla with ceiling": _ceiling("ceiling - A / N**alpha - B / D**beta", "N", "D"),
    "size only": _floored("N"),
    "data only": _floored("D"),
}
RISING = ("power law with ceiling", "Chinchilla with ceiling")  # compared without being asked where runs rise


def read_candidates(forms: object, columns: list[str]) -> dict[str, Candidate]:
    """Label -> Candidate of what `compare_forms` was given, over data with these columns.

    Raises
    ------
    ValueError
        For names that are unknown or take other columns, texts that are no law, and labels that stand twice.
    """
    known = {name: one for name, one in (CURVES | SURFACES).items() if set(one.variables) <= set(columns)}
    if forms is None:
        if not known:
            raise ValueError("forms must say what is compared: none of those compared by default takes these columns")
        return {name: one for name, one in known.items() if name != "broken twice"}
    if not isinstance(forms, Mapping):
        if not isinstance(forms, Iterable):
            raise ValueError(f"forms must be names, texts or Forms, or a dict of them; got {forms!r}")
        listed = [forms] if isinstance(forms, str | Form) else list(forms)
        labels = [(one.name or one.text) if isinstance(one, Form) else str(one) for one in listed]
        forms = dict(zip(labels, listed, strict=True)) if len(set(labels)) == len(labels) else {}
    if not forms:
        raise ValueError("forms must name at least one form, each once")
    return {str(label): _read(form, known, columns) for label, form in forms.items()}


def _read(form, known, columns):
    found = (CURVES | SURFACES).get(form) if isinstance(form, str) else None
    if found is None:
        law = isinstance(form, Form) or (isinstance(form, str) and (form in published or not _NAME.fullmatch(form)))
        if not law:
            fitting = [name for name in published if set(published[name].variables) <= set(columns)]
            arguments.one_of("forms", form, (*known, *fitting))
        found = _of(read_form(form).over(columns))
    missing = [name for name in found.variables if name not in columns]
    if missing:
        label = form.name or form.text if isinstance(form, Form) else form
        raise ValueError(
            f"form {label!r} takes {', '.join(missing)}, which is no column; there are {', '.join(map(str, columns))}"
        )
    return found
