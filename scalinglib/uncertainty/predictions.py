"""Predictions: a law at given variables for many sets of its constants."""

import numpy as np

from ..fitting.family import FamilyLaw
from ..forms import FormLaw
from ..laws import ChinchillaLaw, PowerLaw
from ..laws.chinchilla import surface

__all__ = ["predictions"]


def predictions(law, samples, values, named):
    """What the law gives, (S, ...), with constants from the columns of `samples`, S rows.

    `values` and `named` are its variables, in their order or by name, as the law itself takes them.
    """
    if isinstance(law, FamilyLaw):
        given = dict(zip(law.variables, values, strict=False)) | named
        labels = np.unique(np.asarray(given.pop(law.by)).astype(str))
        if len(labels) > 1:
            raise ValueError(f"{law.by} must be one family a call; got {', '.join(labels)}")
        own = law.laws[labels[0]]
        columns = {name: samples[f"{name}[{labels[0]}]"] for name in own.constants if f"{name}[{labels[0]}]" in samples}
        return predictions(own, {**{name: samples[name] for name in samples}, **columns}, (), given)
    variables = {FormLaw: lambda: law.variables, ChinchillaLaw: lambda: ("N", "D"), PowerLaw: lambda: ("x",)}[
        type(law)
    ]()
    given = {**dict(zip(variables, values, strict=False)), **named}
    given = {name: np.asarray(value, dtype=float) for name, value in given.items()}
    shape = (-1,) + (1,) * np.broadcast(*given.values()).ndim
    drawn = {name: np.asarray(samples[name]).reshape(shape) for name in samples}
    if isinstance(law, FormLaw):
        return law.form.values({**law.constants, **drawn, **given})
    if isinstance(law, ChinchillaLaw):
        return surface(*(drawn[name] for name in ("E", "A", "B", "alpha", "beta")), given["N"], given["D"])
    power = drawn["coefficient"] * np.exp(-drawn["exponent"] * np.log(given["x"]))
    return drawn.get("floor", law.floor) + power
