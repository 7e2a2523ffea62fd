"""Audit: what the runs of a fit can and cannot say."""

from .headline import Headline, headline
from .pooled import Finding, Pooled, PooledRunsWarning, pooled
from .precision import Precision, effective_scatter, efficiency, precision_of

__all__ = [
    "Finding",
    "Headline",
    "Pooled",
    "PooledRunsWarning",
    "Precision",
    "effective_scatter",
    "efficiency",
    "headline",
    "pooled",
    "precision_of",
]
