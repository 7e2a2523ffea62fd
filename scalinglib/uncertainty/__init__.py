"""Uncertainty: how far the constants and predictions of a fit would move with other runs."""

from .checkpoints import EffectiveRuns, effective_runs
from .interval import Interval, OptimumBounds
from .profiles import Profile, profile
from .resampling import Bootstrap, bootstrap

__all__ = [
    "Bootstrap",
    "EffectiveRuns",
    "Interval",
    "OptimumBounds",
    "Profile",
    "bootstrap",
    "effective_runs",
    "profile",
]
