"""Comparison: which form of law, fitted to some runs, predicts the others."""

from .comparison import Comparison
from .held_out import compare_forms
from .scoring import Decider

__all__ = ["Comparison", "Decider", "compare_forms"]
