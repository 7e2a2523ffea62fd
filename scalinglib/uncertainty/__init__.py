"""Uncertainty: how far the constants and predictions of a fit would move with other runs."""

from .resampling import Bootstrap, Interval, OptimumBounds, bootstrap

__all__ = ["Bootstrap", "Interval", "OptimumBounds", "bootstrap"]
