"""Uncertainty: how far the constants and predictions of a fit would move with other runs."""

from .comparison import Comparison
from .held_out import compare_forms
from .profile import Profile, profile
from .interval import Interval, OptimumBounds
from .resampling import Bootstrap, bootstrap

__all__ = ["Bootstrap", "Comparison", "Interval", "OptimumBounds", "Profile", "bootstrap", "compare_forms", "profile"]
