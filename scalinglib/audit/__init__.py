"""Audit: what the runs of a fit can and cannot say."""

from .precision import Precision, effective_scatter, efficiency, precision_of

__all__ = ["Precision", "effective_scatter", "efficiency", "precision_of"]
