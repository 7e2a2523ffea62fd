"""Coverage: how often an interval held the truth, measured on runs drawn around a known law."""

from .designs import DrawnRuns, draw_runs
from .measure import measure_coverage, measured_coverage

__all__ = ["DrawnRuns", "draw_runs", "measure_coverage", "measured_coverage"]
