"""Allocation: how to split a budget, by the three approaches, under any cost, and by what a model must serve.

Approach 3 is ``fit_chinchilla(...).law.optimum(C)``.
"""

from .approaches import AllocationFit, fit_envelope, fit_isoflop
from .counting import CountedPath, best_by_count
from .experts import MixtureShape, law_of_experts
from .fit_optimum import FitOptimum, optimum_of
from .parabola import ParabolaBias, parabola_bias
from .plans import InferencePlan, inference_optimum, isoflop_curve, overtraining_cost
from .serving import ServingCost, serving_cost
from .speedup import Speedup, speedup_of
from .split import Split, best_split
from .surface import best_size_exponent, exponent_draws

__all__ = [
    "AllocationFit",
    "CountedPath",
    "FitOptimum",
    "InferencePlan",
    "MixtureShape",
    "ParabolaBias",
    "ServingCost",
    "Speedup",
    "Split",
    "best_by_count",
    "best_size_exponent",
    "best_split",
    "exponent_draws",
    "fit_envelope",
    "fit_isoflop",
    "inference_optimum",
    "isoflop_curve",
    "law_of_experts",
    "optimum_of",
    "overtraining_cost",
    "parabola_bias",
    "serving_cost",
    "speedup_of",
]
