"""Losses where data are seen more than once."""

import math

from ..form import Form
from . import ABOVE

_MUENNIGHOFF = {
    "E": math.exp(0.6254804), "A": math.exp(6.255414), "B": math.exp(7.3049974),
    "alpha": 0.3526596, "beta": 0.3526596, "R_N": 5.309743, "R_D": 15.387756,
}  # fmt: skip

FORMS = [
    Form(
        "G = (alpha * A / (beta * B))**(1 / (alpha + beta));"
        " u = minimum(U, D); D_e = u + u * R_D * (1 - exp((1 - D / u) / R_D));"
        " n = minimum(N, (u * G)**(beta / alpha) * G); N_e = n + n * R_N * (1 - exp((1 - N / n) / R_N));"
        " E + A / N_e**alpha + B / D_e**beta",
        name="muennighoff2023-form",
        variables={"N": "parameters", "D": "tokens seen", "U": "tokens of them that are unique"},
        y="loss, nats per token",
        bounds=dict.fromkeys(_MUENNIGHOFF, ABOVE),
        source="Muennighoff et al. 2023, arXiv 2305.16264",
        confirmed="the authors' repository, whose two worked values it gives",
        note="n is the model that suits u unique tokens; the authors left out runs that more passes made worse.",
        printed={"Muennighoff et al. 2023, unrounded": _MUENNIGHOFF},
    )
]
