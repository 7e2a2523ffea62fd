"""Uncertainty: how far the constants and predictions of a fit would move with other runs."""

from .checkpoints import EffectiveRuns, SlicePrecision, effective_runs, slice_precision
from .comparison import Comparison
from .coverage import measure_coverage, measured_coverage
from .held_out import compare_forms
from .interval import Interval, OptimumBounds
from .planned import PlannedPrecision, planned_precision, planned_runs
from .profiles import Profile, profile
from .resampling import Bootstrap, bootstrap
from .studies import Study, draw_study

__all__ = [
    "Bootstrap",
    "Comparison",
    "EffectiveRuns",
    "Interval",
    "OptimumBounds",
    "PlannedPrecision",
    "Profile",
    "SlicePrecision",
    "Study",
    "bootstrap",
    "compare_forms",
    "draw_study",
    "effective_runs",
    "measure_coverage",
    "measured_coverage",
    "planned_precision",
    "planned_runs",
    "profile",
    "slice_precision",
]
