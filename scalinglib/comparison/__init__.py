"""Comparison: which form of law, fitted to some runs, predicts the others."""

from .comparison import Comparison
from .held_out import compare_forms

__all__ = ["Comparison", "compare_forms"]
