"""Accounting: parameters, FLOP, tokens and units of loss."""

from .flop import count_and_cost, exact_training_flop, hoffmann_flop, training_flop
from .machine import PF_DAY, gpu_hours, mfu, pf_days
from .shape import TransformerShape
from .units import nats_to_bits, nats_to_bits_per_byte, perplexity, perplexity_to_nats

__all__ = [
    "PF_DAY",
    "TransformerShape",
    "count_and_cost",
    "exact_training_flop",
    "gpu_hours",
    "hoffmann_flop",
    "mfu",
    "nats_to_bits",
    "nats_to_bits_per_byte",
    "perplexity",
    "perplexity_to_nats",
    "pf_days",
    "training_flop",
]
