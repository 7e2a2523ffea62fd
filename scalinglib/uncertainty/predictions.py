"""Predictions: a law at given variables for many sets of its constants."""

import numpy as np

from .. import arguments
from ..fitting.family import FamilyLaw
from ..forms import FormLaw
from ..forms.domain import check_domain
from ..forms.form import called_with
from ..laws import ChinchillaLaw, PowerLaw
from ..laws.chinchilla import surface

__all__ = ["asked_at", "predictions"]

_VARIABLES = {ChinchillaLaw: ("N", "D"), PowerLaw: ("x",)}
_SHOWN = 3


def asked_at(law, values, named):
    """Variable -> what a law was asked at, as it is called itself, and what it gives there.

    Raises
    ------
    ValueError
        Where the law is no number.
    """
    if isinstance(law, FormLaw | FamilyLaw):
        given = law.called(values, named)
        check_domain(law.form, {name: arguments.real(name, given[name]) for name in law.form.variables})
        value = law(**given)
    elif len(values) == 1 and hasattr(values[0], "keys"):
        given = called_with(_VARIABLES[type(law)], values, named)
        value = law(*given.values())
    else:
        value = law(*values, **named)
        given = dict(zip(_VARIABLES[type(law)], values, strict=False)) | named
    bad = ~np.isfinite(value)
    if np.any(bad):
        numbers = {name: np.broadcast_to(z, np.shape(value))[bad][:_SHOWN] for name, z in given.items()}
        where = ", ".join(f"{name} = {' and '.join(map(str, z.tolist()))}" for name, z in numbers.items())
        raise ValueError(f"the law is no number at {where}: there is nothing to predict")
    return given, value


def predictions(law, samples, given):
    """What the law gives, (S, ...), at variables `given` by name, with constants from the columns of `samples`."""
    if isinstance(law, FamilyLaw):
        given = dict(given)
        labels = np.unique(np.asarray(given.pop(law.by)).astype(str))
        if len(labels) > 1:
            raise ValueError(f"{law.by} must be one family a call; got {', '.join(labels)}")
        own = law.laws[labels[0]]
        columns = {name: samples[f"{name}[{labels[0]}]"] for name in own.constants if f"{name}[{labels[0]}]" in samples}
        return predictions(own, {**{name: samples[name] for name in samples}, **columns}, given)
    given = {name: np.asarray(value, dtype=float) for name, value in given.items()}
    shape = (-1,) + (1,) * np.broadcast(*given.values()).ndim
    drawn = {name: np.asarray(samples[name]).reshape(shape) for name in samples}
    if isinstance(law, FormLaw):
        return law.form.values({**law.constants, **drawn, **given})
    if isinstance(law, ChinchillaLaw):
        return surface(*(drawn[name] for name in ("E", "A", "B", "alpha", "beta")), given["N"], given["D"])
    power = drawn["coefficient"] * np.exp(-drawn["exponent"] * np.log(given["x"]))
    return drawn.get("floor", law.floor) + power
