"""Losses in the size of the model and the data."""

import math

from ..form import Form
from . import ABOVE

BUSBRIDGE = {"E": 1.220, "A": 3355.0, "B": 18186.0, "alpha": 0.408, "beta": 0.431, "gamma": 0.452}
_SIZE = {"N": "parameters without embeddings", "D": "tokens"}
_FARSEER = {
    "a1": -0.124, "alpha": 0.123, "b1": 0.424,
    "a2": 88.01, "beta": -0.1, "b2": -6.287,
    "a3": -0.021, "gamma": 0.169, "b3": -0.091,
}  # fmt: skip

_SHAPED = {
    "E": math.exp(0.4195179541),
    "A_w": math.exp(1.6375654653), "a_w": 0.30146699,
    "A_l": math.exp(-0.0254911443), "a_l": 0.3655461733,
    "A_N": math.exp(7.8653383939), "a_N": 0.5055007692,
    "B": math.exp(9.9838221358), "beta": 0.4670177667,
}  # fmt: skip

FORMS = [
    Form(
        "E + A / N**alpha + B / D**beta",
        name="chinchilla",
        variables={"N": "parameters; the paper's with embeddings", "D": "tokens seen"},
        y="loss, nats per token",
        bounds=dict.fromkeys(("E", "A", "B", "alpha", "beta"), ABOVE),
        source="Hoffmann et al. 2022, arXiv 2203.15556, eq. 2",
        confirmed="the papers' texts",
        note="Krajewski et al. count parameters without embeddings.",
        printed={
            "Hoffmann et al. 2022": {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28},
            "Besiroglu et al. 2024": {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658},
            "Krajewski et al. 2024, dense": {"E": 0.47, "A": 16.3, "B": 26.7, "alpha": 0.126, "beta": 0.127},
        },
    ),
    Form(
        "((N_c / N)**(alpha_N / alpha_D) + D_c / D)**alpha_D",
        name="kaplan2020-joint",
        variables=_SIZE | {"D": "unique tokens, seen several times and stopped early"},
        y="loss, nats per token",
        bounds=dict.fromkeys(("N_c", "D_c", "alpha_N", "alpha_D"), ABOVE),
        source="Kaplan et al. 2020, arXiv 2001.08361, eq. 1.5 and table 2",
        confirmed="the paper's text",
        note="No floor; fitted from 768 to 1.5e9 parameters and 22 million to 23 billion tokens.",
        printed={"Kaplan et al. 2020": {"N_c": 6.4e13, "D_c": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}},
    ),
    Form(
        "M = D / N; C = 6 * N * D; E + (a * M**eta + b * M**(-eta)) * C**(-eta)",
        name="gadre2024",
        variables={"N": "all parameters of the models as released", "D": "tokens"},
        y="loss on C4, nats per token",
        bounds=dict.fromkeys(("E", "a", "b", "eta"), ABOVE),
        source="Gadre et al. 2024, arXiv 2403.08540, eq. 4",
        confirmed="the form in the authors' repository; the numbers by running its code on its losses",
        note="Chinchilla's with alpha = beta = 2 eta, `a = A * 6**eta`, `b = B * 6**eta`: one exponent at every D / N.",
        printed={
            "trained on C4": {"E": 1.5083, "a": 141.28, "b": 189.52, "eta": 0.12124},
            "trained on RedPajama": {"E": 1.8366, "a": 212.24, "b": 366.69, "eta": 0.13643},
            "trained on RefinedWeb": {"E": 1.7345, "a": 157.12, "b": 246.21, "eta": 0.12720},
        },
    ),
    Form(
        "exp(a3 * N**gamma + b3) + exp(a2 * N**beta + b2) * D**(-exp(a1 * N**alpha + b1))",
        name="farseer2025",
        variables=_SIZE,
        y="loss, bits per character",
        source="Li et al. 2025 (Farseer), arXiv 2506.10972, eqs 3 and 15",
        confirmed="the paper's text",
        note="The exponent of D depends on N; fitted from 201 million to 6.4 billion parameters.",
        printed={"Li et al. 2025": _FARSEER},
        start=_FARSEER,
    ),
    Form(
        "E + (A / N**alpha + B / D**beta)**gamma",
        name="busbridge2025-supervised",
        variables=_SIZE,
        y="loss on C4, nats per token",
        bounds=dict.fromkeys(BUSBRIDGE, ABOVE),
        source="Busbridge et al. 2025, arXiv 2502.08606, eq. 1 and table 6",
        confirmed="the paper's text, version 2",
        note="gamma = 1 is Chinchilla's; 73 runs of 143 million to 12.6 billion parameters.",
        printed={"Busbridge et al. 2025": BUSBRIDGE},
    ),
    Form(
        "E + A / N**alpha + B / D**beta + G / k**gamma",
        name="roberts2026",
        variables={"N": "parameters", "D": "tokens", "k": "tries a problem"},
        y="mean over problems of -ln pass@k, nats",
        bounds=dict.fromkeys(("E", "A", "B", "alpha", "beta", "G", "gamma"), ABOVE),
        source="Roberts et al. 2026, arXiv 2604.01411, section 3.1",
        confirmed="the paper's text, which prints no constants",
        note="At one try E + G is the floor; 106 models of 5 to 901 million parameters; an answer costs 2 N k FLOP.",
    ),
    Form(
        "E + A_w / w**a_w + A_l / l**a_l + A_N / N**a_N + B / D**beta",
        name="mcleish2025-shape",
        variables={"w": "width", "l": "layers", "N": "parameters with embeddings", "D": "tokens"},
        y="loss, nats per token",
        bounds=dict.fromkeys(_SHAPED, ABOVE),
        source="McLeish et al. 2025 (Gemstones), arXiv 2502.06857",
        confirmed="the authors' repository, parameters_delta-4, the fit to cooled-down checkpoints",
        note="Width, layers and parameters are three numbers for two freedoms: their terms trade, and none alone "
        "says what a wider model gains. 20 shapes of 48 million to 2.0 billion parameters, 11 to 110 billion tokens.",
        printed={"McLeish et al. 2025, cooled down": _SHAPED},
    ),
]
