"""Losses in the mixture of training data."""

import math

from ..form import Form
from . import ABOVE

_FIVE = ("academic", "prose", "dialogue", "symbolic", "internet")


def _fit(log_c, log_k, *slopes):
    """The notebook keeps c and k as logarithms."""
    return {"c": math.exp(log_c), "k": math.exp(log_k)} | {f"t{i}": slope for i, slope in enumerate(slopes, 1)}


FORMS = [
    Form(
        "c + k * exp(t1 * r1 + t2 * r2 + t3 * r3 + t4 * r4 + t5 * r5)",
        name="ye2024",
        variables={f"r{i}": f"share of {domain} text in training" for i, domain in enumerate(_FIVE, 1)},
        y="validation loss in one domain, nats per token",
        bounds={"c": ABOVE, "k": ABOVE},
        source="Ye et al. 2024, arXiv 2403.16952, eq. 7",
        confirmed="the authors' repository, notebook mix_5_domains",
        note="A 70 million parameter model at step 30,000. The five shares sum to one, so that a number added to every "
        "t and taken from the logarithm of k changes nothing: hold one of the six with fixed= when fitting.",
        printed={
            "academic": _fit(0.9750, -2.1391, -10.0864, 2.7140, 2.7106, 2.6083, 1.5866),
            "prose": _fit(1.2624, -2.1656, 1.3930, -4.6811, 0.7855, 1.8719, 0.5734),
            "dialogue": _fit(1.1375, -7.1017, 6.7135, 6.2643, -31.8621, 6.6423, 6.2053),
            "symbolic": _fit(0.4750, -3.6546, 3.3289, 3.6705, 3.1127, -16.4217, 3.1591),
            "internet": _fit(1.2402, -1.9510, 1.1897, 0.8697, -0.5184, 1.7122, -3.0870),
        },
    )
]
