"""Audit: what the runs of a fit can and cannot say."""

from .design import Audit
from .distance import Distance
from .doubts import Doubt, Doubts, doubts_of
from .form_audit import FormAudit, audit_form
from .headline import Headline
from .influence import Influence
from .optima import Optima
from .pooled import Finding, Pooled, PooledRunsWarning, pooled
from .precision import Precision, effective_scatter, efficiency
from .reach import Reach
from .strays import Strays, strays_of

__all__ = [
    "Audit",
    "Distance",
    "Doubt",
    "Doubts",
    "Finding",
    "FormAudit",
    "Headline",
    "Influence",
    "Optima",
    "Pooled",
    "PooledRunsWarning",
    "Precision",
    "Reach",
    "Strays",
    "audit_form",
    "doubts_of",
    "effective_scatter",
    "efficiency",
    "pooled",
    "strays_of",
]
