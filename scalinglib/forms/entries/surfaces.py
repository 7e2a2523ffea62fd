"""Losses in the size of the model and the data."""

from ..form import Form

_INF = float("inf")
_ABOVE = (0.0, _INF)

FORMS = [
    Form(
        "E + A / N**alpha + B / D**beta",
        name="chinchilla",
        variables={"N": "parameters; the paper's with embeddings", "D": "tokens seen"},
        y="loss, nats per token",
        bounds={"E": _ABOVE, "A": _ABOVE, "B": _ABOVE, "alpha": _ABOVE, "beta": _ABOVE},
        source="Hoffmann et al. 2022, arXiv 2203.15556, eq. 2",
        confirmed="the paper's text",
        printed={
            "Hoffmann et al. 2022": {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28},
            "Besiroglu et al. 2024": {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658},
        },
    )
]
