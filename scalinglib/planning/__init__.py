"""Planning: what runs would say of a law, before anything is trained, and which to buy next."""

from .precision import PlannedPrecision, planned_precision, planned_runs
from .slices import SlicePrecision, slice_precision
from .suggestions import Suggestion, suggest_runs

__all__ = [
    "PlannedPrecision",
    "SlicePrecision",
    "Suggestion",
    "planned_precision",
    "planned_runs",
    "slice_precision",
    "suggest_runs",
]
