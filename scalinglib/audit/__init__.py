"""Audit: what the runs of a fit can and cannot say."""

from .headline import Headline, headline
from .precision import Precision, effective_scatter, efficiency, precision_of

__all__ = ["Headline", "Precision", "effective_scatter", "efficiency", "headline", "precision_of"]
