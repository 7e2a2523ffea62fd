"""Allocation: how to split a budget, by the three approaches and by what a model must serve.

Approach 3 is ``fit_chinchilla(...).law.optimum(C)``.
"""

from .approaches import AllocationFit, fit_envelope, fit_isoflop
from .plans import InferencePlan, inference_optimum, isoflop_curve, overtraining_cost
from .surface import best_size_exponent

__all__ = [
    "AllocationFit",
    "InferencePlan",
    "best_size_exponent",
    "fit_envelope",
    "fit_isoflop",
    "inference_optimum",
    "isoflop_curve",
    "overtraining_cost",
]
