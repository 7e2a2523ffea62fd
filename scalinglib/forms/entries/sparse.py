"""Losses of mixtures of experts."""

from ..form import Form
from . import ABOVE

_KRAJEWSKI = {"a": 18.1, "alpha": 0.115, "b": 30.8, "beta": 0.147, "g": 2.1, "gamma": 0.58, "c": 0.47}
_LUDZIEJEWSKI = {
    "a": 35.91, "alpha": -0.1889, "delta": -0.2285, "gamma": 0.0098,
    "b": 35.98, "beta": -0.1775, "omega": 0.5529, "zeta": -0.0259,
    "E_start": 2.0732, "E_max": 290.4521, "c": 1.3637,
}  # fmt: skip
_ABNAR = {
    "a": 16612.50, "alpha": 0.5962, "b": 5455.67, "beta": 0.3954, "c": 0.4598, "lambda_": -0.1666,
    "d": 17.26, "delta": 0.1603, "gamma": 0.1595, "e": 0.94,
}  # fmt: skip

FORMS = [
    Form(
        "c + (g / G**gamma + a) / N**alpha + b / D**beta",
        name="krajewski2024",
        variables={
            "N": "all parameters without embeddings, active or not",
            "D": "tokens",
            "G": "granularity of experts",
        },
        y="loss, nats per token",
        bounds=dict.fromkeys(_KRAJEWSKI, ABOVE),
        source="Krajewski et al. 2024, arXiv 2402.07871, eq. 9 and table 1",
        confirmed="the paper's text, whose table 2 it meets within .025",
        note="64 times as many experts as a dense model.",
        printed={"Krajewski et al. 2024": _KRAJEWSKI},
    ),
    Form(
        "E_hat = 1 / (1 / (experts - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max);"
        " a * E_hat**delta * N**(alpha + gamma * log(E_hat)) + b * E_hat**omega * D**(beta + zeta * log(E_hat)) + c",
        name="ludziejewski2025",
        variables={
            "N": "active parameters, with embedding and unembedding",
            "D": "tokens",
            "experts": "experts in a layer, one of them active",
        },
        y="loss, nats per token",
        bounds=dict.fromkeys(("a", "b", "c", "E_start", "E_max"), ABOVE),
        source="Ludziejewski et al. 2025, arXiv 2502.05172, eqs 4 and 6 and table 3",
        confirmed="the paper's text, whose table 1 it gives",
        note="alpha and beta are negative; one expert is dense through the constants alone: E_hat is then E_start.",
        printed={"Ludziejewski et al. 2025": _LUDZIEJEWSKI},
    ),
    Form(
        "a / N**alpha + b / D**beta + c / (1 - S)**lambda_ + d / ((1 - S)**delta * N**gamma) + e",
        name="abnar2025",
        variables={"N": "all parameters, active or not", "D": "tokens", "S": "share of experts that is inactive"},
        y="loss, nats per token",
        bounds=dict.fromkeys(("a", "b", "d", "e", "alpha", "beta"), ABOVE),
        source="Abnar et al. 2025, arXiv 2501.12370, eq. 6 and table 3",
        confirmed="the form and the sign of lambda in the paper's text; table 3 in two independent texts that cite it",
        note="lambda is negative; fitted for S from 0 to .95, and at .98 only 68% of the variance is met.",
        printed={"Abnar et al. 2025": _ABNAR},
    ),
]
