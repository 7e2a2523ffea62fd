"""Limits: what happens when a resource runs out; repeated data so far."""

from .repetition import RepetitionFit, fit_repetition

__all__ = ["RepetitionFit", "fit_repetition"]
