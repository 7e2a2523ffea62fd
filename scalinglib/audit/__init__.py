"""Audit: what the runs of a fit can and cannot say."""

from .design import Audit
from .form_audit import FormAudit, audit_form
from .headline import Headline
from .influence import Influence
from .optima import Optima
from .pooled import Finding, Pooled, PooledRunsWarning, pooled
from .precision import Precision, effective_scatter, efficiency
from .reach import Reach

__all__ = [
    "Audit",
    "Finding",
    "FormAudit",
    "Headline",
    "Influence",
    "Optima",
    "Pooled",
    "PooledRunsWarning",
    "Precision",
    "Reach",
    "audit_form",
    "effective_scatter",
    "efficiency",
    "pooled",
]
