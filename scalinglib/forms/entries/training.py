"""What training itself changes: its bits, a teacher, the vocabulary."""

from ..form import Form
from . import ABOVE
from .surfaces import BUSBRIDGE

_KUMAR = {
    "A": 4299.0, "B": 18060.0, "E": 2.7648, "alpha": 0.4965, "beta": 0.4965,
    "gamma_w": 2.6745, "n_w": 0.3037, "gamma_a": 2.2102, "n_a": 1.4072, "gamma_kv": 0.9578, "n_kv": 2.4185,
}  # fmt: skip
_STUDENT = BUSBRIDGE | {
    "c0": 2.549, "c1": 522.6, "f1": 0.090, "d1": 1.315,
    "A_s": 2243.0, "B_s": 24181.0, "alpha_s": 0.321, "beta_s": 0.637, "gamma_s": 0.764,
}  # fmt: skip
_TAO = {
    "A1": 1.8313851559554126, "A2": 0.19584238398665638, "B": 2.1241123120064955, "E": 5.5327846803337435,
    "alpha1": 0.44660634152009615, "alpha2": 0.6707374679896795,
}  # fmt: skip

FORMS = [
    Form(
        "N_eff = N * (1 - exp(n_w - P_w / gamma_w)) * (1 - exp(n_a - P_a / gamma_a))"
        " * (1 - exp(n_kv - P_kv / gamma_kv)); E + A / N_eff**alpha + B / D**beta",
        name="kumar2024",
        variables={
            "N": "parameters without embeddings",
            "D": "tokens",
            "P_w": "bits of the weights in training",
            "P_a": "bits of the activations",
            "P_kv": "bits of keys and values",
        },
        y="loss, nats per token",
        bounds={name: ABOVE for name in _KUMAR if not name.startswith("n_")},
        source="Kumar et al. 2024, arXiv 2411.04330, eqs 3 and 4 and appendix K, table 2",
        confirmed="the paper's text, table 2 of its appendix K and its range",
        note="The equations leave out the offsets n, which the fit has (appendix K); the authors tie alpha = beta. At "
        "3.11 bits of activations and below, 2.32 of keys and values or 0.81 of weights nothing is left of N.",
        printed={"Kumar et al. 2024": _KUMAR},
        start=_KUMAR,
    ),
    Form(
        "L = E + (A / N**alpha + B / D**beta)**gamma; able = (A_s / N**alpha_s + B_s / D**beta_s)**gamma_s;"
        " L_T + able * L_T**(-c0) * (1 + (L_T / (L * d1))**(1 / f1))**(-(c1 * f1))",
        name="busbridge2025-distillation",
        variables={
            "N": "parameters of the student without embeddings",
            "D": "tokens it is distilled on",
            "L_T": "loss of the teacher",
        },
        y="loss of the student on C4, nats per token",
        bounds=dict.fromkeys(_STUDENT, ABOVE),
        source="Busbridge et al. 2025, arXiv 2502.08606, eq. 8 and table 6",
        confirmed="the paper's text, version 2",
        note="L is what the student would reach without a teacher; the paper's primes are letters with s; 697 runs.",
        printed={"Busbridge et al. 2025": _STUDENT},
    ),
    Form(
        "A1 / (N / 1e6)**alpha1 + A2 / (N_v / 1e6)**alpha2 + B / (D / 1e9)**alpha1 - E",
        name="tao2024-vocabulary",
        variables={
            "N": "parameters outside the vocabulary",
            "N_v": "parameters of the vocabulary, its size times the width",
            "D": "tokens",
        },
        y="loss less that of the unigram frequencies, nats per token",
        bounds=dict.fromkeys(_TAO, ABOVE),
        source="Tao et al. 2024, arXiv 2407.13623, approach 3",
        confirmed="the authors' repository",
        note="The loss is negative; the constants are for N and N_v in millions and D in billions.",
        printed={"Tao et al. 2024, unrounded": _TAO},
    ),
]
