"""The best learning rate and batch."""

from ..form import Form
from . import ABOVE

_DEEPSEEK = {
    "variables": {"C": "compute in FLOP: tokens times FLOP a token without embeddings, attention included"},
    "bounds": {"a": ABOVE, "b": ABOVE},
    "confirmed": "the paper's text",
    "note": "Fitted from 1e17 to 2e19 FLOP, to runs within .25% of the best loss.",
}
_STEP = {
    "bounds": {"a": ABOVE},
    "confirmed": "the authors' calculator has these digits, and their bootstrap fits round to them",
    "note": "AdamW, a cosine down to a fixed rate; 60 million to 1.07 billion parameters, 2 to 100 billion tokens.",
}

FORMS = [
    Form(
        "a * C**(-b)",
        name="deepseek2024-rate",
        y="learning rate",
        source="DeepSeek-AI 2024, arXiv 2401.02954, eq. 1",
        printed={"DeepSeek-AI 2024": {"a": 0.3118, "b": 0.1250}},
        **_DEEPSEEK,
    ),
    Form(
        "a * C**b",
        name="deepseek2024-batch",
        y="batch, tokens",
        source="DeepSeek-AI 2024, arXiv 2401.02954, eq. 1",
        printed={"DeepSeek-AI 2024": {"a": 0.2920, "b": 0.3271}},
        **_DEEPSEEK,
    ),
    Form(
        "a * N**(-b) * D**c",
        name="steplaw2025-rate",
        variables={"N": "parameters without embeddings", "D": "tokens"},
        y="learning rate",
        source="Li et al. 2025 (Step Law), arXiv 2503.04715",
        printed={"Li et al. 2025": {"a": 1.79, "b": 0.713, "c": 0.307}},
        **_STEP,
    ),
    Form(
        "a * D**b",
        name="steplaw2025-batch",
        variables={"D": "tokens"},
        y="batch, tokens",
        source="Li et al. 2025 (Step Law), arXiv 2503.04715",
        printed={"Li et al. 2025": {"a": 0.58, "b": 0.571}},
        **_STEP,
    ),
]
