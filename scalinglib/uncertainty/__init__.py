"""Uncertainty: how far the constants and predictions of a fit would move with other runs."""

from .comparison import Comparison
from .coverage import measure_coverage, measured_coverage
from .held_out import compare_forms
from .interval import Interval, OptimumBounds
from .profiles import Profile, profile
from .resampling import Bootstrap, bootstrap
from .studies import Study, draw_study

__all__ = [
    "Bootstrap",
    "Comparison",
    "Interval",
    "OptimumBounds",
    "Profile",
    "Study",
    "bootstrap",
    "compare_forms",
    "draw_study",
    "measure_coverage",
    "measured_coverage",
    "profile",
]
