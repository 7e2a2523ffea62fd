"""Audit: what the runs of a fit can and cannot say."""

from .design import Audit
from .influence import Influence
from .optima import Optima
from .reach import Reach

__all__ = ["Audit", "Influence", "Optima", "Reach"]
