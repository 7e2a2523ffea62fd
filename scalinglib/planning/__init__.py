"""Planning: what runs would say of a law, before anything is trained."""

from .precision import PlannedPrecision, planned_precision, planned_runs
from .slices import SlicePrecision, slice_precision

__all__ = ["PlannedPrecision", "SlicePrecision", "planned_precision", "planned_runs", "slice_precision"]
